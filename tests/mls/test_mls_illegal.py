"""Illegal messages: the receiver rejects each with the right error, and accepts honest ones."""

import json

import pytest

from ttkem.errors import RemoteError
from ttkem.mls.events import EpochStarted
from ttkem.mls.member import Member
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.proposals import Add, Remove
from ttkem.testing.mls.illegal import RULES
from ttkem.testing.mls.illegal.lab import Edits, Lab, WelcomeEdits
from ttkem.testing.mls.illegal.vectors import judge, negative_vectors


def test_there_are_enough_and_each_has_its_name():
    assert len({rule.name for rule in RULES}) == len(RULES) >= 155
    assert len({rule.section for rule in RULES}) > 30
    assert all(rule.statement and rule.refusal for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_refused_for_the_right_reason(rule):
    (case,) = negative_vectors([rule])
    refusal = judge(json.loads(json.dumps(case)))
    assert type(refusal) is rule.error
    assert rule.refusal in str(refusal)
    assert (case["rule"], case["refusal"]) == (rule.name, rule.error.__name__)


def test_a_refused_message_changes_nothing():
    for rule in RULES[::9]:
        lab = Lab()
        forged = rule.forge(lab)
        for message in forged.before:
            lab.bob.process(message)
        before = lab.bob.state
        if not forged.welcome:
            with pytest.raises(RemoteError):
                lab.bob.process(forged.illegal)
            assert lab.bob.state is before


# Without edits, the forging tools make honest messages


@pytest.mark.parametrize("what", [(), (Remove(2),)], ids=["empty", "remove"])
def test_an_unedited_commit_is_accepted(what):
    lab = Lab()
    assert isinstance(lab.bob.process(lab.commit(*what, edits=Edits())), EpochStarted)


def test_an_unedited_add_update_and_private_message_are_accepted():
    lab = Lab()
    lab.bob.process(write_message(lab.private()))
    lab.bob.process(lab.propose(Remove(2)))
    lab.bob.process(lab.commit(Add(lab.altered_package()), path=False))
    assert len(lab.bob.roster) == 5


def test_an_unedited_welcome_is_accepted():
    lab = Lab()
    eve = Member.join(lab.config, lab.welcome_eve(WelcomeEdits()), lab.eve)
    assert eve.epoch == 3


def test_judging_a_case_whose_message_is_legal():
    """The negative twin: the judge reports that a message is not rejected."""
    (case,) = negative_vectors([RULES[0]])
    legal = Lab().commit()
    assert judge(case | {"illegal": legal.hex()}) is None
    with pytest.raises(RemoteError):
        judge(case | {"messages": [*case["messages"], case["illegal"]]})
    with pytest.raises(RemoteError):
        judge(case | {"welcome": case["key_package"]})
    with pytest.raises(RemoteError, match="key_package is not a KeyPackage"):
        judge(case | {"key_package": case["welcome"]})
    welcomes = next(rule for rule in RULES if rule.name == "welcome-suite")
    (case,) = negative_vectors([welcomes])
    honest = Lab().welcome_eve(WelcomeEdits())
    assert judge(case | {"welcome": honest.hex()}) is None


def test_the_same_seed_gives_the_same_bytes():
    some = RULES[::20]
    assert negative_vectors(some, 7) == negative_vectors(some, 7)
    assert negative_vectors(some, 7) != negative_vectors(some, 8)


def test_guests_stand_in_for_the_receivers():
    elsewhere = Lab(seed=99)
    own = elsewhere.clients["eve"].key_package(elsewhere.randomness)
    lab = Lab(guests={"bob": own.package})
    guest = Member.join(elsewhere.config, lab.welcome, own)
    for message in lab.history:
        guest.process(message)
    rule = next(rule for rule in RULES if rule.name == "path-secret")
    with pytest.raises(rule.error, match=rule.refusal):
        guest.process(rule.forge(lab).illegal)
    assert isinstance(guest.process(lab.commit()), EpochStarted)
    with pytest.raises(KeyError):
        _ = lab.bob
