"""ttkem attack --cgka: anybody's protocol, by recorded cryptography or by its symbolic model."""

import json

import pytest

from ttkem.adversary import read_trace
from ttkem.cli.attack import own_protocol
from ttkem.cli.attack.command import _contracts
from ttkem.testing import CONTRACTS, RecordedReport, recorded_campaign
from ttkem.testing.contract_table import ContractTable

TTKEM = "ttkem.tainted:tainted_treekem"
MISDECLARED = "attacked_protocols:misdeclared"


@pytest.fixture
def unshrunk(monkeypatch):
    """Leave failing runs as they are, which is quicker."""
    monkeypatch.setattr(recorded_campaign, "_shrink", lambda planned, found: None)


def attack(*words):
    return ("attack", "--jobs", "1", "--steps", "40", "--cgka", *words)


def test_a_protocol_that_holds(run, tmp_path):
    status, out, err = run(*attack(TTKEM))
    assert (status, err) == (0, "")
    assert f"TTKEM ({TTKEM}), recorded cryptography, seed 0: 1 run, 40 steps" in out
    assert "compared" in out
    assert "contract 'Tainted" in out
    assert "Strongest contract that no run contradicted: a leak" in out
    assert out.endswith("0 failing runs\n")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_promise_is_printed_written_and_replayed(run, tmp_path, unshrunk):
    status, out, _ = run(*attack(MISDECLARED, "--out", "found", "--steps", "20"))
    assert status == 1
    assert "\nFOUND " in out
    assert "'per epoch' calls safe" in out
    assert "again: ttkem attack --replay attack-0.json" in out
    assert out.endswith("1 failing run\nWritten to found: attack-0.json\n")
    path = tmp_path / "found" / "attack-0.json"
    assert read_trace(path.read_text()).protocol == MISDECLARED
    status, out, _ = run("attack", "--replay", str(path))
    assert (status, "1 finding" in out) == (1, True)
    status, out, _ = run("attack", "--replay", str(path), "--contract", "nothing")
    assert (status, "0 findings" in out) == (0, True)


def test_the_contract_is_an_option(run, unshrunk):
    status, out, _ = run(
        *attack(MISDECLARED, "--contract", "Tainted TreeKEM", "--strategy", "fork")
    )
    assert (status, "FOUND" in out) == (0, False)
    status, out, _ = run(*attack(TTKEM, "--contract", "per epoch"))
    assert status == 1
    assert "again: ttkem attack --contract 'per epoch' --replay attack-0.json" in out


def test_json_alone_on_standard_output(run, unshrunk):
    status, out, err = run(*attack(MISDECLARED, "--format", "json"))
    told = json.loads(out)
    assert (status, told["failed"], told["runs"]) == (1, 1, 1)
    assert told["campaign"]["contract"] == "per epoch"
    assert told["found"][0]["replay"]["protocol"] == MISDECLARED
    assert told["found"][0]["story"]
    assert {line["level"] for line in told["contract"]} > {"never", "none", "the next epoch"}
    assert told["strongest"]["healing"] == "the member's next own update"
    assert told["public"] == 0
    assert "Written to out: attack-0.json" in err


def test_what_was_not_seen_is_said_first_and_is_status_3(run):
    status, out, _ = run(*attack("attacked_protocols:Hidden", "--real"))
    assert status == 3
    assert out.startswith(
        "How keys are computed was not seen; only the rules of the game were checked.\n"
    )
    assert "0 failing runs" in out
    status, out, _ = run(*attack("attacked_protocols:Hidden", "--format", "json"))
    assert status == 3
    assert json.loads(out)["notes"][0].startswith("how keys are computed was not seen")


def test_a_symbolic_model(run, tmp_path):
    status, out, _ = run(*attack("attacked_protocols:Modelled"))
    assert status == 0
    assert "attacked_protocols:Modelled (symbolic model), symbolic, seed 0: 1 run" in out
    status, out, _ = run(*attack("attacked_protocols:BrokenModel", "--steps", "600"))
    assert status == 1
    assert "FOUND unsound" in out
    path = tmp_path / "out" / "attack-0.json"
    assert (
        read_trace(path.read_text()).protocol == "attacked_protocols:BrokenModel (symbolic model)"
    )
    status, out, _ = run("attack", "--replay", str(path))
    assert status == 1
    assert "the same, bit for bit" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((TTKEM, "--contract", "X"), "unknown contract 'X': choose from Tainted TreeKEM, MLS, "),
        ((TTKEM, "--suite", "1"), "--suite does not go with --cgka"),
        ((TTKEM, "--symbolic"), "it has no method symbolic_model(names, seed)"),
        (("attacked_protocols:Modelled", "--contract", "MLS"), "add --real"),
        (("nowhere:to_be_found",), "cannot import protocol 'nowhere:to_be_found'"),
    ],
)
def test_bad_usage_is_status_2(run, words, complaint):
    status, _, err = run(*attack(*words))
    assert (status, err.count("\n")) == (2, 1)
    assert complaint in err


def test_a_contract_without_a_protocol_of_ones_own_is_status_2(run):
    status, _, err = run("attack", "--contract", "MLS")
    assert (status, "--contract goes with --cgka" in err) == (2, True)


def test_ctrl_c_is_status_3(run, monkeypatch):
    def stopped(planned, *, jobs, on_progress):
        report = RecordedReport(ContractTable(planned.contract), runs=1, steps=150)
        on_progress(report, 10)
        report.interrupted = True
        report.seen.reachable = 1
        return report

    monkeypatch.setattr(own_protocol, "run_recorded_campaign", stopped)
    status, _, err = run(*attack(TTKEM))
    assert status == 3
    assert "interrupted" in err


def test_the_names_of_contracts_are_completed():
    assert _contracts("") == list(CONTRACTS)
    assert _contracts("per") == ["per epoch"]
