"""Graphs as text and from elsewhere: graph6 (McKay's format), edge lists, networkx graphs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agreement.errors import GraphError, ToolError
from agreement.graph.generators import named
from agreement.graph.graph import Graph
from agreement.wording import install_hint

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "format_graph6",
    "from_networkx",
    "load",
    "parse_edge_list",
    "parse_graph6",
    "to_networkx",
]

_SHORT, _LONG = 62, 258047
_HEADER = ">>graph6<<"


def parse_graph6(text: str) -> Graph:
    """Return the graph of one line of graph6, with at most 258,047 vertices."""
    line = text.strip().removeprefix(_HEADER)
    values = [ord(character) - 63 for character in line]
    for position, (character, value) in enumerate(zip(line, values, strict=True)):
        if not 0 <= value < 64:  # noqa: PLR2004 - six bits
            raise GraphError(
                f"graph6: character {position + 1} is {character!r}, which is not between ? and ~"
            )
    if not values:
        raise GraphError("graph6: the text is empty")
    order, head = values[0], 1
    if order > _SHORT:
        if len(values) < 4 or values[1] > _SHORT:  # noqa: PLR2004 - the header of larger graphs
            raise GraphError(f"graph6: the header is cut short, or for more than {_LONG} vertices")
        order, head = values[1] << 12 | values[2] << 6 | values[3], 4
    pairs = order * (order - 1) // 2
    if len(values) - head != -(-pairs // 6):
        raise GraphError(
            f"graph6: the edges of {order} vertices take {-(-pairs // 6)} characters, "
            f"not {len(values) - head}"
        )
    bits = "".join(f"{value:06b}" for value in values[head:])
    if "1" in bits[pairs:]:
        raise GraphError("graph6: the padding at the end is not zero")
    ones = iter(bits)
    edges = [(u, v) for v in range(order) for u in range(v) if next(ones) == "1"]
    return Graph.of(order, edges)


def format_graph6(graph: Graph) -> str:
    """Return the graph6 line of a graph, which does not hold the labels."""
    n = graph.order
    if n > _LONG:
        raise GraphError(f"cannot write {n} vertices as graph6: at most {_LONG} can be written")
    head = [n] if n <= _SHORT else [63, n >> 12, n >> 6 & 63, n & 63]
    bits = "".join("01"[graph.rows[v] >> u & 1] for v in range(n) for u in range(v))
    bits += "0" * (-len(bits) % 6)
    body = [int(bits[i : i + 6], 2) for i in range(0, len(bits), 6)]
    return "".join(chr(value + 63) for value in head + body)


def parse_edge_list(text: str) -> Graph:
    """Return the graph of an edge list. Raises GraphError for a malformed line.

    Each line holds one edge, as two words, or one vertex, as one word; `#` starts a comment. The
    words become labels. Vertices are numbered in the order of their first occurrence, or
    numerically if all words are numbers.
    """
    pairs: list[tuple[str, ...]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = tuple(line.split("#")[0].split())
        if len(words) > 2:  # noqa: PLR2004 - an edge has two ends
            raise GraphError(f"line {number}: an edge is two words, not {len(words)}")
        if len(set(words)) < len(words):
            raise GraphError(f"line {number}: an edge joins {words[0]!r} to itself")
        if words:
            pairs.append(words)
    labels = list(dict.fromkeys(word for pair in pairs for word in pair))
    if all(label.isascii() and label.isdigit() for label in labels):
        labels.sort(key=lambda label: (int(label), label))
    place = {label: v for v, label in enumerate(labels)}
    edges = [(place[pair[0]], place[pair[1]]) for pair in pairs if len(pair) > 1]
    return Graph.of(len(labels), edges, labels)


def from_networkx(graph: nx.Graph) -> Graph:
    """Return a networkx graph as a Graph: vertices in the order of nodes, labelled by `str`."""
    if graph.is_directed() or graph.is_multigraph():
        raise GraphError(
            "cannot convert a directed graph or a multigraph: give an undirected networkx.Graph"
        )
    place = {node: v for v, node in enumerate(graph)}
    edges = [(place[u], place[v]) for u, v in graph.edges]
    return Graph.of(len(place), edges, [str(node) for node in place])


def to_networkx(graph: Graph) -> nx.Graph:
    """Return the networkx graph on the nodes 0, 1, ..., with their labels as attribute `label`."""
    try:
        import networkx as nx  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise ToolError(
            f"cannot make a networkx graph without networkx: {install_hint('networkx')}"
        ) from error
    result = nx.Graph()
    result.add_nodes_from((v, {"label": label}) for v, label in enumerate(graph.labels))
    result.add_edges_from(graph.edges)
    return result


def load(source: str) -> Graph:
    """Return the graph that a user names: a family and size (see `named`), or a file.

    A file is read as graph6 if its name ends in .g6 or .graph6 or if it starts with `>>graph6<<`,
    else as an edge list. Raises GraphError if there is no such graph or file, or it is malformed.
    """
    file = Path(source)
    if file.is_dir():
        raise GraphError(f"cannot read {source!r}: it is a directory, not a file")
    if not file.is_file():
        try:
            return named(source)
        except GraphError as error:
            if ":" in source:
                raise
            raise GraphError(f"{error}; there is no file of that name either") from None
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GraphError(f"cannot read {source!r} as text: {error}") from None
    try:
        return _parse_file(file, text)
    except GraphError as error:
        raise GraphError(f"{source}: {error}") from None


def _parse_file(file: Path, text: str) -> Graph:
    if file.suffix in {".g6", ".graph6"} or text.startswith(_HEADER):
        lines = text.split()
        if len(lines) != 1:
            raise GraphError(f"a graph6 file must hold one graph, not {len(lines)}")
        return parse_graph6(lines[0])
    return parse_edge_list(text)
