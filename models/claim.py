"""Claims: a statement, its check, and a negative twin, whose check must refute.

Both catalogues, `models` and `proofs`, are made of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from agreement.explore import Options, Verdict, check, check_inputs, swimlanes
from agreement.memory import format_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agreement.explore import Counterexample, Judge, Report
    from agreement.memory import Program
    from agreement.protocols import Protocol
    from agreement.task import Task

__all__ = [
    "Claim",
    "Finding",
    "Kind",
    "Refutes",
    "Tick",
    "checked",
    "checked_from",
    "explored",
    "together",
]

Tick: TypeAlias = Callable[[str], None]
"""Called now and then by a check, with a few words on how far it is."""


class Kind(StrEnum):
    """What stands behind a claim."""

    BOUNDED = "bounded"
    """All instances up to a bound were looked at."""
    LEMMA = "lemma"
    """Formulas were found valid, over any number of things; the statement is these formulas."""
    INDUCTIVE = "inductive"
    """An induction over steps done as a whole by machine: start, every step, conclusion."""
    COMPOSED = "machine-checked steps, composed in prose"
    """The steps of an argument are lemmas; the claim's file composes them in words."""
    CERTIFICATE = "certificate"
    """Something was found that a small checker, which shares no code with the finder, accepts.

    What an accepted certificate means may rest on a theorem in prose: `trusts` names it.
    """


class Refutes(StrEnum):
    """What a refuted negative twin shows to be wrong."""

    CLAIM = "the claim"
    """The claim's property, as the twin changes it: a run, an input or an instance violates it."""
    STEP = "a step of its proof"
    """A lemma or an induction step of the proof; the changed property may hold all the same."""
    LEMMA = "another lemma"
    """A statement that is not among those of the claim, checked by the same means."""
    CERTIFICATE = "a damaged certificate"
    """A certificate that was altered or made up: the checker rejects it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says, the figures that stand behind it, and what refutes it, for people."""

    verdict: Verdict
    figures: tuple[tuple[str, int], ...] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: `check` must hold, and `refute`, the check of a negative twin, must refute.

    `twin` says how the twin differs, and `refutes` what its refutation concerns: the claim itself,
    a step of its proof, another lemma or a damaged certificate. `bound` says what was checked:
    nothing is claimed beyond it. `trusts` says what must be right for the check to mean anything.
    `check` and `refute` are functions of a module, so that other processes can be told of them.
    """

    name: str
    statement: str
    source: str
    bound: str
    check: Callable[[Tick], Finding]
    twin: str
    refute: Callable[[Tick], Finding]
    refutes: Refutes
    """What a refuted twin shows to be wrong; `twin` says how the twin differs."""
    kind: Kind = Kind.BOUNDED
    trusts: str = "agreement.explore, the bounded checker"
    slow: bool = False
    """Takes more than some seconds: left out, and said to be, by `ttkem verify --quick`."""

    @property
    def file(self) -> str:
        """Where it stands, from the root of the checkout."""
        return f"{self.check.__module__.replace('.', '/')}.py"


def checked(protocol: Protocol, tick: Tick, *, symmetry: bool = False) -> Finding:
    """The checker on a protocol: all inputs, all schedules, its bound on own steps."""
    bound = protocol.own_steps
    return explored(protocol.program, protocol.task, protocol.count, bound, tick, symmetry=symmetry)


def explored(
    program: Program,
    task: Task,
    count: int,
    bound: int | None,
    tick: Tick,
    *,
    symmetry: bool = False,
) -> Finding:
    """The checker on a program: all inputs, all schedules."""

    def progress(done: int, total: int, states: int) -> None:
        tick(f"{done} of {total} inputs, {states:,} states")

    options = Options(symmetry=symmetry, progress=progress)
    report = check(program, task, count, bound=bound, options=options)
    return _finding(report, task.graph.labels)


def checked_from(
    program: Program, inputs: Sequence[int], judge: Judge, bound: int | None = None
) -> Finding:
    """The checker on a program, for one input vector and any judge."""
    return _finding(check_inputs(program, inputs, judge, bound=bound), ())


def together(findings: Iterable[Finding]) -> Finding:
    """One finding of several, at least one: the first that does not hold, or sums of figures."""
    sums: dict[str, int] = {}
    findings = tuple(findings)
    if not findings:
        raise AssertionError("no finding: nothing was looked at")
    for finding in findings:
        if finding.verdict is not Verdict.HOLDS:
            return finding
        for name, figure in finding.figures:
            sums[name] = sums.get(name, 0) + figure
    return Finding(Verdict.HOLDS, tuple(sums.items()))


def _finding(report: Report, labels: Sequence[str]) -> Finding:
    figures = (
        ("inputs", report.inputs),
        ("states", report.states),
        ("transitions", report.transitions),
        ("outcomes", len(report.outcomes)),
    )
    example = report.counterexample
    return Finding(report.verdict, figures, "" if example is None else picture(example, labels))


def picture(example: Counterexample, labels: Sequence[str]) -> str:
    """A counterexample for the terminal."""

    def name(vertex: int) -> str:
        return labels[vertex] if labels else str(vertex)

    schedule = format_schedule(example.schedule)
    return f"{example.what}\nschedule: {schedule}\n{swimlanes(example.run, name)}"
