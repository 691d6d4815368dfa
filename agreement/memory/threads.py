"""Programs on real threads, over registers in the memory of this process.

Storing to and loading from a dictionary is atomic in CPython, with and without its global lock; the
interpreter and the operating system choose the schedule.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from typing import Protocol as TypingProtocol

from agreement.memory.lowering import on_registers
from agreement.memory.operations import UNWRITTEN, Operation, Read, Value, Write
from agreement.memory.process import Process, Program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RegisterArrays", "Registers", "perform", "run_threads"]


_JOIN_SECONDS = 0.1


class RegisterArrays(TypingProtocol):
    """The registers that a program lowered by `on_registers` runs on."""

    def write(self, array: int, owner: int, value: Value) -> None:
        """Write the register of `owner`, which alone may call this."""
        ...

    def read(self, array: int, owner: int) -> Value:
        """Return the value of a register, or `UNWRITTEN`."""
        ...


class Registers:
    """Single-writer registers in the memory of this process."""

    def __init__(self, count: int) -> None:
        self._owners: list[dict[int, Value]] = [{} for _ in range(count)]

    def write(self, array: int, owner: int, value: Value) -> None:
        """Write the register of `owner`, whose thread alone may call this."""
        self._owners[owner][array] = value

    def read(self, array: int, owner: int) -> Value:
        """Return the value of a register, or `UNWRITTEN`."""
        return self._owners[owner].get(array, UNWRITTEN)


def perform(operation: Operation | None, me: int, registers: RegisterArrays) -> Value:
    """Perform an operation of a lowered program and return its response."""
    match operation:
        case Write(array, value):
            registers.write(array, me, value)
            return None
        case Read(array, owner):
            return registers.read(array, owner)
    raise AssertionError(
        f"cannot perform {operation}: the program has not been lowered to registers"
    )


def run_threads(
    program: Program, inputs: Sequence[int], *, crash_after: Mapping[int, int] | None = None
) -> tuple[Value, ...]:
    """Run `program` with one thread per process; return the outputs, None for crashed processes.

    `crash_after[p]` is the number of its register operations after which process p crashes. An
    error in a process is raised here. A program in which processes wait for others may never end;
    Ctrl-C stops it.
    """
    registers = Registers(len(inputs))
    lowered = on_registers(program)
    outputs: list[Value] = [None] * len(inputs)
    errors: list[BaseException] = []
    gate = threading.Barrier(len(inputs))
    over = threading.Event()

    def live(me: int, value: int) -> None:
        steps = (crash_after or {}).get(me, -1)
        try:
            process = Process(lowered, me, len(inputs), value)
            gate.wait()
            while process.poised is not None and steps != 0 and not over.is_set():
                process.resume(perform(process.poised, me, registers))
                steps -= 1
            outputs[me] = process.output
        except BaseException as error:  # noqa: BLE001 - raised again by the caller's thread
            errors.append(error)
            gate.abort()

    threads = [threading.Thread(target=live, args=pair, daemon=True) for pair in enumerate(inputs)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            # Joined with a timeout: an interrupt just before an endless join would go unnoticed.
            while thread.is_alive():
                thread.join(_JOIN_SECONDS)
    finally:
        over.set()
    if errors:
        raise next(
            (e for e in errors if not isinstance(e, threading.BrokenBarrierError)), errors[0]
        )
    return tuple(outputs)
