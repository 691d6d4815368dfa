"""Keys and chains of certificates, which these tests make with the library `cryptography`."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ttkem.crypto import KeyPair
from ttkem.crypto.x509 import certificate_key, check_chain
from ttkem.errors import CryptoError, InvalidMessageError, KeyFormatError
from ttkem.mls.group.policy import TrustEverybody, TrustRoots
from ttkem.mls.messages.credentials import BasicCredential, X509Credential

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def certificate(key, name="ann", issuer="root", by=None, ca=None, days=30):
    """Return a DER certificate of a key, signed by the key ``by`` or by itself."""
    names = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, issuer))
    subject, issued_by = names
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issued_by)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=days))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    by = by or key
    eddsa = isinstance(by, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return builder.sign(by, None if eddsa else SHA256()).public_bytes(Encoding.DER)


ROOT, MIDDLE, LEAF = (ed25519.Ed25519PrivateKey.generate() for _ in range(3))
TRUSTED = certificate(ROOT, "root", "root", ca=True)
BETWEEN = certificate(MIDDLE, "middle", "root", ROOT, ca=True)
END = certificate(LEAF, "ann", "middle", MIDDLE)


def test_keys():
    assert certificate_key(END) == LEAF.public_key().public_bytes_raw()
    other = ed448.Ed448PrivateKey.generate()
    assert certificate_key(certificate(other)) == other.public_key().public_bytes_raw()
    curve = ec.generate_private_key(ec.SECP256R1())
    point = curve.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert certificate_key(certificate(curve)) == point
    with pytest.raises(KeyFormatError, match="RSAPublicKey"):
        certificate_key(certificate(rsa.generate_private_key(65537, 2048)))
    with pytest.raises(KeyFormatError, match="cannot read the key of a certificate"):
        certificate_key(b"junk")


def test_chains():
    check_chain([END, BETWEEN], [TRUSTED], NOW)
    check_chain([END, BETWEEN, TRUSTED], [TRUSTED], NOW)


@pytest.mark.parametrize(
    ("chain", "roots", "at", "wrong"),
    [
        ([], [TRUSTED], NOW, "cannot accept the certificate chain: it is empty"),
        ([END], [TRUSTED], NOW, "none of the trusted roots"),
        ([END, BETWEEN], [], NOW, "none of the trusted roots"),
        ([END, TRUSTED], [TRUSTED], NOW, "was not issued by the next one"),
        ([END, BETWEEN], [TRUSTED], NOW + timedelta(days=31), "not valid at"),
        ([b"junk"], [TRUSTED], NOW, "cannot read a certificate"),
        (
            [certificate(LEAF, "ann", "mid", MIDDLE), certificate(MIDDLE, "mid", "root", ROOT)],
            [TRUSTED],
            NOW,
            "was not issued by the next one",
        ),
        (
            [
                certificate(LEAF, "ann", "mid", MIDDLE),
                certificate(MIDDLE, "mid", "root", ROOT, ca=False),
            ],
            [TRUSTED],
            NOW,
            "was not issued by the next one",
        ),
    ],
)
def test_chains_that_are_rejected(chain, roots, at, wrong):
    with pytest.raises(CryptoError, match=wrong):
        check_chain(chain, roots, at)


# Certificates as credentials of MLS


def test_an_x509_credential_holds_the_signature_key():
    key = LEAF.public_key().public_bytes_raw()
    credential = X509Credential((END, BETWEEN))
    for service in (TrustEverybody(), TrustRoots((TRUSTED,), lambda: NOW)):
        service.validate(credential, key)
        with pytest.raises(InvalidMessageError, match="another key"):
            service.validate(credential, ROOT.public_key().public_bytes_raw())
        with pytest.raises(InvalidMessageError, match="has no certificate"):
            service.validate(X509Credential(()), key)
    assert KeyPair(key, b"").public == key


def test_trusted_roots_only():
    key = LEAF.public_key().public_bytes_raw()
    service = TrustRoots((TRUSTED,), lambda: NOW)
    with pytest.raises(InvalidMessageError, match=r"only X\.509 credentials"):
        service.validate(BasicCredential(b"ann"), key)
    with pytest.raises(InvalidMessageError, match="none of the trusted roots"):
        service.validate(X509Credential((END,)), key)
