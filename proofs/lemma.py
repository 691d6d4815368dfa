"""A lemma for Z3: named premises, what follows, and the premises that were used.

A proof that needs none of its premises, or whose premises cannot all hold, proves nothing worth
having. So the premises are shown to be satisfiable, by a model, before what follows is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import z3

from agreement.explore import Verdict
from models.claim import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from models.claim import Tick

__all__ = ["Lemma", "Proof", "prove", "prove_all"]

MILLISECONDS = 60_000
"""Z3's time for one question; what takes longer is unknown, not proved."""


@dataclass(frozen=True, slots=True)
class Lemma:
    """From the `given` premises, by name, follows `then`."""

    name: str
    given: Mapping[str, z3.BoolRef]
    then: z3.BoolRef
    tell: Callable[[z3.ModelRef], str] | None = None
    """How a counterexample is told; if by nothing else, by the values of what is named."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What Z3 said of a lemma."""

    verdict: Verdict
    used: tuple[str, ...] = ()
    """Names of the premises in the unsatisfiable core, if it holds."""
    shown: str = ""
    """A counterexample, or why there is neither proof nor counterexample."""


def prove(lemma: Lemma, milliseconds: int = MILLISECONDS) -> Proof:
    """Prove or refute.

    UNKNOWN if Z3 gives up, and if the premises were not shown to be satisfiable: a lemma that holds
    for want of cases is not counted as proved.
    """
    solver = z3.Solver()
    solver.set(timeout=milliseconds, unsat_core=True)
    for name, premise in lemma.given.items():
        solver.assert_and_track(premise, name)
    if (said := solver.check()) != z3.sat:
        return Proof(Verdict.UNKNOWN, shown=f"{lemma.name}: vacuous? its premises are {said}")
    solver.add(z3.Not(lemma.then))
    said = solver.check()
    if said == z3.unsat:
        return Proof(Verdict.HOLDS, tuple(sorted(map(str, solver.unsat_core()))))
    if said == z3.sat:
        model = solver.model()
        told = lemma.tell(model) if lemma.tell else _read(model, lemma.given)
        return Proof(Verdict.REFUTED, shown=f"{lemma.name}: {told}")
    return Proof(Verdict.UNKNOWN, shown=f"{lemma.name}: {solver.reason_unknown()}")


def prove_all(lemmas: Iterable[Lemma], tick: Tick) -> Finding:
    """One finding of several lemmas: the first that is not proved, or how many were."""
    proved, used = 0, set[str]()
    for lemma in lemmas:
        tick(lemma.name)
        proof = prove(lemma)
        if proof.verdict is not Verdict.HOLDS:
            return Finding(proof.verdict, (("lemmas", proved),), proof.shown)
        proved += 1
        used.update(proof.used)
    return Finding(Verdict.HOLDS, (("lemmas", proved), ("premises used", len(used))))


def _read(model: z3.ModelRef, hidden: Iterable[str]) -> str:
    """A model, sorted by name, without what stands for premises or what Z3 made up for itself."""
    told = sorted((str(each), str(model[each]).replace("!val!", " ")) for each in model.decls())
    shown = [pair for pair in told if "!" not in pair[0] and pair[0] not in hidden]
    return ", ".join(f"{name} = {value}" for name, value in shown)
