"""The second checker accepts true certificates and refuses false ones for the reason meant."""

import importlib
import json
import pkgutil
import runpy
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
import second_checker_trials as trials
from hand_made_false import FALSE
from hand_made_malformed import MALFORMED
from hand_made_true import C4R, K3T, TRUE
from small_certificates import (
    branches,
    complex_of,
    cycle,
    dismantled,
    document,
    edited,
    formula,
    lines,
    path,
    text,
)

from agreement.solve import second_checker
from agreement.solve.second_checker import RefusedError, check

MODULES = {"package": second_checker} | {
    each.name: importlib.import_module(f"{second_checker.__name__}.{each.name}")
    for each in pkgutil.iter_modules(second_checker.__path__)
    if each.name != "__main__"
}


@pytest.mark.parametrize("made", TRUE.values(), ids=TRUE)
def test_true_certificates_are_accepted(made):
    assert check(made) == check(made.encode()) == trials.statement(made)


@pytest.mark.parametrize(("made", "why"), [*MALFORMED, *FALSE])
def test_false_certificates_are_refused(made, why):
    trials.refused(MODULES, made, why)


def test_there_are_many_and_no_two_are_the_same():
    made = [
        text.encode() if isinstance(text, str) and text.isascii() else text for text, _ in FALSE
    ]
    assert len(set(made)) == len(made) >= 200
    assert len({text for text, _ in MALFORMED}) == len(MALFORMED) >= 90


# --- limits ---


def test_limits_are_those_of_the_format():
    trials.limits_are_those_of_the_format(MODULES)


@pytest.mark.parametrize("limit", trials.NEEDED, ids=lambda limit: limit[1])
def test_a_limit_is_the_last_number_allowed(limit):
    trials.a_limit_is_the_last_number_allowed(MODULES, *limit)


def test_states_after_a_round_are_limited():
    trials.states_after_a_round_are_limited(MODULES)


def test_inputs_are_limited():
    trials.inputs_are_limited(MODULES)
    many = document(list(combinations(range(62), 2)), 3, "decision protocol", 0, tables=[])
    assert check(text(many))


# --- parts, compared with their definitions ---


@pytest.mark.parametrize("seed", range(6))
def test_carriers_are_those_of_the_definition(seed):
    edges = trials.random_graph(6, 0.1 + 0.1 * seed, seed)
    trials.carriers_are_those_of_the_definition(MODULES, 6, edges)


@pytest.mark.parametrize("edges", [cycle(5), trials.K23])
def test_carriers_of_a_graph_on_which_the_validities_differ(edges):
    trials.carriers_are_those_of_the_definition(MODULES, 5, edges)


@pytest.mark.parametrize(("n", "count"), [(1, 1), (2, 3), (3, 13), (4, 75), (5, 541), (6, 4683)])
def test_ordered_partitions_are_all_and_each_once(n, count):
    trials.ordered_partitions_are_all_and_each_once(MODULES, n, count)


@pytest.mark.parametrize(("inputs", "n", "k"), [(2, 2, 2), (2, 3, 1), (1, 3, 2), (1, 4, 1)])
def test_views_occur_together_as_in_the_complex(inputs, n, k):
    trials.views_occur_together_as_in_the_complex(MODULES, inputs, n, k)


@pytest.mark.parametrize("seed", range(40))
def test_propagation_agrees_with_scanning_all_clauses(seed):
    trials.propagation_agrees_with_scanning(MODULES, seed)
    trials.propagation_over_long_clauses(MODULES, seed)


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
    assert check(text(made)).startswith("not solvable in 1 round:")


# --- files ---


def test_files_are_checked_one_by_one(tmp_path):
    trials.files_are_checked_one_by_one(MODULES, tmp_path)


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
