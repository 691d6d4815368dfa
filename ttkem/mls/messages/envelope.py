"""``MLSMessage``, the envelope of all messages (section 6)."""

from dataclasses import dataclass
from typing import Annotated

from ttkem.errors import InvalidMessageError
from ttkem.mls.messages.codepoints import ProtocolVersion, WireFormat
from ttkem.mls.messages.framing import PrivateMessage, PublicMessage
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.welcome import GroupInfo, Welcome
from ttkem.wire import decode, encode, enum, struct, uint16, variant

__all__ = ["MLSMessage", "Message", "read_key_package", "read_message", "write_message"]


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
    """``MLSMessage`` (section 6); ``message`` holds ``wire_format`` and what it selects."""

    version: Annotated[ProtocolVersion, enum(ProtocolVersion, uint16)]
    message: Annotated[Message, _message]


def read_message(data: bytes) -> Message:
    """Return the message in an encoded ``MLSMessage``; raise a DecodeError if there is none."""
    return decode(MLSMessage, data).message


def read_key_package(data: bytes) -> KeyPackage:
    """Return the key package in an encoded ``MLSMessage``; raise a RemoteError if it has none."""
    message = read_message(data)
    if not isinstance(message, KeyPackage):
        raise InvalidMessageError(f"expected a KeyPackage, got a {type(message).__name__}")
    return message


def write_message(message: Message) -> bytes:
    """Return the encoding of the ``MLSMessage`` that carries this message."""
    return encode(MLSMessage(ProtocolVersion.MLS10, message))
