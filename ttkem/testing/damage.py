"""Damaged bytes, which a delivery service may deliver instead of a genuine message."""

from __future__ import annotations

__all__ = ["DAMAGES", "damaged"]

DAMAGES = ("flip", "cut", "drop", "insert", "extend", "splice", "zero")
"""The kinds of damage; see :func:`damaged`."""


def damaged(whole: bytes, how: str, where: int, foreign: bytes = b"") -> bytes:
    """Return ``whole``, damaged at offset ``where`` modulo its length.

    ``how`` is one of ``flip`` (invert one bit; ``where`` counts bits), ``cut`` (remove the rest),
    ``drop`` (remove one byte), ``insert`` (insert a zero byte), ``zero`` (set up to eight bytes to
    zero), ``extend`` (append a byte) and ``splice`` (continue with the bytes of ``foreign``).
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
