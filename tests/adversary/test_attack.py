"""Executed attacks: real bytes, compared with the real keys, the safe predicate and the model."""

from dataclasses import replace

import pytest

from tests.adversary.test_judge import THREE
from ttkem.adversary import (
    Add,
    Attack,
    Confirm,
    Deliver,
    EndCorrupt,
    KnowledgeGraph,
    PairedGame,
    RealRun,
    Recording,
    Remove,
    SampleKey,
    StartCorrupt,
    Update,
    Windows,
    attack_game,
    new_run,
    play,
    run_trace,
)
from ttkem.adversary.attack import real_keys
from ttkem.blanking import treekem, treekem_with_commit
from ttkem.cgka import Kind, TreeCGKA
from ttkem.crypto import cipher_suite
from ttkem.errors import LocalError
from ttkem.tainted import refresh, tainted_treekem

NAMES = ("a", "b", "c", "d")
STEPS = (
    *THREE,
    StartCorrupt("a"),
    Remove("a", 1, "b"),
    EndCorrupt("a"),
    Confirm(1),
    Deliver(1, "c"),
    SampleKey("d", 2),
    Add("c", 2, 2),
    Confirm(2),
    Deliver(2, "a"),
    Deliver(2, "d"),
    Update("a", 3),
    Confirm(3),
    Deliver(3, "c"),
    Deliver(3, "d"),
)


@pytest.fixture
def pair():
    pair = PairedGame(tainted_treekem(), "1", NAMES)
    for step in STEPS:
        assert pair.play(step).accepted
    return pair


def attacked(pair, windows=None):
    windows = windows or pair.model.windows
    game = pair.real
    return attack_game(game, game.protocol, windows, pair.model, game.exposures)


def test_an_attack_has_the_group_keys_that_leaked(pair):
    game = pair.real
    recording = Recording(game, game.protocol)
    attack = Attack(recording)
    for exposure, drawn in game.leaked():
        attack.learn_state(exposure.saved)
        if drawn:
            attack.learn_draws(exposure)
    got = attack.conclude()
    assert set(got) == {0, 1, 2}
    assert got == {op: game.keys[op] for op in got}
    assert game.members["a"].group_key == game.keys[3] != got[2]


def test_the_keys_to_compare_with_are_those_that_members_have(pair):
    game = pair.real
    assert real_keys(game, Recording(game, game.protocol)) == game.keys


def test_every_atom_of_a_run_attacked(pair):
    attacks = attacked(pair)
    assert attacks.findings == ()
    draws = sum(bool(exposure.draws) for exposure in pair.real.exposures)
    assert attacks.attacks == 1 + len(pair.real.exposures) + draws
    assert attacks.recovered + attacks.withheld == 4 * attacks.attacks
    assert attacks.recovered > 0 < attacks.withheld


@pytest.mark.parametrize("make", [treekem, treekem_with_commit])
def test_protocols_without_a_model(make):
    run = RealRun(make(), "1", NAMES)
    for step in STEPS:
        assert run.play(step).accepted
    assert not run.over
    judged = run.judge(range(99))
    assert judged.findings == ()
    assert judged.judgement is None
    assert judged.attacks.recovered > 0


def test_a_real_protocol_that_forgets_its_taints_is_broken():
    def forgetful(tree, change):
        """Remove the taints of a removed member instead of re-keying its nodes."""
        stale = tree.tainter_nodes(change.target) if change.kind is Kind.REMOVE else ()
        cleaned = {node: replace(tree.internal(node), taint=None) for node in stale}
        return refresh.plan(tree.with_keys({}, cleaned), change)

    steps = (*THREE, Remove("b", 1, "a"), Confirm(1), Deliver(1, "c"))
    for plan, found in ((refresh.plan, set()), (forgetful, {"unsound"})):
        run = RealRun(TreeCGKA("mine", cipher_suite(1), plan), "1", NAMES)
        for step in steps:
            assert run.play(step).accepted
        findings = run.judge(range(99)).findings
        assert {finding.kind for finding in findings} == found
    assert "a's randomness of step 2: the key of op 1 is safe, but was computed" in [
        finding.what for finding in findings
    ]


def test_a_state_that_contradicts_itself_is_told():
    def keeps_taints_of_the_gone(tree, change):
        plan = refresh.plan(tree, change)
        if change.kind is Kind.CREATE:
            return plan
        return replace(plan, chains=plan.chains[:1])

    run = RealRun(TreeCGKA("mine", cipher_suite(1), keeps_taints_of_the_gone), "1", NAMES)
    for step in (*THREE, Remove("b", 1, "a")):
        assert run.play(step).accepted
    (finding,) = run.judge().findings
    assert finding.kind == "storage"
    assert "node 5 cannot be tainted by leaf 0" in finding.what


def test_a_predicate_that_calls_too_much_safe_is_caught(pair):
    class Short(Windows):
        def window(self, op, who):
            born, _ = super().window(op, who)
            return born, born

    short = Short()
    for time, step in enumerate(pair.real.steps):
        short.observe(time, step)
    kinds = {finding.kind for finding in attacked(pair, short).findings}
    assert kinds == {"unsound"}


def test_a_model_that_knows_too_little_is_caught(pair, monkeypatch):
    monkeypatch.setattr(KnowledgeGraph, "derivable", lambda graph: graph.shown)
    findings = attacked(pair).findings
    assert {finding.kind for finding in findings} == {"model"}
    assert "computed" in findings[0].what


def test_a_wrong_key_is_caught(pair, monkeypatch):
    real = Attack.conclude

    def wrong(attack):
        return {op: key[::-1] for op, key in real(attack).items()}

    monkeypatch.setattr(Attack, "conclude", wrong)
    findings = attacked(pair).findings
    assert {finding.kind for finding in findings} == {"attack"}
    assert "the computed key of op 0 is wrong" in findings[0].what


def test_a_real_trace_is_played_and_attacked_again(pair):
    trace = pair.real.trace()
    played, outcomes = run_trace(trace)
    assert (played.digest, played.found) == (trace.digest, ())
    assert all(outcome.accepted for outcome in outcomes)


def test_a_run_that_is_over_is_not_attacked(monkeypatch):
    game = play(tainted_treekem(), "1", NAMES, STEPS)
    monkeypatch.setattr(type(game.members["a"]), "process", lambda member, message: None)
    for protocol in ("TTKEM", "TKEM"):
        run = new_run(protocol, 1, "1", NAMES)
        for step in (*THREE, Deliver(0, "a")):
            run.play(step)
        assert run.over
        judged = run.judge()
        assert judged.findings[0].kind == "accepted"
        assert judged.attacks.attacks == 0


def test_what_cannot_be_run():
    with pytest.raises(LocalError, match="unknown protocol 'X': choose from TTKEM, TKEM,"):
        new_run("X", 1, "1", NAMES)
    with pytest.raises(LocalError, match="cannot play TKEM without real messages"):
        new_run("TKEM", 0, "1", NAMES)
