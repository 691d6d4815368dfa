"""Find labels with walks or arcs, by trying all labels of a small graph.

`proofs.labelled_walks` and `proofs.from_set_agreement` check what is found, so that no claim rests
on this search. Sets of vertices are bit sets.
"""

from __future__ import annotations

from collections import deque
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agreement.task import Task

__all__ = ["find_arcs", "find_walk"]


def find_walk(task: Task) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return labels by vertex and a closed walk as the theorem needs them, or None."""
    search = _Search(task)
    for labels in _labellings(task.graph.order):
        walk = search.walk(labels)
        if walk:
            return labels, walk
    return None


def find_arcs(task: Task) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]] | None:
    """Return labels by vertex, and arcs from label 0 to 1, 1 to 2 and 2 to 0, or None."""
    search = _Search(task)
    for labels in _labellings(task.graph.order):
        arcs = search.arcs(labels)
        if arcs:
            return labels, arcs
    return None


def _labellings(order: int) -> Iterator[tuple[int, ...]]:
    """Yield all labellings by 0, 1, 2, one of those that differ only by a renaming of labels."""
    todo: list[tuple[int, ...]] = [()]
    while todo:
        labels = todo.pop()
        if len(labels) == order:
            yield labels
        else:
            todo += [(*labels, new) for new in range(min(max(labels, default=-1) + 2, 3))]


class _Search:
    """The carriers of pairs and triples, and the triangles, of one graph."""

    def __init__(self, task: Task) -> None:
        graph = task.graph
        self.order = graph.order
        self.carriers = {
            graph.mask(inputs): graph.mask(task.carrier(inputs))
            for size in (2, 3)
            for inputs in combinations(range(graph.order), size)
        }
        trios = combinations(range(graph.order), 3)
        self.cliques = [graph.mask(trio) for trio in trios if graph.is_clique(trio)]

    def walk(self, labels: tuple[int, ...]) -> tuple[int, ...]:
        """Return a closed walk with an odd number of doors seen from its first vertex, or ()."""
        kinds = [sum(1 << v for v, x in enumerate(labels) if x == label) for label in range(3)]

        def shows_all(mask: int) -> bool:
            return all(mask & kind for kind in kinds)

        rainbow = [clique for clique in self.cliques if shows_all(clique)]
        sides: dict[int, list[tuple[int, int]]] = {v: [] for v in range(self.order)}
        doors = 0
        for x, y in combinations(range(self.order), 2):
            if not shows_all(self.carriers[1 << x | 1 << y]):
                door = int({labels[x], labels[y]} == {0, 2})
                sides[x].append((y, door))
                sides[y].append((x, door))
                doors += door
        starts = range(self.order) if doors else ()
        found = (self._from(start, sides, rainbow) for start in starts)
        return next((walk for walk in found if walk), ())

    def arcs(self, labels: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """Return arcs between vertices of each label if no clique shows all labels, or ()."""
        kinds = [sum(1 << v for v, x in enumerate(labels) if x == label) for label in range(3)]
        if any(all(clique & kind for kind in kinds) for clique in self.cliques):
            return ()
        # Along the arc between two labels, D must not show the third.
        edges = [self._arc_edges(kinds[(label + 2) % 3]) for label in range(3)]
        starts = (v for v, x in enumerate(labels) if x == 0)
        for start in starts:
            first = _reached(start, edges[0])
            for one in (v for v in first if labels[v] == 1):
                second = _reached(one, edges[1])
                for two in (v for v in second if labels[v] == 2):  # noqa: PLR2004 - a label
                    third = _reached(two, edges[2])
                    if start in third:
                        return _back(one, first), _back(two, second), _back(start, third)
        return ()

    def _arc_edges(self, forbidden: int) -> dict[int, list[int]]:
        """Return, by vertex, the others such that D of the two shows no forbidden label."""
        edges: dict[int, list[int]] = {v: [] for v in range(self.order)}
        for x, y in combinations(range(self.order), 2):
            if not self.carriers[1 << x | 1 << y] & forbidden:
                edges[x].append(y)
                edges[y].append(x)
        return edges

    def _from(
        self, start: int, sides: dict[int, list[tuple[int, int]]], rainbow: list[int]
    ) -> tuple[int, ...]:
        """Search for a closed walk, breadth first over (vertex, parity of doors passed)."""
        before: dict[tuple[int, int], tuple[int, int] | None] = dict.fromkeys(sides[start])
        queue = deque(before)
        home = dict(sides[start])
        while queue:
            at = queue.popleft()
            vertex, parity = at
            if vertex in home and parity ^ home[vertex]:
                walk = [vertex]
                while (at := before[at]) is not None:  # type: ignore[assignment]
                    walk.append(at[0])
                return (start, *walk[::-1])
            for onward, door in sides[vertex]:
                step = (onward, parity ^ door)
                carrier = self.carriers[1 << start | 1 << vertex | 1 << onward]
                if step not in before and not any(clique & ~carrier == 0 for clique in rainbow):
                    before[step] = at
                    queue.append(step)
        return ()


def _reached(start: int, edges: dict[int, list[int]]) -> dict[int, int]:
    """Return all vertices that can be reached, each with the one before it; breadth first."""
    before = {start: -1}
    queue = deque([start])
    while queue:
        at = queue.popleft()
        for onward in edges[at]:
            if onward not in before:
                before[onward] = at
                queue.append(onward)
    return before


def _back(end: int, before: dict[int, int]) -> tuple[int, ...]:
    """Return the path to `end` from its first vertex."""
    path = [end]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return tuple(path[::-1])
