"""The safe predicate: critical windows, defined exactly in specification T6 (KPWK21 section 4).

The window of a member for an operation is the lifetime of the secret key of the member's leaf in
the group that results from the operation, in its author's view: from the moment the key is sampled
to the moment the member erases its last copy. Windows are computed from the steps of a run alone,
without any state or message. The knowledge graph does not depend on this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ttkem.adversary.steps import (
    Add,
    Confirm,
    Create,
    Deliver,
    EraseKeys,
    Reject,
    Remove,
    SampleKey,
    Step,
    Update,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Interval", "LeafKey", "Windows"]

LeafKey: TypeAlias = tuple[str, int]
"""A leaf's secret key: ``("init", key)`` for an init key, ``("own", op)`` if ``op`` sampled it."""

Interval: TypeAlias = tuple[int, int | None]
"""A closed interval of step numbers; an end of None means that it has not ended."""


class Windows:
    """The lifetimes of all leaf keys of a run; pass every accepted step to :meth:`observe`."""

    __slots__ = (
        "_always_fresh",
        "_at",
        "_author",
        "_owners",
        "_pending",
        "_unused",
        "born",
        "died",
        "views",
    )

    def __init__(self, *, always_fresh: bool = False) -> None:
        self._always_fresh = always_fresh
        """Whether adds and removes also give their author a fresh leaf key (``TKEM_commit``)."""
        self.born: dict[LeafKey, int] = {}
        self.died: dict[LeafKey, int] = {}
        self.views: dict[int, dict[str, LeafKey]] = {}
        """The leaf key of every member of the group that results from an operation."""
        self._author: dict[int, str] = {}
        self._owners: dict[int, str] = {}
        self._at: dict[str, int] = {}
        self._pending: dict[str, list[int]] = {}
        self._unused: dict[str, list[int]] = {}

    def observe(self, time: int, step: Step) -> None:  # noqa: C901 - one case per kind of step
        """Record an accepted step and its time, the number of the step."""
        match step:
            case SampleKey(who, key):
                self.born["init", key] = time
                self._owners[key] = who
                self._unused.setdefault(who, []).append(key)
            case EraseKeys(who):
                for key in self._unused.pop(who, ()):
                    self.died["init", key] = time
            case Create(who, op, keys):
                view = {self._owners[key]: ("init", key) for key in keys}
                self._made(time, who, op, view, fresh=True)
            case Add(who, op, key):
                view = {**self._view(who), self._owners[key]: ("init", key)}
                self._made(time, who, op, view, fresh=self._always_fresh)
            case Remove(who, op, whom):
                view = {each: key for each, key in self._view(who).items() if each != whom}
                self._made(time, who, op, view, fresh=self._always_fresh)
            case Update(who, op):
                self._made(time, who, op, dict(self._view(who)), fresh=True)
            case Confirm(op):
                who = self._author[op]
                self._pending[who].remove(op)
                self._move(time, who, op)
            case Reject(op):
                self._pending[self._author[op]].remove(op)
                self._drop(time, op)
            case Deliver(op, to):
                self._move(time, to, op)

    def owner(self, key: LeafKey) -> str:
        """Return the member whose leaf key this is."""
        kind, number = key
        return self._owners[number] if kind == "init" else self._author[number]

    def window(self, op: int, who: str) -> Interval:
        """Return the critical window of a member of the group that results from ``op``."""
        key = self.views[op][who]
        return self.born[key], self.died.get(key)

    def safe(self, op: int, corruptions: Mapping[str, Iterable[Interval]]) -> bool:
        """Return whether no corruption of a member intersects its window; intervals are closed."""
        return not any(
            meets(self.window(op, who), corruption)
            for who in self.views[op]
            for corruption in corruptions.get(who, ())
        )

    def copy(self) -> Windows:
        """Return an independent copy of the windows."""
        copied = Windows(always_fresh=self._always_fresh)
        copied.born, copied.died = self.born.copy(), self.died.copy()
        copied.views, copied._author = self.views.copy(), self._author.copy()
        copied._at, copied._owners = self._at.copy(), self._owners.copy()
        copied._pending = {who: [*ops] for who, ops in self._pending.items()}
        copied._unused = {who: [*keys] for who, keys in self._unused.items()}
        return copied

    def _view(self, who: str) -> dict[str, LeafKey]:
        return self.views[self._at[who]]

    def _made(self, time: int, who: str, op: int, view: dict[str, LeafKey], *, fresh: bool) -> None:
        if fresh:
            view[who] = ("own", op)
            self.born["own", op] = time
        self.views[op] = view
        self._author[op] = who
        self._pending.setdefault(who, []).append(op)

    def _drop(self, time: int, op: int) -> None:
        """Erase a pending state, and with it the leaf key that only this state holds."""
        if ("own", op) in self.born:
            self.died["own", op] = time

    def _move(self, time: int, who: str, op: int) -> None:
        """Move a member to the state after ``op``; leaf keys of other states are erased."""
        for dropped in self._pending.pop(who, ()):
            self._drop(time, dropped)
        before = self.views[self._at[who]].get(who) if who in self._at else None
        after = self.views[op].get(who)
        if before is not None and before != after:
            self.died[before] = time
        if after is None:
            del self._at[who]
            return
        self._at[who] = op
        kind, key = after
        if kind == "init" and key in self._unused.get(who, ()):
            self._unused[who].remove(key)


def meets(window: Interval, corruption: Interval) -> bool:
    """Return whether two closed intervals intersect."""
    (born, died), (start, end) = window, corruption
    return (died is None or start <= died) and (end is None or born <= end)
