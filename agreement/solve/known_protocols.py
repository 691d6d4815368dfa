"""Protocols by rule, as tables: an upper bound on the rounds without any search.

On block graphs, trees and paths among them, going to the centre of what is seen halves the diameter
each round (`agreement.protocols.centre` proves it). Views merge: who goes to the same vertex is the
same from then on, so that the tables are small where a search could not even list the views.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from agreement.graph import block_graph
from agreement.protocols.centre import centre, far_apart
from agreement.protocols.protocol import halvings
from agreement.protocols.synthesised import Tables

if TYPE_CHECKING:
    from agreement.task import Task

__all__ = ["find_rule"]


def find_rule(task: Task, count: int, rounds: int) -> Tables | None:
    """Tables with so many rounds, at least one, if a rule is known to give some."""
    graph = task.graph
    if not block_graph(graph) or halvings(graph.diameter) > rounds:
        return None
    ends = far_apart(graph, range(graph.order))
    seen = [
        values for size in range(1, count + 1) for values in combinations(range(graph.order), size)
    ]
    views = tuple((None, values) for values in seen)
    numbers = tuple(centre(graph, min(ends), values) for _, values in views)
    return Tables((views,) * rounds, (numbers,) * rounds)
