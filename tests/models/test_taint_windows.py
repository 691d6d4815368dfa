"""The claim on critical windows, when it does not hold and where it is asked for more."""

from agreement.verdict import Verdict
from models import taint_windows
from ttkem.adversary import Bound, TaintRules, exhaustive

SMALL = Bound(group=3, operations=1)


def test_larger_bounds_on_request(monkeypatch):
    monkeypatch.delenv("TTKEM_LARGER_BOUNDS", raising=False)
    assert taint_windows.bounds() == taint_windows.BOUNDS
    monkeypatch.setenv("TTKEM_LARGER_BOUNDS", "1")
    assert taint_windows.bounds() == taint_windows.BOUNDS + taint_windows.LARGER


def test_how_far_it_is(monkeypatch):
    monkeypatch.setattr(taint_windows, "BOUNDS", (SMALL,))
    monkeypatch.setattr(exhaustive, "_TELL_EVERY", 100)
    told = []
    assert taint_windows.CLAIM.check(told.append).verdict is Verdict.HOLDS
    assert told == ["bound 1, 100 states"]


def test_it_is_refuted_where_a_rule_is_broken(monkeypatch):
    monkeypatch.setattr(taint_windows, "BOUNDS", (SMALL,))
    monkeypatch.setattr(TaintRules, "tainted", lambda rules, now: [])
    finding = taint_windows.CLAIM.check(lambda how: None)
    assert finding.verdict is Verdict.REFUTED
    assert "b makes op 1: remove a" in finding.shown


def test_a_twin_that_is_not_broken_is_not_refuted(monkeypatch):
    monkeypatch.setattr(taint_windows, "BOUNDS", (Bound(("a", "b"), 2, 0),))
    monkeypatch.setattr(taint_windows, "ForgetfulRules", TaintRules)
    assert taint_windows.CLAIM.refute(lambda how: None).verdict is Verdict.HOLDS
