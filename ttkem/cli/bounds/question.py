"""Compute the answers of ``ttkem bounds`` from its options."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from ttkem.bounds import (
    BOUNDS,
    Guarantee,
    guarantee,
    log2_loss_of_secrets,
    most_operations,
    strength_of,
)

if TYPE_CHECKING:
    from ttkem.bounds import Bound

__all__ = ["Answer", "Question"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The guarantee of a bound for some members and operations.

    ``most_operations`` is the largest number of operations that leaves the security asked for.
    """

    members: int
    operations: int
    bound: Bound
    guarantee: Guarantee
    most_operations: int


@dataclass(frozen=True, slots=True)
class Question:
    """The numbers of members and operations to ask about, a cipher suite, and a level in bits."""

    members: tuple[int, ...]
    operations: tuple[int, ...]
    suite: int
    level: int
    secrets: int | None

    @property
    def encryption(self) -> int:
        """The security of the suite's public-key encryption, in bits."""
        return strength_of(self.suite).encryption

    def answers(self) -> list[Answer]:
        """Return an answer for all numbers of members, numbers of operations and bounds."""
        return [
            Answer(
                members,
                operations,
                bound,
                self.guarantee(bound, members, operations),
                most_operations(bound, self.encryption, members=members, level=self.level),
            )
            for members, operations, bound in product(self.members, self.operations, BOUNDS)
        ]

    def guarantee(self, bound: Bound, members: int, operations: int) -> Guarantee:
        """Return what a bound guarantees on this suite."""
        return guarantee(bound, self.encryption, members, operations)

    def by_secrets(self) -> Guarantee | None:
        """Return what the bound by sampled seeds guarantees; None if their number is unknown."""
        if self.secrets is None:
            return None
        return Guarantee(self.encryption, log2_loss_of_secrets(self.secrets))
