"""Tainted TreeKEM's operations: create, update, add and remove (KPWK21; specification T3, T4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import z3

from proofs.treekem.predicates import View, newest_key
from proofs.treekem.tainted import Member, Node, Op, Secret, at_or_below, owner
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proofs.treekem.predicates import OperationRules, Rules
    from ttkem.verification.system import Formulas, Signature, Symbols

__all__ = ["OPERATIONS", "RENEWALS", "operations"]

_TRUTH = z3.BoolSort()

OPERATIONS = ("create", "update", "add", "remove")
"""The names of the transitions that make an operation."""
RENEWALS = ("create", "update")
"""The names of those that give their author a fresh leaf secret."""


def operations(rules: Rules) -> dict[str, Transition]:
    """Return the four transitions that make an operation."""
    return {
        "create": _create(rules),
        "update": _update(rules),
        "add": _add(rules),
        "remove": _remove(rules),
    }


_FRESH: Mapping[str, Signature] = {
    "author": (Member,),
    "op": (Op,),
    "refreshed": (Node, _TRUTH),
    "fresh": (Node, Secret),
    "root": (Node,),
}
_TREE: Mapping[str, Signature] = {"node": (Node, _TRUTH), "under": (Member, Node, _TRUTH)}
_BASE: Mapping[str, Signature] = {"base": (Op,)}
_LEAF: Mapping[str, Signature] = {"leaf": (Secret,)}


def _create(rules: Rules) -> Transition:
    def view(c: Symbols) -> View:
        return View(
            c.joins,
            c.node,
            c.under,
            lambda m: z3.If(m == c.author, c.leaf, c.inits(m)),
            c.fresh,
            lambda v, m: z3.BoolVal(val=False),
        )

    def when(s: Symbols, c: Symbols) -> Formulas:
        return {
            "in no group": every((Op,), lambda q: z3.Not(s.at(c.author, q))),
            "author is a member": c.joins(c.author),
            "init keys": every(
                (Member,),
                lambda m: z3.Implies(
                    z3.And(c.joins(m), m != c.author),
                    z3.And(s.init(c.inits(m)), owner(c.inits(m)) == m),
                ),
            ),
            "everything is refreshed": every((Node,), lambda v: c.refreshed(v) == c.node(v)),
            **_fresh_leaf(s, c),
            **_when(s, c, view(c), rules),
        }

    return Transition(
        {
            **_FRESH,
            **_TREE,
            **_LEAF,
            "joins": (Member, _TRUTH),
            "inits": (Member, Secret),
        },
        when,
        lambda s, c: _then(
            s, c, view(c), rules.create, renews=True, samples_leaf=lambda x: x == c.leaf
        ),
    )


def _update(rules: Rules) -> Transition:
    def view(s: Symbols, c: Symbols) -> View:
        old = _old(s, c)
        return replace(old, leaf=lambda m: rules.update_leaf(s, c, m))

    def when(s: Symbols, c: Symbols) -> Formulas:
        return {
            "in a group": s.at(c.author, c.base),
            "path": rules.update_refreshes_path(s, c, view(s, c)),
            "taints": rules.update_refreshes_taints(s, c, view(s, c)),
            **_fresh_leaf(s, c),
            **_when(s, c, view(s, c), rules),
        }

    return Transition(
        {**_FRESH, **_BASE, **_LEAF},
        when,
        lambda s, c: _then(
            s,
            c,
            view(s, c),
            rules.update,
            base=c.base,
            renews=True,
            samples_leaf=lambda x: rules.update_samples_leaf(c, x),
        ),
    )


def _add(rules: Rules) -> Transition:
    def view(s: Symbols, c: Symbols) -> View:
        old = _old(s, c)
        return View(
            lambda m: z3.Or(old.member(m), m == c.target),
            c.node,
            c.under,
            lambda m: z3.If(m == c.target, c.init, old.leaf(m)),
            old.key,
            old.taint,
        )

    def when(s: Symbols, c: Symbols) -> Formulas:
        old = _old(s, c)
        return {
            "in a group": s.at(c.author, c.base),
            "not twice": z3.Not(old.member(c.target)),
            "init key": z3.And(s.init(c.init), owner(c.init) == c.target),
            "others stay": every(
                (Member, Node),
                lambda m, v: z3.Implies(
                    z3.And(m != c.target, old.node(v)), c.under(m, v) == old.under(m, v)
                ),
            ),
            "nodes stay": every((Node,), lambda v: z3.Implies(old.node(v), c.node(v))),
            "new nodes are refreshed": every(
                (Node,),
                lambda v: z3.Implies(z3.And(c.node(v), z3.Not(old.node(v))), c.refreshed(v)),
            ),
            "path of the target": rules.add_refreshes_path(s, c, view(s, c)),
            **_when(s, c, view(s, c), rules),
        }

    return Transition(
        {**_FRESH, **_TREE, **_BASE, "target": (Member,), "init": (Secret,)},
        when,
        lambda s, c: _then(s, c, view(s, c), rules.add, base=c.base),
    )


def _remove(rules: Rules) -> Transition:
    def view(s: Symbols, c: Symbols) -> View:
        old = _old(s, c)
        return View(
            lambda m: z3.And(old.member(m), m != c.target),
            c.node,
            lambda m, v: z3.And(old.under(m, v), m != c.target, c.node(v)),
            old.leaf,
            old.key,
            old.taint,
        )

    def when(s: Symbols, c: Symbols) -> Formulas:
        old = _old(s, c)
        return {
            "in a group": s.at(c.author, c.base),
            "another member": z3.And(old.member(c.target), c.target != c.author),
            "no new nodes": every((Node,), lambda v: z3.Implies(c.node(v), old.node(v))),
            "above dropped nodes": every(
                (Node, Node),
                lambda u, v: z3.Implies(
                    z3.And(old.node(u), z3.Not(c.node(u)), at_or_below(u, v), c.node(v)),
                    c.refreshed(v),
                ),
            ),
            "path": rules.remove_refreshes_path(s, c, view(s, c)),
            "taints": rules.remove_refreshes_taints(s, c, view(s, c)),
            **_when(s, c, view(s, c), rules),
        }

    return Transition(
        {**_FRESH, **_BASE, "node": (Node, _TRUTH), "target": (Member,)},
        when,
        lambda s, c: _then(s, c, view(s, c), rules.remove, base=c.base),
    )


def _old(s: Symbols, c: Symbols) -> View:
    """Return the view that an operation is based on."""
    return View(
        lambda m: s.member(c.base, m),
        lambda v: s.node(c.base, v),
        lambda m, v: s.under(c.base, m, v),
        lambda m: s.leaf(c.base, m),
        lambda v: s.key(c.base, v),
        lambda v, m: s.taint(c.base, v, m),
    )


def _fresh_leaf(s: Symbols, c: Symbols) -> Formulas:
    """State that the author samples a leaf secret."""
    return {
        "fresh leaf": z3.And(z3.Not(s.sampled(c.leaf)), owner(c.leaf) == c.author),
        "leaf apart": every((Node,), lambda v: z3.Implies(c.refreshed(v), c.fresh(v) != c.leaf)),
    }


def _when(s: Symbols, c: Symbols, view: View, rules: Rules) -> Formulas:
    """State the conditions on every operation: fresh secrets, a set closed upwards, one root."""
    return {
        "fresh op": z3.Not(s.made(c.op)),
        "different secrets": every(
            (Node, Node),
            lambda u, v: z3.Implies(
                z3.And(c.refreshed(u), c.refreshed(v), c.fresh(u) == c.fresh(v)), u == v
            ),
        ),
        "refreshed nodes": every((Node,), lambda v: z3.Implies(c.refreshed(v), view.node(v))),
        "places": every(
            (Member, Node),
            lambda m, v: z3.Implies(view.under(m, v), z3.And(view.member(m), view.node(v))),
        ),
        "places above": every(
            (Member, Node, Node),
            lambda m, u, v: z3.Implies(
                z3.And(view.under(m, u), at_or_below(u, v), view.node(v)), view.under(m, v)
            ),
        ),
        "root": z3.And(
            c.refreshed(c.root),
            every((Member,), lambda m: z3.Implies(view.member(m), view.under(m, c.root))),
        ),
        "fresh secrets": rules.fresh_secrets(s, c, view),
        "closed upwards": rules.refreshed_upwards(s, c, view),
    }


def _then(
    s: Symbols,
    c: Symbols,
    view: View,
    rules: OperationRules,
    *,
    base: Any = None,
    renews: bool = False,
    samples_leaf: Callable[[Any], z3.BoolRef] = lambda _: z3.BoolVal(val=False),
) -> Mapping[str, Any]:
    """Return the state with the operation, and with its edges whether it is accepted or not."""
    nobody = z3.BoolVal(val=False)

    def taint(v: Any, m: Any) -> z3.BoolRef:
        now = rules.taints(c, view, v, m)
        return z3.And(view.node(v), z3.If(c.refreshed(v), now, view.taint(v, m)))

    def guards(leaf: Any, v: Any) -> z3.BoolRef:
        m = owner(leaf)
        tainted = some((Node,), lambda u: z3.And(taint(u, m), at_or_below(u, v)))
        return z3.And(view.member(m), view.leaf(m) == leaf, z3.Or(view.under(m, v), tainted))

    def gives(x: Any, v: Any) -> z3.BoolRef:
        of_node = some(
            (Node,),
            lambda u: z3.And(
                view.node(u), at_or_below(u, v), u != v, x == rules.key_for_child(c, view, u)
            ),
        )
        return z3.Or(of_node, rules.leaf_opens(s, c, view, x, v))

    def new(symbol: Any, value: Any) -> Any:
        return lambda q, *rest: z3.If(
            q == c.op, value(*rest) if callable(value) else value, symbol(q, *rest)
        )

    def fresh(y: Any, also: Callable[[Any], z3.BoolRef]) -> z3.BoolRef:
        return some((Node,), lambda v: z3.And(c.refreshed(v), y == c.fresh(v), also(v)))

    return {
        "made": lambda q: z3.Or(s.made(q), q == c.op),
        "parent": new(s.parent, lambda p: nobody if base is None else p == base),
        "author": new(s.author, c.author),
        "renews": new(s.renews, z3.BoolVal(renews)),
        "member": new(s.member, view.member),
        "node": new(s.node, view.node),
        "root": new(s.root, c.root),
        "under": new(s.under, view.under),
        "leaf": new(s.leaf, view.leaf),
        "key": new(s.key, lambda v: newest_key(c, view, v)),
        "taint": new(s.taint, taint),
        "pending": lambda m, q: z3.Or(s.pending(m, q), z3.And(m == c.author, q == c.op)),
        "sampled": lambda x: z3.Or(
            s.sampled(x), samples_leaf(x), fresh(x, lambda _: z3.BoolVal(val=True))
        ),
        "edge": lambda x, y: z3.Or(s.edge(x, y), fresh(y, lambda v: gives(x, v))),
        "guards": lambda x, y: z3.Or(
            s.guards(x, y), z3.And(samples_leaf(x), x == y), fresh(y, lambda v: guards(x, v))
        ),
    }
