"""Lower bounds on rounds: refutations by SAT, each accepted by three checkers.

A decision map of k rounds is a satisfying assignment of a formula (`agreement.solve.formula`).
CaDiCaL refutes the formula where there is none, and the refutation is checked in two forms:

1. as a certificate (`agreement.solve.certificates`): both certificate checkers build the formula
   anew from views and edges, and derive each clause in turn by unit propagation;
2. as text: `ttkem.verification.sat.backward` finds, from the empty clause backwards, the clauses
   that it needs, and `ttkem.verification.sat.hints` checks these by hints, without any search.

The checkers share no code, so that a wrong refutation or a wrong formula would have to pass all of
them. Where a number of rounds is the least, both certificate checkers also accept a protocol with
one round more.

Source: HS06 (paths), AER23 (cycles), `agreement.solve.formula` [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreement.graph import Graph, cycle, path, sun
from agreement.solve import RefusedError, check_certificate, decide, load_atlas
from agreement.solve.certificates import by_refutation
from agreement.solve.formula import cadical
from agreement.solve.refutation_formula import named_formula
from agreement.task import Task
from agreement.topology import all_inputs
from agreement.verdict import Verdict
from agreement.wording import counted
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.sat.backward import with_hints
from ttkem.verification.sat.hints import HintError, check_hints

if TYPE_CHECKING:
    from agreement.solve.certificates import Document


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: `rounds` are too few for `count` processes; with `least`, one more is enough."""

    name: str
    graph: Graph
    count: int
    rounds: int
    least: bool = True
    validity: str = "geodesic"

    @property
    def task(self) -> Task:
        """The task that cannot be solved in this number of rounds."""
        return Task(self.graph, self.validity)

    def __str__(self) -> str:
        return f"{self.name}, n = {self.count}, {counted(self.rounds, 'round')}"


FACTS = (
    Fact("P5", path(5), 2, 1),
    Fact("P4", path(4), 3, 1),
    Fact("P5", path(5), 3, 1),
    Fact("P6", path(6), 3, 2),
    Fact("P4", path(4), 4, 1),
    Fact("3-sun", sun(3), 4, 1),
    Fact("C4", cycle(4), 3, 1, least=False),
    Fact("C4", cycle(4), 3, 2, least=False),
    Fact("C5", cycle(5), 3, 1, least=False),
    Fact("C5", cycle(5), 3, 2, least=False),
)


def of_atlas() -> tuple[Fact, ...]:
    """Return the facts for which the atlas has a certificate by SAT."""
    return tuple(
        Fact(f"atlas {number}, {validity}", graph, count, answer.refuted, validity=validity)
        for number, graph, answers in load_atlas()
        for (count, validity), answer in answers.items()
        if "propositional refutation" in answer.kinds and answer.refuted is not None
    )


@dataclass(frozen=True, slots=True)
class Refutation:
    """A refutation in two formats: as DIMACS and DRAT text, and as a certificate."""

    dimacs: str
    drat: tuple[str, ...]
    document: Document


def refutation(fact: Fact) -> Refutation | None:
    """Return the refutation that CaDiCaL finds; None if there is a decision map."""
    task = fact.task
    plain = named_formula(task, all_inputs(fact.graph.order, fact.count), fact.rounds)
    answer = cadical(plain.formula, proof=True)
    if answer.satisfiable:
        return None
    document = by_refutation(task, fact.count, plain, answer.proof)
    return Refutation(plain.formula.dimacs(), answer.proof, document)


def rejections(found: Refutation) -> tuple[str, str, int]:
    """Return why certificate checkers and hint checker reject it, and the number of lemmas needed.

    A reason is empty if the refutation is accepted.
    """
    first, second, needed = "", "", 0
    try:
        check_certificate(found.document)
    except RefusedError as error:
        first = str(error)
    try:
        needed = check_hints(found.dimacs, with_hints(found.dimacs, found.drat))
    except HintError as error:
        second = str(error)
    return first, second, needed


def judged(fact: Fact) -> Finding:
    """Check that all checkers accept the refutation, and, for the least rounds, a protocol."""
    found = refutation(fact)
    if found is None:
        return refuted(f"{fact}: there is a decision map")
    first, second, needed = rejections(found)
    if first or second:
        return refuted(f"{fact}: rejected: {first or second}", refutes=Refutes.CERTIFICATE)
    figures = {"refutations": 1, "clauses": found.dimacs.count("\n") - 1, "lemmas needed": needed}
    if fact.least:
        decision = decide(fact.task, fact.count, rounds=fact.rounds + 1)
        if decision.least != fact.rounds + 1:
            return Finding(Verdict.UNKNOWN, shown=f"{fact}: no protocol with one round more")
        for document in decision.certificates:
            check_certificate(document)
        figures["protocols"] = 1
    return Finding(Verdict.HOLDS, tuple(figures.items()))


def _check(tick: Tick) -> Finding:
    findings = []
    for fact in (*FACTS, *of_atlas()):
        tick(str(fact))
        findings.append(judged(fact))
    return together(findings)


def unfounded(found: Refutation) -> Refutation:
    """Return a refutation with a first clause that does not follow.

    The clause says that a view of one process alone does not decide its input.
    """
    drat = ("-1 0", "0")
    proof = found.document["proof"] | {"drat": list(drat)}
    return Refutation(found.dimacs, drat, found.document | {"proof": proof})


def _refute(tick: Tick) -> Finding:
    fact = Fact("C4", cycle(4), 3, 1)
    tick(str(fact))
    found = refutation(fact)
    if found is None:
        raise AssertionError("there is no decision map for C4")
    first, second, _ = rejections(unfounded(found))
    if first and second:
        return refuted(f"{fact}: rejected: {first}; {second}", refutes=Refutes.CERTIFICATE)
    return Finding(Verdict.HOLDS, (("refutations", 1),))


CLAIM = Claim(
    name="refuted-rounds",
    statement="there is no decision map for P4 and P5 in 1 round and P6 in 2, n = 3; for P5 in 1, "
    "n = 2; for P4 and the 3-sun in 1, n = 4; in each of these cases one round more is enough; nor "
    "for C4 and C5 in 1 and in 2, n = 3; nor for the other tasks of the atlas refuted by SAT",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006 (paths); Alistarh, Ellen, Rybicki, TCS "
    "2023 (cycles); agreement.solve.formula [D]",
    bound="these graphs, geodesic validity, and six tasks of the atlas; all inputs",
    check=_check,
    twin="a made-up refutation for C4, whose first clause does not follow",
    refute=_refute,
    refutes=Refutes.CERTIFICATE,
    kind=Kind.CERTIFICATE,
    trusts="one of three is enough: either of the two checkers of certificates, or "
    "ttkem.verification.sat.hints with the formula of agreement.solve; for least numbers of rounds "
    "the two checkers of certificates",
    slow=True,
)
