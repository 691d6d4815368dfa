"""Calls of a member for an application: what they return, and the errors that they name."""

from dataclasses import replace

import pytest
from mls_groups import Group
from mls_policies import AnySuccession

from ttkem.crypto import SeededRandomness
from ttkem.errors import InvalidMessageError, LocalError, MissingPskError, RemoteError
from ttkem.mls import (
    Add,
    BasicCredential,
    Client,
    CommitOptions,
    ExternalPsk,
    Framing,
    GroupContextExtensions,
    LeafChange,
    Member,
    OtherCredential,
    ProposalMade,
    PskUsage,
    ReInit,
    Remove,
    Removed,
    ResumptionPsk,
    TrustEverybody,
    read_client,
    read_message,
    read_ratchet_tree,
    write_client,
    write_member,
    write_message,
)
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.proposals import ByReference, ExternalInit


@pytest.fixture
def group():
    return Group()


# Proposals and commits


def test_a_proposal_is_committed_by_the_reference_that_its_author_got(group):
    made = group["bob"].propose(Remove(3), Framing(public=True))
    assert isinstance(made, ProposalMade)
    event = group["ann"].process(made.message)
    assert event.proposal.reference == made.reference
    own = group["bob"].propose_update()
    assert set(group["bob"].state.proposals) == {made.reference, own.reference}
    options = CommitOptions(framing=Framing(public=True))
    commit = group["ann"].commit(references=[made.reference], options=options)
    listed = read_message(commit.message).content.content.commit.proposals
    assert listed == (ByReference(made.reference),)


def test_a_commit_has_the_next_tree_and_group_info(group):
    made = group["ann"].remove("dan")
    group.carry_out("ann", made)
    assert made.ratchet_tree() == group["bob"].ratchet_tree()
    tree = read_ratchet_tree(group.config.suite, made.ratchet_tree())
    assert tree.hash == group["bob"].state.context.tree_hash
    info = read_message(made.group_info)
    assert info.group_context == group["bob"].state.context
    assert info.signer == 0
    member, message = Member.join_by_commit(
        group.client("eve"), made.group_info, group.randomness, tree=made.ratchet_tree()
    )
    group.deliver(message)
    group.members["eve"] = member
    group.check()


def test_an_event_says_all_that_was_committed(group):
    group.deliver(group["cat"].propose_update(), but="cat")
    own = group.key_package("eve")
    made = group["ann"].commit([Add(own.package), Remove(3)])
    events = group.carry_out("ann", made)
    for name in ("ann", "bob", "cat"):
        event = events[name]
        assert (event.added, event.removed, event.updated) == ((3,), (3,), (2,))
        by_reference, *by_value = event.proposals
        assert by_reference.sender == MemberSender(2)
        assert [item.proposal for item in by_value] == [Add(own.package), Remove(3)]
        assert {item.sender for item in by_value} == {MemberSender(0)}
        assert {item.reference for item in by_value} == {None}
    assert events["ann"] == events["bob"] == events["cat"]
    assert events["dan"] == Removed(2, 0)


def test_an_update_renews_keys_and_changes_the_leaf():
    group = Group(authentication=AnySuccession())
    before = group["ann"].roster[0]
    event = group.carry_out("ann", group["ann"].update())["bob"]
    assert group["bob"].roster[0].encryption_key != before.encryption_key
    assert (event.proposals, event.updated) == ((), ())
    change = LeafChange(credential=BasicCredential(b"anna"))
    pathless = CommitOptions(path=False, framing=Framing(authenticated_data=b"renamed"))
    event = group.carry_out("ann", group["ann"].update(change, options=pathless))["bob"]
    assert event.authenticated_data == b"renamed"
    assert group["bob"].leaf_of("anna") == 0
    group.check()


# Members by name, and values of the wrong type


def test_members_are_found_by_number_identity_and_credential(group):
    ann = group["ann"]
    for who in (2, "cat", b"cat", BasicCredential(b"cat")):
        assert ann.leaf_of(who) == 2
        assert [item.proposal for item in ann.remove(who).proposals] == [Remove(2)]
    for who, match in (
        ("eve", "no member is 'eve': see the roster"),
        (OtherCredential(7, b"cat"), "no member is "),
        (7, "no member has leaf 7: it is blank or outside the tree"),
        (-1, "no member has leaf -1"),
        (True, "cannot find the member True: name a leaf"),
        (2.0, "cannot find the member 2.0: name a leaf"),
        (None, "cannot find the member None: name a leaf"),
    ):
        with pytest.raises(LocalError, match=match):
            ann.remove(who)


def test_two_members_of_one_name():
    group = Group(authentication=AnySuccession())
    change = LeafChange(credential=BasicCredential(b"dan"))
    group.commit("cat", options=CommitOptions(change=change))
    with pytest.raises(LocalError, match="2 members are 'dan': name one of the leaves 2, 3"):
        group["ann"].remove("dan")
    assert [item.proposal for item in group["ann"].remove(2).proposals] == [Remove(2)]


def test_key_packages_are_added_as_bytes_too(group):
    own = group.key_package("eve")
    made = group["ann"].add(write_message(own.package))
    assert [item.proposal for item in made.proposals] == [Add(own.package)]
    with pytest.raises(InvalidMessageError, match="expected a KeyPackage, got a GroupInfo"):
        group["ann"].add(group["bob"].group_info())
    with pytest.raises(RemoteError):
        group["ann"].add(b"eve")
    for wrong in ("eve", own, None):
        with pytest.raises(LocalError, match="expected a KeyPackage or its bytes"):
            group["ann"].add(wrong)


WRONG = {
    "create": lambda g: Member.create(g.client("ann"), "group"),
    "create with": lambda g: Member.create(g.client("ann"), b"group", extensions=(3,)),
    "join": lambda g: Member.join(g.config, "welcome", g.key_package("eve")),
    "join by": lambda g: Member.join(g.config, b"", g.key_package("eve").package),
    "join tree": lambda g: Member.join(g.config, b"", g.key_package("eve"), tree="tree"),
    "external": lambda g: Member.join_by_commit(g.client("eve"), "info"),
    "external aad": lambda g: external(g, authenticated_data="aad"),
    "external tree": lambda g: external(g, tree=[]),
    "external removed": lambda g: external(g, removed="dan"),
    "external psk": lambda g: external(g, psk_names=(b"key",)),
    "external psks": lambda g: external(g, psk_names=ExternalPsk(b"key")),
    "send": lambda g: g["ann"].send("hello"),
    "send aad": lambda g: g["ann"].send(b"hello", authenticated_data="aad"),
    "send padding": lambda g: g["ann"].send(b"hello", padding="10"),
    "send true": lambda g: g["ann"].send(b"hello", padding=True),
    "send less": lambda g: g["ann"].send(b"hello", padding=-1),
    "process": lambda g: g["ann"].process("hello"),
    "process made": lambda g: g["ann"].process(g["bob"].propose(Remove(3))),
    "propose": lambda g: g["ann"].propose(3),
    "propose field": lambda g: g["ann"].propose(Remove("bob")),
    "propose framing": lambda g: g["ann"].propose(Remove(3), b"aad"),
    "forget": lambda g: g["ann"].forget("reference"),
    "commit bytes": lambda g: g["ann"].commit([b"x"]),
    "commit one": lambda g: g["ann"].commit(Remove(3)),
    "commit add": lambda g: g["ann"].commit([Add(b"package")]),
    "commit field": lambda g: g["ann"].commit([GroupContextExtensions((3,))]),
    "commit options": lambda g: g["ann"].commit(options=Framing()),
    "commit reference": lambda g: g["ann"].commit(references=b"reference"),
    "commit references": lambda g: g["ann"].commit(references=["reference"]),
    "psk": lambda g: g["ann"].psk(b"key"),
    "confirm": lambda g: g["ann"].confirm(g["ann"].commit()),
    "export": lambda g: g["ann"].export("label", b"", 32),
    "export length": lambda g: g["ann"].export(b"label", b"", "32"),
    "branch": lambda g: g["ann"].branch(g.client("ann"), "aside", []),
    "branch packages": lambda g: g["ann"].branch(g.client("ann"), b"aside", [b"package"]),
    "branch options": lambda g: g["ann"].branch(g.client("ann"), b"aside", [], options=3),
    "save": lambda g: write_client(g.client("ann")),
    "save member": lambda g: write_member(g["ann"].state),
    "load": lambda g: read_client(g.config, "file"),
}


def external(group, **how):
    return Member.join_by_commit(group.client("eve"), group["ann"].group_info(), **how)


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_a_value_of_the_wrong_type_is_named(group, call):
    state = group["ann"].state
    with pytest.raises(LocalError, match="cannot "):
        call(group)
    assert group["ann"].state.tree is state.tree


def test_what_is_said_of_a_value_of_the_wrong_type(group):
    for call, words in (
        (lambda: group["ann"].send("hello"), "cannot send: data is 'hello', expected bytes"),
        (
            lambda: group["ann"].commit(references=[3]),
            "cannot commit: an item of references is 3, expected bytes",
        ),
        (
            lambda: group["ann"].commit(references=b"3"),
            "cannot commit: references is b'3', expected a list or tuple of bytes",
        ),
        (
            lambda: group["ann"].commit(options=3),
            "cannot commit: options is 3, expected CommitOptions or None",
        ),
        (
            lambda: group["ann"].propose(Remove("bob")),
            "cannot propose Remove(removed='bob'): a field has a value of the wrong type",
        ),
    ):
        with pytest.raises(LocalError) as caught:
            call()
        assert str(caught.value) == words


# Joining by a commit


def test_who_joins_again_by_commit_removes_its_old_leaf(group):
    lost = group.members.pop("cat")
    member, message = Member.join_by_commit(
        group.client("cat"), group["ann"].group_info(), group.randomness, authenticated_data=b"back"
    )
    events = group.deliver(message)
    assert (events["ann"].removed, events["ann"].authenticated_data) == ((2,), b"back")
    assert isinstance(lost.process(message), Removed)
    group.members["cat"] = member
    group.check()


def test_the_old_leaf_is_found_by_the_policy_when_the_key_is_new():
    group = Group(authentication=AnySuccession())
    del group.members["dan"]
    anew = Client.basic(group.config, b"dan", group.randomness)
    info = group["ann"].group_info()
    member, message = Member.join_by_commit(anew, info, group.randomness)
    assert group.deliver(message)["ann"].removed == (3,)
    assert member.leaf == 3


def test_the_old_leaf_is_found_by_its_signature_key():
    class AnyName(TrustEverybody):
        """A client may change its name; nobody is recognised by it."""

        def may_succeed(self, old, new):
            return True

        def same_client(self, one, other):
            return False

    group = Group(authentication=AnyName())
    del group.members["dan"]
    renamed = replace(group.client("dan"), credential=BasicCredential(b"danny"))
    _, message = Member.join_by_commit(renamed, group["ann"].group_info(), group.randomness)
    assert group.deliver(message)["ann"].removed == (3,)


def test_one_may_join_beside_an_earlier_appearance(group):
    class Devices(TrustEverybody):
        """Each signature key is a client of its own, whatever its name."""

        def same_client(self, one, other):
            return False

    group = Group(authentication=Devices())
    phone = Client.basic(group.config, b"dan", group.randomness)
    info = group["ann"].group_info()
    member, message = Member.join_by_commit(phone, info, group.randomness)
    assert group.deliver(message)["ann"].removed == ()
    group.members["phone"] = member
    group.check()
    _, message = Member.join_by_commit(
        Client.basic(group.config, b"eve", group.randomness),
        group["ann"].group_info(),
        group.randomness,
        resync=False,
    )
    assert group.deliver(message)["ann"].removed == ()


def test_of_several_earlier_appearances_one_must_be_named():
    group = Group(authentication=AnySuccession())
    change = LeafChange(credential=BasicCredential(b"dan"))
    group.commit("cat", options=CommitOptions(change=change))
    anew = Client.basic(group.config, b"dan", group.randomness)
    with pytest.raises(LocalError, match="leaves 2, 3 present this client"):
        Member.join_by_commit(anew, group["ann"].group_info(), group.randomness)


def test_pre_shared_keys_of_an_external_commit_get_fresh_nonces(group):
    group.secrets[b"key"] = b"shared"
    dan = group["dan"]
    epoch = dan.epoch
    resumption = ResumptionPsk(PskUsage.APPLICATION, b"group", epoch)
    group.commit("ann")
    del group.members["dan"]
    info = group["ann"].group_info()
    member, message = Member.join_by_commit(
        group.client("dan"),
        info,
        group.randomness,
        psk_names=(ExternalPsk(b"key"), resumption),
        predecessor=dan,
    )
    proposals = [item.proposal for item in group.deliver(message)["ann"].proposals]
    assert isinstance(proposals[0], ExternalInit)
    names = [proposal.psk for proposal in proposals[2:]]
    assert [name.psk for name in names] == [ExternalPsk(b"key"), resumption]
    assert len({name.psk_nonce for name in names}) == 2
    assert {len(name.psk_nonce) for name in names} == {32}
    group.members["dan"] = member
    group.check()
    with pytest.raises(MissingPskError, match="unknown pre-shared key"):
        Member.join_by_commit(group.client("eve"), info, psk_names=(resumption,))


# Pre-shared keys


def test_a_missing_pre_shared_key_is_no_forgery(group):
    group.secrets[b"key"] = b"shared"
    name = ExternalPsk(b"key")
    own = group.key_package("eve")
    made = group["ann"].commit([group["ann"].psk(name), Add(own.package)])
    del group.secrets[b"key"]
    state = group["bob"].state
    with pytest.raises(MissingPskError) as caught:
        group["bob"].process(made.message)
    assert caught.value.psk == name
    assert not isinstance(caught.value, InvalidMessageError)
    assert group["bob"].state is state
    with pytest.raises(MissingPskError) as caught:
        Member.join(group.config, made.welcome, own, group.randomness)
    assert caught.value.psk == name
    group.secrets[b"key"] = b"shared"
    group.carry_out("ann", made)
    group.join("eve", made.welcome, own)
    group.check()


# Linked groups


def test_a_branch_and_a_successor_take_commit_options(group):
    options = CommitOptions(
        tree_in_welcome=False, framing=Framing(public=True, authenticated_data=b"aside")
    )
    own = group.key_package("ann")
    branch, made = group["bob"].branch(
        group.client("bob"), b"aside", [own.package], options=options
    )
    assert read_message(made.message).content.authenticated_data == b"aside"
    assert branch.confirm(made.id).authenticated_data == b"aside"
    with pytest.raises(InvalidMessageError, match="the GroupInfo has no tree"):
        Member.join(group.config, made.welcome, own, predecessor=group["ann"])
    joined = Member.join(
        group.config, made.welcome, own, predecessor=group["ann"], tree=made.ratchet_tree()
    )
    assert joined.epoch_authenticator == branch.epoch_authenticator
    group = Group(("ann", "bob"))
    group.commit("ann", ReInit(b"next", 1, 1, ()))
    own = group.key_package("ann")
    after, made = group["bob"].successor(group.client("bob"), [own.package], options=options)
    assert read_message(made.message).content.authenticated_data == b"aside"
    tree = made.ratchet_tree()
    after.confirm(made.id)
    assert after.ratchet_tree() == tree


def test_randomness_of_a_join_is_replayed(group):
    """The same seed gives the same external commit."""
    info = group["ann"].group_info()
    sent = {
        Member.join_by_commit(group.client("eve"), info, SeededRandomness(5))[1] for _ in range(2)
    }
    assert len(sent) == 1
