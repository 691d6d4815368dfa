"""Members with equal transcripts agree on the group key, for every number of members and messages.

Statement (KPWK21 section 2; specification T5): two members with the same transcript hash have the
same view and the same group key, no matter whether they processed, confirmed or joined. This
assumes that hashes have no collisions, and that view and key are functions of the former view and
the message. The second assumption is built into the rules, not proved: that whoever reads a message
computes this key follows from the tree invariant (`tree-paths`).

The idea: without collisions, a transcript hash determines the sequence of messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from z3 import And, Implies

from proofs.treekem.clauses import named_clauses
from proofs.treekem.mutants import HISTORY_MUTANTS
from proofs.treekem.tainted import Member
from proofs.treekem.transcripts import HISTORIES, Transcript, histories
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.refuting_run import refuting_run
from ttkem.verification.system import System, every

if TYPE_CHECKING:
    from z3 import BoolRef

    from proofs.treekem.transcripts import HistoryRules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Symbols

__all__ = ["CLAIM", "system"]


def one_transcript_one_key(s: Symbols) -> BoolRef:
    """State that members with the same transcript have the same view and the same group key."""
    return every(
        (Member, Member, Transcript),
        lambda m, n, t: Implies(
            And(s.at(m, t), s.at(n, t)), And(s.view(m) == s.view(n), s.key(m) == s.key(n))
        ),
    )


PROPERTIES = named_clauses(one_transcript_one_key)
"""The claimed property."""


def system(rules: HistoryRules = HISTORIES) -> System:
    """Return the system of members and messages."""
    return histories(PROPERTIES, rules)


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    mutant = system(HISTORY_MUTANTS["the transcript hash never changes"])
    return refuting_run(
        mutant, ("create", "create", "confirm", "confirm"), "one transcript one key", tick
    )


CLAIM = Claim(
    name="equal-transcripts",
    statement="members with equal transcripts have the same view and the same group key, provided "
    "that these are functions of former view and message",
    source="Klein et al., IEEE S&P 2021, section 2; specification T5",
    bound="every number of members, messages and forks, every schedule",
    check=_check,
    twin="the transcript hash never changes",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the rules of proofs.treekem; "
    "no collisions of transcript hashes; view and key are functions of former view and message",
)
