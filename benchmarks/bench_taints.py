"""What remembering the tainters costs: creating, joining, loading and the first updates of a group.

Right after a create its author taints nearly every node, so that one member has as many taints as
the group has nodes. The *floor* of an operation is the same operation, on the same members, with a
planner that taints nothing: all cryptography stays, only the taints are missing. The two are
measured in turn within one run, in process CPU time, because machines drift.
"""

import gc
import os
from dataclasses import replace
from hashlib import sha256
from statistics import median
from time import process_time

import pytest

from ttkem.cgka.tree_member import TreeCGKA, TreeMember
from ttkem.crypto import SystemRandomness, cipher_suite
from ttkem.tainted import NAME, refresh, tainted_treekem
from ttkem.tree import InternalNode, KeyTree, Leaf

SMALL = 1_000
LARGE = int(os.environ.get("TTKEM_BENCH_LARGE", "32000"))
UPDATES = 16
SUITE = cipher_suite(1)
RANDOMNESS = SystemRandomness()


def untainted(tree, change):
    """Return TTKEM's plan without its taints."""
    plan = refresh.plan(tree, change)
    return replace(plan, taints=dict.fromkeys(plan.refreshed))


PROTOCOLS = {"tainted": tainted_treekem(SUITE), "floor": TreeCGKA(NAME, SUITE, untainted)}
NAMES = ("create", "join", "load", "update", "process")


def timed(function, *arguments):
    gc.collect()
    gc.disable()
    start = process_time()
    result = function(*arguments)
    taken = process_time() - start
    gc.enable()
    return taken, result


def measured(size):
    """Return the CPU times of each operation, by protocol, in a new group of this size."""
    pki = {}
    members = [PROTOCOLS["floor"].member(f"member {n}", pki, RANDOMNESS) for n in range(size)]
    pki.update({member.identity: member.signature_key for member in members})
    packages = [member.key_package() for member in members[1:]]

    def copy(protocol, number):
        return TreeMember(protocol, members[number].state, pki, RANDOMNESS)

    def loaded(protocol, data):
        return protocol.load(data, pki, RANDOMNESS)

    times = {}
    for name, protocol in PROTOCOLS.items():
        mine = times[name] = {}
        mine["create"], operation = timed(copy(protocol, 0).create, packages)
        welcome = operation.make_welcome()
        author, other = copy(protocol, size // 4 + 1), copy(protocol, size // 2)
        mine["join"], _ = timed(author.join, welcome)
        other.join(welcome)
        mine["load"], author = timed(loaded, protocol, author.save())
        updates, processed = [], []
        for _ in range(UPDATES):
            taken, operation = timed(author.update)
            updates.append(taken)
            processed.append(timed(other.process, operation.message)[0])
            author.confirm(operation.id)
            author, other = other, author
        # The first update of each of the two clears taints; later ones find none on their paths.
        mine["update"], mine["process"] = sum(updates[:2]), sum(processed[:2])
        mine["later update"] = 2 * median(updates[2:])
    return times


@pytest.fixture(scope="module")
def figures():
    found = {size: measured(size) for size in (SMALL, LARGE)}
    print()
    for size, by in found.items():
        for protocol, times in by.items():
            row = "  ".join(f"{name} {1000 * taken:.1f} ms" for name, taken in times.items())
            print(f"{size:>6} members, {protocol:>7}: {row}")
    return found


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("name", NAMES)
def test_taints_cost_little_beside_the_floor(figures, name, size):
    ratio = figures[size]["tainted"][name] / figures[size]["floor"][name]
    print(f"\n{name} at {size} members: {ratio:.2f} x the floor")
    assert ratio < 1.6


def indexed(members, tainter):
    """Return the CPU time of entering the keys of a whole tree, without cryptography."""
    tree = KeyTree.empty(lambda data: sha256(data).digest())
    while tree.capacity < members:
        tree = tree.doubled()
    tree = tree.with_members(
        {n: Leaf(f"member {n}", f"signature {n}".encode(), b"key") for n in range(members)}
    )
    nodes = {node: InternalNode(b"key", tainter) for node in range(1, 2 * members - 1, 2)}
    return timed(tree.with_keys, {}, nodes)[0]


@pytest.mark.parametrize("size", [8_000, 16_000, 32_000])
def test_the_tree_alone_is_linear_in_the_taints(size):
    floor = median(indexed(size, None) for _ in range(3))
    tainted = median(indexed(size, 0) for _ in range(3))
    print(f"\n{size} nodes: {tainted:.2f} s with one tainter, {floor:.2f} s without")
    assert tainted < 2.5 * floor
