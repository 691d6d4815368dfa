"""The fast engine against specification T3 and T4 written out with sets and built chains."""

from collections.abc import Callable, Iterable

import pytest
from cost_steps import take
from hypothesis import given
from hypothesis import strategies as st

from ttkem.errors import LocalError
from ttkem.simulation import TaintedCosts
from ttkem.tree.math import direct_path, is_leaf, left, level, parent, right, root

Told = tuple[set[int], dict[int, int], int]
"""Refreshed nodes, taints, ciphertexts."""


class Literal:
    """One group; every operation returns (refreshed nodes, taints, ciphertexts)."""

    def __init__(self, capacity: int, members: Iterable[int]) -> None:
        self.capacity = capacity
        self.members = set(members)
        self.taint: dict[int, int] = {}

    def below(self, node: int) -> set[int]:
        if is_leaf(node):
            return {node // 2} & self.members
        return self.below(left(node)) | self.below(right(node))

    def path(self, leaf: int) -> tuple[int, ...]:
        return direct_path(2 * leaf, self.capacity)

    def internal(self) -> set[int]:
        return set(range(1, 2 * self.capacity - 1, 2))

    def up(self, nodes: set[int]) -> set[int]:
        return set(nodes).union(*(direct_path(v, self.capacity) for v in nodes))

    def tainted_by(self, leaf: int) -> set[int]:
        return {v for v, i in self.taint.items() if i == leaf}

    def create(self, author: int) -> Told:
        nodes = {v for v in self.internal() if self.below(v)}
        return self.refresh(nodes, author, self.path(author), fresh_leaf=True)

    def update(self, author: int) -> Told:
        nodes = self.up({*self.path(author), *self.tainted_by(author)})
        return self.refresh(nodes, author, self.path(author), fresh_leaf=True)

    def add(self, author: int) -> tuple[int, Told]:
        empty = [i for i in range(self.capacity) if i not in self.members]
        leaf = empty[0] if empty else self.capacity
        if not empty:
            self.capacity *= 2
        self.members.add(leaf)
        nodes = {*self.path(leaf), root(self.capacity)}
        return leaf, self.refresh(nodes, author, self.path(leaf), fresh_leaf=False)

    def remove(self, author: int, target: int) -> Told:
        path = self.path(target)
        nodes = self.up({*path, *self.tainted_by(target)})
        self.members.remove(target)
        before = self.capacity
        while self.capacity > 2 and max(self.members) < self.capacity // 2:
            self.capacity //= 2
        if self.capacity < before:
            nodes.add(root(self.capacity))
        nodes = {v for v in nodes & self.internal() if self.below(v)}
        kept = {v: i for v, i in self.taint.items() if v in self.internal() and self.below(v)}
        self.taint = {v: i for v, i in kept.items() if i != target or v in nodes}
        return self.refresh(nodes, author, path, fresh_leaf=False)

    def refresh(
        self, nodes: set[int], author: int, main: Iterable[int], *, fresh_leaf: bool
    ) -> Told:
        for v in nodes:
            if v in self.path(author):
                self.taint.pop(v, None)
            else:
                self.taint[v] = author
        predecessor: dict[int, int] = {}
        chained = []
        first = [v for v in main if v in nodes]
        chained += first
        predecessor.update(zip(first[1:], first, strict=False))
        if fresh_leaf:
            predecessor[first[0]] = 2 * author
        for start in sorted(nodes - set(first), key=lambda v: (level(v), v)):
            if start in chained:
                continue
            chained.append(start)
            v = start
            while v != root(self.capacity) and parent(v, self.capacity) not in chained:
                predecessor[parent(v, self.capacity)] = v
                v = parent(v, self.capacity)
                chained.append(v)
        assert sorted(chained) == sorted(nodes)
        ciphertexts = [
            (v, child)
            for v in nodes
            for child in (left(v), right(v))
            if self.below(child) not in (set(), {author}) and child != predecessor.get(v)
        ]
        return nodes, dict(self.taint), len(ciphertexts)


def told(engine: TaintedCosts) -> Told:
    last = engine.last
    return set(last.refreshed), dict(last.taints), last.ciphertexts


STEPS = st.lists(
    st.tuples(st.sampled_from("uurraa"), st.integers(0, 99), st.integers(0, 99)), max_size=40
)


def follow(engine: TaintedCosts, literal: Literal, steps: list[tuple[str, int, int]]) -> None:
    for kind, a, b in steps:
        expected = take(engine, literal, kind, a, b)
        assert told(engine) == expected
        for i in literal.members:
            assert engine.tainted_by(i) == literal.tainted_by(i)


@given(st.integers(1, 4), st.data(), STEPS)
def test_random_histories_agree_with_the_literal_chains(
    height: int, data: st.DataObject, steps: list[tuple[str, int, int]]
) -> None:
    capacity = 1 << height
    members = data.draw(st.sets(st.integers(0, capacity - 1), min_size=1))
    author = data.draw(st.sampled_from(sorted(members)))
    literal = Literal(capacity, members)
    if data.draw(st.booleans()):
        engine = TaintedCosts.create_at(capacity, members, author)
        assert told(engine) == literal.create(author)
    else:
        engine = TaintedCosts.healed(capacity, members)
        assert told(engine) == (set(), {}, 0)
    follow(engine, literal, steps)


@given(st.integers(1, 17), STEPS)
def test_histories_after_create_agree_with_the_literal_chains(
    n_members: int, steps: list[tuple[str, int, int]]
) -> None:
    engine = TaintedCosts.create(n_members)
    literal = Literal(engine.capacity, range(n_members))
    assert told(engine) == literal.create(0)
    follow(engine, literal, steps)


def lonely_author(second: int) -> tuple[TaintedCosts, Literal]:
    """A state in which leaf 7 tainted the parents of leaves 0-1 and 2-3, and leaf 0 sits alone."""
    literal = Literal(8, range(8))
    engine = TaintedCosts(8, range(8))
    for target in (1, second):
        assert engine.remove(7, target) == literal.remove(7, target)[2]
    return engine, literal


@pytest.mark.parametrize("second", [2, 4])
@pytest.mark.parametrize("author", [0, 3, 5])
def test_removal_by_who_sits_alone_below_a_tainted_node(author: int, second: int) -> None:
    engine, literal = lonely_author(second)
    expected = literal.remove(author, 7)
    assert engine.remove(author, 7) == expected[2]
    assert told(engine) == expected


def test_the_chain_that_starts_lower_leads() -> None:
    # Leaf 0 sits alone below node 3, next to the lower refreshed nodes of leaves 4 to 7.
    literal = Literal(16, [0, 1, 4, 5, 6, 12, 13])
    engine = TaintedCosts(16, [0, 1, 4, 5, 6, 12, 13])
    for author, target in ((12, 1), (12, 6), (13, 5), (0, 12)):
        expected = literal.remove(author, target)
        assert engine.remove(author, target) == expected[2]
        assert told(engine) == expected


@pytest.mark.parametrize(
    ("n", "cost"), [(8, 9), (16, 28), (32, 75), (64, 186), (128, 441), (256, 1016)]
)
def test_lemma_1(n: int, cost: int) -> None:
    engine = TaintedCosts.create(n)
    assert len(engine.last.taints) == n - 1 - (n.bit_length() - 1)
    assert sum(engine.update(leaf) for leaf in range(2, n, 2)) == cost
    assert not engine.last.taints


def test_update_without_taints_costs_the_height() -> None:
    for height in range(1, 8):
        engine = TaintedCosts.healed(1 << height, range(1 << height))
        assert engine.update(0) == height


def test_add_then_remove_still_renews_the_root() -> None:
    engine = TaintedCosts.create(2)
    leaf, cost = engine.add(0)
    assert (leaf, cost, engine.capacity) == (2, 2, 4)
    assert engine.remove(0, 2) == 1  # to the other member; the author knows the seed
    assert engine.capacity == 2
    assert engine.last.refreshed == {1}
    assert engine.count(1) == 2
    assert engine.count(3) == 0  # the old root is cut off


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.update(7),
        lambda e: e.update(-1),
        lambda e: e.add(8),
        lambda e: e.remove(0, 0),
        lambda e: e.remove(0, 7),
        lambda e: e.remove(7, 0),
    ],
)
def test_wrong_calls_change_nothing(call: Callable[[TaintedCosts], object]) -> None:
    engine = TaintedCosts.create(6)
    before = told(engine), engine.members
    with pytest.raises(LocalError):
        call(engine)
    assert (told(engine), engine.members) == before


@pytest.mark.parametrize(
    "call",
    [
        lambda: TaintedCosts(3, [0]),
        lambda: TaintedCosts(1, [0]),
        lambda: TaintedCosts(4, []),
        lambda: TaintedCosts(4, [4]),
        lambda: TaintedCosts(4, [-1]),
        lambda: TaintedCosts(4, [1, 1]),
        lambda: TaintedCosts.create(0),
        lambda: TaintedCosts.create_at(4, [0, 1], 2),
    ],
)
def test_groups_that_cannot_be(call: Callable[[], object]) -> None:
    with pytest.raises(LocalError):
        call()
