"""Damaged bytes: what a delivery service may hand over instead of a true message."""

from __future__ import annotations

__all__ = ["WAYS", "damaged"]

WAYS = ("flip", "cut", "drop", "insert", "extend", "splice", "zero")


def damaged(whole: bytes, how: str, where: int, foreign: bytes = b"") -> bytes:
    """Damage ``whole`` at place ``where``, taken modulo what is possible.

    ``flip`` one bit (``where`` counts bits), ``cut`` the rest off, ``drop`` one byte, ``insert``
    one, ``zero`` eight, ``extend`` the end, ``splice``: from there on another message's bytes.
    """
    at = where % max(len(whole), 1)
    if how == "flip":
        bit = where % (8 * len(whole))
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)
    parts = {
        "cut": whole[:at],
        "drop": whole[:at] + whole[at + 1 :],
        "insert": whole[:at] + b"\x00" + whole[at:],
        "extend": whole + bytes((where % 256,)),
        "splice": whole[:at] + foreign[at:],
        "zero": whole[:at] + bytes(min(8, len(whole) - at)) + whole[at + 8 :],
    }
    return parts[how]
