"""Randomness as an argument: nothing in this package draws any by itself."""

import hashlib
import os
from typing import Protocol

from ttkem.errors import LocalError

__all__ = ["Randomness", "SeededRandomness", "SystemRandomness"]


class Randomness(Protocol):
    """A source of uniform bytes."""

    def draw(self, length: int) -> bytes:
        """``length`` bytes, never the same again."""
        ...


class SystemRandomness:
    """The operating system's generator: for every use but tests and simulations."""

    def draw(self, length: int) -> bytes:
        """``length`` bytes, unpredictable."""
        return os.urandom(length)


class SeededRandomness:
    """A deterministic stream: the same seed gives the same bytes anywhere. Not for real secrets.

    Block ``i`` is SHAKE-256 of the seed and ``i``, as long as what was asked for.

    >>> SeededRandomness(7).draw(4) == SeededRandomness(7).draw(4)
    True
    """

    __slots__ = ("_count", "_seed")

    def __init__(self, seed: bytes | str | int) -> None:
        kind = type(seed).__name__
        if isinstance(seed, bool) or not isinstance(seed, bytes | str | int):
            raise LocalError(f"a seed is bytes, text or an integer, not {kind}")
        data = seed if isinstance(seed, bytes) else str(seed).encode()
        self._seed = hashlib.sha256(f"ttkem seed {kind} ".encode() + data).digest()
        self._count = 0

    def draw(self, length: int) -> bytes:
        """The next ``length`` bytes of the stream."""
        block = self._seed + self._count.to_bytes(8, "big")
        self._count += 1
        return hashlib.shake_256(block).digest(length)
