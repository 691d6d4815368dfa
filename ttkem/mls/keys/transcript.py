"""Transcript hashes (section 8.2): a running hash over all commits of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.wire import opaque_v, uint16

if TYPE_CHECKING:
    from ttkem.crypto import Labelled
    from ttkem.mls.messages.codepoints import WireFormat

__all__ = ["confirmed_transcript_hash", "interim_transcript_hash"]


def confirmed_transcript_hash(
    crypto: Labelled, interim: bytes, wire_format: WireFormat, content: bytes, signature: bytes
) -> bytes:
    """Return the confirmed transcript hash after a commit; ``content`` is its ``FramedContent``.

    ``interim`` is the interim hash of the epoch before.
    """
    out = [interim]
    uint16.write(wire_format, out)
    out.append(content)
    opaque_v.write(signature, out)
    return crypto.suite.hash(b"".join(out))


def interim_transcript_hash(crypto: Labelled, confirmed: bytes, confirmation_tag: bytes) -> bytes:
    """Return an epoch's interim transcript hash, given its confirmed hash and confirmation tag."""
    out = [confirmed]
    opaque_v.write(confirmation_tag, out)
    return crypto.suite.hash(b"".join(out))
