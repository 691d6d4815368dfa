"""The epochs that the owner of a state can reach without making operations of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttkem.adversary import Ledger, MemberRecord

__all__ = ["onward"]


def onward(ledger: Ledger, who: str, record: MemberRecord) -> frozenset[int]:
    """Return the operations whose epochs ``who`` can reach from the state of ``record``.

    It can confirm a pending operation or join with an unused init key, and then process operations
    of others; it makes no new ones. Whoever is given that state can reach these epochs too.
    """
    found = set(record.pending)
    if record.at is not None:
        found.add(record.at)
    else:
        found |= {op for op, made in ledger.made.items() if made.joiners.get(who) in record.unused}
    todo = list(found)
    while todo:
        at = todo.pop()
        for op, made in ledger.made.items():
            if made.base == at and who != made.author and who in made.roster:
                found.add(op)
                todo.append(op)
    return frozenset(found)
