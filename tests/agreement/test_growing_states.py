"""Local states that grow without end: the search ends, and says which variable grows, and where."""

import re

import pytest
from small_machines import anything

from agreement.explore import Options, Verdict, check, check_inputs
from agreement.explore.environment import Environment
from agreement.explore.machine import Automaton
from agreement.graph import complete
from agreement.memory import Process, Read, Scan, Write
from agreement.task import Task

ENGINES = ("python", "compiled")


def spinning(me, count, value):
    """Wait for the other process, and count the reads."""
    n = 0
    yield Write(0, value)
    while (yield Read(0, (me + 1) % count)) is None:
        n += 1
    return value


def counting(me, count, value):
    n = 0
    yield Write(0, value)
    while True:
        view = yield Scan(0)
        n += 1
    return view


def listing(me, count, value):
    log = []
    while True:
        log.append((yield Read(0, 0)))


def delegating(me, count, value):
    yield Write(0, value)
    yield from counting(me, count, value)


LINE = {"spinning": 4, "counting": 4, "listing": 3, "delegating": 4}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("program", "name"), [(spinning, "n"), (counting, "n"), (listing, "log")])
def test_the_variable_that_grows_is_named_with_its_place(engine, program, name):
    options = Options(engine=engine, limit=3_000, most_steps=100)
    report = check_inputs(program, (0, 1), anything, options=options)
    assert report.verdict is Verdict.UNKNOWN
    (said,) = [note for note in report.notes if "process 0 do not end" in note]
    line = program.__code__.co_firstlineno + LINE[program.__name__]
    assert re.search(rf"test_growing_states\.py:{line}, '{name}' has \d+ different values", said)


def test_in_a_generator_that_is_delegated_to():
    report = check_inputs(delegating, (0,), anything, options=Options(most_steps=50))
    line = counting.__code__.co_firstlineno + 4
    assert report.notes[0] == "stopped: process 0 is undecided after 50 steps"
    assert f":{line}, 'n' has 49 different values" in report.notes[1]
    assert report.limit is None
    assert report.states == 50


def test_the_default_limits_end_the_search(monkeypatch):
    """Processes are started once for each response, and no path is followed again for each state.

    So the steps of generators are linear in the number of local states.
    """
    steps = [0]
    resume = Process.resume

    def counted(process, response):
        steps[0] += 1
        resume(process, response)

    monkeypatch.setattr(Process, "resume", counted)
    report = check_inputs(spinning, (0,), anything)
    assert report.verdict is Verdict.HOLDS  # it reads its own register
    most = Options().most_steps

    def one_of_three(me, count, value):
        n = 0
        if me == 1:
            yield Write(0, 1)
            yield Write(0, 2)
            return value
        while (yield Read(0, 1)) != 3:
            n += 1
        return value

    steps[0] = 0
    report = check_inputs(one_of_three, (0, 0), anything)
    assert report.verdict is Verdict.UNKNOWN
    assert report.notes[0] == f"stopped: process 0 is undecided after {most} steps"
    # Three responses in each of the local states, and the path followed once to find the variable.
    assert steps[0] <= 3 * most + 3 * most + most


def test_a_bound_above_the_limit_of_steps_is_respected():
    def long(me, count, value):
        for _ in range(30):
            yield Write(0, value)
        return value

    options = Options(most_steps=10)
    assert check_inputs(long, (0,), anything, options=options).verdict is Verdict.UNKNOWN
    report = check_inputs(long, (0,), anything, bound=30, options=options)
    assert (report.verdict, report.step_complexity) == (Verdict.HOLDS, 30)


def test_nothing_is_said_to_grow_where_nothing_does():
    def long(me, count, value):
        for _ in range(3):
            yield Write(0, value)
        return value

    report = check_inputs(long, (0, 0, 0), anything, options=Options(limit=10))
    assert (report.verdict, report.notes) == (Verdict.UNKNOWN, ())

    def no_variable():
        yield Write(0, 0)
        return 5

    def bare(*_):
        del _
        return (yield from no_variable())

    report = check_inputs(bare, (0, 0), anything, options=Options(limit=1))
    assert (report.verdict, report.notes) == (Verdict.UNKNOWN, ())


def test_other_inputs_are_searched_to_a_smaller_limit(monkeypatch):
    report = check(counting, Task(complete(2)), 2, options=Options(limit=150_000, most_steps=30))
    assert report.verdict is Verdict.UNKNOWN
    assert (
        "the inputs after these were searched up to 100,000 states and 100 steps each"
        in report.notes
    )

    def growing_and_wrong(me, count, value):
        if value == 1:
            yield Write(0, value)
            return 0
        n = 0
        while True:
            yield Write(0, value)
            n += 1

    options = Options(limit=150_000, most_steps=30)
    report = check(growing_and_wrong, Task(complete(2)), 2, options=options)
    assert report.verdict is Verdict.REFUTED
    assert report.counterexample.inputs == (0, 1)


def test_by_history_a_spin_loop_ends_at_the_limit_and_the_variable_is_named():
    def hiding(me, count, value):
        more = map(int, range(10**9)).__next__
        while more() < 10**8:
            yield Read(0, 0)
        return value

    report = check_inputs(hiding, (0,), anything, options=Options(most_steps=60))
    assert report.verdict is Verdict.UNKNOWN
    assert any("variable 'more': holds a map, whose content" in note for note in report.notes)


def test_equal_local_states_keep_the_processes_at_hand():
    class Counted(Automaton):
        replays = 0

        def _replay(self, local):
            Counted.replays += 1
            return super()._replay(local)

    automaton = Counted(spinning, 0, 2, 0, environment=Environment(spinning))
    state = automaton.move(0, None)
    for _ in range(100):
        automaton.move(state, 7)
        state = automaton.move(state, None)
    assert Counted.replays <= 100  # none of the ways to go on was followed twice
    assert automaton.longest() == 101
