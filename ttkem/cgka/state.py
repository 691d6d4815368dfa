"""Everything a member knows, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.cgka.lifecycle import Stage, stage_of

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from ttkem.cgka.group import GroupState
    from ttkem.cgka.interface import EpochStarted
    from ttkem.crypto import KeyPair

__all__ = ["MemberState", "Pending"]


@dataclass(frozen=True, slots=True)
class Pending:
    """An own operation that is not acknowledged yet, and the state that it would lead to."""

    id: bytes
    event: EpochStarted
    group: GroupState


@dataclass(frozen=True, slots=True)
class MemberState:
    """Everything a member knows; a corruption reveals it, and ``save`` stores it.

    The signature secret is a part of it, although KPWK21's adversary does not learn that.
    """

    identity: str
    signature: KeyPair
    init_secrets: HashTrieMap[bytes, bytes]
    """Secrets of unused key packages, by init public key."""
    group: GroupState | None
    pending: tuple[Pending, ...]

    @property
    def stage(self) -> Stage:
        """The member's stage, which decides what it may do next (:mod:`ttkem.cgka.lifecycle`)."""
        return stage_of(in_group=self.group is not None, pending=bool(self.pending))
