"""Sources of randomness, which callers pass as arguments.

Nothing in this package draws randomness itself, except ML-KEM's encapsulation: see
:class:`~ttkem.crypto.kem.XWing`.
"""

import hashlib
import os
from typing import Protocol

from ttkem.errors import LocalError

__all__ = ["Randomness", "SeededRandomness", "SystemRandomness", "draw"]


class Randomness(Protocol):
    """A source of uniform bytes."""

    def draw(self, length: int) -> bytes:
        """Return ``length`` fresh bytes; raise a LocalError if that is negative."""
        ...


class SystemRandomness:
    """The operating system's random generator, for all uses but tests and simulations."""

    __slots__ = ()

    def draw(self, length: int) -> bytes:
        """Return ``length`` unpredictable bytes."""
        return os.urandom(_checked(length))


class SeededRandomness:
    """A deterministic stream: a seed gives the same bytes on every machine. Not for real secrets.

    Block ``i`` is SHAKE-256 of the seed and ``i``, as long as the draw.

    >>> SeededRandomness(7).draw(4) == SeededRandomness(7).draw(4)
    True
    """

    __slots__ = ("_count", "_seed")

    def __init__(self, seed: bytes | str | int) -> None:
        kind = type(seed).__name__
        if isinstance(seed, bool) or not isinstance(seed, bytes | str | int):
            raise LocalError(
                f"cannot seed randomness: a seed is bytes, text or an integer, not {kind}"
            )
        data = seed if isinstance(seed, bytes) else str(seed).encode(errors="surrogatepass")
        self._seed = hashlib.sha256(f"ttkem seed {kind} ".encode() + data).digest()
        self._count = 0

    def draw(self, length: int) -> bytes:
        """Return the next ``length`` bytes of the stream."""
        block = self._seed + self._count.to_bytes(8, "big")
        drawn = hashlib.shake_256(block).digest(_checked(length))
        self._count += 1
        return drawn


def draw(randomness: Randomness, length: int) -> bytes:
    """Draw ``length`` bytes from a source; raise a LocalError if it returns another number."""
    drawn = randomness.draw(length)
    if len(drawn) != length:
        raise LocalError(f"cannot draw {length} bytes: the randomness gave {len(drawn)} bytes")
    return drawn


def _checked(length: int) -> int:
    if length < 0:
        raise LocalError(f"cannot draw {length} bytes: ask for 0 or more")
    return length
