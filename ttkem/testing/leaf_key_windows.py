"""Critical windows, told as the lives of leaf keys (specification T6).

A leaf key is named by the operation that made it, or by the init key that it was. Its window is
the life of its secret: from when it was sampled to when no state of its owner holds it any more.
So a leaked state endangers an epoch if it holds the leaf key that its owner has in that epoch. This
is the safe predicate for a single corruption, from public bookkeeping alone.
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
    """The leaf key of a member of the group that ``op`` leads to.

    The newest thing in that history that gave them one: an own update, a create of their own, or
    what let them in.
    """
    at: int | None = op
    while at is not None:
        made = ledger.made[at]
        if who in made.joiners:
            return "init", made.joiners[who]
        if who == made.author and made.kind in (Kind.CREATE, Kind.UPDATE):
            return "op", at
        at = made.base
    raise AssertionError(f"{who} never got into the group of op {op}")


def held(ledger: Ledger, who: str) -> frozenset[LeafKey]:
    """Own leaf keys whose secrets the state of ``who`` holds now."""
    record = ledger.members[who]
    views = record.pending if record.at is None else [*record.pending, record.at]
    unused = frozenset(("init", key) for key in record.unused)
    return unused | {leaf_key(ledger, op, who) for op in views}


def onward(ledger: Ledger, who: str, record: MemberRecord) -> frozenset[int]:
    """Operations whose epochs ``who`` can get to from where ``record`` has it, making nothing new.

    By confirming what is pending or joining with an unused init key, then by processing what
    others have made. Whoever is given that state must be able to get there too.
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
