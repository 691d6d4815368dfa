"""The cost engines model the real protocols: the same history, operation by operation.

The real side creates, signs, encrypts and processes real messages; what it refreshed, who taints
what and how many ciphertexts it sent is compared with the engine after every operation.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttkem.blanking import treekem, treekem_with_commit
from ttkem.cgka import DeliveryService
from ttkem.crypto import SeededRandomness
from ttkem.simulation import BlankingCosts, TaintedCosts
from ttkem.tainted import tainted_treekem

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("update", "update", "add", "remove")),
        st.integers(0, 1 << 16),
        st.integers(0, 1 << 16),
    ),
    max_size=25,
)
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class RealGroup:
    def __init__(self, protocol, size, seed):
        self.protocol, self.randomness = protocol, SeededRandomness(seed)
        self.pki, self.service, self.members, self.count = {}, DeliveryService(), {}, 0
        creator, *others = [self.enter() for _ in range(size)]
        self.carry_out(creator.create([member.key_package() for member in others]))

    def enter(self):
        member = self.protocol.member(f"m{self.count}", self.pki, self.randomness)
        self.pki[member.identity] = member.signature_key
        self.members[member.identity] = member
        self.count += 1
        return member

    def carry_out(self, operation):
        assert self.service.submit(operation)
        for member in self.members.values():
            self.service.deliver(member)
        self.members = {who: m for who, m in self.members.items() if m.in_group}
        assert len({m.transcript_hash for m in self.members.values()}) == 1
        self.last = operation

    @property
    def tree(self):
        return next(iter(self.members.values())).tree

    def at(self, leaf):
        return self.members[self.tree.leaf(leaf).identity]


def run_both(group, engine, steps, compare):
    compare(group, engine)
    for kind, first, second in steps:
        leaves = engine.members
        assert leaves == tuple(number for number, _ in group.tree.roster())
        author = leaves[first % len(leaves)]
        target = leaves[second % len(leaves)]
        if kind == "add":
            leaf, cost = engine.add(author)
            newcomer = group.enter()
            group.carry_out(group.at(author).add(newcomer.key_package()))
            assert group.tree.leaf_of[newcomer.identity] == leaf
        elif kind == "remove" and author != target:
            cost = engine.remove(author, target)
            group.carry_out(group.at(author).remove(group.at(target).identity))
        else:
            cost = engine.update(author)
            group.carry_out(group.at(author).update())
        assert cost == group.last.ciphertexts
        compare(group, engine)


def compare_tainted(group, engine):
    assert frozenset(group.last.refreshed) == engine.last.refreshed
    assert group.last.ciphertexts == engine.last.ciphertexts
    taints = {
        v: internal.taint
        for v, internal in group.tree.internal_nodes()
        if internal.taint is not None
    }
    assert taints == engine.last.taints
    assert group.tree.capacity == engine.capacity


def compare_blanking(group, engine):
    assert frozenset(group.last.refreshed) == engine.last.rekeyed
    assert group.last.ciphertexts == engine.last.ciphertexts
    assert group.tree.capacity == engine.capacity
    for node in range(2 * engine.capacity - 1):
        assert len(group.tree.resolution(node)) == engine.resolution_size(node)


@SLOW
@given(size=st.integers(2, 12), steps=STEPS, seed=st.integers(0, 99))
def test_tainted_costs_are_those_of_real_messages(size, steps, seed):
    group = RealGroup(tainted_treekem(), size, seed)
    run_both(group, TaintedCosts.create(size), steps, compare_tainted)


@SLOW
@pytest.mark.parametrize(("protocol", "commit"), [(treekem, False), (treekem_with_commit, True)])
@given(size=st.integers(2, 12), steps=STEPS, seed=st.integers(0, 99))
def test_blanking_costs_are_those_of_real_messages(protocol, commit, size, steps, seed):
    group = RealGroup(protocol(), size, seed)
    run_both(group, BlankingCosts.create(size, commit=commit), steps, compare_blanking)


@pytest.mark.slow
@settings(SLOW, max_examples=300)
@given(
    size=st.integers(2, 40),
    steps=st.lists(STEPS, max_size=5).map(lambda parts: [step for part in parts for step in part]),
    seed=st.integers(0, 99),
)
def test_longer_histories(size, steps, seed):
    group = RealGroup(tainted_treekem(), size, seed)
    run_both(group, TaintedCosts.create(size), steps, compare_tainted)
