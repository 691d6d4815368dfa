"""The game over real members: the steps it plays and refuses, and the violations it finds."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import PROTOCOLS
from ttkem.adversary import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Game,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Update,
    play,
)
from ttkem.blanking import treekem
from ttkem.errors import LocalError
from ttkem.tainted import tainted_treekem

NAMES = ("ann", "bob", "cat", "dan")
START: tuple[Any, ...] = (
    *(SampleKey(who, number) for number, who in enumerate(NAMES[1:])),
    Create("ann", 0, (0, 1, 2)),
    Confirm(0),
    *(Deliver(0, who) for who in NAMES[1:]),
)


@pytest.fixture
def game():
    return play(tainted_treekem(), "1", NAMES, START)


def refused(game, step, reason):
    before = {who: member.save() for who, member in game.members.items()}
    outcome = game.play(step)
    assert not outcome.accepted
    assert reason in outcome.reason
    assert {who: member.save() for who, member in game.members.items()} == before
    assert game.findings == []


def kinds(game):
    return [finding.kind for finding in game.findings]


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_a_run_of_every_protocol_here(name):
    game = play(
        PROTOCOLS[name](),
        "1",
        (*NAMES, "eve"),
        (
            *START,
            SampleKey("eve", 3),
            Add("dan", 1, 3),
            *(Deliver(1, who) for who in ("ann", "bob", "cat", "eve")),
            Confirm(1),
            Remove("eve", 2, "dan"),
            Update("cat", 3),
            Confirm(2),
            *(Deliver(2, who) for who in NAMES),
            Deliver(3, "ann"),
            Update("ann", 4),
            Reject(4),
            EraseKeys("bob"),
            Challenge(1),
        ),
    )
    assert [number for number, outcome in enumerate(game.outcomes) if not outcome.accepted] == [22]
    assert game.findings == []
    assert game.ledger.members["dan"].at is None
    assert game.ledger.roster("eve") == {"ann", "bob", "cat", "eve"}
    assert game.ledger.challenged == [1]
    assert game.ledger.history(2) == (0, 1, 2)


def test_a_fork_stays_one(game):
    step: Any
    for step in (Update("ann", 1), Update("cat", 2), Confirm(1), Confirm(2)):
        assert game.play(step).accepted
    for step in (Deliver(1, "bob"), Deliver(2, "dan")):
        assert game.play(step).accepted
    refused(game, Deliver(1, "dan"), "epoch")
    assert game.play(Update("ann", 3)).accepted
    refused(game, Deliver(3, "cat"), "another history")
    assert game.keys[1] != game.keys[2]
    assert game.members["dan"].group_key == game.keys[2]


def test_what_makes_no_sense_is_not_played(game):
    for step, reason in [
        (SampleKey("zoe", 9), "there is no member 'zoe'"),
        (SampleKey("ann", 0), "init key 0 exists"),
        (EraseKeys("zoe"), "there is no member 'zoe'"),
        (Create("ann", 0, ()), "op 0 exists"),
        (Create("ann", 1, (0, 9)), "there is no init key 9"),
        (Add("ann", 1, 9), "there is no init key 9"),
        (Remove("ann", 1, "zoe"), "there is no member 'zoe'"),
        (Update("zoe", 1), "there is no member 'zoe'"),
        (Confirm(9), "there is no op 9"),
        (Deliver(9, "ann"), "there is no op 9"),
        (Deliver(0, "zoe"), "there is no member 'zoe'"),
        (EndCorrupt("ann"), "ann is not corrupted"),
        (Challenge(9), "there is no op 9"),
    ]:
        refused(game, step, reason)
    assert game.play(StartCorrupt("ann")).accepted
    refused(game, StartCorrupt("ann"), "corrupted already")
    assert game.play(Challenge(0)).accepted
    refused(game, Challenge(0), "was challenged")


def test_what_must_be_refused_is_refused_by_the_protocol(game):
    ledger = game.ledger
    assert game.play(SampleKey("bob", 3)).accepted
    for step, objection in [
        (Create("ann", 1, ()), "ann is in a group"),
        (Add("ann", 1, 3), "bob is a member"),
        (Remove("ann", 1, "ann"), "ann is not another member of the group"),
        (Confirm(0), "op 0 is not pending"),
        (Deliver(0, "bob"), "op 0 extends another history"),
        (Deliver(0, "ann"), "op 0 is ann's own"),
    ]:
        assert ledger.objection(step) == objection
        refused(game, step, "")
    assert game.play(Remove("ann", 1, "dan")).accepted
    assert game.play(Deliver(1, "dan")).accepted
    for step, objection in [
        (Create("dan", 2, (0, 0)), "nobody can be in a group twice"),
        (Add("dan", 2, 0), "dan is in no group"),
        (Remove("dan", 2, "ann"), "dan is in no group"),
        (Update("dan", 2), "dan is in no group"),
        (Deliver(0, "dan"), "dan cannot join with op 0"),
        (Deliver(1, "dan"), "dan cannot join with op 1"),
    ]:
        assert ledger.objection(step) == objection
        refused(game, step, "")


def test_the_seed_determines_every_byte():
    games = [play(tainted_treekem(), seed, NAMES, START) for seed in ("1", "1", "2")]
    assert games[0].digest == games[1].digest != games[2].digest
    assert games[0].operations[0].message == games[1].operations[0].message


def test_exposures_are_states_and_draws(game):
    assert game.play(Update("bob", 1)).accepted
    last = game.exposures[-1]
    assert (last.time, last.who, last.step) == (8, "bob", Update("bob", 1))
    assert last.saved == game.members["bob"].save()
    assert len(last.draws[0]) == 32  # the leaf's seed; ephemeral keys of ciphertexts follow
    assert len(last.draws) == 1 + game.operations[1].ciphertexts


def test_corruptions_show_the_states_and_draws_of_their_time():
    game = play(tainted_treekem(), "1", (*NAMES, "eve"), START)
    for step in (
        StartCorrupt("bob"),  # 8
        EndCorrupt("bob"),
        Update("bob", 1),  # 10
        Confirm(1),
        StartCorrupt("bob"),  # 12
        Update("bob", 2),
        EndCorrupt("bob"),
        Confirm(2),
        StartCorrupt("ann"),  # 16
        StartCorrupt("eve"),  # who has done nothing yet
    ):
        assert game.play(step).accepted
    shown = [(exposure.who, exposure.time, draws) for exposure, draws in game.leaked()]
    assert shown == [
        ("bob", 5, False),
        ("bob", 11, False),
        ("bob", 13, True),
        ("ann", 4, False),
    ]


class Wrapped:
    """A member with one wrong property, which the game must report."""

    def __init__(self, member, **wrong):
        self._member, self._wrong = member, wrong

    def __getattr__(self, name):
        if name in self._wrong:
            return self._wrong[name](self._member)
        return getattr(self._member, name)


def broken(**wrong):
    """Tainted TreeKEM in which the named attributes of bob are wrong."""
    sound = tainted_treekem()

    def member(identity, pki, randomness):
        made = sound.member(identity, pki, randomness)
        return Wrapped(made, **wrong) if identity == "bob" else made

    return SimpleNamespace(name=sound.name, member=member)


def swallow(member):
    return lambda message: None


def forgets(member):
    def process(message):
        member.discard_key_packages()
        return member.process(message)

    return process


def crash(member):
    return lambda: 1 // 0


@pytest.mark.parametrize(
    ("wrong", "step", "kind"),
    [
        ({"process": swallow}, Deliver(0, "bob"), "accepted"),
        ({"process": forgets}, Deliver(0, "bob"), "changed"),
        ({"update": crash}, Update("bob", 2), "crashed"),
        ({"process": lambda m: lambda data: m.process(data[1:])}, Deliver(1, "bob"), "refused"),
        ({"group_key": lambda m: b"wrong"}, Deliver(1, "bob"), "key"),
        ({"roster": lambda m: ("bob",)}, Deliver(1, "bob"), "roster"),
        ({"epoch": lambda m: 7}, Deliver(1, "bob"), "epoch"),
        ({"in_group": lambda m: False}, Update("bob", 2), "membership"),
        ({"pending": lambda m: (b"x",)}, Update("bob", 2), "pending"),
        ({"transcript_hash": lambda m: b""}, Deliver(1, "bob"), "transcript"),
    ],
)
def test_what_is_wrong_is_found(wrong, step, kind):
    steps = [*START, SampleKey("bob", 3), Update("ann", 1), Confirm(1), step]
    game = play(broken(**wrong), "1", NAMES, steps)
    assert kind in kinds(game)


def test_an_operation_without_randomness_may_be_made_twice():
    game = play(treekem(), "1", NAMES, [*START, Remove("ann", 1, "bob"), Remove("ann", 2, "bob")])
    assert game.outcomes[-1].reason == "the same operation as op 1"
    assert game.findings == []
    assert len(game.members["ann"].pending) == 1
    for step in (Update("ann", 3), Remove("ann", 4, "bob"), Deliver(3, "ann")):
        assert game.play(step).accepted is (step == Update("ann", 3))
    assert game.findings == []
    assert game.play(Confirm(1)).accepted


def test_an_operation_with_new_keys_is_not_made_twice(game):
    made = game.members["ann"].update()
    fixed = {"update": lambda member: lambda: made, "reject": lambda member: lambda op: None}
    again = play(broken(**fixed), "1", NAMES, [*START, Update("bob", 1), Update("bob", 2)])
    assert "repeated" in kinds(again)


def test_a_key_that_is_used_again_is_found():
    fixed = {"group_key": lambda member: b"always"}
    game = play(broken(**fixed), "1", ("bob",), [Create("bob", 0, ()), Confirm(0)])
    game.play(Update("bob", 1))
    game.play(Confirm(1))
    assert kinds(game) == ["reused"]


def test_a_game_that_is_over_is_not_played_on():
    game = play(broken(process=swallow), "1", NAMES, [*START, Deliver(0, "bob"), Update("ann", 1)])
    assert game.over
    assert len(game.steps) == len(START) + 1
    with pytest.raises(LocalError, match="over"):
        game.play(Update("ann", 1))


def test_a_game_starts_without_steps():
    game = Game(tainted_treekem(), "1", NAMES)
    assert (game.ledger.time, game.exposures, game.leaked()) == (0, [], ())
