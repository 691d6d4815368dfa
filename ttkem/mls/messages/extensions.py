"""Extensions (section 13.4), and the content of those that the RFC defines.

The data of ``application_id`` and of unknown types stays bytes; the ``ratchet_tree`` extension is
in :mod:`ttkem.mls.tree.ratchet_tree`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from ttkem.errors import DecodeError
from ttkem.mls.messages.codepoints import ExtensionType
from ttkem.mls.messages.credentials import Credential, credential
from ttkem.wire import decode, encode, opaque_v, struct, uint16, vector

__all__ = [
    "Extension",
    "ExternalPub",
    "ExternalSender",
    "RequiredCapabilities",
    "check_extension_data",
    "external_senders",
    "external_senders_extension",
    "find_extension",
    "required_capabilities",
    "required_capabilities_extension",
]


@struct
@dataclass(frozen=True, slots=True)
class Extension:
    """``Extension`` (section 7.2): a type and its data."""

    extension_type: Annotated[int, uint16]
    extension_data: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class RequiredCapabilities:
    """``RequiredCapabilities`` (section 11.1): the types that every member must support."""

    extension_types: Annotated[tuple[int, ...], vector(uint16)] = ()
    proposal_types: Annotated[tuple[int, ...], vector(uint16)] = ()
    credential_types: Annotated[tuple[int, ...], vector(uint16)] = ()


@struct
@dataclass(frozen=True, slots=True)
class ExternalSender:
    """``ExternalSender`` (section 12.1.8.1): a sender outside the group that may send proposals."""

    signature_key: Annotated[bytes, opaque_v]
    credential: Annotated[Credential, credential]


@struct
@dataclass(frozen=True, slots=True)
class ExternalPub:
    """``ExternalPub`` (section 12.4.3.2): the public key to encapsulate external commits to."""

    external_pub: Annotated[bytes, opaque_v]


_CONTENTS: dict[int, Any] = {
    ExtensionType.APPLICATION_ID: opaque_v,
    ExtensionType.REQUIRED_CAPABILITIES: RequiredCapabilities,
    ExtensionType.EXTERNAL_PUB: ExternalPub,
    ExtensionType.EXTERNAL_SENDERS: vector(ExternalSender),
}
"""The codecs of the extensions whose content this module knows."""


def check_extension_data(extension: Extension) -> None:
    """Raise a DecodeError if the type of an extension is known and its data is malformed."""
    codec = _CONTENTS.get(extension.extension_type)
    if codec is None:
        return
    try:
        decode(codec, extension.extension_data)
    except DecodeError as error:
        name = ExtensionType(extension.extension_type).name.lower()
        raise DecodeError(f"the extension {name} is malformed: {error}") from None


def find_extension(extensions: Iterable[Extension], extension_type: int) -> bytes | None:
    """Return the data of the first extension of this type, or None."""
    for extension in extensions:
        if extension.extension_type == extension_type:
            return extension.extension_data
    return None


def required_capabilities(extensions: Iterable[Extension]) -> RequiredCapabilities:
    """Return what these GroupContext extensions require; without the extension, nothing."""
    data = find_extension(extensions, ExtensionType.REQUIRED_CAPABILITIES)
    return RequiredCapabilities() if data is None else decode(RequiredCapabilities, data)


def required_capabilities_extension(required: RequiredCapabilities) -> Extension:
    """Return the ``required_capabilities`` extension with this content."""
    return Extension(ExtensionType.REQUIRED_CAPABILITIES, encode(required))


def external_senders(extensions: Iterable[Extension]) -> tuple[ExternalSender, ...]:
    """Return the external senders that these GroupContext extensions list."""
    data = find_extension(extensions, ExtensionType.EXTERNAL_SENDERS)
    return () if data is None else decode(vector(ExternalSender), data)


def external_senders_extension(senders: Iterable[ExternalSender]) -> Extension:
    """Return the ``external_senders`` extension that lists these senders."""
    out: list[bytes] = []
    vector(ExternalSender).write(tuple(senders), out)
    return Extension(ExtensionType.EXTERNAL_SENDERS, b"".join(out))
