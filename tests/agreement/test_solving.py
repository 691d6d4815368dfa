"""The decider: known facts, certificates and damaged ones, cross-checks, protocols that run."""

import copy
import json
import random
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from agreement.errors import AgreementError, TaskError, ToolError
from agreement.explore import Options, Verdict, check
from agreement.graph import (
    Graph,
    complete,
    cycle,
    dismantlable,
    grid,
    hypercube,
    named,
    octahedron,
    path,
    random_connected,
    star,
    sun,
)
from agreement.memory.stress import Stress, stress
from agreement.memory.threads import run_threads
from agreement.protocols import Tables, synthesised_protocol
from agreement.solve import (
    Limits,
    RefusedError,
    Solvability,
    certificate_checker,
    check_certificate,
    decide,
    graphs,
    refute_rounds,
)
from agreement.solve import consistency as consistency_module
from agreement.solve import cross_check as cross_check_module
from agreement.solve.carrier_lists import Neighbourhoods
from agreement.solve.certificate_checker import main
from agreement.solve.certificates import by_obstruction, by_protocol, by_refutation
from agreement.solve.consistency import refute
from agreement.solve.cross_check import compare
from agreement.solve.deciding import refute_far
from agreement.solve.dismantling import dismantle, find_dismantlings
from agreement.solve.formula import Formula, SolverAnswer, cadical, formula_of, z3_agrees
from agreement.solve.known_protocols import find_rule
from agreement.solve.maps import Search, find_map
from agreement.solve.obstruction import Obstruction, find_obstruction
from agreement.solve.refutation_formula import Numbering, named_formula
from agreement.task import VALIDITIES, Task
from agreement.topology import all_inputs, anonymous_complex


def accepted(decision):
    return [check_certificate(document) for document in decision.certificates]


# Facts: specification A4.


@pytest.mark.parametrize(
    ("count", "graph", "least"),
    [
        *((2, f"path:{order}", 1 if order <= 4 else 2) for order in range(3, 10)),
        (2, "path:2", 0), (3, "path:2", 0), (3, "path:3", 1), (3, "path:4", 2), (3, "path:5", 2),
        *((3, f"path:{order}", 3) for order in range(6, 10)),
        (3, "complete:3", 0), (3, "complete:4", 0), (3, "star:3", 1), (3, "wheel:4", 1),
        (3, "wheel:5", 1), (3, "wheel:6", 1), (3, "sun:3", 1), (3, "octahedron:3", 1),
        (4, "path:3", 1), (4, "complete:3", 0), (4, "complete:4", 0), (4, "wheel:4", 1),
        (4, "wheel:5", 1), (4, "wheel:6", 1), (4, "path:4", 2), (4, "path:5", 2), (4, "sun:3", 2),
    ],
)  # fmt: skip
def test_the_least_number_of_rounds(count, graph, least):
    # K2, K3 and K4 need no round at all; the specification counts from 1.
    decision = decide(Task(named(graph)), count)
    assert decision.verdict is Solvability.SOLVABLE
    assert decision.least == least
    said = accepted(decision)
    rounds = "1 round" if least == 1 else f"{least} rounds"
    assert any(f"solvable in {rounds}: " in line for line in said)
    fewer = "1 round" if least == 2 else f"{least - 1} rounds"
    assert least == 0 or any(f"not solvable in {fewer}: " in line for line in said)


def test_a_diamond_takes_one_round():
    diamond = Graph.of(4, [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)])
    assert decide(Task(diamond), 3).least == 1


@pytest.mark.parametrize(
    ("count", "graph"),
    [
        *((3, f"cycle:{order}") for order in range(4, 11)), (3, "bipartite:2x3"), (3, "grid:2x3"),
        (3, "hypercube:3"), (3, "triangular:3"), (4, "octahedron:3"), (5, "octahedron:4"),
    ],
)  # fmt: skip
def test_unsolvable_for_every_number_of_rounds(count, graph):
    decision = decide(Task(named(graph)), count)
    assert decision.verdict is Solvability.UNSOLVABLE
    (document,) = decision.certificates
    assert document["rounds"] is None
    assert accepted(decision)[0].startswith("unsolvable: ")


def test_the_triangular_grid_of_side_3_is_bridged_but_unsolvable():
    grid_ = named("triangular:3")
    assert grid_.order == 10
    assert decide(Task(grid_), 3).verdict is Solvability.UNSOLVABLE
    assert decide(Task(grid_, "hull"), 3, minimum=False).verdict is Solvability.SOLVABLE


@pytest.mark.parametrize(("order", "rounds"), [(4, 1), (5, 1), (4, 2)])
def test_cycles_are_refuted_by_sat_too(order, rounds):
    plain = named_formula(Task(cycle(order)), all_inputs(order, 3), rounds)
    answer = cadical(plain.formula, proof=True)
    assert answer.satisfiable is False
    said = check_certificate(by_refutation(Task(cycle(order)), 3, plain, answer.proof))
    assert said.startswith(f"not solvable in {rounds} round{'s' * (rounds > 1)}: 3 processes")


def test_octahedra_with_few_processes():
    for count, graph in [(3, octahedron(3)), (4, octahedron(4))]:
        assert decide(Task(graph), count).verdict is Solvability.SOLVABLE


def test_a_single_process_and_a_single_vertex_need_nothing():
    for count, graph in [(1, cycle(5)), (4, path(1))]:
        decision = decide(Task(graph), count)
        assert (decision.least, decision.verdict) == (0, Solvability.SOLVABLE)
        assert accepted(decision)
    assert decide(Task(cycle(6)), 2).least == 1


def test_rounds_that_are_asked_for():
    few = decide(Task(path(6)), 3, rounds=2)
    assert (few.verdict, few.refuted, few.least) == (Solvability.NOT_IN_ROUNDS, 2, None)
    accepted(few)
    assert decide(Task(path(6)), 3, rounds=3).least == 3
    assert decide(Task(path(3)), 3, rounds=0).verdict is Solvability.NOT_IN_ROUNDS
    assert decide(Task(cycle(4)), 3, rounds=0).verdict is Solvability.UNSOLVABLE


def test_limits_that_are_hit_are_told():
    graph = named("king:3x3")
    small = decide(Task(graph), 3, limits=Limits(rounds=2, facets=10))
    assert small.verdict is Solvability.SOLVABLE
    assert small.least is None
    assert any("more than 10 facets of sets" in note for note in small.tried)
    unknown = decide(Task(octahedron(3)), 3, limits=Limits(facets=10))
    assert unknown.verdict is Solvability.UNKNOWN
    assert any("more than 10 facets of sets" in note for note in unknown.tried)
    assert any("neither a protocol nor a refutation" in note for note in unknown.tried)
    assert "all numbers of rounds up to 3 were tried" in unknown.tried
    few = decide(Task(path(9)), 3, limits=Limits(rounds=2))
    assert (few.verdict, few.refuted, few.least) == (Solvability.SOLVABLE, 2, 3)  # by the rule


def test_questions_that_are_none():
    with pytest.raises(TaskError, match="1 to 6 processes"):
        decide(Task(path(3)), 7)
    with pytest.raises(TaskError, match="up to 62 vertices"):
        decide(Task(path(63)), 2)
    with pytest.raises(TaskError, match="cannot decide for -1 rounds: give 0 or more"):
        decide(Task(path(3)), 2, rounds=-1)
    with pytest.raises(TaskError, match="up to 62 vertices"):
        Neighbourhoods(path(63))


def test_graphs_of_more_than_a_byte_of_vertices():
    graph = named("king:3x3")
    around = Neighbourhoods(graph)
    for seed in range(20):
        chosen = random.Random(seed).sample(range(9), 3)
        near = {u for u in range(9) for v in chosen if graph.adjacent_or_equal(u, v)}
        assert int(around(np.array([graph.mask(chosen)]))[0]) == graph.mask(near)


def test_progress_is_told():
    told = []
    decide(Task(cycle(4)), 3, progress=told.append)
    decide(Task(path(3)), 3, progress=told.append)
    first = ["carriers", "chain maps"]
    assert told == [*first, "carriers", "known protocols", "0 rounds", "1 round"]


# Certificates, and damaged ones.


def refused(document):
    with pytest.raises(RefusedError):
        check_certificate(document)


def changed(document, change):
    """Return a copy of the document whose proof was changed by `change`."""
    new = copy.deepcopy(document)
    change(new["proof"])
    return new


def a_certificate(kind):
    if kind == "propositional refutation":
        plain = named_formula(Task(cycle(4)), [(0, 1, 2), (0, 3, 2)], 1)
        return by_refutation(Task(cycle(4)), 3, plain, cadical(plain.formula, proof=True).proof)
    graph = cycle(5) if kind == "chain map obstruction" else path(5)
    decision = decide(Task(graph), 3)
    return next(d for d in decision.certificates if d["proof"]["kind"] == kind)


KINDS = [
    "contractible carriers",
    "decision protocol",
    "arc consistency",
    "propositional refutation",
    "chain map obstruction",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_frame_matters(kind):
    document = a_certificate(kind)
    assert check_certificate(document)
    assert check_certificate(json.loads(json.dumps(document)))
    for key in document:
        refused({k: v for k, v in document.items() if k != key})
        refused({**document, key: None if key != "rounds" else "many"})
    for key, value in [
        ("format", "another"), ("validity", "fair"), ("processes", 0), ("processes", True),
        ("claim", "true"), ("rounds", -1), ("rounds", 0 if document["rounds"] is None else None),
        ("graph", {"vertices": 9, "edges": document["graph"]["edges"]}),
        ("graph", {"vertices": 0, "edges": []}),
        ("graph", {"vertices": 5, "edges": [[0, 1], [1, 9]]}),
        ("proof", {**document["proof"], "kind": "faith"}), ("proof", {"kind": kind}),
    ]:  # fmt: skip
        refused({**document, key: value})
    for key in document["proof"]:
        refused(changed(document, lambda proof, key=key: proof.pop(key)))


def test_claims_that_are_false_have_no_certificate():
    """Each of these documents claims something false."""
    obstruction = a_certificate("chain map obstruction")
    refused({**obstruction, "processes": 2})
    square = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 0], [0, 2], [0, 3]]
    refused({**obstruction, "graph": {"vertices": 5, "edges": square}})
    consistency = a_certificate("arc consistency")
    refused({**consistency, "rounds": 2})
    refused({**consistency, "graph": {"vertices": 5, "edges": square}})
    refused({**consistency, "processes": 1})
    protocol = a_certificate("decision protocol")
    refused({**protocol, "rounds": 1})
    refused({**protocol, "processes": 4})
    without_the_middle = [[0, 1], [1, 3], [3, 4], [4, 2]]
    refused({**protocol, "graph": {"vertices": 5, "edges": without_the_middle}})
    refused({**a_certificate("contractible carriers"), "processes": 4})
    refutation = a_certificate("propositional refutation")
    diamond = [[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]
    refused({**refutation, "rounds": 2})
    refused({**refutation, "graph": {"vertices": 4, "edges": diamond}})


def test_every_factor_of_an_obstruction_matters():
    document = a_certificate("chain map obstruction")
    for i in range(len(document["proof"]["factors"])):
        refused(changed(document, lambda proof, i=i: proof["factors"].pop(i)))

        def flip(proof, i=i):
            proof["factors"][i][0] += 1

        refused(changed(document, flip))

        def repeat(proof, i=i):
            proof["factors"].append(proof["factors"][i])

        refused(changed(document, repeat))
        for place, value in [(1, [0]), (1, [0, 0]), (1, [0, 9]), (2, [0, 1, 2]), (2, [])]:

            def replace(proof, i=i, place=place, value=value):
                proof["factors"][i][place] = value

            refused(changed(document, replace))
    for modulus in (1, 0, 3, "2", True):
        refused(changed(document, lambda proof, modulus=modulus: proof.update(modulus=modulus)))


def test_every_carrier_and_step_of_dismantlings_matters():
    document = a_certificate("contractible carriers")
    for i, (_, _, steps) in enumerate(document["proof"]["carriers"]):
        refused(changed(document, lambda proof, i=i: proof["carriers"].pop(i)))
        refused(changed(document, lambda proof, i=i: proof["carriers"][i][1].append(99)))
        for j in range(len(steps)):
            refused(changed(document, lambda proof, i=i, j=j: proof["carriers"][i][2].pop(j)))

            def turn(proof, i=i, j=j):
                proof["carriers"][i][2][j][1] = proof["carriers"][i][2][j][0]

            refused(changed(document, turn))

    def shrink(proof):
        """Make {0} the carrier of {0, 4}, so that carriers no longer grow."""
        proof["carriers"] = [
            [s, [0], []] if s == [0, 4] else [s, c, t] for s, c, t in proof["carriers"]
        ]

    refused(changed(document, shrink))
    square = {"vertices": 4, "edges": [[0, 1], [1, 2], [2, 3], [3, 0]]}
    everything = [[list(s), [0, 1, 2, 3], [[0, 1], [1, 2], [2, 3]]] for s in [(0,), (1,)]]
    refused({**document, "graph": square, "proof": {**document["proof"], "carriers": everything}})


def test_every_entry_of_a_protocol_matters():
    search = find_map(Task(path(4)), 3, 2, sets=True)
    document = by_protocol(Task(path(4)), 3, search.tables())
    assert check_certificate(document)
    for number, table in enumerate(document["proof"]["tables"]):
        for i in range(len(table)):
            refused(changed(document, lambda proof, n=number, i=i: proof["tables"][n].pop(i)))
            for wrong in (10**6, -1):

                def put(proof, n=number, i=i, wrong=wrong):
                    proof["tables"][n][i][2] = wrong

                refused(changed(document, put))
    apart = changed(document, lambda proof: None)
    for row in apart["proof"]["tables"][-1]:
        row[2] = row[1][0]
    refused(apart)


def test_protocols_that_know_how_often_are_checked_too():
    search = find_map(Task(path(3)), 3, 1)
    document = by_protocol(Task(path(3)), 3, search.tables())
    assert check_certificate(document).startswith("solvable in 1 round:")
    for i in range(len(document["proof"]["tables"][0])):
        refused(changed(document, lambda proof, i=i: proof["tables"][0].pop(i)))


def test_every_removal_matters():
    document = a_certificate("arc consistency")
    proof = document["proof"]
    for i, (view, value, because) in enumerate(proof["removals"]):
        refused(changed(document, lambda proof, i=i: proof["removals"].pop(i)))
        for place, wrong in [(0, because), (2, view), (0, -1), (2, 10**6), (1, (value + 2) % 5)]:

            def put(proof, i=i, place=place, wrong=wrong):
                proof["removals"][i][place] = wrong

            refused(changed(document, put))
    refused(changed(document, lambda proof: proof["removals"].reverse()))


def test_views_that_cannot_be():
    document = a_certificate("arc consistency")
    views = document["proof"]["views"]
    for i, (process, what) in enumerate(views):
        wrongs = [[7, what], [process, []], [process, [10**6]]]
        if isinstance(what, int):
            wrongs += [[process, 9], [process, -1]]
        else:
            wrongs += [[(process + 1) % 3, [v for v in what if views[v][0] == process]]]
            wrongs += [[process, [*what, -1]]]
        for wrong in wrongs:

            def put(proof, i=i, wrong=wrong):
                proof["views"][i] = wrong

            refused(changed(document, put))
    # Views 3 and 4 do not occur together: neither sees all that the other one sees.
    impossible = {
        **document,
        "rounds": 2,
        "proof": {
            **document["proof"],
            "views": [[0, 0], [1, 4], [2, 2], [0, [0, 1]], [1, [1, 2]], [0, [3, 4]]],
        },
    }
    refused(impossible)


def test_refutations_are_checked_clause_by_clause():
    document = a_certificate("propositional refutation")
    proof = document["proof"]
    refused(changed(document, lambda proof: proof.update(drat=[])))
    refused(changed(document, lambda proof: proof.update(edges=[])))
    refused(changed(document, lambda proof: proof.update(drat=["-1 0", *proof["drat"]])))
    refused(changed(document, lambda proof: proof.update(drat=["0"])))
    refused(changed(document, lambda proof: proof["edges"].append([0, 0])))
    refused(changed(document, lambda proof: proof["edges"].append([-1, -2])))
    plain = named_formula(Task(cycle(4)), [(0, 1, 2), (0, 3, 2)], 1)
    numbering = Numbering(plain.stages)
    numbers = [numbering.view(vertex) for vertex in plain.vertices]
    ends = [sorted((numbers[u], numbers[v])) for u, v in plain.edges.tolist()]
    for i in range(len(proof["edges"])):
        new = changed(document, lambda proof, i=i: proof["edges"].pop(i))
        try:
            check_certificate(new)
        except RefusedError:
            continue
        # Accepted: then that edge was not needed, which CaDiCaL has to confirm.
        kept = np.delete(plain.edges, ends.index(proof["edges"][i]), axis=0)
        formula = formula_of(Neighbourhoods(cycle(4)).near, plain.formula.lists, kept)
        assert cadical(formula).satisfiable is False
    solvable = named_formula(Task(path(3)), all_inputs(3, 2), 1)
    assert cadical(solvable.formula).satisfiable
    refused(by_refutation(Task(path(3)), 2, solvable, ["1 0", "0"]))


def test_the_checker_shares_no_code_with_the_decider():
    source = Path(certificate_checker.__file__).read_text(encoding="utf-8")
    assert "agreement." not in source.replace("agreement certificate", "")
    imported = [line for line in source.splitlines() if line.startswith(("import", "from"))]
    assert imported
    assert {line.split()[1].split(".")[0] for line in imported} <= sys.stdlib_module_names


def test_the_checker_alone_checks_files(tmp_path, capsys):
    good, bad, none = (tmp_path / name for name in ("good.json", "bad.json", "none.json"))
    document = a_certificate("chain map obstruction")
    good.write_text(json.dumps(document))
    bad.write_text(json.dumps({**document, "processes": 2}))
    assert main([str(good)]) == 0
    assert "accepted: unsolvable: 3 processes" in capsys.readouterr().out
    assert main([str(good), str(bad), str(none)]) == 1
    assert capsys.readouterr().out.count("REFUSED") == 2
    assert main([]) == 0


def test_the_checker_is_a_script(tmp_path, monkeypatch):
    file = tmp_path / "bad.json"
    file.write_text("{}")
    monkeypatch.setattr(sys, "argv", ["certificate_checker.py", str(file)])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(sys.modules[main.__module__].__file__, run_name="__main__")
    assert stop.value.code == 1


# One method against another.


def small(order):
    return [graph for _, graph in graphs() if graph.order <= order]


@pytest.mark.parametrize("validity", VALIDITIES)
def test_small_graphs_are_cross_checked(validity):
    for graph in small(5 if validity == "geodesic" else 4):
        decision = decide(Task(graph, validity), 3)
        accepted(decision)
        compare(decision)


@pytest.mark.parametrize("seed", range(8))
def test_random_graphs_are_cross_checked(seed):
    rng = random.Random(seed)
    graph = random_connected(7, rng.uniform(0.1, 0.6), rng)
    validity = rng.choice(VALIDITIES)
    decision = decide(Task(graph, validity), 3)
    assert decision.verdict in {Solvability.SOLVABLE, Solvability.UNSOLVABLE}
    accepted(decision)
    compare(decision)


def test_consistency_on_named_and_on_anonymous_views_finds_the_same():
    for graph in small(5):
        for rounds in (1, 2):
            task = Task(graph)
            plain = refute(task, all_inputs(graph.order, 3), rounds)
            search = find_map(task, 3, rounds)
            assert (plain is not None) == (search.exhausted and search.how == "arc consistency")


def test_consistency_is_sound_where_sat_finds_a_map():
    for graph in small(5):
        plain = named_formula(Task(graph), all_inputs(graph.order, 3), 1)
        if cadical(plain.formula).satisfiable:
            assert refute(Task(graph), all_inputs(graph.order, 3), 1) is None


def test_dismantling_is_the_one_of_the_graph_library():
    for graph in small(6):
        steps = dismantle(graph, (1 << graph.order) - 1)
        assert (steps is not None) == bool(dismantlable(graph))


def test_a_disagreement_is_an_error(monkeypatch):
    decision = decide(Task(path(3)), 3)
    monkeypatch.setattr(cross_check_module, "z3_agrees", lambda *_: False)
    with pytest.raises(AgreementError, match="z3 and CaDiCaL disagree"):
        compare(decision)
    monkeypatch.setattr(cross_check_module, "z3_agrees", lambda *_: None)
    assert "(CaDiCaL)" in compare(decision)[0]
    monkeypatch.setattr(cross_check_module, "cadical", lambda _: SolverAnswer(satisfiable=False))
    with pytest.raises(AgreementError, match="SAT finds no map with 1 round,"):
        compare(decision)
    monkeypatch.setattr(cross_check_module, "cadical", lambda _: SolverAnswer(satisfiable=True))
    with pytest.raises(AgreementError, match="but one was refuted"):
        compare(decide(Task(cycle(4)), 3))
    with pytest.raises(AgreementError, match="but one was refuted"):
        compare(decide(Task(path(4)), 3))
    monkeypatch.setattr(cross_check_module, "retraction_to_cycle", lambda _: ((), ()))
    with pytest.raises(AgreementError, match="Sperner's lemma says unsolvable"):
        compare(decision)


# Solvers.


def test_formulas_are_what_they_say():
    near = Neighbourhoods(path(3)).near
    formula = formula_of(near, np.array([1, 7, 4]), np.array([[0, 1], [1, 2]]))
    assert formula.variables == 5
    assert formula.long == ((1,), (2, 3, 4), (5,))
    assert sorted(map(tuple, formula.short.tolist())) == [(-2, -5), (-1, -4)]
    assert formula.dimacs().splitlines()[:2] == ["p cnf 5 5", "1 0"]
    assert formula.values([1, -2, 3, -4, 5]).tolist() == [0, 1, 2]
    assert formula.values([1, 2, 3, 4, 5]).tolist() == [0, 0, 2]
    answer = cadical(formula)
    assert formula.values(answer.model).tolist() == [0, 1, 2]
    assert z3_agrees(formula, answer) is True
    assert z3_agrees(formula, SolverAnswer(satisfiable=False)) is False
    assert len(formula_of(near, np.array([1]), np.zeros((0, 2), np.int64)).short) == 0


def hard():
    """Return the pigeonhole formula for ten pigeons and nine holes."""
    long = tuple(tuple(range(9 * p + 1, 9 * p + 10)) for p in range(10))
    short = [
        (-(9 * p + h), -(9 * q + h)) for h in range(1, 10) for p in range(10) for q in range(p)
    ]
    return Formula(np.zeros(0, np.int64), np.zeros(0, np.int64), 90, long, np.array(short))


def test_solvers_that_give_up():
    assert cadical(hard(), conflicts=10).satisfiable is None
    assert z3_agrees(hard(), SolverAnswer(satisfiable=False), seconds=0.01) is None
    with pytest.raises(AgreementError, match="no answer"):
        z3_agrees(hard(), SolverAnswer(satisfiable=None))


def test_a_missing_solver_is_one_clear_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    with pytest.raises(
        ToolError, match=r"pip install 'python-sat>=1\.9\.dev16' .*pip install '\.\[proofs\]'"
    ):
        cadical(hard())


def test_giving_up_is_no_answer(monkeypatch):
    monkeypatch.setattr(
        "agreement.solve.maps.cadical", lambda *_, **__: SolverAnswer(satisfiable=None)
    )
    monkeypatch.setattr(
        "agreement.solve.deciding.cadical", lambda *_, **__: SolverAnswer(satisfiable=None)
    )
    monkeypatch.setattr("agreement.solve.maps.first_in_order", lambda *_: None)
    decision = decide(Task(octahedron(3)), 3, limits=Limits(rounds=1))
    assert decision.verdict is Solvability.UNKNOWN
    assert refute_rounds(Task(cycle(4)), 3, 1) is None


def test_a_map_that_was_not_found_has_no_tables():
    search = find_map(Task(cycle(5)), 3, 1)
    assert isinstance(search, Search)
    assert search.exhausted
    with pytest.raises(TaskError, match="no decision map"):
        search.tables()
    assert find_map(Task(path(1)), 1, 1).values.tolist() == [0]


# Refutations.


def test_far_inputs_refute_paths_and_nothing_else():
    assert refute_far(Task(path(6)), 3, 2)["rounds"] == 2
    assert refute_far(Task(complete(3)), 3, 0) is None
    assert refute_far(Task(path(1)), 3, 0) is None
    assert refute_far(Task(path(3)), 3, 1) is None
    assert refute_rounds(Task(complete(3)), 3, 0) is None
    assert refute_rounds(Task(star(3)), 3, 1) is None


def test_where_far_inputs_are_not_enough():
    assert refute_far(Task(cycle(5)), 3, 1) is None
    document = refute_rounds(Task(cycle(5)), 3, 1)
    assert document["proof"]["kind"] == "arc consistency"
    check_certificate(document)
    document = refute_rounds(Task(cycle(4)), 3, 1)
    assert document["proof"]["kind"] == "propositional refutation"
    check_certificate(document)


def test_a_value_that_goes_has_a_reason(monkeypatch):
    it = consistency_module.Consistency(
        Task(path(4)), consistency_module.after_rounds(all_inputs(4, 3), 1)[-1]
    )
    assert not it.run()
    monkeypatch.setattr(it, "_times", dict)
    with pytest.raises(KeyError):
        it.derivation()


# Obstructions.


def test_obstructions_only_where_there_is_no_protocol():
    for graph in small(5):
        for validity in VALIDITIES:
            found = find_obstruction(Task(graph, validity), 3)
            solvable = find_dismantlings(Task(graph, validity), 3) is not None
            assert not (found and solvable)


def test_an_obstruction_modulo_a_prime_other_than_2():
    found = find_obstruction(Task(hypercube(3)), 3)
    assert check_certificate(by_obstruction(Task(hypercube(3)), 3, found))
    doubled = Obstruction(4, tuple((2 * f, s, t) for f, s, t in found.factors))
    assert check_certificate(by_obstruction(Task(hypercube(3)), 3, doubled))


def test_fewer_processes_are_obstructed_less():
    for graph, count in [(octahedron(3), 4), (grid(2, 3), 3), (cycle(4), 3)]:
        assert find_obstruction(Task(graph), count)
        assert find_obstruction(Task(graph), count - 1) is None


# Found protocols run.


@pytest.mark.parametrize(
    ("graph", "count"),
    [("path:4", 2), ("path:5", 2), ("octahedron:3", 3), ("sun:3", 3), ("path:4", 3)],
)
def test_found_protocols_before_the_checker(graph, count):
    task = Task(named(graph))
    decision = decide(task, count)
    protocol = synthesised_protocol(task, count, decision.tables)
    assert protocol.rounds == decision.least
    report = check(
        protocol.program,
        task,
        count,
        bound=protocol.step_complexity,
        options=Options(symmetry=True),
    )
    assert report.verdict is Verdict.HOLDS
    assert report.step_complexity == decision.least


def test_a_wrong_table_is_refuted_by_the_checker_too():
    tables = decide(Task(path(3)), 2).tables
    wrong = Tables(tables.views, (tuple(seen[0] for _, seen in tables.views[0]),))
    program = synthesised_protocol(Task(path(3)), 2, wrong).program
    report = check(program, Task(path(3)), 2)
    assert report.verdict is Verdict.REFUTED


@pytest.mark.thorough
def test_found_protocols_on_threads_and_processes():
    task = Task(octahedron(3))
    program = synthesised_protocol(task, 3, decide(task, 3).tables).program
    for seed in range(20):
        inputs = tuple(random.Random(seed).randrange(6) for _ in range(3))
        outputs = run_threads(program, inputs)
        assert task.objection(inputs, outputs, range(3)) is None
    plan = Stress(program, 3, 1, instances=200)
    report = stress(plan, inputs_of, task.objection, operations=12_000, seed=1)
    assert not report.violations
    assert report.kills > 0


def inputs_of(rng):
    return tuple(rng.randrange(6) for _ in range(3))


def test_tables_are_data():
    assert Tables((), ()).rounds == 0
    with pytest.raises(TaskError, match="exactly one number for each view"):
        Tables((((0, (0,)),),), ((),))
    one = synthesised_protocol(Task(path(3)), 3, decide(Task(path(3)), 3).tables).program
    two = synthesised_protocol(Task(path(3)), 3, decide(Task(path(3)), 3).tables).program
    assert one == two
    assert hash(one) == hash(two)
    assert decide(Task(complete(3)), 3).tables.rounds == 0


def test_rules_are_for_block_graphs_with_enough_rounds():
    assert find_rule(Task(sun(3)), 3, 2) is None
    assert find_rule(Task(path(9)), 3, 2) is None
    tables = find_rule(Task(path(9)), 3, 3)
    assert check_certificate(by_protocol(Task(path(9)), 3, tables))
    assert find_rule(Task(path(9)), 4, 3).rounds == 3


def test_anonymous_maps_know_how_often():
    assert anonymous_complex(3, 2, 1).tables[0].own.min() == 0
