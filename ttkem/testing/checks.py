"""Conformance checks, and how one is carried out: passed, failed with a trace, or not tested.

A check is a function that plays runs (:class:`~ttkem.testing.run.Run`). Its docstring, "Check that
...", states the rule that it checks. If the protocol lacks a feature that the check needs, the
check is *not tested*.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from ttkem.crypto.recording import Recorder, recording
from ttkem.testing.evidence import Evidence
from ttkem.testing.features import Feature, lacking
from ttkem.testing.knowledge import ReplayError
from ttkem.testing.run import Failure, Run
from ttkem.testing.shrink import shrink, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.adversary import Trace
    from ttkem.cgka import CGKA
    from ttkem.testing.contracts import Contract

__all__ = ["Bench", "Check", "Result", "Status", "carry_out", "check"]


class Status(StrEnum):
    """The status of a check that was carried out."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TESTED = "not tested"


@dataclass(frozen=True, slots=True)
class Check:
    """A named rule, and the function that checks it."""

    suite: str
    name: str
    rule: str
    """The rule, as a sentence."""
    needs: frozenset[Feature]
    play: Callable[[Bench], None] = field(compare=False)


@dataclass(slots=True)
class Bench:
    """The environment of a check: the protocol, the seed, the budget and the latest run."""

    protocol: CGKA
    seed: str
    examples: int
    """The number of random examples of a check that draws them."""
    steps: int
    """The number of steps of a random example."""
    contract: Contract | None = None
    """What the protocol promises; None: its own contract."""
    latest: Run | None = None
    played: int = 0
    """The number of runs played so far."""
    evidence: Evidence = field(default_factory=Evidence)
    """What the runs say that have ended."""
    _counted: Run | None = None

    def run(
        self, *names: str, judged: bool = True, deep: bool = False, recorded_only: bool = False
    ) -> Run:
        """Begin a new run with members of these names, after judging the latest one.

        A ``judged`` run is attacked at its end: from the record of its cryptography, and by an
        attacker who loads its states, unless it is ``recorded_only``. The attack on a ``deep`` run
        computes with single keys if the protocol is a tree protocol.
        """
        self.settle()
        self.latest = Run(
            self.protocol,
            f"{self.seed} {self.played}",
            names,
            judged=judged,
            deep=deep,
            recorded_only=recorded_only,
            contract=self.contract,
        )
        self.played += 1
        return self.latest

    def settle(self) -> None:
        """Judge the latest run, if it is to be judged and has not been yet, and count it."""
        run = self.latest
        if run is None or run is self._counted:
            return
        self._counted = run
        try:
            if run.judged:
                run.judge()
        finally:
            self.evidence.take(run)

    def give_up(self) -> None:
        """Count the latest run, which has broken a rule, without judging it."""
        if self.latest is not None and self.latest is not self._counted:
            self._counted = self.latest
            self.evidence.take(self.latest)

    def random_of(self, number: int) -> Random:
        """Return a generator for the random choices of one example."""
        return Random(f"{self.seed} {number}")  # noqa: S311 - choices of a test

    @property
    def random(self) -> Random:
        """A generator for the random choices of this check; it is not used for keys."""
        return Random(self.seed)  # noqa: S311 - choices of a test


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a check on a protocol."""

    check: Check
    status: Status
    seed: str
    seconds: float
    runs: int
    why: str = ""
    """The reason why the check was not tested."""
    broken: str = ""
    """The rule that is broken, if the check failed."""
    seen: str = ""
    """The observation that breaks the rule."""
    story: tuple[str, ...] = ()
    """How a computed key follows from what leaked or travelled, a line for each step."""
    expected: str = ""
    """What the rule demands instead of what was seen."""
    cause: frozenset[str] = frozenset()
    """For a computed key the kinds of computations that lead to it."""
    picture: str = ""
    """For a computed key the public trees, with the nodes whose secrets were computed."""
    trace: Trace | None = None
    """The shrunk run that breaks the rule."""
    evidence: Evidence = field(default_factory=Evidence, compare=False)
    """What all runs of the check say."""


def check(suite: str, *needs: Feature) -> Callable[[Callable[[Bench], None]], Check]:
    """Return a decorator that turns a function into a check that needs these features.

    The check is named after the function. Its rule is the docstring, without the leading
    "Check that" if there is one.
    """

    def decorate(play: Callable[[Bench], None]) -> Check:
        rule = " ".join((play.__doc__ or "").split()).removeprefix("Check that ")
        rule = rule[:1].upper() + rule[1:]
        return Check(suite, play.__name__.replace("_", " "), rule, frozenset(needs), play)

    return decorate


def carry_out(
    check: Check,
    protocol: CGKA,
    seed: str,
    examples: int = 20,
    steps: int = 25,
    *,
    shrunk: bool = True,
    contract: Contract | None = None,
) -> Result:
    """Carry out one check on a protocol; shrink a failing run to one that breaks the same rule.

    The protocol is judged by ``contract``, or by its own (:func:`contract_of`).
    """
    started = time.perf_counter()
    missing = sorted(check.needs & lacking(protocol))
    if missing:
        why = f"{protocol.name} lacks {', '.join(missing)}"
        return Result(check, Status.NOT_TESTED, seed, 0.0, 0, why)
    bench = Bench(protocol, f"{seed} {check.name}", examples, steps, contract)
    trace = None
    with recording(Recorder()):  # the primitives are replaced once for all runs of the check
        failure = _play(check, bench)
        spent = time.perf_counter() - started
        if failure is None:
            return Result(
                check, Status.PASSED, bench.seed, spent, bench.played, evidence=bench.evidence
            )
        if bench.latest is not None:
            trace = bench.latest.trace
            if shrunk:
                trace, failure = shrink(protocol, bench.latest, failure)
    return Result(
        check,
        Status.FAILED,
        bench.seed,
        time.perf_counter() - started,
        bench.played,
        broken=failure.rule,
        seen=failure.seen,
        story=failure.story,
        expected=failure.expected,
        cause=failure.cause,
        evidence=bench.evidence,
        picture=failure.picture,
        trace=trace,
    )


def _play(check: Check, bench: Bench) -> Failure | None:
    """Play a check and judge its last run; return the failure, or None."""
    try:
        check.play(bench)
        bench.settle()
    except Failure as failure:
        found = failure
    except ReplayError as error:
        found = Failure(
            "error of the judge",
            f"a key seemed to follow from what leaked or travelled, but could not be computed: "
            f"{error}; this says nothing about the protocol, please report it",
        )
    except Exception as error:  # noqa: BLE001 - a protocol under test may raise anything
        found = unexpected(error)
    else:
        return None
    bench.give_up()
    return found
