"""Does a planner meet the premises? All histories of few members, and random ones of more.

A tree of few members is one of finitely many, so that visiting each once and trying every operation
on it covers histories of any length. They are visited by length: the first violation found is at
the end of a shortest history.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from ttkem.cgka.interface import Kind
from ttkem.testing.planner_calls import PlannerError
from ttkem.testing.planner_histories import (
    EMPTY,
    Group,
    GroupOperation,
    Violation,
    operations,
    step,
)
from ttkem.testing.planner_premises import fingerprint
from ttkem.tree import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ttkem.testing.planner_calls import CheckedPlanner
    from ttkem.testing.planner_premises import BrokenPremise

__all__ = [
    "LARGEST",
    "Counterexample",
    "Exhausted",
    "Row",
    "Sampled",
    "exhaust",
    "replayed",
    "sample",
]

LARGEST = 33
"""The number of members up to which random histories go: one more than a full tree."""
RUN = 10
"""A random history consists of at most so many runs of at most so many operations each."""
SIZES = (1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33)
"""The numbers of members at which trees are full or have just been doubled."""


@dataclass(frozen=True, slots=True)
class Row:
    """An operation of a counterexample."""

    operation: GroupOperation
    refreshed: tuple[int, ...]
    tree: str
    """A drawing of the tree afterwards; of the last, of the tree for which the plan was made."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A history whose last operation breaks a premise."""

    rows: tuple[Row, ...]
    broken: tuple[BrokenPremise, ...]
    shortest: bool
    """Whether no history is shorter; otherwise it was shrunk."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """What was covered of all histories of a group of few members."""

    members: int
    trees: int = 0
    operations: int = 0
    waiting: int = 0
    """The number of trees that were reached and on which not all operations were tried."""
    counterexample: Counterexample | None = None

    @property
    def complete(self) -> bool:
        """Whether every operation was tried on every tree."""
        return self.trees > 0 and not self.waiting and self.counterexample is None


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was covered by random histories."""

    members: int
    histories: int = 0
    operations: int = 0
    done: bool = False
    """Whether as many were tried as were asked for, or all that there are."""
    counterexample: Counterexample | None = None


def exhaust(
    planner: CheckedPlanner, members: int, on_progress: Callable[[Exhausted], None]
) -> Exhausted:
    """Try every operation on every tree that a group of at most so many members can have.

    ``on_progress`` is told after each tree; if it, or an interrupt, raises, the last that it was
    told is what has been covered. In the end some plans are asked for once more, so that a planner
    that changes as it is called is found out.
    """
    came_from: dict[object, tuple[object, GroupOperation] | None] = {fingerprint(EMPTY.tree): None}
    waiting = deque([EMPTY])
    asked: list[tuple[Group, GroupOperation, Group]] = []
    done = tried = 0
    while waiting:
        group = waiting.popleft()
        here = fingerprint(group.tree)
        for operation in operations(group, members):
            try:
                after = step(planner, group, operation)
            except (Violation, PlannerError) as error:
                history = (*_history(came_from, here), operation)
                found = _found(error, planner, history, shortest=True)
                return Exhausted(members, done, tried, len(waiting) + 1, found)
            tried += 1
            key = fingerprint(after.tree)
            if key not in came_from:
                came_from[key] = here, operation
                waiting.append(after)
        asked.append((group, operation, after))
        done += bool(group.length)
        on_progress(Exhausted(members, done, tried, len(waiting)))
    _ask_again(planner, asked)
    return Exhausted(members, done, tried)


def _history(
    came_from: dict[object, tuple[object, GroupOperation] | None], here: object
) -> list[GroupOperation]:
    """Return the operations that led to a tree."""
    found = []
    while (before := came_from[here]) is not None:
        here, operation = before
        found.append(operation)
    return found[::-1]


def _ask_again(
    planner: CheckedPlanner, asked: Sequence[tuple[Group, GroupOperation, Group]]
) -> None:
    for group, operation, before in reversed(asked):
        try:
            after = step(planner, group, operation)
        except Violation:
            after = EMPTY
        if after.refreshed != before.refreshed or after.tree.hash != before.tree.hash:
            raise _changed_its_mind(planner)


def sample(
    planner: CheckedPlanner,
    members: int,
    examples: int,
    seeded: int,
    on_progress: Callable[[Sampled], None],
) -> Sampled:
    """Try the operations of random histories with at most so many members.

    A history that breaks a premise is shrunk. Raise PlannerError as for any call of a planner.
    """
    histories = tried = 0
    broken: tuple[GroupOperation, ...] = ()

    @seed(seeded)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(_sizes(members), st.lists(st.lists(_choices(members), max_size=RUN), max_size=RUN))
    def play(size: int, runs: list[list[tuple[Kind, int, int]]]) -> None:
        nonlocal histories, tried, broken
        group, history = EMPTY, [GroupOperation(Kind.CREATE, 0, size)]
        try:
            group = step(planner, group, history[0])
            for choice in chain.from_iterable(runs):
                history.append(_chosen(group, members, *choice))
                group = step(planner, group, history[-1])
        except (Violation, PlannerError):
            broken = tuple(history)
            raise
        histories += 1
        tried += len(history)
        on_progress(Sampled(members, histories, tried))

    found = None
    try:
        play()
    except (Violation, PlannerError) as error:
        found = _found(error, planner, broken, shortest=False)
    except Flaky:
        raise _changed_its_mind(planner) from None
    return Sampled(members, histories, tried, done=True, counterexample=found)


def _found(
    error: Violation | PlannerError,
    planner: CheckedPlanner,
    history: Sequence[GroupOperation],
    *,
    shortest: bool,
) -> Counterexample:
    """Return a counterexample; raise the error of a planner that has no plan, with its history."""
    if isinstance(error, PlannerError):
        words = ", ".join(map(str, history))
        raise PlannerError(f"{error}; the history: {words}") from error
    return replayed(planner, history, shortest=shortest)


def _changed_its_mind(planner: CheckedPlanner) -> PlannerError:
    return PlannerError(
        f"cannot prove {planner.name}: it returned another plan when it was asked again"
        f"{planner.defined}; a plan must depend on its arguments only"
    )


def _sizes(members: int) -> st.SearchStrategy[int]:
    edges = [size for size in SIZES if size <= members]
    return st.one_of(st.sampled_from(edges), st.integers(1, members))


def _choices(members: int) -> st.SearchStrategy[tuple[Kind, int, int]]:
    whose = st.integers(0, members - 1)
    return st.tuples(st.sampled_from((Kind.UPDATE, Kind.ADD, Kind.REMOVE)), whose, whose)


def _chosen(group: Group, members: int, kind: Kind, author: int, target: int) -> GroupOperation:
    """Return a possible operation; an update where the one drawn is impossible."""
    roster = [number for number, _ in group.tree.roster()]
    leaf = roster[author % len(roster)]
    others = [number for number in roster if number != leaf]
    if kind is Kind.ADD and len(roster) < members:
        return GroupOperation(kind, leaf, group.tree.free_leaf())
    if kind is Kind.REMOVE and others:
        return GroupOperation(kind, leaf, others[target % len(others)])
    return GroupOperation(Kind.UPDATE, leaf, leaf)


def replayed(
    planner: CheckedPlanner, history: Sequence[GroupOperation], *, shortest: bool
) -> Counterexample:
    """Play a history again and return it as a counterexample.

    Raise PlannerError if its last operation does not break a premise, or another one does.
    """
    group, rows = EMPTY, []
    try:
        for operation in history:
            group = step(planner, group, operation)
            rows.append(Row(operation, group.refreshed, draw(group.tree, group.refreshed)))
    except Violation as violation:
        if len(rows) == len(history) - 1:
            plan = violation.plan
            rows.append(Row(history[-1], plan.refreshed, draw(plan.tree, plan.refreshed)))
            return Counterexample(tuple(rows), violation.broken, shortest)
    raise _changed_its_mind(planner)
