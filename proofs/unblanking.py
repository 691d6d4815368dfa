"""KPWK21 Lemma 1, blanks: no order of the same updates costs less than n (log2 n - 2) + 2.

After `create` in a full tree of n = 2^k leaves only the creator's path has keys. Let one member of
every pair of leaves but the creator's update once, in any order: TreeKEM with blanking sends at
least n (log2 n - 2) + 2 ciphertexts. Source: KPWK21 Lemma 1; ttkem.md section 4.

The argument goes up the tree. What updates cost at the nodes of a subtree depends on its own
updaters only: nobody else keys a node in it. At an inner node off the creator's path, with two
halves of 2^h leaves each, 2^h updaters pass. The first one finds the other half without any key
and pays 2^h, each of the others pays at least 1: at least 2^(h+1) - 1 in all. On the creator's path
2^h - 1 pass, and each pays at least 1. By induction, a subtree of height h costs at least
(h - 1) 2^h + 1 if the creator is not in it, and (h - 2) 2^h + 2 if the creator is.

Trusted: Z3, structural induction on the tree, and that the rules of blanking are the premises, of
which the real rules are evidence.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import z3

from models.claim import Claim, Kind, together
from proofs.blank_keys import evidence, keys, resolutions
from proofs.counting import PAIR, beside, beside_creator, counted, induction, leaves, updaters
from proofs.lemma import Lemma, prove_all
from ttkem.blanking.refresh import plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.claim import Finding, Tick
    from proofs.counting import Premises

__all__ = ["CLAIM", "lemmas", "passing", "sums"]

H = z3.Int("h")
"""Height of the two halves below a node."""


def passing(
    order: Callable[[z3.ArithRef], z3.BoolRef] | None, *, creator: bool
) -> tuple[Lemma, ...]:
    """What is paid at a node whose halves have height h, with or without the creator on the left.

    ``order`` says of a turn, counted from 0 with the creator's own left out, whether the next to
    pass comes from the left; then the least is attained. Without it anybody may be next.
    """
    skipped = int(creator)
    now, later = z3.Ints("left right paid"), z3.Ints("left_after right_after paid_after")
    all_left = beside_creator(H) if creator else updaters(H)

    def invariant(left: z3.ArithRef, right: z3.ArithRef, paid: z3.ArithRef) -> z3.BoolRef:
        passed, turn = left + right, left + right + skipped
        least = passed if creator else passed + z3.If(passed > 0, leaves(H) - 1, 0)
        within = (left >= 0, left <= all_left, right >= 0, right <= updaters(H))
        if order is None:
            return z3.And(*within, paid >= least)
        half = (left + skipped == (turn + 1) / 2, right == turn / 2)
        return z3.And(*within, *half, paid == least)

    def pays(half: z3.ArithRef) -> z3.ArithRef:
        return z3.If(half == 0, leaves(H), 1)

    (left, right, paid), (left_after, right_after, paid_after) = now, later
    of_left = z3.And(left < all_left, left_after == left + 1, right_after == right)
    of_right = z3.And(right < updaters(H), right_after == right + 1, left_after == left)
    given = {"h is at least 1": H >= PAIR, **beside(H)}
    before = {**given, "the invariant": invariant(*now)}
    update = {
        "a member of one half pays for the other": z3.Or(
            z3.And(of_left, paid_after == paid + pays(right)),
            z3.And(of_right, paid_after == paid + (1 if creator else pays(left))),
        )
    }
    if order is not None:
        update["the order"] = (left_after > left) == order(left + right + skipped)
    none = {"nobody has passed": z3.And(left == 0, right == 0, paid == 0)}
    everybody = {"all have passed": z3.And(left == all_left, right == updaters(H))}
    least = leaves(H) - 1 if creator else 2 * leaves(H) - 1
    name = f"{'on' if creator else 'off'} the creator's path"
    return (
        Lemma(f"{name}: none", {**given, **none}, invariant(*now)),
        Lemma(f"{name}: an update", {**before, **update}, invariant(*later)),
        Lemma(
            f"{name}: all",
            {**before, **everybody},
            paid >= least if order is None else paid == least,
        ),
    )


def least_without(h: z3.ArithRef) -> z3.ArithRef:
    """What a subtree of height h without the creator costs at least."""
    return (h - 1) * leaves(h) + 1


def least_with(h: z3.ArithRef) -> z3.ArithRef:
    """What a subtree of height h with the creator costs at least; the tree, for h = k."""
    return (h - 2) * leaves(h) + 2


def sums(*, attained: bool, creator: bool) -> tuple[Lemma, Lemma]:
    """From the halves of a subtree, with or without the creator, to the whole, in closed form."""
    relation = operator.eq if attained else operator.ge
    least = least_with if creator else least_without
    cost = z3.Function("cost", z3.IntSort(), z3.IntSort())
    other, top = z3.Ints("cost_of_the_other_half paid_at_the_node")

    def rules(h: z3.ArithRef) -> Premises:
        return {
            "one leaf at height 0": leaves(0) == 1,
            "two leaves are a pair": leaves(PAIR) == 2 * leaves(0),
            "two halves have the leaves": leaves(h + 1) == 2 * leaves(h),
            "a pair: its updater pays for one leaf": cost(PAIR) == (0 if creator else leaves(0)),
            "the other half": relation(other, least_without(h)),
            "the node": relation(top, leaves(h) - 1 if creator else 2 * leaves(h) - 1),
            "a subtree costs its halves and its node": cost(h + 1) == cost(h) + other + top,
        }

    name = f"a subtree {'with' if creator else 'without'} the creator"
    return induction(name, rules, lambda h: relation(cost(h), least(h)))


def lemmas(
    *, updates_key_it_all: bool = False, short: int = 0, of_creators_pair: int = 0
) -> tuple[Lemma, ...]:
    """The proof, or with other rules a twin."""
    return (
        *counted(of_creators_pair),
        *keys(updates_key_it_all=updates_key_it_all),
        *resolutions(short),
        *passing(None, creator=False),
        *passing(None, creator=True),
        *sums(attained=False, creator=False),
        *sums(attained=False, creator=True),
    )


def _check(tick: Tick) -> Finding:
    return together((prove_all(lemmas(), tick), evidence(plan, tick)))


def _refute(tick: Tick) -> Finding:
    return prove_all(lemmas(short=1), tick)


CLAIM = Claim(
    name="lemma1-blanks",
    statement="in TreeKEM with blanking the same updates cost at least n (log2 n - 2) + 2 "
    "ciphertexts, in every order",
    source="KPWK21 Lemma 1; ttkem.md section 4",
    bound="every n = 2^k, every order; beside the proof its premises on the real rules: n = 2, 4, "
    "8 in all orders by all creators, n = 16 to 256 in random orders of seed 1",
    check=_check,
    twin="the resolution of a blank node is one less than that of its children",
    refute=_refute,
    kind=Kind.INDUCTIVE,
    trusts="Z3; structural induction on the tree; that the premises are the protocol's rules",
)
