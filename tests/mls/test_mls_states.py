"""The table of a member's states: allowed calls succeed, forbidden calls raise."""

import inspect
from pathlib import Path

import pytest
from mls_groups import Group

from ttkem.errors import LocalError
from ttkem.mls import Add, Client, Limits, Member, ReInit, Remove, member_view
from ttkem.mls.group.state import Received, keep_proposal
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.psk_ids import ExternalPsk
from ttkem.mls.states import TRANSITIONS, Call, MemberState, check_transition, require, table
from ttkem.mls.storage import read_state, write_state

NO_GROUP, IN_GROUP, PENDING, CLOSED, REMOVED = MemberState
REINIT = ReInit(b"next", 1, 1, ())
PAGE = Path(__file__).parents[2] / "docs" / "mls.md"
ENTERING = {Call.CREATE, Call.JOIN, Call.JOIN_BY_COMMIT, Call.LOAD}


class World:
    """A group of Ann, Bob and Cat; Bob is brought into a state and then called."""

    def __init__(self, state):
        self.group = Group(("ann", "bob", "cat"))
        self.ann, self.bob, self.cat = (self.group[name] for name in ("ann", "bob", "cat"))
        self.early = self.cat.send(b"early")
        self.late = self.cat.send(b"late")
        self.package = self.group.key_package("eve").package
        self.pending, self.other = None, self.ann.state
        if state is PENDING:
            self.pending = self.bob.commit().id
        elif state is CLOSED:
            self.bob.process(self.ann.commit([REINIT]).message)
        elif state is REMOVED:
            self.bob.process(self.ann.commit([Remove(self.bob.leaf)]).message)
        self.randomness = Counting(self.group.randomness)
        self.bob._randomness = self.randomness
        assert state in (self.bob.status, NO_GROUP)

    def snapshot(self):
        return self.bob._state, dict(self.bob._pending), self.bob.status, self.randomness.draws


class Counting:
    """Randomness that counts the draws."""

    def __init__(self, inner):
        self.inner, self.draws = inner, 0

    def draw(self, length):
        self.draws += 1
        return self.inner.draw(length)


def saved(world, member):
    data = write_state(member.config, member.state)
    return Member(member.config, read_state(member.config, data), world.randomness)


def closed_elsewhere(world):
    made = world.ann.commit([REINIT])
    world.ann.confirm(made.id)
    return saved(world, world.ann)


def join(world):
    own = world.group.key_package("dan")
    made = world.ann.add(own.package)
    return Member.join(world.group.config, made.welcome, own, world.randomness)


def join_by_commit(world):
    info = world.ann.group_info()
    return Member.join_by_commit(world.group.client("dan"), info, world.randomness)[0]


def confirm_reinit(world):
    world.bob.confirm(world.bob.commit([REINIT]).id)


def reject_one_of_two(world):
    world.bob.reject(world.bob.commit().id)


def forget(world):
    """Forget a proposal, which is there if the state allows the call."""
    if world.bob.status in {IN_GROUP, PENDING}:
        received = Received(Remove(2), MemberSender(0), b"reference")
        world.bob._state = keep_proposal(world.bob._state, received, Limits())
    world.bob.forget(b"reference")


def successor(world):
    """Bob creates the successor; all members of the group are in it."""
    state, others = world.bob._state, ()
    if state is not None:
        names = [leaf.node.credential.identity.decode() for _, leaf in state.tree.leaves()]
        others = [world.group.key_package(name).package for name in names if name != "bob"]
    return world.bob.successor(world.group.client("bob"), others)


PLAIN = {
    # calls of Bob that end neither a commit nor an epoch
    Call.READ: lambda world: world.bob.state,
    Call.SEND: lambda world: world.bob.send(b"hello"),
    Call.PSK: lambda world: world.bob.psk(ExternalPsk(b"key")),
    Call.PROPOSE: lambda world: world.bob.propose(Remove(2)),
    Call.PROPOSE_UPDATE: lambda world: world.bob.propose_update(),
    Call.FORGET: forget,
    Call.COMMIT: lambda world: world.bob.commit(),
    Call.RESTORE_PENDING: lambda world: world.bob.restore_pending(b"id", world.other),
    Call.AFTER: lambda world: world.bob.after(world.pending or b"id"),
    Call.CONFIRM: lambda world: world.bob.confirm(world.pending or b"id"),
    Call.REJECT: lambda world: world.bob.reject(world.pending or b"id"),
    Call.PROCESS: lambda world: world.bob.process(world.early),
    Call.BRANCH: lambda world: world.bob.branch(world.group.client("bob"), b"branch", []),
    Call.SUCCESSOR: successor,
}
COMMITTED = lambda world: world.bob.process(world.ann.commit().message)  # noqa: E731
REMOVES = lambda world: world.bob.process(world.ann.commit([Remove(1)]).message)  # noqa: E731
CLOSES = lambda world: world.bob.process(world.ann.commit([REINIT]).message)  # noqa: E731
WALKS = {
    # the calls that differ from PLAIN, by the state that they lead to
    (NO_GROUP, Call.CREATE, IN_GROUP): lambda world: Member.create(
        world.group.client("bob"), b"group", world.randomness
    ),
    (NO_GROUP, Call.JOIN, IN_GROUP): join,
    (NO_GROUP, Call.JOIN_BY_COMMIT, IN_GROUP): join_by_commit,
    (NO_GROUP, Call.LOAD, IN_GROUP): lambda world: saved(world, world.ann),
    (NO_GROUP, Call.LOAD, CLOSED): closed_elsewhere,
    (IN_GROUP, Call.PROCESS, CLOSED): CLOSES,
    (IN_GROUP, Call.PROCESS, REMOVED): REMOVES,
    (PENDING, Call.CONFIRM, CLOSED): confirm_reinit,
    (PENDING, Call.REJECT, PENDING): reject_one_of_two,
    (PENDING, Call.PROCESS, IN_GROUP): COMMITTED,
    (PENDING, Call.PROCESS, CLOSED): CLOSES,
    (PENDING, Call.PROCESS, REMOVED): REMOVES,
}
ALLOWED = [
    (state, call, after)
    for state, row in TRANSITIONS.items()
    for call, targets in row.items()
    for after in targets
]
FORBIDDEN = [
    (state, call)
    for state in (IN_GROUP, PENDING, CLOSED, REMOVED)
    for call in PLAIN
    if call not in TRANSITIONS[state]
]


@pytest.mark.parametrize(("state", "call", "after"), ALLOWED, ids=lambda item: item.value)
def test_every_allowed_transition_is_taken(state, call, after):
    world = World(state)
    made = WALKS.get((state, call, after), PLAIN.get(call))(world)
    member = made if state is NO_GROUP else world.bob
    assert member.status is after
    assert member.in_group is (after is not REMOVED)
    assert bool(member.pending) is (after is PENDING)


@pytest.mark.parametrize(("state", "call"), FORBIDDEN, ids=lambda item: item.value)
def test_every_forbidden_call_raises_and_nothing_has_changed(state, call):
    world = World(state)
    before = world.snapshot()
    with pytest.raises(LocalError, match=f"cannot {call.value}: "):
        PLAIN[call](world)
    assert world.snapshot() == before
    assert world.bob._state is before[0]


def test_the_walk_is_whole():
    assert set(WALKS) <= set(ALLOWED)
    assert set(PLAIN) | ENTERING == set(Call)
    assert set(TRANSITIONS) == set(MemberState)
    assert len(ALLOWED) == 5 + 12 + 18 + 4
    assert len(FORBIDDEN) == 4 + 1 + 10 + 14


def test_only_classes_are_entered_and_only_members_are_called():
    """Without a group there is no member object, so the allowed calls are class methods."""
    assert set(TRANSITIONS[NO_GROUP]) == ENTERING
    names = {call.value for call in Call} - {"read", "load"}
    bound = {name for name in names if inspect.ismethod(getattr(Member, name))}
    assert bound == {"create", "join", "join_by_commit"}
    for state in set(MemberState) - {NO_GROUP}:
        for call in ENTERING:
            with pytest.raises(LocalError, match=f"cannot {call.value}: "):
                require(state, call)
    for call in set(Call) - ENTERING:
        with pytest.raises(LocalError, match="in no group: create or join one"):
            require(NO_GROUP, call)


READERS = {
    "state": lambda bob: bob.state,
    "epoch": lambda bob: bob.epoch,
    "group_id": lambda bob: bob.group_id,
    "leaf": lambda bob: bob.leaf,
    "epoch_authenticator": lambda bob: bob.epoch_authenticator,
    "roster": lambda bob: bob.roster,
    "export": lambda bob: bob.export(b"label", b"", 32),
    "ratchet_tree": lambda bob: bob.ratchet_tree(),
    "group_info": lambda bob: bob.group_info(),
    "leaf_of": lambda bob: bob.leaf_of("ann"),
}
ALWAYS = {"config", "welcomed_by", "in_group", "pending", "status"}
ALIASES = {
    "add": lambda world: world.bob.add(world.package),
    "remove": lambda world: world.bob.remove(2),
    "update": lambda world: world.bob.update(),
}


def test_every_public_call_asks_the_table(monkeypatch):
    asked = []

    def noting(state, call):
        asked.append(call)
        require(state, call)

    monkeypatch.setattr(member_view, "require", noting)
    calls = {call.value: call for call in set(PLAIN) - {Call.READ}}
    public = {name for name in dir(Member) if not name.startswith("_")}
    assert public == {
        "create",
        "join",
        "join_by_commit",
        *READERS,
        *ALWAYS,
        *ALIASES,
        *calls,
        "expected",
    }
    for name, read in READERS.items():
        world = World(REMOVED)
        asked.clear()
        with pytest.raises(LocalError, match="cannot read: this member was removed"):
            read(world.bob)
        assert asked == [Call.READ], name
    for call, make in PLAIN.items():
        world = World(PENDING)
        asked.clear()
        try:
            make(world)
        except LocalError:
            assert call not in TRANSITIONS[PENDING]
        assert asked[0] is call
    for name, make in ALIASES.items():
        world = World(IN_GROUP)
        asked.clear()
        make(world)
        assert asked[0] is Call.COMMIT, name
    world = World(PENDING)
    asked.clear()
    assert world.bob.expected(world.pending).epoch == 2
    assert asked == [Call.AFTER]


@pytest.mark.parametrize("state", MemberState, ids=lambda state: state.value)
def test_a_transition_that_the_table_lacks_is_a_bug(state):
    for call, targets in TRANSITIONS[state].items():
        for after in MemberState:
            if after in targets:
                check_transition(state, call, after)
            else:
                with pytest.raises(AssertionError, match=f"{call.value} has led from"):
                    check_transition(state, call, after)


def test_late_data_is_read_in_a_closed_group():
    world = World(CLOSED)
    assert world.bob.process(world.late).data == b"late"


def test_the_page_has_the_table():
    assert table() in PAGE.read_text(encoding="utf-8")
    rows = table().splitlines()
    assert len(rows) == len(Call) + 2
    assert rows[2].count("in a group") == 1


def test_references_are_committed_in_one_order_in_every_run():
    """A commit sorts its references, so their order says nothing about their arrival."""
    group = Group(("ann", "bob", "cat"))
    for number in range(6):
        own = Client.basic(group.config, b"%d" % number, group.randomness)
        package = own.key_package(group.randomness).package
        group.deliver(group["ann"].propose(Add(package)), but="ann")
    event = group["ann"].confirm(group["ann"].commit().id)
    references = [received.reference for received in event.proposals]
    assert references == sorted(references)
    assert len(references) == 6
