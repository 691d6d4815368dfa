"""Groups of members: joint operations, and the erasure of old state."""

from dataclasses import replace

import pytest
from mls_groups import Group
from mls_policies import AnySuccession
from rpds import HashTrieMap

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import (
    CryptoError,
    DecodeError,
    HistoryError,
    InvalidMessageError,
    LocalError,
    MacError,
    RemoteError,
)
from ttkem.mls import Configuration, Limits
from ttkem.mls.client import Client
from ttkem.mls.events import ApplicationMessage, EpochStarted, ProposalArrived, Removed
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.external import outside_proposal, propose_oneself
from ttkem.mls.group.policy import no_psks
from ttkem.mls.group.sending import Framing, LeafChange, send_data
from ttkem.mls.member import Member
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.credentials import (
    BasicCredential,
)
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.extensions import (
    Extension,
    ExternalSender,
    external_senders_extension,
)
from ttkem.mls.messages.leaf_node import Capabilities
from ttkem.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.mls.tree.ratchet_tree import read_ratchet_tree
from ttkem.mls.tree.treekem import merge_path, open_path
from ttkem.testing.mls.illegal.lab import Lab, WelcomeEdits

PUBLIC = Framing(public=True, authenticated_data=b"why")


@pytest.fixture
def group():
    return Group()


@pytest.mark.parametrize("suite", [1, 2, 3, 4, 5, 6, 7, 0xF001])
def test_a_life(suite):
    group = Group(("ann", "bob", "cat"), suite)
    group.commit("bob")
    group.commit("cat", Remove(group.leaf("ann")))
    group.add("cat", "dan", "eve")
    message = group["eve"].send(b"hello", authenticated_data=b"aad", padding=10)
    for event in group.deliver(message, but="eve").values():
        leaf = group["eve"].roster[group.leaf("eve")]
        assert event == ApplicationMessage(
            group.leaf("eve"), b"hello", b"aad", 4, BasicCredential(b"eve"), leaf.signature_key
        )
    group.deliver(group["dan"].propose_update(), but="dan")
    group.commit("bob")
    assert {member.export(b"label", b"context", 40) for member in group.members.values()} == {
        group["bob"].export(b"label", b"context", 40)
    }
    assert [leaf.credential.identity for leaf in group["bob"].roster.values()] == [
        b"dan",
        b"bob",
        b"cat",
        b"eve",
    ]


def test_a_lone_member():
    group = Group(("ann",))
    group.commit("ann")
    assert group["ann"].epoch == 1
    assert group["ann"].group_id == b"group"
    assert Member.create(group.client("bob"), b"x").epoch == 0


def test_growth_and_shrinking(group):
    for size, name in enumerate("efghi", 5):
        group.add("bob", name)
        group.commit(name)
        assert len(group["bob"].roster) == size
    assert group["bob"].state.tree.capacity == 16
    for name in "ihgfe":
        events = group.commit("ann", Remove(group.leaf(name)))
        assert events[name] == Removed(group["ann"].epoch, 0)
    assert group["bob"].state.tree.capacity == 4
    with pytest.raises(LocalError, match="removed from the group"):
        _ = removed_member(group).state


def removed_member(group):
    cat = group["cat"]
    group.commit("ann", Remove(group.leaf("cat")))
    return cat


def test_public_and_private_proposals(group):
    sent = [
        group["ann"].propose(Remove(3), PUBLIC),
        group["cat"].propose_update(framing=PUBLIC),
        group["bob"].propose(Add(group.key_package("eve").package), Framing(padding=3)),
    ]
    for message, author in zip(sent, ("ann", "cat", "bob"), strict=True):
        for event in group.deliver(message, but=author).values():
            assert isinstance(event, ProposalArrived)
            assert event.authenticated_data == (b"" if author == "bob" else b"why")
    with pytest.raises(LocalError, match="commit the pending proposals first"):
        group["cat"].send(b"too early")
    made = group["bob"].commit(options=CommitOptions(framing=PUBLIC))
    events = group.carry_out("bob", made)
    assert len(events["ann"].proposals) == 3
    assert events["ann"].authenticated_data == b"why"
    assert events["ann"].added == (3,)
    assert isinstance(events["dan"], Removed)
    group.check()


def test_an_own_update_is_left_to_others(group):
    group.deliver(group["ann"].propose_update(), but="ann")
    made = group["ann"].commit()
    assert group.carry_out("ann", made)["bob"].proposals == ()
    group.check()


def test_some_proposals_by_reference(group):
    group.deliver(group["ann"].propose(Remove(3)), but="ann")
    group.deliver(group["cat"].propose_update(), but="cat")
    state = group["bob"].state
    (update,) = (r for r, p in state.proposals.items() if isinstance(p.proposal, Update))
    group.carry_out("bob", group["bob"].commit(references=[update]))
    group.check()
    assert len(group["bob"].roster) == 4
    with pytest.raises(LocalError, match="this epoch has no proposal"):
        group["bob"].commit(references=[update])


def test_new_signature_keys_credential_and_capabilities():
    group = Group(authentication=AnySuccession())
    pair = group.config.suite.generate_signature_key_pair(group.randomness)
    change = LeafChange(signature=pair, credential=BasicCredential(b"anna"))
    group.deliver(group["ann"].propose_update(change), but="ann")
    group.commit("bob")
    assert group["cat"].roster[0].credential == BasicCredential(b"anna")
    assert group["ann"].state.signature == pair
    pair = group.config.suite.generate_signature_key_pair(group.randomness)
    more = Capabilities(extensions=(0xF100,))
    change = LeafChange(pair, capabilities=more, extensions=(Extension(0xF100, b"x"),))
    group.commit("bob", options=CommitOptions(change=change))
    assert group["cat"].roster[1].extensions == (Extension(0xF100, b"x"),)
    group.commit("ann")
    group.commit("bob")
    with pytest.raises(LocalError, match="in a commit without a path"):
        group["bob"].commit(
            [Add(group.key_package("eve").package)],
            options=CommitOptions(path=False, change=change),
        )


def test_an_add_without_a_path_and_a_tree_that_comes_otherwise(group):
    own = group.key_package("eve")
    options = CommitOptions(path=False, tree_in_welcome=False)
    made = group["ann"].commit([Add(own.package)], options=options)
    assert (made.refreshed, made.ciphertexts) == ((), 0)
    group.carry_out("ann", made)
    with pytest.raises(InvalidMessageError, match="the GroupInfo has no tree"):
        group.join("eve", made.welcome, own)
    group.join("eve", made.welcome, own, tree=group["bob"].ratchet_tree())
    group.check()


def test_pre_shared_keys(group):
    group.secrets[b"key"] = b"shared"
    bob = group["bob"]
    epoch = bob.epoch
    group.commit("bob", bob.psk(ExternalPsk(b"key")))
    group.commit("cat", bob.psk(ResumptionPsk(PskUsage.APPLICATION, b"group", epoch)))
    made = group["ann"].commit(
        [bob.psk(ExternalPsk(b"key")), Add(group.key_package("eve").package)],
        options=CommitOptions(psks=group.store),
    )
    group.carry_out("ann", made)
    with pytest.raises(LocalError, match="unknown pre-shared key"):
        bob.commit([bob.psk(ExternalPsk(b"other"))])
    foreign = bob.psk(ResumptionPsk(PskUsage.APPLICATION, b"elsewhere", 1))
    with pytest.raises(LocalError, match="unknown pre-shared key"):
        bob.commit([foreign])
    assert no_psks(ExternalPsk(b"key")) is None


def test_resumption_secrets_are_kept_for_a_while():
    group = Group(limits=Limits(resumption_epochs=3))
    for _ in range(4):
        group.commit("ann")
    assert sorted(group["bob"].state.resumption) == [3, 4, 5]


def test_two_commits_of_which_one_is_accepted(group):
    one, other = group["ann"].commit(), group["ann"].commit([Remove(3)])
    theirs = group["bob"].commit()
    assert group["ann"].pending == (one.id, other.id)
    group["ann"].reject(one.id)
    with pytest.raises(LocalError, match="no pending commit"):
        group["ann"].reject(one.id)
    group.carry_out("ann", other)
    group.check()
    with pytest.raises(LocalError, match="no commit is pending"):
        group["bob"].confirm(theirs.id)
    with pytest.raises(HistoryError, match="is of epoch 1, the group is in epoch 2"):
        group["cat"].process(theirs.message)


def test_own_messages_come_back(group):
    for message in (
        group["ann"].send(b"x"),
        group["ann"].propose(Remove(1), PUBLIC).message,
        group["ann"].commit(options=CommitOptions(framing=PUBLIC)).message,
        group["ann"].commit().message,
    ):
        with pytest.raises(HistoryError, match="the message is this member's own"):
            group["ann"].process(message)


def test_what_is_no_message_within_a_group(group):
    with pytest.raises(InvalidMessageError, match="got a KeyPackage"):
        group["ann"].process(write_message(group.key_package("eve").package))


def test_late_messages_are_read_for_some_epochs(group):
    late = [group["ann"].send(b"%d" % number) for number in range(4)]
    commit = group["cat"].commit()  # created before other proposals are received, confirmed after
    group["cat"].process(late[0])
    group.carry_out("cat", commit)
    with pytest.raises(HistoryError, match="was already used or deleted"):
        group["cat"].process(late[0])
    assert group["cat"].process(late[2]).data == b"2"
    group.commit("bob")
    assert group["bob"].process(late[3]).epoch == 1
    assert group["cat"].process(late[1]).data == b"1"
    group.commit("bob")
    with pytest.raises(HistoryError, match="keys are erased or not yet known"):
        group["cat"].process(late[3])
    stranger = read_message(late[3])
    assert stranger.epoch == 1


def test_a_state_that_is_not_confirmed_is_refused(group):
    made = group["ann"].commit(options=CommitOptions(framing=PUBLIC))
    message = read_message(made.message)

    state = group["ann"].state
    wrong = replace(message, membership_tag=bytes(32))
    with pytest.raises(MacError):
        group["bob"].process(write_message(wrong))
    assert group["ann"].state is state


# External commits and proposals


def external_group():
    outsider = Configuration(cipher_suite(1)).suite.generate_signature_key_pair(SeededRandomness(9))
    group = Group()
    sender = ExternalSender(outsider.public, BasicCredential(b"service"))
    group.commit("ann", GroupContextExtensions((external_senders_extension([sender]),)))
    return group, outsider


def test_external_senders_propose():
    group, outsider = external_group()
    message = outside_proposal(group.config, b"group", 2, 0, Remove(3), outsider.secret)
    group.deliver(message)
    own = group.key_package("eve")
    add = propose_oneself(
        group.config, b"group", 2, Add(own.package), group.client("eve").signature.secret
    )
    group.deliver(add)
    made = group["bob"].commit()
    group.carry_out("bob", made)
    group.join("eve", made.welcome, own)
    group.check()
    assert "dan" not in group.members


@pytest.mark.parametrize("tree", [True, False])
def test_joining_by_commit(group, tree):
    group.secrets[b"key"] = b"shared"
    info = group["bob"].group_info(with_tree=tree)
    name = group["bob"].psk(ExternalPsk(b"key")).psk
    member, message = Member.join_by_commit(
        group.client("eve"),
        info,
        group.randomness,
        tree=None if tree else group["bob"].ratchet_tree(),
        psk_names=(name,),
    )
    events = group.deliver(message)
    assert events["ann"].committer == member.leaf == 4
    assert isinstance(events["ann"].proposals[0].proposal, ExternalInit)
    group.members["eve"] = member
    group.check()
    group.commit("eve")
    group.commit("ann")


def test_joining_again_by_commit_removes_the_earlier_appearance(group):
    lost = group.members.pop("dan")
    member, message = Member.join_by_commit(
        group.client("dan"), group["ann"].group_info(), removed=3
    )
    group.deliver(message)
    assert isinstance(lost.process(message), Removed)
    group.members["dan"] = member
    group.check()
    assert member.leaf == 3
    group.commit("dan")


def test_what_one_cannot_join_by_commit(group):
    with pytest.raises(InvalidMessageError, match="the GroupInfo has no external_pub"):
        Member.join_by_commit(group.client("eve"), group["ann"].group_info(external=False))
    with pytest.raises(InvalidMessageError, match="expected a GroupInfo, got a KeyPackage"):
        Member.join_by_commit(group.client("eve"), write_message(group.key_package("eve").package))


# Successors and branches


def old_and_new(group, **how):
    """Reinitialize to suite 2; return the new configuration and all members' key packages."""
    new = Configuration(cipher_suite(how.get("suite", 2)))
    clients = {name: Client.basic(new, name.encode(), group.randomness) for name in group.members}
    own = {name: client.key_package(group.randomness) for name, client in clients.items()}
    return new, clients, own


def linked(member, client, group_id, packages, usage):
    """Return the Welcome to a group that is linked to the member's, without the member's checks."""
    state = member.state
    made = Member.create(client, group_id)
    name = ResumptionPsk(usage, state.context.group_id, state.context.epoch)
    options = CommitOptions(linking=True, psks=lambda _: state.secrets.resumption_psk)
    return made.commit([made.psk(name), *map(Add, packages)], options=options).welcome


def test_a_group_is_reinitialised(group):
    reinit = ReInit(b"next", 1, 2, ())
    group.deliver(group["cat"].propose(reinit), but="cat")
    assert group.commit("ann")["bob"].reinit == reinit
    for name in ("ann", "bob"):
        with pytest.raises(LocalError, match="the group is closed"):
            group[name].send(b"x")
        with pytest.raises(LocalError, match="the group is closed"):
            group[name].commit()
    new, clients, own = old_and_new(group)
    others = [own[name].package for name in group.members if name != "bob"]
    with pytest.raises(
        LocalError, match="the successor with cipher suite 1: the ReInit announced 2"
    ):
        group["bob"].successor(group.client("bob"), others)
    bob, made = group["bob"].successor(clients["bob"], others)
    bob.confirm(made.id)
    ann = Member.join(new, made.welcome, own["ann"], predecessor=group["ann"])
    assert ann.epoch_authenticator == bob.epoch_authenticator
    assert (ann.epoch, ann.group_id) == (1, b"next")
    with pytest.raises(RemoteError):
        Member.join(new, made.welcome, own["cat"])
    few = others[:1]
    with pytest.raises(LocalError, match="lacks a member of the old group"):
        group["bob"].successor(clients["bob"], few)
    welcome = linked(group["bob"], clients["bob"], b"next", few, PskUsage.REINIT)
    with pytest.raises(InvalidMessageError, match="lacks a member of the old group"):
        Member.join(new, welcome, own["ann"], predecessor=group["ann"])


def test_a_closed_group_says_nothing(group):
    early = group["bob"].commit(options=CommitOptions(framing=PUBLIC))
    reinit = ReInit(b"next", 1, 1, ())
    group.commit("ann", reinit)
    with pytest.raises(HistoryError):
        group["cat"].process(early.message)
    with pytest.raises(LocalError, match="no ReInit has been committed"):
        Group(("x",))["x"].successor(group.client("x"), [])
    # A successor that differs from the committed ReInit
    group2 = Group(seed=2)
    group2.commit("ann", reinit)
    new, clients, own = old_and_new(group2, suite=1)
    others = [own[name].package for name in group2.members if name != "bob"]

    welcome = linked(group2["bob"], clients["bob"], b"other", others, PskUsage.REINIT)
    with pytest.raises(InvalidMessageError, match="does not match the committed ReInit"):
        Member.join(new, welcome, own["ann"], predecessor=group2["ann"])
    ann = group2["ann"]
    ann._state = replace(ann.state, reinit=None)
    with pytest.raises(InvalidMessageError, match="without a committed ReInit"):
        Member.join(new, welcome, own["ann"], predecessor=ann)


def test_a_branch(group):
    new, clients, own = old_and_new(group, suite=1)
    some = [own["ann"].package, own["cat"].package]
    bob, made = group["bob"].branch(clients["bob"], b"aside", some)
    bob.confirm(made.id)
    ann = Member.join(new, made.welcome, own["ann"], predecessor=group["ann"])
    assert ann.epoch_authenticator == bob.epoch_authenticator
    stranger = Client.basic(new, b"eve", group.randomness).key_package(group.randomness)
    suite3, clients3, own3 = old_and_new(group, suite=3)
    for config, client, joiner, group_id, packages, match in (
        (new, clients["bob"], own["ann"], b"x", [*some, stranger.package], "who is not in its"),
        (suite3, clients3["bob"], own3["ann"], b"x", [own3["ann"].package], "has another cipher"),
        (new, clients["bob"], own["ann"], b"group", some, "has the group id of its group"),
    ):
        with pytest.raises(LocalError, match=match):
            group["bob"].branch(client, group_id, packages)
        welcome = linked(group["bob"], client, group_id, packages, PskUsage.BRANCH)
        with pytest.raises(InvalidMessageError, match=match):
            Member.join(config, welcome, joiner, predecessor=group["ann"])


def test_a_branch_past_its_first_epoch(group):
    _, clients, own = old_and_new(group, suite=1)
    bob, made = group["bob"].branch(clients["bob"], b"aside", [])
    bob.confirm(made.id)
    with pytest.raises(LocalError, match="cannot link the group to another one after its first"):
        bob.commit([Add(own["ann"].package)], options=CommitOptions(linking=True))
    lab = Lab()  # in epoch 2
    old = Member.create(lab.clients["eve"], b"old", lab.randomness)
    name = PreSharedKeyID(ResumptionPsk(PskUsage.BRANCH, b"old", 1), bytes(32))
    welcome = lab.welcome_eve(WelcomeEdits(psks=((name, b"known to all"),)))
    with pytest.raises(InvalidMessageError, match="must be joined in epoch 1"):
        Member.join(lab.config, welcome, lab.eve, predecessor=old)


# Calls and messages that do not fit the state


def test_updates_have_their_own_call(group):
    leaf = group["ann"].roster[0]
    with pytest.raises(LocalError, match="propose_update"):
        group["ann"].propose(Update(leaf))
    with pytest.raises(LocalError, match="cannot propose this"):
        group["ann"].propose(Remove(9))
    with pytest.raises(LocalError, match="cannot commit: "):
        group["ann"].commit([PreSharedKey(PreSharedKeyID(ExternalPsk(b""), b""))])


def test_only_proposals_and_commits_travel_in_public(group):

    member = group["ann"]
    with pytest.raises(LocalError, match="in a public message: use a private one"):
        send_data(member.config, member.state, b"x", PUBLIC, group.randomness)


def test_a_member_says_where_it_is(group):
    assert isinstance(group.commit("ann")["ann"], EpochStarted)
    assert group["ann"].in_group


def test_one_remove_of_many(group):
    group.carry_out("ann", group["ann"].remove(1, 2))
    group.check()
    assert set(group.members) == {"ann", "dan"}


def test_a_closed_group_hears_nothing():
    group, outsider = external_group()
    group.commit("ann", ReInit(b"next", 1, 1, ()))
    message = outside_proposal(group.config, b"group", 3, 0, Remove(3), outsider.secret)
    with pytest.raises(HistoryError, match="the group is closed"):
        group["bob"].process(message)


def test_an_update_whose_secrets_are_lost(group):
    group.deliver(group["ann"].propose_update(), but="ann")
    ann = group["ann"]
    ann._state = replace(ann.state, updates=HashTrieMap({}))
    with pytest.raises(InvalidMessageError, match="whose secrets are unknown"):
        ann.process(group["bob"].commit().message)


def test_a_path_for_others_does_not_open(group):
    made = group["ann"].commit(options=CommitOptions(framing=PUBLIC))
    path = read_message(made.message).content.content.commit.path
    state = group["bob"].state
    after = merge_path(group.config.crypto, state.tree, 0, path)
    with pytest.raises(CryptoError, match="no node of this update path"):
        open_path(group.config.crypto, after, 0, path, 1, HashTrieMap({}), b"", ())


def test_bytes_after_a_ratchet_tree(group):
    data = group["ann"].ratchet_tree()
    assert read_ratchet_tree(group.config.suite, data).hash == group["ann"].state.tree.hash
    with pytest.raises(DecodeError, match="1 bytes follow the ratchet tree"):
        read_ratchet_tree(group.config.suite, data + b"\0")
