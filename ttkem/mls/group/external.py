"""External commits and proposals (sections 12.1.8 and 12.4.3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.crypto.randomness import draw
from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls.group.commit_creation import Authorship, author
from ttkem.mls.group.epochs import found_psks, fresh_state
from ttkem.mls.group.path_validation import merged_tree
from ttkem.mls.group.proposal_validation import check_content, validated_effects
from ttkem.mls.group.sending import Framing
from ttkem.mls.group.state import Received
from ttkem.mls.group.validation import local_errors
from ttkem.mls.group.welcomes import read_group_info_tree
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.message_protection import seal_public, sign_message
from ttkem.mls.keys.transcript import interim_transcript_hash
from ttkem.mls.messages.codepoints import ExtensionType, WireFormat
from ttkem.mls.messages.content import (
    ExternalSenderIndex,
    FramedContent,
    NewMemberCommit,
    NewMemberProposal,
    ProposalContent,
)
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.extensions import ExternalPub, find_extension
from ttkem.mls.messages.leaf_node import path_leaf_signer
from ttkem.mls.messages.proposals import Add, ByValue, ExternalInit, PreSharedKey, Remove
from ttkem.mls.messages.psk_ids import PreSharedKeyID
from ttkem.wire import decode

if TYPE_CHECKING:
    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.messages.content import Sender
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.messages.proposals import Proposal
    from ttkem.mls.messages.psk_ids import ExternalPsk, ResumptionPsk
    from ttkem.mls.messages.welcome import GroupInfo
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["ExternalJoin", "join_by_commit", "outside_proposal", "propose_oneself"]


@dataclass(frozen=True, slots=True)
class ExternalJoin:
    """The inputs of an external commit."""

    leaf: LeafNode
    """A template of the leaf node, whose encryption key, source and signature are replaced."""
    signature: KeyPair
    removed: int | None = None
    """The leaf of an earlier appearance of the same client, to be removed."""
    resync: bool = False
    """True to find an earlier appearance of the client, where ``removed`` is None."""
    psks: tuple[PreSharedKeyID | ExternalPsk | ResumptionPsk, ...] = ()
    """The pre-shared keys to use; for those without a nonce, one is drawn."""
    authenticated_data: bytes = b""
    state: GroupState | None = None
    """The client's earlier state in the group, which has its resumption PSKs."""


def join_by_commit(
    config: Configuration,
    info: GroupInfo,
    tree_data: bytes | None,
    how: ExternalJoin,
    randomness: Randomness,
) -> tuple[GroupState, bytes]:
    """Return the state after an external commit, and the message (section 12.4.3.2).

    ``tree_data`` is the tree if the GroupInfo does not carry it. The state is valid once the
    delivery service has accepted the message.
    """
    crypto = config.crypto
    tree = read_group_info_tree(config, info, tree_data)
    context = info.group_context
    data = find_extension(info.extensions, ExtensionType.EXTERNAL_PUB)
    if data is None:
        raise InvalidMessageError(
            "cannot join by an external commit: the GroupInfo has no external_pub"
        )
    external_pub = decode(ExternalPub, data).external_pub
    kem_output, init_secret = key_schedule.send_external_init(crypto, external_pub, randomness)
    proposals: list[Proposal] = [ExternalInit(kem_output)]
    removed = how.removed
    if removed is None and how.resync:
        removed = _earlier_leaf(config, tree, how.leaf)
    if removed is not None:
        proposals.append(Remove(removed))
    proposals += (_psk_proposal(config, psk, randomness) for psk in how.psks)
    sender = NewMemberCommit()
    received = [Received(proposal, sender, None) for proposal in proposals]
    with local_errors("cannot join by an external commit"):
        effects = validated_effects(config, context, tree, received, None, config.policy.sent())
    leaf = effects.committer(None)
    new_leaf = path_leaf_signer(crypto, how.leaf, how.signature.secret, context.group_id, leaf)
    interim = interim_transcript_hash(
        crypto, context.confirmed_transcript_hash, info.confirmation_tag
    )
    framing = Framing(public=True, authenticated_data=how.authenticated_data)
    with local_errors("cannot join by an external commit"):
        authored = author(
            config,
            context,
            interim,
            effects,
            Authorship(
                sender,
                leaf,
                tuple(map(ByValue, proposals)),
                HashTrieMap({}),
                new_leaf,
                init_secret,
                how.signature,
                framing,
            ),
            found_psks(effects.psks, config.policy.psks, how.state),
            randomness,
        )
        merged_tree(config, context.group_id, tree, effects, authored.path, None)
    state = fresh_state(
        config, authored.epoch, authored.tree, leaf, how.signature, authored.private
    )
    return state, write_message(seal_public(crypto, authored.framed, b"", b""))


def _earlier_leaf(config: Configuration, tree: RatchetTree, leaf: LeafNode) -> int | None:
    """Return the leaf of an earlier appearance of the joining client, or None.

    It has the same signature key or, according to the policy, presents the same client.
    """
    found = tree.signature_keys.get(leaf.signature_key)
    if found is not None:
        return found
    same = config.policy.authentication.same_client
    leaves = [n for n, old in tree.leaves() if same(leaf.credential, old.node.credential)]
    if len(leaves) > 1:
        listed = ", ".join(map(str, leaves))
        raise LocalError(
            f"cannot join by an external commit: leaves {listed} present this client, "
            "and the commit can remove one of them only: name it"
        )
    return leaves[0] if leaves else None


def _psk_proposal(
    config: Configuration,
    psk: PreSharedKeyID | ExternalPsk | ResumptionPsk,
    randomness: Randomness,
) -> PreSharedKey:
    """Return the proposal of a pre-shared key, with a fresh nonce if it has none (section 8.4)."""
    if isinstance(psk, PreSharedKeyID):
        return PreSharedKey(psk)
    return PreSharedKey(PreSharedKeyID(psk, draw(randomness, config.suite.hash_length)))


def outside_proposal(
    config: Configuration,
    group_id: bytes,
    epoch: int,
    index: int,
    proposal: Proposal,
    secret: bytes,
) -> bytes:
    """Return a proposal of the external sender with this index (section 12.1.8)."""
    return _proposal(config, group_id, epoch, ExternalSenderIndex(index), proposal, secret)


def propose_oneself(
    config: Configuration, group_id: bytes, epoch: int, add: Add, secret: bytes
) -> bytes:
    """Return an Add that a client proposes for itself (section 12.1.8)."""
    return _proposal(config, group_id, epoch, NewMemberProposal(), add, secret)


def _proposal(
    config: Configuration,
    group_id: bytes,
    epoch: int,
    sender: Sender,
    proposal: Proposal,
    secret: bytes,
) -> bytes:
    with local_errors("cannot propose this"):
        check_content(config, Received(proposal, sender, None), config.policy.sent())
    content = FramedContent(group_id, epoch, sender, b"", ProposalContent(proposal))
    framed = sign_message(config.crypto, WireFormat.PUBLIC_MESSAGE, content, b"", secret)
    return write_message(seal_public(config.crypto, framed, b"", b""))
