"""Exhaustive exploration: every run within a bound is judged, one per equivalence class.

This checks the soundness of the safe predicate in every reachable state. Two runs are equivalent if
they differ only in the order of independent steps: two steps of different members are independent
unless one uses what the other produced (a delivery of an operation, an add with an init key). No
verdict depends on that order, since windows compare moments of one member only. Of each class only
the lexicographically first run is played, members being ordered by name (Anisimov, Knuth, 1979): a
step is not placed after steps of later members before which it could have been placed.

Corruptions need no steps, since the judge considers all atoms. Only complete runs are judged: a run
that can be continued is covered by its continuations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.adversary.judge import judge
from ttkem.adversary.steps import (
    Add,
    Confirm,
    Create,
    Deliver,
    Reject,
    Remove,
    SampleKey,
    Step,
    Update,
)
from ttkem.adversary.symbolic import SymbolicGame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ttkem.adversary.ledger import Ledger
    from ttkem.adversary.replay_file import Violation
    from ttkem.adversary.rules import TaintRules

__all__ = ["Bound", "Explored", "explore", "shortest_failure"]

_MAKES = (Update, Add, Remove)
_TELL_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Bound:
    """The set of runs to explore.

    Every run begins with a group of the first ``group`` of ``names``, in leaf order, which all have
    joined; everybody has one unused init key. Then at most ``operations`` updates, adds and removes
    are made by anybody, each confirmed, rejected or neither, and delivered to anybody who accepts
    it, in any order. Whoever is in no group and has no unused init key may sample one.
    """

    names: tuple[str, ...] = ("a", "b", "c", "d")
    group: int = 3
    operations: int = 2
    interchangeable: tuple[str, str] | None = None
    """Two members that a symmetry exchanges: runs that mention the second first are left out."""

    @property
    def opening(self) -> tuple[Step, ...]:
        """The steps with which all runs begin."""
        names, others = self.names, self.names[1 : self.group]
        joining = range(len(others))
        return (
            *(SampleKey(name, key) for key, name in zip(joining, others, strict=True)),
            Create(names[0], 0, tuple(joining)),
            Confirm(0),
            *(Deliver(0, name) for name in others),
            *(SampleKey(name, len(others) + number) for number, name in enumerate(names)),
        )


@dataclass(slots=True)
class Explored:
    """The counts of an exploration, and the first failing run."""

    prefixes: int = 0
    """Prefixes of runs, one for every state of every run."""
    runs: int = 0
    """Complete runs, up to the order of independent steps and symmetry."""
    pairs: int = 0
    """Compared pairs of an operation and an atom."""
    failing: tuple[Step, ...] = ()
    findings: tuple[Violation, ...] = ()


def explore(
    bound: Bound,
    rules: TaintRules | None = None,
    on_progress: Callable[[Explored], None] | None = None,
) -> Explored:
    """Judge all runs within the bound, up to the first failure."""
    explored = Explored()
    for game, complete in _games(bound, rules, None):
        explored.prefixes += 1
        if complete and not _sound(explored, game):
            break
        if on_progress is not None and explored.prefixes % _TELL_EVERY == 0:
            on_progress(explored)
    return explored


def shortest_failure(
    bound: Bound,
    rules: TaintRules | None = None,
    longest: int = 12,
    on_progress: Callable[[Explored], None] | None = None,
) -> Explored:
    """Judge all runs with one step after the opening, then two, and so on up to ``longest``.

    The first failure is therefore a shortest one.
    """
    explored = Explored()
    for length in range(longest + 1):
        for game, _ in _games(bound, rules, length):
            if len(game.steps) == len(bound.opening) + length:
                explored.prefixes += 1
                if not _sound(explored, game):
                    return explored
        if on_progress is not None:
            on_progress(explored)
    return explored


def _sound(explored: Explored, game: SymbolicGame) -> bool:
    verdict = judge(game)
    explored.runs += 1
    explored.pairs += verdict.pairs
    if verdict.findings:
        explored.failing, explored.findings = tuple(game.steps), verdict.findings
    return not verdict.findings


def _games(
    bound: Bound, rules: TaintRules | None, length: int | None
) -> Iterator[tuple[SymbolicGame, bool]]:
    """Yield every game within the bound and this many steps, and whether it is complete."""
    start = SymbolicGame(bound.names, rules=rules)
    for step in bound.opening:
        start.play(step)
    rank = {name: number for number, name in enumerate(bound.names)}
    todo: list[tuple[SymbolicGame, tuple[tuple[int, Step], ...]]] = [(start, ())]
    while todo:
        game, word = todo.pop()
        steps = [] if game.over else list(_next(game.ledger, bound))
        yield game, not steps
        if len(word) == length:
            continue
        for who, step in steps:
            if _is_in_place(word, rank[who], step) and not _mirrored(bound, word, who, step):
                copied = game.copy()
                copied.play(step)
                todo.append((copied, (*word, (rank[who], step))))


def _next(ledger: Ledger, bound: Bound) -> Iterator[tuple[str, Step]]:
    """Yield every step within the bound that would be accepted, with the member it belongs to."""
    for who, record in ledger.members.items():
        for op in record.pending:
            yield who, Confirm(op)
            yield who, Reject(op)
        steps = _outside(ledger, who) if record.at is None else _inside(ledger, bound, who)
        for step in steps:
            yield who, step


def _outside(ledger: Ledger, who: str) -> Iterator[Step]:
    """Yield the steps of somebody in no group."""
    unused = ledger.members[who].unused
    if not unused:
        yield SampleKey(who, len(ledger.keys))
    for made in ledger.made.values():
        if made.joiners.get(who) in unused:
            yield Deliver(made.op, who)


def _inside(ledger: Ledger, bound: Bound, who: str) -> Iterator[Step]:
    """Yield the operations that a member can make and the deliveries that it accepts."""
    for op in ledger.following.get(ledger.members[who].at, ()):
        if ledger.made[op].author != who:
            yield Deliver(op, who)
    op = len(ledger.made)
    if op > bound.operations:
        return
    yield Update(who, op)
    roster = ledger.roster(who)
    for whom in bound.names:
        if whom in roster and whom != who:
            yield Remove(who, op, whom)
    for key, owner in ledger.keys.items():
        if owner not in roster and key in ledger.members[owner].unused:
            yield Add(who, op, key)


def _is_in_place(word: Sequence[tuple[int, Step]], who: int, step: Step) -> bool:
    """Return False if ``step`` could be moved before a step of a later member, else True."""
    for other, before in reversed(word):
        if other == who or _uses(step, before):
            return True
        if other > who:
            return False
    return True


def _uses(step: Step, before: Step) -> bool:
    """Return whether a step depends on what another member's earlier step produced."""
    if isinstance(step, Deliver):
        return isinstance(before, _MAKES) and before.op == step.op
    return isinstance(step, Add) and isinstance(before, SampleKey) and before.key == step.key


def _mirrored(bound: Bound, word: Sequence[tuple[int, Step]], who: str, step: Step) -> bool:
    """Return whether ``step`` makes the run mention the second interchangeable name first."""
    if bound.interchangeable is None:
        return False
    first, second = bound.interchangeable
    if any({first, second} & _mentioned(other) for _, other in word):
        return False
    named = _mentioned(step) | {who}
    return second in named and (first not in named or who == second)


def _mentioned(step: Step) -> set[str]:
    return {getattr(step, name, "") for name in ("who", "whom", "to")}
