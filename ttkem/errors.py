"""The two errors, as in h11: you used the API wrongly, or somebody sent you something wrong.

Each has a few children named for the intent, defined here so that one page lists them all.
Whichever is raised, nothing has changed: a transition returns a new state or raises.
"""

from __future__ import annotations

import traceback
from pathlib import Path


class TtkemError(Exception):
    """Base of every error that this package raises on purpose."""


class LocalError(TtkemError):
    """The caller used the API wrongly; the message says what to do instead."""


class RemoteError(TtkemError):
    """A peer, the delivery service or a file supplied something wrong; the input was rejected."""


class DecodeError(RemoteError):
    """Bytes that are not an encoding of the expected structure (RFC 8446 section 3)."""


class CryptoError(RemoteError):
    """A cryptographic check failed: a bad key, ciphertext, MAC or signature."""


class HistoryError(RemoteError):
    """A message of another history: another epoch, a fork, a replay, or one's own."""


class InvalidMessageError(RemoteError):
    """A message that its author was not entitled to send, or that contradicts itself."""


class MissingPskError(RemoteError):
    """A commit or Welcome that needs a pre-shared key which this member does not have.

    The message may be valid: process it again once the key is in the store.
    """

    def __init__(self, message: str, psk: object = None) -> None:
        super().__init__(message)
        self.psk = psk
        """The name of the key."""


class StateFileError(RemoteError):
    """A saved member state that is damaged, or of another kind or version."""


class KeyFormatError(CryptoError):
    """Bytes that are no key, or no encapsulation, of the expected kind."""


class DecryptionError(CryptoError):
    """A ciphertext that was not made for this key and context."""


class SignatureError(CryptoError):
    """A signature that the owner of the verification key did not make."""


class MacError(CryptoError):
    """A MAC that was not made with this key for this message."""


def described(error: Exception) -> str:
    """Return an exception of foreign code in words, with the file and line that raised it.

    Only the frames below the one that caught it count. The file is named without its folder, so
    that the words are the same on every machine.
    """
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [frame for frame in frames if not frame.filename.startswith("<frozen ")]
    if not own:
        return words
    return f"{words} ({Path(own[-1].filename).name}, line {own[-1].lineno}, in {own[-1].name})"
