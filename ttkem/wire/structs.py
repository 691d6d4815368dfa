"""Structures: a frozen dataclass whose fields are annotated with their codecs is its own codec."""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast, get_args, get_origin

from ttkem.errors import DecodeError, LocalError
from ttkem.wire.codecs import (
    Codec,
    Enum,
    Fixed,
    Nothing,
    Opaque,
    OpenVariant,
    Optional,
    Reader,
    Select,
    Text,
    Uint,
    Variant,
    Vector,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import IntEnum

__all__ = [
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

T = TypeVar("T")
E = TypeVar("E", bound="IntEnum")

uint8, uint16, uint32, uint64 = Uint(1), Uint(2), Uint(4), Uint(8)
opaque_v = Opaque()
long_opaque = Opaque(long=True)
text = Text()
nothing = Nothing()

_CODEC = "__wire_codec__"


class _Struct:
    """The fields of a structure, one after the other (RFC 8446 section 3.6)."""

    __slots__ = ("codecs", "names", "type")

    def __init__(self, type_: type[Any], codecs: Mapping[str, Codec[Any]]) -> None:
        self.type = type_
        self.names = tuple(codecs)
        self.codecs = tuple(codecs.values())

    def write(self, value: object, out: list[bytes]) -> None:
        """Append the encodings of the fields."""
        for name, codec in zip(self.names, self.codecs, strict=True):
            codec.write(getattr(value, name), out)

    def read(self, source: Reader) -> Any:  # noqa: ANN401 - an instance of self.type
        """Read the fields; a DecodeError names the field that is wrong."""
        values = []
        try:
            for codec in self.codecs:
                values.append(codec.read(source))  # noqa: PERF401 - the count is read on error
        except DecodeError as error:
            where = f"{self.type.__name__}.{self.names[len(values)]}"
            raise DecodeError(f"{where}: {error}") from None
        return self.type(*values)


class _SelectingStruct(_Struct):
    """The fields of a structure, some of which depend on those before them."""

    __slots__ = ()

    def write(self, value: object, out: list[bytes]) -> None:
        """Append the encodings of the fields."""
        values: list[object] = []
        for name, codec in zip(self.names, self.codecs, strict=True):
            _chosen(codec, values).write(getattr(value, name), out)
            values.append(getattr(value, name))

    def read(self, source: Reader) -> Any:  # noqa: ANN401 - an instance of self.type
        """Read the fields; a DecodeError names the field that is wrong."""
        values: list[object] = []
        try:
            for codec in self.codecs:
                values.append(_chosen(codec, values).read(source))
        except DecodeError as error:
            where = f"{self.type.__name__}.{self.names[len(values)]}"
            raise DecodeError(f"{where}: {error}") from None
        return self.type(*values)


def _chosen(codec: Codec[Any] | Select, values: list[object]) -> Codec[Any]:
    return codec.choose(*values) if isinstance(codec, Select) else codec


def struct(type_: type[T]) -> type[T]:
    """Derive the codec of a dataclass from its ``Annotated`` fields: a class decorator."""
    namespace = vars(sys.modules[type_.__module__])
    codecs: dict[str, Any] = {}
    for item in fields(cast("Any", type_)):
        annotation = item.type
        if isinstance(annotation, str):
            annotation = eval(annotation, namespace)  # noqa: S307 - the module's own annotations
        if get_origin(annotation) is not Annotated:
            raise LocalError(f"{type_.__name__}.{item.name} is not annotated with a codec")
        codec = get_args(annotation)[1]
        codecs[item.name] = codec if isinstance(codec, Select) else _codec(codec)
    selecting = any(isinstance(codec, Select) for codec in codecs.values())
    setattr(type_, _CODEC, (_SelectingStruct if selecting else _Struct)(type_, codecs))
    return type_


def _codec(item: Codec[T] | type[T]) -> Codec[T]:
    """Return a codec as it is, or the codec of a structure's class."""
    if isinstance(item, type):
        codec = vars(item).get(_CODEC)  # its own: a subclass may have other fields
        if codec is None:
            raise LocalError(f"{item.__name__} is not a wire structure: decorate it with struct")
        return cast("Codec[T]", codec)
    return item


def encode(value: object) -> bytes:
    """Return the encoding of a structure; raise a LocalError if a field does not fit."""
    out: list[bytes] = []
    _codec(type(value)).write(value, out)
    return b"".join(out)


def decode(item: type[T] | Codec[T], data: bytes) -> T:
    """Return the value that all of ``data`` encodes; raise a DecodeError if it encodes none."""
    source = Reader(data)
    value = _codec(item).read(source)
    if source.at != len(data):
        raise DecodeError(f"at byte {source.at}: {len(data) - source.at} bytes too many")
    return value


def read_one(item: type[T] | Codec[T], source: Reader) -> T:
    """Read the next value of a reader; raise a DecodeError if there is none."""
    return _codec(item).read(source)


def opaque(size: int) -> Fixed:
    """Return the codec of exactly ``size`` bytes."""
    return Fixed(size)


def vector(item: Codec[T] | type[T]) -> Vector[T]:
    """Return the codec of a tuple of any length."""
    return Vector(_codec(item))


def long_vector(item: Codec[T] | type[T]) -> Vector[T]:
    """Return the codec of a tuple of any length, for own files: the encoding has no limit."""
    return Vector(_codec(item), long=True)


def optional(item: Codec[T] | type[T]) -> Optional[T]:
    """Return the codec of a value or None.

    Raise a LocalError for an optional of an optional, where None would have two encodings.
    """
    if isinstance(cast("object", item), Optional):
        raise LocalError("an optional of an optional has two encodings of None")
    return Optional(_codec(item))


def enum(type_: type[E], code: Uint) -> Enum[E]:
    """Return the codec of a member of an ``IntEnum``."""
    return Enum(type_, code)


def variant(tag: Codec[E], cases: Mapping[E, type[Any]]) -> Variant[E, Any]:
    """Return the codec of an instance of a class in ``cases``, preceded by its tag."""
    codecs = {number: _codec(type_) for number, type_ in cases.items()}
    tags = {type_: number for number, type_ in cases.items()}
    if len(tags) < len(cases):
        raise LocalError("two cases have the same class: its values would not determine their tag")
    return Variant(tag, codecs, tags)


def open_variant(tag: Uint, cases: Mapping[int, type[Any]], other: type[Any]) -> OpenVariant[Any]:
    """Return the codec of a :func:`variant` that reads all further numbers as the class ``other``.

    The number is the first field of ``other``.
    """
    closed = variant(tag, cases)  # type: ignore[type-var]
    return OpenVariant(tag, closed.cases, closed.types, _codec(other), other)


def select(choose: Callable[..., Codec[Any] | type[Any]]) -> Select:
    """Return a field whose codec ``choose`` picks, given the values of the fields before it."""
    return Select(lambda *values: _codec(choose(*values)))
