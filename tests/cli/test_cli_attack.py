"""ttkem attack: campaigns, failures as files, replays, exit statuses."""

import json

import pytest

from ttkem.adversary import Campaign, Report, TaintRules, Update, read_trace, write_trace
from ttkem.cli.attack import campaign

QUICK = ("attack", "--budget", "1500", "--jobs", "1")


@pytest.fixture
def broken(monkeypatch):
    """Nobody re-keys what they taint, on the model."""
    monkeypatch.setattr(TaintRules, "tainted", lambda rules, now: [])


def test_a_symbolic_campaign(run, tmp_path):
    status, out, err = run(*QUICK, "--seed", "9")
    assert (status, err) == (0, "")
    assert "TTKEM, symbolic, seed 9: 10 runs, 1,500 steps" in out
    for words in ("not safe, yet not known", "unexplained", "fork depth 2", "Challenges:"):
        assert words in out
    assert "0 failing runs" in out
    assert "is judged from 50,000 steps of all strategies on; this campaign is shorter or" in out
    assert list(tmp_path.iterdir()) == []


def test_a_real_campaign(run):
    status, out, _ = run(
        "attack", "--steps", "300", "--jobs", "1", "--protocol", "TKEM", "--strategy", "fork"
    )
    assert status == 0
    assert "TKEM, for real, cipher suite 1" in out
    assert "attacks executed" in out
    assert "an operation and an atom" not in out
    status, out, _ = run("attack", "--steps", "150", "--jobs", "1", "--real", "--suite", "2")
    assert status == 0
    assert "TTKEM, for real, cipher suite 2" in out
    assert "an operation and an atom" in out


def test_one_of_a_kind_is_singular(run, broken):
    status, out, _ = run("attack", "--budget", "150", "--jobs", "1")
    assert (status, out.splitlines()[-2]) == (1, "1 failing run")
    assert "1 run, 150 steps" in out


def test_json_alone_on_standard_output(run):
    status, out, _ = run(*QUICK, "--format", "json")
    assert status == 0
    told = json.loads(out)
    assert (told["steps"], told["failed"], told["failures"]) == (1500, 0, [])
    assert told["campaign"]["seed"] == "0"
    assert told["loose"] == told["unsafe"] - told["known"] > 0
    assert told["unvisited"] == []


def test_a_failure_is_printed_written_and_replayed(run, tmp_path, broken):
    status, out, _ = run(*QUICK, "--out", "found")
    assert status == 1
    assert "FOUND unsound" in out
    assert "10 failing runs" in out
    path = tmp_path / "found" / "attack-0.json"
    status, out, _ = run("attack", "--replay", str(path))
    assert status == 1
    assert "TTKEM, symbolic, seed 0/0" in out
    assert "the same, bit for bit" in out
    assert out.endswith("\n1 finding\n")
    assert "unsound: the key of op" in out
    status, out, _ = run("attack", "--replay", str(path), "--format", "json")
    assert status == 1
    assert json.loads(out)["same"] is True
    status, out, _ = run(*QUICK, "--format", "json", "--out", "found")
    assert status == 1
    assert json.loads(out)["failures"][0] == json.loads(path.read_text())


def test_a_replay_that_finds_nothing_any_more(run, tmp_path, broken, monkeypatch):
    run(*QUICK)
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "out" / "attack-0.json"
    trace = read_trace(path.read_text())
    steps = (*trace.steps, Update("nobody", 99))
    path.write_text(write_trace(type(trace)("TTKEM", 1, "x", trace.members, steps, digest="00")))
    status, out, _ = run("attack", "--replay", str(path))
    assert status == 0
    assert "cipher suite 1, seed x" in out
    assert "refused: there is no member 'nobody'" in out
    assert "NOT the same bytes" in out
    assert "0 findings\n" in out
    path.write_text(write_trace(type(trace)("TTKEM", 1, "x", trace.members, trace.steps)))
    assert "Compared with" not in run("attack", "--replay", str(path))[1]


def test_bad_replay_files_are_one_line(run, tmp_path):
    for name, data, words in (
        ("none", None, "cannot read"),
        ("binary", b"\xff\xfe", "is not a text file"),
        ("empty", b"", "cannot read the replay file"),
    ):
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        status, out, err = run("attack", "--replay", str(path))
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert words in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ("--suite", "0", "--real"),
            "cannot use --suite 0: the number of a cipher suite is 1 or more",
        ),
        (("--suite", "99"), "--suite goes with --real"),
        (("--suite", "1", "--symbolic"), "--suite goes with --real"),
        (("--suite", "99", "--real"), "unknown cipher suite 99"),
        (("--protocol", "X"), "unknown protocol 'X'"),
        (("--protocol", "TKEM", "--symbolic"), "cannot play TKEM without real messages"),
        (("--strategy", "X"), "unknown strategy 'X'"),
    ],
)
def test_bad_usage_is_status_2(run, words, complaint):
    status, _, err = run(*QUICK, *words)
    assert (status, err.count("\n")) == (2, 1)
    assert complaint in err


def test_ctrl_c_is_status_3(run, monkeypatch):
    def stopped(planned, *, jobs, on_progress):
        report = Report(runs=1, steps=150)
        on_progress(report, 10)
        report.interrupted = True
        return report

    monkeypatch.setattr(campaign, "run_campaign", stopped)
    status, _, err = run(*QUICK)
    assert status == 3
    assert "interrupted" in err


def test_important_situations_that_were_never_visited_are_status_3(run, monkeypatch):
    def narrow(planned, *, jobs, on_progress):
        assert planned == Campaign(seed="0", steps=200_000)
        report = Report(runs=1, steps=60_000, pairs=1)
        report.visits.update({"fork": 0, "fork depth 2": 3})
        return report

    monkeypatch.setattr(campaign, "run_campaign", narrow)
    status, out, _ = run("attack")
    assert status == 3
    assert "NEVER VISITED: fork\n" in out
    assert "is judged from" not in out
    assert "Challenges: none" in out
