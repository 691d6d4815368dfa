"""The key tree as a machine against dictionaries; its hash, its indices, its picture."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ttkem.cgka.messages import PublicInternalNode, PublicLeaf
from ttkem.errors import LocalError
from ttkem.tree import InternalNode, KeyTree, Leaf, draw
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Hashable

NAMES = "abcdefghijkl"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaf_of(name: str, key: bytes = b"") -> Leaf:
    return Leaf(name, b"signature " + name.encode(), key or b"key " + name.encode())


class Model:
    """A capacity, members by leaf number, keyed internal nodes by array index."""

    def __init__(
        self, capacity: int, members: dict[int, Leaf], internal: dict[int, InternalNode]
    ) -> None:
        self.capacity, self.members, self.internal = capacity, members, internal

    def copy(self) -> Model:
        return Model(self.capacity, dict(self.members), dict(self.internal))

    def subtrees(self) -> dict[int, tuple[int, int]]:
        """First leaf number below every node, and the one after the last."""
        found = {}
        todo = [(0, self.capacity)]
        while todo:
            first, end = todo.pop()
            found[first + end - 1] = (first, end)
            if end - first > 1:
                middle = (first + end) // 2
                todo += [(first, middle), (middle, end)]
        return found

    def below(self, node: int) -> list[int]:
        """Leaf numbers of the members below a node."""
        return sorted(number for number in self.members if number in range(*self.subtrees()[node]))

    def resolution(self, first: int, end: int) -> tuple[int, ...]:
        """RFC 9420 section 4.1.1, without unmerged leaves, word for word."""
        node = first + end - 1
        if end - first == 1:
            return (node,) if first in self.members else ()
        if node in self.internal:
            return (node,)
        middle = (first + end) // 2
        return self.resolution(first, middle) + self.resolution(middle, end)

    def drop_empty(self) -> None:
        """Without what nobody is below."""
        ranges = self.subtrees()
        for node in list(self.internal):
            if node not in ranges or not self.below(node):
                del self.internal[node]

    def content(self) -> Hashable:
        """All that is public; an empty tree is an empty tree, whatever room it has."""
        if not self.members:
            return None
        return (self.capacity, frozenset(self.members.items()), frozenset(self.internal.items()))


class KeyTreeMachine(RuleBasedStateMachine):
    """Random joins, removals, new keys and taints, growth and truncation."""

    hash_of: ClassVar[dict[Hashable, bytes]] = {}
    content_of: ClassVar[dict[bytes, Hashable]] = {}

    @initialize()
    def start(self) -> None:
        self.tree, self.model = KeyTree.empty(sha256), Model(2, {}, {})

    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        numbers = data.draw(
            st.lists(st.integers(0, self.model.capacity - 1), min_size=1, max_size=4, unique=True)
        )
        names = data.draw(
            st.lists(st.sampled_from(NAMES), min_size=len(numbers), max_size=len(numbers))
        )
        new = {number: leaf_of(name) for number, name in zip(numbers, names, strict=True)}
        here = {leaf.identity for leaf in self.model.members.values()}
        if len(set(names)) < len(names) or here & set(names) or self.model.members.keys() & new:
            with pytest.raises(LocalError, match=r"is a member already|is taken"):
                self.tree.with_members(new)
            return
        self.tree = self.tree.with_members(new)
        self.model = self.model.copy()
        self.model.members.update(new)

    @precondition(lambda self: len(self.model.members) < len(NAMES))
    @rule(data=st.data())
    def join_leftmost(self, data: st.DataObject) -> None:
        here = {leaf.identity for leaf in self.model.members.values()}
        name = data.draw(st.sampled_from([name for name in NAMES if name not in here]))
        number = self.tree.free_leaf()
        if number == self.model.capacity:
            self.double()
        self.tree = self.tree.with_members({number: leaf_of(name)})
        self.model = self.model.copy()
        self.model.members[number] = leaf_of(name)

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, self.model.capacity - 1))
        if number not in self.model.members:
            with pytest.raises(LocalError, match=f"path of leaf {number}: the leaf is empty$"):
                self.tree.without_member(number)
            return
        self.tree = self.tree.without_member(number)
        self.model = self.model.copy()
        del self.model.members[number]
        self.model.drop_empty()

    @rule(data=st.data())
    def change_keys(self, data: st.DataObject) -> None:
        numbers = st.integers(0, self.model.capacity - 1)
        nodes = st.sampled_from(range(1, 2 * self.model.capacity - 2, 2))
        keys = st.binary(max_size=2)
        leaf_keys = data.draw(st.dictionaries(numbers, keys, max_size=2))
        content = st.none() | st.builds(InternalNode, keys, st.none() | numbers)
        internal = data.draw(st.dictionaries(nodes, content, max_size=5))
        homeless = [node for node, held in internal.items() if held and not self.model.below(node)]
        if leaf_keys.keys() - self.model.members.keys():
            with pytest.raises(LocalError, match="cannot set the key of leaf"):
                self.tree.with_keys(leaf_keys, internal)
            return
        if homeless:
            with pytest.raises(LocalError, match="no leaf is below it"):
                self.tree.with_keys(leaf_keys, internal)
            internal = {node: held for node, held in internal.items() if node not in homeless}
        self.tree = self.tree.with_keys(leaf_keys, internal)
        self.model = self.model.copy()
        for number, key in leaf_keys.items():
            self.model.members[number] = replace(self.model.members[number], public_key=key)
        for node, held in internal.items():
            self.model.internal.pop(node, None)
            if held is not None:
                self.model.internal[node] = held

    @precondition(lambda self: self.model.capacity < 16)
    @rule()
    def double(self) -> None:
        self.tree = self.tree.doubled()
        self.model = self.model.copy()
        self.model.capacity *= 2

    @rule()
    def truncate(self) -> None:
        self.tree = self.tree.truncated()
        self.model = self.model.copy()
        while self.model.capacity > 2 and all(
            number < self.model.capacity // 2 for number in self.model.members
        ):
            self.model.capacity //= 2
        self.model.drop_empty()

    @invariant()
    def members_are_where_they_sat_down(self) -> None:
        tree, model = self.tree, self.model
        assert (tree.capacity, tree.root) == (model.capacity, model.capacity - 1)
        assert list(tree.roster()) == sorted(model.members.items(), key=lambda item: item[0])
        assert dict(tree.leaf_of) == {leaf.identity: n for n, leaf in model.members.items()}
        free = set(range(model.capacity + 1)) - model.members.keys()
        assert tree.free_leaf() == min(free)

    @invariant()
    def nodes_hold_what_they_were_given(self) -> None:
        tree, model = self.tree, self.model
        assert list(tree.internal_nodes()) == sorted(
            model.internal.items(), key=lambda item: item[0]
        )
        keys = {2 * number: leaf.public_key for number, leaf in model.members.items()}
        keys.update({node: internal.public_key for node, internal in model.internal.items()})
        ranges = model.subtrees()
        assert tree.public_keys(ranges) == keys
        for node in ranges:
            held = model.internal.get(node)
            assert tree.internal(node) == held
            assert tree.taint(node) == (held.taint if held else None)
            assert tree.public_key(node) == keys.get(node)
        for number in range(model.capacity):
            assert tree.leaf(number) == model.members.get(number)

    @invariant()
    def summaries_are_right(self) -> None:
        for node, ends in self.model.subtrees().items():
            below = self.model.below(node)
            assert self.tree.members(node) == len(below)
            assert self.tree.resolution(node) == self.model.resolution(*ends)
            for number in range(self.model.capacity):
                assert self.tree.only_member_below(node, number) == (below == [number])

    @invariant()
    def paths_lead_from_the_leaf_to_the_root(self) -> None:
        ranges = self.model.subtrees()
        for number in range(self.model.capacity):
            above = [node for node, (first, end) in ranges.items() if first <= number < end]
            path = sorted(above, key=lambda node: ranges[node][1] - ranges[node][0])
            assert self.tree.path(number) == tuple(path[1:])
            if number in self.model.members:
                nodes = [(node, self.tree.tree.node(node)) for node in path]
                assert self.tree.path_nodes(number) == nodes
            else:
                with pytest.raises(LocalError, match=f"path of leaf {number}: the leaf is empty$"):
                    self.tree.path_nodes(number)

    @invariant()
    def the_index_of_taints_equals_a_scan(self) -> None:
        scan: dict[int, Any] = {}
        for node, internal in self.model.internal.items():
            if internal.taint is not None:
                scan.setdefault(internal.taint, set()).add(node)
        assert dict(self.tree.tainted_by) == scan
        for number in range(self.model.capacity):
            assert self.tree.tainter_nodes(number) == scan.get(number, set())

    @invariant()
    def the_index_of_signature_keys_equals_a_scan(self) -> None:
        scan = {leaf.signature_key: leaf.identity for leaf in self.model.members.values()}
        assert dict(self.tree.signer_of) == scan

    @invariant()
    def the_length_in_a_snapshot_is_not_exceeded(self) -> None:
        """As if every node with a member below it had a key of 40 bytes and a tainter."""
        tree = self.tree
        leaves = tuple(
            PublicLeaf(2 * number, leaf.identity, leaf.signature_key, leaf.public_key)
            for number, leaf in tree.roster()
        )
        internal = tuple(
            PublicInternalNode(node, bytes(40), 0)
            for node in range(1, 2 * tree.capacity - 1, 2)
            if tree.members(node)
        )
        spent = sum(len(encode(each)) for each in (*leaves, *internal))
        # The lengths take one byte of their three or four here, since all fields are short.
        assert spent <= tree.snapshot_bytes(40) <= spent + 9 * len(leaves) + 3 * len(internal)

    @invariant()
    def the_hash_stands_for_the_content(self) -> None:
        content, digest = self.model.content(), self.tree.hash
        assert self.hash_of.setdefault(content, digest) == digest
        assert self.content_of.setdefault(digest, content) == content


KeyTreeMachine.TestCase.settings = settings(stateful_step_count=20)
TestKeyTree = KeyTreeMachine.TestCase


def three_members() -> KeyTree:
    """Alice, Bob and Carol at capacity 4, node 1 blank."""
    names = ("alice", "bob", "carol")
    tree = KeyTree.empty(sha256).doubled().with_members(dict(enumerate(map(leaf_of, names))))
    return tree.with_keys({}, {3: InternalNode(b"root", 1), 5: InternalNode(b"five")})


def test_every_public_field_changes_the_hash() -> None:
    tree = three_members()
    without_bob = tree.without_member(1)
    bob = leaf_of("bob")
    trees = {
        "as it was": tree,
        "empty": KeyTree.empty(sha256),
        "capacity": tree.doubled(),
        "one fewer": without_bob,
        "identity": without_bob.with_members({1: replace(bob, identity="bo")}),
        "signature key": without_bob.with_members({1: replace(bob, signature_key=b"s")}),
        "public key": without_bob.with_members({1: replace(bob, public_key=b"p")}),
        "where bob sits": without_bob.with_members({3: bob}),
        "boundary": without_bob.with_members(
            {1: Leaf("bobs", bob.signature_key[1:], bob.public_key)}
        ),
        "root key": tree.with_keys({}, {3: InternalNode(b"roots", 1)}),
        "root taint": tree.with_keys({}, {3: InternalNode(b"root", 0)}),
        "no root taint": tree.with_keys({}, {3: InternalNode(b"root")}),
        "a taint that looks like a key": tree.with_keys({}, {3: InternalNode(b"root\0\0\0\1")}),
        "blank root": tree.with_keys({}, {3: None}),
        "empty key": tree.with_keys({}, {3: InternalNode(b"")}),
        "empty key, taint 0": tree.with_keys({}, {3: InternalNode(b"", 0)}),
        "key of node 5": tree.with_keys({}, {5: InternalNode(b"fives")}),
        "taint of node 5": tree.with_keys({}, {5: InternalNode(b"five", 0)}),
        "node 1 instead": tree.with_keys({}, {5: None, 1: InternalNode(b"five")}),
    }
    assert len({changed.hash for changed in trees.values()}) == len(trees)
    assert without_bob.with_members({1: bob}).hash == tree.hash


def test_the_hash_spelled_out() -> None:
    tree = KeyTree.empty(sha256)
    assert tree.hash == sha256(b"\0")
    tree = tree.with_members({0: Leaf("al", b"sig", b"p")})
    al = sha256(b"\1" + b"\0\0\0\2al" + b"\0\0\0\3sig" + b"\0\0\0\1p")
    nobody = sha256(b"\0")
    assert tree.hash == sha256(b"\2\1" + b"\0\0\0\0" + al + nobody)
    tree = tree.with_keys({}, {1: InternalNode(b"key", 0x0102)})
    assert tree.hash == sha256(b"\2\1" + b"\0\0\0\x0b" + b"\0\0\0\3key\0\0\1\2" + al + nobody)
    doubled = tree.doubled()
    assert doubled.hash == sha256(b"\2\2" + b"\0\0\0\0" + tree.hash + nobody)
    assert doubled.truncated().hash == tree.hash


def test_a_full_tree_is_free_behind_its_end() -> None:
    tree = KeyTree.empty(sha256)
    for number, name in enumerate(NAMES[:8]):
        assert tree.free_leaf() == number
        if number == tree.capacity:
            tree = tree.doubled()
        tree = tree.with_members({number: leaf_of(name)})
    assert tree.free_leaf() == tree.capacity == 8
    assert tree.without_member(5).without_member(2).free_leaf() == 2


def test_truncation_stops_at_two_and_at_the_last_member() -> None:
    tree = three_members().doubled().doubled().with_keys({}, {15: InternalNode(b"top", 2)})
    assert tree.tainter_nodes(2) == {15}
    cut = tree.truncated()
    assert (cut.capacity, cut.hash) == (4, three_members().hash)
    assert cut.tainter_nodes(2) == set()
    alone = cut.without_member(2).without_member(1).without_member(0).truncated()
    assert (alone.capacity, list(alone.roster()), dict(alone.tainted_by)) == (2, [], {})
    assert alone.truncated().capacity == 2


def test_taints_move_with_the_tainter() -> None:
    tree = three_members()
    assert tree.tainter_nodes(1) == {3}
    assert tree.tainter_nodes(0) == set()
    tree = tree.with_keys({}, {3: InternalNode(b"root", 0), 5: InternalNode(b"five", 0)})
    assert tree.tainter_nodes(1) == set()
    assert tree.tainter_nodes(0) == {3, 5}
    tree = tree.without_member(2)  # carol, alone below 5
    assert tree.tainter_nodes(0) == {3}
    assert dict(tree.tainted_by) == {0: frozenset({3})}


def test_what_there_is_not() -> None:
    tree = three_members()
    for use in (tree.leaf, tree.without_member, tree.path):
        for number in (-1, 4):
            with pytest.raises(LocalError, match="a tree of 4 leaves has no such node"):
                use(number)
    with pytest.raises(LocalError, match="a tree of 4 leaves has no such node"):
        tree.with_members({4: leaf_of("dave")})
    with pytest.raises(LocalError, match="at leaf 1: it is taken"):
        tree.with_members({1: leaf_of("dave")})
    with pytest.raises(LocalError, match="'bob' is a member already"):
        tree.with_members({3: leaf_of("bob")})
    with pytest.raises(LocalError, match="'dave' is a member already"):  # by the same call
        tree.doubled().with_members({3: leaf_of("dave"), 4: leaf_of("dave")})
    eve = replace(leaf_of("eve"), signature_key=leaf_of("bob").signature_key)
    with pytest.raises(LocalError, match="cannot add 'eve': its signature key is that of 'bob'"):
        tree.with_members({3: eve})
    assert tree.without_member(1).with_members({3: eve}).leaf_of["eve"] == 3
    with pytest.raises(LocalError, match="cannot set the key of leaf 3: it is empty"):
        tree.with_keys({3: b"key"}, {})
    with pytest.raises(LocalError, match="cannot return the path of leaf 3: the leaf is empty"):
        tree.path_nodes(3)
    with pytest.raises(LocalError, match="cannot set a payload at node 5"):
        tree.without_member(2).with_keys({}, {5: InternalNode(b"key")})
    with pytest.raises(LocalError, match="internal nodes odd"):
        tree.with_keys({}, {2: InternalNode(b"key")})


def test_nobody_is_alone_where_another_is() -> None:
    tree = three_members()  # leaf 3 is empty, beside carol
    assert tree.only_member_below(5, 2)
    assert not tree.only_member_below(5, 3)
    assert not tree.only_member_below(5, 0)
    assert not tree.only_member_below(3, 2)


def test_a_picture_of_three_members() -> None:
    assert (
        draw(three_members(), refreshed=(3, 4))
        == """\
(3) tainted by bob *
├─ (1) blank
│  ├─ alice
│  └─ bob
└─ (5)
   ├─ carol *
   └─ ·"""
    )


def test_a_picture_of_an_empty_half() -> None:
    assert (
        draw(three_members().without_member(1).doubled())
        == """\
(7) blank
├─ (3)
│  ├─ (1) blank
│  │  ├─ alice
│  │  └─ ·
│  └─ (5)
│     ├─ carol
│     └─ ·
└─ ·"""
    )


def test_a_picture_of_nobody() -> None:
    assert draw(KeyTree.empty(sha256)) == "·"
