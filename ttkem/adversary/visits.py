"""Coverage of a campaign: how often its runs visited each of a list of situations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ttkem.adversary.rules import above, path
from ttkem.adversary.steps import (
    Add,
    Confirm,
    Create,
    Deliver,
    Reject,
    Remove,
    StartCorrupt,
    Update,
)
from ttkem.cgka.interface import Kind

if TYPE_CHECKING:
    from ttkem.adversary.steps import Generate, Outcome, Step
    from ttkem.adversary.symbolic import SymbolicGame, SymbolicOperation, View

__all__ = ["IMPORTANT", "Visits"]

IMPORTANT = (
    "tainted path",  # an author has a tainted node on its path
    "tainted below root",  # a child of the root is tainted
    "nested taints",  # a tainted node above another
    "several tainters",
    "own taints re-keyed",  # a tainter updates
    "taint moved",  # a tainted node gets another tainter
    "tainter removed",
    "tree doubled",
    "tree truncated",
    "re-added member",
    "removed while pending",  # the removed member has a pending operation
    "several pending",
    "pending rejected",
    "pending dropped",  # its author processes another operation
    "made while corrupted",
    "corrupted while pending",
    "corrupted while tainting",
    "corrupted after own update",  # and before processing another operation
    "unused init key corrupted",
    "joined by an old init key",  # sampled before the member was last removed
    "fork",
    "fork depth 2",
    "refused delivery",
    "refused own message",
)
"""The situations that a long enough campaign must visit."""


class Visits:
    """Counts of visited situations.

    Call :meth:`before` and :meth:`after` around every step that is played on a model.
    """

    __slots__ = ("_gone", "_key_before_leaving", "_updated", "counts")

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(IMPORTANT, 0))
        self.start()

    def start(self) -> None:
        """Begin a new run."""
        self._gone: set[str] = set()
        self._key_before_leaving: set[int] = set()
        self._updated: set[str] = set()

    def before(self, game: SymbolicGame, step: Step) -> None:
        """Count what depends on the state before a step that is about to be played."""
        ledger = game.ledger
        if isinstance(step, Deliver):
            made, record = ledger.made.get(step.op), ledger.members.get(step.to)
            if made is None or record is None or ledger.objection(step):
                return
            self._updated.discard(step.to)
            if record.pending:
                self.counts["pending dropped"] += 1
            if record.at is None:
                if made.joiners[step.to] in self._key_before_leaving:
                    self.counts["joined by an old init key"] += 1
            elif step.to not in made.roster:
                self._gone.add(step.to)
                self._key_before_leaving.update(record.unused)

    def after(self, game: SymbolicGame, step: Step, outcome: Outcome) -> None:
        """Count what a step that was played has led to."""
        if not outcome.accepted:
            if isinstance(step, Deliver):
                own = step.op in game.ledger.made and game.ledger.made[step.op].author == step.to
                self.counts["refused own message" if own else "refused delivery"] += 1
            return
        match step:
            case Update() | Add() | Remove() | Create():
                self._made(game, step)
            case Confirm(op):
                self._confirmed(game, op)
            case Reject():
                self.counts["pending rejected"] += 1
            case StartCorrupt(who):
                self._corrupted(game, who)
            case _:
                pass

    def _made(self, game: SymbolicGame, step: Generate) -> None:
        counts, made = self.counts, game.operations[step.op]
        record, after = game.ledger.members[step.who], made.view
        if len(record.pending) > 1:
            counts["several pending"] += 1
        if record.corrupted:
            counts["made while corrupted"] += 1
        if isinstance(step, Add) and game.ledger.keys[step.key] in self._gone:
            counts["re-added member"] += 1
        if isinstance(step, Remove) and game.ledger.members[step.whom].pending:
            counts["removed while pending"] += 1
        if after.taints:
            self._tainted(after)
        if record.at is None:
            return
        old = game.operations[record.at].view
        if after.depth > old.depth:
            counts["tree doubled"] += 1
        elif after.depth < old.depth:
            counts["tree truncated"] += 1
        if old.taints:
            self._was_tainted(made, old, step)

    def _was_tainted(self, made: SymbolicOperation, old: View, step: Generate) -> None:
        counts, taints = self.counts, old.taints
        if not taints.keys().isdisjoint(path(made.author, old.depth)):
            counts["tainted path"] += 1
        if made.kind is Kind.UPDATE and made.author in taints.values():
            counts["own taints re-keyed"] += 1
        if isinstance(step, Remove) and old.place[step.whom] in taints.values():
            counts["tainter removed"] += 1
        after = made.view.taints
        if any(after.get(node, tainter) != tainter for node, tainter in taints.items()):
            counts["taint moved"] += 1

    def _tainted(self, view: View) -> None:
        counts, taints = self.counts, view.taints
        for node in taints:
            higher = above(node, view.depth)
            if len(higher) == 1:
                counts["tainted below root"] += 1
            if not taints.keys().isdisjoint(higher):
                counts["nested taints"] += 1
        if len({*taints.values()}) > 1:
            counts["several tainters"] += 1

    def _confirmed(self, game: SymbolicGame, op: int) -> None:
        ledger = game.ledger
        made = ledger.made[op]
        if made.kind is Kind.UPDATE:
            self._updated.add(made.author)
        if self._forked(game, op):
            self.counts["fork"] += 1
            if sum(self._forked(game, each) for each in ledger.history(op)) > 1:
                self.counts["fork depth 2"] += 1

    @staticmethod
    def _forked(game: SymbolicGame, op: int) -> bool:
        """Return whether two or more operations on the history of ``op`` were confirmed."""
        base = game.ledger.made[op].base
        return sum(each in game.ledger.confirmed for each in game.ledger.following[base]) > 1

    def _corrupted(self, game: SymbolicGame, who: str) -> None:
        counts, record = self.counts, game.ledger.members[who]
        if record.pending:
            counts["corrupted while pending"] += 1
        if record.unused:
            counts["unused init key corrupted"] += 1
        if who in self._updated:
            counts["corrupted after own update"] += 1
        view = game.view(who)
        if view is not None and view.place[who] in view.taints.values():
            counts["corrupted while tainting"] += 1
