"""The adapter to the Python package ``rfc9420``, through its ``ProtocolMLSGroup``.

The package makes no key packages, so this project makes them. Its ``MLSGroup`` does not take the
encryption key of a new member's leaf, without which no path secret can be decrypted, so the adapter
uses the lower-level class. Commits contain proposals by reference, so an add or a remove is two
messages.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ttkem.errors import InvalidMessageError, RemoteError
from ttkem.mls.client import KeyPackages
from ttkem.mls.messages.envelope import write_message
from ttkem.testing.peers.ours import key_packages_of
from ttkem.testing.peers.party import Commit, author_leaf, imported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import Randomness
    from ttkem.testing.peers.party import Identity

__all__ = ["Rfc9420Client", "Rfc9420Group"]

PUBLIC = b"\x00\x01\x00\x01"
"""The ``MLSMessage`` header of a PublicMessage, which the package omits."""


class Rfc9420Client:
    """A client of rfc9420."""

    def __init__(self, name: str, randomness: Randomness) -> None:
        self.package: Any = imported("rfc9420", "rfc9420 rfc9180")
        self.key_packages: Any = imported("rfc9420.messages.key_packages", "rfc9420 rfc9180")
        self.structures: Any = imported("rfc9420.messages.data_structures", "rfc9420 rfc9180")
        self.messages: Any = imported("rfc9420.messages.messages", "rfc9420 rfc9180")
        self.keys = key_packages_of(name, randomness)
        self._randomness = randomness
        self._own = KeyPackages(self.keys)

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """The exceptions by which the package rejects an input."""
        return (self.package.RFC9420Error, self.package.TLSDecodeError, RemoteError)

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        return self.keys.signature.public

    def key_package(self) -> bytes:
        """Return a new key package."""
        return self._own.publish(self._randomness)

    def found(self) -> Rfc9420Group:
        """Create a group whose only member is this client."""
        own = self.keys.key_package(self._randomness)
        group = self.package.ProtocolMLSGroup.create(
            self._randomness.draw(16),
            self.read_key_package(write_message(own.package)),
            self.package.DefaultCryptoProvider(),
        )
        return Rfc9420Group(self, group)

    def join(self, welcome: bytes) -> Rfc9420Group:
        """Join a group with a Welcome."""
        own = self._own.addressee(welcome)
        group = self.package.ProtocolMLSGroup.from_welcome(
            self.structures.Welcome.deserialize(welcome[4:]),
            own.init_secret,
            self.package.DefaultCryptoProvider(),
            key_package=self.read_key_package(write_message(own.package)),
            encryption_private_key=own.leaf_secret,
        )
        self._own.forget(own)
        return Rfc9420Group(self, group)

    def read_key_package(self, data: bytes) -> Any:  # noqa: ANN401 - its own type
        """Return a key package decoded from an ``MLSMessage``."""
        return self.key_packages.KeyPackage.deserialize(data[4:])


class Rfc9420Group:
    """A group of rfc9420."""

    __slots__ = ("_client", "_group", "_pending")

    def __init__(self, client: Rfc9420Client, group: Any) -> None:  # noqa: ANN401 - its own type
        self._client = client
        self._group = group
        self._pending: Any = None

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        number: int = self._group.get_epoch()
        return number

    @property
    def members(self) -> tuple[Identity, ...]:
        """The members, in leaf order."""
        tree = self._group._ratchet_tree  # noqa: SLF001 - the public roster has names, but no keys
        nodes = (tree.get_node(2 * leaf).leaf_node for leaf in range(tree.n_leaves))
        return tuple(
            (node.credential.identity.decode(errors="replace"), node.signature_key)
            for node in nodes
            if node is not None
        )

    def copy(self) -> Rfc9420Group:
        """Return an independent copy of this view."""
        return Rfc9420Group(self._client, deepcopy(self._group))

    def commit(self, adds: Sequence[bytes] = (), remove: Identity | None = None) -> Commit:
        """Commit Adds, one Remove, or nothing, by reference."""
        client, group = self._client, self._group
        secret = client.keys.signature.secret
        proposals = [
            group.create_add_proposal(client.read_key_package(data), secret) for data in adds
        ]
        if remove is not None:
            leaf = self._leaf(remove)
            proposals.append(group.create_remove_proposal(leaf, secret))
        sender = client.package.Sender(group.get_own_leaf_index(), client.package.SenderType.MEMBER)
        for proposal in proposals:
            group.process_proposal(proposal, sender)
        self._pending = group.create_commit(secret)
        messages = (*proposals, self._pending.commit_message)
        welcomes = self._pending.welcomes
        return Commit(
            tuple(PUBLIC + message.serialize() for message in messages),
            b"\x00\x01\x00\x03" + welcomes[0].serialize() if welcomes else None,
        )

    def confirm(self) -> None:
        """Start the epoch of the pending commit."""
        self._group.apply_own_commit(self._pending)
        self._pending = None

    def process(self, messages: Sequence[bytes]) -> bool:
        """Process another client's messages: proposals, then a commit."""
        if not messages:
            raise InvalidMessageError("expected a commit, got no message")
        package, plain = self._client.package, self._client.messages.MLSPlaintext
        for number, data in enumerate(messages, start=1):
            leaf = author_leaf(data)
            if leaf is None:
                raise InvalidMessageError("the message is not a PublicMessage of a member")
            message = plain.deserialize(data[4:])
            if number < len(messages):
                sender = package.Sender(leaf, package.SenderType.MEMBER)
                self._group.process_proposal(message, sender)
            else:
                self._group.process_commit(message, leaf)
        return any(key == self._client.signature_key for _, key in self.members)

    def exported(self, label: bytes, context: bytes, length: int) -> bytes:
        """Return a secret of the exporter."""
        secret: bytes = self._group.export_secret(label, context, length)
        return secret

    def _leaf(self, who: Identity) -> int:
        """Return a member's leaf number."""
        tree = self._group._ratchet_tree  # noqa: SLF001 - as above
        nodes = [tree.get_node(2 * leaf).leaf_node for leaf in range(tree.n_leaves)]
        return [None if node is None else node.signature_key for node in nodes].index(who[1])
