"""Planners against the premises of `safe-not-derivable`: which are met, and how others fail."""

import random
from dataclasses import dataclass, fields, replace
from itertools import count

import pytest
from broken_planners import BROKEN, GOOD, TAINT_RULES, seven_taints_only

from ttkem.blanking import refresh as blanking
from ttkem.cgka import Kind, Plan, TreeCGKA
from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import LocalError
from ttkem.tainted import refresh
from ttkem.testing.planner_calls import (
    CheckedPlanner,
    LineBudget,
    PlannerError,
    TooManyLinesError,
    import_planner,
)
from ttkem.testing.planner_histories import EMPTY, GroupOperation, operations, step
from ttkem.testing.planner_premises import PREMISES, fingerprint
from ttkem.testing.planner_search import LARGEST, exhaust, replayed, sample

ABOVE = "what is above a tainted node is not re-keyed"
TAINTS_ALONE = "a remove re-keys nothing above the taints of the removed member"
"""It meets all premises in groups of up to five members."""
SEVEN = "only the seven lowest tainted nodes are re-keyed"
"""It meets all premises in groups of up to 16 members."""


def ignored(_):
    pass


def searched(plan, members=5, name="mine:plan"):
    return exhaust(CheckedPlanner(plan, name), members, ignored)


def told(found):
    return found.broken[0].premise.name, [str(row.operation) for row in found.rows]


@pytest.mark.parametrize("name", GOOD)
def test_planners_that_meet_the_premises(name):
    seen = []
    result = exhaust(CheckedPlanner(GOOD[name], name), 3, seen.append)
    assert result.complete
    assert result.counterexample is None
    assert (seen[0].trees, seen[0].waiting, seen[0].complete) == (0, 3, False)
    assert (seen[-1].trees, seen[-1].operations) == (result.trees, result.operations)


def test_what_is_covered_of_two_members():
    """Counted by hand."""
    two = searched(refresh.plan, 2)
    assert two.trees == 3  # ann alone, bob alone, both
    assert two.operations == 2 + 2 + 2 + 4
    assert searched(refresh.plan, 4).complete


def test_a_mutant_of_larger_groups_is_refuted_by_random_histories():
    planner = CheckedPlanner(TAINT_RULES[TAINTS_ALONE], "mine:plan")
    assert exhaust(planner, 3, ignored).complete
    found = sample(planner, LARGEST, 40, 0, ignored).counterexample
    assert found.broken
    assert replayed(planner, [row.operation for row in found.rows], shortest=False) == found


def test_a_mutant_that_needs_17_members_is_refuted_by_an_update_of_the_creator():
    planner = CheckedPlanner(TAINT_RULES[SEVEN], "mine:plan")
    history = [GroupOperation(Kind.CREATE, 0, 17), GroupOperation(Kind.UPDATE, 0, 0)]
    found = replayed(planner, history, shortest=False)
    assert told(found) == ("taints", ["create by ann, 17 members", "update by ann"])


@pytest.mark.parametrize("name", sorted(TAINT_RULES.keys() - {ABOVE, TAINTS_ALONE, SEVEN}))
def test_mutants_of_the_taint_rules_are_refuted(name):
    result = searched(TAINT_RULES[name])
    assert not result.complete
    found = result.counterexample
    assert found.shortest
    again = replayed(
        CheckedPlanner(TAINT_RULES[name], name), [r.operation for r in found.rows], shortest=True
    )
    assert again == found


def test_shortest_histories():
    assert told(searched(TAINT_RULES["an update clears its author's taints"]).counterexample) == (
        "taint afterwards",
        ["create by ann, 3 members", "update by ann"],
    )
    found = searched(TAINT_RULES[ABOVE]).counterexample
    assert told(found) == (
        "closed upwards",
        [
            "create by ann, 5 members",
            "remove of ann by eve",
            "update by bob",
            "update by eve",
        ],
    )
    assert found.rows[0].refreshed == (1, 3, 7, 5, 9, 11)
    assert "(5) tainted by ann *" in found.rows[0].tree


@pytest.mark.parametrize("name", sorted(BROKEN.keys() - {"seven taints only"}))
def test_each_premise_is_needed(name):
    premise, plan = BROKEN[name]
    assert premise in [each.premise.name for each in searched(plan).counterexample.broken]


def test_all_premises_can_be_broken():
    assert {premise for premise, _ in BROKEN.values()} == PREMISES.keys()


def test_blanking_is_outside_the_theorem():
    """TreeKEM's add blanks nodes and, with a commit, renews its author's leaf."""
    plain = searched(blanking.plan).counterexample
    assert [each.premise.name for each in plain.broken] == ["nodes stay", "root"]
    commit = searched(blanking.plan_with_commit).counterexample
    assert told(commit) == ("leaf", ["create by ann, 1 member", "add of bob by ann"])


def test_random_histories_find_what_small_groups_do_not_show():
    planner = CheckedPlanner(seven_taints_only, "mine:plan")
    assert exhaust(planner, 3, ignored).complete
    result = sample(planner, LARGEST, 40, 0, ignored)
    assert result.done
    found = result.counterexample
    assert told(found) == ("taints", ["create by ann, 16 members", "update by ann"])
    assert not found.shortest
    assert "member15" in found.rows[-1].tree


def test_random_histories_are_those_of_the_seed():
    planner = CheckedPlanner(refresh.plan, "TTKEM")
    seen = []
    results = [sample(planner, 6, 5, number, seen.append) for number in (1, 1, 2)]
    assert results[0] == results[1] != results[2]
    assert all(each.done and each.counterexample is None for each in results)
    assert results[0].histories == 5
    assert (seen[0].histories, seen[0].done) == (1, False)


def test_the_trees_are_those_of_real_members():
    """Operations change the tree as the protocol's own do."""
    protocol = TreeCGKA("TTKEM", cipher_suite(1), refresh.plan)
    randomness, pki = SeededRandomness(1), {}
    people = [protocol.member(f"m{n}", pki, randomness) for n in range(5)]
    pki.update({each.identity: each.signature_key for each in people})
    real = [people[0].create([each.key_package() for each in people[1:4]])]
    people[0].confirm(real[0].id)
    group = step(CheckedPlanner(refresh.plan, "TTKEM"), EMPTY, GroupOperation(Kind.CREATE, 0, 4))
    assert fingerprint(group.tree) == fingerprint(people[0].tree)
    for make, ours in (
        (lambda: people[0].add(people[4].key_package()), GroupOperation(Kind.ADD, 0, 4)),
        (people[0].update, GroupOperation(Kind.UPDATE, 0, 0)),
        (lambda: people[0].remove("m1"), GroupOperation(Kind.REMOVE, 0, 1)),
        (lambda: people[0].remove("m4"), GroupOperation(Kind.REMOVE, 0, 4)),
    ):
        people[0].confirm(make().id)
        group = step(CheckedPlanner(refresh.plan, "TTKEM"), group, ours)
        assert fingerprint(group.tree) == fingerprint(people[0].tree)
        assert fingerprint(group.renamed) == fingerprint(group.tree)


def test_operations_of_a_group():
    assert [str(each) for each in operations(EMPTY, 2)] == [
        "create by ann, 1 member",
        "create by ann, 2 members",
    ]
    group = step(CheckedPlanner(refresh.plan, "TTKEM"), EMPTY, GroupOperation(Kind.CREATE, 0, 2))
    assert [str(each) for each in operations(group, 2)] == [
        "update by ann",
        "remove of bob by ann",
        "update by bob",
        "remove of ann by bob",
    ]
    assert "add of cat by ann" in [str(each) for each in operations(group, 3)]


# Planners that are no functions from trees to plans.


def raising(tree, change):
    if change.kind is Kind.UPDATE:
        raise ValueError("no such node")
    return refresh.plan(tree, change)


def silent(tree, change):
    raise KeyError


def asking_too_much(tree, change):
    return refresh.plan(tree, change) if tree.leaf(99) else None


def leaving(tree, change):
    raise SystemExit(0)


def looping(tree, change):
    while True:
        pass


def endless(tree, change):
    return endless(tree, change)


def stubborn(tree, change):
    while True:
        try:
            for _ in count():
                pass
        except Exception:  # noqa: BLE001, S110 - a planner may do so
            pass


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (raising, "for update by leaf 0 it raised ValueError: no such node (test_planner_premises"),
        (silent, "it raised KeyError (test_planner_premises.py, line "),
        (asking_too_much, "a tree of 2 leaves has no such node (test_planner_premises.py, line "),
        (leaving, "it raised SystemExit: 0 (test_planner_premises.py, line "),
        (
            looping,
            "it did not return within 20,000 lines; the last was in test_planner_premises.py",
        ),
        (stubborn, "it did not return within 20,000 lines; the last was in test_planner_premises"),
        (endless, "it raised RecursionError: "),
        (len, "it raised TypeError: len() takes exactly one argument (2 given)"),
        (lambda tree: None, "it raised TypeError: "),
    ],
)
def test_planners_without_a_plan(plan, words):
    planner = CheckedPlanner(plan, "mine:plan", lines=20_000)
    with pytest.raises(PlannerError) as raised:
        exhaust(planner, 2, ignored)
    assert words in str(raised.value)
    assert "cannot prove mine:plan: for create by leaf 0" in str(raised.value) or plan is raising
    assert "; the history: create by ann, 1 member" in str(raised.value)
    with pytest.raises(PlannerError) as raised:
        sample(planner, 2, 20, 0, ignored)
    assert words in str(raised.value)


def test_the_budget_counts_lines():
    budget = LineBudget(1)
    frame = type("Frame", (), {"f_code": looping.__code__, "f_lineno": 7})()
    assert budget(frame, "call", None) is budget
    assert budget(frame, "line", None) is budget
    assert budget.left == 0
    with pytest.raises(TooManyLinesError, match=r"test_planner_premises\.py, line 7"):
        budget(frame, "line", None)


def of(**fields):
    return lambda tree, change: replace(refresh.plan(tree, change), **fields)


@dataclass(frozen=True)
class TwoFaced(Plan):
    """A plan that says that it refreshes nothing."""

    predecessors = property(lambda _: {})


def two_faced(tree, change):
    true = refresh.plan(tree, change)
    return TwoFaced(**{each.name: getattr(true, each.name) for each in fields(true)})


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (two_faced, "TwoFaced(author=0, "),
        (lambda *_: None, "None, not a ttkem.cgka.Plan (defined in test_planner_premises.py, line"),
        (lambda *_: "x" * 99, f"{'x' * 56}..., not a ttkem.cgka.Plan"),
        (of(author="ann"), "a plan whose author is 'ann', not a int"),
        (of(author=True), "a plan whose author is True, not a int"),
        (of(tree=None), "a plan whose tree is None, not a KeyTree"),
        (of(fresh_leaf=1), "a plan whose fresh_leaf is 1, not a bool"),
        (of(chains=[(1,)]), "a plan whose chains are [(1,)], not a tuple"),
        (of(chains=((),)), "a plan with the chain (), not a non-empty tuple"),
        (of(chains=([1],)), "a plan with the chain [1], not a non-empty tuple"),
        (of(chains=((2,),)), "a plan that refreshes 2, which is no internal node of a tree of 2"),
        (of(chains=((3,),)), "a plan that refreshes 3, which is no internal node of a tree of 2"),
        (of(chains=((-1,),)), "a plan that refreshes -1, which is no internal node"),
        (of(chains=(("1",),)), "a plan that refreshes '1', which is no internal node"),
        (of(taints=[None]), "a plan whose taints are [None], not a Mapping"),
        (of(taints={1: "ann"}), "a plan in which 'ann' taints node 1, not None or a leaf"),
    ],
)
def test_malformed_plans(plan, words):
    with pytest.raises(PlannerError) as raised:
        searched(plan)
    assert words in str(raised.value)


def test_a_node_without_a_word_on_its_tainter_breaks_a_premise():
    found = searched(of(taints={})).counterexample
    assert found.broken[0].found == "the plan does not say who taints node 1"


class Counting:
    """Another plan from some call on."""

    def __init__(self, calls, length=1):
        self.calls, self.length = calls, length

    def __call__(self, tree, change):
        self.calls -= 1
        true = refresh.plan(tree, change)
        changed = -self.length <= self.calls < 0
        return replace(true, chains=true.chains[::-1]) if changed and not true.fresh_leaf else true


def test_planners_that_depend_on_something_else():
    def on_names(tree, change):
        true = refresh.plan(tree, change)
        ann = tree.leaf_of.get("ann") == 0
        return true if ann or true.fresh_leaf else replace(true, chains=true.chains[::-1])

    def on_luck(tree, change):
        true = refresh.plan(tree, change)
        back = not true.fresh_leaf and random.random() < 0.5
        return replace(true, chains=true.chains[::-1]) if back else true

    with pytest.raises(
        PlannerError, match=r"remove of bob by ann, its plan depends on names, public"
    ):
        searched(on_names)
    with pytest.raises(PlannerError, match="calls with the same arguments"):
        searched(on_luck)


def test_planners_that_change_as_they_are_called():
    for changed in (blanking.plan, Counting(0, 10**6)):
        left = iter(range(3 * 552))  # until every operation has been tried

        def later(tree, change, left=left, changed=changed):
            now = refresh.plan if next(left, None) is not None else changed
            return now(tree, change)

        with pytest.raises(PlannerError, match="it returned another plan when it was asked again"):
            searched(later, 4)


def test_a_failure_that_does_not_come_back():
    once = iter([1])

    def plan(tree, change):
        if change.kind is Kind.REMOVE and tree.capacity == 4 and next(once, None):
            raise ValueError("once")
        return refresh.plan(tree, change)

    with pytest.raises(PlannerError, match="another plan when it was asked again"):
        sample(CheckedPlanner(plan, "mine:plan"), 4, 50, 0, ignored)
    history = [GroupOperation(Kind.CREATE, 0, 3), GroupOperation(Kind.UPDATE, 1, 1)]
    for other in (refresh.plan, of(fresh_leaf=False)):  # nothing is broken; or something before
        with pytest.raises(PlannerError, match="another plan when it was asked again"):
            replayed(CheckedPlanner(other, "mine:plan"), history, shortest=True)


def test_importing_planners(tmp_path):
    assert import_planner("ttkem.tainted.refresh:plan").plan is refresh.plan
    (tmp_path / "made_planners.py").write_text(
        "from ttkem.tainted import tainted_treekem\nPROTOCOL = tainted_treekem()\nNUMBER = 3\n"
    )
    assert import_planner("made_planners:PROTOCOL", tmp_path).plan is refresh.plan
    with pytest.raises(LocalError, match="neither a planner nor a protocol with a planner"):
        import_planner("made_planners:NUMBER", tmp_path)
    with pytest.raises(LocalError, match="cannot import planner 'x': write it as module:name"):
        import_planner("x")
