"""Critical windows as lifetimes of leaf keys, for a single corruption (specification T6).

A leaf key is named by the operation that made it, or by the init key that it was. Its window is the
lifetime of its secret: from when it is sampled until no state of its owner holds it any more. So a
leaked state makes an epoch unsafe exactly if it holds the owner's leaf key of that epoch. This
module computes that from public bookkeeping alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.cgka import Kind

if TYPE_CHECKING:
    from ttkem.adversary import Ledger, MemberRecord

__all__ = ["LeafKey", "held", "leaf_key", "onward"]

LeafKey = tuple[str, int]
"""``("op", n)`` if operation ``n`` made it, ``("init", n)`` if it was init key ``n``."""


def leaf_key(ledger: Ledger, op: int, who: str) -> LeafKey:
    """Return the leaf key of ``who``, a member of the group that results from ``op``.

    It stems from the latest operation in that history that gave the member a leaf key: its own
    update or create, or the operation by which it joined.
    """
    at: int | None = op
    while at is not None:
        made = ledger.made[at]
        if who in made.joiners:
            return "init", made.joiners[who]
        if who == made.author and made.kind in (Kind.CREATE, Kind.UPDATE):
            return "op", at
        at = made.base
    raise AssertionError(f"{who} is not a member of the group after op {op}")


def held(ledger: Ledger, who: str) -> frozenset[LeafKey]:
    """Return the leaf keys whose secrets the state of ``who`` holds now."""
    record = ledger.members[who]
    views = record.pending if record.at is None else [*record.pending, record.at]
    unused = frozenset(("init", key) for key in record.unused)
    return unused | {leaf_key(ledger, op, who) for op in views}


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
