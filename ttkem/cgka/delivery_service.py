"""The delivery service: it orders operations, one per epoch, and keeps a mailbox for each member.

It reads nothing but an operation's public labels and needs no secret. Sans-I/O like the members:
:meth:`DeliveryService.submit` takes what a member made, :meth:`DeliveryService.deliver` hands a
member its waiting deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.cgka.interface import Kind

if TYPE_CHECKING:
    from ttkem.cgka.interface import Event, Member, Operation

__all__ = ["Acknowledgement", "Delivery", "DeliveryService", "Message", "Welcomed", "hand_over"]


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody else's control message, for :meth:`~ttkem.cgka.interface.Member.process`."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Welcomed:
    """A welcome message, for :meth:`~ttkem.cgka.interface.Member.join`."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The answer to a member's own operation: `confirm` it if it was accepted, else `reject` it."""

    operation: bytes
    accepted: bool


Delivery = Message | Welcomed | Acknowledgement


class DeliveryService:
    """An honest delivery service for one group: it accepts the first operation of each epoch."""

    def __init__(self) -> None:
        self._epoch = 0
        self._roster: tuple[str, ...] = ()
        self._mailboxes: dict[str, list[Delivery]] = {}

    @property
    def epoch(self) -> int:
        """Number of operations accepted so far."""
        return self._epoch

    @property
    def roster(self) -> tuple[str, ...]:
        """Identities of the members, after the operations accepted so far."""
        return self._roster

    def submit(self, operation: Operation) -> bool:
        """Accept or reject an operation, and return whether it was accepted.

        Queue the acknowledgement for its author and, if it was accepted, the message for the other
        members and the welcome for those who join.
        """
        accepted = operation.epoch == self._epoch
        if accepted:
            self._accept(operation)
        self.mailbox(operation.author).append(Acknowledgement(operation.id, accepted))
        return accepted

    def mailbox(self, identity: str) -> list[Delivery]:
        """Return the waiting deliveries of a member, oldest first: the list itself, not a copy."""
        return self._mailboxes.setdefault(identity, [])

    def copy(self) -> DeliveryService:
        """Return an independent delivery service with the same history and mailboxes."""
        copied = DeliveryService()
        copied._epoch, copied._roster = self._epoch, self._roster
        copied._mailboxes = {who: [*box] for who, box in self._mailboxes.items()}
        return copied

    def deliver(self, member: Member) -> tuple[Event, ...]:
        """Hand a member all that waits for it, oldest first, and return the events.

        If the member raises, the delivery that it rejected is gone, and the others keep waiting.
        """
        events = []
        mailbox = self.mailbox(member.identity)
        while mailbox:
            event = hand_over(member, mailbox.pop(0))
            if event is not None:
                events.append(event)
        return tuple(events)

    def _accept(self, operation: Operation) -> None:
        for identity in self._roster:
            if identity != operation.author:
                self.mailbox(identity).append(Message(operation.message))
        if operation.joiners:
            welcome = Welcomed(operation.make_welcome())
            for identity in operation.joiners:
                self.mailbox(identity).append(welcome)
        if operation.kind is Kind.CREATE:
            self._roster = (operation.author,)
        elif operation.kind is Kind.REMOVE:
            self._roster = tuple(i for i in self._roster if i != operation.target)
        self._roster += operation.joiners
        self._epoch += 1


def hand_over(member: Member, delivery: Delivery) -> Event | None:
    """Give a member one delivery, by the method that is meant for it.

    The rejection of an operation that an earlier message has dropped already is ignored.
    """
    if isinstance(delivery, Message):
        return member.process(delivery.data)
    if isinstance(delivery, Welcomed):
        return member.join(delivery.data)
    if delivery.accepted:
        return member.confirm(delivery.operation)
    if delivery.operation in member.pending:
        member.reject(delivery.operation)
    return None
