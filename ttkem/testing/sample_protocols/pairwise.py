"""Pairwise channels: each operation sends a fresh secret to each member.

The author of an operation draws a secret and encrypts it to the HPKE key of every other member of
the new epoch. It also replaces its own HPKE key. So a leaked state is useless once its owner has
made an operation of its own, and it reveals nothing from before the owner's latest operation; in
between, it opens every ciphertext that was sent to its owner. A removed member gets no ciphertext.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ttkem.crypto import cipher_suite
from ttkem.crypto.randomness import draw
from ttkem.testing.contracts import Contract, Forward, Healing
from ttkem.testing.sample_protocols.member import SampleMember, load_member, new_member
from ttkem.testing.sample_protocols.operations import SampleProtocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.crypto import Randomness
    from ttkem.testing.sample_protocols.messages import Card, State
    from ttkem.testing.sample_protocols.operations import Change

__all__ = ["PairwiseChannels", "pairwise_channels"]


@dataclass(frozen=True)
class PairwiseChannels(SampleProtocol):
    """A protocol with one ciphertext for each other member in each operation."""

    contract: ClassVar = Contract("pairwise channels", Healing.OWN_OPERATION, Forward.OWN_OPERATION)

    def member(
        self, identity: str, pki: Mapping[str, bytes], randomness: Randomness
    ) -> SampleMember:
        """Return a new member."""
        return new_member(self, identity, pki, randomness)

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> SampleMember:
        """Return a saved member."""
        return load_member(self, data, pki, randomness)

    def recipients(self, change: Change) -> tuple[Card, ...]:
        """Return everybody but the author."""
        return change.others

    def secret(self, change: Change, state: State | None, randomness: Randomness | None) -> bytes:
        """Return a fresh secret; only the author needs one, since all others are recipients."""
        del change, state
        assert randomness is not None  # noqa: S101 - it is the author who asks
        return draw(randomness, self.suite.hash_length)

    def made(self, change: Change, state: State) -> State:
        """Return the state unchanged."""
        del change
        return state

    def memory(
        self, change: Change, state: State | None, secret: bytes, transcript: bytes
    ) -> bytes:
        """Return nothing: the HPKE key is the only other secret."""
        del change, state, secret, transcript
        return b""


def pairwise_channels(suite: int | str = 1) -> PairwiseChannels:
    """Return the protocol on a cipher suite, given by number or name."""
    return PairwiseChannels(cipher_suite(suite), "pairwise channels")
