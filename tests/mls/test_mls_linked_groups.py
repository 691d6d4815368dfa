"""Groups with others: external senders and joiners, successors and branches."""

from dataclasses import replace

import pytest
from mls_groups import Group

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import (
    HistoryError,
    InvalidMessageError,
    LocalError,
    RemoteError,
)
from ttkem.mls import Configuration
from ttkem.mls.client import Client
from ttkem.mls.events import Removed
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.external import outside_proposal, propose_oneself
from ttkem.mls.group.sending import Framing
from ttkem.mls.member import Member
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.credentials import (
    BasicCredential,
)
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.extensions import (
    ExternalSender,
    external_senders_extension,
)
from ttkem.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    ReInit,
    Remove,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.testing.mls.illegal.lab import Lab, WelcomeEdits


@pytest.fixture
def group():
    return Group()


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
    early = group["bob"].commit(options=CommitOptions(framing=Framing(public=True)))
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


def test_a_closed_group_hears_nothing():
    group, outsider = external_group()
    group.commit("ann", ReInit(b"next", 1, 1, ()))
    message = outside_proposal(group.config, b"group", 3, 0, Remove(3), outsider.secret)
    with pytest.raises(HistoryError, match="the group is closed"):
        group["bob"].process(message)
