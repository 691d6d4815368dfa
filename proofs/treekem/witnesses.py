"""Witness traces of Tainted TreeKEM: every transition of the protocol occurs in one."""

from __future__ import annotations

__all__ = ["TRACES"]

TRACES = (
    ("sample init key", "create", "confirm", "join", "update", "confirm", "process"),
    ("sample init key", "create", "confirm", "join", "remove", "process own removal"),
    ("create", "confirm", "sample init key", "add", "join"),
    ("create", "reject"),
    ("sample init key", "erase init keys"),
)
"""The witness traces; they need two members, two nodes and two operations."""
