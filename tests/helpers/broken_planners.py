"""Planners that meet the premises of `safe-not-derivable`, and planners that break one each."""

from dataclasses import replace

from broken_rules import chains_of_one
from mutants import MATRIX
from rpds import HashTrieMap

from ttkem.blanking import refresh as blanking
from ttkem.cgka import Kind, Plan
from ttkem.tainted import refresh
from ttkem.tree import InternalNode


def planned(tree, change, nodes, chains=refresh.chains):
    """Tainted TreeKEM's plan, with other nodes."""
    return Plan(
        author=change.author,
        tree=tree,
        chains=chains(tree, frozenset(nodes), refresh._path(tree, change.target)),
        taints=refresh.taints_after(tree, nodes, change.author),
        fresh_leaf=change.kind in (Kind.CREATE, Kind.UPDATE),
    )


def with_other(kind, **fields):
    """Other fields in operations of a kind, each a function of tree, change and true plan."""

    def plan(tree, change):
        true = refresh.plan(tree, change)
        if change.kind is not kind:
            return true
        return replace(true, **{name: make(tree, change, true) for name, make in fields.items()})

    return plan


# Planners that meet the premises.


def eager(tree, change):
    """A remove re-keys all that anybody taints."""
    nodes = refresh.refreshed_set(tree, change)
    if change.kind is Kind.REMOVE:
        tainted = {v for v, content in tree.internal_nodes() if content.taint is not None}
        nodes |= refresh._with_ancestors(tree, tainted)
    return planned(tree, change, nodes)


def without_chains(tree, change):
    return planned(tree, change, refresh.refreshed_set(tree, change), chains_of_one)


def everything(tree, change):
    return planned(
        tree,
        change,
        {v for v, _ in tree.internal_nodes()} | refresh.plan(tree, change).predecessors.keys(),
    )


def later_chains_first(tree, change):
    """Without a fresh leaf, which starts the first chain, chains may come in any order."""
    true = refresh.plan(tree, change)
    return true if true.fresh_leaf else replace(true, chains=true.chains[::-1])


GOOD = {
    "TTKEM": refresh.plan,
    "eager": eager,
    "without chains": without_chains,
    "everything": everything,
    "later chains first": later_chains_first,
}

# Planners that break one premise.


def seven_taints_only(tree, change):
    """An update re-keys only the seven lowest nodes of those that its author taints."""
    if change.kind is not Kind.UPDATE:
        return refresh.plan(tree, change)
    tainted = sorted(tree.tainter_nodes(change.author))[:7]
    nodes = {*tree.path(change.author), *refresh._with_ancestors(tree, tainted)}
    return planned(tree, change, nodes)


def other_key(tree, change, true):
    return tree.with_keys({change.author: b"another"}, {})


def other_taint(tree, change, true):
    kept = [v for v, _ in tree.internal_nodes() if v not in true.refreshed]
    return tree.with_keys({}, {v: InternalNode(b"", None) for v in kept[:1]})


def forgotten_taints(tree, change, true):
    """The nodes have their tainters, and the index by tainter is empty."""
    return replace(tree, tainted_by=HashTrieMap({}))


def blank_one(tree, change, true):
    kept = [v for v, _ in tree.internal_nodes() if v not in true.refreshed]
    return tree.with_keys({}, dict.fromkeys(kept[-1:]))


def blank_another(tree, change, true):
    kept = [v for v, _ in tree.internal_nodes() if v not in true.refreshed]
    return tree.with_keys({}, dict.fromkeys(kept[-2:-1]))


def a_chain_twice(tree, change, true):
    return (*true.chains, true.chains[0])


def a_parent_left_out(tree, change, true):
    first = true.chains[0]
    return ((first[0], *first[2:]), first[1:2], *true.chains[1:]) if len(first) > 2 else true.chains


def another_chain_first(tree, change, true):
    return true.chains[::-1]


def an_empty_subtree(tree, change, true):
    empty = [v for v in range(1, 2 * tree.capacity - 1, 2) if not tree.members(v)]
    return (*true.chains, *((v,) for v in empty))


def create_keys_the_root_only(tree, change):
    true = refresh.plan(tree, change)
    if change.kind is not Kind.CREATE:
        return true
    return replace(true, chains=((tree.root,),), taints={tree.root: None})


def add_above_the_new_leaf(tree, change, true):
    return ((tree.root,),)


def remove_the_root_only(tree, change, true):
    return ((tree.root,),)


def path_is_not_updated(tree, change):
    true = refresh.plan(tree, change)
    if change.kind is not Kind.UPDATE:
        return true
    tainted = refresh._with_ancestors(tree, tree.tainter_nodes(change.author)) | {tree.root}
    nodes = {v for v in true.refreshed if v in tainted}
    return planned(tree, change, nodes)


def remove_blanks_taints(tree, change):
    """What the removed member taints becomes blank instead."""
    true = refresh.plan(tree, change)
    if change.kind is not Kind.REMOVE:
        return true
    tainted = tree.tainter_nodes(change.target)
    nodes = [v for v in true.refreshed if v not in tainted]
    blank = tree.with_keys({}, dict.fromkeys(tainted))
    return replace(planned(tree, change, nodes, chains_of_one), tree=blank)


def create_leaves_a_level_blank(tree, change):
    true = refresh.plan(tree, change)
    if change.kind is not Kind.CREATE or tree.capacity < 8:
        return true
    nodes = [v for v in true.refreshed if v % 4 == 1 or v == tree.root]
    return planned(tree, change, nodes, lambda _, nodes, main: tuple((v,) for v in sorted(nodes)))


def update_of_another_node(tree, change):
    """An update re-keys the lowest node of the first member too, and nothing above it."""
    true = refresh.plan(tree, change)
    if change.kind is not Kind.UPDATE:
        return true
    return planned(
        tree, change, {*true.refreshed, 1} if tree.members(1) else true.refreshed, chains_of_one
    )


BROKEN = {
    "always the same author": ("author", with_other(Kind.UPDATE, author=lambda *_: 0)),
    "no word on tainters": ("taint afterwards", with_other(Kind.UPDATE, taints=lambda *_: {})),
    "an update of nothing": ("root", with_other(Kind.UPDATE, chains=lambda *_: ())),
    "a remove blanks taints": ("refreshed nodes", remove_blanks_taints),
    "a blank level": ("refreshed nodes", create_leaves_a_level_blank),
    "an update of another node": ("closed upwards", update_of_another_node),
    "seven taints only": ("taints", seven_taints_only),
    "another author": ("author", with_other(Kind.ADD, author=lambda t, c, p: c.target)),
    "a remove renews a leaf": ("leaf", with_other(Kind.REMOVE, fresh_leaf=lambda *_: True)),
    "another leaf key": ("the rest", with_other(Kind.ADD, tree=other_key)),
    "another taint": ("the rest", with_other(Kind.ADD, tree=other_taint)),
    "forgotten taints": ("the rest", with_other(Kind.ADD, tree=forgotten_taints)),
    "a larger tree": ("the rest", with_other(Kind.UPDATE, tree=lambda t, *_: t.doubled())),
    "a chain twice": ("chains", with_other(Kind.UPDATE, chains=a_chain_twice)),
    "a parent left out": ("chains", with_other(Kind.UPDATE, chains=a_parent_left_out)),
    "another chain first": ("chains", with_other(Kind.CREATE, chains=another_chain_first)),
    "an empty subtree": (
        "refreshed nodes",
        with_other(
            Kind.ADD,
            chains=an_empty_subtree,
            taints=lambda t, c, p: {**dict.fromkeys(range(1, 2 * t.capacity, 2)), **p.taints},
        ),
    ),
    "the root alone at first": ("refreshed nodes", create_keys_the_root_only),
    "an update blanks": ("nodes stay", with_other(Kind.UPDATE, tree=blank_one)),
    "an add blanks": ("nodes stay", with_other(Kind.ADD, tree=blank_one)),
    "a remove blanks": ("above dropped nodes", with_other(Kind.REMOVE, tree=blank_another)),
    "an add above the leaf": (
        "path of the target",
        with_other(Kind.ADD, chains=add_above_the_new_leaf),
    ),
    "a remove of the root": ("path", with_other(Kind.REMOVE, chains=remove_the_root_only)),
    "an update off its path": ("path", path_is_not_updated),
}
"""The premise that is found to be broken first, and the planner."""

TAINT_RULES = {
    mutant.name: mutant.make(None).plan
    for mutant in MATRIX
    if mutant.make.__qualname__ == "of_plan.<locals>.<lambda>"
}
"""The mutants of the rules of Tainted TreeKEM, and the update that leaves the leaf as it was."""

PLANNERS = {
    **GOOD,
    **{name: plan for name, (_, plan) in BROKEN.items()},
    **TAINT_RULES,
    "TKEM": blanking.plan,
    "TKEM_commit": blanking.plan_with_commit,
}
