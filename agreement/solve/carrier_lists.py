"""A decision map is a list homomorphism: the lists, and what is close to them, as bit sets."""

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
"""Sets of vertices are the bits of one number."""

_CHUNK = 8


def carrier_mask(task: Task, inputs: int) -> int:
    """D(S) for a bit set S, as a bit set."""
    return task.graph.mask(task.carrier(members(inputs)))


def carrier_lists(task: Task, seen: NDArray[np.int64]) -> NDArray[np.int64]:
    """D(S) for many bit sets S."""
    known, place = np.unique(seen, return_inverse=True)
    masks = np.array([carrier_mask(task, int(inputs)) for inputs in known], np.int64)
    return np.asarray(masks[place.reshape(-1)], np.int64)


class Neighbourhoods:
    """For many sets of vertices at once: what is adjacent or equal to a member."""

    def __init__(self, graph: Graph) -> None:
        if graph.order > MOST_VERTICES:
            raise TaskError(
                f"graphs of up to {MOST_VERTICES} vertices are decided, not of {graph.order}"
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
        """The union of the closed neighbourhoods of each set's members."""
        low = (1 << _CHUNK) - 1
        found: NDArray[np.int64] = self._tables[0][masks & low]
        for number, table in enumerate(self._tables[1:], start=1):
            found |= table[masks >> number * _CHUNK & low]
        return found
