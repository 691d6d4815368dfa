"""The adversary: an executable security game, and what judges it (ttkem.md section 6; KPWK21).

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
'an own message came back: an operation is confirmed or rejected'
>>> game.members["ann"].group_key == game.members["bob"].group_key == game.keys[1]
True
>>> game.findings
[]
"""

from ttkem.adversary.game import Exposure, Game, Outcome, play
from ttkem.adversary.ledger import Ledger, Made, Seat
from ttkem.adversary.replay_file import Finding, Trace, read_trace, write_trace
from ttkem.adversary.steps import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Generate,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Step,
    Update,
    describe,
    format_trace,
)

__all__ = [
    "Add",
    "Challenge",
    "Confirm",
    "Create",
    "Deliver",
    "EndCorrupt",
    "EraseKeys",
    "Exposure",
    "Finding",
    "Game",
    "Generate",
    "Ledger",
    "Made",
    "Outcome",
    "Reject",
    "Remove",
    "SampleKey",
    "Seat",
    "StartCorrupt",
    "Step",
    "Trace",
    "Update",
    "describe",
    "format_trace",
    "play",
    "read_trace",
    "write_trace",
]
