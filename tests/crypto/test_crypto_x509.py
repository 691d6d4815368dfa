"""Keys and chains of certificates, which these tests make with the library `cryptography`."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ttkem.crypto import KeyPair
from ttkem.crypto.x509 import certificate_key, certificate_names, check_chain
from ttkem.errors import CryptoError, InvalidMessageError, KeyFormatError
from ttkem.mls.group.policy import TrustEverybody, TrustRoots
from ttkem.mls.messages.credentials import BasicCredential, X509Credential
from ttkem.mls.messages.leaf_node import Capabilities, InUpdate, LeafNode

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


def test_names_in_certificates():
    renewed = certificate(ed25519.Ed25519PrivateKey.generate(), "ann", "middle", MIDDLE)
    other = certificate(LEAF, "bob", "middle", MIDDLE)
    assert certificate_names(END) == certificate_names(renewed) != certificate_names(other)
    assert certificate_names(nameless()) is None
    assert certificate_names(nameless("ann")) != certificate_names(nameless("bob"))
    assert certificate_names(nameless("ann")) is not None
    with pytest.raises(KeyFormatError, match="cannot read the names of a certificate"):
        certificate_names(b"junk")


def nameless(alternative=None):
    """Return a certificate without a subject and, if it is given, with one alternative name."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(LEAF.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    if alternative is not None:
        names = x509.SubjectAlternativeName([x509.DNSName(alternative)])
        builder = builder.add_extension(names, critical=True)
    return builder.sign(LEAF, None).public_bytes(Encoding.DER)


def test_who_may_succeed_whom_by_certificate():
    renewed = certificate(ed25519.Ed25519PrivateKey.generate(), "ann", "middle", MIDDLE)
    old, new, bob = (
        X509Credential((each,)) for each in (END, renewed, certificate(LEAF, "bob", "root", ROOT))
    )
    for authentication in (TrustEverybody(), TrustRoots((TRUSTED,), lambda: NOW)):
        assert authentication.may_succeed(old, new)
        assert authentication.same_client(old, new)
        assert not authentication.may_succeed(old, bob)
    without = X509Credential((nameless(),))
    again = X509Credential((nameless(), TRUSTED))
    assert TrustEverybody().same_client(without, without)
    assert not TrustEverybody().same_client(without, again)
    assert not TrustEverybody().same_client(X509Credential(()), old)


def test_who_may_resync_by_certificate():
    def leaf(key, name):
        credential = X509Credential((certificate(key, name, "middle", MIDDLE), BETWEEN))
        public = key.public_key().public_bytes_raw()
        return LeafNode(b"", public, credential, Capabilities(), InUpdate(), (), b"")

    fresh = ed25519.Ed25519PrivateKey.generate()
    old, new, bob = leaf(LEAF, "ann"), leaf(fresh, "ann"), leaf(LEAF, "bob")
    roots = TrustRoots((TRUSTED,), lambda: NOW)
    assert roots.may_resync(old, new)  # the chain says that the new key is hers
    assert not roots.may_resync(old, bob)
    assert TrustEverybody().may_resync(old, old)
    assert not TrustEverybody().may_resync(old, new)
    assert not TrustEverybody().may_resync(old, bob)
