"""Programs that are no function of their input and responses: each way to check them says so."""

import functools
import itertools
import random
import re
import sys
import time
from typing import Any

import numpy as np
import pytest
from small_machines import anything
from ways_to_search import WAYS

from agreement.errors import AgreementError, ImpureProgramError, ProgramError, ProtocolError
from agreement.explore import Options, Verdict, check, check_inputs
from agreement.explore.exact import exact
from agreement.explore.machine import FaultError, Machine
from agreement.explore.replay import confirmed, replayed
from agreement.explore.watchdog import Watchdog
from agreement.graph import complete, path
from agreement.memory import Read, Write, WriteScan, run
from agreement.task import Task

TASK = Task(complete(3))


# Programs with stateful objects in local variables: they decide, and are never refuted.


class Turns:
    """An object that is called, and counts."""

    def __init__(self, left):
        self.left = left

    def __call__(self):
        self.left -= 1
        return self.left


class Hashed(Turns):
    """The same, with an equality that does not look at the count."""

    def __eq__(self, other):
        return isinstance(other, Hashed)

    def __hash__(self):
        return 5


def counting_down(turns):
    left = turns

    def tick():
        nonlocal left
        left -= 1
        return left

    return tick


def generated(turns):
    yield from range(turns - 1, -1, -1)


MANY = 150  # more than the rounds of a loop that a replay repeats
MAKERS = {
    "iterator": lambda n: iter(range(n - 1, -1, -1)).__next__,
    "pop": lambda n: list(range(n)).pop,
    "call": Turns,
    "call, equal": Hashed,
    "closure": counting_down,
    "generator": lambda n: generated(n).__next__,
    "itertools": lambda n: itertools.count(n - 1, -1).__next__,
    "map": lambda n: map(int, range(n - 1, -1, -1)).__next__,
    "partial": lambda n: functools.partial(next, iter(range(n - 1, -1, -1))),
    "array": lambda n: np.arange(n)[::-1].tolist().__iter__().__next__,
}


def turning(make, turns):
    def program(me, count, value):
        left = make(turns)
        while left():
            yield Read(0, 0)
        return value

    return program


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("turns", [3, MANY])
def test_a_program_with_a_stateful_local_variable_decides(make, turns):
    for options in WAYS.values():
        report = check_inputs(turning(make, turns), (1,), anything, options=options)
        assert (report.verdict, report.step_complexity) == (Verdict.HOLDS, turns - 1)


def test_with_a_random_generator_of_its_own_a_program_is_pure():
    def tossing(me, count, value):
        coins = random.Random(value)
        while coins.random() < 0.8:
            yield Write(0, value)
        return value

    for options in WAYS.values():
        assert check(tossing, TASK, 2, options=options).verdict is Verdict.HOLDS


# What only replays can see.


@pytest.mark.parametrize("way", WAYS)
def test_draws_that_nobody_watches_are_seen_by_replays(way):
    def lots(me, count, value):
        yield Write(0, time.perf_counter_ns())
        return value

    for count in (1, 2):
        report = check(lots, TASK, count, options=WAYS[way])
        assert report.verdict is Verdict.IMPURE
        assert re.search(
            r"test_impure_programs\.py:\d+: .*after the same responses", report.notes[0]
        )


@pytest.mark.parametrize("way", WAYS)
def test_a_violation_that_cannot_be_replayed_is_not_shown(way):
    def unlucky(me, count, value):
        yield Write(0, value)
        return time.perf_counter_ns() % 10**9 + 10

    def never(outputs, participants):
        return "something" if any(out is not None for out in outputs) else None

    report = check_inputs(unlucky, (1, 1), never, options=WAYS[way])
    assert report.verdict is Verdict.IMPURE
    assert "came first to the output" in report.notes[0]


STATE = {}
HIDDEN = "STATE"


def test_an_error_that_does_not_come_again_is_no_error_of_the_program():
    """The program reaches its state by a name that is made up when it runs."""
    STATE.clear()

    def once(me, count, value):
        yield Write(0, value)
        state = globals()[HIDDEN]
        if state.setdefault("times", 0) < 1:
            state["times"] += 1
            raise ValueError("oops")
        return value

    for options in WAYS.values():
        STATE.clear()
        report = check_inputs(once, (0,), anything, options=options)
        assert report.verdict is Verdict.IMPURE
        assert re.search(r"oops .*: but not again, after the same responses", report.notes[0])


def test_an_error_that_comes_later_only_is_none_either():
    def later(me, count, value):
        yield Write(0, value)
        state = globals()[HIDDEN]
        state["times"] = state.setdefault("times", 0) + 1
        if state["times"] > 1:
            raise ValueError("oops")
        return value

    for options in WAYS.values():
        STATE.clear()
        report = check_inputs(later, (0,), anything, options=options)
        assert report.verdict is Verdict.IMPURE
        assert "oops" in report.notes[0]
        assert "but not before, after the same responses" in report.notes[0]


def clock_bits():
    """Return a program that raises or not by a clock that no replay can turn back."""
    seen = time.perf_counter_ns()

    def program(me, count, value):
        yield Write(0, value)
        if time.perf_counter_ns() < seen + 10**15:  # always true
            yield Write(1, time.perf_counter_ns())
        return value

    return program


def test_a_replay_names_the_place_where_it_parts_from_the_search():
    program = clock_bits()
    machine = Machine(program, (0, 0))
    with Watchdog(9) as watchdog, pytest.raises(ImpureProgramError) as caught:
        replayed(program, machine, [(0,), (0,)], watchdog)
    assert "process 0 came first to Write(array=1" in str(caught.value)
    line = clock_bits.__code__.co_firstlineno + 5
    assert f"test_impure_programs.py:{line}:" in str(caught.value)


def test_a_run_is_confirmed_by_running_it_again():
    done = run(clock_bits(), (0, 0), [(0,), (0,), (1,)])
    with pytest.raises(ImpureProgramError, match="in the same run, process 0 did first"):
        confirmed(clock_bits(), done)
    confirmed(turning(Turns, 5), run(turning(Turns, 5), (0,), [(0,)] * 4))
    with pytest.raises(ImpureProgramError, match="cannot be run twice: cannot move process 0"):
        confirmed(turning(Turns, 1), run(turning(Turns, 5), (0,), [(0,)] * 4))


# Values that Python says are equal.


@pytest.mark.sample(3)
@pytest.mark.parametrize("options", list(WAYS.values())[:4], ids=list(WAYS)[:4])
@pytest.mark.parametrize(
    ("first", "second"), [(1, True), (1, 1.0), ((1, 2), (1, 2.0)), (0.0, -0.0), (1, np.int64(1))]
)
def test_equal_values_of_other_types_are_told_apart(options, first, second):
    def program(me, count, value):
        if me == 0:
            yield Write(0, first)
            yield Write(0, second)
            return 0
        seen = yield Read(0, 0)
        return repr(seen)

    report = check_inputs(program, (0, 0), anything, options=options)
    assert report.outcomes == {(0, "None"), (0, repr(first)), (0, repr(second))}
    together = check_inputs(
        lambda me, count, value: both(first if me else second), (0, 0), anything, options=options
    )
    assert len(together.outcomes) == 3


def both(value):
    view = yield WriteScan(0, value)
    return repr(view)


def test_an_odd_limit_of_steps_is_refused():
    steps: Any
    for steps in (0, True, 1.5):
        with pytest.raises(AgreementError, match="most_steps must be an int"):
            check_inputs(turning(Turns, 2), (0,), anything, options=Options(most_steps=steps))


# Corners.


class OwnTuple(tuple):
    """A type with an equality of its own."""

    __slots__ = ()


def test_exact_values():
    assert repr(exact(True)) == "True"  # noqa: FBT003
    assert exact(OwnTuple((1,))) == exact(OwnTuple((1,))) != exact((1,))


def test_errors_in_a_replay_that_were_none_in_the_search():
    def good(me, count, value):
        yield Write(0, value)
        return value

    def bad(me, count, value):
        yield Write(0, value)
        raise ValueError("oops")

    def worse(me, count, value):
        raise ValueError("oops")
        yield

    for program, said in (
        (bad, r"py:\d+: process 0 raised .*not before"),
        (worse, "but not before"),
    ):
        with Watchdog(9) as watchdog, pytest.raises(ImpureProgramError, match=said):
            replayed(program, Machine(good, (0,)), [(0,)], watchdog)


@pytest.mark.parametrize("way", WAYS)
def test_draws_in_a_later_step_are_named_at_that_step(way):
    def later(me, count, value):
        yield Write(0, value)
        yield Read(0, 0)
        yield Write(1, time.perf_counter_ns())
        return value

    report = check_inputs(later, (0, 0), anything, options=WAYS[way])
    line = later.__code__.co_firstlineno + 2
    assert report.verdict is Verdict.IMPURE
    assert f"test_impure_programs.py:{line}: " in report.notes[0]


def test_a_violation_is_kept_if_the_program_raises_on_later_inputs():
    def lazy(me, count, value):
        yield Write(0, value)
        if me == 0 and value == 2:
            raise ValueError("oops")
        return value

    report = check(lazy, Task(path(3)), 2)
    assert report.verdict is Verdict.REFUTED
    assert report.counterexample.inputs == (0, 2)


def test_faults_that_are_met_on_the_way(monkeypatch):
    module = sys.modules["agreement.explore.check"]
    whole, calls = module.fault_schedule, []

    def first_another(machine, fault):
        calls.append(fault)
        if len(calls) == 1:
            raise fault
        return whole(machine, fault)

    def raising(me, count, value):
        yield Write(0, value)
        raise ValueError("oops")

    monkeypatch.setattr(module, "fault_schedule", first_another)
    with pytest.raises(ProgramError, match=r"oops.*; schedule: 0$"):
        check_inputs(raising, (0, 0), anything)
    assert len(calls) == 2

    def half(me, count, value):
        yield Write(0, value)
        return 1.0

    def no_schedule(tables, wanted):
        raise FaultError(0, -1, None, ProtocolError("odd"))

    monkeypatch.setattr(module, "_shortest", no_schedule)
    report = check_inputs(half, (0, 0), TASK.judge((0, 0)))
    assert report.verdict is Verdict.IMPURE
    assert "odd: but not again" in report.notes[0]
