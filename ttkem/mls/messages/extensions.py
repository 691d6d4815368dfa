"""Extensions (section 13.4) and what those of the RFC carry.

``application_id`` and unknown types are kept as bytes. The ``ratchet_tree`` extension is in
:mod:`ttkem.mls.ratchet_tree`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from ttkem.mls.messages.codepoints import ExtensionType
from ttkem.mls.messages.credentials import Credential, credential
from ttkem.wire import decode, encode, opaque_v, struct, uint16, vector

__all__ = [
    "Extension",
    "ExternalPub",
    "ExternalSender",
    "RequiredCapabilities",
    "external_senders",
    "external_senders_extension",
    "find_extension",
    "required_capabilities",
    "required_capabilities_extension",
]


@struct
@dataclass(frozen=True, slots=True)
class Extension:
    """A type and its data (section 7.2)."""

    extension_type: Annotated[int, uint16]
    extension_data: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class RequiredCapabilities:
    """What every member must support (section 11.1)."""

    extension_types: Annotated[tuple[int, ...], vector(uint16)] = ()
    proposal_types: Annotated[tuple[int, ...], vector(uint16)] = ()
    credential_types: Annotated[tuple[int, ...], vector(uint16)] = ()


@struct
@dataclass(frozen=True, slots=True)
class ExternalSender:
    """Who may propose from outside (section 12.1.8.1)."""

    signature_key: Annotated[bytes, opaque_v]
    credential: Annotated[Credential, credential]


@struct
@dataclass(frozen=True, slots=True)
class ExternalPub:
    """The public key that an external commit is made with (section 12.4.3.2)."""

    external_pub: Annotated[bytes, opaque_v]


def find_extension(extensions: Iterable[Extension], extension_type: int) -> bytes | None:
    """The data of the extension of this type, or None."""
    for extension in extensions:
        if extension.extension_type == extension_type:
            return extension.extension_data
    return None


def required_capabilities(extensions: Iterable[Extension]) -> RequiredCapabilities:
    """What these group context extensions require; nothing where they do not say."""
    data = find_extension(extensions, ExtensionType.REQUIRED_CAPABILITIES)
    return RequiredCapabilities() if data is None else decode(RequiredCapabilities, data)


def required_capabilities_extension(required: RequiredCapabilities) -> Extension:
    """The extension that requires this."""
    return Extension(ExtensionType.REQUIRED_CAPABILITIES, encode(required))


def external_senders(extensions: Iterable[Extension]) -> tuple[ExternalSender, ...]:
    """Who may propose from outside by these group context extensions."""
    data = find_extension(extensions, ExtensionType.EXTERNAL_SENDERS)
    return () if data is None else decode(vector(ExternalSender), data)


def external_senders_extension(senders: Iterable[ExternalSender]) -> Extension:
    """The extension that lets these propose."""
    out: list[bytes] = []
    vector(ExternalSender).write(tuple(senders), out)
    return Extension(ExtensionType.EXTERNAL_SENDERS, b"".join(out))
