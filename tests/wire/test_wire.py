"""The codecs: published vectors, round trips, and arbitrary bytes."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mls_vectors import vectors

from ttkem.errors import DecodeError, LocalError, RemoteError
from ttkem.wire import (
    Reader,
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
from ttkem.wire.codecs import Codec, length_prefix


class Colour(IntEnum):
    RED = 1
    GREEN = 0x0203


class Kind(IntEnum):
    CIRCLE = 1
    LABEL = 2
    HOLLOW = 3


@struct
@dataclass(frozen=True, slots=True)
class Circle:
    x: Annotated[int, uint8]
    radius: Annotated[int, uint64]


@struct
@dataclass(frozen=True, slots=True)
class Label:
    words: Annotated[tuple[str, ...], vector(text)]
    at: Annotated[Circle | None, optional(Circle)]


@struct
@dataclass(frozen=True, slots=True)
class Picture:
    version: Annotated[int, uint16]
    magic: Annotated[bytes, opaque(3)]
    colour: Annotated[Colour, enum(Colour, uint16)]
    shape: Annotated[
        Circle | Label, variant(enum(Kind, uint8), {Kind.CIRCLE: Circle, Kind.LABEL: Label})
    ]
    rows: Annotated[tuple[tuple[int, ...], ...], vector(vector(uint32))]
    circles: Annotated[tuple[Circle, ...], vector(Circle)]
    note: Annotated[bytes | None, optional(opaque_v)]
    rest: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Hollow:
    """A structure without fields."""


PICTURE = Picture(
    0x0102,
    b"PIC",
    Colour.GREEN,
    Label(("hi", "\u00e9", ""), Circle(7, 2**64 - 1)),
    ((1, 0xFFFFFFFF), ()),
    (Circle(0, 0), Circle(255, 1)),
    b"",
    b"\xaa" * 64,
)
ENCODED = bytes.fromhex(
    "0102"  # version
    "504943"  # magic
    "0203"  # colour
    "02"  # the shape is a label:
    "07 026869 02c3a9 00"  # seven bytes of words
    "01 07 ffffffffffffffff"  # and it is at a circle
    "0a 08 00000001 ffffffff 00"  # rows
    "12 00 0000000000000000 ff 0000000000000001"  # circles
    "01 00"  # an empty note, which is not none
    "4040" + "aa" * 64  # the rest, its length in two bytes
)


def test_every_combinator_byte_by_byte() -> None:
    assert encode(PICTURE) == ENCODED
    assert decode(Picture, ENCODED) == PICTURE


circles = st.builds(Circle, st.integers(0, 2**8 - 1), st.integers(0, 2**64 - 1))
labels = st.builds(
    Label, st.lists(st.text(max_size=70), max_size=4).map(tuple), st.none() | circles
)
pictures = st.builds(
    Picture,
    st.integers(0, 2**16 - 1),
    st.binary(min_size=3, max_size=3),
    st.sampled_from(Colour),
    circles | labels,
    st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=20).map(tuple), max_size=4).map(tuple),
    st.lists(circles, max_size=9).map(tuple),
    st.none() | st.binary(max_size=70),
    st.binary(max_size=300),
)


@given(pictures)
def test_what_is_encoded_decodes_to_itself(picture: Picture) -> None:
    assert decode(Picture, encode(picture)) == picture


@given(pictures, pictures)
def test_different_values_are_encoded_differently(one: Picture, other: Picture) -> None:
    assert (one == other) == (encode(one) == encode(other))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw an encoding with a few bytes changed, removed or inserted."""
    data = bytearray(encode(draw(pictures)))
    for _ in range(draw(st.integers(0, 3))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    start = draw(st.integers(0, len(data)))
    stop = draw(st.integers(start, min(start + 3, len(data))))
    return bytes(data[:start]) + draw(st.binary(max_size=3)) + bytes(data[stop:])


CODECS: dict[str, Any] = {
    "picture": Picture,
    "label": Label,
    "uint8": uint8,
    "uint64": uint64,
    "text": text,
    "opaque": opaque_v,
    "words": vector(text),
    "nested": vector(vector(opaque_v)),
    "long": long_vector(long_opaque),
    "maybe": optional(vector(uint16)),
    "hollows": vector(Hollow),
    "shapes": vector(variant(enum(Kind, uint8), {Kind.CIRCLE: Circle, Kind.HOLLOW: Hollow})),
}


def encoded(codec: Any, value: object) -> bytes:
    out: list[bytes] = []
    if isinstance(codec, type):
        return encode(value)
    codec.write(value, out)
    return b"".join(out)


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@given(data=st.binary(max_size=40) | damaged())
def test_arbitrary_bytes_decode_canonically_or_not_at_all(
    codec: Any,
    data: bytes,
) -> None:
    try:
        value = decode(codec, data)
    except DecodeError:
        return
    assert encoded(codec, value) == data


@given(pictures)
def test_no_encoding_is_the_beginning_of_another(picture: Picture) -> None:
    data = encode(picture)
    for end in range(len(data)):
        with pytest.raises(DecodeError):
            decode(Picture, data[:end])
    with pytest.raises(DecodeError, match=f"^at byte {len(data)}: 2 bytes too many$"):
        decode(Picture, data + b"\0\0")


def test_long_encodings_have_their_length_in_eight_bytes() -> None:
    item = bytes(7) + b"\2hi"
    assert encoded(long_opaque, b"hi") == item
    assert encoded(long_vector(long_opaque), (b"hi", b"hi")) == bytes(7) + b"\x14" + 2 * item
    for data in (bytes(7), bytes(7) + b"\3hi", b"\xff" * 8 + b"hi"):
        codecs: tuple[Codec[Any], ...] = (long_opaque, long_vector(uint8))
        for codec in codecs:
            with pytest.raises(DecodeError, match="bytes expected"):
                decode(codec, data)


# Lengths (RFC 9420 section 2.1.2)


@pytest.mark.parametrize(("data", "length"), [("9d7f3e7d", 494878333), ("7bbd", 15293), ("25", 37)])
def test_lengths_of_rfc_9000_appendix_a_1(data: str, length: int) -> None:
    header = bytes.fromhex(data)
    assert length_prefix(length) == header
    reader = Reader(header + b"rest")
    assert (reader.length(), reader.at) == (length, len(header))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("4025", "at byte 0: length 37 in 2 bytes is not minimal"),  # also of appendix A.1
        ("403f", "at byte 0: length 63 in 2 bytes is not minimal"),
        ("80003fff", "at byte 0: length 16383 in 4 bytes is not minimal"),
        ("80000000", "at byte 0: length 0 in 4 bytes is not minimal"),
        ("c2197c5eff14e88c", "at byte 0: RFC 9420 excludes lengths with prefix 11"),  # also of A.1
        ("", "at byte 0: a length expected, nothing left"),
        ("40", "at byte 1: 1 bytes expected, 0 left"),
        ("8000ff", "at byte 1: 3 bytes expected, 2 left"),
    ],
)
def test_lengths_that_rfc_9420_excludes(data: str, why: str) -> None:
    with pytest.raises(DecodeError) as caught:
        Reader(bytes.fromhex(data)).length()
    assert str(caught.value) == why


def test_published_lengths() -> None:
    cases = vectors("deserialization")
    assert len(cases) == 14
    for case in cases:
        header, length = bytes.fromhex(case["vlbytes_header"]), case["length"]
        assert length_prefix(length) == header
        reader = Reader(header)
        assert (reader.length(), reader.at) == (length, len(header))


@given(st.integers(0, 2**30 - 1))
def test_a_length_reads_back_and_takes_as_little_as_it_can(length: int) -> None:
    header = length_prefix(length)
    assert Reader(header).length() == length
    assert len(header) == (1 if length <= 63 else 2 if length <= 16383 else 4)


# Errors say where and what is wrong


@pytest.mark.parametrize(
    ("item", "data", "why"),
    [
        (Picture, "", "Picture.version: at byte 0: 2 bytes expected, 0 left"),
        (Picture, "0102 5049", "Picture.magic: at byte 2: 3 bytes expected, 2 left"),
        (Picture, "0102 504943 0002", "Picture.colour: at byte 5: 2 is not a Colour"),
        (Picture, "0102 504943 0001 09", "Picture.shape: at byte 7: 9 is not a Kind"),
        (
            Picture,
            "0102 504943 0001 03",
            "Picture.shape: at byte 7: this variant has no case for <Kind.HOLLOW: 3>",
        ),
        (
            Picture,
            "0102 504943 0001 01 00 0000",
            "Picture.shape: Circle.radius: at byte 9: 8 bytes expected, 2 left",
        ),
        (
            Label,
            "02 01 ff 00",
            "Label.words: at byte 1: the text is not UTF-8",
        ),
        (Label, "00 02", "Label.at: at byte 1: an optional begins with 0 or 1, not 2"),
        (
            Label,
            "00 01 07",
            "Label.at: Circle.radius: at byte 3: 8 bytes expected, 0 left",
        ),
        (vector(uint8), "05 0102", "at byte 1: 5 bytes expected, 2 left"),
        (vector(uint16), "03 0102 03 ff", "at byte 3: 2 bytes expected, 1 left"),
        # An item must not extend beyond its vector, even if there are enough bytes.
        (vector(opaque_v), "02 05 aa bbccddee", "at byte 2: 5 bytes expected, 1 left"),
        (vector(opaque_v), "01 40 40 bbccddee", "at byte 2: 1 bytes expected, 0 left"),
        (vector(Hollow), "01 00", "at byte 1: the items of this vector take no bytes"),
        (uint8, "0102", "at byte 1: 1 bytes too many"),
    ],
)
def test_what_decode_errors_say(item: Any, data: str, why: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(item, bytes.fromhex(data))
    assert str(caught.value) == why
    assert isinstance(caught.value, RemoteError)


@pytest.mark.parametrize("item", [opaque_v, text, vector(uint8), vector(vector(text)), Label])
def test_a_huge_length_takes_no_memory(item: Any) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="1073741823 bytes expected, 100 left"):
            decode(item, bytes.fromhex("bfffffff") + bytes(100))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_depth_is_bounded_by_the_type() -> None:
    depth = 60
    codec: Codec[Any] = uint8
    value: Any = 7
    data = b"\x07"
    for _ in range(depth):
        codec, value = vector(codec), (value,)
        data = bytes((len(data),)) + data
    assert encoded(codec, value) == data
    assert decode(codec, data) == value
    with pytest.raises(DecodeError):
        decode(codec, data[:-1])


def test_a_reader_of_a_part_ends_with_it() -> None:
    reader = Reader(b"\x02ab\x01c")
    part = reader.part()
    assert part.take(2) == b"ab"
    with pytest.raises(DecodeError, match=r"^at byte 3: 1 bytes expected, 0 left$"):
        part.take(1)
    with pytest.raises(DecodeError, match=r"^at byte 3: a length expected, nothing left$"):
        part.length()
    assert reader.part().uint(1) == ord("c")
    assert (reader.at, reader.end) == (5, 5)


# Values that do not fit


@pytest.mark.parametrize(
    ("codec", "value", "why"),
    [
        (uint8, 256, "256: it does not fit uint8"),
        (uint16, 2**16, "does not fit uint16"),
        (uint32, -1, "-1: it does not fit uint32"),
        (uint64, 2**64, "does not fit uint64"),
        (opaque(3), b"ab", "2 bytes: there must be 3"),
        (opaque(0), b"a", "1 bytes: there must be 0"),
        (text, "\ud800", "no UTF-8 encoding"),
        (enum(Colour, uint8), Colour.GREEN, "515: it does not fit uint8"),
        (
            variant(enum(Kind, uint8), {Kind.CIRCLE: Circle}),
            Hollow(),
            "a Hollow: this variant has no such case",
        ),
        (vector(uint8), (1, 256), "256: it does not fit uint8"),
        (vector(Hollow), (Hollow(),), "take no bytes"),
        (vector(opaque(0)), (b"", b""), "take no bytes"),
    ],
)
def test_values_that_have_no_encoding(
    codec: Any,
    value: object,
    why: str,
) -> None:
    with pytest.raises(LocalError, match=why):
        encoded(codec, value)


def test_an_empty_vector_of_items_without_bytes() -> None:
    assert encoded(vector(Hollow), ()) == b"\0"
    assert decode(vector(Hollow), b"\0") == ()


class Endless(bytes):
    """Bytes whose ``len`` is more than a vector can hold."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1 << 30


def test_a_vector_over_the_limit() -> None:
    with pytest.raises(LocalError, match="1073741824 bytes: the limit is 1073741823"):
        encoded(opaque_v, Endless())


def test_types_that_are_not_structures() -> None:
    class Plain:
        pass

    for value in (Plain(), 7, b"bytes", None, Circle):
        with pytest.raises(LocalError, match="is not a wire structure"):
            encode(value)
    for use in (vector, optional, lambda item: decode(item, b"")):
        with pytest.raises(LocalError, match="Plain is not a wire structure"):
            use(Plain)


def test_a_field_without_a_codec() -> None:
    @dataclass
    class Bare:
        x: int

    with pytest.raises(LocalError, match=r"Bare\.x is not annotated with a codec"):
        struct(Bare)


def test_a_subclass_does_not_inherit_the_codec() -> None:
    @dataclass(frozen=True, slots=True)
    class Ring(Circle):
        hole: int

    with pytest.raises(LocalError, match="Ring is not a wire structure"):
        encode(Ring(1, 2, 3))


# Declarations under which two encodings would stand for one value


def test_no_optional_of_an_optional() -> None:
    with pytest.raises(LocalError, match="optional of an optional"):
        optional(optional(uint8))


def test_no_two_cases_of_one_class() -> None:
    with pytest.raises(LocalError, match="the same class"):
        variant(enum(Kind, uint8), {Kind.CIRCLE: Circle, Kind.LABEL: Circle})


# Open variants, and fields that depend on those before them


@struct
@dataclass(frozen=True, slots=True)
class Other:
    number: Annotated[int, uint16]
    data: Annotated[bytes, opaque_v]


OPEN = open_variant(uint16, {1: Circle, 2: Label}, Other)


@struct
@dataclass(frozen=True, slots=True)
class Dependent:
    wide: Annotated[int, uint8]
    number: Annotated[int, select(lambda wide: uint32 if wide else uint16)]
    shape: Annotated[Any, OPEN]
    last: Annotated[bytes | None, select(lambda wide, *_: opaque_v if wide else nothing)]


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Dependent(0, 5, Circle(1, 2), None), "00 0005 0001 01 0000000000000002"),
        (Dependent(1, 5, Other(3, b"x"), b"yz"), "01 00000005 0003 0178 02797a"),
    ],
)
def test_fields_that_depend_on_others(value, data):
    assert encode(value) == bytes.fromhex(data)
    assert decode(Dependent, bytes.fromhex(data)) == value


def test_values_that_do_not_fit_a_dependent_field():
    for wrong in (Other(1, b""), Picture):
        with pytest.raises(LocalError, match=r"that of another case|no such case"):
            encode(Dependent(0, 5, wrong, None))
    with pytest.raises(LocalError, match="in an absent field"):
        encode(Dependent(0, 5, Circle(1, 2), b""))


def test_an_error_in_a_dependent_field_names_the_field():
    with pytest.raises(DecodeError, match=r"Dependent\.number: at byte 1: 4 bytes expected"):
        decode(Dependent, b"\x01\x00")


def test_reading_one_value_after_another():
    source = Reader(b"\x00\x01\x00\x02rest")
    assert [read_one(uint16, source), read_one(uint16, source), source.at] == [1, 2, 4]
