"""Two implementations in one group: what one commits the other must follow (own design).

One client founds a group, adds another implementation's, and commits: an empty commit, an Add, a
Remove. Where a scenario cannot go on, the next one starts with a new group. In every epoch that
both are in, both are asked for exported secrets, which section 8.5 of RFC 9420 fixes byte by byte.
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
"""Labels, contexts and lengths."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something on which the two do not agree."""

    scenario: str
    rule: str
    """``follows``, ``joins``, ``commits``, ``exporter``, ``epoch`` or ``members``."""
    trace: tuple[str, ...]
    """What was done, the last line being what failed."""

    def __str__(self) -> str:
        return f"{self.scenario}: {self.rule}: " + "; ".join(self.trace)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of all scenarios."""

    differences: tuple[Difference, ...]
    untested: frozenset[tuple[str, str]]
    """Scenarios, and what could not be asked in them."""


class _Stopped(Exception):  # noqa: N818 - it ends a scenario, which is no error
    """The scenario cannot go on."""


class _Pair:
    """One run: an author, a follower, and what they were seen to differ on."""

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
        """Note a difference."""
        self.found.append(Difference(self.scenario, rule, (*self.trace, what)))

    def guest(self, *, of_follower: bool) -> bytes:
        """A key package of somebody else, of either implementation."""
        name = "guest of the follower" if of_follower else "guest of the author"
        return self._makers[of_follower](name, self._randomness).key_package()

    def start(self) -> None:
        """The author adds the follower, who joins."""
        package = self.follower.key_package()
        made = self._commit("the author adds the follower", self.ours, self.author, (package,))
        welcome = made.welcome
        if welcome is None:
            self.differ("joins", "there is no welcome")
            raise _Stopped
        self.ours.confirm()
        try:
            self.theirs = self.follower.join(welcome)
        except self.follower.refusals as error:
            self.differ("joins", f"the follower refuses the welcome: {_told(error)}")
            raise _Stopped from None
        self.trace.append("the follower joins")
        self.agree()

    def follow(
        self, what: str, adds: tuple[bytes, ...] = (), *, remove: bytes | None = None
    ) -> None:
        """The author commits, and the follower processes it."""
        made = self._commit(what, self.ours, self.author, adds, remove)
        self.ours.confirm()
        assert self.theirs is not None  # noqa: S101 - they have started
        try:
            self.theirs.process(made.messages)
        except self.follower.refusals as error:
            self.differ("follows", f"the follower refuses that: {_told(error)}")
            raise _Stopped from None
        self.trace.append("the follower processes it")
        self.agree()

    def agree(self) -> None:
        """Both must see the same epoch, members and exported secrets."""
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
            self.differ("commits", f"the author cannot: {_told(error)}")
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
"""What the author does, by name."""


def compare(
    author: Callable[[str, Randomness], Client],
    follower: Callable[[str, Randomness], Client],
    seed: str = "1",
) -> Comparison:
    """Play every scenario, and tell on what the two differ.

    What an implementation raises on purpose is a difference; whatever else it raises is passed on.
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
