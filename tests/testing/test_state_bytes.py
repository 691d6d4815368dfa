"""The bytes of a member object: wherever a designer may keep a secret, it is found."""

import array
import functools
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from ttkem.crypto import SeededRandomness
from ttkem.crypto.recording import Recorder
from ttkem.testing.state_bytes import APART, state_bytes

SECRET = bytes(range(180, 212))


class Slotted:
    __slots__ = ("__hidden", "kept", "unset")

    def __init__(self, kept):
        self.kept, self.__hidden = None, kept


@dataclass(frozen=True, slots=True)
class Frozen:
    kept: object


class Inherited(Slotted):
    pass


def remembering(secret):
    return lambda: secret


def with_default(given=SECRET, *, other=SECRET[::-1]):
    return given, other


def generating(secret):
    yield 1
    yield secret


def started(secret):
    generator = generating(secret)
    next(generator)
    return generator


def node(secret):
    """A structure that contains itself."""
    one, other = SimpleNamespace(), SimpleNamespace(secret=secret)
    one.next, other.next = other, one
    return one


@pytest.mark.parametrize(
    "held",
    [
        SECRET,
        bytearray(SECRET),
        memoryview(SECRET),
        array.array("B", SECRET),
        [SECRET],
        (1, (2, {3: SECRET})),
        {SECRET: 1},
        {frozenset({SECRET})},
        OrderedDict(a=SECRET),
        defaultdict(list, a=[SECRET]),
        deque([SECRET]),
        MappingProxyType({"a": SECRET}),
        SimpleNamespace(a=SECRET),
        Slotted(SECRET),
        Inherited(SECRET),
        Frozen(SECRET),
        remembering(SECRET),
        functools.partial(print, SECRET),
        functools.partial(print, sep=SECRET),
        with_default,
        SimpleNamespace(secret=SECRET, method=Frozen(SECRET).__repr__),
        [SECRET].append,
        Frozen(SECRET).__eq__,
        generating(SECRET),
        started(SECRET),
        iter([SECRET]),
        map(bytes, [SECRET]),
        node(SECRET),
        list(SECRET),
        tuple(SECRET),
        int.from_bytes(SECRET, "big"),
        -int.from_bytes(SECRET, "big"),
        int.from_bytes(SECRET, "little"),
        x25519.X25519PrivateKey.from_private_bytes(SECRET),
        ed25519.Ed25519PrivateKey.from_private_bytes(SECRET),
        ec.derive_private_key(int.from_bytes(SECRET, "big"), ec.SECP256R1()),
    ],
    ids=lambda held: type(held).__name__,
)
def test_a_secret_is_found_wherever_it_is_kept(held):
    assert SECRET in state_bytes(held)
    assert SECRET in state_bytes(SimpleNamespace(other=b"x", it=[held]))


def test_text_is_found_as_it_is():
    assert SECRET.hex().encode() in state_bytes({"a": SECRET.hex()})
    assert state_bytes("\ud800") == b"\xed\xa0\x80"


def test_public_keys_are_no_private_keys():
    public = x25519.X25519PrivateKey.from_private_bytes(SECRET).public_key()
    assert SECRET not in state_bytes(public)
    assert public.public_bytes_raw() in state_bytes([public])


def test_what_is_not_the_members_is_not_followed():
    recorder = Recorder()
    recorder.draws.append((SECRET, "ann", 0))

    class Kept:
        attribute = SECRET

    source = SeededRandomness(SECRET.hex())
    for held in (recorder, Kept, Kept(), source, array, 0.5, None, 1 << 62, True):
        assert SECRET not in state_bytes([held])
        assert SECRET.hex().encode() not in state_bytes([held])
    assert state_bytes([]) == b""


def test_unset_cells_and_slots_are_skipped():
    def outer():
        def inner():
            return later

        held = state_bytes([inner, Slotted(b"kept")])
        later = 1
        return held, later

    assert outer()[0] == b"kept"


def test_pieces_do_not_run_into_each_other():
    assert state_bytes([SECRET[:16], SECRET[16:]]).count(APART) == 1
    assert SECRET not in state_bytes([SECRET[:16], SECRET[16:]])
