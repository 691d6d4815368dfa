"""The adversarial protocol, which decides as late as it may, and why no prover beats it (AAEGZ23).

That it exists for (n, k)-set agreement, n > k >= 2, and for the 4-cycle is their theorem. Their
text was not at hand: what follows is our own construction and proof [D], for the model of
`agreement.extension.states` and the game of `agreement.extension.game`. The proof is prose: claims
`extension-regions` and `extension-distances` check steps of it by machine, `extension-play` plays.

**Regions.** K(t) is the complex of the round-t states, with those who output before joined on: one
who output is not subdivided any more, the others are, chromatically. Let T(y) be the states that
output y, A(y) the going-on states of K(t) next to one of T(y), and B(y) those that may not output
y, by the inputs that they know. A state of K(t + 1) has a *carrier* in K(t): what it saw.

*Invariant* (first phase). For different y, z: A(y) and A(z) are disjoint, A(y) and B(y) are
disjoint, T(y) and T(z) are not next to one another; and outputs are allowed by the inputs known.

*Going on.* Let all undecided states of K(t) go on. States of K(t + 1) next to one another have
nested carriers (of two snapshots, one holds the other). One of them is in A(y) only if its whole
carrier is, and likewise B(y). So disjoint regions stay disjoint. They draw apart, too: with D(x)
the distance from A(y) through states that go on, D'(v) = the least plus the greatest D in the
carrier of v changes by at most 1 from a state to the next, is 0 on all of the new A(y), and is at
least 2 d where D was at least d: distances of regions at least double.

*Deciding.* An undecided state v of K(t) may output y if
(1) no state in its carrier is in A(z), z other than y, or in B(y), as they were in K(t - 1);
(2) no w of T(z) in K(t) itself has a carrier that meets that of v, or is in a simplex with it.
Then v is not in A(z) nor B(y), and no neighbour of v is: a neighbour's carrier is within that of
v, or holds it. So the invariant still holds, v's neighbours now being in A(y).

*No chain is infinite.* In K(t), t >= 1, some value is allowed to a whole simplex: the first who
moved are seen by all. Suppose nobody has output in two rounds. Then A(y), A(z), B(y) were 2 apart
in K(t - 1), so a carrier meets at most one of them, and (1) and (2) let v output: y if its carrier
meets A(y), else a value that is allowed to all its carrier. So a state on which a chain depends
outputs after at most two more rounds. Rounds are at most the first one in which anybody may output,
2 more, and 2 for each output and each output query; a chain has at most n outputs, and ends.

*Output queries* (C, Q, y). If Q can reach a state that outputs y, or one that may by the rule, it
does. Otherwise look at the simplices S of undecided states in K(t) that Q can reach together. If
each is joined to one of T(z), z other than y, or lies in B(y), then so is all that it is ever
subdivided into: the answer is *no*, and stays true, as such states never output y. If S is neither,
let all of S move together and then one of them, v, alone: v's carrier is one state, whose own
carrier is S, which is so in no A(z) and not in B(y): v may output y.

**Later phases.** The first block of alpha(2) has moved before everybody else, so its input a is
known to all who ever output, and is the same in all that is left: a is allowed. Let t be the last
round then. All go on for L more rounds, and then everybody outputs. Let P(y, x) be 0 on A(y) and 1
elsewhere in K(t), and later P(y, v) the least plus the greatest P(y, .) in the carrier of v; v
outputs the value P(y, v) steps along the way from y to a, if for some y that is not yet a, else a.
P changes by at most 1 between neighbours, and P(y, .) + P(z, .) is at least 2^L >= 2 L, if L is the
length of the longest way: so for two neighbours only one y counts, and they output the same or the
next value on one way to a. In set agreement L is 1, so that at most two values are in a simplex.
What is output is allowed: where P(y, v) < L, v is not in B(y), for the same reason, and ways stay
in all carriers that y and a are in (`Problem.route`). All output by round t + L, and each phase
adds a step, so the prover loses after finitely many phases. []

For k = 1, consensus, the last paragraph fails, as it must: two values are one too many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.errors import GameError
from agreement.extension.runs import inputs_in_reach, runs
from agreement.extension.states import States

if TYPE_CHECKING:
    from agreement.extension.problems import Problem
    from agreement.extension.states import Configuration
    from agreement.memory import Block, Schedule

__all__ = ["Adversary"]


class Adversary:
    """The adversarial protocol for a problem. An `Answerer`.

    `level` is t; `terminated` the states that have output in the first phase, with what;
    `default` is a once the first phase is over, None before, and `last` then the round in which all
    output. `queried`: how many output queries made it go on.
    """

    def __init__(self, problem: Problem, patience: int = 2, limit: int = 200_000) -> None:
        """TaskError if ways between values leave the carriers of this task.

        Nobody outputs before round `patience`, at least 1. No output query looks at more than
        `limit` configurations: GameError beyond.
        """
        self.problem = problem
        self.states = States()
        self.level = patience
        self.terminated: dict[int, int] = {}
        self.default: int | None = None
        self.last = 0
        self.queried = 0
        self.patience = patience
        self.limit = limit
        self._steps: dict[tuple[int, int], int] = {}
        self._reach: dict[frozenset[int], frozenset[tuple[int, int]]] = {}
        self.ways = {(y, a): problem.route(y, a) for y in problem.values for a in problem.values}

    @property
    def name(self) -> str:
        """`adversary`; a broken one's own name."""
        return type(self).__name__.lower()

    def digest(self, state: int) -> None:  # noqa: ARG002 - an `Answerer` is asked of a state
        """It remembers everything."""
        return

    def ceiling(self) -> int:
        """The last round of all, or what the proof allows for now."""
        if self.default is not None:
            return self.last
        return self.patience + 2 + 2 * (len(self.terminated) + self.queried)

    def allows(self, inputs: frozenset[int], value: int) -> bool:
        """Whether a value may be output by who knows these inputs."""
        return value in self.problem.allowed(inputs)

    def allowed(self, state: int, value: int) -> bool:
        """By the inputs known in a state."""
        return self.allows(self.states.inputs[state], value)

    def goes_on(self, state: int) -> bool:
        """Whether it has been settled that a process goes on from here."""
        limit = self.level if self.default is None else self.last
        return self.states.round[state] < limit and state not in self.terminated

    def decide(self, state: int) -> int | None:
        """Decide if one must, as late as one may."""
        if state in self.terminated:
            return self.terminated[state]
        if self.goes_on(state):
            return None
        if self.default is not None:
            return self._final(state)
        own = self.states.inputs[self.states.ancestor(state, 0)]
        for value in sorted(self.problem.values, key=lambda value: (value not in own, value)):
            if self.may(state, value):
                self.terminated[state] = value
                return value
        self.level += 1
        return None

    def next_to(self, state: int, value: int, *, other: bool = False) -> bool:
        """Whether a state that goes on is in A(value); or, if `other`, in any A but that."""
        return self._joined(frozenset({state}), value, other=other)

    def _joined(self, simplex: frozenset[int], value: int, *, other: bool) -> bool:
        """Whether a simplex is joined to one state that output `value` (or anything but that)."""
        top = max(self.states.round[s] for s in simplex)
        return any(
            (out != value) is other
            and self.states.round[u] <= top
            and self.states.together(simplex | {u})
            for u, out in self.terminated.items()
        )

    def may(self, state: int, value: int) -> bool:
        """Whether an undecided state may output `value`: conditions (1) and (2)."""
        states, carrier = self.states, self.states.seen[state]
        if not all(self.allowed(x, value) for x in carrier):
            return False
        if any(self._apart(x, value) for x in carrier):
            return False
        return not any(
            out != value
            and states.round[u] == states.round[state]
            and (states.seen[u] & carrier or states.together(states.seen[u] | carrier))
            for u, out in self.terminated.items()
        )

    def _apart(self, state: int, value: int) -> bool:
        """Whether a state of the round before is in the region of another value."""
        return self.next_to(state, value, other=True)

    def output(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """Find one, or make one, or know that there will never be one."""
        if not self.allows(inputs_in_reach(self.states, now, group), value):
            return None
        if self.default is not None:
            return self._find(now, group, value)
        may: tuple[int, Schedule] | None = None
        open_run: tuple[Block, Schedule] | None = None
        for number, (at, blocks) in enumerate(runs(self.states, now, group, self.goes_on)):
            if any(self.terminated.get(at[p]) == value for p in group):
                return blocks
            stopped = [p for p in group if not self.goes_on(at[p])]
            left = tuple(p for p in stopped if at[p] not in self.terminated)
            if may is None:
                able = (at[p] for p in left if self.may(at[p], value))
                may = next(((state, blocks) for state in able), None)
            if left and len(stopped) == len(group) and open_run is None:
                simplex = frozenset(at[p] for p in left)
                open_run = None if self._closed(simplex, value) else (left, blocks)
            if number >= _ENOUGH and (may or open_run):
                break
            self._check(number)
        if may is not None:
            self.terminated[may[0]] = value
            return may[1]
        return None if open_run is None else self._go_on(now, open_run, value)

    def _closed(self, simplex: frozenset[int], value: int) -> bool:
        """Whether nothing that an undecided simplex is divided into will ever output `value`."""
        lost = not any(self.allowed(x, value) for x in simplex)
        return lost or self._joined(simplex, value, other=True)

    def _go_on(self, now: Configuration, open_run: tuple[Block, Schedule], value: int) -> Schedule:
        """All that are undecided move together, then one alone: and that one may."""
        left, blocks = open_run
        schedule = (*blocks, left, left[:1])
        self.level += 2
        self.queried += 1
        self.terminated[self.states.run(now, schedule)[left[0]]] = value
        return schedule

    def extended(self, schedule: Schedule, openings: tuple[Configuration, ...]) -> None:
        """After the first phase: fix the default, and the last round."""
        if self.default is not None:
            return
        states = self.states
        (self.default,) = states.inputs[states.ancestor(openings[0][schedule[0][0]], 0)]
        ways = [self.ways[y, self.default] for y in {*self.terminated.values(), self.default}]
        self.last = self.level + max(1, *(len(way) - 1 for way in ways))

    def steps_from(self, state: int, value: int) -> int:
        """P(value, state), for a state from round `level` on."""
        states, key = self.states, (state, value)
        if key not in self._steps:
            if states.round[state] == self.level:
                self._steps[key] = 0 if self.next_to(state, value) else 1
            else:
                steps = [self.steps_from(x, value) for x in states.seen[state]]
                self._steps[key] = min(steps) + max(steps)
        return self._steps[key]

    def _final(self, state: int) -> int:
        """The output in the last round."""
        default = self.default
        for value in sorted(set(self.terminated.values()) - {default}):
            way = self.ways[value, default]  # type: ignore[index]
            steps = self.steps_from(state, value)
            if steps < len(way) - 1:
                return way[steps]
        return default  # type: ignore[return-value]

    def _find(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """Look at all schedules of the group in which it may still happen.

        Any output but the default is in the reach of a region: a state of round `level` in it must
        be among those that move, or be seen by them.
        """
        ways = {z: self.ways[z, self.default] for z in self.terminated.values()}  # type: ignore[index]
        near = {z: len(way) - 1 for z, way in ways.items() if value in way}

        def keep(at: Configuration) -> bool:
            return value == self.default or self._in_reach(at, group, near)

        found = runs(self.states, now, group, self.goes_on, keep)
        for number, (at, blocks) in enumerate(found):
            if any(self.decide(at[p]) == value for p in group):
                return blocks
            self._check(number)
        return None

    def _in_reach(self, now: Configuration, group: Block, near: dict[int, int]) -> bool:
        """Whether the group can still come to where one of these values' regions counts."""
        states = self.states
        able = [states.round[now[p]] for p in group if self.goes_on(now[p])]
        low = min(able, default=self.last)
        parts = [s if p in group else states.ancestor(s, low) for p, s in enumerate(now)]
        return any(self._leads_to(self._seeing(s, now), near) for s in parts)

    def _seeing(self, state: int, now: Configuration) -> frozenset[int]:
        """A state with all of its round that its process is going to see, if it goes on."""
        states, number = self.states, self.states.round[state]
        if not self.goes_on(state):
            return frozenset({state})
        return frozenset(
            {state, *(states.ancestor(s, number) for s in now if states.round[s] > number)}
        )

    def _leads_to(self, simplex: frozenset[int], near: dict[int, int]) -> bool:
        """Whether what sees this simplex can be in a region of `near`, or so near it counts."""
        if simplex not in self._reach:
            number = self.states.round[next(iter(simplex))]
            self._reach[simplex] = frozenset(
                (value, self._least(simplex, value))
                for u, value in self.terminated.items()
                if self.states.together(simplex | self.states.past(u, number))
                or number >= self.level
            )
        return any(least < near.get(value, 0) for value, least in self._reach[simplex])

    def _least(self, simplex: frozenset[int], value: int) -> int:
        """What P is at least, in what sees this simplex."""
        rounds = self.states.round
        if any(rounds[s] < self.level or s in self.terminated for s in simplex):
            return 0
        return min(self.steps_from(s, value) for s in simplex)

    def _check(self, number: int) -> None:
        if number > self.limit:
            raise GameError(
                f"adversary: this output query has more than {self.limit:,} configurations to look "
                "at; ask from a configuration nearer to the last round"
            )


_ENOUGH = 100
"""After so many configurations what was found is taken, and nothing better looked for."""
