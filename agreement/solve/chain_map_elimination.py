"""The linear system for a chain map, modulo a prime, solved carrier by carrier.

The system is that of `agreement.solve.obstruction`. Its equations are taken in order, small sets of
inputs first; those whose left sides do not depend on earlier ones form a basis. The first equation
whose left side depends on the basis, while its right side does not fit, is a contradiction. The
factors are unique, since a vector is a combination of a basis in one way only. So they do not
depend on how the elimination is done, and it can be done in a way that hardly writes down the
system:

* The unknowns f(S) on cliques of #S vertices are, among the equations of sets of up to #S inputs,
  in those of S only. The part of the equations of S in these unknowns is the boundary matrix of the
  clique complex of D(S) from dimension d + 1 to d = #S - 2. It depends on D(S) alone. A combination
  of the equations of S in which they cancel is a cocycle z of dimension d.
* If z is the coboundary of g, the combination is one of equations of the parts of S, with the
  factors g, and fits: both are g(boundary of boundary). So only as many cocycles need to be looked
  at as the cohomology of D(S) has dimensions: none, if D(S) is dismantlable.
* The equations of S that are independent in these unknowns are written down when an equation of a
  larger set has one of these unknowns.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from agreement.graph import clique_complex
from agreement.graph.graph import members
from agreement.solve.carrier_lists import carrier_mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from agreement.graph import Graph
    from agreement.task import Task

    Numbers = NDArray[np.int64]

__all__ = ["Factors", "contradiction", "dependencies"]

Simplex: TypeAlias = tuple[int, ...]
Key: TypeAlias = tuple[int, int]
"""The number of a set of inputs, and that of a clique among those of its dimension."""
Terms: TypeAlias = dict[Key, int]
Factors: TypeAlias = dict[tuple[Simplex, Simplex], int]
"""The factor of each equation, given by its set of inputs and its clique."""


def contradiction(task: Task, count: int, primes: tuple[int, ...]) -> tuple[int, Factors] | None:
    """Return the first prime modulo which there is no solution, and the factors that show it.

    With these factors the equations for `count` processes add up to 0 = 1 or the like. Return None
    if there is a solution modulo each prime.
    """
    system = _System(task, count)
    for prime in primes:
        found = _Elimination(system, prime).run()
        if found is not None:
            return prime, {
                (system.inputs[s], system.cliques[len(system.inputs[s]) - 2][c]): factor
                for (s, c), factor in sorted(found.items())
            }
    return None


class _System:
    """The sets of up to `count` inputs, in order, with their carriers; the cliques by dimension."""

    def __init__(self, task: Task, count: int) -> None:
        self.graph = task.graph
        self.cliques = list(clique_complex(task.graph, count - 1))
        self.cliques += [()] * (count - len(self.cliques))
        self.masks = [
            np.array([self.graph.mask(clique) for clique in level], np.int64)
            for level in self.cliques
        ]
        self._numbers = [{c: i for i, c in enumerate(level)} for level in self.cliques]
        self.inputs: list[Simplex] = [
            inputs
            for size in range(1, min(count, self.graph.order) + 1)
            for inputs in combinations(range(self.graph.order), size)
        ]
        self.carriers = [carrier_mask(task, self.graph.mask(inputs)) for inputs in self.inputs]
        self.places = {inputs: s for s, inputs in enumerate(self.inputs)}

    def inside(self, carrier: int, dimension: int) -> list[int]:
        """Return the numbers of the cliques of this dimension inside a carrier, in order."""
        return [int(c) for c in np.flatnonzero(self.masks[dimension] & ~np.int64(carrier) == 0)]

    def boundary(self, dimension: int, clique: int) -> Iterator[tuple[int, int]]:
        """Yield the faces of a clique, as their numbers, with their signs."""
        vertices = self.cliques[dimension][clique]
        for i in range(len(vertices)):
            yield self._numbers[dimension - 1][vertices[:i] + vertices[i + 1 :]], (-1) ** i

    def matrix(self, carrier: int, dimension: int) -> tuple[list[int], list[int], Numbers]:
        """Return the boundary matrix inside a carrier: its faces, its cells, and the entries.

        The cells have this dimension, and a row belongs to a face. In dimension 0 there is a single
        row of ones.
        """
        cells = self.inside(carrier, dimension)
        if dimension == 0:
            return [0], cells, np.ones((1, len(cells)), np.int64)
        faces = self.inside(carrier, dimension - 1)
        row = {face: i for i, face in enumerate(faces)}
        found = np.zeros((len(faces), len(cells)), np.int64)
        for column, cell in enumerate(cells):
            for face, sign in self.boundary(dimension, cell):
                found[row[face], column] = sign
        return faces, cells, found


def _core(graph: Graph, mask: int) -> int:
    """Return what is left of these vertices when dominated ones are removed, as a bit set.

    The clique complex of the core is homotopy equivalent to that of all of them.
    """
    while True:
        dominated = next(
            (
                v
                for v in members(mask)
                for u in members(graph.rows[v] & mask)
                if not (graph.rows[v] | 1 << v) & mask & ~(graph.rows[u] | 1 << u)
            ),
            None,
        )
        if dominated is None:
            return mask
        mask ^= 1 << dominated


def dependencies(matrix: Numbers, prime: int) -> list[tuple[int, Numbers]]:
    """Return the rows that depend on earlier ones, each with the combination that is zero.

    The combination has a factor for each row: 1 for the row itself, 0 for later ones and for
    earlier rows that depend on those before them.
    """
    left = matrix % prime
    pivots: list[tuple[int, int]] = []
    free = np.ones(left.shape[1], bool)
    found = []
    # Operations on columns do not change how rows depend on one another. They are done until each
    # independent row has a one in a column of its own, and zeros elsewhere.
    for number in range(len(left)):
        columns = np.flatnonzero(left[number])
        able = columns[free[columns]]
        if not len(able):
            factors = np.zeros(len(left), np.int64)
            factors[number] = 1
            for row, column in pivots:
                factors[row] = -left[number, column] % prime
            found.append((number, factors))
            continue
        column = int(able[0])
        free[column] = False
        pivots.append((number, column))
        left[:, column] = left[:, column] * pow(int(left[number, column]), -1, prime) % prime
        others = columns[columns != column]
        rows = np.flatnonzero(left[:, column])
        part = np.ix_(rows, others)
        change = np.outer(left[rows, column], left[number, others])
        left[part] = (left[part] - change) % prime
    return found


class _Span:
    """A space of vectors modulo a prime, as a reduced basis."""

    def __init__(self, width: int, prime: int) -> None:
        self._prime = prime
        self._rows = np.zeros((0, width), np.int64)
        self._leads: list[int] = []

    def __len__(self) -> int:
        return len(self._leads)

    def add(self, vector: Numbers) -> bool:
        """Add a vector; return False if it is in the space already."""
        vector = (vector - vector[self._leads] @ self._rows) % self._prime
        nonzero = np.flatnonzero(vector)
        if not len(nonzero):
            return False
        lead = int(nonzero[0])
        vector = vector * pow(int(vector[lead]), -1, self._prime) % self._prime
        self._rows = (self._rows - np.outer(self._rows[:, lead], vector)) % self._prime
        self._rows = np.concatenate([self._rows, vector[None]])
        self._leads.append(lead)
        return True


def _span(matrix: Numbers, prime: int) -> _Span:
    """Return the space of a matrix's rows."""
    found = _Span(matrix.shape[1], prime)
    for row in matrix:
        found.add(row)
    return found


class _Elimination:
    """The elimination modulo a prime: `pivots` are rows by their greatest unknown."""

    def __init__(self, system: _System, prime: int) -> None:
        self.system, self.prime = system, prime
        self.pivots: dict[Key, tuple[Terms, int, Terms]] = {}
        self._written: set[int] = set()
        self._cocycles = lru_cache(maxsize=None)(self._find_cocycles)
        self._betti = lru_cache(maxsize=None)(self._find_betti)

    def run(self) -> Terms | None:
        """Return the factors of a contradiction, by set of inputs and clique; None if none is."""
        system = self.system
        for s, inputs in enumerate(system.inputs):
            if len(inputs) == 1:
                continue
            for cocycle in self._cocycles(system.carriers[s], len(inputs) - 2):
                row, right, used = self._combination(s, cocycle)
                lead, right = self._reduce(row, right, used)
                if lead is not None:
                    self._keep(lead, row, right, used)
                elif right:
                    return used
        return None

    def _find_betti(self, core: int, dimension: int) -> int:
        """Return the dimension of the reduced cohomology of these vertices' clique complex."""
        _, cells, below = self.system.matrix(core, dimension)
        above = self.system.matrix(core, dimension + 1)[2]
        cycles = len(cells) - len(_span(below, self.prime))
        return cycles - len(_span(above.T, self.prime))

    def _find_cocycles(self, carrier: int, dimension: int) -> list[dict[int, int]]:
        """Return cocycles inside a carrier, by clique, that form a basis of its cohomology.

        Each has its last clique as late as no combination of the equations before it needs to.
        """
        wanted = self._betti(_core(self.system.graph, carrier), dimension)
        found: list[dict[int, int]] = []
        if not wanted:
            return found
        faces, _, matrix = self.system.matrix(carrier, dimension + 1)
        known = _span(self.system.matrix(carrier, dimension)[2], self.prime)
        for _, factors in dependencies(matrix, self.prime):
            if len(found) < wanted and known.add(factors):
                found.append({faces[i]: int(factors[i]) for i in np.flatnonzero(factors)})
        return found

    def _combination(self, s: int, factors: dict[int, int]) -> tuple[Terms, int, Terms]:
        """Return this combination of the equations of set `s`: its terms, right side, and factors.

        Terms in the unknowns of `s` itself are left out.
        """
        system, inputs = self.system, self.system.inputs[s]
        row: Terms = {}
        right = 0
        for i in range(len(inputs)):
            part = system.places[inputs[:i] + inputs[i + 1 :]]
            sign = (-1) ** i
            for face, factor in factors.items():
                if int(system.masks[len(inputs) - 2][face]) & ~system.carriers[part]:
                    continue
                if len(inputs) == 2:  # noqa: PLR2004 - the parts are vertices, where f is known
                    right += sign * factor
                else:
                    row[part, face] = -sign * factor % self.prime
        return row, right % self.prime, {(s, face): factor for face, factor in factors.items()}

    def _reduce(
        self, row: Terms, right: int, used: Terms, only: int = -1
    ) -> tuple[Key | None, int]:
        """Reduce a row by the pivots; return its greatest unknown, if one is left, and right side.

        With `only`, eliminate the unknowns of this set of inputs and no others.
        """
        while row:
            lead = max(row)
            if only not in {-1, lead[0]}:
                return None, right
            if only == -1 and lead[0] not in self._written:
                self._write(lead[0])
            if lead not in self.pivots:
                return lead, right
            factor = row[lead]
            other, other_right, other_used = self.pivots[lead]
            _subtract(row, other, factor, self.prime)
            _subtract(used, other_used, factor, self.prime)
            right = (right - factor * other_right) % self.prime
        return None, right

    def _keep(self, lead: Key, row: Terms, right: int, used: Terms) -> None:
        inverse = pow(row[lead], -1, self.prime)
        self.pivots[lead] = (
            {key: value * inverse % self.prime for key, value in row.items()},
            right * inverse % self.prime,
            {key: value * inverse % self.prime for key, value in used.items()},
        )

    def _write(self, s: int) -> None:
        """Add the equations of a set of inputs that are independent in its own unknowns."""
        system = self.system
        self._written.add(s)
        size = len(system.inputs[s])
        cells = system.inside(system.carriers[s], size - 1)
        around: dict[int, Terms] = {
            face: {} for face in system.inside(system.carriers[s], size - 2)
        }
        for cell in cells:
            for face, sign in system.boundary(size - 1, cell):
                around[face][s, cell] = sign % self.prime
        for face, own in around.items():
            row, right, used = self._combination(s, {face: 1})
            row |= own
            lead, right = self._reduce(row, right, used, only=s)
            if lead is not None:
                self._keep(lead, row, right, used)


def _subtract(row: Terms, other: Terms, factor: int, prime: int) -> None:
    for column, value in other.items():
        left = (row.get(column, 0) - factor * value) % prime
        if left:
            row[column] = left
        else:
            row.pop(column, None)
