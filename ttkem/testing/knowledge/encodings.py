"""Encodings in which bytes occur inside other bytes, such as hexadecimal and base64.

A *view* is a decoded part of a string of bytes. Views are candidates: the caller keeps a view if it
finds something in it. Text that no view explains, but that looks as random as an encoded secret, is
recognised by :func:`looks_encoded`.
"""

from __future__ import annotations

import ast
import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "DECODERS",
    "ENCODERS",
    "View",
    "looks_encoded",
    "looks_guessable",
    "looks_random",
    "views",
]

WINDOW = 16
"""The number of bytes by which it is decided whether a run of bytes looks random."""


@dataclass(frozen=True, slots=True)
class View:
    """A decoded part of a string of bytes."""

    encoding: str
    """The name of the decoder in :data:`DECODERS`."""
    start: int
    stop: int
    data: bytes


def _base64(text: bytes) -> bytes:
    text = text.rstrip(b"=")
    altchars = b"-_" if b"-" in text or b"_" in text else b"+/"
    return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=altchars)


def _base32(text: bytes) -> bytes:
    text = text.rstrip(b"=")
    return base64.b32decode(text + b"=" * (-len(text) % 8))


def _number(text: bytes) -> bytes:
    number = int(text)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, 1 << 20)


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "hexadecimal": lambda text: bytes.fromhex(text.decode()),
    "base64": _base64,
    "base32": _base32,
    "decimal": _number,
    "decimal, little-endian": lambda text: _number(text)[::-1],
    "list of bytes": lambda text: bytes(int(each) for each in re.findall(rb"\d+", text)),
    "Python literal": lambda text: bytes(ast.literal_eval(text.decode("latin-1"))),
    "zlib": _inflated,
    "reversed": lambda data: data[::-1],
}
"""For every encoding the function that decodes it; it raises one of :data:`FAILURES`."""


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "hexadecimal": lambda data: data.hex().encode(),
    "capital hexadecimal": lambda data: data.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64 without padding": lambda data: base64.b64encode(data).rstrip(b"="),
    "URL-safe base64": base64.urlsafe_b64encode,
    "URL-safe base64 without padding": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base32": base64.b32encode,
    "decimal": lambda data: str(int.from_bytes(data, "big")).encode(),
    "decimal, little-endian": lambda data: str(int.from_bytes(data, "little")).encode(),
    "list of bytes": lambda data: ", ".join(map(str, data)).encode(),
    "Python literal": lambda data: repr(data).encode(),
    "zlib": zlib.compress,
    "reversed": lambda data: data[::-1],
}
"""For every encoding that an input may have been given the function that encodes."""

_PATTERNS = {
    "hexadecimal": re.compile(rb"[0-9a-f]{16,}|[0-9A-F]{16,}"),
    "base64": re.compile(rb"[A-Za-z0-9+/_-]{11,}={0,2}"),
    "base32": re.compile(rb"[A-Z2-7]{13,}={0,6}"),
    "decimal": re.compile(rb"[0-9]{18,}"),
    "decimal, little-endian": re.compile(rb"[0-9]{18,}"),
    "list of bytes": re.compile(rb"[0-9]{1,3}(?:, ?[0-9]{1,3}){7,}"),
    "Python literal": re.compile(rb"b'(?:[^'\\]|\\.)*'|b\"(?:[^\"\\]|\\.)*\""),
    "zlib": re.compile(rb"\x78[\x01\x5e\x9c\xda].{8,}", re.DOTALL),
}
FAILURES = (ValueError, SyntaxError, zlib.error, binascii.Error)


_UNITS = {"hexadecimal": 2, "base64": 4, "base32": 8}
"""The number of characters that are decoded together: text before them may shift them."""


def views(data: bytes) -> Iterator[View]:
    """Yield the parts of a string of bytes that can be decoded, each decoded in one way."""
    for encoding, pattern in _PATTERNS.items():
        for match in pattern.finditer(data):
            unit = _UNITS.get(encoding, 1)
            for start in range(match.start(), match.start() + unit):
                rest = (match.end() - start) % unit
                for stop in dict.fromkeys((match.end(), match.end() - rest)):
                    try:
                        decoded = DECODERS[encoding](data[start:stop])
                    except FAILURES:
                        continue
                    yield View(encoding, start, stop, decoded)


_TEXT = re.compile(rb"[!-~]{20,}")
_DIGITS = re.compile(rb"[0-9]{20,}")
_HEXADECIMAL = re.compile(rb"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{24,}", re.IGNORECASE)


def looks_encoded(text: bytes) -> bool:
    """Return whether text could hold a secret of 64 bits or more: it contains no words.

    That is a long number, a long string of hexadecimal digits, or 20 characters without a space in
    which capitals and small letters, digits and signs alternate as in random ones.
    """
    if _DIGITS.search(text) or _HEXADECIMAL.search(text):
        return True
    return any(
        _alternates(match[0][at : at + 20])
        for match in _TEXT.finditer(text)
        for at in range(len(match[0]) - 19)
    )


def _alternates(text: bytes) -> bool:
    kinds = [_kind(character) for character in text]
    changes = sum(one != next_ for one, next_ in pairwise(kinds))
    return changes >= 8 and {0, 1} <= set(kinds)  # noqa: PLR2004 - random base64 changes 12 times


def _kind(character: int) -> int:
    one = bytes((character,))
    return 0 if one.islower() else 1 if one.isupper() else 2 if one.isdigit() else 3


def looks_random(data: bytes) -> bool:
    """Return whether a run of bytes could hold a secret: 16 bytes that are varied and not text.

    Of 16 random bytes at least 3 are above 127, at most 10 are printable and at least 11 differ,
    but for one case in 80. Numbers, lengths and text do not look so.
    """
    if not any(_varied(data[at : at + WINDOW]) for at in range(len(data) - WINDOW + 1)):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False  # text in whatever script


def _varied(window: bytes) -> bool:
    if sum(byte > 127 for byte in window) < 3:  # noqa: PLR2004 - see looks_random
        return False
    printable = sum(32 <= byte < 127 for byte in window)  # noqa: PLR2004 - printable ASCII
    return printable <= 10 and len(set(window)) >= 11  # noqa: PLR2004 - see looks_random


def looks_guessable(data: bytes) -> bool:
    """Return whether bytes could be a label, a number or a length rather than 64 bits of a secret.

    Of 8 random bytes at least 2 are above 127, at most 6 are printable and at least 7 differ, but
    for one case in 20; of the runs of 8 bytes in a longer string one at least does.
    """
    return not any(
        sum(byte > 127 for byte in window) >= 2  # noqa: PLR2004 - see the docstring
        and sum(32 <= byte < 127 for byte in window) <= 6  # noqa: PLR2004 - likewise
        and len(set(window)) >= 7  # noqa: PLR2004 - likewise
        for window in (data[at : at + 8] for at in range(len(data) - 7))
    )
