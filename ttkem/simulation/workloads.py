"""The three settings of KPWK21's simulations (specification T7) as streams of operations.

At scale ``i`` a group of ``2**(i-1)`` members sees ``10 * 2**i`` operations, drawn 8:1:1 as update,
remove and add. Users are numbered in the order in which they join, so one stream serves every
scheme. Who is removed is uniform; who updates, adds and removes is what the settings differ in:

* ``ADMINISTRATORS``: 1 administrator in a group that starts below 128 members, else 1 per 64. They
  author all adds and removes, uniformly; updates are by uniform members. [D]: administrators sit on
  random leaves, stay the same and are never removed. Whether the paper's administrators update too
  is not known: they do here (one who never does never heals), unless ``administrators_update`` is
  false, as in the public reproduction.
* ``UNIFORM``: every author is a uniform member.
* ``ZIPF``: adds and removes as in ``UNIFORM``; the update author is the member of rank ``r`` with a
  weight of ``1/r``. [D]: users have a fixed hidden order, drawn at random for all who will ever
  join, and a member's rank is its place in that order among the present members.

An operation that cannot be done is left out [D], so a stream may be shorter: the last member (with
administrators, the last other member) is never removed.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Action", "Setting", "Step", "Workload", "make_workload"]

MIN_SCALE = 2
_OPERATIONS_PER_LEAF = 10
_WEIGHTS = (8, 1, 1)
_MANY_MEMBERS = 128
_MEMBERS_PER_ADMINISTRATOR = 64


class Setting(StrEnum):
    """The choice of authors in KPWK21's experiments a, b and c."""

    ADMINISTRATORS = "administrators"
    UNIFORM = "uniform"
    ZIPF = "zipf"


class Action(StrEnum):
    """The kind of a step."""

    UPDATE = "update"
    REMOVE = "remove"
    ADD = "add"


class Step(NamedTuple):
    """One operation of a stream, over user numbers."""

    action: Action
    author: int
    target: int
    """The user that is removed or, under the next free number, added; for an update, the author."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A group's history, to be run by any scheme.

    Users ``0`` to ``initial - 1`` start on the leaves of the same numbers; each ADD brings the user
    with the next number.
    """

    initial: int
    administrators: frozenset[int]
    """Empty outside the setting with administrators."""
    steps: tuple[Step, ...]

    @property
    def users(self) -> int:
        """Everyone who was ever a member."""
        return self.initial + sum(step.action is Action.ADD for step in self.steps)


def make_workload(
    setting: Setting, scale: int, seed: int, *, administrators_update: bool = True
) -> Workload:
    """Draw the stream of a setting at capacity ``2**scale``; equal seeds give equal streams.

    ``scale`` is at least 2. ``administrators_update`` matters to the setting of that name only.
    """
    if scale < MIN_SCALE:
        raise LocalError(
            f"cannot make a group of scale {scale!r}: the smallest is {MIN_SCALE}, a group of two"
        )
    rng = random.Random(f"{setting}/{scale}/{seed}")  # noqa: S311 - a simulation, no keys
    initial = 1 << (scale - 1)
    administrators = _administrators(setting, initial, rng)
    actions = rng.choices(
        (Action.UPDATE, Action.REMOVE, Action.ADD), _WEIGHTS, k=_OPERATIONS_PER_LEAF << scale
    )
    special = frozenset(administrators)
    others = _Present(user for user in range(initial) if user not in special)
    leaders: Sequence[int] = administrators or others.members
    updaters: _Present | _Ranking = others
    if setting is Setting.ZIPF:
        updaters = _Ranking(initial + actions.count(Action.ADD), range(initial), rng)
    elif administrators and administrators_update:
        updaters = _Present(range(initial))
    groups = {others, updaters}
    steps = []
    users = initial
    for action in actions:
        if action is Action.UPDATE:
            author = updaters.draw(rng)
            steps.append(Step(action, author, author))
        elif action is Action.ADD:
            steps.append(Step(action, rng.choice(leaders), users))
            for group in groups:
                group.enter(users)
            users += 1
        elif len(others.members) > 1:
            target = others.draw(rng)
            for group in groups:
                group.leave(target)
            steps.append(Step(action, rng.choice(leaders), target))
    return Workload(initial, special, tuple(steps))


def _administrators(setting: Setting, initial: int, rng: random.Random) -> list[int]:
    if setting is not Setting.ADMINISTRATORS:
        return []
    wanted = initial // _MEMBERS_PER_ADMINISTRATOR if initial >= _MANY_MEMBERS else 1
    return sorted(rng.sample(range(initial), wanted))


class _Present:
    """A set of users with a uniform draw; every operation takes constant time."""

    __slots__ = ("_place", "members")

    def __init__(self, users: Iterable[int]) -> None:
        self.members: list[int] = []
        self._place: dict[int, int] = {}
        for user in users:
            self.enter(user)

    def enter(self, user: int) -> None:
        self._place[user] = len(self.members)
        self.members.append(user)

    def leave(self, user: int) -> None:
        last = self.members.pop()
        place = self._place.pop(user)
        if last != user:
            self.members[place] = last
            self._place[last] = place

    def draw(self, rng: random.Random) -> int:
        return rng.choice(self.members)


class _Ranking:
    """Users in a hidden order, with a Zipf draw among those present, in logarithmic time.

    A Fenwick tree over the places of the order counts who is present.
    """

    __slots__ = ("_harmonic", "_place", "_present", "_size", "_tree", "_user")

    def __init__(self, users: int, present: Iterable[int], rng: random.Random) -> None:
        self._user = list(range(users))
        rng.shuffle(self._user)
        self._place = [0] * users
        for place, user in enumerate(self._user):
            self._place[user] = place
        self._size = 1 << users.bit_length()
        self._tree = [0] * (self._size + 1)
        self._present = 0
        self._harmonic = list(accumulate(1 / rank for rank in range(1, users + 1)))
        for user in present:
            self.enter(user)

    def enter(self, user: int) -> None:
        self._change(user, 1)

    def leave(self, user: int) -> None:
        self._change(user, -1)

    def draw(self, rng: random.Random) -> int:
        total = self._harmonic[self._present - 1]
        rank = bisect_left(self._harmonic, rng.random() * total, 0, self._present - 1)
        return self.at_rank(rank)

    def at_rank(self, rank: int) -> int:
        """Return the present user with ``rank`` present users before it."""
        tree = self._tree
        place, step = 0, self._size
        while step:
            if place + step <= self._size and tree[place + step] <= rank:
                place += step
                rank -= tree[place]
            step >>= 1
        return self._user[place]

    def _change(self, user: int, by: int) -> None:
        self._present += by
        i = self._place[user] + 1
        while i <= self._size:
            self._tree[i] += by
            i += i & -i
