"""Graphs of networkx, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.errors import GraphError, ToolError
from agreement.graph.graph import Graph
from agreement.wording import install_hint

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["from_networkx", "to_networkx"]


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
