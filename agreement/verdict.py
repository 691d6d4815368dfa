"""The three-valued verdict of every check, here and in `ttkem.verification`.

It stands at the bottom so that each checker can answer with it without importing another one.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Verdict"]


class Verdict(Enum):
    """The outcome of a check; a limit that was hit is never taken for a proof."""

    HOLDS = "holds"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
