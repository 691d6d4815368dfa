"""Messaging Layer Security (RFC 9420).

>>> from ttkem.crypto import SeededRandomness, cipher_suite
>>> config, randomness = Configuration(cipher_suite(1)), SeededRandomness(9420)
>>> ann, bob = (Client.basic(config, name, randomness) for name in (b"ann", b"bob"))
>>> group, own = Member.create(ann, b"a group", randomness), bob.key_package(randomness)
>>> commit = group.add(own.package)
>>> group.confirm(commit.id).epoch
1
>>> other = Member.join(config, commit.welcome, own, randomness)
>>> other.epoch_authenticator == group.epoch_authenticator
True
>>> group.process(other.send(b"hello")).data
b'hello'

The subpackages follow the RFC: :mod:`~ttkem.mls.messages` holds the message formats,
:mod:`~ttkem.mls.keys` the key schedule and message protection, :mod:`~ttkem.mls.tree` the ratchet
tree, and :mod:`~ttkem.mls.group` the evolution of a group from epoch to epoch. Applications use
:class:`Client` and :class:`Member`. Each module names the sections of the RFC that it implements;
a bare "section" in this package is a section of RFC 9420.
"""

from ttkem.mls.client import Client, KeyPackages, Lifetime
from ttkem.mls.events import (
    ApplicationMessage,
    CommitMade,
    EpochStarted,
    Event,
    ProposalArrived,
    ProposalMade,
    Removed,
)
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.external import outside_proposal, propose_oneself
from ttkem.mls.group.policy import (
    Authentication,
    Configuration,
    CustomRule,
    Policy,
    TrustEverybody,
    TrustRoots,
)
from ttkem.mls.group.proposal_selection import LeftOut
from ttkem.mls.group.sending import Framing, LeafChange
from ttkem.mls.group.state import Received
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.keys.key_schedule import with_additions
from ttkem.mls.limits import Limits
from ttkem.mls.member import Member
from ttkem.mls.member_storage import read_client, read_member, write_client, write_member
from ttkem.mls.messages.codepoints import MLS10, ExtensionType, ProposalType, PskUsage
from ttkem.mls.messages.credentials import BasicCredential, OtherCredential, X509Credential
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.extensions import (
    Extension,
    ExternalSender,
    RequiredCapabilities,
    external_senders_extension,
    required_capabilities_extension,
)
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.leaf_node import Capabilities, LeafNode
from ttkem.mls.messages.proposals import (
    Add,
    CustomProposal,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.mls.states import MemberState
from ttkem.mls.tree.ratchet_tree import read_ratchet_tree

__all__ = [
    "MLS10",
    "Add",
    "ApplicationMessage",
    "Authentication",
    "BasicCredential",
    "Capabilities",
    "Client",
    "CommitMade",
    "CommitOptions",
    "Configuration",
    "CustomProposal",
    "CustomRule",
    "EpochStarted",
    "Event",
    "Extension",
    "ExtensionType",
    "ExternalPsk",
    "ExternalSender",
    "Framing",
    "GroupContextExtensions",
    "KeyPackage",
    "KeyPackages",
    "LeafChange",
    "LeafNode",
    "LeftOut",
    "Lifetime",
    "Limits",
    "Member",
    "MemberState",
    "OtherCredential",
    "OwnKeyPackage",
    "Policy",
    "PreSharedKey",
    "PreSharedKeyID",
    "ProposalArrived",
    "ProposalMade",
    "ProposalType",
    "PskUsage",
    "ReInit",
    "Received",
    "Remove",
    "Removed",
    "RequiredCapabilities",
    "ResumptionPsk",
    "TrustEverybody",
    "TrustRoots",
    "X509Credential",
    "external_senders_extension",
    "outside_proposal",
    "propose_oneself",
    "read_client",
    "read_member",
    "read_message",
    "read_ratchet_tree",
    "required_capabilities_extension",
    "with_additions",
    "write_client",
    "write_member",
    "write_message",
]
