"""No one-round rule agrees on the 4-cycle; on the 4-cycle with a chord, one does."""

from __future__ import annotations

from agreement.graph import cycle
from agreement.graph.examples import DIAMOND
from agreement.task import Task
from models.one_round_rules import no_rule
from ttkem.verification.claim import Claim, Finding, Refutes, Tick


def _check(tick: Tick) -> Finding:
    return no_rule(Task(cycle(4)), 3, tick)


def _refute(tick: Tick) -> Finding:
    return no_rule(Task(DIAMOND), 3, tick)


CLAIM = Claim(
    name="cycle-rules",
    statement="no rule that decides by the set of inputs seen lets 3 processes agree on C4 in one "
    "round",
    source="Alistarh, Ellen, Rybicki, TCS 2023 (no protocol does, in any number of rounds)",
    bound="C4, n = 3, one immediate snapshot, all 65,536 such rules, all inputs and schedules",
    check=_check,
    twin="no such rule exists for C4 with a chord",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    slow=True,
    trusts="the enumeration of rules in models.one_round_rules",
)
