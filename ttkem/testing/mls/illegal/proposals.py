"""Rules on proposals other than Adds (sections 7.3, 12.1 and 12.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.errors import (
    DecodeError,
    HistoryError,
    InvalidMessageError,
    KeyFormatError,
    MissingPskError,
    SignatureError,
)
from ttkem.mls.group.state import Received, own_leaf
from ttkem.mls.messages.codepoints import ExtensionType, PskUsage
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.extensions import (
    Extension,
    ExternalSender,
    RequiredCapabilities,
    external_senders_extension,
    required_capabilities_extension,
)
from ttkem.mls.messages.leaf_node import InCommit, InUpdate, sign_leaf_node
from ttkem.mls.messages.proposals import (
    ByReference,
    CustomProposal,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.testing.mls.illegal.lab import PSK
from ttkem.testing.mls.illegal.rule import Forged, Rule, rule, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.messages.psk_ids import PreSharedKeyID as Name
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["RULES"]

RULES: list[Rule] = []

_ODD = Extension(0xF111, b"")
"""An extension that no member supports."""


# Updates and removes


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "source of the Update is not update",
    "An Update whose leaf node has the source commit",
)
def _update_source(lab: Lab) -> Forged:
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    return sent(lab.update(lambda leaf: replace(leaf, encryption_key=key, source=InCommit(b""))))


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "has the old encryption key",
    "An Update that keeps the encryption key",
)
def _update_key(lab: Lab) -> Forged:
    return sent(lab.update(lambda leaf: replace(leaf, source=InUpdate())))


def _fresh(lab: Lab) -> Callable[[LeafNode], LeafNode]:
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    return lambda leaf: replace(leaf, encryption_key=key, source=InUpdate())


@rule(
    RULES,
    "7.2",
    SignatureError,
    "not valid for this key",
    "An Update whose leaf node was signed for another group",
)
def _update_group(lab: Lab) -> Forged:
    return sent(lab.update(_fresh(lab), group_id=b"other"))


@rule(
    RULES,
    "7.2",
    SignatureError,
    "not valid for this key",
    "An Update whose leaf node was signed for another leaf",
)
def _update_leaf(lab: Lab) -> Forged:
    return sent(lab.update(_fresh(lab), number=1))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "the committer's own Update",
    "A commit of the committer's own Update",
)
def _update_of_committer(lab: Lab) -> Forged:
    state = lab.ann.state
    leaf = sign_leaf_node(
        lab.crypto, _fresh(lab)(own_leaf(state)), state.signature.secret, b"lab", 0
    )
    return sent(lab.commit(Update(leaf)))


@rule(RULES, "12.1.3", InvalidMessageError, "which is blank", "A Remove of a blank leaf")
def _remove_of_nobody(lab: Lab) -> Forged:
    return sent(lab.propose(Remove(17)))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "the committer removes itself",
    "A commit that removes its author",
)
def _remove_of_committer(lab: Lab) -> Forged:
    remove = lab.ann.propose(Remove(0)).message
    (reference,) = lab.ann.state.proposals
    # Ann cannot make a path in a tree without her leaf, so it is that of an empty commit.
    honest = Received(CustomProposal(0xF112, b""), MemberSender(0), None)
    return sent(lab.commit(received=((ByReference(reference), honest),)), remove)


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "two Updates or Removes of leaf 3",
    "Two Removes of one leaf",
)
def _removed_twice(lab: Lab) -> Forged:
    return sent(lab.commit(Remove(3), Remove(3)))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "two Updates or Removes of leaf 2",
    "An Update and a Remove of one leaf",
)
def _updated_and_removed(lab: Lab) -> Forged:
    update = lab.cat.propose_update().message
    for member in (lab.ann, lab.dan):
        member.process(update)
    ((reference, received),) = lab.ann.state.proposals.items()
    listed = ((ByReference(reference), received),)
    return sent(lab.commit(Remove(2), received=listed), update)


# Pre-shared keys


def _psk(lab: Lab, psk: ExternalPsk | ResumptionPsk, length: int = 32) -> Name:
    return PreSharedKeyID(psk, lab.randomness.draw(length))


@rule(
    RULES,
    "12.1.4",
    InvalidMessageError,
    "the PSK nonce has 31 bytes",
    "A PSK nonce of another length than the hash's",
)
def _psk_nonce(lab: Lab) -> Forged:
    return sent(lab.commit(PreSharedKey(_psk(lab, PSK, 31))))


@rule(
    RULES,
    "12.1.4",
    InvalidMessageError,
    "is allowed only when that group is created",
    "A PSK for reinitialisation in an ordinary commit",
)
def _psk_reinit(lab: Lab) -> Forged:
    psk = ResumptionPsk(PskUsage.REINIT, b"lab", 1)
    return sent(lab.commit(PreSharedKey(_psk(lab, psk))))


@rule(
    RULES,
    "12.1.4",
    InvalidMessageError,
    "is allowed only when that group is created",
    "A PSK for branching in an ordinary commit",
)
def _psk_branch(lab: Lab) -> Forged:
    psk = ResumptionPsk(PskUsage.BRANCH, b"lab", 1)
    return sent(lab.commit(PreSharedKey(_psk(lab, psk))))


@rule(RULES, "12.2", InvalidMessageError, "one PSK twice", "One PreSharedKeyID twice")
def _psk_twice(lab: Lab) -> Forged:
    psk = PreSharedKey(_psk(lab, PSK))
    return sent(lab.commit(psk, psk))


@rule(
    RULES,
    "12.4.2",
    MissingPskError,
    "unknown pre-shared key",
    "A pre-shared key that the receiver does not have",
)
def _psk_unknown(lab: Lab) -> Forged:
    return sent(lab.commit(PreSharedKey(_psk(lab, ExternalPsk(b"unheard of")))))


@rule(
    RULES,
    "8.6",
    MissingPskError,
    "unknown pre-shared key",
    "A resumption PSK of an epoch before the receiver joined",
)
def _psk_epoch(lab: Lab) -> Forged:
    psk = ResumptionPsk(PskUsage.APPLICATION, b"lab", 0)
    return sent(lab.commit(PreSharedKey(_psk(lab, psk))))


# ReInit, GroupContextExtensions and other proposals


@rule(RULES, "12.1.5", InvalidMessageError, "the older version 0", "A ReInit to an older version")
def _reinit_version(lab: Lab) -> Forged:
    return sent(lab.propose(ReInit(b"next", 0, 1, ())))


@rule(
    RULES,
    "13.4",
    InvalidMessageError,
    "two extensions of one type",
    "A ReInit with an extension twice",
)
def _reinit_extensions(lab: Lab) -> Forged:
    return sent(lab.propose(ReInit(b"next", 1, 1, (_ODD, _ODD))))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "together with other proposals",
    "A ReInit together with another proposal",
)
def _reinit_with_others(lab: Lab) -> Forged:
    return sent(lab.commit(ReInit(b"next", 1, 1, ()), Remove(3)))


@rule(
    RULES, "12.2", InvalidMessageError, "two GroupContextExtensions", "Two GroupContextExtensions"
)
def _extensions_twice(lab: Lab) -> Forged:
    return sent(lab.commit(GroupContextExtensions(()), GroupContextExtensions(())))


@rule(
    RULES,
    "13.4",
    InvalidMessageError,
    "two extensions of one type",
    "GroupContextExtensions with an extension twice",
)
def _extension_twice(lab: Lab) -> Forged:
    return sent(lab.propose(GroupContextExtensions((_ODD, _ODD))))


@rule(
    RULES,
    "13.4",
    InvalidMessageError,
    "support a group context extension",
    "A group context extension that members do not support",
)
def _extension_unsupported(lab: Lab) -> Forged:
    return sent(lab.commit(GroupContextExtensions((_ODD,))))


def _required(lab: Lab, required: RequiredCapabilities) -> Forged:
    extension = required_capabilities_extension(required)
    return sent(lab.commit(GroupContextExtensions((extension,))))


@rule(
    RULES,
    "12.1.7",
    InvalidMessageError,
    "support a group context extension",
    "A required extension that members do not support",
)
def _required_extension(lab: Lab) -> Forged:
    return _required(lab, RequiredCapabilities(extension_types=(0xF111,)))


@rule(
    RULES,
    "12.1.7",
    InvalidMessageError,
    "support a required proposal type",
    "A required proposal type that members do not support",
)
def _required_proposal(lab: Lab) -> Forged:
    return _required(lab, RequiredCapabilities(proposal_types=(0xF111,)))


@rule(
    RULES,
    "12.1.7",
    InvalidMessageError,
    "support a required credential type",
    "A required credential type that members do not support",
)
def _required_credential(lab: Lab) -> Forged:
    return _required(lab, RequiredCapabilities(credential_types=(2,)))


@rule(RULES, "12.1.6", InvalidMessageError, "may not propose", "An ExternalInit of a member")
def _external_init(lab: Lab) -> Forged:
    return sent(lab.propose(ExternalInit(bytes(32))))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "has the unknown type",
    "A proposal type that is not supported",
)
def _unknown_proposal(lab: Lab) -> Forged:
    return sent(lab.commit(CustomProposal(0xF111, b"")))


@rule(
    RULES, "12.4", HistoryError, "unknown proposal", "A reference to a proposal that was never sent"
)
def _unknown_reference(lab: Lab) -> Forged:
    honest = Received(Remove(3), MemberSender(0), None)
    return sent(lab.commit(received=((ByReference(bytes(32)), honest),)))


# The content of known extensions, and credentials


def _malformed(number: int) -> Extension:
    return Extension(number, b"\xff")


@rule(
    RULES,
    "11.1",
    DecodeError,
    "the extension required_capabilities is malformed",
    "GroupContextExtensions with malformed required capabilities",
)
def _required_malformed(lab: Lab) -> Forged:
    extension = _malformed(ExtensionType.REQUIRED_CAPABILITIES)
    return sent(lab.propose(GroupContextExtensions((extension,))))


@rule(
    RULES,
    "12.1.8.1",
    DecodeError,
    "the extension external_senders is malformed",
    "GroupContextExtensions with malformed external senders",
)
def _external_senders_malformed(lab: Lab) -> Forged:
    extension = _malformed(ExtensionType.EXTERNAL_SENDERS)
    return sent(lab.propose(GroupContextExtensions((extension,))))


@rule(
    RULES,
    "12.1.5",
    DecodeError,
    "the extension required_capabilities is malformed",
    "A ReInit with malformed required capabilities",
)
def _reinit_malformed(lab: Lab) -> Forged:
    extension = _malformed(ExtensionType.REQUIRED_CAPABILITIES)
    return sent(lab.propose(ReInit(b"next", 1, 1, (extension,))))


@rule(
    RULES,
    "12.1.8.1",
    KeyFormatError,
    "low order",
    "An external sender whose key is the identity point, for which anybody can sign",
)
def _external_sender_key(lab: Lab) -> Forged:
    sender = ExternalSender(b"\x01" + bytes(31), BasicCredential(b"service"))
    extension = external_senders_extension([sender])
    return sent(lab.commit(GroupContextExtensions((extension,))))


@rule(
    RULES,
    "5.3.1",
    InvalidMessageError,
    "may not replace the old one",
    "An Update of a leaf node to another identity",
)
def _update_credential(lab: Lab) -> Forged:
    fresh = _fresh(lab)
    return sent(lab.update(lambda leaf: replace(fresh(leaf), credential=BasicCredential(b"anna"))))
