"""Recording hashes, MACs and randomness that a protocol takes from Python's standard library."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from ttkem.crypto.recording.record import Call, CallKind, active_recorder, drawing_recorder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STANDARD_LIBRARY"]

ALGORITHMS = sorted(
    name for name in hashlib.algorithms_guaranteed if callable(getattr(hashlib, name, None))
)


class _Hashed:
    """A hash or HMAC object that records its digests, with all that it has hashed."""

    def __init__(self, real: Any, function: str, key: tuple[bytes, ...], data: bytes) -> None:  # noqa: ANN401
        self._real, self._function, self._key, self._data = real, function, key, data

    def update(self, data: bytes) -> None:
        """Hash more data."""
        self._data += bytes(data)
        self._real.update(data)

    def digest(self, *given: int, **length: int) -> bytes:
        """Return the digest, and record how it was computed."""
        digest: bytes = self._real.digest(*given, **length)
        recorder = active_recorder()
        if recorder is not None:
            inputs = (*self._key, self._data)
            function = " ".join((self._function, *map(str, (*given, *length.values()))))
            recorder.note(Call(CallKind.DERIVE, function, inputs, (digest,)))
        return digest

    def hexdigest(self, *given: int, **length: int) -> str:
        """Return the digest in hexadecimal."""
        return self.digest(*given, **length).hex()

    def copy(self) -> _Hashed:
        """Return an independent copy."""
        return _Hashed(self._real.copy(), self._function, self._key, self._data)

    def __reduce_ex__(self, protocol: Any) -> Any:  # noqa: ANN401 - as the object does
        """Raise TypeError, as the hash object does."""
        return self._real.__reduce_ex__(protocol)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any other attribute of the object
        return getattr(self._real, name)


def _constructor(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def constructor(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - as hashlib's
        real = original(*given, **options)
        if active_recorder() is None:
            return real
        return _hashed(real, name, given, options)

    constructor.__name__ = name
    return constructor


_new, _hmac_new, _hmac_digest = hashlib.new, hmac.new, hmac.digest
_pbkdf2, _scrypt, _urandom = hashlib.pbkdf2_hmac, hashlib.scrypt, os.urandom


def _recorded_new(name: str, *given: Any, **options: Any) -> Any:  # noqa: ANN401 - hashlib's
    real = _new(name, *given, **options)
    if active_recorder() is None:
        return real
    return _hashed(real, real.name.replace("-", "_"), given, options)


def _hashed(real: Any, name: str, given: tuple[Any, ...], options: dict[str, Any]) -> _Hashed:  # noqa: ANN401
    """Return a hash object that records; its options, such as a key, are inputs too."""
    rest = {key: value for key, value in options.items() if key != "usedforsecurity"}
    data = given[0] if given else rest.pop("data", rest.pop("string", b""))
    secret = tuple(bytes(value) for value in rest.values() if not isinstance(value, int))
    function = f"hash {name}" + "".join(
        f", {key}" + (f" {value}" if isinstance(value, int) else "") for key, value in rest.items()
    )
    return _Hashed(real, function, secret, bytes(data))


def _recorded_hmac_new(key: bytes, msg: bytes | None = None, digestmod: Any = "") -> Any:  # noqa: ANN401
    real = _hmac_new(key, msg, _original_digest(digestmod))
    if active_recorder() is None:
        return real
    function = f"HMAC {real.name.removeprefix('hmac-')}"
    return _Hashed(real, function, (bytes(key),), bytes(msg or b""))


def _recorded_hmac_digest(key: bytes, msg: bytes, digest: Any) -> bytes:  # noqa: ANN401 - hmac's
    original = _original_digest(digest)
    made = _hmac_digest(key, msg, original)
    recorder = active_recorder()
    if recorder is not None:
        name = original if isinstance(original, str) else original().name
        call = Call(CallKind.DERIVE, f"HMAC {name}", (bytes(key), bytes(msg)), (made,))
        recorder.note(call)
    return made


def _recorded_pbkdf2(
    hash_name: str,
    password: bytes,
    salt: bytes,
    *rest: Any,  # noqa: ANN401 - iterations and length
    **named: Any,  # noqa: ANN401 - likewise
) -> bytes:
    made = _pbkdf2(hash_name, password, salt, *rest, **named)
    recorder = active_recorder()
    if recorder is not None:
        inputs = (bytes(password), bytes(salt))
        iterations = rest[0] if rest else named["iterations"]
        function = f"PBKDF2 {hash_name} {iterations} {len(made)}"
        recorder.note(Call(CallKind.DERIVE, function, inputs, (made,)))
    return made


def _recorded_scrypt(password: bytes, *, salt: bytes, **named: Any) -> bytes:  # noqa: ANN401
    made = _scrypt(password, salt=salt, **named)
    recorder = active_recorder()
    if recorder is not None:
        inputs = (bytes(password), bytes(salt))
        recorder.note(Call(CallKind.DERIVE, "scrypt", inputs, (made,)))
    return made


def _recorded_urandom(size: int, /) -> bytes:
    data = _urandom(size)
    recorder = drawing_recorder()
    if recorder is not None:
        recorder.drew(data)
    return data


STANDARD_LIBRARY: dict[Any, Any] = {
    _new: _recorded_new,
    _hmac_new: _recorded_hmac_new,
    _hmac_digest: _recorded_hmac_digest,
    _pbkdf2: _recorded_pbkdf2,
    _scrypt: _recorded_scrypt,
    _urandom: _recorded_urandom,
    **{
        original: _constructor(name, original)
        for name in ALGORITHMS
        for original in [getattr(hashlib, name)]
    },
}
"""For every function of ``hashlib``, ``hmac`` and ``os`` that is recorded, its replacement.

``secrets`` and ``random.SystemRandom`` draw through ``os.urandom``.
"""

_ORIGINALS = {replacement: original for original, replacement in STANDARD_LIBRARY.items()}


def _original_digest(digestmod: Any) -> Any:  # noqa: ANN401 - a name, a module or a constructor
    """Return what ``hmac`` understands: it recognises the constructors of ``hashlib`` only."""
    if isinstance(digestmod, str):
        return digestmod
    return _ORIGINALS.get(digestmod, digestmod)
