"""Nothing that a peer sends makes a later local call impossible: counters, sizes, lengths, keys.

An insider may put any value into what it signs. Here one goes through the extremes; whatever a
member accepts, it can still save, load, add, remove, update and confirm.
"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ttkem.blanking import treekem, treekem_with_commit
from ttkem.cgka import group as transitions
from ttkem.cgka import snapshot as snapshots
from ttkem.cgka.group import PublicState, author_operation
from ttkem.cgka.messages import Add, KeyPackage, Welcome
from ttkem.cgka.snapshot import snapshot
from ttkem.errors import InvalidMessageError, LocalError, RemoteError, StateFileError
from ttkem.tainted import tainted_treekem
from ttkem.tree import KeyTree, Leaf
from ttkem.wire import decode, encode, limits

LAST = 2**64 - 1


def reload(member, group):
    """The member as it comes back from its file, which must hold all of it."""
    loaded = group.protocol.load(member.save(), group.pki, group.randomness)
    assert loaded.state == member.state
    return loaded


def everything_works(member, group, rounds=2):
    """Call everything that a member of a group may call, save in between, and start new epochs."""
    for number in range(rounds):
        newcomer = group.newcomer(f"newcomer {number} of {member.identity}")
        operations = [member.update(), member.add(newcomer.key_package())]
        operations += [member.remove(name) for name in member.roster if name != member.identity]
        operations[1].make_welcome()
        member.key_package()
        member = reload(member, group)
        for operation in operations[2:]:
            member.reject(operation.id)
        assert member.confirm(operations[number % 2].id).epoch == member.epoch
        member = reload(member, group)


def insiders_welcome(group, public, leaf, secrets, newcomer):
    """The welcome of an add that a member makes on any public state it likes."""
    author = group["ann"]
    body = Add(decode(KeyPackage, newcomer.key_package()))
    made = author_operation(
        group.protocol,
        public,
        body,
        leaf,
        secrets,
        author.state.signature.secret,
        group.randomness,
    )
    return encode(Welcome(snapshot(public), made.message))


PROTOCOLS = (tainted_treekem, treekem, treekem_with_commit)
EDGES = (0, 1, 2**32, 2**63 - 2, 2**63 - 1, 2**63, LAST - 1, LAST)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_insider_chooses_the_epoch_that_others_join_in(make_group, protocol):
    group = make_group(("ann", "bob"), protocol=protocol())
    state = group["ann"].state.group
    for epoch in EDGES:
        eve = group.newcomer(f"eve {epoch}")
        public = replace(state.public, epoch=epoch)
        welcome = insiders_welcome(group, public, state.leaf, state.secrets, eve)
        before = eve.state
        if epoch < 2**63:
            assert eve.join(welcome).epoch == epoch + 1
            everything_works(eve, group)
        else:
            with pytest.raises(InvalidMessageError, match=f"cannot accept epoch {epoch}: the last"):
                eve.join(welcome)
            assert eve.state is before
            everything_left(eve, group)


def everything_left(member, group):
    """What a member outside of a group may call."""
    member.key_package()
    group.protocol.load(member.save(), group.pki, group.randomness).create([])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.integers(0, LAST), st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=4))
@example(2**63 - 1, [2**31 - 1, 2**31 - 2, 0])
@example(3, [2**31 - 1])
@example(3, [2**30])
def test_an_insider_chooses_the_places_of_members(make_group, epoch, places):
    """Leaf numbers, and with them the capacity, up to the largest that fit their fields."""
    group = make_group(())
    ann = group.newcomer("ann")
    places = list(dict.fromkeys(places))
    key = group.protocol.suite.generate_key_pair(group.randomness)
    leaves = {places[0]: Leaf("ann", ann.signature_key, key.public)}
    for number, place in enumerate(places[1:]):
        other = group.newcomer(f"other {number}")
        leaves[place] = Leaf(other.identity, other.signature_key, key.public)
    tree = KeyTree.empty(group.protocol.suite.hash)
    while tree.capacity <= max(places):
        tree = tree.doubled()
    public = PublicState(tree.with_members(leaves), epoch, bytes(32))
    eve = group.newcomer("eve")
    welcome = insiders_welcome(group, public, places[0], {2 * places[0]: key.secret}, eve)
    before = eve.state
    try:
        eve.join(welcome)
    except RemoteError:
        assert eve.state is before
        everything_left(eve, group)
        assert epoch >= 2**63
    else:
        everything_works(eve, group)


def test_a_message_that_is_too_long_is_refused(make_group, monkeypatch):
    group = make_group(("ann", "bob"))
    eve = group.newcomer("eve")
    operation = group["ann"].add(eve.key_package())
    welcome = operation.make_welcome()
    monkeypatch.setattr(limits, "MESSAGE_BYTES", len(operation.message) - 1)
    for receive, data in ((group["bob"].process, operation.message), (eve.join, welcome)):
        with pytest.raises(InvalidMessageError, match=f"a message of {len(data)} bytes: the limit"):
            receive(data)
    monkeypatch.setattr(limits, "MESSAGE_BYTES", len(welcome))
    group.carry_out(operation)
    group.check()


def test_a_group_without_room_takes_nobody_in_and_goes_on(make_group, monkeypatch):
    group = make_group()
    ann, bob = group["ann"], group["bob"]
    eve = group.newcomer("eve " + "e" * 1000)
    length = group.protocol.suite.kem.public_length
    full = ann.tree.snapshot_bytes(length)
    operation = ann.add(eve.key_package())
    ann.reject(operation.id)
    assert full < 1000
    for place in (transitions, snapshots):
        monkeypatch.setattr(place, "TREE_BYTES", full + 999)
    with pytest.raises(LocalError, match="cannot add these members: the group is full"):
        ann.add(eve.key_package())
    before = bob.state
    with pytest.raises(InvalidMessageError, match="the group is full, its public tree would take"):
        bob.process(operation.message)
    with pytest.raises(InvalidMessageError, match="the group is full, its public tree would take"):
        eve.join(operation.make_welcome())
    assert bob.state is before
    group.update("cat")
    group.remove("dan", "ann")
    group.update("bob")
    group.check()
    for place in (transitions, snapshots):
        monkeypatch.setattr(place, "TREE_BYTES", full - 1)
    with pytest.raises(InvalidMessageError, match="its tree takes more than"):
        eve.join(operation.make_welcome())


def test_a_state_file_names_no_last_epoch(make_group):
    group = make_group(("ann", "bob"))
    ann = group["ann"]
    for epoch, loads in ((limits.LAST_SAVED_EPOCH, True), (limits.LAST_SAVED_EPOCH + 1, False)):
        state = ann.state
        public = replace(state.group.public, epoch=epoch)
        ann._state = replace(state, group=replace(state.group, public=public))
        if loads:
            reload(ann, group).update()
        else:
            with pytest.raises(StateFileError, match=f"cannot accept epoch {epoch}"):
                reload(ann, group)
