"""Inspection: messages as readable structures, ratchet trees as pictures (own design)."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

from ttkem.crypto import SUITES
from ttkem.errors import DecodeError, LocalError, RemoteError
from ttkem.mls.keys.key_schedule import labelled
from ttkem.mls.messages.codepoints import GREASE, ExtensionType, ProtocolVersion, WireFormat
from ttkem.mls.messages.content import Commit
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.extensions import Extension, find_extension
from ttkem.mls.messages.framing import PrivateMessage, PublicMessage
from ttkem.mls.messages.group_context import GroupContext
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.leaf_node import LeafNode
from ttkem.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from ttkem.mls.messages.welcome import GroupInfo, GroupSecrets, Welcome
from ttkem.mls.tree.parent_hash import key_owner
from ttkem.mls.tree.ratchet_tree import read_ratchet_tree
from ttkem.tree.math import is_leaf, left, level, right
from ttkem.wire import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ttkem.crypto import CipherSuite
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = [
    "KINDS",
    "STRUCTURES",
    "Inspection",
    "NodeView",
    "describe",
    "draw",
    "inspect",
    "svg",
    "views",
]

_SHOWN = 16
"""The number of bytes shown of a long value."""


STRUCTURES: Mapping[str, type[object]] = MappingProxyType(
    {
        structure.__name__: structure
        for structure in (
            PublicMessage,
            PrivateMessage,
            Welcome,
            GroupInfo,
            KeyPackage,
            GroupContext,
            GroupSecrets,
            LeafNode,
            Commit,
            Add,
            Update,
            Remove,
            PreSharedKey,
            ReInit,
            ExternalInit,
            GroupContextExtensions,
        )
    }
)
"""The structures that :func:`inspect` reads without the envelope ``MLSMessage``, by name."""

_ENVELOPES = tuple(bytes((0, ProtocolVersion.MLS10, 0, each)) for each in WireFormat)
"""The first four bytes of an ``MLSMessage``: its version and its wire format (section 6)."""

MESSAGE, TREE = "MLSMessage", "RatchetTree"
KINDS = (MESSAGE, TREE, *STRUCTURES)
"""The kinds of bytes that :func:`inspect` reads."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The decoded content of some bytes."""

    kind: str
    structure: tuple[str, ...]
    """The lines of :func:`describe`; empty for a ratchet tree, which is drawn instead."""
    tree: RatchetTree | None
    suite: CipherSuite | None


def inspect(data: bytes, suite: CipherSuite, kind: str | None = None) -> Inspection:
    """Read the encoding of one of :data:`KINDS`.

    If ``kind`` is None, read an MLSMessage or else a ratchet tree if the bytes are one, otherwise
    the only other structure that they encode. ``data`` may be hexadecimal text. ``suite`` is the
    cipher suite of a ratchet tree, which does not contain it. Raise a DecodeError if the bytes are
    not of this kind, or encode none or several; raise a LocalError for an unknown kind.
    """
    if kind is not None and kind not in KINDS:
        raise LocalError(f"unknown kind of structure {kind!r}: choose from {', '.join(KINDS)}")
    data = _binary(data)
    if kind is None:
        return _recognise(data, suite)
    try:
        return _inspect_as(kind, data, suite)
    except RemoteError as error:
        raise DecodeError(f"cannot read this as {kind}: {error}") from None


def _recognise(data: bytes, suite: CipherSuite) -> Inspection:
    """Read the encoding of a kind that is not named."""
    found, errors = {}, {}
    for kind in KINDS:
        try:
            found[kind] = _inspect_as(kind, data, suite)
        except RemoteError as error:
            errors[kind] = error
        else:
            if kind in {MESSAGE, TREE}:
                break
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise DecodeError(
            f"these bytes can be read as {' or '.join(found)}: say which one is meant (--as)"
        )
    if data.startswith(_ENVELOPES):
        raise DecodeError(f"cannot read this MLSMessage: {errors[MESSAGE]}")
    raise DecodeError(
        f"cannot read this as any known structure: as an MLSMessage, {errors[MESSAGE]}; as a "
        f"ratchet tree, {errors[TREE]}"
    )


def _inspect_as(kind: str, data: bytes, suite: CipherSuite) -> Inspection:
    """Read the encoding of one kind; raise a RemoteError if the bytes are none."""
    if kind == TREE:
        return Inspection(kind, (), read_ratchet_tree(suite, data), suite)
    value = read_message(data) if kind == MESSAGE else decode(STRUCTURES[kind], data)
    tree, its_suite = None, None
    if isinstance(value, GroupInfo):
        content = find_extension(value.extensions, ExtensionType.RATCHET_TREE)
        its_suite = SUITES.get(value.group_context.cipher_suite)
        if content is not None and its_suite is not None:
            tree = read_ratchet_tree(its_suite, content)
    return Inspection(type(value).__name__, tuple(describe(value)), tree, its_suite)


def _binary(data: bytes) -> bytes:
    """Decode hexadecimal text; return other bytes unchanged."""
    try:
        return bytes.fromhex(data.decode("ascii").strip())
    except ValueError:
        return data


def describe(value: object, name: str = "", indent: int = 0) -> Iterator[str]:
    """Yield a structure as lines, one for each field, indented by level."""
    margin = "  " * indent
    prefix = f"{margin}{name}: " if name else margin
    if isinstance(value, Extension):
        yield f"{prefix}{_extension(value.extension_type)}, {_bytes(value.extension_data)}"
    elif is_dataclass(value) and not isinstance(value, type):
        yield f"{prefix}{type(value).__name__}"
        for field in fields(value):
            yield from describe(getattr(value, field.name), field.name, indent + 1)
    elif isinstance(value, tuple) and value and not isinstance(value[0], int):
        yield f"{prefix}{len(value)}"
        for number, item in enumerate(value):
            yield from describe(item, f"[{number}]", indent + 1)
    else:
        yield prefix + _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, tuple):
        return ", ".join(_number(item) for item in value) or "none"
    if isinstance(value, Enum):
        return value.name.lower()
    return "none" if value is None else str(value)


def _bytes(value: bytes) -> str:
    if value.isascii() and value and value.decode().isprintable():
        return repr(value.decode())
    more = "…" if len(value) > _SHOWN else ""
    return f"{value[:_SHOWN].hex()}{more} ({len(value)} bytes)"


def _number(value: int) -> str:
    return f"{value:#06x} (GREASE)" if value in GREASE else str(value)


def _extension(number: int) -> str:
    known = {kind.value: kind.name.lower() for kind in ExtensionType}
    return known.get(number) or _number(number)


# Trees


@dataclass(frozen=True, slots=True)
class NodeView:
    """The description of a node in a picture."""

    index: int
    text: str
    kind: str
    """``member``, ``blank leaf``, ``key`` or ``blank``."""
    children: tuple[int, ...]


def views(suite: CipherSuite, tree: RatchetTree) -> dict[int, NodeView]:
    """Return all nodes by array index: members with their commit cost, keys with their owner.

    The cost is the number of path secrets that the member's next commit encrypts; ``unmerged`` are
    the node's unmerged leaves, ``resolution`` is the size of a blank node's resolution.
    """
    crypto = labelled(suite)
    found = {}
    for index in range(2 * tree.capacity - 1):
        if is_leaf(index):
            leaf = tree.leaf(index // 2)
            cost = 0 if leaf is None else _commit_cost(tree, index // 2)
            text = "_" if leaf is None else f"{_identity(leaf)} [{index // 2}] commit costs {cost}"
            found[index] = NodeView(index, text, "member" if leaf else "blank leaf", ())
            continue
        parent = tree.parent(index)
        children = (left(index), right(index))
        if parent is None:
            size = len(tree.nodes.summary(index).resolution)
            text, kind = f"({index}) blank, resolution {size}", "blank"
        else:
            owner = key_owner(crypto, tree, index)
            text, kind = f"({index}) by {'?' if owner is None else owner}", "key"
            if parent.unmerged_leaves:
                text += f", unmerged {', '.join(map(str, parent.unmerged_leaves))}"
        found[index] = NodeView(index, text, kind, children)
    return found


def _commit_cost(tree: RatchetTree, leaf: int) -> int:
    return sum(len(step.copath.resolution) for step in tree.filtered_path(leaf))


def _identity(leaf: LeafNode) -> str:
    credential = leaf.credential
    return (
        credential.identity.decode(errors="replace")
        if isinstance(credential, BasicCredential)
        else type(credential).__name__
    )


def draw(suite: CipherSuite, tree: RatchetTree) -> str:
    """Draw the tree as text, one line for each node, with the root at the left."""
    found = views(suite, tree)

    def lines(index: int, branch: str, margin: str) -> Iterator[str]:
        view = found[index]
        yield branch + view.text
        for child, fork, below in zip(view.children, ("├─ ", "└─ "), ("│  ", "   "), strict=False):
            yield from lines(child, margin + fork, margin + below)

    return "\n".join(lines(tree.nodes.root, "", ""))


_COLOURS = {"member": "#1b6ca8", "blank leaf": "#bbbbbb", "key": "#2e8b57", "blank": "#bbbbbb"}
_WIDTH, _HEIGHT = 90, 70


def svg(suite: CipherSuite, tree: RatchetTree) -> str:
    """Draw the tree as SVG, with leaves at the bottom, keys in green, blank nodes in grey."""
    found = views(suite, tree)
    height = level(tree.nodes.root)
    place = {
        index: (_WIDTH // 2 * (index + 1), _HEIGHT * (height - level(index)) + 30)
        for index in found
    }
    out = []
    for index, view in found.items():
        x, y = place[index]
        for child in view.children:
            to_x, to_y = place[child]
            out.append(f'<line x1="{x}" y1="{y}" x2="{to_x}" y2="{to_y}" stroke="#888888"/>')
    for index, view in found.items():
        x, y = place[index]
        out.append(f'<circle cx="{x}" cy="{y}" r="7" fill="{_COLOURS[view.kind]}"/>')
        words = view.text.replace(" commit", ", commit").split(", ")
        for line, word in enumerate(words):
            at = y + 20 + 11 * line
            out.append(f'<text x="{x}" y="{at}" text-anchor="middle">{escape(word)}</text>')
    width, total = _WIDTH * tree.capacity + _WIDTH, _HEIGHT * (height + 1) + 30
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" '
        'font-family="sans-serif" font-size="10">'
    )
    return "\n".join((head, *out, "</svg>", ""))
