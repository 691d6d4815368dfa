"""Tasks that Sperner's lemma refutes, by three labels and a closed walk.

**Theorem** [D]. Let D be the carrier map of a task on a graph. Let D grow with the set of inputs,
that is, D(S) is a subset of D(T) if S is one of T, and let D({v}) = {v}; all four validities have
both. Let the vertices be labelled 0, 1, 2, and let x_0, .., x_(m - 1), m >= 3, be a closed walk of
vertices, where consecutive ones need not be adjacent and may be equal. If

1. no clique inside D({x_0, x_j, x_(j + 1)}), 1 <= j <= m - 2, shows all three labels;
2. neither D({x_j, x_(j + 1)}) for any j nor D({x_(m - 1), x_0}) shows all three labels;
3. the number of these sides whose ends are labelled 0 and 2 is odd;

then no protocol for 3 or more processes solves the task, in any number of rounds.

*Proof.* As for cycles (`proofs.cycles`), the m-gon, cut into triangles (0, j, j + 1), is the inputs
of three processes; corner j has the input x_j. After k rounds it is a surface (claim
polygon-subdivision). Label each view by the label of its decision. The decision is in D of the
inputs that the view knows. Since D grows, it is in D of the corners of its triangle, or of the ends
of its side; at corner j it is x_j, as D({x_j}) = {x_j}. Call the edges labelled 0 and 2 doors. By 2
the views on a side show at most two labels. If these are 0 and 2, the number of doors on the side
is odd if and only if the labels of its ends differ; otherwise there is no door on it, and its ends
are not labelled 0 and 2. So by 3 the boundary has an odd number of doors, and by claim
polygon-doors with i = 1 some triangle is labelled 0, 1, 2. Its decisions are a clique inside D of
three inputs of one triangle, which contradicts 1. []

If no clique of the graph shows three labels, the labels are a simplicial map from the clique
complex to a hollow triangle, round which the walk goes an odd number of times. Cycles are of this
kind, labelled 0, 1, 2, 2, .., 2, and so are graphs that retract to one. The smaller D is, the
easier it is to satisfy the conditions: tasks that they refute under clique validity they refute
under all four.

The reduction from set agreement needs more of the labels: `proofs.from_set_agreement`.

On the atlas, a walk is found for every graph that is unsolvable for three processes, and none for a
solvable one (here with up to 6 vertices; in the tests' campaign with up to 7). The finder
(`proofs.graphs.walk_search`) is not trusted: `objection` checks what it finds.
"""

from __future__ import annotations

from itertools import combinations, pairwise

import z3

from agreement.graph import cycle
from agreement.graph.examples import DIAMOND
from agreement.solve import Solvability, load_atlas
from agreement.task import VALIDITIES, Task
from agreement.verdict import Verdict
from proofs.graphs.walk_search import find_walk
from proofs.sperner_parity import MIDDLE, door, triangles
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

ALL, DOOR = {0, 1, 2}, {0, 2}
COUNT = 3
MOST = 7
"""The most vertices of the graphs of the atlas that are examined."""
SOLVABLE = 6
"""The most vertices of solvable graphs: for them all labels must be tried."""


def objection(task: Task, labels: tuple[int, ...], walk: tuple[int, ...]) -> str:
    """Return which of the three conditions fails, or which property D lacks; empty if none."""
    if len(labels) != task.graph.order or not set(labels) <= ALL or len(walk) < COUNT:
        return (
            "there must be a label 0, 1 or 2 for each vertex, and a walk of three vertices or more"
        )
    ends = [*pairwise(walk), (walk[-1], walk[0])]
    for x, y in ends[1:-1]:
        inputs = {walk[0], x, y}
        if said := _of_carriers(task, inputs):
            return said
        for trio in combinations(sorted(task.carrier(inputs)), 3):
            if task.graph.is_clique(trio) and {labels[v] for v in trio} == ALL:
                return f"1: the clique {trio}, inside D({inputs}), shows all labels"
    for x, y in ends:
        if {labels[v] for v in task.carrier({x, y})} == ALL:
            return f"2: D({{{x}, {y}}}) shows all labels"
    doors = sum({labels[x], labels[y]} == DOOR for x, y in ends)
    return "" if doors % 2 else f"3: {doors} sides are labelled 0 and 2"


def _of_carriers(task: Task, inputs: set[int]) -> str:
    """Return which assumption of the theorem D fails on these inputs, or the empty string."""
    several = [set(some) for size in (1, 2, 3) for some in combinations(sorted(inputs), size)]
    for some in several:
        if len(some) == 1 and task.carrier(some) != some:
            return f"D({some}) is not {some}"
        for more in several:
            if some < more and not task.carrier(some) <= task.carrier(more):
                return f"D({some}) is not inside D({more})"
    return ""


def along_a_side() -> tuple[Lemma, ...]:
    """Return the lemmas on the parity of doors on a side that shows at most two labels."""
    first, now, new, one, other = z3.Ints("first now new one other")
    passed = z3.Bool("doors")
    side = {
        "doors are labelled 0 and 2": MIDDLE == 1,
        "labels": z3.And([z3.And(x >= 0, x <= max(ALL)) for x in (one, other)]),
        "at most two are shown": z3.And([z3.Or(x == one, x == other) for x in (first, now, new)]),
    }
    so_far = {"so far": passed == door(first, now)}
    return (
        Lemma("at the first end", side, z3.Not(door(first, first))),
        Lemma("along a side", side | so_far, z3.Xor(passed, door(now, new)) == door(first, new)),
    )


def on_atlas(tick: Tick, most: int, solvable: int) -> Finding:
    """Check that of the graphs examined exactly the unsolvable ones have labels and a walk.

    Unsolvable graphs have up to `most` vertices, solvable ones up to `solvable`.
    """
    figures = dict.fromkeys((f"unsolvable, {validity}" for validity in VALIDITIES), 0)
    figures["solvable"] = 0
    for number, graph, answers in load_atlas():
        # Largest carriers first: a walk for them is a walk for smaller ones.
        found = None
        for validity in reversed(VALIDITIES) if graph.order <= most else ():
            task = Task(graph, validity)
            is_solvable = answers[COUNT, validity].verdict is not Solvability.UNSOLVABLE
            if is_solvable and graph.order > solvable:
                continue
            found = found or find_walk(task)
            if (found is None) != is_solvable:
                shown = f"graph {number}, {validity}: {found or 'no walk'}"
                return refuted(shown)
            if found is None:
                figures["solvable"] += 1
                continue
            if objection(task, *found):
                return refuted(f"graph {number}: {objection(task, *found)}")
            figures[f"unsolvable, {validity}"] += 1
        tick(f"graph {number}")
    return Finding(Verdict.HOLDS, tuple(figures.items()))


def cycles(most: int) -> Finding:
    """Check the conditions for cycles labelled 0, 1, 2, 2, .., with the walk once around."""
    for length in range(4, most + 1):
        labels = (0, 1, *(2 for _ in range(length - 2)))
        for validity in VALIDITIES:
            said = objection(Task(cycle(length), validity), labels, tuple(range(length)))
            if said:
                return refuted(f"C{length}, {validity}: {said}")
    return Finding(Verdict.HOLDS, (("cycles", most - 3),))


def _check(tick: Tick) -> Finding:
    found = prove_all((*triangles(), *along_a_side()), tick)
    return together([found, cycles(12), on_atlas(tick, MOST, SOLVABLE)])


def _refute(tick: Tick) -> Finding:
    tick("C4 with a chord")
    said = objection(Task(DIAMOND), (0, 1, 2, 2), (0, 1, 2, 3))
    figures = (("walks", 1),)
    return refuted(said, figures, Refutes.OTHER) if said else Finding(Verdict.HOLDS, figures)


CLAIM = Claim(
    name="labelled-walks",
    statement="a side with at most two labels has an odd number of doors exactly if its ends are "
    "labelled 0 and 2; by this step the theorem of proofs.labelled_walks shows tasks unsolvable "
    "for n >= 3; on the atlas exactly the tasks unsolvable for 3 have its labels and walk",
    source="after Alistarh, Ellen, Rybicki, TCS 2023; proofs.labelled_walks [D]",
    bound="by Z3: every triangle and side; by the argument in the file: every n >= 3, k and graph; "
    "the atlas: all unsolvable graphs with up to 7 vertices, all solvable ones with up to 6, four "
    "validities; cycles of 4 to 12 vertices",
    check=_check,
    twin="labels and walk of the 4-cycle serve for the 4-cycle with a chord",
    refute=_refute,
    refutes=Refutes.OTHER,
    kind=Kind.COMPOSED,
    trusts="Z3; the argument in the file, with its induction along sides; claims polygon-doors and "
    "polygon-subdivision with what they trust; the verdicts of the atlas; for other protocols than "
    "of immediate snapshots: these solve all that is wait-free solvable (Borowsky, Gafni)",
)
