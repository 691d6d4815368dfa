"""Partial-order reduction by dynamic ample sets.

Where one process's next step commutes with everything that the others may still do, that process
moves alone: every run has an equivalent one in which that step comes first, which ends in the same
state. So all final states, all outcomes and all disagreements are found. Validity looks at who took
part when a process decided, which commuting can change. So it is checked in one search for each set
of participants, in which the others never move: who decides while only these have moved decides
the same if none but these ever do. Processes whose local states form a cycle might be put off for
ever: such machines are not reduced (`Machine.acyclic`).

What the others may still do is learned (`footprints`). **Learned footprints are true** when the
search that used them met no new move: stop each process where it would make a move that was not
met. For that machine the footprints are true, so the search finds all its final states. If some run
of the real machine made a new move, then in this one a process stops there, and some final state
has it stopped; the search was in that state, and made the move: a contradiction. (Own design.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.explore.engine import breadth_first, larger_blocks
from agreement.explore.independence import Footprints

if TYPE_CHECKING:
    from agreement.explore.machine import Automaton
    from agreement.explore.state_encoding import Exploration, Judge, Packing, Progress
    from agreement.explore.step_tables import Tables

__all__ = ["reduced_explore"]


def reduced_explore(
    tables: Tables,
    judge: Judge,
    *,
    participants: frozenset[int],
    limit: int,
    progress: Progress | None = None,
) -> Exploration:
    """All final states of the runs in which nobody but the participants moves; on few states.

    With all as participants, the outcomes are those of `engine.explore`. A violation need not be a
    shortest one. For machines whose `acyclic` stays true.
    """
    machine = tables.packing.machine
    while True:
        footprints = Footprints(machine)
        expand = _Reduced(tables, footprints, sorted(participants))
        result = breadth_first(tables, judge, expand, limit=limit, progress=progress)
        if machine.known == footprints.learned or not result.complete:
            return result


class _Reduced:
    """Expands a level, one process alone where that is enough."""

    def __init__(self, tables: Tables, footprints: Footprints, present: list[int]) -> None:
        self._tables = tables
        self._movers = [tables.movers[me] for me in present]
        automata = tables.packing.machine.automata
        self._prints = [_Prints(automata[me], tables.packing, footprints) for me in present]
        self._present = frozenset(present)

    def __call__(self, frontier: set[int], found: set[int]) -> int:
        """Put what follows `frontier` into `found`; the number of transitions."""
        movers = self._movers
        transitions = 0
        for state in frontier:
            alone = self._alone(state)
            for mover in movers if alone is None else (movers[alone],):
                delta = mover.next(state)
                if delta:
                    transitions += 1
                    found.add(state + delta)
            if alone is None:
                transitions += larger_blocks(self._tables, (state,), found, self._present)
        return transitions

    def _alone(self, state: int) -> int | None:
        """The place among the participants of one that may move alone."""
        prints = [by_field[state & by_field.own] for by_field in self._prints]
        for place, (reads, writes, _, _) in enumerate(prints):
            touched = reads | writes
            if touched and not any(
                later_reads & writes or later_writes & touched
                for other, (_, _, later_reads, later_writes) in enumerate(prints)
                if other != place
            ):
                return place
        return None


class _Prints(dict[int, tuple[int, int, int, int]]):
    """Footprints by a process's own field, in place."""

    def __init__(self, automaton: Automaton, packing: Packing, footprints: Footprints) -> None:
        super().__init__()
        self.own = packing.own(automaton.me)
        self._automaton, self._packing, self._footprints = automaton, packing, footprints

    def __missing__(self, field: int) -> tuple[int, int, int, int]:
        number = self._packing.local(field, self._automaton.me).number
        p = self._footprints.of(self._automaton, number)
        found = self[field] = (p.reads, p.writes, p.later_reads, p.later_writes)
        return found
