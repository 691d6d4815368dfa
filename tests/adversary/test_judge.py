"""The judge: atoms, soundness, looseness and its causes, and that broken oracles are caught."""

import pytest

from tests.adversary.test_windows import PAIR
from ttkem.adversary import (
    CAUSES,
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    KnowledgeGraph,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    SymbolicGame,
    TaintRules,
    Update,
    Windows,
    corrupted_atoms,
    judge,
    play_symbolically,
)

NAMES = ("a", "b", "c", "d")
THREE = (
    SampleKey("b", 0),  # 0
    SampleKey("c", 1),
    Create("a", 0, (0, 1)),  # 2
    Confirm(0),
    Deliver(0, "b"),  # 4
    Deliver(0, "c"),
)


def seen(game):
    shown = corrupted_atoms(game)
    return [(a.who, a.time, a.state) for n, a in enumerate(game.atoms) if shown >> n & 1]


def known(game):
    """Return the operations whose keys the corruptions of a run reveal."""
    shown, gives = corrupted_atoms(game), game.graph.derivable()
    return {op for op, made in game.operations.items() if gives[made.group_key] & shown}


def play(*steps):
    game = play_symbolically(NAMES, steps)
    assert all(outcome.accepted for outcome in game.outcomes)
    assert judge(game).findings == ()
    return game


def test_what_a_corruption_shows():
    game = play(*THREE, StartCorrupt("a"), Update("a", 1), EndCorrupt("a"), Confirm(1))
    assert seen(game) == [("a", 3, True), ("a", 7, False), ("a", 7, True)]
    game = play(*THREE, Update("a", 1), Confirm(1), StartCorrupt("a"))
    assert seen(game) == [("a", 7, True)]
    assert seen(play(StartCorrupt("a"), EndCorrupt("a"))) == []


def test_a_taint_that_was_watched_is_healed_by_its_tainter():
    # a samples the key above c at the create, and is watched.
    start = (SampleKey("b", 0), SampleKey("c", 1), StartCorrupt("a"), Create("a", 0, (0, 1)))
    end = (EndCorrupt("a"), Confirm(0), Deliver(0, "b"), Deliver(0, "c"))
    spread = (Confirm(1), Deliver(1, "a"), Deliver(1, "b"))
    later = play(*start, *end, Update("c", 1), *spread, Update("a", 2), Confirm(2))
    assert known(later) == {0, 1}
    only_b = play(*start, *end, Update("b", 1), Confirm(1), Deliver(1, "a"), Deliver(1, "c"))
    assert known(only_b) == {0, 1}
    healed = play(*start, *end, Update("a", 1), Confirm(1))
    assert known(healed) == {0}


def test_a_pending_state_shows_its_key():
    game = play(*PAIR, Update("b", 1), StartCorrupt("b"), EndCorrupt("b"), Reject(1))
    assert known(game) == {0, 1}


def test_an_unused_init_key_opens_the_welcome():
    watched = (SampleKey("c", 1), StartCorrupt("c"), EndCorrupt("c"))
    assert known(play(*PAIR, *watched, Add("a", 1, 1))) == {1}


def test_a_root_secret_key_alone_gives_no_group_key():
    # b's removal truncates nothing and re-keys the root; whoever leaves holds nothing of it.
    game = play(*THREE, Remove("a", 1, "c"), Confirm(1), Deliver(1, "b"), StartCorrupt("c"))
    assert known(game) == {0}


def test_challenges_are_judged_under_the_corruptions_that_took_place():
    game = play(
        *PAIR,
        StartCorrupt("b"),
        EndCorrupt("b"),
        Update("b", 1),
        Confirm(1),
        Deliver(1, "a"),
        Update("a", 2),
        StartCorrupt("a"),
        Challenge(0),
        Challenge(1),
        Challenge(2),
    )
    assert judge(game).challenges == {"unsafe, known": 3}
    game = play(*PAIR, StartCorrupt("b"), EndCorrupt("b"), Update("b", 1), Challenge(1))
    assert judge(game).challenges == {"safe, unknown": 1}
    game = play(*PAIR, Update("a", 1), Reject(1), StartCorrupt("a"), Challenge(1))
    assert judge(game).challenges == {"safe, unknown": 1}


def test_the_figures_of_a_small_run():
    verdict = judge(play(*PAIR), explain=True)
    # Atoms: b's draw and state, a's draw and two states, b's state. Every one is in a window.
    assert (verdict.operations, verdict.atoms, verdict.pairs) == (1, 6, 6)
    assert (verdict.unsafe, verdict.known, verdict.loose) == (6, 6, 0)
    assert verdict.causes == {}


def test_looseness_is_explained():
    # a's draw at the remove gives the seeds above c's empty leaf, and the root's: not op 0's key.
    game = play(*THREE, Remove("a", 1, "c"), Confirm(1), Deliver(1, "b"), Update("b", 2))
    verdict = judge(game, explain=True)
    assert verdict.loose == sum(verdict.causes.values())
    assert verdict.causes["randomness alone"] > 0
    assert verdict.causes["unexplained"] == 0


C_ADDS_D = (
    *THREE,
    SampleKey("d", 2),
    Add("c", 1, 2),  # c itself samples the key above c and d: nothing goes to its leaf
    Confirm(1),
    Deliver(1, "a"),
    Deliver(1, "d"),
    Update("a", 2),  # the root's seed goes under that key
    Confirm(2),
)


def test_forward_secrecy_through_others_is_counted():
    before = play(*C_ADDS_D, Deliver(2, "c"), Deliver(2, "d"), Update("d", 3), Confirm(3))
    # c's leaf stays; the key above it, under which op 2 came, is replaced by d's update.
    game = play(*before.steps, Deliver(3, "c"))
    assert judge(before, explain=True).causes["keys replaced since"] == 0
    assert judge(game, explain=True).causes["keys replaced since"] == 1
    last, gives = len(game.atoms) - 1, game.graph.derivable()
    assert gives[game.operations[3].group_key] >> last & 1
    assert not gives[game.operations[2].group_key] >> last & 1
    assert not game.windows.safe(2, {"c": [(game.ledger.time, None)]})


def test_an_own_operation_and_a_fork_are_causes():
    game = play(*THREE, Remove("a", 1, "c"), Reject(1), Update("b", 2), Deliver(2, "a"))
    assert judge(game, explain=True).causes["own operation"] > 0
    # c is told of d's update only, and the other fork's seeds went under the key from before it.
    game = play(*C_ADDS_D, Update("d", 3), Confirm(3), Deliver(3, "c"))
    assert judge(game, explain=True).causes["fork"] == 1
    # A newcomer that adds somebody before it has ever updated.
    game = play(
        *THREE,
        SampleKey("d", 2),
        Add("a", 1, 2),
        Confirm(1),
        Deliver(1, "d"),
        Remove("d", 2, "c"),
        Confirm(2),
        Deliver(2, "a"),
        Update("a", 3),
    )
    assert judge(game, explain=True).causes["own operation"] > 0


def test_every_cause_has_its_words():
    assert set(CAUSES) == {
        "randomness alone",
        "own operation",
        "keys replaced since",
        "fork",
        "unexplained",
    }


class Forgetful(TaintRules):
    """Rules under which an update or removal does not re-key tainted nodes."""

    def tainted(self, now):
        return []


class Late(Windows):
    """Windows that wrongly begin when the update is confirmed."""

    def observe(self, time, step):
        super().observe(time, step)
        if isinstance(step, Confirm) and ("own", step.op) in self.born:
            self.born["own", step.op] = time


def test_a_broken_taint_rule_is_caught():
    steps = (*THREE, Remove("b", 1, "a"))
    findings = judge(play_symbolically(NAMES, steps, rules=Forgetful())).findings
    assert [finding.kind for finding in findings] == ["unsound"]
    assert "safe, but a's randomness of step 2" in findings[0].what


def test_a_broken_window_is_caught_by_atoms_and_in_the_game():
    game = SymbolicGame(NAMES, windows=Late())
    steps = (*PAIR, Update("b", 1), StartCorrupt("b"), EndCorrupt("b"), Confirm(1), Challenge(1))
    for step in steps:
        game.play(step)
    kinds = [finding.kind for finding in judge(game).findings]
    assert sorted(set(kinds)) == ["lost", "unsound"]


def test_a_graph_without_edges_makes_much_unexplained(monkeypatch):
    monkeypatch.setattr(KnowledgeGraph, "derivable", lambda graph: graph.shown)
    game = play(*THREE, Update("a", 1), Confirm(1), Deliver(1, "b"))
    verdict = judge(game, explain=True)
    assert verdict.causes["unexplained"] > 0


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_graph_is_a_pass_in_the_order_of_making(count):
    graph = KnowledgeGraph()
    last = graph.secret()
    graph.show((last,), 3)
    for _ in range(count):
        last = graph.secret(last)
    copied = graph.copy()
    copied.show((last,), 0)
    assert graph.derivable()[last] == 0b1000
    assert copied.derivable()[last] == 0b1001
