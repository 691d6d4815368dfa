"""TTKEM: what an update costs at least and at most, by the number of lowest tainted nodes.

Let a full tree have n = 2^k leaves, and let m count the author's *lowest* tainted nodes: off their
path, with none of theirs below (:mod:`proofs.taint_chains`). An update that refreshes S

* refreshes k <= |S| <= k + sum of min(m, 2^d - 1) over d from 1 to k - 1,
* sends exactly |S| + m ciphertexts: log2 n without taints, and at most (m + 1) log2 n,
* has m <= n/2 - 1, so that it sends at most 3n/2 - 2: as many as `create` does.

In a tree that is not full, an update or a removal that leaves something of its main path sends at
most |S| + m, and an add, which sends to the new member's leaf too, at most |S| + 1. Source:
specification T3 and T4 [D].

The argument. Every node of S has two children. A node that continues a chain sends to one of them,
not to its predecessor; the node that starts the author's chain sends to one, not to the fresh leaf;
a node that starts another chain sends to both. So the number of ciphertexts is that of nodes and of
further chains, an invariant of the nodes in chains so far; there are m further chains. At height h,
at most m nodes of S are off the path, and at most all 2^(k-h) - 1 of them. Lowest tainted nodes are
above different pairs of leaves, of which n/2 - 1 are off the path.

Trusted: Z3, and what `taint-chains` trusts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from proofs.costs import taint_evidence
from proofs.costs.counting import induction, leaves
from ttkem.tainted.refresh import plan
from ttkem.verification.claim import Claim, Kind, Refutes, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from proofs.costs.counting import Premises
    from ttkem.verification.claim import Finding, Tick

__all__ = ["CLAIM", "lemmas"]

M = z3.Int("m")
off = z3.Function("off_the_path", z3.IntSort(), z3.IntSort())
"""The number of nodes off a path, by their distance from the root."""
most = z3.Function("most_refreshed_off_the_path", z3.IntSort(), z3.IntSort())
"""The greatest number of nodes of S off the path, up to a distance from the root."""


def _nodes(*, copath: int) -> tuple[Lemma, ...]:
    """Return the lemmas on the ciphertexts of one node.

    Negative twin: a child off the chain is sent to ``copath`` times.
    """
    child, other = z3.Ints("members_below_the_child members_below_the_other")
    sent = z3.Int("ciphertexts_of_the_node")
    predecessor, only_author = z3.Bools("child_is_predecessor_or_fresh_leaf only_the_author_below")

    def due(count: z3.ArithRef, exempt: z3.BoolRef) -> z3.ArithRef:
        return z3.If(z3.And(count > 0, z3.Not(exempt)), copath, 0)

    node = {
        "members are counted": z3.And(child >= 0, other >= 0),
        "ciphertexts go to the other children": sent
        == due(child, predecessor) + due(other, z3.And(only_author, other == 1)),
    }
    full = {
        "the tree is full": z3.And(child > 0, other > 0),
        "the author is not below the other": z3.Not(only_author),
    }
    on = {"a chain goes on, or the author's starts": predecessor}
    start = {"another chain starts": z3.Not(predecessor)}
    empty = {"a removal's main path starts above an empty child": child == 0}
    return (
        Lemma("full: one, going on", {**node, **full, **on}, sent == 1),
        Lemma("full: two, at a start", {**node, **full, **start}, sent == 2),  # noqa: PLR2004
        Lemma("at most one, going on", {**node, **on}, sent <= 1),
        Lemma("at most two, at a start", {**node, **start}, sent <= 2),  # noqa: PLR2004
        Lemma("at most one, above an empty child", {**node, **start, **empty}, sent <= 1),
    )


def _chains(*, full: bool, first_sends: int = 1) -> tuple[Lemma, ...]:
    """Return the lemmas on the ciphertexts of the nodes in chains so far.

    The very first node sends ``first_sends``; at most so many if the tree is not ``full``.
    """
    now = z3.Ints("nodes chains ciphertexts")
    later = z3.Ints("nodes_after chains_after ciphertexts_after")
    (nodes, chains, cost), (nodes_after, chains_after, cost_after) = now, later

    def invariant(nodes: z3.ArithRef, chains: z3.ArithRef, cost: z3.ArithRef) -> z3.BoolRef:
        bound = nodes + chains - 2 + first_sends
        return cost == bound if full else cost <= bound

    def more(sent: int) -> z3.BoolRef:
        return cost_after == cost + sent if full else cost_after <= cost + sent

    its_cost = cost == first_sends if full else cost <= first_sends
    first = {"the first node": z3.And(nodes == 1, chains == 1, its_cost)}
    goes_on = z3.And(nodes_after == nodes + 1, chains_after == chains, more(1))
    starts = z3.And(nodes_after == nodes + 1, chains_after == chains + 1, more(2))
    step = {
        "the invariant": invariant(*now),
        "a chain goes on, or another starts": z3.Or(goes_on, starts),
    }
    name = "ciphertexts in a full tree" if full else f"ciphertexts at most, the first {first_sends}"
    return (
        Lemma(f"{name}: the first node", first, invariant(*now)),
        Lemma(f"{name}: one more", step, invariant(*later)),
    )


def _heights() -> tuple[Lemma, ...]:
    """Return the lemmas on the number of nodes that may be refreshed off the path."""

    def rules(d: z3.ArithRef) -> Premises:
        return {
            "there is one root, on the path": off(0) == 0,
            "children of those off the path, and one of those on it": off(d + 1) == 2 * off(d) + 1,
            "one leaf at height 0": leaves(0) == 1,
            "two halves have the leaves": leaves(d + 1) == 2 * leaves(d),
            "none above the root": most(0) == 0,
            "at most m, and at most what there is": most(d + 1)
            == most(d) + z3.If(off(d + 1) < M, off(d + 1), M),
        }

    count = {"as many as leaves, but one": lambda d: off(d) == leaves(d) - 1}
    sums = {
        "at most m each": lambda d: most(d) <= M * d,
        "at most all": lambda d: z3.And(off(d) == leaves(d) - 1, most(d) <= 2 * off(d) - d),
    }
    found: list[Lemma] = []
    for name, claim in {**count, **sums}.items():
        found += induction(f"off the path, {name}", rules, claim, start=0)
    return tuple(found)


def _bounds() -> tuple[Lemma, ...]:
    """Return the lemmas that follow for an update in a full tree."""
    k, size, cost = z3.Ints("k refreshed ciphertexts")
    given = {
        "there is an internal node": k >= 1,
        "nodes and m further chains": cost == size + M,
        "the path, and what is off it": z3.And(k <= size, size <= k + most(k - 1)),
        "m are above different pairs off the path": z3.And(M >= 0, off(k - 1) >= M),
        "at most m each": most(k - 1) <= M * (k - 1),
        "at most all": most(k - 1) <= 2 * off(k - 1) - (k - 1),
        "as many as leaves, but one": off(k - 1) == leaves(k - 1) - 1,
        "two halves have the leaves": leaves(k) == 2 * leaves(k - 1),
    }
    return (
        Lemma("at least log2 n", given, cost >= k),
        Lemma("at most (m + 1) log2 n", given, cost <= (M + 1) * k),
        Lemma("at most all nodes and m", given, cost <= leaves(k) - 1 + M),
        Lemma("at most 3n/2 - 2", given, 2 * cost <= 3 * leaves(k) - 4),
    )


def lemmas(*, copath: int = 1) -> tuple[Lemma, ...]:
    """Return the lemmas; another rule gives a negative twin."""
    return (
        *_nodes(copath=copath),
        *_chains(full=True),
        *_chains(full=False),
        *_chains(full=False, first_sends=2),
        *_heights(),
        *_bounds(),
    )


def _check(tick: Tick) -> Finding:
    return together((prove_all(lemmas(), tick), taint_evidence.costs(plan, tick)))


def _refute(tick: Tick) -> Finding:
    return prove_all(lemmas(copath=2), tick)


CLAIM = Claim(
    name="taint-costs",
    statement="TTKEM: in a full tree an update costs one ciphertext for each node it refreshes and "
    "one for each of the author's m lowest tainted nodes: from log2 n to the less of "
    "(m + 1) log2 n and 3n/2 - 2",
    source="specification T3 and T4; the bounds are our own [D]",
    bound="steps for every n = 2^k and taints, composed in the file; the real rules in 24 random "
    "histories of 40 operations, seed 1, and with every set of pairs left tainted for n <= 16",
    check=_check,
    twin="a child off the chain is sent to twice",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over heights and over what is in chains, in the file; what "
    "`taint-chains` shows and trusts; that the premises are the protocol's rules, which is only "
    "tested",
)
