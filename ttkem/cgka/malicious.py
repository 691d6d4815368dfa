"""A malicious delivery server: it forks, drops, reorders and replays, but cannot forge.

KPWK21 section 2: the adversary schedules everything and may send different members different
honestly generated messages. Each power is one method, used explicitly; without them the server
behaves like the honest one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.cgka.server import Delivery, DeliveryServer
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ttkem.cgka.interface import Event, Member, Operation

__all__ = ["MaliciousServer"]


class MaliciousServer:
    """A server that may show different members different histories."""

    def __init__(self) -> None:
        self._branches = [DeliveryServer()]
        self._branch_of: dict[str, int] = {}
        self._sent: dict[str, list[Delivery]] = {}

    @property
    def branches(self) -> tuple[DeliveryServer, ...]:
        """One honest server for every history; the first is the original."""
        return tuple(self._branches)

    def branch(self, identity: str) -> int:
        """Number of the history that a member is shown."""
        return self._branch_of.get(identity, 0)

    def submit(self, operation: Operation) -> bool:
        """Order an operation in its author's history; those it lets in are shown that one too."""
        number = self.branch(operation.author)
        accepted = self._branches[number].submit(operation)
        if accepted:
            self._branch_of.update(dict.fromkeys(operation.joiners, number))
        return accepted

    def deliver(self, member: Member) -> tuple[Event, ...]:
        """Hand a member all that waits for it in its history; as the honest server does."""
        server = self._branches[self.branch(member.identity)]
        self._sent.setdefault(member.identity, []).extend(server.mailbox(member.identity))
        return server.deliver(member)

    def fork(self, identities: Iterable[str]) -> int:
        """From now on show these members a history of their own; returns its number.

        They must share one history so far; it is copied with all that waits for them.
        """
        moved = tuple(identities)
        numbers = {self.branch(identity) for identity in moved}
        if len(numbers) != 1:
            raise LocalError("only members who are shown the same history can be forked off")
        self._branches.append(self._branches[numbers.pop()].copy())
        number = len(self._branches) - 1
        self._branch_of.update(dict.fromkeys(moved, number))
        return number

    def drop(self, identity: str, at: int = 0) -> Delivery:
        """Take away the ``at``-th of what waits for a member, and return it."""
        mailbox = self._mailbox(identity, at)
        return mailbox.pop(at)

    def reorder(self, identity: str, first: int, second: int) -> None:
        """Exchange two of what waits for a member."""
        mailbox = self._mailbox(identity, max(first, second))
        mailbox[first], mailbox[second] = mailbox[second], mailbox[first]

    def replay(self, identity: str, at: int = -1) -> Delivery:
        """Queue once more the ``at``-th of all that a member was ever handed; returns it."""
        sent = self._sent.get(identity, [])
        if not -len(sent) <= at < len(sent):
            raise LocalError(f"{identity!r} was handed {len(sent)} deliveries, none at {at}")
        self.inject(identity, sent[at])
        return sent[at]

    def inject(self, identity: str, delivery: Delivery) -> None:
        """Queue for a member something of another history, or anything at all."""
        self._branches[self.branch(identity)].mailbox(identity).append(delivery)

    def _mailbox(self, identity: str, at: int) -> list[Delivery]:
        mailbox = self._branches[self.branch(identity)].mailbox(identity)
        if not 0 <= at < len(mailbox):
            raise LocalError(f"{len(mailbox)} deliveries wait for {identity!r}, none at {at}")
        return mailbox
