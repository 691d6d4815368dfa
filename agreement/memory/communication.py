"""The communication models: how a process writes its register of an array and reads the others'.

Each is a sub-generator `communicate(me, count, array, value)` for `yield from`; it returns a `View`
of the array that contains the process's own value. The number of possible combinations of views,
for n = 3 and n = 4 (specification A2, counted by `models.views`), is 13 and 75 for immediate
snapshots, 19 and 207 for snapshots, 25 and 543 for collects in which each process chooses the order
of its reads. `collect` below reads in a fixed order, which gives 22 of the 25.
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
    """Write, then read the others' registers one by one, starting with process `me` + 1."""
    yield Write(array, value)
    view: View = (value,)
    for ahead in range(1, count):
        view = (*view, (yield Read(array, (me + ahead) % count)))
    return view[count - me :] + view[: count - me]


def snapshot(me: int, count: int, array: int, value: Value) -> Generator[Operation, Any, View]:  # noqa: ARG001 - as all models
    """Write, then read all registers at once."""
    yield Write(array, value)
    view: View = yield Scan(array)
    return view


def immediate_snapshot(
    me: int,  # noqa: ARG001 - as all models
    count: int,  # noqa: ARG001 - as all models
    array: int,
    value: Value,
) -> Generator[Operation, Any, View]:
    """Write and read all registers in one block."""
    view: View = yield WriteScan(array, value)
    return view


COMMUNICATION_MODELS: dict[str, CommunicationModel] = {
    "collect": collect,
    "snapshot": snapshot,
    "immediate": immediate_snapshot,
}


@dataclass(frozen=True, slots=True)
class Decide:
    """The result with which a step of an iterated protocol stops and outputs `output`."""

    output: Value


def iterated(
    communicate: CommunicationModel, step: Callable[[int, int, View], Value | Decide]
) -> Callable[[int, int, int], Steps]:
    """Return the non-uniform iterated protocol given by `step` (NIIS; specification A2).

    In round r a process communicates its value through array r and computes `step(r, me, view)`:
    its value for the next round, or a `Decide`, with which it stops. Processes may stop in
    different rounds.
    """

    def program(me: int, count: int, value: int) -> Steps:
        now: Value | Decide = value
        array = 0
        while not isinstance(now, Decide):
            now = step(array, me, (yield from communicate(me, count, array, now)))
            array += 1
        return now.output

    return program
