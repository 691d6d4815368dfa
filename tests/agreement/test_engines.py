"""All engines and reductions on the same machines: states, transitions, outcomes, verdicts."""

import tracemalloc
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import PLANTED
from small_machines import NO_LIMIT, PROGRAMS, anything, midpoints

from agreement.errors import AgreementError, ToolError
from agreement.explore import Machine, Options, check_inputs
from agreement.explore.ample import reduced_explore
from agreement.explore.engine import explore, plain_explore
from agreement.explore.independence import DependencyRelation
from agreement.explore.numba_search import (
    CompiledTables,
    compiled_explore,
    compiled_reduced_explore,
)
from agreement.explore.shortest import lasso, shortest
from agreement.explore.state_encoding import Packing, TooNarrowError
from agreement.explore.step_tables import Tables
from agreement.explore.symmetry import renamings, symmetric_explore
from agreement.graph import automorphisms, complete, path, star
from agreement.memory import Read, Scan, Write, WriteScan, collect, immediate_snapshot, snapshot


def tables(program, inputs):
    return Tables(Packing(Machine(program, inputs), 20, 10))


def figures(result):
    return (result.states, result.transitions, result.levels, result.outcomes, result.complete)


SYMMETRIES = {"star, 4 processes": 2}


@pytest.mark.parametrize("name", PROGRAMS)
def test_tables_and_compiled_search_see_what_the_plain_one_sees(name):
    program, inputs = PROGRAMS[name]
    plain = plain_explore(Packing(Machine(program, inputs), 20, 10), anything, limit=NO_LIMIT)
    assert plain.complete
    assert figures(explore(tables(program, inputs), anything, limit=NO_LIMIT)) == figures(plain)
    compiled = CompiledTables(Machine(program, inputs))
    for _ in range(2):  # with tables to be filled, and with full ones
        assert figures(compiled_explore(compiled, anything, limit=NO_LIMIT)) == figures(plain)


@pytest.mark.parametrize("name", PROGRAMS)
def test_ample_sets_keep_the_outcomes(name):
    program, inputs = PROGRAMS[name]
    full = explore(tables(program, inputs), anything, limit=NO_LIMIT)
    everybody = frozenset(range(len(inputs)))
    reduced = reduced_explore(
        tables(program, inputs), anything, participants=everybody, limit=NO_LIMIT
    )
    assert reduced.outcomes == full.outcomes
    assert reduced.states <= full.states
    compiled = compiled_reduced_explore(
        CompiledTables(Machine(program, inputs)), anything, participants=everybody, limit=NO_LIMIT
    )
    assert figures(compiled) == figures(reduced)


@pytest.mark.parametrize("name", ["snapshot", "immediate", "star, 4 processes"])
def test_ample_sets_with_some_processes_absent(name):
    """The outcomes are those of all runs in which process 0 takes no step, and no others."""
    program, inputs = PROGRAMS[name]
    rest = frozenset(range(1, len(inputs)))
    met = {}

    def recorded(where):
        def judge(outputs, participants):
            if participants == rest and outputs[1:].count(None) == 0:
                met.setdefault(where, set()).add(outputs)

        return judge

    explore(tables(program, inputs), recorded("full"), limit=NO_LIMIT)
    shared = tables(program, inputs)
    reduced = reduced_explore(shared, recorded("reduced"), participants=rest, limit=NO_LIMIT)
    compiled = CompiledTables(Machine(program, inputs))
    fast = compiled_reduced_explore(
        compiled, recorded("compiled"), participants=rest, limit=NO_LIMIT
    )
    assert met["full"] == met["reduced"] == met["compiled"]
    assert figures(fast) == figures(reduced)


@pytest.mark.parametrize("name", PROGRAMS)
def test_symmetry_keeps_the_outcomes(name):
    program, inputs = PROGRAMS[name]
    full = explore(tables(program, inputs), anything, limit=NO_LIMIT)
    graph = path(5) if "star" not in name else star(3)
    candidates = list(renamings(inputs, inputs, automorphisms(graph)))
    found, size = symmetric_explore(tables(program, inputs), anything, candidates, limit=NO_LIMIT)
    assert found.outcomes == full.outcomes
    assert full.states / size <= found.states <= full.states
    assert size == SYMMETRIES.get(name, 1)


@pytest.mark.parametrize("planted", PLANTED, ids=[p.program.__name__ for p in PLANTED])
def test_all_ways_agree_on_the_planted_bugs(planted):
    full = explore(tables(planted.program, planted.inputs), anything, limit=NO_LIMIT)
    judge = planted.task.judge(planted.inputs)
    machine = Machine(planted.program, planted.inputs)
    compiled = compiled_explore(CompiledTables(machine), anything, limit=NO_LIMIT)
    assert figures(compiled) == figures(full)
    found = explore(tables(planted.program, planted.inputs), judge, limit=NO_LIMIT).violation
    same = compiled_explore(CompiledTables(machine), judge, limit=NO_LIMIT).violation
    assert (same.level, same.what) == (found.level, found.what)


# Random programs.

DIGESTS = 1000


@st.composite
def programs(draw):
    """Return a program of a few random operations, which outputs a digest of all responses."""
    count = draw(st.integers(2, 3))
    some = st.lists(st.sampled_from("wrsi"), max_size=4)
    kinds = draw(
        st.one_of(
            st.lists(some, min_size=count, max_size=count),
            some.map(lambda same: [same] * count),
        )
    )

    def program(me, count, value):
        seen: tuple[Any, ...] = (value,)
        for place in range(len(kinds[me])):
            kind = kinds[me][place]
            if kind == "w":
                yield Write(place % 2, len(seen))
            elif kind == "r":
                seen = (*seen, (yield Read(place % 2, (me + 1) % count)))
            elif kind == "s":
                seen = (*seen, (yield Scan(place % 2)))
            else:
                seen = (*seen, (yield WriteScan(place % 2, 7)))
        return crc32(repr(seen).encode()) % DIGESTS

    return program, (0,) * count


@given(programs())
@settings(deadline=None)
def test_all_ways_agree_on_random_programs(drawn):
    program, inputs = drawn
    plain = plain_explore(Packing(Machine(program, inputs), 20, 10), anything, limit=NO_LIMIT)
    assert figures(explore(tables(program, inputs), anything, limit=NO_LIMIT)) == figures(plain)
    compiled = CompiledTables(Machine(program, inputs))
    assert figures(compiled_explore(compiled, anything, limit=NO_LIMIT)) == figures(plain)
    reduced = reduced_explore(
        tables(program, inputs),
        anything,
        participants=frozenset(range(len(inputs))),
        limit=NO_LIMIT,
    )
    assert reduced.outcomes == plain.outcomes
    fast = compiled_reduced_explore(
        compiled, anything, participants=frozenset(range(len(inputs))), limit=NO_LIMIT
    )
    assert figures(fast) == figures(reduced)
    candidates = list(renamings(inputs, inputs, [tuple(range(DIGESTS))]))
    symmetric, _ = symmetric_explore(tables(program, inputs), anything, candidates, limit=NO_LIMIT)
    assert symmetric.outcomes == plain.outcomes


def views_of_views(me, count, value):
    seen: tuple[Any, ...] = ()
    for place in range(2):
        seen = (*seen, (yield WriteScan(place, me)))
    seen = (*seen, (yield Read(0, (me + 1) % count)))
    return crc32(repr(seen).encode()) % DIGESTS


@pytest.mark.sample(2)
@pytest.mark.parametrize(("count", "states"), [(3, 2_455), (4, 170_542)])
def test_many_states_and_many_outcomes(count, states):
    inputs = (0,) * count
    full = explore(tables(views_of_views, inputs), anything, limit=NO_LIMIT)
    assert full.states == states
    compiled = CompiledTables(Machine(views_of_views, inputs))
    assert figures(compiled_explore(compiled, anything, limit=NO_LIMIT)) == figures(full)


# The figures of the literature's instance.


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("count", "rounds", "states", "transitions", "outcomes", "ample"),
    [(3, 5, 1_018_390, 2_500_875, 760, 383_538), (4, 2, 553_433, None, None, 130_244)],
)
def test_midpoints_of_collects(count, rounds, states, transitions, outcomes, ample):
    program, inputs = midpoints(count, rounds)
    shared = tables(program, inputs)
    full = explore(shared, anything, limit=NO_LIMIT)
    assert full.states == states
    assert transitions in {None, full.transitions}
    assert outcomes in {None, len(full.outcomes)}
    everybody = frozenset(range(count))
    reduced = reduced_explore(shared, anything, participants=everybody, limit=NO_LIMIT)
    assert reduced.states <= ample
    assert reduced.outcomes == full.outcomes
    compiled = CompiledTables(Machine(program, inputs))
    assert figures(compiled_explore(compiled, anything, limit=NO_LIMIT)) == figures(full)
    fast = compiled_reduced_explore(compiled, anything, participants=everybody, limit=NO_LIMIT)
    assert figures(fast) == figures(reduced)


@pytest.mark.thorough
def test_memory_of_the_plain_engine():
    program, inputs = midpoints(3, 4)
    shared = tables(program, inputs)
    tracemalloc.start()
    found = explore(shared, anything, limit=NO_LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / found.states <= 120


# Widths, limits, edges.


def test_a_packing_that_is_too_narrow_says_so():
    program, inputs = PROGRAMS["collect"]
    with pytest.raises(TooNarrowError):
        explore(Tables(Packing(Machine(program, inputs), 3, 10)), anything, limit=NO_LIMIT)
    with pytest.raises(TooNarrowError):
        explore(Tables(Packing(Machine(program, inputs), 20, 1)), anything, limit=NO_LIMIT)


def test_wide_machines_are_checked_all_the_same():
    def wide(me, count, value):
        yield Write(0, me)
        return (yield Read(0, 0)) or value

    def many_outputs(me, count, value):
        seen: tuple[Any, ...] = ()
        for place in range(8):
            yield Write(place, 1)
            seen = (*seen, (yield Read(place, 1 - me)))
        return seen

    assert check_inputs(wide, (1, 1), anything).states > 1
    report = check_inputs(many_outputs, (0, 0), anything)
    assert len(report.outcomes) > 128


@pytest.mark.thorough
def test_limits_stop_every_engine():
    program, inputs = PROGRAMS["collect"]
    for result in (
        plain_explore(Packing(Machine(program, inputs), 20, 10), anything, limit=50),
        explore(tables(program, inputs), anything, limit=50),
        explore(tables(program, inputs), anything, limit=NO_LIMIT, depth=3),
        compiled_explore(CompiledTables(Machine(program, inputs)), anything, limit=50),
    ):
        assert not result.complete
        assert result.violation is None
        assert result.states < 400


def test_progress_of_every_engine():
    program, inputs = PROGRAMS["collect"]
    told = []
    explore(tables(program, inputs), anything, limit=NO_LIMIT, progress=lambda *f: told.append(f))
    again = []
    compiled_explore(
        CompiledTables(Machine(program, inputs)),
        anything,
        limit=NO_LIMIT,
        progress=lambda *f: again.append(f),
    )
    assert told == again
    assert told[-1][1] == 18


def test_a_state_that_is_not_reachable_and_a_machine_without_lasso():
    program, inputs = PROGRAMS["collect"]
    shared = tables(program, inputs)
    with pytest.raises(AgreementError, match="no reachable state"):
        shortest(shared, lambda state: False)
    assert lasso(shared) is None


def test_machines_that_are_too_large_for_the_compiled_engine():
    def values(me, count, value):
        for place in range(2):
            yield WriteScan(place, (me, place))
        return value

    with pytest.raises(ToolError, match="too many for the compiled engine"):
        compiled_explore(CompiledTables(Machine(values, (0,) * 16)), anything, limit=10)

    def registers(me, count, value):
        for place in range(40):
            yield Write(place, 1)
        return value

    machine = Machine(registers, (0, 0))
    explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    with pytest.raises(ToolError, match="more than 64 registers"):
        DependencyRelation(machine).array(machine, 64)


def test_cyclic_machines_are_not_reduced():
    def polling(me, count, value):
        yield Write(0, 1)
        while (yield Read(0, 1 - me)) is None:
            value = 0
        return value

    for engine in ("python", "compiled"):
        report = check_inputs(
            polling, (0, 0), anything, options=Options(engine=engine, reduce=True)
        )
        assert "not wait-free" in report.counterexample.what


def test_forms_side_by_side():
    def mixed(me, count, value):
        communication = (collect, snapshot, immediate_snapshot)[me]
        view = yield from communication(me, count, 0, value)
        return tuple(view)

    plain = plain_explore(Packing(Machine(mixed, (0, 1, 2)), 20, 10), anything, limit=NO_LIMIT)
    fast = compiled_explore(CompiledTables(Machine(mixed, (0, 1, 2))), anything, limit=NO_LIMIT)
    assert figures(fast) == figures(plain)
    assert complete(3).order == 3
