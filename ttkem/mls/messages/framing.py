"""Framing: the structures that carry content, public or encrypted (section 6)."""

from dataclasses import dataclass
from typing import Annotated

from ttkem.mls.messages.codepoints import ContentType, WireFormat
from ttkem.mls.messages.content import (
    CommitAuth,
    FramedContent,
    FramedContentAuthData,
    MemberSender,
    MessageAuth,
    auth_data,
    content_type,
)
from ttkem.wire import (
    Codec,
    enum,
    nothing,
    opaque,
    opaque_v,
    select,
    struct,
    uint8,
    uint16,
    uint32,
    uint64,
)

__all__ = [
    "AuthenticatedContent",
    "PrivateContentAAD",
    "PrivateMessage",
    "PublicMessage",
    "SenderData",
    "SenderDataAAD",
]


def _auth_of(*fields: object) -> type[MessageAuth | CommitAuth]:
    framed = fields[-1]
    assert isinstance(framed, FramedContent)  # noqa: S101 - the field before this one
    return auth_data(content_type(framed.content))


def _membership_tag(content: FramedContent, _: FramedContentAuthData) -> Codec[bytes | None]:
    codec: Codec[bytes | None] = opaque_v if isinstance(content.sender, MemberSender) else nothing  # type: ignore[assignment]
    return codec


@struct
@dataclass(frozen=True, slots=True)
class AuthenticatedContent:
    """``AuthenticatedContent`` (section 6)."""

    wire_format: Annotated[WireFormat, enum(WireFormat, uint16)]
    content: Annotated[FramedContent, FramedContent]
    auth: Annotated[FramedContentAuthData, select(_auth_of)]


@struct
@dataclass(frozen=True, slots=True)
class PublicMessage:
    """``PublicMessage`` (section 6.2); the tag is None unless the sender is a member."""

    content: Annotated[FramedContent, FramedContent]
    auth: Annotated[FramedContentAuthData, select(_auth_of)]
    membership_tag: Annotated[bytes | None, select(_membership_tag)]


@struct
@dataclass(frozen=True, slots=True)
class PrivateMessage:
    """``PrivateMessage`` (section 6.3)."""

    group_id: Annotated[bytes, opaque_v]
    epoch: Annotated[int, uint64]
    content_type: Annotated[ContentType, enum(ContentType, uint8)]
    authenticated_data: Annotated[bytes, opaque_v]
    encrypted_sender_data: Annotated[bytes, opaque_v]
    ciphertext: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class SenderData:
    """``SenderData`` (section 6.3.2)."""

    leaf_index: Annotated[int, uint32]
    generation: Annotated[int, uint32]
    reuse_guard: Annotated[bytes, opaque(4)]


@struct
@dataclass(frozen=True, slots=True)
class SenderDataAAD:
    """``SenderDataAAD`` (section 6.3.2)."""

    group_id: Annotated[bytes, opaque_v]
    epoch: Annotated[int, uint64]
    content_type: Annotated[ContentType, enum(ContentType, uint8)]


@struct
@dataclass(frozen=True, slots=True)
class PrivateContentAAD:
    """``PrivateContentAAD`` (section 6.3.1)."""

    group_id: Annotated[bytes, opaque_v]
    epoch: Annotated[int, uint64]
    content_type: Annotated[ContentType, enum(ContentType, uint8)]
    authenticated_data: Annotated[bytes, opaque_v]
