"""Rules on framing (sections 2, 6, 9 and 12.1.8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.errors import (
    DecodeError,
    DecryptionError,
    HistoryError,
    InvalidMessageError,
    MacError,
    SignatureError,
)
from ttkem.mls.group.state import own_leaf
from ttkem.mls.keys.message_protection import sign_content
from ttkem.mls.messages.codepoints import WireFormat
from ttkem.mls.messages.content import (
    ApplicationContent,
    Commit,
    CommitContent,
    ExternalSenderIndex,
    MemberSender,
    NewMemberCommit,
    NewMemberProposal,
    ProposalContent,
)
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.framing import PublicMessage
from ttkem.mls.messages.proposals import Add, Remove, Update
from ttkem.testing.mls.illegal.rule import Forged, Rule, rule, sent
from ttkem.wire import encode

if TYPE_CHECKING:
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["RULES"]

RULES: list[Rule] = []

_REMOVE = ProposalContent(Remove(3))


@rule(RULES, "6", DecodeError, "is not a ProtocolVersion", "An MLSMessage of version 2")
def _message_version(lab: Lab) -> Forged:
    return sent(b"\x00\x02" + lab.frame(_REMOVE)[2:])


@rule(RULES, "6", DecodeError, "is not a WireFormat", "An MLSMessage of an unknown wire format")
def _wire_format(lab: Lab) -> Forged:
    return sent(b"\x00\x01\x00\x09" + lab.frame(_REMOVE)[4:])


@rule(RULES, "6", DecodeError, "bytes too many", "A byte after the message")
def _trailing_byte(lab: Lab) -> Forged:
    return sent(lab.frame(_REMOVE) + b"\x00")


@rule(RULES, "2.1.2", DecodeError, "is not minimal", "A vector length in more bytes than it takes")
def _vector_length(lab: Lab) -> Forged:
    message = lab.frame(_REMOVE)
    assert message[4] == len(b"lab")  # noqa: S101 - the group id comes first
    return sent(message[:4] + b"\x40" + message[4:])


@rule(RULES, "6", HistoryError, "of another group", "The group id of another group")
def _group_id(lab: Lab) -> Forged:
    return sent(lab.frame(_REMOVE, edit=lambda framed: replace(framed, group_id=b"other")))


@rule(RULES, "12.4.2", HistoryError, "is of epoch 9", "A proposal of an epoch to come")
def _later_epoch(lab: Lab) -> Forged:
    return sent(lab.frame(_REMOVE, edit=lambda framed: replace(framed, epoch=9)))


@rule(RULES, "12.4.2", HistoryError, "is of epoch 1", "A proposal of the epoch before")
def _earlier_epoch(lab: Lab) -> Forged:
    return sent(lab.frame(_REMOVE, edit=lambda framed: replace(framed, epoch=1)))


def _public(lab: Lab) -> PublicMessage:
    message = read_message(lab.frame(_REMOVE))
    assert isinstance(message, PublicMessage)  # noqa: S101 - it is one
    return message


@rule(RULES, "6.2", MacError, "membership tag", "A membership tag of another message")
def _membership_tag(lab: Lab) -> Forged:
    return sent(write_message(replace(_public(lab), membership_tag=bytes(32))))


@rule(RULES, "6.1", SignatureError, "not valid for this key", "Ann's message, signed by Cat")
def _signature_of_another(lab: Lab) -> Forged:
    return sent(lab.frame(_REMOVE, secret=lab.clients["cat"].signature.secret))


@rule(
    RULES,
    "6.1",
    SignatureError,
    "not valid for this key",
    "A member's signature that does not cover the group context",
)
def _signature_context(lab: Lab) -> Forged:
    return sent(lab.frame(_REMOVE, context=b""))


@rule(
    RULES,
    "6.1",
    InvalidMessageError,
    "which is blank",
    "A member's message from a leaf outside the tree",
)
def _sender_leaf(lab: Lab) -> Forged:
    return sent(lab.frame(_REMOVE, sender=MemberSender(77)))


@rule(
    RULES,
    "6.1",
    InvalidMessageError,
    "has no external sender 1",
    "An external sender that the group does not list",
)
def _unknown_external_sender(lab: Lab) -> Forged:
    sender, secret = ExternalSenderIndex(1), lab.outsider.secret
    return sent(lab.propose(Remove(3), sender, secret))


@rule(
    RULES,
    "6.1",
    InvalidMessageError,
    "may not send this CommitContent",
    "An external sender that commits",
)
def _external_commit_sender(lab: Lab) -> Forged:
    content = CommitContent(Commit((), None))
    sender = ExternalSenderIndex(0)
    return sent(lab.frame(content, sender=sender, secret=lab.outsider.secret, tag=bytes(32)))


@rule(
    RULES,
    "6.1",
    SignatureError,
    "not valid for this key",
    "An external sender's message, signed by somebody else",
)
def _external_sender_signature(lab: Lab) -> Forged:
    secret = lab.clients["eve"].signature.secret
    return sent(lab.propose(Remove(3), ExternalSenderIndex(0), secret))


@rule(
    RULES,
    "12.1.8",
    InvalidMessageError,
    "may not propose",
    "An external sender that proposes an Update",
)
def _external_update(lab: Lab) -> Forged:
    update = Update(own_leaf(lab.ann.state))
    return sent(lab.propose(update, ExternalSenderIndex(0), lab.outsider.secret))


@rule(
    RULES,
    "6.1",
    InvalidMessageError,
    "may not send this ProposalContent",
    "A new member that proposes a Remove",
)
def _new_member_removes(lab: Lab) -> Forged:
    return sent(lab.propose(Remove(3), NewMemberProposal(), lab.clients["eve"].signature.secret))


@rule(
    RULES,
    "6.1",
    SignatureError,
    "not valid for this key",
    "An Add of its own author, signed by another",
)
def _new_member_signature(lab: Lab) -> Forged:
    add = Add(lab.key_package("eve").package)
    return sent(lab.propose(add, NewMemberProposal(), lab.outsider.secret))


@rule(
    RULES,
    "6.1",
    InvalidMessageError,
    "may not send this ProposalContent",
    "Somebody who joins by commit and sends a proposal",
)
def _new_member_commit_proposes(lab: Lab) -> Forged:
    return sent(lab.propose(Remove(3), NewMemberCommit(), lab.clients["eve"].signature.secret))


@rule(
    RULES,
    "6",
    DecodeError,
    "application data must not be sent in a public message",
    "Application data in a public message",
)
def _public_application(lab: Lab) -> Forged:
    message = _public(lab)
    content = replace(message.content, content=ApplicationContent(b"hello"))
    state = lab.ann.state
    context, secret = encode(state.context), state.signature.secret
    encoded, signature = sign_content(
        lab.crypto, WireFormat.PUBLIC_MESSAGE, content, context, secret
    )
    auth = replace(message.auth, signature=signature)
    tbm = b"\x00\x01\x00\x01" + encoded + context + encode(auth)
    tag = lab.config.suite.mac(state.secrets.membership_key, tbm)
    return sent(write_message(PublicMessage(content, auth, tag)))


# Private messages


@rule(
    RULES,
    "6.3.1",
    DecodeError,
    "the padding of a private message is not all zero",
    "A private message padded with something else than zero bytes",
)
def _padding(lab: Lab) -> Forged:
    return sent(write_message(lab.private(padding=b"\x00\x01")))


@rule(
    RULES,
    "6.3.1",
    DecryptionError,
    "does not open",
    "A private message encrypted with the key of another generation than it says",
)
def _ciphertext(lab: Lab) -> Forged:
    return sent(write_message(lab.private(generation=1, used=0)))


@rule(
    RULES,
    "6.3.1",
    DecryptionError,
    "does not open",
    "Authenticated data that was not there when the message was encrypted",
)
def _authenticated_data(lab: Lab) -> Forged:
    return sent(write_message(replace(lab.private(), authenticated_data=b"else")))


@rule(
    RULES, "6.3.2", DecryptionError, "does not open", "Encrypted sender data of another ciphertext"
)
def _sender_data(lab: Lab) -> Forged:
    other = lab.private(generation=1).encrypted_sender_data
    return sent(write_message(replace(lab.private(), encrypted_sender_data=other)))


@rule(RULES, "6.3.2", InvalidMessageError, "which is blank", "Sender data that names a blank leaf")
def _sender_data_leaf(lab: Lab) -> Forged:
    return sent(write_message(lab.private(leaf=99)))


@rule(
    RULES,
    "6.3.2",
    DecryptionError,
    "does not open",
    "Sender data that names another member than the one whose key encrypts",
)
def _sender_of_another(lab: Lab) -> Forged:
    return sent(write_message(lab.private(leaf=2)))


@rule(
    RULES,
    "9.2",
    HistoryError,
    "was already used or deleted",
    "A private message that has been received before",
)
def _replay(lab: Lab) -> Forged:
    message = write_message(lab.private())
    return sent(message, message)


@rule(RULES, "15.3", HistoryError, "ahead of", "A generation more than a thousand ahead")
def _far_generation(lab: Lab) -> Forged:
    return sent(write_message(lab.private(generation=1001)))


@rule(
    RULES,
    "6.3.1",
    DecodeError,
    "is not a ContentType",
    "A private message of an unknown content type",
)
def _content_type(lab: Lab) -> Forged:
    message = write_message(lab.private())
    at = len(b"....\x03lab........")
    return sent(message[:at] + b"\x09" + message[at + 1 :])
