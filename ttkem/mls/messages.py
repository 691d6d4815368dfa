"""Messages for those outside a group, and the envelope of all messages (sections 6 and 12.4.3)."""

from dataclasses import dataclass, replace
from typing import Annotated

from ttkem.crypto import Labelled
from ttkem.mls.codepoints import ProtocolVersion, WireFormat
from ttkem.mls.content import HPKECiphertext, PrivateMessage, PublicMessage
from ttkem.mls.extensions import Extension
from ttkem.mls.group_context import GroupContext
from ttkem.mls.key_package import KeyPackage
from ttkem.mls.psk import PreSharedKeyID
from ttkem.wire import decode, encode, enum, opaque_v, optional, struct, uint16, uint32, variant
from ttkem.wire import vector as vector_of

__all__ = [
    "EncryptedGroupSecrets",
    "GroupInfo",
    "GroupSecrets",
    "MLSMessage",
    "Message",
    "PathSecret",
    "Welcome",
    "read_message",
    "sign_group_info",
    "verify_group_info",
    "write_message",
]


@struct
@dataclass(frozen=True, slots=True)
class GroupInfo:
    """``GroupInfo`` (section 12.4.3)."""

    group_context: Annotated[GroupContext, GroupContext]
    extensions: Annotated[tuple[Extension, ...], vector_of(Extension)]
    confirmation_tag: Annotated[bytes, opaque_v]
    signer: Annotated[int, uint32]
    signature: Annotated[bytes, opaque_v]


_LABEL = b"GroupInfoTBS"


def sign_group_info(crypto: Labelled, info: GroupInfo, secret: bytes) -> GroupInfo:
    """The same group info, signed."""
    signature = crypto.sign_with_label(secret, _LABEL, _to_be_signed(info))
    return replace(info, signature=signature)


def verify_group_info(crypto: Labelled, info: GroupInfo, public: bytes) -> None:
    """Raise a SignatureError unless the owner of ``public`` signed it."""
    crypto.verify_with_label(public, _LABEL, _to_be_signed(info), info.signature)


def _to_be_signed(info: GroupInfo) -> bytes:
    """``GroupInfoTBS``: all fields but the last."""
    return encode(replace(info, signature=b""))[:-1]


@struct
@dataclass(frozen=True, slots=True)
class PathSecret:
    """``PathSecret`` (section 12.4.3.1)."""

    path_secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class GroupSecrets:
    """``GroupSecrets`` (section 12.4.3.1): what one new member gets."""

    joiner_secret: Annotated[bytes, opaque_v]
    path_secret: Annotated[PathSecret | None, optional(PathSecret)]
    psks: Annotated[tuple[PreSharedKeyID, ...], vector_of(PreSharedKeyID)]


@struct
@dataclass(frozen=True, slots=True)
class EncryptedGroupSecrets:
    """``EncryptedGroupSecrets`` (section 12.4.3.1)."""

    new_member: Annotated[bytes, opaque_v]
    encrypted_group_secrets: Annotated[HPKECiphertext, HPKECiphertext]


@struct
@dataclass(frozen=True, slots=True)
class Welcome:
    """``Welcome`` (section 12.4.3.1)."""

    cipher_suite: Annotated[int, uint16]
    secrets: Annotated[tuple[EncryptedGroupSecrets, ...], vector_of(EncryptedGroupSecrets)]
    encrypted_group_info: Annotated[bytes, opaque_v]


Message = PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage

_message = variant(
    enum(WireFormat, uint16),
    {
        WireFormat.PUBLIC_MESSAGE: PublicMessage,
        WireFormat.PRIVATE_MESSAGE: PrivateMessage,
        WireFormat.WELCOME: Welcome,
        WireFormat.GROUP_INFO: GroupInfo,
        WireFormat.KEY_PACKAGE: KeyPackage,
    },
)


@struct
@dataclass(frozen=True, slots=True)
class MLSMessage:
    """``MLSMessage`` (section 6); ``message`` holds ``wire_format`` and what depends on it."""

    version: Annotated[ProtocolVersion, enum(ProtocolVersion, uint16)]
    message: Annotated[Message, _message]


def read_message(data: bytes) -> Message:
    """What an ``MLSMessage`` carries; a DecodeError for bytes that are none."""
    return decode(MLSMessage, data).message


def write_message(message: Message) -> bytes:
    """The bytes of the ``MLSMessage`` that carries this."""
    return encode(MLSMessage(ProtocolVersion.MLS10, message))
