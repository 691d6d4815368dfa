"""The form of a claim: a statement, its check, and a negative twin that must be refuted.

A negative twin is the broken variant beside a claim. A claim passes if its check holds and the
check of its twin refutes what the claim says that it refutes: the statement itself, a lemma of the
proof, or a damaged certificate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from agreement.verdict import Verdict
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Claim", "Finding", "Kind", "Refutes", "Tick", "refuted", "together"]

Tick: TypeAlias = Callable[[str], None]
"""Called now and then by a check, with a few words on its progress."""


class Kind(StrEnum):
    """The kind of evidence behind a claim."""

    BOUNDED = "bounded"
    """All instances up to a bound were examined."""
    LEMMA = "lemma"
    """Formulas were found valid, over any number of things; the statement is these formulas."""
    INDUCTIVE = "inductive"
    """An induction over steps was done as a whole by machine: start, every step, conclusion."""
    COMPOSED = "machine-checked steps, composed in prose"
    """The steps of an argument are lemmas; the claim's file composes them in words."""
    CERTIFICATE = "certificate"
    """A certificate was found that a small checker, which shares no code with the finder, accepts.

    What an accepted certificate means may rest on a theorem in prose: `trusts` names it.
    """


class Refutes(StrEnum):
    """What a refutation shows to be false."""

    STATEMENT = "the claim's statement"
    """An instance, or a run from an initial state, in which the statement fails."""
    LEMMA = "a lemma of its proof"
    """A clause, step or lemma fails: the proof is refuted, the statement may still be true."""
    START = "its initial condition"
    """An initial state fails before any step is made: nothing is said of the steps."""
    CERTIFICATE = "a damaged certificate"
    """The checker rejects a certificate that was changed: the statement may still be true."""
    OTHER = "another lemma"
    """A statement fails that is not among those of the claim; it is checked by the same means."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check, which always carries its evidence.

    A verdict *holds* has figures that count what was examined, at least one of them positive.
    *Refuted* has the counterexample in `shown`, and `refutes` says what it refutes. *Unknown* has
    the reason in `shown`. Any other combination raises LocalError.
    """

    verdict: Verdict
    figures: tuple[tuple[str, int], ...] = ()
    shown: str = ""
    refutes: Refutes | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.verdict, Verdict):
            raise LocalError(f"cannot make a finding: {self.verdict!r} is not a Verdict")
        if not isinstance(self.shown, str):
            raise LocalError(f"cannot make a finding: {self.shown!r} is not a string to be shown")
        for name, figure in self.figures:
            if type(name) is not str or type(figure) is not int or figure < 0:
                raise LocalError(f"cannot make a finding: {name!r}, {figure!r} is not a count")
        if self.verdict is Verdict.REFUTED:
            self._refuted()
        elif self.refutes is not None:
            raise LocalError(f"a finding that says {self.verdict.value!r} refutes nothing")
        elif self.verdict is Verdict.HOLDS and not any(figure for _, figure in self.figures):
            raise LocalError("a finding that says 'holds' must count what was examined in figures")
        elif self.verdict is Verdict.UNKNOWN and not self.shown.strip():
            raise LocalError("a finding that says 'unknown' must give the reason in shown")

    def _refuted(self) -> None:
        if not isinstance(self.refutes, Refutes):
            raise LocalError("a finding that says 'refuted' must say what it refutes, in refutes")
        if not self.shown.strip():
            raise LocalError("a finding that says 'refuted' must show a counterexample in shown")


def refuted(
    shown: str,
    figures: tuple[tuple[str, int], ...] = (),
    refutes: Refutes = Refutes.STATEMENT,
) -> Finding:
    """Return the finding of a counterexample; by default it refutes the claim's statement."""
    return Finding(Verdict.REFUTED, figures, shown, refutes)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim: `check` must hold, and `refute`, the check of its negative twin, must refute.

    `bound` says what was examined: nothing is claimed beyond it. `trusts` says what must be right
    for the check to mean anything. `refutes` says what the twin's check refutes. `check` and
    `refute` are functions of a module, so that other processes can import them.
    """

    name: str
    statement: str
    source: str
    bound: str
    check: Callable[[Tick], Finding]
    twin: str
    refute: Callable[[Tick], Finding]
    refutes: Refutes
    kind: Kind = Kind.BOUNDED
    trusts: str = "agreement.explore, the bounded checker"
    slow: bool = False
    """Takes more than some seconds; `ttkem verify --quick` leaves it out and says so."""

    def __post_init__(self) -> None:
        for field in ("name", "statement", "source", "bound", "twin", "trusts"):
            text: object = getattr(self, field)
            if not isinstance(text, str) or not text.strip():
                raise LocalError(f"claim {self.name!r}: {field} says nothing: {text!r}")
        refutes, kind, check, refute = _untyped(self.refutes, self.kind, self.check, self.refute)
        if not isinstance(refutes, Refutes) or not isinstance(kind, Kind):
            raise LocalError(f"claim {self.name!r}: give a Kind as kind and a Refutes as refutes")
        if not callable(check) or not callable(refute) or self.check is self.refute:
            raise LocalError(f"claim {self.name!r}: check and refute must be two functions")

    @property
    def file(self) -> str:
        """The file that defines the claim, from the root of its checkout."""
        return f"{self.check.__module__.replace('.', '/')}.py"


def _untyped(*values: object) -> tuple[object, ...]:
    """Return values of which the type is to be checked: annotations do not bind a caller."""
    return values


def together(findings: Iterable[Finding]) -> Finding:
    """Return the first finding that does not hold; if all hold, one with the sums of figures."""
    sums: dict[str, int] = {}
    shown: list[str] = []
    for finding in findings:
        if finding.verdict is not Verdict.HOLDS:
            return finding
        shown += [finding.shown] * bool(finding.shown)
        for name, figure in finding.figures:
            sums[name] = sums.get(name, 0) + figure
    return Finding(Verdict.HOLDS, tuple(sums.items()), "\n".join(shown))
