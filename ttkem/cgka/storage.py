"""A member's state as a file: versioned, with a checksum against damage.

The checksum detects damage, not forgery: whoever can write a member's file can replace its state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from rpds import HashTrieMap

from ttkem.cgka.group import GroupState
from ttkem.cgka.interface import EpochStarted, Kind
from ttkem.cgka.messages import Snapshot
from ttkem.cgka.snapshot import public_state, snapshot
from ttkem.cgka.state import MemberState, Pending
from ttkem.crypto import KeyPair
from ttkem.errors import RemoteError, StateFileError
from ttkem.wire import (
    decode,
    encode,
    enum,
    long_vector,
    opaque_v,
    optional,
    struct,
    text,
    uint8,
    uint16,
    uint32,
    uint64,
    vector,
)

if TYPE_CHECKING:
    from ttkem.cgka.plan import TreeProtocol

__all__ = ["load_state", "save_state"]

_MAGIC = b"ttkem member\n"
_VERSION = 2


@struct
@dataclass(frozen=True, slots=True)
class _Secret:
    node: Annotated[int, uint32]
    secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _InitSecret:
    public: Annotated[bytes, opaque_v]
    secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Group:
    snapshot: Annotated[Snapshot, Snapshot]
    leaf: Annotated[int, uint32]
    secrets: Annotated[tuple[_Secret, ...], vector(_Secret)]
    group_key: Annotated[bytes | None, optional(opaque_v)]


@struct
@dataclass(frozen=True, slots=True)
class _Pending:
    id: Annotated[bytes, opaque_v]
    epoch: Annotated[int, uint64]
    kind: Annotated[Kind, enum(Kind, uint8)]
    target: Annotated[str | None, optional(text)]
    group: Annotated[_Group, _Group]


@struct
@dataclass(frozen=True, slots=True)
class _Member:
    protocol: Annotated[str, text]
    suite: Annotated[int, uint16]
    identity: Annotated[str, text]
    signature_public: Annotated[bytes, opaque_v]
    signature_secret: Annotated[bytes, opaque_v]
    init_secrets: Annotated[tuple[_InitSecret, ...], long_vector(_InitSecret)]
    group: Annotated[_Group | None, optional(_Group)]
    pending: Annotated[tuple[_Pending, ...], long_vector(_Pending)]


def save_state(protocol: TreeProtocol, state: MemberState) -> bytes:
    """Return the state as bytes; equal states give equal bytes."""
    member = _Member(
        protocol.name,
        protocol.suite.number,
        state.identity,
        state.signature.public,
        state.signature.secret,
        tuple(_InitSecret(*item) for item in sorted(state.init_secrets.items())),
        None if state.group is None else _pack(state.group),
        tuple(
            _Pending(p.id, p.event.epoch, p.event.kind, p.event.target, _pack(p.group))
            for p in state.pending
        ),
    )
    data = _MAGIC + _VERSION.to_bytes(2, "big") + encode(member)
    return data + protocol.suite.hash(data)


def load_state(protocol: TreeProtocol, data: bytes) -> MemberState:
    """Return the state from the bytes that :func:`save_state` returned.

    Raise a :class:`~ttkem.errors.StateFileError` for any other bytes.
    """
    if not data.startswith(_MAGIC):
        raise StateFileError(
            "cannot load a member: these bytes do not begin as a saved member does"
        )
    start = len(_MAGIC) + 2
    version = int.from_bytes(data[len(_MAGIC) : start], "big")
    if version != _VERSION:
        raise StateFileError(
            f"cannot load a member: it was saved in format version {version}; "
            f"this release reads version {_VERSION}"
        )
    end = len(data) - protocol.suite.hash_length
    if protocol.suite.hash(data[:end]) != data[max(end, 0) :]:
        raise StateFileError(
            "cannot load a member: the checksum is wrong; the file is damaged, "
            "or the member is of another cipher suite"
        )
    try:
        return _member(protocol, decode(_Member, data[start:end]))
    except StateFileError:
        raise
    except RemoteError as error:
        raise StateFileError(
            f"cannot load a member: its state contradicts itself: {error}"
        ) from error


def _member(protocol: TreeProtocol, member: _Member) -> MemberState:
    if (member.protocol, member.suite) != (protocol.name, protocol.suite.number):
        raise StateFileError(
            f"cannot load a member of {member.protocol} on suite {member.suite} "
            f"with {protocol.name} on suite {protocol.suite.number}"
        )
    signature = KeyPair(member.signature_public, member.signature_secret)
    protocol.suite.check_signature_key_pair(signature)
    for item in member.init_secrets:
        protocol.suite.check_key_pair(KeyPair(item.public, item.secret))
    init_secrets = {item.public: item.secret for item in member.init_secrets}
    if len(init_secrets) != len(member.init_secrets):
        raise StateFileError("cannot load a member: a key package is saved twice")
    # Two pending operations can be equal: a remove of TKEM uses no randomness.
    pending = tuple(_pending(protocol, member, item) for item in member.pending)
    return MemberState(
        member.identity,
        signature,
        HashTrieMap(init_secrets),
        None if member.group is None else _unpack(protocol, member, member.group),
        pending,
    )


def _pending(protocol: TreeProtocol, member: _Member, item: _Pending) -> Pending:
    """Return a pending operation; raise unless its event is that of the state it leads to."""
    has_target = item.kind in {Kind.ADD, Kind.REMOVE}
    if item.group.snapshot.epoch != item.epoch or (item.target is not None) != has_target:
        raise StateFileError(
            "cannot load a member: a pending operation does not match the state it leads to"
        )
    protocol.suite.check_secret(item.id)
    event = EpochStarted(item.epoch, item.kind, member.identity, item.target)
    return Pending(item.id, event, _unpack(protocol, member, item.group))


def _pack(state: GroupState) -> _Group:
    secrets = tuple(_Secret(*item) for item in sorted(state.secrets.items()))
    return _Group(snapshot(state.public), state.leaf, secrets, state.group_key)


def _unpack(protocol: TreeProtocol, member: _Member, data: _Group) -> GroupState:
    """Return a member's group; raise unless each saved secret is the one of its public key."""
    suite = protocol.suite
    public = public_state(protocol, data.snapshot, None)
    tree = public.tree
    own = tree.leaf(data.leaf) if data.leaf < tree.capacity else None
    if own is None or (own.identity, own.signature_key) != (
        member.identity,
        member.signature_public,
    ):
        raise StateFileError(
            f"cannot load a member: {member.identity!r} is not at leaf {data.leaf} "
            "of the saved tree with the saved signature key"
        )
    holders = {index: node.leaf or node.internal for index, node in tree.path_nodes(data.leaf)}
    keys = {index: held.public_key for index, held in holders.items() if held is not None}
    secrets = {item.node: item.secret for item in data.secrets}
    if secrets.keys() != keys.keys() or len(data.secrets) != len(keys):
        raise StateFileError(
            "cannot load a member: the saved secrets are not those of the member's path"
        )
    for index, secret in secrets.items():
        suite.check_key_pair(KeyPair(keys[index], secret))
    if data.group_key is not None:
        suite.check_secret(data.group_key)
    return GroupState(public, data.leaf, HashTrieMap(secrets), data.group_key)
