"""Campaigns on recorded cryptography: what they find, count, and say that they did not see."""

from dataclasses import replace

import pytest

from ttkem.adversary import Add, Create, EraseKeys, Reject, Remove, SymbolicGame, Update
from ttkem.errors import LocalError
from ttkem.testing import (
    CONTRACTS,
    Contract,
    Forward,
    Healing,
    RecordedCampaign,
    Run,
    contract_of,
    recorded_campaign,
    run_recorded_campaign,
)
from ttkem.testing.protocol_import import import_protocol
from ttkem.testing.replaying import replay_any, run_black_box
from ttkem.testing.seen import NOT_ATTACKED, Seen
from ttkem.testing.symbolic_model import SYMBOLIC, GivenModel, has_symbolic_model

TTKEM, MLS = "ttkem.tainted:tainted_treekem", "ttkem.mls.cgka:mls_cgka"


def campaign(spec, contract=None, **more):
    contract = contract_of(import_protocol(spec), contract)
    return RecordedCampaign(spec, contract, **{"steps": 40, "length": 40, **more})


def test_nothing_is_found_in_what_holds():
    report = run_recorded_campaign(campaign(TTKEM, steps=160))
    assert (report.runs, report.steps, report.failed, report.found) == (4, 160, 0, [])
    assert report.seen.complete
    assert report.pairs == report.derivable + (report.pairs - report.derivable) > report.keys > 0
    assert report.sets > report.keys  # the table asks about each level
    strongest = report.table.strongest()
    assert strongest.healing is Healing.OWN_UPDATE
    assert report.table.verdict().startswith("strongest contract that no run contradicted: a leak")
    assert sum(report.strategies.values()) == 4


def test_the_table_of_mls_tells_one_leak_from_several():
    report = run_recorded_campaign(campaign(MLS, steps=240, length=60))
    assert report.failed == 0
    strongest = report.table.strongest()
    assert (strongest.healing, strongest.forward) == (Healing.OWN_OPERATION, Forward.EVERY_EPOCH)
    assert strongest.together is Forward.OWN_OPERATION
    assert "; several leaks together: a leak leaves safe those before" in report.table.verdict()
    lines = {line.level: line for line in report.table.lines()}
    assert lines[Forward.EVERY_EPOCH].contradicted == 0 < lines[Forward.EVERY_EPOCH].supported
    assert lines[Forward.EVERY_EPOCH].jointly_contradicted > 0
    assert lines[Forward.OWN_OPERATION].jointly_contradicted == 0
    assert [line.level for line in lines.values() if line.promised] == [
        Healing.OWN_OPERATION,
        Forward.EVERY_EPOCH,
    ]
    assert [line.level for line in lines.values() if line.jointly_promised] == [
        Healing.OWN_OPERATION,
        Forward.OWN_OPERATION,
    ]


def test_a_broken_promise_is_found_shrunk_and_replayed():
    seen = []
    report = run_recorded_campaign(
        campaign("attacked_protocols:misdeclared", steps=40, length=20),
        on_progress=lambda report, total: seen.append((report.runs, total)),
    )
    assert seen == [(2, 2)]
    assert report.failed == sum(found.runs for found in report.found) > 0
    found = report.found[0]
    assert found.rule in {"forward secrecy", "post-compromise security"}
    assert "'per epoch' calls safe" in found.seen
    assert found.story[-1].find("the group key of op") > 0
    assert len(found.trace.steps) < 10
    assert found.trace.protocol == "attacked_protocols:misdeclared"
    played, _ = replay_any(found.trace)
    assert [each.kind for each in played.found] == [found.rule]
    weaker, _ = run_black_box(found.trace, "nothing")
    assert weaker.found == ()


def test_findings_of_one_rule_are_one():
    protocol = campaign("attacked_protocols:misdeclared", strategies=("heal",))
    first = recorded_campaign._part((protocol, 0, 1))
    second = recorded_campaign._part((protocol, 1, 2))
    first.found[0].rule = second.found[0].rule = "the rule"
    kept = first.found[0]
    first.add(second)
    assert (first.found, kept.runs, first.failed, first.runs) == ([kept], 2, 2, 2)


def test_what_is_not_seen_is_said():
    report = run_recorded_campaign(campaign("attacked_protocols:Hidden"))
    assert report.failed == 0
    assert not report.seen.complete
    assert report.seen.unseen == report.seen.reachable > 0
    assert report.seen.lines()[0] == NOT_ATTACKED
    part = Seen(10, 3, 5, 2)
    part.add(Seen(10, 0, 5, 0))
    assert part.lines()[0].endswith(
        "3 of 20 pairs of a state and an epoch that its owner reaches did not give the key"
    )
    assert part.lines()[1].startswith("not understood: 2 bytes")
    assert Seen(3).lines() == ()
    travelled = Seen(3, hidden=40)
    travelled.add(Seen(2, hidden=1))
    (line,) = travelled.lines()
    assert line.startswith("not understood: 41 bytes that travelled; they look random")
    assert Seen(3).complete


def test_what_is_lacking_is_not_asked_for():
    report = run_recorded_campaign(campaign("attacked_protocols:bare", steps=120, length=60))
    assert report.failed == 0
    assert report.keys > 2
    run = Run(import_protocol("attacked_protocols:bare"), "s", ("ann", "bob"))
    run.accept(run.create("ann", "bob"))
    asked = (Add("ann", 1, 0), Remove("ann", 1, "bob"), Reject(0), EraseKeys("ann"))
    for step in (*asked, Create("ann", 1, ())):
        assert recorded_campaign._lacked(run, step)
    assert not recorded_campaign._lacked(run, Update("ann", 1))
    run.update("ann")
    assert recorded_campaign._lacked(run, Update("ann", 2))
    assert not recorded_campaign._lacked(run, Update("bob", 2))


def test_a_member_that_comes_back_is_only_asked_of_who_allows_it():
    def run_of(spec):
        run = Run(import_protocol(spec), "s", ("ann", "bob"))
        run.accept(run.create("ann", "bob"))
        run.sample("bob")
        return run

    assert not recorded_campaign._lacked(run_of(TTKEM), Add("ann", 1, 1))
    assert recorded_campaign._lacked(run_of("attacked_protocols:bare"), Create("bob", 1, ()))


def test_a_protocol_that_raises_breaks_a_rule():
    report = run_recorded_campaign(
        RecordedCampaign("attacked_protocols:Unmakeable", CONTRACTS["nothing"], steps=1)
    )
    (found,) = report.found
    assert (found.rule, found.trace.steps, report.steps) == ("must succeed", (), 0)
    assert "ZeroDivisionError" in found.seen


def test_a_run_that_ends_early_is_counted_but_not_judged():
    report = run_recorded_campaign(campaign("attacked_protocols:Refusing"))
    (found,) = report.found
    assert (found.rule, report.runs, report.keys, report.atoms) == ("must succeed", 1, 0, 0)
    assert found.seen.endswith("update: not now")
    assert 0 < len(found.trace.steps) <= report.steps < 40


def test_a_finding_that_does_not_come_again_is_kept(monkeypatch):
    monkeypatch.setattr(recorded_campaign, "replay", lambda *given, **named: (None, None))
    report = run_recorded_campaign(campaign("attacked_protocols:misdeclared"))
    assert len(report.found[0].trace.steps) == 40


def test_public_keys_leave_no_contract():
    report = run_recorded_campaign(campaign(TTKEM))
    report.table.public = 1
    assert report.table.verdict().startswith("no contract holds: anybody can compute group keys")
    empty = type(report.table)(CONTRACTS["nothing"])
    assert (empty.strongest().healing, empty.strongest().forward) == (Healing.NEVER, Forward.NEVER)
    assert empty.strongest().together is None


def test_ctrl_c_keeps_what_was_done():
    def stop(report, total):
        raise KeyboardInterrupt

    report = run_recorded_campaign(campaign(TTKEM), on_progress=stop)
    assert (report.interrupted, report.runs) == (True, 1)


def test_bad_parameters_are_refused():
    good = campaign(TTKEM)
    for bad, words in (
        (replace(good, strategies=("X",)), "unknown strategy 'X'"),
        (replace(good, strategies=()), "without a step and a strategy"),
        (replace(good, protocol="nowhere"), "write it as module:name"),
    ):
        with pytest.raises(LocalError, match=words):
            run_recorded_campaign(bad)
    with pytest.raises(LocalError, match="on 0 jobs"):
        run_recorded_campaign(good, jobs=0)


def test_a_given_model():
    assert has_symbolic_model(import_protocol("attacked_protocols:Modelled"))
    assert not has_symbolic_model(import_protocol(TTKEM))
    game = GivenModel("attacked_protocols:Modelled")(("ann",), "s")
    assert isinstance(game, SymbolicGame)
    assert (game.seed, set(game.states)) == ("s", {"ann"})
    played, outcomes = replay_any(
        replace(game.trace(), protocol=f"attacked_protocols:Modelled{SYMBOLIC}")
    )
    assert (played.found, outcomes, played.suite) == ((), (), 0)
    for name, words in (
        ("RaisingModel", "cannot make the symbolic model of .*: TypeError"),
        ("MisdeclaredModel", "it is a str, not a ttkem.adversary.SymbolicGame"),
        ("bare", "it has no method symbolic_model"),
    ):
        with pytest.raises(LocalError, match=words):
            GivenModel(f"attacked_protocols:{name}")(("ann",), "s")


def test_large_groups_are_among_the_runs():
    sizes = []

    class Counting(Run):
        def __init__(self, protocol, seed, names, **how):
            sizes.append(len(names))
            super().__init__(protocol, seed, names, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorded_campaign, "Run", Counting)
        run_recorded_campaign(campaign(TTKEM, steps=5, length=1))
    assert max(sizes[:4]) <= 8
    assert sizes[4] >= 9


def test_the_number_of_processes_does_not_matter():
    mine = Contract("mine", Healing.OWN_UPDATE, Forward.OWN_UPDATE)
    report = run_recorded_campaign(RecordedCampaign(TTKEM, mine, steps=60, length=20), jobs=2)
    alone = run_recorded_campaign(RecordedCampaign(TTKEM, mine, steps=60, length=20))
    assert report.table.contract == mine
    report.seconds = alone.seconds
    report.seen.examined = alone.seen.examined  # public constants are computed once a process
    assert report == alone
