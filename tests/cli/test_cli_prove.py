"""ttkem prove: planners that meet the premises, that do not, and that are none; and its page."""

import json
import re
import sys
from pathlib import Path

import pytest

from ttkem.testing.planner_premises import PREMISES

PAGE = Path(__file__).parents[2] / "docs" / "prove-your-variant.md"
ROOT = PAGE.parents[1]
TTKEM = "ttkem.tainted.refresh:plan"
COMMIT = "ttkem.blanking.refresh:plan_with_commit"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a module into the folder of the command."""
    monkeypatch.syspath_prepend(tmp_path)  # and have it removed from the path afterwards

    def write_(name, text):
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(text)

    return write_


def test_the_page(run, write, monkeypatch):
    """Its modules, and what the command prints about them."""
    monkeypatch.setenv("COLUMNS", "80")
    text = PAGE.read_text(encoding="utf-8")
    for name, code in re.findall(r"```python\n# (\w+)\.py\n(.*?)```", text, re.DOTALL):
        write(name, code)
    statuses = []
    for words, printed in re.findall(r"```console\n\$ ttkem (.*?)\n(.*?)```", text, re.DOTALL):
        status, out, err = run(*words.split())
        assert [line.rstrip() for line in out.splitlines()] == printed.splitlines()
        assert err == ""
        statuses.append(status)
    assert statuses == [0, 1]


def test_premises_are_quoted_from_where_they_stand():
    for premise in PREMISES.values():
        file, names = premise.source.split(", ")
        text = (ROOT / file).read_text(encoding="utf-8")
        for name in names.split(" and "):
            assert re.search(rf"^\s*(def )?{name}\b", text, re.MULTILINE), premise.source


def test_a_planner_that_holds_as_json(run):
    status, out, err = run(
        "prove", TTKEM, "--members", "2", "--examples", "3", "--largest", "9", "--format", "json"
    )
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["verdict"] == "holds"
    assert told["exhaustive"] == {"members": 2, "trees": 3, "operations": 10, "complete": True}
    assert told["random"]["members"] == 9
    assert told["random"]["histories"] == 3
    assert told["random"]["seed"] == 0
    assert told["counterexample"] is None
    assert "no group has more than 2 members at once" in told["proved"]
    assert told["not_proved"][0].endswith("only tested there, up to 9")
    assert "proofs/safe_not_derivable.py" in told["theorem"]


def test_without_random_histories(run):
    status, out, _ = run("prove", TTKEM, "--members", "1", "--examples", "0")
    assert status == 0
    assert "groups of at most 1 member: 1 tree, 2 operations" in out
    assert "0 histories" in out


def test_a_planner_that_is_refuted_as_json(run):
    status, out, err = run("prove", COMMIT, "--format", "json")
    assert (status, err) == (1, "")
    told = json.loads(out)
    assert told["verdict"] == "refuted"
    assert told["proved"] is None
    found = told["counterexample"]
    assert found["shortest"]
    assert found["broken"][0]["premise"] == "leaf"
    assert found["broken"][0]["found"] == "the author's leaf gets a fresh one"
    assert [row["operation"] for row in found["history"]] == [
        "create by ann, 1 member",
        "add of bob by ann",
    ]
    assert found["history"][0]["refreshed"] == [1]
    assert found["history"][1]["tree"] == ["(1) blank *", "├─ ann", "└─ bob"]


def test_a_history_that_was_shrunk(run, write):
    write(
        "seven",
        "from ttkem.tainted import refresh\n"
        "from dataclasses import replace\n"
        "def plan(tree, change):\n"
        "    true = refresh.plan(tree, change)\n"
        "    few = change.kind.name != 'UPDATE' or len(true.taints) < 8\n"
        "    return true if few else replace(true, fresh_leaf=False)\n",
    )
    status, out, _ = run("prove", "seven:plan", "--members", "2", "--examples", "60")
    assert status == 1
    assert "A history, shrunk:" in out
    assert "all operations on all trees of groups of at most 2 members" in out
    assert "update by" in out


def test_a_plan_that_refreshes_nothing(run):
    status, out, _ = run("prove", "ttkem.blanking.refresh:plan")
    assert status == 1
    assert 'premise "nodes stay"' in out
    assert 'premise "root": every operation refreshes the root' in out
    assert "nothing" in out


def test_interrupted_is_unknown(run, write):
    write(
        "tired",
        "from ttkem.tainted import refresh\n"
        "def plan(tree, change):\n"
        "    if change.kind.name == 'REMOVE':\n"
        "        raise KeyboardInterrupt\n"
        "    return refresh.plan(tree, change)\n",
    )
    status, out, _ = run("prove", "tired:plan")
    assert status == 3
    assert "NOT all operations on all trees of groups of at most 5 members: 1 tree," in out
    assert "UNKNOWN: interrupted before all was checked" in out
    assert "Proved" not in out
    status, out, _ = run("prove", "tired:plan", "--format", "json")
    assert (status, json.loads(out)["verdict"]) == (3, "unknown")
    status, out, _ = run("prove", "tired:plan", "--members", "1")
    assert status == 3
    assert "Proved:" in out
    assert "UNKNOWN" in out
    assert run("prove", TTKEM, "--seconds", "0")[0] == 3


def test_bad_usage(run, write):
    write("noisy", "def plan(tree, change):\n    return 1 / 0\nNUMBER = 3\n")
    status, out, err = run("prove", "noisy:plan")
    assert (status, out) == (2, "")
    assert err == (
        "ttkem: cannot prove noisy:plan: for create by leaf 0 it raised ZeroDivisionError: "
        "division by zero (noisy.py, line 2, in plan); the history: create by ann, 1 member\n"
    )
    for words, complaint in (
        (("noisy:NUMBER",), "neither a planner nor a protocol with a planner"),
        (("noisy",), "cannot import planner 'noisy': write it as module:name"),
        (("missing_module:plan",), "No module named 'missing_module'"),
        ((TTKEM, "--members", "0"), "Invalid value for '--members'"),
        ((TTKEM, "--examples", "-1"), "Invalid value for '--examples'"),
        ((TTKEM, "--largest", "0"), "Invalid value for '--largest'"),
    ):
        status, out, err = run("prove", *words)
        assert (status, out) == (2, "")
        assert complaint in err
    assert run("prove", "--help")[0] == 0
