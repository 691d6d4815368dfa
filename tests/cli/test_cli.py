import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ttkem
from ttkem.adversary import TaintRules
from ttkem.cli.files import check_writable, save
from ttkem.cli.simulate import paper_comparison, trace_replay
from ttkem.errors import LocalError
from ttkem.simulation import Disagreement, demo_trace, replay, trace_workload
from ttkem.simulation import Scheme as SchemeName

SMALL = ("simulate", "--max-scale", "4", "--seeds", "2", "--jobs", "1")


def test_version(run):
    assert run("--version") == (0, f"ttkem {ttkem.__version__}\n", "")


HEAVY = {"cryptography", "hypothesis", "matplotlib", "models", "numpy", "proofs", "rpds", "z3"}


def test_help_names_the_commands_and_imports_nothing_heavy():
    program = (
        "import sys; from ttkem.cli import main; sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "finally: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter and the library under test
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "simulate" in done.stdout
    assert HEAVY.isdisjoint(done.stderr.split())


def test_the_comparison_is_printed_and_written(run, tmp_path):
    status, out, err = run(*SMALL)
    assert (status, err) == (0, "")
    for words in ("uniform: encryptions per user", "per administrator", "crosses at", "Seeds from"):
        assert words in out
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert written == {f"simulation.{kind}" for kind in ("csv", "json", "png", "svg")}
    assert json.loads((tmp_path / "out/simulation.json").read_text())["schema"] == 1


def test_json_alone_on_standard_output(run, tmp_path):
    status, out, err = run(*SMALL, "--format", "json", "--setting", "zipf", "--out", "else/where")
    assert status == 0
    assert {record["setting"] for record in json.loads(out)["records"]} == {"zipf"}
    assert "Written to" in err
    assert (tmp_path / "else/where/simulation.json").read_text() == out


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_jobs(run):
    once = run(*SMALL, "--format", "json", "--seed", "5")[1]
    again = run(*SMALL[:-1], "2", "--format", "json", "--seed", "5")[1]
    assert once == again
    assert once != run(*SMALL, "--format", "json", "--seed", "6")[1]


def test_one_scheme_has_nothing_to_cross(run):
    out = run(*SMALL, "--scheme", "TTKEM")[1]
    assert "crosses at" not in out
    assert "TKEM_commit" not in out
    assert "commit against" not in run(*SMALL, "--scheme", "TTKEM", "--scheme", "TKEM")[1]


def test_a_trace_is_replayed(run, tmp_path):
    file = tmp_path / "trace.csv"
    file.write_text("time,member\n1,a\n2,b\n3,c\n4,a\n5,b\n")
    status, out, err = run("simulate", "--trace", str(file), "--scheme", "TTKEM")
    assert (status, err) == (0, "")
    assert "trace.csv" in out
    assert "keys equal" not in out
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {f"replay.{kind}" for kind in ("csv", "json", "png", "svg")}


def test_the_shipped_trace_with_idle_members(run, tmp_path):
    status, out, _ = run("simulate", "--demo-trace", "--idle", "7", "--format", "json")
    assert status == 0
    expected = replay(trace_workload(demo_trace(), idle_days=7), SchemeName.TTKEM)
    told = {r["scheme"]: r for r in json.loads(out)["replays"]}
    assert told["TTKEM"]["encryptions"] == expected.encryptions
    lines = (tmp_path / "out/replay.csv").read_text().splitlines()[1:]
    assert sum(int(row["TTKEM"]) for row in csv.DictReader(lines)) == expected.encryptions


def test_a_real_replay_says_that_all_keys_agreed(run, tmp_path):
    file = tmp_path / "trace.csv"
    file.write_text("time,member\n1,a\n2,b\n3,c\n4,a\n5,b\n")
    status, out, _ = run("simulate", "--trace", str(file), "--real", "--suite", "3", "--seed", "8")
    assert status == 0
    assert "epochs, all keys equal" in out
    told = " ".join(out.split())
    assert "cipher suite 3, seed 8: every member processed every message" in told


def test_a_protocol_of_ones_own_is_replayed_beside_the_papers(run, tmp_path):
    file = tmp_path / "trace.csv"
    file.write_text("time,member\n1,a\n2,b\n3,c\n4,a\n5,b\n")
    words = ("simulate", "--trace", str(file), "--real", "--cgka", "ttkem.mls.cgka:mls_cgka")
    status, out, _ = run(*words, "--cgka", "ttkem.mls.cgka:tainted_mls_cgka")
    assert status == 0
    assert "all group keys were equal in every epoch." in " ".join(out.split())
    told = json.loads((tmp_path / "out/replay.json").read_text())["replays"]
    assert [r["scheme"] for r in told] == ["MLS", "Tainted MLS"]
    assert [(r["operations"], r["encryptions"]) for r in told] == [(7, 7), (7, 7)]
    status, out, _ = run(*words, "--scheme", "TTKEM", "--format", "json")
    assert [r["scheme"] for r in json.loads(out)["replays"]] == ["TTKEM", "MLS"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--demo-trace", "--cgka", "ttkem.mls.cgka:mls_cgka"), "--cgka goes with --real"),
        (
            ("--demo-trace", "--real", "--cgka", "mls"),
            "cannot import protocol 'mls': write it as module:name",
        ),
        (("--trace", "nowhere.csv"), "cannot read nowhere.csv: No such file"),
        (("--real",), "go with --trace"),
        (("--idle", "3"), "go with --trace"),
        (("--demo-trace", "--trace", "x"), "exclude each other: give one"),
        (("--demo-trace", "--idle", "-3"), "positive number of days"),
        (("--demo-trace", "--real", "--suite", "99"), "unknown cipher suite 99"),
        (("--demo-trace", "--suite", "99"), "--suite goes with --real"),
        (("--suite", "1"), "--suite goes with --real"),
        (("--scheme", "ART"), "'ART': choose from TKEM, TKEM_commit, TTKEM"),
        (("--setting", "all"), "'all': choose from administrators, uniform, zipf"),
        (
            ("--min-scale", "5", "--max-scale", "4"),
            "cannot simulate scales 5 to 4: choose an ascending range",
        ),
    ],
)
def test_bad_usage_is_one_line_and_status_2(run, words, message):
    status, out, err = run("simulate", *words)
    assert (status, out) == (2, "")
    assert message in err
    assert err.startswith("ttkem: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [("--max-scale", "2"), ("--seeds", "0"), ("--format", "xml")])
def test_options_out_of_range_are_status_2(run, words):
    assert run("simulate", *words)[0] == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"who,when\n1,2\n", "trace.csv, line 1: the header must name time"),
        (b"time,member\nsoon,a\n", "trace.csv, line 2: 'soon' is not a time"),
        (b"time,member\n1,\xff\n", "is not a text file in UTF-8"),
        (b"", "trace.csv, line 1: the trace is empty"),
    ],
)
def test_a_bad_trace_is_named_with_its_line(run, tmp_path, content, message):
    (tmp_path / "trace.csv").write_bytes(content)
    status, _, err = run("simulate", "--trace", "trace.csv")
    assert status == 2
    assert message in err


def test_a_folder_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for words in (
        ("simulate", "--demo-trace"),
        SMALL,
        ("attack", "--budget", "10", "--jobs", "1"),
        ("bounds",),
        ("mls", "illegal"),
    ):
        for folder in ("file", "file/below"):
            status, out, err = run(*words, "--out", folder)
            assert (status, out) == (2, "")
            assert err.startswith(f"ttkem: cannot write to {folder}: ")
            assert err.count("\n") == 1
    assert run("vectors", "generate", "file")[:2] == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_looked_at_before_the_work_and_left_as_it_was(tmp_path):
    check_writable(tmp_path / "some" / "where")
    check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_lost_meanwhile(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LocalError, match=r"cannot write to .*file: File exists"):
        save(tmp_path / "file", {"name": "content"})


@pytest.mark.parametrize(
    "words",
    [
        SMALL,
        ("simulate", "--demo-trace", "--scheme", "TTKEM"),
        ("bounds", "--out", "out"),
        ("attack", "--budget", "1500", "--jobs", "1"),
    ],
)
def test_files_are_written_though_nobody_reads_the_tables(run, monkeypatch, tmp_path, words):
    monkeypatch.setattr(TaintRules, "tainted", lambda rules, now: [])  # attack finds something
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        assert run(*words) == (141, "", "")
    assert list((tmp_path / "out").iterdir())


def test_without_matplotlib_there_is_no_figure_and_no_failure(run, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, _ = run(*SMALL, "--setting", "uniform")
    assert status == 0
    assert "No figure: cannot draw a figure: matplotlib is not installed" in out
    assert "pip install '.[plot]'" in " ".join(out.split())
    assert run("simulate", "--demo-trace")[0] == 0
    assert not list(tmp_path.glob("out/*.png"))


def test_a_disagreement_is_status_1(run, monkeypatch):
    def disagree(*_args, **_more):
        raise Disagreement("two keys")

    monkeypatch.setattr(trace_replay, "replay_for_real", disagree)
    status, _, err = run("simulate", "--demo-trace", "--real")
    assert (status, err) == (1, "ttkem: two keys\n")


def test_ctrl_c_writes_what_is_done_and_is_status_3(run, monkeypatch, tmp_path):
    class Stop:
        def __enter__(self):
            return self.show

        def __exit__(self, *_):
            return None

        def show(self, done, _total, _what):
            if done == 3:
                raise KeyboardInterrupt

    for module in (paper_comparison, trace_replay):
        monkeypatch.setattr(module, "progress", lambda _screen: Stop())
    status, _, err = run(*SMALL)
    assert status == 3
    assert "interrupted; what was done is printed and written" in err
    assert json.loads((tmp_path / "out/simulation.json").read_text())["interrupted"] is True
    status, out, err = run("simulate", "--demo-trace", "--real")
    assert status == 3
    assert "as far as it went, every member processed every message" in " ".join(out.split())
    document = json.loads((tmp_path / "out/replay.json").read_text())
    assert [(r["operations"], r["interrupted"]) for r in document["replays"]] == [(3, True)]


def test_ctrl_c_before_anything_is_done(run, monkeypatch, tmp_path):
    def stop(*_args, **_more):
        return paper_comparison.Results((), interrupted=True)

    monkeypatch.setattr(paper_comparison, "run_scales", stop)
    assert run(*SMALL)[0] == 3
    assert not list(tmp_path.glob("out/*.png"))


def test_the_installed_command_runs_from_anywhere(tmp_path):
    command = Path(sys.executable).with_name("ttkem")
    if not command.exists():
        pytest.skip("the package is not installed in this environment")
    done = subprocess.run(  # noqa: S603 - the command of this very package
        [command, "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.stdout == f"ttkem {ttkem.__version__}\n"


@pytest.mark.parametrize("words", [("bounds",), ("mls", "inspect", "message.hex")])
def test_ctrl_c_that_no_command_takes_is_a_line_and_status_3(run, monkeypatch, words):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ttkem.cli.bounds.report.run", interrupt)
    monkeypatch.setattr("pathlib.Path.read_bytes", interrupt)
    assert run(*words) == (3, "", "ttkem: interrupted before there was a result\n")
