"""The interface: what each call does, and that a call out of turn changes nothing."""

import pytest

from ttkem.blanking import treekem
from ttkem.cgka import EpochStarted, Kind, Removed
from ttkem.crypto import SeededRandomness
from ttkem.errors import HistoryError, InvalidMessageError, LocalError


def test_a_group_agrees_through_every_kind_of_operation(make_group, each_protocol):
    group = make_group(protocol=each_protocol)
    group.check()
    group.update("cat")
    group.check()
    group.add("bob", "eve")
    group.check()
    group.update("eve")
    group.check()
    group.remove("dan", "ann")
    group.check()
    group.update("bob")
    group.check()
    assert group["bob"].roster == ("bob", "cat", "dan", "eve")
    assert group["bob"].epoch == 6 == group.service.epoch
    assert set(group.service.roster) == {"bob", "cat", "dan", "eve"}
    assert not group["ann"].in_group


def test_events_say_what_happened(make_group):
    group = make_group()
    ann, bob, cat = group["ann"], group["bob"], group["cat"]
    update = ann.update()
    assert bob.process(update.message) == EpochStarted(2, Kind.UPDATE, "ann", None)
    cat.process(update.message)
    assert ann.confirm(update.id) == EpochStarted(2, Kind.UPDATE, "ann", None)
    eve = group.newcomer("eve")
    add = bob.add(eve.key_package())
    assert (add.target, add.joiners) == ("eve", ("eve",))
    assert eve.join(add.make_welcome()) == EpochStarted(3, Kind.ADD, "bob", "eve")
    assert ann.process(add.message) == EpochStarted(3, Kind.ADD, "bob", "eve")
    cat.process(add.message)
    remove = cat.remove("ann")
    assert ann.process(remove.message) == Removed(4, "cat")
    assert eve.process(remove.message) == EpochStarted(4, Kind.REMOVE, "cat", "ann")


def test_every_epoch_has_a_new_key(make_group):
    group = make_group()
    keys = {group["ann"].group_key}
    for name in ("ann", "bob", "ann", "dan"):
        group.update(name)
        keys.add(group["cat"].group_key)
    group.add("ann", "eve")
    group.remove("bob", "eve")
    keys |= {group["ann"].group_key}
    assert len(keys) == 6


def test_blanking_without_commit_has_no_key_until_the_next_update(make_group):
    group = make_group(protocol=treekem())
    group.remove("ann", "bob")
    with pytest.raises(LocalError, match="it comes with the next update"):
        _ = group["ann"].group_key
    group.update("cat")
    assert group["ann"].group_key == group["dan"].group_key


def test_a_group_of_one_grows(make_group):
    group = make_group(("ann",))
    assert group["ann"].tree.capacity == 2
    group.update("ann")
    group.add("ann", "bob")
    group.check()


def test_nothing_works_outside_a_group(make_group):
    ann = make_group(()).newcomer("ann")
    before = ann.state
    for call in (
        lambda: ann.group_key,
        lambda: ann.epoch,
        lambda: ann.roster,
        lambda: ann.tree,
        lambda: ann.transcript_hash,
        ann.update,
        lambda: ann.remove("bob"),
        lambda: ann.add(b""),
        lambda: ann.process(b""),
    ):
        with pytest.raises(LocalError, match="in no group"):
            call()
    with pytest.raises(LocalError, match="no pending operation"):
        ann.confirm(b"?")
    with pytest.raises(LocalError, match="no pending operation"):
        ann.reject(b"?")
    assert ann.state is before
    assert "in no group" in repr(ann)


def test_calls_out_of_turn_change_nothing(make_group):
    group = make_group()
    ann, bob = group["ann"], group["bob"]
    package, welcome = bob.key_package(), ann.add(group.newcomer("eve").key_package())
    before = ann.state
    for call, message in (
        (lambda: ann.create([]), "one member object, one group"),
        (lambda: ann.join(welcome.make_welcome()), "one member object, one group"),
        (lambda: ann.remove("ann"), "cannot remove oneself"),
        (lambda: ann.remove("zoe"), "cannot remove 'zoe': 'zoe' is not a member"),
        (lambda: ann.add(package), "'bob' is a member already"),
        (ann.update().make_welcome, "only a create or an add has one, not kind"),
    ):
        if "only a create" in message:
            before = ann.state
        with pytest.raises(LocalError, match=message):
            call()
        if "only a create" not in message:
            assert ann.state.group is before.group
    with pytest.raises(LocalError, match="non-empty"):
        group.newcomer("")


def test_nobody_is_created_twice(make_group):
    group = make_group(())
    ann, bob = group.newcomer("ann"), group.newcomer("bob")
    for packages in ([bob.key_package(), bob.key_package()], [ann.key_package()]):
        before = ann.state
        with pytest.raises(LocalError, match="each member once"):
            ann.create(packages)
        assert ann.state is before


def test_confirming_one_drops_the_others(make_group):
    group = make_group()
    ann = group["ann"]
    first, second = ann.update(), ann.remove("bob")
    assert ann.pending == (first.id, second.id)
    ann.confirm(first.id)
    assert ann.pending == ()
    with pytest.raises(LocalError, match="no pending operation"):
        ann.confirm(second.id)


def test_rejecting_one_keeps_the_others_and_the_epoch(make_group):
    group = make_group()
    ann = group["ann"]
    key, first, second = ann.group_key, ann.update(), ann.update()
    ann.reject(first.id)
    assert ann.pending == (second.id,)
    assert ann.group_key == key
    group.carry_out(second)
    group.check()


def test_processing_a_message_drops_all_pending(make_group):
    group = make_group()
    stale = group["ann"].update()
    group.update("bob")
    assert group["ann"].pending == ()
    with pytest.raises(LocalError, match="no pending operation"):
        group["ann"].confirm(stale.id)


def test_the_server_refuses_the_later_of_two_and_its_author_goes_on(make_group):
    group = make_group()
    first, second = group["ann"].update(), group["bob"].update()
    assert group.service.submit(first)
    assert not group.service.submit(second)
    group.deliver()
    group.check()
    assert group["bob"].pending == ()
    group.update("bob")
    group.check()


def test_an_acknowledgement_can_come_before_the_message(make_group):
    group = make_group()
    first, second = group["ann"].update(), group["bob"].update()
    group.service.submit(first)
    message = group.service.mailbox("bob").pop()
    group.service.submit(second)
    group.service.deliver(group["bob"])
    assert group["bob"].pending == ()
    group.service.mailbox("bob").append(message)
    group.deliver()
    group.check()


def test_a_pending_create_can_give_way_to_a_welcome(make_group):
    group = make_group()
    eve = group.newcomer("eve")
    eve.create([])
    assert len(eve.pending) == 1
    group.carry_out(group["ann"].add(eve.key_package()))
    assert eve.pending == ()
    group.check()


def test_an_own_message_is_refused(make_group):
    ann = make_group()["ann"]
    message = ann.update().message
    before = ann.state
    with pytest.raises(HistoryError, match="own message"):
        ann.process(message)
    assert ann.state is before


def test_a_removed_member_can_come_back(make_group, each_protocol):
    group = make_group(protocol=each_protocol)
    group.remove("ann", "dan")
    assert group["dan"].state.group is None
    group.update("ann")
    group.add("bob", "dan")
    group.update("dan")
    group.check()
    assert group["dan"].in_group


def test_an_init_key_is_good_for_one_joining(make_group):
    group = make_group()
    eve = group.newcomer("eve")
    package = eve.key_package()
    group.carry_out(group["ann"].add(package))
    assert not eve.state.init_secrets
    group.remove("bob", "eve")
    again = group["ann"].add(package)
    with pytest.raises(InvalidMessageError, match="used, erased or foreign"):
        eve.join(again.make_welcome())
    assert not eve.in_group


def test_discarded_key_packages_open_nothing(make_group):
    group = make_group()
    eve = group.newcomer("eve")
    package = eve.key_package()
    eve.discard_key_packages()
    assert not eve.state.init_secrets
    with pytest.raises(InvalidMessageError, match="used, erased or foreign"):
        eve.join(group["ann"].add(package).make_welcome())


def test_a_removal_keeps_unused_init_keys(make_group):
    group = make_group()
    package = group["dan"].key_package()
    group.remove("ann", "dan")
    group.carry_out(group["ann"].add(package))
    group.check()


def test_a_welcome_for_somebody_else_is_refused(make_group):
    group = make_group()
    eve, fay = group.newcomer("eve"), group.newcomer("fay")
    fay.key_package()
    welcome = group["ann"].add(eve.key_package()).make_welcome()
    with pytest.raises(InvalidMessageError, match="does not add 'fay'"):
        fay.join(welcome)


def test_an_identity_that_is_a_member_before_the_add_does_not_join(make_group):
    group = make_group()
    loaded = group.protocol.load(group["bob"].save(), group.pki, SeededRandomness(5))
    group.carry_out(group["ann"].remove("bob"))
    welcome = group["ann"].add(group.newcomer("eve").key_package()).make_welcome()
    with pytest.raises(InvalidMessageError, match="does not add 'bob'"):
        group["bob"].join(welcome)
    assert loaded.in_group
