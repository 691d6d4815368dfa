"""Protocols with planted bugs, each with a run, made by hand, that shows its bug."""

from dataclasses import dataclass
from typing import Any, cast

from agreement.graph import Graph, path
from agreement.memory import Read, Write, collect, snapshot
from agreement.task import Task


def midpoint(values):
    seen = [v for v in values if v is not None]
    return (min(seen) + max(seen)) // 2


def off_by_one(me, count, value):
    for array in range(2):
        value = midpoint((yield from collect(me, count, array, value))) + 1
    return value


def stale_view(me, count, value):
    """The second round looks at the first one's registers."""
    value = midpoint((yield from collect(me, count, 0, value)))
    yield Write(1, value)
    low = high = value
    for ahead in range(1, count):
        seen = yield Read(0, (me + ahead) % count)
        if seen is not None:
            low, high = min(low, seen), max(high, seen)
    return (low + high) // 2


def deciding_early(me, count, value):
    return midpoint((yield from collect(me, count, 0, value)))


def reading_before_writing(me, count, value):
    for array in range(2):
        low = high = value
        for ahead in range(1, count):
            seen = yield Read(array, (me + ahead) % count)
            if seen is not None:
                low, high = min(low, seen), max(high, seen)
        value = (low + high) // 2
        yield Write(array, value)
    return value


def forgetting_oneself(me, count, value):
    for array in range(2):
        view = yield from collect(me, count, array, value)
        others = [view[p] for p in range(count) if p != me and view[p] is not None]
        value = midpoint(others or [value])
    return value


def greatest_instead(me, count, value):
    for array in range(2):
        view = yield from collect(me, count, array, value)
        value = max(cast("int", v) for v in view if v is not None)
    return value


def one_array_for_all_rounds(me, count, value):
    for _ in range(2):
        value = midpoint((yield from collect(me, count, 0, value)))
    return value


def writing_the_input_again(me, count, value):
    now = value
    for array in range(2):
        view = yield from collect(me, count, array, value)
        now = midpoint([now, *view[:me], *view[me + 1 :]])
    return now


def rounding_apart(me, count, value):
    """Process 2 rounds up, the others down."""
    view = yield from collect(me, count, 0, value)
    seen = [cast("int", v) for v in view if v is not None]
    return (min(seen) + max(seen) + (me == 2)) // 2


def skipping_a_register(me, count, value):
    yield Write(0, value)
    seen = yield Read(0, (me + 1) % count)
    return midpoint([value, seen])


def following_the_first(me, count, value):
    view = yield from snapshot(me, count, 0, value)
    return next(v for v in view if v is not None)


def default_when_alone(me, count, value):
    view = yield from snapshot(me, count, 0, value)
    return midpoint(view) if None not in view else 0


def towards_the_ends(form):
    """Right with scans: of 0, 1, 2 go to an end if only it and 1 are seen, else to 1."""

    def program(me, count, value):
        view = yield from form(me, count, 0, value)
        seen = {v for v in view if v is not None}
        if seen in ({0, 1}, {1, 2}):
            return (seen - {1}).pop()
        return midpoint(sorted(seen))

    program.__name__ = "collect_for_a_scan"
    return program


@dataclass(frozen=True)
class Planted:
    program: Any
    graph: Graph
    count: int
    inputs: tuple
    schedule: str

    @property
    def task(self):
        return Task(self.graph)


PLANTED = [
    Planted(off_by_one, path(5), 3, (0, 0, 0), "0 0 0 0 0 0"),
    Planted(stale_view, path(5), 3, (0, 4, 0), "0 1 0 0 0 0 0 1 1 1 1 1"),
    Planted(deciding_early, path(5), 3, (0, 4, 0), "0 0 0 1 1 1"),
    Planted(reading_before_writing, path(5), 3, (0, 4, 0), "1 1 0 0 0 0 0 0 1 1 1 1"),
    Planted(forgetting_oneself, path(5), 3, (0, 4, 0), "0 1 0 0 1 1 0 1 0 0 1 1"),
    Planted(greatest_instead, path(5), 3, (0, 4, 0), "0 0 0 0 0 0 1 1 1 1 1 1"),
    Planted(one_array_for_all_rounds, path(5), 3, (0, 4, 0), "1 0 0 0 0 0 0 2 1 1 1 1 1"),
    Planted(writing_the_input_again, path(5), 3, (0, 4, 0), "0 1 0 0 1 1 0 1 0 0 1 1"),
    Planted(rounding_apart, path(3), 3, (0, 2, 1), "2 2 0 0 1 2 0"),
    Planted(skipping_a_register, path(3), 3, (0, 2, 0), "0 0 1 1"),
    Planted(following_the_first, path(3), 2, (0, 2), "1 1 0 0"),
    Planted(default_when_alone, path(3), 2, (1, 0), "0 0"),
    Planted(towards_the_ends(collect), path(3), 3, (0, 2, 1), "2 2 0 0 1 2 0"),
]
