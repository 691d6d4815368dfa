"""Facets of one round are connected, so that some round leads from a bivalent configuration to one.

This is the argument of Fischer, Lynch, Paterson 1985 in the model of AAEGZ23. Let C be bivalent:
two outputs can be reached from it. After one round of all processes, through any of its facets, the
outputs that can be reached are a set, which is not empty if the protocol terminates. Two facets
that share a state share an output, namely what that state's process outputs if it continues alone.
If all facets were univalent, connected facets would all have the same output, and C would be
univalent too. So it is enough that shared states connect all facets. Then a prover can always go
on, and the phases never end, unless the protocol fails earlier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.topology import one_round
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, refuted

if TYPE_CHECKING:
    from ttkem.verification.claim import Tick

Facets = tuple[tuple[int, ...], ...]


def unconnected(facets: Facets) -> tuple[int, ...] | None:
    """Return a facet that shared views do not connect with the first one; None if there is none."""
    reached, todo = {facets[0]}, [facets[0]]
    while todo:
        now = todo.pop()
        for other in facets:
            if other not in reached and any(a == b for a, b in zip(now, other, strict=True)):
                reached.add(other)
                todo.append(other)
    return next((facet for facet in facets if facet not in reached), None)


def connected(rounds: dict[int, Facets], tick: Tick) -> Finding:
    """Check that shared views connect the facets, for each number of processes."""
    for count, facets in rounds.items():
        tick(f"n = {count}")
        if (alone := unconnected(facets)) is not None:
            return refuted(f"{count} processes: views {facets[0]} and {alone} are not connected")
    return Finding(Verdict.HOLDS, (("facets", sum(map(len, rounds.values()))),))


def _check(tick: Tick) -> Finding:
    return connected({count: one_round("immediate", count) for count in (2, 3, 4, 5)}, tick)


def _refute(tick: Tick) -> Finding:
    in_order = tuple(views for views in one_round("immediate", 2) if views != (3, 3))
    return connected({2: in_order}, tick)


CLAIM = Claim(
    name="extension-valency",
    statement="the facets of one immediate snapshot are connected by shared views; hence, by the "
    "argument in the file, some round leads from a bivalent configuration to a bivalent one",
    source="Fischer, Lynch, Paterson, J. ACM 1985; Alistarh, Aspnes, Ellen, Gelashvili, Zhu, SIAM "
    "J. Comput. 2023 (from memory)",
    bound="all facets, 2 to 5 processes; the argument is about protocols that terminate, and "
    "configurations with all processes in the same round",
    check=_check,
    twin="two processes never move together",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.BOUNDED,
    trusts="agreement.topology.one_round, the tables of one round; the argument in the file",
)
