"""Runs as swim-lane diagrams, with a lane per process and time downwards, as text and as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from agreement.memory import Event, Read, Run, Scan, Value, Write

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["swimlanes", "swimlanes_svg"]


def _show(value: Value) -> str:
    return "-" if value is None else str(value)


def _text(event: Event) -> str:
    """Return an operation and its response in a few characters."""
    got = event.response
    view = "(" + " ".join(map(_show, got)) + ")" if isinstance(got, tuple) else ""
    operation = event.operation
    match operation:
        case Write(array, value):
            return f"W{array} := {value}"
        case Read(array, owner):
            return f"R{array}[{owner}] = {_show(got)}"
        case Scan(array):
            return f"S{array} = {view}"
    return f"W{operation.array} := {operation.value}, S = {view}"


def _rows(run: Run) -> list[tuple[int, str, bool]]:
    """Return, by event, the lane, the text, and whether it shares a block with the one before."""
    rows = []
    events = iter(run.events)
    for block in run.schedule:
        for place, _ in enumerate(block):
            event = next(events)
            text = _text(event)
            if event.output is not None:
                text += f"  => {event.output}"
            rows.append((event.process, text, place > 0))
    return rows


def swimlanes(run: Run, name: Callable[[int], str] = str) -> str:
    """Return the diagram as text; `name` gives the name of a vertex.

    `W0 := 3` writes 3 to the own register of array 0, `R0[1] = -` reads that of process 1, which is
    unwritten, `S0` scans array 0, `=> 2` decides 2. Lines marked `&` are in one block with the line
    above.
    """
    rows = _rows(run)
    count = len(run.inputs)
    heads = [f"p{p}: {name(vertex)}" for p, vertex in enumerate(run.inputs)]
    widths = [
        max([len(heads[p]), *(len(text) for lane, text, _ in rows if lane == p)])
        for p in range(count)
    ]
    lines = ["     " + " | ".join(h.ljust(w) for h, w in zip(heads, widths, strict=True)).rstrip()]
    lines.append("     " + "-+-".join("-" * width for width in widths))
    step = 0
    for lane, text, together in rows:
        step += not together
        cells = [(text if p == lane else "").ljust(widths[p]) for p in range(count)]
        number = "   &" if together else f"{step:4}"
        lines.append(f"{number} " + " | ".join(cells).rstrip())
    return "\n".join(lines)


def swimlanes_svg(run: Run, name: Callable[[int], str] = str) -> str:
    """Return the diagram as an SVG document; the members of a block are on one line."""
    lane, row, top = 190, 26, 50
    rows = _rows(run)
    height = top + row * (len(run.schedule) + 1)
    size = f'width="{lane * len(run.inputs)}" height="{height}"'
    font = 'font-family="monospace" font-size="11" text-anchor="middle"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>']
    for p, vertex in enumerate(run.inputs):
        x = lane * p + lane // 2
        parts.append(f'<line x1="{x}" y1="{top - 16}" x2="{x}" y2="{height}" stroke="#bbb"/>')
        parts.append(f'<text x="{x}" y="20">{escape(f"p{p}: {name(vertex)}")}</text>')
    y = top - row
    for p, text, together in rows:
        y += 0 if together else row
        x = lane * p + 6
        fill = "#ffe9b3" if "=>" in text else "#e3ecf7"
        parts.append(
            f'<rect x="{x}" y="{y}" width="{lane - 12}" height="{row - 6}" rx="4" fill="{fill}"/>'
            f'<text x="{x + lane // 2 - 6}" y="{y + 14}">{escape(text)}</text>'
        )
    return "\n".join([*parts, "</svg>"])
