"""Carry out a derivation document and print the key: a program that knows nothing of this project.

    python replay_program.py derivation.json

It imports hashlib, hmac and the package cryptography. Exit status 1 means that the key is wrong.
"""

import ast
import base64
import hashlib
import hmac
import json
import re
import sys
import zlib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEMS = {  # name of the group, hash, length of a secret key
    0x10: ("P-256", "sha256", 32),
    0x11: ("P-384", "sha384", 48),
    0x12: ("P-521", "sha512", 66),
    0x20: ("X25519", "sha256", 32),
    0x21: ("X448", "sha512", 56),
}
CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
LENGTHS = {65: "P-256", 97: "P-384", 133: "P-521"}
MONTGOMERY: dict[str, Any] = {
    "X25519": (x25519.X25519PrivateKey, x25519.X25519PublicKey),
    "X448": (x448.X448PrivateKey, x448.X448PublicKey),
}
KDFS = {1: "sha256", 2: "sha384", 3: "sha512"}
AEADS = {"1": (16, 12), "2": (32, 12), "3": (32, 12)}


def extract(hash_, salt, ikm):
    return hmac.digest(salt, ikm, hash_)


def expand(hash_, length, prk, info):
    done, block, count = b"", b"", 1
    while len(done) < length:
        block = hmac.digest(prk, block + info + bytes((count,)), hash_)
        done, count = done + block, count + 1
    return done[:length]


def two(number):
    return number.to_bytes(2, "big")


def labelled_expand(suite, hash_, prk, label, info, length):
    return expand(hash_, length, prk, two(length) + b"HPKE-v1" + suite + label + info)


def labelled_extract(suite, hash_, salt, label, ikm):
    return extract(hash_, salt, b"HPKE-v1" + suite + label + ikm)


def private(group, secret):
    if group in MONTGOMERY:
        return MONTGOMERY[group][0].from_private_bytes(secret)
    return ec.derive_private_key(int.from_bytes(secret, "big"), CURVES[group])


def public_key(group, secret):
    key = private(group, secret).public_key()
    if group in MONTGOMERY:
        return key.public_bytes_raw()
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def exchange(group, secret, public):
    group = LENGTHS.get(len(public), group)
    if group in MONTGOMERY:
        return private(group, secret).exchange(MONTGOMERY[group][1].from_public_bytes(public))
    point = ec.EllipticCurvePublicKey.from_encoded_point(CURVES[group], public)
    return private(group, secret).exchange(ec.ECDH(), point)


def secret_key(kem, ikm):
    group, hash_, length = KEMS[kem]
    suite = b"KEM" + two(kem)
    prk = labelled_extract(suite, hash_, b"", b"dkp_prk", ikm)
    if group in MONTGOMERY:
        return labelled_expand(suite, hash_, prk, b"sk", b"", length)
    candidate = bytearray(labelled_expand(suite, hash_, prk, b"candidate", b"\0", length))
    candidate[0] &= 1 if group == "P-521" else 255
    return bytes(candidate)


def decapsulate(kem, secret, enc, *, own=None, peer=None):
    """Return the shared secret; a sender computes it with its ephemeral key and the recipient's."""
    group, hash_, _ = KEMS[kem]
    suite = b"KEM" + two(kem)
    other = enc if peer is None else peer
    shared = exchange(group, secret, other)
    context = enc + (public_key(group, secret) if own is None else own)
    prk = labelled_extract(suite, hash_, b"", b"eae_prk", shared)
    length = hashlib.new(hash_).digest_size
    return labelled_expand(suite, hash_, prk, b"shared_secret", context, length)


def encapsulate(kem, ikm, public):
    ephemeral = secret_key(kem, ikm)
    enc = public_key(KEMS[kem][0], ephemeral)
    return decapsulate(kem, ephemeral, enc, own=public, peer=public)


def schedule(numbers, hashed, shared, info):
    kem, kdf, aead = numbers
    hash_, suite = KDFS[kdf], b"HPKE" + two(kem) + two(kdf) + two(aead)
    psk = labelled_extract(suite, hash_, b"", b"psk_id_hash", b"")
    context = b"\0" + psk
    context += info if hashed else labelled_extract(suite, hash_, b"", b"info_hash", info)
    secret = labelled_extract(suite, hash_, shared, b"secret", b"")
    lengths = (*AEADS[str(aead)], hashlib.new(hash_).digest_size)
    return [
        labelled_expand(suite, hash_, secret, label, context, length)
        for label, length in zip((b"key", b"base_nonce", b"exp"), lengths, strict=True)
    ]


def decrypt(aead, key, nonce, sealed):
    """Decrypt without looking at the tag: the key at the end shows whether all was right."""
    if aead in ("3", "ChaCha20Poly1305"):
        cipher: Any = Cipher(algorithms.ChaCha20(key, (1).to_bytes(4, "little") + nonce), mode=None)
    else:
        cipher = Cipher(algorithms.AES(key), modes.CTR(nonce + (2).to_bytes(4, "big")))
    return cipher.decryptor().update(sealed[:-16])


def hpke_numbers(words):
    hashed = words[-1] == "hashed"
    kem, kdf, aead = words[1:4]
    return (int(kem, 16), int(kdf), int(aead)), hashed


def open_hpke(words, secret, enc, info, sealed):
    numbers, hashed = hpke_numbers(words)
    key, nonce, _ = schedule(numbers, hashed, decapsulate(numbers[0], secret, enc), info)
    return decrypt(str(numbers[2]), key, nonce, sealed)


def open_by_ephemeral(words, ikm, public, info, sealed):
    numbers, hashed = hpke_numbers(words)
    key, nonce, _ = schedule(numbers, hashed, encapsulate(numbers[0], ikm, public), info)
    return decrypt(str(numbers[2]), key, nonce, sealed)


def decode(encoding, text):
    if encoding == "hexadecimal":
        return bytes.fromhex(text.decode())
    if encoding == "base64":
        text = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        return base64.b64decode(text + b"=" * (-len(text) % 4))
    if encoding == "base32":
        text = text.rstrip(b"=")
        return base64.b32decode(text + b"=" * (-len(text) % 8))
    if encoding.startswith("decimal"):
        number = int(text)
        order: Any = "little" if "little" in encoding else "big"
        return number.to_bytes((number.bit_length() + 7) // 8, order)
    if encoding == "list of bytes":
        return bytes(int(each) for each in re.findall(rb"\d+", text))
    if encoding == "Python literal":
        return ast.literal_eval(text.decode("latin-1"))
    return zlib.decompressobj().decompress(text) if encoding == "zlib" else text[::-1]


def encode(encoding, data):
    if "hexadecimal" in encoding:
        text = data.hex()
        return (text.upper() if "capital" in encoding else text).encode()
    if "base64" in encoding:
        text = (base64.urlsafe_b64encode if "URL" in encoding else base64.b64encode)(data)
        return text.rstrip(b"=") if "without" in encoding else text
    if encoding.startswith("decimal"):
        return str(int.from_bytes(data, "little" if "little" in encoding else "big")).encode()
    if encoding == "list of bytes":
        return ", ".join(map(str, data)).encode()
    return {
        "base32": base64.b32encode,
        "Python literal": lambda data: repr(data).encode(),
        "zlib": zlib.compress,
        "reversed": lambda data: data[::-1],
    }[encoding](data)


def compute(function, inputs):  # noqa: C901, PLR0911, PLR0912 - a case for each function
    """Carry out one step: the function's name, word by word, and its inputs."""
    words = function.split()
    match words:
        case ["joined"]:
            return inputs[0]
        case ["exclusive", "or"]:
            return bytes(a ^ b for a, b in zip(*inputs, strict=True))
        case ["decode", *_]:
            return decode(function.removeprefix("decode "), inputs[0])
        case ["encode", *_]:
            return encode(function.removeprefix("encode "), inputs[0])
        case ["hash", name]:
            return hashlib.new(name, inputs[0]).digest()
        case ["hash", name, length]:
            shake: Any = hashlib.new(name, inputs[0])
            return shake.digest(int(length))
        case ["HMAC", name]:
            key, data = inputs
            return hmac.digest(key, data, name)
        case ["PBKDF2", name, iterations, length]:
            password, salt = inputs
            return hashlib.pbkdf2_hmac(name, password, salt, int(iterations), int(length))
        case ["HKDF-Extract", name]:
            return extract(name, *inputs)
        case ["HKDF-Expand", name, length]:
            return expand(name, int(length), *inputs)
        case ["HKDF", name, length]:
            ikm, salt, info = inputs
            return expand(name, int(length), extract(name, salt, ikm), info)
        case ["LabeledExpand", "HPKE", kem, kdf, aead, length]:
            suite = b"HPKE" + two(int(kem, 16)) + two(int(kdf)) + two(int(aead))
            prk, label, info = inputs
            return labelled_expand(suite, KDFS[int(kdf)], prk, label, info, int(length))
        case ["key", "schedule", *hpke, output]:
            return schedule(*hpke_numbers(hpke), *inputs)[int(output)]
        case ["secret", "key", "KEM", kem]:
            return secret_key(int(kem, 16), *inputs)
        case ["public", "key", "KEM", kem]:
            return public_key(KEMS[int(kem, 16)][0], *inputs)
        case ["public", "key", group]:
            return public_key(group, *inputs)
        case ["exchange", group]:
            return exchange(group, *inputs)
        case ["decapsulate", "KEM", kem]:
            return decapsulate(int(kem, 16), *inputs)
        case ["encapsulate", "KEM", kem]:
            return encapsulate(int(kem, 16), *inputs)
        case ["decrypt", "AEAD", aead]:
            return decrypt(aead, *inputs)
        case ["open", "by", "ephemeral", "key", *hpke]:
            return open_by_ephemeral(hpke, *inputs)
        case ["open", *hpke]:
            return open_hpke(hpke, *inputs)
    raise ValueError(f"cannot carry out {function!r}: it is not in the vocabulary")


def carry_out(document):
    """Return the key with which a document ends."""
    strings = {name: [bytes.fromhex(s) for s in document[name]] for name in ("leaked", "public")}
    strings["step"] = []

    def read(part):
        if "constant" in part:
            return bytes.fromhex(part["constant"])
        data = strings[part["from"]][part["number"]]
        return data[part["at"] : part["at"] + part["length"]]

    for step in document["steps"]:
        inputs = [b"".join(map(read, parts)) for parts in step["inputs"]]
        strings["step"].append(compute(step["function"], inputs))
    return read(document["key"])


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    key = carry_out(given)
    sys.stdout.write(f"{key.hex()}\n")
    sys.exit(hashlib.sha256(key).hexdigest() != given["sha256"])
