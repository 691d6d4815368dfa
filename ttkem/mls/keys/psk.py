"""The PSK secret: the input of pre-shared keys to the key schedule (section 8.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ttkem.crypto import Labelled
from ttkem.mls.messages.psk_ids import PreSharedKeyID
from ttkem.wire import encode, struct, uint16

__all__ = ["MAX_PSKS", "psk_secret"]

MAX_PSKS = (1 << 16) - 1
"""The largest number of PSKs that a PSKLabel can count."""


@struct
@dataclass(frozen=True, slots=True)
class PSKLabel:
    """``PSKLabel`` (section 8.4): a PSK's id, its index, and the number of PSKs."""

    id: Annotated[PreSharedKeyID, PreSharedKeyID]
    index: Annotated[int, uint16]
    count: Annotated[int, uint16]


def psk_secret(crypto: Labelled, psks: Sequence[tuple[PreSharedKeyID, bytes]]) -> bytes:
    """Return the ``psk_secret`` of PSKs in order (section 8.4); it is all zero without PSKs."""
    suite = crypto.suite
    zero = bytes(suite.hash_length)
    secret = zero
    for index, (psk_id, psk) in enumerate(psks):
        label = encode(PSKLabel(psk_id, index, len(psks)))
        extracted = suite.extract(zero, psk)
        psk_input = crypto.expand_with_label(extracted, b"derived psk", label, suite.hash_length)
        secret = suite.extract(psk_input, secret)
    return secret
