"""Protocols that are automata: they remember a digest of what they saw, and answer truthfully.

Each of those for consensus that are listed here fails, as each must (FLP): one way or another.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import GameError, TaskError
from agreement.extension.states import States

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from agreement.extension.problems import Problem
    from agreement.extension.states import Configuration
    from agreement.memory import Block, Schedule
    from agreement.protocols import Tables

__all__ = ["HONEST", "Automaton", "Honest", "synthesised"]

Digest: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Automaton:
    """`start(p, input)`, `step(p, seen digests by process)`, and `decision(digest)`, an output.

    `silent`: it never outputs anything, so that nobody need look for an output.
    """

    name: str
    start: Callable[[int, int], Digest]
    step: Callable[[int, Mapping[int, Digest]], Digest]
    decision: Callable[[Digest], int | None]
    silent: bool = False


class Honest:
    """The answerer that an automaton is. An `Answerer`."""

    def __init__(self, problem: Problem, automaton: Automaton, limit: int = 200_000) -> None:
        """No output query looks at more than `limit` configurations: GameError beyond."""
        self.problem = problem
        self.automaton = automaton
        self.states = States()
        self.limit = limit
        self._digests: dict[int, Digest] = {}

    @property
    def name(self) -> str:
        """The automaton's."""
        return self.automaton.name

    def digest(self, state: int) -> Digest:
        """What is remembered of a state."""
        if state not in self._digests:
            process, seen = self.states.process[state], self.states.seen[state]
            if seen:
                views = {self.states.process[s]: self.digest(s) for s in seen}
                self._digests[state] = self.automaton.step(process, views)
            else:
                (value,) = self.states.inputs[state]
                self._digests[state] = self.automaton.start(process, value)
        return self._digests[state]

    def decide(self, state: int) -> int | None:
        """By the digest; before the first operation nobody outputs anything."""
        return self.automaton.decision(self.digest(state)) if self.states.round[state] else None

    def output(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """Breadth first, configurations once up to what is remembered of them: exact."""
        if self.automaton.silent:
            return None
        found: dict[Hashable, None] = {self._key(now, group): None}
        todo: deque[tuple[Configuration, Schedule]] = deque([(now, ())])
        while todo:
            at, blocks = todo.popleft()
            if any(self.decide(at[p]) == value for p in group):
                return blocks
            for block in self._blocks(at, group):
                after = self.states.move(at, block)
                key = self._key(after, group)
                if key not in found:
                    found[key] = None
                    todo.append((after, (*blocks, block)))
            if len(found) > self.limit:
                raise GameError(f"{self.name}: more than {self.limit:,} configurations to look at")
        return None

    def _blocks(self, now: Configuration, group: Block) -> list[Block]:
        rounds: dict[int, list[int]] = {}
        for process in group:
            if self.decide(now[process]) is None:
                rounds.setdefault(self.states.round[now[process]], []).append(process)
        return [
            block
            for members in rounds.values()
            for size in range(1, len(members) + 1)
            for block in combinations(members, size)
        ]

    def _key(self, now: Configuration, group: Block) -> Hashable:
        """What a configuration's future with `group` moving depends on: shifting rounds does not.

        All digests from the least round of those who can move on.
        """
        states = self.states
        able = [p for p in group if self.decide(now[p]) is None]
        low = min((states.round[now[p]] for p in able), default=0)
        parts = []
        for process, state in enumerate(now):
            rounds = range(low, states.round[state] + 1)
            written = tuple(self.digest(states.ancestor(state, number)) for number in rounds)
            parts.append((written, self.decide(state) if process in group else None))
        return tuple(parts)

    def extended(self, schedule: Schedule, openings: tuple[Configuration, ...]) -> None:
        """Nothing depends on it."""

    def ceiling(self) -> int | None:
        """No word is given: that a chain is infinite is shown by digests."""
        return None


def _rounds(name: str, rounds: int, rule: Callable[[int, dict[int, int]], int]) -> Automaton:
    """`rounds` rounds of a rule on the values seen; then the value is output."""

    def step(me: int, seen: Mapping[int, Digest]) -> Digest:
        values = {p: value for p, (_, value) in seen.items()}
        return (seen[me][0] + 1, rule(me, values))

    def decision(digest: Digest) -> int | None:
        return digest[1] if digest[0] == rounds else None

    return Automaton(name, lambda _, value: (0, value), step, decision)


def _majority(me: int, values: dict[int, int]) -> int:
    numbers = list(values.values())
    return max(sorted(set(numbers)), key=lambda v: (numbers.count(v), v == values[me]))


def _leader(me: int, values: dict[int, int]) -> int:
    return values.get(0, values[me])


def _adopt() -> Automaton:
    """Commit and adopt, over and over: never wrong, and for ever if they keep in step.

    Digests are (stage, value, sure). In stage 0 one is sure of one's value if no other is seen. In
    stage 1, who sees only sure ones outputs that value; who sees a sure one takes its value.
    """

    def step(me: int, seen: Mapping[int, Digest]) -> Digest:
        stage, mine, _ = seen[me]
        if stage == 0:
            return (1, mine, int(len({value for _, value, _ in seen.values()}) == 1))
        sure = [value for _, value, certain in seen.values() if certain]
        if not sure:
            return (0, mine, 0)
        return (2 if len(sure) == len(seen) else 0, sure[0], 0)

    def decision(digest: Digest) -> int | None:
        return digest[1] if digest[0] == 2 else None  # noqa: PLR2004

    return Automaton("commit-adopt", lambda _, value: (0, value, 0), step, decision)


def _never() -> Automaton:
    def step(me: int, seen: Mapping[int, Digest]) -> Digest:
        return seen[me]

    return Automaton("never", lambda _, value: (value,), step, lambda _: None, silent=True)


HONEST: dict[str, Callable[[], Automaton]] = {
    "own": lambda: _rounds("own", 1, lambda me, values: values[me]),
    "leader": lambda: _rounds("leader", 1, _leader),
    "minimum": lambda: _rounds("minimum", 2, lambda _, values: min(values.values())),
    "majority": lambda: _rounds("majority", 2, _majority),
    "zero": lambda: _rounds("zero", 1, lambda *_: 0),
    "commit-adopt": _adopt,
    "never": _never,
}
"""By name. `own` outputs the input; `leader` process 0's value if it is seen; `minimum` and
`majority` do two rounds of that; `zero` is not even valid; `commit-adopt` is never wrong but can go
on for ever; `never` outputs nothing."""


def synthesised(tables: Tables) -> Automaton:
    """A found decision map (`agreement.protocols.synthesised`) as an automaton."""
    places = [
        dict(zip(views, numbers, strict=True))
        for views, numbers in zip(tables.views, tables.numbers, strict=True)
    ]
    if not places:
        raise TaskError("without a round nobody ever outputs anything in this model")

    def step(me: int, seen: Mapping[int, Digest]) -> Digest:
        number, own = seen[me]
        values = tuple(sorted(value for _, value in seen.values()))
        different = (None, tuple(sorted(set(values))))
        table = places[number]
        key = different if different in table else (own, values)
        return (number + 1, table[key])

    def decision(digest: Digest) -> int | None:
        return digest[1] if digest[0] == tables.rounds else None

    return Automaton("synthesised", lambda _, value: (0, value), step, decision)
