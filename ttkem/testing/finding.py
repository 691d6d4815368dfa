"""Finding the protocol that ``module:name`` names."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from ttkem.cgka import CGKA

__all__ = ["find"]


def find(spec: str, folder: Path | None = None) -> CGKA:
    """The protocol that ``module:name`` names; what is called without arguments, if it must be.

    Modules are looked for in ``folder`` too, by default the working directory. Raises
    :class:`~ttkem.errors.LocalError` if there is none.
    """
    module, _, name = spec.partition(":")
    if not module or not name:
        raise LocalError(f"{spec!r} names no protocol: say module:name")
    place = str(folder or Path.cwd())
    if place not in sys.path:
        sys.path.insert(0, place)
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise LocalError(f"no protocol {spec!r}: {error}") from error
    if isinstance(found, type) or not hasattr(found, "member"):
        try:
            found = found()
        except TypeError as error:
            raise LocalError(f"{spec!r} is not made without arguments: {error}") from None
    missing = [each for each in ("name", "member") if not hasattr(found, each)]
    if missing:
        raise LocalError(f"{spec!r} is no CGKA: it has no {' and no '.join(missing)}")
    protocol: CGKA = found
    return protocol
