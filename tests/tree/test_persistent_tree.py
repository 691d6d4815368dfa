"""The persistent tree as a machine against two dictionaries and a capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ttkem.errors import LocalError
from ttkem.tree import PersistentTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.tree.persistent import Node

Summary: TypeAlias = tuple[Any, ...]
Tree: TypeAlias = "PersistentTree[str, int, Summary]"


class Spelling:
    """A measure whose summaries spell the whole subtree out, and that counts what it makes."""

    def __init__(self) -> None:
        self.made: list[int] = []

    def empty(self, index: int) -> Summary:
        return ("empty", index)

    def leaf(self, index: int, payload: str) -> Summary:
        self.made.append(index)
        return ("leaf", index, payload)

    def internal(self, index: int, payload: int | None, left: Summary, right: Summary) -> Summary:
        self.made.append(index)
        return ("internal", index, payload, left, right)


class Model:
    """What a tree is: occupied leaves and internal payloads by array index, and a capacity."""

    def __init__(self, capacity: int, leaves: dict[int, str], internal: dict[int, int]) -> None:
        self.capacity, self.leaves, self.internal = capacity, leaves, internal

    def copy(self) -> Model:
        return Model(self.capacity, dict(self.leaves), dict(self.internal))

    def occupied(self, first: int, last: int) -> bool:
        """Whether a leaf between these array indices, both included, is occupied."""
        return any(first <= index <= last for index in self.leaves)

    def spell(self, first: int, last: int) -> Summary:
        """The summary of the subtree over these array indices, from scratch."""
        index = (first + last) // 2
        if not self.occupied(first, last):
            return ("empty", index)
        if first == last:
            return ("leaf", index, self.leaves[index])
        below, above = self.spell(first, index - 1), self.spell(index + 1, last)
        return ("internal", index, self.internal.get(index), below, above)

    def ranges(self) -> dict[int, tuple[int, int]]:
        """First and last array index below every node."""
        found = {}
        todo = [(0, 2 * self.capacity - 2)]
        while todo:
            first, last = todo.pop()
            index = (first + last) // 2
            found[index] = (first, last)
            if first < last:
                todo += [(first, index - 1), (index + 1, last)]
        return found


def nodes_of(tree: Tree) -> dict[int, Node[str, int, Summary]]:
    return dict(tree.nodes())


class PersistentTreeMachine(RuleBasedStateMachine):
    """Random changes; the tree and the model say the same, and only touched paths are made anew."""

    @initialize(height=st.integers(0, 3))
    def start(self, height: int) -> None:
        self.measure = Spelling()
        self.tree: Tree = PersistentTree(self.measure, 1 << height)
        self.model = Model(1 << height, {}, {})
        self.history: list[tuple[Tree, Model]] = []

    def step_to(self, tree: Tree, model: Model, touched: set[int]) -> None:
        before, after = nodes_of(self.tree), nodes_of(tree)
        for index, node in after.items():
            if index not in touched:
                assert node is before[index], "a node off the touched paths was made anew"
        assert set(self.measure.made) <= touched
        assert len(self.measure.made) == len(set(self.measure.made)), "a node was made twice"
        self.measure.made.clear()
        self.history.append((self.tree, self.model))
        self.tree, self.model = tree, model

    @rule(data=st.data())
    def replace(self, data: st.DataObject) -> None:
        size = 2 * self.model.capacity - 1
        leaf_indices = st.sampled_from(range(0, size, 2))
        leaves = data.draw(st.dictionaries(leaf_indices, st.none() | st.text("ab", max_size=2)))
        internal: dict[int, int | None] = {}
        if size > 1:
            internal_indices = st.sampled_from(range(1, size, 2))
            internal = data.draw(
                st.dictionaries(internal_indices, st.none() | st.integers(0, 3), max_size=3)
            )
        model = self.model.copy()
        for place, text in leaves.items():
            if text is None:
                model.leaves.pop(place, None)
            else:
                model.leaves[place] = text
        ranges = model.ranges()
        homeless = {
            index
            for index, number in internal.items()
            if number is not None and not model.occupied(*ranges[index])
        }
        if homeless:
            before = nodes_of(self.tree)
            with pytest.raises(LocalError, match="no leaf is below it"):
                self.tree.replace(leaves, internal)
            assert nodes_of(self.tree) == before
            self.measure.made.clear()
            return
        model.internal.update(
            {index: number for index, number in internal.items() if number is not None}
        )
        for index in list(model.internal):
            blanked = index in internal and internal[index] is None
            if blanked or not model.occupied(*ranges[index]):
                del model.internal[index]
        touched = {
            index
            for index, (first, last) in ranges.items()
            if any(first <= changed <= last for changed in (*leaves, *internal))
        }
        self.step_to(self.tree.replace(leaves, internal), model, touched)

    @precondition(lambda self: self.model.capacity < 32)
    @rule()
    def double(self) -> None:
        model = self.model.copy()
        model.capacity *= 2
        self.step_to(self.tree.doubled(), model, {model.capacity - 1})

    @rule()
    def halve(self) -> None:
        middle = self.model.capacity - 1
        if self.model.capacity == 1 or self.model.occupied(middle + 1, 2 * middle):
            with pytest.raises(LocalError, match="right half is not empty"):
                self.tree.halved()
            return
        model = self.model.copy()
        model.capacity //= 2
        model.internal.pop(middle, None)
        self.step_to(self.tree.halved(), model, set())

    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        if self.history:
            self.tree, self.model = data.draw(st.sampled_from(self.history))

    @invariant()
    def says_what_the_model_says(self) -> None:
        self.compare(self.tree, self.model)

    def compare(self, tree: Tree, model: Model) -> None:
        ranges = model.ranges()
        assert tree.capacity == model.capacity
        assert tree.root == model.capacity - 1
        expected = {index for index, ends in ranges.items() if model.occupied(*ends)}
        nodes = nodes_of(tree)
        assert list(nodes) == sorted(expected)
        assert tree.select(ranges) == nodes
        for index, ends in ranges.items():
            assert tree.summary(index) == model.spell(*ends)
            node = tree.node(index)
            assert node is nodes.get(index)
            if node is not None:
                assert (node.leaf, node.internal) == (
                    model.leaves.get(index),
                    model.internal.get(index),
                )
                assert node.summary == model.spell(*ends)

    @invariant()
    def looking_makes_nothing(self) -> None:
        assert not self.measure.made

    def teardown(self) -> None:
        for tree, model in getattr(self, "history", []):
            self.compare(tree, model)  # what was, is


PersistentTreeMachine.TestCase.settings = settings(stateful_step_count=20)
TestPersistentTree = PersistentTreeMachine.TestCase


def tree_of(capacity: int, leaves: Mapping[int, str]) -> Tree:
    empty: Tree = PersistentTree(Spelling(), capacity)
    return empty.replace(leaves, {})


def test_one_leaf_costs_one_path() -> None:
    leaves = {2 * number: "x" for number in range(1024)}
    tree = tree_of(1024, leaves)
    measure = tree.measure
    assert isinstance(measure, Spelling)
    measure.made.clear()
    tree.replace({600: "y"}, {})
    assert len(measure.made) == 11
    measure.made.clear()
    tree.replace({}, {3: 1, 7: 1})
    assert len(measure.made) == 9  # nodes of levels 10 to 2: both lie on one path


def test_a_replacement_of_nothing_is_the_same_tree() -> None:
    tree = tree_of(4, {0: "a", 6: "b"})
    assert tree.replace({}, {}).top is tree.top


def test_the_way_down() -> None:
    tree = tree_of(4, {0: "a"})
    assert [index for index, _ in tree.descend(4)] == [3, 5, 4]
    assert [node is None for _, node in tree.descend(4)] == [False, True, True]
    assert [index for index, _ in tree.descend(1)] == [3, 1]


@pytest.mark.parametrize("index", [-1, -2, 7, 8, 100])
def test_nodes_that_the_tree_does_not_have(index: int) -> None:
    tree = tree_of(4, {0: "a"})
    for use in (
        tree.node,
        tree.summary,
        lambda node: tree.select([0, node]),
        lambda node: tree.replace(*(({}, {node: 1, 3: 1}) if node & 1 else ({node: "c"}, {}))),
    ):
        with pytest.raises(LocalError, match=f"cannot find node {index}: a tree of 4"):
            use(index)


def test_leaves_and_internal_nodes_are_not_mixed_up() -> None:
    tree = tree_of(4, {0: "a"})
    for leaves, internal in (({1: "b"}, {}), ({}, {0: 1}), ({0: "b"}, {0: 1}), ({1: "b"}, {1: 1})):
        with pytest.raises(LocalError, match="leaves have even indices"):
            tree.replace(leaves, internal)


def test_only_an_empty_half_is_cut_off() -> None:
    full, half = tree_of(4, {0: "a", 6: "b"}), tree_of(4, {0: "a"})
    assert half.halved().top is not None
    assert half.halved().doubled() == half
    for tree in (full, half.halved().halved()):
        with pytest.raises(LocalError, match="right half is not empty"):
            tree.halved()
