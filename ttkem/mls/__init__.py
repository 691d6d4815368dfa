"""Messaging Layer Security, RFC 9420: a group whose every message others accept.

>>> from ttkem.crypto import SeededRandomness, cipher_suite
>>> rules, randomness = Rules(cipher_suite(1)), SeededRandomness(9420)
>>> ann, bob = (Client.basic(rules, name, randomness) for name in (b"ann", b"bob"))
>>> group, own = Member.create(ann, b"a group", randomness), bob.key_package(randomness)
>>> commit = group.add(own.package)
>>> group.confirm(commit.id).epoch
1
>>> other = Member.join(rules, commit.welcome, own, randomness)
>>> other.epoch_authenticator == group.epoch_authenticator
True
>>> group.process(other.send(b"hello")).data
b'hello'

Each module is a section or two of the RFC and says which; a bare "section" in this package is one
of RFC 9420.
"""

from ttkem.mls.client import Client, Lifetime
from ttkem.mls.codepoints import ExtensionType, ProposalType
from ttkem.mls.credentials import BasicCredential, OtherCredential, X509Credential
from ttkem.mls.extensions import Extension, RequiredCapabilities
from ttkem.mls.key_package import KeyPackage
from ttkem.mls.key_schedule import with_additions
from ttkem.mls.leaf_node import Capabilities, LeafNode
from ttkem.mls.member import (
    ApplicationMessage,
    CommitMade,
    EpochStarted,
    Event,
    Member,
    ProposalArrived,
    Removed,
)
from ttkem.mls.messages import read_message, write_message
from ttkem.mls.proposals import (
    Add,
    CustomProposal,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
)
from ttkem.mls.psk import ExternalPsk, ResumptionPsk
from ttkem.mls.rules import Authentication, CustomRule, Rules, TrustEverybody, TrustRoots
from ttkem.mls.secret_tree import Limits
from ttkem.mls.send import CommitOptions, Framing, LeafChange
from ttkem.mls.welcome import OwnKeyPackage

__all__ = [
    "Add",
    "ApplicationMessage",
    "Authentication",
    "BasicCredential",
    "Capabilities",
    "Client",
    "CommitMade",
    "CommitOptions",
    "CustomProposal",
    "CustomRule",
    "EpochStarted",
    "Event",
    "Extension",
    "ExtensionType",
    "ExternalPsk",
    "Framing",
    "GroupContextExtensions",
    "KeyPackage",
    "LeafChange",
    "LeafNode",
    "Lifetime",
    "Limits",
    "Member",
    "OtherCredential",
    "OwnKeyPackage",
    "PreSharedKey",
    "ProposalArrived",
    "ProposalType",
    "ReInit",
    "Remove",
    "Removed",
    "RequiredCapabilities",
    "ResumptionPsk",
    "Rules",
    "TrustEverybody",
    "TrustRoots",
    "X509Credential",
    "read_message",
    "with_additions",
    "write_message",
]
