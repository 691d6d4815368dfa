"""Whether a generator's variables are its whole local state, and the checker if they are not."""

import functools
import io
import linecache
import random
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from small_machines import anything

from agreement.explore import check_inputs
from agreement.explore.local_state import HiddenStateError, fingerprint
from agreement.explore.normal_form import normal_form_violation
from agreement.memory import Read, Write, collect

# Programs in normal form, and programs that are not.


def plain_statements(me, count, value):
    yield Write(0, max([1, 2], key=lambda _: value))
    seen: int = yield Read(0, 1)
    low, high = value, (yield Read(0, 1))
    last = (yield Read(0, 1)) + 1
    more = value + (yield Read(0, 1))
    pair = (1, 2)
    item = pair[(yield Read(0, 1))]
    if (yield Read(0, 1)) == value:
        (yield Read(0, 1))
    while value < (yield Read(0, 1)):
        value += 1
    sorted(pair, reverse=(yield Read(0, 1)))
    view = yield from collect(me, count, 0, value)
    if (found := (yield Read(0, 1))) is None:
        return view
    return seen, low, high, last, more, item, found


def loops(me, count, value):
    for _round in range(count):
        for _turn in range(1, -value + 2 * count):
            yield Write(0, value)
    else:  # noqa: PLW0120
        yield Read(0, 0)
    for shown in "no yield inside":
        value = shown

    def inner():
        yield [(yield), (yield)]

    return inner


def choices(me, count, value):
    if value == 0:
        yield Write(0, 0)
    match value:
        case 0:
            yield Write(0, 0)
        case _:
            yield Write(0, 1)
    try:
        yield Write(0, 1)
    except ValueError:
        value = 0
    else:
        yield Write(1, 1)
    finally:
        value = 1
    return value


def two_in_one(me, count, value):
    return (yield Read(0, 0)), (yield Read(0, 1))


def after_a_call(me, count, value):
    return max(len("ab"), (yield Read(0, 0)))


def in_a_list(me, count, value):
    return [value, (yield Read(0, 0))]


def over_a_list(me, count, value):
    for other in [0, 1]:
        value = yield Read(0, other)
    return value


def over_a_changing_range(me, count, value):
    for _ in range(value):
        value = yield Read(0, 0)
    return value


def over_a_read_range(me, count, value):
    for _ in range((yield Read(0, 0))):
        value = 1
    return value


def over_a_called_range(me, count, value):
    for _ in range(len("ab")):
        yield Write(0, value)


def changing_its_counter(me, count, value):
    for k in range(count):
        yield Write(0, value)
        k = 0  # noqa: PLW2901
    return k


def augmented(me, count, value):
    value += yield Read(0, 0)
    return value


def into_an_item(me, count, value):
    seen = {}
    seen[0] = yield Read(0, 0)
    return seen


def in_a_handler(me, count, value):
    try:
        value = 1 // value
    except ZeroDivisionError:
        yield Write(0, value)


def in_a_with(me, count, value):
    with Path("nothing").open():
        yield Write(0, value)


def in_a_subject(me, count, value):
    match (yield Read(0, 0)):
        case _:
            return 0


def in_a_nested_yield(me, count, value):
    yield Write(0, (yield Read(0, 0)))


def from_a_variable(me, count, value):
    steps = collect(me, count, 0, value)
    yield from steps


def deep_inside(me, count, value):
    if value:
        while True:
            yield [(yield Read(0, 0))]


@pytest.mark.parametrize("program", [plain_statements, loops, choices])
def test_in_normal_form(program):
    assert normal_form_violation(program.__code__) is None


@pytest.mark.parametrize(
    ("program", "line"),
    [
        (two_in_one, 1),
        (after_a_call, 1),
        (in_a_list, 1),
        (over_a_list, 1),
        (over_a_changing_range, 1),
        (over_a_read_range, 1),
        (over_a_called_range, 1),
        (changing_its_counter, 1),
        (augmented, 1),
        (into_an_item, 2),
        (in_a_handler, 1),
        (in_a_with, 1),
        (in_a_subject, 1),
        (in_a_nested_yield, 1),
        (from_a_variable, 2),
        (deep_inside, 3),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_out_of_normal_form(program, line):
    code = program.__code__
    expected = f"{program.__name__}, line {code.co_firstlineno + line}"
    assert normal_form_violation(code) == expected


def test_sources_that_are_not_at_hand():
    scope = {}
    exec("def made(me, count, value):\n    yield", scope)  # noqa: S102
    assert "source is not at hand" in normal_form_violation(scope["made"].__code__)
    expression: Any = (x for x in [1])
    assert "is not a plain function" in normal_form_violation(expression.gi_frame.f_code)
    # A source that does not parse on its own: a lambda's line.
    lines = ["table = [(lambda: (yield)),\n"]
    linecache.cache["<half>"] = (1, None, lines, "<half>")
    code = compile("table = [(lambda: (yield)),\n]", "<half>", "exec")
    exec(code, scope)  # noqa: S102
    assert "not at hand" in normal_form_violation(scope["table"][0].__code__)


# Values of variables.


class Listed(list):
    """A list with more to it."""


class Held:
    def __init__(self, n):
        self.n = n

    def __call__(self):
        self.n += 1
        return self.n


class Slotted:
    __slots__ = ("__hidden", "n")

    def __init__(self, n):
        self.n, self.__hidden = n, n


@dataclass(frozen=True, slots=True)
class Pair:
    left: object
    right: object


def counter(start):
    n = start

    def tick(step=1):
        nonlocal n
        n += step
        return n

    return tick


def advanced(iterator, times):
    for _ in range(times):
        next(iterator)
    return iterator


PAIRS_THAT_DIFFER = {
    "iterators": (lambda k: advanced(iter([1, 2, 3]), k)),
    "next of an iterator": (lambda k: advanced(iter((1, 2, 3)), k).__next__),
    "range iterators": (lambda k: advanced(iter(range(9)), k)),
    "zip": (lambda k: advanced(zip([1, 2, 3], [4, 5, 6], strict=True), k)),
    "bound methods of lists": (lambda k: [1, 2, 3][k:].pop),
    "objects with a call": Held,
    "their bound methods": (lambda k: Held(k).__call__),
    "objects with slots": Slotted,
    "dataclasses": (lambda k: Pair(1, k)),
    "dataclasses of types": (lambda k: Pair(1, k == 1 if k else 0)),
    "closures": counter,
    "defaults": (
        lambda k: FunctionType(counter(0).__code__, {}, "f", (k,), counter(0).__closure__)
    ),
    "partial": (lambda k: functools.partial(max, k)),
    "random numbers": random.Random,
    "arrays": (lambda k: np.array([k])),
    "numpy numbers": np.int64,
    "types of numbers": (lambda k: np.int32(1) if k else np.int64(1)),
    "deques": (lambda k: deque([1], maxlen=k + 1)),
    "byte arrays": (lambda k: bytearray([k])),
    "default factories": (lambda k: defaultdict(list if k else set)),
    "zeros": (lambda k: -0.0 if k else 0.0),
    "frozen sets": (lambda k: frozenset([(k == 1) if k else 0])),
    "keys of dictionaries": (lambda k: {(k == 1) if k else 0: 0}),
    "truth": (lambda k: True if k else 1),
}


@pytest.mark.parametrize("make", PAIRS_THAT_DIFFER.values(), ids=PAIRS_THAT_DIFFER)
def test_what_behaves_differently_has_another_fingerprint_and_what_behaves_alike_the_same(make):
    assert of(make(0)) == of(make(0))
    assert of(make(1)) == of(make(1))
    assert of(make(0)) != of(make(1))


def test_empty_cells_and_what_is_shared():
    def later():
        return never

    if len("ab") == 3:
        never = 1
    assert of(later) == of(later)
    value = io.StringIO()
    steps = holding(value)
    assert fingerprint(steps, {id(value): value}) == fingerprint(steps, {id(value): value})


def holding(*values):
    def program():
        held = values
        yield Write(0, 0)
        return held

    steps = program()
    next(steps)
    return steps


def of(*values):
    return fingerprint(holding(*values))


def test_equal_values_of_different_types_differ():
    assert of(1) != of(1 == 1)  # noqa: PLR0133
    assert of([1]) != of((1,))
    assert of({1: 1}) != of({1: 1.0})
    assert of({1}) != of([1])
    assert of(1.0) != of(1)
    assert of([1], [1]) == of([1], [1])


def test_sharing_is_seen():
    shared = [1]
    assert of(shared, shared) != of([1], [1])
    loop = []
    loop.append(loop)
    assert of(loop) == of(loop)


def test_generators_within():
    inner, other = collect(0, 2, 0, 5), collect(0, 2, 0, 6)
    next(inner), next(other)
    assert of(inner) != of(other)
    spent = collect(0, 1, 0, 0)
    list(spent)
    assert fingerprint(spent) == "finished"


@pytest.mark.parametrize(
    "value", [Listed(), io.StringIO(), count(), iter({}), map(len, []), {1: threading.Lock()}, iter]
)
def test_hidden_content_is_told_with_the_variable_and_the_place(value):
    if value is iter:
        value = iter({1}).__next__
    with pytest.raises(
        HiddenStateError, match=r"program, line .*: variable 'held': holds a .*, whose"
    ):
        of(value)


def test_functions_are_plain_values():
    assert of(len) == of(len) != of(max)


def to_no_generator(me, count, value):
    seen = yield from map(functools.partial(Read, 0), range(2))
    return seen or value


def test_delegating_to_no_generator():
    steps = to_no_generator(0, 2, 0)
    next(steps)
    with pytest.raises(HiddenStateError, match="over map, which is not a generator"):
        fingerprint(steps)


@pytest.mark.parametrize("program", [two_in_one, over_a_list, in_a_list], ids=lambda p: p.__name__)
def test_texts_out_of_normal_form_are_checked_by_history(program):
    def written(me, count, value):
        yield Write(0, value)
        seen = yield from program(me, count, value)
        return str(seen)

    report = check_inputs(written, (0, 1), anything)
    assert report.outcomes
    assert any(
        note.startswith(f"local states by history: {program.__name__}") for note in report.notes
    )
