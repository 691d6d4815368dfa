"""ttkem verify: the catalogue's table."""

import json
import sys

import pytest

import models
import proofs
import ttkem
from agreement.verdict import Verdict
from ttkem.verification import runner
from ttkem.verification.claim import Finding, Refutes, refuted

FEW = ("verify", "path-2", "tree-2", "--jobs", "1")


def test_claims_are_checked_and_listed(run):
    status, out, err = run(*FEW)
    assert (status, err) == (0, "")
    assert "2 of 2 claims passed: held, with a twin that is refuted" in out
    out = run(*FEW, "--show")[1]
    assert "path-2, twin: " in out
    assert "schedule: " in out
    out = run("verify", "--list")[1]
    assert "path-2 (bounded)\n  statement: 2 processes agree by thirds on the path P9" in out
    assert out.count("  twin: ") == len(models.CLAIMS + proofs.CLAIMS)
    named = json.loads(run("verify", "--list", "--format", "json")[1])
    everything = models.CLAIMS + proofs.CLAIMS
    assert [claim["name"] for claim in named] == [claim.name for claim in everything]


def test_json_tells_all(run):
    status, out, _ = run(*FEW, "--format", "json")
    assert status == 0
    told = {claim["name"]: claim for claim in json.loads(out)}
    assert told["path-2"]["verdict"] == "holds"
    assert told["path-2"]["twin_verdict"] == "refuted"
    assert told["path-2"]["figures"]["inputs"] == 81
    assert told["path-2"]["passes"] is True
    assert "schedule" in told["path-2"]["counterexample"]


def test_a_claim_that_does_not_hold_is_status_1(run, monkeypatch):
    def wrong(claims, jobs, tick):
        for claim in claims:
            yield runner.Result(
                claim.name,
                refuted("seen"),
                refuted("a run"),
                Refutes.STATEMENT,
                1.0,
            )

    monkeypatch.setattr(runner, "run_all", wrong)
    status, out, _ = run(*FEW)
    assert status == 1
    assert "path-2 FAILS: seen" in out
    assert "0 of 2 claims passed" in out


def test_a_claim_that_is_undecided_is_status_3(run, monkeypatch):
    unknown = runner.Result(
        "path-2",
        Finding(Verdict.UNKNOWN, shown="timeout"),
        refuted("a run"),
        Refutes.STATEMENT,
        1.0,
    )
    monkeypatch.setattr(runner, "run_all", lambda claims, *_: [unknown])
    status, out, _ = run("verify", "path-2")
    assert status == 3
    assert "path-2 is UNDECIDED: timeout" in out


def test_a_catalogue_or_what_is_quick_can_be_chosen(run, tmp_path):
    def listed(*options):
        return {
            each["name"]
            for each in json.loads(run("verify", "--list", "--format", "json", *options)[1])
        }

    bounded, theorems = (
        {claim.name for claim in claims} for claims in (models.CLAIMS, proofs.CLAIMS)
    )
    slow = {claim.name for claim in models.CLAIMS + proofs.CLAIMS if claim.slow}
    assert listed("--catalogue", "models") == bounded
    assert listed("--catalogue", "proofs") == theorems
    assert listed("--quick") == (bounded | theorems) - slow
    status, out, _ = run(*FEW, "taint-windows", "--quick", "--out", str(tmp_path))
    assert status == 0
    assert "left out by --quick: taint-windows" in out
    told = json.loads((tmp_path / "claims.json").read_text())
    assert [claim["name"] for claim in told] == ["path-2", "tree-2"]
    status, _, err = run("verify", "taint-windows", "--quick")
    assert status == 2
    assert err == "ttkem: --quick leaves nothing to check of taint-windows: omit --quick\n"


def test_a_twin_that_is_not_refuted_is_status_1(run, monkeypatch):
    good = Finding(Verdict.HOLDS, (("states", 1),))
    result = runner.Result("path-2", good, good, Refutes.STATEMENT, 1.0)
    monkeypatch.setattr(runner, "run_all", lambda claims, *_: [result])
    status, out, _ = run("verify", "path-2")
    assert status == 1
    assert "path-2 FAILS: its twin must refute the claim's statement, but is not refuted" in out


def test_reasons_for_missing_witness_traces_are_shown(run, monkeypatch):
    noted = Finding(Verdict.HOLDS, (("questions", 1),), "no witness trace has 'x': never made")
    result = runner.Result("path-2", noted, refuted("a run"), Refutes.STATEMENT, 1.0)
    monkeypatch.setattr(runner, "run_all", lambda claims, *_: [result])
    status, out, _ = run("verify", "path-2", "--show")
    assert status == 0
    assert "path-2: no witness trace has 'x': never made" in out


CLAIMS_FILE = """
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Refutes, refuted


def even(numbers):
    odd = [number for number in numbers if number % 2]
    if odd:
        return refuted(f"{odd[0]} is odd")
    return Finding(Verdict.HOLDS, (("numbers", len(numbers)),))


def check(tick):
    return even([2 * number for number in range(9)])


def refute(tick):
    return even([3 * number for number in range(9)])


CLAIMS = (
    Claim("doubles", "doubles are even", "here", "9 numbers", check, "triples", refute,
          Refutes.STATEMENT, trusts="arithmetic"),
)
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A package of claims in the current directory, imported anew."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("ownpackage", "ownpackage.claims"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "ownpackage").mkdir()
    (tmp_path / "ownpackage" / "__init__.py").write_text("")
    return tmp_path / "ownpackage" / "claims.py"


def test_anybodys_claims_are_checked_from_the_current_directory(run, own):
    own.write_text(CLAIMS_FILE)
    status, out, err = run("verify", "--claims", "ownpackage.claims", "--format", "json")
    assert (status, err) == (0, "")
    (told,) = json.loads(out)
    assert (told["name"], told["verdict"], told["twin_verdict"]) == ("doubles", "holds", "refuted")
    assert (told["counterexample"], told["refutes"]) == ("3 is odd", "the claim's statement")
    assert told["file"] == "ownpackage/claims.py"
    status, out, err = run("verify", "--claims", "ownpackage.claims", "--catalogue", "proofs")
    assert (status, err) == (
        2,
        "ttkem: cannot use --claims and --catalogue together: omit one of them\n",
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("    raise SystemExit(0)", "its check raised SystemExit at "),
        ("    import os; os.kill(os.getpid(), 9)", "a process ended in the middle of a check"),
        ("    return True", "its check returned True, not a Finding"),
    ],
)
def test_a_check_that_ends_the_process_has_not_held(run, own, wrong, words):
    """With several claims the checks run in other processes, where one may be killed."""
    more = CLAIMS_FILE.replace("def check(tick):", f"def check(tick):\n{wrong}\ndef unused():")
    own.write_text(
        more + 'import dataclasses\nCLAIMS += (dataclasses.replace(CLAIMS[0], name="x"),)'
    )
    status, out, err = run("verify", "--claims", "ownpackage.claims", "--jobs", "2")
    assert (status, out) == (2, "")
    assert words in err


def test_a_module_that_exits_has_no_claims(run, own):
    own.write_text("raise SystemExit(0)")
    status, out, err = run("verify", "--claims", "ownpackage.claims")
    assert (status, out) == (2, "")
    assert "importing it raised SystemExit: 0" in err


def test_claims_that_other_processes_cannot_import(run, own):
    text = CLAIMS_FILE.replace('check, "triples"', 'lambda tick: check(tick), "triples"')
    own.write_text(
        text + 'import dataclasses\nCLAIMS += (dataclasses.replace(CLAIMS[0], name="x"),)'
    )
    status, _, err = run("verify", "--claims", "ownpackage.claims", "--jobs", "2")
    assert status == 2
    assert "cannot check claim 'doubles' in another process: " in err
    assert "define check and refute as functions of a module, or give --jobs 1" in err
    assert run("verify", "--claims", "ownpackage.claims", "--jobs", "1")[0] == 0


def test_ctrl_c_prints_what_is_done_and_is_status_3(run, monkeypatch):
    everything = runner.run_all

    def interrupted(claims, jobs, tick):
        yield from everything(claims[:1], jobs, tick)
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_all", interrupted)
    status, out, _ = run(*FEW)
    assert status == 3
    assert "1 of 1 claim passed" in out
    assert "interrupted: 1 claim not checked" in out


def test_bad_usage(run, monkeypatch):
    status, out, err = run("verify", "path-9")
    assert (status, out) == (2, "")
    assert err.startswith("ttkem: unknown claim 'path-9' among these ")
    assert run("verify", "--jobs", "0")[0] == 2


def test_catalogues_are_those_beside_the_package(run, monkeypatch, tmp_path):
    other = type(sys)("models")
    other.__file__ = str(tmp_path / "models" / "__init__.py")
    other.CLAIMS = proofs.CLAIMS
    monkeypatch.setitem(sys.modules, "models", other)
    status, out, err = run("verify", "--list")
    assert (status, out) == (2, "")
    assert f"Python finds another 'models' first, {other.__file__}; run ttkem in another" in err
    monkeypatch.setattr(ttkem, "__file__", str(tmp_path / "ttkem" / "__init__.py"))
    status, out, err = run("verify", "--list")
    assert (status, out) == (2, "")
    assert "models/ and proofs/ are in the source repository only" in err
    assert "or check claims of your own with --claims mypackage.claims" in err
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").touch()
    assert run("verify", "--list")[0] == 2
