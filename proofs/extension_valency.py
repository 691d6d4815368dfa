"""Facets of one round are connected, so that from a bivalent configuration a round leads to one.

Fischer, Lynch, Paterson 1985, in the model of AAEGZ23. Let C be bivalent: two outputs can be
reached from it. After one round of all, by any of its facets, what can be reached is a set of
outputs, not empty if the protocol ends. Two facets that share a state share an output: what that
process outputs if it goes on alone. If all were univalent, connected facets would all have one and
the same output, and C too. So it is enough that facets are connected by shared states: a prover
never gets stuck, and the phases never end, unless the protocol fails before.
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
    """For each number of processes."""
    for count, facets in rounds.items():
        tick(f"{count} processes")
        if (alone := unconnected(facets)) is not None:
            return refuted(f"{count} processes: views {facets[0]} and {alone} do not meet")
    return Finding(Verdict.HOLDS, (("facets", sum(map(len, rounds.values()))),))


def _check(tick: Tick) -> Finding:
    return connected({count: one_round("immediate", count) for count in (2, 3, 4, 5)}, tick)


def _refute(tick: Tick) -> Finding:
    in_order = tuple(views for views in one_round("immediate", 2) if views != (3, 3))
    return connected({2: in_order}, tick)


CLAIM = Claim(
    name="extension-valency",
    statement="the facets of one immediate snapshot are connected by views that they share; hence, "
    "by the argument in the file, some round leads from a bivalent configuration to a bivalent one",
    source="Fischer, Lynch, Paterson, J. ACM 1985; Alistarh, Aspnes, Ellen, Gelashvili, Zhu, SIAM "
    "J. Comput. 2023 (from memory)",
    bound="all facets, 2 to 5 processes; protocols that end, and configurations with all in the "
    "same round, are those of the argument",
    check=_check,
    twin="two processes that an object never lets move together",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.BOUNDED,
    trusts="agreement.topology.one_round, the tables of one round; the argument in the file",
)
