"""Campaigns: figures, visited situations, shrunk failures, processes, Ctrl-C."""

from dataclasses import replace

import pytest

from ttkem.adversary import (
    IMPORTANT,
    STRATEGIES,
    Campaign,
    TaintRules,
    format_trace,
    run_campaign,
    run_trace,
)
from ttkem.errors import LocalError

SMALL = Campaign(seed="7", steps=6000)


@pytest.fixture(scope="module")
def report():
    return run_campaign(Campaign(seed="1", steps=36_000))


def test_nothing_is_found_and_all_that_is_important_is_visited(report):
    assert report.failed == 0
    assert report.failures == []
    assert report.unvisited == ()
    assert set(report.visits) == set(IMPORTANT)
    assert set(report.strategies) == set(STRATEGIES)
    assert report.steps == 36_000
    assert report.runs == 240
    assert report.accepted > 0.7 * report.steps


def test_the_oracles_are_neither_empty_nor_equal(report):
    assert 0 < report.known < report.unsafe < report.pairs
    assert report.causes["unexplained"] == 0
    assert report.causes["keys replaced since"] > 0
    assert report.causes["fork"] > 0
    assert report.challenges["safe, unknown"] > 0 < report.challenges["unsafe, known"]
    assert report.challenges["safe, known"] == 0


@pytest.mark.sample(3)
@pytest.mark.parametrize("protocol", ["TTKEM", "TKEM", "TKEM_commit"])
def test_a_real_campaign(protocol):
    report = run_campaign(Campaign(seed="3", steps=700, real=True, protocol=protocol, length=100))
    assert (report.failed, report.runs) == (0, 7)
    assert report.attacks > 2 * report.runs
    assert report.recovered > 0 < report.withheld
    assert bool(report.pairs) is (protocol == "TTKEM")


def test_the_figures_do_not_depend_on_the_processes():
    one, two = run_campaign(SMALL), run_campaign(SMALL, jobs=2)
    assert replace(one, seconds=0) == replace(two, seconds=0)
    assert replace(run_campaign(replace(SMALL, seed="8")), seconds=0) != replace(one, seconds=0)


def test_a_failure_is_shrunk_and_can_be_had_again(monkeypatch):
    monkeypatch.setattr(TaintRules, "tainted", lambda rules, now: [])
    report = run_campaign(replace(SMALL, steps=2250))
    assert report.failed > 8 == len(report.failures)
    for trace in report.failures:
        assert trace.found[0].kind == "unsound"
        assert len(trace.steps) <= 12, format_trace(trace.steps)
        again, _ = run_trace(trace)
        assert again == trace


def test_a_failing_real_run_is_shrunk(monkeypatch):
    monkeypatch.setattr(TaintRules, "tainted", lambda rules, now: [])
    report = run_campaign(Campaign(steps=150, real=True, strategies=("hoard",)))
    assert report.failed == 1
    trace = report.failures[0]
    assert (trace.found[0].kind, trace.suite) == ("model", 1)
    assert len(trace.steps) < 12
    longer = replace(trace, steps=(*trace.steps, *trace.steps[-1:]))
    assert len(run_trace(longer)[0].steps) == len(trace.steps)


def test_ctrl_c_keeps_what_was_done():
    def stop(report, total):
        assert total == 40
        raise KeyboardInterrupt

    report = run_campaign(SMALL, on_progress=stop)
    assert (report.interrupted, report.runs, report.unvisited) == (True, 32, ())
    report = run_campaign(SMALL, jobs=2, on_progress=stop)
    assert (report.interrupted, report.runs) == (True, 32)


def test_progress_is_told():
    heard = []
    run_campaign(SMALL, on_progress=lambda report, total: heard.append((report.runs, total)))
    assert heard == [(32, 40), (40, 40)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"protocol": "X"}, "unknown protocol 'X'"),
        ({"protocol": "TKEM"}, "cannot play TKEM without real messages"),
        ({"strategies": ("X",)}, "unknown strategy 'X': choose from random, hoard"),
        ({"strategies": ()}, "cannot run a campaign with"),
        ({"members": (3, 2)}, "cannot run a campaign with"),
        ({"steps": 0}, "cannot run a campaign with"),
    ],
)
def test_what_cannot_be_done(change, words):
    with pytest.raises(LocalError, match=words):
        run_campaign(replace(SMALL, **change))


def test_a_campaign_needs_a_job():
    with pytest.raises(LocalError, match="on 0 jobs: at least one"):
        run_campaign(SMALL, jobs=0)


def test_a_short_campaign_is_not_blamed_for_what_it_has_not_seen():
    report = run_campaign(replace(SMALL, steps=150))
    assert report.unvisited != ()
    report.enough = False
    assert report.unvisited == ()


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_a_strategy_alone_and_a_member_alone(name):
    report = run_campaign(Campaign(steps=900, strategies=(name,), members=(1, 2)))
    assert report.failed == 0


@pytest.mark.slow
def test_a_long_campaign():
    report = run_campaign(Campaign(seed="slow", steps=2_000_000), jobs=2)
    assert (report.failed, report.unvisited) == (0, ())
    report = run_campaign(Campaign(seed="slow", steps=40_000, real=True), jobs=2)
    assert report.failed == 0
