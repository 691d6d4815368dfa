"""What an application decides, and the steps of the protocol that can be replaced."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from ttkem.crypto.x509 import certificate_key, check_chain
from ttkem.errors import CryptoError, InvalidMessageError
from ttkem.mls.credentials import X509Credential
from ttkem.mls.key_schedule import epoch_secrets, labelled
from ttkem.mls.secret_tree import Limits
from ttkem.mls.treekem import create_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from rpds import HashTrieMap

    from ttkem.crypto import CipherSuite, Labelled, Randomness
    from ttkem.mls.changes import Changes
    from ttkem.mls.credentials import Credential
    from ttkem.mls.key_schedule import KeySchedule
    from ttkem.mls.proposals import CustomProposal
    from ttkem.mls.psk import ExternalPsk, ResumptionPsk
    from ttkem.mls.ratchet_tree import ParentNode, RatchetTree
    from ttkem.mls.state import Received
    from ttkem.mls.treekem import NewPath

    PskStore = Callable[[ExternalPsk | ResumptionPsk], bytes | None]
    """Finds a pre-shared key; None if it is unknown."""

__all__ = [
    "Authentication",
    "CustomRule",
    "Rules",
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
        changes: Changes,
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
        changes: Changes,
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


@dataclass(frozen=True)
class Rules:
    """A cipher suite, what the application decides, and the replaceable steps.

    The same for all members of a group, but for ``limits``, ``past_epochs`` and
    ``resumption_epochs``, which are each member's own choice.
    """

    suite: CipherSuite
    authentication: Authentication = field(default_factory=TrustEverybody)
    limits: Limits = field(default_factory=Limits)
    past_epochs: int = 2
    """Of how many epochs late application messages can still be read."""
    resumption_epochs: int = 1024
    """Of how many epochs resumption secrets are kept."""
    max_lifetime: int | None = None
    """Seconds that the lifetime of a leaf node may last (section 7.2)."""
    custom_proposals: Mapping[int, CustomRule] = field(default_factory=lambda: MappingProxyType({}))
    schedule: KeySchedule = epoch_secrets
    """The key schedule's last step."""
    create_path: Callable[..., NewPath] = create_path
    """How a committer's path is made."""
    policy: TreePolicy | None = None
    """What is done to the tree besides the RFC; all members must have the same."""

    @cached_property
    def crypto(self) -> Labelled:
        """The suite under MLS's labels."""
        return labelled(self.suite)
