"""Noticing a process that computes for ever without a step.

Nothing in Python can tell that it will never end, so there is a time after which it is given up:
`seconds` for a single step's own computation. A watching thread then raises StuckError in the
thread that runs the process.
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

__all__ = ["Watchdog", "StuckError"]


class StuckError(ProtocolError):
    """A process did not reach its next operation in time."""

    def __init__(self) -> None:
        super().__init__(
            "a process runs on and on without doing an operation or returning: every loop of a "
            "protocol must yield or end"
        )


class Watchdog:
    """A context manager: within it, `begin` and `end` around each thing that must take an end."""

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
        """Time runs from now on."""
        self._deadline = time.monotonic() + self._seconds

    def end(self) -> None:
        """Time stands still."""
        self._deadline = None

    def _watch(self) -> None:
        while not self._over.wait(min(0.1, self._seconds)):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._deadline = None
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._victim), ctypes.py_object(StuckError)
                )
