"""Pre-shared keys (section 8.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ttkem.crypto import Labelled
from ttkem.mls.codepoints import PskType, PskUsage
from ttkem.wire import encode, enum, opaque_v, struct, uint8, uint16, uint64, variant

__all__ = ["ExternalPsk", "PreSharedKeyID", "ResumptionPsk", "psk_secret"]


@struct
@dataclass(frozen=True, slots=True)
class ExternalPsk:
    """A key that the application provides."""

    psk_id: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class ResumptionPsk:
    """The ``resumption_psk`` of an epoch of some group (section 8.6)."""

    usage: Annotated[PskUsage, enum(PskUsage, uint8)]
    psk_group_id: Annotated[bytes, opaque_v]
    psk_epoch: Annotated[int, uint64]


_psk = variant(
    enum(PskType, uint8), {PskType.EXTERNAL: ExternalPsk, PskType.RESUMPTION: ResumptionPsk}
)


@struct
@dataclass(frozen=True, slots=True)
class PreSharedKeyID:
    """``PreSharedKeyID``: which key, and a nonce that makes each use of it another."""

    psk: Annotated[ExternalPsk | ResumptionPsk, _psk]
    psk_nonce: Annotated[bytes, opaque_v]


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
