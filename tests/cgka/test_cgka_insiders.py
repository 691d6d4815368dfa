"""Insiders: members who sign what they should not; each lie is refused for its own reason."""

from dataclasses import replace
from typing import Any

import pytest

from ttkem.blanking import treekem
from ttkem.cgka.key_packages import read_key_package
from ttkem.cgka.messages import (
    Add,
    Ciphertext,
    Content,
    ControlMessage,
    Create,
    KeyPackage,
    Remove,
    Signed,
    Update,
    Welcome,
)
from ttkem.crypto import SeededRandomness
from ttkem.errors import (
    CryptoError,
    HistoryError,
    InvalidMessageError,
    LocalError,
    RemoteError,
)
from ttkem.tainted import tainted_treekem
from ttkem.wire import decode, encode


def resign(author, message, /, *, confirmation=..., **changes):
    """The author's message with parts of its content changed, signed anew."""
    signed = decode(ControlMessage, message).signed
    content = encode(replace(decode(Content, signed.content), **changes))
    kept = signed.confirmation if confirmation is ... else confirmation
    signed = Signed(content, kept)
    secret = author.state.signature.secret
    kdf = tainted_treekem().kdf
    signature = kdf.sign_with_label(secret, b"control", encode(signed))
    return encode(ControlMessage(signed, signature))


def content_of(message):
    return decode(Content, decode(ControlMessage, message).signed.content)


def refused(member, message, error, match):
    before = member.state
    with pytest.raises(error, match=match):
        member.process(message)
    assert member.state is before


def test_signing_anew_changes_nothing_by_itself(make_group):
    group = make_group()
    message = group["ann"].update().message
    assert resign(group["ann"], message) == message


def some_key(seed=9):
    return tainted_treekem().suite.generate_key_pair(SeededRandomness(seed)).public


UPDATE_LIES: dict[str, Any] = {
    "another protocol": ({"protocol": "TKEM"}, InvalidMessageError, "a message of TKEM"),
    "another suite": ({"suite": 3}, InvalidMessageError, "on suite 3"),
    "an old epoch": ({"epoch": 1}, HistoryError, "a message of epoch 1"),
    "a later epoch": ({"epoch": 3}, HistoryError, "a message of epoch 3"),
    "another transcript": ({"transcript_hash": bytes(32)}, HistoryError, "another history"),
    "another tree": ({"tree_hash": bytes(32)}, HistoryError, "another history"),
    "another tree after": ({"new_tree_hash": bytes(32)}, InvalidMessageError, "another public"),
    "another author": ({"author": 1}, CryptoError, "signature"),
    "an empty leaf for author": ({"author": 9}, InvalidMessageError, "author's leaf 9"),
    "no leaf key": ({"leaf_key": None}, InvalidMessageError, "leaf key"),
    "a short leaf key": ({"leaf_key": b"short"}, CryptoError, "32 bytes"),
    "too few keys": ({"public_keys": ()}, InvalidMessageError, "2 nodes are refreshed, 0 keys"),
    "removing nobody": ({"body": Remove(5)}, InvalidMessageError, "there is no member at leaf 5"),
    "removing oneself": (
        {"body": Remove(0)},
        InvalidMessageError,
        "its author, at leaf 0, removes itself",
    ),
    "creating again": (
        {"body": Create("ann", b"", ())},
        InvalidMessageError,
        "a create starts a group",
    ),
    "no confirmation": ({"confirmation": None}, CryptoError, "key confirmation"),
    "a wrong confirmation": ({"confirmation": bytes(32)}, CryptoError, "key confirmation"),
}


@pytest.mark.parametrize("lie", list(UPDATE_LIES))
def test_lies_in_an_update(make_group, lie):
    group = make_group()
    group.update("cat")
    changes, error, match = UPDATE_LIES[lie]
    message = group["ann"].update().message
    refused(group["bob"], resign(group["ann"], message, **changes), error, match)


def test_a_wrong_public_key_is_noticed_by_who_is_below_it(make_group):
    group = make_group()
    group.update("cat")
    ann, bob, cat = group["ann"], group["bob"], group["cat"]
    message = ann.update().message
    true = content_of(message)
    # The node above Ann and Bob gets a key that its seed does not generate.
    keys = (some_key(), true.public_keys[1])
    tree = ann.tree.with_keys(
        {0: true.leaf_key},
        {1: replace(ann.tree.internal(1), public_key=keys[0], taint=None)},
    )
    tree = tree.with_keys({}, {3: replace(ann.tree.internal(3), public_key=keys[1], taint=None)})
    lie = resign(ann, message, public_keys=keys, new_tree_hash=tree.hash)
    refused(bob, lie, CryptoError, "the seed of node 1 does not generate its public key")
    # Cat is not below that node; that the tag was made for another content is what Cat notices.
    refused(cat, lie, CryptoError, "key confirmation")


def test_wrong_ciphertexts_are_noticed_by_who_opens_them(make_group):
    group = make_group()
    group.update("cat")
    ann, bob, cat = group["ann"], group["bob"], group["cat"]
    message = ann.update().message
    true = content_of(message).ciphertexts
    assert len(true) == 2
    exchanged = resign(ann, message, ciphertexts=true[::-1])
    for member in (bob, cat):
        refused(member, exchanged, CryptoError, "does not open")
    garbage = Ciphertext(b"", b"")
    refused(bob, resign(ann, message, ciphertexts=(garbage, true[1])), CryptoError, "32 bytes")
    for wrong in ((), true[:1], (*true, true[0])):
        refused(bob, resign(ann, message, ciphertexts=wrong), RemoteError, "expected 2 ciphertexts")


def test_nobody_outside_authors_their_own_add(make_group):
    group = make_group(("ann", "bob", "cat"))
    eve = group.newcomer("eve")
    operation = group["ann"].add(eve.key_package())
    assert content_of(operation.message).author == 0
    lie = resign(eve, operation.message, author=3)
    refused(group["bob"], lie, InvalidMessageError, "no member at the author's leaf 3")


def test_adds_of_members_and_strangers(make_group):
    group = make_group()
    ann, bob = group["ann"], group["bob"]
    eve = group.newcomer("eve")
    message = ann.add(eve.key_package()).message
    package = content_of(message).body.key_package
    known = decode(KeyPackage, bob.key_package())
    refused(bob, resign(ann, message, body=Add(known)), InvalidMessageError, "is a member already")
    stranger = replace(package, content=replace(package.content, identity="zoe"))
    refused(bob, resign(ann, message, body=Add(stranger)), InvalidMessageError, "another signature")
    other = replace(package, content=replace(package.content, init_key=some_key()))
    refused(bob, resign(ann, message, body=Add(other)), CryptoError, "signature")
    foreign = replace(package, content=replace(package.content, protocol="TKEM"))
    refused(bob, resign(ann, message, body=Add(foreign)), InvalidMessageError, "package of TKEM")
    # The true one, but told as an update, which has a leaf key.
    refused(
        bob,
        resign(ann, message, body=Update()),
        InvalidMessageError,
        "it has no leaf key, and its operation needs one",
    )


def test_key_packages_of_others_are_refused_by_the_author(make_group):
    group = make_group()
    eve = group.newcomer("eve")
    package = eve.key_package()
    for pki in ({}, {"eve": group.pki["ann"]}):
        ann = group.protocol.load(group["ann"].save(), pki, group.randomness)
        before = ann.state
        with pytest.raises(InvalidMessageError, match="'eve' has another signature key"):
            ann.add(package)
        assert ann.state is before
    foreign = treekem().member("fay", {}, group.randomness)
    group.pki["fay"] = foreign.signature_key
    with pytest.raises(InvalidMessageError, match="a key package of TKEM"):
        group["ann"].add(foreign.key_package())


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32)], ids=["empty", "short", "low order"])
def test_key_packages_with_an_init_key_that_is_none(make_group, key):
    """Signed by its owner, but nobody can encrypt to it: refused before anything is made of it."""
    group = make_group()
    eve = group.newcomer("eve")
    package = decode(KeyPackage, eve.key_package())
    content = replace(package.content, init_key=key)
    secret = eve.state.signature.secret
    signed = tainted_treekem().kdf.sign_with_label(secret, b"key package", encode(content))
    before = group["ann"].state
    with pytest.raises(CryptoError):
        read_key_package(group.protocol, KeyPackage(content, signed), group.pki)
    with pytest.raises(RemoteError):
        group["ann"].add(encode(KeyPackage(content, signed)))
    assert group["ann"].state is before


@pytest.fixture
def created(make_group):
    """A creator, a member to be, and the welcome between them, decoded."""
    group = make_group(())
    ann, bob = group.newcomer("ann"), group.newcomer("bob")
    welcome = decode(Welcome, ann.create([bob.key_package()]).make_welcome())
    return ann, bob, welcome.message


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda body: {"author": 1, "body": body}, InvalidMessageError, "creator has leaf 0"),
        (
            lambda body: {"body": replace(body, key_packages=body.key_packages * 2)},
            InvalidMessageError,
            "names somebody twice",
        ),
        (
            lambda body: {"body": replace(body, identity="zoe")},
            InvalidMessageError,
            "'zoe' has another signature key",
        ),
        (lambda _: {"body": Update()}, InvalidMessageError, "a create starts a group"),
    ],
)
def test_lies_in_a_create(created, change, error, match):
    ann, bob, message = created
    lie = resign(ann, message, **change(content_of(message).body))
    before = bob.state
    with pytest.raises(error, match=match):
        bob.join(encode(Welcome(None, lie)))
    assert bob.state is before


def test_a_welcome_needs_the_tree_that_the_author_signed(make_group):
    group = make_group()
    eve = group.newcomer("eve")
    operation = group["ann"].add(eve.key_package())
    welcome = decode(Welcome, operation.make_welcome())
    snapshot = welcome.snapshot
    dan = snapshot.leaves[3]

    def told(**changes):
        return encode(replace(welcome, snapshot=replace(snapshot, **changes)))

    lies = {
        "each member once": told(leaves=()),
        "and each member once": told(leaves=(*snapshot.leaves[:3], replace(dan, identity="ann"))),
        "not in ascending": told(leaves=snapshot.leaves[::-1]),
        "in ascending": told(internal=snapshot.internal[::-1]),
        "fit a tree of capacity 2": told(capacity=2),
        "fit a tree of capacity 3": told(capacity=3),
        "another signature key": told(
            leaves=(*snapshot.leaves[:3], replace(dan, signature_key=bytes(32)))
        ),
        "one signature key": told(
            leaves=(*snapshot.leaves[:3], replace(dan, signature_key=group.pki["ann"]))
        ),
        "its transcript hash has 31 bytes, not 32": told(
            transcript_hash=snapshot.transcript_hash[1:]
        ),
        "32 bytes": told(leaves=(*snapshot.leaves[:3], replace(dan, public_key=b"x"))),
        "empty right half": told(capacity=8),
        "nobody below it": told(
            internal=(*snapshot.internal, replace(snapshot.internal[0], node=7))
        ),
        "cannot be tainted by leaf 9": told(
            internal=(replace(snapshot.internal[0], taint=9), *snapshot.internal[1:])
        ),
        "cannot be tainted by leaf 0": told(
            internal=(replace(snapshot.internal[0], taint=0), *snapshot.internal[1:])
        ),
        "another history": told(
            internal=(replace(snapshot.internal[0], taint=3), *snapshot.internal[1:])
        ),
        "of epoch": told(epoch=7),
    }
    before = eve.state
    for match, lie in lies.items():
        with pytest.raises(RemoteError, match=match):
            eve.join(lie)
        assert eve.state is before
    eve.join(operation.make_welcome())


def test_an_empty_confirmation_is_not_an_absent_one(make_group):
    group = make_group(protocol=treekem())
    message = group["ann"].remove("dan").message
    assert decode(ControlMessage, message).signed.confirmation is None
    refused(
        group["bob"],
        resign(group["ann"], message, confirmation=b""),
        CryptoError,
        "key confirmation",
    )
    group["bob"].process(message)


@pytest.fixture
def namesakes():
    """A group of two, and two others with one signature key, whom the infrastructure knows."""
    protocol, randomness, pki = tainted_treekem(), SeededRandomness(1), {}
    names = ("ann", "bob", "eve", "fay")
    members = {
        name: protocol.member(name, pki, SeededRandomness(7) if name in "evefay" else randomness)
        for name in names
    }
    pki.update({name: member.signature_key for name, member in members.items()})
    assert pki["eve"] == pki["fay"] != pki["ann"]
    ann, bob = members["ann"], members["bob"]
    created = ann.create([bob.key_package()])
    ann.confirm(created.id)
    bob.join(created.make_welcome())
    return members


def test_one_signature_key_under_two_names(namesakes):
    """RFC 9420 section 7.3: the signature keys of members differ; refused by author and others."""
    ann, bob, eve, fay = namesakes.values()
    operation = ann.add(eve.key_package())
    other = ann.add(fay.key_package())
    bob.process(operation.message)
    ann.confirm(operation.id)
    before = ann.state
    with pytest.raises(LocalError, match="cannot add 'fay': its signature key is that of 'eve'"):
        ann.add(fay.key_package())
    assert ann.state is before
    body = content_of(other.message).body
    lie = resign(ann, ann.update().message, body=body, leaf_key=None)
    match = "cannot accept the add: the signature key of 'fay' is that of 'eve'"
    refused(bob, lie, InvalidMessageError, match)
    # Once Eve is gone, so is her key.
    removed = ann.remove("eve")
    bob.process(removed.message)
    ann.confirm(removed.id)
    added = ann.add(fay.key_package())
    bob.process(added.message)
    fay.join(added.make_welcome())
    assert fay.group_key == bob.group_key


def test_a_create_with_one_signature_key_under_two_names(namesakes):
    _, _, eve, fay = namesakes.values()
    protocol, pki = tainted_treekem(), eve._pki
    zoe = protocol.member("zoe", pki, SeededRandomness(9))
    pki["zoe"] = zoe.signature_key
    packages = [eve.key_package(), fay.key_package()]
    for author, given in ((zoe, packages), (eve, packages[1:])):
        with pytest.raises(LocalError, match="two members have one signature key"):
            author.create(given)
    message = decode(Welcome, zoe.create(packages[:1]).make_welcome()).message
    body = content_of(message).body
    both = tuple(decode(KeyPackage, package) for package in packages)
    lie = resign(zoe, message, body=replace(body, key_packages=both))
    before = fay.state
    with pytest.raises(InvalidMessageError, match="two members have one signature key"):
        fay.join(encode(Welcome(None, lie)))
    assert fay.state is before
