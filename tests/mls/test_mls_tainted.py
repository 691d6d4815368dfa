"""Tainted MLS: no blanks, the right taints, and messages that a receiver rejects."""

import random
from dataclasses import replace

import pytest
from mls_groups import Group

from ttkem.cgka import DeliveryService
from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import InvalidMessageError, RemoteError
from ttkem.mls import Configuration, CustomProposal, Member, Remove
from ttkem.mls.cgka import mls_cgka
from ttkem.mls.messages.nodes import ParentNode
from ttkem.mls.tainted import TAINTED, TaintedNodes, TaintPolicy, tainted_configuration, tainter
from ttkem.wire import decode, encode

POLICY = tainted_configuration(cipher_suite(1)).policy
HOW = {"custom_proposals": POLICY.custom_proposals, "tree": POLICY.tree}


def taints(member):
    return {
        index: tainter(parent)
        for index, parent, _ in member.state.tree.parents()
        if tainter(parent) is not None
    }


def blanks(member):
    """Return the blank parent nodes with members below both children."""
    return [
        index
        for index, node in member.state.tree.nodes.nodes()
        if index & 1 and node.internal is None and node.left and node.right
    ]


@pytest.fixture
def group():
    group = Group("abcdefgh", **HOW)
    for name in "aceg":
        group.commit(name)
    assert not taints(group["a"])
    return group


def test_a_removal_taints_and_leaves_no_blank(group):
    group.commit("a", Remove(group.leaf("f")))
    # leaf 5 is below nodes 9 (with leaf 4 alone), 11 and 7; 7 is on the committer's path
    assert taints(group["b"]) == {11: 0}
    assert blanks(group["b"]) == []
    assert set(group["e"].state.private) == {8, 11, 7}


def test_a_commit_from_below_clears_a_taint(group):
    group.commit("a", Remove(group.leaf("f")))
    key = group["b"].state.tree.public_key(11)
    group.commit("g")
    assert not taints(group["b"])
    assert group["b"].state.tree.public_key(11) != key


def test_the_tainters_own_commit_rekeys_and_keeps_the_taint(group):
    group.commit("a", Remove(group.leaf("f")))
    key = group["b"].state.tree.public_key(11)
    group.commit("c")
    assert group["b"].state.tree.public_key(11) == key
    group.commit("a")
    assert taints(group["b"]) == {11: 0}
    assert group["b"].state.tree.public_key(11) != key


def test_removing_the_tainter_moves_the_taint(group):
    group.commit("a", Remove(group.leaf("f")))
    key = group["b"].state.tree.public_key(11)
    group.commit("c", Remove(group.leaf("a")))
    assert taints(group["b"]) == {11: 2}
    assert group["b"].state.tree.public_key(11) != key


def test_truncation_drops_taints():
    group = Group("abcde", **HOW)
    group.commit("a", Remove(group.leaf("e")))
    assert group["a"].state.tree.capacity == 4
    assert not taints(group["b"])


def test_an_update_by_proposal_leaves_no_blank(group):
    group.deliver(group["f"].propose_update(), but="f")
    group.commit("a")
    assert taints(group["b"]) == {9: 0, 11: 0}
    assert blanks(group["b"]) == []
    group.add("h", "new")  # and a new member accepts the tainted nodes
    group.commit("new")


def script(seed, **rules):
    """Return the ciphertext count of a random script; compare all members after each step."""
    chosen, group, spent = random.Random(seed), Group("abcdefgh", **rules), 0
    for number in range(40):
        names = sorted(group.members)
        author, what = chosen.choice(names), chosen.choice(["update", "add", "remove", "propose"])
        other = chosen.choice([name for name in names if name != author])
        proposals, own = [], None
        if what == "add" and len(names) < 14:
            own = group.key_package(f"new {number}")
            made = group[author].add(own.package)
        else:
            if what == "remove" and len(names) > 4:
                proposals = [Remove(group.leaf(other))]
            elif what == "propose":
                group.deliver(group[other].propose_update(), but=other)
            made = group[author].commit(proposals)
        spent += made.ciphertexts
        group.carry_out(author, made)
        if own:
            group.join(f"new {number}", made.welcome, own)
        group.check()
    return spent


@pytest.mark.sample(3)
@pytest.mark.parametrize("seed", range(3))
def test_random_scripts_in_both(seed):
    assert script(seed, **HOW) > 0
    assert script(seed) > 0


def test_it_is_a_cgka_and_can_be_compared_on_one_trace():
    spent = {}
    for tainted in (False, True):
        protocol = mls_cgka(tainted=tainted)
        randomness, pki, service = SeededRandomness(1), {}, DeliveryService()
        members = [protocol.member(f"m{n}", pki, randomness) for n in range(16)]
        pki.update({member.identity: member.signature_key for member in members})
        costs = []

        def carry_out(operation, service=service, members=members, costs=costs):
            assert service.submit(operation)
            costs.append(operation.ciphertexts)
            for member in members:
                service.deliver(member)

        first, *others = members
        carry_out(first.create([member.key_package() for member in others]))
        for member in members[::2]:
            carry_out(member.update())
        for gone in (3, 5, 9, 11, 13):
            carry_out(first.remove(f"m{gone}"))
        healing = len(costs)
        for member in members[2::2]:
            carry_out(member.update())
        assert len({member.group_key for member in members if member.in_group}) == 1
        spent[protocol.name] = sum(costs[healing:])
    assert spent["Tainted MLS"] < spent["MLS"]


# Messages that a receiver rejects


class Forging(TaintPolicy):
    """A committer whose proposal is changed before it is sent."""

    def __init__(self, change):
        self.change = change

    def heal(self, *arguments):
        tree, told, count = super().heal(*arguments)
        nodes = self.change(decode(TaintedNodes, told.data).nodes)
        return tree, CustomProposal(TAINTED, encode(TaintedNodes(nodes))), count


def forged(group, change):
    ann = group["a"]
    member = Member(
        replace(ann.config, policy=replace(ann.config.policy, tree=Forging(change))),
        ann.state,
        group.randomness,
    )
    return member.commit([Remove(group.leaf("f"))]).message


def first(nodes, **changes):
    return (replace(nodes[0], **changes), *nodes[1:])


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda nodes: (), "re-keys other nodes"),
        (lambda nodes: first(nodes, node=9), "re-keys other nodes"),
        (lambda nodes: first(nodes, ciphertexts=()), "ciphertexts, "),
        (lambda nodes: first(nodes, encryption_key=bytes(32)), "low order"),
        (lambda nodes: first(nodes, ciphertexts=nodes[0].ciphertexts[::-1]), "does not open"),
    ],
)
def test_a_dishonest_committer_is_refused(group, change, refusal):
    message = forged(group, change)
    before = group["e"].state
    with pytest.raises(RemoteError, match=refusal):
        group["e"].process(message)
    assert group["e"].state is before


def test_a_key_that_the_secret_does_not_give(group):
    key = group.config.suite.generate_key_pair(group.randomness).public
    message = forged(group, lambda nodes: first(nodes, encryption_key=key))
    with pytest.raises(InvalidMessageError, match="gives another key"):
        group["e"].process(message)


def test_two_proposals_of_tainted_nodes(group):
    plain = replace(group["a"].config, policy=replace(group["a"].config.policy, tree=None))
    member = Member(plain, group["a"].state, group.randomness)
    empty = CustomProposal(TAINTED, encode(TaintedNodes(())))
    made = member.commit([empty, empty])
    with pytest.raises(InvalidMessageError, match="two proposals of tainted nodes"):
        group["e"].process(made.message)


def test_what_is_no_taint():
    assert tainter(ParentNode(b"key", b"", ())) is None
    assert tainter(ParentNode(b"key", b"tainted by leaf ", ())) is None
    assert Configuration(cipher_suite(1)).policy.tree is None
