"""Chains and costs of taints under the real rules: bounded evidence for the premises of proofs."""

from __future__ import annotations

from collections import Counter
from itertools import chain, combinations
from typing import TYPE_CHECKING

from agreement.verdict import Verdict
from proofs.costs.real_rules import create, histories, operation
from ttkem.cgka import Kind as Operation
from ttkem.tree.math import direct_path, level, spans
from ttkem.verification.claim import Finding, refuted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proofs.costs.real_rules import Done
    from ttkem.cgka.plan import Planner
    from ttkem.verification.claim import Tick

__all__ = ["chains", "costs", "lowest", "main_path", "most_refreshed"]

HEIGHTS = range(1, 5)
"""The heights of the trees that are run with every set of pairs left tainted."""


def main_path(done: Done) -> frozenset[int]:
    """Return the occupied nodes on the direct path of the operation's target.

    The target of an update is its author.
    """
    tree, target = done.plan.tree, done.change.target
    path = direct_path(2 * target, tree.capacity) if target < tree.capacity else ()
    return frozenset(node for node in path if tree.members(node))


def lowest(done: Done) -> frozenset[int]:
    """Return the lowest tainted nodes that an operation re-keys; for `create`, as if all were."""
    if done.change.kind is Operation.ADD:
        return frozenset()
    tree = done.plan.tree
    created = done.change.kind is Operation.CREATE
    tainted = done.plan.refreshed if created else tree.tainter_nodes(done.change.target)
    nodes = frozenset(tainted) - main_path(done)
    return frozenset(v for v in nodes if not any(spans(v, w) for w in nodes - {v}))


def chains(planner: Planner, tick: Tick) -> Finding:
    """Check the chains and heights of the real rules, operation by operation."""
    operations = count = most = 0
    tick("the real rules")
    for done in histories(planner):
        found, path = lowest(done), main_path(done)
        starts = {chain[0] for chain in done.plan.chains}
        top = path | {done.plan.tree.root}
        off = set(done.plan.refreshed) - top
        by_height = Counter(level(node) for node in off)
        expected = max(1, len(found) + bool(path))
        if len(starts) != expected or starts - top != found - top:
            shown = f"{done.change}: chains from {sorted(starts)}, lowest tainted {sorted(found)}"
            return refuted(shown, (("operations", operations),))
        if any(count > len(found) for count in by_height.values()):
            shown = f"{done.change}: {dict(by_height)} nodes by height, {len(found)} lowest tainted"
            return refuted(shown, (("operations", operations),))
        operations += 1
        count += len(starts)
        most = max(most, len(found))
    figures = (
        ("operations of the real rules", operations),
        ("chains", count),
        ("most lowest", most),
    )
    return Finding(Verdict.HOLDS, figures)


def most_refreshed(height: int, m: int) -> int:
    """Return the greatest |S| of an update in a full tree, if ``m`` lowest nodes are tainted."""
    return height + sum(min(m, (1 << d) - 1) for d in range(1, height))


def costs(planner: Planner, tick: Tick) -> Finding:
    """Check the costs of the real rules in random histories and for all sets of tainted pairs."""
    operations = 0
    tick("the real rules")
    for done in histories(planner):
        operations += 1
        if (objection := _objection(done)) is not None:
            return refuted(objection, (("operations", operations),))
    attained = 0
    for height in HEIGHTS:
        tick(f"the real rules, n = {1 << height}, every set of pairs")
        found = dict.fromkeys(range(1 << (height - 1)), 0)
        for left in _sets(height):
            done = _left_tainted(planner, height, left)
            operations += 1
            if (objection := _objection(done)) is not None:
                return refuted(objection, (("operations", operations),))
            found[len(left)] = max(found[len(left)], len(done.plan.refreshed))
        if found != {m: most_refreshed(height, m) for m in found}:
            shown = f"n = {1 << height}: at most {found} refreshed, by m"
            return refuted(shown, (("operations", operations),))
        attained += len(found)
    figures = (("operations of the real rules", operations), ("bounds on S attained", attained))
    return Finding(Verdict.HOLDS, figures)


def _objection(done: Done) -> str | None:
    """Return how an operation's cost differs from the claim, or None."""
    tree, size, m = done.plan.tree, len(done.plan.refreshed), len(lowest(done))
    height, sent = tree.capacity.bit_length() - 1, len(done.sent)
    shown = f"{done.change}: {sent} ciphertexts, {size} nodes, {m} lowest tainted"
    full = tree.members(tree.root) == tree.capacity
    if done.change.kind is Operation.UPDATE and full:
        refreshed = height <= size <= most_refreshed(height, m)
        return None if sent == size + m and refreshed else shown
    if done.change.kind is Operation.CREATE:
        return None if 2 * sent == 3 * tree.capacity - 4 else shown
    added = done.change.kind is Operation.ADD
    return None if sent <= size + m + (added or not main_path(done)) else shown


def _sets(height: int) -> Iterator[tuple[int, ...]]:
    """Yield all sets of pairs of leaves, without the pair of leaf 0, which creates."""
    pairs = range(1, 1 << (height - 1))
    return chain.from_iterable(combinations(pairs, size) for size in range(len(pairs) + 1))


def _left_tainted(planner: Planner, height: int, left: tuple[int, ...]) -> Done:
    """Return the update of leaf 0 after it created a full group.

    Before it, one member of each pair updates, except in the pairs that are ``left`` tainted.
    """
    done = create(planner, height, 0)
    for pair in range(1, 1 << (height - 1)):
        if pair not in left:
            done = operation(planner, done.tree, 2 * pair)
    return operation(planner, done.tree, 0)
