"""Two assumptions of `extension_regions` on a round: views are nested, and all see some process.

They hold for immediate snapshots and for snapshots, so that the argument does not depend on which
of the two a round consists of (AAEGZ23 has both, NIIS and NIS, as recalled). Processes that stopped
earlier write nothing, so that it is enough to look at rounds in which all processes continue. Views
of collects need not be nested.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from agreement.topology import one_round
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, refuted, together

if TYPE_CHECKING:
    from ttkem.verification.claim import Tick


def fault(views: tuple[int, ...]) -> str:
    """Return what is wrong with the views of a round, or the empty string.

    Views are bit sets, one for each process.
    """
    for first, second in combinations(views, 2):
        if first & second not in {first, second}:
            return f"views {first:b} and {second:b} are not nested"
    common = views[0]
    for view in views:
        common &= view
    return "" if common else "no process is seen by all"


def rounds(communication: str, counts: range, tick: Tick) -> Finding:
    """Check all rounds of a communication model, for these numbers of processes."""
    looked_at = 0
    for count in counts:
        tick(f"{communication}, n = {count}")
        for views in one_round(communication, count):
            if wrong := fault(views):
                return refuted(f"{communication}: {wrong}", (("rounds", looked_at),))
            looked_at += 1
    return Finding(Verdict.HOLDS, (("rounds", looked_at),))


def _check(tick: Tick) -> Finding:
    return together(rounds(model, range(1, 6), tick) for model in ("immediate", "snapshot"))


def _refute(tick: Tick) -> Finding:
    return rounds("collect", range(1, 4), tick)


CLAIM = Claim(
    name="extension-carriers",
    statement="in a round, the views of any two processes are nested, and all see some process",
    source="Alistarh, Aspnes, Ellen, Gelashvili, Zhu, SIAM J. Comput. 2023 (from memory); "
    "agreement.extension.adversary",
    bound="all rounds of immediate snapshots and of snapshots of 1 to 5 processes",
    check=_check,
    twin="rounds of collects",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.BOUNDED,
    trusts="agreement.topology.one_round, the tables of one round",
)
