"""Describe a graph: its size, and each class that it belongs to: ``ttkem agree graph``."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING

from rich.table import Table

from agreement.explore.watchdog import StuckError, Watchdog
from agreement.graph import (
    Graph,
    block_graph,
    bridged,
    chordal,
    dismantlable,
    load,
    median,
    ptolemaic,
    to_text,
    tree,
)
from agreement.task import Task
from ttkem.cli.screen import console, counted, progress

if TYPE_CHECKING:
    from rich.console import Console

    from agreement.graph import Certificate

__all__ = ["describe"]

CLASSES = {
    "chordal": chordal,
    "bridged": bridged,
    "dismantlable": dismantlable,
    "block": block_graph,
    "tree": tree,
    "ptolemaic": ptolemaic,
    "median": median,
}

SECONDS = 10.0
"""The time for one class, since some take exponentially long."""


def _recognised(screen: Console, graph: Graph) -> dict[str, Certificate | None]:
    """Return the certificate of each class; None for a class that took too long."""
    found: dict[str, Certificate | None] = {}
    with progress(screen) as bar:
        for number, (name, recognise) in enumerate(CLASSES.items()):
            bar(number, len(CLASSES), name)
            try:
                with Watchdog(SECONDS) as watchdog:
                    watchdog.begin()
                    found[name] = recognise(graph)
                    watchdog.end()
            except StuckError:
                found[name] = None
    return found


def describe(source: str, *, json: bool) -> None:
    """Print a graph, and its classes with certificates."""
    graph = load(source)
    task = Task(graph)
    found = _recognised(console(json=json), graph)
    late = f"not decided within {SECONDS:g} seconds"
    if json:
        classes = {
            name: {
                "holds": None if it is None else bool(it),
                "kind": late if it is None else it.kind,
                "vertices": [] if it is None else [graph.labels[v] for v in it.vertices],
            }
            for name, it in found.items()
        }
        print(
            json_text.dumps(
                {
                    "vertices": graph.order,
                    "edges": graph.size,
                    "diameter": task.graph.diameter,
                    "classes": classes,
                }
            )
        )
        return
    screen = console(json=False)
    vertices, edges = counted(graph.order, "vertex", "vertices"), counted(graph.size, "edge")
    screen.print(f"{vertices}, {edges}, diameter {graph.diameter}")
    screen.print(to_text(graph), markup=False, highlight=False)
    table = Table("class", "", "certificate")
    for name, it in found.items():
        if it is None:
            table.add_row(name, "unknown", late)
            continue
        vertices = " ".join(graph.labels[v] for v in it.vertices)
        table.add_row(name, "yes" if it else "no", f"{it.kind}: {vertices}")
    screen.print(table)
