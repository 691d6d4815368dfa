"""The start of an epoch: its secrets and confirmation tag, from its joiner secret (section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.psk import psk_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import Labelled
    from ttkem.mls.keys.key_schedule import KeySchedule
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.psk_ids import PreSharedKeyID

__all__ = ["Epoch", "epoch_from_joiner", "first_epoch"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """The secrets of a new epoch, with its GroupContext and confirmation tag."""

    context: GroupContext
    joiner_secret: bytes
    psk_secret: bytes
    secrets: key_schedule.EpochSecrets
    confirmation_tag: bytes


def epoch_from_joiner(
    crypto: Labelled,
    schedule: KeySchedule,
    context: GroupContext,
    joiner: bytes,
    psks: Sequence[tuple[PreSharedKeyID, bytes]],
) -> Epoch:
    """Return the epoch that a joiner secret and these PSKs start (section 8)."""
    psk = psk_secret(crypto, psks)
    secret = key_schedule.epoch_secret(crypto, joiner, psk, context)
    return _epoch(crypto, schedule, context, secret, joiner, psk)


def first_epoch(
    crypto: Labelled, schedule: KeySchedule, context: GroupContext, epoch_secret: bytes
) -> Epoch:
    """Return epoch 0 of a group, which starts from a random epoch secret (section 11)."""
    return _epoch(crypto, schedule, context, epoch_secret, b"", b"")


def _epoch(
    crypto: Labelled,
    schedule: KeySchedule,
    context: GroupContext,
    epoch_secret: bytes,
    joiner: bytes,
    psk: bytes,
) -> Epoch:
    secrets = schedule(crypto, epoch_secret)
    tag = key_schedule.confirmation_tag(
        crypto, secrets.confirmation_key, context.confirmed_transcript_hash
    )
    return Epoch(context, joiner, psk, secrets, tag)
