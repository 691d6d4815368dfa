"""Recording the primitives of :mod:`ttkem.crypto`: one entry for each method that is recorded."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from ttkem.crypto.groups import Montgomery, NistCurve
from ttkem.crypto.hpke import Aead, Hpke, Info
from ttkem.crypto.kdf import Hash
from ttkem.crypto.kem import DhKem, XWing
from ttkem.crypto.randomness import SeededRandomness, SystemRandomness
from ttkem.crypto.recording.record import Call, CallKind, active_recorder, drawing_recorder
from ttkem.crypto.signatures import Ecdsa, EdDsa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["suite_patches"]


_BUFFERS = (bytearray, memoryview)


def suite_patches() -> Iterator[tuple[type, str, Callable[..., Any]]]:
    """Yield the methods to replace: class, name and recording method."""
    for (owner, name), describe in _DESCRIBED.items():
        yield owner, name, _recorded(vars(owner)[name], describe)
    for source in (SeededRandomness, SystemRandomness):
        yield source, "draw", _recorded_draw(vars(source)["draw"])


def _recorded(original: Callable[..., Any], describe: Callable[..., Call]) -> Callable[..., Any]:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the original's
        recorder = active_recorder()
        if recorder is None:
            return original(self, *args, **named)
        before = len(recorder.draws)
        recorder.enter()
        try:
            result = original(self, *args, **named)
        finally:
            recorder.leave()
        given = signature.bind(self, *args, **named).arguments
        drawn = tuple(dict.fromkeys(data for data, _, _ in recorder.draws[before:]))
        given.update({name: bytes(v) for name, v in given.items() if isinstance(v, _BUFFERS)})
        recorder.note(describe(self, given, result, drawn))
        return result

    return method


def _recorded_draw(original: Callable[..., bytes]) -> Callable[..., bytes]:
    @functools.wraps(original)
    def draw(self: Any, length: int) -> bytes:  # noqa: ANN401 - a source of randomness
        recorder = drawing_recorder()
        if recorder is None:
            return original(self, length)
        recorder.enter()
        try:
            data = original(self, length)
        finally:
            recorder.leave()
        recorder.drew(data)
        return data

    return draw


def _derive(function: Callable[[Any, dict[str, Any]], str], *inputs: str) -> Callable[..., Call]:
    """Return a description of a method that derives its result from the arguments named."""

    def describe(self: Any, given: dict[str, Any], result: Any, _: Any) -> Call:  # noqa: ANN401
        values = tuple(bytes(given[name]) for name in inputs)
        return Call(CallKind.DERIVE, function(self, given), values, (bytes(result),))

    return describe


def _kem_name(kem: DhKem | XWing) -> str:
    return f"KEM {kem.id:#06x}"


def _hpke_name(hpke: Hpke) -> str:
    return f"HPKE {hpke.kem.id:#06x} {hpke.kdf.kdf_id} {hpke.aead.id}"


def _key_pair(self: Any, given: dict[str, Any], pair: Any, _: Any) -> Call:  # noqa: ANN401
    function = f"key pair {_kem_name(self)}"
    return Call(CallKind.KEY_PAIR, function, (given["ikm"],), (pair.public, pair.secret))


def _signature_pair(self: Any, _: Any, pair: Any, drawn: tuple[bytes, ...]) -> Call:  # noqa: ANN401
    outputs = (pair.public, pair.secret)
    return Call(CallKind.KEY_PAIR, f"key pair {self.name}", drawn, outputs)


def _public_key(self: Any, given: dict[str, Any], public: bytes, _: Any) -> Call:  # noqa: ANN401
    return Call(CallKind.PUBLIC_KEY, f"public key {self.name}", (given["secret"],), (public,))


def _exchange(self: Any, given: dict[str, Any], result: Any, _: Any) -> Call:  # noqa: ANN401
    inputs = (given["secret"], given["public"])
    return Call(CallKind.EXCHANGE, f"exchange {self.name}", inputs, tuple(result))


def _aead_seal(self: Any, given: dict[str, Any], result: bytes, _: Any) -> Call:  # noqa: ANN401
    inputs = (given["key"], given["nonce"], given["aad"], given["plaintext"])
    return Call(CallKind.AEAD, f"AEAD {self.id}", inputs, (result,))


def _aead_open(self: Any, given: dict[str, Any], result: bytes, _: Any) -> Call:  # noqa: ANN401
    inputs = (given["key"], given["nonce"], given["aad"], result)
    return Call(CallKind.AEAD, f"AEAD {self.id}", inputs, (given["ciphertext"],))


def _info(hpke: Hpke, info: bytes | Info) -> tuple[bytes, str]:
    """Return an info, or its hash, and what to add to the function's name if it was hashed."""
    if isinstance(info, Info):
        return info.schedule_context[1 + hpke.kdf.length :], " hashed"
    return bytes(info), ""


def _hpke_seal(self: Any, given: dict[str, Any], result: Any, drawn: tuple[bytes, ...]) -> Call:  # noqa: ANN401
    info, hashed = _info(self, given["info"])
    inputs = (given["public"], info, given["aad"], given["plaintext"], *drawn)
    outputs = (result.kem_output, result.ciphertext)
    return Call(CallKind.SEAL, _hpke_name(self) + hashed, inputs, outputs)


def _hpke_open(self: Any, given: dict[str, Any], result: bytes, _: Any) -> Call:  # noqa: ANN401
    sealed = given["ciphertext"]
    inputs = (given["secret"], sealed.kem_output, given["info"], given["aad"], sealed.ciphertext)
    return Call(CallKind.OPEN, _hpke_name(self), inputs, (result,))


def _encapsulate(self: Any, given: dict[str, Any], result: Any, drawn: tuple[bytes, ...]) -> Call:  # noqa: ANN401
    function = f"encapsulate {_kem_name(self)}"
    return Call(CallKind.ENCAPSULATE, function, (given["public"], *drawn), tuple(result))


def _decapsulate(self: Any, given: dict[str, Any], result: bytes, _: Any) -> Call:  # noqa: ANN401
    function = f"decapsulate {_kem_name(self)}"
    return Call(CallKind.DECAPSULATE, function, (given["secret"], given["enc"]), (result,))


def _key_schedule(self: Any, given: dict[str, Any], result: Any, _: Any) -> Call:  # noqa: ANN401
    info, hashed = _info(self, given["info"])
    function = f"key schedule {_hpke_name(self)}{hashed}"
    return Call(CallKind.DERIVE, function, (given["shared_secret"], info), tuple(result))


_DESCRIBED: dict[tuple[type, str], Callable[..., Call]] = {
    (Hash, "digest"): _derive(lambda self, _: f"hash {self.name}", "data"),
    (Hash, "mac"): _derive(lambda self, _: f"HMAC {self.name}", "key", "data"),
    (Hash, "extract"): _derive(lambda self, _: f"HKDF-Extract {self.name}", "salt", "ikm"),
    (Hash, "expand"): _derive(
        lambda self, given: f"HKDF-Expand {self.name} {given['length']}", "prk", "info"
    ),
    (DhKem, "derive_key_pair"): _key_pair,
    (DhKem, "derive_secret"): _derive(lambda self, _: f"secret key {_kem_name(self)}", "ikm"),
    (DhKem, "encap"): _encapsulate,
    (DhKem, "decap"): _decapsulate,
    (XWing, "derive_key_pair"): _key_pair,
    (XWing, "encap"): _encapsulate,
    (XWing, "decap"): _decapsulate,
    (Hpke, "seal"): _hpke_seal,
    (Hpke, "open"): _hpke_open,
    (Hpke, "key_schedule"): _key_schedule,
    (Hpke, "labeled_expand"): _derive(
        lambda self, given: f"LabeledExpand {_hpke_name(self)} {given['length']}",
        "prk",
        "label",
        "info",
    ),
    (Aead, "seal"): _aead_seal,
    (Aead, "open"): _aead_open,
    (Montgomery, "public_bytes"): _public_key,
    (Montgomery, "exchange"): _exchange,
    (NistCurve, "public_bytes"): _public_key,
    (NistCurve, "exchange"): _exchange,
    (EdDsa, "generate_key_pair"): _signature_pair,
    (EdDsa, "sign"): _derive(lambda self, _: f"sign {self.name}", "secret", "message"),
    (Ecdsa, "generate_key_pair"): _signature_pair,
    (Ecdsa, "sign"): _derive(lambda self, _: f"sign {self.name}", "secret", "message"),
}
"""For every recorded method, its description.

:class:`~ttkem.crypto.hpke.Context` needs no entry: it calls the entries of ``Hpke`` and ``Aead``.
Verification computes nothing that could be a secret.
"""
