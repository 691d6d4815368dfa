"""``GroupInfo`` and ``Welcome``: messages to clients outside a group (section 12.4.3)."""

from dataclasses import dataclass, replace
from typing import Annotated

from ttkem.crypto import Labelled
from ttkem.mls.messages.content import HPKECiphertext
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.group_context import GroupContext
from ttkem.mls.messages.psk_ids import PreSharedKeyID
from ttkem.wire import encode, opaque_v, optional, struct, uint16, uint32
from ttkem.wire import vector as vector_of

__all__ = [
    "EncryptedGroupSecrets",
    "GroupInfo",
    "GroupSecrets",
    "PathSecret",
    "Welcome",
    "sign_group_info",
    "verify_group_info",
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
    """Return the GroupInfo with its signature by ``secret``."""
    signature = crypto.sign_with_label(secret, _LABEL, _to_be_signed(info))
    return replace(info, signature=signature)


def verify_group_info(crypto: Labelled, info: GroupInfo, public: bytes) -> None:
    """Raise a SignatureError unless the owner of ``public`` signed the GroupInfo."""
    crypto.verify_with_label(public, _LABEL, _to_be_signed(info), info.signature)


def _to_be_signed(info: GroupInfo) -> bytes:
    """Return the ``GroupInfoTBS``: the encoding of all fields but the signature."""
    return encode(replace(info, signature=b""))[:-1]  # an empty signature is one byte


@struct
@dataclass(frozen=True, slots=True)
class PathSecret:
    """``PathSecret`` (section 12.4.3.1)."""

    path_secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class GroupSecrets:
    """``GroupSecrets`` (section 12.4.3.1): the secrets sent to one new member."""

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
