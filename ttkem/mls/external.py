"""From outside the group: external commits and proposals (sections 12.1.8 and 12.4.3.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.errors import InvalidMessageError
from ttkem.mls import key_schedule
from ttkem.mls.codepoints import ExtensionType, WireFormat
from ttkem.mls.content import (
    ExternalSenderIndex,
    FramedContent,
    MessageAuth,
    NewMemberCommit,
    NewMemberProposal,
    ProposalContent,
)
from ttkem.mls.epochs import found_psks, fresh_state
from ttkem.mls.extensions import ExternalPub, find_extension
from ttkem.mls.framing import Framed, seal_public, sign_content
from ttkem.mls.leaf_node import sign_leaf_node
from ttkem.mls.messages import write_message
from ttkem.mls.proposal_list import validated_changes
from ttkem.mls.proposals import Add, ByValue, ExternalInit, PreSharedKey, Remove
from ttkem.mls.rules import no_psks
from ttkem.mls.send import Authorship, Framing, author
from ttkem.mls.state import Received
from ttkem.mls.transcript import interim_transcript_hash
from ttkem.mls.welcome import read_group_info_tree
from ttkem.wire import decode

if TYPE_CHECKING:
    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.content import Sender
    from ttkem.mls.leaf_node import InCommit, LeafNode
    from ttkem.mls.messages import GroupInfo
    from ttkem.mls.proposals import Proposal
    from ttkem.mls.psk import PreSharedKeyID
    from ttkem.mls.rules import PskStore, Rules
    from ttkem.mls.state import GroupState

__all__ = ["ExternalJoin", "join_by_commit", "outside_proposal", "propose_oneself"]


@dataclass(frozen=True, slots=True)
class ExternalJoin:
    """How somebody joins by commit."""

    leaf: LeafNode
    """Template of the leaf node: its key, source and signature are made anew."""
    signature: KeyPair
    removed: int | None = None
    """An earlier appearance of the same client, to be removed."""
    psks: tuple[PreSharedKeyID, ...] = ()
    store: PskStore = no_psks


def join_by_commit(
    rules: Rules,
    info: GroupInfo,
    tree_data: bytes | None,
    how: ExternalJoin,
    randomness: Randomness,
    now: int | None,
) -> tuple[GroupState, bytes]:
    """The state after an external commit, and its message (section 12.4.3.2).

    The state counts once the group has accepted the message.
    """
    crypto = rules.crypto
    tree = read_group_info_tree(rules, info, tree_data, now)
    context = info.group_context
    data = find_extension(info.extensions, ExtensionType.EXTERNAL_PUB)
    if data is None:
        raise InvalidMessageError("a group info without external_pub: nobody joins by commit")
    external_pub = decode(ExternalPub, data).external_pub
    kem_output, init_secret = key_schedule.send_external_init(crypto, external_pub, randomness)
    proposals: list[Proposal] = [ExternalInit(kem_output)]
    if how.removed is not None:
        proposals.append(Remove(how.removed))
    proposals += map(PreSharedKey, how.psks)
    sender = NewMemberCommit()
    received = [Received(proposal, sender, None) for proposal in proposals]
    changes = validated_changes(rules, context, tree, received, None, now)
    leaf = next(changes.tree.free_leaves())

    def new_leaf(key: bytes, source: InCommit) -> LeafNode:
        unsigned = replace(
            how.leaf, encryption_key=key, signature_key=how.signature.public, source=source
        )
        return sign_leaf_node(crypto, unsigned, how.signature.secret, context.group_id, leaf)

    interim = interim_transcript_hash(
        crypto, context.confirmed_transcript_hash, info.confirmation_tag
    )
    framing = Framing(public=True)
    authored = author(
        rules,
        context,
        interim,
        changes,
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
        found_psks(changes.psks, how.store),
        randomness,
    )
    state = fresh_state(rules, authored.epoch, authored.tree, leaf, how.signature, authored.private)
    return state, write_message(seal_public(crypto, authored.framed, b"", b""))


def outside_proposal(
    rules: Rules, group_id: bytes, epoch: int, index: int, proposal: Proposal, secret: bytes
) -> bytes:
    """A proposal of the external sender with this index (section 12.1.8)."""
    return _proposal(rules, group_id, epoch, ExternalSenderIndex(index), proposal, secret)


def propose_oneself(rules: Rules, group_id: bytes, epoch: int, add: Add, secret: bytes) -> bytes:
    """An Add of its own author, who is no member yet (section 12.1.8)."""
    return _proposal(rules, group_id, epoch, NewMemberProposal(), add, secret)


def _proposal(
    rules: Rules, group_id: bytes, epoch: int, sender: Sender, proposal: Proposal, secret: bytes
) -> bytes:
    content = FramedContent(group_id, epoch, sender, b"", ProposalContent(proposal))
    wire_format = WireFormat.PUBLIC_MESSAGE
    encoded, signature = sign_content(rules.crypto, wire_format, content, b"", secret)
    framed = Framed(wire_format, content, encoded, MessageAuth(signature))
    return write_message(seal_public(rules.crypto, framed, b"", b""))
