"""Importing a protocol by its name ``module:name``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttkem.errors import LocalError, described

if TYPE_CHECKING:
    from ttkem.cgka import CGKA

__all__ = ["import_protocol"]


def import_protocol(spec: str, folder: Path | None = None) -> CGKA:
    """Import the protocol that ``spec`` names as ``module:name``.

    If the name is a class or function, it is called without arguments. ``folder``, by default the
    working directory, is added to the module search path. Raise a
    :class:`~ttkem.errors.LocalError` if the protocol cannot be imported or made.
    """
    module, _, name = spec.partition(":")
    if not module or not name:
        raise LocalError(f"cannot import protocol {spec!r}: write it as module:name")
    place = str(folder or Path.cwd())
    if place not in sys.path:
        sys.path.insert(0, place)
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except SyntaxError as error:  # its own words name the file and line
        raise LocalError(f"cannot import protocol {spec!r}: SyntaxError: {error}") from error
    except (ImportError, AttributeError) as error:
        raise LocalError(f"cannot import protocol {spec!r}: {error}") from error
    except Exception as error:
        raise LocalError(f"cannot import protocol {spec!r}: {described(error)}") from error
    if isinstance(found, type) or not hasattr(found, "member"):
        try:
            found = found()
        except Exception as error:
            raise LocalError(
                f"cannot call {spec!r} without arguments: {described(error)}"
            ) from error
    missing = [each for each in ("name", "member") if not hasattr(found, each)]
    if missing:
        raise LocalError(f"{spec!r} is not a ttkem.cgka.CGKA: it lacks {' and '.join(missing)}")
    protocol: CGKA = found
    return protocol
