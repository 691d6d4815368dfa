"""Rules of the protocol and of the oracles, each broken: what the seeded bugs are made of.

A patch of the real code, or a small subclass. `mutants.MATRIX` names the rule, and who must notice.
Rules of members are in `broken_members`.
"""

from dataclasses import replace
from typing import Any

from ttkem.adversary import (
    Add,
    Confirm,
    KnowledgeGraph,
    SymbolicGame,
    TaintRules,
    Update,
    Windows,
)
from ttkem.blanking import refresh as blanking
from ttkem.cgka import Kind, TreeCGKA, TreeMember, seeds
from ttkem.cgka.plan import Plan
from ttkem.crypto import cipher_suite
from ttkem.tainted import refresh

SUITE = cipher_suite(1)


class Mutated(TreeCGKA):
    """A protocol with its own kind of member."""

    kind = TreeMember

    def member(self, identity, pki, randomness):
        return self._wrap(super().member(identity, pki, randomness))

    def load(self, data, pki, randomness):
        return self._wrap(super().load(data, pki, randomness))

    def _wrap(self, member):
        return self.kind(self, member._state, member._pki, member._randomness)


def of_member(kind):
    protocol_type = type(kind.__name__, (Mutated,), {"kind": kind})
    return lambda _: protocol_type("TTKEM", SUITE, refresh.plan)


def of_plan(plan):
    return lambda _: TreeCGKA("TTKEM", SUITE, plan)


def patched(owner, name, make):
    """Replace ``owner.name`` by what ``make`` makes of it, as long as the monkeypatch lives."""

    def apply(monkeypatch):
        monkeypatch.setattr(owner, name, make(getattr(owner, name)))
        return TreeCGKA("TTKEM", SUITE, refresh.plan)

    return apply


# Chains and derivation.


def chain_is_broken(sample):
    """Every node its own uniform seed, while the others derive along the chain."""

    def mutated(protocol, plan, randomness):
        sampled = sample(protocol, plan, randomness)
        fresh = {
            node: randomness.draw(SUITE.hash_length) if node % 2 else seed
            for node, seed in sampled.seeds.items()
        }
        return seeds.Sampled(
            fresh, {node: seeds.node_keys(protocol.kdf, seed) for node, seed in fresh.items()}
        )

    return mutated


def randomness_is_ignored(sample):
    class Zeros:
        def draw(self, length):
            return bytes(length)

    return lambda protocol, plan, _: sample(protocol, plan, Zeros())


def old_keys_are_used(monkeypatch):
    """Ciphertexts go to the keys that nodes had before the operation."""
    real = seeds.encrypt

    def mutated(protocol, plan, after, sampled, transcript_hash, randomness):
        before = plan.tree
        known = {n: before.public_key(n) for n, _ in before.internal_nodes()}

        class Old:
            def __getattr__(self, name):
                return getattr(after, name)

            def public_keys(self, nodes):
                keys = dict(after.public_keys(nodes))
                return {n: known.get(n) or key for n, key in keys.items()}

        old: Any = Old()
        return real(protocol, plan, old, sampled, transcript_hash, randomness)

    monkeypatch.setattr(seeds, "encrypt", mutated)
    return TreeCGKA("TTKEM", SUITE, refresh.plan)


def step_up_is_identity(_):
    return lambda kdf, seed: seed


def node_keys_without_h2(_):
    return lambda kdf, seed: kdf.suite.derive_key_pair(seed)


def node_keys_by_h1(_):
    return lambda kdf, seed: kdf.suite.derive_key_pair(kdf.derive_secret(seed, b"path"))


def key_is(make):
    """Another group key, from the true root seed."""

    def wrap(next_state):
        def mutated(protocol, public, content, after, leaf, secrets, root_seed):
            state, tag = next_state(protocol, public, content, after, leaf, secrets, root_seed)
            if root_seed is None:
                return state, tag
            return replace(state, group_key=make(protocol.kdf, root_seed, public)), tag

        return mutated

    return wrap


def tag_is(make):
    def wrap(next_state):
        def mutated(protocol, public, content, after, leaf, secrets, root_seed):
            state, tag = next_state(protocol, public, content, after, leaf, secrets, root_seed)
            return state, tag if root_seed is None else make(protocol.kdf, root_seed, state, tag)

        return mutated

    return wrap


# What an operation refreshes, and taints.


def taint_plan(*, refreshed=None, taints=None, chains=None):
    """Tainted TreeKEM with another rule for one thing."""

    def plan(tree, change):
        true = refresh.refreshed_set(tree, change)
        nodes = refreshed(tree, change, true) if refreshed else true
        after = refresh.taints_after(tree, nodes, change.author)
        main = refresh._path(tree, change.target)
        return Plan(
            author=change.author,
            tree=tree,
            chains=(chains or refresh.chains)(tree, frozenset(nodes), main),
            taints=taints(tree, change, after) if taints else after,
            fresh_leaf=change.kind in (Kind.CREATE, Kind.UPDATE),
        )

    return of_plan(plan)


def path_alone(*kinds):
    """No tainted node is re-keyed by these kinds of operation."""

    def refreshed(tree, change, true):
        if change.kind not in kinds:
            return true
        path = {n for n in refresh._path(tree, change.target) if tree.members(n)}
        return path | ({tree.root} if change.resized else set())

    return refreshed


def without_ancestors(tree, change, true):
    """Tainted nodes are re-keyed, and of those above them only what is on the path."""
    if change.kind in (Kind.CREATE, Kind.ADD):
        return true
    path = set(refresh._path(tree, change.target))
    tainted = set(tree.tainter_nodes(change.target))
    return {n for n in true if n in path | tainted or n == tree.root}


def chains_of_one(_, nodes, main):
    first = tuple(n for n in main if n in nodes)
    rest = sorted(nodes - set(first), key=lambda n: (~n & n + 1, n))
    return ((first,) if first else ()) + tuple((n,) for n in rest)


def no_resize(tree, change, true):
    return refresh.refreshed_set(tree, replace(change, resized=False))


def authors_path(tree, change, true):
    """A remove re-keys its author's path, not that of who has left."""
    return set(refresh._path(tree, change.author)) if change.kind is Kind.REMOVE else true


def one_tainted_node_only(tree, change, true):
    tainted = sorted(tree.tainter_nodes(change.target) - set(refresh._path(tree, change.target)))
    return true - set(tainted[1:]) if change.kind is Kind.UPDATE else true


def untainted(*kinds):
    def taints(_, change, after):
        return dict.fromkeys(after) if change.kind in kinds else after

    return taints


def tainted_by_target(_, change, after):
    return (
        {n: None if t is None else change.target for n, t in after.items()}
        if (change.kind is Kind.ADD)
        else after
    )


def former_tainter_stays(tree, change, after):
    """A node that is tainted already keeps its tainter, unless it is healed from below."""
    before = {n: internal.taint for n, internal in tree.internal_nodes()}
    return {n: t if t is None or before.get(n) is None else before[n] for n, t in after.items()}


def taint_on_own_path_stays(tree, change, after):
    """A refresh from below does not clear a taint of others."""
    before = {n: internal.taint for n, internal in tree.internal_nodes()}
    return {n: before.get(n) if t is None else t for n, t in after.items()}


def taints_healed_for_good(_, change, after):
    """An own update clears the author's taints, though it has seen the new keys too."""
    return dict.fromkeys(after) if change.kind is Kind.UPDATE else after


def creator_taints_upper_half_only(tree, change, after):
    return (
        {n: t if n < tree.root else None for n, t in after.items()}
        if change.kind is Kind.CREATE
        else after
    )


def remove_does_not_blank(tree, change):
    true = blanking.plan_with_commit(tree, change)
    return replace(true, tree=tree) if change.kind is Kind.REMOVE else true


def add_does_not_blank(tree, change):
    path = tree.path(change.author)
    if change.kind is not Kind.ADD:
        return blanking.plan_with_commit(tree, change)
    return Plan(
        author=change.author, tree=tree, chains=(path,), taints=dict.fromkeys(path), fresh_leaf=True
    )


def update_stops_below_the_root(tree, change):
    true = blanking.plan_with_commit(tree, change)
    path = true.chains[0]
    kept = path[:-1] if len(path) > 1 and change.kind is Kind.UPDATE else path
    return replace(true, chains=(kept,), taints=dict.fromkeys(kept))


def no_fresh_leaf(tree, change):
    true = blanking.plan_with_commit(tree, change)
    return true if change.kind is Kind.CREATE else replace(true, fresh_leaf=False)


def of_blanking(plan):
    return lambda _: TreeCGKA("TKEM_commit", SUITE, plan)


# Oracles: each is used on a true run, and must be contradicted by another.


class Late(Windows):
    """A window begins where the update is confirmed."""

    def observe(self, time, step):
        super().observe(time, step)
        if isinstance(step, Confirm) and ("own", step.op) in self.born:
            self.born["own", step.op] = time


class EndsWhereMade(Windows):
    """A window ends where the next update is made, not where it is confirmed."""

    def observe(self, time, step):
        who = getattr(step, "who", None)
        key = self._view(who).get(who) if isinstance(step, Update) and who in self._at else None
        super().observe(time, step)
        if key is not None:
            self.died.setdefault(key, time)


class JoinersStartWhereAdded(Windows):
    """A joiner's window begins at the add, though the init key is older."""

    def observe(self, time, step):
        super().observe(time, step)
        if isinstance(step, Add):
            self.born["init", step.key] = time


class AddsHealToo(Windows):
    """An add ends its author's window, as if it gave a fresh leaf."""

    def __init__(self):
        super().__init__(always_fresh=True)


def windows_oracle(kind):
    return lambda _: kind


def graph_without_chains(monkeypatch):
    """Secrets have no sources: nothing can be derived from anything."""
    monkeypatch.setattr(KnowledgeGraph, "derivable", lambda graph: graph.shown.copy())
    return Windows


def graph_with_first_source_only(monkeypatch):
    """Of several ciphertexts of one seed only the first counts."""
    real = KnowledgeGraph.secret
    monkeypatch.setattr(KnowledgeGraph, "secret", lambda self, *s: real(self, *s[:1]))
    return Windows


class NeverTainted(TaintRules):
    def tainted(self, now):
        return []


class StaysTainted(TaintRules):
    def taints(self, now, refreshed):
        return {**super().taints(now, refreshed), **now.taints}


def model_with(rules):
    def apply(monkeypatch):
        real = SymbolicGame.__init__

        def init(self, names, **how):
            real(self, names, **{**how, "rules": rules()})

        monkeypatch.setattr(SymbolicGame, "__init__", init)
        return Windows

    return apply
