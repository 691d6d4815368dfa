"""The transitions of a group member, as pure functions on frozen states (specification T5).

An author makes an operation with :func:`author_operation`, a create on the :func:`genesis`.
Everybody else checks its message with :func:`read`, which needs no secrets, and moves to the next
epoch with :func:`follow`. A transition returns a new state or raises; it never changes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.cgka import seeds
from ttkem.cgka.interface import Kind
from ttkem.cgka.key_packages import read_key_package
from ttkem.cgka.messages import (
    Add,
    Body,
    Content,
    ControlMessage,
    Create,
    Remove,
    Signed,
    TranscriptInput,
)
from ttkem.cgka.plan import Change, Plan, TreeProtocol
from ttkem.errors import CryptoError, HistoryError, InvalidMessageError, LocalError
from ttkem.tree import InternalNode, KeyTree, Leaf
from ttkem.wire import decode, encode
from ttkem.wire.limits import TREE_BYTES, check_message_length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.crypto import Randomness

__all__ = [
    "Authored",
    "GroupState",
    "Incoming",
    "PublicState",
    "author_operation",
    "follow",
    "genesis",
    "has_room",
    "read",
]


@dataclass(frozen=True, slots=True)
class PublicState:
    """The public part of a group's state in one epoch, which the delivery service may know."""

    tree: KeyTree
    epoch: int
    transcript_hash: bytes


@dataclass(frozen=True, slots=True)
class GroupState:
    """A member's state in one epoch, with exactly the secrets of the tree invariant.

    KPWK21 section 3: the secret keys of its own leaf and of its path, and the group key.
    """

    public: PublicState
    leaf: int
    """Own leaf number."""
    secrets: HashTrieMap[int, bytes]
    """Secret keys by array index."""
    group_key: bytes | None
    """None where the latest operation made none (blanking TreeKEM without commit)."""


@dataclass(frozen=True, slots=True)
class Authored:
    """An operation that its author has made: the message, and the state that it leads to."""

    message: bytes
    state: GroupState
    plan: Plan
    ciphertexts: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A control message whose signature, history and public part have been checked."""

    change: Change
    content: Content
    content_bytes: bytes
    confirmation: bytes | None
    plan: Plan
    after: KeyTree


def genesis(protocol: TreeProtocol) -> PublicState:
    """Return the public state before a create: an empty tree, without history."""
    return PublicState(KeyTree.empty(protocol.suite.hash), 0, b"")


def author_operation(
    protocol: TreeProtocol,
    public: PublicState,
    body: Body,
    author: int,
    secrets: Mapping[int, bytes],
    signature_secret: bytes,
    randomness: Randomness,
) -> Authored:
    """Make an operation as its author: change the tree, refresh, encrypt, sign.

    ``secrets`` are the author's secret keys by array index, empty for a create. The caller must
    check that the operation is possible (that nobody is added twice, for example). Raise a
    :class:`~ttkem.errors.LocalError` if the tree has no room for the new members.
    """
    tree, change = _change(public.tree, body, author)
    if not has_room(protocol, tree):
        raise LocalError(
            "cannot add these members: the group is full, its public tree would take more than "
            f"{TREE_BYTES} bytes; remove others first"
        )
    plan = protocol.plan(tree, change)
    sampled = seeds.sample(protocol, plan, randomness)
    public_keys = {node: pair.public for node, pair in sampled.keys.items()}
    leaf_key = public_keys.pop(2 * author, None)
    after = _with_new_keys(plan, leaf_key, public_keys)
    ciphertexts = seeds.encrypt(protocol, plan, after, sampled, public.transcript_hash, randomness)
    content = encode(
        Content(
            protocol.name,
            protocol.suite.number,
            public.epoch,
            public.transcript_hash,
            public.tree.hash,
            author,
            body,
            leaf_key,
            tuple(public_keys[node] for node in plan.refreshed),
            after.hash,
            ciphertexts,
        )
    )
    keys = {node: pair.secret for node, pair in sampled.keys.items()}
    root_seed = sampled.seeds.get(after.root)
    state, confirmation = _next_state(
        protocol, public, content, after, author, {**secrets, **keys}, root_seed
    )
    signed = Signed(content, confirmation)
    signature = protocol.kdf.sign_with_label(signature_secret, b"control", encode(signed))
    message = encode(ControlMessage(signed, signature))
    return Authored(message, state, plan, len(ciphertexts))


def read(
    protocol: TreeProtocol, public: PublicState, message: bytes, pki: Mapping[str, bytes]
) -> Incoming:
    """Check all of a control message that can be checked without secrets.

    Raise :class:`~ttkem.errors.HistoryError` for a message of another history, and another
    :class:`~ttkem.errors.RemoteError` for everything else that is wrong.
    """
    check_message_length(message)
    control = decode(ControlMessage, message)
    content = decode(Content, control.signed.content)
    if (content.protocol, content.suite) != (protocol.name, protocol.suite.number):
        raise InvalidMessageError(
            f"cannot accept a message of {content.protocol} on suite {content.suite}: "
            f"this group runs {protocol.name} on suite {protocol.suite.number}"
        )
    if content.epoch != public.epoch:
        raise HistoryError(
            f"cannot accept a message of epoch {content.epoch}: "
            f"this member is in epoch {public.epoch}"
        )
    if content.transcript_hash != public.transcript_hash or content.tree_hash != public.tree.hash:
        raise HistoryError(
            "cannot accept a message of another history: its author is on another fork"
        )
    body = content.body
    _check_body(protocol, public.tree, body, content.author, pki)
    signature_key = _author_key(public.tree, content)
    protocol.kdf.verify_with_label(
        signature_key, b"control", encode(control.signed), control.signature
    )
    tree, change = _change(public.tree, body, content.author)
    if not has_room(protocol, tree):
        raise InvalidMessageError(
            "cannot accept the message: the group is full, its public tree would take more than "
            f"{TREE_BYTES} bytes"
        )
    plan = protocol.plan(tree, change)
    after = _with_their_keys(protocol, plan, content)
    return Incoming(
        change, content, control.signed.content, control.signed.confirmation, plan, after
    )


def follow(
    protocol: TreeProtocol,
    public: PublicState,
    incoming: Incoming,
    leaf: int,
    secrets: Mapping[int, bytes],
) -> GroupState:
    """Return the next state of the member at ``leaf``, after another member's operation."""
    new, root_seed = seeds.open_path(
        protocol,
        incoming.plan,
        incoming.after,
        incoming.content.ciphertexts,
        public.transcript_hash,
        leaf,
        secrets,
    )
    state, confirmation = _next_state(
        protocol,
        public,
        incoming.content_bytes,
        incoming.after,
        leaf,
        {**secrets, **new},
        root_seed,
    )
    if not _same(confirmation, incoming.confirmation):
        raise CryptoError(
            "cannot accept the message: the key confirmation is wrong; "
            "the author has another group key"
        )
    return state


def has_room(protocol: TreeProtocol, tree: KeyTree) -> bool:
    """Return whether a tree can be sent to new members, whatever its nodes get for keys later."""
    return tree.snapshot_bytes(protocol.suite.kem.public_length) <= TREE_BYTES


def _same(ours: bytes | None, theirs: bytes | None) -> bool:
    """Return whether two key confirmations are equal, or both absent, in constant time."""
    if ours is None or theirs is None:
        return ours is theirs
    return compare_digest(ours, theirs)


def _change(tree: KeyTree, body: Body, author: int) -> tuple[KeyTree, Change]:
    """Carry out the membership change of an operation, without its keys."""
    if isinstance(body, Create):
        packages = [package.content for package in body.key_packages]
        members = [Leaf(body.identity, body.signature_key, b"")]
        members += [Leaf(p.identity, p.signature_key, p.init_key) for p in packages]
        while tree.capacity < len(members):
            tree = tree.doubled()
        return tree.with_members(dict(enumerate(members))), Change(Kind.CREATE, 0, 0, resized=False)
    if isinstance(body, Add):
        joiner = body.key_package.content
        number, capacity = tree.free_leaf(), tree.capacity
        if number == capacity:
            tree = tree.doubled()
        leaf = Leaf(joiner.identity, joiner.signature_key, joiner.init_key)
        change = Change(Kind.ADD, author, number, resized=tree.capacity != capacity)
        return tree.with_members({number: leaf}), change
    if isinstance(body, Remove):
        after = tree.without_member(body.leaf).truncated()
        return after, Change(
            Kind.REMOVE, author, body.leaf, resized=after.capacity != tree.capacity
        )
    return tree, Change(Kind.UPDATE, author, author, resized=False)


def _check_body(
    protocol: TreeProtocol, tree: KeyTree, body: Body, author: int, pki: Mapping[str, bytes]
) -> None:
    """Raise unless an operation is possible, and its author entitled to it."""
    if isinstance(body, Create) != (not tree.leaf_of):
        raise InvalidMessageError(
            "cannot accept the message: a create starts a group, and no other operation does"
        )
    if isinstance(body, Create):
        _check_create(protocol, body, pki)
    elif isinstance(body, Add):
        _check_add(protocol, tree, body, pki)
    elif isinstance(body, Remove):
        _check_remove(tree, body.leaf, author)


def _check_create(protocol: TreeProtocol, body: Create, pki: Mapping[str, bytes]) -> None:
    """Raise unless the members are who they say, and differ in name and signature key."""
    if pki.get(body.identity) != body.signature_key:
        raise InvalidMessageError(
            f"cannot accept the create: {body.identity!r} has another signature key "
            "in the public-key infrastructure"
        )
    packages = body.key_packages
    if len({body.identity, *(p.content.identity for p in packages)}) != 1 + len(packages):
        raise InvalidMessageError("cannot accept the create: it names somebody twice")
    if len({body.signature_key, *(p.content.signature_key for p in packages)}) != 1 + len(packages):
        raise InvalidMessageError("cannot accept the create: two members have one signature key")
    for package in packages:
        read_key_package(protocol, package, pki)


def _check_add(protocol: TreeProtocol, tree: KeyTree, body: Add, pki: Mapping[str, bytes]) -> None:
    """Raise unless the newcomer is who it says, and differs in name and signature key."""
    read_key_package(protocol, body.key_package, pki)
    joiner = body.key_package.content
    if joiner.identity in tree.leaf_of:
        raise InvalidMessageError(f"cannot accept the add: {joiner.identity!r} is a member already")
    if joiner.signature_key in tree.signer_of:
        raise InvalidMessageError(
            f"cannot accept the add: the signature key of {joiner.identity!r} is that of "
            f"{tree.signer_of[joiner.signature_key]!r}"
        )


def _check_remove(tree: KeyTree, leaf: int, author: int) -> None:
    """Raise unless there is a member at ``leaf``, and it is not the author."""
    if leaf == author:
        raise InvalidMessageError(
            f"cannot accept the remove: its author, at leaf {author}, removes itself"
        )
    if leaf >= tree.capacity or tree.leaf(leaf) is None:
        raise InvalidMessageError(f"cannot accept the remove: there is no member at leaf {leaf}")


def _author_key(tree: KeyTree, content: Content) -> bytes:
    """Return the signature key of the author, who is a member *before* the operation."""
    if isinstance(content.body, Create):
        if content.author != 0:
            raise InvalidMessageError(
                "cannot accept the create: a group's creator has leaf 0, "
                f"and this author has leaf {content.author}"
            )
        return content.body.signature_key
    author = tree.leaf(content.author) if content.author < tree.capacity else None
    if author is None:
        raise InvalidMessageError(
            f"cannot accept the message: there is no member at the author's leaf {content.author}"
        )
    return author.signature_key


def _with_their_keys(protocol: TreeProtocol, plan: Plan, content: Content) -> KeyTree:
    """Return the public tree after an operation, with the keys that its message carries."""
    refreshed = plan.refreshed
    if len(content.public_keys) != len(refreshed):
        raise InvalidMessageError(
            f"cannot accept the message: {len(refreshed)} nodes are refreshed, "
            f"{len(content.public_keys)} keys were sent"
        )
    if (content.leaf_key is not None) != plan.fresh_leaf:
        raise InvalidMessageError(
            "cannot accept the message: it has no leaf key, and its operation needs one"
            if plan.fresh_leaf
            else "cannot accept the message: it has a leaf key, and its operation has none"
        )
    for key in content.public_keys + ((content.leaf_key,) if content.leaf_key is not None else ()):
        protocol.suite.check_public_key(key)
    after = _with_new_keys(
        plan,
        content.leaf_key,
        dict(zip(refreshed, content.public_keys, strict=True)),
    )
    if after.hash != content.new_tree_hash:
        raise InvalidMessageError(
            "cannot accept the message: it leads to another public tree than its author's"
        )
    return after


def _with_new_keys(plan: Plan, leaf_key: bytes | None, public_keys: Mapping[int, bytes]) -> KeyTree:
    internal = {node: InternalNode(key, plan.taints[node]) for node, key in public_keys.items()}
    return plan.tree.with_keys({} if leaf_key is None else {plan.author: leaf_key}, internal)


def _next_state(
    protocol: TreeProtocol,
    public: PublicState,
    content: bytes,
    after: KeyTree,
    leaf: int,
    secrets: Mapping[int, bytes],
    root_seed: bytes | None,
) -> tuple[GroupState, bytes | None]:
    """Return the next epoch of the member at ``leaf``, and its key confirmation tag.

    Of ``secrets`` only those of keyed nodes on the member's path are kept: the tree invariant.
    The group key is derived from the root seed and the transcript hash (specification T5 [D]).
    """
    suite, kdf = protocol.suite, protocol.kdf
    transcript = suite.hash(encode(TranscriptInput(public.transcript_hash, content)))
    kept = {
        index: secrets[index]
        for index, node in after.path_nodes(leaf)
        if (node.leaf or node.internal) is not None
    }
    group_key = confirmation = None
    if root_seed is not None:
        epoch_secret = kdf.expand_with_label(root_seed, b"epoch", transcript, suite.hash_length)
        group_key = kdf.derive_secret(epoch_secret, b"group key")
        confirmation = suite.mac(kdf.derive_secret(epoch_secret, b"confirm"), transcript)
    next_public = PublicState(after, public.epoch + 1, transcript)
    return GroupState(next_public, leaf, HashTrieMap(kept), group_key), confirmation
