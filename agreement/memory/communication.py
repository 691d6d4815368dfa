"""Ways to write one's register of an array and look at the others': the models of specification A2.

Each form is a sub-generator `communication(me, count, array, value)` for `yield from`, and returns a `View`
that holds one's own value. What the views of one array can be, for n = 3 and n = 4 (specification
A2, counted by `models.views`): immediate snapshot 13 and 75, snapshot 19 and 207, collect 25 and
543 combinations if each process may choose the order in which it reads. `collect` below reads in a
fixed order, with 22 of the 25.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from agreement.memory.operations import Operation, Read, Scan, Value, View, Write, WriteScan

if TYPE_CHECKING:
    from agreement.memory.process import Steps

__all__ = [
    "COMMUNICATION_MODELS",
    "CommunicationModel",
    "Decide",
    "collect",
    "immediate_snapshot",
    "iterated",
    "snapshot",
]

CommunicationModel: TypeAlias = Callable[[int, int, int, Value], Generator[Operation, Any, View]]


def collect(me: int, count: int, array: int, value: Value) -> Generator[Operation, Any, View]:
    """Write, then read the others' registers one by one, from the next process on."""
    yield Write(array, value)
    view: View = (value,)
    for ahead in range(1, count):
        view = (*view, (yield Read(array, (me + ahead) % count)))
    return view[count - me :] + view[: count - me]


def snapshot(me: int, count: int, array: int, value: Value) -> Generator[Operation, Any, View]:  # noqa: ARG001 - a CommunicationModel
    """Write, then scan all registers at once."""
    yield Write(array, value)
    view: View = yield Scan(array)
    return view


def immediate_snapshot(
    me: int,  # noqa: ARG001 - a CommunicationModel
    count: int,  # noqa: ARG001 - a CommunicationModel
    array: int,
    value: Value,
) -> Generator[Operation, Any, View]:
    """Write and scan in one block."""
    view: View = yield WriteScan(array, value)
    return view


COMMUNICATION_MODELS: dict[str, CommunicationModel] = {
    "collect": collect,
    "snapshot": snapshot,
    "immediate": immediate_snapshot,
}


@dataclass(frozen=True, slots=True)
class Decide:
    """What a step of a non-uniform iterated protocol returns to stop with this output."""

    output: Value


def iterated(
    communication: CommunicationModel, step: Callable[[int, int, View], Value | Decide]
) -> Callable[[int, int, int], Steps]:
    """The non-uniform iterated protocol of `step` (NIIS; specification A2).

    In round r a process writes its value into array r by `communication` and goes on with
    `step(r, me, view)`, or stops if that is a `Decide`. Processes may stop in different rounds.
    """

    def program(me: int, count: int, value: int) -> Steps:
        now: Value | Decide = value
        array = 0
        while not isinstance(now, Decide):
            now = step(array, me, (yield from communication(me, count, array, now)))
            array += 1
        return now.output

    return program
