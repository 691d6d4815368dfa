"""Tainted TreeKEM: in every run within the bound, no key that is called safe can be derived."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agreement.verdict import Verdict
from ttkem.adversary import Bound, TaintRules, explore, format_trace, shortest_failure
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, refuted

if TYPE_CHECKING:
    from ttkem.adversary import Explored, Situation

BOUNDS = (
    Bound(("a", "b", "c", "d"), group=3, operations=2),
    Bound(("a", "b", "c", "d"), group=4, operations=2, interchangeable=("c", "d")),
    Bound(("a", "b", "c", "d"), group=2, operations=3),
)
LARGER = (Bound(("a", "b", "c", "d"), group=3, operations=3),)
"""The bound explored as well if the environment has ``TTKEM_LARGER_BOUNDS=1``; takes minutes."""


class ForgetfulRules(TaintRules):
    """Broken rules: no member re-keys nodes that it, or a member that it removes, has tainted."""

    def tainted(self, now: Situation) -> list[int]:
        """Return no tainted nodes."""
        del now
        return []


def bounds() -> tuple[Bound, ...]:
    """Return the bounds to explore, the larger ones too if the environment asks for them."""
    return BOUNDS + (LARGER if os.environ.get("TTKEM_LARGER_BOUNDS") == "1" else ())


def _check(tick: Tick) -> Finding:
    prefixes = runs = pairs = 0
    for number, bound in enumerate(bounds(), start=1):

        def progress(explored: Explored, number: int = number) -> None:
            tick(f"bound {number}, {explored.prefixes:,} states")

        explored = explore(bound, on_progress=progress)
        if explored.findings:
            return _refuted(explored)
        prefixes += explored.prefixes
        runs += explored.runs
        pairs += explored.pairs
    figures = (("states", prefixes), ("runs", runs), ("pairs of a key and an atom", pairs))
    return Finding(Verdict.HOLDS, figures)


def _refute(tick: Tick) -> Finding:
    tick("taints are forgotten")
    explored = shortest_failure(BOUNDS[0], ForgetfulRules())
    if explored.findings:
        return _refuted(explored)
    return Finding(Verdict.HOLDS, (("states", explored.prefixes),))


def _refuted(explored: Explored) -> Finding:
    shown = f"{explored.findings[0].what}\n{format_trace(explored.failing)}"
    return refuted(shown, (("states", explored.prefixes),))


CLAIM = Claim(
    name="taint-windows",
    statement="TTKEM, symbolic model: in small runs no corruption outside the critical windows "
    "gives a group key",
    source="Klein et al., IEEE S&P 2021, section 4; specification T6 [D]; "
    "ttkem.adversary.exhaustive",
    bound="symbolic, 4 names; from groups of 2, 3 and 4: all runs of 3, 2 and 2 more operations "
    "(TTKEM_LARGER_BOUNDS=1: of 3 from 3), all deliveries, verdicts and forks, all atoms",
    check=_check,
    twin="no member re-keys the nodes that it taints",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    trusts="ttkem.adversary: the symbolic model, windows, knowledge graph",
    slow=True,
)
