"""Obstructions: a chain map that every protocol would give does not exist.

**Theorem** [D]. Let D be the carrier map of a task for n processes on a graph G: D(S) grows with S,
and D({v}) = {v}. If the task has a wait-free protocol, then for coefficients in Z, and in Z/m for
every m, there is a chain map f from the simplices on at most n vertices (all sets S of up to n
vertices of G) to the clique complex of G such that f(v) = v, and f(S) is a chain of cliques inside
D(S).

*Proof.* We write #S for the number of vertices in S.

1. Wait-free solvability in shared memory is solvability in k rounds of immediate snapshots, for
   some k [P: Borowsky, Gafni; Herlihy, Shavit]. So there is a decision map d on the k-fold
   chromatic subdivision of the complex I of all inputs. The vertices of I are the pairs (p, v) of a
   process and its input; the processes of a simplex differ.
2. d is a simplicial map to the clique complex, because the vertices of a simplex decide values that
   are pairwise adjacent or equal. It maps the subdivision of a simplex with inputs S into D(S),
   because a view decides a value in D of the inputs it knows of, which are a subset of S.
3. The subcomplex I[S] of all simplices with inputs in S is the join of n sets of #S points, so its
   reduced homology vanishes below dimension n - 1. Hence, by induction on dimension, there are
   chains g(S) in I[S] of dimension #S - 1 <= n - 1 such that g(v) = (process 0, v) and the boundary
   of g(S) is g(boundary of S): the latter is a cycle of dimension #S - 2 < n - 1 (for #S = 2, a
   difference of two points).
4. The k-fold subdivision is a chain map that carries each simplex into its own subdivision. The
   vertices (p, v) stay: they are the views of a process that has seen only itself.
5. The composition f = d o subdivision o g is the chain map: f(v) = v, because d decides v for a
   process that saw v only, as D({v}) = {v}. []

The proof uses only that D is monotone and that D({v}) = {v}; D need not be closed under
composition, and the geodesic one is not. The converse fails: that there is no obstruction does not
mean that there is a protocol.

**The system.** The unknowns are the coefficients of f(S) on the cliques of #S vertices in D(S), for
2 <= #S <= n. The equations: for each S and each clique t of #S - 1 vertices in D(S), the
coefficient of t in boundary f(S) - f(boundary S) is 0; for #S = 2, f(boundary S) is known. Write
the system as A x = b. If there is a vector y with y A = 0 and y b != 0 modulo m, then it has no
solution over Z/m, hence none over the integers, and the task has no protocol. The vector y is the
certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from agreement.graph import clique_complex
from agreement.solve.carrier_lists import carrier_mask
from agreement.solve.chain_map_elimination import contradiction

if TYPE_CHECKING:
    from agreement.task import Task

__all__ = ["Equation", "Obstruction", "equations", "find_obstruction"]

Simplex: TypeAlias = tuple[int, ...]
Row: TypeAlias = dict[tuple[Simplex, Simplex], int]

PRIMES = (2, 3, 5)
"""The moduli that are tried."""


@dataclass(frozen=True, slots=True)
class Equation:
    """The equation for the coefficient of the clique `face` in boundary f(S) = f(boundary S).

    S is `inputs`. `row[T, c]` is the factor of the coefficient of f(T) on the clique c; the sum of
    these terms is to be `right`.
    """

    inputs: Simplex
    face: Simplex
    row: Row
    right: int


@dataclass(frozen=True, slots=True)
class Obstruction:
    """A contradiction modulo `modulus`: factors y of equations whose sum has no solution.

    Each entry of `factors` is (y, inputs, face). The left sides times their factors add up to 0
    modulo `modulus`, the right sides do not.
    """

    modulus: int
    factors: tuple[tuple[int, Simplex, Simplex], ...]


def equations(task: Task, count: int) -> list[Equation]:
    """Return the system of equations for `count` processes, small sets of inputs first."""
    graph = task.graph
    by_size = clique_complex(graph, count - 1)
    masks = [[(clique, graph.mask(clique)) for clique in level] for level in by_size]
    found: list[Equation] = []
    inside: dict[Simplex, list[list[Simplex]]] = {}
    for size in range(1, min(count, graph.order) + 1):
        for inputs in combinations(range(graph.order), size):
            carrier = carrier_mask(task, graph.mask(inputs))
            levels = [
                [clique for clique, mask in masks[d] if not mask & ~carrier]
                if d < len(masks)
                else []
                for d in (size - 2, size - 1)
                if d >= 0
            ]
            inside[inputs] = levels
            if size > 1:
                found += _equations_of(inputs, levels, inside)
    return found


def _equations_of(
    inputs: Simplex, levels: list[list[Simplex]], inside: dict[Simplex, list[list[Simplex]]]
) -> list[Equation]:
    rows: dict[Simplex, Row] = {face: {} for face in levels[0]}
    right = dict.fromkeys(levels[0], 0)
    for clique in levels[1]:
        for i in range(len(clique)):
            rows[clique[:i] + clique[i + 1 :]][inputs, clique] = (-1) ** i
    for i in range(len(inputs)):
        part = inputs[:i] + inputs[i + 1 :]
        for face in inside[part][-1]:
            if len(part) == 1:
                right[face] += (-1) ** i
            else:
                rows[face][part, face] = -((-1) ** i)
    return [Equation(inputs, face, row, right[face]) for face, row in rows.items()]


def find_obstruction(task: Task, count: int) -> Obstruction | None:
    """Return an obstruction modulo 2, 3 or 5; None if the system has solutions for all three."""
    found = contradiction(task, count, PRIMES)
    if found is None:
        return None
    modulus, factors = found
    return Obstruction(modulus, tuple((f, *key) for key, f in factors.items()))
