"""The checker as a whole: its verdicts, counterexamples, notes and errors."""

import sys
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from planted import PLANTED, towards_the_ends

import agreement.explore
from agreement.errors import AgreementError, ProtocolError, TaskError, ToolError
from agreement.explore import (
    Options,
    Verdict,
    check,
    check_inputs,
    swimlanes,
    swimlanes_svg,
)
from agreement.graph import Graph, complete, cycle, path
from agreement.memory import (
    Read,
    Simulation,
    Write,
    WriteScan,
    context_switches,
    format_schedule,
    on_registers,
    parse_schedule,
    run,
    snapshot,
)
from agreement.protocols import path_protocol, tree_protocol
from agreement.task import Task

NAMES = [planted.program.__name__ for planted in PLANTED]
WAYS: list[dict[str, Any]] = [
    {},
    {"symmetry": True},
    {"reduce": True},
    {"engine": "compiled"},
    {"engine": "compiled", "reduce": True, "symmetry": True},
]
NAMES_OF_WAYS = ["plain", "symmetry", "reduce", "compiled", "all"]
WAYS_BY_NAME = [
    pytest.param(way, id=name, marks=() if name == "plain" else pytest.mark.thorough)
    for way, name in zip(WAYS, NAMES_OF_WAYS, strict=True)
]


# Seeded bugs.


@pytest.mark.parametrize("planted", PLANTED, ids=NAMES)
def test_the_run_made_by_hand_shows_the_bug(planted):
    done = run(planted.program, planted.inputs, parse_schedule(planted.schedule))
    assert planted.task.objection(planted.inputs, done.outputs, done.participants)


@pytest.mark.parametrize("planted", PLANTED, ids=NAMES)
@pytest.mark.parametrize("way", WAYS_BY_NAME)
def test_every_planted_bug_is_found_with_a_run_no_longer_than_the_known_one(planted, way):
    report = check(planted.program, planted.task, planted.count, options=Options(**way))
    assert report.verdict is Verdict.REFUTED
    example = report.counterexample
    known = parse_schedule(planted.schedule)
    if way.get("symmetry") is None:
        assert len(example.schedule) <= len(known)
    same = run(planted.program, example.inputs, parse_schedule(format_schedule(example.schedule)))
    assert same == example.run
    said = planted.task.objection(example.inputs, same.outputs, same.participants)
    assert said == example.what
    assert example.switches == context_switches(example.schedule)


SHORT = [planted for planted in PLANTED if len(planted.schedule.split()) <= 7]


@pytest.mark.sample(12)
@pytest.mark.parametrize("planted", SHORT, ids=[p.program.__name__ for p in SHORT])
def test_no_shorter_run_shows_the_bug(planted):
    """Compare with brute force over all schedules of the simulator, independent of the search."""
    report = check(planted.program, planted.task, planted.count)
    length = len(report.counterexample.schedule)
    for inputs in planted.task.inputs(planted.count):
        for order in product(range(planted.count), repeat=length - 1):
            simulation = Simulation(planted.program, inputs)
            for me in order:
                if me in simulation.movable:
                    simulation.step((me,))
            done = simulation.run()
            assert planted.task.objection(inputs, done.outputs, done.participants) is None


def test_what_is_wrong_in_collects_can_be_right_in_snapshots():
    assert check(towards_the_ends(snapshot), Task(path(3)), 3).verdict is Verdict.HOLDS


@pytest.mark.thorough
def test_paths_numbered_out_of_order():
    for edges in ([(0, 2), (2, 1)], [(3, 0), (0, 2), (2, 1)], [(1, 3), (3, 0), (0, 4), (4, 2)]):
        graph = Graph.of(len(edges) + 1, edges)
        for communication in ("collect", "snapshot", "immediate"):
            protocol = path_protocol(Task(graph), 3, communication)
            report = check(protocol.program, protocol.task, 3, bound=protocol.step_complexity)
            assert report.verdict is Verdict.HOLDS


# Fewest context switches, among the shortest.


def test_counterexamples_have_the_fewest_context_switches():
    planted = next(p for p in PLANTED if p.program.__name__ == "deciding_early")
    judge = planted.task.judge((0, 0, 3))
    example = check_inputs(planted.program, (0, 0, 3), judge).counterexample
    assert (len(example.schedule), example.switches) == (6, 1)
    best = min(
        context_switches((p,) for p in order)
        for order in product(range(3), repeat=6)
        if _violates(planted, (0, 0, 3), order)
    )
    assert best == example.switches


def _violates(planted, inputs, order):
    simulation = Simulation(planted.program, inputs)
    for me in order:
        if me not in simulation.movable:
            return False
        simulation.step((me,))
    done = simulation.run()
    return planted.task.objection(inputs, done.outputs, done.participants) is not None


# Wait-freedom.


def waiting(me, count, value):
    """Wait for the other process."""
    yield Write(0, value)
    other = None
    while other is None:
        other = yield Read(0, 1 - me)
    return min(value, other)


def test_a_process_that_waits_is_not_wait_free_and_the_lasso_shows_it():
    report = check(waiting, Task(complete(2)), 2)
    assert report.verdict is Verdict.REFUTED
    example = report.counterexample
    assert "not wait-free: process 0 can go on for ever" in example.what
    assert example.loop
    assert example.schedule[-len(example.loop) :] == example.loop
    before = example.schedule[: -len(example.loop)]
    program = waiting
    again = (*before, *example.loop, *example.loop)
    assert run(program, example.inputs, again).outputs[0] is None


def test_an_own_step_bound_that_does_not_hold_is_refuted_by_a_run_that_breaks_it():
    protocol = path_protocol(Task(path(5)), 2, "collect")
    assert protocol.step_complexity == 4
    report = check(protocol.program, protocol.task, 2, bound=3)
    assert report.verdict is Verdict.REFUTED
    assert "not wait-free within the bound: process 0 takes 3 steps" in report.counterexample.what
    assert report.counterexample.run.outputs[0] is None
    assert check(protocol.program, protocol.task, 2, bound=4).step_complexity == 4


def test_double_collect_is_lock_free_and_not_wait_free():
    def writing(me, count, value):
        while True:
            yield Write(0, value)

    def scanning(me, count, value):
        if me == 1:
            return (yield from writing(me, count, value))
        view = yield from snapshot(me, count, 0, value)
        return view[me]

    report = check_inputs(
        on_registers(scanning), (0, 0), lambda *_: None, options=Options(limit=99)
    )
    assert report.verdict is Verdict.UNKNOWN


def branching(me, count, value):
    """Reach the same local state by one or two steps, so that the machine is not graded."""
    if value:
        yield Write(0, value)
    value = 0
    yield Write(1, 1)
    seen = yield Read(0, 1 - me)
    if seen is not None:
        yield Read(0, me)
    seen = None
    yield Read(1, me)
    return 0


@pytest.mark.parametrize("way", WAYS[:4], ids=["plain", "symmetry", "reduce", "compiled"])
def test_processes_that_take_different_ways_to_the_same_place(way):
    report = check(branching, Task(complete(2)), 2, bound=5, options=Options(**way))
    assert report.verdict is Verdict.REFUTED  # 0 is not valid where all have 1
    judge = lambda outputs, present: None  # noqa: E731 - any judge will do
    report = check_inputs(branching, (1, 1), judge, bound=5, options=Options(**way))
    assert (report.verdict, report.step_complexity) == (Verdict.HOLDS, 5)
    assert check_inputs(branching, (1, 1), judge, bound=4).verdict is Verdict.REFUTED


def test_a_process_that_computes_for_ever_is_given_up():
    def stuck(me, count, value):
        yield Write(0, value)
        while True:
            pass

    with pytest.raises(ProtocolError, match="every loop of a protocol must yield or end"):
        check(stuck, Task(path(2)), 2, options=Options(seconds=0.3))


def test_a_process_that_decides_without_a_step():
    def at_once(me, count, value):
        return value
        yield

    assert check(at_once, Task(complete(3)), 3).verdict is Verdict.HOLDS
    report = check(at_once, Task(path(3)), 2)
    assert report.counterexample.schedule == ()


# Limits, notes, bad input.


def test_a_limit_gives_no_verdict():
    protocol = path_protocol(Task(path(5)), 3)
    for way in WAYS:
        report = check(protocol.program, protocol.task, 3, options=Options(limit=50, **way))
        assert report.verdict is Verdict.UNKNOWN
        assert report.limit == 50
        assert report.step_complexity is None


def test_local_states_by_history_where_a_text_hides_some_of_its_state():
    def hiding(me, count, value):
        view = yield from snapshot(me, count, 0, value)
        for seen in [v for v in view if v is not None]:
            yield Write(1, seen)
        return value

    report = check(hiding, Task(complete(2)), 2)
    assert report.verdict is Verdict.HOLDS
    assert any("local states by history: hiding, line" in note for note in report.notes)


def test_progress_is_told():
    told = []
    protocol = path_protocol(Task(path(3)), 2)
    check(
        protocol.program,
        protocol.task,
        2,
        options=Options(progress=lambda *figures: told.append(figures)),
    )
    assert [done for done, _, _ in told] == list(range(1, 10))
    assert {total for _, total, _ in told} == {9}


@pytest.mark.parametrize(
    ("act", "error", "said"),
    [
        (lambda: check(waiting, Task(path(2)), 0), TaskError, "at least one process, not 0"),
        (lambda: path_protocol(Task(cycle(4)), 3), TaskError, "not a path"),
        (lambda: tree_protocol(Task(cycle(4)), 3), TaskError, "not a tree: cycle 0, 1, 2, 3"),
        (lambda: tree_protocol(Task(path(3)), 3, "collect"), TaskError, "snapshot or immediate"),
        (
            lambda: check(waiting, Task(path(2)), 2, options=Options(engine="fast")),
            AgreementError,
            "no engine 'fast'",
        ),
    ],
)
def test_bad_input_is_refused(act, error, said):
    with pytest.raises(error, match=said):
        act()


# Diagrams.


def test_swim_lanes():
    def program(me, count, value):
        yield Write(0, value)
        yield Read(0, 1 - me)
        return (yield WriteScan(1, (value, me)))[me][0]

    done = run(program, (0, 1), parse_schedule("0 0 1 1 0+1"))
    assert swimlanes(done, "ab".__getitem__) == (
        "     p0: a                                   | p1: b\n"
        "     ----------------------------------------+----------------------------------------\n"
        "   1 W0 := 0                                 |\n"
        "   2 R0[1] = -                               |\n"
        "   3                                         | W0 := 1\n"
        "   4                                         | R0[0] = 0\n"
        "   5 W1 := (0, 0), S = ((0, 0) (1, 1))  => 0 |\n"
        "   &                                         | W1 := (1, 1), S = ((0, 0) (1, 1))  => 1"
    )
    picture = ET.fromstring(swimlanes_svg(done, "ab".__getitem__))
    texts = [node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:2] == ["p0: a", "p1: b"]
    assert "R0[1] = -" in texts
    assert len(texts) == 2 + len(done.events)


def test_swim_lanes_of_scans():
    done = run(path_protocol(Task(path(3)), 2, "snapshot").program, (0, 2), parse_schedule("0 0"))
    assert "S0 = (0 -)  => 0" in swimlanes(done)


def test_the_compiled_engine_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "agreement.explore.numba_kernel", None)
    monkeypatch.delattr(agreement.explore, "numba_kernel", raising=False)
    monkeypatch.delitem(sys.modules, "agreement.explore.numba_search", raising=False)
    with pytest.raises(ToolError, match=r"without numba: run pip install numba .*'\.\[fast\]'"):
        check(waiting, Task(path(2)), 2, options=Options(engine="compiled"))


# Edge cases.


def test_local_states_may_recur_where_no_run_does():
    """Process 0 returns to a local state because of what process 1 writes, three times."""

    def following(me, count, value):
        if me == 1:
            yield Write(0, 0)
            yield Write(0, 1)
            yield Write(0, 0)
            return value
        expected = 0
        seen = yield Read(0, 1)
        while seen == expected:
            expected = 1 - expected
            seen = yield Read(0, 1)
        return value

    for options in (Options(), Options(engine="compiled")):
        report = check_inputs(following, (0, 1), lambda *_: None, bound=4, options=options)
        assert report.verdict is Verdict.HOLDS
        assert report.step_complexity == 4
        assert report.notes == ()
    report = check_inputs(following, (0, 1), lambda *_: None, bound=3)
    assert report.verdict is Verdict.REFUTED
    assert "process 0 takes 3 steps and has not decided" in report.counterexample.what


def test_a_judge_that_changes_its_mind_is_noticed():
    objections = iter(["once", "twice"])

    def judge(outputs, participants):
        return next(objections, None) if None not in outputs else None

    def idle(me, count, value):
        yield Write(0, value)
        return value

    with pytest.raises(AgreementError, match="the simulator does not see what the search found"):
        check_inputs(idle, (0,), judge)


def test_more_local_states_than_any_width(monkeypatch):
    module = sys.modules["agreement.explore.searches"]
    monkeypatch.setattr(module, "_WIDTHS", ((2, 2), (3, 2)))
    with pytest.raises(AgreementError, match="more local states than any width has room for"):
        check_inputs(PLANTED[0].program, PLANTED[0].inputs, lambda *_: None)
