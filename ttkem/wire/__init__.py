r"""Declarative codecs of the TLS presentation language (RFC 8446 section 3, RFC 9420 section 2).

>>> from dataclasses import dataclass
>>> from typing import Annotated
>>> @struct
... @dataclass(frozen=True, slots=True)
... class Greeting:
...     version: Annotated[int, uint16]
...     words: Annotated[tuple[str, ...], vector(text)]
>>> encode(Greeting(1, ("hi", "you")))
b'\x00\x01\x07\x02hi\x03you'
>>> decode(Greeting, _)
Greeting(version=1, words=('hi', 'you'))

Decoding arbitrary bytes gives a value or a :class:`~ttkem.errors.DecodeError`; encoding a value
that does not fit is a :class:`~ttkem.errors.LocalError`.
"""

from ttkem.wire.codecs import Codec, Reader
from ttkem.wire.structs import (
    decode,
    encode,
    enum,
    long_opaque,
    long_vector,
    nothing,
    opaque,
    opaque_v,
    open_variant,
    optional,
    read_one,
    select,
    struct,
    text,
    uint8,
    uint16,
    uint32,
    uint64,
    variant,
    vector,
)

__all__ = [
    "Codec",
    "Reader",
    "decode",
    "encode",
    "enum",
    "long_opaque",
    "long_vector",
    "nothing",
    "opaque",
    "opaque_v",
    "open_variant",
    "optional",
    "read_one",
    "select",
    "struct",
    "text",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "variant",
    "vector",
]
