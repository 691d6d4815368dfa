"""Protocols for approximate agreement, each with the graphs it is for, its bound and its proof."""

from agreement.protocols.averaging import averaging_protocol
from agreement.protocols.centre import block_graph_protocol, tree_protocol
from agreement.protocols.midpoint import path_protocol
from agreement.protocols.protocol import Protocol
from agreement.protocols.synthesised import Tables, synthesised_protocol
from agreement.protocols.thirds import two_process_protocol

__all__ = [
    "PROTOCOLS",
    "Protocol",
    "Tables",
    "averaging_protocol",
    "block_graph_protocol",
    "path_protocol",
    "synthesised_protocol",
    "tree_protocol",
    "two_process_protocol",
]

PROTOCOLS = {
    "path": path_protocol,
    "tree": tree_protocol,
    "block": block_graph_protocol,
    "thirds": two_process_protocol,
    "average": averaging_protocol,
}
"""The protocols by their name on the command line; called as `(task, count, communication)`."""
