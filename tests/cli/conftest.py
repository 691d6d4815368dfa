"""Running the command line in this process."""

import sys

import pytest

from ttkem.cli import main


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run_(*words):
        monkeypatch.setattr(sys, "argv", ["ttkem", *words])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    return run_
