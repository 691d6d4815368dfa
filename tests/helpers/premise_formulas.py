"""The premises on planners as the formulas of the claim have them, for comparison and mutation.

For an operation, the trees before and after it and the plan become tables, in which the formulas of
the transition are evaluated. Premises that are no formulas there are defined a second time here.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import z3
from finite_model import Formula

from proofs.safe_not_derivable import system
from proofs.treekem.operations import RENEWALS
from ttkem.cgka import Kind
from ttkem.testing.planner_histories import EMPTY, _changed, name_of, operations, step
from ttkem.testing.planner_premises import broken_premises
from ttkem.tree import InternalNode
from ttkem.tree.math import direct_path, parent, spans
from ttkem.verification.system import declare, every

SYSTEM = system()
OURS = {"author", "leaf", "the rest", "chains"}
"""Premises on the plan's form or its effects: no formula that a transition requires."""
BY_FORMULA = {"no new nodes": "refreshed nodes", "others stay": "nodes stay"}
"""The name of a formula, where ours is another; who is below a node that is blank now is not."""
BY_ANY_PLAN = {
    "in no group",
    "author is a member",
    "init keys",
    "everything is refreshed",
    "fresh leaf",
    "leaf apart",
    "fresh op",
    "different secrets",
    "places",
    "places above",
    "fresh secrets",
    "in a group",
    "not twice",
    "init key",
    "new nodes are refreshed",
    "another member",
    "node afterwards",
}
"""Formulas on members, on secrets and on trees, which hold whatever a planner returns."""
CAPACITY = 8
NODES = [*range(1, 2 * CAPACITY - 1, 2)]
SIZES = {"Member": CAPACITY, "Node": len(NODES), "Op": 2, "Secret": 2 * CAPACITY + 2 * len(NODES)}
BELOW = np.array([[spans(v, u) for v in NODES] for u in NODES])
FRESH = CAPACITY + len(NODES)


def table(sort, holds):
    return np.array([holds(each) for each in (range(CAPACITY) if sort == "Member" else NODES)])


def keyed(tree):
    """The nodes with keys, and which member is below which, of a tree."""
    nodes = {node: content.taint for node, content in tree.internal_nodes()}
    members = {number for number, _ in tree.roster()}
    node = table("Node", lambda v: v in nodes)
    under = np.array(
        [[m in members and v in nodes and spans(v, 2 * m) for v in NODES] for m in range(CAPACITY)]
    )
    taint = np.array([[nodes.get(v) == m for m in range(CAPACITY)] for v in NODES])
    return table("Member", lambda m: m in members), node, under, taint


def interpreted(base, tree, change, plan):
    """The state before an operation and its choices, as tables.

    Leaf secrets come first, then those of nodes, then fresh leaf secrets, then fresh ones of nodes.
    """
    member, node, under, taint = keyed(base)
    refreshed = table("Node", lambda v: v in plan.refreshed)
    after = plan.tree.with_keys({}, {v: InternalNode(b"", None) for v in plan.refreshed})
    joins, node_after, under_after, _ = keyed(after)
    none = np.zeros_like
    made = np.array([base.leaf_of.__len__() > 0, False])

    def of_base(values):
        return np.stack([values, none(values)])

    leaves = np.arange(CAPACITY)
    keys = CAPACITY + np.arange(len(NODES))
    sampled = np.arange(SIZES["Secret"]) < FRESH
    owner = np.zeros(SIZES["Secret"], int)
    owner[:CAPACITY] = owner[FRESH : FRESH + CAPACITY] = leaves
    at = np.zeros((CAPACITY, 2), bool)
    at[:, 0] = member
    state = {
        "at or below": BELOW,
        "owner": owner,
        "made": made,
        "member": of_base(member),
        "node": of_base(node),
        "under": of_base(under),
        "taint": of_base(taint),
        "leaf": np.stack([leaves, leaves]),
        "key": np.stack([keys, keys]),
        "at": at,
        "sampled": sampled,
        "init": np.arange(SIZES["Secret"]) < CAPACITY,
    }
    chosen = {
        "author": change.author,
        "op": 1,
        "base": 0,
        "refreshed": refreshed,
        "fresh": FRESH + CAPACITY + np.arange(len(NODES)),
        "root": NODES.index(tree.root),
        "node": node_after,
        "under": under_after,
        "joins": joins,
        "inits": leaves,
        "leaf": FRESH + change.author,
        "target": change.target,
        "init": change.target,
    }
    return state | {f"{name}?": np.asarray(value) for name, value in chosen.items()}


@cache
def formulas(kind):
    """The premises of a transition, and its effects on nodes and taints, by name."""
    transition = SYSTEM.transitions[kind]
    state, chosen = declare(SYSTEM.state), declare(transition.chooses, "?")
    then = transition.then(state, chosen)
    rules = {name: Formula(rule) for name, rule in transition.when(state, chosen).items()}
    for name in ("node", "taint"):
        _, *sorts, truth = SYSTEM.state[name]
        after = z3.Function(f"{name}'", *sorts, truth)
        same = _same(then[name], chosen.op, after)
        rules[f"{name} afterwards"] = Formula(every(sorts, same))
    return rules


def _same(value, op, after):
    return lambda *of: value(op, *of) == after(*of)


def failing(base, tree, change, plan):
    """The formulas that do not hold, by our names."""
    tables = interpreted(base, tree, change, plan)
    contents = {v: InternalNode(b"", plan.taints[v]) for v in plan.refreshed}
    _, tables["node'"], _, tables["taint'"] = keyed(plan.tree.with_keys({}, contents))
    rules = formulas(change.kind.name.lower())
    return {BY_FORMULA.get(n, n) for n, rule in rules.items() if not rule.holds(SIZES, tables)}


def of_the_form(base, tree, change, plan):
    """The premises that no formula of a transition requires, by plain definitions of our own."""
    broken = set()
    if plan.author != change.author:
        broken.add("author")
    if plan.fresh_leaf != (change.kind.name.lower() in RENEWALS):
        broken.add("leaf")
    nodes = [node for chain in plan.chains for node in chain]
    steps = [each for chain in plan.chains for each in pairwise(chain)]
    starts = direct_path(2 * change.author, tree.capacity)
    if (
        sorted(nodes) != sorted(set(nodes))
        or any(u == tree.root or parent(u, tree.capacity) != v for u, v in steps)
        or (plan.fresh_leaf and nodes and nodes[0] not in starts)
    ):
        broken.add("chains")
    return broken


def same_rest(tree, plan):
    """Whether the plan's tree is the tree given, but for nodes that are blank now."""
    now, given = dict(plan.tree.internal_nodes()), dict(tree.internal_nodes())
    index = {}
    for node, content in now.items():
        if content.taint is not None:
            index[content.taint] = index.get(content.taint, frozenset()) | {node}
    return (
        plan.tree.capacity == tree.capacity
        and [*plan.tree.roster()] == [*tree.roster()]
        and all(given.get(node) == content for node, content in now.items())
        and dict(plan.tree.tainted_by.items()) == index
    )


def compared(broken_premises, base, tree, change, plan):
    """The premises that the plan breaks, as said and as they should be, where both can be told."""
    broken = {each.premise.name for each in broken_premises(base, tree, change, plan)}
    form = of_the_form(base, tree, change, plan)
    if not same_rest(tree, plan):
        return broken - {"chains"}, form - {"chains"} | {"the rest"}
    if not all(tree.members(v) and v in plan.taints for v in plan.refreshed):
        empty = not all(tree.members(v) for v in plan.refreshed)
        name = "refreshed nodes" if empty else "taint afterwards"
        return broken & {name}, {name}  # there is no tree afterwards
    failed = failing(base, tree, change, plan) | form
    if "node afterwards" in failed:  # which an update's nodes are is an effect, not a premise
        assert change.kind is Kind.UPDATE
        if not broken & {"nodes stay", "refreshed nodes"}:
            return broken, failed
        shared = {"node afterwards", "nodes stay", "taint afterwards"}
        return broken - shared, failed - shared
    places = {"taint afterwards", "root", "places above"}
    unlike = places if "refreshed nodes" in failed else set()
    return broken - unlike, failed - unlike  # nobody is below a node without a key


def cases(planner, members, trees):
    """Operations on some trees of a planner: the arguments of broken_premises."""
    groups = [EMPTY]
    for group in groups:
        for operation in operations(group, members):
            tree, change = _changed(group.tree, operation, name_of, "key")
            plan = planner(tree, change)
            yield group.tree, tree, change, plan
            if not broken_premises(group.tree, tree, change, plan) and len(groups) < trees:
                groups.append(step(planner, group, operation))
