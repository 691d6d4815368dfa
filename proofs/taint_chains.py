"""TTKEM: an operation has one chain for its main path and one for each lowest tainted node.

Let S be the set of nodes that an operation refreshes. It consists of the main path (that of the
author, or of the member that is added or removed) and a set T of tainted nodes, with all ancestors.
For an update T contains the nodes that the author taints; for a remove, those that the removed
member taints; for an add, none; and for `create`, all internal nodes with a member below, as if
they were tainted. A node of T is *lowest* if it is off the main path and no other node of T is
below it; m is their number. Then S falls into 1 + m chains, and at each height at most m nodes of
S are off the main path. If truncation by a removal leaves nothing of the main path, there are m
chains, or only that of the root, which is always in S; the bound on heights then holds for all
nodes but the root. Source: specification T3 and T4 [D].

The argument. Chains are made lowest first, each up to the first node that is in one. So the nodes
in chains are closed upwards in S, which is an invariant; and no node of S is below the start of a
chain. Off the main path such a start is at or above a tainted node, so it is a lowest one itself.
Conversely no node of S is below a lowest tainted node, so a chain starts there. As to heights:
every node of S off the main path is at or above a lowest tainted one, and no two nodes of the same
height are above the same one. Nodes are uninterpreted, so this holds in every tree.

Trusted: Z3; that counting follows from one-to-one maps; that at or below every node of T off the
main path there is a lowest one, since trees are finite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from proofs.costs import taint_evidence
from ttkem.tainted.refresh import plan
from ttkem.verification.claim import Claim, Kind, Refutes, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from proofs.costs.counting import Premises
    from ttkem.verification.claim import Finding, Tick

__all__ = ["CLAIM", "lemmas"]

Node = z3.DeclareSort("Node")
A, B, V, W, X = z3.Consts("a b start w x", Node)
up = z3.Function("is_or_is_above", Node, Node, z3.BoolSort())
height = z3.Function("height", Node, z3.IntSort())
main, tainted, occupied, refreshed, chained, chained_after = (
    z3.Function(name, Node, z3.BoolSort())
    for name in ("main", "tainted", "occupied", "refreshed", "chained", "chained_after")
)

SELF: Premises = {"a node is or is above itself": z3.ForAll([A], up(A, A))}
ABOVE: Premises = {
    "above what is above": z3.ForAll([A, B, X], z3.Implies(z3.And(up(A, B), up(B, X)), up(A, X)))
}
TWO: Premises = {
    "of two nodes at most one is above the other": z3.ForAll(
        [A, B], z3.Implies(z3.And(up(A, B), up(B, A)), A == B)
    )
}
HIGHER: Premises = {
    "what is above is higher": z3.ForAll(
        [A, B], z3.Implies(z3.And(up(A, B), A != B), height(A) > height(B))
    )
}
TREE: Premises = {
    "what is above one node is one above the other": z3.ForAll(
        [A, B, X], z3.Implies(z3.And(up(A, X), up(B, X)), z3.Or(up(A, B), up(B, A)))
    )
}


def _closed(nodes: z3.FuncDeclRef) -> z3.BoolRef:
    return z3.ForAll([A, B], z3.Implies(z3.And(nodes(B), up(A, B)), nodes(A)))


def _made_of(node: z3.ExprRef, *, ancestors: bool) -> z3.BoolRef:
    """State that a node is in S. Negative twin: without ancestors of tainted nodes."""
    above = up(node, W) if ancestors else node == W
    source = z3.Or(z3.And(up(node, W), main(W)), z3.And(above, tainted(W)))
    return z3.And(occupied(node), z3.Exists([W], source))


def _sources(*, ancestors: bool) -> Premises:
    """Return the definition of S."""
    return {
        "S = up(main path and T), without empty nodes": z3.ForAll(
            [A], refreshed(A) == _made_of(A, ancestors=ancestors)
        )
    }


ON_MAIN: Premises = {"the main path is closed upwards": _closed(main)}
OCCUPIED: Premises = {"above an occupied node all are": _closed(occupied)}
NO_EMPTY: Premises = {
    "no empty node is tainted": z3.ForAll([A], z3.Implies(tainted(A), occupied(A)))
}


def _in_chains(nodes: z3.FuncDeclRef) -> z3.BoolRef:
    """State the invariant of the nodes in chains so far."""
    inside = z3.ForAll([A], z3.Implies(nodes(A), refreshed(A)))
    return z3.And(inside, _closed(nodes))


def _nothing_below(node: z3.ExprRef) -> z3.BoolRef:
    return z3.ForAll([X], z3.Implies(z3.And(up(node, X), refreshed(X)), node == X))


def _lowest(node: z3.ExprRef) -> z3.BoolRef:
    alone = z3.ForAll([X], z3.Implies(z3.And(up(node, X), tainted(X)), node == X))
    return z3.And(tainted(node), z3.Not(main(node)), alone)


def _not_both_above(node: z3.ExprRef) -> z3.BoolRef:
    return z3.Not(z3.And(up(A, node), up(B, node)))


def lemmas(*, lowest_first: bool = True, ancestors: bool = True) -> tuple[Lemma, ...]:
    """Return the lemmas; other rules give a negative twin."""
    sources = _sources(ancestors=ancestors)
    closed = {"S is closed upwards": _closed(refreshed)}
    first = {"the first chain is S on the main path": z3.ForAll([A], chained(A) == _on_main(A))}
    start = {
        "the invariant": _in_chains(chained),
        "it starts in S": refreshed(V),
        "where no chain is": z3.Not(chained(V)),
    }
    order = {
        "all lower nodes are in chains": z3.ForAll(
            [X], z3.Implies(z3.And(refreshed(X), height(X) < height(V)), chained(X))
        )
    }
    longer = {
        "up to the first node in a chain": z3.ForAll(
            [A], chained_after(A) == z3.Or(chained(A), up(A, V))
        )
    }
    bottom = {
        "in S off the main path": z3.And(refreshed(V), z3.Not(main(V))),
        "nothing of S is below": _nothing_below(V),
    }
    member = z3.And(up(W, V), z3.Not(chained(W)))
    between = z3.Implies(z3.And(up(W, X), up(X, V)), z3.Not(chained(X)))
    above_tainted = z3.Exists([W], z3.And(up(V, W), tainted(W), z3.Not(main(W))))
    both = {"two lowest tainted nodes": z3.And(_lowest(A), _lowest(B), A != B)}
    level_ = {"two nodes of one height": z3.And(height(A) == height(B), A != B)}
    return (
        Lemma("S is closed upwards", {**sources, **ABOVE, **OCCUPIED}, _closed(refreshed)),
        Lemma("the first chain", {**closed, **ON_MAIN, **first}, _in_chains(chained)),
        Lemma("one chain more", {**ABOVE, **closed, **start, **longer}, _in_chains(chained_after)),
        Lemma("a chain has no gap", {**start, "in the chain": member}, between),
        Lemma(
            "nothing of S is below a start",
            {**HIGHER, **start, **(order if lowest_first else {})},
            _nothing_below(V),
        ),
        Lemma(
            "off the main path, S is at or above tainted nodes off it",
            {
                **ON_MAIN,
                "in S": _made_of(V, ancestors=ancestors),
                "off the main path": z3.Not(main(V)),
            },
            above_tainted,
        ),
        Lemma(
            "there it is a lowest tainted node",
            {**sources, **SELF, **ON_MAIN, **NO_EMPTY, **bottom},
            _lowest(V),
        ),
        Lemma(
            "a lowest tainted node starts a chain",
            {
                **sources,
                **SELF,
                **ABOVE,
                **TWO,
                **ON_MAIN,
                **NO_EMPTY,
                "a lowest tainted node": _lowest(V),
            },
            z3.And(refreshed(V), _nothing_below(V)),
        ),
        Lemma("two such are not above the same", {**TREE, **both}, _not_both_above(X)),
        Lemma("at one height, one for each", {**TREE, **HIGHER, **level_}, _not_both_above(X)),
    )


def _on_main(node: z3.ExprRef) -> z3.BoolRef:
    return z3.And(refreshed(node), main(node))


def _check(tick: Tick) -> Finding:
    return together((prove_all(lemmas(), tick), taint_evidence.chains(plan, tick)))


def _refute(tick: Tick) -> Finding:
    return prove_all(lemmas(lowest_first=False), tick)


CLAIM = Claim(
    name="taint-chains",
    statement="TTKEM: an update, add or remove has one chain for its main path, if something of "
    "that is left, and one for each lowest tainted node that it re-keys; at each height it "
    "refreshes no more nodes off the main path, but the root, than these. The same holds for "
    "create, as if all were tainted",
    source="specification T3 and T4 [D]",
    bound="steps for every tree and taints, composed in the file; the real rules in 24 random "
    "histories of 40 operations from 2 to 32 members, seed 1",
    check=_check,
    twin="a chain may start at any node that is in none",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over chains as they are made, in the file; that below each tainted node "
    "off the main path there is a lowest one; counting by one-to-one maps; that the premises are "
    "the protocol's rules, which is only tested",
)
