"""Impossibility for every length and number of rounds: claims hold, twins fail as named."""

import re

import pytest
import z3
from lemmas import verdict, without

from agreement.errors import AgreementError
from agreement.graph import Graph, complete, cycle, path
from agreement.graph.examples import DIAMOND
from agreement.protocols.synthesised import Tables
from agreement.solve import Solvability, decide, graphs
from agreement.solve.known_protocols import find_rule
from agreement.solve.sperner import retraction_to_cycle
from agreement.task import VALIDITIES, Task
from agreement.verdict import Verdict
from proofs import (
    chain_maps,
    cycles,
    from_set_agreement,
    labelled_walks,
    obstructed,
    ridges,
    set_agreement,
    sperner_parity,
    subdivisions,
)
from proofs.graphs.walk_search import find_arcs, find_walk
from ttkem.verification.lemma import Lemma, prove
from ttkem.verification.runner import run

MODULES = (
    sperner_parity,
    subdivisions,
    cycles,
    labelled_walks,
    set_agreement,
    from_set_agreement,
    ridges,
    chain_maps,
    obstructed,
)
CLAIMS = {module.CLAIM.name: module.CLAIM for module in MODULES}

FIGURES = {
    "polygon-doors": {"lemmas": 7},
    "polygon-subdivision": {"triangles": 13, "edges": 24, "lemmas": 5, "polygons": 7},
    "cycles": {"lemmas": 2, "carriers": 392},
    "labelled-walks": {
        "lemmas": 5,
        "cycles": 9,
        "unsolvable, geodesic": 51,
        "unsolvable, hull": 49,
        "unsolvable, monophonic": 49,
        "unsolvable, clique": 49,
        "solvable": 100,
    },
    "set-agreement": {"lemmas": 5, "runs with three outputs": 8},
    "from-set-agreement": {
        "states": 30262,
        "cycles": 5,
        "clique, solvable": 25,
        "clique, with arcs": 49,
        "geodesic, solvable": 25,
        "geodesic, with arcs": 49,
        "geodesic, without arcs": 2,
        "hull, solvable": 25,
        "hull, with arcs": 49,
        "monophonic, solvable": 25,
        "monophonic, with arcs": 49,
    },
    "subdivision-ridges": {"lemmas": 12},
    "chain-map": {
        "sets of inputs": 30,
        "facets": 1 + 3 + 13 + 75,
        "joins": 4,
        "protocols": 9,
        "equations": 532,
    },
    "obstructions": {"certificates": 15, "factors": 48, "solvable neighbours": 3},
}

SHOWN = {
    "polygon-doors": r"no door from i to i \+ 1: i = .*, side = ",
    "polygon-subdivision": r"\d seeing \d+ - \d seeing \d+ is in 3 triangles",
    "cycles": r"no three are pairwise adjacent: a = 0, b = 2, c = 4, i = 1",
    "labelled-walks": r"1: the clique \(0, 1, 3\), inside D\({0, 1, 2}\), shows all labels",
    "set-agreement": r"three outputs: c = 3, i = 1, ",
    "from-set-agreement": r"inputs \(0, 1, 2\): places \[\d, \d\] on the arc of",
    "subdivision-ridges": r"at most two: first run: p sees [\d ]+; second run: p sees",
    "chain-map": r"f\(\(0, 3\)\) has \(1, 3\), which is not a clique",
    "obstructions": r"C5: rejected: the unknowns do not cancel out",
}


@pytest.mark.parametrize("name", CLAIMS)
def test_the_claim_holds_and_its_twin_is_refuted(name, monkeypatch):
    for module in (labelled_walks, from_set_agreement):
        monkeypatch.setattr(module, "MOST", 6)
        monkeypatch.setattr(module, "SOLVABLE", 5)
    result = run(CLAIMS[name], lambda how: None)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    assert result.twin.verdict is Verdict.REFUTED, result.twin.shown
    assert re.search(SHOWN[name], result.twin.shown), result.twin.shown
    figures = dict(result.finding.figures)
    assert figures.pop("premises used", 1) > 0
    assert figures == FIGURES[name]


# Doors.


def test_every_premise_on_sides_is_needed():
    for lemma in sperner_parity.sides():
        for name in lemma.given:
            broken = Lemma(lemma.name, without(lemma.given, name), lemma.then)
            assert verdict(broken) is Verdict.REFUTED, (lemma.name, name)


def test_edges_counted_otherwise():
    """A triangle more, of whose doors one is forgotten."""
    step = sperner_parity.triangles()[2]
    passed = z3.Bool("doors")
    two = [
        sperner_parity.door(sperner_parity.X, sperner_parity.Y),
        sperner_parity.door(sperner_parity.Y, sperner_parity.Z),
    ]
    rainbow = sperner_parity.around(sperner_parity.X, sperner_parity.Y, sperner_parity.Z)
    then = z3.Xor(z3.Bool("triangles"), rainbow) == sperner_parity.odd(passed, *two)
    assert verdict(Lemma("step", step.given, then)) is Verdict.REFUTED
    assert verdict(step) is Verdict.HOLDS


# Subdivisions.


def test_sides_that_are_not_rows_of_edges(monkeypatch):
    whole = subdivisions.one_round("immediate", 3)
    swap = {0b001: 0b011, 0b011: 0b001}  # who sees itself alone, and who sees 1 too

    def twisted(form, count):
        return tuple((swap.get(a, a), b, c) for a, b, c in whole)

    monkeypatch.setattr(subdivisions, "one_round", twisted)
    assert "is in 1 triangle" in subdivisions.one_triangle().shown

    def renamed(communication, count):
        """0 sees 1 where it saw itself, and conversely: the side is not a row of edges any more."""
        names = {0b001: 0b010, 0b010: 0b001, 0b101: 0b110, 0b110: 0b101}
        return tuple(tuple(names.get(v, v) for v in views) for views in whole)

    monkeypatch.setattr(subdivisions, "one_round", renamed)
    assert subdivisions.one_triangle().shown == "the side from 0 to 1 is not a row of three edges"


def test_a_surface_of_three_triangles_at_an_edge():
    step = subdivisions.step()
    given = without(step.given, "a surface")
    assert verdict(Lemma("step", given, step.then)) is Verdict.REFUTED
    for lemma in subdivisions.fan():
        for name in set(lemma.given) - {"a polygon"}:
            broken = Lemma(lemma.name, without(lemma.given, name), lemma.then)
            assert verdict(broken) is Verdict.REFUTED, (lemma.name, name)


def test_polygons_that_are_not_surfaces(monkeypatch):
    polygon = subdivisions.subdivided_polygon(4, 1)

    class Torn:
        triangles = polygon.triangles[1:]
        sides = polygon.sides

    class Short:
        triangles = polygon.triangles
        sides = polygon.sides

    monkeypatch.setattr(subdivisions, "subdivided_polygon", lambda corners, rounds: Torn)
    assert "is in 1 triangle" in subdivisions.as_built(4, 1).shown
    monkeypatch.setattr(subdivisions, "subdivided_polygon", lambda corners, rounds: Short)
    assert subdivisions.as_built(4, 2).shown == "the sides have [3, 3, 3, 3] edges, not 9 each"


# Cycles.


def test_the_vertices_of_a_triangle_are_adjacent():
    given = without(cycles.THREE, cycles.LONG)
    proof = prove(Lemma("three", given, z3.Not(cycles.pairwise_adjacent())))
    assert proof.verdict is Verdict.REFUTED
    assert "c = 3" in proof.shown


def test_carriers_that_are_larger(monkeypatch):
    class Free:
        def __init__(self, graph, validity):
            pass

        def carrier(self, inputs):
            return {0, 1, 2, 3}

    monkeypatch.setattr(cycles, "Task", Free)
    assert cycles.as_coded(4).shown == "D({0}) is not {0}, geodesic"
    lemma = cycles.carriers()
    assert verdict(Lemma("ends", without(lemma.given, "adjacent"), lemma.then)) is Verdict.REFUTED


# Labels and walks.


C4 = Task(cycle(4))


@pytest.mark.parametrize(
    ("labels", "walk", "said"),
    [
        ((0, 1, 2, 2), (0, 1, 2, 3), ""),
        ((0, 1, 2), (0, 1, 2, 3), "there must be a label 0, 1 or 2 for each vertex, and a walk"),
        ((0, 1, 2, 3), (0, 1, 2, 3), "there must be a label 0, 1 or 2 for each vertex, and a walk"),
        ((0, 1, 2, 2), (0, 1), "there must be a label 0, 1 or 2 for each vertex, and a walk"),
        ((0, 1, 2, 2), (0, 2, 3), "2: D({0, 2}) shows all labels"),
        ((0, 1, 1, 1), (0, 1, 2, 3), "3: 0 sides are labelled 0 and 2"),
        ((0, 0, 2, 2), (0, 1, 2, 3), "3: 2 sides are labelled 0 and 2"),
    ],
)
def test_conditions_are_checked_one_by_one(labels, walk, said):
    assert labelled_walks.objection(C4, labels, walk).startswith(said)
    assert bool(labelled_walks.objection(C4, labels, walk)) == bool(said)


@pytest.mark.parametrize(
    ("carriers", "said"),
    [
        ({(0,): {0, 1}}, "D({0}) is not {0}"),
        ({(2, 3): {2}}, "D({3}) is not inside D({2, 3})"),
        ({(0, 2): {0, 1, 2, 3}, (0, 1, 2): {0, 1, 2}}, "D({0, 2}) is not inside D({0, 1, 2})"),
    ],
)
def test_walks_need_carriers_that_grow(carriers, said):
    class Odd(Task):
        def carrier(self, inputs):
            return frozenset(carriers.get(tuple(sorted(inputs)), super().carrier(inputs)))

    assert labelled_walks.objection(Odd(cycle(4)), (0, 1, 2, 2), (0, 1, 2, 3)) == said


def test_walks_are_found_where_there_are_some():
    for length in range(4, 8):
        task = Task(cycle(length))
        assert labelled_walks.objection(task, *find_walk(task)) == ""
    for graph in (path(4), complete(4), DIAMOND, Graph.of(1, [])):
        assert find_walk(Task(graph)) is None


def test_the_graph_without_a_retraction_has_a_walk():
    """Number 1170: its clique complex has the homology of a circle; no cycle is a retract of it."""
    graph = dict(graphs())[1170]
    assert retraction_to_cycle(graph) is None
    labels, walk = find_walk(Task(graph, "clique"))
    for validity in VALIDITIES:
        assert labelled_walks.objection(Task(graph, validity), labels, walk) == ""


def is_c4(task):
    return [task.graph.degree(v) for v in range(task.graph.order)] == [2, 2, 2, 2]


def test_what_is_said_when_atlas_and_walks_disagree(monkeypatch):
    few = {"most": 4, "solvable": 4}
    monkeypatch.setattr(labelled_walks, "find_walk", lambda task: None)
    finding = labelled_walks.on_atlas(lambda how: None, **few)
    assert finding.shown == "graph 16, clique: no walk"
    bogus = ((0, 0, 0, 0), (0, 1, 2, 3))
    monkeypatch.setattr(labelled_walks, "find_walk", lambda task: bogus)
    assert "graph 1, clique: ((0, 0" in labelled_walks.on_atlas(lambda how: None, **few).shown
    monkeypatch.setattr(labelled_walks, "find_walk", lambda task: bogus if is_c4(task) else None)
    finding = labelled_walks.on_atlas(lambda how: None, **few)
    assert finding.shown == "graph 16: 3: 0 sides are labelled 0 and 2"
    monkeypatch.setattr(labelled_walks, "objection", lambda *given: "seen")
    assert labelled_walks.cycles(4).shown == "C4, geodesic: seen"
    assert labelled_walks._refute(lambda how: None).verdict is Verdict.REFUTED
    monkeypatch.setattr(labelled_walks, "objection", lambda *given: "")
    assert labelled_walks._refute(lambda how: None).verdict is Verdict.HOLDS


@pytest.mark.slow
def test_on_the_atlas_exactly_the_unsolvable_graphs_have_a_walk():
    finding = labelled_walks.on_atlas(lambda how: None, 7, 7)
    assert finding.verdict is Verdict.HOLDS, finding.shown
    assert list(dict(finding.figures).values()) == [539, 491, 491, 491, 1972]


# Set agreement.


ROUND_C4 = ((0, 1), (1, 2), (2, 3, 0))


@pytest.mark.parametrize(
    ("task", "labels", "arcs", "said"),
    [
        (C4, (0, 1, 2, 2), ROUND_C4, ""),
        (
            C4,
            (0, 1, 2),
            ROUND_C4,
            "there must be a label 0, 1 or 2 for each vertex, and three arcs",
        ),
        (
            C4,
            (0, 1, 2, 2),
            ROUND_C4[:2],
            "there must be a label 0, 1 or 2 for each vertex, and three arcs",
        ),
        (Task(DIAMOND), (0, 1, 2, 2), ROUND_C4, "the clique (0, 1, 3) shows all labels"),
        (C4, (0, 1, 2, 2), ((1, 0), (1, 2), (2, 0)), "the arc (1, 0) does not go from label 0"),
        (C4, (0, 1, 2, 2), ((0, 1), (1, 2), (3, 0)), "the arc (1, 2) does not end where"),
        (C4, (0, 1, 2, 2), ((0, 1), (1, 2), (2, 0)), "D({2, 0}), on the arc (2, 0), shows"),
    ],
)
def test_conditions_on_arcs(task, labels, arcs, said):
    assert from_set_agreement.objection(task, labels, arcs).startswith(said)
    assert bool(from_set_agreement.objection(task, labels, arcs)) == bool(said)


def test_arcs_are_a_special_case_of_walks():
    """The three arcs, one after another, are the closed walk."""
    for number, graph in graphs():
        if graph.order <= 5 and (found := find_arcs(Task(graph))):
            labels, arcs = found
            walk = tuple(v for arc in arcs for v in arc[:-1])
            assert labelled_walks.objection(Task(graph), labels, walk) == "", number


def test_what_is_said_when_atlas_and_arcs_disagree(monkeypatch):
    found = ((0, 1, 2, 2), ROUND_C4)
    monkeypatch.setattr(from_set_agreement, "find_arcs", lambda task: found)
    said = from_set_agreement.on_atlas(4, 4).shown
    assert said == (
        "graph 1, geodesic: there must be a label 0, 1 or 2 for each vertex, and three arcs"
    )
    monkeypatch.setattr(from_set_agreement, "objection", lambda *given: "")
    assert from_set_agreement.on_atlas(4, 4).shown == "graph 1, geodesic: it is solvable"


def test_starts_that_know_too_much(monkeypatch):
    monkeypatch.setattr(
        from_set_agreement.Starts, "moved", lambda self, seen: (frozenset({0, 1, 2}), 0)
    )
    said = from_set_agreement.starts_agree((1, 1, 2), "collect").shown
    assert re.search(r"inputs \(0, 1, 2\): places .* where only \[\d\] take part", said)


@pytest.mark.slow
def test_arcs_on_the_whole_atlas():
    figures = dict(from_set_agreement.on_atlas(7, 7).figures)
    assert figures["geodesic, with arcs"] == 491
    assert figures["geodesic, without arcs"] == 48
    for validity in ("hull", "monophonic", "clique"):
        assert figures[f"{validity}, with arcs"] == 491
        assert figures[f"{validity}, solvable"] == 505
    assert len(figures) == 9


def test_a_triangle_with_equal_outputs(monkeypatch):
    triangle = [(0, 0, 0)]
    monkeypatch.setattr(set_agreement, "rainbow_triangles", lambda polygon, labels: triangle)
    assert (
        set_agreement.as_built(1).shown == "k = 1: the outputs of (0, 0, 0) are not all different"
    )


# Chain maps.


def test_what_a_ridge_needs():
    """Where somebody sees p there is another run; each premise on it is needed for something."""
    for lemma in ridges.on_the_boundary()[:2]:
        broken = Lemma(lemma.name, without(lemma.given, "no other process sees p"), lemma.then)
        assert verdict(broken) is Verdict.REFUTED
    broken = 0
    for lemma in (*ridges.another_if_alone(), *ridges.another_if_not()):
        for name in lemma.given:
            found = verdict(Lemma(lemma.name, without(lemma.given, name), lemma.then))
            broken += found is Verdict.REFUTED
    assert broken > 8


def test_ridges_are_those_of_the_library():
    """Counted for 3 and 4 processes: in two facets, of opposite signs, or on the boundary."""
    for count in (3, 4):
        facets = chain_maps.views(tuple((p, p) for p in range(count)))
        shared = {}
        for facet, sign in facets.items():
            for p in range(count):
                ridge = facet[:p] + facet[p + 1 :]
                shared.setdefault((p, ridge), []).append(sign)
        for (p, ridge), signs in shared.items():
            seen = any((p, p) in view for _, view in ridge)
            assert sorted(signs) == [-1, 1] if seen else len(signs) == 1


def test_signs_are_needed(monkeypatch):
    views = chain_maps.views
    monkeypatch.setattr(
        chain_maps, "views", lambda simplex: {view: 1 for view, _ in views(simplex).items()}
    )
    assert chain_maps.subdivided(2).shown == "sd does not commute with the boundary, n = 2"
    monkeypatch.setattr(chain_maps, "views", lambda simplex: {})
    assert chain_maps.subdivided(1).shown == "sd does not map a vertex to itself"


def test_cones_that_are_none(monkeypatch):
    join = chain_maps.join
    join((0, 1))  # remembered from here on, whatever becomes of its boundary
    monkeypatch.setattr(chain_maps, "join", lambda inputs: join(inputs) if inputs[1:] else {})
    assert chain_maps.cones(2, 2).shown == "the boundary of g((0, 1))"
    monkeypatch.setattr(chain_maps, "join", lambda inputs: {((1, inputs[0]),): 1})
    assert chain_maps.cones(1, 2).shown == "((1, 0),) in g((0,))"


def test_a_join_that_is_not_acyclic(monkeypatch):
    circle = chain_maps.Complex.of([(0, 2), (2, 1), (1, 3), (3, 0)])
    assert chain_maps.homology(circle) == ((1, ()), (1, ()))
    monkeypatch.setattr(chain_maps, "homology", lambda complex_: ((1, ()), (1, ()), (0, ())))
    assert chain_maps.acyclic(3, 2).shown == "3 sets of 2 points: ((1, ()), (1, ()))"


def test_decisions_outside_the_carrier_and_maps_that_do_not_solve(monkeypatch):
    task = Task(path(3))
    tables = find_rule(task, 2, 1)
    away = Tables(tables.views, (tuple(2 for _ in tables.numbers[0]),))
    assert "which D does not allow" in chain_maps.solves(task, 2, away).shown
    monkeypatch.setattr(chain_maps, "views", lambda simplex: {})
    said = chain_maps.solves(task, 2, tables).shown
    assert re.fullmatch(r"the equation of \(0, 1\) and \(\d,\) is not solved", said)


def test_a_task_without_a_protocol():
    assert decide(C4, 3).verdict is Solvability.UNSOLVABLE
    with pytest.raises(AgreementError, match="no protocol for 3 processes was found"):
        chain_maps.found_protocol(C4, 3)


# Certificates.


def test_what_is_no_certificate():
    assert obstructed.accepted("x", None).shown == "x: no certificate"
    assert obstructed.solvable("C4", cycle(4), 3).shown == "C4, n = 3: not solvable"
    assert obstructed.certificate(DIAMOND, 3) is None


def test_every_number_of_a_certificate_counts():
    found = obstructed.certificate(cycle(5), 3)
    assert obstructed.accepted("C5", found).verdict is Verdict.HOLDS
    factors = found["proof"]["factors"]
    for i in range(len(factors)):
        wrong = [*factors[:i], *factors[i + 1 :]]
        document = found | {"proof": found["proof"] | {"factors": wrong}}
        assert obstructed.accepted("C5", document).shown.startswith("C5: rejected")
