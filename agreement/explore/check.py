"""Check that a protocol solves a task, wait-free, for all inputs and all schedules.

All schedules include all crashes, since a crashed process is one that is not scheduled any more.
`docs/agreement.md` and `Judge` say why it suffices to judge the states of runs without crashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from agreement.errors import (
    AgreementError,
    ImpureProgramError,
    ProgramError,
    ProtocolError,
    VertexError,
)
from agreement.explore.engine import explore
from agreement.explore.environment import Environment
from agreement.explore.growth import growing
from agreement.explore.input_classes import carried, class_of, identity
from agreement.explore.machine import FaultError, Machine, StepLimitError, TooManyStepsError
from agreement.explore.replay import repeated, replayed, require_unchanged, sampled
from agreement.explore.searches import Search, fault_schedule, with_tables
from agreement.explore.shortest import lasso, shortest
from agreement.explore.state_encoding import Exploration
from agreement.explore.watchdog import Watchdog
from agreement.graph import automorphisms
from agreement.memory import Program, Run, Schedule, Simulation, Value, context_switches
from agreement.memory.process import check_inputs as check_ints
from agreement.verdict import Verdict
from agreement.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from agreement.explore.state_encoding import Judge
    from agreement.explore.step_tables import Tables
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
    stopped at it. `transitions` is 0 if it stopped at a number of steps of one process. `notes`
    says why a verdict is unknown, or what makes the program impure, with file and line.
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
    computing time of one step. A process that is undecided after `most_steps` of its own steps (or
    after the own-step bound, if that is larger) ends a search as unknown. `progress` is called with
    the input vectors done, all input vectors, and the states so far.
    """

    engine: str = "python"
    reduce: bool = False
    symmetry: bool = False
    limit: int = 5_000_000
    most_steps: int = 1_000
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
    counterexample is replayed in the simulator before it is returned; it is a shortest one over all
    inputs (with symmetry, over one input vector of each
    class) and, for its inputs, one with fewest context switches. Ctrl-C ends the search with the
    verdict unknown and the figures of the inputs that were done. The verdict is impure if the
    program is not a function of its input and its responses. Raises ProgramError, with inputs and
    schedule, if the program raises or breaks the rules, or if an output is not a vertex.
    """
    chosen = options or Options()
    environment = Environment(program)
    maps = automorphisms(task.graph) if chosen.symmetry else identity(task.graph.order)
    classes: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for inputs in task.inputs(count):
        classes.setdefault(class_of(inputs, maps, symmetric=chosen.symmetry), []).append(inputs)
    total = sum(map(len, classes.values()))
    reports: list[Report] = []
    covered = states = 0
    renamed: set[tuple[Value, ...]] = set()
    rest = [alike[0] for alike in classes.values()] if chosen.symmetry else [*task.inputs(count)]
    for alike in classes.values():
        searched: list[tuple[Machine, Report]] = []
        for inputs in alike:
            covered += 1
            outcomes = carried(program, searched, inputs, maps, chosen.seconds)
            if outcomes is not None:
                renamed |= outcomes
            else:
                judge = task.judge(inputs)
                checker = _Checker(program, inputs, judge, bound, chosen, maps, environment)
                reports.append(checker.report())
                states += reports[-1].states
                if reports[-1].verdict is Verdict.REFUTED:
                    later = rest[rest.index(alike[0] if chosen.symmetry else inputs) + 1 :]
                    reports[-1] = _shortened(reports[-1], program, task, later, chosen)
                    return _combined(reports, covered, renamed)
                if reports[-1] is _INTERRUPTED or reports[-1].verdict is Verdict.IMPURE:
                    return _combined(reports, covered - 1, renamed)
                if chosen.symmetry:
                    searched.append((checker.machine, reports[-1]))
                chosen = _narrowed(chosen, reports, checker)
            if chosen.progress is not None:
                chosen.progress(covered, total, states)
    return _combined(reports, covered, renamed)


def _narrowed(options: Options, reports: list[Report], checker: _Checker) -> Options:
    """Return options for the inputs that are left: once local states grow, with a smaller limit."""
    if not checker.grows or options.limit <= _AFTER_GROWTH:
        return options
    said = f"the inputs after these were searched up to {_AFTER_GROWTH:,} states and 100 steps each"
    reports[-1] = replace(reports[-1], notes=(*reports[-1].notes, said))
    return replace(options, limit=_AFTER_GROWTH, most_steps=min(options.most_steps, 100))


_AFTER_GROWTH = 100_000
"""The limit of states for the other inputs, once local states do not end for some."""

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
        try:
            example = checker.shorter(len(example.schedule)) or example
        except (ProtocolError, VertexError, StepLimitError):
            continue  # a run in which the program raises is no shorter violation of the task
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


def _combined(reports: list[Report], inputs: int, renamed: set[tuple[Value, ...]]) -> Report:
    verdicts = [report.verdict for report in reports]
    worst = next((v for v in _WORST_FIRST if v in verdicts), Verdict.HOLDS)
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


_WORST_FIRST = (Verdict.IMPURE, Verdict.REFUTED, Verdict.UNKNOWN)

ENGINES = ("python", "compiled")


Found = TypeVar("Found")


def _shortest(
    tables: Tables, wanted: Callable[[tuple[Value, ...], frozenset[int]], bool]
) -> Schedule:
    """Return a shortest schedule to a state whose outputs and participants are wanted."""
    packing, known = tables.packing, dict[int, bool]()

    def look(state: int) -> bool:
        stages = state & packing.stages
        if stages not in known:
            known[stages] = wanted(packing.outputs(stages), packing.participants(stages))
        return known[stages]

    return shortest(tables, look)


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
        environment: Environment | None = None,
    ) -> None:
        if options.engine not in ENGINES:
            raise AgreementError(
                f"there is no engine {options.engine!r}: use {' or '.join(ENGINES)}"
            )
        if type(options.most_steps) is not int or options.most_steps < 1:
            raise AgreementError(
                f"most_steps must be an int, at least 1, not {options.most_steps!r}"
            )
        check_ints(inputs)
        self._program, self._inputs, self._judge = program, inputs, judge
        self._bound, self._options, self._maps = bound, options, maps
        self._environment = environment or Environment(program)
        self._notes: list[str] = []
        self.grows = False
        self.machine: Machine
        self._watchdog: Watchdog

    def report(self) -> Report:
        """Search, and check that every run ends; return `_INTERRUPTED` after Ctrl-C."""
        try:
            with Watchdog(self._options.seconds) as self._watchdog:
                try:
                    report = self._told()
                except ProgramError:
                    require_unchanged(self._environment)
                    raise
                require_unchanged(self._environment)
        except ImpureProgramError as error:
            return replace(_INTERRUPTED, verdict=Verdict.IMPURE, notes=(str(error),))
        except KeyboardInterrupt:
            return _INTERRUPTED
        return report

    def _told(self) -> Report:
        """Search; raise ProgramError, with a run, for what a program must not do."""
        try:
            return self._report(counting=False)
        except FaultError as fault:
            self._raise_fault(fault)
        except VertexError as error:
            self._raise_no_vertex(error)

    def shorter(self, length: int) -> Counterexample | None:
        """Return a shortest violation, or None if none has fewer than `length` steps."""
        with Watchdog(self._options.seconds) as self._watchdog:
            self._start(counting=False)
            limit, depth = self._options.limit, length - 1
            result = self._with_tables(lambda t: explore(t, self._judge, limit=limit, depth=depth))
            if result.violation is None:
                return None
            return self._refuted(result, result.violation.what).counterexample

    def _start(self, *, counting: bool) -> None:
        bound, most = self._bound, self._options.most_steps
        self.machine = Machine(
            self._program,
            self._inputs,
            counting=counting,
            bound=bound,
            watchdog=self._watchdog,
            environment=self._environment,
            most=most if bound is None else max(most, bound),
        )

    def _report(self, *, counting: bool) -> Report:
        self._start(counting=counting)
        search = Search(self.machine, self._judge, self._options, self._maps)
        try:
            result = search.run()
        except TooManyStepsError as error:
            return self._bound_exceeded(error)
        except StepLimitError as error:
            result = Exploration(search.states, 0, search.levels, frozenset(), complete=False)
            self._note(f"stopped: {error}")
            return self._unknown(result, None)
        for note in search.notes:
            self._note(note)
        if result.violation is not None:
            return self._refuted(result, result.violation.what)
        if not result.complete:
            return self._unknown(result, self._options.limit)
        for automaton in self.machine.automata:
            automaton.check_deterministic()
        sampled(self._program, self.machine, self._watchdog)
        longest = [automaton.longest() for automaton in self.machine.automata]
        steps = None if None in longest else max(s for s in longest if s is not None)
        if steps is None:
            found = self._with_tables(lasso)
            if found is not None:
                return self._not_wait_free(result, found.prefix, found.loop)
        if not counting and (steps is None or (self._bound is not None and steps > self._bound)):
            return self._report(counting=True)
        return self._make_report(Verdict.HOLDS, result, steps)

    def _unknown(self, result: Exploration, limit: int | None) -> Report:
        """Return that a limit was reached, and which local variables grow."""
        for automaton in self.machine.automata:
            grown = growing(automaton)
            if grown is not None:
                self.grows = True
                self._note(grown)
        return self._make_report(Verdict.UNKNOWN, result, None, limit=limit)

    def _not_wait_free(self, result: Exploration, prefix: Schedule, loop: Schedule) -> Report:
        schedule = (*prefix, *loop)
        who = sorted({me for block in loop for me in block})
        what = (
            f"not wait-free: process {', '.join(map(str, who))} can go on for ever: the "
            f"last {counted(len(loop), 'step leads', 'steps lead')} back to the same state"
        )
        done = repeated(self._program, self.machine, prefix, loop, self._watchdog)
        example = Counterexample(self._inputs, schedule, what, done, loop)
        return self._make_report(Verdict.REFUTED, result, None, example=example)

    def _with_tables(self, use: Callable[[Tables], Found]) -> Found:
        return with_tables(self.machine, use)

    def _raise_fault(self, fault: FaultError) -> NoReturn:
        """Raise ProgramError with a shortest run in which the program does what it did."""
        schedule: Schedule = ()
        if fault.number >= 0:
            self.machine.lift_bound()
        while fault.number >= 0:
            try:
                schedule = fault_schedule(self.machine, fault)
                break
            except FaultError as earlier:  # a reduced search does not meet the first one first
                fault = earlier
        try:
            self._watchdog.begin()
            simulation = Simulation(self._program, self._inputs)
            for block in schedule:
                self._watchdog.begin()
                simulation.step(block)
        finally:
            self._watchdog.end()
        raise ImpureProgramError(
            f"{simulation.processes[fault.me].place}: {fault}: but not again, after the same "
            "responses"
        )

    def _raise_no_vertex(self, error: VertexError) -> NoReturn:
        """Raise ProgramError with a shortest run in which some output is not a vertex."""

        def odd(outputs: tuple[Value, ...], participants: frozenset[int]) -> bool:
            try:
                self._judge(outputs, participants)
            except VertexError:
                return True
            return False

        try:
            schedule = self._with_tables(lambda tables: _shortest(tables, odd))
        except FaultError as fault:
            self._raise_fault(fault)
        done = replayed(self._program, self.machine, schedule, self._watchdog)
        try:
            self._judge(done.outputs, done.participants)
        except VertexError as found:
            error = found
        raise ProgramError(str(error), self._inputs, schedule) from error

    def _refuted(self, result: Exploration, what: str) -> Report:
        schedule = self._with_tables(
            lambda tables: _shortest(tables, lambda *seen: self._judge(*seen) is not None)
        )
        done = replayed(self._program, self.machine, schedule, self._watchdog)
        said = self._judge(done.outputs, done.participants)
        if said is None:
            raise AgreementError(f"the simulator does not see what the search found: {what}")
        example = Counterexample(self._inputs, schedule, said, done)
        return self._make_report(Verdict.REFUTED, result, None, example=example)

    def _bound_exceeded(self, error: TooManyStepsError) -> Report:
        self.machine.lift_bound()
        schedule = self._with_tables(
            lambda tables: shortest(
                tables, lambda state: tables.packing.local(state, error.me).number == error.number
            )
        )
        what = f"not wait-free within the bound: process {error.me} takes "
        what += f"{counted(error.bound, 'step')} and has not decided"
        done = replayed(self._program, self.machine, schedule, self._watchdog)
        example = Counterexample(self._inputs, schedule, what, done)
        nothing = Exploration(0, 0, len(schedule), frozenset(), complete=False)
        return self._make_report(Verdict.REFUTED, nothing, None, example=example)

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
