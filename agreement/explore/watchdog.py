"""A watchdog for processes that compute for ever without taking a step.

Whether a computation ends cannot be decided, so there is a time limit of `seconds` for the
computation of a single step. A thread that watches the clock then raises StuckError in the thread
that runs the process.
"""

from __future__ import annotations

import ctypes
import threading
import time
from typing import TYPE_CHECKING

from agreement.errors import ProtocolError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["StuckError", "Watchdog"]


class StuckError(ProtocolError):
    """A process did not reach its next operation within the time limit."""

    def __init__(self) -> None:
        super().__init__(
            "a process runs on and on without doing an operation or returning: every loop of a "
            "protocol must yield or end"
        )


class Watchdog:
    """A context manager; inside it, `begin` and `end` surround each computation that is timed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline: float | None = None
        self._over = threading.Event()
        self._victim = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def begin(self) -> None:
        """Start timing a computation."""
        self._deadline = time.monotonic() + self._seconds

    def end(self) -> None:
        """Stop timing."""
        self._deadline = None

    def _watch(self) -> None:
        while not self._over.wait(min(0.1, self._seconds)):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                # The deadline stays: a program may catch the error and go on computing.
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._victim), ctypes.py_object(StuckError)
                )
