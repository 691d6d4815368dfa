"""The search of one machine with the engine and the reductions that the options ask for."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

from agreement.errors import AgreementError
from agreement.explore.ample import reduced_explore
from agreement.explore.engine import explore
from agreement.explore.shortest import shortest
from agreement.explore.state_encoding import Packing, TooNarrowError
from agreement.explore.step_tables import Tables
from agreement.explore.symmetry import renamings, symmetric_explore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agreement.explore.check import Options
    from agreement.explore.machine import FaultError, Machine
    from agreement.explore.state_encoding import Exploration, Judge
    from agreement.memory import Schedule

__all__ = ["Search", "fault_schedule", "with_tables"]

Found = TypeVar("Found")

_WIDTHS = ((13, 7), (20, 10), (34, 16))


def with_tables(machine: Machine, use: Callable[[Tables], Found]) -> Found:
    """Call `use` with tables whose fields have the first width that is large enough."""
    for bits, stage_bits in _WIDTHS:
        try:
            return use(Tables(Packing(machine, bits, stage_bits)))
        except TooNarrowError:
            continue
    raise AgreementError("cannot encode states: more local states than any width has room for")


def fault_schedule(machine: Machine, fault: FaultError) -> Schedule:
    """Return a shortest schedule whose last block makes the process at fault raise."""

    def find(tables: Tables) -> Schedule:
        packing = tables.packing

        def last(state: int) -> tuple[int, ...] | None:
            locals_ = packing.locals(state)
            if locals_[fault.me].number != fault.number:
                return None
            return next(
                (
                    block
                    for block in machine.blocks(locals_)
                    if fault.me in block
                    and machine.response(locals_, fault.me, block) == fault.response
                ),
                None,
            )

        schedule = shortest(tables, lambda state: last(state) is not None)
        state = packing.initial
        for block in schedule:
            state = packing.step(state, block)
        final = last(state)
        assert final is not None  # noqa: S101 - what `shortest` looked for
        return (*schedule, final)

    return with_tables(machine, find)


class Search:
    """The search of a machine; `notes` says what a reader of the figures must know.

    `states` and `levels` are those so far, also if the search ends by an exception.
    """

    def __init__(
        self,
        machine: Machine,
        judge: Judge,
        options: Options,
        maps: Sequence[tuple[int, ...]],
    ) -> None:
        self.machine, self._judge, self._options, self._maps = machine, judge, options, maps
        self.notes: list[str] = []
        self.states = self.levels = 0

    def run(self) -> Exploration:
        """Search with the engine and the reductions asked for."""
        options = self._options
        if options.reduce:
            result = self._reduced()
            if result is not None:
                return result
            self.notes.append("not reduced: local states form a cycle")
        elif options.symmetry and options.engine == "python":
            candidates = list(renamings(self.machine.inputs, self.machine.inputs, self._maps))
            if len(candidates) > 1:
                result, _ = with_tables(
                    self.machine,
                    lambda tables: symmetric_explore(
                        tables,
                        self._judge,
                        candidates,
                        limit=options.limit,
                        progress=self._progress,
                    ),
                )
                self.notes.append("states are counted up to renaming")
                return result
        if options.engine == "compiled":
            from agreement.explore.numba_search import (  # noqa: PLC0415 - an extra
                CompiledTables,
                compiled_explore,
            )

            return compiled_explore(
                CompiledTables(self.machine),
                self._judge,
                limit=options.limit,
                progress=self._progress,
            )
        return with_tables(
            self.machine,
            lambda tables: explore(
                tables, self._judge, limit=options.limit, progress=self._progress
            ),
        )

    def _progress(self, states: int, levels: int) -> None:
        self.states, self.levels = states, levels

    def _reduced(self) -> Exploration | None:
        """Search once for each set of participants; return None if the machine turns out cyclic."""
        search = self._reduced_search()
        results = []
        everybody = range(self.machine.count)
        for size in range(self.machine.count, 0, -1):
            for participants in combinations(everybody, size):
                result = search(frozenset(participants))
                if not self.machine.acyclic:
                    return None
                if not result.complete:
                    return result
                results.append(result)
        return results[0]

    def _reduced_search(self) -> Callable[[frozenset[int]], Exploration]:
        options = self._options
        if options.engine == "compiled":
            from agreement.explore.numba_search import (  # noqa: PLC0415 - an extra
                CompiledTables,
                compiled_reduced_explore,
            )

            compiled = CompiledTables(self.machine)
            return lambda who: compiled_reduced_explore(
                compiled,
                self._judge,
                participants=who,
                limit=options.limit,
                progress=self._progress,
            )
        return lambda who: with_tables(
            self.machine,
            lambda tables: reduced_explore(
                tables,
                self._judge,
                participants=who,
                limit=options.limit,
                progress=self._progress,
            ),
        )
