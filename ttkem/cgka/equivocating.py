"""An equivocating delivery service: it forks, drops, reorders and replays, but cannot forge.

In the words of KPWK21 section 2 it is *partially active*: the adversary schedules everything, and
may send different members different messages, all of them honestly generated. Each power is one
method, used explicitly; without them this delivery service behaves like the honest one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.cgka.delivery_service import Delivery, DeliveryService
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ttkem.cgka.interface import Event, Member, Operation

__all__ = ["EquivocatingDeliveryService"]


class EquivocatingDeliveryService:
    """A delivery service that may show different members different histories."""

    def __init__(self) -> None:
        self._branches = [DeliveryService()]
        self._branch_of: dict[str, int] = {}
        self._sent: dict[str, list[Delivery]] = {}

    @property
    def branches(self) -> tuple[DeliveryService, ...]:
        """One honest delivery service for every history; the first is the original."""
        return tuple(self._branches)

    def branch(self, identity: str) -> int:
        """Return the number of the history that a member is shown."""
        return self._branch_of.get(identity, 0)

    def submit(self, operation: Operation) -> bool:
        """Accept or reject an operation in its author's history, and show that to its joiners."""
        number = self.branch(operation.author)
        accepted = self._branches[number].submit(operation)
        if accepted:
            self._branch_of.update(dict.fromkeys(operation.joiners, number))
        return accepted

    def deliver(self, member: Member) -> tuple[Event, ...]:
        """Hand a member all that waits for it in its history, and return the events."""
        service = self._branches[self.branch(member.identity)]
        self._sent.setdefault(member.identity, []).extend(service.mailbox(member.identity))
        return service.deliver(member)

    def fork(self, identities: Iterable[str]) -> int:
        """Show these members a history of their own from now on, and return its number.

        They must share one history so far; it is copied with all that waits for them.
        """
        moved = tuple(identities)
        numbers = {self.branch(identity) for identity in moved}
        if len(numbers) != 1:
            raise LocalError(
                "cannot fork these members off: they are shown different histories already; "
                "fork those of one history at a time"
            )
        self._branches.append(self._branches[numbers.pop()].copy())
        number = len(self._branches) - 1
        self._branch_of.update(dict.fromkeys(moved, number))
        return number

    def drop(self, identity: str, at: int = 0) -> Delivery:
        """Drop the ``at``-th delivery that waits for a member, and return it."""
        mailbox = self._mailbox(identity, at)
        return mailbox.pop(at)

    def reorder(self, identity: str, first: int, second: int) -> None:
        """Exchange two deliveries that wait for a member."""
        mailbox = self._mailbox(identity, max(first, second))
        mailbox[first], mailbox[second] = mailbox[second], mailbox[first]

    def replay(self, identity: str, at: int = -1) -> Delivery:
        """Queue once more the ``at``-th delivery that a member was ever handed, and return it."""
        sent = self._sent.get(identity, [])
        if not -len(sent) <= at < len(sent):
            raise LocalError(
                f"cannot replay delivery {at}: {identity!r} was handed {len(sent)} deliveries"
            )
        self.inject(identity, sent[at])
        return sent[at]

    def inject(self, identity: str, delivery: Delivery) -> None:
        """Queue any delivery for a member: one of another history, for example, or garbage."""
        self._branches[self.branch(identity)].mailbox(identity).append(delivery)

    def _mailbox(self, identity: str, at: int) -> list[Delivery]:
        mailbox = self._branches[self.branch(identity)].mailbox(identity)
        if not 0 <= at < len(mailbox):
            raise LocalError(
                f"cannot take delivery {at}: {len(mailbox)} deliveries wait for {identity!r}"
            )
        return mailbox
