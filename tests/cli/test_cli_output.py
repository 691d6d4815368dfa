"""Output that cannot be written: closed pipes, full disks, closed files."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
COMMAND = "from ttkem.cli import main; main()"


def ended(*words, out, err=subprocess.PIPE):
    """Exit status and standard error of the command in a process of its own."""
    done = subprocess.run(  # noqa: S603 - this interpreter and the library under test
        [sys.executable, "-c", COMMAND, *words], stdout=out, stderr=err, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.fixture
def broken():
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize(
    "words", [("bounds",), ("bounds", "--format", "json"), ("--help",), ("--version",)]
)
def test_a_pipe_that_nobody_reads_is_status_141_and_quiet(broken, words):
    assert ended(*words, out=broken) == (141, "")


def test_a_pipe_for_errors_that_nobody_reads(broken):
    assert ended("bounds", "--suite", "99", out=subprocess.DEVNULL, err=broken)[0] == 141


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [("bounds",), ("bounds", "--format", "json"), ("--version",)])
def test_a_full_disk_is_one_line_and_status_2(words):
    with FULL.open("w") as full:
        said = f"ttkem: cannot write the output: {os.strerror(errno.ENOSPC)}\n"
        assert ended(*words, out=full) == (2, said)
        assert ended(*words, out=full, err=full)[0] == 2


class Failing(io.StringIO):
    """A stream on a pipe that nobody reads, at every write or only at the end."""

    def __init__(self, *, late):
        super().__init__()
        self.late = late

    def write(self, text):
        if self.late:
            return super().write(text)
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    def flush(self):
        if self.late:
            raise OSError(errno.EIO, "Input/output error")


def test_writing_and_flushing_may_fail(run, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Failing(late=False))
    assert run("--version") == (141, "", "")
    monkeypatch.setattr(sys, "stdout", Failing(late=True))
    said = "ttkem: cannot write the output: Input/output error\n"
    assert run("--version") == (2, "", said)
    monkeypatch.setattr(sys, "stdout", None)
    said = "ttkem: cannot write the output: it is closed\n"
    assert run("--version") == (2, "", said)
    assert sys.stdout is None


def test_what_is_kept_goes_nowhere(run, monkeypatch, broken):
    with os.fdopen(os.dup(broken), "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert run("--version")[0] == 141
        stream.write("to nowhere now")
        stream.flush()
