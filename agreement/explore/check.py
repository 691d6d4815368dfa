"""Check that a protocol solves a task, wait-free, for all inputs and all schedules.

All schedules include all crashes, since a crashed process is one that is not scheduled any more.
`docs/agreement.md` and `Judge` say why it suffices to judge the states of runs without crashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from typing import TYPE_CHECKING, TypeVar

from agreement.errors import AgreementError
from agreement.explore.ample import reduced_explore
from agreement.explore.engine import explore
from agreement.explore.machine import Machine, TooManyStepsError
from agreement.explore.shortest import lasso, shortest
from agreement.explore.state_encoding import Exploration, Packing, TooNarrowError
from agreement.explore.step_tables import Tables
from agreement.explore.symmetry import Asymmetry, Correspondence, renamings, symmetric_explore
from agreement.explore.watchdog import Watchdog
from agreement.graph import automorphisms
from agreement.memory import Program, Run, Schedule, Value, context_switches, run
from agreement.verdict import Verdict
from agreement.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agreement.explore.state_encoding import Judge
    from agreement.task import Task

__all__ = ["Counterexample", "Options", "Report", "Verdict", "check", "check_inputs"]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A run that violates the task, as the simulator replays it.

    For a run that never ends, `loop` is the end of `schedule` that repeats; otherwise it is empty.
    """

    inputs: tuple[int, ...]
    schedule: Schedule
    what: str
    run: Run
    loop: Schedule = ()

    @property
    def switches(self) -> int:
        """The number of context switches of the schedule."""
        return context_switches(self.schedule)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a check.

    `inputs` counts the input vectors that the verdict covers, `explored` those that were searched;
    the others were verified to be renamings of these. `step_complexity` bounds the steps of each
    single process in every run; it is None if no bound was found. `limit` is set if a search
    stopped at it.
    """

    verdict: Verdict
    inputs: int
    explored: int
    states: int
    transitions: int
    levels: int
    outcomes: frozenset[tuple[Value, ...]]
    step_complexity: int | None
    counterexample: Counterexample | None = None
    limit: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a search.

    `engine` is "python" or "compiled". `reduce` switches on partial-order reduction (`ample`),
    `symmetry` symmetry reduction. `limit` bounds the states for one input vector, `seconds` the
    computing time of one step. `progress` is called with the input vectors done, all input vectors,
    and the states so far.
    """

    engine: str = "python"
    reduce: bool = False
    symmetry: bool = False
    limit: int = 5_000_000
    seconds: float = 20.0
    progress: Callable[[int, int, int], None] | None = field(default=None, compare=False)


def check(
    program: Program,
    task: Task,
    count: int,
    *,
    bound: int | None = None,
    options: Options | None = None,
) -> Report:
    """Check whether `count` processes running `program` solve `task` wait-free, from all inputs.

    `bound`, if given, is the own-step bound: every process must decide within that many of its
    steps. With symmetry, one input vector of each class under graph automorphisms and renaming of
    processes is searched, if the program is verified to treat the whole class alike. A
    counterexample is a shortest one over all inputs (with symmetry, over one input vector of each
    class) and, for its inputs, one with fewest context switches. Ctrl-C ends the search with the
    verdict unknown and the figures of the inputs that were done.
    """
    chosen = options or Options()
    maps = automorphisms(task.graph) if chosen.symmetry else _identity(task.graph.order)
    classes: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for inputs in task.inputs(count):
        classes.setdefault(_class_of(inputs, maps, symmetric=chosen.symmetry), []).append(inputs)
    total = sum(map(len, classes.values()))
    reports: list[Report] = []
    covered = states = 0
    renamed: set[tuple[Value, ...]] = set()
    rest = [alike[0] for alike in classes.values()] if chosen.symmetry else [*task.inputs(count)]
    for alike in classes.values():
        searched: list[tuple[Machine, Report]] = []
        for inputs in alike:
            covered += 1
            outcomes = _carried(program, searched, inputs, maps)
            if outcomes is not None:
                renamed |= outcomes
            else:
                checker = _Checker(program, inputs, task.judge(inputs), bound, chosen, maps)
                reports.append(checker.report())
                if chosen.symmetry:
                    searched.append((checker.machine, reports[-1]))
                states += reports[-1].states
                if reports[-1].verdict is Verdict.REFUTED:
                    later = rest[rest.index(alike[0] if chosen.symmetry else inputs) + 1 :]
                    reports[-1] = _shortened(reports[-1], program, task, later, chosen)
                    return _combined(reports, covered, renamed)
                if reports[-1] is _INTERRUPTED:
                    return _combined(reports, covered - 1, renamed)
            if chosen.progress is not None:
                chosen.progress(covered, total, states)
    return _combined(reports, covered, renamed)


_INTERRUPTED = Report(
    Verdict.UNKNOWN, 0, 0, 0, 0, 0, frozenset(), None, notes=("interrupted: not all was searched",)
)


def _shortened(
    report: Report,
    program: Program,
    task: Task,
    inputs: Sequence[tuple[int, ...]],
    options: Options,
) -> Report:
    """Return the report, with a shorter counterexample if one of the other inputs has one."""
    example = report.counterexample
    if (
        example is None
        or task.objection(example.inputs, example.run.outputs, example.run.participants) is None
    ):
        return report
    for vector in inputs:
        checker = _Checker(program, vector, task.judge(vector), None, options, ())
        example = checker.shorter(len(example.schedule)) or example
    return replace(report, counterexample=example)


def check_inputs(
    program: Program,
    inputs: Sequence[int],
    judge: Judge,
    *,
    bound: int | None = None,
    options: Options | None = None,
    maps: Sequence[tuple[int, ...]] = (),
) -> Report:
    """Check one input vector, for any judge; otherwise as `check`.

    `maps` are the graph automorphisms for symmetry reduction.
    """
    chosen = options or Options()
    return _Checker(program, tuple(inputs), judge, bound, chosen, maps).report()


def _identity(order: int) -> tuple[tuple[int, ...], ...]:
    return (tuple(range(order)),)


def _class_of(
    inputs: tuple[int, ...], maps: Sequence[tuple[int, ...]], *, symmetric: bool
) -> tuple[int, ...]:
    """Return the representative of all inputs that a renaming might carry to these."""
    if not symmetric:
        return inputs
    return min(tuple(sorted(image[v] for v in inputs)) for image in maps)


def _carried(
    program: Program,
    searched: list[tuple[Machine, Report]],
    inputs: tuple[int, ...],
    maps: Sequence[tuple[int, ...]],
) -> set[tuple[Value, ...]] | None:
    """Return the outcomes from these inputs if a verified renaming maps a past search to them."""
    for machine, report in searched:
        for renaming in renamings(machine.inputs, inputs, maps):
            try:
                Correspondence(machine, Machine(program, inputs), renaming).verify()
            except Asymmetry:
                continue
            return {renaming.outputs(outcome) for outcome in report.outcomes}
    return None


def _combined(reports: list[Report], inputs: int, renamed: set[tuple[Value, ...]]) -> Report:
    verdicts = [report.verdict for report in reports]
    worst = next((v for v in (Verdict.REFUTED, Verdict.UNKNOWN) if v in verdicts), Verdict.HOLDS)
    bounds = [report.step_complexity for report in reports]
    return Report(
        worst,
        inputs,
        sum(report.explored for report in reports),
        sum(report.states for report in reports),
        sum(report.transitions for report in reports),
        max(report.levels for report in reports),
        frozenset(renamed).union(*(report.outcomes for report in reports)),
        None if None in bounds else max(steps for steps in bounds if steps is not None),
        next((r.counterexample for r in reports if r.counterexample is not None), None),
        next((r.limit for r in reports if r.limit is not None), None),
        tuple(dict.fromkeys(chain.from_iterable(report.notes for report in reports))),
    )


Found = TypeVar("Found")

ENGINES = ("python", "compiled")

_WIDTHS = ((13, 7), (20, 10), (34, 16))


class _Checker:
    """The check of one input vector."""

    def __init__(
        self,
        program: Program,
        inputs: tuple[int, ...],
        judge: Judge,
        bound: int | None,
        options: Options,
        maps: Sequence[tuple[int, ...]],
    ) -> None:
        if options.engine not in ENGINES:
            raise AgreementError(
                f"there is no engine {options.engine!r}: use {' or '.join(ENGINES)}"
            )
        self._program, self._inputs, self._judge = program, inputs, judge
        self._bound, self._options, self._maps = bound, options, maps
        self._notes: list[str] = []
        self.machine: Machine

    def report(self) -> Report:
        """Search, and check that every run ends; return `_INTERRUPTED` after Ctrl-C."""
        try:
            with Watchdog(self._options.seconds) as watchdog:
                return self._report(watchdog, counting=False)
        except KeyboardInterrupt:
            return _INTERRUPTED

    def shorter(self, length: int) -> Counterexample | None:
        """Return a shortest violation, or None if none has fewer than `length` steps."""
        with Watchdog(self._options.seconds) as watchdog:
            self.machine = Machine(self._program, self._inputs, watchdog=watchdog)
            limit, depth = self._options.limit, length - 1
            result = self._with_tables(lambda t: explore(t, self._judge, limit=limit, depth=depth))
            if result.violation is None:
                return None
            return self._refuted(result, result.violation.what).counterexample

    def _report(self, watchdog: Watchdog, *, counting: bool) -> Report:
        self.machine = Machine(
            self._program, self._inputs, counting=counting, bound=self._bound, watchdog=watchdog
        )
        try:
            result = self._explore()
        except TooManyStepsError as error:
            return self._bound_exceeded(error)
        if result.violation is not None:
            return self._refuted(result, result.violation.what)
        if not result.complete:
            return self._make_report(Verdict.UNKNOWN, result, None, limit=self._options.limit)
        for automaton in self.machine.automata:
            automaton.check_deterministic()
        longest = [automaton.longest() for automaton in self.machine.automata]
        steps = None if None in longest else max(s for s in longest if s is not None)
        if steps is None:
            found = self._with_tables(lasso)
            if found is not None:
                schedule = (*found.prefix, *found.loop)
                who = sorted({me for block in found.loop for me in block})
                back = counted(len(found.loop), "step leads", "steps lead")
                what = (
                    f"not wait-free: process {', '.join(map(str, who))} can go on for ever: the "
                    f"last {back} back to the same state"
                )
                example = self._example(schedule, what, found.loop)
                return self._make_report(Verdict.REFUTED, result, None, example=example)
        if not counting and (steps is None or (self._bound is not None and steps > self._bound)):
            return self._report(watchdog, counting=True)
        return self._make_report(Verdict.HOLDS, result, steps)

    def _explore(self) -> Exploration:
        """Search with the engine and the reductions asked for."""
        options = self._options
        if options.reduce:
            result = self._reduced()
            if result is not None:
                return result
            self._note("not reduced: local states form a cycle")
        elif options.symmetry and options.engine == "python":
            candidates = list(renamings(self._inputs, self._inputs, self._maps))
            if len(candidates) > 1:
                result, _ = self._with_tables(
                    lambda tables: symmetric_explore(
                        tables, self._judge, candidates, limit=options.limit
                    )
                )
                self._note("states are counted up to renaming")
                return result
        if options.engine == "compiled":
            from agreement.explore.numba_search import CompiledTables, compiled_explore  # noqa: PLC0415

            return compiled_explore(CompiledTables(self.machine), self._judge, limit=options.limit)
        return self._with_tables(lambda tables: explore(tables, self._judge, limit=options.limit))

    def _reduced(self) -> Exploration | None:
        """Search once for each set of participants; return None if the machine turns out cyclic."""
        search = self._reduced_search()
        results = []
        everybody = range(len(self._inputs))
        for size in range(len(self._inputs), 0, -1):
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
            from agreement.explore.numba_search import (  # noqa: PLC0415
                CompiledTables,
                compiled_reduced_explore,
            )

            compiled = CompiledTables(self.machine)
            return lambda who: compiled_reduced_explore(
                compiled, self._judge, participants=who, limit=options.limit
            )
        return lambda who: self._with_tables(
            lambda tables: reduced_explore(
                tables, self._judge, participants=who, limit=options.limit
            )
        )

    def _with_tables(self, use: Callable[[Tables], Found]) -> Found:
        """Call `use` with tables whose fields have the first width that is large enough."""
        for bits, stage_bits in _WIDTHS:
            try:
                return use(Tables(Packing(self.machine, bits, stage_bits)))
            except TooNarrowError:
                continue
        raise AgreementError("cannot encode states: more local states than any width has room for")

    def _refuted(self, result: Exploration, what: str) -> Report:
        def find(tables: Tables) -> Schedule:
            packing, known = tables.packing, {}

            def wrong(state: int) -> bool:
                stages = state & packing.stages
                if stages not in known:
                    known[stages] = self._judge(
                        packing.outputs(stages), packing.participants(stages)
                    )
                return known[stages] is not None

            return shortest(tables, wrong)

        schedule = self._with_tables(find)
        replayed = run(self._program, self._inputs, schedule)
        said = self._judge(replayed.outputs, replayed.participants)
        if said is None:
            raise AgreementError(f"the simulator does not see what the search found: {what}")
        return self._make_report(
            Verdict.REFUTED, result, None, example=self._example(schedule, said)
        )

    def _bound_exceeded(self, error: TooManyStepsError) -> Report:
        self.machine.lift_bound()
        schedule = self._with_tables(
            lambda tables: shortest(
                tables, lambda state: tables.packing.local(state, error.me).number == error.number
            )
        )
        what = f"not wait-free within the bound: process {error.me} takes "
        example = self._example(
            schedule, f"{what}{counted(error.bound, 'step')} and has not decided"
        )
        nothing = Exploration(0, 0, len(schedule), frozenset(), complete=False)
        return self._make_report(Verdict.REFUTED, nothing, None, example=example)

    def _example(self, schedule: Schedule, what: str, loop: Schedule = ()) -> Counterexample:
        replayed = run(self._program, self._inputs, schedule)
        return Counterexample(self._inputs, schedule, what, replayed, loop)

    def _make_report(
        self,
        verdict: Verdict,
        result: Exploration,
        steps: int | None,
        *,
        example: Counterexample | None = None,
        limit: int | None = None,
    ) -> Report:
        for automaton in self.machine.automata:
            if automaton.by_history is not None:
                self._note(f"local states by history: {automaton.by_history}")
        return Report(
            verdict,
            1,
            1,
            result.states,
            result.transitions,
            result.levels,
            result.outcomes,
            steps,
            example,
            limit,
            tuple(self._notes),
        )

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)
