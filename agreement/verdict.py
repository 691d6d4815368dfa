"""The three-valued verdict of every check, here and in `ttkem.verification`.

It has a module of its own, so that no checker has to import another one for it.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Verdict"]


class Verdict(Enum):
    """The outcome of a check. A search that stopped at its limit is UNKNOWN, never HOLDS."""

    HOLDS = "holds"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
