"""Pictures as SVG: a protocol complex with its decisions, and the equations of an obstruction."""

from __future__ import annotations

import io
from itertools import combinations
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from agreement.topology.complexes import ChromaticComplex, input_complex, subdivide
from agreement.wording import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from agreement.graph import Graph
    from agreement.protocols.synthesised import Tables
    from agreement.solve.certificates import Document
    from agreement.solve.deciding import Decision

__all__ = ["obstruction_picture", "pictures", "protocol_picture"]

_COLOURS = mpl.colormaps["tab20"]
_SHOWN = 3


def pictures(decision: Decision) -> dict[str, bytes]:
    """Return the pictures of a decision, by file name."""
    found = {}
    if decision.tables is not None and decision.count > 1:
        graph = decision.task.graph
        far = _far_inputs(graph, min(decision.count, _SHOWN))
        found["protocol-complex.svg"] = protocol_picture(graph, decision.tables, far)
    for document in decision.certificates:
        if document["proof"]["kind"] == "chain map obstruction":
            found["obstruction.svg"] = obstruction_picture(decision.task.graph, document)
    return found


def _far_inputs(graph: Graph, count: int) -> tuple[int, ...]:
    """Return `count` inputs with the greatest sum of distances, different ones if there are."""
    vertices = range(graph.order)
    width = min(count, graph.order)
    chosen = max(
        combinations(vertices, width),
        key=lambda some: sum(graph.distance(u, v) for u, v in combinations(some, 2)),
    )
    return chosen + chosen[-1:] * (count - width)


def protocol_picture(graph: Graph, tables: Tables, inputs: tuple[int, ...]) -> bytes:
    """Draw all views of 2 or 3 processes with these inputs, coloured by what they decide.

    Each process has its own mark. An edge joins two views that occur in one run.
    """
    corners = [(sin(2 * pi * p / 3), cos(2 * pi * p / 3)) for p in range(len(inputs))]
    now: ChromaticComplex = input_complex([inputs])
    points = [corners[process] for process, _ in now.names]
    numbers: list[int] = [int(value) for _, value in now.names]  # type: ignore[call-overload]
    for views, found in zip(tables.views, tables.numbers, strict=True):
        places = dict(zip(views, found, strict=True))
        before, now = now, subdivide(now)
        points, numbers = _next(before, now, points, numbers, places)
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.add_subplot()
    for u, v in now.complex.simplices(1):
        axes.plot(*zip(points[u], points[v], strict=True), color="0.75", linewidth=0.7, zorder=1)
    for process, mark in zip(range(len(inputs)), "osD", strict=False):
        mine = [v for v in now.complex.vertices if now.process(v) == process]
        colours = [_COLOURS(numbers[v] % 20) for v in mine]
        x, y = [points[v][0] for v in mine], [points[v][1] for v in mine]
        axes.scatter(x, y, c=colours, marker=mark, edgecolors="black", linewidths=0.5, zorder=2)
    for vertex in sorted(set(numbers)):
        axes.scatter([], [], color=_COLOURS(vertex % 20), label=graph.labels[vertex])
    axes.legend(title="decides", loc="upper right")
    names = ", ".join(graph.labels[v] for v in inputs)
    axes.set_title(f"{counted(tables.rounds, 'round')}, inputs {names}")
    return _svg(figure, axes)


def _next(
    before: ChromaticComplex,
    now: ChromaticComplex,
    points: list[tuple[float, float]],
    numbers: list[int],
    places: dict[Any, int],
) -> tuple[list[tuple[float, float]], list[int]]:
    """Return the points of the views after one more round, and the values that they take on.

    A view's point is the average of those seen, with weight 1 for its own process and 2 for others:
    that draws the standard chromatic subdivision.
    """
    new_points, new_numbers = [], []
    for process, seen in now.names:
        members = sorted(seen)  # type: ignore[call-overload]
        (own,) = [v for v in members if before.process(v) == process]
        weights = [1 if v == own else 2 for v in members]
        total = sum(weights)
        new_points.append(
            (
                sum(w * points[v][0] for w, v in zip(weights, members, strict=True)) / total,
                sum(w * points[v][1] for w, v in zip(weights, members, strict=True)) / total,
            )
        )
        values = sorted(numbers[v] for v in members)
        different = (None, tuple(sorted(set(values))))
        key = different if different in places else (numbers[own], tuple(values))
        new_numbers.append(places[key])
    return new_points, new_numbers


def obstruction_picture(graph: Graph, document: Document) -> bytes:
    """Draw the graph with the edges of the obstruction's cliques in bold, its inputs in colour."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.add_subplot()
    around = [2 * pi * v / graph.order for v in range(graph.order)]
    points = [(sin(angle), cos(angle)) for angle in around]
    factors = document["proof"]["factors"]
    bold = {pair for _, _, face in factors for pair in combinations(face, 2)}
    asked = {v for _, inputs, _ in factors for v in inputs}
    for u, v in graph.edges:
        heavy = (u, v) in bold
        colour, width = ("tab:red", 3.0) if heavy else ("0.6", 1.0)
        axes.plot(*zip(points[u], points[v], strict=True), color=colour, linewidth=width, zorder=1)
    for v, (x, y) in enumerate(points):
        fill = "tab:orange" if v in asked else "white"
        axes.scatter([x], [y], s=260, c=fill, edgecolors="black", zorder=2)
        axes.annotate(graph.labels[v], (x, y), ha="center", va="center", zorder=3)
    modulus = document["proof"]["modulus"]
    axes.set_title(f"no chain map modulo {modulus}: {len(factors)} equations add up to 0 = 1")
    return _svg(figure, axes)


def _svg(figure: Figure, axes: Axes) -> bytes:
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.margins(0.12)
    target = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "ttkem", "svg.fonttype": "none"}):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()
