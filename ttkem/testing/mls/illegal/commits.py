"""Rules on commits and update paths (sections 7.5, 7.6, 7.9 and 12.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ttkem.errors import (
    DecryptionError,
    InvalidMessageError,
    KeyFormatError,
    MacError,
    SignatureError,
)
from ttkem.mls.group.state import own_leaf
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.leaf_node import InCommit, InUpdate
from ttkem.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    Remove,
)
from ttkem.mls.tree.treekem import create_path
from ttkem.testing.mls.illegal.lab import Edits
from ttkem.testing.mls.illegal.rule import Forged, Rule, rule, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.mls.messages.content import UpdatePath, UpdatePathNode
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.treekem import NewPath
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["RULES"]

RULES: list[Rule] = []


@rule(
    RULES, "6.1", MacError, "confirmation tag of the commit", "A confirmation tag of another state"
)
def _confirmation_tag(lab: Lab) -> Forged:
    return sent(lab.commit(edits=Edits(tag=lambda _: bytes(32))))


@rule(
    RULES, "6.1", SignatureError, "not valid for this key", "A commit that its sender did not sign"
)
def _commit_signature(lab: Lab) -> Forged:
    return sent(lab.commit(edits=Edits(signature=lambda _: bytes(64))))


@rule(
    RULES,
    "12.4",
    InvalidMessageError,
    "has no path, but its proposals require one",
    "A commit with neither proposals nor a path",
)
def _empty_without_path(lab: Lab) -> Forged:
    return sent(lab.commit(path=False))


@rule(
    RULES,
    "12.4",
    InvalidMessageError,
    "has no path, but its proposals require one",
    "A Remove committed without a path",
)
def _remove_without_path(lab: Lab) -> Forged:
    return sent(lab.commit(Remove(3), path=False))


@rule(
    RULES,
    "12.4",
    InvalidMessageError,
    "has no path, but its proposals require one",
    "GroupContextExtensions committed without a path",
)
def _extensions_without_path(lab: Lab) -> Forged:
    return sent(lab.commit(GroupContextExtensions(()), path=False))


# The leaf node of a path


def _leaf(lab: Lab, leaf: Callable[[LeafNode], LeafNode]) -> Forged:
    return sent(lab.commit(edits=Edits(leaf=leaf)))


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "source of the update path is not commit",
    "A path whose leaf node has the source update",
)
def _path_source(lab: Lab) -> Forged:
    return _leaf(lab, lambda leaf: replace(leaf, source=InUpdate()))


@rule(
    RULES,
    "12.4.2",
    InvalidMessageError,
    "has the old encryption key",
    "A path that keeps the leaf's encryption key",
)
def _path_leaf_key(lab: Lab) -> Forged:
    key = own_leaf(lab.ann.state).encryption_key
    old = Edits(
        path=lambda path: replace(path, leaf_node=_resigned(lab, path.leaf_node, key)),
    )
    return sent(lab.commit(edits=old))


def _resigned(lab: Lab, leaf: LeafNode, key: bytes) -> LeafNode:
    return lab.signed_leaf(replace(leaf, encryption_key=key))


@rule(
    RULES,
    "7.9.2",
    InvalidMessageError,
    "the parent hash of an update path's leaf node",
    "A path whose leaf node has a wrong parent hash",
)
def _path_parent_hash(lab: Lab) -> Forged:
    return _leaf(lab, lambda leaf: replace(leaf, source=InCommit(bytes(32))))


@rule(
    RULES,
    "7.3",
    SignatureError,
    "not valid for this key",
    "A path whose leaf node is not signed by its key",
)
def _path_leaf_signature(lab: Lab) -> Forged:
    edits = Edits(signed_leaf=lambda leaf: replace(leaf, signature=bytes(64)))
    return sent(lab.commit(edits=edits))


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "does not support MLS 1.0",
    "A path whose leaf node no longer lists the version of the group",
)
def _path_capabilities(lab: Lab) -> Forged:
    return _leaf(
        lab,
        lambda leaf: replace(leaf, capabilities=replace(leaf.capabilities, versions=(2,))),
    )


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "have the same signature key",
    "A path whose leaf node has another member's signature key",
)
def _path_signature_key(lab: Lab) -> Forged:
    cat = lab.clients["cat"].signature
    edits = Edits(
        path=lambda path: replace(
            path,
            leaf_node=lab.signed_leaf(
                replace(path.leaf_node, signature_key=cat.public), cat.secret
            ),
        )
    )
    return sent(lab.commit(edits=edits))


# The nodes of a path


def _nodes(
    lab: Lab, change: Callable[[tuple[UpdatePathNode, ...]], tuple[UpdatePathNode, ...]]
) -> Forged:
    def path(path: UpdatePath) -> UpdatePath:
        return replace(path, nodes=change(path.nodes))

    return sent(lab.commit(edits=Edits(path=path)))


@rule(
    RULES,
    "7.5",
    InvalidMessageError,
    "the update path has length 1, but the filtered direct path has length 2",
    "A path that lacks a node",
)
def _path_short(lab: Lab) -> Forged:
    return _nodes(lab, lambda nodes: nodes[:-1])


@rule(
    RULES,
    "7.5",
    InvalidMessageError,
    "the update path has length 3, but the filtered direct path has length 2",
    "A path with a node too many",
)
def _path_long(lab: Lab) -> Forged:
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    return _nodes(lab, lambda nodes: (*nodes, replace(nodes[-1], encryption_key=key)))


@rule(
    RULES,
    "7.6",
    InvalidMessageError,
    "node 1 of the update path needs 1 ciphertexts, not 0",
    "A path without a ciphertext for a node of the resolution",
)
def _path_ciphertext_missing(lab: Lab) -> Forged:
    return _nodes(lab, lambda nodes: (replace(nodes[0], encrypted_path_secret=()), *nodes[1:]))


@rule(
    RULES,
    "7.6",
    InvalidMessageError,
    "node 1 of the update path needs 1 ciphertexts, not 2",
    "A path with a ciphertext too many",
)
def _path_ciphertext_extra(lab: Lab) -> Forged:
    return _nodes(
        lab,
        lambda nodes: (
            replace(nodes[0], encrypted_path_secret=nodes[0].encrypted_path_secret * 2),
            *nodes[1:],
        ),
    )


@rule(
    RULES,
    "7.5",
    InvalidMessageError,
    "node 7 of the update path needs 0 ciphertexts, not 1",
    "A path secret encrypted to a leaf that the same commit adds",
)
def _path_ciphertext_for_new_member(lab: Lab) -> Forged:
    def with_new(*arguments: object) -> NewPath:
        *before, _, randomness = arguments
        made: NewPath = cast("Callable[..., NewPath]", create_path)(*before, (), randomness)
        return made

    add = Add(lab.key_package("eve").package)
    return sent(lab.commit(add, make_path=with_new))


@rule(
    RULES, "7.5", DecryptionError, "does not open", "A path secret that its receiver cannot decrypt"
)
def _path_ciphertext_foreign(lab: Lab) -> Forged:
    def foreign(nodes: tuple[UpdatePathNode, ...]) -> tuple[UpdatePathNode, ...]:
        (sealed,) = nodes[0].encrypted_path_secret
        wrong = replace(sealed, ciphertext=bytes(len(sealed.ciphertext)))
        return (replace(nodes[0], encrypted_path_secret=(wrong,)), *nodes[1:])

    return _nodes(lab, foreign)


@rule(
    RULES,
    "7.5",
    InvalidMessageError,
    "does not give its public key",
    "A path secret that does not give the public key of its node",
)
def _path_secret(lab: Lab) -> Forged:
    def other(*arguments: object) -> NewPath:
        made: NewPath = cast("Callable[..., NewPath]", create_path)(*arguments)
        sealed = lab.sealed_path_secret(made, bytes(32))
        nodes = made.update_path.nodes
        first = replace(nodes[0], encrypted_path_secret=(sealed,))
        return replace(made, update_path=replace(made.update_path, nodes=(first, *nodes[1:])))

    return sent(lab.commit(make_path=other))


@rule(
    RULES,
    "12.4.2",
    InvalidMessageError,
    "a key that is in the tree already",
    "A path with a key that is elsewhere in the tree",
)
def _path_key_reused(lab: Lab) -> Forged:
    key = own_leaf(lab.cat.state).encryption_key
    return _nodes(lab, lambda nodes: (replace(nodes[0], encryption_key=key), *nodes[1:]))


@rule(
    RULES,
    "12.4.2",
    InvalidMessageError,
    "a key that is in the tree already",
    "A path that keeps the key of one of its nodes",
)
def _path_key_kept(lab: Lab) -> Forged:
    key = lab.ann.state.tree.public_key(3)
    assert key is not None  # noqa: S101 - Dan's commit set it
    return _nodes(lab, lambda nodes: (nodes[0], replace(nodes[1], encryption_key=key)))


@rule(RULES, "5.1.1", KeyFormatError, "low order", "A path with a key that is no public key")
def _path_key_malformed(lab: Lab) -> Forged:
    return _nodes(lab, lambda nodes: (replace(nodes[0], encryption_key=bytes(32)), *nodes[1:]))


@rule(RULES, "7.3", InvalidMessageError, "one key at two nodes", "A path with one key at two nodes")
def _path_key_twice(lab: Lab) -> Forged:
    return _nodes(
        lab, lambda nodes: (nodes[0], replace(nodes[1], encryption_key=nodes[0].encryption_key))
    )


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "one key at two nodes",
    "A path whose leaf node has the key of a node of the path",
)
def _path_leaf_key_of_a_node(lab: Lab) -> Forged:
    twice = Edits(
        path=lambda path: replace(
            path, leaf_node=_resigned(lab, path.leaf_node, path.nodes[0].encryption_key)
        ),
    )
    return sent(lab.commit(edits=twice))


@rule(
    RULES,
    "12.4.2",
    InvalidMessageError,
    "a key that is in the tree already",
    "A path whose leaf node has another member's encryption key",
)
def _path_leaf_key_reused(lab: Lab) -> Forged:
    key = own_leaf(lab.cat.state).encryption_key
    other = Edits(
        path=lambda path: replace(path, leaf_node=_resigned(lab, path.leaf_node, key)),
    )
    return sent(lab.commit(edits=other))


@rule(RULES, "14", InvalidMessageError, "which is blank", "A commit from a blank leaf")
def _commit_of_nobody(lab: Lab) -> Forged:
    edits = Edits(content=lambda framed: replace(framed, sender=MemberSender(9)))
    return sent(lab.commit(edits=edits))


@rule(
    RULES,
    "5.3.1",
    InvalidMessageError,
    "may not replace the old one",
    "A path whose leaf node has another identity",
)
def _path_credential(lab: Lab) -> Forged:
    return _leaf(lab, lambda leaf: replace(leaf, credential=BasicCredential(b"anna")))
