"""The judge of the game is trusted: every change to its conditions is noticed.

The modules are compared with statements that share nothing with them. Lives of leaf keys are read
off the states of the symbolic model, what can be derived is found by a search, and what corruptions
show by replaying the run (:mod:`judged_runs`). Windows and judge know steps and bits only.
"""

from collections import Counter
from importlib import import_module
from random import Random
from typing import Any

import pytest
from broken_rules import AddsHealToo, EndsWhereMade
from game_runs import NAMES
from judged_runs import before_or_at, runs, unsound, without_edges
from mutation import survivors

from ttkem.adversary import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    Remove,
    SampleKey,
    SymbolicGame,
    Update,
    knowledge,
    windows,
)
from ttkem.cgka import Kind

judge = import_module("ttkem.adversary.judge")  # the package has a function of this name

MOMENTS = range(5)


def windows_are_lives(module):
    for run in runs():
        told = module.Windows()
        for time, step in run.accepted:
            told.observe(time, step)
        assert {op: {w: run.secret(k) for w, k in v.items()} for op, v in told.views.items()} == (
            run.views
        )
        lives = {run.secret(key): (told.born[key], told.died.get(key)) for key in told.born}
        assert lives == {x: (life.born, life.died) for x, life in run.lives.items()}
        assert all(told.owner(key) == run.lives[run.secret(key)].owner for key in told.born)
        assert told.died.keys() <= told.born.keys()
        for op, view in run.views.items():
            for who, secret in view.items():
                life = run.lives[secret]
                assert told.window(op, who) == (life.born, life.died)


def windows_are_safe(module):
    """Compare with moments: a window and a corruption meet if they have a moment in common."""
    intervals = [(a, b) for a in MOMENTS for b in (*MOMENTS, None) if b is None or a <= b]
    for window in intervals:
        for corruption in intervals:
            both = [
                moment
                for moment in range(7)
                if all(a <= moment and (b is None or moment <= b) for a, b in (window, corruption))
            ]
            assert module.meets(window, corruption) is bool(both)
    told = module.Windows()
    steps = (SampleKey("bob", 0), Create("ann", 0, (0,)), Confirm(0), Update("ann", 1), Confirm(1))
    for time, step in enumerate(steps):
        told.observe(time, step)
    for who, corruption, safe in (
        ("ann", (0, 0), True),
        ("ann", (1, 1), False),
        ("ann", (4, None), False),
        ("ann", (5, 6), True),
        ("bob", (0, 0), False),
        ("bob", (9, None), False),
        ("eve", (0, None), True),
    ):
        assert told.safe(0, {who: [corruption]}) is safe
    assert told.safe(0, {}) is True
    assert told.safe(0, {"ann": [(0, 0), (2, 3)]}) is False
    assert told.safe(1, {"ann": [(0, 2)]}) is True
    assert told.safe(1, {"ann": [(0, 0), (5, 6)], "bob": []}) is False


def windows_where_all_is_fresh(module):
    """Follow an add and a remove by hand, of which each gives its author a fresh leaf key."""
    steps = (
        SampleKey("bob", 0),
        Create("ann", 0, ()),
        Confirm(0),
        Add("ann", 1, 0),
        Confirm(1),
        Deliver(1, "bob"),
        Remove("ann", 2, "bob"),
        Confirm(2),
        Deliver(2, "bob"),
    )
    fresh, plain = module.Windows(always_fresh=True), module.Windows()
    for time, step in enumerate(steps):
        fresh.observe(time, step)
        plain.observe(time, step)
        fresh = fresh.copy()
    assert fresh.views == {
        0: {"ann": ("own", 0)},
        1: {"ann": ("own", 1), "bob": ("init", 0)},
        2: {"ann": ("own", 2)},
    }
    assert fresh.born == {("init", 0): 0, ("own", 0): 1, ("own", 1): 3, ("own", 2): 6}
    assert fresh.died == {("own", 0): 4, ("own", 1): 7, ("init", 0): 8}
    assert plain.views[2] == {"ann": ("own", 0)}
    assert plain.died == {("init", 0): 8}


def windows_are_copied(module):
    """Go on with a copy, then with the original: neither hears of the other."""
    for run in runs()[:4]:
        for cut in range(0, len(run.accepted), 7):
            whole, started = module.Windows(), module.Windows()
            for time, step in run.accepted:
                whole.observe(time, step)
            for time, step in run.accepted[:cut]:
                started.observe(time, step)
            copied = started.copy()
            as_it_was = _facts(started)
            for time, step in run.accepted[cut:]:
                copied.observe(time, step)
            assert _facts(copied) == _facts(whole)
            assert _facts(started) == as_it_was
            for time, step in run.accepted[cut:]:
                started.observe(time, step)
            assert _facts(started) == _facts(whole)


def _facts(told):
    return (
        {**told.born},
        {**told.died},
        {op: {**view} for op, view in told.views.items()},
        {key: told.owner(key) for key in told.born},
    )


def graphs_give_what_a_search_finds(module):
    chance = Random("graphs")
    for size in (1, 2, 3, 5, 9):
        for _ in range(6):
            graph = module.KnowledgeGraph()
            of = [chance.sample(range(n), chance.randrange(min(n, 3) + 1)) for n in range(size)]
            for number, sources in enumerate(of):
                assert graph.secret(*sources) == number
            shown = [set() for _ in range(size)]
            for atom in range(4):
                for secret in chance.sample(range(size), chance.randrange(size + 1)):
                    shown[secret].add(atom)
                graph.copy().show(range(size), atom)
                graph.show([secret for secret in range(size) if atom in shown[secret]], atom)
            copied = graph.copy()
            assert copied.derivable() == graph.derivable() == _searched(of, shown)
            assert copied.secret(0) == size
            copied.show((0,), 9)
            assert graph.derivable() == _searched(of, shown)
            shown[0].add(9)
            assert copied.derivable() == _searched([*of, [0]], [*shown, set()])


def _searched(sources, shown):
    """Return for each secret, as bits, the atoms from which a search finds it."""
    found = []
    for secret in range(len(sources)):
        seen, todo = {secret}, [secret]
        while todo:
            new = {*sources[todo.pop()]} - seen
            seen |= new
            todo += new
        found.append(sum(1 << atom for atom in set().union(*(shown[each] for each in seen))))
    return found


def judge_compares_windows_and_derivations(module):
    for run in (*runs(), *unsound()):
        game, gives = run.game, run.reachable
        verdict = module.judge(game)
        pairs = [(op, number) for op in game.operations for number in range(len(game.atoms))]
        inside = {pair for pair in pairs if run.in_window(*pair)}
        opened = {(op, n) for op, n in pairs if game.operations[op].group_key in gives[n]}
        assert (verdict.operations, verdict.atoms) == (len(game.operations), len(game.atoms))
        assert verdict.pairs == len(pairs)
        assert verdict.unsafe == len(inside)
        assert verdict.known == len(inside & opened)
        assert verdict.loose == len(inside) - len(inside & opened)
        assert not verdict.causes
        outside = [min(n for o, n in opened - inside if o == op) for op in _ops(opened - inside)]
        told = [each for each in verdict.findings if each.kind == "unsound"]
        assert len(told) == len(outside)
        for finding, op, number in zip(told, _ops(opened - inside), outside, strict=True):
            atom = game.atoms[number]
            what = (
                f"{atom.who}'s {'state after' if atom.state else 'randomness of'} step {atom.time}"
            )
            assert (finding.time, f"op {op} " in finding.what) == (atom.time, True)
            assert what in finding.what


def _ops(pairs):
    return sorted({op for op, _ in pairs})


def judge_knows_what_corruptions_show(module):
    for run in (*runs(), *unsound()):
        bits = module.corrupted_atoms(run.game)
        assert {n for n in range(len(run.game.atoms)) if bits >> n & 1} == run.shown
        assert bits >> len(run.game.atoms) == 0


def judge_counts_challenges(module):
    for run in (*runs(), *unsound()):
        game = run.game.copy()
        for op in [*game.operations][::2]:
            game.play(Challenge(op))
        expected, lost = Counter(), []
        for op in game.ledger.challenged:
            key = game.operations[op].group_key
            known = any(key in run.reachable[n] for n in run.shown)
            safe = not any(run.in_window(op, n) for n in run.shown if game.atoms[n].state)
            what = f"{'safe' if safe else 'unsafe'}, {'known' if known else 'unknown'}"
            expected[what] += 1
            if safe and known:
                lost.append(op)
        verdict = module.judge(game)
        assert verdict.challenges == expected
        told = [each.what for each in verdict.findings if each.kind == "lost"]
        assert [f"op {op} " in each for op, each in zip(lost, told, strict=True)] == [True] * len(
            lost
        )


def judge_names_causes(module):
    for run in (*runs(), *without_edges()):
        game, gives = run.game, run.reachable
        expected = {}
        for op, made in game.operations.items():
            for number in range(len(game.atoms)):
                if run.in_window(op, number) and made.group_key not in gives[number]:
                    cause = _cause(run, op, game.atoms[number])
                    expected[cause] = expected.get(cause, 0) + 1
        verdict = module.judge(game, explain=True)
        assert verdict.causes == expected
        assert verdict.causes.total() == verdict.loose
        assert set(expected) <= set(module.CAUSES)


def _cause(run, op, atom):
    """Name the cause by sets of operations, as its description in `CAUSES` says."""
    ledger = run.game.ledger
    if not atom.state:
        return "randomness alone"
    past = before_or_at(ledger, op)
    here = before_or_at(ledger, atom.at)
    if ledger.made[op].author == atom.who:
        return "own operation"
    if here <= past:
        since = past - here
        secret = run.views[op][atom.who]
        for each in past:
            made = run.game.operations[each]
            sampled = made.kind in {Kind.CREATE, Kind.UPDATE}
            if sampled and made.view.keys[2 * made.author] == secret:
                since -= before_or_at(ledger, each)
        mine = any(ledger.made[each].author == atom.who for each in since)
        return "own operation" if mine else "unexplained"
    return "keys replaced since" if op in here else "fork"


def judge_goes_by_the_windows_that_it_is_given(module):
    """Count by hand what two wrong kinds of windows make of a few steps."""
    steps: tuple[Any, ...] = (
        Create("ann", 0, ()),
        Confirm(0),
        SampleKey("bob", 0),
        Add("ann", 1, 0),
    )
    game = SymbolicGame(NAMES, windows=AddsHealToo())
    for step in steps:
        game.play(step)
    game.windows.died["own", 0] = 3
    # In ann's life, 0 to 3: its draws of steps 0 and 3, its states after 0 and 1, not after 3.
    # Its next leaf key begins at 3: draw and state. Then bob's draw and state at 2.
    assert module.judge(game).unsafe == 4 + 2 + 2
    game = SymbolicGame(NAMES, windows=EndsWhereMade())
    for step in (Create("ann", 0, ()), Confirm(0), Update("ann", 1)):
        game.play(step)
    (finding,) = module.judge(game).findings
    assert (finding.kind, finding.time) == ("unsound", 2)
    assert finding.what == "the key of op 0 is safe, but ann's state after step 2 reveals it"


_ALIAS = "an annotation: nothing reads it while the program runs"
_KINDS = 'there are two kinds of leaf keys, "init" and "own", and "init" is the smaller string'
_DRAWS = "for a draw the end is its own moment, so that both say: start < atom.time"
_APART = "a corruption starts and ends at steps of its own, at which no atom begins or ends"
_SAMPLED = "an own leaf key in a view was sampled by an operation of the view's history"
_OWNER = 'return self._owners[number] if kind == "init" else self._author[number]'
_USED = 'if kind == "init" and key in self._unused.get(who, ()):'
_SHOWN = "if (start < end if atom.state else start < atom.time) and atom.time < last:"
_ALIASED = "Interval: TypeAlias = tuple[int, int | None]"
_END = "end = ends.get(atom.who, game.ledger.time) if atom.state else atom.time"
_COUNTED = (
    "challenges = _challenges(game, derivable, findings) if game.ledger.challenged else Counter()"
)
_KIND = 'if kind == "own" and sampled in history:'

EQUIVALENT = {
    windows: {
        f"module: {_ALIASED}: right of | dropped": _ALIAS,
        f"module: {_ALIASED}: left of | dropped": _ALIAS,
        f"Windows.owner: {_OWNER}: == to <=": _KINDS,
        f"Windows._move: {_USED}: == to <=": _KINDS,
    },
    knowledge: {
        "KnowledgeGraph.derivable: if sources:: condition is True": (
            "without sources the loop does nothing, and what is stored is what was there"
        ),
    },
    judge: {
        f"judge: {_COUNTED}: condition is True": "without challenges nothing is counted",
        f"corrupted_atoms: {_END}: condition is True": (
            "of a draw the end is not read, but its time"
        ),
        "corrupted_atoms: if atom.state:: condition is True": (
            "a draw stands just before the state of the same step, which has set the same end"
        ),
        f"corrupted_atoms: {_SHOWN}: condition is True (2)": _DRAWS,
        f"corrupted_atoms: {_SHOWN}: < to <=": _APART,
        f"corrupted_atoms: {_SHOWN}: < to <= (2)": _APART,
        f"corrupted_atoms: {_SHOWN}: < to <= (3)": _APART,
        f"_cause: {_KIND}: operand 2 dropped": _SAMPLED,
        f"_cause: {_KIND}: == to >=": _KINDS,
        f"_cause: {_KIND}: comparison is True (2)": _SAMPLED,
    },
}
KILLS = {
    windows: (
        windows_are_safe,
        windows_where_all_is_fresh,
        windows_are_lives,
        windows_are_copied,
    ),
    knowledge: (graphs_give_what_a_search_finds,),
    judge: (
        judge_compares_windows_and_derivations,
        judge_knows_what_corruptions_show,
        judge_counts_challenges,
        judge_names_causes,
        judge_goes_by_the_windows_that_it_is_given,
    ),
}


def kills(module):
    """Return a check that compares a module, or a mutant of it, with all its statements."""

    def every_statement(loaded):
        for statement in KILLS[module]:
            statement(loaded)

    return every_statement


@pytest.mark.parametrize("step", [27, pytest.param(9, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("module", KILLS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_share_of_the_mutants_is_killed(module, step):
    share = slice(3, None, step)
    assert survivors(module, kills(module), share=share, equivalent=EQUIVALENT[module]) == []


@pytest.mark.slow
@pytest.mark.parametrize("module", KILLS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_all_mutants_are_killed(module):
    assert survivors(module, kills(module), equivalent=EQUIVALENT[module]) == []


def test_the_runs_are_of_all_sorts():
    """Else the statements would hold for want of cases."""
    verdicts = [judge.judge(run.game, explain=True) for run in (*runs(), *unsound())]
    assert any(each.kind == "unsound" for verdict in verdicts for each in verdict.findings)
    causes = {cause for verdict in verdicts for cause in verdict.causes}
    assert causes >= {*judge.CAUSES} - {"unexplained"}
    assert any(life.died is None for run in runs() for life in run.lives.values())
