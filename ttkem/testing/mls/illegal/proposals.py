"""Rules of key packages, leaf nodes and proposals (sections 7.3, 10.1, 12.1 and 12.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.errors import HistoryError, InvalidMessageError, KeyFormatError, SignatureError
from ttkem.mls.group.state import Received, own_leaf
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.credentials import OtherCredential
from ttkem.mls.messages.extensions import (
    Extension,
    RequiredCapabilities,
    required_capabilities_extension,
)
from ttkem.mls.messages.leaf_node import InCommit, InUpdate, sign_leaf_node
from ttkem.mls.messages.proposals import (
    Add,
    ByReference,
    ByValue,
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

    from ttkem.mls.messages.key_package import KeyPackage
    from ttkem.mls.messages.leaf_node import Capabilities, LeafNode
    from ttkem.mls.messages.psk_ids import PreSharedKeyID as Name
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["RULES"]

RULES: list[Rule] = []

_ODD = Extension(0xF111, b"")
"""An extension that nobody supports."""


def _add(
    lab: Lab,
    package: Callable[[KeyPackage], KeyPackage] = lambda package: package,
    leaf: Callable[[LeafNode], LeafNode] = lambda leaf: leaf,
) -> Forged:
    return sent(lab.commit(Add(lab.altered_package(package, leaf)), path=False))


def _capable(change: Callable[[Capabilities], Capabilities]) -> Callable[[LeafNode], LeafNode]:
    return lambda leaf: replace(leaf, capabilities=change(leaf.capabilities))


# Key packages and their leaf nodes


@rule(RULES, "10.1", InvalidMessageError, "a key package for version 2")
def _key_package_version(lab: Lab) -> Forged:
    """An Add of a key package of version 2."""
    return _add(lab, lambda package: replace(package, version=2))


@rule(RULES, "10.1", InvalidMessageError, "a key package for cipher suite 3")
def _key_package_suite(lab: Lab) -> Forged:
    """An Add of a key package of another cipher suite."""
    return _add(lab, lambda package: replace(package, cipher_suite=3))


@rule(RULES, "10.1", InvalidMessageError, "one key for both ends")
def _key_package_init_key(lab: Lab) -> Forged:
    """An Add of a key package whose init key is its encryption key."""
    return _add(lab, lambda p: replace(p, init_key=p.leaf_node.encryption_key))


@rule(RULES, "10", KeyFormatError, "low order")
def _key_package_init_key_malformed(lab: Lab) -> Forged:
    """An Add of a key package whose init key is no public key."""
    return _add(lab, lambda package: replace(package, init_key=bytes(32)))


@rule(RULES, "10", InvalidMessageError, "a leaf node of another source")
def _key_package_source(lab: Lab) -> Forged:
    """An Add of a key package with a leaf node as Updates have it."""
    return _add(lab, leaf=lambda leaf: replace(leaf, source=InUpdate()))


@rule(RULES, "10.1", SignatureError, "not valid for this key")
def _key_package_signature(lab: Lab) -> Forged:
    """An Add of a key package that its owner did not sign."""
    package = lab.key_package("eve").package
    return sent(lab.commit(Add(replace(package, signature=bytes(64))), path=False))


@rule(RULES, "13.4", InvalidMessageError, "two extensions of one type")
def _key_package_extensions(lab: Lab) -> Forged:
    """An Add of a key package with an extension twice."""
    return _add(lab, lambda package: replace(package, extensions=(_ODD, _ODD)))


@rule(RULES, "7.3", SignatureError, "not valid for this key")
def _leaf_signature(lab: Lab) -> Forged:
    """An Add whose leaf node its owner did not sign."""
    return _add(lab, lambda p: replace(p, leaf_node=replace(p.leaf_node, signature=bytes(64))))


@rule(RULES, "7.3", InvalidMessageError, "which it does not list")
def _leaf_extension(lab: Lab) -> Forged:
    """A leaf node with an extension that it does not list among its capabilities."""
    return _add(lab, leaf=lambda leaf: replace(leaf, extensions=(_ODD,)))


@rule(RULES, "13.4", InvalidMessageError, "two extensions of one type")
def _leaf_extensions_twice(lab: Lab) -> Forged:
    """A leaf node with an extension twice."""
    twice = (Extension(1, b"a"), Extension(1, b"b"))
    return _add(lab, leaf=lambda leaf: replace(leaf, extensions=twice))


@rule(RULES, "7.2", InvalidMessageError, "its own credential type")
def _leaf_credential(lab: Lab) -> Forged:
    """A leaf node that does not list the type of its own credential."""
    return _add(lab, leaf=_capable(lambda listed: replace(listed, credentials=(2,))))


@rule(RULES, "7.3", InvalidMessageError, "that not all members support")
def _credential_of_others(lab: Lab) -> Forged:
    """A new member with a credential type that the others do not support."""

    def leaf(leaf: LeafNode) -> LeafNode:
        capabilities = replace(leaf.capabilities, credentials=(1, 9))
        return replace(leaf, capabilities=capabilities, credential=OtherCredential(9, b"eve"))

    return _add(lab, leaf=leaf)


@rule(RULES, "7.3", InvalidMessageError, "that not all members support")
def _credentials_in_use(lab: Lab) -> Forged:
    """A new member that does not support the credential types of the others."""

    def leaf(leaf: LeafNode) -> LeafNode:
        capabilities = replace(leaf.capabilities, credentials=(9,))
        return replace(leaf, capabilities=capabilities, credential=OtherCredential(9, b"eve"))

    return _add(lab, leaf=leaf)


@rule(RULES, "7.2", InvalidMessageError, "does not support MLS 1.0")
def _leaf_versions(lab: Lab) -> Forged:
    """A leaf node that does not list the version of the group."""
    return _add(lab, leaf=_capable(lambda listed: replace(listed, versions=(2,))))


@rule(RULES, "7.2", InvalidMessageError, "the group's cipher suite")
def _leaf_suites(lab: Lab) -> Forged:
    """A leaf node that does not list the cipher suite of the group."""
    return _add(lab, leaf=_capable(lambda listed: replace(listed, cipher_suites=(7,))))


@rule(RULES, "5.1.1", KeyFormatError, "public keys have 32 bytes")
def _leaf_key_malformed(lab: Lab) -> Forged:
    """A leaf node whose encryption key is no public key."""
    return _add(lab, leaf=lambda leaf: replace(leaf, encryption_key=b"short"))


@rule(RULES, "7.3", InvalidMessageError, "have the same encryption key")
def _leaf_key_twice(lab: Lab) -> Forged:
    """A new member with the encryption key of another."""
    key = own_leaf(lab.cat.state).encryption_key
    return _add(lab, leaf=lambda leaf: replace(leaf, encryption_key=key))


@rule(RULES, "12.2", InvalidMessageError, "have the same signature key")
def _member_already(lab: Lab) -> Forged:
    """An Add of somebody who is a member."""
    return sent(lab.commit(Add(lab.key_package("cat").package), path=False))


@rule(RULES, "12.2", InvalidMessageError, "have the same signature key")
def _added_twice(lab: Lab) -> Forged:
    """Two Adds of one client."""
    one, other = (Add(lab.key_package("eve").package) for _ in range(2))
    # Ann's tree cannot hold both: it has the first only.
    honest = Received(CustomProposal(0xF111, b""), MemberSender(0), None)
    return sent(lab.commit(one, received=((ByValue(other), honest),), path=False))


# Updates and removes


@rule(RULES, "7.3", InvalidMessageError, "an Update with a leaf node of another source")
def _update_source(lab: Lab) -> Forged:
    """An Update with a leaf node as commits have it."""
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    return sent(lab.update(lambda leaf: replace(leaf, encryption_key=key, source=InCommit(b""))))


@rule(RULES, "7.3", InvalidMessageError, "the old encryption key")
def _update_key(lab: Lab) -> Forged:
    """An Update that keeps the encryption key."""
    return sent(lab.update(lambda leaf: replace(leaf, source=InUpdate())))


def _fresh(lab: Lab) -> Callable[[LeafNode], LeafNode]:
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    return lambda leaf: replace(leaf, encryption_key=key, source=InUpdate())


@rule(RULES, "7.2", SignatureError, "not valid for this key")
def _update_group(lab: Lab) -> Forged:
    """An Update whose leaf node was signed for another group."""
    return sent(lab.update(_fresh(lab), group_id=b"other"))


@rule(RULES, "7.2", SignatureError, "not valid for this key")
def _update_leaf(lab: Lab) -> Forged:
    """An Update whose leaf node was signed for another leaf."""
    return sent(lab.update(_fresh(lab), number=1))


@rule(RULES, "12.2", InvalidMessageError, "the committer's own Update")
def _update_of_committer(lab: Lab) -> Forged:
    """A commit of the committer's own Update."""
    state = lab.ann.state
    leaf = sign_leaf_node(
        lab.crypto, _fresh(lab)(own_leaf(state)), state.signature.secret, b"lab", 0
    )
    return sent(lab.commit(Update(leaf)))


@rule(RULES, "12.1.3", InvalidMessageError, "where nobody is")
def _remove_of_nobody(lab: Lab) -> Forged:
    """A Remove of a leaf where nobody is."""
    return sent(lab.propose(Remove(17)))


@rule(RULES, "12.2", InvalidMessageError, "a committer who removes itself")
def _remove_of_committer(lab: Lab) -> Forged:
    """A commit that removes its author."""
    remove = lab.ann.propose(Remove(0))
    (reference,) = lab.ann.state.proposals
    # Ann's own path cannot be made in a tree that she is not in: hers is that of an empty commit.
    honest = Received(CustomProposal(0xF112, b""), MemberSender(0), None)
    return sent(lab.commit(received=((ByReference(reference), honest),)), remove)


@rule(RULES, "12.2", InvalidMessageError, "two Updates or Removes of leaf 3")
def _removed_twice(lab: Lab) -> Forged:
    """Two Removes of one leaf."""
    return sent(lab.commit(Remove(3), Remove(3)))


@rule(RULES, "12.2", InvalidMessageError, "two Updates or Removes of leaf 2")
def _updated_and_removed(lab: Lab) -> Forged:
    """An Update and a Remove of one leaf."""
    update = lab.cat.propose_update()
    for member in (lab.ann, lab.dan):
        member.process(update)
    ((reference, received),) = lab.ann.state.proposals.items()
    listed = ((ByReference(reference), received),)
    return sent(lab.commit(Remove(2), received=listed), update)


# Pre-shared keys


def _psk(lab: Lab, psk: ExternalPsk | ResumptionPsk, length: int = 32) -> Name:
    return PreSharedKeyID(psk, lab.randomness.draw(length))


@rule(RULES, "12.1.4", InvalidMessageError, "a PSK nonce of 31 bytes")
def _psk_nonce(lab: Lab) -> Forged:
    """A PSK nonce of another length than the hash's."""
    return sent(lab.commit(PreSharedKey(_psk(lab, PSK, 31))))


@rule(RULES, "12.1.4", InvalidMessageError, "out of its place")
def _psk_reinit(lab: Lab) -> Forged:
    """A PSK for reinitialisation in an ordinary commit."""
    psk = ResumptionPsk(PskUsage.REINIT, b"lab", 1)
    return sent(lab.commit(PreSharedKey(_psk(lab, psk))))


@rule(RULES, "12.1.4", InvalidMessageError, "out of its place")
def _psk_branch(lab: Lab) -> Forged:
    """A PSK for branching in an ordinary commit."""
    psk = ResumptionPsk(PskUsage.BRANCH, b"lab", 1)
    return sent(lab.commit(PreSharedKey(_psk(lab, psk))))


@rule(RULES, "12.2", InvalidMessageError, "one PSK twice")
def _psk_twice(lab: Lab) -> Forged:
    """One PreSharedKeyID twice."""
    psk = PreSharedKey(_psk(lab, PSK))
    return sent(lab.commit(psk, psk))


@rule(RULES, "12.4.2", InvalidMessageError, "an unknown pre-shared key")
def _psk_unknown(lab: Lab) -> Forged:
    """A pre-shared key that the receiver does not have."""
    return sent(lab.commit(PreSharedKey(_psk(lab, ExternalPsk(b"unheard of")))))


@rule(RULES, "8.6", InvalidMessageError, "an unknown pre-shared key")
def _psk_epoch(lab: Lab) -> Forged:
    """A resumption PSK of an epoch before the receiver joined."""
    psk = ResumptionPsk(PskUsage.APPLICATION, b"lab", 0)
    return sent(lab.commit(PreSharedKey(_psk(lab, psk))))


# The group's parameters


@rule(RULES, "12.1.5", InvalidMessageError, "the older version 0")
def _reinit_version(lab: Lab) -> Forged:
    """A ReInit to an older version."""
    return sent(lab.propose(ReInit(b"next", 0, 1, ())))


@rule(RULES, "13.4", InvalidMessageError, "two extensions of one type")
def _reinit_extensions(lab: Lab) -> Forged:
    """A ReInit with an extension twice."""
    return sent(lab.propose(ReInit(b"next", 1, 1, (_ODD, _ODD))))


@rule(RULES, "12.2", InvalidMessageError, "together with other proposals")
def _reinit_with_others(lab: Lab) -> Forged:
    """A ReInit together with another proposal."""
    return sent(lab.commit(ReInit(b"next", 1, 1, ()), Remove(3)))


@rule(RULES, "12.2", InvalidMessageError, "two GroupContextExtensions")
def _extensions_twice(lab: Lab) -> Forged:
    """Two GroupContextExtensions."""
    return sent(lab.commit(GroupContextExtensions(()), GroupContextExtensions(())))


@rule(RULES, "13.4", InvalidMessageError, "two extensions of one type")
def _extension_twice(lab: Lab) -> Forged:
    """GroupContextExtensions with an extension twice."""
    return sent(lab.propose(GroupContextExtensions((_ODD, _ODD))))


@rule(RULES, "13.4", InvalidMessageError, "extension that not all members support")
def _extension_unsupported(lab: Lab) -> Forged:
    """A group context extension that members do not support."""
    return sent(lab.commit(GroupContextExtensions((_ODD,))))


def _required(lab: Lab, required: RequiredCapabilities) -> Forged:
    extension = required_capabilities_extension(required)
    return sent(lab.commit(GroupContextExtensions((extension,))))


@rule(RULES, "12.1.7", InvalidMessageError, "extension that not all members support")
def _required_extension(lab: Lab) -> Forged:
    """A required extension that members do not support."""
    return _required(lab, RequiredCapabilities(extension_types=(0xF111,)))


@rule(RULES, "12.1.7", InvalidMessageError, "proposal type that not all members support")
def _required_proposal(lab: Lab) -> Forged:
    """A required proposal type that members do not support."""
    return _required(lab, RequiredCapabilities(proposal_types=(0xF111,)))


@rule(RULES, "12.1.7", InvalidMessageError, "credential type that not all members support")
def _required_credential(lab: Lab) -> Forged:
    """A required credential type that members do not support."""
    return _required(lab, RequiredCapabilities(credential_types=(2,)))


@rule(RULES, "12.1.6", InvalidMessageError, "may not make")
def _external_init(lab: Lab) -> Forged:
    """An ExternalInit of a member."""
    return sent(lab.propose(ExternalInit(bytes(32))))


@rule(RULES, "12.2", InvalidMessageError, "of the unknown type")
def _unknown_proposal(lab: Lab) -> Forged:
    """A proposal type that is not supported."""
    return sent(lab.commit(CustomProposal(0xF111, b"")))


@rule(RULES, "12.4", HistoryError, "unknown proposal")
def _unknown_reference(lab: Lab) -> Forged:
    """A reference to a proposal that was never sent."""
    honest = Received(Remove(3), MemberSender(0), None)
    return sent(lab.commit(received=((ByReference(bytes(32)), honest),)))
