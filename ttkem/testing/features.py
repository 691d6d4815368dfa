"""The interface that the suites use, and the features that a protocol may declare as missing.

The suites use only the attributes of :class:`~ttkem.cgka.Member` that :data:`SURFACE` lists, and of
:class:`~ttkem.cgka.CGKA` only ``name``, ``member`` and, with :attr:`Feature.SAVE`, ``load``. Errors
must be :class:`~ttkem.errors.LocalError` and :class:`~ttkem.errors.RemoteError`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ttkem.errors import LocalError
from ttkem.testing.contracts import Forward, Healing, contract_of

if TYPE_CHECKING:
    from ttkem.cgka import CGKA

__all__ = ["SURFACE", "Feature", "lacking"]


class Feature(StrEnum):
    """A feature that a protocol may lack; checks that need it are then *not tested*."""

    ADD = "add"
    """``add``: somebody can join an existing group."""
    REMOVE = "remove"
    """``remove``: a member can be removed."""
    REJECT = "reject"
    """``reject``: a pending operation can be dropped."""
    SEVERAL = "several"
    """A member can have several pending operations of one epoch."""
    READD = "readd"
    """A removed :class:`~ttkem.cgka.Member` object can join again."""
    DISCARD = "discard"
    """``discard_key_packages``: unused key packages can be erased."""
    SAVE = "save"
    """``save`` and ``load`` carry the whole state, so that corruptions can be played."""
    SEEDED = "seeded"
    """All randomness comes from the argument, so that a seed determines every byte."""
    KEYS = "keys"
    """Every epoch has a group key, not only those that an update starts."""
    EVENTS = "events"
    """Events contain the kind, the author and the target of an operation."""
    TRANSCRIPT = "transcript"
    """``transcript_hash``: members expose a hash of their history."""
    FORWARD_SECRECY = "forward-secrecy"
    """Own updates are claimed to protect earlier epochs."""
    WELCOME = "welcome"
    """Every byte of a welcome is authenticated to every joiner, so that any damage is noticed."""
    HEALING = "healing"
    """Own updates are claimed to heal a corruption."""
    UNIQUE_KEYS = "unique-keys"
    """Two members of a group never share a signature key (RFC 9420 section 7.3)."""


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
"""The attributes of a member that the suites use, each with the feature that it needs."""


def lacking(protocol: CGKA) -> frozenset[Feature]:
    """Return the features that a protocol lacks: those in its attribute ``lacks``, if any.

    A protocol whose contract (:mod:`ttkem.testing.contracts`) promises no healing lacks that, and
    likewise forward secrecy. Raises :class:`~ttkem.errors.LocalError` for an unknown name.
    """
    named = getattr(protocol, "lacks", ())
    known = {feature.value for feature in Feature}
    unknown = sorted(set(named) - known)
    if unknown:
        raise LocalError(
            f"unknown feature {unknown[0]!r} in {protocol.name}.lacks: "
            f"choose from {', '.join(known)}"
        )
    contract = contract_of(protocol)
    promised = {
        Feature.HEALING: contract.healing is not Healing.NEVER,
        Feature.FORWARD_SECRECY: contract.forward is not Forward.NEVER,
    }
    unpromised = (feature for feature, held in promised.items() if not held)
    return frozenset((*(Feature(name) for name in named), *unpromised))
