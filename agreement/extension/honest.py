"""Honest protocols: automata that remember a digest of what they saw, and answer truthfully.

All protocols for consensus that are listed here fail in one way or another, as all must (FLP).
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
    """A protocol as an automaton on digests.

    `start(process, input)` is the first digest, `step(process, digests seen, by process)` the next
    one, and `decision(digest)` the output, or None. A `silent` automaton never outputs anything, so
    that output queries need no search.
    """

    name: str
    start: Callable[[int, int], Digest]
    step: Callable[[int, Mapping[int, Digest]], Digest]
    decision: Callable[[Digest], int | None]
    silent: bool = False


class Honest:
    """The `Answerer` that answers as an automaton does."""

    def __init__(self, problem: Problem, automaton: Automaton, limit: int = 200_000) -> None:
        """Set the problem, the automaton, and the limit of configurations of an output query.

        An output query that would look at more than `limit` configurations raises GameError.
        """
        self.problem = problem
        self.automaton = automaton
        self.states = States()
        self.limit = limit
        self._digests: dict[int, Digest] = {}

    @property
    def name(self) -> str:
        """The automaton's name."""
        return self.automaton.name

    def digest(self, state: int) -> Digest:
        """Return what the automaton remembers in a state."""
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
        """Decide by the digest; before its first operation no process outputs anything."""
        return self.automaton.decision(self.digest(state)) if self.states.round[state] else None

    def output(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """Search breadth first for a schedule with that output; the answer is exact.

        Configurations that differ only in what the automaton forgets are visited once.
        """
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
                raise GameError(
                    f"{self.name}: cannot answer the output query: it has more than "
                    f"{self.limit:,} configurations to look at"
                )
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
        """Return a key that determines what can happen when only `group` moves from here.

        It has all digests from the least round of a process that can move; the number of that round
        does not matter.
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
        """Ignore the end of a phase: an automaton does not depend on it."""

    def ceiling(self) -> int | None:
        """Return None: recurring digests show that a chain is infinite."""
        return None


def _rounds(name: str, rounds: int, rule: Callable[[int, dict[int, int]], int]) -> Automaton:
    """Return the automaton that applies a rule to the values seen and then outputs the value.

    It does so `rounds` times; `rule(own process, values by process)` is the new value.
    """

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
    """Return the automaton that repeats commit-adopt until it commits.

    It is never wrong, but never ends if the processes keep in step. Digests are (stage, value,
    sure). In stage 0, a process becomes sure of its value if it sees no other value. In stage 1, a
    process that sees only sure ones outputs their value; one that sees some sure one adopts its
    value.
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
"""The automata by name. `own` outputs its input; `leader` outputs the value of process 0 if it sees
it; `minimum` and `majority` apply these rules in two rounds; `zero` always outputs 0, which is not
even valid; `commit-adopt` is never wrong but can go on for ever; `never` outputs nothing."""


def synthesised(tables: Tables) -> Automaton:
    """Return the protocol of found tables (`agreement.protocols.synthesised`) as an automaton."""
    places = [
        dict(zip(views, numbers, strict=True))
        for views, numbers in zip(tables.views, tables.numbers, strict=True)
    ]
    if not places:
        raise TaskError(
            "cannot play a protocol of 0 rounds: in this model nobody outputs before a round"
        )

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
