"""Nothing that a peer sends makes a later local call impossible: epochs, generations, lengths."""

from dataclasses import replace

import pytest
from mls_groups import Group
from rpds import HashTrieMap

from ttkem.errors import HistoryError, InvalidMessageError, LocalError, MissingPskError
from ttkem.mls import (
    Add,
    CommitOptions,
    Framing,
    LeafChange,
    Lifetime,
    Member,
    PreSharedKey,
    read_member,
    write_member,
)
from ttkem.mls.events import ApplicationMessage
from ttkem.mls.group import proposal_validation, validation, welcomes
from ttkem.mls.keys import message_protection, secret_tree
from ttkem.mls.keys.secret_tree import Ratchet, RatchetKind
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.wire import limits

LAST = 2**64 - 1
EDGES = (0, 1, 2**32, 2**63 - 1, 2**63, LAST)


@pytest.fixture
def group():
    return Group(("ann", "bob"))


def everything_works(group, member, rounds=2):
    """Call everything that a member may call, save in between, and start new epochs."""
    for number in range(rounds):
        name = f"newcomer {number} of {member.epoch}"
        member.send(b"data")
        member.forget(member.propose_update().reference)
        member.group_info(external=True)
        member.export(b"label", b"", 32)
        others = [leaf for leaf in member.roster if leaf != member.leaf]
        made = [member.add(group.key_package(name).package), member.remove(*others[:1])]
        made.append(member.commit())
        member = read_member(group.config, write_member(member), group.randomness)
        member.reject(made[0].id)
        member.confirm(made[-1].id)
        loaded = read_member(group.config, write_member(member), group.randomness)
        assert write_member(loaded) == write_member(member)
        member = loaded


def in_epoch(group, name, epoch):
    """A member as an insider may change itself: its group has been in any number of epochs."""
    state = group[name].state
    return Member(
        group.config,
        replace(
            state,
            context=replace(state.context, epoch=epoch),
            resumption=HashTrieMap({epoch: state.secrets.resumption_psk}),
        ),
        group.randomness,
    )


@pytest.mark.parametrize("epoch", EDGES)
def test_an_insider_chooses_the_epoch_that_others_join_in(group, epoch):
    own = group.key_package("eve")
    if epoch:
        made = in_epoch(group, "ann", epoch - 1).add(own.package)

        def join():
            return Member.join(group.config, made.welcome, own, group.randomness)

        if epoch < 2**63:
            assert join().epoch == epoch
            everything_works(group, join())
        else:
            with pytest.raises(InvalidMessageError, match=f"cannot accept epoch {epoch}: the last"):
                join()
    info = in_epoch(group, "ann", epoch).group_info(external=True)

    def enter():
        return Member.join_by_commit(group.client("fay"), info, group.randomness)[0]

    if epoch < 2**63:
        assert enter().epoch == epoch + 1
        everything_works(group, enter())
    else:
        with pytest.raises(InvalidMessageError, match=f"cannot accept epoch {epoch}: the last"):
            enter()


def at_generation(group, name, sender, generation):
    """Let a member's ratchet of a sender's application data be at a generation."""
    state = group[name].state
    tree = state.secret_tree._with_ratchets(group.config.crypto, group.leaf(sender))
    ratchet = Ratchet(generation, bytes(32), HashTrieMap({}))
    ratchets = tree.ratchets.insert((group.leaf(sender), RatchetKind.APPLICATION), ratchet)
    state = replace(state, secret_tree=replace(tree, ratchets=ratchets))
    group.members[name] = Member(group.config, state, group.randomness)


def test_the_last_generation_is_never_used(group, monkeypatch):
    for name in ("ann", "bob"):
        at_generation(group, name, "ann", 2**32 - 2)
    ann, bob = group["ann"], group["bob"]
    assert isinstance(bob.process(ann.send(b"the last one")), ApplicationMessage)
    with pytest.raises(LocalError, match="message keys of this epoch are used up"):
        ann.send(b"one too many")
    with monkeypatch.context() as careless:
        for place in (message_protection, secret_tree):
            careless.setattr(place, "END_OF_RATCHET", 2**32)
        message = ann.send(b"one too many")
    before = bob.state
    with pytest.raises(HistoryError, match="generation 4294967295 is not usable"):
        bob.process(message)
    assert bob.state is before
    everything_works(group, bob)
    ann = Member(group.config, bob.state, group.randomness)
    group.members["ann"] = ann
    group.members["bob"] = bob
    assert bob.commit(options=CommitOptions(framing=Framing(public=True))).message


def some_psk(group, number):
    group.secrets[b"psk %d" % number] = bytes(32)
    return PreSharedKey(PreSharedKeyID(ExternalPsk(b"psk %d" % number), bytes(32)))


def test_more_psks_than_can_be_counted_are_refused_or_left_out(group, monkeypatch):
    ann, bob = group["ann"], group["bob"]
    psks = [some_psk(group, number) for number in range(3)]
    own = group.key_package("eve")
    made = ann.commit([*psks, Add(own.package)])
    ann.reject(made.id)
    monkeypatch.setattr(proposal_validation, "MAX_PSKS", 2)
    with pytest.raises(LocalError, match="3 PSKs are used at once; at most 2"):
        ann.commit(psks)
    for receive in (
        lambda: bob.process(made.message),
        lambda: Member.join(group.config, made.welcome, own, group.randomness),
    ):
        with pytest.raises(InvalidMessageError, match="3 PSKs are used at once; at most 2"):
            receive()
    for psk in psks:
        group.deliver(ann.propose(psk), but="ann")
    made = bob.commit()
    assert [len(made.proposals), [each.reason for each in made.left_out]] == [
        2,
        ["3 PSKs are used at once; at most 2 can be"],
    ]
    group.carry_out("bob", made)
    group.check()


def test_a_full_group_takes_nobody_in_and_goes_on(group, monkeypatch):
    ann, bob = group["ann"], group["bob"]
    group.clients["eve"] = replace(group.client("eve"), credential=BasicCredential(bytes(1000)))
    add = Add(group.key_package("eve").package)
    made = ann.commit([add])
    ann.reject(made.id)
    listed = replace(group.client("ann").capabilities, extensions=tuple(range(0xF100, 0xF200)))
    grow = LeafChange(capabilities=listed)
    pair = group.config.suite.generate_signature_key_pair(group.randomness)
    full = ann.state.tree.summary.leaf_bytes
    monkeypatch.setattr(validation, "TREE_BYTES", full)
    with pytest.raises(LocalError, match="the group is full: its leaf nodes would take more than"):
        ann.commit([add])
    with pytest.raises(InvalidMessageError, match="the group is full: its leaf nodes would take"):
        bob.process(made.message)
    with pytest.raises(LocalError, match="the group is full"):
        ann.commit(options=CommitOptions(change=grow))
    # What only replaces keys goes on: in each kind of leaf node, with signatures of any length.
    group.deliver(ann.propose_update(LeafChange(signature=pair)), but="ann")
    for name in ("bob", "ann", "bob"):
        group.commit(name)
        assert group[name].state.tree.summary.leaf_bytes == full
    with monkeypatch.context() as careless:
        careless.setattr(validation, "TREE_BYTES", full + 10_000)
        group.deliver(ann.propose(add), but="ann")
    made = bob.commit()
    assert [each.reason[:17] for each in made.left_out] == ["the group is full"]


def test_extensions_and_names_that_leave_no_room_are_refused(group, monkeypatch):
    bob, own = group["bob"], group.key_package("eve")
    welcome = group["ann"].add(own.package).welcome
    monkeypatch.setattr(validation, "TREE_BYTES", size := bob.state.tree.summary.leaf_bytes)
    big = tuple(Extension(3, bytes((0, 0, 0))) for _ in range(size))
    with pytest.raises(InvalidMessageError, match="the group context extensions take more than"):
        validation._check_room(bob.state.tree, big)
    monkeypatch.setattr(welcomes, "TREE_BYTES", 4)
    with pytest.raises(InvalidMessageError, match="the group id takes more than 4 bytes"):
        Member.join(group.config, welcome, own, group.randomness)


def test_a_message_that_is_too_long_is_refused(group, monkeypatch):
    ann, bob = group["ann"], group["bob"]
    message = ann.send(b"data")
    info, tree = ann.group_info(external=True, with_tree=False), ann.ratchet_tree()
    monkeypatch.setattr(limits, "MESSAGE_BYTES", len(message) - 1)
    with pytest.raises(InvalidMessageError, match=f"a message of {len(message)} bytes: the limit"):
        bob.process(message)
    monkeypatch.setattr(limits, "MESSAGE_BYTES", max(len(message), len(tree) - 1))
    assert isinstance(bob.process(message), ApplicationMessage)
    with pytest.raises(InvalidMessageError, match=f"a message of {len(tree)} bytes: the limit"):
        Member.join_by_commit(group.client("fay"), info, group.randomness, tree=tree)


def test_lifetimes_may_span_all_of_time():
    group = Group(("ann", "bob"), max_lifetime=None)
    own = group.client("eve").key_package(group.randomness, lifetime=Lifetime(0, LAST))
    group.carry_out("ann", made := group["ann"].add(own.package))
    group.join("eve", made.welcome, own)
    group.check()
    for name in ("bob", "eve"):
        everything_works(group, group[name])


def test_a_resumption_psk_of_the_last_epoch_is_unknown_and_harmless(group):
    psk = ResumptionPsk(PskUsage.APPLICATION, group["bob"].group_id, LAST)
    state = group["ann"].state
    careless = replace(state, resumption=state.resumption.insert(LAST, bytes(32)))
    ann = Member(group.config, careless, group.randomness)
    bob = group["bob"]
    before = bob.state
    with pytest.raises(MissingPskError, match="unknown pre-shared key"):
        bob.process(ann.commit([proposal := ann.psk(psk)]).message)
    assert bob.state is before
    bob.process(ann.propose(proposal).message)
    assert [each.reason[:22] for each in bob.commit().left_out] == ["unknown pre-shared key"]
    everything_works(group, bob)
