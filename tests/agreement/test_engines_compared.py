"""Random small programs, with loops: all ways to check them agree, and replays confirm them."""

import shutil
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_machines import anything

from agreement.explore import Machine, Options, Verdict, check, check_inputs, promela, run_spin
from agreement.explore.ample import reduced_explore
from agreement.explore.engine import explore, plain_explore
from agreement.explore.numba_search import CompiledTables, compiled_explore
from agreement.explore.state_encoding import Packing
from agreement.explore.step_tables import Tables
from agreement.graph import complete, path, star
from agreement.memory import Read, Scan, Write, WriteScan, every_run, run
from agreement.protocols import PROTOCOLS
from agreement.task import Task

NO_LIMIT = 1 << 40
WAYS = {
    "plain": Options(),
    "symmetry": Options(symmetry=True),
    "reduce": Options(reduce=True),
    "compiled": Options(engine="compiled"),
    "compiled, reduce": Options(engine="compiled", reduce=True),
    "all": Options(engine="compiled", reduce=True, symmetry=True),
}


def figures(result):
    return (result.states, result.transitions, result.levels, result.outcomes, result.complete)


def found_by_all(program, inputs):
    """Return the figures of the engines; the first takes every step anew, without tables."""
    made = [Machine(program, inputs) for _ in range(3)]
    plain = plain_explore(Packing(made[0], 20, 10), anything, limit=NO_LIMIT)
    tables = explore(Tables(Packing(made[1], 20, 10)), anything, limit=NO_LIMIT)
    compiled = compiled_explore(CompiledTables(made[2]), anything, limit=NO_LIMIT)
    return [figures(result) for result in (plain, tables, compiled)]


# Transitions that change nothing.


def spinning(me, count, value):
    """Read until the other has written; each read before changes nothing."""
    yield Write(0, value)
    while (yield Read(0, (me + 1) % count)) is None:
        pass
    yield Read(0, me)
    return value


def scanning(me, count, value):
    yield Write(0, value)
    view = ()
    while None in view or not view:
        view = yield Scan(0)
    return value


def writing(me, count, value):
    """Process 0 writes the same value for ever."""
    while me == 0:
        yield Write(0, value)
    yield Read(0, 0)
    return value


def exchanging(me, count, value):
    view = ()
    while None in view or not view:
        view = yield WriteScan(0, value)
    return value


def waiting(me, count, value):
    """As `spinning`, with one place for all the reads of the loop."""
    seen = None
    yield Write(0, value)
    while True:
        seen = yield Read(0, (me + 1) % count)
        if seen is not None:
            break
    yield Read(0, me)
    return value


IDLE = {program.__name__: program for program in (spinning, waiting, scanning, writing, exchanging)}


def counted_by_hand(program, inputs):
    """Count states and steps in the simulator, by what each process has done to some effect."""
    todo: list[tuple[Any, ...]] = [()]
    seen, transitions = set(), 0
    while todo:
        schedule = todo.pop()
        done = run(program, inputs, schedule)
        histories = tuple(
            sum(isinstance(e.operation, Write) or e.response is not None for e in mine)
            for mine in ([e for e in done.events if e.process == p] for p in range(len(inputs)))
        )
        if histories in seen:
            continue
        seen.add(histories)
        movable = [me for me, out in enumerate(done.outputs) if out is None]
        transitions += len(movable)
        todo += [(*schedule, (me,)) for me in movable]
    return len(seen), transitions


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("program", IDLE.values(), ids=IDLE)
def test_steps_that_change_nothing_are_transitions_in_every_engine(program, count):
    plain, tables, compiled = found_by_all(program, (0,) * count)
    assert plain == tables == compiled
    machine = Machine(program, (0,) * count)
    everybody = frozenset(range(count))
    shared = Tables(Packing(machine, 20, 10))
    reduced = reduced_explore(shared, anything, participants=everybody, limit=NO_LIMIT)
    assert reduced.transitions <= plain[1]
    if count == 1 and program is not writing:
        assert reduced.transitions == plain[1]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_they_are_as_many_as_in_the_simulator(count):
    """In `waiting`, a read of an unwritten register is the only step without effect."""
    states, transitions = counted_by_hand(waiting, (0,) * count)
    plain, *_ = found_by_all(waiting, (0,) * count)
    assert plain[:2] == (states, transitions)


@pytest.mark.skipif(
    shutil.which("spin") is None or shutil.which("gcc") is None,
    reason="needs SPIN and a C compiler (Debian: apt install spin gcc)",
)
def test_spin_counts_them_too():
    machine = Machine(spinning, (0, 0, 0))
    full = explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    result = run_spin(promela(machine, anything))
    assert result.states == full.states
    # SPIN counts the step into the process's end state as one more.
    assert full.transitions <= result.transitions <= full.transitions + 1


GRAPHS = {
    "path": path(3),
    "tree": star(3),
    "block": complete(3),
    "thirds": path(4),
    "average": path(3),
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_engines_count_alike_on_the_protocols(name):
    task, count = Task(GRAPHS[name]), 2
    protocol = PROTOCOLS[name](task, count)
    inputs = (0, task.graph.order - 1)
    plain, tables, compiled = found_by_all(protocol.program, inputs)
    assert plain == tables == compiled
    reports = [
        check(protocol.program, task, count, bound=protocol.step_complexity, options=WAYS[way])
        for way in ("plain", "compiled")
    ]
    assert reports[0] == reports[1]


# Random programs.

VALUES = [1, 2, True, 1.0]
INSTRUCTIONS = st.tuples(
    st.sampled_from("wwrrsi") | st.sampled_from(["wait", "back", "count"]),
    st.integers(0, 1),
    st.sampled_from(VALUES),
)


@st.composite
def programs(draw):  # noqa: C901 - an interpreter
    """A program that interprets a list of instructions for each process, or one list for all."""
    count = draw(st.integers(1, 3))
    some = st.lists(INSTRUCTIONS, max_size=5 - count).map(tuple)
    codes = draw(st.tuples(*[some] * count) | some.map(lambda same: (same,) * count))
    kinds = draw(st.integers(1, 3))

    def program(me, count, value):  # noqa: C901 - one case per instruction
        seen: tuple[Any, ...] = ()
        place = 0
        while place < len(codes[me]):
            act, array, what = codes[me][place]
            place += 1
            if act == "w":
                yield Write(array, what)
            elif act == "r":
                seen = (*seen, (yield Read(array, (me + 1) % count)))
            elif act == "s":
                seen = (*seen, (yield Scan(array)))
            elif act == "i":
                seen = (*seen, (yield WriteScan(array, what)))
            elif act == "wait":
                while (yield Read(array, (me + 1) % count)) is None:
                    pass
            elif act == "back":
                if repr((yield Read(array, (me + 1) % count))) == repr(what):
                    seen, place = (), 0
            else:
                countdown = iter(range(3)).__next__
                while countdown() < 2:
                    yield Read(array, me)
        return crc32(repr(seen).encode()) % kinds

    return program, (0,) * count


def agreement(outputs, participants):
    """Object to two different outputs."""
    return "two outputs" if len({out for out in outputs if out is not None}) > 1 else None


@given(programs(), st.sampled_from([anything, agreement]))
@settings(deadline=None)
def test_all_ways_say_the_same_of_random_programs_with_loops(drawn, judge):
    program, inputs = drawn
    plain, tables, compiled = found_by_all(program, inputs)
    assert plain == tables == compiled
    reports = {
        name: check_inputs(program, inputs, judge, options=options)
        for name, options in WAYS.items()
    }
    first = reports["plain"]
    assert {report.verdict for report in reports.values()} == {first.verdict}
    assert first.verdict in {Verdict.HOLDS, Verdict.REFUTED}
    full = reports["compiled"]
    assert (full.states, full.transitions, full.levels) == (
        first.states, first.transitions, first.levels,
    )  # fmt: skip
    for report in reports.values():
        if report.verdict is Verdict.HOLDS:
            assert (report.step_complexity, report.outcomes) == (
                first.step_complexity,
                first.outcomes,
            )
        else:
            replay_by_hand(program, judge, report.counterexample)


def replay_by_hand(program, judge, example):
    done = run(program, example.inputs, example.schedule)
    assert done == example.run
    if not example.loop:
        assert judge(done.outputs, done.participants) == example.what
        return
    longer = run(program, example.inputs, (*example.schedule, *example.loop * 7))
    again = longer.events[len(done.events) :]
    once = done.events[-sum(map(len, example.loop)) :]
    seen = [(e.process, e.operation, e.response) for e in once]
    assert [(e.process, e.operation, e.response) for e in again] == seen * 7


@given(programs(), st.sampled_from([anything, agreement]))
@settings(deadline=None, max_examples=20)
def test_the_verdict_is_that_of_all_runs(drawn, judge):
    """Compare with brute force over the runs of the simulator, where there are few."""
    program, inputs = drawn
    report = check_inputs(program, inputs, judge)
    if report.step_complexity is None or report.step_complexity * len(inputs) > 7:
        return
    outcomes = {done.outputs for done in every_run(program, inputs)}
    bad = any(judge(outputs, frozenset(range(len(inputs)))) for outputs in outcomes)
    assert (report.verdict is Verdict.REFUTED) == bad
    assert report.outcomes == outcomes
