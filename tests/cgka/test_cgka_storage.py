"""Saved members: all that matters comes back, and what contradicts itself is refused."""

from dataclasses import replace

import pytest

from ttkem.blanking import treekem
from ttkem.cgka import Kind
from ttkem.cgka.storage import _Member
from ttkem.crypto import SeededRandomness
from ttkem.errors import LocalError, StateFileError
from ttkem.tainted import tainted_treekem
from ttkem.wire import decode, encode

HEAD = b"ttkem member\n\x00\x02"


@pytest.fixture
def group(make_group):
    group = make_group()
    group.update("cat")
    return group


def load(group, data, protocol=None):
    return (protocol or group.protocol).load(data, group.pki, group.randomness)


def test_a_member_goes_on_where_it_was_saved(group):
    group.members = {name: load(group, m.save()) for name, m in group.members.items()}
    group.update("dan")
    group.add("ann", "eve")
    group.check()


def test_equal_pending_operations_are_all_saved(make_group):
    """A remove of TKEM uses no randomness: two of them are the same operation, pending twice."""
    group = make_group(protocol=treekem())
    ann = group["ann"]
    first, second = ann.remove("bob"), ann.remove("bob")
    assert first.message == second.message
    loaded = load(group, ann.save())
    assert loaded.pending == (first.id, first.id)
    assert loaded.state == ann.state


def test_everything_is_saved(group, each_protocol):
    ann = group["ann"]
    ann.key_package()
    update, remove = ann.update(), ann.remove("bob")
    loaded = load(group, ann.save())
    assert loaded.state == ann.state
    assert loaded.pending == (update.id, remove.id)
    assert loaded.confirm(remove.id).target == "bob"
    assert loaded.state.group.public.tree.hash != ann.state.group.public.tree.hash
    alone = each_protocol.member("zoe", {}, SeededRandomness(1))
    assert each_protocol.load(alone.save(), {}, SeededRandomness(2)).state == alone.state


def test_equal_states_give_equal_bytes(group):
    data = group["bob"].save()
    assert load(group, data).save() == data


def test_files_of_others_are_told_apart(group):
    data = group["ann"].save()
    for wrong, match in (
        (b"", "do not begin as a saved member"),
        (b"%PDF-1.7", "do not begin as a saved member"),
        (
            data.replace(b"\x00\x02", b"\x00\x03", 1),
            "saved in format version 3; this release reads version 2",
        ),
        (data[:40], "checksum is wrong"),
        (data[:-1], "checksum is wrong"),
    ):
        with pytest.raises(StateFileError, match=match):
            load(group, wrong)
    with pytest.raises(StateFileError, match="a member of TTKEM on suite 1 with TTKEM on"):
        load(group, data, tainted_treekem(3))
    with pytest.raises(StateFileError, match="another cipher suite"):
        load(group, data, tainted_treekem(5))


def forged(group, data, /, **changes):
    """The saved member with parts of it changed and the checksum made anew."""
    end = len(data) - group.protocol.suite.hash_length
    member = replace(decode(_Member, data[len(HEAD) : end]), **changes)
    changed = HEAD + encode(member)
    return changed + group.protocol.suite.hash(changed)


def test_a_state_that_contradicts_itself_is_refused_even_with_a_right_checksum(group):
    data = group["ann"].save()
    assert load(group, forged(group, data)).save() == data
    saved = decode(_Member, data[len(HEAD) : -32]).group
    secrets, snapshot = saved.secrets, saved.snapshot
    for changed, match in (
        (replace(saved, leaf=1), "'ann' is not at leaf 1"),
        (replace(saved, secrets=secrets[1:]), "not those of the member's path"),
        (replace(saved, secrets=(*secrets, secrets[0])), "not those of the member's path"),
        (
            replace(saved, secrets=(*secrets[1:], replace(secrets[0], node=4))),
            "not those of the member's path",
        ),
        (replace(saved, snapshot=replace(snapshot, leaves=())), "contradicts itself"),
        (replace(saved, snapshot=replace(snapshot, capacity=6)), "contradicts itself"),
    ):
        with pytest.raises(StateFileError, match=match):
            load(group, forged(group, data, group=changed))
    with pytest.raises(StateFileError, match="cannot load a member of TKEM"):
        load(group, forged(group, data, protocol="TKEM"))
    broken = HEAD + b"\xff"
    with pytest.raises(StateFileError, match="contradicts itself"):
        load(group, broken + group.protocol.suite.hash(broken))


def test_a_removed_member_is_saved_without_secrets(group):
    secrets = {bytes(s) for s in group["bob"].state.group.secrets.values()}
    secrets.add(group["bob"].group_key)
    group.remove("ann", "bob")
    data = group["bob"].save()
    assert not any(secret in data for secret in secrets)
    loaded = load(group, data)
    with pytest.raises(LocalError):
        _ = loaded.group_key


def test_replaced_secrets_are_in_no_state_any_more(group):
    ann = group["ann"]
    old = {bytes(secret) for secret in ann.state.group.secrets.values()} | {ann.group_key}
    operation = ann.update()
    pending = ann.save()
    assert all(secret in pending for secret in old)
    group.carry_out(operation)
    now = ann.save()
    assert not any(secret in now for secret in old)


def test_an_author_keeps_no_secret_of_nodes_off_their_path(group):
    ann = group["ann"]
    operation = ann.remove("dan")
    off_path = set(operation.refreshed) - set(ann.tree.path(0))
    assert off_path
    group.carry_out(operation)
    group.check()
    assert not off_path & set(ann.state.group.secrets)


def other_secrets(secret):
    """Bytes that are not this secret: shorter, longer, none, and another one of its length."""
    return secret[:-1], secret + b"\0", b"", bytes((secret[0] ^ 64, *secret[1:]))


@pytest.mark.parametrize("suite", [1, 2, 4, 0xF001])
def test_every_saved_secret_is_the_one_of_its_public_key(make_group, suite):
    group = make_group(("ann", "bob"), protocol=tainted_treekem(suite))
    ann = group["ann"]
    ann.key_package()
    ann.update()
    data, nh = ann.save(), group.protocol.suite.hash_length
    member = decode(_Member, data[len(HEAD) : -nh])
    (pending,), (init,), saved = member.pending, member.init_secrets, member.group
    assert load(group, forged(group, data)).save() == data
    lies = [{"signature_secret": wrong} for wrong in other_secrets(member.signature_secret)]
    lies += [
        {"init_secrets": (replace(init, secret=wrong),)} for wrong in other_secrets(init.secret)
    ]
    for number, secret in enumerate(saved.secrets):
        for wrong in other_secrets(secret.secret):
            secrets = list(saved.secrets)
            secrets[number] = replace(secret, secret=wrong)
            lies.append({"group": replace(saved, secrets=tuple(secrets))})
    # Nothing public tells one group key from another; only its length is known.
    for wrong in other_secrets(saved.group_key)[:3]:
        lies.append({"group": replace(saved, group_key=wrong)})
        told = replace(pending.group, group_key=wrong)
        lies.append({"pending": (replace(pending, group=told),)})
        lies.append({"pending": (replace(pending, id=wrong),)})
    for lie in lies:
        with pytest.raises(StateFileError, match="contradicts itself: cannot use the "):
            load(group, forged(group, data, **lie))


def test_saved_operations_match_the_states_that_they_lead_to(group):
    ann = group["ann"]
    update, remove = ann.update(), ann.remove("bob")
    ann.key_package()
    data = ann.save()
    member = decode(_Member, data[len(HEAD) : -32])
    first, second = member.pending
    assert (first.id, second.id) == (update.id, remove.id)
    late = replace(first.group, snapshot=replace(first.group.snapshot, epoch=4))
    for changes in ({"epoch": 4}, {"group": late}, {"target": "bob"}, {"kind": Kind.REMOVE}):
        with pytest.raises(StateFileError, match="does not match the state it leads to"):
            load(group, forged(group, data, pending=(replace(first, **changes),)))
    with pytest.raises(StateFileError, match="a key package is saved twice"):
        load(group, forged(group, data, init_secrets=member.init_secrets * 2))
    signature = group.protocol.suite.generate_signature_key_pair(SeededRandomness(7))
    changed = {"signature_public": signature.public, "signature_secret": signature.secret}
    with pytest.raises(StateFileError, match=r"'ann' is not at leaf 0 .* saved signature key"):
        load(group, forged(group, data, pending=(), **changed))
    with pytest.raises(StateFileError, match="'ann' is not at leaf 9"):
        load(group, forged(group, data, group=replace(member.group, leaf=9)))
