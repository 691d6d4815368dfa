"""Delivery services: what the honest one orders, and that the equivocating one gets nowhere."""

import pytest

from ttkem.cgka import Acknowledgement, EquivocatingDeliveryService, Message, Welcomed
from ttkem.errors import HistoryError, LocalError, RemoteError


@pytest.fixture
def evil(make_group):
    group = make_group(service=EquivocatingDeliveryService())
    group.check()
    return group


def refuses(group, name, error=HistoryError):
    """The member refuses what comes next, and nothing changes."""
    before = group[name].state
    with pytest.raises(error):
        group.service.deliver(group[name])
    assert group[name].state is before


def test_a_copy_of_a_server_goes_its_own_way(make_group):
    group = make_group()
    copied = group.service.copy()
    group.update("ann")
    assert (group.service.epoch, copied.epoch) == (2, 1)
    assert copied.roster == group.service.roster
    assert copied.mailbox("ann") == []


def test_an_operation_of_another_epoch_is_refused(make_group):
    group = make_group()
    old = group["ann"].update()
    group.update("bob")
    assert not group.service.submit(old)
    assert group.service.mailbox("ann") == [Acknowledgement(old.id, accepted=False)]


def test_without_its_powers_the_malicious_server_is_honest(evil):
    evil.add("ann", "eve")
    evil.remove("bob", "cat")
    evil.update("eve")
    evil.check()
    assert len(evil.service.branches) == 1
    assert evil.service.branches[0].epoch == 4


def test_a_fork_never_heals(evil):
    assert evil.service.fork(["cat", "dan"]) == 1
    assert [evil.service.branch(name) for name in ("ann", "bob", "cat", "dan")] == [0, 0, 1, 1]
    evil.update("ann")
    evil.update("cat")
    here, there = evil["ann"].group_key, evil["cat"].group_key
    assert here == evil["bob"].group_key != there == evil["dan"].group_key
    for author, other in (("ann", "cat"), ("cat", "bob"), ("bob", "dan"), ("dan", "ann")):
        for operation in (evil[author].update(), evil[author].remove(other)):
            evil.service.inject(other, Message(operation.message))
            refuses(evil, other)
            evil[author].reject(operation.id)
    # The same operation on both sides leads nowhere either.
    evil.add("ann", "eve")
    assert evil.service.branch("eve") == 0
    assert evil["eve"].group_key == evil["ann"].group_key


def test_forks_of_forks(evil):
    evil.service.fork(["bob", "cat", "dan"])
    evil.update("bob")
    evil.service.fork(["dan"])
    for name in ("ann", "bob", "dan"):
        evil.update(name)
    assert len({evil[name].group_key for name in ("ann", "bob", "dan")}) == 3
    assert evil["bob"].group_key == evil["cat"].group_key
    with pytest.raises(LocalError, match="different histories"):
        evil.service.fork(["ann", "bob"])


def test_whoever_misses_a_message_can_process_no_later_one(evil):
    assert evil.service.submit(evil["ann"].update())
    dropped = evil.service.drop("bob")
    assert isinstance(dropped, Message)
    evil.deliver()
    evil.service.submit(evil["ann"].update())
    refuses(evil, "bob")
    # Told the lost one and then the next again, it catches up.
    evil.service.inject("bob", dropped)
    evil.service.deliver(evil["bob"])
    evil.service.replay("bob", -2)
    evil.deliver()
    evil.check()


def test_reordered_messages_are_refused(evil):
    for _ in range(2):
        evil.service.submit(evil["ann"].update())
        evil.service.deliver(evil["ann"])
    evil.service.reorder("bob", 0, 1)
    refuses(evil, "bob")
    evil.service.deliver(evil["bob"])
    assert evil["bob"].epoch == 2


def test_replays_are_refused(evil):
    evil.update("ann")
    for kind in (Welcomed, Message):
        at = next(
            n
            for n in range(2)
            if isinstance(evil.service.replay("bob", n), kind) or evil.service.drop("bob") is None
        )
        assert isinstance(evil.service.drop("bob"), kind)
        evil.service.replay("bob", at)
        refuses(evil, "bob", LocalError if kind is Welcomed else HistoryError)


def test_powers_over_nothing_are_local_errors(evil):
    with pytest.raises(LocalError, match="0 deliveries wait for 'bob'"):
        evil.service.drop("bob")
    with pytest.raises(LocalError, match="0 deliveries wait for 'bob'"):
        evil.service.reorder("bob", 0, 1)
    with pytest.raises(LocalError, match="was handed 1 deliveries"):
        evil.service.replay("bob", 3)
    with pytest.raises(LocalError, match="was handed 0 deliveries"):
        evil.service.replay("zoe")


def test_the_last_delivery_is_replayed_by_default(evil):
    evil.update("ann")
    assert isinstance(evil.service.replay("cat"), Message)
    refuses(evil, "cat")


def test_injected_rubbish_is_refused(evil):
    evil.service.inject("ann", Message(b"rubbish"))
    refuses(evil, "ann", RemoteError)


def test_the_malicious_server_refuses_what_is_late_too(evil):
    late = evil["ann"].update()
    evil.update("bob")
    assert not evil.service.submit(late)
    evil.deliver()
    evil.check()
