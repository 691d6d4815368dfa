"""The verdict of every check, here and in `ttkem.verification`.

It has a module of its own, so that no checker has to import another one for it.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Verdict"]


class Verdict(Enum):
    """The outcome of a check. A search that stopped at its limit is UNKNOWN, never HOLDS.

    IMPURE is no answer, like UNKNOWN: what was to be checked is not a function of its inputs, so
    that nothing a search says of it can be trusted. Only checks of programs return it.
    """

    HOLDS = "holds"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    IMPURE = "nondeterministic or impure program"
