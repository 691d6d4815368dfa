"""Saved members and clients: all that a client must keep, as one file (own format).

A member is saved with its pending commits, a client with its unused key packages and its members.
All secrets are in clear; a checksum detects damage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ttkem.crypto import KeyPair
from ttkem.errors import DecodeError, StateFileError
from ttkem.mls.arguments import check_type
from ttkem.mls.client import Client, KeyPackages
from ttkem.mls.events import EpochStarted
from ttkem.mls.group.state import Received
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.member import Member
from ttkem.mls.messages.content import Sender, sender
from ttkem.mls.messages.credentials import Credential, credential
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.leaf_node import Capabilities
from ttkem.mls.messages.proposals import Proposal, ReInit, proposal
from ttkem.mls.storage import open_file, read_state, seal_file, write_state
from ttkem.wire import opaque_v, optional, struct, uint8, uint32, uint64, vector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ttkem.crypto import Randomness
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.group.state import GroupState

__all__ = ["read_client", "read_member", "write_client", "write_member"]

_MEMBER = b"ttkem mls member\n\x00\x01"
_CLIENT = b"ttkem mls client\n\x00\x01"


@struct
@dataclass(frozen=True, slots=True)
class _Received:
    proposal: Annotated[Proposal, proposal]
    sender: Annotated[Sender, sender]
    reference: Annotated[bytes | None, optional(opaque_v)]


@struct
@dataclass(frozen=True, slots=True)
class _Event:
    epoch: Annotated[int, uint64]
    committer: Annotated[int, uint32]
    proposals: Annotated[tuple[_Received, ...], vector(_Received)]
    added: Annotated[tuple[int, ...], vector(uint32)]
    removed: Annotated[tuple[int, ...], vector(uint32)]
    updated: Annotated[tuple[int, ...], vector(uint32)]
    reinit: Annotated[ReInit | None, optional(ReInit)]
    authenticated_data: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Pending:
    id: Annotated[bytes, opaque_v]
    after: Annotated[bytes, opaque_v]
    event: Annotated[_Event, _Event]


@struct
@dataclass(frozen=True, slots=True)
class _Member:
    state: Annotated[bytes, opaque_v]
    welcomed_by: Annotated[int | None, optional(uint32)]
    pending: Annotated[tuple[_Pending, ...], vector(_Pending)]


@struct
@dataclass(frozen=True, slots=True)
class _Pair:
    public: Annotated[bytes, opaque_v]
    secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Package:
    package: Annotated[KeyPackage, KeyPackage]
    init_secret: Annotated[bytes, opaque_v]
    leaf_secret: Annotated[bytes, opaque_v]
    signature: Annotated[_Pair, _Pair]


@struct
@dataclass(frozen=True, slots=True)
class _Client:
    credential: Annotated[Credential, credential]
    signature: Annotated[_Pair, _Pair]
    capabilities: Annotated[Capabilities, Capabilities]
    leaf_extensions: Annotated[tuple[Extension, ...], vector(Extension)]
    grease: Annotated[int, uint8]
    packages: Annotated[tuple[_Package, ...], vector(_Package)]
    members: Annotated[tuple[bytes, ...], vector(opaque_v)]


def write_member(member: Member) -> bytes:
    """Return a member with its pending commits as bytes; equal members give equal bytes."""
    check_type("save the member", Member, member=member)
    config = member.config
    pending = []
    for name in member.pending:
        event = member.expected(name)
        saved = _Event(
            event.epoch,
            event.committer,
            tuple(_Received(r.proposal, r.sender, r.reference) for r in event.proposals),
            event.added,
            event.removed,
            event.updated,
            event.reinit,
            event.authenticated_data,
        )
        pending.append(_Pending(name, write_state(config, member.after(name)), saved))
    state = write_state(config, member.state)
    return seal_file(config, _MEMBER, _Member(state, member.welcomed_by, tuple(pending)))


def read_member(config: Configuration, data: bytes, randomness: Randomness | None = None) -> Member:
    """Return the member that :func:`write_member` wrote; raise a StateFileError for other bytes."""
    try:
        saved = open_file(config, _MEMBER, _Member, data)
    except DecodeError as error:
        raise StateFileError(f"cannot read the saved MLS member: {error}") from None
    state = read_state(config, saved.state)
    member = Member(config, state, randomness)
    member.welcomed_by = saved.welcomed_by
    for item in saved.pending:
        after = read_state(config, item.after, state)
        _check_pending(member, state, item, after)
        event = item.event
        proposals = tuple(Received(r.proposal, r.sender, r.reference) for r in event.proposals)
        member.restore_pending(
            item.id,
            after,
            EpochStarted(
                event.epoch,
                event.committer,
                proposals,
                event.added,
                event.removed,
                event.updated,
                event.reinit,
                event.authenticated_data,
            ),
        )
    return member


def _check_pending(member: Member, state: GroupState, item: _Pending, after: GroupState) -> None:
    """Check that a saved pending commit leads from the state to the next epoch of its group."""
    before, context = state.context, after.context
    if state.reinit is not None or item.id in member.pending:
        raise StateFileError(
            "cannot read the saved MLS member: the group is closed, or one commit is pending twice"
        )
    expected = (before.group_id, before.epoch + 1, state.leaf)
    if (context.group_id, context.epoch, after.leaf) != expected:
        raise StateFileError(
            "cannot read the saved MLS member: a pending commit leads elsewhere than to the "
            "next epoch"
        )
    if (item.event.epoch, item.event.committer) != (context.epoch, state.leaf):
        raise StateFileError(
            "cannot read the saved MLS member: a pending commit and its event do not match"
        )


def write_client(packages: KeyPackages, members: Iterable[Member] = ()) -> bytes:
    """Return a client with its unused key packages and its members as bytes."""
    check_type("save the client", KeyPackages, packages=packages)
    client = packages.client
    saved = _Client(
        client.credential,
        _pair(client.signature),
        client.capabilities,
        client.leaf_extensions,
        int(client.grease),
        tuple(
            _Package(own.package, own.init_secret, own.leaf_secret, _pair(own.signature))
            for own in packages
        ),
        tuple(write_member(member) for member in members),
    )
    return seal_file(client.config, _CLIENT, saved)


def read_client(
    config: Configuration, data: bytes, randomness: Randomness | None = None
) -> tuple[KeyPackages, tuple[Member, ...]]:
    """Return what :func:`write_client` wrote; raise a StateFileError for other bytes.

    The client is that of the returned key packages.
    """
    try:
        saved = open_file(config, _CLIENT, _Client, data)
    except DecodeError as error:
        raise StateFileError(f"cannot read the saved MLS client: {error}") from None
    client = Client(
        config,
        saved.credential,
        _key_pair(saved.signature),
        saved.capabilities,
        saved.leaf_extensions,
        bool(saved.grease),
    )
    packages = KeyPackages(client)
    for item in saved.packages:
        signature = _key_pair(item.signature)
        packages.add(OwnKeyPackage(item.package, item.init_secret, item.leaf_secret, signature))
    return packages, tuple(read_member(config, each, randomness) for each in saved.members)


def _pair(keys: KeyPair) -> _Pair:
    return _Pair(keys.public, keys.secret)


def _key_pair(saved: _Pair) -> KeyPair:
    return KeyPair(saved.public, saved.secret)
