"""ttkem verify: the catalogue's table."""

import json
import sys

import models
import proofs
from agreement.explore import Verdict
from models import running
from models.claim import Finding

FEW = ("verify", "path-2", "tree-2", "--jobs", "1")


def test_claims_are_checked_and_listed(run):
    status, out, err = run(*FEW)
    assert (status, err) == (0, "")
    assert "2 of 2 claims passed: held, with a twin that is refuted" in out
    out = run(*FEW, "--show")[1]
    assert "path-2, twin: " in out
    assert "schedule: " in out
    out = run("verify", "--list")[1]
    assert "path-2 (bounded)\n  statement: thirds: 2 processes agree on the path P9" in out
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
            yield running.Result(
                claim.name,
                Finding(Verdict.REFUTED, shown="seen"),
                Finding(Verdict.REFUTED),
                1.0,
            )

    monkeypatch.setattr(running, "run_all", wrong)
    status, out, _ = run(*FEW)
    assert status == 1
    assert "path-2 FAILS: seen" in out
    assert "0 of 2 claims passed" in out


def test_a_claim_that_is_undecided_is_status_3(run, monkeypatch):
    unknown = running.Result(
        "path-2", Finding(Verdict.UNKNOWN, shown="timeout"), Finding(Verdict.REFUTED), 1.0
    )
    monkeypatch.setattr(running, "run_all", lambda claims, *_: [unknown])
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
    good = Finding(Verdict.HOLDS)
    monkeypatch.setattr(
        running, "run_all", lambda claims, *_: [running.Result("path-2", good, good, 1.0)]
    )
    status, out, _ = run("verify", "path-2")
    assert status == 1
    assert "path-2 FAILS: its twin holds, and must be refuted" in out


def test_ctrl_c_prints_what_is_done_and_is_status_3(run, monkeypatch):
    everything = running.run_all

    def interrupted(claims, jobs, tick):
        yield from everything(claims[:1], jobs, tick)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run_all", interrupted)
    status, out, _ = run(*FEW)
    assert status == 3
    assert "1 of 1 claim passed" in out
    assert "interrupted: 1 claim not checked" in out


def test_bad_usage(run, monkeypatch):
    status, out, err = run("verify", "path-9")
    assert (status, out) == (2, "")
    assert err.startswith("ttkem: there is no claim 'path-9' among these ")
    assert run("verify", "--jobs", "0")[0] == 2
    monkeypatch.setitem(sys.modules, "models", None)
    status, _, err = run("verify")
    assert status == 2
    assert "part of the source, not of the package" in err
