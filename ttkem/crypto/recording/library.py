"""Recording primitives that a protocol takes from the package ``cryptography`` directly.

The library's classes cannot be changed. They are replaced by classes that hold an object of the
library, pass calls on to it, and record them while a member acts.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import ciphers, hashes, hmac, hpke
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.ciphers import aead
from cryptography.hazmat.primitives.kdf import concatkdf, hkdf, pbkdf2, scrypt, x963kdf
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ttkem.crypto.recording.record import Call, CallKind, active_recorder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LIBRARY"]


def _note(kind: CallKind, function: str, inputs: tuple[Any, ...], *outputs: bytes) -> None:
    recorder = active_recorder()
    if recorder is not None:
        given = tuple(bytes(value or b"") for value in inputs)
        recorder.note(Call(kind, function, given, outputs))


def _public_bytes(key: Any) -> bytes:  # noqa: ANN401 - one of the library's public keys
    if hasattr(key, "public_bytes_raw"):
        return bytes(key.public_bytes_raw())
    return bytes(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


class _Shim(type):
    """The type of all replacements: objects of the library are instances of them too."""

    original: type

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or isinstance(instance, cls.original)


class _Held(metaclass=_Shim):
    """An object of the library, to which all calls are passed on."""

    original: type = type(None)

    def __init__(self, real: Any) -> None:  # noqa: ANN401 - an object of the library
        self._real = real

    def __copy__(self) -> Any:  # noqa: ANN401 - an object of the same class
        """Return a copy, which is recorded too."""
        return self._again(copy.copy(self._real))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:  # noqa: ANN401 - likewise
        """Return a copy, which is recorded too."""
        return self._again(copy.deepcopy(self._real, memo))

    def __reduce_ex__(self, protocol: Any) -> Any:  # noqa: ANN401 - as the object does
        """Raise TypeError, as the library's objects do."""
        return self._real.__reduce_ex__(protocol)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of the object
        return getattr(self._real, name)

    def _again(self, real: Any) -> Any:  # noqa: ANN401 - an object of the library
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied._real = real
        return copied


class _PrivateKey(_Held):
    """A private key that records its public key, exchanges and signatures."""

    def __init__(self, real: Any) -> None:  # noqa: ANN401 - one of the library's private keys
        super().__init__(real)
        if hasattr(real, "private_bytes_raw"):
            self._secret = bytes(real.private_bytes_raw())
        else:
            size = (real.curve.key_size + 7) // 8
            self._secret = real.private_numbers().private_value.to_bytes(size, "big")
        self._name = type(self).__name__.removesuffix("PrivateKey")
        if hasattr(real, "curve"):
            self._name = real.curve.name.replace("secp", "P-").removesuffix("r1")

    @classmethod
    def generated(cls, real: Any) -> _PrivateKey:  # noqa: ANN401 - one of the private keys
        """Return a key that the library has just drawn, and record the draw."""
        key = cls(real)
        recorder = active_recorder()
        if recorder is not None:
            recorder.drew(key._secret)
        return key

    @classmethod
    def generate(cls) -> _PrivateKey:
        """Generate a private key."""
        return cls.generated(cls.original.generate())  # type: ignore[attr-defined]  # as every key type

    @classmethod
    def from_private_bytes(cls, data: bytes) -> _PrivateKey:
        """Read a private key."""
        return cls(cls.original.from_private_bytes(data))  # type: ignore[attr-defined]  # likewise

    def public_key(self) -> Any:  # noqa: ANN401 - one of the library's public keys
        """Return the public key."""
        public = self._real.public_key()
        function = f"public key {self._name}"
        _note(CallKind.PUBLIC_KEY, function, (self._secret,), _public_bytes(public))
        return public

    def exchange(self, *given: Any) -> bytes:  # noqa: ANN401 - a public key, perhaps behind ECDH
        """Return the shared secret with a public key."""
        shared: bytes = self._real.exchange(*given)
        own, other = _public_bytes(self._real.public_key()), _public_bytes(given[-1])
        _note(CallKind.EXCHANGE, f"exchange {self._name}", (self._secret, other), shared, own)
        return shared

    def sign(self, data: bytes, *rest: Any) -> bytes:  # noqa: ANN401 - algorithms
        """Return a signature."""
        signature: bytes = self._real.sign(data, *rest)
        _note(CallKind.DERIVE, f"sign {self._name}", (self._secret, data), signature)
        return signature


class _Aead(_Held):
    """Authenticated encryption that records what it encrypts and decrypts."""

    def __init__(self, key: bytes, *rest: Any, **named: Any) -> None:  # noqa: ANN401 - lengths
        super().__init__(self.original(key, *rest, **named))
        self._key = bytes(key)

    @classmethod
    def generate_key(cls, *bits: int) -> bytes:
        """Return a fresh key."""
        key: bytes = cls.original.generate_key(*bits)  # type: ignore[attr-defined]  # every AEAD
        recorder = active_recorder()
        if recorder is not None:
            recorder.drew(key)
        return key

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the ciphertext."""
        sealed: bytes = self._real.encrypt(nonce, data, associated_data)
        inputs = (self._key, nonce, associated_data, data)
        _note(CallKind.AEAD, f"AEAD {type(self).__name__}", inputs, sealed)
        return sealed

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the plaintext."""
        opened: bytes = self._real.decrypt(nonce, data, associated_data)
        inputs = (self._key, nonce, associated_data, opened)
        _note(CallKind.AEAD, f"AEAD {type(self).__name__}", inputs, bytes(data))
        return opened


class _Kdf(_Held):
    """A key derivation function: all bytes that it was made with are inputs."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - the function's own
        super().__init__(self.original(*given, **named))
        values = (*given, *named.values())
        self._inputs = tuple(bytes(each) for each in values if isinstance(each, bytes | bytearray))
        names = _PARAMETERS.get(type(self).__name__)
        if names is not None:
            self._named = {**dict(zip(names, given, strict=False)), **named}

    def derive(self, key_material: bytes) -> bytes:
        """Return the derived key."""
        key: bytes = self._real.derive(key_material)
        function, inputs = f"KDF {type(self).__name__}", (key_material, *self._inputs)
        if type(self).__name__ in _PARAMETERS:
            size, name = self._named["length"], self._named["algorithm"].name
            info, salt = self._named.get("info") or b"", self._named.get("salt") or b""
            function, inputs = f"HKDF-Expand {name} {size}", (key_material, info)
            if type(self).__name__ == "HKDF":
                function, inputs = f"HKDF {name} {size}", (key_material, salt, info)
        _note(CallKind.DERIVE, function, inputs, key)
        return key


_PARAMETERS = {
    "HKDF": ("algorithm", "length", "salt", "info"),
    "HKDFExpand": ("algorithm", "length", "info"),
}
"""The parameters of the library's functions that are recorded under the names of RFC 5869."""


class _Hash(_Held):
    """A hash or HMAC object that records its result."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - key and algorithm
        super().__init__(self.original(*given, **named))
        values = (*given, *named.values())
        self._inputs = tuple(bytes(each) for each in values if isinstance(each, bytes | bytearray))
        self._data = b""

    def update(self, data: bytes) -> None:
        """Hash more data."""
        self._data += bytes(data)
        self._real.update(data)

    def finalize(self) -> bytes:
        """Return the result."""
        result: bytes = self._real.finalize()
        kind = "HMAC" if isinstance(self._real, hmac.HMAC) else "hash"
        function = f"{kind} {self._real.algorithm.name}"
        _note(CallKind.DERIVE, function, (*self._inputs, self._data), result)
        return result

    def copy(self) -> Any:  # noqa: ANN401 - an object of the same class
        """Return an independent copy."""
        return self._again(self._real.copy())


class _Cipher(_Held):
    """A cipher without authentication, or one whose tag is handled apart."""

    def __init__(self, algorithm: Any, mode: Any, backend: Any = None) -> None:  # noqa: ANN401
        super().__init__(self.original(algorithm, mode, backend))
        nonce = getattr(mode, "initialization_vector", None) or getattr(mode, "nonce", None)
        nonce = nonce or getattr(algorithm, "nonce", None) or b""
        self._key = (bytes(algorithm.key), bytes(nonce))

    def encryptor(self) -> _CipherStream:
        """Return a stream that encrypts."""
        return _CipherStream(self._real.encryptor(), self._key, encrypts=True)

    def decryptor(self) -> _CipherStream:
        """Return a stream that decrypts."""
        return _CipherStream(self._real.decryptor(), self._key, encrypts=False)


class _CipherStream(_Held):
    """A stream of a cipher: it records all that it has read and written, when it ends."""

    def __init__(self, real: Any, key: tuple[bytes, bytes], *, encrypts: bool) -> None:  # noqa: ANN401
        super().__init__(real)
        self._key, self._encrypts = key, encrypts
        self._read = self._written = b""

    def update(self, data: bytes) -> bytes:
        """Read more data; return what can be written."""
        written: bytes = self._real.update(data)
        self._read, self._written = self._read + bytes(data), self._written + written
        return written

    def finalize(self) -> bytes:
        """Return the rest of the output, and record the whole."""
        rest: bytes = self._real.finalize()
        plain, sealed = self._read, self._written + rest
        if not self._encrypts:
            plain, sealed = sealed, plain
        _note(CallKind.AEAD, "cipher", (*self._key, b"", plain), sealed)
        return rest


class _Suite(_Held):
    """HPKE of the library, one message at a time."""

    original = hpke.Suite

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 - KEM, KDF and AEAD
        super().__init__(self.original(*given))

    def encrypt(self, plaintext: bytes, public_key: Any, *info: Any, **named: Any) -> bytes:  # noqa: ANN401
        """Return encapsulation and ciphertext."""
        sealed: bytes = self._real.encrypt(plaintext, public_key, *info, **named)
        inputs = (_public_bytes(public_key), *_bytes_of(info, named), plaintext)
        _note(CallKind.SEAL, "HPKE of the library", _padded(inputs), b"", sealed)
        return sealed

    def decrypt(self, ciphertext: bytes, private_key: Any, *info: Any, **named: Any) -> bytes:  # noqa: ANN401
        """Return the plaintext."""
        real = getattr(private_key, "_real", private_key)
        opened: bytes = self._real.decrypt(ciphertext, real, *info, **named)
        public = _public_bytes(real.public_key())
        inputs = (public, *_bytes_of(info, named), opened)
        _note(CallKind.SEAL, "HPKE of the library", _padded(inputs), b"", bytes(ciphertext))
        return opened


def _bytes_of(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[bytes, ...]:
    return (b"".join(bytes(each or b"") for each in (*given, *named.values())),)


def _padded(inputs: tuple[bytes, ...]) -> tuple[bytes, bytes, bytes, bytes]:
    """Return public key, info, associated data and plaintext."""
    public, info, plaintext = inputs
    return public, info, b"", plaintext


def _shim(base: type[_Held], original: type) -> Any:  # noqa: ANN401 - a class in place of another
    """Return a class that stands in for one of the library's, under its name."""
    return _Shim(original.__name__, (base,), {"original": original, "__doc__": original.__doc__})


def _generate_ec(curve: ec.EllipticCurve, backend: Any = None) -> Any:  # noqa: ANN401 - a private key
    real = _generate_private_key(curve, backend)
    return real if active_recorder() is None else _EC.generated(real)


def _derive_ec(private_value: int, curve: ec.EllipticCurve, backend: Any = None) -> Any:  # noqa: ANN401
    real = _derive_private_key(private_value, curve, backend)
    return real if active_recorder() is None else _EC(real)


_generate_private_key: Callable[..., Any] = ec.generate_private_key
_derive_private_key: Callable[..., Any] = ec.derive_private_key
_EC = _shim(_PrivateKey, ec.EllipticCurvePrivateKey)

LIBRARY: dict[Any, Any] = {
    **{
        original: _shim(_PrivateKey, original)
        for original in (
            x25519.X25519PrivateKey,
            x448.X448PrivateKey,
            ed25519.Ed25519PrivateKey,
            ed448.Ed448PrivateKey,
        )
    },
    ec.EllipticCurvePrivateKey: _EC,
    ec.generate_private_key: _generate_ec,
    ec.derive_private_key: _derive_ec,
    **{
        original: _shim(_Aead, original)
        for original in (aead.AESGCM, aead.AESCCM, aead.AESOCB3, aead.ChaCha20Poly1305)
    },
    **{
        original: _shim(_Kdf, original)
        for original in (
            hkdf.HKDF,
            hkdf.HKDFExpand,
            pbkdf2.PBKDF2HMAC,
            scrypt.Scrypt,
            concatkdf.ConcatKDFHash,
            concatkdf.ConcatKDFHMAC,
            x963kdf.X963KDF,
        )
    },
    hashes.Hash: _shim(_Hash, hashes.Hash),
    hmac.HMAC: _shim(_Hash, hmac.HMAC),
    ciphers.Cipher: _shim(_Cipher, ciphers.Cipher),
    hpke.Suite: _Suite,
}
"""For every class and function of the library that is recorded, its replacement."""
