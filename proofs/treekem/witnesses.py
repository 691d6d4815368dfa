"""Witness traces of Tainted TreeKEM's transitions: each of them occurs in one."""

from __future__ import annotations

__all__ = ["TRACES"]

TRACES = (
    ("sample init key", "create", "confirm", "join", "update", "confirm", "process"),
    ("sample init key", "create", "confirm", "join", "remove", "process own removal"),
    ("create", "confirm", "sample init key", "add", "join"),
    ("create", "reject"),
    ("sample init key", "erase init keys"),
)
"""For two members, two nodes and two operations."""
