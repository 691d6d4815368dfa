"""Paths: each round, go to the middle of the lowest and the highest vertex seen.

Vertices are ordered by their distance from one end of the path, the *origin*; a middle between two
vertices is rounded towards it. Any form of memory will do, collects too, whose views need not be
nested:

* **Validity.** The middle is between two vertices seen; what is between vertices that are between
  inputs is between inputs. So all four carriers are kept, a clique's too: the middle of two
  adjacent vertices is one of them.
* **A round halves.** Of two processes that write before they read, one sees the other's value x. So
  both middles are of intervals that contain x, inside an interval [L, H] of length D: before
  rounding they lie between (L + x) / 2 and (x + H) / 2, that is within D / 2. Rounding, for all
  towards the same end, keeps them within ceil(D / 2). (Rounding each towards the smaller number
  does not, on a path that is numbered out of order: the checker refutes it.)
* So `halvings(diameter)` rounds leave outputs at distance at most 1.

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
    """The program for collects; `way` is the path from its origin, `places` where a vertex is."""

    way: tuple[int, ...]
    places: tuple[int, ...]
    rounds: int

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """One process; see `agreement.memory.Program`.

        Of what it reads it keeps the lowest and the highest only: fewer states to check.
        """
        low = high = value
        for array in range(self.rounds):
            yield Write(array, low)
            for ahead in range(1, count):
                low, high = self.widened(low, high, (yield Read(array, (me + ahead) % count)))
            low = high = self.way[(self.places[low] + self.places[high]) // 2]
        return low

    def widened(self, low: int, high: int, seen: int | None) -> tuple[int, int]:
        """The lowest and the highest, with one more vertex seen."""
        if seen is None:
            return low, high
        place = self.places.__getitem__
        return min(low, seen, key=place), max(high, seen, key=place)


def path_protocol(
    task: Task, count: int, communication: str = "collect", rounds: int | None = None
) -> Protocol:
    """For paths, under all four validities: `halvings(diameter)` rounds.

    In snapshots it is the centre's program. `rounds` asks for another number, for which nothing is
    promised. TaskError if the graph is no path.
    """
    graph = task.graph
    if not tree(graph) or any(graph.degree(v) > 2 for v in range(graph.order)):  # noqa: PLR2004
        raise TaskError("not a path: a tree in which no vertex has three neighbours is wanted")
    check_communication(communication, tuple(COMMUNICATION_MODELS))
    check_sizes(count, rounds)
    origin = min(far_apart(graph, range(graph.order)))
    places = graph.distances(origin)
    if rounds is None:
        rounds = halvings(max(places)) if count > 1 else 0
    if communication == "collect":
        way = tuple(sorted(range(graph.order), key=places.__getitem__))
        return Protocol("path", task, count, communication, rounds, Midpoint(way, places, rounds))
    return Protocol(
        "path", task, count, communication, rounds, Centre(graph, rounds, communication, origin)
    )
