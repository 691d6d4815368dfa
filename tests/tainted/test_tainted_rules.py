"""specification T3 and T4, written out here a second time from the text, against the code.

The oracle below knows nothing of the package: a tree is a set of taken leaves, a capacity and a
taint for each keyed node; nodes are (level, position).
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttkem.cgka import Kind, TreeCGKA
from ttkem.cgka.seeds import recipients
from ttkem.crypto import cipher_suite
from ttkem.tainted import refresh


class Oracle:
    """A Tainted TreeKEM tree, by the book."""

    def __init__(self, names):
        self.height = 1
        while 2**self.height < len(names):
            self.height += 1
        self.leaf = dict(enumerate(names))
        self.taint = {}
        self.S = {v for v in self.internal() if self.below(v)}
        self.author = 0
        self.chains = self.partition(self.path(0))
        self.fresh = True
        self.retaint()

    def internal(self):
        return [(k, p) for k in range(1, self.height + 1) for p in range(2 ** (self.height - k))]

    def below(self, v):
        k, p = v
        return [i for i in self.leaf if i >> k == p]

    def path(self, i):
        return [(k, i >> k) for k in range(1, self.height + 1)] if i < 2**self.height else []

    def up(self, nodes):
        return {(j, p >> (j - k)) for k, p in nodes for j in range(k, self.height + 1)}

    def retaint(self):
        for v in self.S:
            self.taint[v] = None if v in self.path(self.author) else self.author

    def partition(self, main):
        chains = [[v for v in sorted(self.S) if v in main]]
        taken = set(chains[0])
        for start in sorted(self.S):  # by level, then left to right
            chain = []
            k, p = start
            while k <= self.height and (k, p) not in taken:
                chain.append((k, p))
                taken.add((k, p))
                k, p = k + 1, p // 2
            if chain:
                chains.append(chain)
        return [chain for chain in chains if chain]

    def update(self, i):
        self.author, self.fresh = i, True
        self.S = self.up(self.path(i) + [v for v, t in self.taint.items() if t == i])
        self.chains = self.partition(self.path(i))
        self.retaint()

    def add(self, i, name):
        free = [j for j in range(2**self.height) if j not in self.leaf]
        if not free:
            free = [2**self.height]
            self.height += 1
        self.leaf[free[0]] = name
        self.author, self.fresh = i, False
        self.S = set(self.path(free[0]))
        self.chains = self.partition(self.path(free[0]))
        self.retaint()

    def remove(self, i, j):
        tainted = [v for v, t in self.taint.items() if t == j]
        touched = self.up(self.path(j) + tainted)
        del self.leaf[j]
        resized = False
        while self.height > 1 and not any(x >= 2 ** (self.height - 1) for x in self.leaf):
            self.height -= 1
            resized = True
        top = (self.height, 0)
        keyed = {v for v in self.internal() if self.below(v)}
        self.taint = {v: t for v, t in self.taint.items() if v in keyed}
        self.S = {v for v in touched if v in keyed} | ({top} if resized else set())
        self.author, self.fresh = i, False
        self.chains = self.partition(self.path(j))
        self.retaint()

    def recipients(self):
        """Refreshed node and child, in order: who gets a ciphertext of which seed."""
        for number, chain in enumerate(self.chains):
            for at, (k, p) in enumerate(chain):
                predecessor = chain[at - 1] if at else None
                if at == 0 and number == 0 and self.fresh:
                    predecessor = (0, self.author)
                for child in ((k - 1, 2 * p), (k - 1, 2 * p + 1)):
                    members = self.below(child)
                    if child != predecessor and members and members != [self.author]:
                        yield (k, p), child


def array(v):
    k, p = v
    return (p << (k + 1)) + (1 << k) - 1


def compare(group, oracle, seen):
    """The tree of a member who processed it, and the plan of the operation, with the oracle."""
    tree = group.present[0].tree
    assert {number: leaf.identity for number, leaf in tree.roster()} == oracle.leaf
    assert tree.capacity == 2**oracle.height
    taints = {node: internal.taint for node, internal in tree.internal_nodes()}
    assert taints == {array(v): t for v, t in oracle.taint.items()}
    plan = seen[-1]
    assert [list(chain) for chain in plan.chains] == [[array(v) for v in c] for c in oracle.chains]
    sent = [(array(v), array(c)) for v, c in oracle.recipients()]
    assert list(recipients(plan, tree)) == sent
    return len(sent)


@pytest.fixture
def watched(make_group):
    """A group, and every plan that its members compute."""
    seen = []

    def spy(tree, change):
        seen.append(refresh.plan(tree, change))
        return seen[-1]

    def make(names):
        protocol = TreeCGKA("watched", cipher_suite(1), spy)
        return make_group(names, protocol=protocol), seen

    return make


def carry_out(group, oracle, kind, author, target):
    """One operation on both; members by leaf number. Returns the real operation."""
    names = oracle.leaf
    if kind is Kind.ADD:
        name = f"new{len(group.members)}"
        operation = group.add(names[author], name)
        oracle.add(author, name)
    elif kind is Kind.REMOVE:
        operation = group.remove(names[author], names[target])
        oracle.remove(author, target)
    else:
        operation = group.update(names[author])
        oracle.update(author)
    return operation


STEPS = st.lists(
    st.tuples(
        st.sampled_from((Kind.UPDATE, Kind.ADD, Kind.REMOVE, Kind.REMOVE)),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=25,
)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(size=st.integers(1, 20), steps=STEPS)
def test_random_histories_follow_the_rules(watched, size, steps):
    names = [f"m{n}" for n in range(size)]
    group, seen = watched(names)
    oracle = Oracle(names)
    compare(group, oracle, seen)
    for wanted, first, second in steps:
        leaves = sorted(oracle.leaf)
        author, target = leaves[first % len(leaves)], leaves[second % len(leaves)]
        alone = wanted is Kind.REMOVE and author == target
        kind = Kind.UPDATE if alone else wanted
        operation = carry_out(group, oracle, kind, author, target)
        assert operation.ciphertexts == compare(group, oracle, seen)
        assert set(operation.refreshed) == {array(v) for v in oracle.S}
    group.check()


def test_adding_and_removing_a_third_still_gives_a_new_root(make_group):
    group = make_group(("ann", "bob"))
    keys = {group["bob"].group_key}
    assert group.add("ann", "cat").refreshed == (5, 3)
    keys.add(group["bob"].group_key)
    operation = group.remove("ann", "cat")
    assert operation.refreshed == (1,)
    assert operation.ciphertexts == 1
    assert group["ann"].tree.capacity == 2
    keys.add(group["bob"].group_key)
    assert len(keys) == 3
    group.check()


def taints_of(group, name):
    tree = group.present[0].tree
    return {
        node for node, internal in tree.internal_nodes() if internal.taint == tree.leaf_of[name]
    }


def test_own_taints_survive_own_updates(make_group):
    group = make_group([f"m{n}" for n in range(8)])
    before = {n: i.public_key for n, i in group["m0"].tree.internal_nodes()}
    assert taints_of(group, "m0") == {5, 9, 11, 13}
    group.update("m0")
    assert taints_of(group, "m0") == {5, 9, 11, 13}
    after = {n: i.public_key for n, i in group["m0"].tree.internal_nodes()}
    assert all(before[node] != after[node] for node in before)


def test_a_refresh_from_below_clears_and_one_from_elsewhere_moves_a_taint(make_group):
    group = make_group([f"m{n}" for n in range(8)])
    group.update("m6")
    assert taints_of(group, "m0") == {5, 9}
    group.remove("m1", "m5")
    assert taints_of(group, "m0") == {5}
    assert taints_of(group, "m1") == {9, 11}
    group.update("m4")
    assert taints_of(group, "m1") == set()


def test_a_removed_tainter_taints_nothing_and_what_it_tainted_is_new(make_group):
    group = make_group([f"m{n}" for n in range(8)])
    old = {node: group["m1"].tree.public_key(node) for node in (5, 9, 11, 13)}
    operation = group.remove("m7", "m0")
    assert {5, 9, 11, 13} <= set(operation.refreshed)
    assert all(group["m1"].tree.public_key(node) != key for node, key in old.items())
    assert taints_of(group, "m7") == {1, 3, 5, 9}
    assert group["m1"].tree.tainter_nodes(0) == frozenset()
    group.check()


def test_truncation_over_several_levels(make_group):
    group = make_group([f"m{n}" for n in range(9)])
    for number in range(1, 8):
        group.remove("m8", f"m{number}")
    assert group["m0"].tree.capacity == 16
    group.remove("m0", "m8")
    assert group["m0"].tree.capacity == 2
    group.add("m0", "new")
    group.check()


def test_one_who_comes_back_taints_nothing_from_before(make_group):
    group = make_group([f"m{n}" for n in range(4)])
    group.remove("m1", "m0")
    group.add("m1", "m0")
    assert taints_of(group, "m0") == set()
    group.check()
