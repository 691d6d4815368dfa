"""Symmetry: renaming processes and vertices, and never believing that it is one.

A *renaming* sends process p to `processes[p]` and vertex v to `vertices[v]`. It is a symmetry
between two machines if it carries the one's local states, moves, written values and outputs to the
other's. That is verified, move by move, on everything that was reached; what a protocol's author or
the form of its text suggests counts for nothing. (Own design.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING

from agreement.explore.engine import breadth_first, expand_all
from agreement.memory import Operation, Read, Scan, Value, View, Write, WriteScan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agreement.explore.machine import Local, Machine
    from agreement.explore.state_encoding import Exploration, Judge, Progress
    from agreement.explore.step_tables import Tables

__all__ = ["Asymmetry", "Correspondence", "Renaming", "renamings", "symmetric_explore"]


class Asymmetry(Exception):  # noqa: N818 - it is an answer, not an error
    """A renaming does not carry the one machine to the other."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """Process p becomes `processes[p]`, vertex v becomes `vertices[v]`."""

    processes: tuple[int, ...]
    vertices: tuple[int, ...]

    def inputs(self, inputs: Sequence[int]) -> tuple[int, ...]:
        """The renamed inputs, by renamed process."""
        renamed = [0] * len(inputs)
        for me, vertex in enumerate(inputs):
            renamed[self.processes[me]] = self.vertices[vertex]
        return tuple(renamed)

    def outputs(self, outputs: Sequence[Value]) -> tuple[Value, ...]:
        """The renamed outputs, by renamed process."""
        renamed: list[Value] = [None] * len(outputs)
        for me, output in enumerate(outputs):
            renamed[self.processes[me]] = self.output(output)
        return tuple(renamed)

    def output(self, output: Value) -> Value:
        """The renamed vertex; Asymmetry if it is none."""
        if isinstance(output, int) and 0 <= output < len(self.vertices):
            return self.vertices[output]
        raise Asymmetry


def renamings(
    inputs: Sequence[int], images: Sequence[int], automorphisms: Sequence[tuple[int, ...]]
) -> Iterator[Renaming]:
    """All renamings that send `inputs` to `images`."""
    for vertices in automorphisms:
        for processes in permutations(range(len(inputs))):
            renaming = Renaming(processes, vertices)
            if renaming.inputs(inputs) == tuple(images):
                yield renaming


class Correspondence:
    """What a renaming does to the local states of one machine, as those of another."""

    def __init__(self, source: Machine, target: Machine, renaming: Renaming) -> None:
        self.source, self.target, self.renaming = source, target, renaming
        self._images: list[dict[int, int]] = [{} for _ in source.automata]
        self._values: dict[Value, Value] = {None: None}
        self._back: dict[Value, Value] = {None: None}

    def image(self, me: int, number: int) -> int:
        """The local state that `number` of process `me` becomes; Asymmetry if there is none."""
        images = self._images[me]
        found = images.get(number)
        if found is None:
            local = self.source.automata[me].locals[number]
            found = 0 if local.before < 0 else self._moved(me, local.before, local.response)
            renamed = self.target.automata[self.renaming.processes[me]].locals[found]
            self._compare(local, renamed)
            images[number] = found
        return found

    def verify(self) -> None:
        """Raise Asymmetry unless starts become starts, and all moves of the source moves."""
        for me in range(self.source.count):
            self.image(me, 0)
        done = [0] * self.source.count
        while True:
            todo = [
                list(a.moves.items())[d:] for a, d in zip(self.source.automata, done, strict=True)
            ]
            if not any(todo):
                return
            for me, moves in enumerate(todo):
                done[me] += len(moves)
                for (number, response), after in moves:
                    if self._moved(me, number, response) != self.image(me, after):
                        raise Asymmetry

    def _moved(self, me: int, number: int, response: Value | View) -> int:
        automaton = self.source.automata[me]
        renamed = self._response(automaton.locals[number].operation, response)
        target = self.target.automata[self.renaming.processes[me]]
        image = self.image(me, number)
        try:
            return target.move(image, renamed)
        except Exception:  # noqa: BLE001 - a response that it never gets can make it do anything
            raise Asymmetry from None

    def _response(self, operation: Operation | None, response: Value | View) -> Value | View:
        match operation:
            case Read(owner=owner):
                return self._value(response, owner)
            case Scan() | WriteScan() if isinstance(response, tuple):
                renamed: list[Value] = [None] * len(response)
                for owner, value in enumerate(response):
                    renamed[self.renaming.processes[owner]] = self._value(value, owner)
                return tuple(renamed)
        return None

    def _value(self, value: Value, owner: int) -> Value:
        """What becomes of a value that `owner` wrote: that shows where it is about to write it."""
        if value not in self._values:
            writer = next(
                local.number
                for local in self.source.automata[owner].locals
                if isinstance(local.operation, Write | WriteScan) and local.operation.value == value
            )
            self.image(owner, writer)
        return self._values[value]

    def _pair(self, value: Value, renamed: Value) -> None:
        if self._values.setdefault(value, renamed) != renamed:
            raise Asymmetry
        if self._back.setdefault(renamed, value) != value:
            raise Asymmetry

    def _compare(self, local: Local, renamed: Local) -> None:
        if (local.output is None) != (renamed.output is None):
            raise Asymmetry
        if local.output is not None and self.renaming.output(local.output) != renamed.output:
            raise Asymmetry
        match local.operation, renamed.operation:
            case (Write(array, value), Write(other, value2)) | (
                WriteScan(array, value),
                WriteScan(other, value2),
            ) if array == other:
                self._pair(value, value2)
            case Read(array, owner), Read(other, owner2) if array == other:
                if self.renaming.processes[owner] != owner2:
                    raise Asymmetry
            case Scan(array), Scan(other) if array == other:
                pass
            case None, None:
                pass
            case _:
                raise Asymmetry


def symmetric_explore(
    tables: Tables,
    judge: Judge,
    candidates: Sequence[Renaming],
    *,
    limit: int,
    progress: Progress | None = None,
) -> tuple[Exploration, int]:
    """As `engine.explore`, on one state of each class; and how many renamings make the classes.

    `candidates` send the machine's inputs to themselves. Those that are symmetries of everything
    that was reached are used. Outcomes are completed to the full set; `states` counts classes.
    """
    refuted: set[Renaming] = set()
    while True:
        ways = _subgroup(candidates, refuted)
        search = _Quotient(tables, ways)
        result = breadth_first(tables, judge, search.expand, limit=limit, progress=progress)
        refuted |= search.refuted | search.verify()
        if refuted.isdisjoint(ways):
            renamed = {way.outputs(outputs) for way in ways for outputs in result.outcomes}
            return replace(result, outcomes=result.outcomes | renamed), 1 + len(ways)


def _subgroup(candidates: Sequence[Renaming], refuted: set[Renaming]) -> list[Renaming]:
    """All but the identity of a group of candidates that none of the refuted is in."""
    count, order = len(candidates[0].processes), len(candidates[0].vertices)
    identity = Renaming(tuple(range(count)), tuple(range(order)))
    group = {identity}
    for candidate in candidates:
        larger = _closure(group | {candidate})
        if larger.isdisjoint(refuted):
            group = larger
    return sorted(group - {identity}, key=lambda r: (r.processes, r.vertices))


def _closure(generators: set[Renaming]) -> set[Renaming]:
    group = set(generators)
    while True:
        products = {
            Renaming(
                tuple(a.processes[p] for p in b.processes), tuple(a.vertices[v] for v in b.vertices)
            )
            for a in group
            for b in generators
        }
        if products <= group:
            return group
        group |= products


class _Quotient:
    """Steps between classes of states: each class is shown by its smallest state."""

    def __init__(self, tables: Tables, ways: list[Renaming]) -> None:
        machine = tables.packing.machine
        self._tables = tables
        self._ways = [Correspondence(machine, machine, renaming) for renaming in ways]
        self.refuted: set[Renaming] = set()

    def expand(self, frontier: set[int], found: set[int]) -> int:
        """As `engine.expand_all`; nothing once a renaming is refuted."""
        reached: set[int] = set()
        transitions = 0 if self.refuted else expand_all(self._tables, frontier, reached)
        found.update(self._smallest(state) for state in reached)
        return transitions

    def verify(self) -> set[Renaming]:
        """The renamings that some move refutes."""
        return {way.renaming for way in self._ways if not _verified(way)}

    def _smallest(self, state: int) -> int:
        packing = self._tables.packing
        locals_ = packing.locals(state)
        smallest = state
        for way in self._ways:
            images = list(locals_)
            try:
                for me, local in enumerate(locals_):
                    target = way.renaming.processes[me]
                    number = way.image(me, local.number)
                    images[target] = packing.machine.automata[target].locals[number]
            except Asymmetry:
                self.refuted.add(way.renaming)
                continue
            smallest = min(smallest, packing.pack(images))
        return smallest


def _verified(way: Correspondence) -> bool:
    try:
        way.verify()
    except Asymmetry:
        return False
    return True
