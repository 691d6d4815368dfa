"""What an application decides about its groups, and the steps of the protocol it may replace."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from ttkem.crypto.x509 import certificate_key, check_chain
from ttkem.errors import CryptoError, InvalidMessageError
from ttkem.mls.keys.key_schedule import epoch_secrets, labelled
from ttkem.mls.limits import Limits
from ttkem.mls.messages.credentials import X509Credential
from ttkem.mls.tree.treekem import create_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from rpds import HashTrieMap

    from ttkem.crypto import CipherSuite, Labelled, Randomness
    from ttkem.mls.group.effects import Effects
    from ttkem.mls.group.state import Received
    from ttkem.mls.keys.key_schedule import KeySchedule
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.nodes import ParentNode
    from ttkem.mls.messages.proposals import CustomProposal
    from ttkem.mls.messages.psk_ids import ExternalPsk, ResumptionPsk
    from ttkem.mls.tree.ratchet_tree import RatchetTree
    from ttkem.mls.tree.treekem import NewPath

    PskStore = Callable[[ExternalPsk | ResumptionPsk], bytes | None]
    """Finds a pre-shared key; None if it is unknown."""

__all__ = [
    "Authentication",
    "Configuration",
    "CustomRule",
    "Policy",
    "TreePolicy",
    "TrustEverybody",
    "TrustRoots",
    "no_psks",
]


class Authentication(Protocol):
    """The authentication service (section 5.3.1): judges credentials."""

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Raise a RemoteError unless the credential speaks for the owner of the key."""
        ...

    def may_succeed(self, old: Credential, new: Credential) -> bool:
        """Whether a member may replace its credential by this one."""
        ...

    def same_client(self, one: Credential, other: Credential) -> bool:
        """Whether both present the same client: for branches and reinitialised groups."""
        ...


class TrustEverybody:
    """Believes what credentials say; an X.509 credential must at least hold the signature key."""

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Check the key of an X.509 credential (section 5.3), nothing else."""
        if not isinstance(credential, X509Credential):
            return
        if not credential.certificates:
            raise InvalidMessageError("an X.509 credential without a certificate")
        if certificate_key(credential.certificates[0]) != signature_key:
            raise InvalidMessageError("a certificate of another key than the leaf node's")

    def may_succeed(self, old: Credential, new: Credential) -> bool:
        """Anybody may."""
        del old, new
        return True

    def same_client(self, one: Credential, other: Credential) -> bool:
        """The same credential."""
        return one == other


@dataclass(frozen=True, slots=True)
class TrustRoots(TrustEverybody):
    """X.509 only, with chains that end at trusted roots; other credentials are refused."""

    roots: tuple[bytes, ...]
    """DER certificates."""
    clock: Callable[[], datetime]
    """The time to judge at, with time zone."""

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Check key and chain."""
        if not isinstance(credential, X509Credential):
            raise InvalidMessageError("only X.509 credentials are accepted here")
        TrustEverybody.validate(self, credential, signature_key)
        try:
            check_chain(credential.certificates, self.roots, self.clock())
        except CryptoError as error:
            raise InvalidMessageError(f"{error}") from None


class TreePolicy(Protocol):
    """What a group does to its tree besides the RFC (own design, see :mod:`ttkem.mls.tainted`)."""

    def unattested(self, parent: ParentNode) -> bool:
        """Whether a parent node is exempt from parent hashes (section 7.9.2)."""
        ...

    def heal(
        self,
        crypto: Labelled,
        before: RatchetTree,
        effects: Effects,
        committer: int,
        context: bytes,
        randomness: Randomness,
    ) -> tuple[RatchetTree, CustomProposal | None, int]:
        """The committer's part, before its path: another tree, and a proposal that tells it.

        Also how many secrets it has encrypted.
        """
        ...

    def follow(
        self,
        crypto: Labelled,
        before: RatchetTree,
        effects: Effects,
        committer: int,
        proposals: Sequence[Received],
        receiver: int,
        private: HashTrieMap[int, bytes],
        context: bytes,
    ) -> tuple[RatchetTree, HashTrieMap[int, bytes]]:
        """The receiver's part: the same tree, and the secrets that it learns."""
        ...


@dataclass(frozen=True, slots=True)
class CustomRule:
    """How a proposal type that the RFC does not define is treated (sections 12.4 and 13.2)."""

    path_required: bool = True
    external: bool = False
    """Whether external senders may propose it."""


def no_psks(psk: ExternalPsk | ResumptionPsk) -> bytes | None:
    """A store without any pre-shared key."""
    del psk
    return None


@dataclass(frozen=True, slots=True)
class Policy:
    """The decisions of an application, and the steps of the protocol that can be replaced.

    Members of one group need policies that accept and do the same; only ``psks`` may differ, as
    far as members know different keys.
    """

    authentication: Authentication = field(default_factory=TrustEverybody)
    """Judges credentials (section 5.3.1)."""
    custom_proposals: Mapping[int, CustomRule] = field(default_factory=lambda: MappingProxyType({}))
    """Proposal types beyond the RFC's, by number."""
    psks: PskStore = no_psks
    """Finds pre-shared keys, other than the group's own resumption secrets."""
    max_lifetime: int | None = None
    """Seconds that the lifetime of a leaf node may last (section 7.2); None for no bound."""
    schedule: KeySchedule = epoch_secrets
    """The last step of the key schedule (section 8)."""
    create_path: Callable[..., NewPath] = create_path
    """Makes a committer's path, as :func:`ttkem.mls.tree.treekem.create_path` does."""
    tree: TreePolicy | None = None
    """What is done to the tree besides the RFC; None for the RFC alone."""

    @property
    def pathless_proposals(self) -> frozenset[int]:
        """The custom proposal types that may be committed without a path."""
        rules = self.custom_proposals.items()
        return frozenset(number for number, rule in rules if not rule.path_required)


@dataclass(frozen=True)
class Configuration:
    """What a member of a group runs with: a cipher suite, a policy, and its own limits.

    Suite and policy are the group's; limits are each member's own choice.
    """

    suite: CipherSuite
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def crypto(self) -> Labelled:
        """The suite under MLS's labels."""
        return labelled(self.suite)
