"""Paths: midpoints halve the range in every round, for every number of processes.

Vertices are numbered from an end of the path. value(p) is what process p writes in a round. Then p
moves to the middle of the lowest and the highest value that it sees, (low + high) // 2. Assume that

* p sees itself, and only values that were written;
* of p and q at least one sees the other (`proofs.visibility`; it also follows from nested views);
* any two values written are at most s apart.

Then any two new values are at most ceil(s / 2) apart: both are middles of intervals that have a
value x in common, and whose ends are at most s apart. New values are between two old ones. Nothing
is assumed about the number of processes, or when they move, because a round is one array. The
formulas are about six processes: p and q, which have read all that they read, and the four whose
values are their lowest and highest, which may have crashed since. No other process matters.

By `proofs.halving`, after the `halvings(d)` rounds of `path_protocol` outputs are at most 1 apart
if inputs are at most d apart, so that the processes agree. All values stay between two inputs of
processes that took a step, and so in every carrier. If the inputs are adjacent, all values are
inputs.

Source: HS06, AER23 section 3; `agreement.protocols.midpoint` [D].
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import z3

from agreement.graph import Graph, path
from agreement.protocols import path_protocol
from agreement.protocols.centre import Centre, centre
from agreement.task import Task
from agreement.verdict import Verdict
from proofs.halving import rounds, rounds_as_coded
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from agreement.protocols import Protocol

PROCESS = z3.DeclareSort("Process")
VALUE = z3.Function("value", PROCESS, z3.IntSort())
SEES = z3.Function("sees", PROCESS, PROCESS, z3.BoolSort())
P, Q, LOW_P, HIGH_P, LOW_Q, HIGH_Q = SIX = z3.Consts("p q low_p high_p low_q high_q", PROCESS)
ENDS = {P: (LOW_P, HIGH_P), Q: (LOW_Q, HIGH_Q)}
SPREAD = z3.Int("s")

VISIBLE = "one sees the other"
VIEWS = {
    "a process sees itself": z3.And(SEES(P, P), SEES(Q, Q)),
    VISIBLE: z3.Or(P == Q, SEES(P, Q), SEES(Q, P)),
    "low and high are seen": z3.And([SEES(p, end) for p in ENDS for end in ENDS[p]]),
    "what is seen is between low and high": z3.And(
        [
            z3.Implies(SEES(p, q), z3.And(VALUE(low) <= VALUE(q), VALUE(q) <= VALUE(high)))
            for p, (low, high) in ENDS.items()
            for q in SIX
        ]
    ),
}
WITHIN = {
    "values are at most s apart": z3.And(
        [VALUE(p) - VALUE(q) <= SPREAD for p, q in product(SIX, repeat=2)]
    ),
}


def middle(low: z3.ArithRef, high: z3.ArithRef) -> z3.ArithRef:
    """Return the midpoint as the code does: rounded down, towards the path's origin."""
    return (low + high) / 2


def after(p: z3.ExprRef) -> z3.ArithRef:
    """Return the value of p after the round."""
    low, high = ENDS[p]
    return middle(VALUE(low), VALUE(high))


def halved(new_p: z3.ArithRef, new_q: z3.ArithRef) -> z3.BoolRef:
    """State that two new values are at most s / 2 apart, rounded up."""
    bound = (SPREAD + 1) / 2
    return z3.And(new_p - new_q <= bound, new_q - new_p <= bound)


def describe(model: z3.ModelRef) -> str:
    """Describe the values of p and q, and the values that they see."""

    def value(p: z3.ExprRef) -> z3.ExprRef:
        return model.eval(VALUE(p), model_completion=True)

    seen = (f"{p} has {value(p)}, sees {value(ENDS[p][0])} to {value(ENDS[p][1])}" for p in ENDS)
    return f"values at most {model[SPREAD]} apart; {'; '.join(seen)}"


def validity() -> tuple[Lemma, ...]:
    """Return the lemmas that values stay between inputs, and among adjacent inputs."""
    low, high, new, first, last = z3.Ints("low high new first last")
    seen = z3.And(first <= low, low <= high, high <= last)
    round_ = {"values seen are between inputs": seen, "to the middle": new == middle(low, high)}
    adjacent = {"adjacent inputs": last == first + 1}
    return (
        Lemma("new values are between inputs", round_, z3.And(first <= new, new <= last)),
        Lemma("values stay in a clique", round_ | adjacent, z3.Or(new == first, new == last)),
    )


PATHS = (path(9), Graph.of(6, [(4, 0), (0, 2), (2, 5), (5, 1), (1, 3)]))
"""The paths on which the code is compared with `middle`; the second is numbered out of order."""


def goes_to(protocol: Protocol, mine: int, other: int) -> int:
    """Return where one of two processes moves in the first round, with `mine`, seeing `other`."""
    program = protocol.program
    if isinstance(program, Centre):
        return centre(program.graph, program.origin, (mine, other))
    steps = program(0, 2, mine)
    next(steps)  # its write
    steps.send(None)  # its read
    try:
        steps.send(other)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    raise AssertionError("a round of two processes is a write and a read")


def as_coded(communication: str) -> Finding:
    """Check that the protocol in this communication model moves to `middle`, on `PATHS`."""
    pairs = 0
    for graph in PATHS:
        protocol = path_protocol(Task(graph), 2, communication, rounds=1)
        origin = min(v for v in range(graph.order) if graph.degree(v) == 1)
        places = graph.distances(origin)
        for mine, other in product(range(graph.order), repeat=2):
            pairs += 1
            found = places[goes_to(protocol, mine, other)]
            low, high = sorted((places[mine], places[other]))
            expected = z3.simplify(middle(z3.IntVal(low), z3.IntVal(high))).as_long()
            if found != expected:
                shown = f"{communication}: from {low} and {high} to {found}, not {expected}"
                return refuted(shown)
    return Finding(Verdict.HOLDS, (("pairs", pairs),))


def contraction(given: dict[str, z3.BoolRef]) -> Lemma:
    """Return the lemma that a round halves the distance, from these premises."""
    return Lemma("a round halves", given, halved(after(P), after(Q)), describe)


def _check(tick: Tick) -> Finding:
    lemmas = (contraction(VIEWS | WITHIN), *validity(), *rounds(2))
    found = [prove_all(lemmas, tick)]
    for model in ("collect", "snapshot"):
        tick(f"the code's middle, {model}")
        found.append(as_coded(model))
        tasks = [Task(path(order)) for order in range(2, 40)]
        found.append(rounds_as_coded((path_protocol(task, 3, model) for task in tasks), 2))
    return together(found)


def _refute(tick: Tick) -> Finding:
    blind = {name: premise for name, premise in VIEWS.items() if name != VISIBLE}
    return prove_all([contraction(blind | WITHIN)], tick)


CLAIM = Claim(
    name="path-agreement",
    statement="n processes agree on a path by midpoints of collects or snapshots: r rounds reduce "
    "the range d to at most d / 2^r, rounded up; after the code's number of rounds it is at most "
    "1, and outputs are valid",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006; Alistarh, Ellen, Rybicki, TCS 2023, "
    "section 3; agreement.protocols.midpoint [D]",
    bound="every n, every path, input and run; the code: all pairs on two paths, and the numbers "
    "of rounds on 38 paths",
    check=_check,
    twin="of two processes none need see the other",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; one sees the other (claim visibility); claim halving; induction over rounds and "
    "that each round has its own array, in the file",
)
