"""Protocols whose key confirmation gives the group key away in some disguise, or in part."""

import pytest
from broken_rules import of_member, patched, tag_is

from ttkem.cgka import TreeMember, group
from ttkem.testing import CHECKS, Status, carry_out
from ttkem.testing.evidence import Evidence, understanding
from ttkem.testing.report import warning

(AGREES,) = [check for check in CHECKS if check.name == "a created group agrees"]


def tag(make):
    return patched(group, "_next_state", tag_is(lambda kdf, root, state, old: make(state, old)))


def added(number):
    return lambda s, _: ((int.from_bytes(s.group_key, "big") + number) % 2**256).to_bytes(32, "big")


def swapped_halves_of_bytes(state, _):
    return bytes((byte << 4 | byte >> 4) & 255 for byte in state.group_key)


DISGUISES = {
    "in clear": (lambda s, _: s.group_key, "the group key of op 0"),
    "reversed": (lambda s, _: s.group_key[::-1], "the group key of op 0"),
    "halves swapped": (lambda s, _: s.group_key[16:] + s.group_key[:16], "the group key of op 0"),
    "complement": (lambda s, _: bytes(255 - b for b in s.group_key), "the group key of op 0"),
    "constant mask": (lambda s, _: bytes(b ^ 0x5A for b in s.group_key), "the group key of op 0"),
    "half": (lambda s, t: s.group_key[:16] + t[16:], "16 bytes of the group key of op 0"),
    "quarter": (
        lambda s, t: t[:8] + s.group_key[8:16] + t[16:],
        "8 bytes of the group key of op 0",
    ),
    "plus one": (added(1), "31 bytes of the group key of op 0"),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_key_that_travels_in_disguise_is_found(name, monkeypatch):
    make, what = DISGUISES[name]
    result = carry_out(AGREES, tag(make)(monkeypatch), "1", shrunk=False)
    assert (result.broken, result.seen) == ("secrecy", f"anybody can compute {what}")
    assert result.story


def test_a_key_in_an_unknown_disguise_is_said_not_to_be_understood(monkeypatch):
    protocol = tag(swapped_halves_of_bytes)(monkeypatch)
    result = carry_out(AGREES, protocol, "1", shrunk=False)
    assert result.status is Status.PASSED
    evidence = Evidence.sum([result.evidence.as_dict()])
    assert evidence.hidden >= 32
    first, _ = warning({"cryptography": understanding(evidence)})
    assert first == f"not understood: {evidence.hidden} bytes that travelled"


class Short(TreeMember):
    @property
    def group_key(self):
        return super().group_key[:7]


def test_a_group_key_that_can_be_guessed_is_refused(monkeypatch):
    result = carry_out(AGREES, of_member(Short)(monkeypatch), "1", shrunk=False)
    assert result.broken == "group key"
    assert "has one of 7 bytes in epoch 1" in result.seen
