"""Coverage: every situation is counted where it occurs, and those never visited are named."""

import pytest

from ttkem.blanking import treekem_with_commit
from ttkem.mls.cgka import mls_cgka
from ttkem.tainted import tainted_treekem
from ttkem.testing import Feature, Run, lacking
from ttkem.testing.naming import public_tree
from ttkem.testing.situations import (
    LONG,
    SITUATIONS,
    TREE_SITUATIONS,
    situations,
    unvisited,
)

MANY = tuple(f"m{number}" for number in range(6))


def run_of(protocol=None, names=MANY, members=4):
    run = Run(protocol or tainted_treekem(), "1", names, judged=False)
    run.accept(run.create(*names[:members]))
    return run


def seen(run):
    return situations(run.game, run.trees)


def test_a_create_alone_visits_little():
    assert dict(seen(run_of())) == {
        "create": 1,
        "a group of 3 to 4": 1,
        "a tainted node": 1,
    }


def test_pairs_of_operations_sizes_and_growth():
    run = run_of()
    run.accept(run.update("m1"))
    run.accept(run.add("m1", "m4"))
    run.accept(run.remove("m0", "m4"))
    run.accept(run.add("m0", "m4"))
    found = seen(run)
    assert found["an update, then an add by the same member"] == 1
    assert found["an add, then a remove by another member"] == 1
    assert found["a remove, then an add by the same member"] == 1
    assert found["an update, then an add by another member"] == 0
    assert (found["a group of 3 to 4"], found["a group of 5 to 8"]) == (3, 2)
    assert (found["growth past a power of two"], found["shrinking past a power of two"]) == (2, 1)
    assert (found["a member comes back"], found["a member comes back three times"]) == (1, 0)


def test_comings_and_goings():
    run = run_of()
    run.accept(run.add("m3", "m4"))
    run.accept(run.remove("m4", "m3"))
    run.accept(run.remove("m1", "m4"))
    run.accept(run.remove("m1", "m0"))
    for _ in range(3):
        run.accept(run.add("m1", "m5"))
        run.accept(run.remove("m2", "m5"))
    run.accept(run.add("m1", "m5"))
    found = seen(run)
    assert found["a joiner removes who added it"] == 1
    assert found["somebody who added others is removed"] == 1
    assert found["somebody who removed others is removed"] == 1
    assert found["the creator is removed"] == 1
    assert (found["a member comes back"], found["a member comes back three times"]) == (3, 1)


def test_pending_operations_and_their_ends():
    run = run_of()
    mine = [run.update("m1"), run.update("m1")]
    other = run.update("m2")
    found = seen(run)
    assert found["several pending operations of one member"] == 1
    assert found["pending operations of several members"] == 1
    assert found["update"] == 0  # nobody has adopted one
    run.confirm(mine[0])
    run.deliver(mine[1], "m3")
    run.deliver(mine[0], "m2")
    found = seen(run)
    assert found["pending dropped by confirming another"] == 1
    assert found["pending dropped by processing"] == 1
    assert found["a dropped operation is processed by others"] == 1
    assert found["removed while an operation is pending"] == 0
    assert found["a fork"] == 1
    assert found["a fork of two epochs or more on each side"] == 0
    left, right = run.update("m2"), run.update("m3")
    run.confirm(left)
    run.confirm(right)
    assert seen(run)["a fork of two epochs or more on each side"] == 1
    assert other not in run.game.ledger.confirmed


def test_rejects_erasures_refusals_and_removed_members_with_pending_operations():
    run = run_of()
    gone = run.update("m1")
    run.reject(gone)
    run.deliver(gone, "m1")
    run.deliver(0, "m2")
    run.sample("m5")
    run.erase("m5")
    run.update("m3")
    run.accept(run.remove("m0", "m3"))
    found = seen(run)
    for name in (
        "reject",
        "erased init keys",
        "a refused own message",
        "a refused message",
        "removed while an operation is pending",
    ):
        assert found[name] == 1, name


def test_latecomers_and_long_histories():
    run = run_of(names=("ann", "bob", "cat"), members=2)
    late = run.add("ann", "cat")
    run.confirm(late)
    first = run.update("ann")
    run.confirm(first)
    run.confirm(run.update("ann"))
    run.deliver(late, "bob", "cat")
    found = seen(run)
    assert found["a member several epochs behind"] == 1
    assert found["a joiner several epochs behind"] == 1
    assert found[f"a history of {LONG} epochs or more"] == 0
    while run.game.ledger.made[run.head].epoch < LONG:
        run.confirm(run.update("ann"))
        run.head = max(run.game.ledger.made)
    assert seen(run)[f"a history of {LONG} epochs or more"] == 1


def test_shapes_of_tainted_trees():
    run = run_of(members=5)
    run.accept(run.add("m1", "m5"))
    found = seen(run)
    assert found["a tainted node above another"] > 0
    assert found["nodes tainted by several members"] > 0
    assert found["a blank node"] == found["an empty leaf between members"] == 0
    run.accept(run.update("m0"))
    run.accept(run.remove("m2", "m1"))
    found = seen(run)
    assert (found["a tainter updates"], found["a tainter is removed"]) == (1, 1)
    assert found["an empty leaf between members"] == 1
    assert found["the tree doubles while nodes are tainted"] == 0
    run.accept(run.remove("m2", "m5"))
    run.accept(run.remove("m3", "m4"))
    assert seen(run)["the tree shrinks while nodes are tainted"] == 1
    run.accept(run.add("m2", "m1"))
    run.accept(run.add("m2", "m4"))
    assert seen(run)["the tree doubles while nodes are tainted"] == 1


def test_shapes_of_blank_trees_and_of_none():
    run = run_of(treekem_with_commit())
    found = seen(run)
    assert found["a blank node"] > 0
    assert not any("taint" in name for name in found)
    assert all(seen(run_of(mls_cgka()))[name] == 0 for name in TREE_SITUATIONS)


def test_what_was_never_visited_is_named_as_far_as_the_protocol_can_visit_it():
    everything = dict.fromkeys((*SITUATIONS, *TREE_SITUATIONS), 1)
    assert unvisited(everything, frozenset()) == ()
    del everything["a fork"]
    assert unvisited(everything, frozenset()) == ("a fork",)
    nothing = set(unvisited({}, frozenset({Feature.ADD, Feature.SEVERAL})))
    assert "a remove, then an update by another member" in nothing
    assert not any("add" in name or "comes back" in name for name in nothing)
    assert "several pending operations of one member" not in nothing
    assert not nothing & set(TREE_SITUATIONS)
    tainted = unvisited({"a tainted node": 1}, frozenset())
    assert "a tainter is removed" in tainted
    assert "a blank node" not in tainted
    blank = unvisited({TREE_SITUATIONS[-1]: 1}, lacking(treekem_with_commit()))
    assert "a blank node" in blank
    assert "a tainter is removed" not in blank


def test_what_has_no_public_tree():
    run = run_of(names=("ann", "bob"), members=1)
    outside, inside = run.member("bob").unwrapped, run.member("ann").unwrapped
    assert public_tree(outside) is None
    assert public_tree(object()) is None
    assert public_tree(inside, b"no operation") is None
    assert public_tree(inside) is inside.tree
    member = run_of(mls_cgka(), ("ann", "bob"), 1).member("ann").unwrapped
    assert public_tree(member) is member.group.state.tree
    assert public_tree(member, b"any operation") is None


@pytest.mark.parametrize("make", [tainted_treekem, mls_cgka])
def test_trees_are_seen_after_every_operation(make):
    run = run_of(make(), ("ann", "bob", "cat"), 3)
    op = run.update("bob")
    pending = run.trees.get(op)
    run.accept(op)
    assert set(run.trees) == {0, op}
    assert (pending is None) == (make is mls_cgka)
    run.reject(run.update("ann"))
