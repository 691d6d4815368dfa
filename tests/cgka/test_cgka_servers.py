"""The servers: what the honest one orders, and that the malicious one gets nowhere."""

import pytest

from ttkem.cgka import MaliciousServer, Message, Verdict, Welcomed
from ttkem.errors import HistoryError, LocalError, RemoteError


@pytest.fixture
def evil(make_group):
    group = make_group(server=MaliciousServer())
    group.check()
    return group


def refuses(group, name, error=HistoryError):
    """The member refuses what comes next, and nothing changes."""
    before = group[name].state
    with pytest.raises(error):
        group.server.deliver(group[name])
    assert group[name].state is before


def test_a_copy_of_a_server_goes_its_own_way(make_group):
    group = make_group()
    twin = group.server.copy()
    group.update("ann")
    assert (group.server.epoch, twin.epoch) == (2, 1)
    assert twin.roster == group.server.roster
    assert twin.mailbox("ann") == []


def test_an_operation_of_another_epoch_is_refused(make_group):
    group = make_group()
    old = group["ann"].update()
    group.update("bob")
    assert not group.server.submit(old)
    assert group.server.mailbox("ann") == [Verdict(old.id, accepted=False)]


def test_without_its_powers_the_malicious_server_is_honest(evil):
    evil.add("ann", "eve")
    evil.remove("bob", "cat")
    evil.update("eve")
    evil.check()
    assert len(evil.server.branches) == 1
    assert evil.server.branches[0].epoch == 4


def test_a_fork_never_heals(evil):
    assert evil.server.fork(["cat", "dan"]) == 1
    assert [evil.server.branch(name) for name in ("ann", "bob", "cat", "dan")] == [0, 0, 1, 1]
    evil.update("ann")
    evil.update("cat")
    here, there = evil["ann"].group_key, evil["cat"].group_key
    assert here == evil["bob"].group_key != there == evil["dan"].group_key
    for author, other in (("ann", "cat"), ("cat", "bob"), ("bob", "dan"), ("dan", "ann")):
        for operation in (evil[author].update(), evil[author].remove(other)):
            evil.server.inject(other, Message(operation.message))
            refuses(evil, other)
            evil[author].reject(operation.id)
    # The same operation on both sides leads nowhere either.
    evil.add("ann", "eve")
    assert evil.server.branch("eve") == 0
    assert evil["eve"].group_key == evil["ann"].group_key


def test_forks_of_forks(evil):
    evil.server.fork(["bob", "cat", "dan"])
    evil.update("bob")
    evil.server.fork(["dan"])
    for name in ("ann", "bob", "dan"):
        evil.update(name)
    assert len({evil[name].group_key for name in ("ann", "bob", "dan")}) == 3
    assert evil["bob"].group_key == evil["cat"].group_key
    with pytest.raises(LocalError, match="same history"):
        evil.server.fork(["ann", "bob"])


def test_whoever_misses_a_message_can_process_no_later_one(evil):
    assert evil.server.submit(evil["ann"].update())
    dropped = evil.server.drop("bob")
    assert isinstance(dropped, Message)
    evil.deliver()
    evil.server.submit(evil["ann"].update())
    refuses(evil, "bob")
    # Told the lost one and then the next again, it catches up.
    evil.server.inject("bob", dropped)
    evil.server.deliver(evil["bob"])
    evil.server.replay("bob", -2)
    evil.deliver()
    evil.check()


def test_reordered_messages_are_refused(evil):
    for _ in range(2):
        evil.server.submit(evil["ann"].update())
        evil.server.deliver(evil["ann"])
    evil.server.reorder("bob", 0, 1)
    refuses(evil, "bob")
    evil.server.deliver(evil["bob"])
    assert evil["bob"].epoch == 2


def test_replays_are_refused(evil):
    evil.update("ann")
    for kind in (Welcomed, Message):
        at = next(
            n
            for n in range(2)
            if isinstance(evil.server.replay("bob", n), kind) or evil.server.drop("bob") is None
        )
        assert isinstance(evil.server.drop("bob"), kind)
        evil.server.replay("bob", at)
        refuses(evil, "bob", LocalError if kind is Welcomed else HistoryError)


def test_powers_over_nothing_are_local_errors(evil):
    with pytest.raises(LocalError, match="0 deliveries wait for 'bob'"):
        evil.server.drop("bob")
    with pytest.raises(LocalError, match="0 deliveries wait for 'bob'"):
        evil.server.reorder("bob", 0, 1)
    with pytest.raises(LocalError, match="was handed 1 deliveries"):
        evil.server.replay("bob", 3)
    with pytest.raises(LocalError, match="was handed 0 deliveries"):
        evil.server.replay("zoe")


def test_the_last_delivery_is_replayed_by_default(evil):
    evil.update("ann")
    assert isinstance(evil.server.replay("cat"), Message)
    refuses(evil, "cat")


def test_injected_rubbish_is_refused(evil):
    evil.server.inject("ann", Message(b"rubbish"))
    refuses(evil, "ann", RemoteError)


def test_the_malicious_server_refuses_what_is_late_too(evil):
    late = evil["ann"].update()
    evil.update("bob")
    assert not evil.server.submit(late)
    evil.deliver()
    evil.check()
