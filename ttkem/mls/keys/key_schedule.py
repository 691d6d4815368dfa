"""The key schedule (section 8): the secrets of an epoch, derived from those of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ttkem.crypto import Context, KeyPair, Labelled
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.crypto import CipherSuite, Randomness
    from ttkem.mls.messages.group_context import GroupContext

__all__ = [
    "EpochSecrets",
    "KeptSecrets",
    "KeySchedule",
    "confirmation_tag",
    "epoch_secret",
    "epoch_secrets",
    "export",
    "external_key_pair",
    "joiner_secret",
    "labelled",
    "receive_external_init",
    "send_external_init",
    "welcome_key",
    "with_additions",
]


def labelled(suite: CipherSuite) -> Labelled:
    """Return a suite's labelled functions with the prefix of MLS (sections 5.1.2, 5.1.3 and 8)."""
    return Labelled(suite, b"MLS 1.0 ")


def joiner_secret(
    crypto: Labelled, init_secret: bytes, commit_secret: bytes, context: GroupContext
) -> bytes:
    """Return the ``joiner_secret`` (section 8), which a Welcome carries."""
    extracted = crypto.suite.extract(init_secret, commit_secret)
    length = crypto.suite.hash_length
    return crypto.expand_with_label(extracted, b"joiner", encode(context), length)


def epoch_secret(
    crypto: Labelled, joiner: bytes, psk_secret: bytes, context: GroupContext
) -> bytes:
    """Return the ``epoch_secret`` (section 8)."""
    member = crypto.suite.extract(joiner, psk_secret)
    return crypto.expand_with_label(member, b"epoch", encode(context), crypto.suite.hash_length)


def welcome_secret(crypto: Labelled, joiner: bytes, psk_secret: bytes) -> bytes:
    """Return the ``welcome_secret`` (section 8)."""
    return crypto.derive_secret(crypto.suite.extract(joiner, psk_secret), b"welcome")


def welcome_key(crypto: Labelled, joiner: bytes, psk_secret: bytes) -> tuple[bytes, bytes]:
    """Return the key and the nonce that encrypt the GroupInfo in a Welcome (section 12.4.3.1)."""
    secret = welcome_secret(crypto, joiner, psk_secret)
    suite = crypto.suite
    return (
        crypto.expand_with_label(secret, b"key", b"", suite.key_length),
        crypto.expand_with_label(secret, b"nonce", b"", suite.nonce_length),
    )


@dataclass(frozen=True, slots=True)
class KeptSecrets:
    """The secrets that a member keeps for the duration of an epoch (table in section 8)."""

    sender_data_secret: bytes
    exporter_secret: bytes
    external_secret: bytes
    membership_key: bytes
    resumption_psk: bytes
    epoch_authenticator: bytes
    init_secret: bytes
    """The secret that goes into the key schedule of the next epoch."""
    additions: tuple[tuple[bytes, bytes], ...] = ()
    """Pairs of a label and a secret, where the key schedule has been extended: own design."""


@dataclass(frozen=True, slots=True)
class EpochSecrets:
    """All secrets derived from ``epoch_secret``: two that are consumed at once, and the others."""

    encryption_secret: bytes
    """The root secret of the secret tree (section 9)."""
    confirmation_key: bytes
    """The key of the confirmation tag (section 6.1)."""
    kept: KeptSecrets


if TYPE_CHECKING:
    KeySchedule = Callable[[Labelled, bytes], EpochSecrets]
    """A function from ``epoch_secret`` to the secrets of the epoch, which callers may replace."""
else:
    KeySchedule = object


def epoch_secrets(
    crypto: Labelled, secret: bytes, *, additions: tuple[bytes, ...] = ()
) -> EpochSecrets:
    """Return the secrets derived from ``epoch_secret`` (table in section 8).

    ``additions`` are labels of further secrets.
    """
    derive = crypto.derive_secret
    return EpochSecrets(
        encryption_secret=derive(secret, b"encryption"),
        confirmation_key=derive(secret, b"confirm"),
        kept=KeptSecrets(
            sender_data_secret=derive(secret, b"sender data"),
            exporter_secret=derive(secret, b"exporter"),
            external_secret=derive(secret, b"external"),
            membership_key=derive(secret, b"membership"),
            resumption_psk=derive(secret, b"resumption"),
            epoch_authenticator=derive(secret, b"authentication"),
            init_secret=derive(secret, b"init"),
            additions=tuple((label, derive(secret, label)) for label in additions),
        ),
    )


def with_additions(*labels: bytes) -> KeySchedule:
    """Return a key schedule with one further secret per label: own design, not in RFC 9420."""
    return partial(epoch_secrets, additions=labels)


def confirmation_tag(crypto: Labelled, key: bytes, confirmed_transcript_hash: bytes) -> bytes:
    """Return the ``confirmation_tag`` (section 6.1)."""
    return crypto.suite.mac(key, confirmed_transcript_hash)


def external_key_pair(crypto: Labelled, external_secret: bytes) -> KeyPair:
    """Return the key pair ``external_priv, external_pub`` (section 8)."""
    return crypto.suite.derive_key_pair(external_secret)


def send_external_init(
    crypto: Labelled, external_pub: bytes, randomness: Randomness
) -> tuple[bytes, bytes]:
    """Return the ``kem_output`` and the init secret of a new external commit (section 8.3)."""
    kem_output, context = crypto.suite.setup_sender(external_pub, b"", randomness)
    return kem_output, _external_init(crypto, context)


def receive_external_init(crypto: Labelled, external_secret: bytes, kem_output: bytes) -> bytes:
    """Return the init secret of an external commit, given its ``kem_output`` (section 8.3)."""
    pair = external_key_pair(crypto, external_secret)
    return _external_init(crypto, crypto.suite.setup_receiver(kem_output, pair.secret, b""))


def _external_init(crypto: Labelled, context: Context) -> bytes:
    return context.export(crypto.prefix + b"external init secret", crypto.suite.hash_length)


def export(
    crypto: Labelled, exporter_secret: bytes, label: bytes, context: bytes, length: int
) -> bytes:
    """Return an exported secret of ``length`` bytes: ``MLS-Exporter`` (section 8.5)."""
    secret = crypto.derive_secret(exporter_secret, label)
    return crypto.expand_with_label(secret, b"exported", crypto.suite.hash(context), length)
