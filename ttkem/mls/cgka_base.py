"""The common part of CGKA members whose group is an MLS group of any implementation (own design).

The member is in at most one group. Every operation is a commit: it is pending until the delivery
service accepts or rejects it, and starting an epoch drops all pending ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ttkem.cgka.interface import EpochStarted, Kind, Operation
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CgkaBase", "PendingOperation"]


class _Group(Protocol):
    @property
    def epoch(self) -> int: ...


G = TypeVar("G", bound=_Group)


@dataclass(frozen=True, slots=True)
class PendingOperation(Generic[G]):
    """An operation that the delivery service has neither accepted nor rejected."""

    event: EpochStarted
    """The event of its confirmation."""
    group: G
    """The group that the operation was made on."""


class CgkaBase(Generic[G]):
    """The common part of a :class:`~ttkem.cgka.interface.Member` around a group."""

    __slots__ = ("_group", "_operations", "identity")

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self._group: G | None = None
        self._operations: Mapping[bytes, PendingOperation[G]] = {}

    @property
    def in_group(self) -> bool:
        """True while the member is in a group."""
        return self._group is not None

    @property
    def group(self) -> G:
        """The group; a LocalError if there is none."""
        if self._group is None:
            raise LocalError(f"{self.identity!r} is in no group: create one or join")
        return self._group

    @property
    def epoch(self) -> int:
        """The number of operations since the group was created; 1 after the create."""
        return self.group.epoch

    @property
    def pending(self) -> tuple[bytes, ...]:
        """The ids of this member's operations that are neither confirmed nor rejected."""
        return tuple(self._operations)

    def _require_no_group(self) -> None:
        """Raise a LocalError if the member is in a group."""
        if self.in_group:
            raise LocalError(
                f"{self.identity!r} is in a group already; one member object, one group"
            )

    def _enter(self, group: G | None) -> None:
        """Enter a group's new epoch, or no group; drop all pending operations."""
        self._group, self._operations = group, {}

    def _add(self, operation: bytes, pending: PendingOperation[G]) -> None:
        self._operations = {**self._operations, operation: pending}

    def _drop(self, operation: bytes) -> None:
        self._operations = {
            name: pending for name, pending in self._operations.items() if name != operation
        }

    def _find(self, operation: bytes) -> PendingOperation[G]:
        pending = self._operations.get(operation)
        if pending is None:
            raise LocalError(
                f"no pending operation {operation.hex()[:16]!r}: it was confirmed or rejected "
                "already, or another operation has started a new epoch since"
            )
        return pending

    def _operation(
        self,
        name: bytes,
        kind: Kind,
        target: str | None,
        joiners: tuple[str, ...],
        group: G,
        message: bytes,
        welcome: bytes | None,
    ) -> Operation:
        """Return an operation of this member, and remember it as pending."""
        epoch = group.epoch
        event = EpochStarted(epoch + 1, kind, self.identity, target)
        self._add(name, PendingOperation(event, group))

        def make_welcome() -> bytes:
            if welcome is None:
                raise LocalError(f"a {kind.name.lower()} lets nobody in and has no welcome")
            return welcome

        return Operation(
            id=name,
            kind=kind,
            author=self.identity,
            target=target,
            joiners=joiners,
            epoch=epoch,
            message=message,
            refreshed=(),
            ciphertexts=0,
            make_welcome=make_welcome,
        )
