"""Names for the values of a run: secret keys and seeds by tree node, ciphertexts by position.

Names come from what the protocol itself publishes: the public trees of Tainted TreeKEM, TreeKEM and
MLS, key packages, and the bytes of messages. A value that no public key leads to keeps the generic
name that :class:`~ttkem.testing.knowledge.Storyteller` gives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from ttkem.cgka import TreeMember
from ttkem.crypto.recording import CallKind
from ttkem.mls.tree.ratchet_tree import RatchetTree
from ttkem.tree import KeyTree
from ttkem.tree.drawing import draw

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ttkem.adversary import Game
    from ttkem.crypto.recording import Call, Recorder

__all__ = ["Names", "PublicTree", "public_tree"]

PublicTree: TypeAlias = KeyTree | RatchetTree
LARGE = 16
"""The number of leaves beyond which pictures of a tree are folded."""


def public_tree(member: object, operation: bytes | None = None) -> PublicTree | None:
    """Return the public tree of a member, or that of its pending operation; None without one."""
    if isinstance(member, TreeMember):
        groups = {pending.id: pending.group for pending in member.state.pending}
        group = member.state.group if operation is None else groups.get(operation)
        return None if group is None else group.public.tree
    if operation is None and getattr(member, "in_group", False):
        tree = getattr(getattr(getattr(member, "group", None), "state", None), "tree", None)
        return tree if isinstance(tree, RatchetTree) else None
    return None


def _nodes(tree: PublicTree) -> Iterator[tuple[int, bytes, str]]:
    """Yield array index, public key and name of every node that has a key."""
    if isinstance(tree, KeyTree):
        for number, leaf in tree.roster():
            yield 2 * number, leaf.public_key, f"{leaf.identity}'s leaf"
        for node, content in tree.internal_nodes():
            yield node, content.public_key, f"node {node}"
        return
    for number, entry in tree.leaves():
        identity = getattr(entry.node.credential, "identity", b"").decode(errors="replace")
        yield 2 * number, entry.node.encryption_key, f"{identity or f'member {number}'}'s leaf"
    for node, parent, _ in tree.parents():
        yield node, parent.encryption_key, f"node {node}"


class Names(Mapping[bytes, str]):
    """The names of one run's values, found when the first one is asked for.

    ``trees`` holds the public tree after each operation.
    """

    def __init__(self, game: Game, recorder: Recorder, trees: Mapping[int, PublicTree]) -> None:
        self._game = game
        self._recorder = recorder
        self._trees = trees
        self._public_keys: dict[bytes, set[bytes]] = defaultdict(set)
        """For secret keys, keying material and seeds the public keys of their nodes."""

    def __getitem__(self, value: bytes) -> str:
        return self._names[value]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @cached_property
    def _names(self) -> dict[bytes, str]:
        """All names."""
        places = _places(self._game, self._recorder, self._trees)
        names = self._of_pairs(places)
        names.update((public, f"the public key of {place}") for public, place in places.items())
        names.update((key, f"the group key of op {op}") for op, key in self._game.keys.items())
        return {**_of_ciphertexts(self._game, self._recorder, places), **names}

    def picture(self, op: int, learned: Collection[bytes]) -> str:
        """Return the trees in which learned secrets belong to nodes, those nodes starred.

        That is the first such tree and the tree after ``op``; empty unless it is a
        :class:`~ttkem.tree.KeyTree`.
        """
        named = [value for value in learned if value in self]
        keys = {key for value in named for key in self._public_keys.get(value, ())}
        marked = {
            each: {node for node, key, _ in _nodes(tree) if key in keys}
            for each, tree in sorted(self._trees.items())
        }
        first = [each for each, nodes in marked.items() if nodes][:1]
        if not first:
            return ""
        parts = []
        for each in dict.fromkeys((*first, op)):
            tree = self._trees.get(each)
            if isinstance(tree, KeyTree):
                parts.append(f"the tree after op {each} (* the leak gives the node's secret):")
                parts.append(draw(tree, marked[each], folded=tree.capacity > LARGE))
        return "\n".join(parts)

    def _of_pairs(self, places: Mapping[bytes, str]) -> dict[bytes, str]:
        """Name secret keys after their public keys, and what they are derived from."""
        sources = _sources(self._recorder)
        several: dict[bytes, dict[str, None]] = defaultdict(dict)
        for call in self._recorder.calls:
            public, secret, material = _pair(call)
            place = places.get(public)
            if place is None:
                continue
            values = [(secret, "secret key")]
            for ikm in material:
                seed = sources.get(ikm)
                values += [(ikm, "seed")] if seed is None else [(ikm, "keying material")]
                values += [] if seed is None else [(seed, "seed")]
            for value, kind in values:
                several[value][f"the {kind} of {place}"] = None
                self._public_keys[value].add(public)
        return {value: ", which is also ".join(names) for value, names in several.items()}


def _of_ciphertexts(
    game: Game, recorder: Recorder, places: Mapping[bytes, str]
) -> dict[bytes, str]:
    """Return names for the ciphertexts in messages and welcomes, numbered by position."""
    sealed: dict[bytes, bytes] = {}
    for call in recorder.calls:
        if call.kind is CallKind.SEAL:
            sealed.setdefault(call.outputs[1], call.inputs[0])
        elif call.kind is CallKind.AEAD:
            sealed.setdefault(call.outputs[0], b"")
    sent = [(f"op {op}", made.message) for op, made in game.operations.items()]
    sent += [(f"the welcome of op {op}", data) for op, data in game.welcomes.items()]
    names: dict[bytes, str] = {}
    for where, blob in sent:
        inside = sorted((at, data) for data in sealed if data and (at := blob.find(data)) >= 0)
        for number, (_, data) in enumerate(inside, 1):
            place = places.get(sealed[data])
            to = "" if place is None else f" to {place}"
            names.setdefault(data, f"ciphertext {number} of {where}{to}")
    return names


def _places(game: Game, recorder: Recorder, trees: Mapping[int, PublicTree]) -> dict[bytes, str]:
    """Return where every public key belongs: to a key package, or to a node since an op."""
    places = {member.signature_key: f"{who}'s signature" for who, member in game.members.items()}
    nodes: dict[bytes, str] = {}
    for op in sorted(trees):
        for _, key, name in _nodes(trees[op]):
            nodes.setdefault(key, f"{name} (op {op})")
    for public in (*nodes, *(_pair(call)[0] for call in recorder.calls)):
        inside = (key for key, data in game.packages.items() if public and public in data)
        package = next(inside, None)
        if package is not None:
            owner = game.ledger.keys[package]
            place = f"{owner}'s leaf (key package {package})"
            places.setdefault(public, place if public in nodes else f"{owner}'s init key {package}")
    for public, name in nodes.items():
        places.setdefault(public, name)
    return places


def _pair(call: Call) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """Return public key, secret key and keying material of a call; empty for other calls."""
    if call.kind is CallKind.KEY_PAIR:
        return call.outputs[0], call.outputs[1], call.inputs
    if call.kind is CallKind.PUBLIC_KEY:
        return call.outputs[0], call.inputs[0], ()
    return b"", b"", ()


def _sources(recorder: Recorder) -> dict[bytes, bytes]:
    """Return, for every value that was derived with a key, that key."""
    return {
        output: call.inputs[0]
        for call in recorder.calls
        if call.kind is CallKind.DERIVE and len(call.inputs) > 1
        for output in call.outputs
    }
