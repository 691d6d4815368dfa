"""Checks of the working group's test vectors of signed and encrypted messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import LocalError
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.key_schedule import labelled
from ttkem.mls.keys.message_protection import (
    Framed,
    open_private,
    open_public,
    open_sender_data,
    seal_private,
    seal_public,
    sender_data_key,
    sign_message,
    verify_content,
)
from ttkem.mls.keys.secret_tree import RatchetKind, SecretTree
from ttkem.mls.keys.transcript import confirmed_transcript_hash, interim_transcript_hash
from ttkem.mls.limits import Limits
from ttkem.mls.messages.codepoints import WireFormat
from ttkem.mls.messages.content import (
    ApplicationContent,
    Commit,
    CommitAuth,
    CommitContent,
    FramedContent,
    MemberSender,
    ProposalContent,
)
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.framing import AuthenticatedContent, PrivateMessage, PublicMessage
from ttkem.mls.messages.key_package import KeyPackage, key_package_ref, verify_key_package
from ttkem.mls.messages.proposals import proposal
from ttkem.mls.messages.welcome import GroupInfo, GroupSecrets, Welcome, verify_group_info
from ttkem.testing.mls.vectors.check import VectorError, context_of, expect, read, secret_of
from ttkem.wire import decode, encode

if TYPE_CHECKING:
    from ttkem.crypto import Labelled
    from ttkem.mls.messages.content import Content

    Case = dict[str, Any]

__all__ = [
    "message_protection",
    "private_message",
    "public_message",
    "secret_tree",
    "transcript_hashes",
    "welcome",
]


def _crypto(case: Case) -> Labelled:
    return labelled(cipher_suite(case["cipher_suite"]))


def secret_tree(case: Case) -> None:
    """Check ``secret-tree``."""
    crypto = _crypto(case)
    data = case["sender_data"]
    key, nonce = sender_data_key(crypto, read(data["sender_data_secret"]), read(data["ciphertext"]))
    expect("sender_data.key", key, data["key"])
    expect("sender_data.nonce", nonce, data["nonce"])
    tree = SecretTree.of(read(case["encryption_secret"]), len(case["leaves"]))
    for leaf, generations in enumerate(case["leaves"]):
        for given in generations:
            for kind in RatchetKind:
                number, name = given["generation"], kind.value.decode()
                tree, found = tree.take(crypto, leaf, kind, number, Limits())
                expect(f"{name}_key {number} of {leaf}", found.key, given[f"{name}_key"])
                expect(f"{name}_nonce {number} of {leaf}", found.nonce, given[f"{name}_nonce"])


def transcript_hashes(case: Case) -> None:
    """Check ``transcript-hashes``."""
    crypto = _crypto(case)
    content = decode(AuthenticatedContent, read(case["authenticated_content"]))
    expect("authenticated_content", encode(content), case["authenticated_content"])
    if not isinstance(content.auth, CommitAuth):
        raise VectorError("cannot read the case: authenticated_content is not a Commit")
    confirmed = confirmed_transcript_hash(
        crypto,
        read(case["interim_transcript_hash_before"]),
        content.wire_format,
        encode(content.content),
        content.auth.signature,
    )
    expect("confirmed_transcript_hash_after", confirmed, case["confirmed_transcript_hash_after"])
    tag = key_schedule.confirmation_tag(crypto, read(case["confirmation_key"]), confirmed)
    expect("confirmation_tag", tag, content.auth.confirmation_tag.hex())
    interim = interim_transcript_hash(crypto, confirmed, tag)
    expect("interim_transcript_hash_after", interim, case["interim_transcript_hash_after"])


def welcome(case: Case) -> None:
    """Check ``welcome``."""
    crypto = _crypto(case)
    package, message = (read_message(read(case[name])) for name in ("key_package", "welcome"))
    if not isinstance(package, KeyPackage) or not isinstance(message, Welcome):
        raise VectorError(
            "cannot read the case: key_package is not a KeyPackage, or welcome not a Welcome"
        )
    verify_key_package(crypto, package)
    reference = key_package_ref(crypto, package)
    for entry in message.secrets:
        if entry.new_member != reference:
            continue
        opened = entry.encrypted_group_secrets.open(
            crypto,
            secret_of(crypto.suite, case["init_priv"]),
            b"Welcome",
            message.encrypted_group_info,
        )
        joiner = decode(GroupSecrets, opened).joiner_secret
        zero = bytes(crypto.suite.hash_length)
        key, nonce = key_schedule.welcome_key(crypto, joiner, zero)
        data = crypto.suite.aead_open(key, nonce, b"", message.encrypted_group_info)
        info = decode(GroupInfo, data)
        verify_group_info(crypto, info, read(case["signer_pub"]))
        secret = key_schedule.epoch_secret(crypto, joiner, zero, info.group_context)
        confirmation = key_schedule.epoch_secrets(crypto, secret).confirmation_key
        confirmed = info.group_context.confirmed_transcript_hash
        tag = key_schedule.confirmation_tag(crypto, confirmation, confirmed)
        expect("confirmation_tag", tag, info.confirmation_tag.hex())
        return
    raise VectorError("cannot read the case: the Welcome is for other key packages")


def message_protection(case: Case) -> None:
    """Check ``message-protection``: the second of two members is the sender."""
    crypto = _crypto(case)
    context = encode(context_of(case, read(case["tree_hash"])))
    contents: dict[str, Content] = {
        "proposal": ProposalContent(decode(proposal, read(case["proposal"]))),
        "commit": CommitContent(decode(Commit, read(case["commit"]))),
        "application": ApplicationContent(read(case["application"])),
    }
    for name, content in contents.items():
        for message in (
            read_message(read(case[f"{name}_priv"])),
            private_message(case, content, context),
        ):
            expect(f"{name}_priv", _open(crypto, case, message, context), content)
        if name == "application":
            try:
                public_message(case, content, context)
            except LocalError:
                continue
            raise VectorError("application data was accepted in a PublicMessage")
        for message in (
            read_message(read(case[f"{name}_pub"])),
            public_message(case, content, context),
        ):
            expect(f"{name}_pub", _open(crypto, case, message, context), content)


def _open(crypto: Labelled, case: Case, message: object, context: bytes) -> Content:
    if isinstance(message, PrivateMessage):
        data = open_sender_data(crypto, message, read(case["sender_data_secret"]))
        _, framed = open_private(crypto, message, data, _secret_tree(case), Limits())
    elif isinstance(message, PublicMessage):
        framed = open_public(crypto, message, context, read(case["membership_key"]))
    else:
        raise VectorError(
            f"expected a PublicMessage or PrivateMessage, got a {type(message).__name__}"
        )
    expect("sender", framed.content.sender, MemberSender(1))
    verify_content(crypto, framed, context, read(case["signature_pub"]))
    return framed.content.content


def _secret_tree(case: Case) -> SecretTree:
    return SecretTree.of(read(case["encryption_secret"]), 2)


def _signed(case: Case, content: Content, context: bytes, wire_format: WireFormat) -> Framed:
    crypto = _crypto(case)
    framed = FramedContent(read(case["group_id"]), case["epoch"], MemberSender(1), b"", content)
    secret = secret_of(crypto.suite, case["signature_priv"])
    tag = bytes(crypto.suite.hash_length) if isinstance(content, CommitContent) else None
    return sign_message(crypto, wire_format, framed, context, secret, tag)


def public_message(case: Case, content: Content, context: bytes) -> PublicMessage:
    """Return a case's content as a PublicMessage of the second member."""
    framed = _signed(case, content, context, WireFormat.PUBLIC_MESSAGE)
    return seal_public(_crypto(case), framed, context, read(case["membership_key"]))


def private_message(case: Case, content: Content, context: bytes) -> PrivateMessage:
    """Return a case's content as a PrivateMessage of the second member."""
    framed = _signed(case, content, context, WireFormat.PRIVATE_MESSAGE)
    secret, randomness = read(case["sender_data_secret"]), SeededRandomness(1)
    _, message = seal_private(_crypto(case), framed, _secret_tree(case), secret, randomness)
    return message
