"""One run, played step by step and judged at its end: symbolic, or with real messages.

The two classes have the same interface, so campaigns, replays and shrinking treat them alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, cast

from ttkem.adversary.game import Game
from ttkem.adversary.invariant import TreeInvariant
from ttkem.adversary.judge import Judgement, judge
from ttkem.adversary.paired import Attacks, PairedGame, attack_game
from ttkem.adversary.replay_file import Violation
from ttkem.adversary.symbolic import SymbolicGame
from ttkem.adversary.windows import Windows
from ttkem.blanking import treekem, treekem_with_commit
from ttkem.errors import LocalError, RemoteError
from ttkem.tainted import tainted_treekem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ttkem.adversary.ledger import Ledger
    from ttkem.adversary.replay_file import Trace
    from ttkem.adversary.steps import Outcome, Step
    from ttkem.cgka import TreeCGKA, TreeMember

__all__ = [
    "PROTOCOLS",
    "Judged",
    "Model",
    "RealRun",
    "Run",
    "SymbolicRun",
    "new_run",
    "run_trace",
]

Model: TypeAlias = "Callable[[Sequence[str], str], SymbolicGame]"
"""Makes the symbolic game of a variant from the names of its participants and a seed."""

PROTOCOLS: dict[str, Callable[[int], TreeCGKA]] = {
    "TTKEM": tainted_treekem,
    "TKEM": treekem,
    "TKEM_commit": treekem_with_commit,
}
"""The protocols that can be attacked by name, as functions of the cipher suite number."""

_WITH_MODEL = "TTKEM"
_FRESH_AT_EVERY_OPERATION = "TKEM_commit"


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of judging a run."""

    findings: tuple[Violation, ...]
    judgement: Judgement | None
    """None if there is no symbolic model, or if the run ended early."""
    attacks: Attacks


class SymbolicRun:
    """A run of a symbolic model alone, by default that of Tainted TreeKEM."""

    def __init__(self, seed: str, names: Sequence[str], model: Model | None = None) -> None:
        self.model = SymbolicGame(names, seed=seed) if model is None else model(names, seed)

    @property
    def ledger(self) -> Ledger:
        """The public bookkeeping."""
        return self.model.ledger

    @property
    def over(self) -> bool:
        """Whether no further step can be played."""
        return self.model.over

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """The outcome of each step."""
        return self.model.outcomes

    def play(self, step: Step) -> Outcome:
        """Play one step."""
        return self.model.play(step)

    def trace(self) -> Trace:
        """Return the run so far."""
        return self.model.trace()

    def judge(self, attacked: Sequence[int] = (), *, explain: bool = False) -> Judged:
        """Judge the run; ``attacked`` is ignored, since there are no real bytes to attack."""
        del attacked
        judgement = None if self.over else judge(self.model, explain=explain)
        findings = tuple(self.model.findings) if judgement is None else judgement.findings
        return Judged(findings, judgement, Attacks())


class RealRun:
    """A real run: TTKEM beside its model, other protocols with the safe predicate alone."""

    def __init__(self, protocol: TreeCGKA, seed: str, names: Sequence[str]) -> None:
        self.protocol = protocol
        self._pair = PairedGame(protocol, seed, names) if protocol.name == _WITH_MODEL else None
        self.game = Game(protocol, seed, names) if self._pair is None else self._pair.real
        self.model = None if self._pair is None else self._pair.model
        self._invariant = TreeInvariant(protocol)
        self._kept: list[Violation] = []
        self.windows = (
            Windows(always_fresh=protocol.name == _FRESH_AT_EVERY_OPERATION)
            if self.model is None
            else self.model.windows
        )

    @property
    def ledger(self) -> Ledger:
        """The public bookkeeping."""
        return self.game.ledger

    @property
    def over(self) -> bool:
        """Whether no further step can be played."""
        over = self.game.over if self._pair is None else self._pair.over
        return over or bool(self._kept)

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """The outcome of each step."""
        return self.game.outcomes

    def play(self, step: Step) -> Outcome:
        """Play one step on the protocol, and on its model if any; check the tree invariant."""
        time, exposed = self.game.ledger.time, len(self.game.exposures)
        if self._pair is not None:
            outcome = self._pair.play(step)
        else:
            outcome = self.game.play(step)
            if outcome.accepted and not self.game.over:
                self.windows.observe(time, step)
        for exposure in self.game.exposures[exposed:]:
            member = cast("TreeMember", self.game.members[exposure.who])
            wrong = self._invariant.objections(member.state)
            self._kept += [Violation("invariant", time, what) for what in wrong]
        return outcome

    def trace(self) -> Trace:
        """Return the run so far."""
        return self.game.trace()

    def judge(self, attacked: Sequence[int] = (), *, explain: bool = False) -> Judged:
        """Judge the run, and attack it with all corruptions and with single exposures.

        ``attacked`` are indices of exposures; those out of range are ignored.
        """
        findings = [*self.game.findings, *self._kept]
        findings += [] if self._pair is None else self._pair.findings
        if self.over:
            return Judged(tuple(findings), None, Attacks())
        exposures = self.game.exposures
        chosen = [exposures[number] for number in attacked if number < len(exposures)]
        try:
            attacks = attack_game(self.game, self.protocol, self.windows, self.model, chosen)
        except RemoteError as error:
            finding = Violation(
                "storage", self.ledger.time, f"a member's saved state cannot be loaded: {error}"
            )
            return Judged((*findings, finding), None, Attacks())
        judgement = None if self.model is None else judge(self.model, explain=explain)
        findings += [*attacks.findings, *(judgement.findings if judgement else ())]
        return Judged(tuple(findings), judgement, attacks)


Run: TypeAlias = SymbolicRun | RealRun


def new_run(
    protocol: str, suite: int, seed: str, names: Sequence[str], model: Model | None = None
) -> Run:
    """Return a new run; suite 0 makes it symbolic, and so does a ``model``, which it plays."""
    if model is not None:
        return SymbolicRun(seed, names, model)
    if protocol not in PROTOCOLS:
        raise LocalError(f"unknown protocol {protocol!r}: choose from {', '.join(PROTOCOLS)}")
    if suite:
        return RealRun(PROTOCOLS[protocol](suite), seed, names)
    if protocol != _WITH_MODEL:
        raise LocalError(
            f"cannot play {protocol} without real messages: only {_WITH_MODEL} has a symbolic model"
        )
    return SymbolicRun(seed, names)


def run_trace(
    trace: Trace, *, every_atom: bool = True, model: Model | None = None
) -> tuple[Trace, tuple[Outcome, ...]]:
    """Replay a trace and judge it; return the trace with its findings, and every outcome.

    A real run is attacked with all its corruptions and, if ``every_atom``, with every single atom.
    With a ``model`` the trace is played on that.
    """
    run = new_run(trace.protocol, trace.suite, trace.seed, trace.members, model)
    for step in trace.steps:
        if run.over:
            break
        run.play(step)
    judged = run.judge(range(len(trace.steps)) if every_atom else ())
    return replace(run.trace(), found=judged.findings), tuple(run.outcomes)
