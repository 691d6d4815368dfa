"""The record of a run's cryptography: every call of a primitive, and every draw of randomness.

A recorder listens only while a member acts (:meth:`Recorder.acting`), so that the calls of a test,
of a game or of an attacker are never recorded. A call of a primitive that another recorded call
makes is part of that call and is not recorded again, except draws.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Call", "CallKind", "Recorder", "active_recorder"]


class CallKind(Enum):
    """How the outputs of a call follow from its inputs, and which inputs follow from others."""

    DRAW = "draw"
    """No inputs. The output is fresh randomness."""
    DERIVE = "derive"
    """Every output is a function of all inputs, and reveals none of them."""
    KEY_PAIR = "key pair"
    """Inputs: keying material. Outputs: public key, secret key."""
    PUBLIC_KEY = "public key"
    """Inputs: secret key. Outputs: its public key."""
    EXCHANGE = "exchange"
    """Inputs: secret key, public key of the other side. Outputs: shared secret, own public key."""
    AEAD = "aead"
    """Inputs: key, nonce, associated data, plaintext. Outputs: ciphertext."""
    SEAL = "seal"
    """Inputs: public key, info, associated data, plaintext, then the draws. Outputs: encapsulation,
    ciphertext."""
    OPEN = "open"
    """Inputs: secret key, encapsulation, info, associated data, ciphertext. Outputs: plaintext."""
    ENCAPSULATE = "encapsulate"
    """Inputs: public key, then the draws. Outputs: shared secret, encapsulation."""
    DECAPSULATE = "decapsulate"
    """Inputs: secret key, encapsulation. Outputs: shared secret."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a primitive; two calls are equal if they computed the same from the same."""

    kind: CallKind
    function: str
    """The primitive and its parameters, for example ``"HKDF-Expand sha256"``."""
    inputs: tuple[bytes, ...]
    outputs: tuple[bytes, ...]


class Recorder:
    """Records the calls of members, each with the member and the step in which it was first made.

    >>> from ttkem.crypto import SeededRandomness, cipher_suite
    >>> from ttkem.crypto.recording import recording
    >>> recorder = Recorder()
    >>> with recording(recorder), recorder.acting("ann", 3):
    ...     _ = cipher_suite(1).hash(b"hello")
    >>> [(call.function, who, step) for call, (who, step) in recorder.calls.items()]
    [('hash sha256', 'ann', 3)]
    """

    __slots__ = ("_inside", "_storing", "_who", "calls", "checksums", "draws", "step")

    def __init__(self) -> None:
        self.calls: dict[Call, tuple[str, int]] = {}
        """Every call, in order, with the member and the step that made it first."""
        self.draws: list[tuple[bytes, str, int]] = []
        """Every draw in order, with its member and step."""
        self.checksums: set[bytes] = set()
        """The hashes that members computed while saving their state."""
        self.step = 0
        self._who: str | None = None
        self._storing = False
        self._inside = 0

    @property
    def listening(self) -> bool:
        """Whether a call would be recorded now: a member acts, and no recorded call is open."""
        return (self._who is not None or self._storing) and not self._inside

    @contextmanager
    def acting(self, who: str, step: int) -> Iterator[None]:
        """Record what happens inside the block as done by a member in a step."""
        before = self._who, self.step
        self._who, self.step = who, step
        try:
            yield
        finally:
            self._who, self.step = before

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Record nothing but hashes inside the block: a member writes its state to storage."""
        before = self._who, self._storing
        self._who, self._storing = None, True
        try:
            yield
        finally:
            self._who, self._storing = before

    def enter(self) -> None:
        """Begin a call: the calls that it makes are not recorded."""
        self._inside += 1

    def leave(self) -> None:
        """End a call."""
        self._inside -= 1

    def note(self, call: Call) -> None:
        """Record a call."""
        if self._storing and call.function.startswith("hash "):
            self.checksums.update(call.outputs)
        if self._who is not None:
            self.calls.setdefault(call, (self._who, self.step))

    def drew(self, data: bytes) -> None:
        """Record a draw, even one that a recorded call makes."""
        if self._who is not None:
            self.draws.append((data, self._who, self.step))
            self.calls.setdefault(Call(CallKind.DRAW, "draw", (), (data,)), (self._who, self.step))


_active: Recorder | None = None


def active_recorder() -> Recorder | None:
    """Return the recorder that listens now, or None."""
    return _active if _active is not None and _active.listening else None


def drawing_recorder() -> Recorder | None:
    """Return the recorder that takes draws now, or None."""
    return _active


@contextmanager
def activated(recorder: Recorder) -> Iterator[Recorder]:
    """Make a recorder the active one inside the block."""
    global _active  # noqa: PLW0603 - patched functions have nowhere else to look
    before, _active = _active, recorder
    try:
        yield recorder
    finally:
        _active = before
