"""Transcripts: as text, as JSON, and played again; and pictures of the subdivision."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from agreement.errors import GameError
from agreement.extension import (
    HONEST,
    Adversary,
    Game,
    Honest,
    Random,
    SetAgreement,
    problem_of,
)
from agreement.extension.drawing import subdivision_svg
from agreement.extension.transcript import document, lines, replay


def by_hand():
    game = Game(Adversary(SetAgreement(2, 1)))
    start = next(c for c in game.openings if game.inputs(c) == (0, 1))
    game.output(start, (0,), 1)
    game.output(start, (0,), 0)
    game.extend(game.query(start, (1,)))
    return game


def test_a_game_as_text():
    """Every process outputs its own input at once, so that the answers are plain.

    The openings are the inputs 00, 01, 10, 11 in this order: 01 is c1, and what is new c4 and c5.
    """
    game = Game(Honest(SetAgreement(2, 1), HONEST["own"]()))
    assert [game.inputs(c) for c in game.openings] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    at = game.query(1, (1,))
    game.output(1, (0,), 1)
    game.output(1, (0,), 0)
    game.extend(at)
    expected = [
        "phase 1",
        "  query c1 1: c4 (p1=1)",
        "  output c1 0 1: there is none",
        "  output c1 0 0: '0': c5 (p0=0)",
        "  extend c4: by 1 (p1=1)",
        "phase 2",
    ]
    assert list(lines(game)) == expected
    game.stop("enough")
    assert list(lines(game)) == [*expected, "nobody: bound: enough"]


@pytest.mark.parametrize("task", ["set:3:2", "cycle:4", "consensus:3"])
def test_games_are_played_again_from_json(task):
    for seed in range(3):
        game = Game(Adversary(problem_of(task)))
        Random(seed).play(game, 60)
        written = json.loads(json.dumps(document(game, seed=seed)))
        assert written["seed"] == seed
        again = replay(written, Adversary(problem_of(task)))
        assert again.events == game.events
        assert again.outcome == game.outcome
        assert written["outcome"]["winner"] == again.outcome.winner.value


def test_another_protocol_answers_something_else():
    written = document(by_hand())
    assert written["outcome"] is None
    assert len(replay(written, Adversary(SetAgreement(2, 1))).events) == 4
    with pytest.raises(GameError, match="cannot replay move 2: the protocol's answer differs"):
        replay(written, Honest(SetAgreement(2, 1), HONEST["own"]()))
    broken: Any
    for broken in ({}, {"moves": [{}]}, {"moves": 5}, []):
        with pytest.raises(GameError, match="cannot replay: this is no transcript"):
            replay(broken, Adversary(SetAgreement(2, 1)))


def circles(text):
    root = ET.fromstring(text)
    return [e for e in root.iter() if e.tag.endswith("circle") and "stroke" in e.attrib]


def test_a_picture_shows_what_was_output():
    game = Game(Adversary(SetAgreement(3, 2)))
    start = next(c for c in game.openings if game.inputs(c) == (0, 1, 2))
    for process in range(3):
        game.output(start, (process,), process)
    picture = subdivision_svg(game, (0, 1, 2))
    shown = circles(picture)
    assert len(shown) == 99  # the states of two rounds
    assert sum(c.attrib["fill"] != "white" for c in shown) == 3
    for value in range(3):
        assert f"outputs {value}" in picture
    edge = subdivision_svg(by_hand(), (0, 1))
    assert len(circles(edge)) == 10
    with pytest.raises(GameError, match="cannot draw 4 processes"):
        subdivision_svg(Game(Adversary(SetAgreement(4, 2))), (0, 1, 2, 0))


def test_who_has_output_is_not_subdivided_in_a_picture():
    game = Game(Honest(SetAgreement(2, 1), HONEST["leader"]()))
    start = next(c for c in game.openings if game.inputs(c) == (0, 0))
    at = game.query(start, (0,))
    game.query(at, (1,))
    assert len(circles(subdivision_svg(game, (0, 0)))) == 4
