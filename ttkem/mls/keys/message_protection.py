"""Message framing (section 6): signatures, membership tags, encryption."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import TYPE_CHECKING, cast

from ttkem.crypto.randomness import draw
from ttkem.errors import DecodeError, LocalError, MacError
from ttkem.mls.keys.secret_tree import END_OF_RATCHET, MessageKey, RatchetKind, SecretTree
from ttkem.mls.limits import Limits
from ttkem.mls.messages.codepoints import MLS10, ContentType, WireFormat
from ttkem.mls.messages.content import (
    CONTENT_CLASSES,
    CommitAuth,
    Content,
    FramedContent,
    FramedContentAuthData,
    MemberSender,
    MessageAuth,
    NewMemberCommit,
    auth_data,
    content_type,
)
from ttkem.mls.messages.framing import (
    PrivateContentAAD,
    PrivateMessage,
    PublicMessage,
    SenderData,
    SenderDataAAD,
)
from ttkem.wire import (
    Reader,
    decode,
    encode,
    read_one,
    uint16,
)

if TYPE_CHECKING:
    from ttkem.crypto import Labelled, Randomness

__all__ = [
    "Framed",
    "open_private",
    "open_public",
    "open_sender_data",
    "proposal_ref",
    "seal_parts",
    "seal_private",
    "seal_public",
    "sender_data_key",
    "sign_content",
    "sign_message",
    "verify_content",
]

_LABEL = b"FramedContentTBS"


@dataclass(frozen=True, slots=True)
class Framed:
    """An ``AuthenticatedContent`` together with the encoding of its content.

    The encoding is an input of signature, membership tag, transcript hash and proposal reference.
    """

    wire_format: WireFormat
    content: FramedContent
    encoded: bytes
    auth: FramedContentAuthData


def sign_content(
    crypto: Labelled, wire_format: WireFormat, content: FramedContent, context: bytes, secret: bytes
) -> tuple[bytes, bytes]:
    """Return the encoding of a content, and its signature (section 6.1).

    ``context`` is the encoded GroupContext of the epoch. It is signed too if the sender is a member
    or joins by an external commit.
    """
    encoded = encode(content)
    tbs = _to_be_signed(wire_format, content, encoded, context)
    return encoded, crypto.sign_with_label(secret, _LABEL, tbs)


def sign_message(
    crypto: Labelled,
    wire_format: WireFormat,
    content: FramedContent,
    context: bytes,
    secret: bytes,
    confirmation_tag: bytes | None = None,
) -> Framed:
    """Return a signed content; a commit's authentication data include the confirmation tag."""
    encoded, signature = sign_content(crypto, wire_format, content, context, secret)
    auth: FramedContentAuthData = MessageAuth(signature)
    if confirmation_tag is not None:
        auth = CommitAuth(signature, confirmation_tag)
    return Framed(wire_format, content, encoded, auth)


def verify_content(crypto: Labelled, framed: Framed, context: bytes, public: bytes) -> None:
    """Raise a SignatureError unless the owner of ``public`` signed the content (section 6.1)."""
    tbs = _to_be_signed(framed.wire_format, framed.content, framed.encoded, context)
    crypto.verify_with_label(public, _LABEL, tbs, framed.auth.signature)


def _to_be_signed(
    wire_format: WireFormat, content: FramedContent, encoded: bytes, context: bytes
) -> bytes:
    """Return the ``FramedContentTBS`` (section 6.1)."""
    out: list[bytes] = []
    uint16.write(MLS10, out)
    uint16.write(wire_format, out)
    out.append(encoded)
    if isinstance(content.sender, MemberSender | NewMemberCommit):
        out.append(context)
    return b"".join(out)


def proposal_ref(crypto: Labelled, framed: Framed) -> bytes:
    """Return the ``ProposalRef`` (section 5.2) of a framed proposal."""
    out: list[bytes] = []
    uint16.write(framed.wire_format, out)
    out += (framed.encoded, encode(framed.auth))
    return crypto.ref_hash(b"MLS 1.0 Proposal Reference", b"".join(out))


# Public messages (section 6.2)


def seal_public(
    crypto: Labelled, framed: Framed, context: bytes, membership_key: bytes
) -> PublicMessage:
    """Return the public message; raise a LocalError for application data."""
    content = framed.content
    if content_type(content.content) is ContentType.APPLICATION:
        raise LocalError("cannot send application data in a public message: use a private one")
    tag = None
    if isinstance(content.sender, MemberSender):
        tag = _membership_tag(crypto, framed, context, membership_key)
    return PublicMessage(content, framed.auth, tag)


def open_public(
    crypto: Labelled, message: PublicMessage, context: bytes, membership_key: bytes
) -> Framed:
    """Return the content of a public message, with its signature still to be verified.

    Raise a DecodeError for application data, and a MacError if the membership tag is wrong.
    """
    content = message.content
    framed = Framed(WireFormat.PUBLIC_MESSAGE, content, encode(content), message.auth)
    if content_type(content.content) is ContentType.APPLICATION:
        raise DecodeError("application data must not be sent in a public message")
    if message.membership_tag is not None:
        expected = _membership_tag(crypto, framed, context, membership_key)
        if not compare_digest(expected, message.membership_tag):
            raise MacError("the membership tag is not valid for this message")
    return framed


def _membership_tag(crypto: Labelled, framed: Framed, context: bytes, key: bytes) -> bytes:
    """Return the ``membership_tag``, a MAC of the ``AuthenticatedContentTBM`` (section 6.2)."""
    tbs = _to_be_signed(framed.wire_format, framed.content, framed.encoded, context)
    return crypto.suite.mac(key, tbs + encode(framed.auth))


# Private messages (section 6.3)


def seal_private(
    crypto: Labelled,
    framed: Framed,
    secret_tree: SecretTree,
    sender_data_secret: bytes,
    randomness: Randomness,
    *,
    padding: int = 0,
) -> tuple[SecretTree, PrivateMessage]:
    """Return the secret tree without the key that is used, and the private message.

    ``padding`` is the number of padding bytes. Raise a LocalError unless a member is the sender.
    """
    content = framed.content
    if not isinstance(content.sender, MemberSender):
        raise LocalError("cannot send a private message: its sender is not a member")
    kind, leaf = content_type(content.content), content.sender.leaf_index
    ratchet = _ratchet(kind)
    generation = secret_tree.next_generation(crypto, leaf, ratchet)
    if generation >= END_OF_RATCHET:
        raise LocalError(
            "cannot send: this member's message keys of this epoch are used up; "
            "commit in a public message to start a new epoch"
        )
    secret_tree, key = secret_tree.take(crypto, leaf, ratchet, generation, Limits())
    guard = draw(randomness, 4)
    plaintext = b"".join((encode(content.content), encode(framed.auth), bytes(padding)))
    unsealed = PrivateMessage(
        content.group_id, content.epoch, kind, content.authenticated_data, b"", b""
    )
    data = SenderData(leaf, generation, guard)
    return secret_tree, seal_parts(crypto, unsealed, key, data, plaintext, sender_data_secret)


def seal_parts(
    crypto: Labelled,
    message: PrivateMessage,
    key: MessageKey,
    data: SenderData,
    plaintext: bytes,
    sender_data_secret: bytes,
) -> PrivateMessage:
    """Return a private message with its content and then its sender data encrypted."""
    nonce = _guarded(key.nonce, data.reuse_guard)
    ciphertext = crypto.suite.aead_seal(key.key, nonce, _content_aad(message), plaintext)
    data_key, data_nonce = sender_data_key(crypto, sender_data_secret, ciphertext)
    sealed = crypto.suite.aead_seal(data_key, data_nonce, _sender_data_aad(message), encode(data))
    return replace(message, encrypted_sender_data=sealed, ciphertext=ciphertext)


def _content_aad(message: PrivateMessage) -> bytes:
    """Return the ``PrivateContentAAD`` (section 6.3.1)."""
    kind, data = message.content_type, message.authenticated_data
    return encode(PrivateContentAAD(message.group_id, message.epoch, kind, data))


def _sender_data_aad(message: PrivateMessage) -> bytes:
    """Return the ``SenderDataAAD`` (section 6.3.2)."""
    return encode(SenderDataAAD(message.group_id, message.epoch, message.content_type))


def open_sender_data(
    crypto: Labelled, message: PrivateMessage, sender_data_secret: bytes
) -> SenderData:
    """Return the decrypted sender data of a private message (section 6.3.2)."""
    key, nonce = sender_data_key(crypto, sender_data_secret, message.ciphertext)
    aad = _sender_data_aad(message)
    return decode(
        SenderData, crypto.suite.aead_open(key, nonce, aad, message.encrypted_sender_data)
    )


def open_private(
    crypto: Labelled,
    message: PrivateMessage,
    data: SenderData,
    secret_tree: SecretTree,
    limits: Limits,
) -> tuple[SecretTree, Framed]:
    """Return the secret tree without the key that is used, and the content (section 6.3.1).

    The signature is still to be verified. Raise a DecodeError unless all padding is zero.
    """
    kind = message.content_type
    secret_tree, key = secret_tree.take(
        crypto, data.leaf_index, _ratchet(kind), data.generation, limits
    )
    nonce, aad = _guarded(key.nonce, data.reuse_guard), _content_aad(message)
    plaintext = Reader(crypto.suite.aead_open(key.key, nonce, aad, message.ciphertext))
    body = cast("Content", read_one(CONTENT_CLASSES[kind], plaintext))
    auth = cast("FramedContentAuthData", read_one(auth_data(kind), plaintext))
    if any(plaintext.data[plaintext.at :]):
        raise DecodeError("the padding of a private message is not all zero")
    content = FramedContent(
        message.group_id,
        message.epoch,
        MemberSender(data.leaf_index),
        message.authenticated_data,
        body,
    )
    return secret_tree, Framed(WireFormat.PRIVATE_MESSAGE, content, encode(content), auth)


def sender_data_key(
    crypto: Labelled, sender_data_secret: bytes, ciphertext: bytes
) -> tuple[bytes, bytes]:
    """Return ``sender_data_key`` and ``sender_data_nonce`` (section 6.3.2)."""
    sample = ciphertext[: crypto.suite.hash_length]
    suite = crypto.suite
    return (
        crypto.expand_with_label(sender_data_secret, b"key", sample, suite.key_length),
        crypto.expand_with_label(sender_data_secret, b"nonce", sample, suite.nonce_length),
    )


def _ratchet(kind: ContentType) -> RatchetKind:
    return RatchetKind.APPLICATION if kind is ContentType.APPLICATION else RatchetKind.HANDSHAKE


def _guarded(nonce: bytes, guard: bytes) -> bytes:
    """Return the nonce with the reuse guard applied to its first four bytes (section 6.3.1)."""
    return bytes(a ^ b for a, b in zip(nonce[:4], guard, strict=True)) + nonce[4:]
