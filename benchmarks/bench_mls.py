"""MLS at 1,000 and 32,000 members, suite 1, every path filled: process CPU time, as ratios.

With mls-rs's wheel (``pip install agentvault-mls-rs-uniffi``) in the environment, both libraries
are members of the same group and the ratios to it are printed; without it these are skipped.
"""

from __future__ import annotations

from statistics import median
from time import process_time

import pytest
from rpds import HashTrieMap

from ttkem.crypto import SystemRandomness, cipher_suite
from ttkem.mls import Configuration
from ttkem.mls.client import Client
from ttkem.mls.group.epochs import fresh_state
from ttkem.mls.keys.epoch import epoch_from_joiner
from ttkem.mls.member import Member
from ttkem.mls.messages.codepoints import ProtocolVersion
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.group_context import GroupContext
from ttkem.mls.messages.leaf_node import sign_leaf_node
from ttkem.mls.messages.nodes import ParentNode
from ttkem.mls.tree.ratchet_tree import RatchetTree, TreeLeaf
from ttkem.mls.tree.treekem import create_path

RANDOMNESS = SystemRandomness()
CONFIG = Configuration(cipher_suite(1))
ROUNDS = 15


def timed(call, *arguments):
    started = process_time()
    result = call(*arguments)
    return result, process_time() - started


def packages(count):
    clients = [Client.basic(CONFIG, b"%d" % number, RANDOMNESS) for number in range(count)]
    return [client.key_package(RANDOMNESS) for client in clients]


def members_of(tree, secrets, own, which):
    """Return members at these leaves of a tree, in one epoch, with the secrets of their paths."""
    context = GroupContext(ProtocolVersion.MLS10, 1, b"bench", 1, tree.hash, bytes(32), ())
    epoch = epoch_from_joiner(CONFIG.crypto, CONFIG.policy.schedule, context, bytes(32), [])
    made = []
    for leaf in which:
        path = (2 * leaf, *tree.direct_path(leaf))
        private = HashTrieMap({index: secrets[index] for index in path if index in secrets})
        state = fresh_state(CONFIG, epoch, tree, leaf, own[leaf].signature, private)
        made.append(Member(CONFIG, state, RANDOMNESS))
    return made


def keyed_tree(own):
    """Return a tree with a key at every parent node, but without the parent hashes of newcomers."""
    leaves = {number: TreeLeaf.of(each.package.leaf_node) for number, each in enumerate(own)}
    secrets = {2 * number: each.leaf_secret for number, each in enumerate(own)}
    tree = RatchetTree.of(CONFIG.suite, leaves)
    parents = {}
    for index, node in tree.nodes.nodes():
        if index & 1 and node.right is not None:
            pair = CONFIG.suite.generate_key_pair(RANDOMNESS)
            parents[index], secrets[index] = ParentNode(pair.public, b"", ()), pair.secret
    return tree.changed({}, parents), secrets


def attested_tree(own):
    """Return a tree in which every second member has committed once, as newcomers require."""
    leaves = {number: TreeLeaf.of(each.package.leaf_node) for number, each in enumerate(own)}
    secrets = {2 * number: each.leaf_secret for number, each in enumerate(own)}
    tree = RatchetTree.of(CONFIG.suite, leaves)
    for leaf in range(0, len(own), 2):

        def new_leaf(key, source, leaf=leaf, old=own[leaf].package.leaf_node):
            fields = {name: getattr(old, name) for name in old.__slots__}
            node = type(old)(**(fields | {"encryption_key": key, "source": source}))
            return sign_leaf_node(CONFIG.crypto, node, own[leaf].signature.secret, b"bench", leaf)

        made = create_path(
            CONFIG.crypto, tree, leaf, HashTrieMap({}), new_leaf, lambda _: b"", (), RANDOMNESS
        )
        tree = made.tree
        secrets.update(dict(made.secrets.items()))
    return tree, secrets


def update_times(size):
    """Return the median seconds to create and to process an update commit."""
    own = packages(size)
    first, last = members_of(*keyed_tree(own), own, (0, size - 1))
    created, processed = [], []
    for turn in range(ROUNDS):
        author, other = ((first, last), (last, first))[turn % 2]
        made, seconds = timed(author.commit)
        created.append(seconds)
        author.confirm(made.id)
        _, seconds = timed(other.process, made.message)
        processed.append(seconds)
    assert first.epoch_authenticator == last.epoch_authenticator
    return median(created), median(processed)


def test_an_update_at_32000_members_costs_less_than_twice_that_at_1000():
    (created, processed), (created_large, processed_large) = map(update_times, (1_000, 32_000))
    print(f"\ncreate {1e3 * created:.2f} ms, at 32,000 {created_large / created:.2f} times that")
    print(f"process {1e3 * processed:.2f} ms, at 32,000 {processed_large / processed:.2f} times")
    assert created_large < 2 * created
    assert processed_large < 2 * processed


def test_a_commit_in_a_blank_tree_costs_little_more_than_its_seals():
    own = packages(999)
    client = Client.basic(CONFIG, b"creator", RANDOMNESS)
    creator = Member.create(client, b"bench", RANDOMNESS)
    made = creator.add(*(each.package for each in own))
    creator.confirm(made.id)
    other = Member.join(CONFIG, made.welcome, own[0], RANDOMNESS)
    keys = [leaf.node.encryption_key for _, leaf in other.state.tree.leaves()]
    ratios = []
    for _ in range(5):
        commit, whole = timed(other.commit)
        started = process_time()
        for key in keys[: commit.ciphertexts]:
            CONFIG.crypto.encrypt_with_label(key, b"x", bytes(150), bytes(32), RANDOMNESS)
        ratios.append(whole / (process_time() - started))
    assert commit.ciphertexts == 999
    print(f"\ncommit in a blank tree of 1,000: {median(ratios):.2f} times its 999 HPKE seals")
    assert median(ratios) < 1.3


def test_adding_many_members_costs_time_proportional_to_their_number():
    """Their Welcome's context grows with their number; hashing it for each would be quadratic."""

    def cost(count):
        added = [each.package for each in packages(count)]
        client = Client.basic(CONFIG, b"creator", RANDOMNESS)
        creator = Member.create(client, b"bench", RANDOMNESS)
        return timed(creator.add, *added)[1] / count

    few, many = min(cost(500) for _ in range(3)), cost(5_000)
    print(f"\nper added member {1e6 * few:.0f} us of 500, of 5,000 {many / few:.2f} times that")
    assert many < 1.5 * few


def test_next_to_mls_rs():
    peers = pytest.importorskip("mls_rs_uniffi", reason="agentvault-mls-rs-uniffi is not there")
    own = packages(999)
    tree, secrets = attested_tree(own)
    ours, late = members_of(tree, secrets, own, (0, 997))
    suite = peers.CipherSuite.CURVE25519_AES128
    pair = peers.generate_signature_keypair(suite)
    client = peers.Client(b"peer", pair, peers.client_config_default())
    package = read_message(client.generate_key_package_message().to_bytes())
    joiner = Client.basic(CONFIG, b"joiner", RANDOMNESS).key_package(RANDOMNESS)
    made = ours.add(package, joiner.package)
    ours.confirm(made.id)
    late.process(made.message)
    ours_join, theirs_join = [], []
    for _ in range(5):
        member, seconds = timed(Member.join, CONFIG, made.welcome, joiner, RANDOMNESS)
        ours_join.append(seconds)
        message = peers.Message.from_bytes(made.welcome)
        info, seconds = timed(client.join_group, None, message)
        theirs_join.append(seconds)
    group = info.group
    created, created_there, processed, processed_there = [], [], [], []
    for _ in range(ROUNDS):
        made, seconds = timed(member.commit)
        created.append(seconds)
        member.confirm(made.id)
        message = peers.Message.from_bytes(made.message)
        _, seconds = timed(group.process_incoming_message, message)
        processed_there.append(seconds)
        output, seconds = timed(group.commit)
        created_there.append(seconds)
        group.process_incoming_message(output.commit_message)
        _, seconds = timed(member.process, output.commit_message.to_bytes())
        processed.append(seconds)
    exported = member.export(b"bench", b"", 32)
    assert group.export_secret(b"bench", b"", 32) == exported
    report = (
        ("create an update", created, created_there, 1.0),
        ("process an update", processed, processed_there, 1.0),
        ("join from a welcome", ours_join, theirs_join, 2.0),
    )
    print()
    for what, here, there, bound in report:
        ratio = median(here) / median(there)
        print(
            f"{what} at 1,000: {1e3 * median(here):.2f} ms, mls-rs {1e3 * median(there):.2f} ms, "
            f"ratio {ratio:.2f} (at most {bound})"
        )
    for what, here, there, bound in report:
        assert median(here) <= bound * median(there), what
