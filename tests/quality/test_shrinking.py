"""The shrinker gives the known shortest trace for each of five planted bugs, from any run."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ttkem.adversary import (
    STRATEGIES,
    Confirm,
    Player,
    SymbolicGame,
    TaintRules,
    Update,
    Windows,
    judge,
    read_trace,
    run_trace,
    shrink,
    write_trace,
)


class Forgetful(TaintRules):
    """Nobody re-keys what they taint."""

    def tainted(self, now):
        return []


class NotMoved(TaintRules):
    """A node that is tainted already keeps its tainter."""

    def taints(self, now, refreshed):
        after = super().taints(now, refreshed)
        return after | {node: by for node, by in now.taints.items() if node in after}


class LateWindows(Windows):
    """A window begins where its operation is confirmed."""

    def observe(self, time, step):
        super().observe(time, step)
        if isinstance(step, Confirm) and ("own", step.op) in self.born:
            self.born["own", step.op] = time


class EarlyWindows(Windows):
    """A window ends where the next update is made."""

    def observe(self, time, step):
        if isinstance(step, Update):
            self.died[self._view(step.who)[step.who]] = time
        super().observe(time, step)


class KeepsPending(SymbolicGame):
    """Processing somebody else's operation, once in a group, leaves the own pending states."""

    def _deliver(self, made, to):
        state = self.states[to]
        pending = state.pending if state.now else {}
        super()._deliver(made, to)
        state.pending = pending


def with_rules(rules):
    return lambda names: SymbolicGame(names, rules=rules())


def with_windows(windows):
    return lambda names: SymbolicGame(names, windows=windows())


PLANTED: dict[str, tuple[Any, ...]] = {
    # The creator samples the key above the third member, and updates; or is removed.
    "taints forgotten": (
        with_rules(Forgetful),
        "SampleKey SampleKey Create Confirm Update",
        "SampleKey SampleKey Create Deliver Remove",
    ),
    # Whoever removes the creator takes over that key, and updates.
    "taint not moved": (
        with_rules(NotMoved),
        "SampleKey SampleKey Create Deliver Remove Confirm Update",
    ),
    "window begins late": (with_windows(LateWindows), "Create Confirm"),
    "window ends early": (with_windows(EarlyWindows), "Create Confirm Update"),
    # One has a pending update and processes the other's operation.
    "pending kept": (
        KeepsPending,
        "SampleKey Create Confirm Deliver Update Update Deliver",
        "SampleKey Create Confirm Deliver Update Remove Deliver",
    ),
}


def fails(make, names, steps):
    game = make(names)
    for step in steps:
        game.play(step)
    return any(finding.kind == "unsound" for finding in judge(game).findings)


def failing_run(make, seed):
    """A long failing run by some adversary."""
    for number in range(999):
        chance = Random(f"{seed} {number}")
        names = tuple(f"m{n}" for n in range(chance.randint(3, 6)))
        game = make(names)
        strategy = list(STRATEGIES.values())[number % len(STRATEGIES)]
        player = Player(strategy, game.ledger, chance, len(names))
        for _ in range(80):
            game.play(player.step())
        if fails(make, names, game.steps):
            return names, tuple(game.steps)
    raise AssertionError("no run fails")


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", sorted(PLANTED))
def test_the_known_shortest_trace(name, seed):
    make, *known = PLANTED[name]
    names, steps = failing_run(make, seed)
    shortest = shrink(steps, lambda part: fails(make, names, part))
    assert fails(make, names, shortest)
    words = Counter(type(step).__name__ for step in shortest)
    assert words in [Counter(trace.split()) for trace in known]


def test_what_is_short_already_stays():
    assert shrink((Update("a", 1),), bool) == (Update("a", 1),)
    assert shrink((), lambda part: True) == ()


def test_what_goes_only_together_is_left_out_together():
    steps = (Update("a", 1), Update("x", 2), Update("b", 3))

    def balanced(part):
        who = [step.who for step in part]
        return "x" in who and who.count("a") == who.count("b")

    assert shrink(steps, balanced) == (Update("x", 2),)


def test_pairs_are_left_out_together_in_short_traces_only():
    def even(part):
        return len(part) % 2 == 0

    short = tuple(Update("a", n) for n in range(40))
    long = tuple(Update("a", n) for n in range(47))
    assert shrink(short, even) == ()
    odd = shrink(long, lambda part: len(part) % 2 == 1)
    assert len(odd) == 1
    stuck = shrink(long, lambda part: part == long)
    assert stuck == long


@pytest.mark.parametrize("suite", [0, 1])
def test_a_replay_file_gives_the_same_run_bit_for_bit(suite):
    chance = Random(f"replay {suite}")
    names = ("ann", "bob", "cat", "dan")
    game = SymbolicGame(names)
    player = Player(STRATEGIES["fork"], game.ledger, chance, 4)
    for _ in range(60):
        game.play(player.step())
    first, _ = run_trace(replace(game.trace(), suite=suite, seed="a seed"))
    again, _ = run_trace(read_trace(write_trace(first)))
    assert first.digest
    assert write_trace(again) == write_trace(first)
    other, _ = run_trace(replace(first, seed="another"))
    assert (other.digest == first.digest) is (suite == 0)
