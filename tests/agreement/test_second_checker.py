"""The second checker accepts true certificates and refuses false ones for the reason meant."""

import json
import random
import runpy
import shutil
import subprocess
import sys
from itertools import combinations, product
from pathlib import Path

import pytest
from hand_made_false import FALSE
from hand_made_malformed import MALFORMED
from hand_made_true import C4R, K2, K3T, P5A, TRUE
from small_certificates import (
    branches,
    complex_of,
    cycle,
    dismantled,
    document,
    edited,
    formula,
    knowledge,
    lines,
    path,
    text,
    unit_propagation,
)

from agreement.solve import second_checker
from agreement.solve.second_checker import (
    RefusedError,
    carriers,
    check,
    main,
    refutations,
    runs,
    shapes,
)
from agreement.solve.second_checker import document as reading
from agreement.solve.second_checker.carriers import Carriers, as_bits, bits
from agreement.solve.second_checker.propagation import Formula
from agreement.solve.second_checker.views import Views, ordered_partitions


@pytest.mark.parametrize("made", TRUE.values(), ids=TRUE)
def test_true_certificates_are_accepted(made):
    it = json.loads(made)
    rounds = "" if it["rounds"] is None else f" in {it['rounds']} rounds"
    expected = (
        f"{it['claim']}{rounds}: {it['processes']} processes, {it['graph']['vertices']} vertices, "
        f"{it['validity']} validity"
    )
    assert check(made) == expected
    assert check(made.encode()) == expected


@pytest.mark.parametrize(("made", "why"), [*MALFORMED, *FALSE])
def test_false_certificates_are_refused(made, why):
    with pytest.raises(RefusedError) as error:
        check(made)
    assert why in str(error.value)


def test_there_are_many_and_no_two_are_the_same():
    made = [
        text.encode() if isinstance(text, str) and text.isascii() else text for text, _ in FALSE
    ]
    assert len(set(made)) == len(made) >= 200
    assert len({text for text, _ in MALFORMED}) == len(MALFORMED) >= 90


# --- limits ---


@pytest.mark.parametrize(
    ("module", "name", "limit"),
    [
        (shapes, "MOST_BYTES", 33_554_432),
        (shapes, "MOST_BRACKETS", 2_000_000),
        (shapes, "MOST_NESTING", 8),
        (shapes, "MOST_NUMBER", 999_999_999),
        (reading, "MOST_VERTICES", 62),
        (reading, "MOST_PROCESSES", 6),
        (reading, "MOST_ROUNDS", 100),
        (carriers, "MOST_INDUCED_PATHS", 1_000_000),
        (runs, "MOST_STATES", 1_000_000),
        (refutations, "MOST_CLAUSES", 2_000_000),
    ],
)
def test_limits_are_those_of_the_format(module, name, limit):
    assert getattr(module, name) == limit


P3_MONOPHONIC = edited(dismantled(path(3), 2), validity="monophonic")
P5R_DRAT = ["0"]


@pytest.mark.parametrize(
    ("module", "name", "made", "exactly", "why"),
    [
        (shapes, "MOST_BYTES", K2, len(text(K2)), "longer than"),
        (shapes, "MOST_BRACKETS", K2, sum(map(text(K2).count, "[{")), "more than"),
        # the vertices, and each pair in two directions
        (carriers, "MOST_INDUCED_PATHS", P3_MONOPHONIC, 3 + 6, "induced paths"),
        # multisets of two of three vertices
        (runs, "MOST_STATES", edited(K3T, processes=2), 6, "combinations of inputs"),
        # four views decide something; 4 + 10 + 4 pairs of values are not near
        (refutations, "MOST_CLAUSES", None, None, "clauses"),
    ],
)
def test_a_limit_is_the_last_number_allowed(module, name, made, exactly, why, monkeypatch):
    if made is None:
        it = json.loads(TRUE["P5 refuted"])["proof"]
        made = json.loads(TRUE["P5 refuted"])
        exactly = len(formula(path(5), it["views"], it["edges"])[1])
    monkeypatch.setattr(module, name, exactly)
    assert check(text(made))
    monkeypatch.setattr(module, name, exactly - 1)
    with pytest.raises(RefusedError, match=why):
        check(text(made))


def test_states_after_a_round_are_limited(monkeypatch):
    """A table that keeps what was seen apart makes more states than there were."""
    seen = [[v] for v in range(3)] + [[0, 1], [0, 2], [1, 2]]
    first = [[None, s, 10 + at] for at, s in enumerate(sorted(seen))]
    made = text(document(path(3), 2, "decision protocol", 2, tables=[first, []]))
    # 3 inputs that are the same lead to one state each; 3 others to three each
    monkeypatch.setattr(runs, "MOST_STATES", 12)
    with pytest.raises(RefusedError, match="table 1: no entry"):
        check(made)
    monkeypatch.setattr(runs, "MOST_STATES", 11)
    with pytest.raises(RefusedError, match="table 0: leads to more than 11 states"):
        check(made)


def test_a_state_counts_the_inputs_that_are_known():
    """Six processes on 62 vertices have too many inputs, even for a protocol without rounds."""
    made = document(list(combinations(range(62), 2)), 6, "decision protocol", 0, tables=[])
    with pytest.raises(RefusedError, match="combinations of inputs"):
        check(text(made))
    assert check(text(edited(made, processes=3)))


# --- parts, compared with their definitions ---


def random_graph(size, chance, seed):
    chosen = random.Random(seed)
    edges = {(chosen.randrange(v), v) for v in range(1, size)}
    edges |= {pair for pair in combinations(range(size), 2) if chosen.random() < chance}
    return sorted(edges)


def is_near(edges, u, v):
    return u == v or (min(u, v), max(u, v)) in edges


def simple_paths(edges, size, so_far):
    yield so_far
    for v in range(size):
        if v not in so_far and is_near(edges, so_far[-1], v):
            yield from simple_paths(edges, size, (*so_far, v))


def between(edges, size, u, v, validity):
    """Vertices between two, from all simple paths between them."""
    found = [p for p in simple_paths(edges, size, (u,)) if p[-1] == v]
    if validity == "monophonic":
        chosen = [
            p
            for p in found
            if not any(
                is_near(edges, p[i], p[j]) for i in range(len(p)) for j in range(i + 2, len(p))
            )
        ]
    else:
        chosen = [p for p in found if len(p) == min(map(len, found))]
    return {w for p in chosen for w in p}


@pytest.mark.parametrize("seed", range(6))
def test_carriers_are_those_of_the_definition(seed):
    size = 6
    edges = random_graph(size, 0.1 + 0.1 * seed, seed)
    pairs = {
        (validity, u, v): between(edges, size, u, v, validity)
        for validity in ("geodesic", "monophonic")
        for u, v in product(range(size), repeat=2)
    }
    made = {v: Carriers(size, edges, v) for v in ("geodesic", "hull", "monophonic", "clique")}
    for inputs in (set(bits(s)) for s in range(1, 1 << size)):
        expected = {
            validity: set().union(*(pairs[validity, u, v] for u in inputs for v in inputs))
            for validity in ("geodesic", "monophonic")
        }
        hull = inputs
        for _ in range(size):
            hull = set().union(*(pairs["geodesic", u, v] for u in hull for v in hull))
        expected["hull"] = hull
        near = all(is_near(edges, u, v) for u in inputs for v in inputs)
        expected["clique"] = inputs if near else set(range(size))
        for validity, carrier in expected.items():
            assert set(bits(made[validity].carrier(as_bits(inputs)))) == carrier


@pytest.mark.parametrize(("n", "count"), [(1, 1), (2, 3), (3, 13), (4, 75), (5, 541), (6, 4683)])
def test_ordered_partitions_are_all_and_each_once(n, count):
    found = list(ordered_partitions(n))
    assert len(set(found)) == len(found) == count
    for seen in found:
        assert all(seen[p] >> p & 1 for p in range(n))


def occur_together(views, depth, i, j):
    """The four conditions of the format's page."""
    (p, first), (q, second) = views[i], views[j]
    if p == q or depth[i] != depth[j]:
        return False
    if isinstance(first, int):
        return True
    first, second = set(first), set(second)
    return (
        (first <= second or second <= first)
        and (second <= first or q not in {views[one][0] for one in first})
        and (first <= second or p not in {views[one][0] for one in second})
    )


@pytest.mark.parametrize(("inputs", "n", "k"), [(2, 2, 2), (2, 3, 1), (1, 3, 2), (1, 4, 1)])
def test_views_occur_together_as_in_the_complex(inputs, n, k):
    """Three ways agree: the complex of all runs, the page's four conditions, and the checker."""
    numbered, pairs = complex_of([range(inputs)] * n, n, k)
    depth = []
    for _, what in numbered:
        depth.append(0 if isinstance(what, int) else 1 + depth[what[0]])
    views = Views(
        [reading.View(p, w if isinstance(w, int) else tuple(w)) for p, w in numbered], n, k
    )
    assert [set(bits(known)) for known in views.known] == knowledge(numbered)
    deciding = [i for i in range(len(numbered)) if depth[i] == k]
    assert views.deciding == deciding
    together = set(pairs)
    for i, j in combinations(range(len(numbered)), 2):
        expected = occur_together(numbered, depth, i, j)
        assert views.occur_together(i, j) == views.occur_together(j, i) == expected
        if depth[i] == depth[j] == k:
            assert ((i, j) in together) == expected


@pytest.mark.parametrize("seed", range(40))
def test_propagation_agrees_with_scanning_all_clauses(seed):
    """Random lists, edges and clauses; the clauses need not follow."""
    chosen = random.Random(seed)
    size = 4
    edges = random_graph(size, 0.2, seed)
    near = Carriers(size, edges, "clique").near
    lists = {view: chosen.randrange(1, 1 << size) for view in range(4)}
    pairs = [pair for pair in combinations(range(4), 2) if chosen.random() < 0.7]
    variables = [(view, value) for view in lists for value in bits(lists[view])]
    number = {pair: at for at, pair in enumerate(variables, 1)}
    clauses = [[number[view, value] for value in bits(lists[view])] for view in lists]
    clauses += [
        [-number[i, a], -number[j, b]]
        for i, j in pairs
        for a in bits(lists[i])
        for b in bits(lists[j])
        if not near[a] >> b & 1
    ]
    formula = Formula(lists, pairs, near)
    assert formula.variables == len(variables)
    for _ in range(60):
        length = min(chosen.randrange(1, 5), len(variables))
        clause = [
            chosen.choice((1, -1)) * one
            for one in chosen.sample(range(1, len(variables) + 1), length)
        ]
        expected = unit_propagation(clauses, [-one for one in clause]) is None
        assert formula.add_if_implied(clause) == expected
        if expected:
            clauses.append(clause)
    assert formula.add_if_implied([]) == (unit_propagation(clauses, []) is None)


def test_a_clause_that_is_true_anyway_may_be_added():
    """P5: view 2 decides 0 and view 5 decides 4, for they have no other value."""
    made = json.loads(TRUE["P5 refuted"])
    proof = made["proof"]
    longer = edited(made, proof__drat=["1 -2 0", "12 0", *proof["drat"]])
    assert check(text(longer)) == check(text(made))
    with pytest.raises(RefusedError, match="clause 2: does not follow"):
        check(text(edited(longer, proof__drat=["1 -2 0", "12 0", "-12 0", "0"])))


def test_superfluous_edges_and_clauses_are_allowed():
    proof = C4R["proof"]
    longer = edited(C4R, proof__drat=["-2 -9 -13 -15 -18 0", *proof["drat"]])
    assert check(text(longer)) == check(text(C4R))


def test_a_larger_refutation():
    """C5 for three processes, one round, found by search: a hundred clauses."""
    views, pairs = complex_of([(0,), (1, 4), (2, 3)], 3, 1)
    used = sorted({view for pair in pairs for view in pair})
    _, clauses = formula(cycle(5), views, pairs)
    drat = lines(branches(clauses))
    assert len(used) > 30
    made = document(
        cycle(5), 3, "propositional refutation", 1,
        views=views, edges=[list(pair) for pair in pairs], drat=drat,
    )  # fmt: skip
    assert check(text(made)).startswith("not solvable in 1 rounds")


# --- files ---


def test_files_are_checked_one_by_one(tmp_path, capsys):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(text(K3T))
    bad.write_text(text(P5A)[:-1])
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == (
        f"{good}: solvable in 0 rounds: 3 processes, 3 vertices, clique validity\n"
    )
    assert main([str(bad), str(good)]) == 1
    refused, accepted = capsys.readouterr().out.splitlines()
    assert refused.startswith(f"{bad}: refused: the file: not JSON")
    assert accepted.startswith(f"{good}: solvable")
    missing = tmp_path / "missing.json"
    assert main([str(missing), str(bad)]) == 2
    assert capsys.readouterr().err == f"{missing}: cannot be read: No such file or directory\n"


def test_a_file_is_not_read_beyond_the_limit(tmp_path, monkeypatch, capsys):
    made = tmp_path / "padded.json"
    made.write_text(text(K3T) + " " * 1000)
    monkeypatch.setattr(second_checker, "MOST_BYTES", len(text(K3T)))
    monkeypatch.setattr(shapes, "MOST_BYTES", len(text(K3T)))
    assert main([str(made)]) == 1
    assert "longer than" in capsys.readouterr().out


@pytest.mark.parametrize(("processes", "status"), [(3, 0), (2, 1)])
def test_it_is_run_as_a_module(tmp_path, capsys, monkeypatch, processes, status):
    made = tmp_path / "path.json"
    made.write_text(text(edited(dismantled(path(3), 3), processes=processes)))
    monkeypatch.setattr(sys, "argv", ["second_checker", str(made)])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("agreement.solve.second_checker", run_name="__main__")
    assert stop.value.code == status
    assert capsys.readouterr().out.startswith(f"{made}: {('solvable', 'refused')[status]}: ")


def test_it_stands_alone(tmp_path):
    """A copy of the folder works where nothing else of the project or its dependencies is."""
    shutil.copytree(Path(second_checker.__file__).parent, tmp_path / "second_checker")
    (tmp_path / "k3.json").write_text(text(K3T))
    done = subprocess.run(
        [sys.executable, "-S", "-m", "second_checker", "k3.json"],
        cwd=tmp_path, env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("k3.json: solvable in 0 rounds"), done.stderr
    assert done.returncode == 0
