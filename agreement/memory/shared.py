"""Single-writer registers in shared memory, which stay intact if a process is killed at any time.

A register is a cell of 8 bytes: 0 while unwritten, else one more than the offset of a *record* in
its owner's log. Logs only grow, so a record never changes once a cell refers to it. A write appends
the record and then stores the cell, atomically; a read loads the cell, atomically, and copies the
record. There are no locks and no waiting: a writer that is killed leaves the old value or the new.

This relies on two properties of the machine: aligned stores of 8 bytes are atomic and become
visible in order, as on x86-64; and a store becomes visible before the loads that follow it, which
needs a *fence*. Acquiring a lock that nobody else uses is an atomic read-modify-write, which is a
fence on x86-64. On other machines ToolError is raised. Each record has a checksum; reading a record
whose checksum is wrong raises TornRecordError.
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
    """The checksum of a record that was read is wrong: this machine's memory order is too weak."""


class SharedRegisters:
    """Arrays of registers in a shared memory segment.

    There are `arrays` arrays of `count` registers, and `log_bytes` bytes for all that one process
    writes. Without `name` the segment is created; with it, the segment that another process created
    is opened. Call `close` in each process, and `unlink` once, in the process that created it.
    """

    def __init__(self, count: int, arrays: int, log_bytes: int, name: str | None = None) -> None:
        if platform.machine() not in {"x86_64", "AMD64"}:
            raise ToolError(
                "cannot make shared registers: they need an x86-64 machine, "
                f"not {platform.machine()}"
            )
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
        """The name by which another process opens the segment."""
        return self._memory.name

    def write(self, array: int, owner: int, value: Value) -> None:
        """Write a register. Only its owner may call this.

        Raises AgreementError if the owner's log is full.
        """
        payload = pickle.dumps(value)
        record = _HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        start = self._used[owner]
        if start + len(record) > self.log_bytes:
            raise AgreementError(
                f"process {owner} cannot write: the {self.log_bytes} bytes of its log are full"
            )
        place = owner * self.log_bytes + start
        self._logs[place : place + len(record)] = record
        self._used[owner] = start + len(record)
        self._cells[array * self.count + owner] = place + 1
        with self._fence:
            pass

    def read(self, array: int, owner: int) -> Value:
        """Return the value of a register, or `UNWRITTEN`."""
        cell = self._cells[array * self.count + owner]
        if cell == 0:
            return UNWRITTEN
        length, checksum = _HEAD.unpack_from(self._logs, cell - 1)
        start = cell - 1 + _HEAD.size
        payload = bytes(self._logs[start : start + length])
        if zlib.crc32(payload) != checksum:
            raise TornRecordError(
                f"cannot read the register of process {owner} in array {array}: its record is torn"
            )
        value: Value = pickle.loads(payload)  # noqa: S301 - written by our own processes
        return value

    def close(self) -> None:
        """Close the segment in this process."""
        self._cells.release()
        self._logs.release()
        self._memory.close()

    def unlink(self) -> None:
        """Remove the segment."""
        self._memory.unlink()
