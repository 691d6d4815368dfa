"""KPWK21 Lemma 1, taints: n/2 - 1 updates remove every taint, with log2 n ciphertexts each.

After `create` in a full tree of n = 2^k leaves, let one member of every pair of leaves but the
creator's update once, in any order. Then no node is tainted, and (n/2 - 1) log2 n ciphertexts were
sent. Source: KPWK21 Lemma 1; specification T3 and T4.

The argument. *In any order*: after any updates, a node is tainted by the creator if it is off the
creator's path and no updater is below it, and untainted otherwise. So an updater taints nothing and
refreshes exactly its path; a taint that is removed does not come back. This is an inductive
invariant over uninterpreted nodes and members, so it holds in every tree. *Removed*: an updater is
below every node off the creator's path, by induction on the node's height. *The cost*: on
a full tree, each of the k nodes of an updater's path has one ciphertext, for the child that is not
on the path.

Trusted: Z3, and that the rules of specification T are the premises, of which the real
rules are evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from proofs.costs import healing_evidence
from proofs.costs.counting import beside, beside_creator, counted, induction, leaves
from ttkem.tainted.refresh import plan
from ttkem.verification.claim import Claim, Kind, Refutes, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from proofs.costs.counting import Premises
    from ttkem.verification.claim import Finding, Tick

__all__ = ["CLAIM", "lemmas"]

Node, Member = z3.DeclareSort("Node"), z3.DeclareSort("Member")
U, C, NOBODY, M, LEFT, RIGHT = z3.Consts("updater creator nobody m left right", Member)
V, W, CHILD, OTHER = z3.Consts("node w child other_child", Node)
taint, taint_after = (z3.Function(name, Node, Member) for name in ("taint", "taint_after"))
updated, updated_after = (
    z3.Function(name, Member, z3.BoolSort()) for name in ("updated", "updated_after")
)
chosen = z3.Function("chosen", Member, z3.BoolSort())
below = z3.Function("below", Member, Node, z3.BoolSort())
up = z3.Function("is_or_is_above", Node, Node, z3.BoolSort())
refreshed = z3.Function("refreshes", Node, z3.BoolSort())


def invariant(taints: z3.FuncDeclRef, done: z3.FuncDeclRef) -> z3.BoolRef:
    """State that the creator taints just the nodes off its path that no updater is below."""
    untouched = z3.ForAll([M], z3.Implies(done(M), z3.Not(below(M, V))))
    left = z3.And(z3.Not(below(C, V)), untouched)
    return z3.ForAll([V], taints(V) == z3.If(left, C, NOBODY))


TREE = {
    "who is below a node is below all above it": z3.ForAll(
        [M, V, W], z3.Implies(z3.And(below(M, W), up(V, W)), below(M, V))
    ),
    "a node is or is above itself": z3.ForAll([V], up(V, V)),
    "nobody is no member": z3.And(NOBODY != C, NOBODY != U),
}


def _refresh(*, all_taints: bool) -> Premises:
    """Return the definition of S for an update.

    Negative twin: with ``all_taints``, S contains all tainted nodes, whoever taints them.
    """
    mine = taint(W) != NOBODY if all_taints else taint(W) == U
    source = z3.And(up(V, W), z3.Or(below(U, W), mine))
    return {"S = up(path and own taints)": z3.ForAll([V], refreshed(V) == z3.Exists([W], source))}


AFTER = {
    "taints afterwards": z3.ForAll(
        [V],
        taint_after(V) == z3.If(refreshed(V), z3.If(below(U, V), NOBODY, U), taint(V)),
    ),
    "the updater has updated": z3.ForAll([M], updated_after(M) == z3.Or(updated(M), M == U)),
}


def _in_any_order(*, all_taints: bool) -> tuple[Lemma, ...]:
    created = {
        "create taints what is off the path": z3.ForAll(
            [V], taint(V) == z3.If(below(C, V), NOBODY, C)
        ),
        "nobody has updated": z3.ForAll([M], z3.Not(updated(M))),
    }
    path = z3.ForAll([V], refreshed(V) == below(U, V))
    before = {
        **TREE,
        **_refresh(all_taints=all_taints),
        "the creator does not update": U != C,
        "the invariant": invariant(taint, updated),
    }
    update = {
        "the invariant": invariant(taint, updated),
        "an update refreshes its path": path,
        **AFTER,
    }
    end = {
        "the invariant": invariant(taint, updated),
        "all who are chosen have updated": z3.ForAll([M], z3.Implies(chosen(M), updated(M))),
        "one is below each node off the creator's path": _one_below_each(),
    }
    return (
        Lemma("after create", created, invariant(taint, updated)),
        Lemma("an update refreshes its path", before, path),
        Lemma("an update keeps the invariant", update, invariant(taint_after, updated_after)),
        Lemma("after all updates", end, z3.ForAll([V], taint(V) == NOBODY)),
    )


def _one_below(node: z3.ExprRef) -> z3.BoolRef:
    return z3.Or(below(C, node), z3.Exists([M], z3.And(chosen(M), below(M, node))))


def _one_below_each() -> z3.BoolRef:
    return z3.ForAll([V], _one_below(V))


def _everywhere() -> tuple[Lemma, ...]:
    one = z3.Or(C == LEFT, C == RIGHT, chosen(LEFT), chosen(RIGHT))
    pair = {
        "two members are below a pair": z3.And(below(LEFT, V), below(RIGHT, V)),
        "one of them is chosen, but of the creator's pair": one,
    }
    half = {
        **TREE,
        "a node is above its child": up(V, CHILD),
        "the claim for its child, of height h": _one_below(CHILD),
    }
    return (
        Lemma("an updater below every node: a pair", pair, _one_below(V)),
        Lemma("an updater below every node: from h to h + 1", half, _one_below(V)),
    )


def _cost(copath: int) -> tuple[Lemma, ...]:
    """Return the lemmas on the cost of an update.

    Negative twin: the child off the path is sent to ``copath`` times.
    """
    count = z3.Function("members", Node, z3.IntSort())
    first = z3.Bool("first_of_the_path")
    sent = z3.Int("ciphertexts_of_the_node")
    spent = z3.Function("spent", z3.IntSort(), z3.IntSort())

    def due(child: z3.ExprRef, *, exempt: z3.BoolRef) -> z3.ArithRef:
        alone = z3.And(count(child) == 1, below(U, child))
        return z3.If(z3.And(count(child) > 0, z3.Not(exempt), z3.Not(alone)), 1, 0)

    own_leaf = z3.And(first, count(CHILD) == 1)
    node = {
        "one child is on the path, or the updater's leaf": z3.And(
            below(U, CHILD), z3.Not(below(U, OTHER))
        ),
        "it is predecessor or fresh leaf": z3.Or(refreshed(CHILD), own_leaf),
        "the tree is full": z3.And(count(CHILD) > 0, count(OTHER) > 0),
        "ciphertexts go to the other children": sent
        == due(CHILD, exempt=z3.Or(refreshed(CHILD), own_leaf))
        + copath * due(OTHER, exempt=z3.BoolVal(val=False)),
    }

    def nodes(h: z3.ArithRef) -> Premises:
        return {
            "one ciphertext a node": sent == 1,
            "nothing is spent below the path": spent(0) == 0,
            "node after node": spent(h + 1) == spent(h) + sent,
        }

    return (
        Lemma("one ciphertext a node", node, sent == 1),
        *induction("log2 n ciphertexts a path", nodes, lambda h: spent(h) == h, start=0),
    )


def _total() -> tuple[Lemma, ...]:
    k, done, total = z3.Ints("k updates total")
    each = {"log2 n ciphertexts an update": total == k * done}
    end = {
        **each,
        **beside(k),
        "all who are chosen have updated, once": done == beside_creator(k),
    }
    return (
        Lemma("the total after none", {"none": z3.And(done == 0, total == 0)}, total == k * done),
        Lemma("the total after one more", each, total + k == k * (done + 1)),
        Lemma("(n/2 - 1) log2 n", end, 2 * total == (leaves(k) - 2) * k),
    )


def lemmas(
    *, all_taints: bool = False, copath: int = 1, of_creators_pair: int = 0
) -> tuple[Lemma, ...]:
    """Return the lemmas; other rules give a negative twin."""
    return (
        *counted(of_creators_pair),
        *_in_any_order(all_taints=all_taints),
        *_everywhere(),
        *_cost(copath),
        *_total(),
    )


def _check(tick: Tick) -> Finding:
    return together((prove_all(lemmas(), tick), healing_evidence.taints(plan, tick)))


def _refute(tick: Tick) -> Finding:
    return prove_all(lemmas(all_taints=True), tick)


CLAIM = Claim(
    name="lemma1-taints",
    statement="after create in a full tree, an update by one member of every pair of leaves but "
    "the creator's, in any order, removes every taint with (n/2 - 1) log2 n ciphertexts",
    source="Klein et al., IEEE S&P 2021, Lemma 1; specification T3 and T4",
    bound="steps for every n = 2^k and order, composed in the file; on the real rules: n = 2, 4, "
    "8 in all orders by all creators, n = 16 to 256 in random orders of seed 1",
    check=_check,
    twin="an update re-keys all that is tainted, not only what its author tainted",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over updates and heights, in the file; that the premises are the "
    "protocol's rules, which is only tested",
)
