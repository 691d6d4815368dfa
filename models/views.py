"""The number of outcomes of one round in each communication model, by the processes seen."""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING

from agreement.explore import check_inputs
from agreement.memory import Read, Write, immediate_snapshot, snapshot
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, refuted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agreement.memory import Program, Steps, Value, View

Seen = frozenset[int]

COUNTS = {
    ("immediate", 3): 13,
    ("snapshot", 3): 19,
    ("collect", 3): 25,
    ("immediate", 4): 75,
    ("snapshot", 4): 207,
    ("collect", 4): 543,
}
"""13 and 75 are ordered set partitions (Fubini numbers); 25 and 543, acyclic digraphs."""


def _present(view: View) -> Seen:
    return frozenset(p for p, seen in enumerate(view) if seen is not None)


def by_immediate(me: int, count: int, value: int) -> Steps:
    """Take one immediate snapshot, and output the set of processes seen."""
    return _present((yield from immediate_snapshot(me, count, 0, value)))


def by_snapshot(me: int, count: int, value: int) -> Steps:
    """Write, then scan atomically, and output the set of processes seen."""
    return _present((yield from snapshot(me, count, 0, value)))


def by_collect(me: int, count: int, value: int) -> Steps:
    """Write, then read the others in order number `value`, and output the processes seen."""
    yield Write(0, value)
    seen = frozenset({me})
    for other in reading_orders(me, count)[value]:
        if (yield Read(0, other)) is not None:
            seen = seen | {other}
    return seen


def reading_orders(me: int, count: int) -> list[tuple[int, ...]]:
    """Return all orders in which a process can read the others."""
    return list(permutations(p for p in range(count) if p != me))


def outcomes(program: Program, inputs: Iterable[int]) -> set[tuple[Seen, ...]]:
    """Return the views by process in each run in which all processes take part."""
    return set(check_inputs(program, tuple(inputs), _no_objection).outcomes)  # type: ignore[arg-type]


def _no_objection(outputs: tuple[Value, ...], participants: frozenset[int]) -> None:
    del outputs, participants


def immediate(count: int) -> int:
    """Return the number of outcomes of one immediate snapshot."""
    return len(outcomes(by_immediate, range(count)))


def snapshots(count: int) -> int:
    """Return the number of outcomes of one snapshot."""
    return len(outcomes(by_snapshot, range(count)))


def collects(count: int) -> int:
    """Return the number of outcomes of one collect with all orders of reading.

    Of orders that differ only by a renaming of the processes, one is tried.
    """
    found: set[tuple[Seen, ...]] = set()
    orders = range(len(reading_orders(0, count)))
    tried: set[tuple[tuple[int, ...], ...]] = set()
    for inputs in product(orders, repeat=count):
        chosen = [reading_orders(me, count)[number] for me, number in enumerate(inputs)]
        renamed = {_renamed(names, chosen) for names in permutations(range(count))}
        if not renamed & tried:
            tried.add(tuple(chosen))
            once = outcomes(by_collect, inputs)
            found |= {_seen(names, each) for names in permutations(range(count)) for each in once}
    return len(found)


def _renamed(names: tuple[int, ...], orders: list[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    back = sorted(range(len(names)), key=names.__getitem__)
    return tuple(tuple(names[p] for p in orders[me]) for me in back)


def _seen(names: tuple[int, ...], outcome: tuple[Seen, ...]) -> tuple[Seen, ...]:
    back = sorted(range(len(names)), key=names.__getitem__)
    return tuple(frozenset(names[p] for p in outcome[me]) for me in back)


COUNTERS: dict[str, Callable[[int], int]] = {
    "immediate": immediate,
    "snapshot": snapshots,
    "collect": collects,
}


def _counted(expected: dict[tuple[str, int], int], tick: Tick) -> Finding:
    figures = []
    for (communication, count), number in expected.items():
        tick(f"{communication}, n = {count}")
        found = COUNTERS[communication](count)
        figures.append((f"{communication} {count}", found))
        if found != number:
            shown = f"{communication}, n = {count}: {found} outcomes, not {number}"
            return refuted(shown, tuple(figures))
    return Finding(Verdict.HOLDS, tuple(figures))


def _check(tick: Tick) -> Finding:
    return _counted(COUNTS, tick)


def _refute(tick: Tick) -> Finding:
    return _counted({("snapshot", 3): COUNTS["collect", 3]}, tick)


CLAIM = Claim(
    name="views",
    statement="for n = 3 and 4, one round has 13 and 75 outcomes with immediate snapshots, 19 and "
    "207 with snapshots, 25 and 543 with collects in any order",
    source="Herlihy, Shavit, J. ACM 46(6), 1999 (immediate snapshots); counted here",
    bound="n = 3 and 4, all runs in which all processes take part",
    check=_check,
    twin="snapshots have as many outcomes as collects",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
