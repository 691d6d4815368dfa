"""Checks of the working group's test vectors (mlswg/mls-implementations, ``test-vectors.md``).

One function per file; each takes a case and raises a :class:`VectorError` that names what differs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from rpds import HashTrieMap

from ttkem.crypto import KeyPair, SeededRandomness, cipher_suite
from ttkem.errors import LocalError, RemoteError
from ttkem.mls.group.policy import Configuration, Policy, fixed_clock
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.key_schedule import labelled
from ttkem.mls.keys.psk import psk_secret
from ttkem.mls.member import Member
from ttkem.mls.messages.codepoints import ProtocolVersion
from ttkem.mls.messages.content import Commit, UpdatePath
from ttkem.mls.messages.envelope import MLSMessage, read_message
from ttkem.mls.messages.group_context import GroupContext
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.leaf_node import sign_leaf_node, verify_leaf_node
from ttkem.mls.messages.nodes import nodes
from ttkem.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
    proposal,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID
from ttkem.mls.messages.welcome import GroupSecrets
from ttkem.mls.tree.member_changes import change_members
from ttkem.mls.tree.parent_hash import verify_parent_hashes
from ttkem.mls.tree.ratchet_tree import read_ratchet_tree, write_ratchet_tree
from ttkem.mls.tree.treekem import create_path, merge_path, node_key_pair, open_path
from ttkem.tree import math
from ttkem.wire import Reader, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.crypto import CipherSuite, Labelled
    from ttkem.mls.messages.leaf_node import InCommit, LeafNode
    from ttkem.mls.messages.psk_ids import ResumptionPsk

    Case = dict[str, Any]

__all__ = ["VectorError", "context_of", "expect", "read", "secret_of"]


class VectorError(RemoteError):
    """A test vector differs from this library's computation, or cannot be read."""


def read(text: str) -> bytes:
    """Return the bytes of hexadecimal text."""
    return bytes.fromhex(text)


def expect(what: str, found: object, expected: object) -> None:
    """Raise a VectorError unless both values are equal."""
    found = found.hex() if isinstance(found, bytes) else found
    if found != expected:
        raise VectorError(f"{what} is {found}, the vector says {expected}")


def secret_of(suite: CipherSuite, text: str) -> bytes:
    """Return a secret key; the vectors omit leading zeros of P-521 keys."""
    secret = read(text)
    return secret.rjust(66, b"\0") if suite.number == 5 else secret  # noqa: PLR2004 - P-521


def _crypto(case: Case) -> Labelled:
    return labelled(cipher_suite(case["cipher_suite"]))


def context_of(case: Case, tree_hash: bytes, epoch: int | None = None) -> GroupContext:
    """Return the GroupContext of a case, without extensions."""
    return GroupContext(
        ProtocolVersion.MLS10,
        case["cipher_suite"],
        read(case["group_id"]),
        case["epoch"] if epoch is None else epoch,
        tree_hash,
        read(case["confirmed_transcript_hash"]),
        (),
    )


def tree_math(case: Case) -> None:
    """Check ``tree-math``."""

    def or_none(function: Callable[..., int], *arguments: int) -> int | None:
        try:
            return function(*arguments)
        except LocalError:
            return None

    capacity = case["n_leaves"]
    expect("n_nodes", math.node_width(capacity), case["n_nodes"])
    expect("root", math.root(capacity), case["root"])
    for node in range(case["n_nodes"]):
        expect(f"left of {node}", or_none(math.left, node), case["left"][node])
        expect(f"right of {node}", or_none(math.right, node), case["right"][node])
        for name, walk in (("parent", math.parent), ("sibling", math.sibling)):
            expect(f"{name} of {node}", or_none(walk, node, capacity), case[name][node])


def crypto_basics(case: Case) -> None:
    """Check ``crypto-basics``."""
    crypto = _crypto(case)
    given = case["ref_hash"]
    label = given["label"].encode()
    expect("ref_hash", crypto.ref_hash(label, read(given["value"])), given["out"])
    given = case["expand_with_label"]
    label, context = given["label"].encode(), read(given["context"])
    out = crypto.expand_with_label(read(given["secret"]), label, context, given["length"])
    expect("expand_with_label", out, given["out"])
    given = case["derive_secret"]
    out = crypto.derive_secret(read(given["secret"]), given["label"].encode())
    expect("derive_secret", out, given["out"])
    given = case["derive_tree_secret"]
    out = crypto.derive_tree_secret(
        read(given["secret"]), given["label"].encode(), given["generation"], given["length"]
    )
    expect("derive_tree_secret", out, given["out"])
    given = case["sign_with_label"]
    label, content, public = given["label"].encode(), read(given["content"]), read(given["pub"])
    crypto.verify_with_label(public, label, content, read(given["signature"]))
    signature = crypto.sign_with_label(secret_of(crypto.suite, given["priv"]), label, content)
    crypto.verify_with_label(public, label, content, signature)
    given = case["encrypt_with_label"]
    label, context = given["label"].encode(), read(given["context"])
    secret, plain = secret_of(crypto.suite, given["priv"]), read(given["plaintext"])
    ours = crypto.encrypt_with_label(read(given["pub"]), label, context, plain, SeededRandomness(1))
    theirs = replace(
        ours, kem_output=read(given["kem_output"]), ciphertext=read(given["ciphertext"])
    )
    for sealed in (ours, theirs):
        opened = crypto.decrypt_with_label(secret, label, context, sealed)
        expect("decrypt_with_label", opened, given["plaintext"])


def deserialization(case: Case) -> None:
    """Check ``deserialization``."""
    expect("length", Reader(read(case["vlbytes_header"])).length(), case["length"])


_STRUCTURES: dict[str, type[object]] = {
    "mls_welcome": MLSMessage,
    "mls_group_info": MLSMessage,
    "mls_key_package": MLSMessage,
    "group_secrets": GroupSecrets,
    "add_proposal": Add,
    "update_proposal": Update,
    "remove_proposal": Remove,
    "pre_shared_key_proposal": PreSharedKey,
    "re_init_proposal": ReInit,
    "external_init_proposal": ExternalInit,
    "group_context_extensions_proposal": GroupContextExtensions,
    "commit": Commit,
    "public_message_application": MLSMessage,
    "public_message_proposal": MLSMessage,
    "public_message_commit": MLSMessage,
    "private_message": MLSMessage,
}


def messages(case: Case) -> None:
    """Check ``messages``."""
    out: list[bytes] = []
    nodes.write(decode(nodes, read(case["ratchet_tree"])), out)
    expect("ratchet_tree", b"".join(out), case["ratchet_tree"])
    for name, type_ in _STRUCTURES.items():
        expect(name, encode(decode(type_, read(case[name]))), case[name])


def key_schedule_(case: Case) -> None:
    """Check ``key-schedule``."""
    crypto = _crypto(case)
    init_secret = read(case["initial_init_secret"])
    for epoch, given in enumerate(case["epochs"]):
        context = context_of(case | given, read(given["tree_hash"]), epoch)
        expect("group_context", encode(context), given["group_context"])
        psk = read(given["psk_secret"])
        commit_secret = read(given["commit_secret"])
        joiner = key_schedule.joiner_secret(crypto, init_secret, commit_secret, context)
        expect("joiner_secret", joiner, given["joiner_secret"])
        welcome = key_schedule.welcome_secret(crypto, joiner, psk)
        expect("welcome_secret", welcome, given["welcome_secret"])
        secret = key_schedule.epoch_secret(crypto, joiner, psk, context)
        secrets = key_schedule.epoch_secrets(crypto, secret)
        for name in ("encryption_secret", "confirmation_key"):
            expect(name, getattr(secrets, name), given[name])
        kept = secrets.kept
        for name in kept.__slots__[:-1]:
            expect(name, getattr(kept, name), given[name])
        pair = key_schedule.external_key_pair(crypto, kept.external_secret)
        expect("external_pub", pair.public, given["external_pub"])
        wanted = given["exporter"]
        label, exported_context = wanted["label"].encode(), read(wanted["context"])
        exported = key_schedule.export(
            crypto, kept.exporter_secret, label, exported_context, wanted["length"]
        )
        expect("exporter", exported, wanted["secret"])
        init_secret = kept.init_secret


def psk_secret_(case: Case) -> None:
    """Check ``psk_secret``."""
    psks = [
        (PreSharedKeyID(ExternalPsk(read(p["psk_id"])), read(p["psk_nonce"])), read(p["psk"]))
        for p in case["psks"]
    ]
    expect("psk_secret", psk_secret(_crypto(case), psks), case["psk_secret"])


def tree_operations(case: Case) -> None:
    """Check ``tree-operations``."""
    suite = cipher_suite(case["cipher_suite"])
    tree = read_ratchet_tree(suite, read(case["tree_before"]))
    expect("tree_hash_before", tree.hash, case["tree_hash_before"])
    updates: dict[int, LeafNode] = {}
    removes: list[int] = []
    adds: list[LeafNode] = []
    match decode(proposal, read(case["proposal"])):
        case Add(package):
            adds.append(package.leaf_node)
        case Remove(leaf):
            removes.append(leaf)
        case Update(leaf_node):
            updates[case["proposal_sender"]] = leaf_node
        case other:
            raise VectorError(f"cannot apply a {type(other).__name__}: it changes no tree")
    after, _ = change_members(tree, updates, removes, adds)
    expect("tree_after", write_ratchet_tree(after), case["tree_after"])
    expect("tree_hash_after", after.hash, case["tree_hash_after"])


def tree_validation(case: Case) -> None:
    """Check ``tree-validation``."""
    crypto = _crypto(case)
    tree = read_ratchet_tree(crypto.suite, read(case["tree"]))
    expect("tree", write_ratchet_tree(tree), case["tree"])
    expect("number of nodes", 2 * tree.capacity - 1, len(case["tree_hashes"]))
    for index, tree_hash in enumerate(case["tree_hashes"]):
        summary = tree.nodes.summary(index)
        expect(f"tree hash of {index}", summary.hash, tree_hash)
        expect(f"resolution of {index}", list(summary.resolution), case["resolutions"][index])
    verify_parent_hashes(crypto, tree)
    for leaf, content in tree.leaves():
        verify_leaf_node(crypto, content.node, read(case["group_id"]), leaf, content.encoded)


def treekem(case: Case) -> None:
    """Check ``treekem``: every listed member decrypts the vector's paths and newly created ones."""
    crypto = _crypto(case)
    tree = read_ratchet_tree(crypto.suite, read(case["ratchet_tree"]))
    secrets: dict[int, HashTrieMap[int, bytes]] = {}
    signature: dict[int, bytes] = {}
    for member in case["leaves_private"]:
        leaf = member["index"]
        known = {2 * leaf: secret_of(crypto.suite, member["encryption_priv"])}
        for item in member["path_secrets"]:
            pair = node_key_pair(crypto, read(item["path_secret"]))
            expect(f"key of {item['node']}", tree.public_key(item["node"]), pair.public.hex())
            known[item["node"]] = pair.secret
        secrets[leaf] = HashTrieMap(known)
        signature[leaf] = secret_of(crypto.suite, member["signature_priv"])
    for given in case["update_paths"]:
        author = given["sender"]
        others = [leaf for leaf in secrets if leaf != author]
        path = decode(UpdatePath, read(given["update_path"]))
        verify_leaf_node(crypto, path.leaf_node, read(case["group_id"]), author)
        after = merge_path(crypto, tree, author, path)
        expect("tree_hash_after", after.hash, given["tree_hash_after"])
        context = encode(context_of(case, after.hash))
        for leaf in others:
            opened = open_path(crypto, after, author, path, leaf, secrets[leaf], context, ())
            expect("path_secret", opened.path_secret, given["path_secrets"][leaf])
            expect("commit_secret", opened.commit_secret, given["commit_secret"])

        def new_leaf(key: bytes, source: InCommit, author: int = author) -> LeafNode:
            old = cast("LeafNode", tree.leaf(author))
            unsigned = replace(old, encryption_key=key, source=source)
            group_id = read(case["group_id"])
            return sign_leaf_node(crypto, unsigned, signature[author], group_id, author)

        made = create_path(
            crypto,
            tree,
            author,
            secrets[author],
            new_leaf,
            lambda tree_hash: encode(context_of(case, tree_hash)),
            (),
            SeededRandomness(author),
        )
        path = made.update_path
        verify_leaf_node(crypto, path.leaf_node, read(case["group_id"]), author)
        after = merge_path(crypto, tree, author, path)
        context = encode(context_of(case, after.hash))
        for leaf in others:
            opened = open_path(crypto, after, author, path, leaf, secrets[leaf], context, ())
            expect("own commit_secret", opened.commit_secret, made.commit_secret.hex())


def check_pairs(suite: CipherSuite, package: KeyPackage, own: OwnKeyPackage) -> None:
    """Check that the secret keys match the public keys of the key package."""
    node = package.leaf_node
    for public, secret in (
        (package.init_key, own.init_secret),
        (node.encryption_key, own.leaf_secret),
    ):
        suite.open(secret, suite.seal(public, b"", b"", b"", SeededRandomness(1)), b"", b"")
    suite.verify(node.signature_key, b"", suite.sign(own.signature.secret, b""))


def passive_client(case: Case) -> None:
    """Check ``passive-client-*``: join with a Welcome, then process all messages."""
    suite = cipher_suite(case["cipher_suite"])
    package = read_message(read(case["key_package"]))
    if not isinstance(package, KeyPackage):
        raise VectorError("cannot read the case: key_package is not a KeyPackage")
    init, leaf, signature = (
        secret_of(suite, case[name]) for name in ("init_priv", "encryption_priv", "signature_priv")
    )
    own = OwnKeyPackage(package, init, leaf, KeyPair(package.leaf_node.signature_key, signature))
    check_pairs(suite, package, own)
    known = {read(psk["psk_id"]): read(psk["psk"]) for psk in case["external_psks"]}

    def psks(psk: ExternalPsk | ResumptionPsk) -> bytes | None:
        return known.get(psk.psk_id) if isinstance(psk, ExternalPsk) else None

    config = Configuration(suite, Policy(psks=psks, clock=fixed_clock(), max_lifetime=None))
    tree = None if case["ratchet_tree"] is None else read(case["ratchet_tree"])
    member = Member.join(config, read(case["welcome"]), own, tree=tree)
    expected = case["initial_epoch_authenticator"]
    expect("initial_epoch_authenticator", member.epoch_authenticator, expected)
    for number, epoch in enumerate(case["epochs"]):
        for message in (*epoch["proposals"], epoch["commit"]):
            member.process(read(message))
        expected = epoch["epoch_authenticator"]
        expect(f"epoch_authenticator {number}", member.epoch_authenticator, expected)
