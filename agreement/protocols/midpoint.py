"""Paths: in each round, go to the middle of the lowest and the highest vertex seen.

Vertices are ordered by their distance from one end of the path, the *origin*; a middle between two
vertices is rounded towards it. Any communication model will do, even collects, whose views need not
be nested:

* **Validity.** The middle is between two vertices seen, and what is between vertices that are
  between inputs is between inputs. So all four validities hold, also that of cliques: the middle of
  two adjacent vertices is one of them.
* **A round halves the diameter.** Processes write before they read, so of any two, one sees the
  other's value x. Both middles are then of intervals that contain x, inside an interval [L, H] of
  length D: before rounding they lie between (L + x) / 2 and (x + H) / 2, so within D / 2. Rounding
  them all towards the same end keeps them within ceil(D / 2). (Rounding towards the vertex with the
  smaller number does not, on a path that is numbered out of order: the checker refutes it.)
* So after `halvings(diameter)` rounds outputs are at distance at most 1.

For three or more processes this is optimal: no protocol takes fewer rounds (HS06).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreement.errors import TaskError
from agreement.graph import tree
from agreement.memory import COMMUNICATION_MODELS, Read, Write
from agreement.protocols.centre import Centre, far_apart
from agreement.protocols.protocol import Protocol, check_communication, check_sizes, halvings

if TYPE_CHECKING:
    from agreement.memory import Steps
    from agreement.task import Task

__all__ = ["Midpoint", "path_protocol"]


@dataclass(frozen=True, slots=True)
class Midpoint:
    """The program for collects.

    `path` lists the vertices from the origin on, `places[v]` is the position of vertex v in it.
    """

    path: tuple[int, ...]
    places: tuple[int, ...]
    rounds: int

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """Run one process; see `agreement.memory.Program`.

        It keeps only the lowest and the highest of the vertices that it reads, which leaves the
        checker fewer states.
        """
        low = high = value
        for array in range(self.rounds):
            yield Write(array, low)
            for ahead in range(1, count):
                low, high = self.widened(low, high, (yield Read(array, (me + ahead) % count)))
            low = high = self.path[(self.places[low] + self.places[high]) // 2]
        return low

    def widened(self, low: int, high: int, seen: int | None) -> tuple[int, int]:
        """Return the lowest and the highest vertex, with one more vertex seen."""
        if seen is None:
            return low, high
        place = self.places.__getitem__
        return min(low, seen, key=place), max(high, seen, key=place)


def path_protocol(
    task: Task, count: int, communication: str = "collect", rounds: int | None = None
) -> Protocol:
    """Return the protocol for paths, with `halvings(diameter)` rounds and any validity.

    For snapshots the program is that of `agreement.protocols.centre`. Another number of `rounds`
    can be given, for which nothing is proved. Raises TaskError if the graph is not a path.
    """
    graph = task.graph
    if not tree(graph) or any(graph.degree(v) > 2 for v in range(graph.order)):  # noqa: PLR2004
        raise TaskError(
            "the graph is not a path: use a tree whose vertices have at most two neighbours"
        )
    check_communication(communication, tuple(COMMUNICATION_MODELS))
    check_sizes(count, rounds)
    origin = min(far_apart(graph, range(graph.order)))
    places = graph.distances(origin)
    if rounds is None:
        rounds = halvings(max(places)) if count > 1 else 0
    if communication == "collect":
        path = tuple(sorted(range(graph.order), key=places.__getitem__))
        return Protocol("path", task, count, communication, rounds, Midpoint(path, places, rounds))
    return Protocol(
        "path", task, count, communication, rounds, Centre(graph, rounds, communication, origin)
    )
