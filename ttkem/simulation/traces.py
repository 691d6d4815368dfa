"""Recorded activity as a stream of operations: a CSV of who changed something, and when.

The file has the columns ``time,member``: Unix seconds and any label. Lines that start with ``#``
and empty lines do not count; rows may come in any order and are sorted by time, rows of equal time
staying in file order. Everything else is a :class:`~ttkem.errors.RemoteError` with its line number.

How a trace becomes operations is our own design throughout [D]:

* The first two members to appear make the group; whoever came first is its creator.
* A member's first change is an add by the most recently active member, then an update by the
  newcomer; every later change is an update by its member. A founder's first change is an update.
* A member leaves after its last change, or, with ``idle_days``, once it has been silent for longer
  than that; then it comes back, if ever, as a new user. The most recently active other member
  authors the removal.
* The group never falls below two: who should leave then stays until there are three again.
"""

from __future__ import annotations

import csv
import math
import random
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from ttkem.errors import LocalError, RemoteError
from ttkem.simulation.workloads import Action, Step, Workload

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Activity",
    "TraceWorkload",
    "demo_trace",
    "make_demo_trace",
    "parse_trace",
    "trace_workload",
]

_FIELDS = ("time", "member")
_FOUNDERS = 2
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Activity:
    """One row: ``member`` changed something at ``time``, in Unix seconds."""

    time: float
    member: str


@dataclass(frozen=True, slots=True)
class TraceWorkload:
    """A trace as a stream for the cost engines."""

    workload: Workload
    labels: tuple[str, ...]
    """Member labels by user number; a label that came back appears again."""
    times: tuple[float, ...]
    """When each step of the stream happens, in Unix seconds."""


def parse_trace(lines: Iterable[str]) -> tuple[Activity, ...]:
    """Read a trace from the lines of a CSV file; a RemoteError names the first bad line."""
    changes: list[Activity] = []
    columns: tuple[int, int] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        row = _fields(line, number)
        if columns is None:
            columns = _columns(row, number)
        else:
            changes.append(_change(row, columns, number))
    if columns is None:
        raise RemoteError("line 1: the trace is empty; it needs the header time,member")
    if not changes:
        raise RemoteError(
            "the trace has a header but no change; give at least one line time,member"
        )
    return tuple(sorted(changes, key=lambda change: change.time))


def _fields(line: str, number: int) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line], strict=True))]
    except csv.Error as error:
        raise RemoteError(f"line {number}: not CSV: {error}") from None


def _columns(row: list[str], number: int) -> tuple[int, int]:
    for field in _FIELDS:
        if row.count(field) != 1:
            raise RemoteError(
                f"line {number}: the header must name {field} once; it reads {','.join(row)!r}"
            )
    return row.index("time"), row.index("member")


def _change(row: list[str], columns: tuple[int, int], number: int) -> Activity:
    if len(row) <= max(columns):
        raise RemoteError(f"line {number}: a field is missing: {','.join(row)!r}")
    text, member = row[columns[0]], row[columns[1]]
    try:
        time = float(text)
    except ValueError:
        raise RemoteError(f"line {number}: {text!r} is not a time in Unix seconds") from None
    if not math.isfinite(time):
        raise RemoteError(f"line {number}: {text!r} is not a time in Unix seconds")
    if not member:
        raise RemoteError(f"line {number}: the label of the member is empty")
    return Activity(time, member)


def trace_workload(changes: Iterable[Activity], *, idle_days: float | None = None) -> TraceWorkload:
    """Return the operations of a trace in time order; the module docstring defines authors.

    Raise :class:`~ttkem.errors.RemoteError` if fewer than two members appear.
    """
    if idle_days is not None and not idle_days > 0:
        raise LocalError(f"idle_days must be a positive number of days, not {idle_days!r}")
    ordered = sorted(changes, key=lambda change: change.time)
    founders = list(dict.fromkeys(change.member for change in ordered))[:_FOUNDERS]
    if len(founders) < _FOUNDERS:
        raise RemoteError("cannot replay the trace: it has fewer than two members")
    group = _Group(founders, ordered[0].time)
    last_change = {change.member: place for place, change in enumerate(ordered)}
    for place, change in enumerate(ordered):
        if idle_days is not None:
            group.expire(change.time, idle_days * _DAY)
        group.change(change)
        if idle_days is None:
            if last_change[change.member] == place:
                group.leaving.append(change.member)
            group.dismiss(change.time)
    return TraceWorkload(
        Workload(_FOUNDERS, frozenset(), tuple(group.steps)),
        tuple(group.labels),
        tuple(group.times),
    )


class _Group:
    """The group while a trace is being turned into steps."""

    def __init__(self, founders: list[str], start: float) -> None:
        self.steps: list[Step] = []
        self.times: list[float] = []
        self.labels = list(founders)
        self.leaving: list[str] = []
        self._user = {member: user for user, member in enumerate(founders)}
        # Least recently active first; the creator counts as active after the other founder.
        self._active = dict.fromkeys(reversed(founders), start)

    def change(self, change: Activity) -> None:
        member, time = change.member, change.time
        if member not in self._active:
            self._user[member] = len(self.labels)
            newest = next(reversed(self._active))
            self._step(Action.ADD, newest, member, time)
            self.labels.append(member)
        self._active.pop(member, None)
        self._active[member] = time
        self._step(Action.UPDATE, member, member, time)

    def expire(self, now: float, idle: float) -> None:
        """Remove members inactive for longer than ``idle`` seconds, least recently active first."""
        while len(self._active) > _FOUNDERS:
            member, since = next(iter(self._active.items()))
            if since + idle >= now:
                return
            self._remove(member, since + idle)

    def dismiss(self, now: float) -> None:
        """Remove members that have made their last change."""
        while self.leaving and len(self._active) > _FOUNDERS:
            self._remove(self.leaving.pop(0), now)

    def _remove(self, member: str, time: float) -> None:
        del self._active[member]
        self._step(Action.REMOVE, next(reversed(self._active)), member, time)

    def _step(self, action: Action, author: str, target: str, time: float) -> None:
        self.steps.append(Step(action, self._user[author], self._user[target]))
        self.times.append(max([time, *self.times[-1:]]))  # a leave put off happens now


_DEMO_CHANGES = 300
_DEMO_MEMBERS = 25
_DEMO_START = 1_700_000_000
_DEMO_HEADER = (
    "# Invented: no person, group or repository is behind this trace. Made by\n"
    "# ttkem.simulation.make_demo_trace, seed {seed}: members come one after another, change\n"
    "# things hours or days apart, some much more than others, and lose interest after a while.\n"
)


def make_demo_trace(seed: int = 1) -> str:
    """Return an invented trace of 300 changes by at most 25 members, as CSV text."""
    rng = random.Random(seed)  # noqa: S311 - a made-up example, no keys
    time = _DEMO_START
    zeal = [rng.paretovariate(1.2) for _ in range(_DEMO_MEMBERS)]
    stay = [rng.randint(40, _DEMO_CHANGES) for _ in range(_DEMO_MEMBERS)]
    lines = [_DEMO_HEADER.format(seed=seed), "time,member\n"]
    for place in range(_DEMO_CHANGES):
        arrived = min(_DEMO_MEMBERS, 2 + place * _DEMO_MEMBERS // (_DEMO_CHANGES * 3 // 4))
        arrival = [max(0, i - 1) * _DEMO_CHANGES * 3 // (4 * _DEMO_MEMBERS) for i in range(arrived)]
        present = [i for i in range(arrived) if place <= arrival[i] + stay[i]] or [0, 1]
        who = rng.choices(present, [zeal[i] for i in present])[0]
        lines.append(f"{time},member-{who + 1:02}\n")
        time += int(rng.expovariate(1 / 40_000)) + 60
    return "".join(lines)


def demo_trace() -> tuple[Activity, ...]:
    """Return the invented trace that is shipped with the package, ``data/demo_trace.csv``."""
    file = resources.files("ttkem.simulation").joinpath("data", "demo_trace.csv")
    return parse_trace(file.read_text(encoding="utf-8").splitlines())
