"""The safe predicate: critical windows as specification T6 makes them exact (KPWK21 section 4).

The window of a member for an operation is the life of the secret key of the leaf that the member
has in the group that results from the operation, in its author's view: from when it was sampled to
when the member erased its last copy. It is told from the steps of a run alone, by the rules below;
no state and no message is looked at. The knowledge graph knows nothing of this module.
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
"""A leaf's secret key: ``("init", key)`` or ``("own", op)``, after what sampled it."""

Interval: TypeAlias = tuple[int, int | None]
"""First and last moment, both included; None: without end."""


class Windows:
    """The lives of all leaf keys of a run; tell it every accepted step, with its time."""

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
        """Whether adds and removes give their author a fresh leaf too (``TKEM_commit``)."""
        self.born: dict[LeafKey, int] = {}
        self.died: dict[LeafKey, int] = {}
        self.views: dict[int, dict[str, LeafKey]] = {}
        """The leaf key of every member of the group that results from an operation."""
        self._author: dict[int, str] = {}
        self._owners: dict[int, str] = {}
        self._at: dict[str, int] = {}
        self._pending: dict[str, list[int]] = {}
        self._unused: dict[str, list[int]] = {}

    def observe(self, time: int, step: Step) -> None:  # noqa: C901 - one case a kind of step
        """An accepted step."""
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
        """Whose leaf key it is."""
        kind, number = key
        return self._owners[number] if kind == "init" else self._author[number]

    def window(self, op: int, who: str) -> Interval:
        """The critical window of a member of the resulting group."""
        key = self.views[op][who]
        return self.born[key], self.died.get(key)

    def safe(self, op: int, corruptions: Mapping[str, Iterable[Interval]]) -> bool:
        """Whether no corruption of a member meets its window; intervals are closed."""
        return not any(
            meets(self.window(op, who), corruption)
            for who in self.views[op]
            for corruption in corruptions.get(who, ())
        )

    def copy(self) -> Windows:
        """The same windows, independent from here."""
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
        """A pending state is erased, and with it the leaf key that it alone held."""
        if ("own", op) in self.born:
            self.died["own", op] = time

    def _move(self, time: int, who: str, op: int) -> None:
        """A member goes to another state: what it held otherwise is erased."""
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
    """Whether two closed intervals have a moment in common."""
    (born, died), (start, end) = window, corruption
    return (died is None or start <= died) and (end is None or born <= end)
