"""Output that cannot be written: a pipe that nobody reads any more, a full disk, a closed file.

The libraries below would end with status 1, which says "refuted" here. A pipe that was closed ends
quietly with 141, as programs that the signal SIGPIPE ends; anything else is a line and status 2.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO, cast

from ttkem.cli.status import BAD_USAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["guarded"]

BROKEN_PIPE = 141


class OutputError(Exception):
    """What was printed could not be written; no OSError, lest the libraries below catch it."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.broken_pipe = error.errno == errno.EPIPE


class _Output:
    """A text stream whose failures are told from those of other files; None is a closed one."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        if self._stream is None:
            raise OutputError(OSError(errno.EBADF, "it is closed"))
        try:
            return self._stream.write(text)
        except OSError as error:
            raise OutputError(error) from None

    def flush(self) -> None:
        if self._stream is not None:
            try:
                self._stream.flush()
            except OSError as error:
                raise OutputError(error) from None


@contextmanager
def guarded() -> Iterator[None]:
    """Run what prints; if that cannot be written, end with a status that says so."""
    streams = (sys.stdout, sys.stderr)
    sys.stdout, sys.stderr = (cast("TextIO", _Output(stream)) for stream in streams)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OutputError as failed:
        _end(failed, streams)
    finally:
        sys.stdout, sys.stderr = streams


def _end(failed: OutputError, streams: tuple[TextIO, TextIO]) -> NoReturn:
    if not failed.broken_pipe:
        with suppress(OSError):
            print(f"ttkem: cannot write the output: {failed}", file=streams[1], flush=True)
    for stream in streams:
        _forget(stream)
    sys.exit(BROKEN_PIPE if failed.broken_pipe else BAD_USAGE)


def _forget(stream: TextIO | None) -> None:
    """What its buffer still holds goes nowhere, so that Python has nothing to complain about."""
    if stream is not None:
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
