"""A lemma for Z3: named premises, the conclusion, and the premises that were used.

A proof whose premises cannot all hold proves nothing worth having. So they are shown to be
satisfiable, by a model, before the conclusion is asked for. (If the conclusion is an implication,
that its own premise can hold besides is for the lemma's author to check.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import z3

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification.claim import Finding, Refutes
from ttkem.verification.finite import RESERVED
from ttkem.verification.premises import Premises
from ttkem.verification.wellformed import check_formulas, check_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ttkem.verification.claim import Tick

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
    """Describes a counterexample; by default the values of all symbols are listed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The answer of Z3 to a lemma."""

    verdict: Verdict
    used: tuple[str, ...] = ()
    """Names of the premises in the unsatisfiable core, if it holds."""
    shown: str = ""
    """A counterexample, or why there is neither proof nor counterexample."""


def prove(lemma: Lemma, milliseconds: int = MILLISECONDS) -> Proof:
    """Prove or refute.

    UNKNOWN if Z3 gives up, and if the premises were not shown to be satisfiable: a lemma that holds
    for want of cases is not counted as proved. LocalError if something is no formula.
    """
    name: object = lemma.name
    if not isinstance(name, str) or not name.strip():
        raise LocalError(f"a lemma needs a name that says something, unlike {name!r}")
    check_formulas(lemma.name, lemma.given)
    check_formulas(lemma.name, {"then": lemma.then})
    for formula in (*lemma.given.values(), lemma.then):
        check_names(lemma.name, formula)
    premises = Premises(milliseconds)
    premises.assume(lemma.given)
    if (said := premises.solver.check()) != z3.sat:
        return Proof(Verdict.UNKNOWN, shown=f"{lemma.name}: vacuous? its premises are {said}")
    said, model = premises.fails(lemma.then)
    if said == z3.unsat:
        return Proof(Verdict.HOLDS, tuple(sorted(premises.core)))
    if model is not None:
        told = lemma.tell(model) if lemma.tell else _read(model)
        return Proof(Verdict.REFUTED, shown=f"{lemma.name}: {told}")
    return Proof(Verdict.UNKNOWN, shown=f"{lemma.name}: {premises.solver.reason_unknown()}")


def prove_all(lemmas: Iterable[Lemma], tick: Tick) -> Finding:
    """Prove lemmas, at least one: return the first that is not proved, or how many were."""
    proved, used = 0, set[str]()
    for lemma in lemmas:
        tick(lemma.name)
        proof = prove(lemma)
        if proof.verdict is not Verdict.HOLDS:
            refutes = Refutes.LEMMA if proof.verdict is Verdict.REFUTED else None
            return Finding(proof.verdict, (("lemmas", proved),), proof.shown, refutes)
        proved += 1
        used.update(proof.used)
    if not proved:
        raise LocalError("no lemma was given: nothing was proved")
    return Finding(Verdict.HOLDS, (("lemmas", proved), ("premises used", len(used))))


def _read(model: z3.ModelRef) -> str:
    """Return a model's values by name, without what Z3 or the tracking of premises made up."""
    told = sorted((str(each), str(model[each]).replace("!val!", " ")) for each in model.decls())
    return ", ".join(f"{name} = {value}" for name, value in told if not {"!", RESERVED} & {*name})
