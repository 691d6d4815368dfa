"""The delivery server: orders operations, one an epoch, and keeps a mailbox for every member.

It reads nothing but an operation's public labels and needs no secret. Sans-I/O like the members:
:meth:`DeliveryServer.submit` takes what a member made, :meth:`DeliveryServer.deliver` hands a
member what waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.cgka.interface import Kind

if TYPE_CHECKING:
    from ttkem.cgka.interface import Event, Member, Operation

__all__ = ["Delivery", "DeliveryServer", "Message", "Verdict", "Welcomed", "hand_over"]


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody else's control message, for :meth:`~ttkem.cgka.interface.Member.process`."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Welcomed:
    """A welcome, for :meth:`~ttkem.cgka.interface.Member.join`."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an own operation was accepted: `confirm` it or `reject` it."""

    operation: bytes
    accepted: bool


Delivery = Message | Welcomed | Verdict


class DeliveryServer:
    """An honest server for one group: the first operation of each epoch wins."""

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
        """Identities of the members after the operations accepted so far."""
        return self._roster

    def submit(self, operation: Operation) -> bool:
        """Judge an operation; queue the verdict and, if it is accepted, what others must get."""
        accepted = operation.epoch == self._epoch
        if accepted:
            self._accept(operation)
        self.mailbox(operation.author).append(Verdict(operation.id, accepted))
        return accepted

    def mailbox(self, identity: str) -> list[Delivery]:
        """What waits for a member, oldest first; a change to the list is a change to the box."""
        return self._mailboxes.setdefault(identity, [])

    def copy(self) -> DeliveryServer:
        """A server with the same history and the same things waiting, independent from here."""
        twin = DeliveryServer()
        twin._epoch, twin._roster = self._epoch, self._roster
        twin._mailboxes = {who: [*box] for who, box in self._mailboxes.items()}
        return twin

    def deliver(self, member: Member) -> tuple[Event, ...]:
        """Hand a member all that waits for it, oldest first; returns the events.

        If the member raises, what it refused is gone from its mailbox and the rest waits on.
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
    """Give a member one delivery by the method that is meant for it.

    A refused operation that a message before has dropped already needs no rejection.
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
