"""Traces as files and as tables."""

import json

import pytest

from tests.adversary.test_game import NAMES, START
from ttkem.adversary import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Trace,
    Update,
    Violation,
    describe,
    format_trace,
    play,
    read_trace,
    write_trace,
)
from ttkem.errors import RemoteError
from ttkem.tainted import tainted_treekem

EVERY = (
    SampleKey("bob", 0),
    EraseKeys("bob"),
    Create("ann", 0, (0,)),
    Add("ann", 1, 0),
    Remove("ann", 2, "bob"),
    Update("ann", 3),
    Reject(3),
    Deliver(3, "bob"),
    StartCorrupt("ann"),
    EndCorrupt("ann"),
    Challenge(3),
    Confirm(3),
)
TRACE = Trace("TTKEM", 1, "7", ("ann", "bob"), EVERY, (Violation("key", 3, "why"),), "00")


def test_a_file_gives_the_trace_back():
    assert read_trace(write_trace(TRACE)) == TRACE
    empty = Trace("TTKEM", 0, "", (), ())
    assert read_trace(write_trace(empty)) == empty


def test_a_replayed_file_gives_the_same_bytes():
    game = play(tainted_treekem(), "7", NAMES, START)
    kept = read_trace(write_trace(game.trace()))
    again = play(tainted_treekem(), kept.seed, kept.members, kept.steps)
    assert again.digest == kept.digest == game.digest
    assert write_trace(again.trace()) == write_trace(game.trace())
    assert kept.suite == 1


def changed(**what):
    return json.dumps({**json.loads(write_trace(TRACE)), **what})


def with_step(step):
    return changed(steps=[step])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "cannot read the replay file: not valid JSON"),
        ("[" * 100_000, "cannot read the replay file: not valid JSON"),
        ("[]", "its format is not 'ttkem replay'"),
        (changed(format="x"), "its format is not 'ttkem replay'"),
        (changed(version=2), "its version is 2, supported is 1"),
        (changed(version=None), "its version is None"),
        (changed(protocol=1), "'protocol' must be a string"),
        (changed(suite=True), "'suite' must be an integer"),
        (changed(members="ann"), "'members' must be a list"),
        (changed(members=[1]), "a member must be a string"),
        (changed(members=["\ud800"]), "a member contains a surrogate"),
        (changed(members=["ann", "ann"]), "distinct, non-empty names"),
        (changed(members=[""]), "distinct, non-empty names"),
        (changed(found=[1]), "a finding must have exactly 'kind'"),
        (changed(found=[{"kind": 1, "time": 1, "what": ""}]), "a finding's 'kind' must be"),
        (with_step(1), "step 0: unknown kind of step"),
        (with_step({"do": ["update"]}), "step 0: unknown kind of step"),
        (with_step({"do": "fly"}), "step 0: unknown kind of step"),
        (with_step({"do": "update", "op": 1}), "step 0, 'who' must be a string"),
        (with_step({"do": "confirm", "op": True}), "'op' must be an integer"),
        (
            with_step({"do": "create", "who": "a", "op": 1, "keys": ["b"]}),
            "a key must be an integer",
        ),
        (with_step({"do": "update", "who": "a", "op": 1, "x": 1}), "'update' has no field 'x'"),
    ],
)
def test_bad_files_give_one_clear_error(text, complaint):
    with pytest.raises(RemoteError, match="replay file") as caught:
        read_trace(text)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_step_has_its_words():
    words = [describe(step) for step in EVERY]
    assert words[2] == "ann makes op 0: create with keys 0"
    assert words[6] == "op 3 is rejected"
    assert len(set(words)) == len(EVERY)
    assert describe(Create("ann", 0, ())).endswith("none")


def test_a_table_has_a_row_a_step_and_notes():
    rows = format_trace(EVERY, ["first"]).splitlines()
    assert len(rows) == len(EVERY)
    assert rows[0].split() == ["0", "bob", "samples", "init", "key", "0", "first"]
    assert rows[10].startswith("10  challenge")
    assert format_trace([]) == ""
