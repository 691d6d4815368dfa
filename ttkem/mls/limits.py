"""What one member accepts and keeps; members of a group may have different limits."""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """A member's own limits; the default figures are this project's."""

    forward: int = 1_000
    """Generations of a ratchet that one message may skip (section 15.3)."""
    skipped: int = 2_000
    """Unused message keys kept for one ratchet; the oldest are dropped first."""
    past_epochs: int = 2
    """Past epochs of which late application messages can still be read."""
    resumption_epochs: int = 1024
    """Epochs of which resumption secrets are kept."""
