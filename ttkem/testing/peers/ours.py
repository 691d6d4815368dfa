"""The adapter to this project's own MLS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.crypto import cipher_suite
from ttkem.errors import HistoryError, LocalError, RemoteError
from ttkem.mls import member as mls
from ttkem.mls.client import Client, KeyPackages
from ttkem.mls.events import EpochStarted, Removed
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.policy import Configuration
from ttkem.mls.group.sending import Framing
from ttkem.mls.messages.envelope import read_key_package
from ttkem.mls.messages.proposals import Add, Remove
from ttkem.testing.peers.party import Commit, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import Randomness
    from ttkem.mls.messages.proposals import Proposal
    from ttkem.testing.peers.party import Identity

__all__ = ["OurClient", "OurGroup", "key_packages_of"]

SUITE = cipher_suite(1)
"""The cipher suite that all packages support."""


def key_packages_of(name: str, randomness: Randomness) -> Client:
    """Return a client of this project, also for packages that make no key packages."""
    return Client.basic(Configuration(SUITE), name.encode(), randomness)


class OurClient:
    """A client of ``ttkem.mls``; ``public`` commits are sent as PublicMessages."""

    refusals: tuple[type[Exception], ...] = (RemoteError, LocalError)

    def __init__(self, name: str, randomness: Randomness, *, public: bool = True) -> None:
        self._client = key_packages_of(name, randomness)
        self._public = public
        self._randomness = randomness
        self._packages = KeyPackages(self._client)

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        return self._client.signature.public

    def key_package(self) -> bytes:
        """Return a new key package."""
        return self._packages.publish(self._randomness)

    def found(self) -> OurGroup:
        """Create a group whose only member is this client."""
        alone = mls.Member.create(self._client, self._randomness.draw(16), self._randomness)
        return OurGroup(alone, self._randomness, self._public)

    def join(self, welcome: bytes) -> OurGroup:
        """Join a group with a Welcome."""
        own = self._packages.addressee(welcome)
        joined = mls.Member.join(self._client.config, welcome, own, self._randomness)
        self._packages.forget(own)
        return OurGroup(joined, self._randomness, self._public)


@dataclass(slots=True)
class OurGroup:
    """A group of ``ttkem.mls``; every commit has a path."""

    member: mls.Member
    randomness: Randomness
    public: bool = True
    """True to send commits as PublicMessages."""
    pending: bytes = b""

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        return self.member.epoch

    @property
    def members(self) -> tuple[Identity, ...]:
        """The members, in leaf order."""
        return tuple(named(leaf) for leaf in self.member.roster.values())

    def copy(self) -> OurGroup:
        """Return an independent copy of this view."""
        member = mls.Member(self.member.config, self.member.state, self.randomness)
        return OurGroup(member, self.randomness, self.public)

    def commit(self, adds: Sequence[bytes] = (), remove: Identity | None = None) -> Commit:
        """Commit Adds, one Remove, or nothing."""
        proposals: list[Proposal] = [Add(read_key_package(data)) for data in adds]
        leaves = self.member.roster.items()
        proposals += [Remove(leaf) for leaf, node in leaves if named(node) == remove]
        options = CommitOptions(framing=Framing(public=self.public))
        made = self.member.commit(proposals, options=options)
        self.pending = made.id
        return Commit((made.message,), made.welcome)

    def confirm(self) -> None:
        """Start the epoch of the pending commit."""
        self.member.confirm(self.pending)

    def process(self, messages: Sequence[bytes]) -> bool:
        """Process another member's messages, the last of which is a commit."""
        events = [self.member.process(message) for message in messages]
        if not events or not isinstance(events[-1], EpochStarted | Removed):
            raise HistoryError("the message is not a commit, as every operation is")
        return self.member.in_group

    def exported(self, label: bytes, context: bytes, length: int) -> bytes:
        """Return a secret of the exporter."""
        return self.member.export(label, context, length)
