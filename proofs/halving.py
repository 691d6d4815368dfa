"""A range that each round divides by the same number, rounding up: how many rounds reduce it to 1.

Let range(0) = start and range(r + 1) <= ceil(range(r) / parts). Claim, by induction over r: for
every m, if start <= m parts^r then range(r) <= m. So range(r) <= ceil(start / parts^r).

Step: let start <= m parts^(r + 1) = (parts m) parts^r. By the claim for r and parts m, range(r) <=
parts m; so range(r + 1) <= m. []

With m = 1: `halvings(start, parts)` of the code, the least K with start <= parts^K, is enough. That
the code computes this number is checked for all ranges up to 5000.

The claims on paths, trees and two processes use this, together with what one round does, and with
a check that their protocols take that number of rounds (`rounds_as_coded`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from agreement.protocols.protocol import halvings
from agreement.verdict import Verdict
from agreement.wording import counted
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.protocols import Protocol

MOST = 5000

START, NOW, THEN, M, POWER = z3.Ints("start now then m power")
ROUNDS = {"r rounds": POWER >= 1, "ranges": z3.And(START >= 0, NOW >= 0, THEN >= 0, M >= 0)}


def rounds(parts: int, fewer: int = 0) -> tuple[Lemma, ...]:
    """Return the lemmas of the induction over rounds; the variable `power` is parts^r.

    With `fewer`, the last lemma says that `fewer` rounds less than K are enough.
    """
    before = {"no round yet": z3.And(POWER == 1, NOW == START)}
    # The claim for r and parts * m gives the claim for r + 1 and m.
    claim = {"after r rounds": z3.Implies(START <= parts * M * POWER, NOW <= parts * M)}
    divided = {"a round divides": THEN <= (NOW + parts - 1) / parts}
    enough = {"K rounds": START <= POWER * parts**fewer, "m is 1": M == 1}
    ended = {"after K rounds": z3.Implies(START <= M * POWER, NOW <= M)}
    return (
        Lemma("no round", ROUNDS | before, z3.Implies(START <= M * POWER, NOW <= M)),
        Lemma(
            "one more round",
            ROUNDS | claim | divided,
            z3.Implies(START <= M * (parts * POWER), THEN <= M),
        ),
        Lemma("K rounds are enough", ROUNDS | enough | ended, NOW <= 1),
    )


def as_coded(parts: int, most: int) -> Finding:
    """Check that `halvings` is the least K with range <= parts^K."""
    for length in range(1, most + 1):
        k = halvings(length, parts)
        if not (length <= parts**k and (k == 0 or length > parts ** (k - 1))):
            return refuted(f"halvings({length}, {parts}) is {k}")
    return Finding(Verdict.HOLDS, (("ranges", most),))


def rounds_as_coded(protocols: Iterable[Protocol], parts: int) -> Finding:
    """Check that each takes exactly the rounds that reduce the diameter of its graph to 1."""
    looked = 0
    for protocol in protocols:
        looked += 1
        diameter = protocol.task.graph.diameter
        if protocol.rounds != halvings(diameter, parts):
            taken = counted(protocol.rounds, "round")
            shown = f"{protocol.name}, diameter {diameter}: {taken}"
            return refuted(shown)
    return Finding(Verdict.HOLDS, (("protocols", looked),))


def _check(tick: Tick) -> Finding:
    found = [prove_all(rounds(parts), tick) for parts in (2, 3)]
    return together([*found, *(as_coded(parts, MOST) for parts in (2, 3))])


def _refute(tick: Tick) -> Finding:
    return prove_all(rounds(2, fewer=1), tick)


CLAIM = Claim(
    name="halving",
    statement="a range d that each round divides by 2 (or 3), rounding up, is at most d / 2^r "
    "(d / 3^r), rounded up, after r rounds, and at most 1 after the number of rounds of the code",
    source="agreement.protocols.protocol.halvings [D]",
    bound="every d and r; the code's number: d up to 5000",
    check=_check,
    twin="one round fewer is enough",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over rounds, in the file",
)
