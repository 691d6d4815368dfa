"""Set agreement reduces to agreement on graphs whose vertices can be labelled so.

**Theorem** [D], after AER23's reduction [recalled]. Let a task on a graph, with D({v}) = {v} as all
four validities have it, have labels 0, 1, 2 of its vertices, no clique showing all three, and three
*arcs*: walks from a vertex a_0 labelled 0 to a_1 labelled 1, from a_1 to a_2 labelled 2, and from
a_2 to a_0, such that D of two neighbours on an arc shows the labels of the arc's ends only. Then a
protocol for 3 processes gives one for (3, 2)-set agreement with inputs 0, 1, 2: outputs are inputs
of processes that take part, and two different ones at most. There is none (claim set-agreement); so
there is no protocol for the task.

*The reduction.* First find a start. A process that knows of the input i only starts from a_i. Who
knows of i and j, and no third, goes along their arc by midpoints, as on a path, for `halvings` of
the longest arc's length rounds; who knows of all three starts from a_0. Then run the protocol, and
decide the label of its output.

*Proof.* Outputs are a clique, which shows two labels at most. Where all three inputs take part,
nothing else is asked. If the inputs of those who take part are i and j, or i only, everybody knows
of no others: they are on the path of the arc between a_i and a_j, whose ends they begin at, and by
claim path-agreement starts are equal or neighbours on it. So the output, in D of these, is labelled
i or j; and i, if the only start is a_i, as D({a_i}) = {a_i}. []

The condition is a special case of that of `proofs.labelled_walks`: the three arcs make the walk.
Starts are looked at in all runs of 3 processes, for arcs of several lengths; arcs on all graphs of
the atlas.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, TypeAlias

from agreement.explore import check_inputs
from agreement.graph import cycle
from agreement.memory import COMMUNICATION_MODELS
from agreement.protocols.protocol import halvings, step_complexity
from agreement.solve import Solvability, load_atlas
from agreement.task import VALIDITIES, Task
from agreement.verdict import Verdict
from proofs.graphs.walk_search import find_arcs
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, refuted, together

if TYPE_CHECKING:
    from agreement.memory import Steps, Value

COUNT = 3
Arc: TypeAlias = tuple[int, ...]
"""Vertices of a graph, neighbours on the arc one after another."""

Place: TypeAlias = "tuple[frozenset[int], int]"
"""The inputs that a process knows of, and where it is on their arc if there are two."""


@dataclass(frozen=True, slots=True)
class Starts:
    """The program that finds a start: outputs a place on arcs of so many sides."""

    lengths: tuple[int, int, int]
    rounds: int
    form: str = "collect"

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """One process with input 0, 1 or 2; see `agreement.memory.Program`."""
        place: Place = (frozenset({value}), 0)
        for array in range(self.rounds):
            view = yield from COMMUNICATION_MODELS[self.form](me, count, array, place)
            place = self.moved([seen for seen in view if isinstance(seen, tuple)])
        return place

    def moved(self, seen: list[Place]) -> Place:
        """To the middle of the places seen, if they know of two inputs."""
        known = frozenset[int]().union(*(inputs for inputs, _ in seen))
        if len(known) != 2:  # noqa: PLR2004 - the ends of an arc
            return known, 0
        places = [at if len(inputs) > 1 else self.end(inputs, known) for inputs, at in seen]
        return known, (min(places) + max(places)) // 2

    def end(self, inputs: frozenset[int], known: frozenset[int]) -> int:
        """Return the end of the arc at which a process starts that knows only one of two inputs."""
        return 0 if min(inputs) == min(known) else self.lengths[sum(known) - 1]


def starts_agree(lengths: tuple[int, int, int], form: str, fewer: int = 0) -> Finding:
    """Check that starts are on one side of the arc, in all runs with two different inputs."""
    rounds = halvings(max(lengths)) - fewer
    program = Starts(lengths, rounds, form)
    findings = []
    for inputs in ((0, 1, 2), (0, 1, 1), (0, 2, 2), (1, 2, 1), (0, 0, 1)):

        def judge(
            outputs: tuple[Value, ...],
            participants: frozenset[int],
            inputs: tuple[int, ...] = inputs,
        ) -> str | None:
            taking_part = {inputs[p] for p in participants}
            places: list[Place] = [out for out in outputs if out is not None]  # type: ignore[misc]
            if any(not known <= taking_part for known, _ in places):
                return f"places {places} where only {sorted(taking_part)} take part"
            if len(taking_part) == 2:  # noqa: PLR2004
                at = [
                    place if len(known) > 1 else program.end(known, frozenset(taking_part))
                    for known, place in places
                ]
                if max(at, default=0) - min(at, default=0) > 1:
                    return f"places {at} on the arc of {sorted(taking_part)}"
            return None

        report = check_inputs(program, inputs, judge, bound=step_complexity(form, rounds, COUNT))
        example = report.counterexample
        if example is not None:
            return refuted(f"inputs {inputs}: {example.what}")
        findings.append(Finding(report.verdict, (("states", report.states),)))
    return together(findings)


def objection(task: Task, labels: tuple[int, ...], arcs: tuple[Arc, ...]) -> str:
    """Return which condition on labels and arcs fails, or the empty string."""
    graph = task.graph
    if len(labels) != graph.order or not set(labels) <= {0, 1, 2} or len(arcs) != COUNT:
        return "not a label for each vertex, and three arcs"
    for trio in combinations(range(graph.order), 3):
        if graph.is_clique(trio) and len({labels[v] for v in trio}) == COUNT:
            return f"the clique {trio} shows all labels"
    for number, arc in enumerate(arcs):
        ends = {number, (number + 1) % COUNT}
        if (labels[arc[0]], labels[arc[-1]]) != (number, (number + 1) % COUNT):
            return f"the arc {arc} is not from label {number} to the next"
        if arc[-1] != arcs[(number + 1) % COUNT][0]:
            return f"the arc {arc} does not end where the next begins"
        for x, y in pairwise(arc):
            if not {labels[v] for v in task.carrier({x, y})} <= ends:
                return f"D({{{x}, {y}}}), on the arc {arc}, shows the third label"
    return ""


def on_atlas(most: int, most_solvable: int) -> Finding:
    """Count the graphs with arcs among those unsolvable for three; check that no other has any."""
    figures: dict[str, int] = {}
    for number, graph, answers in load_atlas():
        for validity in VALIDITIES if graph.order <= most else ():
            task = Task(graph, validity)
            solvable = answers[COUNT, validity].verdict is not Solvability.UNSOLVABLE
            if solvable and graph.order > most_solvable:
                continue
            found = find_arcs(task)
            if found and (solvable or objection(task, *found)):
                said = objection(task, *found) or "it is solvable"
                return refuted(f"graph {number}, {validity}: {said}")
            kind = "solvable" if solvable else "with arcs" if found else "without arcs"
            figures[f"{validity}, {kind}"] = figures.get(f"{validity}, {kind}", 0) + 1
    return Finding(Verdict.HOLDS, tuple(sorted(figures.items())))


MOST = 7
"""Graphs of the atlas with up to so many vertices are looked at,"""
SOLVABLE = 6
"""and solvable ones, for which all labels must be tried, with up to so many."""
LENGTHS = ((1, 1, 1), (1, 1, 2), (2, 3, 4))


def _check(tick: Tick) -> Finding:
    findings = []
    for lengths in LENGTHS:
        for form in COMMUNICATION_MODELS:
            tick(f"arcs of {lengths}, {form}")
            findings.append(starts_agree(lengths, form))
    for length in range(4, 9):
        arcs = ((0, 1), (1, 2), (*range(2, length), 0))
        labels = (0, 1, *(2 for _ in range(length - 2)))
        said = objection(Task(cycle(length)), labels, arcs)
        findings.append(refuted(said) if said else Finding(Verdict.HOLDS, (("cycles", 1),)))
    tick("the atlas")
    return together([*findings, on_atlas(MOST, SOLVABLE)])


def _refute(tick: Tick) -> Finding:
    tick("one round too few")
    return starts_agree((2, 3, 4), "collect", fewer=1)


CLAIM = Claim(
    name="from-set-agreement",
    statement="3 processes find starts that are adjacent or equal on the arc of two inputs: the "
    "first part of the reduction of proofs.from_set_agreement; cycles have its labels and arcs, "
    "and no solvable task of the atlas has",
    source="after Alistarh, Ellen, Rybicki, TCS 2023 (from memory); proofs.from_set_agreement [D]",
    bound="n = 3, all runs, arcs of (1, 1, 1), (1, 1, 2) and (2, 3, 4) sides; C4 to C8; the atlas: "
    "unsolvable graphs up to 7 vertices, solvable ones up to 6. That the reduction is right on "
    "every graph with such labels and arcs is argued in the file, not checked",
    check=_check,
    twin="starts are found in one round less",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    trusts="agreement.explore, the bounded checker; the verdicts of the atlas",
)
