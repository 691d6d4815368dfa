"""X.509 certificates for credentials (RFC 9420 section 5.3): their keys and chains."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ttkem.errors import CryptoError, KeyFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["certificate_key", "certificate_names", "check_chain"]


def certificate_key(certificate: bytes) -> bytes:
    """Return the public key of a DER certificate, encoded as in RFC 9420 section 5.1.1."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, TypeError) as error:
        raise KeyFormatError(f"cannot read the key of a certificate: {error}") from None
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return key.public_bytes_raw()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    raise KeyFormatError(
        f"cannot use the key of a certificate: no cipher suite supports {type(key).__name__}"
    )


@lru_cache(maxsize=1 << 14)
def certificate_names(certificate: bytes) -> tuple[bytes, bytes] | None:
    """Return subject and alternative names of a DER certificate, encoded; None if it has neither.

    Certificates with equal names present the same identifiers.
    """
    try:
        read = x509.load_der_x509_certificate(certificate)
        subject, extensions = read.subject, read.extensions
    except ValueError as error:
        raise KeyFormatError(f"cannot read the names of a certificate: {error}") from None
    found = [
        extension.value.public_bytes()
        for extension in extensions
        if isinstance(extension.value, x509.SubjectAlternativeName)
    ]
    if not found and not list(subject):
        return None
    return subject.public_bytes(), b"".join(found)


def check_chain(chain: Sequence[bytes], roots: Sequence[bytes], at: datetime) -> None:
    """Raise a CryptoError unless each certificate is issued by the next, the last by a root.

    All certificates must be valid ``at`` that time, which must have a time zone, and the basic
    constraints of issuers must mark them as such. The application has to judge names and policies.
    """
    try:
        certificates = [x509.load_der_x509_certificate(each) for each in chain]
        anchors = [x509.load_der_x509_certificate(each) for each in roots]
    except ValueError as error:
        raise KeyFormatError(f"cannot read a certificate: {error}") from None
    if not certificates:
        raise CryptoError("cannot accept the certificate chain: it is empty")
    for certificate in certificates:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise CryptoError(
                f"cannot accept the certificate chain: a certificate is not valid at {at}"
            )
    for certificate, issuer in pairwise(certificates):
        if not _issued(certificate, issuer):
            raise CryptoError(
                "cannot accept the certificate chain: a certificate was not issued by the next one"
            )
    if certificates[-1] not in anchors and not any(
        _issued(certificates[-1], anchor) for anchor in anchors
    ):
        raise CryptoError(
            "cannot accept the certificate chain: it ends at none of the trusted roots"
        )


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.ca
