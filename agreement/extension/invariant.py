"""The adversary's invariant, checked on the whole complex.

Nothing here uses the adversary's own test of adjacency: the subdivision is built facet by facet
from the table of one round (`agreement.topology.one_round`), two states are neighbours if they
share a facet, and distances are found by breadth-first search. The verdict is UNKNOWN if the
complex is too large.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from agreement.extension.runs import runs
from agreement.topology import one_round
from agreement.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.extension.adversary import Adversary
    from agreement.extension.board import Promise
    from agreement.extension.game import Game
    from agreement.extension.problems import Problem

__all__ = ["Audit", "Auditor", "Subdivision", "audit", "audit_completion"]

Facet = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit: the verdict, the number of facets, and the first fault.

    The names of faults are `validity` (an output that the inputs known do not allow), `touching`
    (two outputs in a simplex), `regions` (a state adjacent to two outputs), `carrier` (a state
    adjacent to an output that it may not make), `distance` (regions nearer to one another than the
    proof allows), `promise` (an output that was denied is still possible), and `completion` (the
    outputs of the last round violate the task).
    """

    verdict: Verdict
    facets: int
    fault: str = ""
    words: str = ""


@dataclass(slots=True)
class Subdivision:
    """A complex of states with numbers of its own.

    State v is one of process `process[v]`, which knows the inputs `inputs[v]`.
    """

    problem: Problem
    facets: set[Facet] = field(default_factory=set)
    process: list[int] = field(default_factory=list)
    inputs: list[frozenset[int]] = field(default_factory=list)
    numbers: dict[tuple[int, int | frozenset[int]], int] = field(default_factory=dict)

    def start(self, inputs: Iterable[tuple[int, ...]]) -> None:
        """Begin with the complex of these input vectors."""
        self.facets = {
            tuple(self.vertex(p, value, frozenset({value})) for p, value in enumerate(values))
            for values in inputs
        }

    def vertex(self, process: int, name: int | frozenset[int], inputs: frozenset[int]) -> int:
        """Return the number of a state, given by its process and its input or what it saw."""
        found = self.numbers.setdefault((process, name), len(self.process))
        if found == len(self.process):
            self.process.append(process)
            self.inputs.append(inputs)
        return found

    def divide(self, stopped: set[int], first: Facet | None = None) -> None:
        """Subdivide by one more round, in which the states `stopped` take no part.

        In the first round, `first` may be a block that moves before all others.
        """
        after: set[Facet] = set()
        for facet in self.facets:
            moving = [p for p, v in enumerate(facet) if v not in stopped]
            sees = [frozenset[int]()] * (1 << len(moving))
            for view in range(1, 1 << len(moving)):
                sees[view] = frozenset(facet[q] for i, q in enumerate(moving) if view >> i & 1)
            for views in one_round("immediate", len(moving)) if moving else ((),):
                if first is None or _begins(views, first):
                    whole = list(facet)
                    for p, view in zip(moving, views, strict=True):
                        whole[p] = self._after(p, sees[view])
                    after.add(tuple(whole))
        self.facets = after

    def _after(self, process: int, seen: frozenset[int]) -> int:
        """Return the number of the state of a process that has just seen these states."""
        found = self.numbers.get((process, seen))
        if found is None:
            known = frozenset[int]().union(*(self.inputs[v] for v in seen))
            found = self.vertex(process, seen, known)
        return found

    def neighbours(self) -> dict[int, set[int]]:
        """Return, for each state, the states that share a facet with it, itself included."""
        found: dict[int, set[int]] = {v: set() for facet in self.facets for v in facet}
        for facet in self.facets:
            for v in facet:
                found[v].update(facet)
        return found


def _begins(views: tuple[int, ...], first: Facet) -> bool:
    """Return whether the processes `first` are the first block of this round."""
    wanted = sum(1 << p for p in first)
    return all(views[p] == wanted for p in first) and all(v & wanted == wanted for v in views)


def audit(game: Game, protocol: Adversary, limit: int = 60_000) -> Audit:
    """Check the invariant of the first phase, and all denials of outputs.

    The verdict is UNKNOWN if there would be more than `limit` facets. An `Auditor` gives the same
    answers again and again in less time.
    """
    return Auditor(game, protocol, limit).audit()


class Auditor:
    """Audits of one game, position after position; each is what `audit` says.

    An answer that leaves the last round, the outputs and the denials as they were leaves the audit
    as it was. Otherwise only those rounds are subdivided again that come after a new output.
    """

    def __init__(self, game: Game, protocol: Adversary, limit: int = 60_000) -> None:
        self._game, self._protocol, self._limit = game, protocol, limit
        self._complex = Subdivision(game.problem)
        self._complex.start(product(game.problem.values, repeat=game.problem.count))
        self._stages: list[_Stage] = [_Stage(frozenset(), self._complex.facets)]
        self._position: object = None
        self._last = Audit(Verdict.UNKNOWN, 0)

    def audit(self) -> Audit:
        """Return the audit of the game's present position."""
        protocol = self._protocol
        position = (protocol.level, dict(protocol.terminated), len(self._game.promises))
        if position != self._position:
            self._position, self._last = position, self._look()
        return self._last

    def _look(self) -> Audit:
        """Build the complex of the last round, and check everything."""
        game, protocol, complex_ = self._game, self._protocol, self._complex
        outputs: dict[int, int] = {}
        for level in range(protocol.level):
            stopped = frozenset(outputs)
            known = self._stages[level + 1] if level + 1 < len(self._stages) else None
            if known is None or known.stopped != stopped:
                del self._stages[level + 1 :]
                complex_.facets = self._stages[level].facets
                if len(complex_.facets) * len(one_round("immediate", game.problem.count)) > (
                    self._limit
                ):
                    return _unknown(complex_, f"round {protocol.level} has too many facets")
                complex_.divide(set(stopped))
                self._stages.append(_Stage(stopped, complex_.facets))
            for state, out in protocol.terminated.items():
                if game.states.round[state] == level + 1:
                    outputs[_translated(complex_, game, state)] = out
        stage = self._stages[protocol.level]
        complex_.facets = stage.facets
        if stage.around is None:
            stage.around = complex_.neighbours()
        return _audit_stage(game, protocol, complex_, outputs, stage.around, self._limit)


@dataclass(slots=True)
class _Stage:
    """The facets after a round in which the states `stopped` took no part; and neighbours there."""

    stopped: frozenset[int]
    facets: set[Facet]
    around: dict[int, set[int]] | None = None


def _audit_stage(
    game: Game,
    protocol: Adversary,
    complex_: Subdivision,
    outputs: dict[int, int],
    around: dict[int, set[int]],
    limit: int,
) -> Audit:
    """Check the complex of the last round with these outputs."""
    faults = _First(complex_)
    _check_outputs(faults, outputs)
    going = set(around) - set(outputs)
    regions = {
        y: {w for u, out in outputs.items() if out == y and u in around for w in around[u] & going}
        for y in set(outputs.values())
    }
    rounds = game.states.round
    ages = {
        y: protocol.level - max(rounds[s] for s, out in protocol.terminated.items() if out == y)
        for y in regions
    }
    _check_regions(faults, regions, ages, around, going)
    for promise in game.promises:
        _check_promise(faults, promise, game, protocol, outputs, around, limit)
    return faults.audit()


class _First:
    """A record of the first fault, and of what was not looked at, which makes it UNKNOWN."""

    def __init__(self, complex_: Subdivision) -> None:
        self.complex = complex_
        self.found: tuple[str, str] | None = None
        self.skipped = ""

    def add(self, fault: str, words: str) -> None:
        self.found = self.found or (fault, words)

    def audit(self) -> Audit:
        facets = len(self.complex.facets)
        if self.found is not None:
            return Audit(Verdict.REFUTED, facets, *self.found)
        if self.skipped:
            return _unknown(self.complex, self.skipped)
        return Audit(Verdict.HOLDS, facets)


def _unknown(complex_: Subdivision, words: str) -> Audit:
    return Audit(Verdict.UNKNOWN, len(complex_.facets), words=words)


def _translated(complex_: Subdivision, game: Game, state: int) -> int:
    """Return the complex's number for a state of the game."""
    states = game.states
    seen = states.seen[state]
    name: int | frozenset[int] = frozenset(_translated(complex_, game, s) for s in seen)
    if not seen:
        (name,) = states.inputs[state]
    return complex_.vertex(states.process[state], name, states.inputs[state])


def _check_outputs(faults: _First, outputs: dict[int, int]) -> None:
    complex_ = faults.complex
    for v, out in outputs.items():
        if out not in complex_.problem.allowed(complex_.inputs[v]):
            faults.add("validity", f"output {out} where only {set(complex_.inputs[v])} are known")
    for facet in complex_.facets:
        made = {outputs[v] for v in facet if v in outputs}
        if len(made) > 1:
            faults.add("touching", f"outputs {sorted(made)} in one simplex")


def _check_regions(
    faults: _First,
    regions: dict[int, set[int]],
    ages: dict[int, int],
    around: dict[int, set[int]],
    going: set[int],
) -> None:
    """Check that regions are apart, by twice as much for each round since one last grew."""
    complex_ = faults.complex
    for y, region in regions.items():
        barred = {v for v in going if y not in complex_.problem.allowed(complex_.inputs[v])}
        others = [("regions", f"the region of {z}", regions[z], ages[z]) for z in regions if z > y]
        law = ("carrier", f"where {y} is not allowed", barred, ages[y])
        for fault, what, other, age in [*others, law]:
            wanted = 1 << min(ages[y], age)
            found = _distance(region, other, around, going, wanted)
            if found == 0:
                faults.add(fault, f"the region of {y} meets {what}")
            elif found < wanted:
                faults.add("distance", f"from the region of {y} to {what}: {found} < {wanted}")


def _distance(
    start: set[int], end: set[int], around: dict[int, set[int]], going: set[int], wanted: int
) -> int:
    """Return the length of a shortest path along continuing states, but at most `wanted`."""
    seen, layer = set(start), start
    for steps in range(wanted):
        if layer & end:
            return steps
        layer = {w for v in layer for w in around[v] & going} - seen
        seen |= layer
    return wanted


def _check_promise(
    faults: _First,
    promise: Promise,
    game: Game,
    protocol: Adversary,
    outputs: dict[int, int],
    around: dict[int, set[int]],
    limit: int,
) -> None:
    """Check that the group of a promise can make the denied output neither now nor later."""
    complex_, start = faults.complex, game.configurations[promise.where]
    found = runs(game.states, start, promise.group, protocol.goes_on)
    for number, (now, _) in enumerate(found):
        if number > limit:
            faults.skipped = "a promise is about too many configurations"
            return
        mine = [_translated(complex_, game, now[p]) for p in promise.group]
        if any(outputs.get(v) == promise.value for v in mine):
            faults.add("promise", f"output {promise.value} is made, which was denied")
        if any(protocol.goes_on(now[p]) for p in promise.group):
            continue
        left = [v for v in mine if v not in outputs]
        lawful = any(promise.value in complex_.problem.allowed(complex_.inputs[v]) for v in left)
        beside = set(outputs).intersection(*(around[v] for v in left)) if left else set()
        if lawful and not any(outputs[u] != promise.value for u in beside):
            faults.add("promise", f"output {promise.value} is possible, which was denied")


def audit_completion(game: Game, protocol: Adversary, limit: int = 60_000) -> Audit:
    """Check the outputs of the last round, after the first phase, in all runs that are left.

    These are the runs in which the first block of alpha(2) moves first, with its inputs. The
    verdict is UNKNOWN if there would be more than `limit` facets.
    """
    complex_, states, first = Subdivision(game.problem), game.states, game.schedule[0]
    chosen = game.inputs(game.openings[0])
    everything = list(product(game.problem.values, repeat=game.problem.count))
    complex_.start(v for v in everything if all(v[p] == chosen[p] for p in first))
    outputs: dict[int, int] = {}
    state = {
        complex_.vertex(p, value, frozenset({value})): states.initial(p, value)
        for values in everything
        for p, value in enumerate(values)
    }
    for level in range(protocol.last):
        if len(complex_.facets) * len(one_round("immediate", game.problem.count)) > limit:
            return _unknown(complex_, f"round {protocol.last} has too many facets")
        complex_.divide(set(outputs), first if level == 0 else None)
        for (p, name), v in list(complex_.numbers.items()):
            if v not in state and not isinstance(name, int):
                state[v] = states.after(p, frozenset(state[u] for u in name))
                out = protocol.decide(state[v])
                outputs |= {} if out is None else {v: out}
    faults = _First(complex_)
    for facet in complex_.facets:
        words = _completed(complex_, facet, outputs)
        if words is not None:
            faults.add("completion", words)
    return faults.audit()


def _completed(complex_: Subdivision, facet: Facet, outputs: dict[int, int]) -> str | None:
    """Return what is wrong with a facet of the last round; None if nothing is."""
    made = [outputs.get(v) for v in facet]
    for v, out in zip(facet, made, strict=True):
        if out is None:
            return "a process continues after the last round"
        if out not in complex_.problem.allowed(complex_.inputs[v]):
            return f"output {out} where only {set(complex_.inputs[v])} are known"
    return complex_.problem.objection(made)
