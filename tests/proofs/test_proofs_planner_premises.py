"""The premises that planners are checked for are those of the claim: compared with its formulas.

For each operation that is tried, the trees before and after it and the plan become tables, in which
the formulas of the transition are evaluated. A premise is broken if and only if its formula fails.
"""

from functools import cache

import numpy as np
import pytest
import z3
from broken_planners import PLANNERS
from finite_model import Formula

from proofs.safe_not_derivable import system
from ttkem.cgka import Kind
from ttkem.testing.planner_calls import CheckedPlanner
from ttkem.testing.planner_histories import EMPTY, _changed, name_of, operations, step
from ttkem.testing.planner_premises import PREMISES, broken_premises
from ttkem.tree import InternalNode
from ttkem.tree.math import spans
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


def compared(base, tree, change, plan):
    """The premises and the formulas that the plan breaks, where both speak of the same; or None."""
    broken = {each.premise.name for each in broken_premises(base, tree, change, plan)}
    if "the rest" in broken or not all(
        tree.members(v) and v in plan.taints for v in plan.refreshed
    ):
        assert broken
        return None  # there is no tree afterwards
    failed = failing(base, tree, change, plan)
    if "node afterwards" in failed:  # which an update's nodes are is an effect, not a premise
        assert change.kind is Kind.UPDATE
        assert broken & {"nodes stay", "refreshed nodes"}
        shared = {"node afterwards", "nodes stay", "taint afterwards"}
        return broken - OURS - shared, failed - shared
    unlike = {"taint afterwards", "root"} if "refreshed nodes" in broken & failed else set()
    return broken - OURS - unlike, failed - unlike  # nobody is below a node without a key


@pytest.mark.sample(5)
@pytest.mark.parametrize("name", sorted(PLANNERS))
def test_a_premise_is_broken_if_and_only_if_its_formula_fails(name):
    planner = CheckedPlanner(PLANNERS[name], name)
    both, groups = [], [EMPTY]
    for group in groups:
        for operation in operations(group, 5):
            tree, change = _changed(group.tree, operation, name_of, "key")
            plan = planner(tree, change)
            sides = compared(group.tree, tree, change, plan)
            if sides is not None:
                assert sides[0] == sides[1], (operation, plan)
                both.append(sides)
            if not broken_premises(group.tree, tree, change, plan) and len(groups) < 12:
                groups.append(step(planner, group, operation))
    assert len(both) > 5


def test_every_formula_about_a_plan_is_a_premise():
    rules = {name for kind in ("create", "update", "add", "remove") for name in formulas(kind)}
    assert {BY_FORMULA.get(name, name) for name in rules} - PREMISES.keys() == BY_ANY_PLAN
    assert PREMISES.keys() - OURS <= {BY_FORMULA.get(name, name) for name in rules}
