"""The group context (section 8.1): what all members of an epoch agree on."""

from dataclasses import dataclass
from typing import Annotated

from ttkem.mls.messages.codepoints import ProtocolVersion
from ttkem.mls.messages.extensions import Extension
from ttkem.wire import enum, opaque_v, struct, uint16, uint64, vector

__all__ = ["GroupContext"]


@struct
@dataclass(frozen=True, slots=True)
class GroupContext:
    """``GroupContext`` (section 8.1)."""

    version: Annotated[ProtocolVersion, enum(ProtocolVersion, uint16)]
    cipher_suite: Annotated[int, uint16]
    group_id: Annotated[bytes, opaque_v]
    epoch: Annotated[int, uint64]
    tree_hash: Annotated[bytes, opaque_v]
    confirmed_transcript_hash: Annotated[bytes, opaque_v]
    extensions: Annotated[tuple[Extension, ...], vector(Extension)]
