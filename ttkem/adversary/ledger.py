"""The public state of a game: each member's history, and which steps are possible next.

The ledger holds the rules of CGKA under an equivocating delivery service, which are the same for
every protocol (specification T5 and T6): a member processes an operation if and only if somebody
else made it on the member's own history; a newcomer joins with an unused init key; processing an
operation drops all pending ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttkem.adversary.steps import (
    Add,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Step,
    Update,
)
from ttkem.cgka.interface import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Ledger", "MemberRecord", "OperationRecord"]


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """An operation, and the group that results from it in its author's view."""

    op: int
    kind: Kind
    author: str
    target: str | None
    base: int | None
    """The last operation of the history that it extends; None for a create."""
    joiners: Mapping[str, int]
    """The joiners, each with the number of the init key."""
    roster: frozenset[str]
    epoch: int
    """The length of the history that ends with it."""
    time: int
    """The number of the step that made it."""


@dataclass(slots=True)
class MemberRecord:
    """The public state of a member: its history, pending operations and unused init keys."""

    at: int | None = None
    """The operation it has processed last, which determines its history; None: in no group."""
    pending: list[int] = field(default_factory=list)
    """The member's operations that are not yet acknowledged, oldest first."""
    unused: list[int] = field(default_factory=list)
    """The member's init keys that no group has used."""
    corrupted: bool = False


class Ledger:
    """The public bookkeeping of one game.

    A step is a *misuse* if it refers to something that does not exist; it is not played. A step to
    which there is an *objection* is played, and the protocol must refuse it, that is, raise an
    error and change nothing. The protocol must accept all other steps.
    """

    __slots__ = (
        "challenged",
        "confirmed",
        "following",
        "intervals",
        "keys",
        "made",
        "members",
        "time",
    )

    def __init__(self, names: Iterable[str]) -> None:
        self.time = 0
        """The number of the next step."""
        self.members: dict[str, MemberRecord] = {name: MemberRecord() for name in names}
        self.made: dict[int, OperationRecord] = {}
        self.following: dict[int | None, list[int]] = {}
        """The operations made directly after each operation; under None, the creates."""
        self.keys: dict[int, str] = {}
        """The owner of every init key."""
        self.confirmed: set[int] = set()
        self.challenged: list[int] = []
        self.intervals: dict[str, list[tuple[int, int | None]]] = {}
        """The corruptions of each member: first and last step, None while one lasts."""

    def misuse(self, step: Step) -> str | None:  # noqa: C901, PLR0911 - one case per kind of step
        """Return what a step refers to that does not exist in this game, or None."""
        match step:
            case SampleKey(who, key):
                return self._stranger(who) or (
                    f"init key {key} exists" if key in self.keys else None
                )
            case EraseKeys(who):
                return self._stranger(who)
            case Create(who, op, keys):
                return self._stranger(who) or self._taken(op) or self._no_keys(keys)
            case Add(who, op, key):
                return self._stranger(who) or self._taken(op) or self._no_keys((key,))
            case Remove(who, op, whom):
                return self._stranger(who) or self._stranger(whom) or self._taken(op)
            case Update(who, op):
                return self._stranger(who) or self._taken(op)
            case Confirm(op) | Reject(op):
                return self._unmade(op)
            case Deliver(op, to):
                return self._unmade(op) or self._stranger(to)
            case StartCorrupt(who):
                return self._stranger(who) or (
                    f"{who} is corrupted already" if self.members[who].corrupted else None
                )
            case EndCorrupt(who):
                return self._stranger(who) or (
                    None if self.members[who].corrupted else f"{who} is not corrupted"
                )
        again = f"op {step.op} was challenged" if step.op in self.challenged else None
        return self._unmade(step.op) or again

    def objection(self, step: Step) -> str | None:  # noqa: C901, PLR0911 - likewise
        """Return why a protocol must refuse a step, or None if it must accept it."""
        match step:
            case Create(who, _, keys):
                owners = {self.keys[key] for key in keys}
                if self.members[who].at is not None:
                    return f"{who} is in a group"
                distinct = len(owners - {who}) == len(keys)
                return None if distinct else "nobody can be in a group twice"
            case Add(who, _, key):
                joiner = self.keys[key]
                twice = joiner in self.roster(who)
                return self._outside(who) or (f"{joiner} is a member" if twice else None)
            case Remove(who, _, whom):
                if whom not in self.roster(who) - {who}:
                    return self._outside(who) or f"{whom} is not another member of the group"
                return None
            case Update(who, _):
                return self._outside(who)
            case Confirm(op) | Reject(op):
                pending = op in self.members[self.made[op].author].pending
                return None if pending else f"op {op} is not pending"
            case Deliver(op, to):
                record, made = self.members[to], self.made[op]
                if record.at is None:
                    usable = made.joiners.get(to) in record.unused
                    return None if usable else f"{to} cannot join with op {op}"
                if made.author == to:
                    return f"op {op} is {to}'s own"
                return None if made.base == record.at else f"op {op} extends another history"
            case _:
                return None

    def record(self, step: Step) -> None:  # noqa: C901, PLR0912 - likewise
        """Record a step that was played and accepted."""
        match step:
            case SampleKey(who, key):
                self.keys[key] = who
                self.members[who].unused.append(key)
            case EraseKeys(who):
                self.members[who].unused.clear()
            case Create(who, _, keys):
                joiners = {self.keys[key]: key for key in keys}
                self._make(step, Kind.CREATE, None, joiners, frozenset({who, *joiners}))
            case Add(who, _, key):
                joiner = self.keys[key]
                self._make(step, Kind.ADD, joiner, {joiner: key}, self.roster(who) | {joiner})
            case Remove(who, _, whom):
                self._make(step, Kind.REMOVE, whom, {}, self.roster(who) - {whom})
            case Update(who, _):
                self._make(step, Kind.UPDATE, None, {}, self.roster(who))
            case Confirm(op):
                self.confirmed.add(op)
                self._move(self.members[self.made[op].author], op)
            case Reject(op):
                self.members[self.made[op].author].pending.remove(op)
            case Deliver(op, to):
                record, made = self.members[to], self.made[op]
                if record.at is None:
                    record.unused.remove(made.joiners[to])
                self._move(record, op if to in made.roster else None)
            case StartCorrupt(who):
                self.members[who].corrupted = True
                self.intervals.setdefault(who, []).append((self.time, None))
            case EndCorrupt(who):
                self.members[who].corrupted = False
                start, _ = self.intervals[who][-1]
                self.intervals[who][-1] = (start, self.time)
            case _:
                self.challenged.append(step.op)
        self.time += 1

    def skip(self) -> None:
        """Record a step that was refused: only time advances."""
        self.time += 1

    def roster(self, who: str) -> frozenset[str]:
        """Return the members of the group in the view of ``who``; empty if it is in no group."""
        at = self.members[who].at
        return frozenset() if at is None else self.made[at].roster

    def copy(self) -> Ledger:
        """Return an independent copy of the ledger."""
        copied = Ledger(())
        copied.time = self.time
        copied.members = {
            name: MemberRecord(record.at, [*record.pending], [*record.unused], record.corrupted)
            for name, record in self.members.items()
        }
        copied.made, copied.keys = self.made.copy(), self.keys.copy()
        copied.confirmed = self.confirmed.copy()
        copied.challenged = [*self.challenged]
        copied.intervals = {who: [*intervals] for who, intervals in self.intervals.items()}
        copied.following = {base: [*ops] for base, ops in self.following.items()}
        return copied

    def history(self, op: int) -> tuple[int, ...]:
        """Return the operations of the history that ends with ``op``, in order."""
        found = [op]
        while (base := self.made[found[-1]].base) is not None:
            found.append(base)
        return tuple(reversed(found))

    def _make(
        self,
        step: Create | Add | Remove | Update,
        kind: Kind,
        target: str | None,
        joiners: Mapping[str, int],
        roster: frozenset[str],
    ) -> None:
        record = self.members[step.who]
        epoch = 1 if record.at is None else self.made[record.at].epoch + 1
        self.made[step.op] = OperationRecord(
            step.op, kind, step.who, target, record.at, joiners, roster, epoch, self.time
        )
        self.following.setdefault(record.at, []).append(step.op)
        record.pending.append(step.op)

    @staticmethod
    def _move(record: MemberRecord, at: int | None) -> None:
        record.at = at
        record.pending.clear()

    def _stranger(self, who: str) -> str | None:
        return None if who in self.members else f"there is no member {who!r}"

    def _taken(self, op: int) -> str | None:
        return f"op {op} exists" if op in self.made else None

    def _unmade(self, op: int) -> str | None:
        return None if op in self.made else f"there is no op {op}"

    def _no_keys(self, keys: Iterable[int]) -> str | None:
        missing = [key for key in keys if key not in self.keys]
        return f"there is no init key {missing[0]}" if missing else None

    def _outside(self, who: str) -> str | None:
        return f"{who} is in no group" if self.members[who].at is None else None
