"""The secret tree (section 9): message keys of an epoch, derived late and forgotten early.

A value is consumed when it has been used, or when something derived from it has (section 9.2). So
descending to a leaf erases the secrets on the way and keeps those beside it, and a ratchet keeps
its next secret and the unused keys that were skipped. Everything is persistent: a message that
does not decrypt leaves the old tree in place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.errors import HistoryError
from ttkem.tree.math import direct_path, left, right, root, spans

if TYPE_CHECKING:
    from ttkem.crypto import Labelled
    from ttkem.mls.limits import Limits

__all__ = ["MessageKey", "Ratchet", "RatchetKind", "SecretTree"]


class RatchetKind(Enum):
    """Each member has two ratchets (section 9.1)."""

    HANDSHAKE = b"handshake"
    APPLICATION = b"application"


@dataclass(frozen=True, slots=True)
class MessageKey:
    """What encrypts one message."""

    key: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Ratchet:
    """A hash ratchet (section 9.1): where it stands, and the keys that it passed unused."""

    generation: int
    """Of the next key."""
    secret: bytes
    """Of that generation."""
    skipped: HashTrieMap[int, MessageKey]
    """By generation."""

    def take(self, crypto: Labelled, generation: int, limits: Limits) -> tuple[Ratchet, MessageKey]:
        """The key of a generation, and the ratchet without it.

        Raises a HistoryError for a key that is used, dropped, or too far ahead.
        """
        if generation < self.generation:
            key = self.skipped.get(generation)
            if key is None:
                raise HistoryError(f"generation {generation} of this sender was used or dropped")
            return replace(self, skipped=self.skipped.remove(generation)), key
        if generation - self.generation > limits.forward:
            raise HistoryError(
                f"generation {generation} is more than {limits.forward} ahead of {self.generation}"
            )
        secret, skipped = self.secret, self.skipped
        for number in range(self.generation, generation):
            skipped = skipped.insert(number, _message_key(crypto, secret, number))
            secret = _next(crypto, secret, number)
        for number in sorted(skipped)[: max(0, len(skipped) - limits.skipped)]:
            skipped = skipped.remove(number)
        key = _message_key(crypto, secret, generation)
        return Ratchet(generation + 1, _next(crypto, secret, generation), skipped), key


def _message_key(crypto: Labelled, secret: bytes, generation: int) -> MessageKey:
    """``ratchet_key`` and ``ratchet_nonce`` of a generation (section 9.1)."""
    suite = crypto.suite
    return MessageKey(
        crypto.derive_tree_secret(secret, b"key", generation, suite.key_length),
        crypto.derive_tree_secret(secret, b"nonce", generation, suite.nonce_length),
    )


def _next(crypto: Labelled, secret: bytes, generation: int) -> bytes:
    return crypto.derive_tree_secret(secret, b"secret", generation, crypto.suite.hash_length)


@dataclass(frozen=True, slots=True)
class SecretTree:
    """What is left of an epoch's secret tree."""

    capacity: int
    nodes: HashTrieMap[int, bytes]
    """Secrets by array index: exactly of the nodes that nothing has been derived from."""
    ratchets: HashTrieMap[tuple[int, RatchetKind], Ratchet]
    """By leaf number, of the leaves that have been reached."""

    @classmethod
    def of(cls, encryption_secret: bytes, capacity: int) -> SecretTree:
        """The whole tree: the encryption secret at the root."""
        return cls(capacity, HashTrieMap({root(capacity): encryption_secret}), HashTrieMap({}))

    def next_generation(self, crypto: Labelled, leaf: int, kind: RatchetKind) -> int:
        """The generation that this leaf sends in next."""
        return self._reach(crypto, leaf).ratchets[leaf, kind].generation

    def take(
        self, crypto: Labelled, leaf: int, kind: RatchetKind, generation: int, limits: Limits
    ) -> tuple[SecretTree, MessageKey]:
        """The key of a leaf's generation, and the tree without it and all it came from."""
        tree = self._reach(crypto, leaf)
        ratchet, key = tree.ratchets[leaf, kind].take(crypto, generation, limits)
        return replace(tree, ratchets=tree.ratchets.insert((leaf, kind), ratchet)), key

    def _reach(self, crypto: Labelled, leaf: int) -> SecretTree:
        """Descend to a leaf, whose two ratchets are then there, and nothing above it."""
        if (leaf, RatchetKind.HANDSHAKE) in self.ratchets:
            return self
        index, length = 2 * leaf, crypto.suite.hash_length
        node = next(
            above for above in (index, *direct_path(index, self.capacity)) if above in self.nodes
        )
        secret, nodes = self.nodes[node], self.nodes.remove(node)
        while node != index:
            below = {
                left(node): crypto.expand_with_label(secret, b"tree", b"left", length),
                right(node): crypto.expand_with_label(secret, b"tree", b"right", length),
            }
            node = left(node) if spans(left(node), index) else right(node)
            secret = below.pop(node)
            for other, kept in below.items():
                nodes = nodes.insert(other, kept)
        ratchets = self.ratchets
        for kind in RatchetKind:
            start = crypto.expand_with_label(secret, kind.value, b"", length)
            ratchets = ratchets.insert((leaf, kind), Ratchet(0, start, HashTrieMap({})))
        return replace(self, nodes=nodes, ratchets=ratchets)
