"""Running the command line in this process."""

import sys
from typing import Any

import pytest

from ttkem.cli import main

PROGRAMS = """
import time
from agreement.memory import Read, Write

def lazy(me, count, value):
    yield Write(0, value)
    return value

def waiting(me, count, value):
    yield Write(0, value)
    while (yield Read(0, 1 - me)) is None:
        pass
    return 0

def forlorn(me, count, value):
    yield Write(0, value)
    while (yield Read(1, 1 - me)) is None:
        pass
    return 0

def odd(me, count, value):
    yield Write(0, value)
    return "no vertex"

def spinning(me, count, value):
    while True:
        pass
    yield Write(0, value)

def spinning_later(me, count, value):
    yield Write(0, value)
    while True:
        pass

def raising(me, count, value):
    yield Write(0, value)
    raise ValueError("oops")

def leaving(me, count, value):
    yield Write(0, value)
    raise SystemExit(5)

SHELF = []

def sharing(me, count, value):
    yield Write(0, value)
    SHELF.append(value)
    return value

def growing(me, count, value):
    n = 0
    while True:
        yield Write(0, value)
        n += 1

def lots(me, count, value):
    yield Write(0, value)
    return time.perf_counter_ns() % 2 * 2

class Gone(BaseException):
    pass

def going(me, count, value):
    yield Write(0, value)
    raise Gone

def half(me, count, value):
    yield Write(0, value)
    return 1.0

number = 5
"""


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run_(*words):
        monkeypatch.setattr(sys, "argv", ["ttkem", *words])
        status: Any = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    return run_


@pytest.fixture
def program(run, tmp_path, monkeypatch):
    """A file of programs in the folder where the command runs."""
    (tmp_path / "mine.py").write_text(PROGRAMS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield "mine.py"
    sys.modules.pop("mine", None)
