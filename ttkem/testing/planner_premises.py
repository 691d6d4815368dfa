"""The premises of the claim `safe-not-derivable` about a planner, checked on one operation.

The claim is proved for every protocol whose operations meet these premises. The page
`docs/tainted-proofs.md` explains them, `proofs/treekem/operations.py` states them as formulas, and
a test compares the checks of this module with those formulas. Here a *node* is an internal
node that has a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.cgka.interface import Kind
from ttkem.tree.math import direct_path, spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ttkem.cgka.plan import Change, Plan
    from ttkem.tree import KeyTree

__all__ = ["PREMISES", "BrokenPremise", "Premise", "broken_premises", "fingerprint"]

_RULES = "proofs/treekem/predicates.py"
_STEPS = "proofs/treekem/operations.py"


@dataclass(frozen=True, slots=True)
class Premise:
    """A condition on the plan of an operation that the proof uses."""

    name: str
    """The name of the formula in the transition."""
    statement: str
    """The condition in words."""
    source: str
    """The file and the function or constant where the formula stands."""


PREMISES: Mapping[str, Premise] = {
    premise.name: premise
    for premise in (
        Premise(
            "author",
            "the author of a plan is the author of the operation",
            f"{_STEPS}, _then",
        ),
        Premise(
            "leaf",
            "a create or update gives its author a fresh leaf secret; an add or remove does not",
            f"{_STEPS}, RENEWALS",
        ),
        Premise(
            "the rest",
            "all members and leaf keys, and the keys and taints of nodes that are not refreshed, "
            "stay as they are",
            f"{_STEPS}, _then",
        ),
        Premise(
            "chains",
            "the seed of a node is derived only from the node below it in one chain, and that of "
            "the first node from the author's fresh leaf only if the leaf is below it",
            f"{_STEPS}, gives",
        ),
        Premise(
            "refreshed nodes",
            "an operation refreshes only nodes with a member below; an update or remove only "
            "nodes that have a key already",
            f"{_STEPS}, _when and _remove",
        ),
        Premise(
            "nodes stay",
            "an update or add leaves no node without a key that had one",
            f"{_STEPS}, _update and _add",
        ),
        Premise(
            "above dropped nodes",
            "a remove refreshes every node above one that loses its key",
            f"{_STEPS}, _remove",
        ),
        Premise(
            "root",
            "every operation refreshes the root",
            f"{_STEPS}, _when",
        ),
        Premise(
            "path",
            "an update refreshes the path of its author, a remove what is left of the path of the "
            "removed member",
            f"{_RULES}, update_refreshes_path and remove_refreshes_path",
        ),
        Premise(
            "path of the target",
            "an add refreshes the path of the new member",
            f"{_RULES}, add_refreshes_path",
        ),
        Premise(
            "taints",
            "an update refreshes every node that its author taints, a remove every node that the "
            "removed member taints",
            f"{_RULES}, update_refreshes_taints and remove_refreshes_taints",
        ),
        Premise(
            "closed upwards",
            "the refreshed set contains all ancestors of its nodes",
            f"{_RULES}, refreshed_upwards",
        ),
        Premise(
            "taint afterwards",
            "the author taints a refreshed node afterwards if it is off the author's path, and "
            "nobody taints it otherwise",
            f"{_RULES}, author_taints_off_path",
        ),
    )
}
"""The premises by name; those on fresh and different secrets are met by any plan of chains."""


@dataclass(frozen=True, slots=True)
class BrokenPremise:
    """A premise that the plan of an operation does not meet."""

    premise: Premise
    found: str
    """What was found instead."""


def broken_premises(
    base: KeyTree, tree: KeyTree, change: Change, plan: Plan
) -> list[BrokenPremise]:
    """Return the premises that the plan of an operation does not meet.

    ``base`` is the public tree before the operation and ``tree`` the tree after its membership
    change, for which the plan was made. The chains must consist of internal nodes of ``tree``.
    """
    return [
        BrokenPremise(PREMISES[name], found) for name, found in _broken(base, tree, change, plan)
    ]


def fingerprint(tree: KeyTree) -> tuple[int, tuple[int, ...], tuple[tuple[int, int | None], ...]]:
    """Return the capacity, the leaves of the members, and the nodes with keys and tainters."""
    return (
        tree.capacity,
        tuple(number for number, _ in tree.roster()),
        tuple((node, content.taint) for node, content in tree.internal_nodes()),
    )


def _broken(base: KeyTree, tree: KeyTree, change: Change, plan: Plan) -> Iterator[tuple[str, str]]:
    renews = change.kind in (Kind.CREATE, Kind.UPDATE)
    if plan.author != change.author:
        yield "author", f"the plan names leaf {plan.author} as author, not leaf {change.author}"
    if plan.fresh_leaf != renews:
        yield "leaf", "the author's leaf gets " + ("no fresh secret" if renews else "a fresh one")
    kept = {node for node, _ in plan.tree.internal_nodes()}
    dropped = [node for node, _ in tree.internal_nodes() if node not in kept]
    if plan.tree != tree.with_keys({}, dict.fromkeys(dropped)):
        yield "the rest", "the plan's tree has other members, keys or taints than the tree given"
        return  # what follows is about this tree
    yield from _of_chains(plan, change)
    before = {node for node, _ in base.internal_nodes()}
    refreshed = set(plan.refreshed)
    after = refreshed | kept
    yield from _of_nodes(tree, change, before, refreshed, after)
    yield from _of_refreshed(base, tree, change, refreshed, after)
    path = tree.path(change.author)
    for node in plan.refreshed:
        tainter = None if node in path else change.author
        if node not in plan.taints:
            yield "taint afterwards", f"the plan does not say who taints node {node}"
            return
        if plan.taints[node] != tainter:
            found = f"{_tainted(plan.taints[node])}, not {_tainted(tainter)}"
            yield "taint afterwards", f"node {node} is {found}"
            return


def _of_chains(plan: Plan, change: Change) -> Iterator[tuple[str, str]]:
    nodes = [node for chain in plan.chains for node in chain]
    if len(nodes) != len(set(nodes)):
        yield "chains", f"a node is in more than one place: chains {plan.chains}"
        return
    for chain in plan.chains:
        if chain != (chain[0], *direct_path(chain[0], plan.tree.capacity)[: len(chain) - 1]):
            yield "chains", f"chain {chain} does not climb from each node to its parent"
            return
    fresh = plan.fresh_leaf and plan.chains
    if fresh and not spans(plan.chains[0][0], 2 * change.author):
        yield "chains", f"the author's leaf starts chain {plan.chains[0]}, which is not above it"


def _of_nodes(
    tree: KeyTree, change: Change, before: set[int], refreshed: set[int], after: set[int]
) -> Iterator[tuple[str, str]]:
    """Yield premises on which nodes have keys before and after, and on the root."""
    allowed = {node for node in refreshed if tree.members(node)}
    if change.kind in (Kind.UPDATE, Kind.REMOVE):
        allowed &= before
    if refreshed - allowed:
        yield (
            "refreshed nodes",
            f"{_nodes(refreshed - allowed)} refreshed, without a member below or a key before",
        )
    dropped = before - after
    if change.kind in (Kind.UPDATE, Kind.ADD) and dropped:
        yield "nodes stay", f"{_nodes(dropped)} without a key afterwards"
    if change.kind is Kind.REMOVE:
        above = {node for node in after if any(spans(node, u) for u in dropped)}
        if above - refreshed:
            yield "above dropped nodes", _missing(above - refreshed)
    if tree.root not in refreshed:
        yield "root", f"node {tree.root}, the root, is not refreshed"


def _of_refreshed(
    base: KeyTree, tree: KeyTree, change: Change, refreshed: set[int], after: set[int]
) -> Iterator[tuple[str, str]]:
    """Yield premises on which nodes an operation must refresh."""
    missing = set(direct_path(2 * change.target, max(base.capacity, tree.capacity)))
    missing = (missing & after) - refreshed
    if missing:
        name = "path of the target" if change.kind is Kind.ADD else "path"
        yield name, _missing(missing)
    if change.kind in (Kind.UPDATE, Kind.REMOVE):
        tainted = {v for v, content in base.internal_nodes() if content.taint == change.target}
        tainted = (tainted & after) - refreshed
        if tainted:
            yield "taints", f"{_missing(tainted)}; leaf {change.target} taints them"
    above = {node for u in refreshed for node in direct_path(u, tree.capacity)}
    above = (above & after) - refreshed
    if above:
        yield "closed upwards", _missing(above)


def _tainted(by: int | None) -> str:
    return "untainted" if by is None else f"tainted by leaf {by}"


def _missing(nodes: Collection[int]) -> str:
    return f"{_nodes(nodes)} not refreshed"


def _nodes(nodes: Iterable[int]) -> str:
    ordered = sorted(nodes)
    words = ", ".join(map(str, ordered))
    return f"node {words} is" if len(ordered) == 1 else f"nodes {words} are"
