"""ttkem agree run: runs under schedulers, on threads and on processes; graphs."""

import json
import re

import pytest

from agreement.memory.schedulers import drive
from agreement.memory.stress import StressReport
from ttkem.cli.agree import (
    graph_classes,
    kill_stress,
    runs,
    schedule_replay,
)


def words_of(text):
    return " ".join(text.split())


# run


def test_runs_are_told(run, tmp_path):
    status, out, err = run("agree", "run", "path:9", "--seed", "3", "--out", "run")
    assert (status, err) == (0, "")
    assert "1 run with seeds from 3: 27 steps, 0 processes crashed" in words_of(out)
    assert (tmp_path / "run/run.svg").exists()


@pytest.mark.parametrize("scheduler", ["uniform", "round-robin", "delays", "pct", "solo"])
def test_the_same_seed_gives_the_same_runs(run, scheduler):
    words = ("agree", "run", "star:4", "--runs", "5", "--crashes", "--scheduler", scheduler)
    seen = []
    for seed in ("1", "1", "2"):
        status, out, _ = run(*words, "--seed", seed, "--format", "json")
        assert status == 0
        told = json.loads(out)
        del told["seconds"]
        seen.append(told)
    assert seen[0] == seen[1] != seen[2]
    assert seen[0]["objection"] is None
    assert max(seen[0]["distances"], default=0) <= 1


def test_a_run_that_goes_wrong_is_told_with_its_seed(run):
    words = ("agree", "run", "path:9", "--rounds", "1", "--runs", "50", "--seed", "4")
    status, out, _ = run(*words)
    assert status == 1
    seed = int(re.search(r"seed (\d+): agreement: ", out)[1])
    schedule = re.search(r"schedule: (.*)", out)[1]
    inputs = re.search(r"inputs: (.*)", out)[1]
    assert run(*words[:5], "--seed", str(seed))[0] == 1
    replayed = ("--inputs", inputs, "--schedule", schedule)
    assert run("agree", "run", "path:9", "--rounds", "1", *replayed)[0] == 1
    assert run(*words, "--format", "json")[0] == 1


def test_threads_are_run(run):
    words = ("agree", "run", "path:9", "--on", "threads", "--runs", "5", "--crashes", "--seed", "2")
    status, out, _ = run(*words)
    assert status == 0
    assert "5 runs with seeds from 2: " in out
    assert "steps" not in out
    told = json.loads(run(*words, "--format", "json")[1])
    assert told["steps"] is told["schedule"] is None


def test_threads_that_disagree_are_told(run):
    words = ("agree", "run", "path:9", "--on", "threads", "--rounds", "0", "--inputs", "0 4 8")
    status, out, _ = run(*words)
    assert status == 1
    assert "schedule" not in out


def test_a_run_that_does_not_end_is_unknown(run, program):
    words = ("agree", "run", "path:3", "-n", "2", "--program", f"{program}:waiting",
             "--scheduler", "solo", "--limit", "100", "--inputs", "0 0")  # fmt: skip
    status, out, _ = run(*words)
    assert status == 3
    assert "0 runs with seeds from 0: 0 processes crashed" in out
    assert "seed 0: not over after 100 steps: nothing is known of this run" in out
    status, out, _ = run(*words, "--format", "json")
    assert (status, json.loads(out)["cut"]) == (3, "not over after 100 steps")


@pytest.mark.parametrize("name", ["spinning", "spinning_later"])
def test_a_program_without_steps_is_given_up(run, program, monkeypatch, name):
    for module in (runs, schedule_replay):
        monkeypatch.setattr(module, "SECONDS", 0.3)
    words = ("agree", "run", "path:3", "-n", "2", "--program", f"{program}:{name}")
    for more in ((), ("--inputs", "0 0", "--schedule", "0 0")):
        status, _, err = run(*words, *more)
        assert status == 2
        assert "a process runs on and on without doing an operation" in err


def test_ctrl_c_keeps_the_runs_that_are_over(run, monkeypatch):
    whole = drive

    def cut(simulation, *args, **more):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(simulation)
        return whole(simulation, *args, **more)

    calls = []
    monkeypatch.setattr(runs, "drive", cut)
    status, out, _ = run("agree", "run", "path:9", "--runs", "9", "--seed", "5")
    assert status == 3
    assert "3 runs with seeds from 5: 81 steps" in out
    assert "seed 8: interrupted: nothing is known of this run" in out


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (("--program", "mine.py:forlorn", "--on", "threads"), "seed 0: interrupted"),
        (("--on", "processes", "--operations", "1000000000"), " of 1,000,000,000 were judged"),
    ],
)
def test_a_real_interrupt(run, program, interrupt_after, where, said):
    interrupt_after(2)
    status, out, _ = run("agree", "run", "path:3", "-n", "2", "--inputs", "0 0", *where)
    assert (status, said in out) == (3, True)


def test_ctrl_c_elsewhere_is_a_line(run, monkeypatch):
    monkeypatch.setattr(schedule_replay, "parse_schedule", interrupt)
    status, out, err = run("agree", "run", "path:3", "--inputs", "0 0 0", "--schedule", "0")
    assert (status, out, err) == (3, "", "ttkem: interrupted before there was a result\n")


def interrupt(*_args, **_more):
    raise KeyboardInterrupt


def test_ctrl_c_keeps_what_was_judged_of_processes(run, monkeypatch):
    def stopped(plan, draw, check, *, operations, seed, progress):
        progress(StressReport(seed, operations=700, kills=1, violations=found))
        raise KeyboardInterrupt

    found = []
    monkeypatch.setattr(kill_stress, "stress", stopped)
    status, out, _ = run("agree", "run", "path:5", "--on", "processes")
    assert status == 3
    assert "interrupted: 700 operations of 20,000 were judged" in out
    status, out, _ = run("agree", "run", "path:5", "--on", "processes", "--format", "json")
    assert (status, json.loads(out)["interrupted"]) == (3, True)
    found.append("process 1 took 99 steps")
    assert run("agree", "run", "path:5", "--on", "processes")[0] == 1


def test_a_program_that_raises_is_named_with_its_line(run, program):
    words = ("agree", "run", "path:3", "-n", "2", "--program")
    status, _, err = run(*words, f"{program}:raising")
    assert status == 70
    assert re.search(r"raised ValueError: oops \(.*mine.py, line \d+\)", err)
    status, _, err = run(*words, f"{program}:leaving")
    assert status == 70
    assert re.search(r"raised SystemExit: 5 \(.*mine.py, line \d+\)", err)


def test_a_program_file_that_leaves_is_bad_usage(run, program, tmp_path):
    (tmp_path / "leaves.py").write_text("\nraise SystemExit(5)\n")
    status, _, err = run("agree", "run", "path:3", "--program", "leaves.py:loop")
    assert status == 2
    assert re.search(
        r"cannot import --program .*: it raised SystemExit: 5 \(.*leaves.py, line 2\)", err
    )


def test_processes_are_run_and_killed(run):
    words = ("agree", "run", "path:5", "--on", "processes", "--operations", "2000", "--seed", "5")
    status, out, _ = run(*words)
    assert status == 0
    assert "0 violations" in out
    told = json.loads(run(*words, "--format", "json")[1])
    assert told["operations"] >= 2000
    assert told["violations"] == []
    assert told["seed"] == 5


def test_violations_on_processes_are_told(run, monkeypatch):
    def broken(plan, draw, check, *, operations, seed, progress):
        report = StressReport(seed, violations=["process 1 took 99 steps"])
        progress(report)
        return report

    monkeypatch.setattr(kill_stress, "stress", broken)
    status, out, _ = run("agree", "run", "path:5", "--on", "processes")
    assert status == 1
    assert "1 violation" in out
    assert "process 1 took 99 steps" in out


# graph


def test_a_graph_is_described(run):
    status, out, err = run("agree", "graph", "sun:3")
    assert (status, err) == (0, "")
    said = words_of(out)
    assert "6 vertices, 9 edges, diameter 2" in said
    assert re.search(r"chordal │ yes │ perfect elimination order", said)
    assert re.search(r"ptolemaic │ no ", said)
    told = json.loads(run("agree", "graph", "cycle:5", "--format", "json")[1])
    assert (told["vertices"], told["edges"], told["diameter"]) == (5, 5, 2)
    assert told["classes"]["chordal"]["holds"] is False
    assert len(told["classes"]["chordal"]["vertices"]) == 5


def test_a_class_that_takes_too_long_is_unknown(run, monkeypatch):
    def slow(_graph):
        while True:
            pass

    monkeypatch.setitem(graph_classes.CLASSES, "ptolemaic", slow)
    monkeypatch.setattr(graph_classes, "SECONDS", 0.3)
    status, out, err = run("agree", "graph", "path:2")
    assert (status, err) == (0, "")
    assert "2 vertices, 1 edge, diameter 1" in out
    assert "ptolemaic │ unknown │ not decided within 0.3 seconds" in words_of(out)
    assert "median │ yes │" in words_of(out)
    told = json.loads(run("agree", "graph", "path:2", "--format", "json")[1])
    assert told["classes"]["ptolemaic"]["holds"] is None
