"""Lemma 1 under the real rules: bounded evidence for the premises of its proofs.

The runs are all orders of all choices of updaters for 2, 4 and 8 members, for every creator, and
random orders for up to 256 members.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agreement.verdict import Verdict
from proofs.costs.counting import PAIR
from proofs.costs.real_rules import create, healings, operation
from ttkem.tree.math import copath, level
from ttkem.verification.claim import Finding, refuted

if TYPE_CHECKING:
    from proofs.costs.real_rules import Healing
    from ttkem.cgka.plan import Planner
    from ttkem.verification.claim import Tick

__all__ = ["blanks", "taints"]


def taints(planner: Planner, tick: Tick) -> Finding:
    """Check the taint invariant, refreshed nodes and costs of the real rules, update by update."""
    updates = runs = 0
    for runs, healing in enumerate(healings(), start=1):
        tick(f"the real rules, n = {1 << healing.height}")
        now = create(planner, healing.height, healing.creator)
        healed = set(now.tree.path(healing.creator))
        everything = range(1, 2 * now.tree.capacity - 1, 2)
        total = 0
        for updater in (None, *healing.order):
            if updater is not None:
                path = now.tree.path(updater)
                now = operation(planner, now.tree, updater)
                if set(now.plan.refreshed) != set(path) or len(now.sent) != healing.height:
                    shown = f"{healing}: {updater} refreshes {now.plan.refreshed}, not its path"
                    return refuted(shown, (("runs", runs),))
                healed.update(path)
                total += len(now.sent)
                updates += 1
            expected = {node: None if node in healed else healing.creator for node in everything}
            if any(now.tree.taint(node) != expected[node] for node in everything):
                shown = f"{healing}: other taints after {updater} than by the invariant"
                return refuted(shown, (("runs", runs),))
        left = [node for node in everything if now.tree.taint(node) is not None]
        if left or 2 * total != (now.tree.capacity - 2) * healing.height:
            shown = f"{healing}: {total} ciphertexts, and nodes {left} are left tainted"
            return refuted(shown, (("runs", runs),))
    return Finding(Verdict.HOLDS, (("runs of the real rules", runs), ("updates", updates)))


def blanks(planner: Planner, tick: Tick) -> Finding:
    """Check the real rules' costs at every node, their sum, and which runs cost least."""
    updates = runs = least_runs = 0
    for runs, healing in enumerate(healings(), start=1):
        tick(f"the real rules, n = {1 << healing.height}")
        tree = create(planner, healing.height, healing.creator).tree
        keyed = set(tree.path(healing.creator))
        total = 0
        for updater in healing.order:
            due = {}
            for node, half in zip(
                tree.path(updater), copath(2 * updater, tree.capacity), strict=True
            ):
                due[node] = 1 if half in keyed else 1 << level(half)
            done = operation(planner, tree, updater)
            paid = dict(Counter(node for node, _ in done.sent))
            if paid != due:
                shown = f"{healing}: {updater} pays {paid} by node, not {due}"
                return refuted(shown, (("runs", runs),))
            tree = done.tree
            keyed.update(due)
            total += sum(paid.values())
            updates += 1
        least = (healing.height - 2) * tree.capacity + 2
        least_runs += total == least
        if total < least or (total == least) != _crosses(healing):
            shown = f"{healing}: {total} ciphertexts, the least being {least}"
            return refuted(shown, (("runs", runs),))
    figures = (("runs of the real rules", runs), ("updates", updates), ("at the least", least_runs))
    return Finding(Verdict.HOLDS, figures)


def _crosses(healing: Healing) -> bool:
    """Return whether the second operation at each node, counting `create`, is of the other half."""
    first: dict[tuple[int, int], list[int]] = {}
    for member in (healing.creator, *healing.order):
        for height in range(PAIR + 1, healing.height + 1):
            halves = first.setdefault((height, member >> height), [])
            halves.append(member >> (height - 1) & 1)
    return all(halves[0] != halves[1] for halves in first.values())
