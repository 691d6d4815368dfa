"""How a command fails: JSON errors, internal errors, SIGTERM, encodings; and its choices."""

import io
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from agreement.extension import BROKEN, HONEST, PROVERS
from agreement.memory.communication import COMMUNICATION_MODELS
from agreement.memory.schedulers import SCHEDULERS
from agreement.protocols import PROTOCOLS
from agreement.task import VALIDITIES
from ttkem.adversary import PROTOCOLS as ATTACKED
from ttkem.adversary import STRATEGIES
from ttkem.cli.agree import options
from ttkem.cli.attack import command as attack
from ttkem.cli.failures import sigterm_interrupts, wants_json
from ttkem.cli.files import read_bytes
from ttkem.cli.simulate import command as simulate
from ttkem.errors import LocalError, TtkemError
from ttkem.simulation import Scheme, Setting
from ttkem.verification import runner

COMMAND = "from ttkem.cli import main; main()"


# JSON


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", False),
        ("bounds", False),
        ("bounds --format json", True),
        ("bounds --format=json --suite 99", True),
        ("bounds --format json --format table", False),
        ("verify -- --format json", False),
        ("bounds --format", False),
    ],
)
def test_json_is_recognised_in_any_command_line(words, wanted):
    assert wants_json(words.split()) is wanted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agree", "check", "path:3", "-n", "0"), "--processes"),
        (("agree", "solve", "nowhere.g6"), "nowhere.g6"),
        (("attack", "--replay", "missing.json"), "cannot read missing.json: No such file"),
        (("mls", "inspect", "missing"), "cannot read missing: No such file"),
        (("simulate", "--real"), "go with --trace"),
        (("vectors", "check", "missing"), "cannot find test vectors"),
        (("verify", "path-9"), "'path-9'"),
        (("bounds", "--no-such"), "--no-such"),
    ],
)
def test_an_error_is_one_json_object_on_standard_error(run, words, said):
    status, out, err = run(*words, "--format", "json")
    assert (status, out) == (2, "")
    found = json.loads(err)
    assert found["status"] == 2
    assert said in found["error"]


def test_an_interrupt_without_a_result_in_json(run, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ttkem.cli.bounds.report.run", interrupt)
    status, out, err = run("bounds", "--format", "json")
    assert (status, out) == (3, "")
    assert json.loads(err) == {"error": "interrupted before there was a result", "status": 3}


def test_no_command_is_help_and_status_2(run):
    for words in ((), ("agree",), ("mls",), ("vectors",)):
        status, out, err = run(*words)
        assert status == 2
        assert "Usage: " in out + err


# Internal errors


@pytest.mark.parametrize(
    "error", [ValueError("two\nlines"), BrokenPipeError(32, "Broken pipe"), MemoryError()]
)
def test_an_internal_error_is_one_line_and_never_status_1(run, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.delenv("TTKEM_DEBUG", raising=False)
    monkeypatch.setattr("ttkem.cli.bounds.report.run", fail)
    status, out, err = run("bounds")
    assert (status, out, err.count("\n")) == (70, "", 1)
    assert err.startswith(f"ttkem: internal error: {type(error).__name__}: ")
    assert "test_cli_failures.py, line " in err
    status, _, err = run("bounds", "--format", "json")
    assert (status, json.loads(err)["status"]) == (70, 70)
    monkeypatch.setenv("TTKEM_DEBUG", "1")
    status, _, err = run("bounds")
    assert status == 70
    assert err.startswith("Traceback (most recent call last):\n")


def test_an_error_of_ours_that_no_command_expects_is_no_verdict(run, monkeypatch):
    def fail(*_, **__):
        raise TtkemError("unexpected")

    monkeypatch.setattr("ttkem.cli.bounds.report.run", fail)
    assert run("bounds")[0] == 70


# SIGTERM


def test_sigterm_keeps_what_was_done_as_ctrl_c_does(run, monkeypatch):
    everything = runner.run_all

    def terminated(claims, jobs, tick):
        yield from everything(claims[:1], jobs, tick)
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(runner, "run_all", terminated)
    status, out, _ = run("verify", "path-2", "tree-2", "--jobs", "1")
    assert status == 3
    assert "1 of 1 claim passed" in out
    assert "interrupted: 1 claim not checked" in out
    assert signal.getsignal(signal.SIGTERM) is before


def test_nothing_checked_is_no_table(run, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_all", interrupt)
    status, out, _ = run("verify", "path-2")
    assert (status, out) == (3, "interrupted: 1 claim not checked\n")


def test_another_thread_sets_no_handler():
    seen = []
    before = signal.getsignal(signal.SIGTERM)

    def body():
        with sigterm_interrupts():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert seen == [before]


def test_interrupted_vectors(run, monkeypatch):
    def stopped(_folder):
        yield "tree-math", 0, 2, None
        raise KeyboardInterrupt

    monkeypatch.setattr("ttkem.testing.mls.vectors.check_folder", stopped)
    status, out, _ = run("vectors", "check", "anywhere")
    assert status == 3
    assert "1 of 1 case passed\ninterrupted: not all cases were checked\n" in out
    status, out, _ = run("vectors", "check", "anywhere", "--format", "json")
    assert (status, json.loads(out)["interrupted"]) == (3, True)


# Encodings and widths


def test_umlauts_on_an_ascii_terminal(tmp_path):
    (tmp_path / "trace.csv").write_text("time,member\n1,J\u00fcrgen\n2,b\n3,c\n", encoding="utf-8")
    (tmp_path / "kn\u00f6del.txt").write_text("J\u00fcrgen b\nb c\n", encoding="utf-8")
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    for words, said in (
        (
            ("agree", "run", "kn\u00f6del.txt", "--runs", "1", "--inputs", "J\u00fcrgen b b"),
            "J\\xfcrgen",
        ),
        (("agree", "graph", "kn\u00f6del.txt"), "J\\xfcrgen"),
        (("agree", "solve", "f\u00fcr.g6"), "f\\xfcr.g6"),
    ):
        done = subprocess.run(  # noqa: S603 - this interpreter and the library under test
            [sys.executable, "-c", COMMAND, *words],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment,
        )
        text = (done.stdout + done.stderr).decode("ascii")
        assert done.returncode in {0, 2}, text
        assert said in text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 119, 120])
def test_no_cell_of_the_claims_is_cut(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    status, out, _ = run("verify", "path-2", "tree-2", "--jobs", "1")
    assert status == 0
    assert "\u2026" not in out
    assert max(map(len, out.splitlines())) <= width
    words = out.replace("\u2502", " ").split()
    for word in ("path-2", "refuted", "3,641", "transitions,", "outcomes"):
        assert word in words


# Standard input


def test_inspect_reads_standard_input(run, monkeypatch):
    for text in (b"\xff\xfe", b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        status, _, err = run("mls", "inspect", "-")
        assert status == 2
        assert err.startswith("ttkem: cannot read this as any known structure: ")
    monkeypatch.setattr(sys, "stdin", None)
    said = "ttkem: cannot read standard input: it is closed\n"
    assert run("mls", "inspect", "-") == (2, "", said)


def test_a_file_called_minus_is_reached_by_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-").write_bytes(b"x")
    assert read_bytes(tmp_path / "-") == b"x"
    with pytest.raises(LocalError, match=r"cannot read .*: Is a directory"):
        read_bytes(tmp_path)


# Choices


def test_the_choices_that_help_shows_are_those_of_the_libraries():
    assert set(options.PROTOCOLS) == set(PROTOCOLS)
    assert set(options.COMMUNICATION_MODELS) == set(COMMUNICATION_MODELS)
    assert set(options.VALIDITIES) == set(VALIDITIES)
    assert set(options.SCHEDULERS) == set(SCHEDULERS)
    assert set(options.PROVERS) == set(PROVERS)
    assert set(options.BROKEN) == set(BROKEN)
    assert set(options.HONEST) == set(HONEST)
    assert set(attack.PROTOCOLS) == set(ATTACKED)
    assert set(attack.STRATEGIES) == set(STRATEGIES)
    assert tuple(Scheme) == simulate.SCHEMES
    assert tuple(Setting) == simulate.SETTINGS


def test_help_shows_choices_and_completion_knows_them(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "150")
    out = run("agree", "solve", "--help")[1]
    assert "[geodesic|hull|monophonic|clique]" in out
    assert "--install-completion" in run("--help")[1]
    monkeypatch.setenv("_TTKEM_COMPLETE", "complete_bash")
    for words, known in (
        ("ttkem agree check path:3 --validity g", ["geodesic"]),
        ("ttkem attack --protocol TK", ["TKEM", "TKEM_commit"]),
        ("ttkem agr", ["agree"]),
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        status, out, err = run()
        assert (status, out.split(), err) == (0, known, "")


# JSON of the commands that write vectors


def test_illegal_messages_in_json(run, monkeypatch, tmp_path):
    from ttkem.testing.mls import illegal  # noqa: PLC0415 - beside what it patches
    from ttkem.testing.mls.illegal import vectors  # noqa: PLC0415

    monkeypatch.setattr(illegal, "RULES", illegal.RULES[:2])
    status, out, err = run("mls", "illegal", "--format", "json", "--seed", "5")
    cases = json.loads((tmp_path / "out" / "illegal.json").read_text())
    found = json.loads(out)
    assert (status, found["seed"], found["wrong"]) == (0, 5, [])
    assert found["rules"] == found["refused"] == len(cases) == 2
    assert "Written to out: illegal.json" in err
    monkeypatch.setattr(vectors, "judge", lambda case: None)
    status, out, _ = run("mls", "illegal", "--format", "json")
    assert (status, json.loads(out)["wrong"]) == (1, [case["rule"] for case in cases])


def test_generated_vectors_in_json(run, monkeypatch, tmp_path):
    from ttkem.testing.mls.vectors import generate  # noqa: PLC0415 - beside what it patches

    few = {"tree-math": generate.GENERATORS["tree-math"]}
    monkeypatch.setattr(generate, "GENERATORS", few)
    status, out, err = run("vectors", "generate", "made", "--format", "json", "--seed", "4")
    cases = json.loads((tmp_path / "made" / "tree-math.json").read_text())
    assert (status, json.loads(out)) == (0, {"seed": 4, "cases": {"tree-math.json": len(cases)}})
    assert "Written to made" in err
