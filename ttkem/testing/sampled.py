"""Checks of secrets that a member samples for others.

In a tree protocol, a member that re-keys nodes off its own path sees those secrets for a moment.
Other protocols have such secrets too: channels that one member sets up for two others, for example.
A protocol must ensure that they are useless once this member has updated: by taints (KPWK21 section
3), by blank nodes, or by not sampling them. Every state and every use of randomness of a run is
given to an adversary who computes with what was recorded. If the protocol is a
:class:`~ttkem.cgka.TreeCGKA`, a second one decrypts with and derives single keys of its tree
(:func:`ttkem.adversary.attack_game`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.adversary import STRATEGIES, Player
from ttkem.testing.checks import Bench, check
from ttkem.testing.features import Feature

if TYPE_CHECKING:
    from ttkem.testing.run import Run

__all__ = ["SAMPLED"]

PLAYED = (
    Feature.ADD,
    Feature.REMOVE,
    Feature.REJECT,
    Feature.SEVERAL,
    Feature.READD,
    Feature.DISCARD,
)
"""What the strategies of :mod:`ttkem.adversary` do."""

FIVE = ("ann", "bob", "cat", "dan", "eve")


def begin(bench: Bench, members: int = 4) -> Run:
    """Return a run in which a group has been created."""
    run = bench.run(*FIVE, deep=True)
    run.accept(run.create(*FIVE[:members]))
    return run


@check("sampled secrets", Feature.HEALING)
def a_creator_heals(bench: Bench) -> None:
    """Check that secrets a creator sampled for others are useless after its update or removal."""
    run = begin(bench)
    run.accept(run.update("ann"))
    run.accept(run.update("bob"))
    if run.has(Feature.REMOVE):
        run = begin(bench)
        run.accept(run.remove("bob", "ann"))
        run.accept(run.update("cat"))


@check("sampled secrets", Feature.HEALING, Feature.ADD, Feature.REMOVE)
def who_adds_heals(bench: Bench) -> None:
    """Check that secrets an adder sampled for others are useless after its update or removal."""
    for healed in (True, False):
        run = begin(bench, 3)
        for who in FIVE[:3]:
            run.accept(run.update(who))
        run.accept(run.add("ann", "dan"))
        run.accept(run.update("ann") if healed else run.remove("bob", "ann"))
        run.accept(run.update("bob"))


@check("sampled secrets", Feature.HEALING, Feature.REMOVE)
def who_removes_heals(bench: Bench) -> None:
    """Check that secrets a remover sampled for others are useless after its update or removal."""
    for healed in (True, False):
        run = begin(bench)
        for who in FIVE[:4]:
            run.accept(run.update(who))
        run.accept(run.remove("ann", "dan"))
        run.accept(run.update("ann") if healed else run.remove("bob", "ann"))
        run.accept(run.update("bob"))


@check("sampled secrets", Feature.HEALING, Feature.ADD, Feature.REMOVE, Feature.READD)
def whoever_sampled_last_heals(bench: Bench) -> None:
    """Check that a node that two members have sampled in turn is healed by the later one."""
    run = begin(bench)
    run.accept(run.remove("bob", "dan"))
    run.accept(run.add("bob", "dan"))
    run.accept(run.update("bob"))
    run.accept(run.update("bob"))
    run.accept(run.update("ann"))
    run.accept(run.update("bob"))


@check("sampled secrets", Feature.HEALING, Feature.REMOVE)
def larger_trees_heal(bench: Bench) -> None:
    """Check that sampled secrets become useless where sampled nodes lie above one another too."""
    names = tuple(f"m{number}" for number in range(8))
    for first, second in (("m0", "m1"), ("m7", "m0")):
        run = bench.run(*names, deep=True)
        run.accept(run.create(*names))
        run.accept(run.update("m6"))
        run.accept(run.remove("m0", "m5"))
        run.accept(run.update(first))
        run.accept(run.remove(second, "m4"))
        run.accept(run.update(second))
        run.accept(run.update("m2"))
    run = bench.run(*names, deep=True)
    run.accept(run.create(*names))
    for who in ("m6", "m0", "m1"):
        run.accept(run.update(who))


@check("sampled secrets", *PLAYED)
def chosen_adversaries_learn_nothing_safe(bench: Bench) -> None:
    """Check that the strategies of ttkem.adversary compute no safe key in random runs."""
    for number in range(max(bench.examples // 4, 1)):
        run = bench.run(*FIVE, deep=True)
        strategy = list(STRATEGIES.values())[number % len(STRATEGIES)]
        player = Player(strategy, run.game.ledger, bench.random_of(number), 1 + number % 5)
        for _ in range(2 * bench.steps):
            run.play(player.step())


SAMPLED = (
    a_creator_heals,
    who_adds_heals,
    who_removes_heals,
    whoever_sampled_last_heals,
    larger_trees_heal,
    chosen_adversaries_learn_nothing_safe,
)
