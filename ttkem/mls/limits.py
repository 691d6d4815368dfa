"""Limits on what a member accepts and keeps; members of a group may have different ones."""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one member; the defaults are this project's choice."""

    forward: int = 1_000
    """The number of generations of a ratchet that one message may skip (section 15.3)."""
    skipped: int = 2_000
    """The number of unused message keys kept for a ratchet; the oldest are dropped first."""
    past_epochs: int = 2
    """The number of past epochs whose late application messages can still be decrypted."""
    resumption_epochs: int = 1024
    """The number of epochs whose resumption PSKs are kept."""
    proposals: int = 1_000
    """The number of uncommitted proposals kept of each sender; new members count as one sender."""
