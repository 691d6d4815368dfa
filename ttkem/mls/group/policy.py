"""Policies: the decisions of an application, and replaceable steps of the protocol."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from ttkem.crypto.x509 import certificate_key, certificate_names, check_chain
from ttkem.errors import CryptoError, InvalidMessageError
from ttkem.mls.keys.key_schedule import epoch_secrets, labelled
from ttkem.mls.limits import Limits
from ttkem.mls.messages.credentials import X509Credential
from ttkem.mls.tree.treekem import create_path

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from rpds import HashTrieMap

    from ttkem.crypto import CipherSuite, Labelled, Randomness
    from ttkem.mls.group.effects import Effects
    from ttkem.mls.group.state import Received
    from ttkem.mls.keys.key_schedule import KeySchedule
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.leaf_node import LeafNode
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
    "Moment",
    "Policy",
    "TreePolicy",
    "TrustEverybody",
    "TrustRoots",
    "fixed_clock",
    "new_clients",
    "no_psks",
    "system_clock",
]

_DAY = 24 * 60 * 60


def system_clock() -> int:
    """Return the time of the system's clock, in seconds since 1970."""
    return int(time.time())


def fixed_clock(seconds: int = 0) -> Callable[[], int]:
    """Return a clock that stands still, for runs that are to be repeated exactly."""
    return partial(int, seconds)  # unlike a lambda, it can be pickled


@dataclass(frozen=True, slots=True)
class Moment:
    """The times that count as now, in seconds since 1970.

    They are a range for messages that were received, since these may have been sent earlier.
    """

    earliest: int
    latest: int


class Authentication(Protocol):
    """The authentication service, which validates credentials (section 5.3.1)."""

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Raise a RemoteError unless the credential is valid for the signature key."""
        ...

    def may_succeed(self, old: Credential, new: Credential) -> bool:
        """Return whether a member may replace its credential ``old`` by ``new``."""
        ...

    def may_resync(self, old: LeafNode, new: LeafNode) -> bool:
        """Return whether the joiner ``new`` may remove ``old`` as its earlier appearance.

        An external commit asks this (section 12.4.3.2), which the removed member has not signed.
        """
        ...

    def same_client(self, one: Credential, other: Credential) -> bool:
        """Return whether both present the same client (sections 11.2, 11.3 and 12.2)."""
        ...


class TrustEverybody:
    """An authentication service without evidence: it accepts each credential as it is.

    An X.509 credential must hold the key of its leaf node. Nobody replaces the credential of
    another client, and none but the owner of a signature key removes its leaf by external commit.
    """

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Check only that an X.509 credential has the signature key (section 5.3)."""
        if not isinstance(credential, X509Credential):
            return
        if not credential.certificates:
            raise InvalidMessageError("the X.509 credential has no certificate")
        if certificate_key(credential.certificates[0]) != signature_key:
            raise InvalidMessageError("the certificate is for another key than the leaf node's")

    def may_succeed(self, old: Credential, new: Credential) -> bool:
        """Return whether both credentials present the same client."""
        return self.same_client(old, new)

    def may_resync(self, old: LeafNode, new: LeafNode) -> bool:
        """Return whether client and signature key are the same.

        Without the key, anybody could claim the identity of a member and evict it.
        """
        return new.signature_key == old.signature_key and self.may_succeed(
            old.credential, new.credential
        )

    def same_client(self, one: Credential, other: Credential) -> bool:
        """Return whether the credentials, or the names in the X.509 certificates, are equal."""
        return _client(one) == _client(other)


def _client(credential: Credential) -> Hashable:
    """Return a value that is equal for credentials of the same client."""
    if isinstance(credential, X509Credential) and credential.certificates:
        return certificate_names(credential.certificates[0]) or credential
    return credential


def new_clients(
    authentication: Authentication, present: Iterable[Credential], new: Iterable[Credential]
) -> Iterator[bool]:
    """Yield for each new credential whether its client differs from all others.

    The others are the clients of ``present`` and of the credentials before it in ``new``.
    """
    same = authentication.same_client
    if getattr(same, "__func__", None) is TrustEverybody.same_client:
        clients = set(map(_client, present))
        for credential in new:
            client = _client(credential)
            yield client not in clients
            clients.add(client)
        return
    others = list(present)
    for credential in new:
        yield not any(same(other, credential) for other in others)
        others.append(credential)


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

    def may_resync(self, old: LeafNode, new: LeafNode) -> bool:
        """Return whether the new certificate is for the same names; its key may be another."""
        return self.may_succeed(old.credential, new.credential)


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
    clock: Callable[[], int] = system_clock
    """Returns the time in seconds since 1970, for lifetimes (section 7.2)."""
    lifetime: int = 84 * _DAY
    """The lifetime of new key packages after the time of their creation, in seconds."""
    clock_margin: int = 60 * 60
    """The seconds by which the lifetime of a new key package starts earlier.

    They let members add its owner whose clocks are behind.
    """
    max_lifetime: int | None = 371 * _DAY
    """The maximum lifetime of a leaf node in seconds, from its start to its end.

    Section 7.2: "Applications MUST define a maximum total lifetime that is acceptable for a
    LeafNode". None accepts any, as do implementations that list 0 to 2**64 - 1.
    """
    delay: int = 84 * _DAY
    """The seconds for which a received message may have been under way.

    The lifetime of a leaf node in it must include a time within this distance of the clock's
    (section 7.3: the node "might have expired in the time between when the message was sent and
    when it was received").
    """
    strict_suites: bool = False
    """True to reject leaf nodes whose capabilities do not list the group's cipher suite.

    Section 7.2: "The client MUST list all values for the respective parameters that it supports",
    and section 11.1: "all members of the group need to support the cipher suite". Section 7.3 does
    not ask receivers to check this, and other implementations make and accept such leaf nodes.
    """
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

    def new_lifetime(self) -> tuple[int, int]:
        """Return the start and the end of the lifetime of a key package that is made now."""
        now, longest = self.clock(), self.max_lifetime
        if longest is None:
            return max(0, now - self.clock_margin), now + self.lifetime
        start = max(0, now - min(self.clock_margin, longest // 2))
        return start, min(now + self.lifetime, start + longest)

    def sent(self, now: int | None = None) -> Moment:
        """Return the time of a message that is sent ``now``; None asks the clock."""
        now = self.clock() if now is None else now
        return Moment(now, now)

    def received(self, now: int | None = None) -> Moment:
        """Return the times at which a message may have been sent that is received ``now``."""
        now = self.clock() if now is None else now
        return Moment(now - self.delay, now + self.delay)


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
