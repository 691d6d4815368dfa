"""A group with a member who forges messages, and a receiver who must reject them.

Ann forges messages to Bob, who has joined with a Welcome. The forgeries are made with the library's
own functions, without their checks, so that each message is valid except for one edit: it is
signed, encrypted and, where possible, has the right confirmation tag.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rpds import HashTrieMap

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.mls.client import Client
from ttkem.mls.group.commit_creation import Authorship, author
from ttkem.mls.group.effects import apply_proposals, sort_proposals
from ttkem.mls.group.epochs import found_psks
from ttkem.mls.group.policy import Configuration, Policy, fixed_clock
from ttkem.mls.group.sending import Framing
from ttkem.mls.group.state import Received, own_leaf
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.epoch import epoch_from_joiner
from ttkem.mls.keys.message_protection import (
    Framed,
    seal_parts,
    seal_public,
    sign_content,
    sign_message,
)
from ttkem.mls.keys.secret_tree import RatchetKind
from ttkem.mls.limits import Limits
from ttkem.mls.member import Member
from ttkem.mls.messages.codepoints import ContentType, WireFormat
from ttkem.mls.messages.content import (
    ApplicationContent,
    CommitAuth,
    CommitContent,
    FramedContent,
    HPKECiphertext,
    MemberSender,
    MessageAuth,
    ProposalContent,
)
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.extensions import ExternalSender, external_senders_extension
from ttkem.mls.messages.framing import PrivateMessage, SenderData
from ttkem.mls.messages.key_package import key_package_ref, sign_key_package
from ttkem.mls.messages.leaf_node import sign_leaf_node
from ttkem.mls.messages.proposals import Add, ByValue, ExternalInit, Update
from ttkem.mls.messages.psk_ids import ExternalPsk, ResumptionPsk
from ttkem.mls.messages.welcome import (
    EncryptedGroupSecrets,
    GroupInfo,
    GroupSecrets,
    PathSecret,
    Welcome,
    sign_group_info,
)
from ttkem.mls.tree.ratchet_tree import ratchet_tree_extension
from ttkem.mls.tree.treekem import create_path
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.mls.group.commit_creation import Authored
    from ttkem.mls.group.welcomes import OwnKeyPackage
    from ttkem.mls.messages.content import Content, Sender, UpdatePath
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.key_package import KeyPackage
    from ttkem.mls.messages.leaf_node import InCommit, LeafNode
    from ttkem.mls.messages.proposals import Proposal, ProposalOrRef
    from ttkem.mls.messages.psk_ids import PreSharedKeyID
    from ttkem.mls.tree.ratchet_tree import RatchetTree
    from ttkem.mls.tree.treekem import NewPath

__all__ = ["NOW", "PSK", "Edits", "Lab", "WelcomeEdits"]

NOW = 1_767_225_600
"""The time in the lab and for its receivers: the start of 2026."""

PSK = ExternalPsk(b"shared key")


def _same(value: Any) -> Any:  # noqa: ANN401 - whatever is to be edited
    return value


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of a forged commit: each function gets the honest value."""

    leaf: Callable[[LeafNode], LeafNode] = _same
    """The path's leaf node, before it is signed."""
    signed_leaf: Callable[[LeafNode], LeafNode] = _same
    path: Callable[[UpdatePath], UpdatePath | None] = _same
    content: Callable[[FramedContent], FramedContent] = _same
    tag: Callable[[bytes], bytes] = _same
    signature: Callable[[bytes], bytes] = _same


@dataclass(frozen=True, slots=True)
class WelcomeEdits:
    """The edits of a forged Welcome to Eve, in the order in which they are applied."""

    tree: Callable[[RatchetTree], RatchetTree] = _same
    context: Callable[[GroupContext], GroupContext] = _same
    info: Callable[[GroupInfo], GroupInfo] = _same
    """The GroupInfo, before it is signed."""
    signer: Callable[[bytes], bytes] = _same
    """The secret key that signs the GroupInfo."""
    signature: Callable[[bytes], bytes] = _same
    secrets: Callable[[GroupSecrets], GroupSecrets] = _same
    welcome: Callable[[Welcome], Welcome] = _same
    psks: tuple[tuple[PreSharedKeyID, bytes], ...] = ()


class Lab:
    """A group of Ann, Bob, Cat and Dan, with an external sender and a pre-shared key."""

    def __init__(
        self, seed: int = 1, suite: int = 1, guests: Mapping[str, KeyPackage] | None = None
    ) -> None:
        """Create the group; ``guests`` are key packages that replace those of Bob or Eve."""
        guests = guests or {}
        self.config = Configuration(
            cipher_suite(suite), Policy(psks=self.psks, clock=fixed_clock(NOW))
        )
        self.crypto = self.config.crypto
        self.randomness = SeededRandomness(seed)
        self.outsider = self.config.suite.generate_signature_key_pair(self.randomness)
        sender = ExternalSender(self.outsider.public, BasicCredential(b"service"))
        self.clients = {name: self.client(name) for name in ("ann", "bob", "cat", "dan", "eve")}
        self.ann = Member.create(
            self.clients["ann"],
            b"lab",
            self.randomness,
            extensions=(external_senders_extension([sender]),),
        )
        self.history: list[bytes] = []
        """The messages that Bob has received since he joined."""
        self.own = {name: self.key_package(name) for name in ("bob", "cat", "dan")}
        packages = {name: guests.get(name, own.package) for name, own in self.own.items()}
        made = self.ann.add(*packages.values())
        assert made.welcome is not None  # noqa: S101 - it adds somebody
        self.welcome = made.welcome
        self.ann.confirm(made.id)
        self.members = {"ann": self.ann}
        """The members by name, without guests."""
        for name, own in self.own.items():
            if name not in guests:
                self.members[name] = Member.join(self.config, self.welcome, own, self.randomness)
        self.cat, self.dan = self.members["cat"], self.members["dan"]
        eve = self.key_package("eve")
        self.eve = replace(eve, package=guests.get("eve", eve.package))
        made = self.dan.commit()
        self.dan.confirm(made.id)
        self.deliver(made.message, but=self.dan)

    @property
    def bob(self) -> Member:
        """The receiver; a KeyError if he is a guest."""
        return self.members["bob"]

    def client(self, name: str) -> Client:
        """Return a client with a basic credential."""
        return Client.basic(self.config, name.encode(), self.randomness)

    def psks(self, psk: ExternalPsk | ResumptionPsk) -> bytes | None:
        """Return the key for :data:`PSK` and for PSKs of the group ``old``; None for others."""
        known = psk == PSK or (isinstance(psk, ResumptionPsk) and psk.psk_group_id == b"old")
        return b"known to all" if known else None

    def deliver(self, message: bytes, but: Member) -> None:
        """Deliver a message to all members but one."""
        for member in self.members.values():
            if member is not but:
                member.process(message)
        self.history.append(message)

    def key_package(self, name: str) -> OwnKeyPackage:
        """Return a fresh key package of a client."""
        return self.clients[name].key_package(self.randomness)

    def altered_package(
        self,
        package: Callable[[KeyPackage], KeyPackage] = _same,
        leaf: Callable[[LeafNode], LeafNode] = _same,
    ) -> KeyPackage:
        """Return a key package of Eve with changes, signed again."""
        own, secret = self.key_package("eve"), self.clients["eve"].signature.secret
        node = sign_leaf_node(self.crypto, leaf(own.package.leaf_node), secret)
        made = package(replace(own.package, leaf_node=node))
        return sign_key_package(self.crypto, made, secret)

    # Forgeries

    def frame(
        self,
        content: Content,
        *,
        sender: Sender | None = None,
        secret: bytes | None = None,
        context: bytes | None = None,
        edit: Callable[[FramedContent], FramedContent] = _same,
        tag: bytes | None = None,
    ) -> bytes:
        """Return a signed PublicMessage of Ann or another sender, without validating it."""
        state = self.ann.state
        framed = edit(
            FramedContent(
                state.context.group_id,
                state.context.epoch,
                sender or MemberSender(state.leaf),
                b"",
                content,
            )
        )
        context = encode(state.context) if context is None else context
        secret = secret or state.signature.secret
        wire_format = WireFormat.PUBLIC_MESSAGE
        return self.sealed(sign_message(self.crypto, wire_format, framed, context, secret, tag))

    def sealed(self, framed: Framed) -> bytes:
        """Return a PublicMessage, with Ann's membership tag if its sender is a member."""
        state = self.ann.state
        key = state.secrets.membership_key
        return write_message(seal_public(self.crypto, framed, encode(state.context), key))

    def propose(
        self, proposal: Proposal, sender: Sender | None = None, secret: bytes | None = None
    ) -> bytes:
        """Return a public proposal, without validating it."""
        return self.frame(ProposalContent(proposal), sender=sender, secret=secret)

    def update(
        self, leaf: Callable[[LeafNode], LeafNode], group_id: bytes | None = None, number: int = 0
    ) -> bytes:
        """Return an Update of Ann's leaf node with changes, signed for a group and leaf."""
        state = self.ann.state
        node = leaf(own_leaf(state))
        place = state.context.group_id if group_id is None else group_id
        node = sign_leaf_node(self.crypto, node, state.signature.secret, place, number)
        return self.propose(Update(node))

    def commit(
        self,
        *proposals: Proposal,
        edits: Edits | None = None,
        received: tuple[tuple[ProposalOrRef, Received], ...] = (),
        make_path: Callable[..., NewPath] = create_path,
        path: bool = True,
    ) -> bytes:
        """Return Ann's public commit of these proposals, without validating them."""
        edits = edits or Edits()
        authored = self.author(
            *proposals, edits=edits, received=received, make_path=make_path, path=path
        )
        state = self.ann.state
        content = authored.framed.content
        assert isinstance(content.content, CommitContent)  # noqa: S101 - it is a commit
        commit = content.content.commit
        if commit.path is not None:
            commit = replace(commit, path=edits.path(commit.path))
        content = edits.content(replace(content, content=CommitContent(commit)))
        wire_format = WireFormat.PUBLIC_MESSAGE
        encoded, signature = sign_content(
            self.crypto, wire_format, content, encode(state.context), state.signature.secret
        )
        tag = edits.tag(authored.epoch.confirmation_tag)
        auth = CommitAuth(edits.signature(signature), tag)
        return self.sealed(Framed(wire_format, content, encoded, auth))

    def author(
        self,
        *proposals: Proposal,
        edits: Edits,
        received: tuple[tuple[ProposalOrRef, Received], ...] = (),
        make_path: Callable[..., NewPath] = create_path,
        path: bool = True,
    ) -> Authored:
        """Return the authored commit, to which some of the edits have been applied."""
        state = self.ann.state
        sender = MemberSender(state.leaf)
        listed = [
            *((ByValue(proposal), Received(proposal, sender, None)) for proposal in proposals),
            *received,
        ]
        found = tuple(item for _, item in listed)
        effects = apply_proposals(
            self.config.policy.pathless_proposals,
            state.context,
            _trusting(state.tree),
            found,
            sort_proposals(found),
        )
        keys = found_psks(effects.psks, lambda psk: self.psks(psk) or b"anything", state)

        def new_leaf(key: bytes, source: InCommit) -> LeafNode:
            node = replace(own_leaf(state), encryption_key=key, source=source)
            signed = sign_leaf_node(
                self.crypto,
                edits.leaf(node),
                state.signature.secret,
                state.context.group_id,
                state.leaf,
            )
            return edits.signed_leaf(signed)

        return author(
            replace(self.config, policy=replace(self.config.policy, create_path=make_path)),
            state.context,
            state.interim_transcript_hash,
            effects,
            Authorship(
                sender,
                state.leaf,
                tuple(item for item, _ in listed),
                state.private,
                new_leaf if path else None,
                state.secrets.init_secret,
                state.signature,
                Framing(public=True),
            ),
            keys,
            self.randomness,
        )

    def welcome_eve(self, edits: WelcomeEdits) -> bytes:
        """Return Ann's Welcome to Eve, with edits."""
        authored = self.author(Add(self.eve.package), edits=Edits())
        tree = edits.tree(authored.tree)
        context = edits.context(replace(authored.epoch.context, tree_hash=tree.hash))
        joiner = authored.epoch.joiner_secret
        epoch = epoch_from_joiner(
            self.crypto, self.config.policy.schedule, context, joiner, edits.psks
        )
        tree_extension = ratchet_tree_extension(tree)
        info = GroupInfo(context, (tree_extension,), epoch.confirmation_tag, 0, b"")
        info = edits.info(info)
        info = sign_group_info(self.crypto, info, edits.signer(self.ann.state.signature.secret))
        info = replace(info, signature=edits.signature(info.signature))
        key, nonce = key_schedule.welcome_key(self.crypto, joiner, epoch.psk_secret)
        sealed = self.config.suite.aead_seal(key, nonce, b"", encode(info))
        path_secrets = authored.path_secrets or {}
        path_secret = PathSecret(
            path_secrets[max(path_secrets)]
        )  # the root's: it is the lowest node above both
        names = tuple(name for name, _ in edits.psks)
        secrets = edits.secrets(GroupSecrets(joiner, path_secret, names))
        ciphertext = HPKECiphertext.seal(
            self.crypto,
            self.eve.package.init_key,
            b"Welcome",
            sealed,
            encode(secrets),
            self.randomness,
        )
        entry = EncryptedGroupSecrets(key_package_ref(self.crypto, self.eve.package), ciphertext)
        return write_message(edits.welcome(Welcome(self.config.suite.number, (entry,), sealed)))

    def signed_leaf(self, leaf: LeafNode, secret: bytes | None = None) -> LeafNode:
        """Return a leaf node signed again for Ann's leaf."""
        secret = secret or self.ann.state.signature.secret
        return sign_leaf_node(self.crypto, leaf, secret, b"lab", 0)

    def sealed_path_secret(self, made: NewPath, path_secret: bytes) -> HPKECiphertext:
        """Return a path secret encrypted to Bob, for the lowest node of Ann's path."""
        context = self.ann.state.context
        provisional = replace(context, epoch=context.epoch + 1, tree_hash=made.tree.hash)
        key = self.ann.state.tree.public_key(2)
        assert key is not None  # noqa: S101 - it is Bob's leaf
        return HPKECiphertext.seal(
            self.crypto, key, b"UpdatePathNode", encode(provisional), path_secret, self.randomness
        )

    def other_external_init(self) -> ExternalInit:
        """Return a fresh ExternalInit for this epoch."""
        secret = self.ann.state.secrets.external_secret
        public = key_schedule.external_key_pair(self.crypto, secret).public
        kem_output, _ = key_schedule.send_external_init(self.crypto, public, self.randomness)
        return ExternalInit(kem_output)

    def private(
        self, *, leaf: int = 0, generation: int = 0, used: int | None = None, padding: bytes = b""
    ) -> PrivateMessage:
        """Return a PrivateMessage of Ann with this sender data and padding.

        ``used`` is the generation whose key encrypts it, if it differs from ``generation``.
        """
        state = self.ann.state
        content = ApplicationContent(b"hello")
        group_id, epoch, kind = state.context.group_id, state.context.epoch, ContentType.APPLICATION
        framed = FramedContent(group_id, epoch, MemberSender(0), b"", content)
        context, secret = encode(state.context), state.signature.secret
        wire_format = WireFormat.PRIVATE_MESSAGE
        _, signature = sign_content(self.crypto, wire_format, framed, context, secret)
        number = generation if used is None else used
        _, key = state.secret_tree.take(
            self.crypto, 0, RatchetKind.APPLICATION, number, Limits(forward=number)
        )
        plain = encode(content) + encode(MessageAuth(signature)) + padding
        return seal_parts(
            self.crypto,
            PrivateMessage(group_id, epoch, kind, b"", b"", b""),
            key,
            SenderData(leaf, generation, bytes(4)),
            plain,
            state.secrets.sender_data_secret,
        )


def _trusting(tree: RatchetTree) -> RatchetTree:
    """Return a tree that allows duplicate keys."""
    return replace(tree, encryption_keys=HashTrieMap({}), signature_keys=HashTrieMap({}))
