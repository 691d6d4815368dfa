"""Carrying out a derivation again, from leaked and public bytes only.

The judge does this before it reports a key as computed: the steps that the graph found are written
as a document (:mod:`ttkem.testing.knowledge.document`) and carried out with the primitives of
:mod:`ttkem.crypto`. Only if the result is the real key, the key is reported. A function outside
:data:`VOCABULARY` is not computed again: its inputs must be exactly those of a recorded call, and
its result is then the recorded one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ttkem.crypto.groups import P256, P384, P521, X448, X25519, Group
from ttkem.crypto.hpke import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Hpke
from ttkem.crypto.kdf import SHA256, SHA384, SHA512
from ttkem.crypto.kem import (
    DHKEM_P256,
    DHKEM_P384,
    DHKEM_P521,
    DHKEM_X448,
    DHKEM_X25519,
    X_WING,
    Kem,
)
from ttkem.errors import CryptoError
from ttkem.testing.knowledge.document import NotWrittenError, write_document
from ttkem.testing.knowledge.encodings import DECODERS, ENCODERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ttkem.testing.knowledge.document import Document, Part
    from ttkem.testing.knowledge.graph import Derivation, RecordedGraph

__all__ = ["VOCABULARY", "ReplayError", "carry_out", "replayed"]

TAG = 16
"""The number of bytes of an authentication tag. Tags are not checked: the key at the end is."""
_HASHES = {each.name: each for each in (SHA256, SHA384, SHA512)}
_KDFS = {str(each.kdf_id): each for each in (SHA256, SHA384, SHA512)}
_AEADS = {str(each.id): each for each in (AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305)}
_KEMS: dict[str, Kem] = {
    f"{kem.id:#06x}": kem
    for kem in (DHKEM_P256, DHKEM_P384, DHKEM_P521, DHKEM_X25519, DHKEM_X448, X_WING)
}
_GROUPS: dict[str, Group] = {each.name: each for each in (P256, P384, P521, X25519, X448)}


class ReplayError(Exception):
    """A derivation that does not end with the key, or that cannot be carried out."""


def replayed(
    graph: RecordedGraph,
    derivation: Sequence[Derivation],
    target: int,
    leaked: Iterable[bytes],
    public: Mapping[str, bytes],
) -> Document:
    """Write a derivation as a document, carry it out, and return the document.

    Raise a ReplayError if a step cannot be carried out, or if the result is not the real key.
    """
    try:
        document, results = write_document(graph, derivation, target, leaked, public)
    except NotWrittenError as error:
        raise ReplayError(str(error)) from None
    if carry_out(document, results) != graph.values.bytes[target]:
        raise ReplayError("the derivation ends with another key")
    return document


def carry_out(document: Document, results: Sequence[bytes] = ()) -> bytes:
    """Return the key with which a document ends.

    ``results`` are recorded results, for the steps outside the vocabulary; without one, such a step
    raises a ReplayError.
    """
    strings = {name: [bytes.fromhex(s) for s in document[name]] for name in ("leaked", "public")}
    strings["step"] = []
    for number, step in enumerate(document["steps"]):
        inputs = [b"".join(_read(strings, part) for part in parts) for parts in step["inputs"]]
        compute = _computation(step["function"])
        if compute is not None:
            strings["step"].append(_computed(step["function"], compute, inputs))
        elif number < len(results):
            strings["step"].append(results[number])
        else:
            raise ReplayError(f"cannot carry out {step['function']!r}: it is not in the vocabulary")
    return _read(strings, document["key"])


def _computed(function: str, compute: Callable[..., bytes], inputs: Iterable[bytes]) -> bytes:
    try:
        return compute(*inputs)
    except (TypeError, ValueError, LookupError, CryptoError) as error:
        raise ReplayError(f"cannot carry out {function!r}: {error}") from None


def _read(strings: Mapping[str, Sequence[bytes]], part: Part) -> bytes:
    if "constant" in part:
        return bytes.fromhex(part["constant"])
    data = strings[part["from"]][part["number"]]
    return data[part["at"] : part["at"] + part["length"]]


def _computation(function: str) -> Callable[..., bytes] | None:
    for pattern, make in VOCABULARY.items():
        match = re.fullmatch(pattern, function)
        if match:
            computation: Callable[..., bytes] = make(*match.groups())
            return computation
    return None


def _hpke(kem: str, kdf: str, aead: str) -> Hpke:
    return Hpke(_KEMS[kem], _KDFS[kdf], _AEADS[aead])


def _schedule(suite: Hpke, hashed: str | None, shared: bytes, info: bytes) -> tuple[bytes, ...]:
    if hashed is None:
        return suite.key_schedule(shared, info)
    empty = suite.hashed(b"")
    start = empty.schedule_context[: -suite.kdf.length]
    return suite.key_schedule(shared, type(empty)(start + info))


def _decrypt(aead: str, key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    if aead in {"3", "ChaCha20Poly1305"}:
        stream = algorithms.ChaCha20(key, (1).to_bytes(4, "little") + nonce)
        return Cipher(stream, mode=None).decryptor().update(sealed[:-TAG])
    counter = modes.CTR(nonce + (2).to_bytes(4, "big"))
    return Cipher(algorithms.AES(key), counter).decryptor().update(sealed[:-TAG])


def _open(kem: str, kdf: str, aead: str, hashed: str | None) -> Callable[..., bytes]:
    suite = _hpke(kem, kdf, aead)

    def opened(secret: bytes, enc: bytes, info: bytes, sealed: bytes) -> bytes:
        key, nonce, _ = _schedule(suite, hashed, suite.kem.decap(secret, enc), info)
        return _decrypt(aead, key, nonce, sealed)

    return opened


def _open_by_ephemeral(kem: str, kdf: str, aead: str, hashed: str | None) -> Callable[..., bytes]:
    suite = _hpke(kem, kdf, aead)

    def opened(ikm: bytes, public: bytes, info: bytes, sealed: bytes) -> bytes:
        shared, _ = suite.kem.encap(public, _Given(ikm))
        key, nonce, _ = _schedule(suite, hashed, shared, info)
        return _decrypt(aead, key, nonce, sealed)

    return opened


class _Given:
    """Randomness that has been drawn before."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def draw(self, length: int) -> bytes:
        """Return the bytes."""
        return self._data[:length]


def _key_schedule(
    kem: str, kdf: str, aead: str, hashed: str | None, output: str
) -> Callable[..., bytes]:
    suite = _hpke(kem, kdf, aead)
    return lambda shared, info: _schedule(suite, hashed, shared, info)[int(output)]


def _labeled_expand(kem: str, kdf: str, aead: str, length: str) -> Callable[..., bytes]:
    suite = _hpke(kem, kdf, aead)
    return lambda prk, label, info: suite.labeled_expand(prk, label, info, int(length))


def _hkdf(name: str, length: str) -> Callable[..., bytes]:
    kdf = _HASHES[name]
    return lambda ikm, salt, info: kdf.expand(kdf.extract(salt, ikm), info, int(length))


def _pbkdf2(name: str, iterations: str, length: str) -> Callable[..., bytes]:
    return lambda password, salt: hashlib.pbkdf2_hmac(
        name, password, salt, int(iterations), int(length)
    )


def _hash(name: str, length: str | None) -> Callable[..., bytes]:
    if length is None:
        return lambda data: hashlib.new(name, data).digest()
    return lambda data: getattr(hashlib, name)(data).digest(int(length))


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


_SUITE = r"HPKE (0x\w{4}) ([123]) ([123])"
VOCABULARY: dict[str, Callable[..., Any]] = {
    r"joined": lambda: lambda data: data,
    r"exclusive or": lambda: _xor,
    r"decode (.+)": lambda name: DECODERS[name],
    r"encode (.+)": lambda name: ENCODERS[name],
    r"hash (\w+)(?: (\d+))?": _hash,
    r"HMAC (\w+)": lambda name: lambda key, data: hmac.digest(key, data, name),
    r"PBKDF2 (\w+) (\d+) (\d+)": _pbkdf2,
    r"HKDF-Extract (\w+)": lambda name: _HASHES[name].extract,
    r"HKDF-Expand (\w+) (\d+)": lambda name, length: (
        lambda prk, info: _HASHES[name].expand(prk, info, int(length))
    ),
    r"HKDF (sha256|sha384|sha512) (\d+)": _hkdf,
    rf"LabeledExpand {_SUITE} (\d+)": _labeled_expand,
    rf"key schedule {_SUITE}( hashed)? ([012])": _key_schedule,
    r"secret key KEM (0x00\w\w)": lambda kem: _KEMS[kem].derive_secret,  # type: ignore[attr-defined]
    r"secret key KEM (0x647a)": lambda kem: lambda ikm: _KEMS[kem].derive_key_pair(ikm).secret,
    r"public key KEM (0x00\w\w)": lambda kem: _KEMS[kem].group.public_bytes,  # type: ignore[attr-defined]
    r"public key (X25519|X448|P-256|P-384|P-521)": lambda name: _GROUPS[name].public_bytes,
    r"exchange (X25519|X448|P-256|P-384|P-521)": lambda name: (
        lambda secret, public: _GROUPS[name].exchange(secret, public)[0]
    ),
    r"decapsulate KEM (0x\w{4})": lambda kem: _KEMS[kem].decap,
    r"encapsulate KEM (0x00\w\w)": lambda kem: (
        lambda ikm, public: _KEMS[kem].encap(public, _Given(ikm))[0]
    ),
    r"decrypt AEAD ([123]|AESGCM|ChaCha20Poly1305)": lambda aead: (
        lambda key, nonce, sealed: _decrypt(aead, key, nonce, sealed)
    ),
    rf"open {_SUITE}( hashed)?": _open,
    rf"open by ephemeral key {_SUITE}( hashed)?": _open_by_ephemeral,
}
"""The functions of documents: for each pattern of names what makes the function.

Inputs stand in the order of the functions that are returned. ``joined``, ``exclusive or``,
``decode`` and ``encode`` need no key; ``hashed`` means that ``info`` is given by its hash (RFC 9180
section 5.1). ``decrypt`` and ``open`` do not look at the tag and take no associated data.
"""
