"""Programs that are no function of their input and responses: each way to check them says so."""

import functools
import itertools
import random
import re
import time
from types import SimpleNamespace

import numpy as np
import pytest

from agreement.errors import AgreementError, ImpureProgramError
from agreement.explore import Options, Verdict, check, check_inputs
from agreement.explore.environment import Environment
from agreement.explore.machine import Machine
from agreement.explore.replay import confirmed, replayed, require_unchanged
from agreement.explore.watchdog import Watchdog
from agreement.graph import complete
from agreement.memory import Read, Write, WriteScan, run
from agreement.task import Task

WAYS = {
    "plain": Options(limit=20_000),
    "symmetry": Options(limit=20_000, symmetry=True),
    "reduce": Options(limit=20_000, reduce=True),
    "compiled": Options(limit=20_000, engine="compiled"),
    "all": Options(limit=20_000, engine="compiled", reduce=True, symmetry=True),
}
TASK = Task(complete(3))


def anything(outputs, participants):
    return None


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


# State that processes share.

LOG, SEEN, TURN = [], {}, 0
SPACE = SimpleNamespace(n=0)


class Shelf:
    items = 0


def to_a_global_list(me, count, value):
    yield Write(0, value)
    LOG.append(me)
    return value


def rebinding_a_global(me, count, value):
    global TURN  # noqa: PLW0603
    yield Write(0, value)
    TURN += 1
    return value


def to_a_default(me, count, value, log=[]):  # noqa: B006
    yield Write(0, value)
    log.append(me)
    return value


def to_a_keyword_default(me, count, value, *, log={}):  # noqa: B006
    yield Write(0, value)
    log[me] = value
    return value


def to_a_class(me, count, value):
    yield Write(0, value)
    Shelf.items += 1
    return value


def to_itself(me, count, value):
    yield Write(0, value)
    to_itself.calls = getattr(to_itself, "calls", 0) + 1
    return value


def to_a_name_space(me, count, value):
    yield Write(0, value)
    SPACE.n += 1
    return value


def helper(me):
    SEEN[me] = len(SEEN)


def through_a_helper(me, count, value):
    yield Write(0, value)
    helper(me)
    return value


def to_the_random_numbers_of_all(me, count, value):
    yield Write(0, random.random())
    return value


def drawing(me, count, value):
    yield Write(0, random.randrange(9))
    return value


def closed_over(held, use):
    def program(me, count, value):
        yield Write(0, value)
        use(held)
        return value

    return program


def around():
    n = 0

    def program(me, count, value):
        nonlocal n
        yield Write(0, value)
        n += 1
        return value

    return program


class Protocol:
    """A program as a bound method."""

    def __init__(self):
        self.calls = 0

    def program(self, me, count, value):
        yield Write(0, value)
        self.calls += 1
        return value


class Called(Protocol):
    """A program as an object."""

    def __call__(self, me, count, value):
        return self.program(me, count, value)


SHARED = {
    "global list": (lambda: to_a_global_list, "the global 'LOG'"),
    "global number": (lambda: rebinding_a_global, "the global 'TURN'"),
    "default": (lambda: to_a_default, "a default argument of to_a_default"),
    "keyword default": (lambda: to_a_keyword_default, "a default argument of to_a_keyword"),
    "class": (lambda: to_a_class, "an attribute of the class Shelf"),
    "function": (lambda: to_itself, "an attribute of the function to_itself"),
    "name space": (lambda: to_a_name_space, "an attribute of the global 'SPACE'"),
    "helper": (lambda: through_a_helper, "the global 'SEEN'"),
    "random": (lambda: to_the_random_numbers_of_all, "'random' of the module random"),
    "randrange": (lambda: drawing, "'randrange' of the module random"),
    "closure list": (lambda: closed_over([], lambda held: held.append(1)), "'held' of a function"),
    "closure set": (lambda: closed_over(set(), lambda held: held.add(len(held))), "'held'"),
    "closure array": (lambda: closed_over(np.zeros(3), lambda held: held.__iadd__(1)), "'held'"),
    "closure bytes": (lambda: closed_over(bytearray(b"a"), lambda held: held.append(1)), "'held'"),
    "closure iterator": (lambda: closed_over(iter(range(10**6)), next), "'held'"),
    "closure count": (lambda: closed_over(itertools.count(), next), "'held'"),
    "closure generator": (lambda: closed_over(generated(10**6), next), "'held'"),
    "nested list": (lambda: closed_over(([],), lambda held: held[0].append(1)), "'held'"),
    "closure number": (around, "the variable 'n' of a function around"),
    "bound method": (lambda: Protocol().program, "an attribute of the program"),
    "object": (Called, "an attribute of the program"),
}


@pytest.fixture(autouse=True)
def clean():
    """Undo what the programs do to this module."""
    yield
    LOG.clear()
    SEEN.clear()
    to_a_default.__defaults__[0].clear()
    to_a_keyword_default.__kwdefaults__["log"].clear()
    SPACE.n = Shelf.items = 0
    globals().update(TURN=0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("make", "name"), SHARED.values(), ids=SHARED)
def test_what_processes_share_is_named_with_the_place(make, name, way):
    report = check(make(), TASK, 2, options=WAYS[way])
    assert report.verdict is Verdict.IMPURE
    assert report.counterexample is None
    (note,) = report.notes
    assert name in note
    assert re.match(r".*test_impure_programs\.py:\d+: process 0 changes ", note)


def test_a_large_table_is_looked_at_now_and_then_and_at_the_end():
    table = {number: number for number in range(10_000)}
    environment = Environment(closed_over(table, len))
    table[5] = 6
    assert environment.change() is None
    assert "'held'" in environment.change(now=True)
    assert any(environment.change() for _ in range(1_000))
    program = closed_over(table, lambda held: held.update({7: 8}))
    assert check_inputs(program, (0, 1), anything).verdict is Verdict.IMPURE


def test_what_stays_the_same_may_be_shared():
    class Node:
        pass

    node = Node()
    node.next = node
    spent = generated(1)
    list(spent)
    held = (
        [1],
        {2: 3},
        {4},
        node,
        Shelf,
        spent,
        [].append,
        len,
        random,
        complete(3),
        property(len),
    )
    program = closed_over(held, len)
    assert check(program, TASK, 2).verdict is Verdict.HOLDS
    require_unchanged(Environment(program))


def test_a_closure_variable_that_is_not_there_yet():
    def program(me, count, value):
        yield Write(0, value)
        return late(value)

    environment = Environment(program)

    def late(value):
        return value

    with pytest.raises(ImpureProgramError, match="'late' of a function around"):
        require_unchanged(environment)


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
    for steps in (0, True, 1.5):
        with pytest.raises(AgreementError, match="most_steps must be an int"):
            check_inputs(turning(Turns, 2), (0,), anything, options=Options(most_steps=steps))
