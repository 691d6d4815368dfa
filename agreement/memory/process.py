"""Processes: a program is a generator function that yields operations and returns its output.

    >>> from agreement.memory import Read, Write
    >>> def larger(me, count, value):
    ...     yield Write(0, value)
    ...     seen = yield Read(0, (me + 1) % count)
    ...     return value if seen is None else max(value, seen)

The same program runs in the simulator, in the exhaustive checker, on threads and on processes.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeAlias

from agreement.errors import AgreementError, ProtocolError
from agreement.memory.operations import Operation, Read, Scan, Value, View, Write, WriteScan

__all__ = ["Process", "Program", "Steps"]

Steps: TypeAlias = Generator[Operation, Any, Value]
"""A running process: it yields operations, is sent their responses, and returns its output.

The output of a program for a `Task` is a vertex; otherwise, it is anything hashable except None.
"""

Program: TypeAlias = Callable[[int, int, int], Steps]
"""A program: `program(me, count, value)` is process `me` of `count` with input vertex `value`."""


class Process:
    """A running process: the operation that it is poised to do, or the output that it decided.

    Exactly one of `poised` and `output` is not None.
    """

    __slots__ = ("_count", "_steps", "me", "output", "poised")

    def __init__(self, program: Program, me: int, count: int, value: int) -> None:
        steps: object = program(me, count, value)
        if not isinstance(steps, Generator):
            name = getattr(program, "__name__", repr(program))
            raise ProtocolError(
                f"cannot run {name}: it is not a generator function that yields operations"
            )
        self.me = me
        self.poised: Operation | None = None
        self.output: Value = None
        self._count = count
        self._steps: Steps = steps
        self._advance(None)

    @property
    def steps(self) -> Steps:
        """The generator itself, whose local variables the checker inspects."""
        return self._steps

    def resume(self, response: Value | View) -> None:
        """Resume with the response to the poised operation, up to the next one or the output."""
        self._advance(response)

    def _advance(self, response: Value | View) -> None:
        try:
            operation = self._steps.send(response)
        except StopIteration as end:
            self._check_value(end.value, "returned")
            self.poised, self.output = None, end.value
        except AgreementError:
            raise
        except (Exception, SystemExit) as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})"
            raise ProtocolError(
                f"process {self.me} raised {what} after the response {response!r}"
            ) from error
        else:
            self._check(operation)
            self.poised = operation

    def _check(self, operation: object) -> None:
        match operation:
            case Write(value=value) | WriteScan(value=value):
                self._check_value(value, "writes")
            case Read(owner=owner) if not 0 <= owner < self._count:
                raise ProtocolError(
                    f"process {self.me} cannot read the register of process {owner!r}: "
                    f"the processes are 0 to {self._count - 1}"
                )
            case Read() | Scan():
                pass
            case _:
                raise ProtocolError(
                    f"process {self.me} yielded {operation!r}: "
                    "yield a Write, Read, Scan or WriteScan"
                )

    def _check_value(self, value: object, did: str) -> None:
        if value is None:
            raise ProtocolError(
                f"process {self.me} {did} None, which means no value: use another value"
            )
        try:
            hash(value)
        except TypeError:
            raise ProtocolError(
                f"process {self.me} {did} {value!r}, which is not hashable: use a tuple, not a list"
            ) from None


def start(program: Program, inputs: Sequence[int]) -> list[Process]:
    """Start all processes of a run, each poised at its first operation."""
    return [Process(program, me, len(inputs), value) for me, value in enumerate(inputs)]
