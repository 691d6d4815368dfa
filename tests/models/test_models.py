"""Every claim holds, its twin is refuted as it should be, and what a failure looks like."""

import multiprocessing
import re
import runpy
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from agreement.graph import complete, cycle, path
from agreement.memory import Write, immediate_snapshot
from agreement.protocols import path_protocol
from agreement.task import Task
from agreement.verdict import Verdict
from models import (
    CLAIMS,
    averaging_three,
    block_three,
    crash_prefixes,
    immediate_levels,
    midpoint_collect,
    snapshot_linearizable,
    taint_windows,
    views,
)
from models.exploration import checked
from models.linearizability import Done, linearizable
from models.one_round_rules import no_rule
from ttkem.adversary import Bound
from ttkem.errors import LocalError
from ttkem.verification import runner
from ttkem.verification.claim import Finding, Kind, refuted, together

ALL = {claim.name: claim for claim in CLAIMS}

FIGURES = {
    "views": "13 immediate 3, 19 snapshot 3, 25 collect 3, 75 immediate 4, 207 snapshot 4, "
    "543 collect 4",
    "midpoint": "1 inputs, 30610 states, 71746 transitions, 137 outcomes",
    "path-4": "256 inputs, 16792 states, 69951 transitions, 46 outcomes",
    "tree-rules": "41472 rules, 3 runs",
    "cycle-rules": "65536 rules, 10 runs",
    "crashes": "17850 states, 99 endings",
    "taint-windows": "520020 states, 74680 runs, 7525792 pairs of a key and an atom",
}
"""Some of them, as first counted: a change of any of these needs a reason."""

SHOWN = {
    "views": "snapshot, n = 3: 19 outcomes, not 25",
    "snapshot": "no order of the operations explains",
    "levels": "process . sees .* of|see .* and",
    "midpoint": "more than 1 apart",
    "path-2": "agreement: processes . and . decide",
    "path-3": "agreement: processes . and . decide",
    "path-4": "agreement: processes . and . decide",
    "tree-2": "agreement: processes . and . decide",
    "tree-3": "agreement: processes . and . decide",
    "tree-4": "agreement: processes . and . decide",
    "block-3": "validity|agreement",
    "averaging-3": "inputs .*, values .* go to",
    "tree-rules": "a rule solves the task",
    "cycle-rules": "a rule solves the task",
    "crashes": "only a crash shows outputs .* where only .* took part",
    "taint-windows": "the key of op 1 is safe, but a's randomness of step 2 reveals it",
}
"""What each twin must be refuted by."""


def test_names_tell_claims_apart_and_every_field_says_something():
    assert len(ALL) == len(CLAIMS) == len(SHOWN)
    for claim in CLAIMS:
        assert claim.kind is Kind.BOUNDED
        for field in ("name", "statement", "source", "bound", "trusts", "twin"):
            assert getattr(claim, field).strip(), (claim.name, field)


LARGE = {claim.name for claim in CLAIMS if claim.slow}
"""Checked in full by `ttkem verify`; here, smaller."""

FAST = {"levels", "midpoint", "path-2", "tree-2", "crashes"}


@pytest.fixture
def smaller(monkeypatch):
    monkeypatch.setattr(snapshot_linearizable, "WORKLOADS", [("ws", 2), ("sw", 2)])
    monkeypatch.setattr(block_three, "TASKS", block_three.TASKS[:1])
    monkeypatch.setattr(taint_windows, "BOUNDS", (Bound(group=3, operations=1),))


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(LARGE))
@pytest.mark.usefixtures("smaller")
def test_a_large_claim_holds_for_less(name):
    result = runner.run(ALL[name], lambda how: None)
    assert result.passes
    assert re.search(SHOWN[name], result.twin.shown), result.twin.shown


def tier(name):
    """Return the marks of a claim: the fastest run in `make test`."""
    return {name in LARGE: pytest.mark.slow, name in FAST: ()}.get(True, pytest.mark.thorough)


@pytest.mark.parametrize("name", [pytest.param(name, marks=tier(name)) for name in ALL])
def test_the_claim_holds_and_its_twin_is_refuted(name):
    ticks = []
    result = runner.run(ALL[name], ticks.append)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    assert result.twin.verdict is Verdict.REFUTED
    assert re.search(SHOWN[name], result.twin.shown), result.twin.shown
    assert result.passes
    assert ticks
    assert result.finding.figures
    if name in FIGURES:
        figures = ", ".join(f"{figure} {what}" for what, figure in result.finding.figures)
        assert figures == FIGURES[name]


# Running.


def test_claims_are_chosen_by_name_in_the_order_of_the_catalogue():
    assert runner.select(CLAIMS, []) == CLAIMS
    chosen = runner.select(CLAIMS, ["path-3", "views"])
    assert [claim.name for claim in chosen] == ["views", "path-3"]
    with pytest.raises(
        LocalError,
        match=r"unknown claim 'paths' among these 16: did you mean path-\d, path-\d, path-\d\?",
    ):
        runner.select(CLAIMS, ["paths"])


def test_claims_run_here_or_in_other_processes():
    chosen = runner.select(CLAIMS, ["path-2", "tree-2"])
    ticks = []
    here = list(runner.run_all(chosen, 1, ticks.append))
    there = list(runner.run_all(chosen, 2, ticks.append))
    assert [result.name for result in here] == ["path-2", "tree-2"]
    assert {replace(r, seconds=0) for r in here} == {replace(r, seconds=0) for r in there}
    assert ticks[0].startswith("path-2: ")
    # Who stops listening ends the other processes.
    some: Any = runner.run_all(chosen, 2, ticks.append)
    next(some)
    some.close()
    assert not multiprocessing.active_children()
    # What the other processes are told to do.
    alone = runner.run(chosen[0], runner._silent)
    assert replace(alone, seconds=0) == replace(here[0], seconds=0)


def test_the_catalogue_is_a_program(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["models", "path-2", "--jobs", "1"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("models", run_name="__main__")
    assert stop.value.code == 0
    assert "1 of 1 claim passed" in capsys.readouterr().out
    runpy.run_module("models.__main__", run_name="imported")
    assert capsys.readouterr().out == ""


# What the checks of the catalogue say when something is wrong.


def test_several_findings_are_one():
    good = Finding(Verdict.HOLDS, (("states", 3),))
    bad = refuted("shown")
    assert together([good, good]) == Finding(Verdict.HOLDS, (("states", 6),))
    assert together([good, bad, good]) is bad
    with pytest.raises(LocalError, match="must count what was examined"):
        together([])


def test_a_counterexample_is_drawn_with_the_graphs_labels():
    graph = path(4)
    named = replace(graph, labels=("a", "b", "c", "d"))
    hasty = path_protocol(Task(named), 2, rounds=0)
    shown = checked(hasty, lambda how: None).shown
    assert "schedule: " in shown
    assert re.search(r"decides? \W*d|-> d|= d", shown), shown


def test_averaging_is_about_chordal_graphs():
    with pytest.raises(AssertionError, match="chordal"):
        averaging_three.faultless(cycle(4), 1, lambda how: None)


def test_midpoints_are_between_the_inputs(monkeypatch):
    def beyond(me, count, value):
        yield Write(0, value)
        return value if me else 17

    protocol = SimpleNamespace(program=beyond, step_complexity=1)
    monkeypatch.setattr(midpoint_collect, "PROTOCOL", protocol)
    assert "outside the inputs: (17, None, None)" in midpoint_collect._within(99, print).shown


def test_crashes_are_compared(monkeypatch):
    monkeypatch.setattr(crash_prefixes, "by_prefixes", lambda program, inputs: set())
    assert crash_prefixes._check(lambda how: None).verdict is Verdict.REFUTED
    # Nothing is objected to finished or unfinished runs: the twin would not be refuted.
    never = SimpleNamespace(objection=lambda *seen: None)
    monkeypatch.setattr(crash_prefixes, "TASK", never)
    assert crash_prefixes._refute(lambda how: None).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (({0}, {0, 1}, {0, 1, 2}), None),
        (({0, 1}, {0, 1}, None), None),
        (({1}, {1}, None), "process 0 sees [1]"),
        (({0, 2}, None, None), "of [0, 1]"),
        (({0}, {1}, None), "processes 0 and 1 see [0] and [1]"),
        (({0, 1}, {0, 1, 2}, {0, 1, 2}), "process 0 sees 1, but not all that 1 sees"),
    ],
)
def test_what_makes_views_immediate(outputs, said):
    views_ = tuple(None if seen is None else frozenset(seen) for seen in outputs)
    present = frozenset({0, 1} if outputs[2] is None else {0, 1, 2})
    found = immediate_levels.immediate(views_, present)
    assert (found is None) == (said is None)
    assert said is None or said in found


def test_outcomes_of_levels_are_counted(monkeypatch):
    monkeypatch.setattr(
        immediate_levels, "one_round_views", lambda communication, count: [None] * 14
    )
    finding = immediate_levels._check(lambda how: None)
    assert finding.shown == "13 outcomes, not 14"
    assert finding.verdict is Verdict.REFUTED


def test_histories_and_their_orders():
    """A scan that misses a write that was over before it began, and one that need not see it."""
    write = Done(None, (0, 0))
    late = Done((None, None), (1, 0))
    early = Done((None, None), (0, 0))
    everybody = frozenset({0, 1})
    assert "no order" in linearizable(((write,), (late,)), everybody)
    assert linearizable(((write,), (early,)), everybody) is None
    assert linearizable((None, (early,)), everybody) is None
    assert repr(write) == "write after (0, 0)"
    assert repr(late) == "scan (None, None) after (1, 0)"


def test_a_rule_that_is_right_is_found_and_said():
    finding = no_rule(Task(complete(2)), 2, lambda how: None)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.startswith("a rule solves the task: [0, 1] to ")


def test_outcomes_are_those_of_runs_in_which_all_take_part():
    def alone(me, count, value):
        view = yield from immediate_snapshot(me, count, 0, value)
        return sum(seen is not None for seen in view)

    found: set[Any] = views.outcomes(alone, range(2))
    assert found == {(1, 2), (2, 1), (2, 2)}
