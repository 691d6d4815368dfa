"""Adaptive adversaries: they choose the next step from the public state of a game.

A strategy is a table of weights for *moves*: single steps, or sequences of steps with one aim. The
player sees the ledger, and the taints where the protocol has them. All random choices come from the
generator that is passed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from ttkem.adversary.steps import (
    Add,
    Challenge,
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

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from ttkem.adversary.ledger import Ledger

__all__ = ["STRATEGIES", "Player", "Strategy"]

_Move: TypeAlias = Callable[["Player"], list[Step]]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A named table of weights of the moves in ``MOVES``."""

    name: str
    weights: Mapping[str, int]


class Player:
    """A player that follows a strategy in one game."""

    __slots__ = ("_bounds", "_moves", "_names", "_queue", "_total", "chance", "ledger", "tainters")

    def __init__(
        self,
        strategy: Strategy,
        ledger: Ledger,
        chance: Random,
        first: int,
        tainters: Callable[[str], set[str]] = lambda _: set(),
    ) -> None:
        self.ledger = ledger
        self.chance = chance
        self.tainters = tainters
        """The function that returns the tainters in a member's view; empty if unknown."""
        self._names = tuple(ledger.members)
        self._moves = [MOVES[name] for name in strategy.weights]
        self._bounds = list(accumulate(strategy.weights.values()))
        self._total = self._bounds[-1]
        self._queue: deque[Step] = deque(_opening(self._names[:first]))

    def step(self) -> Step:
        """Return the next step."""
        queue = self._queue
        while not queue:
            (move,) = self.chance.choices(self._moves, cum_weights=self._bounds)
            queue.extend(move(self))
        return queue.popleft()

    def pick(self, names: Sequence[str]) -> str | None:
        """Return a random one of ``names``; None if there is none."""
        return names[int(self.chance.random() * len(names))] if names else None

    def insider(self) -> str | None:
        """Return a random participant who is in a group; None if nobody is."""
        members = self.ledger.members
        return self.pick([name for name in self._names if members[name].at is not None])

    def outsider(self) -> str | None:
        """Return a random participant who is in no group; None if everybody is in one."""
        members = self.ledger.members
        return self.pick([name for name in self._names if members[name].at is None])

    def anybody(self) -> str:
        """Return a random participant."""
        return self._names[int(self.chance.random() * len(self._names))]

    def company(self, who: str) -> list[str]:
        """Return all others with the same history."""
        members = self.ledger.members
        at = members[who].at
        return [name for name in self._names if members[name].at == at and name != who]

    @property
    def op(self) -> int:
        """The number of the next operation."""
        return len(self.ledger.made)

    def spread(self, op: int, author: str, *, joiner: str | None = None) -> list[Step]:
        """Return steps that confirm an operation about to be made and deliver it to everybody."""
        to = [*self.company(author), *([joiner] if joiner else [])]
        return [Confirm(op), *(Deliver(op, name) for name in to)]


def _opening(names: Sequence[str]) -> list[Step]:
    """Return steps after which all of ``names`` are in one group, created by the first."""
    if not names:
        return []
    keys = range(len(names) - 1)
    return [
        *(SampleKey(name, key) for key, name in zip(keys, names[1:], strict=True)),
        Create(names[0], 0, tuple(keys)),
        Confirm(0),
        *(Deliver(0, name) for name in names[1:]),
    ]


def _update(player: Player) -> list[Step]:
    who = player.insider()
    return [Update(who, player.op)] if who else []


def _create(player: Player) -> list[Step]:
    """Create a group with all who have an unused init key, if nobody is in a group."""
    if player.insider():
        return []
    who, members = player.anybody(), player.ledger.members
    keys = tuple(
        record.unused[0] for name, record in members.items() if record.unused and name != who
    )
    return [Create(who, player.op, keys), Confirm(player.op)]


def _add(player: Player) -> list[Step]:
    """Add somebody with an old init key or a new one; rarely, somebody who is a member already."""
    who = player.insider()
    joiner = player.anybody() if player.chance.random() < _RARELY else player.outsider()
    if who is None or joiner is None:
        return []
    keys, unused = player.ledger.keys, player.ledger.members[joiner].unused
    if unused and player.chance.random() < _HALF:
        return [Add(who, player.op, unused[0])]
    return [SampleKey(joiner, len(keys)), Add(who, player.op, len(keys))]


def _remove(player: Player) -> list[Step]:
    who = player.insider()
    roster = sorted(player.ledger.roster(who) - {who}) if who else ()
    whom = player.pick(roster)
    return [Remove(who, player.op, whom)] if who and whom else []


def _advance(player: Player) -> list[Step]:
    """Deliver to a random participant an operation on its history, preferably a confirmed one."""
    ledger, who = player.ledger, player.anybody()
    at = ledger.members[who].at
    if at is None:
        return _welcome(player, who)
    ops = ledger.following.get(at, ())
    confirmed = [op for op in ops if op in ledger.confirmed]
    if confirmed and player.chance.random() < _MOSTLY:
        ops = confirmed
    if not ops:
        return []
    op = ops[int(player.chance.random() * len(ops))]
    return [Confirm(op) if ledger.made[op].author == who else Deliver(op, who)]


def _welcome(player: Player, who: str) -> list[Step]:
    unused, made = player.ledger.members[who].unused, player.ledger.made
    for op in range(len(made) - 1, max(len(made) - _RECENT, -1), -1):
        if made[op].joiners.get(who) in unused:
            return [Deliver(op, who)]
    return []


def _reject(player: Player) -> list[Step]:
    members = player.ledger.members
    who = player.pick([name for name in members if members[name].pending])
    return [Reject(members[who].pending[0])] if who else []


def _repeat(player: Player) -> list[Step]:
    """Deliver any operation, probably a recent one, to anybody."""
    count = len(player.ledger.made)
    op = max(count - 1 - int(player.chance.expovariate(0.4)), 0)
    return [Deliver(op, player.anybody())] if count else []


def _everybody(player: Player) -> list[Step]:
    """Deliver the latest operation to everybody, even to its author and those who processed it."""
    op = len(player.ledger.made) - 1
    return [Deliver(op, name) for name in player.ledger.members] if op >= 0 else []


def _corrupt(player: Player) -> list[Step]:
    who = player.anybody()
    corrupted = player.ledger.members[who].corrupted
    return [EndCorrupt(who) if corrupted else StartCorrupt(who)]


def _glance(player: Player) -> list[Step]:
    """Corrupt a random participant for a single moment."""
    return _glances(player, player.anybody())


def _glances(player: Player, who: str) -> list[Step]:
    return [] if player.ledger.members[who].corrupted else [StartCorrupt(who), EndCorrupt(who)]


def _challenge(player: Player) -> list[Step]:
    count, challenged = len(player.ledger.made), player.ledger.challenged
    op = int(player.chance.random() * count)
    return [Challenge(op)] if count and op not in challenged else []


def _sample(player: Player) -> list[Step]:
    return [SampleKey(player.anybody(), len(player.ledger.keys))]


def _erase(player: Player) -> list[Step]:
    return [EraseKeys(player.anybody())]


def _round(player: Player) -> list[Step]:
    """Make an update, confirm it and deliver it to everybody with the same history."""
    who, op = player.insider(), player.op
    return [Update(who, op), *player.spread(op, who)] if who else []


def _heal(player: Player) -> list[Step]:
    """Corrupt somebody just before its update, while it is pending, or after it."""
    who, op = player.insider(), player.op
    if who is None or player.ledger.members[who].corrupted:
        return []
    steps: list[Step] = [Update(who, op), *player.spread(op, who), Challenge(op)]
    when = player.chance.randrange(4)
    at = (0, 1, 2, len(steps))[when]
    return [*steps[:at], *_glances(player, who), *steps[at:]]


def _hoard(player: Player) -> list[Step]:
    """Corrupt a tainter before or after its update; without a tainter, corrupt a remover."""
    who = player.insider()
    if who is None:
        return []
    tainter = player.pick(sorted(player.tainters(who)))
    if tainter is None or player.ledger.members[tainter].at is None:
        whom = player.pick(sorted(player.ledger.roster(who) - {who}))
        if whom is None or player.ledger.members[who].corrupted:
            return []
        op = player.op
        seen: list[Step] = [StartCorrupt(who), Remove(who, op, whom), EndCorrupt(who)]
        return [*seen, *player.spread(op, who)]
    op = player.op
    steps: list[Step] = [Update(tainter, op), *player.spread(op, tainter)]
    if player.chance.random() < _HALF:
        return [*_glances(player, tainter), *steps]
    return [*steps, *_glances(player, tainter), Challenge(op)]


def _fork(player: Player) -> list[Step]:
    """Confirm two concurrent updates, and deliver one of the two to each of the other members."""
    who = player.insider()
    company = player.company(who) if who else []
    other = player.pick(company)
    if who is None or other is None:
        return []
    op = player.op
    steps: list[Step] = [Update(who, op), Update(other, op + 1), Confirm(op), Confirm(op + 1)]
    others = [name for name in company if name != other]
    return [*steps, *(Deliver(op + (player.chance.random() < _HALF), name) for name in others)]


def _return(player: Player) -> list[Step]:
    """Remove somebody and add them again, with an init key from before the removal or a new one."""
    who = player.insider()
    whom = player.pick(player.company(who)) if who else None
    if who is None or whom is None:
        return []
    op, key = player.op, len(player.ledger.keys)
    sample: Step = SampleKey(whom, key)
    told = [
        name for name in player.company(who) if name != whom or player.chance.random() < _MOSTLY
    ]
    leave: list[Step] = [Remove(who, op, whom), Confirm(op), *(Deliver(op, name) for name in told)]
    back: list[Step] = [Add(who, op + 1, key), Confirm(op + 1)]
    back += [Deliver(op + 1, name) for name in player.company(who)]
    if player.chance.random() < _HALF:
        return [sample, *leave, *_glances(player, whom), *back]
    return [*leave, sample, *back, *_glances(player, whom)]


def _hesitate(player: Player) -> list[Step]:
    """Corrupt somebody with several pending operations, and then confirm one of them or none."""
    who, op = player.insider(), player.op
    if who is None:
        return []
    steps: list[Step] = [Update(who, op), Update(who, op + 1), *_glances(player, who)]
    end = player.chance.randrange(4)
    if end == 0:
        return [*steps, Reject(op), Confirm(op + 1)]
    if end == 1:
        return [*steps, *player.spread(op, who), Confirm(op + 1)]
    other = player.pick(player.company(who))
    if end == 2 and other:  # noqa: PLR2004 - one of four
        return [*steps, Remove(other, op + 2, who), Confirm(op + 2), Deliver(op + 2, who)]
    return [*steps, Reject(op), Reject(op + 1)]


_RARELY, _HALF, _MOSTLY, _RECENT = 0.05, 0.5, 0.85, 8

MOVES: dict[str, _Move] = {
    "update": _update,
    "create": _create,
    "add": _add,
    "remove": _remove,
    "advance": _advance,
    "reject": _reject,
    "repeat": _repeat,
    "everybody": _everybody,
    "corrupt": _corrupt,
    "glance": _glance,
    "challenge": _challenge,
    "sample": _sample,
    "erase": _erase,
    "round": _round,
    "heal": _heal,
    "hoard": _hoard,
    "fork": _fork,
    "return": _return,
    "hesitate": _hesitate,
}

_ANYTHING = {
    "update": 6,
    "create": 1,
    "add": 4,
    "remove": 3,
    "advance": 30,
    "reject": 1,
    "repeat": 3,
    "corrupt": 2,
    "glance": 1,
    "challenge": 1,
    "sample": 1,
    "erase": 1,
}


def _with(name: str, **more: int) -> Strategy:
    return Strategy(name, {**_ANYTHING, **more})


STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        _with("random"),
        _with("hoard", hoard=8, round=4),
        _with("heal", heal=8, round=2),
        _with("fork", fork=4, round=2),
        _with("replay", repeat=20, everybody=2, round=3),
        _with("return", **{"return": 5, "round": 3}),
        _with("hesitate", hesitate=6, round=2),
    )
}
"""The strategies by name: ``random``, and those that favour one kind of attack each."""
