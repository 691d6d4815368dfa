"""A limit in seconds for the work of a command: the only clock that ends it."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["OutOfTimeError", "SecondsOption", "deadline"]

SecondsOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--seconds",
        min=0.0,
        show_default="no limit",
        help="Stop after so many seconds, and print what is known by then.",
    ),
]

LONGEST = 1e8
"""The longest limit, in seconds; more is no limit. A timer takes no more on some systems."""

AGAIN = 2.0
"""The seconds after which an interrupt is repeated that was lost in code that ignores it."""


class OutOfTimeError(KeyboardInterrupt):
    """The time that the user has set is over. Work ends as after Ctrl-C."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[Callable[[], float]]:
    """Raise OutOfTimeError in the body after so many seconds; give a function that tells the rest.

    None is no limit, of which infinity is the rest. Raise LocalError on a system without SIGALRM.
    """
    if seconds is None or seconds > LONGEST:
        yield lambda: float("inf")
        return
    if not hasattr(signal, "SIGALRM"):
        raise LocalError("--seconds needs a system with SIGALRM: leave it out")

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTimeError

    end = time.monotonic() + seconds
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6), AGAIN)
        yield lambda: max(0.0, end - time.monotonic())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
