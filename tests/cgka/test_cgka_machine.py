"""Members and the delivery service as a state machine: they agree, and hold no more."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.conftest import PROTOCOLS, Group, check_tree_invariant

NUMBERS = st.integers(0, 1 << 16)


class Members(RuleBasedStateMachine):
    """Members act on their own; messages wait until somebody fetches them."""

    @initialize(size=st.integers(1, 6), seed=NUMBERS, name=st.sampled_from(sorted(PROTOCOLS)))
    def start(self, size, seed, name):
        self.group = Group(PROTOCOLS[name](), seed)
        self.group.create([f"m{n}" for n in range(size)])
        self.made = []
        self.keys = {1: self.group["m0"].state.group.group_key}

    def pick(self, number):
        present = self.group.present
        return present[number % len(present)]

    @rule(who=NUMBERS)
    def make_update(self, who):
        self.made.append(self.pick(who).update())

    @rule(who=NUMBERS)
    def make_add(self, who):
        author = self.pick(who)
        gone = [m for m in self.group.members.values() if m.identity not in author.roster]
        joiner = next((m for m in gone if not m.in_group), None)
        if joiner is None or not who % 3:
            joiner = self.group.newcomer(f"m{len(self.group.members)}")
        self.made.append(author.add(joiner.key_package()))

    @precondition(lambda self: len(self.group.present) > 1)
    @rule(who=NUMBERS, whom=NUMBERS)
    def make_remove(self, who, whom):
        author = self.pick(who)
        others = [name for name in author.roster if name != author.identity]
        if others:
            self.made.append(author.remove(others[whom % len(others)]))

    @precondition(lambda self: self.made)
    @rule(which=NUMBERS)
    def submit(self, which):
        """The delivery service judges one of the operations made, whichever was in time."""
        operation = self.made.pop(which % len(self.made))
        self.group.service.submit(operation)

    @precondition(lambda self: self.made)
    @rule(which=NUMBERS)
    def reject(self, which):
        operation = self.made.pop(which % len(self.made))
        author = self.group[operation.author]
        if operation.id in author.pending:
            author.reject(operation.id)

    @rule(who=NUMBERS)
    def fetch(self, who):
        members = list(self.group.members.values())
        self.group.service.deliver(members[who % len(members)])

    @rule()
    def fetch_all(self):
        self.group.deliver()
        self.group.check()

    @rule(who=NUMBERS)
    def restart(self, who):
        member = self.pick(who)
        loaded = self.group.protocol.load(member.save(), self.group.pki, self.group.randomness)
        assert loaded.state == member.state
        self.group.members[member.identity] = loaded

    @invariant()
    def members_of_one_epoch_agree(self):
        if not hasattr(self, "group"):
            return
        by_epoch = {}
        for member in self.group.present:
            state = member.state.group
            assert member.epoch <= self.group.service.epoch
            seen = (state.group_key, state.public.transcript_hash, member.roster)
            assert by_epoch.setdefault(member.epoch, seen) == seen
            assert self.keys.setdefault(member.epoch, state.group_key) == state.group_key
            check_tree_invariant(self.group.protocol.suite, member)
        keys = [key for key in self.keys.values() if key is not None]
        assert len(keys) == len(set(keys))


Case: Any = Members.TestCase


class TestMembers(Case):
    settings = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
