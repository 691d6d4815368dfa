"""The options of a check, its report and the counterexample in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agreement.memory import context_switches

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.memory import Run, Schedule, Value
    from agreement.verdict import Verdict

__all__ = ["Counterexample", "Options", "Report"]


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
