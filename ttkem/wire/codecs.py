"""Codecs of the TLS presentation language (RFC 8446 section 3, RFC 9420 section 2).

A codec writes a value to a list of byte strings and reads one from a :class:`Reader`. Reading
accepts canonical encodings only, so a value that was read is written as the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ttkem.errors import DecodeError, LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import IntEnum

T = TypeVar("T")
E = TypeVar("E", bound="IntEnum")

_ONE, _TWO, _FOUR = 1 << 6, 1 << 14, 1 << 30
"""The exclusive upper bounds of the vector lengths that take one, two and four bytes."""


class Reader:
    """Bytes, and the position up to which they have been read."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    def take(self, length: int) -> bytes:
        """Return the next ``length`` bytes."""
        start, stop = self.at, self.at + length
        if stop > self.end:
            raise DecodeError(f"at byte {start}: {length} bytes expected, {self.end - start} left")
        self.at = stop
        return self.data[start:stop]

    def uint(self, size: int) -> int:
        """Return the next ``size`` bytes as an unsigned integer."""
        return int.from_bytes(self.take(size), "big")

    def length(self) -> int:
        """Read a vector's length: a minimal varint of 1, 2 or 4 bytes (RFC 9420 section 2.1.2)."""
        start = self.at
        if start >= self.end:
            raise DecodeError(f"at byte {start}: a length expected, nothing left")
        first = self.data[start]
        self.at = start + 1
        if first < _ONE:
            return first
        size = 1 << (first >> 6)
        if size == 8:  # noqa: PLR2004 - for the prefix 11
            raise DecodeError(f"at byte {start}: RFC 9420 excludes lengths with prefix 11")
        value = (first & 0x3F) << 8 * (size - 1) | self.uint(size - 1)
        if value < (_ONE if size == 2 else _TWO):  # noqa: PLR2004
            raise DecodeError(f"at byte {start}: length {value} in {size} bytes is not minimal")
        return value

    def part(self, length: int | None = None) -> Reader:
        """Return a reader of the next vector's content; this reader continues after it.

        The content has ``length`` bytes; if that is None, the length is read first.
        """
        length = self.length() if length is None else length
        start, stop = self.at, self.at + length
        if stop > self.end:
            raise DecodeError(f"at byte {start}: {length} bytes expected, {self.end - start} left")
        self.at = stop
        return Reader(self.data, start, stop)


def length_prefix(length: int) -> bytes:
    """Encode a vector's length as a minimal varint (RFC 9420 section 2.1.2)."""
    if length < _ONE:
        return bytes((length,))
    if length < _TWO:
        return (length | 0x4000).to_bytes(2, "big")
    if length < _FOUR:
        return (length | 0x80000000).to_bytes(4, "big")
    raise LocalError(f"cannot encode a vector of {length} bytes: the limit is {_FOUR - 1}")


class Codec(Protocol[T]):
    """The encoding of a type: how its values are written and read."""

    def write(self, value: T, out: list[bytes]) -> None:
        """Append the encoding of a value; raise a LocalError if it has none."""
        ...

    def read(self, source: Reader) -> T:
        """Read one value; raise a DecodeError if the next bytes encode none."""
        ...


@dataclass(frozen=True, slots=True)
class Uint:
    """An unsigned integer of ``size`` bytes (RFC 8446 section 3.3)."""

    size: int

    def write(self, value: int, out: list[bytes]) -> None:
        """Append the encoding."""
        try:
            out.append(value.to_bytes(self.size, "big"))
        except OverflowError:
            raise LocalError(
                f"cannot encode {value}: it does not fit uint{8 * self.size}"
            ) from None

    def read(self, source: Reader) -> int:
        """Read one value."""
        return int.from_bytes(source.take(self.size), "big")


@dataclass(frozen=True, slots=True)
class Fixed:
    """Exactly ``size`` bytes (RFC 8446 section 3.4)."""

    size: int

    def write(self, value: bytes, out: list[bytes]) -> None:
        """Append the encoding."""
        if len(value) != self.size:
            raise LocalError(f"cannot encode {len(value)} bytes: there must be {self.size}")
        out.append(value)

    def read(self, source: Reader) -> bytes:
        """Read one value."""
        return source.take(self.size)


@dataclass(frozen=True, slots=True)
class Opaque:
    """Bytes, preceded by their length (RFC 9420 section 2.1.2).

    A ``long`` one has its length in eight bytes, for own files: they have no limit.
    """

    long: bool = False

    def write(self, value: bytes, out: list[bytes]) -> None:
        """Append the encoding."""
        length = len(value)
        out.append(length.to_bytes(8, "big") if self.long else length_prefix(length))
        out.append(value)

    def read(self, source: Reader) -> bytes:
        """Read one value."""
        return source.take(source.uint(8) if self.long else source.length())


@dataclass(frozen=True, slots=True)
class Text:
    """UTF-8 text, preceded by its length in bytes."""

    def write(self, value: str, out: list[bytes]) -> None:
        """Append the encoding."""
        try:
            data = value.encode()
        except UnicodeEncodeError:
            raise LocalError(f"cannot encode {value!r}: it has no UTF-8 encoding") from None
        out.append(length_prefix(len(data)))
        out.append(data)

    def read(self, source: Reader) -> str:
        """Read one value."""
        start = source.at
        try:
            return source.take(source.length()).decode()
        except UnicodeDecodeError:
            raise DecodeError(f"at byte {start}: the text is not UTF-8") from None


@dataclass(frozen=True, slots=True)
class Vector(Generic[T]):
    """Any number of values, preceded by their total length in bytes (RFC 9420 section 2.1.2).

    A ``long`` one has its length in eight bytes, for own files: they have no limit.
    """

    item: Codec[T]
    long: bool = False

    def write(self, value: tuple[T, ...], out: list[bytes]) -> None:
        """Append the encoding."""
        parts: list[bytes] = []
        write = self.item.write
        for item in value:
            write(item, parts)
        data = b"".join(parts)
        # A codec writes no bytes for all of its values or for none, so here no item took any.
        if len(data) < len(value):
            raise LocalError("cannot encode items that take no bytes: their number would be lost")
        length = len(data)
        out.append(length.to_bytes(8, "big") if self.long else length_prefix(length))
        out.append(data)

    def read(self, source: Reader) -> tuple[T, ...]:
        """Read one value."""
        part = source.part(source.uint(8) if self.long else None)
        read = self.item.read
        items = []
        while part.at < part.end:
            before = part.at
            items.append(read(part))
            if part.at == before:
                raise DecodeError(f"at byte {before}: the items of this vector take no bytes")
        return tuple(items)


@dataclass(frozen=True, slots=True)
class Optional(Generic[T]):
    """A value or nothing, preceded by a byte 1 or 0 (RFC 9420 section 2.1.1)."""

    item: Codec[T]

    def write(self, value: T | None, out: list[bytes]) -> None:
        """Append the encoding."""
        if value is None:
            out.append(b"\x00")
        else:
            out.append(b"\x01")
            self.item.write(value, out)

    def read(self, source: Reader) -> T | None:
        """Read one value."""
        start = source.at
        present = source.uint(1)
        if present > 1:
            raise DecodeError(f"at byte {start}: an optional begins with 0 or 1, not {present}")
        return self.item.read(source) if present else None


@dataclass(frozen=True, slots=True)
class Enum(Generic[E]):
    """A member of an enumeration, as an unsigned integer (RFC 8446 section 3.5)."""

    type: type[E]
    code: Uint

    def write(self, value: E, out: list[bytes]) -> None:
        """Append the encoding."""
        self.code.write(value.value, out)

    def read(self, source: Reader) -> E:
        """Read one value."""
        start = source.at
        number = self.code.read(source)
        try:
            return self.type(number)
        except ValueError:
            name = self.type.__name__
            raise DecodeError(f"at byte {start}: {number} is not a {name}") from None


@dataclass(frozen=True, slots=True)
class Variant(Generic[E, T]):
    """A structure chosen by the tag before it (RFC 8446 section 3.8)."""

    tag: Codec[E]
    cases: Mapping[E, Codec[T]]
    types: Mapping[type[T], E]

    def write(self, value: T, out: list[bytes]) -> None:
        """Append the encoding."""
        tag = self.types.get(type(value))
        if tag is None:
            raise LocalError(
                f"cannot encode a {type(value).__name__}: this variant has no such case"
            )
        self.tag.write(tag, out)
        self.cases[tag].write(value, out)

    def read(self, source: Reader) -> T:
        """Read one value."""
        start = source.at
        tag = self.tag.read(source)
        case = self.cases.get(tag)
        if case is None:
            raise DecodeError(f"at byte {start}: this variant has no case for {tag!r}")
        return case.read(source)


@dataclass(frozen=True, slots=True)
class OpenVariant(Generic[T]):
    """A structure chosen by the number before it, with a case for unknown numbers too.

    The first field of ``other``, the case of unknown numbers, is the number itself.
    """

    tag: Uint
    cases: Mapping[int, Codec[T]]
    types: Mapping[type[T], int]
    other: Codec[T]
    other_type: type[T]

    def write(self, value: T, out: list[bytes]) -> None:
        """Append the encoding."""
        tag = self.types.get(type(value))
        if tag is not None:
            self.tag.write(tag, out)
            self.cases[tag].write(value, out)
            return
        if type(value) is not self.other_type:
            raise LocalError(
                f"cannot encode a {type(value).__name__}: this variant has no such case"
            )
        parts: list[bytes] = []
        self.other.write(value, parts)
        data = b"".join(parts)
        if int.from_bytes(data[: self.tag.size], "big") in self.cases:
            raise LocalError(f"cannot encode {value!r}: its number is that of another case")
        out.append(data)

    def read(self, source: Reader) -> T:
        """Read one value."""
        start = source.at
        case = self.cases.get(self.tag.read(source))
        if case is None:
            source.at = start
            return self.other.read(source)
        return case.read(source)


@dataclass(frozen=True, slots=True)
class Nothing:
    """The codec of None as no bytes, for a field that is absent (RFC 8446 section 3.8)."""

    def write(self, value: None, out: list[bytes]) -> None:  # noqa: ARG002 - demanded by Codec
        """Append nothing."""
        if value is not None:
            raise LocalError(f"cannot encode {value!r} in an absent field: it must be None")

    def read(self, source: Reader) -> None:
        """Read nothing."""


@dataclass(frozen=True, slots=True)
class Select:
    """A field whose codec depends on the fields before it (RFC 8446 section 3.8, `select`)."""

    choose: Callable[..., Codec[Any]]
    """The function that returns the codec, given the values of the fields before it, in order."""
