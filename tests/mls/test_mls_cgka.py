"""MLS behind the CGKA interface: honest and equivocating delivery, saved states."""

import random

import pytest
from mls_groups import Group as MlsGroup

from ttkem.cgka import DeliveryService, EpochStarted, EquivocatingDeliveryService, Kind, Removed
from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import HistoryError, InvalidMessageError, LocalError, RemoteError, StateFileError
from ttkem.mls import (
    Client,
    CommitOptions,
    Configuration,
    CustomRule,
    Framing,
    GroupContextExtensions,
    OtherCredential,
    ReInit,
    Remove,
    write_message,
)
from ttkem.mls.cgka import mls_cgka
from ttkem.mls.client import capabilities
from ttkem.mls.messages.proposals import CustomProposal
from ttkem.mls.storage import read_state, write_state
from ttkem.simulation import demo_trace, trace_replay, trace_workload


class Group:
    """Members by name, their delivery service and their public-key infrastructure."""

    def __init__(self, names=("ann", "bob", "cat", "dan"), service=None, protocol=None):
        self.protocol = protocol or mls_cgka()
        self.randomness, self.pki, self.members = SeededRandomness(1), {}, {}
        self.service = service or DeliveryService()
        if names:
            creator, *others = [self.newcomer(name) for name in names]
            self.carry_out(creator.create([other.key_package() for other in others]))

    def newcomer(self, name):
        member = self.protocol.member(name, self.pki, self.randomness)
        self.pki[name] = member.signature_key
        self.members[name] = member
        return member

    def carry_out(self, operation):
        assert self.service.submit(operation)
        return {name: self.service.deliver(member) for name, member in self.members.items()}

    def check(self):
        present = [member for member in self.members.values() if member.in_group]
        assert len({(m.group_key, m.transcript_hash, m.roster, m.epoch) for m in present}) == 1

    def __getitem__(self, name):
        return self.members[name]


@pytest.mark.parametrize("path", [True, False])
def test_all_operations(path):
    group = Group(protocol=mls_cgka("MLS_128_DHKEMP256_AES128GCM_SHA256_P256", path_in_adds=path))
    assert group.protocol.name == "MLS"
    events = group.carry_out(group["bob"].update())
    assert events["ann"] == (EpochStarted(2, Kind.UPDATE, "bob", None),)
    add = group["cat"].add(group.newcomer("eve").key_package())
    assert (add.ciphertexts > 0) is path
    assert group.carry_out(add)["eve"] == (EpochStarted(3, Kind.ADD, "cat", "eve"),)
    events = group.carry_out(group["eve"].remove("ann"))
    assert events["ann"] == (Removed(4, "eve"),)
    assert events["bob"] == (EpochStarted(4, Kind.REMOVE, "eve", "ann"),)
    group.check()
    assert group["bob"].roster == ("bob", "cat", "dan", "eve")
    assert repr(group["ann"]) == "<MLS member 'ann', in no group>"
    assert repr(group["bob"]) == "<MLS member 'bob', epoch 4>"
    group.carry_out(group["bob"].add(group["ann"].key_package()))
    group.check()


def test_a_random_script():
    chosen = random.Random(5)
    group = Group()
    for number in range(40):
        present = [name for name, member in group.members.items() if member.in_group]
        author = group[chosen.choice(present)]
        what = chosen.choice(["add", "remove", "update"])
        if what == "add" and len(present) < 9:
            operation = author.add(group.newcomer(f"new {number}").key_package())
        elif what == "remove" and len(present) > 2:
            others = [name for name in present if name != author.identity]
            operation = author.remove(chosen.choice(others))
        else:
            operation = author.update()
        group.carry_out(operation)
        group.check()


def test_pending_operations_end_with_a_verdict():
    group = Group()
    ann, bob = group["ann"], group["bob"]
    one, other = ann.update(), ann.remove("dan")
    assert ann.pending == (one.id, other.id)
    ann.reject(one.id)
    with pytest.raises(LocalError, match="no pending operation"):
        ann.confirm(one.id)
    theirs = bob.update()
    group.carry_out(other)
    assert bob.pending == ()
    assert not group.service.submit(theirs)
    group.service.deliver(bob)
    group.check()


def test_a_fork_never_heals():
    evil = Group(service=EquivocatingDeliveryService())
    update = evil["ann"].update()
    evil["bob"].process(update.message)
    evil["ann"].confirm(update.id)
    other = evil["cat"].update()
    evil["dan"].process(other.message)
    evil["cat"].confirm(other.id)
    for sender, receiver in (("ann", "cat"), ("cat", "ann")):
        message = evil[sender].update().message
        before = evil[receiver].group.state
        with pytest.raises(RemoteError):
            evil[receiver].process(message)
        assert evil[receiver].group.state is before
    with pytest.raises(HistoryError):
        evil["bob"].process(update.message)


def test_out_of_turn():
    group = Group()
    ann, zoe = group["ann"], group.newcomer("zoe")
    package = zoe.key_package()
    for call in (
        lambda: ann.create([]),
        lambda: ann.add(group["bob"].key_package()),
        lambda: ann.remove("zoe"),
        lambda: ann.remove("ann"),
        lambda: ann.join(b""),
        lambda: ann.update().make_welcome(),
        zoe.update,
        lambda: zoe.create([package]),
        lambda: zoe.group_key,
        lambda: group.protocol.member("", {}, group.randomness),
    ):
        with pytest.raises(LocalError):
            call()


def test_what_others_get_wrong():
    group = Group()
    ann, zoe = group["ann"], group.newcomer("zoe")
    package = zoe.key_package()
    add = ann.add(package)
    with pytest.raises(InvalidMessageError, match="expected a KeyPackage"):
        ann.add(add.make_welcome())
    del group.pki["zoe"]
    with pytest.raises(InvalidMessageError, match="the signature key is not that of 'zoe'"):
        ann.add(package)
    odd = OtherCredential(9, b"odd")
    rules = Configuration(cipher_suite(1))
    pair = rules.suite.generate_signature_key_pair(group.randomness)
    foreign = Client(rules, odd, pair, capabilities(rules, odd)).key_package(group.randomness)
    with pytest.raises(InvalidMessageError, match="expected a BasicCredential"):
        ann.add(write_message(foreign.package))
    zoe.discard_key_packages()
    for welcome in (add.make_welcome(), package):
        with pytest.raises(InvalidMessageError, match="used, erased or foreign"):
            zoe.join(welcome)
    for message in (
        ann.group.send(b"data"),
        ann.group.propose(Remove(2), Framing(public=True)).message,
        package,
    ):
        with pytest.raises(HistoryError, match="not a commit"):
            group["bob"].process(message)
    made = group["cat"].group.commit(options=CommitOptions(framing=Framing()))
    assert group["bob"].process(made.message).author == "cat"
    parameters = group["cat"].group
    parameters.confirm(made.id)
    made = parameters.commit([GroupContextExtensions(())])
    assert group["bob"].process(made.message) == EpochStarted(3, Kind.UPDATE, "cat", None)


def test_a_welcome_is_used_once():
    group = Group()
    zoe = group.newcomer("zoe")
    add = group["ann"].add(zoe.key_package())
    group.carry_out(add)
    group.carry_out(group["bob"].remove("zoe"))
    assert not zoe.in_group
    with pytest.raises(InvalidMessageError, match="used, erased or foreign"):
        zoe.join(add.make_welcome())


# Saved and loaded


def test_members_go_on_where_they_were_saved():
    group = Group()
    ann = group["ann"]
    update, _ = ann.update(), ann.remove("bob")
    for member in list(group.members.values()):
        loaded = group.protocol.load(member.save(), group.pki, group.randomness)
        assert loaded.save() == member.save()
        group.members[member.identity] = loaded
    assert len(group["ann"].pending) == 2
    events = group.carry_out(update)
    assert events["ann"] == (EpochStarted(2, Kind.UPDATE, "ann", None),)
    group.check()


def test_a_saved_create():
    group = Group(())
    ann, bob = group.newcomer("ann"), group.newcomer("bob")
    create = ann.create([bob.key_package()])
    group.members = {
        name: group.protocol.load(member.save(), group.pki, group.randomness)
        for name, member in group.members.items()
    }
    group.carry_out(create)
    group.check()
    with pytest.raises(StateFileError, match="cannot read the saved member"):
        group.protocol.load(b"junk", {}, group.randomness)


@pytest.fixture
def full():
    """Return a state in which every field has content."""
    group = MlsGroup(custom_proposals={0xF001: CustomRule()})
    group["bob"].process(group["cat"].send(b"0"))
    skipped = [group["cat"].send(b"%d" % number) for number in range(4)]
    group["bob"].process(skipped[3])
    group.commit("ann", CustomProposal(0xF001, b""))
    group.deliver(group["bob"].propose_update(), but="bob")
    group.deliver(group["ann"].propose(Remove(3)), but="ann")
    return group


def test_a_state_comes_back_whole(full):
    for member in full.members.values():
        data = write_state(member.config, member.state)
        assert write_state(member.config, read_state(member.config, data)) == data
    bob = full["bob"]
    twin = read_state(bob.config, write_state(bob.config, bob.state))
    assert twin.updates.keys() == bob.state.updates.keys()
    assert dict(twin.proposals.items()) == dict(bob.state.proposals.items())
    assert (twin.secrets, twin.private) == (bob.state.secrets, bob.state.private)
    closed = MlsGroup(("x",))
    closed.commit("x", ReInit(b"next", 1, 1, ()))
    data = write_state(closed.config, closed["x"].state)
    assert read_state(closed.config, data).reinit == ReInit(b"next", 1, 1, ())


def test_damaged_states_are_refused(full):
    bob = full["bob"]
    data = write_state(bob.config, bob.state)
    for wrong, match in (
        (b"", "of another version, or no such state"),
        (data[:-1] + b"\0", "damaged"),
        (data[:40], "damaged"),
    ):
        with pytest.raises(StateFileError, match=match):
            read_state(bob.config, wrong)

    def sealed(content):
        return content + bob.config.suite.hash(content)

    with pytest.raises(StateFileError, match="cannot read the saved MLS state: _State"):
        read_state(bob.config, sealed(data[:40]))
    tree_hash = bob.state.context.tree_hash
    with pytest.raises(StateFileError, match="a tree does not match its group context"):
        read_state(bob.config, sealed(data[:-32].replace(tree_hash, bytes(32), 1)))


def test_the_simulator_runs_a_trace_on_it():
    workload = trace_workload(demo_trace(), idle_days=30).workload
    group = trace_replay._Group(mls_cgka(), SeededRandomness(1))
    group.create(workload.initial)
    costs = [group.step(step).ciphertexts for step in workload.steps[:60]]
    assert len(costs) == 60
    assert sum(costs) > 60
