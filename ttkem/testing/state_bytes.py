"""The bytes that a member object holds, for protocols that cannot save their state."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

__all__ = ["state_bytes"]

APART = b"\x00" * 16
"""Separates the pieces, so that no secret seems to lie across two of them."""


def state_bytes(member: object) -> bytes:
    """Return all byte strings that can be reached from a member, one after another.

    Attributes, slots and containers are followed, and so are functions that the member holds, whose
    closures may keep secrets; modules, classes and sources of randomness are not. Private keys of
    the package ``cryptography`` count with their raw bytes.
    """
    found: dict[bytes, None] = {}
    seen: dict[int, Any] = {}
    todo: list[Any] = [member]
    while todo:
        item = todo.pop()
        if isinstance(item, bytes | bytearray | memoryview):
            found[bytes(item)] = None
        elif isinstance(item, str):
            found[item.encode(errors="surrogatepass")] = None
        elif id(item) not in seen and not _skipped(item):
            seen[id(item)] = item  # kept alive, so that its id stays its own
            todo.extend(_inside(item))
    return APART.join(found)


def _inside(item: object) -> list[Any]:
    """Return what an object holds directly."""
    if isinstance(item, Mapping):
        return [*item.keys(), *item.values()]
    if isinstance(item, list | tuple | set | frozenset):
        return list(item)
    for name in ("private_bytes_raw", "public_bytes_raw"):
        if callable(getattr(type(item), name, None)):
            return [getattr(item, name)()]
    inside = list(getattr(item, "__dict__", {}).values())
    for kind in type(item).__mro__:
        names = getattr(kind, "__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            mangled = f"_{kind.__name__.lstrip('_')}{name}" if name.startswith("__") else name
            if hasattr(item, mangled):
                inside.append(getattr(item, mangled))
    for cell in getattr(item, "__closure__", None) or ():
        inside.append(cell.cell_contents)
    bound = getattr(item, "__self__", None)
    return inside if bound is None else [*inside, bound]


def _skipped(item: object) -> bool:
    """Return whether an object holds no state of a member."""
    return (
        item is None
        or isinstance(item, type | ModuleType | int | float)
        or callable(getattr(type(item), "draw", None))
    )
