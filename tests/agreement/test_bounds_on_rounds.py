"""Bounds on the number of rounds: by known protocols, and what is known when time is over."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from pysat.solvers import Cadical195

from agreement.graph import (
    complete,
    cycle,
    grid,
    named,
    octahedron,
    path,
    random_connected,
    star,
    wheel,
)
from agreement.protocols import synthesised_protocol, two_process_protocol
from agreement.protocols.thirds import towards
from agreement.solve import (
    Decision,
    Limits,
    Solvability,
    check_certificate,
    decide,
    graphs,
    load_atlas,
)
from agreement.solve import deciding as deciding_module
from agreement.solve import formula as formula_module
from agreement.solve.certificates import by_protocol
from agreement.solve.consistency import refute
from agreement.solve.deciding import facets_from_two, refute_far
from agreement.solve.formula import FormulaTooLargeError, cadical, formula_of
from agreement.solve.known_protocols import Rule, find_rule, rule_with_fewest_rounds
from agreement.task import VALIDITIES, Task
from agreement.topology import anonymous as anonymous_module
from agreement.topology import barycentric_complex

# Known protocols.


@pytest.mark.parametrize(
    ("graph", "count", "dismantlable", "rule"),
    [
        ("path:62", 3, True, Rule("block", 6)),
        ("star:5", 4, True, Rule("block", 1)),
        ("complete:4", 3, True, Rule("block", 0)),
        ("path:28", 2, True, Rule("thirds", 3)),
        ("cycle:20", 2, False, Rule("thirds", 3)),
        ("cycle:4", 3, False, None),
        ("octahedron:3", 3, False, None),
    ],
)
def test_rules_for_graphs(graph, count, dismantlable, rule):
    task = Task(named(graph))
    assert rule_with_fewest_rounds(task, count, dismantlable=dismantlable) == rule


def test_averaging_bounds_what_can_be_dismantled():
    task = Task(wheel(5))
    rule = rule_with_fewest_rounds(task, 3, dismantlable=True)
    assert rule.name == "average"
    assert rule.rounds >= decide(task, 3).least == 1
    assert rule.tables(task, 3) is None


def test_no_rule_is_below_the_least_number_of_rounds():
    """The least numbers are those of the atlas, which both checkers have confirmed."""
    for number, graph, answers in load_atlas():
        if number % 50:
            continue
        for (count, validity), answer in answers.items():
            task = Task(graph, validity)
            solvable = "contractible carriers" in answer.kinds
            rule = rule_with_fewest_rounds(task, count, dismantlable=solvable)
            if rule is not None:
                assert answer.least <= rule.rounds


@pytest.mark.parametrize("graph", [path(2), path(6), cycle(5), cycle(10), grid(2, 3)])
@pytest.mark.parametrize("validity", VALIDITIES[:2])
def test_thirds_as_tables_are_accepted(graph, validity):
    task = Task(graph, validity)
    rule = rule_with_fewest_rounds(task, 2, dismantlable=False)
    tables = rule.tables(task, 2)
    assert tables.rounds == rule.rounds == two_process_protocol(task).rounds
    assert check_certificate(by_protocol(task, 2, tables)).startswith("solvable in ")


def test_thirds_as_tables_decide_as_the_protocol():
    """All inputs and all schedules of two rounds, by the definition of an immediate snapshot."""
    task = Task(cycle(9))
    tables = Rule("thirds", 2).tables(task, 2)
    places = [
        dict(zip(v, n, strict=True)) for v, n in zip(tables.views, tables.numbers, strict=True)
    ]
    for inputs in product(range(9), repeat=2):
        for schedule in product(("both", "first", "second"), repeat=2):
            mine, plain = list(inputs), list(inputs)
            for table, order in zip(places, schedule, strict=True):
                seen = {"both": (3, 3), "first": (1, 3), "second": (3, 2)}[order]
                views = [
                    tuple(v if s >> q & 1 else None for q, v in enumerate(plain)) for s in seen
                ]
                plain = [towards(task.graph, p, views[p]) for p in range(2)]
                sees = [tuple(sorted(v for q, v in enumerate(mine) if s >> q & 1)) for s in seen]
                mine = [table[mine[p], sees[p]] for p in range(2)]
            assert mine == plain
    assert synthesised_protocol(task, 2, tables).rounds == 2


def test_tables_that_would_be_large_are_left_out():
    assert Rule("block", 6).tables(Task(path(62)), 3) is None
    assert Rule("block", 4).tables(Task(path(12)), 4) is None
    assert Rule("thirds", 4).tables(Task(path(62)), 2).rounds == 4
    assert find_rule(Task(star(61)), 6, 1) is None


# Bounds.


def test_a_rule_ends_the_search_where_it_is_met():
    """A path with 6 vertices takes 3 rounds (HS06): 2 are refuted, and the rule has 3."""
    decision = decide(Task(path(6)), 3, limits=Limits(rounds=1))
    assert (decision.refuted, decision.rounds, decision.least) == (2, 3, 3)
    assert (decision.at_least, decision.at_most) == (3, 3)
    assert decision.rule == Rule("block", 3)
    said = [check_certificate(document) for document in decision.certificates]
    assert [line.split(":")[0] for line in said] == [
        "solvable", "not solvable in 2 rounds", "solvable in 3 rounds",
    ]  # fmt: skip
    assert decision.tried == ()


def test_a_rule_without_tables_is_a_bound_too():
    decision = decide(Task(path(17)), 3, limits=Limits(rounds=1, facets=20_000))
    assert (decision.at_least, decision.at_most, decision.least) == (4, 4, None)
    assert (decision.rounds, decision.tables) == (None, None)
    few = decide(Task(path(17)), 3, limits=Limits(rounds=1, facets=100))
    assert (few.at_least, few.at_most) == (2, 4)
    assert few.tried[-1] == "all numbers of rounds up to 1 were tried"


def test_a_rule_is_taken_where_the_search_finds_nothing():
    """Two processes on a long cycle, with too few facets for a search."""
    decision = decide(Task(cycle(12)), 2, limits=Limits(facets=10))
    assert (decision.rounds, decision.rule) == (2, Rule("thirds", 2))
    assert decision.verdict is Solvability.SOLVABLE
    assert all(check_certificate(document) for document in decision.certificates)


def test_bounds_of_what_is_not_known():
    decision = decide(Task(octahedron(3)), 3, limits=Limits(facets=10))
    assert (decision.at_least, decision.at_most, decision.rule) == (1, None, None)
    assert decide(Task(cycle(4)), 3).at_most is None
    assert decide(Task(complete(3)), 3).at_most == 0


@pytest.mark.parametrize("count", [2, 3, 4])
def test_two_inputs_refute_exactly_what_is_shorter_than_their_path_needs(count):
    """What `refute_far` leaves out, since a path has a protocol, arc consistency cannot refute."""
    for order in range(3, 9):
        task = Task(path(order))
        far = np.array(list(product((0, order - 1), repeat=count)), np.int64)
        for rounds in (1, 2):
            assert (refute_far(task, count, rounds) is None) == (refute(task, far, rounds) is None)


def test_two_inputs_and_too_many_facets(monkeypatch):
    assert facets_from_two(3, 0) == facets_from_two(3, 1) == 8
    assert facets_from_two(3, 3) == 8 * 13 * 13
    assert refute_far(Task(path(9)), 6, 3) is None  # 64 * 4683^2 facets
    monkeypatch.setattr(deciding_module, "MOST_FACETS", 103)
    assert refute_far(Task(path(9)), 3, 2) is None
    assert refute_far(Task(path(9)), 1, 0) is None
    assert decide(Task(path(9)), 6, limits=Limits(facets=10)).refuted == 1


# A caller that interrupts has what was found.


class Interrupt(Exception):  # noqa: N818 - it is no error
    pass


@pytest.mark.parametrize(
    ("graph", "count", "rounds"),
    [("path:6", 3, None), ("path:5", 3, None), ("cycle:5", 3, None), ("cycle:9", 2, None),
     ("octahedron:3", 3, None), ("path:6", 3, 2)],
)  # fmt: skip
def test_interrupted_at_any_step_what_is_known_is_true(graph, count, rounds):
    task = Task(named(graph))
    steps = []
    limits = Limits(rounds=1)
    whole = decide(task, count, rounds=rounds, limits=limits, progress=steps.append)
    least = whole.least
    found = []
    for stop in range(1, len(steps) + 1):
        kept = [Decision(task, count, Solvability.UNKNOWN)]
        told = []

        def progress(what, told=told, stop=stop):
            told.append(what)
            if len(told) == stop:
                raise Interrupt

        with pytest.raises(Interrupt):
            decide(task, count, rounds=rounds, limits=limits, progress=progress, keep=kept.append)
        assert told == steps[:stop]
        so_far = kept[-1]
        found.append(so_far)
        for document in so_far.certificates:
            check_certificate(document)
        assert so_far.verdict in {whole.verdict, Solvability.UNKNOWN}
        if least is not None:
            assert so_far.at_least <= least
            assert so_far.at_most is None or least <= so_far.at_most
    assert [it.at_least for it in found] == sorted(it.at_least for it in found)
    assert found[0].certificates == ()


def test_what_is_kept_last_is_what_is_returned():
    for graph, count in ((path(6), 3), (path(5), 3), (wheel(4), 3), (cycle(9), 2)):
        kept = []
        whole = decide(Task(graph), count, keep=kept.append)
        assert replace(kept[-1], tried=whole.tried) == whole


# CaDiCaL, some conflicts at a time.


def hard_formula():
    """Return a formula that takes some hundred conflicts: 7 values, 8 pairwise different vertices.

    The graph of values has no edge, so that neighbours must be equal; `near` is turned round.
    """
    near = [0b1111111 ^ 1 << v for v in range(7)]
    edges = np.array([(u, v) for v in range(8) for u in range(v)], np.int64)
    return formula_of(near, np.full(8, 0b1111111, np.int64), edges)


def test_answers_do_not_depend_on_where_the_solver_pauses(monkeypatch):
    formula = hard_formula()
    monkeypatch.setattr(formula_module, "_PART", 7)
    for size in (1, 50, 100_000):
        monkeypatch.setattr(formula_module, "_SLICE", size)
        answer = cadical(formula, proof=True)
        assert answer.satisfiable is False
        assert any(line.split() == ["0"] for line in answer.proof)
    monkeypatch.setattr(formula_module, "_SLICE", 3)
    assert cadical(formula, conflicts=10).satisfiable is None
    assert cadical(formula, conflicts=0).satisfiable is None


def test_large_formulas_are_interrupted_more_often(monkeypatch):
    budgets = []
    monkeypatch.setattr(Cadical195, "conf_budget", lambda _, budget: budgets.append(budget))
    for large, expected in ((1_000, 40), (14, 1)):
        monkeypatch.setattr(formula_module, "_LARGE", large)
        monkeypatch.setattr(formula_module, "_SLICE", 40 if large == 1_000 else 2)
        cadical(hard_formula())
        assert budgets.pop() == expected
        budgets.clear()


def test_formulas_that_would_be_too_large_are_not_made(monkeypatch):
    formula = hard_formula()
    monkeypatch.setattr(formula_module, "MOST_CLAUSES", len(formula.short))
    assert len(hard_formula().short) == len(formula.short)
    monkeypatch.setattr(formula_module, "MOST_CLAUSES", len(formula.short) - 1)
    said = f"a formula of {len(formula.short)} clauses is too large"
    with pytest.raises(FormulaTooLargeError, match=said):
        hard_formula()
    # The graph 1160 of the atlas takes a formula for one round, which it refutes.
    task = Task(dict(graphs())[1160], "hull")
    monkeypatch.setattr(formula_module, "MOST_CLAUSES", 1)
    decision = decide(task, 3, limits=Limits(rounds=1))
    assert (decision.refuted, decision.rounds) == (0, None)
    assert sum("clauses is too large" in note for note in decision.tried) == 2


def test_edges_are_the_same_however_they_are_merged(monkeypatch):
    whole = barycentric_complex(5, 3, 2).edges
    barycentric_complex.cache_clear()
    monkeypatch.setattr(anonymous_module, "_AT_ONCE", 1)
    assert (barycentric_complex(5, 3, 2).edges == whole).all()
    barycentric_complex.cache_clear()


def test_interrupted_in_the_solver(monkeypatch):
    def caught(_):
        raise RuntimeError("Caught keyboard interrupt")

    def broken(_):
        raise RuntimeError("something else")

    monkeypatch.setattr(Cadical195, "solve_limited", caught)
    with pytest.raises(KeyboardInterrupt):
        cadical(hard_formula())
    monkeypatch.setattr(Cadical195, "solve_limited", broken)
    with pytest.raises(RuntimeError, match="something else"):
        cadical(hard_formula())


def test_clauses_are_given_to_the_solver_once_and_in_order(monkeypatch):
    given = []
    add = Cadical195.add_clause

    def watched(self, clause, no_return=True):  # noqa: FBT002 - the solver's own
        given.append(list(clause))
        return add(self, clause, no_return)

    monkeypatch.setattr(Cadical195, "add_clause", watched)
    monkeypatch.setattr(formula_module, "_PART", 5)
    formula = hard_formula()
    cadical(formula, conflicts=1)
    assert given == [*map(list, formula.long), *formula.short.tolist()]


@pytest.mark.slow
def test_bounds_on_random_graphs():
    """The bounds hold against one another, with every certificate accepted."""
    import random  # noqa: PLC0415 - for this one

    rng = random.Random(7)
    for _ in range(60):
        graph = random_connected(rng.randint(2, 9), rng.random(), rng)
        task = Task(graph, rng.choice(VALIDITIES))
        decision = decide(task, rng.randint(2, 4))
        for document in decision.certificates:
            check_certificate(document)
        assert decision.at_most is None or decision.at_least <= decision.at_most
