"""Stand-ins for `mls_rs_uniffi` and `rfc9420`: their calls, as far as adapters use them, over ours.

They let the adapters be tested where the packages are absent; that they are like the packages is
what `tests/peers/test_peers_installed.py` shows where those are there.
"""

import sys
from dataclasses import dataclass, replace
from enum import Enum
from types import ModuleType, SimpleNamespace

from ttkem.crypto import KeyPair, SystemRandomness, cipher_suite
from ttkem.errors import LocalError, RemoteError
from ttkem.mls import (
    Add,
    Client,
    Configuration,
    KeyPackage,
    Member,
    Remove,
    read_message,
    write_message,
)
from ttkem.mls import member as mls
from ttkem.mls.client import capabilities
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.sending import Framing
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.key_package import key_package_ref
from ttkem.wire import decode

SUITE = cipher_suite(1)
RULES = Configuration(SUITE)
RANDOMNESS = SystemRandomness()
PUBLIC = Framing(public=True)


def client_of(identity, pair):
    credential = BasicCredential(identity)
    return Client(RULES, credential, pair, capabilities(RULES, credential))


def as_their_own(error, call, *arguments, **options):
    """What ours refuses, in the package's error."""
    try:
        return call(*arguments, **options)
    except (LocalError, RemoteError) as refused:
        raise error(str(refused)) from refused


# mls-rs


class MlsError(Exception):
    pass


class CipherSuite(Enum):
    CURVE25519_AES128 = 0


@dataclass
class SignatureKeypair:
    cipher_suite: CipherSuite
    public_key: SimpleNamespace
    secret_key: SimpleNamespace


def generate_signature_keypair(suite):
    pair = SUITE.generate_signature_key_pair(RANDOMNESS)
    public, secret = SimpleNamespace(bytes=pair.public), SimpleNamespace(bytes=pair.secret)
    return SignatureKeypair(suite, public, secret)


class Message:
    def __init__(self, data):
        self.data = data

    @classmethod
    def from_bytes(cls, data):
        as_their_own(MlsError, read_message, data)
        return cls(data)

    def to_bytes(self):
        return self.data


class RsClient:
    def __init__(self, identity, pair, config):
        assert config == "default"
        self.name = identity, pair.public_key.bytes
        self.client = client_of(identity, KeyPair(pair.public_key.bytes, pair.secret_key.bytes))
        self.packages, self.stored = {}, {}

    def signing_identity(self):
        return self.name

    def generate_key_package_message(self):
        own = self.client.key_package(RANDOMNESS)
        self.packages[key_package_ref(RULES.crypto, own.package)] = own
        return Message(write_message(own.package))

    def create_group(self, group_id):
        return RsGroup(self, Member.create(self.client, group_id, RANDOMNESS))

    def join_group(self, tree, message):
        assert tree is None
        welcome = read_message(message.data)
        for entry in getattr(welcome, "secrets", ()):
            own = self.packages.pop(entry.new_member, None)
            if own is not None:
                member = as_their_own(MlsError, Member.join, RULES, message.data, own, RANDOMNESS)
                return SimpleNamespace(group=RsGroup(self, member))
        raise MlsError("key package not found")

    def load_group(self, group_id):
        return RsGroup(self, Member(RULES, self.stored[group_id], RANDOMNESS))


class RsGroup:
    def __init__(self, client, member):
        self.client, self.member, self.made = client, member, None

    def write_to_storage(self):
        self.client.stored[self.member.group_id] = self.member.state

    def _commit(self, proposals):
        options = CommitOptions(framing=PUBLIC)
        self.made = as_their_own(MlsError, self.member.commit, proposals, options=options)
        welcome = self.made.welcome
        return SimpleNamespace(
            commit_message=Message(self.made.message),
            welcome_message=None if welcome is None else Message(welcome),
        )

    def commit(self):
        return self._commit([])

    def add_members(self, packages):
        read = [read_message(package.data) for package in packages]
        if not all(isinstance(package, KeyPackage) for package in read):
            raise MlsError("no key package")
        return self._commit([Add(package) for package in read])

    def remove_members(self, identities):
        return self._commit(
            [
                Remove(leaf)
                for leaf, node in self.member.roster.items()
                if (node.credential.identity, node.signature_key) in identities
            ]
        )

    def process_incoming_message(self, message):
        if self.made is not None and message.data == self.made.message:
            event = self.member.confirm(self.made.id)
        else:
            event = as_their_own(MlsError, self.member.process, message.data)
        removed = isinstance(event, mls.Removed)
        return SimpleNamespace(
            is_commit=lambda: removed or isinstance(event, mls.EpochStarted),
            effect=SimpleNamespace(is_removed=lambda: removed),
        )

    def export_tree(self):
        return SimpleNamespace(bytes=self.member.ratchet_tree())

    def encrypt_application_message(self, data):
        return Message(self.member.send(data))

    def export_secret(self, label, context, length):
        return self.member.export(label, context, length)


def mls_rs_uniffi():
    module = ModuleType("mls_rs_uniffi")
    module.Error, module.CipherSuite, module.Message = MlsError, CipherSuite, Message
    module.SignatureKeypair, module.SignaturePublicKey = SignatureKeypair, SimpleNamespace
    module.Client, module.client_config_default = RsClient, lambda: "default"
    module.generate_signature_keypair = generate_signature_keypair
    return {"mls_rs_uniffi": module}


# rfc9420


class RFC9420Error(Exception):
    pass


class TLSDecodeError(Exception):
    pass


class Unframed:
    """A structure that the package reads and writes without the frame of an MLSMessage."""

    frame = b""

    def __init__(self, data):
        self.data = data

    @classmethod
    def deserialize(cls, data):
        as_their_own(TLSDecodeError, read_message, cls.frame + data)
        return cls(data)

    def serialize(self):
        return self.data

    @property
    def framed(self):
        return self.frame + self.data


class Plaintext(Unframed):
    frame = b"\0\1\0\1"


class Welcome(Unframed):
    frame = b"\0\1\0\3"


class Package(Unframed):
    frame = b"\0\1\0\5"


class SenderType(Enum):
    MEMBER = 1


class Tree:
    def __init__(self, roster):
        self.roster, self.n_leaves = roster, max(roster) + 1

    def get_node(self, index):
        return SimpleNamespace(leaf_node=self.roster.get(index // 2))


class ProtocolMLSGroup:
    """As the package's, a group knows no signing key: it comes with each call."""

    def __init__(self, member=None, alone=None):
        self.member, self.alone, self.last = member, alone, None
        self.sent, self.proposer = set(), None

    def __deepcopy__(self, memo):
        member = self.member and Member(RULES, self.member.state, RANDOMNESS)
        copied = ProtocolMLSGroup(member, self.alone)
        copied.sent, copied.proposer = set(self.sent), self.proposer
        return copied

    @classmethod
    def create(cls, group_id, package, crypto):
        assert crypto == "crypto"
        return cls(alone=(group_id, decode(KeyPackage, package.data)))

    @classmethod
    def from_welcome(cls, welcome, init, crypto, *, key_package, encryption_private_key):
        assert crypto == "crypto"
        package = decode(KeyPackage, key_package.data)
        nobody = KeyPair(package.leaf_node.signature_key, b"")
        own = OwnKeyPackage(package, init, encryption_private_key, nobody)
        joined = as_their_own(RFC9420Error, Member.join, RULES, welcome.framed, own, RANDOMNESS)
        return cls(joined)

    def _signing(self, secret):
        """The member, able to sign."""
        if self.member is None:
            group_id, package = self.alone
            leaf = package.leaf_node
            client = client_of(leaf.credential.identity, KeyPair(leaf.signature_key, secret))
            self.member = Member.create(client, group_id, RANDOMNESS)
        state = self.member.state
        signature = KeyPair(state.signature.public, secret)
        self.member = Member(RULES, replace(state, signature=signature), RANDOMNESS)
        return self.member

    def get_epoch(self):
        return 0 if self.member is None else self.member.epoch

    def get_own_leaf_index(self):
        return self.member.leaf if self.member else 0

    def _propose(self, proposal, secret):
        signing = self.proposer or Member(RULES, self._signing(secret).state, RANDOMNESS)
        message = as_their_own(RFC9420Error, signing.propose, proposal, PUBLIC).message
        self.sent.add(message)
        self.proposer = signing
        return Plaintext(message[4:])

    def create_add_proposal(self, package, secret):
        return self._propose(Add(decode(KeyPackage, package.data)), secret)

    def create_remove_proposal(self, leaf, secret):
        return self._propose(Remove(leaf), secret)

    def process_proposal(self, message, sender):
        assert sender.kind is SenderType.MEMBER
        if message.framed in self.sent:
            self.member, self.proposer = self.proposer or self.member, None
        else:
            as_their_own(RFC9420Error, self.member.process, message.framed)

    def create_commit(self, secret):
        # as in the package, the proposals that were processed are referred to
        by = self._signing(secret)
        options, references = CommitOptions(framing=PUBLIC), sorted(by.state.proposals)
        made = as_their_own(RFC9420Error, by.commit, references=references, options=options)
        welcomes = [Welcome(made.welcome[4:])] if made.welcome else []
        message = Plaintext(made.message[4:])
        return SimpleNamespace(id=made.id, commit_message=message, welcomes=welcomes)

    def apply_own_commit(self, pending):
        self.member.confirm(pending.id)

    def process_commit(self, message, leaf):
        if leaf not in self.member.roster:
            raise RFC9420Error("no such leaf")
        own, roster = self.member.leaf, self.member.roster
        as_their_own(RFC9420Error, self.member.process, message.framed)
        self.last = {number: node for number, node in roster.items() if number != own}

    @property
    def _ratchet_tree(self):
        return Tree(self.member.roster if self.member.in_group else self.last)

    def export_secret(self, label, context, length):
        return self.member.export(label, context, length)


def rfc9420():
    modules = {
        name: ModuleType(name)
        for name in (
            "rfc9420",
            "rfc9420.messages",
            "rfc9420.messages.key_packages",
            "rfc9420.messages.data_structures",
            "rfc9420.messages.messages",
        )
    }
    package = modules["rfc9420"]
    package.RFC9420Error, package.TLSDecodeError = RFC9420Error, TLSDecodeError
    package.ProtocolMLSGroup, package.DefaultCryptoProvider = ProtocolMLSGroup, lambda: "crypto"
    package.SenderType = SenderType
    package.Sender = lambda leaf, kind: SimpleNamespace(leaf=leaf, kind=kind)
    modules["rfc9420.messages.key_packages"].KeyPackage = Package
    modules["rfc9420.messages.data_structures"].Welcome = Welcome
    modules["rfc9420.messages.messages"].MLSPlaintext = Plaintext
    return modules


# gbp-stack


class MlsContext:
    """A context of the package: one client with one key package, in one group."""

    def __init__(self, client, own, member, *, alone=None):
        self.client, self.own, self.member, self.made = client, own, member, alone

    @classmethod
    def create(cls, name):
        client = client_of(name.encode(), SUITE.generate_signature_key_pair(RANDOMNESS))
        alone = Member.create(client, b"sixteen byte id!", RANDOMNESS)
        return cls(client, client.key_package(RANDOMNESS), alone)

    @property
    def epoch(self):
        return self.member.epoch

    def export_key_package(self):
        return write_message(self.own.package)[4:]

    def accept_welcome(self, welcome):
        self.member = as_their_own(OSError, Member.join, RULES, welcome, self.own, RANDOMNESS)

    def export_state(self):
        return self.client, self.own, self.member.state

    @classmethod
    def restore_state(cls, state):
        client, own, kept = state
        return cls(client, own, Member(RULES, kept, RANDOMNESS))

    def invite_full(self, package):
        read = as_their_own(OSError, read_message, b"\0\1\0\5" + package)
        self.made = as_their_own(OSError, self.member.add, read)
        return self.made.message, self.made.welcome

    def remove_member(self, leaf):
        self.made = as_their_own(OSError, self.member.remove, leaf)
        return self.made.message

    def process_message(self, message):
        if message[:4] == b"\0\1\0\1":
            raise OSError("IncompatibleWireFormat")
        event = as_their_own(OSError, self.member.process, message)
        return "commit" if isinstance(event, mls.EpochStarted) else "application"

    def finalize_commit(self):
        if self.made is not None:
            self.member.confirm(self.made.id)
        self.made = None


def gbp_stack():
    module = ModuleType("gbp_stack.mls_context")
    module.MlsContext = MlsContext
    return {"gbp_stack": ModuleType("gbp_stack"), "gbp_stack.mls_context": module}


def install(monkeypatch, modules):
    """Make them importable for one test."""
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
