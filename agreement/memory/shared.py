"""Single-writer registers in memory that processes share; safe against a kill at any instruction.

A register is a cell of 8 bytes: 0 while unwritten, else one more than the place of a *record* in
its owner's log. A log only grows, so a record never changes once a cell points to it. A write
appends the record and then stores the cell, at once; a read loads the cell, at once, and copies the
record. Nobody locks, nobody waits: a writer that is killed leaves the old value or the new one.

Two things are asked of the machine: that aligned stores of 8 bytes are whole and appear in order,
as x86-64 has it; and that a store comes before the loads that follow it, which takes a *fence*:
taking and giving back a lock that is the process's own is an atomic read-modify-write, which is one
there. Elsewhere ToolError. Records carry a checksum; one that is wrong would raise, never be used.
"""

from __future__ import annotations

import pickle
import platform
import struct
import threading
import zlib
from multiprocessing.shared_memory import SharedMemory
from typing import cast

from agreement.errors import AgreementError, ToolError
from agreement.memory.operations import UNWRITTEN, Value

__all__ = ["SharedRegisters", "TornRecordError"]

_HEAD = struct.Struct("<II")
_CELL = 8


class TornRecordError(AgreementError):
    """A record whose checksum is wrong was read: this machine's memory is not ordered as needed."""


class SharedRegisters:
    """`arrays` arrays of `count` registers, with `log_bytes` bytes for all that an owner writes.

    Without `name`, a new segment; with it, one that another process made. `close` it in each
    process, and `unlink` it once, where it was made.
    """

    def __init__(self, count: int, arrays: int, log_bytes: int, name: str | None = None) -> None:
        if platform.machine() not in {"x86_64", "AMD64"}:
            raise ToolError(f"shared registers need an x86-64 machine, not {platform.machine()}")
        self.count, self.arrays, self.log_bytes = count, arrays, log_bytes
        self._cells_bytes = _CELL * count * arrays
        size = self._cells_bytes + count * log_bytes
        self._memory = SharedMemory(name=name, create=name is None, size=size)
        memory = cast("memoryview", self._memory.buf)
        self._cells = memory[: self._cells_bytes].cast("Q")
        self._logs = memory[self._cells_bytes : size]
        self._used = [0] * count
        self._fence = threading.Lock()

    @property
    def name(self) -> str:
        """What another process opens it by."""
        return self._memory.name

    def write(self, array: int, owner: int, value: Value) -> None:
        """Only `owner`'s own process may call this. AgreementError when its log is full."""
        payload = pickle.dumps(value)
        record = _HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        start = self._used[owner]
        if start + len(record) > self.log_bytes:
            raise AgreementError(
                f"process {owner} has written more than the {self.log_bytes} bytes of its log"
            )
        place = owner * self.log_bytes + start
        self._logs[place : place + len(record)] = record
        self._used[owner] = start + len(record)
        self._cells[array * self.count + owner] = place + 1
        with self._fence:
            pass

    def read(self, array: int, owner: int) -> Value:
        """The value, or `UNWRITTEN`."""
        cell = self._cells[array * self.count + owner]
        if cell == 0:
            return UNWRITTEN
        length, checksum = _HEAD.unpack_from(self._logs, cell - 1)
        start = cell - 1 + _HEAD.size
        payload = bytes(self._logs[start : start + length])
        if zlib.crc32(payload) != checksum:
            raise TornRecordError(f"the record of process {owner} in array {array} is torn")
        value: Value = pickle.loads(payload)  # noqa: S301 - written by our own processes
        return value

    def close(self) -> None:
        """Let go of the segment in this process."""
        self._cells.release()
        self._logs.release()
        self._memory.close()

    def unlink(self) -> None:
        """Give the segment back to the system."""
        self._memory.unlink()
