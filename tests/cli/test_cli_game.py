"""ttkem agree game: provers, the user's own moves, transcripts, audits, exit status."""

import io
import json
import sys

import pytest

from agreement.errors import GameError
from agreement.extension import Random
from ttkem.cli.agree import game


def words_of(text):
    return " ".join(text.split())


def test_the_protocol_wins(run):
    status, out, err = run("agree", "game", "set:3:2", "--prover", "random", "--seed", "1")
    assert (status, err) == (0, "")
    assert "protocol: terminated" in words_of(out)
    assert "seed │ 1" in words_of(out)


def test_the_prover_wins_on_consensus(run):
    status, out, _ = run("agree", "game", "consensus:2", "--format", "json")
    assert status == 1
    said = json.loads(out)
    assert said["outcome"]["reason"] == "violation"
    assert (said["prover"], said["task"], said["protocol"]) == ("valency", "set:2:1", "adversary")
    assert len(said["moves"]) > 10


def test_a_bound_is_no_answer(run):
    status, out, _ = run("agree", "game", "set:3:2", "--phases", "1", "--prover", "exhaustive")
    assert status == 3
    assert "nobody: bound" in words_of(out)


def test_honest_and_broken_protocols_by_name(run):
    assert run("agree", "game", "consensus:2", "-p", "commit-adopt")[0] == 1
    status, out, _ = run(
        "agree", "game", "set:3:2", "-p", "near", "--prover", "random", "--seed", "2", "--audit"
    )
    assert status == 1
    assert "fault │ carrier: the region of 0 meets where 0 is not allowed" in words_of(out)


def test_audits_are_counted(run):
    words = ("agree", "game", "set:2:2", "--prover", "random", "--seed", "1", "--audit")
    status, out, _ = run(*words)
    assert status == 0
    assert "audits" in out
    assert " holds" in out
    assert "fault" not in out


def test_transcripts_are_written_and_played_again(run, tmp_path):
    words = ("agree", "game", "cycle:4", "--prover", "random", "--seed", "3")
    status, _, _ = run(*words, "--out", "games")
    assert status == 0
    files = sorted(path.name for path in (tmp_path / "games").iterdir())
    assert files == ["subdivision.svg", "transcript.json", "transcript.txt"]
    status, out, _ = run("agree", "game", "cycle:4", "--replay", "games/transcript.json")
    assert status == 0
    assert "protocol: terminated" in words_of(out)
    status, _, err = run("agree", "game", "cycle:4", "--replay", "none.json")
    assert (status, "none.json" in err) == (2, True)
    again = json.loads((tmp_path / "games" / "transcript.json").read_text())
    again["moves"] = again["moves"][:1]
    (tmp_path / "short.json").write_text(json.dumps(again))
    status, out, _ = run("agree", "game", "cycle:4", "--replay", "short.json")
    assert status == 3
    assert "the transcript ends here" in words_of(out)


def test_no_picture_of_four(run, tmp_path):
    words = ("agree", "game", "set:4:2", "--prover", "random", "--out", "games")
    assert run(*words)[0] == 0
    assert not (tmp_path / "games" / "subdivision.svg").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set:3",), "write set:N:K"),
        (("set:3:2", "-p", "lazy"), "--protocol 'lazy': choose from adversary, hasty"),
        (("set:3:2", "--prover", "lazy"), "--prover 'lazy': choose from exhaustive"),
        ((), "name a task: set:N:K, consensus:N, or a graph"),
        (("consensus:50",), "50 processes with 2 possible inputs have more than 10,000"),
        (("path:50",), "3 processes with 50 possible inputs have more than 10,000"),
        (("set:3:123456",), "cannot play 'set:3:123456': the numbers are too large"),
    ],
)
def test_bad_usage(run, words, said):
    status, _, err = run("agree", "game", *words)
    assert status == 2
    assert said in err


def test_interrupted(run, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Random, "play", stop)
    status, out, _ = run("agree", "game", "set:3:2", "--prover", "random")
    assert status == 3
    assert "interrupted" in out


def test_interrupted_before_and_after_the_game(run, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    def over(_prover, game, _phases):
        game.stop("that is all")
        raise KeyboardInterrupt

    monkeypatch.setattr(Random, "play", over)
    status, out, _ = run("agree", "game", "set:3:2", "--prover", "random")
    assert status == 3
    assert "that is all" in out
    monkeypatch.setattr(game, "problem_of", stop)
    status, out, err = run("agree", "game", "set:3:2")
    assert (status, out) == (3, "")
    assert err == "ttkem: interrupted before there was a result\n"


def test_the_user_interrupts(run, monkeypatch):
    class Stopping(io.StringIO):
        def readline(self):
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Stopping())
    status, out, _ = run("agree", "game", "set:3:2", "--play")
    assert status == 3
    assert "interrupted" in out


def test_what_is_no_move_is_told(run, monkeypatch):
    typed = io.TextIOWrapper(io.BytesIO(b"foo\nquery 0\n\xff\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", typed)
    status, out, _ = run("agree", "game", "set:2:1", "--play")
    assert status == 3
    for words in ("'foo'", "'query 0'", "'\\\\xff'"):
        assert f"no: {words} is no move: type help" in out
    assert "extend C" not in out


def test_a_transcript_knows_its_task_and_protocol(run, tmp_path):
    words = ("--prover", "random", "--seed", "2")
    for task, protocol in (("set:3:2", "hasty"), ("cycle:4", "near"), ("consensus:2", "own")):
        found = run("agree", "game", task, "-n", "3", "-p", protocol, *words, "--out", "games")[0]
        written = json.loads((tmp_path / "games/transcript.json").read_text())
        assert written["protocol"] == protocol
        status, out, err = run("agree", "game", "--replay", "games/transcript.json")
        assert (status, err) == (found, "")
        assert f"protocol │ {protocol}" in words_of(out)
    again = ("--replay", "games/transcript.json")
    status, _, err = run("agree", "game", "consensus:3", *again)
    assert (status, "is a game about set:2:1, not about set:3:1" in err) == (2, True)
    status, _, err = run("agree", "game", *again, "-p", "leader")
    assert (status, "is a game against own, not against leader" in err) == (2, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "is not a transcript of a game, which has task"),
        (b"[1]", "is not a transcript of a game, which has task"),
        (
            b'{"task": 5, "protocol": "own", "moves": []}',
            "is not a transcript of a game, which has task",
        ),
        (b"\xff", "it is not a text file in UTF-8"),
        (b"{", "it is not JSON"),
    ],
)
def test_what_is_no_transcript(run, tmp_path, content, said):
    (tmp_path / "bad.json").write_bytes(content)
    status, out, err = run("agree", "game", "--replay", "bad.json")
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert "cannot read .: Is a directory" in run("agree", "game", "--replay", ".")[2]


def test_a_query_that_is_too_large_leaves_it_open(run, monkeypatch):
    def stop(*_):
        raise GameError("too much to look at")

    monkeypatch.setattr(Random, "play", stop)
    status, out, _ = run("agree", "game", "set:3:2", "--prover", "random")
    assert status == 3
    assert "too much to look at" in out


class Typing(io.StringIO):
    def isatty(self):
        return True


def test_the_user_plays(run, monkeypatch):
    typed = [
        "help", "", "show 1", "query c1 0", "query c1 9", "query x 0", "query c1 0+", "show 99",
        "output c1 0+1 7", "output c1 0 1", "output c1 0+1 1", "extend c4", "list", "quit",
    ]  # fmt: skip
    monkeypatch.setattr(sys, "stdin", Typing("\n".join(typed)))
    status, out, _ = run("agree", "game", "consensus:2", "--play")
    assert status == 3
    said = words_of(out)
    for words in (
        "set:2:1, against adversary",
        "c1: p0 0 round 0; p1 1 round 0",
        "c4: p0 0 round 1; p1 1 round 0",
        "no: cannot move process 9 in c1: there is no such process",
        "no: 'x' is no configuration: write its number, as c3",
        "no: '0+' is not a block",
        "no: there is no configuration c99 yet: type list",
        "no: '7' is no value: choose from 0, 1",
        "there is no such schedule, and there never will be",
        "schedule '1 1', reaching c6",
        "phase 2",
        "the prover stopped",
    ):
        assert words in said


def test_moves_can_be_piped_in_and_win(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("query 1 0+1\nquery 4 0\n"))
    status, out, _ = run("agree", "game", "consensus:2", "--play", "-p", "own")
    assert status == 1
    assert "prover: violation" in words_of(out)
    monkeypatch.setattr(sys, "stdin", io.StringIO("query 0 0\nquery 4 1\n"))
    status, out, _ = run("agree", "game", "consensus:2", "--play", "-p", "own", "--out", "games")
    assert status == 3
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run("agree", "game", "consensus:2", "--play", "--out", "games")[0] == 3


def test_audits_say_what_they_did_not_look_at(run):
    words = ("agree", "game", "cycle:4", "--prover", "exhaustive", "--phases", "1", "--audit")
    out = run(*words)[1]
    assert "holds" in out
    assert "unknown (round 3 has too many facets)" in words_of(out).replace("│ │ ", "")
