"""Symmetry reduction by renaming processes and vertices; each candidate symmetry is verified.

A *renaming* sends process p to `processes[p]` and vertex v to `vertices[v]`. It is a symmetry
between two machines if it carries local states, moves, written values and outputs of one to those
of the other. This is verified, move by move, on everything that was reached, whatever the program
looks like. [D]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING

from agreement.errors import ImpureProgramError
from agreement.explore.engine import breadth_first, expand_all
from agreement.memory import Operation, Read, Scan, Value, View, Write, WriteScan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agreement.explore.machine import Local, Machine
    from agreement.explore.state_encoding import Exploration, Judge, Progress
    from agreement.explore.step_tables import Tables

__all__ = ["Asymmetry", "Correspondence", "Renaming", "renamings", "symmetric_explore"]


class Asymmetry(Exception):  # noqa: N818 - an answer, not an error
    """A renaming is not a symmetry: it does not carry one machine to the other."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """A renaming: process p becomes `processes[p]`, vertex v becomes `vertices[v]`."""

    processes: tuple[int, ...]
    vertices: tuple[int, ...]

    def inputs(self, inputs: Sequence[int]) -> tuple[int, ...]:
        """Return the renamed inputs, by renamed process."""
        renamed = [0] * len(inputs)
        for me, vertex in enumerate(inputs):
            renamed[self.processes[me]] = self.vertices[vertex]
        return tuple(renamed)

    def outputs(self, outputs: Sequence[Value]) -> tuple[Value, ...]:
        """Return the renamed outputs, by renamed process."""
        renamed: list[Value] = [None] * len(outputs)
        for me, output in enumerate(outputs):
            renamed[self.processes[me]] = self.output(output)
        return tuple(renamed)

    def output(self, output: Value) -> Value:
        """Return the renamed vertex. Raises Asymmetry if `output` is not a vertex."""
        if type(output) is int and 0 <= output < len(self.vertices):
            return self.vertices[output]
        raise Asymmetry


def renamings(
    inputs: Sequence[int], images: Sequence[int], automorphisms: Sequence[tuple[int, ...]]
) -> Iterator[Renaming]:
    """Yield all renamings that send `inputs` to `images`."""
    for vertices in automorphisms:
        for processes in permutations(range(len(inputs))):
            renaming = Renaming(processes, vertices)
            if renaming.inputs(inputs) == tuple(images):
                yield renaming


class Correspondence:
    """The map that a renaming induces from the local states of one machine to those of another."""

    def __init__(self, source: Machine, target: Machine, renaming: Renaming) -> None:
        self.source, self.target, self.renaming = source, target, renaming
        self._images: list[dict[int, int]] = [{} for _ in source.automata]
        self._values: dict[Value, Value] = {None: None}
        self._back: dict[Value, Value] = {None: None}

    def image(self, me: int, number: int) -> int:
        """Return the image of local state `number` of `me`. Raises Asymmetry if there is none."""
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
        """Raise Asymmetry unless initial states and known moves of the source are carried over."""
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
        except ImpureProgramError:
            raise
        except Exception:  # noqa: BLE001 - a program may raise anything on a response it cannot get
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
        """Return the image of a value written by `owner`.

        It is found in the image of a local state in which `owner` is poised to write the value.
        """
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
    """Search one state of each symmetry class; return the result and the size of the group.

    `candidates` are the renamings that fix the machine's inputs; the search uses a group of those
    that are symmetries of everything that was reached. Outcomes are completed to the full set;
    `states` counts classes. Otherwise it is as `engine.explore`.
    """
    refuted: set[Renaming] = set()
    while True:
        symmetries = _subgroup(candidates, refuted)
        search = _Quotient(tables, symmetries)
        result = breadth_first(tables, judge, search.expand, limit=limit, progress=progress)
        refuted |= search.refuted | search.verify()
        if refuted.isdisjoint(symmetries):
            renamed = {s.outputs(outputs) for s in symmetries for outputs in result.outcomes}
            return replace(result, outcomes=result.outcomes | renamed), 1 + len(symmetries)


def _subgroup(candidates: Sequence[Renaming], refuted: set[Renaming]) -> list[Renaming]:
    """Return a group of candidates without refuted ones, except the identity, in order."""
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
    """The steps between symmetry classes of states, each represented by its smallest state."""

    def __init__(self, tables: Tables, symmetries: list[Renaming]) -> None:
        machine = tables.packing.machine
        self._tables = tables
        self._maps = [Correspondence(machine, machine, renaming) for renaming in symmetries]
        self.refuted: set[Renaming] = set()

    def expand(self, frontier: set[int], found: set[int]) -> int:
        """Do as `engine.expand_all`, on classes; do nothing once a renaming is refuted."""
        reached: set[int] = set()
        transitions = 0 if self.refuted else expand_all(self._tables, frontier, reached)
        found.update(self._smallest(state) for state in reached)
        return transitions

    def verify(self) -> set[Renaming]:
        """Return the renamings that some known move refutes."""
        return {m.renaming for m in self._maps if not _verified(m)}

    def _smallest(self, state: int) -> int:
        packing = self._tables.packing
        locals_ = packing.locals(state)
        smallest = state
        for correspondence in self._maps:
            images = list(locals_)
            try:
                for me, local in enumerate(locals_):
                    target = correspondence.renaming.processes[me]
                    number = correspondence.image(me, local.number)
                    images[target] = packing.machine.automata[target].locals[number]
            except Asymmetry:
                self.refuted.add(correspondence.renaming)
                continue
            smallest = min(smallest, packing.pack(images))
        return smallest


def _verified(correspondence: Correspondence) -> bool:
    try:
        correspondence.verify()
    except Asymmetry:
        return False
    return True
