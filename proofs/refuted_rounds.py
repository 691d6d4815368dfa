"""Lower bounds on rounds: refutations by SAT, each accepted by two checkers.

A decision map of k rounds is a model of a formula (`agreement.solve.formula`). That there is none
is a refutation by CaDiCaL, and that goes two ways that share no code:

1. as a certificate (`agreement.solve.certificates`): the certificate checker makes the formula anew
   from views and edges, and looks for a derivation of each clause in turn, forwards;
2. as text: `ttkem.verification.sat.backward` finds, backwards, what the empty clause needs, and
   `ttkem.verification.sat.hints` checks that part by its hints, without any search.

So a wrong refutation, a wrong formula of the finder's and a wrong checker would each show. Where a
number of rounds is the least, a protocol with one round more is run by `certificate_checker`.

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
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.sat.backward import with_hints
from ttkem.verification.sat.hints import HintError, check_hints

if TYPE_CHECKING:
    from agreement.solve.certificates import Document


@dataclass(frozen=True, slots=True)
class Fact:
    """`rounds` are too few for `count` processes; with `least`, one more is enough."""

    name: str
    graph: Graph
    count: int
    rounds: int
    least: bool = True
    validity: str = "geodesic"

    @property
    def task(self) -> Task:
        """The task that cannot be solved in so few rounds."""
        return Task(self.graph, self.validity)

    def __str__(self) -> str:
        return f"{self.name}, n = {self.count}, {self.rounds} rounds"


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
    """CaDiCaL's; None if there is a decision map."""
    task = fact.task
    plain = named_formula(task, all_inputs(fact.graph.order, fact.count), fact.rounds)
    answer = cadical(plain.formula, proof=True)
    if answer.satisfiable:
        return None
    document = by_refutation(task, fact.count, plain, answer.proof)
    return Refutation(plain.formula.dimacs(), answer.proof, document)


def refused(found: Refutation) -> tuple[str, str, int]:
    """Why the first and the second checker refuse it, or nothing; the clauses that are needed."""
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
    """Check that both checkers accept that so many rounds are too few, and one more is enough."""
    found = refutation(fact)
    if found is None:
        return refuted(f"{fact}: there is a decision map")
    first, second, needed = refused(found)
    if first or second:
        return refuted(f"{fact}: refused: {first or second}", refutes=Refutes.CERTIFICATE)
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


def presumed(found: Refutation) -> Refutation:
    """Instead of a refutation: a view that sees itself alone does not decide its input."""
    drat = ("-1 0", "0")
    proof = found.document["proof"] | {"drat": list(drat)}
    return Refutation(found.dimacs, drat, found.document | {"proof": proof})


def _refute(tick: Tick) -> Finding:
    fact = Fact("C4", cycle(4), 3, 1)
    tick(str(fact))
    found = refutation(fact)
    if found is None:
        raise AssertionError("C4 has no decision map")
    first, second, _ = refused(presumed(found))
    if first and second:
        return refuted(f"{fact}: refused: {first}; {second}", refutes=Refutes.CERTIFICATE)
    return Finding(Verdict.HOLDS, (("refutations", 1),))


CLAIM = Claim(
    name="refuted-rounds",
    statement="no decision map for P4, P5 in 1 round and P6 in 2, n = 3; P5 in 1, n = 2; P4 and "
    "the 3-sun in 1, n = 4: one more is enough; none for C4 and C5 in 1 and 2, n = 3; and what "
    "else the atlas refutes by SAT",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006 (paths); Alistarh, Ellen, Rybicki, TCS "
    "2023 (cycles); agreement.solve.formula [D]",
    bound="these graphs, geodesic validity, and six tasks of the atlas; all inputs",
    check=_check,
    twin="a made-up refutation for C4, whose first clause does not follow",
    refute=_refute,
    refutes=Refutes.CERTIFICATE,
    kind=Kind.CERTIFICATE,
    trusts="one of: the two checkers of certificates; ttkem.verification.sat.hints with the "
    "formula of agreement.solve",
    slow=True,
)
