"""Exhaustive exploration: one run per equivalence class, compared with a naive enumeration."""

from typing import Any

import pytest

from ttkem.adversary import (
    Bound,
    Deliver,
    Remove,
    SymbolicGame,
    TaintRules,
    Update,
    exhaustive,
    explore,
    judge,
    shortest_failure,
)

PAIR = Bound(("a", "b", "c"), group=2, operations=1)


def classes(bound):
    """Enumerate all complete runs by brute force; return the set of their equivalence classes.

    A class is the sequence of steps of each member. Operations and keys get names that do not
    depend on the order in which they are made.
    """
    start = SymbolicGame(bound.names)
    for step in bound.opening:
        start.play(step)
    nothing_done: dict[str, tuple[Any, ...]] = dict.fromkeys(bound.names, ())
    todo, found, words = [(start, nothing_done, {0: "create"})], set(), 0
    while todo:
        game, done, names = todo.pop()
        steps: Any = list(exhaustive._next(game.ledger, bound))
        if not steps:
            found.add(tuple(done.items()))
            words += 1
        for who, step in steps:
            copied = game.copy()
            copied.play(step)
            count = sum(name[:1] == who for name in names.values())
            more = {**names, step.op: f"{who}{count}"} if step.op not in names else names
            what = (type(step).__name__, more[step.op], getattr(step, "whom", ""))
            todo.append((copied, {**done, who: (*done[who], what)}, more))
    return found, words


@pytest.mark.parametrize("bound", [PAIR, Bound(("a", "b"), 2, 2), Bound(("a", "b", "c"), 3, 1)])
def test_every_run_is_looked_at_once(bound, monkeypatch):
    monkeypatch.setattr(exhaustive, "_outside", _joins)
    found, words = classes(bound)
    explored = explore(bound)
    assert explored.runs == len(found)
    assert words > explored.runs
    assert explored.findings == ()


def _joins(ledger, who):
    """Yield the deliveries by which ``who`` can join; keys have no order-independent number."""
    unused = ledger.members[who].unused
    return (
        Deliver(made.op, who) for made in ledger.made.values() if made.joiners.get(who) in unused
    )


def test_figures_of_small_bounds():
    explored = explore(Bound(group=3, operations=1))
    assert (explored.prefixes, explored.runs, explored.pairs) == (181, 24, 1068)
    assert explored.failing == ()


def test_members_that_may_change_places():
    names = ("a", "b", "c", "d")
    whole = explore(Bound(names, 4, 1))
    half = explore(Bound(names, 4, 1, ("c", "d")))
    assert whole.runs / 2 < half.runs < whole.runs
    assert explore(Bound(names, 4, 1, ("c", "d")), _ForgetD()).findings != ()


class _ForgetD(TaintRules):
    """Rules that are broken only for the member at leaf 3: a symmetry must not hide it."""

    def tainted(self, now):
        return [] if now.target in (2, 3) else super().tainted(now)

    def refreshed(self, now):
        found = super().refreshed(now)
        return found - {5} if now.target in (2, 3) else found


class Forgetful(TaintRules):
    """Rules under which an update or removal does not re-key tainted nodes."""

    def tainted(self, now):
        return []


class NotMoved(TaintRules):
    """Rules under which a node that is already tainted keeps its tainter."""

    def taints(self, now, refreshed):
        after = super().taints(now, refreshed)
        kept = {node: by for node, by in now.taints.items() if node in after}
        return {**after, **kept}


def test_a_broken_rule_gives_a_shortest_run():
    explored = shortest_failure(Bound(), Forgetful())
    assert explored.failing[len(Bound().opening) :] == (Remove("b", 1, "a"),)
    assert explored.findings[0].kind == "unsound"
    assert explore(Bound(), Forgetful()).findings != ()


def test_another_broken_rule():
    # a taints the node above c; b adds d below it and so re-keys and should taint it.
    bound = Bound(operations=2)
    explored = shortest_failure(bound, NotMoved())
    assert len(explored.failing) - len(bound.opening) == 3
    assert isinstance(explored.failing[-1], Update | Remove)


def test_sound_rules_have_no_failure_of_any_length():
    heard = []
    explored = shortest_failure(PAIR, longest=3, on_progress=lambda e: heard.append(e.prefixes))
    assert explored.findings == ()
    assert len(heard) == 4


def test_progress_is_told(monkeypatch):
    monkeypatch.setattr(exhaustive, "_TELL_EVERY", 50)
    heard = []
    explore(Bound(group=3, operations=1), on_progress=lambda e: heard.append(e.prefixes))
    assert heard == [50, 100, 150]


def test_a_run_that_has_lost_its_way_is_a_failure(monkeypatch):
    real = SymbolicGame.play

    def lose(game, step):
        outcome = real(game, step)
        if isinstance(step, Update):
            game.over = True
            game._find("refused", 0, "lost")
        return outcome

    monkeypatch.setattr(SymbolicGame, "play", lose)
    assert explore(PAIR).findings[0].kind == "refused"


def test_judging_complete_runs_covers_their_beginnings():
    # What is known in a beginning is known in what it goes on to: the same pairs, and more.
    start = SymbolicGame(("a", "b", "c"))
    for step in PAIR.opening:
        start.play(step)
    longer = start.copy()
    longer.play(Update("b", 1))
    early, late = start.graph.derivable(), longer.graph.derivable()
    count = (1 << len(start.atoms)) - 1
    assert [atoms & count for atoms in late[: len(early)]] == early
    assert judge(longer).unsafe > judge(start).unsafe
