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
from types import GeneratorType
from typing import TYPE_CHECKING, Any, TypeAlias

from agreement.errors import ProtocolError, RaisedError, VertexError
from agreement.memory.operations import Operation, Read, Scan, Value, View, Write, WriteScan

if TYPE_CHECKING:
    from types import FrameType

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

    __slots__ = ("_count", "_steps", "me", "output", "poised", "start")

    def __init__(self, program: Program, me: int, count: int, value: int) -> None:
        try:
            steps: object = program(me, count, value)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise RaisedError(f"process {me} {_raised(error)} before its first step") from error
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
        self.start = self.place
        self._advance(None)

    @property
    def steps(self) -> Steps:
        """The generator itself, whose local variables the checker inspects."""
        return self._steps

    @property
    def frames(self) -> list[tuple[str, FrameType]]:
        """The place and the frame of the generator, and of each to which it delegates."""
        found = []
        inner: object = self._steps
        while isinstance(inner, GeneratorType) and inner.gi_frame is not None:
            frame = inner.gi_frame
            found.append((f"{frame.f_code.co_filename}:{frame.f_lineno}", frame))
            inner = inner.gi_yieldfrom
        return found

    @property
    def place(self) -> str:
        """The file and the line at which the process is, or began if it is over."""
        frames = self.frames
        return frames[-1][0] if frames else getattr(self, "start", "unknown place")

    def resume(self, response: Value | View) -> None:
        """Resume with the response to the poised operation, up to the next one or the output."""
        self._advance(response)

    def _advance(self, response: Value | View) -> None:
        try:
            operation = self._steps.send(response)
        except StopIteration as end:
            self._check_value(end.value, "returned")
            self.poised, self.output = None, end.value
        except (ProtocolError, KeyboardInterrupt):
            raise
        except BaseException as error:
            after = f"after the response {_shown(response)}"
            raise RaisedError(f"process {self.me} {_raised(error)} {after}") from error
        else:
            self._check(operation)
            self.poised = operation

    def _check(self, operation: object) -> None:
        match operation:
            case Write(value=value) | WriteScan(value=value):
                self._check_value(value, "writes")
            case Read(owner=owner) if type(owner) is not int or not 0 <= owner < self._count:
                raise ProtocolError(
                    f"process {self.me} cannot read the register of process {_shown(owner)}: "
                    f"the processes are the ints 0 to {self._count - 1}"
                )
            case Read() | Scan():
                pass
            case _:
                raise ProtocolError(
                    f"process {self.me} yielded {_shown(operation)}: "
                    "yield a Write, Read, Scan or WriteScan"
                )
        if type(operation.array) is not int or operation.array < 0:
            raise ProtocolError(
                f"process {self.me} cannot access array {_shown(operation.array)}: "
                "arrays are numbered by ints from 0"
            )

    def _check_value(self, value: object, did: str) -> None:
        if value is None:
            raise ProtocolError(
                f"process {self.me} {did} None, which means no value: use another value"
            )
        try:
            hash(value)
        except Exception:  # noqa: BLE001 - a stranger's __hash__
            raise ProtocolError(
                f"process {self.me} {did} {_shown(value)}, which is not hashable: "
                "use a tuple, not a list"
            ) from None


def _raised(error: BaseException) -> str:
    """Return what was raised, with the file and the line."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    try:
        words = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - a stranger's __str__
        words = type(error).__name__
    return f"raised {words} ({last.filename}, line {last.lineno})"


def _shown(value: object) -> str:
    """Return the repr of a value, whatever its `__repr__` does."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a stranger's __repr__
        return object.__repr__(value)


def start(program: Program, inputs: Sequence[int]) -> list[Process]:
    """Start all processes of a run, each poised at its first operation."""
    check_inputs(inputs)
    return [Process(program, me, len(inputs), value) for me, value in enumerate(inputs)]


def check_inputs(inputs: Sequence[int]) -> None:
    """Raise VertexError if an input is not an int, which alone can be a vertex."""
    for me, value in enumerate(inputs):
        if type(value) is not int:
            raise VertexError(
                f"the input of process {me} is {value!r}, which is not a vertex: give an int"
            )
