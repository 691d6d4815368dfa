"""A claim: a statement, its check, and a negative twin that must be refuted.

A negative twin is the broken variant beside a claim. A claim passes if its check holds and the
check of its twin refutes what the claim's `refutes` names: the statement itself, a lemma of the
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
"""A function that a check calls now and then, with a few words on its progress."""


class Kind(StrEnum):
    """The kind of evidence behind a claim."""

    BOUNDED = "bounded"
    """All instances up to a bound were examined."""
    LEMMA = "lemma"
    """Formulas were proved valid for structures of any size; the statement is these formulas."""
    INDUCTIVE = "inductive"
    """The whole induction was checked by machine: start, every step, conclusion."""
    COMPOSED = "machine-checked steps, composed in prose"
    """The steps of an argument are lemmas; the claim's file composes them in prose."""
    CERTIFICATE = "certificate"
    """A certificate was accepted by a small checker, which shares no code with what made it.

    What an accepted certificate means may rest on a theorem in prose: `trusts` names it.
    """


class Refutes(StrEnum):
    """What a refutation shows to be false."""

    STATEMENT = "the claim's statement"
    """An instance, or a run from an initial state, in which the statement fails."""
    LEMMA = "a lemma of its proof"
    """A clause, step or lemma fails: the proof is refuted, but the statement may still be true."""
    START = "its initial condition"
    """A property fails in an initial state: this says nothing about the steps."""
    CERTIFICATE = "a damaged certificate"
    """The checker rejects a changed certificate: the statement may still be true."""
    OTHER = "another lemma"
    """A statement that is not part of the claim, but is checked by the same means, fails."""


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
        self._counts()
        if self.verdict is Verdict.REFUTED:
            self._refuted()
        elif self.refutes is not None:
            raise LocalError(
                f"a finding {self.verdict.value!r} must not have refutes: leave it out"
            )
        elif self.verdict is Verdict.HOLDS and not any(figure for _, figure in self.figures):
            raise LocalError("a finding 'holds' must count what was examined in figures")
        elif self.verdict is Verdict.UNKNOWN and not self.shown.strip():
            raise LocalError("a finding 'unknown' must give the reason in shown")

    def _counts(self) -> None:
        if type(self.figures) is not tuple:
            raise LocalError(
                f"cannot make a finding: figures must be a tuple, not {self.figures!r}"
            )
        for each in self.figures:
            if not _is_count(each):
                raise LocalError(f"cannot make a finding: {each!r} in figures is not (name, count)")
        names = [name for name, _ in self.figures]
        if len({*names}) != len(names):
            raise LocalError(f"cannot make a finding: two of {', '.join(names)} have one name")

    def _refuted(self) -> None:
        if not isinstance(self.refutes, Refutes):
            raise LocalError("a finding 'refuted' must name what it refutes in refutes")
        if not self.shown.strip():
            raise LocalError("a finding 'refuted' must give the counterexample in shown")


def _is_count(figure: object) -> bool:
    """Return whether this is a name and a number of things counted."""
    match figure:
        case (name, number) if type(figure) is tuple:
            return type(name) is str and type(number) is int and number >= 0
    return False


def refuted(
    shown: str,
    figures: tuple[tuple[str, int], ...] = (),
    refutes: Refutes = Refutes.STATEMENT,
) -> Finding:
    """Return a finding with a counterexample, by default to the claim's statement."""
    return Finding(Verdict.REFUTED, figures, shown, refutes)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim: `check` must hold, and `refute`, the check of its negative twin, must refute.

    `bound` says what was examined; nothing is claimed beyond it. `trusts` lists what the check
    relies on. `refutes` says what the twin's check refutes. `check` and `refute` are functions of a
    module, so that other processes can import them.
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
    """Whether the check takes more than some seconds; ``ttkem verify --quick`` leaves it out."""

    def __post_init__(self) -> None:
        for field in ("name", "statement", "source", "bound", "twin", "trusts"):
            text: object = getattr(self, field)
            if not isinstance(text, str) or not text.strip():
                raise LocalError(f"claim {self.name!r}: {field} must be text, not {text!r}")
        refutes, kind, check, refute = _untyped(self.refutes, self.kind, self.check, self.refute)
        same: object = self.refute
        if type(self.slow) is not bool:
            raise LocalError(f"claim {self.name!r}: slow must be True or False, not {self.slow!r}")
        if not isinstance(refutes, Refutes) or not isinstance(kind, Kind):
            raise LocalError(f"claim {self.name!r}: give a Kind as kind and a Refutes as refutes")
        if not callable(check) or not callable(refute) or self.check == same:
            raise LocalError(f"claim {self.name!r}: check and refute must be two functions")

    @property
    def file(self) -> str:
        """The file that defines the claim, from the root of its checkout."""
        return f"{self.check.__module__.replace('.', '/')}.py"


def _untyped(*values: object) -> tuple[object, ...]:
    """Return values as objects, so that their types can be checked: callers may ignore them."""
    return values


def together(findings: Iterable[Finding]) -> Finding:
    """Return the first finding that does not hold, or else one finding with the summed figures."""
    sums: dict[str, int] = {}
    shown: list[str] = []
    for finding in findings:
        if finding.verdict is not Verdict.HOLDS:
            return finding
        shown += [finding.shown] * bool(finding.shown)
        for name, figure in finding.figures:
            sums[name] = sums.get(name, 0) + figure
    return Finding(Verdict.HOLDS, tuple(sums.items()), "\n".join(shown))
