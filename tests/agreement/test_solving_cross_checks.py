"""The decider's methods against one another, and the solvers that it asks."""

import random
import sys

import numpy as np
import pytest

from agreement.errors import AgreementError, TaskError, ToolError
from agreement.graph import (
    cycle,
    dismantlable,
    octahedron,
    path,
    random_connected,
)
from agreement.solve import (
    Limits,
    Solvability,
    check_certificate,
    decide,
    graphs,
    refute_rounds,
)
from agreement.solve import cross_check as cross_check_module
from agreement.solve.carrier_lists import Neighbourhoods
from agreement.solve.consistency import refute
from agreement.solve.cross_check import compare
from agreement.solve.dismantling import dismantle
from agreement.solve.formula import Formula, SolverAnswer, cadical, formula_of, z3_agrees
from agreement.solve.maps import Search, find_map
from agreement.solve.refutation_formula import named_formula
from agreement.task import VALIDITIES, Task
from agreement.topology import all_inputs


def accepted(decision):
    return [check_certificate(document) for document in decision.certificates]


# One method against another.


def small(order):
    return [graph for _, graph in graphs() if graph.order <= order]


@pytest.mark.parametrize("validity", VALIDITIES)
def test_small_graphs_are_cross_checked(validity):
    for graph in small(5 if validity == "geodesic" else 4):
        decision = decide(Task(graph, validity), 3)
        assert accepted(decision)
        compare(decision)


@pytest.mark.parametrize("seed", range(8))
def test_random_graphs_are_cross_checked(seed):
    rng = random.Random(seed)
    graph = random_connected(7, rng.uniform(0.1, 0.6), rng)
    validity = rng.choice(VALIDITIES)
    decision = decide(Task(graph, validity), 3)
    assert decision.verdict in {Solvability.SOLVABLE, Solvability.UNSOLVABLE}
    assert accepted(decision)
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
