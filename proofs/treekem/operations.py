"""Tainted TreeKEM's operations: create, update, add and remove (KPWK21; specification T3, T4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import z3

from proofs.treekem.tainted import Member, Node, Op, Secret, at_or_below, owner
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.verification.system import Formulas, Signature, Symbols

__all__ = ["OPERATIONS", "RENEWALS", "operations"]

_TRUTH = z3.BoolSort()

OPERATIONS = ("create", "update", "add", "remove")
"""The transitions that make an operation."""
RENEWALS = ("create", "update")
"""Those after which their author has a fresh leaf secret."""

UNTAINTED = {
    "nobody taints anything": OPERATIONS,
    "a creator taints nothing": ("create",),
    "whoever adds taints nothing": ("add",),
    "whoever removes taints nothing": ("remove",),
    "an update clears its author's taints": ("update",),
}
"""Broken rules by which some operations leave no taints."""


def operations(broken: str) -> dict[str, Transition]:
    """The four transitions that make an operation."""
    return {
        "create": _create(broken),
        "update": _update(broken),
        "add": _add(broken),
        "remove": _remove(broken),
    }


@dataclass(frozen=True, slots=True)
class _View:
    """The view after an operation, before its refresh: functions of a member or a node."""

    member: Callable[[Any], z3.BoolRef]
    node: Callable[[Any], z3.BoolRef]
    under: Callable[[Any, Any], z3.BoolRef]
    leaf: Callable[[Any], Any]
    key: Callable[[Any], Any]
    taint: Callable[[Any, Any], z3.BoolRef]


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


def _create(broken: str) -> Transition:
    def view(c: Symbols) -> _View:
        return _View(
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
            **_when(s, c, view(c), broken),
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
        lambda s, c: _then(s, c, view(c), broken, "create", fresh_leaf=True),
    )


def _update(broken: str) -> Transition:
    fresh_leaf = broken != "an update leaves the author's leaf as it was"

    def view(s: Symbols, c: Symbols) -> _View:
        old = _old(s, c)
        leaf = (lambda m: z3.If(m == c.author, c.leaf, old.leaf(m))) if fresh_leaf else old.leaf
        return _View(old.member, old.node, old.under, leaf, old.key, old.taint)

    def when(s: Symbols, c: Symbols) -> Formulas:
        alone = broken == "an update does not re-key what its author taints"
        return {
            "in a group": s.at(c.author, c.base),
            **_demanded(s, c, c.author, _old(s, c), path=True, taints=not alone),
            **_fresh_leaf(s, c),
            **_when(s, c, view(s, c), broken),
        }

    return Transition(
        {**_FRESH, **_BASE, **_LEAF},
        when,
        lambda s, c: _then(s, c, view(s, c), broken, "update", base=c.base, fresh_leaf=fresh_leaf),
    )


def _add(broken: str) -> Transition:
    def view(s: Symbols, c: Symbols) -> _View:
        old = _old(s, c)
        return _View(
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
            **(
                {}
                if broken == "an add does not re-key the path of the new member"
                else {
                    "path of the target": every(
                        (Node,), lambda v: z3.Implies(c.under(c.target, v), c.refreshed(v))
                    )
                }
            ),
            **_when(s, c, view(s, c), broken),
        }

    return Transition(
        {**_FRESH, **_TREE, **_BASE, "target": (Member,), "init": (Secret,)},
        when,
        lambda s, c: _then(s, c, view(s, c), broken, "add", base=c.base),
    )


def _remove(broken: str) -> Transition:
    def view(s: Symbols, c: Symbols) -> _View:
        old = _old(s, c)
        return _View(
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
            **_demanded(
                s,
                c,
                c.target,
                view(s, c),
                path=broken != "a remove does not re-key the path of the removed one",
                taints=broken != "a remove does not re-key what the removed one taints",
            ),
            **_when(s, c, view(s, c), broken),
        }

    return Transition(
        {**_FRESH, **_BASE, "node": (Node, _TRUTH), "target": (Member,)},
        when,
        lambda s, c: _then(s, c, view(s, c), broken, "remove", base=c.base),
    )


def _old(s: Symbols, c: Symbols) -> _View:
    """The view that an operation is based on."""
    return _View(
        lambda m: s.member(c.base, m),
        lambda v: s.node(c.base, v),
        lambda m, v: s.under(c.base, m, v),
        lambda m: s.leaf(c.base, m),
        lambda v: s.key(c.base, v),
        lambda v, m: s.taint(c.base, v, m),
    )


def _demanded(
    s: Symbols, c: Symbols, whose: Any, view: _View, *, path: bool, taints: bool
) -> Formulas:
    """``S`` contains path and taints of ``whose``, as far as they are still there (section 3)."""
    demands: dict[str, z3.BoolRef] = {}
    if path:
        demands["path"] = every(
            (Node,),
            lambda v: z3.Implies(z3.And(s.under(c.base, whose, v), view.node(v)), c.refreshed(v)),
        )
    if taints:
        demands["taints"] = every(
            (Node,),
            lambda v: z3.Implies(z3.And(s.taint(c.base, v, whose), view.node(v)), c.refreshed(v)),
        )
    return demands


def _fresh_leaf(s: Symbols, c: Symbols) -> Formulas:
    """The author samples a leaf secret."""
    return {
        "fresh leaf": z3.And(z3.Not(s.sampled(c.leaf)), owner(c.leaf) == c.author),
        "leaf apart": every((Node,), lambda v: z3.Implies(c.refreshed(v), c.fresh(v) != c.leaf)),
    }


def _when(s: Symbols, c: Symbols, view: _View, broken: str) -> Formulas:
    """What holds of every operation: fresh secrets, a set that is closed upwards, one root."""
    common = {
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
    }
    if broken != "randomness is not drawn":
        common["fresh secrets"] = every(
            (Node,), lambda v: z3.Implies(c.refreshed(v), z3.Not(s.sampled(c.fresh(v))))
        )
    if broken != "what is above a tainted node is not re-keyed":
        common["closed upwards"] = every(
            (Node, Node),
            lambda u, v: z3.Implies(
                z3.And(c.refreshed(u), at_or_below(u, v), view.node(v)), c.refreshed(v)
            ),
        )
    return common


def _then(
    s: Symbols,
    c: Symbols,
    view: _View,
    broken: str,
    kind: str,
    *,
    base: Any = None,
    fresh_leaf: bool = False,
) -> Mapping[str, Any]:
    """The operation as part of the state; and its edges, whatever becomes of it."""
    nobody = z3.BoolVal(val=False)
    sent = view.key if broken == "ciphertexts go to the keys from before" else _key(c, view)

    def taint(v: Any, m: Any) -> z3.BoolRef:
        off_path = z3.Not(view.under(c.author, v))
        now = nobody if kind in UNTAINTED.get(broken, ()) else z3.And(m == c.author, off_path)
        if broken == "the former tainter stays":
            tainted = some((Member,), lambda other: view.taint(v, other))
            now = z3.And(off_path, z3.If(tainted, view.taint(v, m), m == c.author))
        return z3.And(view.node(v), z3.If(c.refreshed(v), now, view.taint(v, m)))

    def guards(leaf: Any, v: Any) -> z3.BoolRef:
        m = owner(leaf)
        tainted = some((Node,), lambda u: z3.And(taint(u, m), at_or_below(u, v)))
        return z3.And(view.member(m), view.leaf(m) == leaf, z3.Or(view.under(m, v), tainted))

    def gives(x: Any, v: Any) -> z3.BoolRef:
        of_node = some(
            (Node,), lambda u: z3.And(view.node(u), at_or_below(u, v), u != v, x == sent(u))
        )
        of_leaf = some((Member,), lambda m: z3.And(view.under(m, v), x == view.leaf(m)))
        if base is not None and broken == "ciphertexts go to the removed member":
            of_leaf = some((Member,), lambda m: z3.And(s.under(base, m, v), x == s.leaf(base, m)))
        return z3.Or(of_node, of_leaf)

    def new(symbol: Any, value: Any) -> Any:
        return lambda q, *rest: z3.If(
            q == c.op, value(*rest) if callable(value) else value, symbol(q, *rest)
        )

    def own_leaf(x: Any) -> z3.BoolRef:
        return x == c.leaf if fresh_leaf else nobody

    def fresh(y: Any, also: Callable[[Any], z3.BoolRef]) -> z3.BoolRef:
        return some((Node,), lambda v: z3.And(c.refreshed(v), y == c.fresh(v), also(v)))

    return {
        "made": lambda q: z3.Or(s.made(q), q == c.op),
        "parent": new(s.parent, lambda p: nobody if base is None else p == base),
        "author": new(s.author, c.author),
        "renews": new(s.renews, z3.BoolVal(kind in RENEWALS)),
        "member": new(s.member, view.member),
        "node": new(s.node, view.node),
        "root": new(s.root, c.root),
        "under": new(s.under, view.under),
        "leaf": new(s.leaf, view.leaf),
        "key": new(s.key, _key(c, view)),
        "taint": new(s.taint, taint),
        "pending": lambda m, q: z3.Or(s.pending(m, q), z3.And(m == c.author, q == c.op)),
        "sampled": lambda x: z3.Or(
            s.sampled(x), own_leaf(x), fresh(x, lambda _: z3.BoolVal(val=True))
        ),
        "edge": lambda x, y: z3.Or(s.edge(x, y), fresh(y, lambda v: gives(x, v))),
        "guards": lambda x, y: z3.Or(
            s.guards(x, y), z3.And(own_leaf(x), x == y), fresh(y, lambda v: guards(x, v))
        ),
    }


def _key(c: Symbols, view: _View) -> Callable[[Any], Any]:
    """The key of a node after the operation."""
    return lambda v: z3.If(c.refreshed(v), c.fresh(v), view.key(v))
