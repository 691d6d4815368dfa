"""The adversary: an executable security game and its judge (specification T6; KPWK21).

A run is a sequence of steps (:data:`Step`: :class:`Create`, :class:`Update`, :class:`Deliver`,
:class:`StartCorrupt` ...), played on a :class:`Game` over any :class:`ttkem.cgka.CGKA` with real
messages. :func:`play` plays a whole run, :func:`format_trace` formats it for reading, and
:func:`write_trace` and :func:`read_trace` store it in a file from which the same run can be
replayed bit for bit.

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
independent answers for every operation and every atom of a run: that of the safe predicate,
:class:`Windows`, and that of the :class:`KnowledgeGraph`. :class:`PairedGame` plays the model and
the real protocol side by side; :func:`attack_game` executes attacks with real bytes.
:func:`run_campaign` plays many runs with many adversaries, and :func:`shrink` removes from a
failing run every step that the failure does not need.
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
from ttkem.adversary.runs import (
    PROTOCOLS,
    Judged,
    Model,
    RealRun,
    SymbolicRun,
    new_run,
    run_trace,
)
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
    "Model",
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
