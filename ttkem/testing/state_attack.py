"""The attack, executed: what somebody gets who has a leaked state and all that was ever sent.

The attacker knows nothing of the protocol's inside. They load a leaked state and do with it all
that its owner could: confirm each pending operation, process every message ever made and join with
every welcome, in every order that the state accepts. They also look for group keys among the bytes
of what leaked. This finds what a state keeps for too long; it does not find every consequence of
what leaked, for a real adversary computes with single keys. That takes knowledge of the protocol;
for tree protocols :mod:`ttkem.adversary` has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ttkem.crypto import SeededRandomness
from ttkem.errors import LocalError, TtkemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.cgka import CGKA, Member

__all__ = ["Attacker", "TooManyStatesError", "group_key"]


class TooManyStatesError(Exception):
    """An attack that would not end."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A state that an attacker has brought a member into."""

    key: bytes | None
    next: Mapping[bytes, str]
    """States that one more call leads to, each with the call."""


class Attacker:
    """Somebody who has recorded all messages and welcomes of a run, and is handed states of it.

    What a state leads to is worked out once, however many states lead to it.
    """

    def __init__(
        self,
        protocol: CGKA,
        pki: Mapping[str, bytes],
        messages: Mapping[int, bytes],
        welcomes: Mapping[int, bytes],
    ) -> None:
        self._protocol = protocol
        self._pki = pki
        self._messages = messages
        self._welcomes = welcomes
        self._turns: dict[bytes, _Turn] = {}
        self.bound = 40 * (len(messages) + 1) ** 2
        """How many states may be looked at; processing drops what is pending, so few are needed."""

    def keys(self, state: bytes) -> dict[bytes, tuple[str, ...]]:
        """Every group key that a state leads to, each with the calls that lead there."""
        found: dict[bytes, tuple[str, ...]] = {}
        todo: list[tuple[bytes, tuple[str, ...]]] = [(state, ())]
        seen = {state}
        for at, done in todo:
            turn = self._turn(at)
            if turn.key is not None:
                found.setdefault(turn.key, done)
            fresh = [after for after in turn.next if after not in seen]
            seen.update(fresh)
            todo += [(after, (*done, turn.next[after])) for after in fresh]
        return found

    def _turn(self, state: bytes) -> _Turn:
        if state not in self._turns:
            if len(self._turns) == self.bound:
                raise TooManyStatesError(
                    f"more than {self.bound} states come from those of one run: what is pending "
                    "outlives processing, or saving a member twice gives different bytes"
                )
            member = self._load(state)
            reached: dict[bytes, str] = {}
            key, victim = group_key(member), member
            for what, act in self._moves(member):
                try:
                    act(victim)
                except TtkemError:  # has changed nothing: that is for others to check
                    continue
                reached.setdefault(victim.save(), what)
                victim = self._load(state)
            self._turns[state] = _Turn(key, reached)
        return self._turns[state]

    def _load(self, state: bytes) -> Member:
        return self._protocol.load(state, self._pki, SeededRandomness("attacker"))

    def _moves(self, member: Member) -> tuple[tuple[str, Callable[[Member], object]], ...]:
        """All that can be tried with a state: names, and calls on a member in that state."""
        moves: list[tuple[str, Callable[[Member], object]]] = [
            ("confirm a pending operation", partial(_confirm, operation=pending))
            for pending in member.pending
        ]
        if member.in_group:
            moves += [
                (f"process {op}", partial(_process, data=d)) for op, d in self._messages.items()
            ]
        else:
            moves += [(f"join by {op}", partial(_join, data=d)) for op, d in self._welcomes.items()]
        return tuple(moves)


def _confirm(member: Member, operation: bytes) -> None:
    member.confirm(operation)


def _process(member: Member, data: bytes) -> None:
    member.process(data)


def _join(member: Member, data: bytes) -> None:
    member.join(data)


def group_key(member: Member) -> bytes | None:
    """The group key, where there is one."""
    try:
        return bytes(member.group_key) if member.in_group else None
    except LocalError:
        return None
