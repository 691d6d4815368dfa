"""Snapshots and immediate snapshots built from single-writer registers.

`on_registers(program)` is `program` with each Scan and WriteScan replaced by reads and writes:

* a Scan by a *double collect* (Afek, Attiya, Dolev, Gafni, Merritt, Shavit, J. ACM 40(4), 1993):
  collect until two successive collects are equal. Values carry their writer's sequence number, so
  equal collects mean that nothing was written between them. This is lock-free: a scan ends after at
  most 2 + w collects if the others write w times during it;
* a WriteScan by *levels* (Borowsky, Gafni, PODC 1993): starting at level n, write value and level
  and collect; if l processes are seen at level l or below, they are the view, else go down to level
  l - 1. This is wait-free, with at most n collects.

A claim in `models/` checks that they allow no view that atomic operations do not allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agreement.errors import ProtocolError
from agreement.memory.operations import Operation, Read, Scan, Value, View, Write

if TYPE_CHECKING:
    from collections.abc import Generator

    from agreement.memory.process import Program, Steps

__all__ = ["Leveled", "Numbered", "double_collect", "levels", "on_registers"]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A value, and how many times its writer has written to this array so far."""

    number: int
    value: Value


@dataclass(frozen=True, slots=True)
class Leveled:
    """A value, and the level that its writer has reached."""

    level: int
    value: Value


def _collect(count: int, array: int) -> Generator[Operation, Any, View]:
    view: View = ()
    for owner in range(count):
        view = (*view, (yield Read(array, owner)))
    return view


def double_collect(count: int, array: int) -> Generator[Operation, Any, View]:
    """Take a lock-free snapshot: collect until two successive collects are equal."""
    before: View | None = None
    view = yield from _collect(count, array)
    while view != before:
        before = view
        view = yield from _collect(count, array)
    return view


def levels(count: int, array: int, value: Value) -> Generator[Operation, Any, View]:
    """Take a wait-free one-shot immediate snapshot: the values at one's final level or below."""
    level = count
    while True:
        yield Write(array, Leveled(level, value))
        view = yield from _collect(count, array)
        below = tuple(
            seen.value if isinstance(seen, Leveled) and seen.level <= level else None
            for seen in view
        )
        if sum(seen is not None for seen in below) >= level:
            return below
        level -= 1


def on_registers(program: Program) -> Program:
    """Return `program` on plain registers.

    Arrays keep their numbers; values are wrapped as `Numbered` or `Leveled`. A process that takes
    an immediate snapshot of an array it has already written raises ProtocolError.
    """

    def lowered(me: int, count: int, value: int) -> Steps:
        steps = program(me, count, value)
        response: Value | View = None
        written: dict[int, int] = {}
        while True:
            try:
                operation = steps.send(response)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            match operation:
                case Write(array, new):
                    written[array] = written.get(array, 0) + 1
                    response = yield Write(array, Numbered(written[array], new))
                case Read(array, owner):
                    response = _plain((yield Read(array, owner)))
                case Scan(array):
                    view = yield from double_collect(count, array)
                    response = tuple(_plain(seen) for seen in view)
                case _:
                    array, new = operation.array, operation.value
                    if array in written:
                        raise ProtocolError(
                            f"process {me} cannot take an immediate snapshot of array {array}: it "
                            "has written there already, and one built from registers is one-shot; "
                            "use a fresh array"
                        )
                    written[array] = 1
                    response = yield from levels(count, array, new)

    return lowered


def _plain(seen: Value) -> Value:
    return seen.value if isinstance(seen, Numbered | Leveled) else seen
