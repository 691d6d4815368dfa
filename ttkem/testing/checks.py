"""The list of checks, and how one is carried out: passed, failed with a trace, or not tested.

A check is a function that plays runs (:class:`~ttkem.testing.run.Run`); its docstring is the rule
it looks after. Whatever a protocol lacks that a check needs makes the check *not tested*.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from ttkem.testing.features import Feature, lacking
from ttkem.testing.run import Failure, Run
from ttkem.testing.shrink import shrink, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.adversary import Trace
    from ttkem.cgka import CGKA

__all__ = ["Bench", "Check", "Result", "Status", "carry_out", "check"]


class Status(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TESTED = "not tested"


@dataclass(frozen=True, slots=True)
class Check:
    """A named rule, and what looks after it."""

    suite: str
    name: str
    rule: str
    """The rule, as a sentence."""
    needs: frozenset[Feature]
    play: Callable[[Bench], None] = field(compare=False)


@dataclass(slots=True)
class Bench:
    """What a check works with: the protocol, its seed and budget; it keeps the latest run."""

    protocol: CGKA
    seed: str
    examples: int
    """How many random examples, where a check draws any."""
    steps: int
    """How many steps an example has, where a check draws them."""
    latest: Run | None = None
    played: int = 0
    """How many runs were played."""

    def run(self, *names: str, judged: bool = True, deep: bool = False) -> Run:
        """A fresh run with members of these names; ``judged`` runs are attacked at the end.

        A ``deep`` one key by key, where the protocol is a tree protocol.
        """
        self.settle()
        self.latest = Run(
            self.protocol, f"{self.seed} {self.played}", names, judged=judged, deep=deep
        )
        self.played += 1
        return self.latest

    def settle(self) -> None:
        """Attack with all that the latest run would have leaked, if that is still to be done."""
        if self.latest is not None and self.latest.judged:
            self.latest.judge()

    def random_of(self, number: int) -> Random:
        """A generator for the choices of one example."""
        return Random(f"{self.seed} {number}")  # noqa: S311 - choices of a test

    @property
    def random(self) -> Random:
        """A generator for the choices of this check; not for keys."""
        return Random(self.seed)  # noqa: S311 - choices of a test


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a check on a protocol."""

    check: Check
    status: Status
    seed: str
    seconds: float
    runs: int
    why: str = ""
    """Why it was not tested."""
    broken: str = ""
    """The rule that was found broken."""
    seen: str = ""
    """How."""
    trace: Trace | None = None
    """The shrunk run that shows it."""


def check(suite: str, *needs: Feature) -> Callable[[Callable[[Bench], None]], Check]:
    """Make a check of a function: its name and docstring become the check's."""

    def decorate(play: Callable[[Bench], None]) -> Check:
        rule = " ".join((play.__doc__ or "").split())
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
) -> Result:
    """Carry out one check on a protocol; what fails is shrunk to a short run that fails alike."""
    started = time.perf_counter()
    missing = sorted(check.needs & lacking(protocol))
    if missing:
        why = f"{protocol.name} lacks {', '.join(missing)}"
        return Result(check, Status.NOT_TESTED, seed, 0.0, 0, why)
    bench = Bench(protocol, f"{seed} {check.name}", examples, steps)
    failure = _play(check, bench)
    spent = time.perf_counter() - started
    if failure is None:
        return Result(check, Status.PASSED, bench.seed, spent, bench.played)
    trace = None
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
        trace=trace,
    )


def _play(check: Check, bench: Bench) -> Failure | None:
    """Play a check and attack with its last run; what it finds, or what the protocol raises."""
    try:
        check.play(bench)
        bench.settle()
    except Failure as failure:
        return failure
    except Exception as error:  # noqa: BLE001 - a protocol under test may raise anything
        return unexpected(error)
    return None
