"""Tainted MLS (experimental, own design): commits re-key nodes that MLS would blank.

MLS blanks the direct path of a leaf that is removed, or updated by proposal. Until the blank nodes
get new keys, later committers must encrypt to each node of their resolutions. In Tainted MLS the
committer gives those nodes new keys at once, as in Tainted TreeKEM (KPWK21 section 3), by a custom
proposal by value beside its UpdatePath:

* It re-keys the nodes that the proposal list blanks, the nodes that a removed member or the
  committer itself taints, and all their ancestors, as far as both children have members below them.
  It does not re-key its own direct path, which the UpdatePath sets as usual.
* The committer erases the secrets of nodes off its path, but has known them: these nodes are
  *tainted* by the committer. The ``parent_hash`` field of a tainted node names the tainter, so
  that the tree hash covers it. No parent hash covers a tainted node; a new member trusts the signer
  of the GroupInfo for it, which is weaker than section 7.9.2.
* Node secrets are derived upwards as path secrets are (section 7.4): a node's secret comes from
  that of its first re-keyed child, and is encrypted to the resolution of the other child, except
  for leaves that the same commit adds; these become unmerged at the node.

New members are unmerged leaves, as in the RFC. External commits blank nodes, as in the RFC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ttkem.crypto.randomness import draw
from ttkem.errors import InvalidMessageError
from ttkem.mls.group.policy import Configuration, CustomRule, Policy, fixed_clock
from ttkem.mls.messages.content import HPKECiphertext
from ttkem.mls.messages.nodes import ParentNode
from ttkem.mls.messages.proposals import CustomProposal
from ttkem.mls.tree.treekem import next_path_secret, node_key_pair
from ttkem.tree.math import direct_path, left, level, right, spans
from ttkem.wire import decode, encode, opaque_v, struct, uint32, vector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rpds import HashTrieMap

    from ttkem.crypto import CipherSuite, Labelled, Randomness
    from ttkem.mls.group.effects import Effects
    from ttkem.mls.group.state import Received
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["TAINTED", "TaintPolicy", "tainted_configuration", "tainter"]

TAINTED = 0xF0A1
"""The proposal type, a number for private use (section 17.4)."""

_LABEL = b"TaintedNode"
_MARK = b"tainted by leaf "


@struct
@dataclass(frozen=True, slots=True)
class TaintedNode:
    """A re-keyed node: its new key, and its secret encrypted to the resolutions of children."""

    node: Annotated[int, uint32]
    encryption_key: Annotated[bytes, opaque_v]
    ciphertexts: Annotated[tuple[HPKECiphertext, ...], vector(HPKECiphertext)]


@struct
@dataclass(frozen=True, slots=True)
class TaintedNodes:
    """The content of the proposal: the nodes by level, lowest first, then from left to right."""

    nodes: Annotated[tuple[TaintedNode, ...], vector(TaintedNode)]


def tainted_configuration(suite: CipherSuite) -> Configuration:
    """Return the configuration of a group with this policy; all its members need it."""
    custom = {TAINTED: CustomRule(path_required=True)}
    return Configuration(
        suite, Policy(custom_proposals=custom, tree=TaintPolicy(), clock=fixed_clock())
    )


def tainter(parent: ParentNode) -> int | None:
    """Return the leaf number of a node's tainter; None if the node is not tainted."""
    mark = parent.parent_hash
    tainted = mark.startswith(_MARK) and len(mark) == len(_MARK) + 4
    return int.from_bytes(mark[-4:], "big") if tainted else None


class TaintPolicy:
    """The :class:`~ttkem.mls.group.policy.TreePolicy` of Tainted MLS."""

    def unattested(self, parent: ParentNode) -> bool:
        """Return whether a node is tainted: no parent hash covers it."""
        return tainter(parent) is not None

    def heal(
        self,
        crypto: Labelled,
        before: RatchetTree,
        effects: Effects,
        committer: int,
        context: bytes,
        randomness: Randomness,
    ) -> tuple[RatchetTree, CustomProposal | None, int]:
        """Re-key nodes as the committer; return the tree, the proposal and its ciphertext count."""
        tree = effects.tree
        healed = _healed(before, effects, committer)
        seeds: dict[int, bytes] = {}
        nodes = []
        for node in healed:
            source, _ = _children(node, healed)
            seed = (
                draw(randomness, crypto.suite.hash_length)
                if source is None
                else next_path_secret(crypto, seeds[source])
            )
            seeds[node] = seed
            public = node_key_pair(crypto, seed).public
            receivers = _receivers(tree, effects, node, healed)
            keys = tree.public_keys(receivers)
            ciphertexts = []
            for index in receivers:
                sealed = HPKECiphertext.seal(crypto, keys[index], _LABEL, context, seed, randomness)
                ciphertexts.append(sealed)
            nodes.append(TaintedNode(node, public, tuple(ciphertexts)))
            tree = _with_key(tree, effects, committer, node, public)
        if not nodes:
            return tree, None, 0
        told = CustomProposal(TAINTED, encode(TaintedNodes(tuple(nodes))))
        return tree, told, sum(len(item.ciphertexts) for item in nodes)

    def follow(
        self,
        crypto: Labelled,
        before: RatchetTree,
        effects: Effects,
        committer: int,
        proposals: Sequence[Received],
        receiver: int,
        private: HashTrieMap[int, bytes],
        context: bytes,
    ) -> tuple[RatchetTree, HashTrieMap[int, bytes]]:
        """Return the tree with the committer's new keys, and the receiver's secret keys.

        Raise a RemoteError if the proposal is not what the proposal list requires.
        """
        tree = effects.tree
        healed = _healed(before, effects, committer)
        sent = _sent(proposals)
        if tuple(item.node for item in sent) != healed:
            raise InvalidMessageError(
                "the commit re-keys other nodes than the proposal list requires"
            )
        seeds: dict[int, bytes] = {}
        for item in sent:
            receivers = _receivers(tree, effects, item.node, healed)
            if len(item.ciphertexts) != len(receivers):
                raise InvalidMessageError(
                    f"node {item.node} has {len(item.ciphertexts)} ciphertexts, "
                    f"{len(receivers)} belong"
                )
            source, _ = _children(item.node, healed)
            if source in seeds:
                seeds[item.node] = next_path_secret(crypto, seeds[source])
            for index, sealed in zip(receivers, item.ciphertexts, strict=True):
                secret = private.get(index)
                if secret is not None and spans(index, 2 * receiver):
                    seeds[item.node] = sealed.open(crypto, secret, _LABEL, context)
            crypto.suite.check_public_key(item.encryption_key)
            tree = _with_key(tree, effects, committer, item.node, item.encryption_key)
            if item.node in seeds:
                pair = node_key_pair(crypto, seeds[item.node])
                if pair.public != item.encryption_key:
                    raise InvalidMessageError(f"the secret of node {item.node} gives another key")
                private = private.insert(item.node, pair.secret)
        return tree, private


def _sent(proposals: Sequence[Received]) -> tuple[TaintedNode, ...]:
    """Return the nodes of the commit's proposal of this type; none if there is no proposal."""
    found = [
        received.proposal
        for received in proposals
        if isinstance(received.proposal, CustomProposal)
        and received.proposal.proposal_type == TAINTED
    ]
    if len(found) > 1:
        raise InvalidMessageError("the commit contains two proposals of tainted nodes")
    return decode(TaintedNodes, found[0].data).nodes if found else ()


def _healed(before: RatchetTree, effects: Effects, committer: int) -> tuple[int, ...]:
    """Return the array indices of the nodes to re-key, by level, then from left to right."""
    tree = effects.tree
    blanked = (*effects.removed, *effects.updated)
    nodes: set[int] = set()
    for leaf in blanked:
        if leaf < tree.capacity:
            nodes |= {*tree.direct_path(leaf)}
    tainters = {*effects.removed, committer}
    for index, parent, _ in before.parents():
        if tainter(parent) in tainters and index < 2 * tree.capacity - 1:
            nodes |= {index, *direct_path(index, tree.capacity)}
    nodes -= {*tree.direct_path(committer)}
    found = tree.nodes.select(nodes).items()
    forks = (index for index, node in found if node.left is not None and node.right is not None)
    return tuple(sorted(forks, key=lambda node: (level(node), node)))


def _children(node: int, healed: Iterable[int]) -> tuple[int | None, tuple[int, ...]]:
    """Return the re-keyed child from whose secret a node's is derived, if any, and the others."""
    children = (left(node), right(node))
    source = next((child for child in children if child in healed), None)
    return source, tuple(child for child in children if child != source)


def _receivers(
    tree: RatchetTree, effects: Effects, node: int, healed: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the nodes to encrypt a node's secret to: the resolutions of the other children."""
    _, others = _children(node, healed)
    added = {2 * leaf for leaf in effects.added}
    return tuple(
        index
        for child in others
        for index in tree.nodes.summary(child).resolution
        if index not in added
    )


def _with_key(
    tree: RatchetTree, effects: Effects, committer: int, node: int, key: bytes
) -> RatchetTree:
    """Return the tree with a new key at a node, which the committer taints."""
    unmerged = tuple(sorted(leaf for leaf in effects.added if spans(node, 2 * leaf)))
    parent = ParentNode(key, _MARK + committer.to_bytes(4, "big"), unmerged)
    return tree.changed({}, {node: parent})
