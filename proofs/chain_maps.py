"""The chain map of a protocol, computed step by step.

`agreement.solve.obstruction` proves that every task that n processes solve in k rounds has a chain
map f carried by D, and finds certificates that there is none. So an obstruction to a chain map is
one to every protocol. This file computes each step of that proof with integers, and checks it:

1. **g** maps simplices on at most n vertices to chains of the complex of inputs. g(v) = (process 0,
   v), and g(S) is the cone over g(boundary of S) from (process d, least vertex of S), where d is
   the dimension of S. The cone exists, because g(boundary of S) has only vertices of processes
   below d, and boundary(cone z) = z for a cycle z. So this defines g for every n. (Another proof
   that such a g exists is that the join of n sets of points has no reduced homology below dimension
   n - 1; this is checked for small sets.)
2. **sd** maps a simplex of d + 1 processes to the sum of its one-round views. The views of an
   ordered partition into b blocks have the sign (-1)^(d + 1 - b). sd is a chain map (for every n:
   claim subdivision-ridges), and maps each vertex to itself.
3. **f** = decisions o sd^k o g is carried by D, has its values on cliques, and solves all equations
   of `obstruction.equations`. This is checked for protocols that `decide` finds.

The argument for every n and k is in `agreement.solve.obstruction`. Checked here are g and sd for up
to 4 processes, and f for the protocols of the tasks below.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, TypeAlias

from agreement.errors import AgreementError
from agreement.graph import Graph, complete, cycle, octahedron, path, star, wheel
from agreement.solve import decide
from agreement.solve.known_protocols import find_rule
from agreement.solve.obstruction import equations
from agreement.task import Task
from agreement.topology import Complex, homology, ordered_partitions
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, refuted, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agreement.protocols.synthesised import Tables

Vertex: TypeAlias = "tuple[int, Any]"
"""A process and its input, or the set of the vertices of an earlier round that it sees."""

Chain: TypeAlias = "dict[tuple[Any, ...], int]"
"""A map from oriented simplices to coefficients; simplices of views are in process order."""


def added(parts: Iterable[tuple[int, Chain]]) -> Chain:
    """Return the linear combination of chains, given as pairs (factor, chain)."""
    found: Chain = {}
    for factor, chain in parts:
        for simplex, number in chain.items():
            found[simplex] = found.get(simplex, 0) + factor * number
    return {simplex: number for simplex, number in found.items() if number}


def boundary(chain: Chain) -> Chain:
    """Return the boundary of a chain; the boundary of a vertex is zero."""
    return added(
        (number * (-1) ** i, {simplex[:i] + simplex[i + 1 :]: 1})
        for simplex, number in chain.items()
        for i in range(len(simplex))
        if len(simplex) > 1
    )


def mapped(chain: Chain, image: Callable[[tuple[Any, ...]], Chain]) -> Chain:
    """Return the image of a chain under the linear extension of `image`."""
    return added((number, image(simplex)) for simplex, number in chain.items())


@lru_cache(maxsize=1 << 12)
def _joined(inputs: tuple[int, ...]) -> tuple[tuple[tuple[Vertex, ...], int], ...]:
    top = len(inputs) - 1
    if not top:
        return (((((0, inputs[0]),), 1)),)
    apex = (top, inputs[0])
    # The apex is of the last process, so that moving it to the front takes `top` exchanges.
    around = mapped(boundary({inputs: 1}), join)
    return tuple(((*simplex, apex), (-1) ** top * number) for simplex, number in around.items())


def join(inputs: tuple[int, ...]) -> Chain:
    """Return the chain g(S) of processes 0, .., d, for the sorted set S."""
    return dict(_joined(inputs))


def views(simplex: tuple[Vertex, ...]) -> Chain:
    """Return the chain sd of a simplex: all views of its processes after one round, with signs."""
    found: Chain = {}
    for blocks in ordered_partitions(tuple(range(len(simplex)))):
        seen: frozenset[Vertex] = frozenset()
        by_place: dict[int, Vertex] = {}
        for block in blocks:
            seen |= {simplex[place] for place in block}
            by_place.update({place: (simplex[place][0], seen) for place in block})
        row = tuple(by_place[place] for place in range(len(simplex)))
        found[row] = (-1) ** (len(simplex) - len(blocks))
    return found


@dataclass(frozen=True, slots=True)
class Decisions:
    """The simplicial map from views to the decisions of a protocol's tables."""

    tables: Tables

    def number(self, vertex: Vertex) -> int:
        """Return the number of a vertex after its round: its input, or the table's entry."""
        known = vertex[1]
        if isinstance(known, int):
            return known
        by_process = {seen[0]: seen for seen in known}
        below = {p: self.number(seen) for p, seen in by_process.items()}
        depth = _depth(vertex) - 1
        table = dict(zip(self.tables.views[depth], self.tables.numbers[depth], strict=True))
        different = (None, tuple(sorted(set(below.values()))))
        own = (below[vertex[0]], tuple(sorted(below.values())))
        return table[different if different in table else own]

    def __call__(self, simplex: tuple[Vertex, ...]) -> Chain:
        """Return the oriented simplex of the decisions, or the zero chain if two are equal."""
        decided = [self.number(vertex) for vertex in simplex]
        swaps = sum(a > b for a, b in combinations(decided, 2))
        repeated = len(set(decided)) < len(decided)
        return {} if repeated else {tuple(sorted(decided)): (-1) ** swaps}


def _depth(vertex: Vertex) -> int:
    depth = 0
    while not isinstance(vertex[1], int):
        vertex = next(iter(vertex[1]))
        depth += 1
    return depth


def cones(count: int, order: int) -> Finding:
    """Check that g is a chain map into the input complex, for sets of up to `count` inputs."""
    looked = 0
    for size in range(1, count + 1):
        for inputs in combinations(range(order), size):
            looked += 1
            chain = join(inputs)
            if size > 1 and boundary(chain) != mapped(boundary({inputs: 1}), join):
                return refuted(f"the boundary of g({inputs})")
            for simplex in chain:
                processes = [p for p, _ in simplex]
                if processes != list(range(size)) or not {v for _, v in simplex} <= set(inputs):
                    return refuted(f"{simplex} in g({inputs})")
    return Finding(Verdict.HOLDS, (("sets of inputs", looked),))


def acyclic(count: int, points: int) -> Finding:
    """Check that the input complex has the integral homology of a point below its top dimension."""
    complex_ = Complex.of(
        [p * points + v for p, v in enumerate(inputs)]
        for inputs in product(range(points), repeat=count)
    )
    below = homology(complex_)[: count - 1]
    if below != tuple((int(d == 0), ()) for d in range(count - 1)):
        return refuted(f"{count} sets of {points} points: {below}")
    return Finding(Verdict.HOLDS, (("joins", 1),))


def subdivided(count: int) -> Finding:
    """Check that sd is a chain map for `count` processes, and maps vertices to themselves."""
    simplex = tuple((p, p) for p in range(count))
    if boundary(views(simplex)) != mapped(boundary({simplex: 1}), views):
        return refuted(f"sd does not commute with the boundary, n = {count}")
    if views(simplex[:1]) != {((0, frozenset(simplex[:1])),): 1}:
        return refuted("sd does not map a vertex to itself")
    return Finding(Verdict.HOLDS, (("facets", len(views(simplex))),))


def solves(task: Task, count: int, tables: Tables) -> Finding:
    """Check that f is carried by D, has its values on cliques, and solves the equations."""
    decisions = Decisions(tables)
    f: dict[tuple[int, ...], Chain] = {}
    for size in range(1, min(count, task.graph.order) + 1):
        for inputs in combinations(range(task.graph.order), size):
            chain = join(inputs)
            for _ in range(tables.rounds):
                chain = mapped(chain, views)
            f[inputs] = mapped(chain, decisions)
            for clique in f[inputs]:
                if not task.graph.is_clique(clique):
                    shown = f"f({inputs}) has {clique}, which is not a clique"
                    return refuted(shown)
                if not set(clique) <= task.carrier(inputs):
                    shown = f"f({inputs}) has {clique}, which D does not allow"
                    return refuted(shown)
    system = equations(task, count)
    for equation in system:
        left = sum(n * f[s].get(clique, 0) for (s, clique), n in equation.row.items())
        if left != equation.right:
            shown = f"the equation of {equation.inputs} and {equation.face} is not solved"
            return refuted(shown)
    return Finding(Verdict.HOLDS, (("protocols", 1), ("equations", len(system))))


CASES: tuple[tuple[Graph, int], ...] = (
    (path(4), 2),
    (cycle(5), 2),
    (complete(4), 3),
    (path(3), 3),
    (path(5), 3),
    (star(3), 3),
    (wheel(5), 3),
    (octahedron(3), 3),
    (path(3), 4),
)


def found_protocol(task: Task, count: int) -> Tables:
    """Return the tables of a protocol with the least number of rounds."""
    tables = decide(task, count).tables
    if tables is None:
        raise AgreementError(
            f"cannot compute a chain map: no protocol for {count} processes was found"
        )
    return tables


def _check(tick: Tick) -> Finding:
    found = [cones(4, 5), *(subdivided(count) for count in range(1, 5))]
    found += [acyclic(count, points) for count, points in ((2, 2), (2, 3), (3, 3), (4, 2))]
    for graph, count in CASES:
        tick(f"{graph.order} vertices, n = {count}")
        task = Task(graph)
        found.append(solves(task, count, found_protocol(task, count)))
    return together(found)


def _refute(tick: Tick) -> Finding:
    tick("the last round is left out")
    tables = find_rule(Task(path(5)), 3, 2)
    if tables is None:
        raise AssertionError("there is a rule for paths")
    first_only = type(tables)(tables.views[:1], tables.numbers[:1])
    return solves(Task(path(5)), 3, first_only)


CLAIM = Claim(
    name="chain-map",
    statement="protocols of nine tasks give chain maps over the integers (by cones, chromatic "
    "subdivisions and decisions), which are carried by D and solve the system of "
    "agreement.solve.obstruction",
    source="agreement.solve.obstruction [D]",
    bound="cones and subdivisions: up to 4 processes; protocols for 9 tasks, n = 2, 3, 4. That "
    "every protocol gives one is argued in agreement.solve.obstruction, not checked",
    check=_check,
    twin="centres on P5 with the second of two rounds left out give a chain map",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    trusts="the chains of this file, which share no code with the finder of obstructions",
)
