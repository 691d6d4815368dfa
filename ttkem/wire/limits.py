"""Limits on what is accepted from outside, so that no later call of the receiver can fail for them.

Counters and lengths have a last value, and a peer may send it: an epoch of 2^64 - 1, or members
whose names fill the largest vector. If a member accepted it, its own next operation could not be
encoded any more, nor its state be saved. So whatever leaves no room is refused on arrival.

* *Epochs.* Each operation adds one, so a peer can choose an epoch only in what a newcomer joins by:
  there it is at most :data:`LAST_JOINED_EPOCH`. A saved state may be in a later one, up to
  :data:`LAST_SAVED_EPOCH`. Either leaves at least 2^62 operations, which nobody can carry out.
* *Messages* have at most :data:`MESSAGE_BYTES`, so that every structure that is made of one message
  (signed contents, transcripts, labels) still fits a vector, whose limit is 2^30 bytes.
* *Public trees* take at most :data:`TREE_BYTES` where they are sent whole, to new members. Only
  such members make a tree larger; when there is no room for one, all other operations go on.
"""

from __future__ import annotations

from ttkem.errors import InvalidMessageError

__all__ = [
    "LAST_JOINED_EPOCH",
    "LAST_SAVED_EPOCH",
    "MESSAGE_BYTES",
    "TREE_BYTES",
    "check_epoch",
    "check_message_length",
]

LAST_JOINED_EPOCH = (1 << 63) - 1
LAST_SAVED_EPOCH = LAST_JOINED_EPOCH + (1 << 62)
MESSAGE_BYTES = 1 << 29
TREE_BYTES = 1 << 27


def check_epoch(epoch: int, last: int) -> None:
    """Raise an InvalidMessageError for an epoch after ``last``."""
    if epoch > last:
        raise InvalidMessageError(
            f"cannot accept epoch {epoch}: the last one that leaves room for operations is {last}"
        )


def check_message_length(data: bytes) -> None:
    """Raise an InvalidMessageError for a message of more than :data:`MESSAGE_BYTES`."""
    if len(data) > MESSAGE_BYTES:
        raise InvalidMessageError(
            f"cannot accept a message of {len(data)} bytes: the limit is {MESSAGE_BYTES}"
        )
