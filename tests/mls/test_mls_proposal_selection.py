"""Proposals that cannot be committed block nobody: RFC 9420 sections 12.2 and 12.4."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mls_groups import Group

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import HistoryError, InvalidMessageError, LocalError
from ttkem.mls import (
    Add,
    Client,
    CommitOptions,
    Configuration,
    CustomProposal,
    CustomRule,
    Extension,
    ExternalPsk,
    GroupContextExtensions,
    LeafChange,
    Limits,
    ReInit,
    Remove,
    RequiredCapabilities,
)
from ttkem.mls.group import proposal_selection
from ttkem.mls.group.proposal_selection import select_proposals
from ttkem.mls.group.state import Received, keep_proposal, own_leaf
from ttkem.mls.messages.content import ExternalSenderIndex, MemberSender
from ttkem.mls.messages.extensions import required_capabilities_extension
from ttkem.mls.messages.key_package import sign_key_package
from ttkem.mls.messages.leaf_node import Capabilities, InUpdate, sign_leaf_node
from ttkem.mls.messages.proposals import Update

ANN, BOB, CAT, DAN = range(4)
MALFORMED = GroupContextExtensions((Extension(3, b"\x05"),))
REINIT = ReInit(b"next", 1, 1, ())
RICH = Capabilities(extensions=(0xF1,))
REQUIRES = GroupContextExtensions(
    (required_capabilities_extension(RequiredCapabilities(extension_types=(0xF1,))),)
)


@pytest.fixture
def group():
    return Group()


def arrive(group, proposal, sender=BOB, reference=None):
    """Let a proposal stand in every member's state as if it had passed all checks on arrival."""
    known = sum(len(member.state.proposals) for member in group.members.values())
    reference = b"%03d of this epoch" % known if reference is None else reference
    sender = MemberSender(sender) if isinstance(sender, int) else sender
    received = Received(proposal, sender, reference)
    for member in group.members.values():
        member._state = keep_proposal(member.state, received, Limits())
    return reference


def update_of(group, name):
    """Make an Update that all know, and whose author knows its secrets; return its reference."""
    made = group[name].propose_update()
    group.deliver(made.message, but=name)
    return made.reference


def forged_update(group, name, **change):
    """Return a valid Update of a member, signed with its key, whose secrets nobody keeps."""
    state = group[name].state
    pair = group.config.suite.generate_key_pair(group.randomness)
    node = LeafChange(**change).applied(own_leaf(state))
    node = replace(node, encryption_key=pair.public, source=InUpdate())
    secret = state.signature.secret
    return Update(sign_leaf_node(group.config.crypto, node, secret, b"group", state.leaf))


def reasons(made):
    return {item.proposal.reference: item.reason for item in made.left_out}


def committed(made):
    return [received.reference for received in made.proposals]


def carry_out(group, name, made):
    events = group.carry_out(name, made)
    group.check()
    return events


def test_a_remove_of_the_committer_is_left_to_others(group):
    sent = group["bob"].propose(Remove(ANN))
    group.deliver(sent.message, but="bob")
    made = group["ann"].commit()
    assert reasons(made) == {sent.reference: "it removes the committer"}
    assert made.proposals == ()
    event = carry_out(group, "ann", made)["bob"]
    assert (event.removed, len(group.members)) == ((), 4)


def test_a_remove_is_preferred_to_updates(group):
    first = update_of(group, "cat")
    remove = arrive(group, Remove(CAT))
    last = update_of(group, "cat")
    again = arrive(group, Remove(CAT), DAN)
    made = group["ann"].commit()
    assert committed(made) == [remove]
    assert set(reasons(made)) == {first, last, again}
    for reason in reasons(made).values():
        assert "two Updates or Removes of leaf 2" in reason
    assert [item.proposal.reference for item in made.left_out] == [first, last, again]
    carry_out(group, "ann", made)
    assert "cat" not in group.members


def test_the_most_recent_update_is_preferred(group):
    first, second, third = (update_of(group, "cat") for _ in range(3))
    made = group["ann"].commit()
    assert committed(made) == [third]
    assert set(reasons(made)) == {first, second}
    key = group["ann"].state.proposals[third].proposal.leaf_node.encryption_key
    event = carry_out(group, "ann", made)["dan"]
    assert event.updated == (CAT,)
    assert group["ann"].roster[CAT].encryption_key == key


def test_an_update_that_arrives_again_is_not_the_most_recent(group):
    one = arrive(group, forged_update(group, "cat"), CAT, b"one")
    other = arrive(group, forged_update(group, "cat"), CAT, b"other")
    arrive(group, group["ann"].state.proposals[one].proposal, CAT, b"one")
    assert list(group["ann"].state.proposals) == [one, other]
    assert committed(group["ann"].commit()) == [other]


def test_of_two_context_changes_the_first_that_fits_is_committed(group):
    unsupported = arrive(group, GroupContextExtensions((Extension(0xF1, b""),)))
    malformed = arrive(group, MALFORMED)
    first = arrive(group, GroupContextExtensions(()))
    second = arrive(group, GroupContextExtensions(()), CAT)
    made = group["ann"].commit()
    assert committed(made) == [first]
    assert "two GroupContextExtensions" in reasons(made)[second]
    assert "not all members support" in reasons(made)[unsupported]
    assert malformed in reasons(made)
    carry_out(group, "ann", made)


def test_a_reinit_waits_for_other_proposals(group):
    reinit, again = arrive(group, REINIT), arrive(group, REINIT, CAT)
    remove = arrive(group, Remove(DAN))
    made = group["ann"].commit()
    assert committed(made) == [remove]
    assert set(reasons(made)) == {reinit, again}
    assert all("ReInit together with other" in reason for reason in reasons(made).values())
    assert committed(group["ann"].remove(CAT)) == [remove, None]
    for reference in (remove, again):
        group["ann"].forget(reference)
    made = group["ann"].commit()
    assert committed(made) == [reinit]
    assert carry_out(group, "ann", made)["bob"].reinit == REINIT


def test_what_one_commits_oneself_is_preferred(group):
    update, remove = update_of(group, "cat"), arrive(group, Remove(CAT))
    made = group["ann"].remove("cat")
    assert (committed(made), set(reasons(made))) == ([None], {update, remove})
    own = group.key_package("eve")
    twice = arrive(group, Add(own.package))
    made = group["ann"].add(own.package)
    assert committed(made) == [remove, None]
    assert twice in reasons(made)
    made = group["ann"].commit([REINIT])
    assert (committed(made), len(made.left_out)) == ([None], 3)
    carry_out(group, "ann", made)


def test_an_unknown_pre_shared_key_is_left_out(group):
    sent = group["bob"].propose(group["bob"].psk(ExternalPsk(b"key")))
    group.deliver(sent.message, but="bob")
    assert group["ann"].send(b"no commit is due: nobody here could follow it")
    made = group["ann"].commit()
    assert "unknown pre-shared key" in reasons(made)[sent.reference]
    group.secrets[b"key"] = b"secret"
    with pytest.raises(LocalError, match="commit the pending proposals first"):
        group["ann"].send(b"")
    again = arrive(group, group["ann"].state.proposals[sent.reference].proposal, CAT)
    made = group["ann"].commit()
    assert committed(made) == [sent.reference]
    assert "one PSK twice" in reasons(made)[again]
    carry_out(group, "ann", made)


def test_a_custom_proposal_that_some_do_not_support_is_left_out():
    group = Group(custom_proposals={0xF001: CustomRule()})
    group.clients["eve"] = Client(
        group.config,
        group.client("eve").credential,
        group.client("eve").signature,
        Capabilities(),
    )
    group.add("ann", "eve")
    custom, unknown = (arrive(group, CustomProposal(kind, b"")) for kind in (0xF001, 0xF002))
    made = group["ann"].commit()
    assert "leaf 4 does not support" in reasons(made)[custom]
    assert "unknown type" in reasons(made)[unknown]
    assert committed(group["ann"].remove("eve")) == [custom, None]


def test_new_extensions_must_suit_new_members(group):
    """Section 12.1.7: the change is invalid if members that the commit adds lack a capability."""
    for name in tuple(group.members):
        group.commit(name, options=CommitOptions(change=LeafChange(capabilities=RICH)))
    change = arrive(group, REQUIRES)
    assert committed(group["ann"].commit()) == [change]
    add = arrive(group, Add(group.key_package("eve").package))
    made = group["ann"].commit()
    assert committed(made) == [add]
    assert "not all members support" in reasons(made)[change]
    poor = CommitOptions(change=LeafChange(capabilities=Capabilities()))
    group["ann"].forget(add)
    made = group["ann"].commit(options=poor)
    assert (made.proposals, list(reasons(made))) == ((), [change])
    carry_out(group, "ann", made)


def test_an_add_with_a_key_of_the_group_is_left_out(group):
    crypto, secret = group.config.crypto, group.client("eve").signature.secret
    package = group.key_package("eve").package
    stolen = replace(package.leaf_node, encryption_key=group["cat"].roster[CAT].encryption_key)
    package = replace(package, leaf_node=sign_leaf_node(crypto, stolen, secret))
    package = sign_key_package(crypto, package, secret)
    good = arrive(group, Add(group.key_package("fay").package))
    bad = arrive(group, Add(package))
    made = group["ann"].commit()
    assert committed(made) == [good]
    assert "same encryption key" in reasons(made)[bad]


def test_own_proposals_that_cannot_be_committed_are_the_callers_error(group):
    arrive(group, Remove(DAN))
    before = group["ann"].state
    for wrong in ([Remove(ANN)], [Remove(9)], [MALFORMED], [REINIT, Remove(CAT)]):
        with pytest.raises(LocalError, match="cannot commit: "):
            group["ann"].commit(wrong)
        assert group["ann"].state is before


# Chosen references, forgetting, sending


def test_chosen_references_are_taken_as_they_are(group):
    remove, update = arrive(group, Remove(ANN)), update_of(group, "cat")
    other = arrive(group, Remove(DAN))
    with pytest.raises(LocalError, match="the committer removes itself"):
        group["ann"].commit(references=[remove])
    package = group.key_package("eve").package
    for made in (
        group["ann"].commit(references=[update]),
        group["ann"].add(package, references=[update]),
        group["ann"].remove(DAN, references=[update]),
        group["ann"].update(references=[update]),
    ):
        assert committed(made)[0] == update
        assert other not in committed(made)
        assert made.left_out == ()
    for call in (group["ann"].update, group["ann"].commit, group["ann"].add, group["ann"].remove):
        with pytest.raises(LocalError, match="cannot commit: this epoch has no proposal 6e6f6e65"):
            call(references=[b"none"])
    carry_out(group, "ann", group["ann"].update(references=[]))


def test_forgetting(group):
    sent = group["bob"].propose(Remove(DAN))
    group.deliver(sent.message, but="bob")
    with pytest.raises(LocalError, match="first, or forget them"):
        group["ann"].send(b"")
    group["ann"].forget(sent.reference)
    assert group["ann"].send(b"hello")
    assert group["ann"].commit().proposals == ()
    with pytest.raises(LocalError, match="cannot forget: this epoch has no proposal"):
        group["ann"].forget(sent.reference)
    made = group["cat"].commit(references=[sent.reference])
    with pytest.raises(HistoryError, match="refers to an unknown proposal"):
        group["ann"].process(made.message)


def test_forgetting_an_own_update_erases_its_secrets(group):
    kept, forgotten = group["ann"].propose_update(), group["ann"].propose_update()
    state = group["ann"].state
    secret = state.updates[
        state.proposals[forgotten.reference].proposal.leaf_node.encryption_key
    ].encryption_secret
    group["ann"].forget(forgotten.reference)
    assert list(group["ann"].state.proposals) == [kept.reference]
    assert secret not in {each.encryption_secret for each in group["ann"].state.updates.values()}
    assert len(group["ann"].state.updates) == 1


def test_sending_waits_for_valid_proposals_only(group):
    """Section 12.4: who has "observed one or more valid proposals" must send a Commit first."""
    for name, proposal in {"malformed": MALFORMED, "blank leaf": Remove(9)}.items():
        arrive(group, proposal, reference=name.encode())
        assert group["ann"].send(name.encode())
    for make in (
        lambda: arrive(group, Remove(ANN)),  # for others to commit
        lambda: update_of(group, "ann"),  # likewise
        lambda: arrive(group, Add(group.key_package("eve").package)),
        lambda: update_of(group, "cat"),
    ):
        reference = make()
        with pytest.raises(LocalError, match="commit the pending proposals first"):
            group["ann"].send(b"")
        group["ann"].forget(reference)
        assert group["ann"].send(b"nothing is due any more")
    update_of(group, "ann")
    carry_out(group, "ann", group["ann"].commit())
    assert group["ann"].send(b"the commit renewed the leaf node, and the Update is void")


def test_each_sender_has_its_share_of_the_cache():
    group = Group(limits=Limits(proposals=2))
    for removed in (DAN, CAT, DAN):  # the last has the reference of the first
        group.deliver(group["bob"].propose(Remove(removed)), but="bob")
    before = group["bob"].state
    with pytest.raises(LocalError, match=r"cannot propose this: 2 proposals of its sender are"):
        group["bob"].propose(Remove(ANN))
    assert group["bob"].state is before
    group["bob"].config = Configuration(group.config.suite, group.config.policy)
    third = group["bob"].propose(Remove(ANN)).message
    before = group["ann"].state
    with pytest.raises(InvalidMessageError, match="2 proposals of its sender are pending"):
        group["ann"].process(third)
    assert group["ann"].state is before
    group.deliver(group["cat"].propose(Remove(DAN)), but="cat")
    made = group["ann"].commit()
    assert (len(made.proposals), len(made.left_out)) == (2, 1)
    carry_out(group, "ann", made)
    assert len(group["ann"].state.proposals) == 0


def test_few_misfits_among_many_cost_few_trials(monkeypatch):
    """The number of trials grows with the misfits times the logarithm of the candidates."""
    group = Group(("ann", "bob"))
    clients = [Client.basic(group.config, b"%d" % number, group.randomness) for number in range(63)]
    for client in clients:
        arrive(group, Add(client.key_package(group.randomness).package))
    misfit = arrive(group, Remove(BOB), ANN), arrive(group, Remove(BOB), ANN)
    tried = []
    real = proposal_selection.list_effects
    monkeypatch.setattr(
        proposal_selection,
        "list_effects",
        lambda *found: tried.append(len(found[3])) or real(*found),
    )
    state = group["ann"].state
    found = select_proposals(group.config, state, state.tree, (), lambda _: None, None)
    assert [item.proposal.reference for item in found.left_out] == [misfit[1]]
    assert len(found.chosen) == 64
    assert len(tried) <= 2 + 2 * 7


def test_own_proposals_that_cannot_be_committed_cost_two_trials(group, monkeypatch):
    for removed in range(4):
        arrive(group, Remove(DAN), removed)
    tried = []
    real = proposal_selection.list_effects
    monkeypatch.setattr(
        proposal_selection,
        "list_effects",
        lambda *found: tried.append(len(found[3])) or real(*found),
    )
    with pytest.raises(LocalError, match="cannot commit: the commit contains a ReInit together"):
        group["ann"].commit([REINIT, Remove(CAT)])
    assert tried == [6, 2]


# Whatever arrives, anybody can commit, and all follow


MAKERS = st.sampled_from(
    [
        lambda group, who: (Remove(ANN), who),
        lambda group, who: (Remove(CAT), who),
        lambda group, who: (Remove(DAN), ExternalSenderIndex(0)),
        lambda group, who: (Remove(11), who),
        lambda group, who: (forged_update(group, "dan"), DAN),
        lambda group, who: (forged_update(group, "dan", capabilities=RICH), DAN),
        lambda group, who: (Add(NEW[0].package), who),
        lambda group, who: (Add(NEW[1].package), ExternalSenderIndex(0)),
        lambda group, who: (Add(NEW[2].package), who),
        lambda group, who: (GroupContextExtensions(()), who),
        lambda group, who: (REQUIRES, who),
        lambda group, who: (MALFORMED, who),
        lambda group, who: (REINIT, who),
        lambda group, who: (PSK, who),
        lambda group, who: (group["bob"].psk(ExternalPsk(b"unknown")), who),
        lambda group, who: (CustomProposal(0xF00F, b""), who),
    ]
)
CONFIG = Configuration(cipher_suite(1))
SEED = SeededRandomness(12)
OWNER = Client.basic(CONFIG, b"eve", SEED)
NEW = [
    OWNER.key_package(SEED),
    OWNER.key_package(SEED),
    Client.basic(CONFIG, b"fay", SEED).key_package(SEED),
]
PSK = Group(("x",))["x"].psk(ExternalPsk(b"known"))


@settings(max_examples=40)
@given(st.lists(st.tuples(MAKERS, st.integers(0, 3)), max_size=8), st.integers(0, 2))
def test_nobody_is_blocked_by_what_arrives(arrived, committer):
    group = Group()
    group.secrets[b"known"] = b"secret"
    for make, who in arrived:
        arrive(group, *make(group, who))
    name = ("ann", "bob", "cat")[committer]
    made = group[name].commit()
    taken = set(committed(made)) | set(reasons(made))
    assert taken == set(group[name].state.proposals)
    del group.members["dan"]  # nobody has the secrets of its forged Updates
    events = group.carry_out(name, made)
    assert len({member.epoch_authenticator for member in group.members.values()}) == 1
    kinds = [type(received.proposal) for received in events[name].proposals]
    assert kinds.count(GroupContextExtensions) <= 1
    assert ReInit not in kinds or kinds == [ReInit]
    leaves = [*events[name].removed, *events[name].updated]
    assert len(leaves) == len(set(leaves))
    assert Remove(committer) not in [received.proposal for received in made.proposals]
    if not made.proposals and not group[name].state.reinit:
        assert group[name].send(b"nothing is due in the new epoch")
