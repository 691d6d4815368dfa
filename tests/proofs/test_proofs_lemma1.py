"""Lemma 1 and what taints cost, for every n: proofs, twins, and the real rules if broken."""

import random
import re
from dataclasses import replace
from itertools import permutations

import pytest
import z3
from broken_rules import (
    chains_of_one,
    taint_on_own_path_stays,
    update_stops_below_the_root,
)

import proofs
from agreement.verdict import Verdict
from proofs import (
    bit_reversal,
    taint_chains,
    unblanking,
    untainting,
)
from proofs.costs import healing_evidence, taint_evidence
from proofs.costs.counting import beside
from proofs.costs.real_rules import RANDOM_HEIGHTS, create, healings, operation
from ttkem.blanking import refresh as blanking
from ttkem.cgka import Kind as Operation
from ttkem.simulation import TaintedCosts
from ttkem.tainted import refresh
from ttkem.verification.claim import Kind
from ttkem.verification.lemma import prove_all
from ttkem.verification.runner import run

FOUND = {
    "lemma1-taints": (
        {"lemmas": 18, "runs of the real rules": 410, "updates": 1528},
        "an update refreshes its path: .*refreshes = .else -> True",
    ),
    "lemma1-blanks": (
        {"lemmas": 23, "runs of the real rules": 410, "updates": 1528, "at the least": 268},
        "without keys, all leaves: from h to h [+] 1: .*resolution = ",
    ),
    "lemma1-bit-reversal": (
        {"lemmas": 8, "runs of the real rules": 23},
        "the second turn is of the other half: .*later_turn = 1, .*turn = 0",
    ),
    "taint-chains": (
        {"lemmas": 10, "operations of the real rules": 984, "chains": 1201, "most lowest": 15},
        "nothing of S is below a start: .*height = .*start = Node",
    ),
    "taint-costs": (
        {"lemmas": 21, "operations of the real rules": 1123, "bounds on S attained": 15},
        "full: one, going on: .*ciphertexts_of_the_node = 2",
    ),
}
"""What is looked at, and what each twin must be refuted by."""


def silent(how):
    del how


@pytest.mark.parametrize("name", FOUND)
def test_the_proof_goes_through_and_the_twin_fails(name):
    claim = {each.name: each for each in proofs.CLAIMS}[name]
    figures, refuted = FOUND[name]
    result = run(claim, silent)
    assert result.passes, result
    assert claim.kind is Kind.COMPOSED
    assert figures.items() <= dict(result.finding.figures).items()
    assert re.search(refuted, result.twin.shown, re.DOTALL), result.twin.shown


@pytest.mark.parametrize(
    ("lemmas", "said"),
    [
        (untainting.lemmas(copath=2), "one ciphertext a node: .*ciphertexts_of_the_node = 2"),
        (untainting.lemmas(of_creators_pair=1), "one fewer beside the creator: height 1"),
        (unblanking.lemmas(of_creators_pair=1), "one fewer beside the creator: height 1"),
        (unblanking.lemmas(updates_key_it_all=True), "keys after an update: .*keyed_after = "),
        (
            bit_reversal.lemmas(lambda turn: turn < 2),
            "the second turn is of the other half: .*later_turn = 1, .*turn = 0",
        ),
        (taint_chains.lemmas(ancestors=False), "S is closed upwards: .*tainted = "),
    ],
)
def test_with_another_rule_the_proof_fails(lemmas, said):
    finding = prove_all(lemmas, silent)
    assert finding.verdict is Verdict.REFUTED
    assert re.match(said, finding.shown, re.DOTALL), finding.shown


def mutated(change_of_plan):
    """Return the real rules as a planner whose plans ``change_of_plan`` changes."""

    def planner(tree, change):
        return change_of_plan(tree, change, refresh.plan(tree, change))

    return planner


def all_tainted(tree, change, true):
    tainted = {node for node, internal in tree.internal_nodes() if internal.taint is not None}
    if change.kind is not Operation.UPDATE:
        return true
    nodes = frozenset(true.refreshed) | tainted
    chains = refresh.chains(tree, nodes, tree.path(change.author))
    return replace(true, chains=chains, taints=refresh.taints_after(tree, nodes, change.author))


def old_taints_stay(tree, change, true):
    return replace(true, taints=taint_on_own_path_stays(tree, change, true.taints))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (all_tainted, "n = 8, creator 0, order .*: 2 refreshes .5, 3, 7, 9, 11, 13., not its path"),
        (old_taints_stay, "n = 4, creator 0, order .2,.: other taints after 2 than by"),
    ],
)
def test_evidence_of_broken_taints(broken, said):
    finding = healing_evidence.taints(mutated(broken), silent)
    assert finding.verdict is Verdict.REFUTED
    assert re.match(said, finding.shown, re.DOTALL), finding.shown


def chains_of_single_nodes(tree, change, true):
    return replace(true, chains=chains_of_one(tree, set(true.refreshed), tree.path(change.author)))


def last_chain_is_forgotten(tree, change, true):
    return replace(true, chains=true.chains[:-1]) if len(true.chains) > 1 else true


def one_node_more(tree, change, true):
    """Let the author's chain go on sideways, to a node off its path."""
    internal = range(1, 2 * tree.capacity - 1, 2)
    others = [node for node in internal if tree.members(node) and node not in true.taints]
    if change.kind is not Operation.UPDATE or not others:
        return true
    chains = (true.chains[0] + (others[0],), *true.chains[1:])
    return replace(true, chains=chains, taints={**true.taints, others[0]: change.author})


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (chains_of_single_nodes, r"Change\(kind=<Kind.*: chains from .*, lowest tainted "),
        (last_chain_is_forgotten, r"Change\(kind=<Kind.*: chains from .*, lowest tainted "),
        (one_node_more, r"Change\(kind=<Kind.UPDATE: .*: {1: 1} nodes by height, 0 lowest tainted"),
    ],
)
def test_evidence_of_broken_chains(broken, said):
    finding = taint_evidence.chains(mutated(broken), silent)
    assert finding.verdict is Verdict.REFUTED
    assert re.match(said, finding.shown, re.DOTALL), finding.shown


def test_evidence_of_dearer_chains(monkeypatch):
    broken = mutated(chains_of_single_nodes)
    finding = taint_evidence.costs(broken, silent)
    assert finding.verdict is Verdict.REFUTED
    assert re.match("Change.*: 3 ciphertexts, 2 nodes, 0 lowest tainted", finding.shown)
    monkeypatch.setattr(taint_evidence, "histories", lambda planner: ())
    finding = taint_evidence.costs(broken, silent)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.endswith(": 7 ciphertexts, 5 nodes, 1 lowest tainted")
    monkeypatch.setattr(taint_evidence, "_sets", lambda height: [()])
    finding = taint_evidence.costs(refresh.plan, silent)
    assert finding.shown == "n = 4: at most {0: 2, 1: 0} refreshed, by m"


def test_an_update_that_attains_its_bounds():
    """No taints: log2 n. One chain as long as can be: twice that. All of them: as create."""
    for height in range(2, 8):
        size = 1 << height
        now = create(refresh.plan, height, 0)
        assert len(now.sent) == 3 * size // 2 - 2
        assert len(operation(refresh.plan, now.tree, 0).sent) == 3 * size // 2 - 2
        for leaf in range(2, size, 2):
            now = operation(refresh.plan, now.tree, leaf)
        assert len(operation(refresh.plan, now.tree, 0).sent) == height
        now = operation(refresh.plan, now.tree, 1, size - 1)
        now = operation(refresh.plan, now.tree, 0, size - 1)
        assert len(operation(refresh.plan, now.tree, 0).sent) == 2 * height


def one_updates_less(monkeypatch):
    def fewer():
        for healing in healings():
            yield replace(healing, order=healing.order[:-1])

    monkeypatch.setattr(healing_evidence, "healings", fewer)


def test_evidence_of_taints_that_are_left(monkeypatch):
    one_updates_less(monkeypatch)
    finding = healing_evidence.taints(refresh.plan, silent)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.endswith("order (): 0 ciphertexts, and nodes [5] are left tainted")


def test_evidence_of_cheaper_updates(monkeypatch):
    finding = healing_evidence.blanks(update_stops_below_the_root, silent)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.endswith("2 pays {5: 1} by node, not {5: 1, 3: 1}")
    finding = bit_reversal.evidence(update_stops_below_the_root, silent)
    assert finding.shown == "n = 4, creator 0: 1 ciphertexts, not 2"
    one_updates_less(monkeypatch)
    finding = healing_evidence.blanks(blanking.plan, silent)
    assert finding.shown.endswith("order (): 0 ciphertexts, the least being 2")


def test_the_runs_are_those_of_the_bound():
    runs = list(healings())
    small = [(each.height, each.creator, each.order) for each in runs if each.height <= 3]
    assert len(small) == len(set(small)) == 2 + 4 * 2 + 8 * 6 * 2**3
    assert {each.height for each in runs} == {1, 2, 3, *RANDOM_HEIGHTS}
    for each in runs:
        pairs = sorted(member >> 1 for member in each.order)
        assert pairs == [pair for pair in range(1 << each.height - 1) if pair != each.creator >> 1]


def test_bit_reversal_is_what_it_says():
    for height, creator in ((3, 0), (8, 0), (5, 13)):
        width = height - 1
        reverse = [int(f"{turn:0{width}b}"[::-1], 2) for turn in range(1, 1 << width)]
        turns = bit_reversal.turns(height, creator)
        assert [member >> 1 ^ creator >> 1 for member in turns] == reverse
        assert bit_reversal.turns(1) == ()


@pytest.mark.parametrize("seed", range(5))
def test_real_rules_and_cost_engines_agree(seed):
    """Adds, removes and updates at random: refreshed nodes, taints and ciphertexts."""
    source = random.Random(seed)
    engine = TaintedCosts.create(8, 3)
    now = create(refresh.plan, 3, 3)
    for _ in range(60):
        author, other = source.sample(engine.members, 2)
        kind = source.choice(["update", "remove", "add"])
        if kind == "update":
            target, cost = None, engine.update(author)
        elif kind == "add" or len(engine.members) <= 3:
            target, cost = engine.add(author)
        else:
            target, cost = other, engine.remove(author, other)
        now = operation(refresh.plan, now.tree, author, target)
        assert len(now.sent) == cost
        assert set(now.plan.refreshed) == engine.last.refreshed
        taints = {
            n: internal.taint
            for n, internal in now.tree.internal_nodes()
            if internal.taint is not None
        }
        assert taints == engine.last.taints
        assert now.tree.capacity == engine.capacity


@pytest.mark.parametrize("creator", [False, True])
def test_every_way_to_pass_can_happen(creator):
    """From states that satisfy the invariant, with some number of updaters and of leaves."""
    now, later = unblanking._state(), unblanking._state("_after")
    half = unblanking.H
    for to_left in (True, False):
        for dear in (0, 1):
            for second in (True, False):
                solver = z3.Solver()
                solver.add(
                    half >= 1,
                    *beside(half).values(),
                    unblanking._invariant(now, creator=creator),
                    unblanking._update(now, later, creator=creator),
                    (later[0] > now[0]) == to_left,
                    later[2] == now[2] + dear,
                    (now[0] + now[1] + creator == 1) == second,
                )
                # The creator's half has keys; and who is second from there finds none in the other.
                never = creator and (not to_left if dear else to_left and second)
                assert solver.check() == (z3.unsat if never else z3.sat)


def test_the_cost_at_a_node_by_trying():
    """Without proofs: all orders at a node with halves of two updaters each, four leaves each."""
    for order in set(permutations([0, 0, 1, 1])):
        touched, paid = set(), 0
        for half in order:
            paid += 1 if 1 - half in touched else 4
            touched.add(half)
        assert paid >= 7
        assert (paid == 7) == (order[0] != order[1])
