"""Saved members and clients: a round trip keeps all, equal trees share memory, bad files raise."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mls_groups import Group

from ttkem.errors import StateFileError
from ttkem.mls import (
    Add,
    CommitOptions,
    Framing,
    KeyPackages,
    LeafChange,
    Member,
    MemberState,
    ReInit,
    Remove,
    read_client,
    read_member,
    read_ratchet_tree,
    write_client,
    write_member,
)
from ttkem.mls import member_storage as files
from ttkem.mls import storage as states
from ttkem.mls.events import EpochStarted
from ttkem.mls.storage import open_file, read_state, seal_file, write_state
from ttkem.mls.tree.ratchet_tree import write_ratchet_tree


@pytest.fixture
def group():
    return Group()


def loaded(group, name):
    member = group[name]
    return read_member(member.config, write_member(member), group.randomness)


def busy(group):
    """Let Ann have two pending commits and a pending proposal; return the commits."""
    group.deliver(group["bob"].propose(Remove(3)), but="bob")
    group.deliver(group["cat"].propose_update(), but="cat")
    own = group.key_package("eve")
    options = CommitOptions(framing=Framing(authenticated_data=b"why"))
    one = group["ann"].commit([Add(own.package)], options=options)
    return own, one, group["ann"].commit([ReInit(b"next", 1, 1, ())], references=[])


def test_a_member_comes_back_with_its_pending_commits(group):
    own, one, other = busy(group)
    ann = group["ann"]
    twin = loaded(group, "ann")
    assert write_member(twin) == write_member(ann)
    assert twin.pending == ann.pending == (one.id, other.id)
    for name in ann.pending:
        assert twin.expected(name) == ann.expected(name)
        assert write_state(ann.config, twin.after(name)) == write_state(ann.config, ann.after(name))
    group.members["ann"] = twin
    event = group.carry_out("ann", one)["ann"]
    assert event == ann.confirm(one.id)
    assert (event.added, event.removed, event.updated) == ((3,), (3,), (2,))
    assert [type(received.proposal).__name__ for received in event.proposals].count("Add") == 1
    group.join("eve", one.welcome, own)
    group.check()
    group.commit("ann")


def test_the_order_of_arrival_comes_back(group):
    for _ in range(5):
        group.deliver(group["cat"].propose_update(), but="cat")
    group.members["ann"] = loaded(group, "ann")
    order = list(group["bob"].state.proposals)
    assert list(group["ann"].state.proposals) == order
    assert order != sorted(order)
    assert group["ann"].commit().proposals[0].reference == order[-1]


def test_how_one_joined_comes_back(group):
    assert (loaded(group, "bob").welcomed_by, loaded(group, "ann").welcomed_by) == (0, None)


def test_a_closed_group_comes_back_closed(group):
    group.commit("ann", ReInit(b"next", 1, 1, ()))
    assert loaded(group, "bob").status is MemberState.CLOSED


def test_a_client_comes_back_whole(group):
    packages = KeyPackages(replace(group.client("eve"), grease=True))
    published = [packages.publish(group.randomness) for _ in range(2)]
    data = write_client(packages, [group["ann"], group["bob"]])
    again, members = read_client(group.config, data, group.randomness)
    assert write_client(again, members) == data
    assert again.client == packages.client
    assert list(again) == list(packages)
    made = members[0].add(*published[:1])
    own = again.addressee(made.welcome)
    members[0].confirm(made.id)
    joined = Member.join(group.config, made.welcome, own, group.randomness)
    assert joined.epoch_authenticator == members[0].epoch_authenticator
    assert isinstance(members[1].process(made.message), EpochStarted)


# Memory


def nodes_of(*trees):
    """Return the distinct node objects of trees."""
    return {id(node): node for tree in trees for _, node in tree.nodes.nodes()}


def test_a_loaded_member_shares_equal_subtrees():
    """Each epoch differs from the next in the path of a committer, and takes only this memory."""
    group = Group(["ann", *(f"member {number}" for number in range(31))])
    group.commit("member 7")
    group.commit("member 20")
    pending = group["ann"].commit()
    for member in (group["ann"], loaded(group, "ann")):
        state, after = member.state, member.after(pending.id)
        trees = [each.tree for each in (state, after, *state.past, *after.past)]
        assert len(trees) == 6
        path = 6  # 32 leaves
        assert len(nodes_of(*trees)) <= 63 + 3 * path
    alone = [read_ratchet_tree(group.config.suite, write_ratchet_tree(tree)) for tree in trees]
    assert len(nodes_of(*alone)) == sum(len(nodes_of(tree)) for tree in alone) > 5 * 63


LIFE = Group()
TREES = [LIFE["ann"].state.tree]
for step in ("add e", "bob", "add f g", "remove 3", "cat", "remove 5 6", "remove 1 2", "add h i"):
    what, *who = step.split()
    if what == "add":
        LIFE.add("ann", *who)
    else:
        LIFE.commit("ann", *(Remove(int(leaf)) for leaf in who))
    TREES.append(LIFE["ann"].state.tree)


@pytest.mark.parametrize("tree", TREES, ids=range(len(TREES)))
@pytest.mark.parametrize("like", TREES, ids=range(len(TREES)))
def test_a_tree_read_beside_another_one_is_the_same_tree(tree, like):
    suite = LIFE.config.suite
    found = read_ratchet_tree(suite, write_ratchet_tree(tree), like)
    plain = read_ratchet_tree(suite, write_ratchet_tree(tree))
    assert found.hash == plain.hash == tree.hash
    assert found.capacity == plain.capacity
    assert dict(found.encryption_keys.items()) == dict(plain.encryption_keys.items())
    assert dict(found.signature_keys.items()) == dict(plain.signature_keys.items())
    if tree is like:
        assert found.nodes.top is like.nodes.top


# Hostile files


@settings(max_examples=60)
@given(st.data())
def test_damaged_files_raise_or_are_read(data):
    _, write, read = data.draw(st.sampled_from(FILES))
    raw = bytearray(write)
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    body = bytes(raw[:-32])
    for damaged in (bytes(raw), body + LIFE.config.suite.hash(body)):
        if damaged != write:
            with suppress(StateFileError):
                read(LIFE.config, damaged)


def files_of():
    packages = KeyPackages(LIFE.client("eve"))
    packages.publish(LIFE.randomness)
    LIFE["ann"].commit([Remove(LIFE.leaf("h"))])
    return [
        ("member", write_member(LIFE["ann"]), read_member),
        ("client", write_client(packages, [LIFE["ann"]]), read_client),
        ("state", write_state(LIFE.config, LIFE["ann"].state), read_state),
    ]


FILES = files_of()


def test_a_file_of_another_kind_is_refused():
    for kind, data, _ in FILES:
        for name, _, read in FILES:
            if name != kind:
                match = f"cannot read the saved MLS {name}: it is of another version"
                with pytest.raises(StateFileError, match=match):
                    read(LIFE.config, data)
    for name, data, read in FILES:
        magic = data[: data.index(b"\n") + 3]
        cut = magic + data[len(magic) : -40]
        with pytest.raises(StateFileError, match=f"cannot read the saved MLS {name}: "):
            read(LIFE.config, cut + LIFE.config.suite.hash(cut))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda saved, past: replace(saved, pending=saved.pending * 2), "is pending twice"),
        (
            lambda saved, past: replace(saved, pending=(replace(saved.pending[0], after=past),)),
            "leads elsewhere than to the next epoch",
        ),
        (
            lambda saved, past: replace(
                saved,
                pending=(
                    replace(saved.pending[0], event=replace(saved.pending[0].event, committer=3)),
                ),
            ),
            "a pending commit and its event do not match",
        ),
        (lambda saved, past: replace(saved, state=saved.pending[1].after), "the group is closed"),
    ],
    ids=["twice", "elsewhere", "event", "closed"],
)
def test_pending_commits_that_cannot_be_are_refused(group, change, match):
    _, _, _ = busy(group)
    ann = group["ann"]
    saved = open_file(ann.config, files._MEMBER, files._Member, write_member(ann))
    wrong = seal_file(ann.config, files._MEMBER, change(saved, saved.state))
    with pytest.raises(StateFileError, match=match):
        read_member(ann.config, wrong)


def refused_after(group, change, match):
    """Change the state that a pending commit of Ann leads to, in the file, and read it."""
    ann = group["ann"]
    saved = open_file(ann.config, files._MEMBER, files._Member, write_member(ann))
    after = open_file(ann.config, states._MAGIC, states._State, saved.pending[0].after)
    data = seal_file(ann.config, states._MAGIC, change(after))
    wrong = replace(saved, pending=(replace(saved.pending[0], after=data),))
    with pytest.raises(StateFileError, match=match):
        read_member(ann.config, seal_file(ann.config, files._MEMBER, wrong))


def test_a_pending_commit_of_another_member_is_refused(group):
    group["ann"].commit()
    keys = group["bob"].state.signature
    refused_after(
        group,
        lambda after: replace(
            after, leaf=1, signature_public=keys.public, signature_secret=keys.secret
        ),
        "leads elsewhere",
    )


def test_a_tree_of_another_epoch_is_refused_even_if_the_right_one_is_known(group):
    group["ann"].commit()
    refused_after(
        group,
        lambda after: replace(
            after, past=(replace(after.past[0], tree=after.tree), *after.past[1:])
        ),
        "a tree does not match its group context",
    )


def test_a_state_without_its_own_leaf_is_refused(group):
    state = group["ann"].state
    for wrong in (replace(state, leaf=9), replace(state, leaf=1)):
        with pytest.raises(StateFileError, match="its own leaf is not in its tree"):
            read_state(group.config, write_state(group.config, wrong))
    other = replace(group.config, suite=replace(group.config.suite, number=77))
    with pytest.raises(StateFileError, match="of another cipher suite"):
        read_state(other, write_state(group.config, state))


def test_a_new_signature_key_comes_back(group):
    pair = group.config.suite.generate_signature_key_pair(group.randomness)
    group.commit("ann", options=CommitOptions(change=LeafChange(signature=pair)))
    assert loaded(group, "ann").state.signature == pair
