"""A picture, as SVG, of the subdivision so far and the outputs made in it."""

from __future__ import annotations

from itertools import combinations
from math import cos, pi, sin
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from agreement.errors import GameError
from agreement.extension.invariant import Subdivision

if TYPE_CHECKING:
    from agreement.extension.game import Game

__all__ = ["subdivision_svg"]

_MOST_PROCESSES = 3
_MOST_ROUNDS = 3
_COLOURS = ("#d62728", "#1f77b4", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2")
_SIZE = 640


def subdivision_svg(game: Game, inputs: tuple[int, ...]) -> str:
    """Draw all states from these inputs for as many rounds as have been played, at most 3.

    States that a query has reached and that output are coloured; they are not subdivided any more.
    GameError unless there are 2 or 3 processes.
    """
    if not 1 < len(inputs) <= _MOST_PROCESSES:
        raise GameError(f"cannot draw {len(inputs)} processes: pictures are of 2 or 3 processes")
    states = game.states
    farthest = max(states.round[s] for now in game.configurations for s in now)
    complex_ = Subdivision(game.problem)
    complex_.start([inputs])
    state: dict[int, int] = {}
    points: dict[int, tuple[float, float]] = {}
    for (p, _), v in complex_.numbers.items():
        state[v] = states.initial(p, inputs[p])
        points[v] = (sin(2 * pi * p / 3), -cos(2 * pi * p / 3))
    outputs: dict[int, int] = {}
    for _ in range(min(farthest, _MOST_ROUNDS)):
        complex_.divide(set(outputs))
        for (p, name), v in complex_.numbers.items():
            if v not in state and not isinstance(name, int):
                state[v] = states.after(p, frozenset(state[u] for u in name))
                points[v] = _place(complex_, p, name, points)
                out = game.decisions.get(state[v])
                outputs |= {} if out is None else {v: out}
    return _svg(game, complex_, points, outputs)


def _place(
    complex_: Subdivision,
    process: int,
    seen: frozenset[int],
    points: dict[int, tuple[float, float]],
) -> tuple[float, float]:
    """Return the average of the points seen, with weight 1 for the own one and 2 for others.

    That draws the standard chromatic subdivision.
    """
    weights = {u: 1 if complex_.process[u] == process else 2 for u in seen}
    total = sum(weights.values())
    x = sum(weight * points[u][0] for u, weight in weights.items()) / total
    y = sum(weight * points[u][1] for u, weight in weights.items()) / total
    return x, y


def _svg(
    game: Game,
    complex_: Subdivision,
    points: dict[int, tuple[float, float]],
    outputs: dict[int, int],
) -> str:
    def at(v: int) -> tuple[str, str]:
        x, y = points[v]
        return f"{_SIZE / 2 + x * _SIZE * 0.44:.1f}", f"{_SIZE * 0.56 + y * _SIZE * 0.44:.1f}"

    size = f'width="{_SIZE}" height="{_SIZE}" viewBox="0 0 {_SIZE} {_SIZE}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace">']
    edges = {pair for facet in complex_.facets for pair in combinations(sorted(facet), 2)}
    for u, v in sorted(edges):
        (x1, y1), (x2, y2) = at(u), at(v)
        parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#bbb"/>')
    for v in sorted({v for facet in complex_.facets for v in facet}):
        x, y = at(v)
        fill, radius = ("white", 2) if v not in outputs else (_colour(outputs[v]), 6)
        title = escape(f"p{complex_.process[v]}, inputs known: {sorted(complex_.inputs[v])}")
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="black" '
            f'stroke-width="0.6"><title>{title}</title></circle>'
        )
    for row, value in enumerate(sorted(set(outputs.values()))):
        down = 20 + 18 * row
        label = escape(f"outputs {game.problem.label(value)}")
        parts.append(f'<circle cx="14" cy="{down - 4}" r="6" fill="{_colour(value)}"/>')
        parts.append(f'<text x="26" y="{down}" font-size="13">{label}</text>')
    return "\n".join([*parts, "</svg>"])


def _colour(value: int) -> str:
    return _COLOURS[value % len(_COLOURS)]
