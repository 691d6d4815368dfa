"""The adversary: an executable security game, and what judges it (specification T6; KPWK21).

A run is a sequence of steps (:data:`Step`: :class:`Create`, :class:`Update`, :class:`Deliver`,
:class:`StartCorrupt` ...), played on a :class:`Game` over any :class:`ttkem.cgka.CGKA` with real
messages. :func:`play` plays a whole one, :func:`format_trace` prints it, :func:`write_trace` and
:func:`read_trace` keep it as a file that gives the same run again, bit for bit.

>>> from ttkem.adversary import Confirm, Create, Deliver, SampleKey, Update, play
>>> from ttkem.tainted import tainted_treekem
>>> game = play(tainted_treekem(), "a seed", ["ann", "bob"], [
...     SampleKey("bob", 0), Create("ann", 0, (0,)), Confirm(0), Deliver(0, "bob"),
...     Update("bob", 1), Deliver(1, "bob"), Deliver(1, "ann"), Confirm(1)])
>>> [outcome.accepted for outcome in game.outcomes]
[True, True, True, True, True, False, True, True]
>>> game.outcomes[5].reason
'cannot process an own message: an own operation is confirmed or rejected'
>>> game.members["ann"].group_key == game.members["bob"].group_key == game.keys[1]
True
>>> game.findings
[]

Tainted TreeKEM has a *symbolic model*, :class:`SymbolicGame`, on which :func:`judge` compares two
independent answers for every operation and every atom of a run: :class:`Windows`, the safe
predicate, and :class:`KnowledgeGraph`. :class:`PairedGame` holds model and real protocol together;
:func:`attack_game` executes attacks with real bytes. :func:`run_campaign` lets many adversaries
play many runs, and :func:`shrink` leaves of a failing run what matters.
"""

from ttkem.adversary.attack import Attack, Recording
from ttkem.adversary.campaign import Campaign, Report, run_campaign, shrink_trace
from ttkem.adversary.exhaustive import Bound, Explored, explore, shortest_failure
from ttkem.adversary.game import Exposure, Game, play
from ttkem.adversary.invariant import TreeInvariant
from ttkem.adversary.judge import CAUSES, Judgement, corrupted_atoms, judge
from ttkem.adversary.knowledge import KnowledgeGraph
from ttkem.adversary.ledger import Ledger, MemberRecord, OperationRecord
from ttkem.adversary.paired import Attacks, PairedGame, attack_game
from ttkem.adversary.replay_file import Trace, Violation, read_trace, write_trace
from ttkem.adversary.rules import Situation, TaintRules
from ttkem.adversary.runs import PROTOCOLS, Judged, RealRun, SymbolicRun, new_run, run_trace
from ttkem.adversary.shrink import shrink
from ttkem.adversary.steps import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Generate,
    Outcome,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Step,
    Update,
    describe,
    format_trace,
)
from ttkem.adversary.strategies import STRATEGIES, Player, Strategy
from ttkem.adversary.symbolic import Atom, SymbolicGame, play_symbolically
from ttkem.adversary.visits import IMPORTANT, Visits
from ttkem.adversary.windows import Windows

__all__ = [
    "CAUSES",
    "IMPORTANT",
    "PROTOCOLS",
    "STRATEGIES",
    "Add",
    "Atom",
    "Attack",
    "Attacks",
    "Bound",
    "Campaign",
    "Challenge",
    "Confirm",
    "Create",
    "Deliver",
    "EndCorrupt",
    "EraseKeys",
    "Explored",
    "Exposure",
    "Game",
    "Generate",
    "Judged",
    "Judgement",
    "KnowledgeGraph",
    "Ledger",
    "MemberRecord",
    "OperationRecord",
    "Outcome",
    "PairedGame",
    "Player",
    "RealRun",
    "Recording",
    "Reject",
    "Remove",
    "Report",
    "SampleKey",
    "Situation",
    "StartCorrupt",
    "Step",
    "Strategy",
    "SymbolicGame",
    "SymbolicRun",
    "TaintRules",
    "Trace",
    "TreeInvariant",
    "Update",
    "Violation",
    "Visits",
    "Windows",
    "attack_game",
    "corrupted_atoms",
    "describe",
    "explore",
    "format_trace",
    "judge",
    "new_run",
    "play",
    "play_symbolically",
    "read_trace",
    "run_campaign",
    "run_trace",
    "shortest_failure",
    "shrink",
    "shrink_trace",
    "write_trace",
]
