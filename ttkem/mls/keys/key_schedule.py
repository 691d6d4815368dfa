"""The key schedule (section 8): from one epoch's secrets to the next one's."""

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
    """A suite under the prefix of MLS (sections 5.1.2, 5.1.3 and 8)."""
    return Labelled(suite, b"MLS 1.0 ")


def joiner_secret(
    crypto: Labelled, init_secret: bytes, commit_secret: bytes, context: GroupContext
) -> bytes:
    """``joiner_secret`` (section 8): what a welcome carries."""
    extracted = crypto.suite.extract(init_secret, commit_secret)
    length = crypto.suite.hash_length
    return crypto.expand_with_label(extracted, b"joiner", encode(context), length)


def epoch_secret(
    crypto: Labelled, joiner: bytes, psk_secret: bytes, context: GroupContext
) -> bytes:
    """``epoch_secret`` (section 8)."""
    member = crypto.suite.extract(joiner, psk_secret)
    return crypto.expand_with_label(member, b"epoch", encode(context), crypto.suite.hash_length)


def welcome_secret(crypto: Labelled, joiner: bytes, psk_secret: bytes) -> bytes:
    """``welcome_secret`` (section 8)."""
    return crypto.derive_secret(crypto.suite.extract(joiner, psk_secret), b"welcome")


def welcome_key(crypto: Labelled, joiner: bytes, psk_secret: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of the group info in a welcome (section 12.4.3.1)."""
    secret = welcome_secret(crypto, joiner, psk_secret)
    suite = crypto.suite
    return (
        crypto.expand_with_label(secret, b"key", b"", suite.key_length),
        crypto.expand_with_label(secret, b"nonce", b"", suite.nonce_length),
    )


@dataclass(frozen=True, slots=True)
class KeptSecrets:
    """The secrets of an epoch that a member keeps while it lasts (table in section 8)."""

    sender_data_secret: bytes
    exporter_secret: bytes
    external_secret: bytes
    membership_key: bytes
    resumption_psk: bytes
    epoch_authenticator: bytes
    init_secret: bytes
    """Goes into the next epoch."""
    additions: tuple[tuple[bytes, bytes], ...] = ()
    """Further secrets by label, where the key schedule has been extended."""


@dataclass(frozen=True, slots=True)
class EpochSecrets:
    """All that ``epoch_secret`` gives: two secrets that are consumed at once, and the rest."""

    encryption_secret: bytes
    """Becomes the secret tree (section 9)."""
    confirmation_key: bytes
    """Makes the confirmation tag (section 6.1)."""
    kept: KeptSecrets


if TYPE_CHECKING:
    KeySchedule = Callable[[Labelled, bytes], EpochSecrets]
    """From ``epoch_secret`` to the secrets of the epoch: a step that can be replaced."""
else:
    KeySchedule = object


def epoch_secrets(
    crypto: Labelled, secret: bytes, *, additions: tuple[bytes, ...] = ()
) -> EpochSecrets:
    """The secrets that are derived from ``epoch_secret`` (table in section 8)."""
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
    """The key schedule with further secrets, one a label. Own design: RFC 9420 has none."""
    return partial(epoch_secrets, additions=labels)


def confirmation_tag(crypto: Labelled, key: bytes, confirmed_transcript_hash: bytes) -> bytes:
    """``confirmation_tag`` (section 6.1)."""
    return crypto.suite.mac(key, confirmed_transcript_hash)


def external_key_pair(crypto: Labelled, external_secret: bytes) -> KeyPair:
    """``external_priv, external_pub`` (section 8)."""
    return crypto.suite.derive_key_pair(external_secret)


def send_external_init(
    crypto: Labelled, external_pub: bytes, randomness: Randomness
) -> tuple[bytes, bytes]:
    """The ``kem_output`` and init secret of an external commit (section 8.3)."""
    kem_output, context = crypto.suite.setup_sender(external_pub, b"", randomness)
    return kem_output, _external_init(crypto, context)


def receive_external_init(crypto: Labelled, external_secret: bytes, kem_output: bytes) -> bytes:
    """The init secret of an external commit, from its ``kem_output`` (section 8.3)."""
    pair = external_key_pair(crypto, external_secret)
    return _external_init(crypto, crypto.suite.setup_receiver(kem_output, pair.secret, b""))


def _external_init(crypto: Labelled, context: Context) -> bytes:
    return context.export(crypto.prefix + b"external init secret", crypto.suite.hash_length)


def export(
    crypto: Labelled, exporter_secret: bytes, label: bytes, context: bytes, length: int
) -> bytes:
    """``MLS-Exporter`` (section 8.5)."""
    secret = crypto.derive_secret(exporter_secret, label)
    return crypto.expand_with_label(secret, b"exported", crypto.suite.hash(context), length)
