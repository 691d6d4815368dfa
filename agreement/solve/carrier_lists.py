"""The lists of values that views may decide, as bit sets of vertices.

A decision map is a list homomorphism with these lists.

A view's list is the carrier of the inputs that it knows of (see `agreement.solve.deciding`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import TaskError
from agreement.graph.graph import members

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agreement.graph import Graph
    from agreement.task import Task

__all__ = ["MOST_VERTICES", "Neighbourhoods", "carrier_lists", "carrier_mask"]

MOST_VERTICES = 62
"""The greatest order of a graph: a set of vertices must fit into a signed 64-bit integer."""

_CHUNK = 8


def carrier_mask(task: Task, inputs: int) -> int:
    """Return the carrier D(S) of a bit set S of inputs, as a bit set."""
    return task.graph.mask(task.carrier(members(inputs)))


def carrier_lists(task: Task, seen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the carrier of each bit set of inputs, as an array of bit sets."""
    known, place = np.unique(seen, return_inverse=True)
    masks = np.array([carrier_mask(task, int(inputs)) for inputs in known], np.int64)
    return np.asarray(masks[place.reshape(-1)], np.int64)


class Neighbourhoods:
    """The closed neighbourhoods of a graph: `near[v]` is the bit set of v and its neighbours.

    Calling it with many sets looks up 8 vertices at a time in tables.
    """

    def __init__(self, graph: Graph) -> None:
        if graph.order > MOST_VERTICES:
            raise TaskError(
                f"cannot decide a graph of {graph.order} vertices: there may be up to "
                f"{MOST_VERTICES} vertices"
            )
        self.near = tuple(row | 1 << v for v, row in enumerate(graph.rows))
        self._tables = []
        for start in range(0, graph.order, _CHUNK):
            table = np.zeros(1 << _CHUNK, np.int64)
            for v in range(start, min(start + _CHUNK, graph.order)):
                chosen = np.arange(1 << _CHUNK) >> (v - start) & 1
                table[chosen == 1] |= self.near[v]
            self._tables.append(table)

    def __call__(self, masks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return, for each bit set, the union of its members' closed neighbourhoods."""
        low = (1 << _CHUNK) - 1
        found: NDArray[np.int64] = self._tables[0][masks & low]
        for number, table in enumerate(self._tables[1:], start=1):
            found |= table[masks >> number * _CHUNK & low]
        return found
