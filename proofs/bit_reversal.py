"""KPWK21 Lemma 1, blanks: bit-reversal order costs exactly n (log2 n - 2) + 2.

Number the pairs of leaves from 0 to 2^(k-1) - 1; the creator's is pair 0. In bit-reversal order the
pair whose turn is t has the number t with its k - 1 bits reversed; turn 0 is that of `create`.
Source: KPWK21 Lemma 1; specification T4.

The argument. The last bit of t becomes the first of the pair: at the root, turns alternate between
the halves, and the turns of one half are in bit-reversal order again, with turn 0 in the creator's.
So at every node the second operation to refresh it comes from the other half, which costs the least
by `lemma1-blanks`. If the creator is in another pair, number the pairs from there by exclusive or.
(The lemma on the second turn merely states that 0 and 1 differ in their last bit.)

Trusted: Z3, structural induction on the tree, and `lemma1-blanks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from agreement.verdict import Verdict
from proofs.costs.real_rules import create, operation
from ttkem.blanking.refresh import plan
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from proofs.costs.counting import Premises
    from ttkem.cgka.plan import Planner
    from ttkem.verification.claim import Tick

__all__ = ["CLAIM", "evidence", "lemmas", "turns"]

HEIGHTS = range(1, 9)
"""The heights of the trees that the real rules are run on."""

pair = z3.Function("pair", z3.IntSort(), z3.IntSort(), z3.IntSort())
"""The pair of a turn, by number of bits and turn: the turn with its bits reversed."""
power = z3.Function("power_of_two", z3.IntSort(), z3.IntSort())
T, LATER = z3.Ints("turn later_turn")


def _reversal(bits: z3.ArithRef) -> Premises:
    """Return the recurrence of bit reversal: the last bit of a turn is the first of its pair."""
    return {
        "no bits, one pair": pair(0, T) == 0,
        "the last bit becomes the first": pair(bits + 1, T)
        == (T % 2) * power(bits) + pair(bits, T / 2),
        "one is a power of two": power(0) == 1,
        "twice a power of two": power(bits + 1) == 2 * power(bits),
    }


def _within(bits: z3.ArithRef, turn: z3.ArithRef) -> z3.BoolRef:
    return z3.And(pair(bits, turn) >= 0, pair(bits, turn) < power(bits))


def lemmas(first: Callable[[z3.ArithRef], z3.BoolRef] | None = None) -> tuple[Lemma, ...]:
    """Return the lemmas; another test ``first`` of the first half gives a negative twin."""
    in_first = first or (lambda turn: turn % 2 == 0)
    bits = z3.Int("bits")
    more = {**_reversal(bits), "in a half so too": _within(bits, T / 2)}
    creator = {**_reversal(bits), "turn 0": T == 0, "in a half so too": pair(bits, T / 2) == 0}
    none = {**_reversal(z3.IntVal(0)), "turn 0": T == 0}
    following = {
        "two turns of one half": T % 2 == LATER % 2,
        "no other between": z3.And(T < LATER, z3.Not(T + 2 < LATER)),
    }
    inner = {"half of the turns are of each half": power(bits) >= 1}
    second = {**inner, "the first two turns": z3.And(T == 0, LATER == 1)}
    return (
        Lemma("no bits: pair 0", _reversal(z3.IntVal(0)), _within(z3.IntVal(0), T)),
        Lemma("so many bits, so many pairs", more, _within(bits + 1, T)),
        Lemma("the half is the last bit", more, (pair(bits + 1, T) >= power(bits)) == (T % 2 == 1)),
        Lemma("within a half, all but the last bit", more, _rest(bits) == pair(bits, T / 2)),
        Lemma("within a half, turn after turn", following, LATER / 2 == T / 2 + 1),
        Lemma("turn 0 is the creator's: no bits", none, pair(0, T) == 0),
        Lemma("turn 0 is the creator's: one bit more", creator, pair(bits + 1, T) == 0),
        Lemma("the second turn is of the other half", second, in_first(T) != in_first(LATER)),
    )


def _rest(bits: z3.ArithRef) -> z3.ArithRef:
    """Return the pair's number within its half."""
    number = pair(bits + 1, T)
    return z3.If(number >= power(bits), number - power(bits), number)


def turns(height: int, creator: int = 0) -> tuple[int, ...]:
    """Return the updating members, the left one of each pair, in bit-reversal order."""
    bits = height - 1
    reverse = (
        sum((turn >> i & 1) << (bits - 1 - i) for i in range(bits)) for turn in range(1 << bits)
    )
    return tuple(2 * (place ^ creator >> 1) for place in reverse)[1:]


def evidence(planner: Planner, tick: Tick) -> Finding:
    """Check the cost of bit-reversal order under the real rules, by height and creator."""
    runs = 0
    for height in HEIGHTS:
        tick(f"the real rules, n = {1 << height}")
        for creator in sorted({0, (1 << height) // 3, (1 << height) - 1}):
            tree, total = create(planner, height, creator).tree, 0
            for updater in turns(height, creator):
                done = operation(planner, tree, updater)
                tree, total = done.tree, total + len(done.sent)
            runs += 1
            if total != (least := (height - 2 << height) + 2):
                shown = f"n = {1 << height}, creator {creator}: {total} ciphertexts, not {least}"
                return refuted(shown, (("runs", runs),))
    return Finding(Verdict.HOLDS, (("runs of the real rules", runs),))


def _check(tick: Tick) -> Finding:
    return together((prove_all(lemmas(), tick), evidence(plan, tick)))


def _refute(tick: Tick) -> Finding:
    return prove_all(lemmas(lambda turn: turn < power(z3.Int("bits"))), tick)


CLAIM = Claim(
    name="lemma1-bit-reversal",
    statement="in bit-reversal order these updates cost exactly n (log2 n - 2) + 2 ciphertexts "
    "with blanking: the bound is attained",
    source="Klein et al., IEEE S&P 2021, Lemma 1; specification T4",
    bound="steps for every n = 2^k, composed in the file; on the real rules: n = 2 to 256",
    check=_check,
    twin="from left to right: all of the first half before the other",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; structural induction on the tree, in the file; `lemma1-blanks` with what it trusts",
)
