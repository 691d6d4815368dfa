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
    bob = group["bob"]
    after = write_state(group.config, bob.after(bob.commit().id))
    theirs = open_file(group.config, states._MAGIC, states._State, after)
    refused_after(group, lambda _: theirs, "leads elsewhere")


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
    for leaf, match in (
        (9, "its own leaf is not in its tree"),
        (1, "its signature key is not that of its own leaf node"),
    ):
        with pytest.raises(StateFileError, match=match):
            read_state(group.config, write_state(group.config, replace(state, leaf=leaf)))
    other = replace(group.config, suite=replace(group.config.suite, number=77))
    with pytest.raises(StateFileError, match="of another cipher suite"):
        read_state(other, write_state(group.config, state))


def test_a_new_signature_key_comes_back(group):
    pair = group.config.suite.generate_signature_key_pair(group.randomness)
    group.commit("ann", options=CommitOptions(change=LeafChange(signature=pair)))
    assert loaded(group, "ann").state.signature == pair


def other_secrets(secret):
    """Bytes that are not this secret: shorter, longer, none, and another one of its length."""
    return secret[:-1], secret + b"\0", b"", bytes((secret[0] ^ 64, *secret[1:]))


def each_with(items, field, wrongs=other_secrets):
    """The tuple with one field of one item replaced, for each item and each wrong value."""
    for number, item in enumerate(items):
        for wrong in wrongs(getattr(item, field)):
            yield (*items[:number], replace(item, **{field: wrong}), *items[number + 1 :])


LENGTH = "secrets of this suite have 32 bytes"


def lengths(secret):
    return other_secrets(secret)[:3]


def lies_of(saved):
    """A saved state with one of its parts replaced, by the words that refuse it."""
    for field, item, wrongs, words in (
        ("private", "secret", other_secrets, "secret key"),
        ("updates", "encryption_secret", other_secrets, "secret key"),
        ("updates", "signature_secret", other_secrets, "secret key"),
        ("additions", "secret", lengths, LENGTH),
        ("resumption", "secret", lengths, LENGTH),
        ("proposals", "reference", lengths, LENGTH),
        ("past", "sender_data_secret", lengths, LENGTH),
    ):
        for items in each_with(getattr(saved, field), item, wrongs):
            yield {field: items}, words
    for field, wrongs, words in (
        ("signature_secret", other_secrets, "secret key"),
        ("interim_transcript_hash", lengths, LENGTH),
        ("confirmation_tag", lengths, LENGTH),
    ):
        for wrong in wrongs(getattr(saved, field)):
            yield {field: wrong}, words
    for number, secret in enumerate(saved.secrets):
        for wrong in lengths(secret):
            secrets = (*saved.secrets[:number], wrong, *saved.secrets[number + 1 :])
            yield {"secrets": secrets}, LENGTH
    for field in ("private", "updates", "proposals", "resumption"):
        yield {field: getattr(saved, field) * 2}, "one entry is saved twice"
    yield from histories_of(saved)
    for lie, words in trees_of(saved.secret_tree):
        yield {"secret_tree": lie}, words
        yield {"past": (replace(saved.past[0], secret_tree=lie),)}, words


def histories_of(saved):
    """A saved state that contradicts itself, by the words that refuse it."""
    context = saved.context
    yield {"context": replace(context, confirmed_transcript_hash=b"short")}, LENGTH
    yield {"context": replace(context, epoch=2**64 - 1)}, "cannot accept epoch"
    yield {"context": replace(context, epoch=99)}, "the resumption PSK of its epoch is not"
    yield {"resumption": saved.resumption[:-1]}, "the resumption PSK of its epoch is not"
    yield {"private": saved.private[:-1]}, "not those of its leaf and its direct path"
    yield {"past": saved.past[::-1]}, "a past epoch is not an earlier one of the group"
    other = replace(saved.past[0], context=replace(saved.past[0].context, group_id=b"other"))
    yield {"past": (other,)}, "a past epoch is not an earlier one of the group"


def trees_of(tree):
    """The saved secret tree with a part of it replaced, by the words that refuse it."""
    gap, length = "does not cover the leaves of its tree once each", "have another length"
    yield replace(tree, capacity=8), gap
    yield replace(tree, nodes=tree.nodes[1:]), gap
    yield replace(tree, nodes=(*tree.nodes[:-1], replace(tree.nodes[-1], number=3))), gap
    yield replace(tree, ratchets=tree.ratchets[1:]), gap
    yield replace(tree, ratchets=tree.ratchets[2:]), gap
    yield replace(tree, ratchets=tree.ratchets * 2), "one entry is saved twice"
    for nodes in each_with(tree.nodes, "secret", lengths):
        yield replace(tree, nodes=nodes), length
    for ratchets in each_with(tree.ratchets, "secret", lengths):
        yield replace(tree, ratchets=ratchets), length
    (busy,) = (ratchet for ratchet in tree.ratchets if ratchet.skipped)
    others = tuple(ratchet for ratchet in tree.ratchets if ratchet is not busy)
    for field in ("key", "nonce"):
        for skipped in each_with(busy.skipped, field, lengths):
            yield replace(tree, ratchets=(*others, replace(busy, skipped=skipped))), length
    early = replace(busy, generation=0)
    yield replace(tree, ratchets=(*others, early)), "a ratchet keeps the key of a generation"


def test_an_unmerged_member_has_no_secret_of_the_nodes_at_which_it_is_unmerged(group):
    for name in ("ann", "bob", "cat", "dan"):
        group.commit(name)
    group.commit("ann", Remove(3))
    group.commit("cat")
    group.add("ann", "eve", options=CommitOptions(path=False))
    eve = group["eve"]
    assert set(eve.state.private) == {6} < {6, *eve.state.tree.direct_path(3)}
    assert write_member(loaded(group, "eve")) == write_member(eve)
    secret = group["ann"].state.private[3]
    forged = replace(eve.state, private=eve.state.private.insert(3, secret))
    with pytest.raises(StateFileError, match="are not those of its leaf and its direct path"):
        read_state(group.config, write_state(group.config, forged))


@pytest.fixture
def busy_state(group):
    """Ann's saved state with an own Update, past epochs, and skipped keys in both its trees."""
    group.commit("bob")
    ann, bob = group["ann"], group["bob"]
    for _ in range(2):
        bob.send(b"skipped")
        ann.process(bob.send(b"data"))
        if ann.epoch < 3:
            group.commit("cat")
    ann.propose_update()
    with_additions = replace(ann.state.secrets, additions=((b"own", bytes(32)),))
    state = replace(ann.state, secrets=with_additions)
    return open_file(group.config, states._MAGIC, states._State, write_state(group.config, state))


def test_every_saved_secret_is_of_the_suite_and_of_its_public_key(group, busy_state):
    def read(saved):
        return read_state(group.config, seal_file(group.config, states._MAGIC, saved))

    assert read(busy_state).context == busy_state.context
    fields = ("updates", "past", "proposals", "additions", "private")
    assert all(getattr(busy_state, field) for field in fields)
    count = 0
    for lie, words in lies_of(busy_state):
        with pytest.raises(StateFileError, match=words):
            read(replace(busy_state, **lie))
        count += 1
    assert count > 140


def test_every_secret_of_a_saved_client_is_the_one_of_its_public_key(group):
    packages = KeyPackages(group.client("eve"))
    packages.publish(group.randomness)
    config = group.config
    saved = open_file(config, files._CLIENT, files._Client, write_client(packages))
    (package,) = saved.packages
    lies = [
        replace(saved, signature=replace(saved.signature, secret=wrong))
        for wrong in other_secrets(saved.signature.secret)
    ]
    for field in ("init_secret", "leaf_secret"):
        lies += [replace(saved, packages=lie) for lie in each_with(saved.packages, field)]
    for wrong in other_secrets(package.signature.secret):
        lie = replace(package, signature=replace(package.signature, secret=wrong))
        lies.append(replace(saved, packages=(lie,)))
    other = config.suite.generate_signature_key_pair(group.randomness)
    pair = files._Pair(other.public, other.secret)
    lies.append(replace(saved, packages=(replace(package, signature=pair),)))
    for client in lies:
        with pytest.raises(StateFileError, match=r"cannot read the saved MLS client: .*key"):
            read_client(config, seal_file(config, files._CLIENT, client))
    with pytest.raises(StateFileError, match="its flag for GREASE is 2, neither 0 nor 1"):
        read_client(config, seal_file(config, files._CLIENT, replace(saved, grease=2)))
