"""Steps by table: what a step of a process adds to a packed state.

This *delta* depends on the field of the process and, for a read, on the field of the owner; for a
scan, on the contents of the scanned registers. Tables are filled on demand, by taking each step
once with `Packing.step`, and serve any number of searches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from agreement.memory import Read, Scan, Value, WriteScan

if TYPE_CHECKING:
    from agreement.explore.machine import Local
    from agreement.explore.state_encoding import Packing

__all__ = ["Mover", "Tables"]


class Tables:
    """The step tables of all processes, one `Mover` each."""

    def __init__(self, packing: Packing) -> None:
        self.packing = packing
        self.movers = [Mover(self, me) for me in range(packing.machine.count)]
        self._arrays: dict[int, _Contents] = {}

    def contents(self, array: int) -> _Contents:
        """Return, by process, the mask of its field and its register of `array` by that field."""
        if array not in self._arrays:
            values: dict[Value, int] = {}
            self._arrays[array] = [
                (self.packing.own(me), _Content(self.packing, me, array, values))
                for me in range(self.packing.machine.count)
            ]
        return self._arrays[array]


class _ByField(dict[int, int], ABC):
    """A number for each local state of a process, by its field; computed by `look` when needed."""

    def __init__(self, packing: Packing, me: int) -> None:
        super().__init__()
        self._packing, self._me = packing, me

    def __missing__(self, own: int) -> int:
        found = self[own] = self.look(self._packing.local(own, self._me))
        return found

    @abstractmethod
    def look(self, local: Local) -> int:
        """Return the number for a local state."""


class _Content(_ByField):
    """The content of a register: 0 while it is unwritten, another number for each value."""

    def __init__(self, packing: Packing, me: int, array: int, values: dict[Value, int]) -> None:
        super().__init__(packing, me)
        self._array, self._values = array, values

    def look(self, local: Local) -> int:
        value = local.registers.get(self._array)
        return 0 if value is None else self._values.setdefault(value, len(self._values) + 1)


_Contents = list[tuple[int, _Content]]


class _Needs(_ByField):
    """The mask of the fields that the next step depends on, except for scans."""

    def look(self, local: Local) -> int:
        own = self._packing.own(self._me)
        if isinstance(local.operation, Read):
            return own | self._packing.own(local.operation.owner)
        return own


class Mover(dict[int, int]):
    """The deltas of the steps of one process, by the part of a state that `needs` selects.

    The entry is 0 in three cases: the process has decided; or it scans, when its field is in
    `scans` and `delta` gives the delta; or its step leads back to the same state, when the part is
    in `stutters`.
    """

    def __init__(self, tables: Tables, me: int) -> None:
        super().__init__()
        self.me = me
        self.own = tables.packing.own(me)
        self.needs = _Needs(tables.packing, me)
        self.scans: set[int] = set()
        self.stutters: set[int] = set()
        self._tables = tables
        self._looks: dict[int, _Contents] = {}
        self._deltas: dict[tuple[int, ...], int] = {}

    def __missing__(self, part: int) -> int:
        mine = part & self.own
        if mine not in self._looks:
            self._looks[mine] = self._looked_at(mine)
        found = self[part] = 0 if mine in self.scans else self.delta(part)
        undecided = self._tables.packing.local(mine, self.me).operation is not None
        if found == 0 and undecided and mine not in self.scans:
            self.stutters.add(part)
        return found

    def next(self, state: int) -> int | None:
        """Return the delta of the next step; None if the process has decided."""
        part = state & self.needs[state & self.own]
        delta = self[part]
        if delta or part in self.stutters:
            return delta
        return self.delta(state) if state & self.own in self.scans else None

    def delta(self, state: int) -> int:
        """Return the delta of the next step, by the registers that the step reads."""
        mine = state & self.own
        key = (mine, *[content[state & own] for own, content in self._looks[mine]])
        found = self._deltas.get(key)
        if found is None:
            packing = self._tables.packing
            operation = packing.local(state, self.me).operation
            found = 0 if operation is None else packing.step(state, (self.me,)) - state
            self._deltas[key] = found
        return found

    def _looked_at(self, mine: int) -> _Contents:
        operation = self._tables.packing.local(mine, self.me).operation
        match operation:
            case Read(array, owner):
                return [self._tables.contents(array)[owner]]
            case Scan(array) | WriteScan(array):
                self.scans.add(mine)
                return self._tables.contents(array)
        return []
