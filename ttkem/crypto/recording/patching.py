"""Replacing functions for the duration of a block, wherever a module has bound them.

A module that was imported with ``from hashlib import sha256`` holds the function under its own
name. Patching therefore replaces the object in every loaded module, found by identity, and puts
back what it replaced.
"""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["empty_caches", "patched_attributes", "patched_everywhere"]


@contextmanager
def patched_attributes(changes: Iterable[tuple[Any, str, Any]]) -> Iterator[None]:
    """Set attributes, given as owner, name and new value; restore the old values at the end."""
    undo: list[tuple[Any, str, Any]] = []
    try:
        for owner, name, value in changes:
            undo.append((owner, name, vars(owner)[name]))
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in reversed(undo):
            setattr(owner, name, value)


@contextmanager
def patched_everywhere(
    replacements: Mapping[Any, Any], *, but: frozenset[str] = frozenset()
) -> Iterator[None]:
    """Replace objects in all loaded modules, except those whose names begin with one of ``but``.

    Objects are replaced where they are attributes of modules and, outside the standard library, of
    classes, or values of a module's dictionaries. Elsewhere, such as in lists and in arguments'
    default values, they are not seen. At the end the originals are put back everywhere, also in
    modules loaded meanwhile.
    """
    there = {id(old): (old, new) for old, new in replacements.items()}
    back = {id(new): (new, old) for old, new in replacements.items()}
    _replace(there, but)
    try:
        yield
    finally:
        _replace(back, but)


def _replace(changes: Mapping[int, tuple[Any, Any]], but: frozenset[str]) -> None:
    modules = list(sys.modules.items())
    kept = {
        id(value)
        for name, module in modules
        if name.startswith(tuple(but))
        for value in vars(module).values()
        if isinstance(value, dict)
    }
    for module_name, module in modules:
        if module_name.startswith(tuple(but)):
            continue
        own = module_name.split(".")[0] not in _NOT_A_DESIGNERS
        for name, value in list(getattr(module, "__dict__", {}).items()):
            change = changes.get(id(value))
            if change is not None:
                setattr(module, name, change[1])
            elif own and isinstance(value, type) and value.__module__ == module_name:
                _replace_in_class(value, changes)
            elif own and isinstance(value, dict) and id(value) not in kept:
                _replace_in_dictionary(value, changes)


_NOT_A_DESIGNERS = frozenset({*sys.stdlib_module_names, "cryptography"})


def _replace_in_class(owner: type, changes: Mapping[int, tuple[Any, Any]]) -> None:
    for name, value in list(vars(owner).items()):
        held = value.__func__ if isinstance(value, staticmethod) else value
        change = changes.get(id(held))
        if change is not None:
            new = change[1]
            setattr(owner, name, staticmethod(new) if held is not value else new)


def _replace_in_dictionary(
    dictionary: dict[Any, Any], changes: Mapping[int, tuple[Any, Any]]
) -> None:
    for key, value in list(dictionary.items()):
        change = changes.get(id(value))
        if change is not None:
            dictionary[key] = change[1]


def empty_caches() -> None:
    """Empty the caches of all functions outside the standard library.

    What a cached function computed before would be missing from a record.
    """
    for module_name, module in list(sys.modules.items()):
        if module_name.split(".")[0] in sys.stdlib_module_names:
            continue
        for value in list(getattr(module, "__dict__", {}).values()):
            if isinstance(value, functools._lru_cache_wrapper):  # noqa: SLF001 - has no public name
                value.cache_clear()
