"""A lemma for Z3: named premises and a conclusion.

From premises that cannot all hold, anything follows. So the premises are shown to be satisfiable
before Z3 is asked about the conclusion. If the conclusion is an implication, the lemma's author
must check that its own premise can hold as well.
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
    """The statement that `then` follows from the premises `given`, which have names."""

    name: str
    given: Mapping[str, z3.BoolRef]
    then: z3.BoolRef
    tell: Callable[[z3.ModelRef], str] | None = None
    """A function that describes a counterexample; by default all symbols' values are listed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The answer of Z3 to a lemma."""

    verdict: Verdict
    used: tuple[str, ...] = ()
    """The names of the premises in the unsatisfiable core, if the lemma holds."""
    shown: str = ""
    """A counterexample, or the reason why the verdict is unknown."""


def prove(lemma: Lemma, milliseconds: int = MILLISECONDS) -> Proof:
    """Prove or refute a lemma.

    The verdict is UNKNOWN if Z3 gives no answer, and also if the premises were not shown to be
    satisfiable: a vacuous lemma does not count as proved. Raise LocalError if it is malformed.
    """
    given: object = lemma
    if not isinstance(given, Lemma):
        raise LocalError(f"cannot prove {given!r}: it is not a Lemma")
    name: object = lemma.name
    if not isinstance(name, str) or not name.strip():
        raise LocalError(f"a lemma cannot be called {name!r}: name what it says")
    check_formulas(lemma.name, lemma.given)
    check_formulas(lemma.name, {"then": lemma.then})
    for formula in (*lemma.given.values(), lemma.then):
        check_names(lemma.name, formula)
    premises = Premises(milliseconds)
    premises.assume(lemma.given)
    if (answer := premises.solver.check()) != z3.sat:
        return Proof(Verdict.UNKNOWN, shown=f"{lemma.name}: vacuous? its premises are {answer}")
    answer, model = premises.fails(lemma.then)
    if answer == z3.unsat:
        return Proof(Verdict.HOLDS, tuple(sorted(premises.core)))
    if model is not None:
        text = lemma.tell(model) if lemma.tell else _read(model)
        return Proof(Verdict.REFUTED, shown=f"{lemma.name}: {text}")
    return Proof(Verdict.UNKNOWN, shown=f"{lemma.name}: {premises.solver.reason_unknown()}")


def prove_all(lemmas: Iterable[Lemma], tick: Tick) -> Finding:
    """Prove one lemma or more; return the finding of the first that is not proved, or of all."""
    proved, used = 0, set[str]()
    for lemma in lemmas:
        tick(str(getattr(lemma, "name", lemma)))
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
    """Return a model's values by name, without the symbols that Z3 or this toolkit made."""
    values = sorted((str(each), str(model[each]).replace("!val!", " ")) for each in model.decls())
    return ", ".join(f"{name} = {value}" for name, value in values if not {"!", RESERVED} & {*name})
