"""Load a catalogue of claims: any module with a tuple or list `CLAIMS`."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ttkem.errors import LocalError
from ttkem.verification.claim import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["checked_names", "load"]


def load(module: str) -> tuple[Claim, ...]:
    """Import a module by its dotted name and return its claims.

    Installed modules are found first, then those of the current directory. Raise LocalError if
    there is no such module, it cannot be imported, or its `CLAIMS` is not a tuple or list of one
    claim or more.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # last, so that it hides no installed module; workers inherit it
    try:
        imported = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise LocalError(
            f"cannot load claims from {module!r}: there is no module {error.name!r} in {here} or "
            "among what is installed; give a dotted name such as mypackage.claims"
        ) from None
    except (Exception, SystemExit) as error:  # an exit would pass for a verdict
        raise LocalError(
            f"cannot load claims from {module!r}: importing it raised "
            f"{type(error).__name__}: {error}"
        ) from error
    claims = getattr(imported, "CLAIMS", None)
    if not isinstance(claims, tuple | list):
        raise LocalError(f"cannot load claims from {module!r}: it has no tuple or list CLAIMS")
    for claim in claims:
        if not isinstance(claim, Claim):
            raise LocalError(
                f"cannot load claims from {module!r}: {claim!r} in CLAIMS is not a Claim"
            )
    if not claims:
        raise LocalError(f"cannot load claims from {module!r}: its CLAIMS is empty")
    return checked_names(claims)


def checked_names(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims; raise LocalError if two have one name, as one would be lost."""
    several = tuple(claims)
    counted = Counter(claim.name for claim in several)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise LocalError(f"two claims are called {twice[0]!r}: rename one")
    return several
