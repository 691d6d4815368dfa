"""Array-tree arithmetic against published figures and against a tree made of pointers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from mls_vectors import vectors

from ttkem.errors import LocalError
from ttkem.tree import math

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def or_none(function: Callable[..., int], *arguments: int) -> int | None:
    try:
        return function(*arguments)
    except LocalError:
        return None


def test_published_figures() -> None:
    cases = vectors("tree-math")
    assert [case["n_leaves"] for case in cases] == [1 << k for k in range(10)]
    for case in cases:
        capacity, nodes = case["n_leaves"], range(case["n_nodes"])
        assert math.node_width(capacity) == case["n_nodes"]
        assert math.root(capacity) == case["root"]
        assert [or_none(math.left, node) for node in nodes] == case["left"]
        assert [or_none(math.right, node) for node in nodes] == case["right"]
        assert [or_none(math.parent, node, capacity) for node in nodes] == case["parent"]
        assert [or_none(math.sibling, node, capacity) for node in nodes] == case["sibling"]


# The same, without arithmetic


@dataclass(eq=False)
class Pointer:
    """A node of a full binary tree that knows its relatives and was numbered from left to right."""

    left: Pointer | None
    right: Pointer | None
    height: int
    parent: Pointer | None = None
    index: int = -1

    def in_order(self) -> Iterator[Pointer]:
        if self.left:
            yield from self.left.in_order()
        yield self
        if self.right:
            yield from self.right.in_order()

    def path(self) -> list[Pointer]:
        return [self.parent, *self.parent.path()] if self.parent else []

    def sibling(self) -> Pointer | None:
        if self.parent is None:
            return None
        return self.parent.right if self.parent.left is self else self.parent.left


def build(height: int) -> Pointer:
    if height == 0:
        return Pointer(None, None, 0)
    node = Pointer(build(height - 1), build(height - 1), height)
    for child in (node.left, node.right):
        assert child
        child.parent = node
    return node


def numbered(height: int) -> tuple[Pointer, list[Pointer]]:
    top = build(height)
    nodes = list(top.in_order())
    for index, node in enumerate(nodes):
        node.index = index
    return top, nodes


def index_of(node: Pointer | None) -> int | None:
    return None if node is None else node.index


@pytest.mark.parametrize("height", range(7))
def test_the_arithmetic_is_that_of_a_tree(height: int) -> None:
    top, nodes = numbered(height)
    capacity = 1 << height
    assert math.root(capacity) == top.index
    assert math.node_width(capacity) == len(nodes)
    leaves = [node.index for node in nodes if node.left is None]
    assert [math.array_index(leaf) for leaf in range(capacity)] == leaves
    assert [math.leaf_index(index) for index in leaves] == list(range(capacity))
    for node in nodes:
        at = node.index
        assert math.level(at) == node.height
        assert math.is_leaf(at) == (node.left is None)
        assert or_none(math.left, at) == index_of(node.left)
        assert or_none(math.right, at) == index_of(node.right)
        assert or_none(math.parent, at, capacity) == index_of(node.parent)
        assert or_none(math.sibling, at, capacity) == index_of(node.sibling())
        path = node.path()
        assert math.direct_path(at, capacity) == tuple(above.index for above in path)
        beside = [below.sibling() for below in (node, *path)]
        assert math.copath(at, capacity) == tuple(other.index for other in beside if other)
        below = {under.index for under in node.in_order()}
        assert {other for other in range(len(nodes)) if math.spans(at, other)} == below


def test_doubling_keeps_the_left_half() -> None:
    for height in range(6):
        _, small = numbered(height)
        _, large = numbered(height + 1)
        for node in small:
            beside = large[node.index]
            assert (beside.height, index_of(beside.left)) == (node.height, index_of(node.left))
            assert math.level(node.index) == beside.height


# What there is not


@pytest.mark.parametrize("capacity", [0, -1, -2, 3, 6, 1023])
def test_a_capacity_is_a_power_of_two(capacity: int) -> None:
    for function in (math.root, math.node_width):
        with pytest.raises(LocalError, match=f"a tree of {capacity} leaves: "):
            function(capacity)
    for walk in (math.parent, math.sibling, math.direct_path, math.copath):
        with pytest.raises(LocalError, match="a power of two"):
            walk(0, capacity)


@pytest.mark.parametrize("node", [-1, 7, 100])
@pytest.mark.parametrize("walk", [math.parent, math.sibling, math.direct_path, math.copath])
def test_nodes_that_the_tree_does_not_have(walk: Callable[[int, int], object], node: int) -> None:
    with pytest.raises(LocalError, match=f"cannot find node {node}: a tree of 4"):
        walk(node, 4)


def test_the_root_has_no_parent_and_no_copath() -> None:
    for walk in (math.parent, math.sibling):
        with pytest.raises(LocalError, match="parent of node 3: it is the root"):
            walk(3, 4)
    assert math.direct_path(3, 4) == math.copath(3, 4) == ()


def test_leaves_have_no_children_and_internal_nodes_no_number() -> None:
    for child in (math.left, math.right):
        with pytest.raises(LocalError, match="child of node 2: it is a leaf"):
            child(2)
    with pytest.raises(LocalError, match="cannot return the leaf number of node 5"):
        math.leaf_index(5)
