"""Sender keys: each member derives the secrets of its operations from a chain that all others hold.

Messengers do this for large groups. Whoever makes its first operation, or its first one after a
remove, draws a secret and encrypts it to everybody; from this secret its *chain* starts. Later
operations of the same member take their secrets from the chain, and need a ciphertext only for
those who have joined since. A remove ends all chains.

A chain has two ends. The *sending* end yields the secrets of the operations that its owner makes
within an epoch, and moves on with each of them, even with one that is rejected. The *epoch* end is
from where the chain continues in the next epoch, whoever starts it. Both move by a one-way
function, and the author's chain continues from the secret of its operation, so that joiners learn
no more than they must. This is why a state reveals nothing from before its owner's latest
operation, when the HPKE key was last replaced.

Nothing fresh enters a chain. So whoever has seen one state of a member can follow all chains in it,
whatever that member does: sender keys do not heal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from ttkem.cgka.interface import Kind
from ttkem.crypto import cipher_suite
from ttkem.crypto.randomness import draw
from ttkem.errors import InvalidMessageError, LocalError
from ttkem.testing.contracts import Contract, Forward, Healing
from ttkem.testing.sample_protocols.member import SampleMember, load_member, new_member
from ttkem.testing.sample_protocols.operations import SampleProtocol
from ttkem.wire import decode, encode, opaque_v, struct, text, vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.crypto import Randomness
    from ttkem.testing.sample_protocols.messages import Card, State
    from ttkem.testing.sample_protocols.operations import Change

__all__ = ["SenderKeys", "sender_keys"]

MOST = 256
"""The largest number of operations that a member can make in one epoch."""


@struct
@dataclass(frozen=True, slots=True)
class Chain:
    """The two ends of a member's chain."""

    owner: Annotated[str, text]
    sending: Annotated[bytes, opaque_v]
    epoch: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Chains:
    """All chains that a member holds."""

    chains: Annotated[tuple[Chain, ...], vector(Chain)]


@dataclass(frozen=True)
class SenderKeys(SampleProtocol):
    """A protocol with a chain for each member."""

    contract: ClassVar = Contract("sender keys", Healing.NEVER, Forward.OWN_OPERATION)

    def member(
        self, identity: str, pki: Mapping[str, bytes], randomness: Randomness
    ) -> SampleMember:
        """Return a new member."""
        return new_member(self, identity, pki, randomness)

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> SampleMember:
        """Return a saved member."""
        return load_member(self, data, pki, randomness)

    def recipients(self, change: Change) -> tuple[Card, ...]:
        """Return everybody who does not hold the author's chain."""
        since = self._since(change)
        return tuple(card for card in change.others if since == 0 or card.joined > since)

    def secret(self, change: Change, state: State | None, randomness: Randomness | None) -> bytes:
        """Return the secret of an operation from the author's chain; a fresh one starts a chain."""
        if randomness is not None and not self._since(change):
            return draw(randomness, self.suite.hash_length)
        chain = self._chains(state).get(change.author)
        if chain is None:
            raise InvalidMessageError(
                f"cannot accept the message: it needs a chain of {change.author!r} to start from"
            )
        if change.number >= MOST:
            problem = f"cannot derive a secret: an epoch has {MOST} operations of a member at most"
            raise InvalidMessageError(problem) if randomness is None else LocalError(problem)
        sending = chain.sending
        if randomness is None:  # the author's own chain is there already
            for _ in range(change.number):
                sending = self.derive(sending, b"next")
        return self.derive(sending, b"operation")

    def made(self, change: Change, state: State) -> State:
        """Return the author's state with the sending end of its chain moved on."""
        chains = self._chains(state)
        own = chains.get(change.author)
        if own is None:
            return state
        chains[own.owner] = replace(own, sending=self.derive(own.sending, b"next"))
        return replace(state, memory=encode(Chains(tuple(chains.values()))))

    def memory(
        self, change: Change, state: State | None, secret: bytes, transcript: bytes
    ) -> bytes:
        """Return all chains as they continue in the new epoch."""
        ends = {each.owner: each.epoch for each in self._chains(state).values()}
        if change.kind is Kind.REMOVE:
            ends = {}
        ends[change.author] = self.derive(secret, b"chain")
        chains = []
        for owner, end in ends.items():
            start = self.derive(end, b"epoch", transcript)
            sending, epoch = (self.derive(start, label) for label in (b"sending", b"epoch end"))
            chains.append(Chain(owner, sending, epoch))
        return encode(Chains(tuple(chains)))

    def _since(self, change: Change) -> int:
        """Return the epoch from which on everybody holds the author's chain; 0 if it has none."""
        own = next((c for c in change.before.cards if c.identity == change.author), None)
        if own is None or change.kind is Kind.REMOVE or own.acted < change.before.shrunk:
            return 0
        return own.acted

    def _chains(self, state: State | None) -> dict[str, Chain]:
        if state is None:
            return {}
        return {chain.owner: chain for chain in decode(Chains, state.memory).chains}


def sender_keys(suite: int | str = 1) -> SenderKeys:
    """Return the protocol on a cipher suite, given by number or name."""
    return SenderKeys(cipher_suite(suite), "sender keys")
