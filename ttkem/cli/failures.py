"""Report a command that failed: one line for people, or one JSON object for programs."""

from __future__ import annotations

import json as json_text
import os
import signal
import sys
import threading
import traceback
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from ttkem.cli.status import INTERNAL_ERROR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

__all__ = ["DEBUG", "report_failure", "report_internal_error", "sigterm_interrupts", "wants_json"]

DEBUG = "TTKEM_DEBUG"
"""The environment variable that asks for the traceback of an internal error."""


def wants_json(words: Sequence[str]) -> bool:
    """Return whether a command line asks for JSON, even if its options are wrong otherwise."""
    options = words[: words.index("--")] if "--" in words else words
    chosen = "table"
    for word, following in pairwise((*options, "")):
        if word == "--format":
            chosen = following
        elif word.startswith("--format="):
            chosen = word.removeprefix("--format=")
    return chosen == "json"


def report_failure(message: str, status: int, *, json: bool) -> int:
    """Print on standard error why a command failed, and return its exit status."""
    if json:
        print(json_text.dumps({"error": message, "status": status}), file=sys.stderr)
    else:
        print(f"ttkem: {message}", file=sys.stderr)
    return status


def report_internal_error(error: BaseException, *, json: bool) -> int:
    """Print an exception that should not have happened, with its file and line; return 70."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error, file=sys.stderr)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    words = " ".join(f"{type(error).__name__}: {error}".split())
    message = f"internal error: {words}{place}; {DEBUG}=1 shows the traceback"
    return report_failure(message, INTERNAL_ERROR, json=json)


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Let ``kill -TERM`` interrupt the body as Ctrl-C does, so that what was done is kept."""
    if threading.current_thread() is not threading.main_thread():  # only it may set a handler
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
