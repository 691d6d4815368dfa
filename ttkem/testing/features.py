"""What the suites ask of a protocol, and what a protocol may say that it does not have.

The suites call of :class:`~ttkem.cgka.Member` only what :data:`SURFACE` lists, and of a
:class:`~ttkem.cgka.CGKA` its ``name``, ``member`` and, with :attr:`Feature.SAVE`, ``load``. Errors
must be :class:`~ttkem.errors.LocalError` and :class:`~ttkem.errors.RemoteError`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ttkem.cgka import TreeCGKA
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from ttkem.cgka import CGKA

__all__ = ["SURFACE", "Feature", "lacking"]


class Feature(StrEnum):
    """Something a protocol may lack; what needs it is then *not tested*, which is no pass."""

    ADD = "add"
    """``add``: somebody joins after the create."""
    REMOVE = "remove"
    """``remove``."""
    REJECT = "reject"
    """``reject``: a pending operation can be dropped."""
    SEVERAL = "several"
    """Several operations of one epoch may be pending at once."""
    READD = "readd"
    """A removed member's object can join again."""
    DISCARD = "discard"
    """``discard_key_packages``."""
    SAVE = "save"
    """``save`` and ``load`` carry the whole state: a corruption can be played."""
    SEEDED = "seeded"
    """All randomness is the argument's: a seed determines every byte."""
    KEYS = "keys"
    """Every epoch has a group key, not only those that an update starts."""
    EVENTS = "events"
    """Events say the kind, the author and the target of an operation."""
    TRANSCRIPT = "transcript"
    """``transcript_hash``."""
    FORWARD_SECRECY = "forward-secrecy"
    """Own updates are claimed to protect earlier epochs."""
    HEALING = "healing"
    """Own updates are claimed to heal a corruption."""
    TREE = "tree"
    """It is a :class:`~ttkem.cgka.TreeCGKA`, so that an attacker can compute with single keys."""


SURFACE: dict[str, Feature | None] = {
    "identity": None,
    "signature_key": None,
    "in_group": None,
    "epoch": None,
    "group_key": None,
    "roster": None,
    "pending": None,
    "key_package": None,
    "create": None,
    "update": None,
    "confirm": None,
    "process": None,
    "join": None,
    "add": Feature.ADD,
    "remove": Feature.REMOVE,
    "reject": Feature.REJECT,
    "discard_key_packages": Feature.DISCARD,
    "save": Feature.SAVE,
    "transcript_hash": Feature.TRANSCRIPT,
}
"""What is called of a member, and the feature without which it is not."""


def lacking(protocol: CGKA) -> frozenset[Feature]:
    """What a protocol says it lacks: its attribute ``lacks``, names of features; none by default.

    Raises :class:`~ttkem.errors.LocalError` for a name that is no feature.
    """
    named = getattr(protocol, "lacks", ())
    known = {feature.value for feature in Feature}
    unknown = sorted(set(named) - known)
    if unknown:
        raise LocalError(f"{protocol.name} lacks {unknown[0]!r}? choose from {', '.join(known)}")
    other = () if isinstance(protocol, TreeCGKA) else (Feature.TREE,)
    return frozenset((*(Feature(name) for name in named), *other))
