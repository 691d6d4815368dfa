"""Guard standard output and standard error against a closed pipe, a full disk and a closed file.

The libraries below would end with status 1, which means "refuted" here. A pipe that its reader
closed ends the command quietly with status 141, as the signal SIGPIPE would; any other failure is
one line and status 2. Characters that the terminal's encoding lacks are printed as escapes.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO, cast

from ttkem.cli.status import BAD_USAGE, BROKEN_PIPE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OutputError", "guarded_output"]


class OutputError(Exception):
    """The output could not be written. It is no OSError, because click would swallow that."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.broken_pipe = error.errno == errno.EPIPE


class _GuardedStream:
    """A text stream that raises OutputError when it cannot be written; None is a closed stream."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name with an umlaut, on ASCII

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
def guarded_output() -> Iterator[None]:
    """Run the body; exit with status 141 or 2 if its output cannot be written."""
    streams = (sys.stdout, sys.stderr)
    sys.stdout, sys.stderr = (cast("TextIO", _GuardedStream(stream)) for stream in streams)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OutputError as failed:
        _exit(failed, streams)
    finally:
        sys.stdout, sys.stderr = streams


def _exit(failed: OutputError, streams: tuple[TextIO, TextIO]) -> NoReturn:
    if not failed.broken_pipe:
        with suppress(OSError):
            print(f"ttkem: cannot write the output: {failed}", file=streams[1], flush=True)
    for stream in streams:
        _discard(stream)
    sys.exit(BROKEN_PIPE if failed.broken_pipe else BAD_USAGE)


def _discard(stream: TextIO | None) -> None:
    """Send what the buffer still holds to nowhere, lest Python complain about it at exit."""
    if stream is not None:
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
