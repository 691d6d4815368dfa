"""The black-box attack: the group keys that follow from a leaked state and all messages.

The attacker knows nothing about the protocol's internals. It loads a leaked state and does whatever
its owner could do: confirm each pending operation, process every message of the run and join with
every welcome, in every order that the state accepts. (:class:`~ttkem.testing.run.Run` also searches
the leaked bytes for group keys.) This detects a state that keeps a secret for too long. It does not
find every consequence of a leak, since a real adversary computes with single keys; that requires
knowledge of the protocol, which :mod:`ttkem.adversary` has for tree protocols.
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
    """An attack reached more states than its bound allows."""


@dataclass(frozen=True, slots=True)
class _Explored:
    """A state that an attacker has explored."""

    key: bytes | None
    """The group key in this state."""
    next: Mapping[bytes, str]
    """The states that one more call leads to, each with a description of the call."""


class Attacker:
    """An attacker who has recorded all messages and welcomes of a run.

    Every state is explored only once, however many leaked states lead to it.
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
        self._explored: dict[bytes, _Explored] = {}
        self.bound = 40 * (len(messages) + 1) ** 2
        """The bound on explored states; few are needed, since processing drops pending ones."""

    def keys(self, state: bytes) -> dict[bytes, tuple[str, ...]]:
        """Return every group key that a state leads to, each with the calls that lead to it."""
        found: dict[bytes, tuple[str, ...]] = {}
        todo: list[tuple[bytes, tuple[str, ...]]] = [(state, ())]
        seen = {state}
        for at, done in todo:
            here = self._explore(at)
            if here.key is not None:
                found.setdefault(here.key, done)
            fresh = [after for after in here.next if after not in seen]
            seen.update(fresh)
            todo += [(after, (*done, here.next[after])) for after in fresh]
        return found

    def _explore(self, state: bytes) -> _Explored:
        if state not in self._explored:
            if len(self._explored) == self.bound:
                raise TooManyStatesError(
                    f"cannot explore more than {self.bound} states of one run: either pending "
                    "operations survive processing, or saving a member twice gives different bytes"
                )
            member = self._load(state)
            reached: dict[bytes, str] = {}
            key, victim = group_key(member), member
            for what, act in self._moves(member):
                try:
                    act(victim)
                except TtkemError:  # other checks verify that a refused call changes nothing
                    continue
                reached.setdefault(victim.save(), what)
                victim = self._load(state)
            self._explored[state] = _Explored(key, reached)
        return self._explored[state]

    def _load(self, state: bytes) -> Member:
        return self._protocol.load(state, self._pki, SeededRandomness("attacker"))

    def _moves(self, member: Member) -> tuple[tuple[str, Callable[[Member], object]], ...]:
        """Return all calls to try on a member, each with a description."""
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
    """Return the member's group key, or None if it has none."""
    try:
        return bytes(member.group_key) if member.in_group else None
    except LocalError:
        return None
