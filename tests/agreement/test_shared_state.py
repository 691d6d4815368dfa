"""Programs that share state besides the registers: each way to check them names the place."""

import functools
import io
import itertools
import random
import re
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from small_machines import anything
from ways_to_search import WAYS

from agreement.errors import ImpureProgramError
from agreement.explore import Options, Verdict, check, check_inputs
from agreement.explore.environment import Environment
from agreement.explore.replay import require_unchanged
from agreement.graph import complete
from agreement.memory import Write
from agreement.task import Task

TASK = Task(complete(3))


# Programs with stateful objects in local variables: they decide, and are never refuted.


def generated(turns):
    yield from range(turns - 1, -1, -1)


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
    itself: Any = to_itself
    itself.calls = getattr(itself, "calls", 0) + 1
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


@pytest.mark.sample(4)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("make", "name"), SHARED.values(), ids=SHARED)
def test_what_processes_share_is_named_with_the_place(make, name, way):
    report = check(make(), TASK, 2, options=WAYS[way])
    assert report.verdict is Verdict.IMPURE
    assert report.counterexample is None
    (note,) = report.notes
    assert name in note
    assert re.match(r".*test_shared_state\.py:\d+: process 0 changes ", note)


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

    node: Any = Node()
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


MODULE: Any = ModuleType("a_module_of_mine")
MODULE.items = []


def to_a_module(me, count, value):
    yield Write(0, value)
    MODULE.items.append(me)
    return value


class Kept:
    @staticmethod
    def keep(value):
        LOG.append(value)


def through_a_static_method(me, count, value):
    yield Write(0, value)
    Kept.keep(me)
    return value


def test_modules_static_methods_and_partial_programs_are_watched():
    for program, name in (
        (to_a_module, "'items' of the module a_module_of_mine"),
        (through_a_static_method, "the global 'LOG'"),
        (functools.partial(to_a_default, log=[]), "the program"),
    ):
        report = check_inputs(program, (0, 1), anything)
        assert report.verdict is Verdict.IMPURE
        assert name in report.notes[0]
    MODULE.items.clear()


def test_an_iterator_that_shows_nothing_is_not_watched():
    held = io.StringIO("a")
    assert Environment(closed_over(held, len)).change(now=True) is None


def test_a_change_that_a_renaming_meets_first():
    def for_some(me, count, value):
        yield Write(0, value)
        if value == 2:
            LOG.append(me)
        return value

    report = check(for_some, TASK, 2, options=Options(symmetry=True))
    assert report.verdict is Verdict.IMPURE
    assert any("the global 'LOG'" in note for note in report.notes)
