"""The blanking engine against resolutions computed by recursion from the set of keyed nodes."""

from collections.abc import Iterable

import pytest
from cost_steps import take
from hypothesis import given
from hypothesis import strategies as st

from ttkem.errors import LocalError
from ttkem.simulation import BlankingCosts
from ttkem.tree.math import copath, direct_path, is_leaf, left, right

Told = tuple[set[int], set[int], int]
"""Re-keyed nodes, blanked nodes, ciphertexts."""


class Literal:
    def __init__(self, capacity: int, members: Iterable[int], *, commit: bool) -> None:
        self.capacity = capacity
        self.members = set(members)
        self.commit = commit
        self.keyed = {v for leaf in self.members for v in direct_path(2 * leaf, capacity)}

    def resolution(self, node: int) -> list[int]:
        if is_leaf(node):
            return [node] if node // 2 in self.members else []
        if node in self.keyed:
            return [node]
        return self.resolution(left(node)) + self.resolution(right(node))

    def update(self, author: int) -> Told:
        cost = sum(len(self.resolution(c)) for c in copath(2 * author, self.capacity))
        path = set(direct_path(2 * author, self.capacity))
        self.keyed |= path
        return path, set(), cost

    def blank(self, author: int, path: Iterable[int]) -> Told:
        path = set(path)
        self.keyed -= path
        if not self.commit:
            return set(), path, 0
        rekeyed, _, cost = self.update(author)
        return rekeyed, path - rekeyed, cost

    def add(self, author: int) -> tuple[int, Told]:
        empty = [i for i in range(self.capacity) if i not in self.members]
        leaf = empty[0] if empty else self.capacity
        if not empty:
            self.capacity *= 2
        self.members.add(leaf)
        return leaf, self.blank(author, direct_path(2 * leaf, self.capacity))

    def remove(self, author: int, target: int) -> Told:
        path = direct_path(2 * target, self.capacity)
        self.members.remove(target)
        self.keyed -= set(path)
        while self.capacity > 2 and max(self.members) < self.capacity // 2:
            self.capacity //= 2
        inside = set(range(2 * self.capacity - 1))
        self.keyed &= inside
        return self.blank(author, inside.intersection(path))


def told(engine: BlankingCosts) -> Told:
    return set(engine.last.rekeyed), set(engine.last.blanked), engine.last.ciphertexts


@given(
    st.integers(1, 4),
    st.data(),
    st.lists(
        st.tuples(st.sampled_from("uurraa"), st.integers(0, 99), st.integers(0, 99)), max_size=40
    ),
)
def test_random_histories_agree_with_literal_resolutions(
    height: int, data: st.DataObject, steps: list[tuple[str, int, int]]
) -> None:
    members = data.draw(st.sets(st.integers(0, (1 << height) - 1), min_size=1))
    commit = data.draw(st.booleans())
    engine = BlankingCosts.healed(1 << height, members, commit=commit)
    literal = Literal(1 << height, members, commit=commit)
    for kind, a, b in steps:
        expected = take(engine, literal, kind, a, b)
        assert told(engine) == expected
        for v in range(2 * literal.capacity - 1):
            assert engine.resolution_size(v) == len(literal.resolution(v))


def after_create(n: int, order: Iterable[int]) -> int:
    engine = BlankingCosts.create(n, commit=False)
    return sum(engine.update(2 * pair) for pair in order)


@pytest.mark.parametrize(
    ("height", "cost"), [(3, 10), (4, 34), (5, 98), (6, 258), (7, 642), (8, 1538)]
)
def test_lemma_1_bit_reversal(height: int, cost: int) -> None:
    digits = height - 1
    order = [int(f"{pair:0{digits}b}"[::-1], 2) for pair in range(1, 1 << digits)]
    assert after_create(1 << height, order) == cost


def test_lemma_1_left_to_right() -> None:
    assert after_create(256, range(1, 128)) == 16577


@given(st.permutations(range(1, 8)))
def test_no_order_beats_the_bound_of_lemma_1(order: Iterable[int]) -> None:
    assert after_create(16, order) >= 34


def test_create_sends_to_every_other_member() -> None:
    engine = BlankingCosts.create_at(8, [0, 3, 5, 6], 3, commit=True)
    assert told(engine) == ({5, 3, 7}, set(), 3)


def test_wrong_calls_change_nothing() -> None:
    engine = BlankingCosts.create(5, commit=True)
    before = told(engine), engine.members
    for call in (
        lambda: engine.update(5),
        lambda: engine.add(6),
        lambda: engine.remove(1, 1),
        lambda: engine.remove(1, 7),
    ):
        with pytest.raises(LocalError):
            call()
    assert (told(engine), engine.members) == before
