"""Shrinking gives the known shortest trace of planted bugs, and replays are bit for bit."""

import json
from dataclasses import replace

import mutants
import pytest

from ttkem.adversary import (
    Confirm,
    Create,
    Deliver,
    Reject,
    Remove,
    SampleKey,
    Update,
    read_trace,
    write_trace,
)
from ttkem.testing import CHECKS, carry_out, replay

MACHINE = CHECKS[-1]
SCRIPTED = next(check for check in CHECKS if check.name == "processing drops what is pending")
ALONE = (Create, Confirm)

# Each by hand: nothing shorter that begins with a group can show the bug. A group of one is enough
# where nobody else has to process anything; whoever joins needs an init key and a welcome.
SHORTEST = {
    "confirm keeps the other pending operations": (*ALONE, Update, Update, Confirm),
    "reject does nothing": (*ALONE, Update, Reject),
    "reject drops all pending operations": (*ALONE, Update, Update, Reject),
    "an update is adopted before its verdict": (*ALONE, Update),
    "processing a message keeps what is pending": (
        SampleKey, Create, Confirm, Deliver, Update, Update, Deliver,
    ),
}  # fmt: skip


def shrunk(name, seed="8"):
    mutant = next(mutant for mutant in mutants.MATRIX if mutant.name == name)
    with pytest.MonkeyPatch.context() as monkeypatch:
        protocol = mutant.protocol(monkeypatch)
        # Random runs find this one too, but take a minute for it.
        check = SCRIPTED if name.startswith("processing") else MACHINE
        result = carry_out(check, protocol, seed, examples=60, steps=30)
        assert result.trace is not None, f"{name} was not found"
        return protocol, result


@pytest.mark.parametrize("name", SHORTEST)
def test_a_planted_bug_has_its_shortest_trace(name):
    _, result = shrunk(name)
    # Whether somebody updates or removes is the same to these bugs, and as long.
    kinds = tuple(Update if isinstance(s, Remove) else type(s) for s in result.trace.steps)
    assert kinds == SHORTEST[name]
    assert result.trace.found[0].kind == result.broken == "pending operations"


def test_a_replay_file_gives_the_run_again_bit_for_bit():
    protocol, result = shrunk("confirm keeps the other pending operations")
    text = write_trace(result.trace)
    trace = read_trace(text)
    assert trace == result.trace
    run, failure = replay(protocol, trace)
    assert (failure.rule, failure.seen) == (result.broken, result.seen)
    again = replace(run.trace, found=trace.found)
    assert write_trace(again) == text
    assert json.loads(text)["digest"] == run.game.digest != ""


def test_another_seed_gives_other_bytes():
    protocol, result = shrunk("reject does nothing")
    run, failure = replay(protocol, replace(result.trace, seed="another"))
    assert failure.rule == result.broken
    assert run.game.digest != result.trace.digest
