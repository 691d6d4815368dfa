"""Partial-order reduction by dynamic ample sets.

If the next step of one process commutes with every step that the others may still take, the search
expands that process alone. Every run then has an equivalent one in which this step comes first and
which ends in the same state, so the search still finds all final states, all outcomes and all
violations of agreement. Two things need care:

* *Validity* depends on who has taken part when a process decides, and commuting steps can change
  that. So there is one search for each set of participants, in which the other processes never
  move: a process that decides while only these have moved decides the same if the others never do.
* If a process's local states form a cycle, the others could be put off for ever. Such machines are
  not reduced (`Machine.acyclic`).

**The dependency relation is learned, and correct when the search ends** [D]. Which registers a
process may still access is known only from the moves that the machine has made
(`DependencyRelation`). If the search that used the relation made no new move, the relation was
correct: consider the machine in which each process stops where it would make an unknown move. For
that machine the relation is correct, so the search found all its final states. If some run of the
real machine made a move that is unknown, then in the other machine a process stops there, and so it
has stopped in some final state; but the search reached that state and would have made the move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.explore.engine import breadth_first, larger_blocks
from agreement.explore.independence import DependencyRelation

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
    """Search the runs in which only `participants` move, and find all their final states.

    With all processes as participants, the outcomes are those of `engine.explore`, from fewer
    states. A violation that is found need not be a shortest one. The machine's `acyclic` must still
    be true after the search.
    """
    machine = tables.packing.machine
    while True:
        dependency = DependencyRelation(machine)
        expand = _Reduced(tables, dependency, sorted(participants))
        result = breadth_first(tables, judge, expand, limit=limit, progress=progress)
        if machine.known == dependency.learned or not result.complete:
            return result


class _Reduced:
    """The expansion of a level, by one process alone in each state where that suffices."""

    def __init__(self, tables: Tables, dependency: DependencyRelation, present: list[int]) -> None:
        self._tables = tables
        self._movers = [tables.movers[me] for me in present]
        automata = tables.packing.machine.automata
        self._accesses = [
            _AccessesByField(automata[me], tables.packing, dependency) for me in present
        ]
        self._present = frozenset(present)

    def __call__(self, frontier: set[int], found: set[int]) -> int:
        """Add the successors of `frontier` to `found`; return the number of transitions."""
        movers = self._movers
        transitions = 0
        for state in frontier:
            alone = self._alone(state)
            for mover in movers if alone is None else (movers[alone],):
                delta = mover.next(state)
                if delta is not None:
                    transitions += 1
                    found.add(state + delta)
            if alone is None:
                transitions += larger_blocks(self._tables, (state,), found, self._present)
        return transitions

    def _alone(self, state: int) -> int | None:
        """Return the position, among the participants, of one that may move alone."""
        accesses = [by_field[state & by_field.own] for by_field in self._accesses]
        for place, (reads, writes, _, _) in enumerate(accesses):
            touched = reads | writes
            if touched and not any(
                later_reads & writes or later_writes & touched
                for other, (_, _, later_reads, later_writes) in enumerate(accesses)
                if other != place
            ):
                return place
        return None


class _AccessesByField(dict[int, tuple[int, int, int, int]]):
    """The accesses of one process in each local state, by the process's field of a state."""

    def __init__(
        self, automaton: Automaton, packing: Packing, dependency: DependencyRelation
    ) -> None:
        super().__init__()
        self.own = packing.own(automaton.me)
        self._automaton, self._packing, self._dependency = automaton, packing, dependency

    def __missing__(self, field: int) -> tuple[int, int, int, int]:
        number = self._packing.local(field, self._automaton.me).number
        accesses = self._dependency.accesses(self._automaton, number)
        found = self[field] = (
            accesses.reads,
            accesses.writes,
            accesses.later_reads,
            accesses.later_writes,
        )
        return found
