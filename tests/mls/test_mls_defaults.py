"""Safe defaults: the clock, lifetimes, who may succeed whom, and one leaf for each client."""

import pickle
import time
from dataclasses import replace

import pytest
from mls_groups import Group

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls import Client, Configuration, Lifetime, Member, Policy
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.policy import TrustEverybody, fixed_clock, system_clock
from ttkem.mls.group.sending import LeafChange
from ttkem.mls.messages.codepoints import GREASE
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.leaf_node import Capabilities
from ttkem.mls.messages.proposals import Add, GroupContextExtensions, Remove

DAY = 86_400


class Clock:
    """A clock that the test sets."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock(1_800_000_000)


@pytest.fixture
def group(clock):
    return Group(clock=clock)


# The clock and lifetimes


def test_the_default_clock_is_the_system_clock(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_900_000_000.7)
    assert Policy().clock is system_clock
    assert system_clock() == 1_900_000_000
    config = Configuration(cipher_suite(1))
    ann = Client.basic(config, b"ann", SeededRandomness(1))
    lifetime = ann.key_package(SeededRandomness(2)).package.leaf_node.source
    assert lifetime == Lifetime(1_900_000_000 - 3600, 1_900_000_000 + 84 * DAY)


def test_a_fixed_clock_can_be_pickled():
    assert pickle.loads(pickle.dumps(fixed_clock(7)))() == 7  # noqa: S301 - made here
    assert fixed_clock()() == 0


def test_an_expired_key_package_is_not_added(group, clock):
    own = group.key_package("eve")
    clock.now += 85 * DAY
    for call in (
        lambda: group["ann"].add(own.package),
        lambda: group["ann"].propose(Add(own.package)),
        lambda: group["ann"].commit([Add(own.package)]),
    ):
        with pytest.raises(LocalError, match="outside its lifetime"):
            call()
    made = group["ann"].add(own.package, now=clock.now - 2 * DAY)
    group.carry_out("ann", made)  # it may have expired on its way
    assert len(group["bob"].roster) == 5


def test_a_proposed_key_package_that_expires_is_left_out(group, clock):
    own = group.key_package("eve")
    group.deliver(group["bob"].propose(Add(own.package)).message, but="bob")
    clock.now += 85 * DAY
    made = group["ann"].commit()
    assert [item.reason for item in made.left_out] == ["the leaf node is used outside its lifetime"]
    assert group["ann"].send(b"nothing is due")


@pytest.mark.parametrize("days", [-85, 169])
def test_a_message_is_received_within_the_delay(group, clock, days):
    own = group.key_package("eve")
    made = group["ann"].add(own.package)
    now = clock.now + days * DAY
    with pytest.raises(InvalidMessageError, match="outside its lifetime"):
        group["bob"].process(made.message, now=now)
    nearer = days - 2 if days > 0 else days + 2
    group["bob"].process(made.message, now=clock.now + nearer * DAY)


def test_an_expired_leaf_of_another_member_keeps_nobody_out(group, clock):
    clock.now += 1000 * DAY
    own = group.key_package("eve")
    made = group["ann"].add(own.package)
    group.carry_out("ann", made)
    group.join("eve", made.welcome, own)
    assert group["eve"].roster[1].source.not_after < clock.now
    info = group["ann"].group_info()
    _, message = Member.join_by_commit(group.client("fay"), info, group.randomness)
    group.deliver(message)


def test_the_owner_makes_no_key_package_that_nobody_may_add(group, clock):
    fay, now = group.client("fay"), clock.now
    for lifetime, match in (
        (Lifetime(0, (1 << 64) - 1), "lifetime is 18446744073709551615 s, more than 32054400 s"),
        (Lifetime(100, 200), "outside its lifetime"),
        (Lifetime(now + 1, now + 2), "outside its lifetime"),
        (Lifetime(now + 1, now - 1), "ends before it starts"),
    ):
        with pytest.raises(LocalError, match=f"cannot make the key package: .*{match}"):
            fay.key_package(group.randomness, lifetime=lifetime)
    extension = Extension(0xF111, b"")
    with pytest.raises(LocalError, match="two extensions of one type"):
        fay.key_package(group.randomness, extensions=(extension, extension))


@pytest.mark.parametrize("maximum", [1000, None])
def test_the_maximum_lifetime_is_a_policy(maximum):
    group = Group(("ann",), max_lifetime=maximum, clock=fixed_clock(10_000))
    source = group.key_package("bob").package.leaf_node.source
    assert source.not_after - source.not_before == (84 * DAY + 3600 if maximum is None else 1000)
    endless = Lifetime(0, (1 << 64) - 1)
    unbounded = replace(group.config, policy=replace(group.config.policy, max_lifetime=None))
    eve = Client.basic(unbounded, b"eve", group.randomness)
    package = eve.key_package(group.randomness, lifetime=endless).package
    if maximum is None:
        group["ann"].add(package)
    else:
        with pytest.raises(LocalError, match="more than 1000 s"):
            group["ann"].add(package)


# Succession and clients


def test_a_stranger_evicts_nobody(group):
    """The example of the report: an external commit that removes an arbitrary member."""
    info = group["ann"].group_info()
    for name, match in (("eve", "may not replace"), ("dan", "it is of another client")):
        stranger = Client.basic(group.config, name.encode(), group.randomness)
        with pytest.raises(LocalError, match=match):
            Member.join_by_commit(stranger, info, group.randomness, removed=3)
    with pytest.raises(LocalError, match="adds a client that is a member already"):
        Member.join_by_commit(stranger, info, group.randomness, resync=False)
    dan = group.members.pop("dan")
    again, message = Member.join_by_commit(group.client("dan"), info, group.randomness, removed=3)
    assert group.deliver(message)["ann"].removed == (3,)
    assert (again.leaf, again.epoch) == (3, dan.epoch + 1)


def test_nobody_takes_another_identity(group):
    change = LeafChange(credential=BasicCredential(b"bob"))
    with pytest.raises(LocalError, match="may not replace the old one"):
        group["ann"].propose_update(change)
    with pytest.raises(LocalError, match="may not replace the old one"):
        group["ann"].commit(options=CommitOptions(change=change))
    pair = group.config.suite.generate_signature_key_pair(group.randomness)
    group.commit("ann", options=CommitOptions(change=LeafChange(signature=pair)))
    assert group["bob"].roster[0].signature_key == pair.public


def test_a_client_has_one_leaf(group):
    anew = Client.basic(group.config, b"dan", group.randomness)
    package = anew.key_package(group.randomness).package
    with pytest.raises(LocalError, match="leaf 4 is a client that is in the group already"):
        group["ann"].add(package)
    with pytest.raises(LocalError, match="is a client that is in the group already"):
        group["ann"].propose(Add(package))
    group.commit("ann", Remove(3), Add(package))
    assert group["bob"].roster[3].signature_key == anew.signature.public


def test_an_add_may_wait_for_a_remove(group):
    group.deliver(group["bob"].propose(Remove(3)).message, but="bob")
    anew = Client.basic(group.config, b"dan", group.randomness)
    add = Add(anew.key_package(group.randomness).package)
    group.deliver(group["ann"].propose(add).message, but="ann")
    group.carry_out("cat", group["cat"].commit())
    assert group["ann"].roster[3].signature_key == anew.signature.public


class ByFirstLetter(TrustEverybody):
    """Identities with one first letter are devices of one client."""

    def same_client(self, one, other):
        return one.identity[:1] == other.identity[:1]


def test_an_own_rule_for_clients_is_asked():
    group = Group(("ann", "bob"), authentication=ByFirstLetter())
    packages = {name: group.key_package(name).package for name in ("cat", "carl", "beth")}
    group["ann"].commit([Add(packages["cat"])])
    for names in (("beth",), ("cat", "carl")):
        with pytest.raises(LocalError, match="is a client that is in the group already, or is"):
            group["ann"].commit([Add(packages[name]) for name in names])
    change = LeafChange(credential=BasicCredential(b"anna"))
    group.commit("ann", options=CommitOptions(change=change))


# Capabilities and GREASE


def test_the_capabilities_list_what_a_key_package_has(group):
    for seed in range(20):
        randomness = SeededRandomness(100 + seed)
        eve = replace(Client.basic(group.config, b"eve", randomness), grease=True)
        package = eve.key_package(randomness).package
        leaf = package.leaf_node
        types = {item.extension_type for item in (*package.extensions, *leaf.extensions)}
        assert types
        assert types <= {*GREASE} & {*leaf.capabilities.extensions}
        group["ann"].commit([Add(package)])


def test_a_group_whose_leaf_does_not_list_its_suite():
    for strict in (False, True):
        group = Group(("ann", "bob"), suite=2, strict_suites=strict)
        eve = replace(group.client("eve"), capabilities=Capabilities(cipher_suites=(7,)))
        options = CommitOptions(change=LeafChange(capabilities=eve.capabilities))
        if strict:
            for call in (
                lambda group=group, eve=eve: eve.key_package(group.randomness),
                lambda group=group, options=options: group["ann"].commit(options=options),
            ):
                with pytest.raises(LocalError, match="does not support the group's cipher suite"):
                    call()
            continue
        own = eve.key_package(group.randomness)
        made = group["ann"].add(own.package)
        group.carry_out("ann", made)
        group.join("eve", made.welcome, own)
        group.commit("bob", options=options)


def test_default_types_are_not_listed(group):
    for listed in (Capabilities(extensions=(1,)), Capabilities(proposals=(7,))):
        eve = replace(group.client("eve"), capabilities=listed)
        with pytest.raises(LocalError, match="lists a default type in its capabilities"):
            eve.key_package(group.randomness)


# The sender of a message


def test_a_late_message_names_the_sender_of_its_epoch(group):
    cat = group["cat"].roster[2]
    late = group["cat"].send(b"before I left")
    own = group.key_package("eve")
    made = group["ann"].commit([Remove(2), Add(own.package)])
    group.carry_out("ann", made)
    group.join("eve", made.welcome, own)
    assert group["eve"].leaf == 2
    event = group["bob"].process(late)
    assert (event.sender, event.epoch, event.data) == (2, 1, b"before I left")
    assert (event.credential, event.signature_key) == (cat.credential, cat.signature_key)
    event = group["bob"].process(group["eve"].send(b"hello"))
    assert event.credential == BasicCredential(b"eve")
    assert event.signature_key == group["bob"].roster[2].signature_key


def test_malformed_extensions_are_not_kept(group):
    """A malformed extension would make the receivers' own commits fail later."""
    malformed = GroupContextExtensions((Extension(3, b"\xff"),))
    before = group["ann"].state
    for call in (group["ann"].propose, lambda proposal: group["ann"].commit([proposal])):
        with pytest.raises(LocalError, match="required_capabilities is malformed"):
            call(malformed)
    assert group["ann"].state is before


def test_a_group_info_is_checked_before_it_is_sent(group):
    own = group.key_package("eve")
    extension = Extension(4, b"junk")
    options = CommitOptions(group_info_extensions=(extension,))
    with pytest.raises(LocalError, match=r"cannot make a GroupInfo: .*external_pub is malformed"):
        group["ann"].commit([Add(own.package)], options=options)
    assert read_message(group["ann"].group_info())
