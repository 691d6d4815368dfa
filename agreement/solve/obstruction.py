"""No protocol with any number of rounds: a chain map that would have to exist does not.

**Theorem** [D]. Let D be a carrier of a task for n processes: D(S) grows with S, D({v}) = {v}. If
the task has a wait-free protocol, there is for every abelian group of coefficients Z/m, and for the
integers, a chain map f from the simplices on at most n vertices of G (all sets S of up to n
vertices) to the clique complex of G, with f(v) = v, and f(S) made of cliques inside D(S).

*Proof.* 1. Wait-free solvable in shared memory means solvable in k rounds of immediate snapshots,
for some k [P: Borowsky, Gafni; Herlihy, Shavit]. So there is a decision map d on the k-fold
chromatic subdivision of the complex I of all inputs, the vertices (p, v), with simplices whose
processes differ. 2. d is simplicial to the clique complex: the vertices of a simplex decide
pairwise adjacent or equal values. The subdivision of a simplex of inputs S goes into D(S): what a
view may decide is D of the inputs it knows of, a part of S. 3. The part I[S] of I with inputs in S
is the join of n sets of #S points (#S: the number of vertices in S), hence has no reduced homology
below dimension n - 1. So, by dimension, there are chains g(S) in I[S] of dimension #S - 1 <= n - 1
with g(v) = (process 0, v) and boundary g(boundary of S): the latter is a cycle of dimension #S - 2
< n - 1, for #S = 2 a difference of points. 4. Subdividing k times carries chains to chains and a
simplex' into its subdivision; the vertices (p, v) stay, as views of who sees itself alone. 5. f = d
o subdivision o g is the chain map: on vertices, d decides v for who saw v alone, as D({v}) = {v}.
[]

Only monotony and D({v}) = {v} are used, for the validity D as it stands: whether D is closed under
composition (the geodesic one is not) does not matter. The converse does not hold: no obstruction is
no protocol yet.

**The system.** Unknowns: the coefficients of f(S) on the cliques of #S vertices in D(S), for 2 <=
#S <= n. Equations: for each S and each clique t of #S - 1 vertices in D(S), the coefficient of t in
boundary f(S) - f(boundary S) is 0; for #S = 2 the second part is known. If there is a vector y with
y A = 0 modulo m and y b != 0 modulo m, the system has no solution over Z/m, hence none over the
integers, and the task no protocol. That vector is the certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from agreement.graph import clique_complex
from agreement.solve.carrier_lists import carrier_mask

if TYPE_CHECKING:
    from agreement.task import Task

__all__ = ["Equation", "Obstruction", "equations", "find_obstruction"]

Simplex: TypeAlias = tuple[int, ...]
Row: TypeAlias = dict[tuple[Simplex, Simplex], int]

PRIMES = (2, 3, 5)


@dataclass(frozen=True, slots=True)
class Equation:
    """The coefficient of the clique `face` in boundary f(`inputs`) = f(boundary of `inputs`).

    `row`: by (S, clique) the factor of f(S)'s coefficient; the sum is to be `right`.
    """

    inputs: Simplex
    face: Simplex
    row: Row
    right: int


@dataclass(frozen=True, slots=True)
class Obstruction:
    """Factors of equations (inputs, face) that add up to 0 = something else modulo `modulus`."""

    modulus: int
    factors: tuple[tuple[int, Simplex, Simplex], ...]


def equations(task: Task, count: int) -> list[Equation]:
    """The system for `count` processes, small sets of inputs first."""
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
    """Whether the system has no solution modulo 2, 3 or 5; with factors that show it."""
    system = equations(task, count)
    for prime in PRIMES:
        factors = _infeasible(system, prime)
        if factors is not None:
            kept = [(f, system[i].inputs, system[i].face) for i, f in sorted(factors.items())]
            return Obstruction(prime, tuple(kept))
    return None


def _infeasible(system: list[Equation], prime: int) -> dict[int, int] | None:
    """By equation: factors with which the left sides add up to 0, the right sides do not."""
    columns: dict[tuple[Simplex, Simplex], int] = {}
    pivots: dict[int, tuple[dict[int, int], int, dict[int, int]]] = {}
    for number, equation in enumerate(system):
        row = {
            columns.setdefault(key, len(columns)): value % prime
            for key, value in equation.row.items()
        }
        right = equation.right % prime
        used = {number: 1}
        while row:
            # Late unknowns, those of large sets of inputs, are eliminated first.
            lead = max(row)
            if lead not in pivots:
                inverse = pow(row[lead], -1, prime)
                pivots[lead] = (
                    {c: v * inverse % prime for c, v in row.items()},
                    right * inverse % prime,
                    {c: v * inverse % prime for c, v in used.items()},
                )
                break
            factor = row[lead]
            other, other_right, other_used = pivots[lead]
            _subtract(row, other, factor, prime)
            _subtract(used, other_used, factor, prime)
            right = (right - factor * other_right) % prime
        if not row and right:
            return used
    return None


def _subtract(row: dict[int, int], other: dict[int, int], factor: int, prime: int) -> None:
    for column, value in other.items():
        left = (row.get(column, 0) - factor * value) % prime
        if left:
            row[column] = left
        else:
            row.pop(column, None)
