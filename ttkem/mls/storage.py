"""Saved states: a member's state as bytes (own format).

All secrets are in clear; a checksum detects damage.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, TypeVar

from rpds import HashTrieMap

from ttkem.crypto import KeyPair
from ttkem.errors import DecodeError, InvalidMessageError, StateFileError
from ttkem.mls.arguments import check_type
from ttkem.mls.group.state import GroupState, OwnUpdate, PastEpoch, Received
from ttkem.mls.keys.key_schedule import KeptSecrets
from ttkem.mls.keys.secret_tree import MessageKey, Ratchet, RatchetKind, SecretTree
from ttkem.mls.messages.content import Sender, sender
from ttkem.mls.messages.group_context import GroupContext
from ttkem.mls.messages.proposals import Proposal, ReInit, proposal
from ttkem.mls.tree.ratchet_tree import read_ratchet_tree, write_ratchet_tree
from ttkem.wire import (
    decode,
    encode,
    opaque_v,
    optional,
    struct,
    uint8,
    uint32,
    uint64,
    vector,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["open_file", "read_state", "seal_file", "write_state"]

T = TypeVar("T")

_MAGIC = b"ttkem mls state\n\x00\x01"


@struct
@dataclass(frozen=True, slots=True)
class _Numbered:
    number: Annotated[int, uint64]
    secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Labelled:
    label: Annotated[bytes, opaque_v]
    secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Skipped:
    generation: Annotated[int, uint32]
    key: Annotated[bytes, opaque_v]
    nonce: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Ratchet:
    leaf: Annotated[int, uint32]
    application: Annotated[int, uint8]
    generation: Annotated[int, uint32]
    secret: Annotated[bytes, opaque_v]
    skipped: Annotated[tuple[_Skipped, ...], vector(_Skipped)]


@struct
@dataclass(frozen=True, slots=True)
class _SecretTree:
    capacity: Annotated[int, uint32]
    nodes: Annotated[tuple[_Numbered, ...], vector(_Numbered)]
    ratchets: Annotated[tuple[_Ratchet, ...], vector(_Ratchet)]


@struct
@dataclass(frozen=True, slots=True)
class _Past:
    context: Annotated[GroupContext, GroupContext]
    tree: Annotated[bytes, opaque_v]
    sender_data_secret: Annotated[bytes, opaque_v]
    secret_tree: Annotated[_SecretTree, _SecretTree]


@struct
@dataclass(frozen=True, slots=True)
class _Received:
    reference: Annotated[bytes, opaque_v]
    proposal: Annotated[Proposal, proposal]
    sender: Annotated[Sender, sender]


@struct
@dataclass(frozen=True, slots=True)
class _Update:
    encryption_key: Annotated[bytes, opaque_v]
    encryption_secret: Annotated[bytes, opaque_v]
    signature_public: Annotated[bytes, opaque_v]
    signature_secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _State:
    context: Annotated[GroupContext, GroupContext]
    tree: Annotated[bytes, opaque_v]
    leaf: Annotated[int, uint32]
    signature_public: Annotated[bytes, opaque_v]
    signature_secret: Annotated[bytes, opaque_v]
    private: Annotated[tuple[_Numbered, ...], vector(_Numbered)]
    secrets: Annotated[tuple[bytes, ...], vector(opaque_v)]
    additions: Annotated[tuple[_Labelled, ...], vector(_Labelled)]
    secret_tree: Annotated[_SecretTree, _SecretTree]
    interim_transcript_hash: Annotated[bytes, opaque_v]
    confirmation_tag: Annotated[bytes, opaque_v]
    proposals: Annotated[tuple[_Received, ...], vector(_Received)]
    updates: Annotated[tuple[_Update, ...], vector(_Update)]
    past: Annotated[tuple[_Past, ...], vector(_Past)]
    resumption: Annotated[tuple[_Numbered, ...], vector(_Numbered)]
    reinit: Annotated[ReInit | None, optional(ReInit)]


_KEPT = KeptSecrets.__slots__[:-1]
"""The names of the stored secrets, without ``additions``."""


def write_state(config: Configuration, state: GroupState) -> bytes:
    """Return the whole state as bytes; equal states give equal bytes."""
    return seal_file(
        config,
        _MAGIC,
        _State(
            state.context,
            write_ratchet_tree(state.tree),
            state.leaf,
            state.signature.public,
            state.signature.secret,
            _numbered(state.private),
            tuple(getattr(state.secrets, name) for name in _KEPT),
            tuple(_Labelled(*item) for item in state.secrets.additions),
            _pack_secret_tree(state.secret_tree),
            state.interim_transcript_hash,
            state.confirmation_tag,
            tuple(
                _Received(reference, received.proposal, received.sender)
                for reference, received in state.proposals.items()
            ),
            tuple(
                _Update(key, u.encryption_secret, u.signature.public, u.signature.secret)
                for key, u in sorted(state.updates.items())
            ),
            tuple(
                _Past(
                    past.context,
                    write_ratchet_tree(past.tree),
                    past.sender_data_secret,
                    _pack_secret_tree(past.secret_tree),
                )
                for past in state.past
            ),
            _numbered(state.resumption),
            state.reinit,
        ),
    )


def read_state(config: Configuration, data: bytes, like: GroupState | None = None) -> GroupState:
    """Return the state that :func:`write_state` wrote; raise a StateFileError for other bytes.

    It shares the memory of equal subtrees with its past epochs, and with the state ``like`` it.
    """
    try:
        saved = open_file(config, _MAGIC, _State, data)
        known = [] if like is None else [like.tree, *(past.tree for past in like.past)]
        return _unpack(config, saved, known)
    except (DecodeError, InvalidMessageError, ValueError) as error:
        raise StateFileError(f"cannot read the saved MLS state: {error}") from None


def seal_file(config: Configuration, magic: bytes, content: object) -> bytes:
    """Return a structure as a file: magic bytes, its encoding, a checksum."""
    data = magic + encode(content)
    return data + config.suite.hash(data)


def open_file(config: Configuration, magic: bytes, kind: type[T], data: bytes) -> T:
    """Return the structure in a file of :func:`seal_file`; raise a RemoteError for other bytes."""
    check_type("read the file", bytes, data=data)
    content, checksum = data[: -config.suite.hash_length], data[-config.suite.hash_length :]
    what = magic.split(b"\n")[0].removeprefix(b"ttkem mls ").decode()
    if not data.startswith(magic):
        raise StateFileError(
            f"cannot read the saved MLS {what}: it is of another version, or no such {what}"
        )
    if config.suite.hash(content) != checksum:
        raise StateFileError(
            f"cannot read the saved MLS {what}: it is damaged, or of another cipher suite"
        )
    return decode(kind, content[len(magic) :])


def _unpack(config: Configuration, saved: _State, known: Sequence[RatchetTree]) -> GroupState:
    if saved.context.cipher_suite != config.suite.number:
        raise StateFileError("cannot read the saved MLS state: it is of another cipher suite")
    tree = _tree(config, saved, known, known[0] if known else None)
    own = tree.leaf(saved.leaf)
    if own is None or own.signature_key != saved.signature_public:
        raise StateFileError("cannot read the saved MLS state: its own leaf is not in its tree")
    past: list[PastEpoch] = []
    for each in saved.past:
        earlier = _tree(config, each, known, past[-1].tree if past else tree)
        secret_tree = _unpack_secret_tree(each.secret_tree)
        past.append(PastEpoch(each.context, earlier, each.sender_data_secret, secret_tree))
    additions = tuple((item.label, item.secret) for item in saved.additions)
    return GroupState(
        context=saved.context,
        tree=tree,
        leaf=saved.leaf,
        signature=KeyPair(saved.signature_public, saved.signature_secret),
        private=_map(saved.private),
        secrets=KeptSecrets(**dict(zip(_KEPT, saved.secrets, strict=True)), additions=additions),
        secret_tree=_unpack_secret_tree(saved.secret_tree),
        interim_transcript_hash=saved.interim_transcript_hash,
        confirmation_tag=saved.confirmation_tag,
        proposals=MappingProxyType(
            {
                item.reference: Received(item.proposal, item.sender, item.reference)
                for item in saved.proposals
            }
        ),
        updates=HashTrieMap(
            {
                item.encryption_key: OwnUpdate(
                    item.encryption_secret, KeyPair(item.signature_public, item.signature_secret)
                )
                for item in saved.updates
            }
        ),
        past=tuple(past),
        resumption=_map(saved.resumption),
        reinit=saved.reinit,
    )


def _tree(
    config: Configuration,
    saved: _State | _Past,
    known: Sequence[RatchetTree],
    nearest: RatchetTree | None,
) -> RatchetTree:
    """Return the saved tree of an epoch: a known one, or one that shares with the nearest."""
    for tree in known:
        if tree.hash == saved.context.tree_hash and write_ratchet_tree(tree) == saved.tree:
            return tree
    tree = read_ratchet_tree(config.suite, saved.tree, nearest)
    if tree.hash != saved.context.tree_hash:
        raise StateFileError(
            "cannot read the saved MLS state: a tree does not match its group context"
        )
    return tree


def _numbered(secrets: HashTrieMap[int, bytes]) -> tuple[_Numbered, ...]:
    return tuple(_Numbered(*item) for item in sorted(secrets.items()))


def _map(items: tuple[_Numbered, ...]) -> HashTrieMap[int, bytes]:
    return HashTrieMap({item.number: item.secret for item in items})


def _pack_secret_tree(tree: SecretTree) -> _SecretTree:
    ratchets = sorted(
        (
            leaf,
            int(kind is RatchetKind.APPLICATION),
            ratchet.generation,
            ratchet.secret,
            tuple(
                _Skipped(generation, key.key, key.nonce)
                for generation, key in sorted(ratchet.skipped.items(), key=lambda item: item[0])
            ),
        )
        for (leaf, kind), ratchet in tree.ratchets.items()
    )
    return _SecretTree(
        tree.capacity, _numbered(tree.nodes), tuple(_Ratchet(*each) for each in ratchets)
    )


def _unpack_secret_tree(saved: _SecretTree) -> SecretTree:
    return SecretTree(
        saved.capacity,
        _map(saved.nodes),
        HashTrieMap(
            {
                (
                    item.leaf,
                    RatchetKind.APPLICATION if item.application else RatchetKind.HANDSHAKE,
                ): Ratchet(
                    item.generation,
                    item.secret,
                    HashTrieMap(
                        {each.generation: MessageKey(each.key, each.nonce) for each in item.skipped}
                    ),
                )
                for item in saved.ratchets
            }
        ),
    )
