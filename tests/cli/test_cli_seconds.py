"""--seconds: when time is over, what is known by then is printed; the clock is the only one."""

import json
import os
import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from agreement.errors import AgreementError
from agreement.extension import Random
from agreement.graph import cycle, path
from agreement.solve import (
    CheckersDisagreeError,
    Decision,
    Limits,
    RefusedError,
    Solvability,
    decide,
)
from agreement.solve.known_protocols import Rule
from agreement.task import Task
from ttkem.cli import deadline as deadline_module
from ttkem.cli.agree import confirmation, game, solvability
from ttkem.cli.agree.confirmation import Confirmation
from ttkem.cli.deadline import OutOfTimeError, deadline
from ttkem.errors import LocalError


def words_of(text):
    return " ".join(text.replace("│", " ").split())


# The clock.


def test_time_that_is_over_raises_in_the_body_and_not_after_it():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OutOfTimeError), deadline(0.0):
        threading.Event().wait(60)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_limit_that_is_lost_comes_again(monkeypatch):
    monkeypatch.setattr(deadline_module, "AGAIN", 0.001)
    lost = 0
    with deadline(0.05):
        for _ in range(3):
            with suppress(OutOfTimeError):
                threading.Event().wait(60)
                pytest.fail("the limit was lost, and did not come again")
            lost += 1
    assert lost == 3


@pytest.mark.parametrize("seconds", [None, float("inf"), 1e300])
def test_no_limit(seconds):
    with deadline(seconds) as left:
        assert left() == float("inf")
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_is_left(monkeypatch):
    with deadline(1000.0) as left:
        assert 0.0 < left() <= 1000.0
        monkeypatch.setattr("time.monotonic", lambda: 1e12)
        assert left() == 0.0


def test_a_system_without_that_signal(monkeypatch):
    monkeypatch.delattr(signal, "SIGALRM")
    with pytest.raises(LocalError, match="--seconds needs a system with SIGALRM"), deadline(1.0):
        pass


# solve


@pytest.fixture
def ends_at(monkeypatch):
    """Let time be over at the step of this name, without any clock."""

    def set_(step, error=OutOfTimeError):
        @contextmanager
        def progress(_screen):
            def bar(_done, _total, what):
                if what == step:
                    raise error

            yield bar

        monkeypatch.setattr(solvability, "progress", progress)

    return set_


def solved(run, *words):
    status, out, err = run("agree", "solve", *words, "--format", "json")
    assert err == ""
    return status, json.loads(out)


@pytest.mark.parametrize(
    ("step", "status", "known"),
    [
        ("carriers", 3, ("unknown", 0, None, 0)),
        ("known protocols", 0, ("solvable", 0, None, 1)),
        ("0 rounds", 0, ("solvable", 0, 3, 1)),
        ("2 rounds", 0, ("solvable", 2, 3, 2)),
        ("checking certificates", 0, ("solvable", 3, 3, 3)),
    ],
)
def test_bounds_when_time_is_over(run, ends_at, step, status, known):
    ends_at(step)
    got, found = solved(run, "path:9", "--seconds", "5")
    assert got == status
    assert found["stopped"] == "stopped after 5 seconds"
    verdict, at_least, at_most, certificates = known
    assert (found["verdict"], found["at_least"], found["at_most"]) == (verdict, at_least, at_most)
    assert len(found["certificates"]) == certificates
    assert found["notes"][-1] == "stopped after 5 seconds: the bounds so far"


@pytest.mark.parametrize("step", ["carriers", "2 rounds", "checking certificates"])
def test_interrupted_while_deciding(run, ends_at, step):
    ends_at(step, KeyboardInterrupt)
    status, found = solved(run, "path:9")
    assert (status, found["stopped"]) == (3, "interrupted")


def test_interrupted_by_a_real_signal(run, monkeypatch):
    """kill -TERM while certificates are checked; what was confirmed before is printed."""
    check = confirmation.check_certificate_text

    def killed(text):
        if b'"arc consistency"' in text:
            os.kill(os.getpid(), signal.SIGTERM)
        return check(text)

    monkeypatch.setattr(confirmation, "check_certificate_text", killed)
    status, found = solved(run, "path:9")
    assert (status, found["stopped"], found["verdict"]) == (3, "interrupted", "solvable")
    assert found["rule"] == {"protocol": "block", "rounds": 3}


def test_a_real_clock(run):
    status, found = solved(run, "path:40", "--seconds", "0")
    assert (status, found["verdict"], found["at_least"]) == (3, "unknown", 0)
    assert found["stopped"] == "stopped after 0 seconds"
    status, out, _ = run("agree", "solve", "path:40", "--seconds", "0")
    assert status == 3
    assert "rounds at least 0" in words_of(out)


def test_time_is_over_in_the_comparisons(run, monkeypatch):
    given = []

    def over(_decision, *, seconds):
        given.append(seconds)
        raise OutOfTimeError

    monkeypatch.setattr(solvability, "compare", over)
    status, found = solved(run, "path:3", "--twice", "--seconds", "50")
    assert (status, found["verdict"], found["least"]) == (3, "solvable", 1)
    assert found["notes"][-1] == (
        "stopped after 50 seconds: not all comparisons and checks were done"
    )
    assert given[0] <= 50.0


def test_upper_bounds_by_rule_are_printed(run):
    out = run("agree", "solve", "path:17", "--most", "1", "--facets", "100")[1]
    assert "at least 2, at most 4 by the rule block" in words_of(out)
    out = run("agree", "solve", "octahedron:3", "--facets", "10")[1]
    assert "│ rounds │ at least 1 │" in " ".join(out.split())


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "at least 0"),
        ({"refuted": 2}, "at least 3"),
        ({"rounds": 3}, "at least 0, at most 3"),
        ({"rounds": 3, "refuted": 2}, "3, and not in fewer"),
        ({"rounds": 5, "rule": Rule("average", 9)}, "at least 0, at most 5"),
        ({"refuted": 3, "rule": Rule("average", 9)}, "at least 4, at most 9 by the rule average"),
        ({"rounds": 5, "rule": Rule("block", 4)}, "at least 0, at most 4 by the rule block"),
        ({"refuted": 3, "rule": Rule("block", 4)}, "exactly 4 by the rule block"),
        ({"verdict": Solvability.UNSOLVABLE}, "-"),
    ],
)
def test_bounds_in_words(known, said):
    decision = Decision(Task(path(9)), 3, Solvability.SOLVABLE)
    assert solvability._rounds(replace(decision, **known)) == said


def test_the_same_answer_with_and_without_a_clock(run, tmp_path):
    for out, words in (("a", ()), ("b", ("--seconds", "1000"))):
        assert run("agree", "solve", "wheel:4", "--out", out, *words)[0] == 0
    names = [file.name for file in (tmp_path / "a").glob("*.json")]
    assert len(names) == 3
    for name in names:
        assert (tmp_path / "a" / name).read_text() == (tmp_path / "b" / name).read_text()


# Only what both checkers accept is reported.


def test_large_certificates_wait_and_are_checked_at_the_end(monkeypatch):
    decision = decide(Task(path(4)), 3)
    sizes = sorted(len(json.dumps(document)) for document in decision.certificates)
    monkeypatch.setattr(confirmation, "LARGE", sizes[0])
    found = Confirmation(decision)
    found.take(decision)
    assert 0 < len(found.proved) < len(decision.certificates)
    assert found.confirmed().certificates != decision.certificates
    assert any(note.endswith("is left out, since it is not checked") for note in found.notes())
    found.finish(decision)
    assert found.confirmed() == decision
    assert found.notes() == []


def without(decision, *kinds):
    """Return what is confirmed if certificates of these kinds are not."""
    found = Confirmation(decision)
    found.finish(decision)
    for document in decision.certificates:
        if document["proof"]["kind"] in kinds:
            del found.proved[found.text(document)]
    return found.confirmed()


def test_each_claim_needs_its_certificate():
    decision = decide(Task(path(4)), 3)
    assert without(decision) == decision
    known = without(decision, "decision protocol")
    assert (known.verdict, known.rounds, known.refuted, known.tables) == (
        Solvability.SOLVABLE, None, 1, None,
    )  # fmt: skip
    known = without(decision, "arc consistency")
    assert (known.verdict, known.rounds, known.refuted) == (Solvability.SOLVABLE, 2, None)
    known = without(decision, "contractible carriers", "decision protocol")
    assert (known.verdict, known.at_least) == (Solvability.UNKNOWN, 2)
    nowhere = without(decide(Task(cycle(4)), 3), "chain map obstruction")
    assert nowhere.verdict is Solvability.UNKNOWN
    few = decide(Task(path(6)), 3, rounds=2)
    assert without(few, "arc consistency").verdict is Solvability.UNKNOWN


def test_a_certificate_that_is_too_large_for_the_checkers_is_left_out(run, monkeypatch):
    monkeypatch.setattr("agreement.solve.certificate_checker.MOST_STATES", 30)
    monkeypatch.setattr("agreement.solve.second_checker.runs.MOST_STATES", 30)
    status, found = solved(run, "path:5")
    assert (status, found["verdict"], found["rounds"], found["at_most"]) == (0, "solvable", None, 2)
    assert any("too large for the checkers" in note for note in found["notes"])


def test_a_certificate_that_is_refused_is_an_error():
    decision = decide(Task(path(3)), 3)
    decision.certificates[0]["processes"] = 2
    with pytest.raises(AgreementError, match="both checkers refuse a certificate that we found"):
        Confirmation(decision).finish(decision)


@pytest.mark.parametrize(
    ("says", "large"),
    [
        ("the file has more than 33,554,432 bytes", True),
        ("the file has more than 2,000,000 lists and objects", True),
        ("the graph has more than 1,000,000 induced paths", True),
        ("there are too many inputs", True),
        ("table 1 leads to too many states", True),
        ("more than 2,000,000 clauses", True),
        ("there are too many inputs for that", False),
        ("the list has more than one entry", False),
    ],
)
def test_only_refusals_for_size_are_passed_over(monkeypatch, says, large):
    def refuse(_):
        raise RefusedError(says)

    monkeypatch.setattr(confirmation, "check_certificate_text", refuse)
    decision = decide(Task(path(3)), 3)
    found = Confirmation(decision)
    if large:
        found.finish(decision)
        assert found.confirmed().verdict is Solvability.UNKNOWN
        assert len(found.notes()) == len(decision.certificates)
    else:
        with pytest.raises(AgreementError, match=says):
            found.finish(decision)


def test_checkers_that_disagree_are_never_passed_over(monkeypatch):
    def disagree(_):
        raise CheckersDisagreeError

    monkeypatch.setattr(confirmation, "check_certificate_text", disagree)
    decision = decide(Task(path(3)), 3)
    with pytest.raises(CheckersDisagreeError):
        Confirmation(decision).take(decision)


def test_a_rule_is_no_verdict():
    only = Decision(Task(path(3)), 3, Solvability.UNKNOWN, rule=Rule("block", 1))
    assert Confirmation(only).confirmed() == only


def test_limits_are_those_that_are_asked_for():
    assert Limits() == Limits(3, 300_000, 200_000)


# game and atlas


def test_a_game_ends_when_time_is_over(run, monkeypatch):
    @contextmanager
    def over(seconds):
        assert seconds == 7.0
        raise OutOfTimeError
        yield

    monkeypatch.setattr(game, "deadline", over)
    status, out, _ = run("agree", "game", "set:3:2", "--prover", "random", "--seconds", "7")
    assert status == 3
    assert "stopped after 7 seconds" in words_of(out)


def test_a_game_that_ends_before_is_as_without(run):
    words = ("agree", "game", "set:3:2", "--prover", "random", "--seed", "1", "--format", "json")
    plain = json.loads(run(*words)[1])
    assert json.loads(run(*words, "--seconds", "1000")[1]) == plain
    assert Random(1).name == plain["prover"]


def test_the_atlas_keeps_what_is_done(run, tmp_path):
    words = ("agree", "atlas", "--anew", "--order", "3", "--jobs", "1", "--out", "new")
    status, out, _ = run(*words, "--seconds", "0")
    assert status == 3
    assert "kept in new" in words_of(out)
    assert run(*words)[0] == 0
    status, _, err = run("agree", "atlas", "--seconds", "1")
    assert (status, "--seconds is for computing the atlas" in err) == (2, True)
