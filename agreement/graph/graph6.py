"""McKay's formats for graphs in printable characters: graph6 and sparse6.

Each character holds six bits, as its code minus 63. The formats are defined in `formats.txt` of
nauty (https://users.cecs.anu.edu.au/~bdm/data/formats.txt). A line is read only if it is what the
definition says, to the last bit: a number of vertices in its short form wherever there is one,
padding as defined, nothing after it.
"""

from __future__ import annotations

from agreement.errors import GraphError
from agreement.graph.graph import Graph

__all__ = ["format_graph6", "parse_graph6", "parse_sparse6"]

_SHORT, _LONG = 62, 258047
_MOST_VERTICES = 99_999
_BITS = 6
_GRAPH6, _SPARSE6, _DIGRAPH6 = ">>graph6<<", ">>sparse6<<", ">>digraph6<<"


def parse_graph6(text: str) -> Graph:
    """Return the graph of one line of graph6, with at most 258,047 vertices.

    The header `>>graph6<<` and the end of the line may be left out. Raise GraphError if the line is
    malformed, or is sparse6 or digraph6.
    """
    line = text.rstrip("\r\n").removeprefix(_GRAPH6)
    if line.startswith((":", _SPARSE6)):
        raise GraphError("graph6: this looks like sparse6, which begins with ':'")
    if line.startswith(("&", _DIGRAPH6)):
        raise GraphError(
            "graph6: this looks like digraph6, which begins with '&' and is for directed graphs"
        )
    values = _values("graph6", line, len(text) - len(text.removeprefix(_GRAPH6)))
    order, body = _order("graph6", values)
    pairs = order * (order - 1) // 2
    if len(body) != -(-pairs // _BITS):
        raise GraphError(
            f"graph6: the edges of {order} vertices take {-(-pairs // _BITS)} characters, "
            f"not {len(body)}"
        )
    bits = "".join(f"{value:06b}" for value in body)
    if "1" in bits[pairs:]:
        raise GraphError("graph6: the padding at the end is not zero")
    ones = iter(bits)
    edges = [(u, v) for v in range(order) for u in range(v) if next(ones) == "1"]
    return Graph.of(order, edges)


def parse_sparse6(text: str) -> Graph:
    """Return the graph of one line of sparse6, with at most 99,999 vertices.

    The header `>>sparse6<<` and the end of the line may be left out. Raise GraphError if the line
    is malformed, or has a loop or an edge twice.
    """
    line = text.rstrip("\r\n").removeprefix(_SPARSE6)
    if not line.startswith(":"):
        raise GraphError("sparse6: the line does not begin with ':'")
    values = _values("sparse6", line[1:], len(text) - len(text.removeprefix(_SPARSE6)) + 1)
    order, body = _order("sparse6", values)
    if order > _MOST_VERTICES:
        raise GraphError(f"sparse6: {order} vertices: at most {_MOST_VERTICES:,} are possible")
    width = max(1, (order - 1).bit_length())
    bits = "".join(f"{value:06b}" for value in body)
    edges: dict[tuple[int, int], None] = {}
    v = at = end = 0
    while at + width < len(bits):
        v += int(bits[at])
        u = int(bits[at + 1 : at + 1 + width], 2)
        at += 1 + width
        if v >= order or u >= order:
            break
        if u > v:
            v = u
            continue
        if u == v:
            raise GraphError(f"sparse6: vertex {v} has an edge to itself")
        if (u, v) in edges:
            raise GraphError(f"sparse6: edge {u}-{v} is there twice")
        edges[u, v] = None
        end = at
    if not _is_padding(bits[end:], order, width):
        raise GraphError(
            "sparse6: the end of the line is neither an edge nor the padding that it must have"
        )
    return Graph.of(order, edges)


def _is_padding(bits: str, order: int, width: int) -> bool:
    """Return whether these bits, after the last edge, just fill the last character.

    They must be ones. If ones could be an edge of the last vertex to itself, which happens only if
    the number of vertices is a power of two, a zero comes first. Writers differ in when they do so.
    """
    ones = "1" * len(bits)
    zero_first = order == 1 << width and width <= len(bits)
    return len(bits) < _BITS and (bits == ones or (zero_first and bits == "0" + ones[1:]))


def format_graph6(graph: Graph) -> str:
    """Return the graph6 line of a graph, which does not hold the labels."""
    n = graph.order
    if n > _LONG:
        raise GraphError(f"cannot write {n} vertices as graph6: at most {_LONG} can be written")
    head = [n] if n <= _SHORT else [63, n >> 12, n >> 6 & 63, n & 63]
    bits = "".join("01"[graph.rows[v] >> u & 1] for v in range(n) for u in range(v))
    bits += "0" * (-len(bits) % _BITS)
    body = [int(bits[i : i + _BITS], 2) for i in range(0, len(bits), _BITS)]
    return "".join(chr(value + 63) for value in head + body)


def _values(name: str, line: str, before: int) -> list[int]:
    """Return the six bits of each character; `before` is the number of characters before them."""
    values = [ord(character) - 63 for character in line]
    for position, (character, value) in enumerate(zip(line, values, strict=True), start=1):
        if not 0 <= value < 1 << _BITS:
            raise GraphError(
                f"{name}: character {before + position} is {character!r}, which is not between ? "
                "and ~"
            )
    if not values:
        raise GraphError(f"{name}: the text is empty")
    return values


def _order(name: str, values: list[int]) -> tuple[int, list[int]]:
    """Return the number of vertices, and the values that follow it."""
    if values[0] <= _SHORT:
        return values[0], values[1:]
    if len(values) < 4 or values[1] > _SHORT:  # noqa: PLR2004 - the head of larger graphs
        raise GraphError(f"{name}: the header is cut short, or for more than {_LONG} vertices")
    order = values[1] << 12 | values[2] << 6 | values[3]
    if order <= _SHORT:
        raise GraphError(
            f"{name}: {order} vertices are written in the form for more than {_SHORT}; this is not "
            f"{name}, or is damaged"
        )
    return order, values[4:]
