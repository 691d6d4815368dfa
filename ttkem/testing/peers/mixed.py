"""Compare two implementations in one group (own design).

One client creates a group, adds a client of another implementation, and commits nothing, an Add or
a Remove, which the other must process. A scenario that cannot continue ends; the next one starts
with a new group. In every epoch of both, their exported secrets are compared, which section 8.5 of
RFC 9420 defines exactly.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ttkem.crypto import SeededRandomness
from ttkem.testing.peers.party import NotShownError, owner

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.crypto import Randomness
    from ttkem.testing.peers.party import Client, Commit, Group

__all__ = ["SCENARIOS", "Comparison", "Difference", "compare"]

EXPORTS = ((b"mixed", b"", 32), (b"mixed", b"context", 32), (b"other", b"context", 77))
"""The compared exports: labels, contexts and lengths in bytes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between the two implementations."""

    scenario: str
    rule: str
    """The violated rule: follows, joins, commits, exporter, epoch or members."""
    trace: tuple[str, ...]
    """The steps; the last one describes the failure."""

    def __str__(self) -> str:
        return f"{self.scenario}: {self.rule}: " + "; ".join(self.trace)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of all scenarios."""

    differences: tuple[Difference, ...]
    untested: frozenset[tuple[str, str]]
    """Scenarios, each with a feature that could not be tested in it."""


class _Stopped(Exception):  # noqa: N818 - it ends a scenario, which is no error
    """The scenario cannot continue."""


class _Pair:
    """One run of a scenario: an author, a follower, and their differences."""

    def __init__(
        self,
        scenario: str,
        make_author: Callable[[str, Randomness], Client],
        make_follower: Callable[[str, Randomness], Client],
        seed: str,
    ) -> None:
        self.scenario = scenario
        self.found: list[Difference] = []
        self.untested: set[tuple[str, str]] = set()
        self.trace: list[str] = []
        self._randomness = SeededRandomness(f"{seed} {scenario}")
        self._makers = make_author, make_follower
        self.author = make_author("author", self._randomness)
        self.follower = make_follower("follower", self._randomness)
        self.ours = self.author.found()
        self.theirs: Group | None = None

    def differ(self, rule: str, what: str) -> None:
        """Record a difference."""
        self.found.append(Difference(self.scenario, rule, (*self.trace, what)))

    def guest(self, *, of_follower: bool) -> bytes:
        """Return a key package of another client, of either implementation."""
        name = "guest of the follower" if of_follower else "guest of the author"
        return self._makers[of_follower](name, self._randomness).key_package()

    def start(self) -> None:
        """Let the author add the follower, who joins."""
        package = self.follower.key_package()
        made = self._commit("the author adds the follower", self.ours, self.author, (package,))
        welcome = made.welcome
        if welcome is None:
            self.differ("joins", "the commit has no Welcome")
            raise _Stopped
        self.ours.confirm()
        try:
            self.theirs = self.follower.join(welcome)
        except self.follower.refusals as error:
            self.differ("joins", f"the follower rejects the Welcome: {_told(error)}")
            raise _Stopped from None
        self.trace.append("the follower joins")
        self.agree()

    def follow(
        self, what: str, adds: tuple[bytes, ...] = (), *, remove: bytes | None = None
    ) -> None:
        """Let the author commit and the follower process the commit."""
        made = self._commit(what, self.ours, self.author, adds, remove)
        self.ours.confirm()
        assert self.theirs is not None  # noqa: S101 - they have started
        try:
            self.theirs.process(made.messages)
        except self.follower.refusals as error:
            self.differ("follows", f"the follower rejects the commit: {_told(error)}")
            raise _Stopped from None
        self.trace.append("the follower processes it")
        self.agree()

    def agree(self) -> None:
        """Compare the epoch, members and exported secrets of both."""
        self._same("epoch", "epochs", lambda group: group.epoch)
        self._same("members", "members", lambda group: group.members)
        for label, context, length in EXPORTS:
            what = f"export({label!r}, {context!r}, {length}) in hexadecimal"
            ask = partial(_exported, label=label, context=context, length=length)
            self._same("exporter", what, ask)

    def _same(self, rule: str, what: str, ask: Callable[[Group], object]) -> None:
        assert self.theirs is not None  # noqa: S101 - they have started
        try:
            first, second = ask(self.ours), ask(self.theirs)
        except NotShownError as error:
            self.untested.add((self.scenario, str(error)))
            return
        if first != second:
            self.differ(rule, f"{what}: {first} and {second}")

    def _commit(
        self,
        what: str,
        group: Group,
        client: Client,
        adds: tuple[bytes, ...] = (),
        remove: bytes | None = None,
    ) -> Commit:
        self.trace.append(what)
        try:
            return group.commit(adds, None if remove is None else owner(remove))
        except NotShownError as error:
            self.untested.add((self.scenario, str(error)))
            raise _Stopped from None
        except client.refusals as error:
            self.differ("commits", f"the author cannot commit: {_told(error)}")
            raise _Stopped from None


def _exported(group: Group, label: bytes, context: bytes, length: int) -> str:
    return group.exported(label, context, length).hex()


def _founding(pair: _Pair) -> None:
    pair.start()


def _empty(pair: _Pair) -> None:
    pair.start()
    pair.follow("the author commits nothing")
    pair.follow("the author commits nothing, again")


def _add(pair: _Pair) -> None:
    pair.start()
    for of_follower in (False, True):
        guest = pair.guest(of_follower=of_follower)
        pair.follow(f"the author adds {owner(guest)[0]}", (guest,))


def _remove(pair: _Pair) -> None:
    pair.start()
    guest = pair.guest(of_follower=False)
    pair.follow("the author adds a guest", (guest,))
    pair.follow("the author removes the guest", remove=guest)


SCENARIOS: dict[str, Callable[[_Pair], None]] = {
    "founding": _founding,
    "empty commit": _empty,
    "add": _add,
    "remove": _remove,
}
"""The scenarios by name."""


def compare(
    author: Callable[[str, Randomness], Client],
    follower: Callable[[str, Randomness], Client],
    seed: str = "1",
) -> Comparison:
    """Run every scenario and return the differences.

    An input that an implementation rejects is a difference; any other exception is passed on.
    """
    found: list[Difference] = []
    untested: set[tuple[str, str]] = set()
    for name, scenario in SCENARIOS.items():
        pair = _Pair(name, author, follower, seed)
        with suppress(_Stopped):
            scenario(pair)
        found += pair.found
        untested |= pair.untested
    return Comparison(tuple(found), frozenset(untested))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
