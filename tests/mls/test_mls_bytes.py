"""Arbitrary bytes decode or raise a RemoteError; what decodes encodes to the same bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mls_groups import Group

from ttkem.errors import DecodeError, RemoteError
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.sending import Framing
from ttkem.mls.member import Member
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.proposals import Remove
from ttkem.mls.tree.ratchet_tree import read_ratchet_tree, write_ratchet_tree
from ttkem.testing.mls.illegal.lab import Lab, WelcomeEdits

LAB = Lab()
GROUP = Group()
PUBLIC = CommitOptions(framing=Framing(public=True))
SAMPLES = [
    GROUP["ann"].send(b"hello"),
    GROUP["ann"].commit([Remove(3)], options=PUBLIC).message,
    GROUP["ann"].commit().message,
    GROUP["cat"].group_info(),
    write_message(GROUP.key_package("eve").package),
    GROUP["dan"].propose(Remove(0), Framing(public=True)).message,
]
WELCOME = LAB.welcome_eve(WelcomeEdits())


@st.composite
def damaged(draw, samples):
    """Draw one of the samples with some bytes changed, removed or inserted."""
    data = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data) - 1))
        cut = draw(st.integers(0, 3))
        data[at : at + cut] = draw(st.binary(max_size=3))
    return bytes(data)


@given(st.one_of(st.binary(max_size=200), damaged(SAMPLES)))
def test_messages_decode_or_are_rejected(data):
    try:
        message = read_message(data)
    except RemoteError:
        return
    assert write_message(message) == data


@given(st.binary(max_size=60).map(lambda tail: b"\0\1\0\2" + tail))
def test_members_reject_random_private_messages(data):
    with pytest.raises(RemoteError):
        GROUP["bob"].process(data)


@settings(max_examples=60)
@given(damaged(SAMPLES))
def test_members_process_or_reject_damaged_messages(data):
    state = GROUP["bob"].state
    member = Member(GROUP.config, state, GROUP.randomness)
    try:
        member.process(data)
    except RemoteError:
        assert member.state is state


@settings(max_examples=40)
@given(damaged([WELCOME]))
def test_damaged_welcomes_are_accepted_or_rejected(data):
    try:
        member = Member.join(LAB.config, data, LAB.eve, LAB.randomness)
    except RemoteError:
        return
    assert member.epoch == 3


@given(st.one_of(st.binary(max_size=40), damaged([GROUP["ann"].ratchet_tree()])))
def test_trees_decode_or_are_rejected(data):
    try:
        tree = read_ratchet_tree(GROUP.config.suite, data)
    except RemoteError:
        return
    assert write_ratchet_tree(tree) == data


def test_an_empty_tree_is_rejected():
    with pytest.raises(DecodeError, match="the ratchet tree is empty"):
        read_ratchet_tree(GROUP.config.suite, b"\0")
