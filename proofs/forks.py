"""Forks never rejoin: once two members' histories have parted, their transcripts stay different.

Statement (KPWK21 section 2; specification T5): suppose two members have been, since they joined, at
two transcripts of which neither extends the other. From then on, until one of them leaves and joins
again, they never have the same transcript, and neither accepts a message that was made on a
transcript that extends the other's.

The idea: a member's transcript extends all transcripts that the member has been at, and of two
transcripts that a third one extends, one extends the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import named_clauses
from proofs.treekem.mutants import HISTORY_MUTANTS
from proofs.treekem.tainted import Member, Op
from proofs.treekem.transcripts import HISTORIES, Transcript, histories
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import System, every

if TYPE_CHECKING:
    from z3 import BoolRef

    from proofs.treekem.transcripts import HistoryRules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Symbols

__all__ = ["CLAIM", "system"]


def apart_for_good(s: Symbols) -> BoolRef:
    """State that members whose histories have parted are never at the same transcript."""
    return every(
        (Member, Member, Transcript, Transcript, Transcript),
        lambda m, n, t, u, w: Implies(
            And(s.was(m, t), s.was(n, u), Not(Or(s.prefix(t, u), s.prefix(u, t)))),
            Not(And(s.at(m, w), s.at(n, w))),
        ),
    )


def nothing_accepted_from_another_fork(s: Symbols) -> BoolRef:
    """State that a member is never where a message is accepted that extends another fork."""
    return every(
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
    )


PROPERTIES = named_clauses(apart_for_good, nothing_accepted_from_another_fork)
"""The claimed properties."""


def system(rules: HistoryRules = HISTORIES) -> System:
    """Return the system of members and messages."""
    return histories(PROPERTIES, rules)


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(HISTORY_MUTANTS["neither epoch nor transcript is compared"]), tick)


CLAIM = Claim(
    name="forks",
    statement="members whose histories have parted never have the same transcript again, nor "
    "accept messages from the other fork, until one of them leaves and joins again",
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
