"""Credentials (section 5.3): claims of an identity, which an authentication service validates."""

from dataclasses import dataclass
from typing import Annotated

from ttkem.mls.messages.codepoints import CredentialType
from ttkem.wire import opaque_v, open_variant, struct, uint16, vector

__all__ = ["BasicCredential", "Credential", "OtherCredential", "X509Credential", "credential"]


@struct
@dataclass(frozen=True, slots=True)
class BasicCredential:
    """A ``basic`` credential: an identity without further evidence."""

    identity: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class X509Credential:
    """An ``x509`` credential: a chain of DER certificates, the end entity's first."""

    certificates: Annotated[tuple[bytes, ...], vector(opaque_v)]


@struct
@dataclass(frozen=True, slots=True)
class OtherCredential:
    """A credential of a type unknown to this package, read as one vector of bytes.

    The RFC leaves the structure of further types open; mls-rs and OpenMLS read them in this way.
    """

    credential_type: Annotated[int, uint16]
    data: Annotated[bytes, opaque_v]


Credential = BasicCredential | X509Credential | OtherCredential

credential = open_variant(
    uint16,
    {CredentialType.BASIC: BasicCredential, CredentialType.X509: X509Credential},
    OtherCredential,
)
"""The codec of a :data:`Credential`."""


def credential_type(value: Credential) -> int:
    """Return the number of a credential's type (section 17.5)."""
    match value:
        case BasicCredential():
            return CredentialType.BASIC
        case X509Credential():
            return CredentialType.X509
        case other:
            return other.credential_type
