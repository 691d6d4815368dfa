"""No one-round rule agrees on P4, the smallest tree of diameter 3; on P3, one does."""

from __future__ import annotations

from agreement.graph import path
from agreement.task import Task
from models.one_round_rules import no_rule
from ttkem.verification.claim import Claim, Finding, Refutes, Tick


def _check(tick: Tick) -> Finding:
    return no_rule(Task(path(4)), 3, tick)


def _refute(tick: Tick) -> Finding:
    return no_rule(Task(path(3)), 3, tick)


CLAIM = Claim(
    name="tree-rules",
    statement="no rule that decides by the set of inputs seen lets 3 processes agree on P4 in one "
    "round",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006 (no protocol does in fewer than 2 rounds)",
    bound="P4, n = 3, one immediate snapshot, all 41,472 such rules, all inputs and schedules",
    check=_check,
    twin="no such rule exists for P3",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    trusts="the enumeration of rules in models.one_round_rules",
)
