"""Rules on key packages and leaf nodes in Adds (sections 7.2, 7.3, 10.1 and 12.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.errors import DecodeError, InvalidMessageError, KeyFormatError, SignatureError
from ttkem.mls.group.state import Received, own_leaf
from ttkem.mls.messages.codepoints import ExtensionType
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.credentials import OtherCredential
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.key_package import sign_key_package
from ttkem.mls.messages.leaf_node import InKeyPackage, InUpdate
from ttkem.mls.messages.proposals import Add, ByValue, CustomProposal
from ttkem.testing.mls.illegal.lab import NOW
from ttkem.testing.mls.illegal.rule import Forged, Rule, rule, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.mls.group.welcomes import OwnKeyPackage
    from ttkem.mls.messages.key_package import KeyPackage
    from ttkem.mls.messages.leaf_node import Capabilities, LeafNode
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["RULES"]

RULES: list[Rule] = []

_ODD = Extension(0xF111, b"")
"""An extension that no member supports."""


def _add(
    lab: Lab,
    package: Callable[[KeyPackage], KeyPackage] = lambda package: package,
    leaf: Callable[[LeafNode], LeafNode] = lambda leaf: leaf,
) -> Forged:
    return sent(lab.commit(Add(lab.altered_package(package, leaf)), path=False))


def _capable(change: Callable[[Capabilities], Capabilities]) -> Callable[[LeafNode], LeafNode]:
    return lambda leaf: replace(leaf, capabilities=change(leaf.capabilities))


# Key packages and their leaf nodes


@rule(RULES, "10.1", InvalidMessageError, "for version 2", "An Add of a key package of version 2")
def _key_package_version(lab: Lab) -> Forged:
    return _add(lab, lambda package: replace(package, version=2))


@rule(
    RULES,
    "10.1",
    InvalidMessageError,
    "for cipher suite 3",
    "An Add of a key package of another cipher suite",
)
def _key_package_suite(lab: Lab) -> Forged:
    return _add(lab, lambda package: replace(package, cipher_suite=3))


@rule(
    RULES,
    "10.1",
    InvalidMessageError,
    "init key of the key package equals",
    "An Add of a key package whose init key is its encryption key",
)
def _key_package_init_key(lab: Lab) -> Forged:
    return _add(lab, lambda p: replace(p, init_key=p.leaf_node.encryption_key))


@rule(
    RULES,
    "10",
    KeyFormatError,
    "low order",
    "An Add of a key package whose init key is no public key",
)
def _key_package_init_key_malformed(lab: Lab) -> Forged:
    return _add(lab, lambda package: replace(package, init_key=bytes(32)))


@rule(
    RULES,
    "10",
    InvalidMessageError,
    "is not key_package",
    "An Add of a key package whose leaf node has the source update",
)
def _key_package_source(lab: Lab) -> Forged:
    return _add(lab, leaf=lambda leaf: replace(leaf, source=InUpdate()))


@rule(
    RULES,
    "10.1",
    SignatureError,
    "not valid for this key",
    "An Add of a key package that its owner did not sign",
)
def _key_package_signature(lab: Lab) -> Forged:
    package = lab.key_package("eve").package
    return sent(lab.commit(Add(replace(package, signature=bytes(64))), path=False))


@rule(
    RULES,
    "13.4",
    InvalidMessageError,
    "two extensions of one type",
    "An Add of a key package with an extension twice",
)
def _key_package_extensions(lab: Lab) -> Forged:
    return _add(lab, lambda package: replace(package, extensions=(_ODD, _ODD)))


@rule(
    RULES,
    "7.3",
    SignatureError,
    "not valid for this key",
    "An Add whose leaf node its owner did not sign",
)
def _leaf_signature(lab: Lab) -> Forged:
    return _add(lab, lambda p: replace(p, leaf_node=replace(p.leaf_node, signature=bytes(64))))


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "which it does not list",
    "A leaf node with an extension that it does not list among its capabilities",
)
def _leaf_extension(lab: Lab) -> Forged:
    return _add(lab, leaf=lambda leaf: replace(leaf, extensions=(_ODD,)))


@rule(
    RULES,
    "13.4",
    InvalidMessageError,
    "two extensions of one type",
    "A leaf node with an extension twice",
)
def _leaf_extensions_twice(lab: Lab) -> Forged:
    twice = (Extension(1, b"a"), Extension(1, b"b"))
    return _add(lab, leaf=lambda leaf: replace(leaf, extensions=twice))


@rule(
    RULES,
    "7.2",
    InvalidMessageError,
    "its own credential type",
    "A leaf node that does not list the type of its own credential",
)
def _leaf_credential(lab: Lab) -> Forged:
    return _add(lab, leaf=_capable(lambda listed: replace(listed, credentials=(2,))))


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "support a credential type in use",
    "A new member with a credential type that the others do not support",
)
def _credential_of_others(lab: Lab) -> Forged:
    def leaf(leaf: LeafNode) -> LeafNode:
        capabilities = replace(leaf.capabilities, credentials=(1, 9))
        return replace(leaf, capabilities=capabilities, credential=OtherCredential(9, b"eve"))

    return _add(lab, leaf=leaf)


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "support a credential type in use",
    "A new member that does not support the credential types of the others",
)
def _credentials_in_use(lab: Lab) -> Forged:
    def leaf(leaf: LeafNode) -> LeafNode:
        capabilities = replace(leaf.capabilities, credentials=(9,))
        return replace(leaf, capabilities=capabilities, credential=OtherCredential(9, b"eve"))

    return _add(lab, leaf=leaf)


@rule(
    RULES,
    "7.2",
    InvalidMessageError,
    "does not support MLS 1.0",
    "A leaf node that does not list the version of the group",
)
def _leaf_versions(lab: Lab) -> Forged:
    return _add(lab, leaf=_capable(lambda listed: replace(listed, versions=(2,))))


@rule(
    RULES,
    "5.1.1",
    KeyFormatError,
    "public keys have 32 bytes",
    "A leaf node whose encryption key is no public key",
)
def _leaf_key_malformed(lab: Lab) -> Forged:
    return _add(lab, leaf=lambda leaf: replace(leaf, encryption_key=b"short"))


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "have the same encryption key",
    "A new member with the encryption key of another",
)
def _leaf_key_twice(lab: Lab) -> Forged:
    key = own_leaf(lab.cat.state).encryption_key
    return _add(lab, leaf=lambda leaf: replace(leaf, encryption_key=key))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "have the same signature key",
    "An Add of somebody who is a member",
)
def _member_already(lab: Lab) -> Forged:
    return sent(lab.commit(Add(lab.key_package("cat").package), path=False))


@rule(RULES, "12.2", InvalidMessageError, "have the same signature key", "Two Adds of one client")
def _added_twice(lab: Lab) -> Forged:
    one, other = (Add(lab.key_package("eve").package) for _ in range(2))
    # Ann's tree can hold only one of both: the first.
    honest = Received(CustomProposal(0xF111, b""), MemberSender(0), None)
    return sent(lab.commit(one, received=((ByValue(other), honest),), path=False))


# Lifetimes, capabilities and extensions


def _lifetime(lab: Lab, start: int, end: int) -> Forged:
    return _add(lab, leaf=lambda leaf: replace(leaf, source=InKeyPackage(start, end)))


@rule(
    RULES, "7.2", InvalidMessageError, "more than 32054400 s", "A leaf node that is valid for ever"
)
def _lifetime_endless(lab: Lab) -> Forged:
    return _lifetime(lab, 0, (1 << 64) - 1)


@rule(RULES, "7.3", InvalidMessageError, "outside its lifetime", "A leaf node that expired in 1970")
def _lifetime_over(lab: Lab) -> Forged:
    return _lifetime(lab, 0, 86_400)


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "outside its lifetime",
    "A leaf node that is valid only a year from now",
)
def _lifetime_ahead(lab: Lab) -> Forged:
    return _lifetime(lab, NOW + 31_536_000, NOW + 31_622_400)


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "ends before it starts",
    "A leaf node whose lifetime ends before it starts",
)
def _lifetime_reversed(lab: Lab) -> Forged:
    return _lifetime(lab, NOW + 1, NOW - 1)


@rule(
    RULES,
    "7.2",
    InvalidMessageError,
    "lists a default type",
    "A leaf node that lists a default extension type",
)
def _default_extension(lab: Lab) -> Forged:
    return _add(lab, leaf=_capable(lambda listed: replace(listed, extensions=(2,))))


@rule(
    RULES,
    "7.2",
    InvalidMessageError,
    "lists a default type",
    "A leaf node that lists a default proposal type",
)
def _default_proposal(lab: Lab) -> Forged:
    return _add(lab, leaf=_capable(lambda listed: replace(listed, proposals=(1,))))


@rule(
    RULES,
    "5.3.3",
    DecodeError,
    "the extension application_id is malformed",
    "A leaf node whose application_id has a byte too many",
)
def _application_id(lab: Lab) -> Forged:
    extension = Extension(ExtensionType.APPLICATION_ID, b"\x01a\x00")
    return _add(lab, leaf=lambda leaf: replace(leaf, extensions=(extension,)))


# Keys and clients


@rule(
    RULES,
    "5.1.1",
    KeyFormatError,
    "is not encoded as its owner has it",
    "A leaf node whose X25519 key has its highest bit set, so that its owner could not decrypt",
)
def _leaf_key_encoding(lab: Lab) -> Forged:
    def marked(leaf: LeafNode) -> LeafNode:
        key = leaf.encryption_key
        return replace(leaf, encryption_key=key[:-1] + bytes((key[-1] | 0x80,)))

    return _add(lab, leaf=marked)


@rule(
    RULES,
    "5.1.1",
    KeyFormatError,
    "the ed25519 public key has low order",
    "A leaf node whose Ed25519 key is the identity point, for which anybody can sign",
)
def _signature_key_order(lab: Lab) -> Forged:
    identity = b"\x01" + bytes(31)
    package = lab.key_package("eve").package
    leaf = replace(package.leaf_node, signature_key=identity, signature=identity + bytes(32))
    return sent(
        lab.commit(
            Add(replace(package, leaf_node=leaf, signature=identity + bytes(32))), path=False
        )
    )


@rule(
    RULES,
    "10",
    InvalidMessageError,
    "is the encryption key of a node",
    "An Add of a key package whose init key is a member's encryption key",
)
def _init_key_of_member(lab: Lab) -> Forged:
    key = own_leaf(lab.cat.state).encryption_key
    return _add(lab, lambda package: replace(package, init_key=key))


def _other(lab: Lab, name: str) -> OwnKeyPackage:
    """Return a key package of a new client with this name."""
    return lab.client(name).key_package(lab.randomness)


@rule(RULES, "10", InvalidMessageError, "with one init key", "Two Adds with one init key")
def _init_key_twice(lab: Lab) -> Forged:
    one, other = lab.key_package("eve").package, _other(lab, "fay")
    other_package = sign_key_package(
        lab.crypto, replace(other.package, init_key=one.init_key), other.signature.secret
    )
    return sent(lab.commit(Add(one), Add(other_package), path=False))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "is a client that is in the group already",
    "An Add of a member under new keys",
)
def _client_already(lab: Lab) -> Forged:
    return sent(lab.commit(Add(_other(lab, "cat").package), path=False))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "or is added twice",
    "Two Adds of one client under different keys",
)
def _client_twice(lab: Lab) -> Forged:
    one, other = (Add(_other(lab, "fay").package) for _ in range(2))
    return sent(lab.commit(one, other, path=False))
