"""ttkem agree: checked, run, replayed, drawn; and what it says of bad usage."""

import json
import re
import sys
from xml.etree import ElementTree as ET

import pytest

from agreement.explore import SpinResult
from agreement.memory.stress import StressReport
from ttkem.cli.agree import (
    graph_classes,
    kill_stress,
    model_check,
    runs,
    schedule_replay,
    selection,
)

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
def program(run, tmp_path, monkeypatch):
    """A file of programs in the folder where the command runs."""
    (tmp_path / "mine.py").write_text(PROGRAMS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield "mine.py"
    sys.modules.pop("mine", None)


def words_of(text):
    return " ".join(text.split())


# check


def test_a_protocol_that_holds(run):
    status, out, err = run("agree", "check", "path:5")
    assert (status, err) == (0, "")
    said = words_of(out)
    for words in (
        "path, 2 rounds, 3 processes",
        "holds",
        "125, of which 125 were searched",
        "213,524",
        "at most 6",
        "29: (0 0 0)",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("graph", "count", "name"),
    [
        ("path:3", 2, "thirds"),
        ("path:3", 3, "path"),
        ("star:3", 3, "tree"),
        ("complete:3", 3, "block"),
        ("sun:3", 3, "average"),
    ],
)
def test_the_protocol_that_fits_is_taken(graph, count, name):
    chosen = selection.select_protocol(
        graph, count, None, None, communication=None, rounds=1, validity="geodesic"
    )
    assert chosen.name == name


def test_ways_to_search_agree(run):
    figures = []
    for words in ((), ("--engine", "compiled", "--reduce", "--symmetry")):
        status, out, err = run("agree", "check", "path:4", "--format", "json", *words)
        assert (status, err) == (0, "")
        report = json.loads(out)
        assert report["verdict"] == "holds"
        assert report["counterexample"] is report["spin"] is None
        figures.append((report["inputs"], report["step_complexity"], report["outcomes"]))
    assert figures[0] == figures[1]


def test_a_counterexample_is_shown_drawn_and_can_be_replayed(run, tmp_path):
    words = ("path:5", "-n", "3", "--rounds", "1")
    status, out, err = run("agree", "check", *words, "--out", "drawn")
    assert (status, err) == (1, "")
    assert "refuted" in out
    assert re.search(r"inputs +│ \d+ of 125, stopped at the first violation", out)
    assert "agreement: processes" in out
    assert ET.parse(tmp_path / "drawn/counterexample.svg").getroot().tag.endswith("svg")
    inputs = re.search(r"inputs:\s+(.*)", out)[1]
    schedule = re.search(r"schedule:\s+(.*)", out)[1]
    again = ("--inputs", inputs, "--schedule", schedule)
    status, out, _ = run("agree", "run", *words, *again, "--out", "again")
    assert status == 1
    assert "agreement: processes" in out
    assert ET.parse(tmp_path / "again/run.svg").getroot().tag.endswith("svg")
    status, out, _ = run("agree", "run", *words, *again, "--format", "json")
    assert status == 1
    assert "agreement: " in json.loads(out)["objection"]
    status, out, _ = run("agree", "run", "path:5", "--inputs", "0 1 0", "--schedule", "0")
    assert (status, out.splitlines()[-1]) == (0, "nobody has decided yet")
    assert "outputs: - - -" in out


def test_a_limit_is_unknown(run):
    status, out, _ = run("agree", "check", "path:5", "--limit", "100")
    assert status == 3
    assert "stopped at 100 states for one input vector" in words_of(out)


def test_ctrl_c_is_unknown(run, monkeypatch):
    class Stop:
        def __enter__(self):
            return self.show

        def __exit__(self, *_):
            return None

        def show(self, done, total, _what):
            if done == 3 or total == 1:
                monkeypatch.setattr(sys.modules["agreement.explore.check"], "Machine", interrupt)

    def interrupt(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr(model_check, "progress", lambda _screen: Stop())
    status, out, _ = run("agree", "check", "path:3")
    assert status == 3
    assert "interrupted: not all was searched" in out
    assert "3, of which 3 were searched" in words_of(out)
    status, out, _ = run("agree", "check", "path:3", "--inputs", "0 1 2")
    assert status == 3
    assert "0, of which 0 were searched" in words_of(out)


def test_own_programs_are_checked(run, program):
    words = ("agree", "check", "path:3", "-n", "2", "--program")
    status, out, _ = run(*words, f"{program}:lazy")
    assert status == 1
    assert "decide 0 and 2, at distance 2" in out
    status, out, _ = run(*words, f"{program}:waiting", "--inputs", "0 0")
    assert status == 1
    assert "not wait-free" in out
    assert "for ever: " in out
    assert run(*words, f"{program}:lazy", "--inputs", "0 1", "--bound", "1")[0] == 0


def test_too_large_a_diagram_is_left_out(run):
    status, out, _ = run(
        "agree", "check", "path:3", "-n", "7", "--rounds", "0", "--inputs", "0 0 0 0 0 0 2"
    )
    assert status == 1
    assert "schedule: " in out
    assert "│" not in out.split("schedule:")[1]


def test_notes_are_printed(run):
    out = run("agree", "check", "path:3", "--symmetry")[1]
    assert "states are counted up to renaming" in words_of(out)


ENGINES = [(), ("--engine", "compiled"), ("--reduce",), ("--symmetry",)]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_impure_program_is_a_verdict_with_a_place_and_status_2(run, program, engine):
    words = ("agree", "check", "path:2", "-n", "2", "--program", f"{program}:sharing", *engine)
    status, out, err = run(*words)
    assert (status, err) == (2, "")
    assert "nondeterministic or impure program" in words_of(out)
    assert re.search(r"mine.py:\d+: process 0 changes the global 'SHELF'", words_of(out))
    status, out, _ = run(*words, "--inputs", "0 1", "--format", "json", "--out", "model")
    told = json.loads(out)
    assert (status, told["verdict"]) == (2, "nondeterministic or impure program")
    assert "changes the global 'SHELF'" in told["notes"][0]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_grows_is_named_and_status_3(run, program, engine):
    words = ("agree", "check", "path:2", "-n", "2", "--program", f"{program}:growing", *engine)
    status, out, _ = run(*words, "--most-steps", "40", "--format", "json")
    told = json.loads(out)
    assert (status, told["verdict"]) == (3, "unknown")
    assert any(re.search(r"mine.py:\d+, 'n' has \d+ different", note) for note in told["notes"])
    assert "stopped: process 0 is undecided after 40 steps" in told["notes"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("raising", r"process 0 raised ValueError: oops \(.*mine.py, line \d+\)", 70),
        ("leaving", r"process 0 raised SystemExit: 5 \(.*mine.py, line \d+\)", 70),
        ("going", r"process 0 raised Gone: +\(.*mine.py, line \d+\)", 70),
        ("half", "the output of process 0 is 1.0, which is not a vertex: return an int from 0", 2),
    ],
)
def test_no_fault_of_a_program_is_a_refutation(run, program, engine, name, said, expected):
    words = ("path:3", "-n", "2", "--program", f"{program}:{name}")
    status, out, err = run("agree", "check", *words, *engine)
    assert (status, out) == (expected, "")
    assert re.search(said + ".*; inputs: 0 0; schedule: 0", err)
    given_inputs = ("--inputs", "1 2")
    status, _, err = run("agree", "check", *words, *engine, *given_inputs, "--format", "json")
    told = json.loads(err)
    assert status == told["status"] == expected
    assert re.search(said + ".*; inputs: 1 2; schedule: 0", told["error"])


@pytest.mark.parametrize(
    "more", [(), ("--inputs", "0 1", "--schedule", "0 1"), ("--on", "threads")]
)
@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("going", r"process \d raised Gone: +\(.*mine.py, line \d+\)", 70),
        ("half", "output of process 0 is 1.0, which is not a vertex: return an int from 0", 2),
        ("sharing", "impure program: the program changes the global 'SHELF', which all", 2),
    ],
)
def test_no_fault_in_a_run_is_a_refutation(run, program, more, name, said, expected):
    status, out, err = run(
        "agree", "run", "path:3", "-n", "2", "--program", f"{program}:{name}", *more
    )
    assert (status, out) == (expected, "")
    assert re.search(said, err)
    if name == "going" and "threads" not in more:
        assert "; inputs: " in err
        assert "; schedule: " in err


def test_a_violation_that_a_second_run_does_not_show_is_no_refutation(run, program):
    words = ("agree", "run", "path:3", "-n", "2", "--program", f"{program}:lots", "--runs", "99")
    status, out, err = run(*words, "--inputs", "1 1")
    assert (status, out) == (2, "")
    assert "impure program: " in err
    assert "in the same run, process" in err


# SPIN


@pytest.mark.parametrize(
    ("extra", "errors", "status"), [(0, 0, 0), (1, 0, 0), (2, 0, 1), (0, 1, 1)]
)
def test_spin_is_compared(run, monkeypatch, extra, errors, status):
    def spin(model):
        assert "proctype" in model["model.pml"]
        return SpinResult(106 + extra, 1, errors, 0.5, 1.0)

    monkeypatch.setattr(model_check, "run_spin", spin)
    words = ("agree", "check", "path:2", "--rounds", "1", "--inputs", "0 1 0", "--spin")
    found, out, _ = run(*words)
    assert found == status
    assert ("SPIN found something else" in out) == bool(status)
    said = "1 error" if errors else "0 errors"
    assert f"{106 + extra:,} states, {said}, 0.5 s" in words_of(out)
    told = json.loads(run(*words, "--format", "json", "--out", "model")[1])
    assert told["spin"]["states"] == 106 + extra


def test_spin_must_find_the_counterexample_too(run, monkeypatch, tmp_path):
    monkeypatch.setattr(model_check, "run_spin", lambda model: SpinResult(1, 1, 1, 0.5, 1.0))
    words = ("agree", "check", "path:5", "--rounds", "1", "--inputs", "0 2 4", "--spin")
    out = run(*words, "--out", "model")[1]
    assert "SPIN found something else" not in out
    written = {path.name for path in (tmp_path / "model").iterdir()}
    assert written == {"model.pml", "tables.h", "steps.h", "counterexample.svg"}


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
    whole = runs.drive

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


# Bad usage


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("check", "nowhere.g6"), "nowhere.g6"),
        (("check", "path:0"), "order must be at least 1, not 0"),
        (("check", "ring:4"), "ring"),
        (("check", "path:4", "-p", "walk"), "--protocol 'walk': choose from path, tree, block"),
        (("check", "cycle:4"), "cannot be dismantled"),
        (("check", "path:4", "--validity", "none"), "none"),
        (
            ("check", "path:4", "--inputs", "0 1"),
            "--inputs '0 1': give 3 vertices, one for each process, not 2",
        ),
        (("check", "path:4", "--inputs", "0 1 9"), "9"),
        (("check", "path:4", "--spin"), "--spin searches from one input vector"),
        (("check", "path:4", "--program", "x"), "write FILE.py:NAME or MODULE:NAME"),
        (("check", "path:4", "--program", "no_such:x"), "No module named 'no_such'"),
        (("check", "path:4", "--program", "mine.py:none"), "has no attribute 'none'"),
        (("check", "path:4", "--program", "mine.py:number"), "must be a generator function"),
        (
            ("check", "path:4", "--program", "a:b", "--rounds", "2"),
            "cannot combine --program with --protocol, --communication or --rounds",
        ),
        (("run", "path:4", "--schedule", "0"), "give --inputs too"),
        (("run", "path:4", "--schedule", "0 9", "--inputs", "0 1 2"), "9"),
        (("run", "path:4", "--scheduler", "fair"), "--scheduler 'fair': choose from"),
        (
            ("run", "path:4", "--program", "mine.py:lazy", "--on", "processes"),
            "runs the protocols of this package",
        ),
        (
            ("run", "path:4", "--inputs", "0 1 2", "--schedule", "0", "--on", "processes"),
            "--schedule is replayed in the simulator: leave out --on",
        ),
        (("graph", "edges.txt"), "connected"),
        (("graph", "three.txt"), "'three.txt': line 1: an edge is two words"),
        (("graph", "bad.g6"), "'bad.g6': graph6: "),
        (("graph", "."), "it is a directory, not a file"),
        (("graph", "path:100000"), "cannot make 'path:100000': a size is at most 99,999"),
        (("graph", "path:99999999999"), "a size is at most 99,999"),
        (("graph", "cycle:-3"), "order must be at least 3, not -3"),
    ],
)
def test_bad_usage_is_one_line(run, program, tmp_path, words, message):
    (tmp_path / "edges.txt").write_text("a b\nc d\n")
    (tmp_path / "three.txt").write_text("a b c\n")
    (tmp_path / "bad.g6").write_text("~~~~\n")
    status, out, err = run("agree", *words)
    assert (status, out) == (2, "")
    assert message in err
    assert err.startswith("ttkem: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [("-n", "0"), ("--limit", "0"), ("--engine", "fast")])
def test_options_out_of_range_are_refused(run, words):
    assert run("agree", "check", "path:3", *words)[0] == 2
