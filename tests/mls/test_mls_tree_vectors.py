"""Trees and TreeKEM against the working group's vectors, in full."""

from dataclasses import replace

import pytest
from mls_vectors import vectors
from rpds import HashTrieMap

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.mls.codepoints import ProtocolVersion
from ttkem.mls.content import UpdatePath
from ttkem.mls.group_context import GroupContext
from ttkem.mls.key_schedule import labelled
from ttkem.mls.leaf_node import sign_leaf_node, verify_leaf_node
from ttkem.mls.parent_hash import verify_parent_hashes
from ttkem.mls.proposals import Add, Remove, proposal
from ttkem.mls.ratchet_tree import read_ratchet_tree, write_ratchet_tree
from ttkem.mls.tree_changes import change_members
from ttkem.mls.treekem import create_path, merge_path, node_key_pair, open_path
from ttkem.wire import decode, encode


def read(text):
    return bytes.fromhex(text)


def test_tree_operations():
    cases = vectors("tree-operations")
    for case in cases:
        suite = cipher_suite(case["cipher_suite"])
        tree = read_ratchet_tree(suite, read(case["tree_before"]))
        assert tree.hash.hex() == case["tree_hash_before"]
        change = decode(proposal, read(case["proposal"]))
        updates, removes, adds = {}, [], []
        match change:
            case Add(package):
                adds.append(package.leaf_node)
            case Remove(leaf):
                removes.append(leaf)
            case _:
                updates[case["proposal_sender"]] = change.leaf_node
        after, _ = change_members(tree, updates, removes, adds)
        assert write_ratchet_tree(after).hex() == case["tree_after"]
        assert after.hash.hex() == case["tree_hash_after"]
    assert len(cases) == 5


@pytest.mark.parametrize("number", range(1, 8))
def test_tree_validation(number):
    cases = [case for case in vectors("tree-validation") if case["cipher_suite"] == number]
    for case in cases:
        suite = cipher_suite(number)
        crypto = labelled(suite)
        tree = read_ratchet_tree(suite, read(case["tree"]))
        assert write_ratchet_tree(tree).hex() == case["tree"]
        summaries = [tree.nodes.summary(index) for index in range(2 * tree.capacity - 1)]
        assert [summary.hash.hex() for summary in summaries] == case["tree_hashes"]
        assert [list(summary.resolution) for summary in summaries] == case["resolutions"]
        verify_parent_hashes(crypto, tree)
        for leaf, content in tree.leaves():
            encoded = content.encoded if leaf % 2 else None
            verify_leaf_node(crypto, content.node, read(case["group_id"]), leaf, encoded)
    assert len(cases) == 14


@pytest.mark.parametrize("number", range(1, 8))
def test_treekem(number):
    """Every listed member opens every path, the vectors' and ours."""
    cases = [case for case in vectors("treekem") if case["cipher_suite"] == number]
    for case in cases:
        check_treekem(case)
    assert len(cases) == 11


def check_treekem(case):
    suite = cipher_suite(case["cipher_suite"])
    crypto = labelled(suite)
    tree = read_ratchet_tree(suite, read(case["ratchet_tree"]))
    group_id = read(case["group_id"])

    def context(tree_hash):
        confirmed = read(case["confirmed_transcript_hash"])
        return encode(
            GroupContext(
                ProtocolVersion.MLS10,
                suite.number,
                group_id,
                case["epoch"],
                tree_hash,
                confirmed,
                (),
            )
        )

    secrets, signature = {}, {}
    for member in case["leaves_private"]:
        leaf = member["index"]
        known = {2 * leaf: read(member["encryption_priv"])}
        for item in member["path_secrets"]:
            pair = node_key_pair(crypto, read(item["path_secret"]))
            assert tree.public_key(item["node"]) == pair.public
            known[item["node"]] = pair.secret
        assert suite.kem.group.public_bytes(known[2 * leaf]) == tree.public_key(2 * leaf)
        secrets[leaf], signature[leaf] = HashTrieMap(known), read(member["signature_priv"])
    assert secrets.keys() == {leaf for leaf, _ in tree.leaves()}
    for given in case["update_paths"]:
        author = given["sender"]
        others = [leaf for leaf in secrets if leaf != author]
        path = decode(UpdatePath, read(given["update_path"]))
        after = merge_path(crypto, tree, author, path)
        assert after.hash.hex() == given["tree_hash_after"]
        for leaf in others:
            opened = open_path(
                crypto, after, author, path, leaf, secrets[leaf], context(after.hash), ()
            )
            assert opened.path_secret.hex() == given["path_secrets"][leaf]
            assert opened.commit_secret.hex() == given["commit_secret"]
        old = tree.leaf(author)

        def new_leaf(key, source, old=old, author=author):
            unsigned = replace(old, encryption_key=key, source=source)
            return sign_leaf_node(crypto, unsigned, signature[author], group_id, author)

        made = create_path(
            crypto, tree, author, secrets[author], new_leaf, context, (), SeededRandomness(author)
        )
        after = merge_path(crypto, tree, author, made.update_path)
        assert after.hash == made.tree.hash
        verify_parent_hashes(crypto, after)
        for leaf in others:
            opened = open_path(
                crypto,
                after,
                author,
                made.update_path,
                leaf,
                secrets[leaf],
                context(after.hash),
                (),
            )
            assert opened.commit_secret == made.commit_secret
