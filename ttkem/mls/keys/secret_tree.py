"""The secret tree (section 9): message keys of an epoch, derived on demand and deleted after use.

A value is consumed when it is used, or when another value is derived from it (section 9.2).
Therefore deriving the ratchets of a leaf deletes the secrets on the path from the root and keeps
those of the copath; a ratchet keeps its next secret and the unused keys that it has passed. The
trees are persistent: after a message that does not decrypt, the old tree is still there.
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

__all__ = ["END_OF_RATCHET", "MessageKey", "Ratchet", "RatchetKind", "SecretTree"]

END_OF_RATCHET = (1 << 32) - 1
"""The generation that no message may have, so that the next one always fits its ``uint32``."""


class RatchetKind(Enum):
    """The two ratchets of a member (section 9.1)."""

    HANDSHAKE = b"handshake"
    APPLICATION = b"application"


@dataclass(frozen=True, slots=True)
class MessageKey:
    """The key and the nonce that encrypt one message."""

    key: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Ratchet:
    """A hash ratchet (section 9.1): its state, and the unused keys that it has passed."""

    generation: int
    """The generation of the next key."""
    secret: bytes
    """The ratchet secret of that generation."""
    skipped: HashTrieMap[int, MessageKey]
    """Unused keys of earlier generations, by generation."""

    def take(self, crypto: Labelled, generation: int, limits: Limits) -> tuple[Ratchet, MessageKey]:
        """Return the ratchet without the key of a generation, and that key.

        Raise a HistoryError if the key was used or deleted, or is too far ahead.
        """
        if generation >= END_OF_RATCHET:
            raise HistoryError(f"generation {generation} is not usable: the ratchet ends there")
        if generation < self.generation:
            key = self.skipped.get(generation)
            if key is None:
                raise HistoryError(
                    f"the key of generation {generation} was already used or deleted"
                )
            return replace(self, skipped=self.skipped.remove(generation)), key
        if generation - self.generation > limits.forward:
            raise HistoryError(
                f"generation {generation} is more than {limits.forward} ahead of the next one, "
                f"{self.generation}"
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
    """Return the key and nonce of a generation (section 9.1)."""
    suite = crypto.suite
    return MessageKey(
        crypto.derive_tree_secret(secret, b"key", generation, suite.key_length),
        crypto.derive_tree_secret(secret, b"nonce", generation, suite.nonce_length),
    )


def _next(crypto: Labelled, secret: bytes, generation: int) -> bytes:
    return crypto.derive_tree_secret(secret, b"secret", generation, crypto.suite.hash_length)


@dataclass(frozen=True, slots=True)
class SecretTree:
    """The secrets of an epoch's secret tree that have not been consumed."""

    capacity: int
    nodes: HashTrieMap[int, bytes]
    """Node secrets by array index: of exactly those nodes from which nothing has been derived."""
    ratchets: HashTrieMap[tuple[int, RatchetKind], Ratchet]
    """Ratchets by leaf index and kind, of the leaves whose secret has been consumed."""

    @classmethod
    def of(cls, encryption_secret: bytes, capacity: int) -> SecretTree:
        """Return the initial tree of ``capacity`` leaves: the encryption secret is at its root."""
        return cls(capacity, HashTrieMap({root(capacity): encryption_secret}), HashTrieMap({}))

    def next_generation(self, crypto: Labelled, leaf: int, kind: RatchetKind) -> int:
        """Return the generation of the next message from this leaf."""
        return self._with_ratchets(crypto, leaf).ratchets[leaf, kind].generation

    def take(
        self, crypto: Labelled, leaf: int, kind: RatchetKind, generation: int, limits: Limits
    ) -> tuple[SecretTree, MessageKey]:
        """Return the tree with all consumed values deleted, and the key of a leaf's generation.

        Raise a HistoryError if the key was used or deleted, or is too far ahead.
        """
        tree = self._with_ratchets(crypto, leaf)
        ratchet, key = tree.ratchets[leaf, kind].take(crypto, generation, limits)
        return replace(tree, ratchets=tree.ratchets.insert((leaf, kind), ratchet)), key

    def _with_ratchets(self, crypto: Labelled, leaf: int) -> SecretTree:
        """Return the tree with the ratchets of a leaf, and without the secrets they come from."""
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
