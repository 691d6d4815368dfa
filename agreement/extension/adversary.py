"""The adversarial protocol, which decides as late as it may, and why no prover beats it (AAEGZ23).

AAEGZ23 prove that such a protocol exists for (n, k)-set agreement, n > k >= 2, and for the 4-cycle.
Their text was not at hand: the construction and proof below are our own [D], for the model of
`agreement.extension.states` and the game of `agreement.extension.game`. The proof is prose: the
claims `extension-regions` and `extension-distances` check steps of it by machine, and
`extension-play` plays games.

**Regions.** K(t) is the complex of the round-t states together with the states that output earlier.
Its chromatic subdivision K(t + 1) does not subdivide states that have output. T(y) is the set of
states that output y, A(y) the set of continuing states of K(t) that are adjacent to a state of
T(y), and B(y) the set of continuing states that may not output y, by the inputs that they know. The
*carrier* of a state of K(t + 1) is what it saw in K(t).

*Invariant* (first phase). For all y and z that differ: A(y) and A(z) are disjoint, A(y) and B(y)
are disjoint, no state of T(y) is adjacent to one of T(z), and every output is allowed by the inputs
known.

*Continuing.* Let all undecided states of K(t) continue. Adjacent states of K(t + 1) have nested
carriers (of two snapshots, one contains the other). A state is in A(y) only if its whole carrier
is, and likewise for B(y). So disjoint regions stay disjoint. They also move apart: let D(x) be the
distance of x from A(y) along continuing states, and D'(v) the least plus the greatest D in the
carrier of v. Then D' changes by at most 1 between adjacent states, is 0 on the new A(y), and is at
least 2 d where D was at least d. So distances between regions at least double.

*Deciding.* An undecided state v of K(t) may output y if

1. no state in its carrier was in B(y), or in A(z) for another value z, in K(t - 1); and
2. no state w of T(z) in K(t), for another value z, has a carrier that meets that of v, or whose
   union with the carrier of v is a simplex.

Then neither v nor any neighbour of v is in A(z) or B(y), because a neighbour's carrier is contained
in that of v or contains it. So the invariant still holds after v outputs, when its neighbours are
in A(y).

*Every chain is finite.* In K(t), t >= 1, some value is allowed on every whole simplex, because the
inputs of the processes that moved first are known to all. Suppose that nobody has output in two
rounds. Then the regions A(y), A(z), B(y) were at distance 2 or more in K(t - 1). So a carrier meets
at most one of them, and (1) and (2) let v output: y if its carrier meets A(y), otherwise a value
that is allowed on all of its carrier. So a state that a chain depends on outputs after at most two
more rounds. The last round is at most the first one in which anybody may output, plus 2, plus 2 for
each output and each output query. A chain has at most n outputs, and so it ends.

*Output queries* (C, Q, y). If Q can reach a state that outputs y, or one that may output y by the
rule, the protocol answers with that schedule. Otherwise consider the simplices S of undecided
states in K(t) that Q can reach together. If each of them forms a simplex with a state of T(z), for
some z other than y, or lies in B(y), then so does everything that it is ever subdivided into. The
answer is *no*, and stays true, because such states never output y. If some S does neither, let all
of S move together, and then one of them, v, alone. The carrier of v is a single state, whose own
carrier is S; that one is in no A(z) and not in B(y), so v may output y.

**Later phases.** The first block of alpha(2) moved before all others, so its input a is known in
every state that is left, and is the same in all of them: a is always allowed. Let t be the last
round at that time. All processes continue for L more rounds, and then all output. Let P(y, x) be 0
on A(y) and 1 elsewhere in K(t), and later let P(y, v) be the least plus the greatest P(y, .) in the
carrier of v. A state v of the last round outputs the value P(y, v) steps along the path from y to
a, if for some y that value is not yet a; otherwise it outputs a. P changes by at most 1 between
neighbours, and P(y, .) + P(z, .) is at least 2^L >= 2 L, where L is the length of the longest path.
So for two neighbours at most one y matters, and they output the same value or consecutive values of
one path to a. In set agreement L is 1, so a simplex has at most two values. All outputs are
allowed: where P(y, v) < L, v is not in B(y), for the same reason, and paths stay in all carriers
that contain y and come from inputs with a (`Problem.route`). All processes output by round t + L,
and each phase adds a step, so the prover loses after finitely many phases. []

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
    """The adversarial protocol for a problem: an `Answerer`.

    The names are those of the proof in the module's text. `level` is t. `terminated` maps the
    states that have output in the first phase to their outputs. `default` is None in the first
    phase, and a after it; `last` is then the round in which all output. `queried` is the number of
    output queries for which the protocol continued for two rounds.
    """

    def __init__(self, problem: Problem, first_round: int = 2, limit: int = 200_000) -> None:
        """Set the problem, the first round in which a process may output, and a limit.

        `first_round` is at least 1. An output query that would look at more than `limit`
        configurations raises GameError. TaskError if some path between values leaves the carriers
        of this task.
        """
        self.problem = problem
        self.states = States()
        self.level = first_round
        self.terminated: dict[int, int] = {}
        self.default: int | None = None
        self.last = 0
        self.queried = 0
        self.first_round = first_round
        self.limit = limit
        self._steps: dict[tuple[int, int], int] = {}
        self._reach: dict[frozenset[int], frozenset[tuple[int, int]]] = {}
        self.paths = {(y, a): problem.route(y, a) for y in problem.values for a in problem.values}

    @property
    def name(self) -> str:
        """The class's name in lower case, `adversary` here."""
        return type(self).__name__.lower()

    def digest(self, state: int) -> None:  # noqa: ARG002 - an `Answerer` is asked of a state
        """Return None: it remembers everything, so that nothing recurs."""
        return

    def ceiling(self) -> int:
        """Return the last round, or in the first phase the bound that the proof gives for now."""
        if self.default is not None:
            return self.last
        return self.first_round + 2 + 2 * (len(self.terminated) + self.queried)

    def allows(self, inputs: frozenset[int], value: int) -> bool:
        """Return whether the task allows a value to a process that knows these inputs."""
        return value in self.problem.allowed(inputs)

    def allowed(self, state: int, value: int) -> bool:
        """Return whether the inputs known in a state allow a value."""
        return self.allows(self.states.inputs[state], value)

    def goes_on(self, state: int) -> bool:
        """Return whether it is settled that the process continues from this state."""
        limit = self.level if self.default is None else self.last
        return self.states.round[state] < limit and state not in self.terminated

    def decide(self, state: int) -> int | None:
        """Decide as late as the rule permits; return None to continue."""
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
        """Return whether a continuing state is in A(value), or with `other` in another A."""
        return self._joined(frozenset({state}), value, other=other)

    def _joined(self, simplex: frozenset[int], value: int, *, other: bool) -> bool:
        """Return whether a simplex forms one with a state that output `value`.

        With `other`, the state must have output another value.
        """
        top = max(self.states.round[s] for s in simplex)
        return any(
            (out != value) is other
            and self.states.round[u] <= top
            and self.states.together(simplex | {u})
            for u, out in self.terminated.items()
        )

    def may(self, state: int, value: int) -> bool:
        """Return whether an undecided state may output `value`, by conditions 1 and 2."""
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
        """Return whether a state of the round before is in the region of another value."""
        return self.next_to(state, value, other=True)

    def output(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """Return a schedule that is found, or one that is made possible; None if neither can be."""
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
        """Return whether no subdivision of an undecided simplex will ever output `value`."""
        lost = not any(self.allowed(x, value) for x in simplex)
        return lost or self._joined(simplex, value, other=True)

    def _go_on(self, now: Configuration, open_run: tuple[Block, Schedule], value: int) -> Schedule:
        """Let all undecided processes move together and then one alone, which may output."""
        left, blocks = open_run
        schedule = (*blocks, left, left[:1])
        self.level += 2
        self.queried += 1
        self.terminated[self.states.run(now, schedule)[left[0]]] = value
        return schedule

    def extended(self, schedule: Schedule, openings: tuple[Configuration, ...]) -> None:
        """Fix the default and the last round after the first phase."""
        if self.default is not None:
            return
        states = self.states
        (self.default,) = states.inputs[states.ancestor(openings[0][schedule[0][0]], 0)]
        paths = [self.paths[y, self.default] for y in {*self.terminated.values(), self.default}]
        self.last = self.level + max(1, *(len(path) - 1 for path in paths))

    def steps_from(self, state: int, value: int) -> int:
        """Return P(value, state) for a state of round `level` or later."""
        states, key = self.states, (state, value)
        if key not in self._steps:
            if states.round[state] == self.level:
                self._steps[key] = 0 if self.next_to(state, value) else 1
            else:
                steps = [self.steps_from(x, value) for x in states.seen[state]]
                self._steps[key] = min(steps) + max(steps)
        return self._steps[key]

    def _final(self, state: int) -> int:
        """Return the output in the last round."""
        default = self.default
        for value in sorted(set(self.terminated.values()) - {default}):
            path = self.paths[value, default]  # type: ignore[index]
            steps = self.steps_from(state, value)
            if steps < len(path) - 1:
                return path[steps]
        return default  # type: ignore[return-value]

    def _find(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """Search all schedules of the group by which a process may still output `value`.

        A value other than the default is output only near a region: a process that moves must be in
        it in round `level`, or see a state in it.
        """
        paths = {z: self.paths[z, self.default] for z in self.terminated.values()}  # type: ignore[index]
        near = {z: len(path) - 1 for z, path in paths.items() if value in path}

        def keep(at: Configuration) -> bool:
            return value == self.default or self._in_reach(at, group, near)

        found = runs(self.states, now, group, self.goes_on, keep)
        for number, (at, blocks) in enumerate(found):
            if any(self.decide(at[p]) == value for p in group):
                return blocks
            self._check(number)
        return None

    def _in_reach(self, now: Configuration, group: Block, near: dict[int, int]) -> bool:
        """Return whether the group can still reach a state where a region of `near` matters.

        `near` has, by value z, the number that P(z, state) must be less than.
        """
        states = self.states
        able = [states.round[now[p]] for p in group if self.goes_on(now[p])]
        low = min(able, default=self.last)
        parts = [s if p in group else states.ancestor(s, low) for p, s in enumerate(now)]
        return any(self._leads_to(self._seeing(s, now), near) for s in parts)

    def _seeing(self, state: int, now: Configuration) -> frozenset[int]:
        """Return a state and, if it continues, all states that its process is about to see."""
        states, number = self.states, self.states.round[state]
        if not self.goes_on(state):
            return frozenset({state})
        return frozenset(
            {state, *(states.ancestor(s, number) for s in now if states.round[s] > number)}
        )

    def _leads_to(self, simplex: frozenset[int], near: dict[int, int]) -> bool:
        """Return whether a state that sees this simplex can be near enough to a region."""
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
        """Return a lower bound of P(value, .) in states that see this simplex."""
        rounds = self.states.round
        if any(rounds[s] < self.level or s in self.terminated for s in simplex):
            return 0
        return min(self.steps_from(s, value) for s in simplex)

    def _check(self, number: int) -> None:
        if number > self.limit:
            raise GameError(
                f"{self.name}: cannot answer the output query: it has more than {self.limit:,} "
                "configurations to look at; ask from a configuration nearer to the last round"
            )


_ENOUGH = 100
"""After so many configurations, an output query takes what it has found and searches no more."""
