"""The PSK secret: what pre-shared keys put into the key schedule (section 8.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ttkem.crypto import Labelled
from ttkem.mls.messages.psk_ids import PreSharedKeyID
from ttkem.wire import encode, struct, uint16

__all__ = ["psk_secret"]


@struct
@dataclass(frozen=True, slots=True)
class PSKLabel:
    """``PSKLabel``: which of how many."""

    id: Annotated[PreSharedKeyID, PreSharedKeyID]
    index: Annotated[int, uint16]
    count: Annotated[int, uint16]


def psk_secret(crypto: Labelled, psks: Sequence[tuple[PreSharedKeyID, bytes]]) -> bytes:
    """``psk_secret``, from the keys in their order; all zero where there are none."""
    suite = crypto.suite
    zero = bytes(suite.hash_length)
    secret = zero
    for index, (name, psk) in enumerate(psks):
        label = encode(PSKLabel(name, index, len(psks)))
        extracted = suite.extract(zero, psk)
        given = crypto.expand_with_label(extracted, b"derived psk", label, suite.hash_length)
        secret = suite.extract(given, secret)
    return secret
