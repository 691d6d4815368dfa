"""The bytes that a member object holds, for protocols that cannot save their state."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ttkem.crypto.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["state_bytes"]

APART = b"\x00" * 16
"""Separates the pieces, so that no secret seems to lie across two of them."""
LARGE = 1 << 63
"""Integers from here on may be secrets."""


def state_bytes(member: object) -> bytes:
    """Return all byte strings that can be reached from a member, one after another.

    Whatever Python's garbage collector can reach is followed: attributes, slots, containers,
    generators, functions that the member holds with their closures and defaults. Modules, classes
    and sources of randomness are not. Large integers count in both byte orders, lists of bytes as
    bytes, and private keys of the package ``cryptography`` with their raw bytes.
    """
    found: dict[bytes, None] = {}
    seen: dict[int, Any] = {}
    todo: list[Any] = [member]
    while todo:
        item = todo.pop()
        if isinstance(item, bytes):
            found[item] = None
        elif isinstance(item, str):
            found[item.encode(errors="surrogatepass")] = None
        elif isinstance(item, int):
            found.update(dict.fromkeys(_integer(item)))
        elif _is_buffer(item):
            found[memoryview(item).tobytes()] = None
        elif id(item) not in seen and not _skipped(item):
            seen[id(item)] = item  # kept alive, so that its id stays its own
            todo.extend(_inside(item))
    return APART.join(found)


def _integer(number: int) -> Iterable[bytes]:
    """Yield the bytes of an integer that is large enough to be a secret."""
    if abs(number) >= LARGE:
        size = (number.bit_length() + 7) // 8
        yield abs(number).to_bytes(size, "big")
        yield abs(number).to_bytes(size, "little")


def _inside(item: object) -> list[Any]:
    """Return what an object holds directly."""
    if isinstance(item, FunctionType):
        cells = [cell.cell_contents for cell in item.__closure__ or () if _filled(cell)]
        return [*cells, item.__defaults__, item.__kwdefaults__]
    if isinstance(item, BuiltinFunctionType):
        return [item.__self__]
    for name in ("private_bytes_raw", "public_bytes_raw"):
        if callable(getattr(type(item), name, None)):
            return [getattr(item, name)()]
    if callable(getattr(type(item), "private_numbers", None)):
        return [item.private_numbers().private_value]  # type: ignore[attr-defined]  # just seen
    inside: list[Any] = []
    if isinstance(item, Mapping):
        inside += [*item.keys(), *item.values()]
    if isinstance(item, list | tuple) and item and all(_is_byte(each) for each in item):
        inside.append(bytes(item))
    return [*inside, *gc.get_referents(item)]


def _is_buffer(item: object) -> bool:
    """Return whether an object gives access to its memory, as ``array.array`` does."""
    try:
        memoryview(item)  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return False
    return True


def _filled(cell: Any) -> bool:  # noqa: ANN401 - a cell has no public type
    try:
        cell.cell_contents  # noqa: B018 - it raises if there is nothing in it
    except ValueError:
        return False
    return True


def _is_byte(item: object) -> bool:
    return type(item) is int and 0 <= item < 256  # noqa: PLR2004 - a byte


def _skipped(item: object) -> bool:
    """Return whether an object holds no state of a member."""
    return (
        item is None
        or isinstance(item, type | ModuleType | float | Recorder)
        or callable(getattr(type(item), "draw", None))
    )
