"""Forks never rejoin: who has gone apart and stays never has one transcript with the other again.

Statement (KPWK21 section 2; specification T5): let two members have been, since they joined, at
transcripts of which neither goes on from the other. From then on, until one leaves and joins again,
they never have the same transcript, and neither ever is where a message is accepted that was made
on what follows the other's.

The idea: a member's transcript goes on from all that it has been at, and what a transcript goes on
from is in line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from z3 import And, Implies, Not, Or

from proofs.treekem.mutants import HISTORY_MUTANTS
from proofs.treekem.tainted import Member, Op
from proofs.treekem.transcripts import HISTORIES, Transcript, histories
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import System, every

if TYPE_CHECKING:
    from proofs.treekem.transcripts import HistoryRules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["CLAIM", "system"]


def _properties(s: Symbols) -> Formulas:
    return {
        "apart for good": every(
            (Member, Member, Transcript, Transcript, Transcript),
            lambda m, n, t, u, w: Implies(
                And(s.was(m, t), s.was(n, u), Not(Or(s.prefix(t, u), s.prefix(u, t)))),
                Not(And(s.at(m, w), s.at(n, w))),
            ),
        ),
        "deaf to each other": every(
            (Member, Transcript, Transcript, Op),
            lambda m, t, u, q: Implies(
                And(
                    s.was(m, t),
                    Not(Or(s.prefix(t, u), s.prefix(u, t))),
                    s.made(q),
                    s.prefix(u, s.base(q)),
                ),
                Not(s.at(m, s.base(q))),
            ),
        ),
    }


def system(rules: HistoryRules = HISTORIES) -> System:
    """Return the system of members and messages."""
    return histories(_properties, rules)


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(HISTORY_MUTANTS["neither epoch nor transcript is compared"]), tick)


CLAIM = Claim(
    name="forks",
    statement="members whose histories have parted never share one again, nor read each other, "
    "until one leaves and joins again",
    source="Klein et al., IEEE S&P 2021, section 2; specification T5",
    bound="every number of members, messages and forks, every schedule",
    check=_check,
    twin="neither epoch nor transcript is compared",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the rules of proofs.treekem; "
    "no collisions of transcript hashes",
)
