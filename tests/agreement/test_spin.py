"""SPIN as a second explorer: the same states and verdicts, and what it says when it fails."""

import re
import shutil
import sys
from typing import Any, cast

import pytest
from planted import PLANTED
from small_machines import NO_LIMIT, PROGRAMS, anything, midpoints

from agreement.errors import ProtocolError, ToolError
from agreement.explore import Machine, promela, run_spin
from agreement.explore.engine import explore
from agreement.explore.state_encoding import Packing
from agreement.explore.step_tables import Tables
from agreement.graph import path
from agreement.memory import Read, Write
from agreement.task import Task

needs_spin = pytest.mark.skipif(
    shutil.which("spin") is None or shutil.which("gcc") is None,
    reason="needs SPIN and a C compiler (Debian: apt install spin gcc)",
)


def tables(program, inputs):
    return Tables(Packing(Machine(program, inputs), 20, 10))


def figures(result):
    return (result.states, result.transitions, result.levels, result.outcomes, result.complete)


# SPIN.


@needs_spin
@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_spin_finds_the_same_states_and_no_error(rounds):
    program, inputs = midpoints(3, rounds)
    machine = Machine(program, inputs)
    full = explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    result = run_spin(promela(machine, anything))
    assert (result.states, result.errors) == (full.states, 0)
    # SPIN counts the step into the process's end state as one more.
    assert full.transitions <= result.transitions <= full.transitions + 1


@needs_spin
def test_spin_and_the_checker_agree_on_scans():
    program, inputs = PROGRAMS["snapshot"]
    machine = Machine(program, inputs)
    full = explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    assert run_spin(promela(machine, Task(path(5)).judge(inputs))).states == full.states


@pytest.mark.sample(6)
@needs_spin
@pytest.mark.parametrize("planted", PLANTED, ids=[p.program.__name__ for p in PLANTED])
def test_spin_finds_the_planted_bugs(planted):
    machine = Machine(planted.program, planted.inputs)
    explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    assert run_spin(promela(machine, planted.task.judge(planted.inputs))).errors == 1


@needs_spin
def test_spin_must_search_deep_enough():
    program, inputs = midpoints(3, 1)
    machine = Machine(program, inputs)
    explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    with pytest.raises(ToolError, match="search depth of 3"):
        run_spin(promela(machine, anything), depth=3)


@needs_spin
def test_what_spin_says_of_a_broken_model():
    with pytest.raises(ToolError, match="failed"):
        run_spin({"model.pml": "no model", "tables.h": "", "steps.h": ""})


PRINTED = """
pan: errors: 2
      {states} states, stored
      900 transitions (= stored+matched)
pan: elapsed time 0.25 seconds
"""


@pytest.fixture
def played(tmp_path, monkeypatch):
    """Scripts that stand in for SPIN and the compiler, and check how they are called."""

    def play(printed):
        for name, text in {
            "spin": "test -f tables.h -a -f steps.h && cp $2 pan.c",
            "gcc": f"grep -q model pan.c && printf '#!/bin/sh\ncat <<END\n{printed}\nEND\n' >pan"
            " && chmod +x pan",
        }.items():
            tool = tmp_path / name
            tool.write_text(f"#!/bin/sh\n{text}\n")
            tool.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return play


FILES = {"model.pml": "a model", "tables.h": "", "steps.h": ""}


def test_what_spin_prints_is_read(played):
    played(PRINTED.format(states=127))
    result = run_spin(FILES)
    assert (result.states, result.transitions, result.errors) == (127, 900, 2)
    assert result.seconds == 0.25
    assert result.compiling > 0


def test_a_search_that_was_cut_is_told(played):
    played("error: max search depth too small")
    with pytest.raises(ToolError, match="search depth of 10000: give a greater depth"):
        run_spin(FILES)


def test_a_tool_that_fails_is_told(played):
    played("")
    with pytest.raises(ToolError, match="gcc failed"):
        run_spin(FILES | {"model.pml": "something else"})


@pytest.mark.parametrize("name", ["collect", "snapshot"])
def test_the_model_has_all_moves_of_the_machine(name):
    program, inputs = PROGRAMS[name]
    machine = Machine(program, inputs)
    explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)

    def never_together(outputs, participants):
        return "two have decided" if outputs.count(None) < len(outputs) - 1 else None

    text = promela(machine, never_together)["tables.h"]
    for me, automaton in enumerate(machine.automata):
        keys = re.search(rf"long long k{me}\[\] = {{([^}}]*)}}", text)[1].split(",")
        assert len(keys) == len(automaton.moves)
        assert sorted(map(int, keys)) == list(map(int, keys))
        nexts = re.search(rf"int x{me}\[\] = {{([^}}]*)}}", text)[1].split(",")
        assert set(map(int, nexts)) == set(automaton.moves.values())
    bad = int(re.search(r"#define T_BAD (\d+)", text)[1])
    radix = int(re.search(r"#define T_STAGES (\d+)", text)[1])
    decided = radix - 2
    count = len(inputs)
    # All except those in which at most one process has decided.
    assert bad == radix**count - 2**count - count * decided * 2 ** (count - 1)


def test_a_missing_spin_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda tool: None)
    with pytest.raises(ToolError, match="cannot run SPIN: spin is not installed"):
        run_spin({})


def test_a_spin_that_prints_something_else_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda tool: tool)
    monkeypatch.setattr(agreement_promela, "_call", lambda *words: "nothing of use")
    with pytest.raises(ToolError, match="no line matches"):
        run_spin({})


agreement_promela = sys.modules["agreement.explore.promela"]


def test_blocks_are_not_promela_and_tables_can_be_too_large():
    program, inputs = PROGRAMS["immediate"]
    machine = Machine(program, inputs)
    explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    with pytest.raises(ProtocolError, match="lower the program to registers first"):
        promela(machine, anything)

    def many(me, count, value):
        seen: tuple[Any, ...] = ()
        for place in range(9):
            yield Write(place, me)
            seen = (*seen, (yield Read(place, 1 - me)))
        return seen

    machine = Machine(many, (0, 0))
    explore(Tables(Packing(machine, 20, 12)), anything, limit=NO_LIMIT)
    with pytest.raises(ToolError, match="combinations of outputs are too many"):
        promela(cast("Machine", Wide(machine)), anything)


class Wide:
    """Four copies of a machine, which have many combinations of outputs."""

    def __init__(self, machine):
        self.count = 4
        self.immediate = False
        self.automata = machine.automata * 2
