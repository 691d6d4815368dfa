"""Policies: the decisions of an application, and replaceable steps of the protocol."""

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
    """A function from the name of a pre-shared key to the key, or to None if it is unknown."""

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
    """The authentication service, which validates credentials (section 5.3.1)."""

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Raise a RemoteError unless the credential is valid for the signature key."""
        ...

    def may_succeed(self, old: Credential, new: Credential) -> bool:
        """Return whether a member may replace its credential ``old`` by ``new``."""
        ...

    def same_client(self, one: Credential, other: Credential) -> bool:
        """Return whether both credentials present the same client (sections 11.2 and 11.3)."""
        ...


class TrustEverybody:
    """An authentication service that accepts all credentials; X.509 ones must hold the key."""

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Check only that an X.509 credential has the signature key (section 5.3)."""
        if not isinstance(credential, X509Credential):
            return
        if not credential.certificates:
            raise InvalidMessageError("the X.509 credential has no certificate")
        if certificate_key(credential.certificates[0]) != signature_key:
            raise InvalidMessageError("the certificate is for another key than the leaf node's")

    def may_succeed(self, old: Credential, new: Credential) -> bool:
        """Return True."""
        del old, new
        return True

    def same_client(self, one: Credential, other: Credential) -> bool:
        """Return whether the credentials are equal."""
        return one == other


@dataclass(frozen=True, slots=True)
class TrustRoots(TrustEverybody):
    """An authentication service for X.509 credentials whose chains end at trusted roots."""

    roots: tuple[bytes, ...]
    """The trusted certificates, in DER."""
    clock: Callable[[], datetime]
    """Returns the time of validation, with a time zone."""

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Check the key and the certificate chain."""
        if not isinstance(credential, X509Credential):
            raise InvalidMessageError("only X.509 credentials are accepted")
        TrustEverybody.validate(self, credential, signature_key)
        try:
            check_chain(credential.certificates, self.roots, self.clock())
        except CryptoError as error:
            raise InvalidMessageError(f"{error}") from None


class TreePolicy(Protocol):
    """A change of the tree beyond RFC 9420 (own design, see :mod:`ttkem.mls.tainted`)."""

    def unattested(self, parent: ParentNode) -> bool:
        """Return whether a parent node is exempt from parent-hash validity (section 7.9.2)."""
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
        """Change the provisional tree as the committer, before its path is created.

        ``before`` is the tree of the current epoch, ``context`` its encoded GroupContext. Return
        the changed tree, a proposal that describes the change, and the number of encrypted secrets.
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
        """Change the provisional tree as a receiver, as :meth:`heal` has done.

        Return the changed tree and ``private`` with the secrets that the receiver learns.
        """
        ...


@dataclass(frozen=True, slots=True)
class CustomRule:
    """The rules for a custom proposal type (sections 12.4 and 13.2)."""

    path_required: bool = True
    external: bool = False
    """True if external senders may propose it."""


def no_psks(psk: ExternalPsk | ResumptionPsk) -> bytes | None:
    """Return None: this store has no pre-shared key."""
    del psk
    return None


@dataclass(frozen=True, slots=True)
class Policy:
    """The decisions of an application, and the steps of the protocol that it replaces.

    The members of a group need equal policies; only their ``psks`` may differ.
    """

    authentication: Authentication = field(default_factory=TrustEverybody)
    """The authentication service (section 5.3.1)."""
    custom_proposals: Mapping[int, CustomRule] = field(default_factory=lambda: MappingProxyType({}))
    """The rules for custom proposal types, by number."""
    psks: PskStore = no_psks
    """The store of pre-shared keys, other than the group's own resumption PSKs."""
    max_lifetime: int | None = None
    """The maximum lifetime of a leaf node in seconds (section 7.2); None for no bound."""
    schedule: KeySchedule = epoch_secrets
    """The last step of the key schedule (section 8)."""
    create_path: Callable[..., NewPath] = create_path
    """The creation of a committer's path, by default as in section 7.5."""
    tree: TreePolicy | None = None
    """A change of the tree beyond the RFC; None for the RFC alone."""

    @property
    def pathless_proposals(self) -> frozenset[int]:
        """The custom proposal types that may be committed without a path."""
        rules = self.custom_proposals.items()
        return frozenset(number for number, rule in rules if not rule.path_required)


@dataclass(frozen=True)
class Configuration:
    """The configuration of a member: a cipher suite, a policy, and its own limits.

    All members of a group share suite and policy; limits are each member's own choice.
    """

    suite: CipherSuite
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def crypto(self) -> Labelled:
        """The suite with MLS's labels (section 5.1)."""
        return labelled(self.suite)
