"""Drawings of graphs, as text and as SVG."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agreement.graph.graph import Graph

__all__ = ["to_svg", "to_text"]


def to_text(graph: Graph) -> str:
    """Return one line per vertex: its label and the labels of its neighbours.

    >>> from agreement.graph import path
    >>> print(to_text(path(3)))
    0: 1
    1: 0 2
    2: 1
    """
    return "\n".join(
        f"{label}: {' '.join(graph.labels[u] for u in graph.neighbours(v))}".rstrip()
        for v, label in enumerate(graph.labels)
    )


def to_svg(graph: Graph, colours: Mapping[int, str] | None = None, size: int = 320) -> str:
    """Return an SVG document of `size` pixels with the vertices on a circle, in order.

    `colours` gives the fill of some vertices, as a CSS colour.
    """
    middle, radius = size / 2, size / 2 - 24
    points = [
        (
            round(middle + radius * sin(2 * pi * v / graph.order), 2),
            round(middle - radius * cos(2 * pi * v / graph.order), 2),
        )
        for v in range(graph.order)
    ]
    lines = [
        f'<line x1="{points[u][0]}" y1="{points[u][1]}" x2="{points[v][0]}" y2="{points[v][1]}"/>'
        for u, v in graph.edges
    ]
    dots = [
        f'<circle cx="{x}" cy="{y}" r="12" fill="{escape((colours or {}).get(v, "white"))}"/>'
        f'<text x="{x}" y="{y}" dy="0.35em" stroke="none">{escape(graph.labels[v])}</text>'
        for v, (x, y) in enumerate(points)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">',
            '<g stroke="black" font-family="sans-serif" font-size="10" text-anchor="middle">',
            *lines,
            *dots,
            "</g></svg>",
        ]
    )
