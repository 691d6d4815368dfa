"""KPWK21 Lemma 1, blanks: no order of the same updates costs less than n (log2 n - 2) + 2.

After `create` in a full tree of n = 2^k leaves only the creator's path has keys. Let one member of
every pair of leaves but the creator's update once, in any order: TreeKEM with blanking sends at
least n (log2 n - 2) + 2 ciphertexts, and exactly as many if and only if at every node above the
pairs the first two operations that refresh it, counting `create`, come from different halves.
Source: KPWK21 Lemma 1; specification T4; the condition is our own [D].

The argument goes up the tree. The cost of updates at the nodes of a subtree depends on its own
updaters only: nobody else keys a node in it. An updater *passes* the nodes of its path. At an
internal node off the creator's path, with two halves of 2^h leaves each, 2^h updaters pass. One
that finds the other half without any key pays 2^h; all others pay 1. The first updater pays 2^h,
and so do those of the same half up to the first from the other one: at least 2^(h+1) - 1 in all. On
the creator's path 2^h - 1 updaters pass, and only those of the creator's half may find the other
half without keys: at least 2^h - 1. By induction, a subtree of
height h costs at least (h - 1) 2^h + 1 if the creator is not in it, and (h - 2) 2^h + 2 if the creator is.

Trusted: Z3, structural induction on the tree, and that the rules of blanking are the premises, of
which the real rules are evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import z3

from proofs.costs import healing_evidence
from proofs.costs.blank_keys import keys, resolutions
from proofs.costs.counting import PAIR, beside, beside_creator, counted, induction, leaves, updaters
from ttkem.blanking.refresh import plan
from ttkem.verification.claim import Claim, Kind, Refutes, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from proofs.costs.counting import Premises
    from ttkem.verification.claim import Finding, Tick

__all__ = ["CLAIM", "lemmas"]

H = z3.Int("h")
"""The height of the two halves below a node."""
_State: TypeAlias = "tuple[z3.ArithRef, z3.ArithRef, z3.ArithRef, z3.ArithRef, z3.BoolRef]"
"""The costs at a node so far: how many updaters passed from the left and from the right half, how
many of them found the other half without keys, how many ciphertexts were sent, and whether the
first two to pass came from different halves."""


def _state(suffix: str = "") -> _State:
    left, right, dear, paid = (
        z3.Int(f"{name}{suffix}") for name in ("left", "right", "dear", "paid")
    )
    return left, right, dear, paid, z3.Bool(f"crosses{suffix}")


def _invariant(state: _State, *, creator: bool) -> z3.BoolRef:
    """State the invariant of the costs at a node.

    With the creator in the left half, `create` is the first to pass, and has paid already.
    """
    left, right, dear, paid, crosses = state
    passed, least = left + right, int(not creator)
    two = passed >= 1 + least
    return z3.And(
        left >= 0,
        right >= 0,
        paid == passed + dear * (leaves(H) - 1),
        z3.Implies(passed > 0, dear >= least),
        z3.Implies(two, (dear == least) == crosses),
        z3.Implies(right == 0, dear == left),
        dear >= 0 if creator else z3.Implies(left == 0, dear == right),
    )


def _update(now: _State, later: _State, *, creator: bool) -> z3.BoolRef:
    """State that a member of one half passes, and pays for the other half.

    The price is all leaves of the other half, or 1 if it has a key.
    """
    left, right, dear, paid, crosses = now
    left_after, right_after, dear_after, paid_after, crosses_after = later

    def pays(untouched: z3.BoolRef) -> z3.BoolRef:
        dearly = z3.And(dear_after == dear + 1, paid_after == paid + leaves(H))
        return z3.If(untouched, dearly, z3.And(dear_after == dear, paid_after == paid + 1))

    keyed = z3.BoolVal(creator)
    by_left = z3.And(left_after == left + 1, right_after == right, pays(right == 0))
    by_right = z3.And(
        left_after == left, right_after == right + 1, pays(z3.And(left == 0, z3.Not(keyed)))
    )
    second = left + right + int(creator) == 1
    first_left = z3.Or(left > 0, keyed)
    differs = z3.Xor(left_after > left, first_left)
    return z3.And(z3.Or(by_left, by_right), crosses_after == z3.If(second, differs, crosses))


def passing(*, creator: bool) -> tuple[Lemma, ...]:
    """Return the lemmas on the costs at a node with halves of height h.

    With ``creator``, the creator is in the left half.
    """
    now, later = _state(), _state("_after")
    left, right, dear, paid, crosses = now
    given = {"h is at least 1": H >= PAIR, **beside(H)}
    before = {**given, "the invariant": _invariant(now, creator=creator)}
    none = {"nobody has passed": z3.And(left == 0, right == 0, dear == 0, paid == 0)}
    update = {"a member passes and pays": _update(now, later, creator=creator)}
    of_left = beside_creator(H) if creator else updaters(H)
    everybody = {"all have passed": z3.And(left == of_left, right == updaters(H))}
    least = leaves(H) - 1 if creator else 2 * leaves(H) - 1
    name = f"{'on' if creator else 'off'} the creator's path"
    return (
        Lemma(f"{name}: none", {**given, **none}, _invariant(now, creator=creator)),
        Lemma(f"{name}: an update", {**before, **update}, _invariant(later, creator=creator)),
        Lemma(
            f"{name}: all",
            {**before, **everybody},
            z3.And(paid >= least, (paid == least) == crosses),
        ),
    )


def least_without(h: z3.ArithRef) -> z3.ArithRef:
    """Return the least cost of a subtree of height h without the creator."""
    return (h - 1) * leaves(h) + 1


def least_with(h: z3.ArithRef) -> z3.ArithRef:
    """Return the least cost of a subtree of height h with the creator; of the tree, for h = k."""
    return (h - 2) * leaves(h) + 2


def sums(*, creator: bool) -> tuple[Lemma, Lemma]:
    """Return the induction from the halves of a subtree to the whole, in explicit terms."""
    least = least_with if creator else least_without
    cost = z3.Function("cost", z3.IntSort(), z3.IntSort())
    crosses = z3.Function("crosses_everywhere", z3.IntSort(), z3.BoolSort())
    other, top = z3.Ints("cost_of_the_other_half paid_at_the_node")
    there, here = z3.Bools("crosses_in_the_other_half crosses_at_the_node")

    def claim(cost: z3.ArithRef, least: z3.ArithRef, crosses: z3.BoolRef) -> z3.BoolRef:
        return z3.And(cost >= least, (cost == least) == crosses)

    def rules(h: z3.ArithRef) -> Premises:
        at_node = leaves(h) - 1 if creator else 2 * leaves(h) - 1
        return {
            "one leaf at height 0": leaves(0) == 1,
            "two leaves are a pair": leaves(PAIR) == 2 * leaves(0),
            "two halves have the leaves": leaves(h + 1) == 2 * leaves(h),
            "a pair: its updater pays for one leaf": cost(PAIR) == (0 if creator else leaves(0)),
            "a pair is no node above pairs": crosses(PAIR),
            "the other half": claim(other, least_without(h), there),
            "the node": claim(top, at_node, here),
            "a subtree costs its halves and its node": cost(h + 1) == cost(h) + other + top,
            "everywhere": crosses(h + 1) == z3.And(crosses(h), there, here),
        }

    name = f"a subtree {'with' if creator else 'without'} the creator"
    return induction(name, rules, lambda h: claim(cost(h), least(h), crosses(h)))


def lemmas(
    *, updates_key_it_all: bool = False, short: int = 0, of_creators_pair: int = 0
) -> tuple[Lemma, ...]:
    """Return the lemmas; other rules give a negative twin."""
    return (
        *counted(of_creators_pair),
        *keys(updates_key_it_all=updates_key_it_all),
        *resolutions(short),
        *passing(creator=False),
        *passing(creator=True),
        *sums(creator=False),
        *sums(creator=True),
    )


def _check(tick: Tick) -> Finding:
    return together((prove_all(lemmas(), tick), healing_evidence.blanks(plan, tick)))


def _refute(tick: Tick) -> Finding:
    return prove_all(lemmas(short=1), tick)


CLAIM = Claim(
    name="lemma1-blanks",
    statement="in TreeKEM with blanking the same updates cost at least n (log2 n - 2) + 2 "
    "ciphertexts, in every order; exactly as many if and only if at every node above the "
    "pairs the first two operations to refresh it, counting create, come from different halves",
    source="Klein et al., IEEE S&P 2021, Lemma 1; specification T4",
    bound="steps for every n = 2^k and order, composed in the file; on the real rules: n = 2, 4, "
    "8 in all orders by all creators, n = 16 to 256 in random orders of seed 1",
    check=_check,
    twin="the resolution of a blank node is one less than that of its children",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; structural induction on the tree, in the file; that the premises are the "
    "protocol's rules, which is only tested",
)
