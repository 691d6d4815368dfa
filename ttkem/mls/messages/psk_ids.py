"""Identifiers of pre-shared keys: external ones, and resumption PSKs of an epoch (section 8.4)."""

from dataclasses import dataclass
from typing import Annotated

from ttkem.mls.messages.codepoints import PskType, PskUsage
from ttkem.wire import enum, opaque_v, struct, uint8, uint64, variant

__all__ = ["ExternalPsk", "PreSharedKeyID", "ResumptionPsk"]


@struct
@dataclass(frozen=True, slots=True)
class ExternalPsk:
    """A key that the application provides."""

    psk_id: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class ResumptionPsk:
    """The ``resumption_psk`` of an epoch of a group (section 8.6)."""

    usage: Annotated[PskUsage, enum(PskUsage, uint8)]
    psk_group_id: Annotated[bytes, opaque_v]
    psk_epoch: Annotated[int, uint64]


_psk = variant(
    enum(PskType, uint8), {PskType.EXTERNAL: ExternalPsk, PskType.RESUMPTION: ResumptionPsk}
)


@struct
@dataclass(frozen=True, slots=True)
class PreSharedKeyID:
    """``PreSharedKeyID`` (section 8.4): the key, and a nonce that makes each use of it distinct."""

    psk: Annotated[ExternalPsk | ResumptionPsk, _psk]
    psk_nonce: Annotated[bytes, opaque_v]
