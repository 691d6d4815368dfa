"""`ttkem agree solve`, `certificate` and `atlas`."""

import json
import sys

import pytest
from damaged_certificates import false_texts

from agreement.errors import AgreementError
from agreement.explore import Verdict as Checked
from agreement.graph import path
from agreement.solve import RefusedError, decide, load_atlas
from agreement.solve import atlas as atlas_module
from agreement.task import Task
from ttkem.cli import main
from ttkem.cli.agree import atlas as small_graphs
from ttkem.cli.agree import confirmation, solvability


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run_(*words):
        monkeypatch.setattr(sys, "argv", ["ttkem", "agree", *words])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    return run_


def flat(text):
    return " ".join(text.split())


# solve


def test_solvable(run, tmp_path):
    status, out, err = run("solve", "octahedron:3", "--twice", "--check", "--out", "found")
    assert (status, err) == (0, "")
    assert "1, and not in fewer" in out
    assert "CaDiCaL and z3" in out
    assert "holds for all inputs and schedules" in flat(out).replace("│ │ ", "")
    files = sorted(file.name for file in (tmp_path / "found").iterdir())
    assert files == [
        "certificate-1-arc-consistency.json",
        "certificate-2-decision-protocol.json",
        "protocol-complex.svg",
    ]
    status, out, _ = run("certificate", *(f"found/{name}" for name in files[:2]))
    assert status == 0
    assert out.count(": accepted by both checkers: ") == 2


def test_unsolvable(run, tmp_path):
    status, out, _ = run("solve", "cycle:5", "--twice", "--check", "--out", "found")
    assert status == 1
    assert "unsolvable in any number of rounds" in out
    assert (tmp_path / "found/obstruction.svg").exists()
    status, out, _ = run("solve", "cycle:5", "--format", "json")
    assert status == 1
    assert json.loads(out)["verdict"] == "unsolvable in any number of rounds"


def test_not_in_so_many_rounds(run):
    status, out, _ = run("solve", "path:5", "-n", "4", "--rounds", "1", "--format", "json")
    assert status == 1
    found = json.loads(out)
    assert (found["verdict"], found["refuted"]) == ("not solvable in that many rounds", 1)
    assert found["certificates"][1]["proves"].startswith("not solvable in 1 round:")


def test_unknown_and_partly_known(run):
    assert run("solve", "octahedron:3", "--facets", "10")[0] == 3
    status, out, _ = run("solve", "king:3x3", "--facets", "10")
    assert status == 0
    assert "at least 1, at most" in out
    status, out, _ = run("solve", "path:9", "--most", "2")
    assert (status, "3, and not in fewer" in out) == (0, True)
    assert run("solve", "king:3x3", "--most", "0", "-n", "1")[0] == 0


def test_validities_and_files(run, tmp_path):
    (tmp_path / "g.txt").write_text("a b\nb c\nc d\n")
    status, out, _ = run("solve", "g.txt", "--validity", "clique")
    assert status == 0
    assert "clique validity" in flat(out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere.g6",), "is not the name of a graph"),
        (("bad.txt",), "line 2: an edge is two words"),
        (("apart.txt",), "the graph is not connected: no path from a to c"),
        (("path:3", "--validity", "fair"), "there is no validity 'fair'"),
        (("path:3", "-n", "7"), "cannot decide for 7 processes: give 1 to 6"),
        (("path:63",), "up to 62 vertices"),
    ],
)
def test_bad_input_is_one_line_and_status_2(run, tmp_path, words, message):
    (tmp_path / "bad.txt").write_text("a b\na b c\n")
    (tmp_path / "apart.txt").write_text("a b\nc d\n")
    status, out, err = run("solve", *words)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_numbers_out_of_range_are_status_2(run):
    assert run("solve", "path:3", "-n", "0")[0] == 2
    assert run("solve", "path:3", "--rounds", "-1")[0] == 2


def test_a_missing_solver_is_one_line_and_status_2(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    status, _, err = run("solve", "cycle:4", "--twice")
    assert status == 2
    assert err == (
        "ttkem: cannot decide a formula without python-sat >= 1.9.dev16: "
        "run pip install 'python-sat>=1.9.dev16' "
        "(or, in a checkout of ttkem, pip install '.[proofs]')\n"
    )
    assert run("solve", "path:5")[0] == 0  # which takes no solver


def test_without_matplotlib_there_are_no_pictures(run, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "agreement.solve.pictures", None)
    status, out, _ = run("solve", "path:3", "--out", "found")
    assert status == 0
    assert "No pictures: matplotlib is not installed" in out
    assert "pip install '.[plot]'" in " ".join(out.split())
    assert not list((tmp_path / "found").glob("*.svg"))


def test_a_protocol_that_the_checker_refutes_is_an_error(monkeypatch):
    decision = decide(Task(path(3)), 2)

    class Report:
        verdict = Checked.REFUTED

    monkeypatch.setattr(solvability, "check_protocol", lambda *_, **__: Report)
    with pytest.raises(AgreementError, match="the checker finds that the protocol is refuted"):
        solvability.check_found_protocol(decision)


def test_a_certificate_of_ours_that_is_refused_is_one_line(run, monkeypatch):
    def refuse(_document):
        raise RefusedError("no good")

    monkeypatch.setattr(confirmation, "check_certificate_text", refuse)
    status, _, err = run("solve", "path:3")
    assert (status, err) == (
        2,
        "ttkem: both checkers refuse a certificate that we found: no good\n",
    )


# certificate


def test_damaged_certificates_are_refused(run, tmp_path):
    run("solve", "cycle:4", "--out", "found")
    (file,) = (tmp_path / "found").glob("*.json")
    document = json.loads(file.read_text())
    document["proof"]["factors"].pop()
    file.write_text(json.dumps(document))
    (tmp_path / "text.json").write_text("no JSON")
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "list.json").write_text("[]")
    status, out, _ = run("certificate", str(file), "text.json", "other.json", "list.json")
    assert status == 1
    assert out.count("REFUSED") == 4
    assert "text.json: REFUSED by both checkers: the file is not JSON in UTF-8: " in out
    assert "other.json: REFUSED by both checkers: certificate must have just the keys " in out
    assert "list.json: REFUSED by both checkers: certificate must be an object, not list" in out
    status, out, _ = run("certificate", str(file), "--format", "json")
    (said,) = json.loads(out)
    assert (status, said["accepted"]) == (1, False)
    assert {name: answer["accepted"] for name, answer in said["answers"].items()} == {
        "certificate_checker": False,
        "second_checker": False,
    }
    assert said["says"] == said["answers"]["certificate_checker"]["says"]


@pytest.mark.parametrize("lenient", ["certificate_checker", "second_checker"])
def test_a_disagreement_of_the_checkers_is_an_internal_error(run, monkeypatch, tmp_path, lenient):
    """One of them accepts all it can read; the files after it are checked all the same."""
    monkeypatch.setattr(f"agreement.solve.{lenient}.check", lambda _document: "all is well")
    (tmp_path / "other.json").write_text("{}")
    status, out, err = run("certificate", "other.json", "other.json")
    assert (status, err) == (70, "")
    assert out.count("other.json: INTERNAL ERROR: the two checkers disagree, so nothing ") == 2
    assert f"{lenient}: accepted: all is well" in out
    status, out, _ = run("certificate", "other.json", "--format", "json")
    (said,) = json.loads(out)
    assert (status, said["accepted"]) == (70, False)
    assert {name: answer["accepted"] for name, answer in said["answers"].items()} == {
        name: name == lenient for name in ("certificate_checker", "second_checker")
    }
    status, _, err = run("solve", "path:3")
    assert status == 70
    assert "CheckersDisagreeError: the two checkers disagree" in err


@pytest.mark.parametrize(("name", "text"), false_texts()[:-2])
def test_texts_that_are_no_certificates_are_refused(run, tmp_path, name, text):
    (tmp_path / "found.json").write_bytes(text)
    status, out, _ = run("certificate", "found.json")
    assert (status, out.count("found.json: REFUSED by both checkers: ")) == (1, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.json", "cannot read missing.json: No such file or directory"),
        (".", "cannot read .: Is a directory"),
        ("binary", "cannot read binary: it is not a text file in UTF-8"),
    ],
)
def test_certificates_that_cannot_be_read_are_status_2(run, tmp_path, name, said):
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    assert run("certificate", name) == (2, "", f"ttkem: {said}\n")


def stop(*_args, **_more):
    raise KeyboardInterrupt


def test_an_interrupted_comparison_shows_what_was_decided(run, monkeypatch):
    monkeypatch.setattr(solvability, "compare", stop)
    status, out, _ = run("solve", "path:3", "--twice")
    assert status == 3
    assert "solvable" in out
    assert "interrupted: not all comparisons and checks were done" in flat(out)
    monkeypatch.setattr(solvability, "decide", stop)
    status, out, err = run("solve", "path:3")
    assert (status, err) == (3, "")
    assert "unknown" in out
    assert "interrupted: the bounds so far" in flat(out)


# atlas


@pytest.mark.parametrize("words", [("--out", "nn"), ("--executor", "foo"), ("--jobs", "2")])
def test_options_of_the_computation_take_anew(run, words):
    status, out, err = run("atlas", *words)
    assert (status, out) == (2, "")
    assert err == f"ttkem: {words[0]} is for computing the atlas: give --anew too\n"


def test_the_atlas_is_shown(run):
    status, out, _ = run("atlas")
    assert status == 0
    assert "996 graphs" in out
    assert "539" in out
    status, out, _ = run("atlas", "--order", "4", "--format", "json")
    entries = json.loads(out)
    assert len(entries) == 10
    assert len(entries[0]["answers"]) == 8


def test_the_atlas_anew(run, tmp_path):
    words = ("atlas", "--anew", "--order", "4", "--jobs", "1")
    status, out, _ = run(*words, "--check", "--out", "new")
    assert status == 0
    assert "the same verdicts and numbers of rounds as shipped" in flat(out)
    assert (tmp_path / "new/atlas.json.gz").exists()
    status, out, err = run(*words, "--format", "json")
    assert (status, len(json.loads(out))) == (0, 10)
    assert "the same verdicts" in err


def test_the_atlas_by_several_processes(run):
    assert run("atlas", "--anew", "--order", "3", "--jobs", "2")[0] == 0


def test_the_atlas_on_a_cluster(run):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        status, out, _ = run("atlas", "--anew", "--order", "3", "--executor", f"dask://{address}")
    assert status == 0
    assert "the same verdicts" in out


@pytest.mark.parametrize("executor", ["dask://", "slurm://there:1", "there"])
def test_executors_that_are_none(run, executor):
    status, _, err = run("atlas", "--anew", "--executor", executor)
    assert (status, err.count("\n")) == (2, 1)
    assert "write dask://host:port" in err


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(run, monkeypatch, tmp_path):
    calls = []

    def interrupted(job, arguments):
        for argument in arguments:
            if len(calls) == 4:
                raise KeyboardInterrupt
            calls.append(argument)
            yield job(argument)

    class Runner:
        def __init__(self, run_):
            self.run = run_

        def __enter__(self):
            return self.run

        def __exit__(self, *_):
            return None

    words = ("atlas", "--anew", "--order", "4", "--out", "new")
    monkeypatch.setattr(small_graphs, "_runner", lambda _: Runner(interrupted))
    status, out, _ = run(*words)
    assert status == 3
    assert "interrupted after 4 of 10 graphs: kept in new" in flat(out)
    journal = tmp_path / "new/atlas.partial.jsonl"
    assert len(journal.read_text().splitlines()) == 4
    journal.write_text(journal.read_text() + '[9, [["half')
    done = []

    def rest(job, arguments):
        done.extend(arguments)
        return map(job, arguments)

    monkeypatch.setattr(small_graphs, "_runner", lambda _: Runner(rest))
    assert run(*words)[0] == 0
    assert len(done) == 6
    calls.clear()
    monkeypatch.setattr(small_graphs, "_runner", lambda _: Runner(interrupted))
    assert "lost, since --out was not given" in flat(run(*words[:-2])[1])


def test_an_answer_that_differs_is_status_1(run, monkeypatch):
    shipped = load_atlas()
    changed = {**shipped.answers, 3: shipped.answers[16]}
    monkeypatch.setattr(small_graphs, "load_atlas", lambda: atlas_module.Atlas(changed))
    status, out, _ = run("atlas", "--anew", "--order", "2", "--jobs", "1")
    assert status == 1
    assert "the answers differ from the shipped ones for graphs [3]" in out


def test_a_folder_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    status, _, err = run("atlas", "--anew", "--order", "1", "--jobs", "1", "--out", "file")
    assert status == 2
    assert "cannot write to file" in err


def test_workers_leave_ctrl_c_to_who_keeps_the_results(monkeypatch):
    seen = []
    monkeypatch.setattr(small_graphs.signal, "signal", lambda *what: seen.append(what))
    small_graphs.ignore_interrupts()
    assert seen == [(small_graphs.signal.SIGINT, small_graphs.signal.SIG_IGN)]


def test_scripts_beside_the_command_are_no_modules(run, tmp_path, monkeypatch):
    """python-sat installs a script models.py where the command is."""
    monkeypatch.setattr(sys, "path", [str(tmp_path.resolve()), *sys.path])
    before = len(sys.path)
    assert run("graph", "path:2")[0] == 0
    assert len(sys.path) == before - 1
    assert run("graph", "path:2")[0] == 0
    assert len(sys.path) == before - 1
