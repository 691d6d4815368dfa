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
    """The confirmed hash after a commit whose ``FramedContent`` has this encoding."""
    out = [interim]
    uint16.write(wire_format, out)
    out.append(content)
    opaque_v.write(signature, out)
    return crypto.suite.hash(b"".join(out))


def interim_transcript_hash(crypto: Labelled, confirmed: bytes, confirmation_tag: bytes) -> bytes:
    """The interim hash of an epoch, from its confirmed hash and the tag of its commit."""
    out = [confirmed]
    opaque_v.write(confirmation_tag, out)
    return crypto.suite.hash(b"".join(out))
