"""The sample protocols without a tree: they conform, and refuse what an insider could send."""

from dataclasses import replace
from typing import Any

import pytest

from ttkem.cgka import Kind
from ttkem.cgka.messages import Ciphertext
from ttkem.crypto import SeededRandomness
from ttkem.errors import InvalidMessageError, LocalError, RemoteError, StateFileError
from ttkem.testing import CHECKS, Feature, Status, carry_out
from ttkem.testing.sample_protocols import pairwise_channels, sender_keys
from ttkem.testing.sample_protocols.member import LAST_EPOCH
from ttkem.testing.sample_protocols.messages import Content, Message, Package, Welcome
from ttkem.testing.sample_protocols.sender_keys import MOST, Chains
from ttkem.wire import decode, encode

MAKERS: list[Any] = [pairwise_channels, sender_keys]


@pytest.mark.sample(10)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("make", MAKERS)
def test_they_conform(make, check):
    result = carry_out(check, make(), "3", examples=1, steps=10)
    lacks = make is sender_keys and Feature.HEALING in check.needs
    assert result.status is (Status.NOT_TESTED if lacks else Status.PASSED), result.seen


@pytest.fixture(params=MAKERS)
def group(request, make_group):
    return make_group(("ann", "bob", "cat"), protocol=request.param())


@pytest.fixture
def senders(make_group):
    return make_group(("ann", "bob", "cat"), protocol=sender_keys())


def forged(author, message, /, **changes):
    """A message of its author with other content, signed anew."""
    whole = decode(Message, message)
    data = encode(replace(decode(Content, whole.content), **changes))
    signed = data + whole.confirmation
    secret = author.saved.signature.secret
    signature = author.protocol.kdf.sign_with_label(secret, b"message", signed)
    return encode(Message(data, whole.confirmation, signature))


def refused(call, data, words, error=RemoteError):
    with pytest.raises(error, match=words):
        call(data)


def test_an_insider_cannot_send_what_contradicts_itself(group):
    ann, bob = group["ann"], group["bob"]
    message = ann.update().message
    other = group.newcomer("dan").key_package()
    for changes, words in (
        ({"kind": Kind.REMOVE, "target": "nobody"}, "cannot remove: the operation contradicts"),
        ({"kind": Kind.REMOVE, "target": "ann"}, "cannot remove: the operation contradicts"),
        ({"kind": Kind.ADD, "target": "dan"}, "cannot add: the operation contradicts itself"),
        ({"kind": Kind.CREATE}, "cannot create: the operation contradicts itself"),
        ({"target": "bob"}, "cannot update: the operation contradicts itself"),
        ({"author": "dan"}, "the signature is not valid|signature"),
        ({"author": "eve"}, "nobody knows 'eve'"),
        ({"protocol": "other"}, "it is of another protocol or suite"),
        ({"before": bytes(32)}, "it was made in another epoch or history"),
        ({"ciphertexts": (Ciphertext(b"", b""),) * 5}, "too many or few ciphertexts"),
        ({"encryption_key": b"short"}, "."),
        ({"packages": (decode(Package, other),)}, "cannot update: the operation contradicts"),
    ):
        refused(bob.process, forged(ann, message, **changes), words)
    assert bob.epoch == 1


def test_a_stranger_is_no_member(group):
    dan = group.newcomer("dan")
    message = group["ann"].update().message
    refused(group["bob"].process, forged(dan, message, author="dan"), "'dan' is no member")


def test_a_wrong_number_of_ciphertexts_is_refused(group):
    message = group["ann"].add(group.newcomer("dan").key_package()).message
    refused(group["bob"].process, forged(group["ann"], message, ciphertexts=()), "too many or few")


def test_a_wrong_confirmation_is_refused(group):
    ann = group["ann"]
    message = decode(Message, ann.update().message)
    data, wrong = message.content, bytes(32)
    signature = ann.protocol.kdf.sign_with_label(
        ann.saved.signature.secret, b"message", data + wrong
    )
    sent = encode(Message(data, wrong, signature))
    refused(group["bob"].process, sent, "its author has another group key")


def test_packages_of_other_protocols_are_refused(group):
    other: dict[Any, Any] = {pairwise_channels: sender_keys, sender_keys: pairwise_channels}
    make = next(m for m in MAKERS if m().name == group.protocol.name)
    randomness = SeededRandomness("other")
    stranger = other[make]().member("dan", group.pki, randomness)
    group.pki["dan"] = stranger.signature_key
    refused(group["ann"].add, stranger.key_package(), "it is of another protocol or suite")


def test_saved_states_of_other_protocols_are_refused():
    for make, other in zip(MAKERS, reversed(MAKERS), strict=True):
        saved = make().member("ann", {}, SeededRandomness(1)).save()
        with pytest.raises(StateFileError, match="cannot load the member: it is of"):
            other().load(saved, {}, SeededRandomness(1))
        with pytest.raises(StateFileError, match="cannot load the member: "):
            make().load(saved[1:], {}, SeededRandomness(1))


def test_a_false_welcome_is_refused(group):
    ann, dan = group["ann"], group.newcomer("dan")
    welcome = decode(Welcome, ann.add(dan.key_package()).make_welcome())
    before = welcome.before
    cards = before.cards
    foreign = replace(cards[0], signature_key=cards[1].signature_key)
    for changed, words in (
        (replace(before, epoch=LAST_EPOCH + 1), "counts epochs that cannot have been"),
        (replace(before, shrunk=before.epoch + 1), "counts epochs that cannot have been"),
        (replace(before, cards=(*cards, cards[0])), "somebody is in the group twice"),
        (replace(before, cards=(foreign, *cards[1:])), "has another signature key"),
        (replace(before, transcript=bytes(32)), "another epoch or history"),
    ):
        refused(dan.join, encode(Welcome(changed, welcome.message)), words)
    dan.discard_key_packages()
    refused(dan.join, encode(welcome), "used, erased or foreign")


def test_calls_out_of_turn(group):
    ann, dan = group["ann"], group.newcomer("dan")
    with pytest.raises(LocalError, match="'dan' is in no group"):
        dan.update()
    with pytest.raises(LocalError, match="'ann' is in a group already"):
        ann.create([])
    with pytest.raises(LocalError, match="somebody is in it twice"):
        dan.create([group["bob"].key_package()] * 2)
    with pytest.raises(LocalError, match="it is a member already"):
        ann.add(group["bob"].key_package())
    with pytest.raises(LocalError, match="cannot remove 'dan'"):
        ann.remove("dan")
    with pytest.raises(LocalError, match="cannot make a welcome"):
        ann.update().make_welcome()
    with pytest.raises(LocalError, match="it is not pending"):
        ann.confirm(b"nothing")


def test_a_pairwise_operation_has_a_ciphertext_for_each_other_member(make_group):
    group = make_group(("ann", "bob", "cat", "dan"), protocol=pairwise_channels())
    assert [group.update(who).ciphertexts for who in ("ann", "ann", "dan")] == [3, 3, 3]


def test_a_sender_key_is_sent_once_to_each_member(senders):
    assert [senders.update(who).ciphertexts for who in ("ann", "bob", "bob", "ann")] == [0, 2, 0, 0]
    assert senders.add("ann", "dan").ciphertexts == 1
    assert [senders.update(who).ciphertexts for who in ("bob", "bob", "dan")] == [1, 0, 3]
    assert senders.remove("dan", "cat").ciphertexts == 2
    assert [senders.update(who).ciphertexts for who in ("ann", "dan")] == [2, 0]


def test_a_chain_does_not_go_too_far(senders, monkeypatch):
    ann, bob = senders["ann"], senders["bob"]
    message = ann.update().message
    refused(bob.process, forged(ann, message, number=MOST), "256 operations of a member at most")
    ann.saved = replace(ann.saved, state=replace(ann.saved.state, made=MOST))
    with pytest.raises(LocalError, match="256 operations of a member at most"):
        ann.update()


def test_a_message_needs_a_chain_to_start_from(senders):
    ann, bob = senders["ann"], senders["bob"]
    message = ann.update().message
    bob.saved = replace(bob.saved, state=replace(bob.saved.state, memory=encode(Chains(()))))
    refused(bob.process, message, "it needs a chain of 'ann' to start from", InvalidMessageError)


def test_an_author_without_a_chain_keeps_its_state(senders):
    bob = senders["bob"]
    memory = bob.saved.state.memory
    bob.update()
    assert (bob.saved.state.memory, bob.saved.state.made) == (memory, 1)


def test_a_rejected_operation_costs_a_step_of_the_chain(senders):
    ann, bob = senders["ann"], senders["bob"]
    first, second = ann.update(), ann.update()
    ann.reject(first.id)
    ann.confirm(second.id)
    bob.process(second.message)
    assert bob.group_key == ann.group_key
