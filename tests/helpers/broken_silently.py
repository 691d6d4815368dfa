"""Faults of tree protocols that no member notices: what mutants_silent.SILENT is made of."""

from dataclasses import replace

from broken_rules import SUITE, chains_of_one, of_member, of_plan, patched, tag_is

from ttkem.blanking import refresh as blanking
from ttkem.cgka import Kind, TreeCGKA, TreeMember, group, seeds
from ttkem.cgka.plan import Plan
from ttkem.errors import RemoteError
from ttkem.tainted import refresh
from ttkem.tree import key_tree
from ttkem.tree.math import direct_path, level

NAMES = {"TTKEM": refresh.plan, "TKEM_commit": blanking.plan_with_commit}


def on(name, apply):
    """Apply a patch, and return the protocol of that name."""

    def patch(monkeypatch):
        apply(monkeypatch)
        return TreeCGKA(name, SUITE, NAMES[name])

    return patch


tag_is_key = patched(group, "_next_state", tag_is(lambda k, r, state, t: state.group_key))
tag_covers_secrets_only = patched(
    group,
    "_next_state",
    tag_is(lambda kdf, root, s, t: SUITE.mac(kdf.derive_secret(root, b"confirm"), b"confirm")),
)


def sampled_with(first):
    """Seeds where ``first`` gives that of each chain, with its number and the root's seed."""

    def make(_):
        def sample(protocol, plan, randomness):
            kdf, found, above = protocol.kdf, {}, b""
            for number, chain in enumerate(plan.chains):
                seed = first(kdf, plan, number, above, randomness)
                if plan.fresh_leaf and number == 0:
                    found[2 * plan.author] = seed
                    seed = seeds.next_seed(kdf, seed)
                for node in chain[:-1]:
                    found[node] = seed
                    seed = seeds.next_seed(kdf, seed)
                found[chain[-1]] = seed
                above = above or seed
            pairs = {node: seeds.node_keys(kdf, seed) for node, seed in found.items()}
            return seeds.Sampled(found, pairs)

        return sample

    return patched(seeds, "sample", make)


def _of_root(kdf, plan, number, root, randomness):
    seed = randomness.draw(SUITE.hash_length)
    return seeds.next_seed(kdf, root) if number else seed


def _of_tree(kdf, plan, number, root, randomness):
    return SUITE.hash(plan.tree.hash + bytes((plan.author, number)))


later_chains_start_at_the_root = sampled_with(_of_root)
seeds_from_the_tree = sampled_with(_of_tree)


class OneKey:
    """Randomness that gives the same bytes each time."""

    def __init__(self, randomness):
        self.data = randomness.draw(64)

    def draw(self, length):
        return self.data[:length]


def one_ephemeral_key(encrypt):
    def mutated(protocol, plan, after, sampled, transcript_hash, randomness):
        return encrypt(protocol, plan, after, sampled, transcript_hash, OneKey(randomness))

    return mutated


def node_step_is_path_step(_):
    return lambda kdf, seed: kdf.derive_secret(seed, b"node")


def _seven_lowest(tree, change):
    if change.kind is not Kind.UPDATE:
        return refresh.plan(tree, change)
    tainted = sorted(tree.tainter_nodes(change.author), key=lambda node: (level(node), node))
    nodes = set(tree.path(change.author))
    for node in tainted[:7]:
        nodes |= {node, *direct_path(node, tree.capacity)}
    return Plan(
        author=change.author,
        tree=tree,
        chains=refresh.chains(tree, frozenset(nodes), refresh._path(tree, change.target)),
        taints=refresh.taints_after(tree, frozenset(nodes), change.author),
        fresh_leaf=True,
    )


def _not_above_taints_of_the_removed(tree, change):
    if change.kind is not Kind.REMOVE:
        return refresh.plan(tree, change)
    path = refresh._path(tree, change.target)
    above = {*path, *tree.tainter_nodes(change.target)} | ({tree.root} if change.resized else set())
    nodes = frozenset(node for node in above if tree.members(node))
    return Plan(
        author=change.author,
        tree=tree,
        chains=chains_of_one(tree, nodes, path),
        taints=refresh.taints_after(tree, nodes, change.author),
        fresh_leaf=False,
    )


seven_lowest = of_plan(_seven_lowest)
not_above_taints_of_the_removed = of_plan(_not_above_taints_of_the_removed)


def taints_lost_at_truncation(monkeypatch):
    real = key_tree.KeyTree.truncated

    def truncated(tree):
        after = real(tree)
        if after.capacity == tree.capacity:
            return after
        nodes = {n: replace(node, taint=None) for n, node in after.internal_nodes()}
        return after.with_keys({}, nodes)

    monkeypatch.setattr(key_tree.KeyTree, "truncated", truncated)
    return TreeCGKA("TTKEM", SUITE, refresh.plan)


class WelcomeWithOldKey(TreeMember):
    """A welcome ends with the group key of the epoch before."""

    def add(self, key_package):
        operation, old = super().add(key_package), self._state.group.group_key
        return replace(operation, make_welcome=lambda: operation.make_welcome() + old)

    def join(self, welcome):
        try:
            return super().join(welcome)
        except RemoteError:
            return super().join(welcome[: -SUITE.hash_length])


class WelcomeWithHiddenOldKey(WelcomeWithOldKey):
    """The same, but masked with the hash of the key package, which is public."""

    def add(self, key_package):
        operation, old = TreeMember.add(self, key_package), self._state.group.group_key
        mask = SUITE.hash(key_package)
        masked = bytes(a ^ b for a, b in zip(old, mask, strict=True))
        return replace(operation, make_welcome=lambda: operation.make_welcome() + masked)


welcome_with_old_key = of_member(WelcomeWithOldKey)
welcome_with_hidden_old_key = of_member(WelcomeWithHiddenOldKey)
