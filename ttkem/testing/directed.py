"""Directed runs: situations that random runs of small groups rarely reach.

They need 9 to 33 members, trees that double and shrink while secrets that somebody sampled for
others are still in use, members who are removed with everything they have touched, the same member
coming back again and again, and every pair of operations back to back. Every run is judged from the
record of its cryptography (:mod:`ttkem.testing.recorded_judge`).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from ttkem.testing.checks import Bench, check
from ttkem.testing.features import Feature

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from ttkem.testing.run import Run

__all__ = ["DIRECTED"]


def names(count: int) -> tuple[str, ...]:
    """Return the names of ``count`` members."""
    return tuple(f"m{number}" for number in range(count))


def group_of(bench: Bench, count: int, spare: int = 0) -> Run:
    """Return a recorded run in which the first of ``count`` members has created a group."""
    everyone = names(count + spare)
    run = bench.run(*everyone, recorded_only=True)
    run.accept(run.create(*everyone[:count]))
    return run


@check("directed runs")
def a_large_group_heals(bench: Bench) -> None:
    """Check that a creator of 33 heals everywhere, although it has sampled for all the others."""
    run = group_of(bench, 33)
    for who in ("m0", "m20", "m9", "m32", "m16"):
        run.accept(run.update(who))


@check("directed runs", Feature.REMOVE)
def a_tree_shrinks_while_its_secrets_are_in_use(bench: Bench) -> None:
    """Check that a creator heals after the group has shrunk to half its size."""
    for count, gone in ((5, ("m4",)), (9, ("m8",)), (17, ("m16",))):
        run = group_of(bench, count)
        for each in gone:
            run.accept(run.remove("m1", each))
        run.accept(run.update("m0"))
        run.accept(run.update("m3"))
        run.accept(run.update("m1"))
        run.accept(run.update("m2"))


@check("directed runs", Feature.ADD)
def a_tree_grows_while_its_secrets_are_in_use(bench: Bench) -> None:
    """Check that creator and adders heal after the group has outgrown a power of two."""
    for count in (4, 8, 16):
        run = group_of(bench, count, spare=2)
        run.accept(run.add("m1", f"m{count}"))
        run.accept(run.update("m0"))
        run.accept(run.add("m2", f"m{count + 1}"))
        run.accept(run.update("m1"))
        run.accept(run.update(f"m{count}"))
        run.accept(run.update("m2"))
        run.accept(run.update("m3"))


@check("directed runs", Feature.REMOVE)
def whoever_is_removed_is_shut_out_everywhere(bench: Bench) -> None:
    """Check that a removed creator knows no key above nodes whose keys it sampled.

    Other members have updated since, and have encrypted new keys to nodes that the creator knows.
    """
    for updater in ("m4", "m5", "m6", "m7", "m2"):
        run = group_of(bench, 8)
        run.accept(run.update(updater))
        run.accept(run.remove("m1", "m0"))
        run.accept(run.update("m1"))
        run.accept(run.update("m2"))
        run.accept(run.update("m7"))


@check("directed runs", Feature.REMOVE)
def tainters_are_removed_by_tainters(bench: Bench) -> None:
    """Check that removals of members who have removed others leave nothing behind."""
    run = group_of(bench, 12)
    for who in ("m9", "m6", "m3"):
        run.accept(run.update(who))
    for who, whom in (("m9", "m2"), ("m6", "m9"), ("m3", "m6"), ("m11", "m3")):
        run.accept(run.remove(who, whom))
    for who in ("m11", "m1", "m4", "m8"):
        run.accept(run.update(who))


@check("directed runs", Feature.ADD, Feature.REMOVE, Feature.READD)
def the_same_member_comes_back_three_times(bench: Bench) -> None:
    """Check that a member who is removed and added again three times knows only its own epochs."""
    run = group_of(bench, 5)
    for adder, remover in (("m0", "m1"), ("m1", "m2"), ("m4", "m0")):
        run.accept(run.remove(remover, "m3"))
        run.accept(run.update("m2"))
        run.accept(run.add(adder, "m3"))
        run.accept(run.update("m3"))


@check("directed runs", Feature.ADD, Feature.REMOVE, Feature.SEVERAL)
def joiners_meet_pending_operations(bench: Bench) -> None:
    """Check that pending operations of everybody are useless once somebody is added or removed."""
    run = group_of(bench, 6, spare=1)
    waiting = [run.update(who) for who in ("m1", "m2", "m3")]
    run.accept(run.add("m0", "m6"))
    for op in waiting:
        run.deliver(op, "m4", "m6")
    run.update("m6")
    run.accept(run.remove("m6", "m1"))
    run.accept(run.update("m6"))
    run.accept(run.update("m0"))


KINDS = ("update", "add", "remove")


@check("directed runs")
def every_pair_of_operations(bench: Bench) -> None:
    """Check every pair of operations back to back, by the same member and by two members."""
    kinds = [k for k in KINDS if k == "update" or bench_has(bench, k)]
    for first, second in product(kinds, repeat=2):
        run = group_of(bench, 5, spare=3)
        random = bench.random_of(0)
        for author, kind in ((0, first), (0, second), (1, first), (2, second)):
            inside = _inside(run)
            _operate(run, inside[author % len(inside)], kind, random)
        for updater in _inside(run)[:2]:
            run.accept(run.update(updater))


@check("directed runs")
def long_histories(bench: Bench) -> None:
    """Check random histories of groups of 9 to 24 members, in which few members do most."""
    kinds = [k for k in KINDS if k == "update" or bench_has(bench, k)]
    for number in range(max(bench.examples // 5, 1)):
        random = bench.random_of(number)
        count = random.randint(9, 24)
        run = group_of(bench, count, spare=2)
        busy = [f"m{random.randrange(count)}" for _ in range(3)]
        for _ in range(12 if number else 20):
            inside = _inside(run)
            author = random.choice([who for who in (*busy, *inside[:4]) if who in inside])
            _operate(run, author, random.choice((*kinds, "update")), random)
        for author in _inside(run)[:3]:
            run.accept(run.update(author))


def _inside(run: Run) -> list[str]:
    """Return the members of the group after the latest operation, in order of their names."""
    return sorted(run.game.ledger.made[run.head].roster)


def bench_has(bench: Bench, kind: str) -> bool:
    """Return whether the protocol of a bench supports a kind of operation."""
    return kind not in {str(each) for each in getattr(bench.protocol, "lacks", ())}


def _operate(run: Run, author: str, kind: str, random: Random) -> None:
    """Let a member update, or add or remove somebody at random if it can."""
    ledger = run.game.ledger
    inside = ledger.made[run.head].roster
    outside = _free(run, sorted(ledger.members.keys() - inside))
    others = sorted(inside - {author})
    if kind == "add" and outside:
        run.accept(run.add(author, random.choice(outside)))
    elif kind == "remove" and len(others) > 1:
        run.accept(run.remove(author, random.choice(others)))
    else:
        run.accept(run.update(author))


def _free(run: Run, outside: Sequence[str]) -> list[str]:
    """Return those who can be added: a removed member only if it can come back."""
    if run.has(Feature.READD):
        return list(outside)
    been = {who for made in run.game.ledger.made.values() for who in made.roster}
    return [who for who in outside if who not in been]


DIRECTED = (
    a_large_group_heals,
    a_tree_shrinks_while_its_secrets_are_in_use,
    a_tree_grows_while_its_secrets_are_in_use,
    whoever_is_removed_is_shut_out_everywhere,
    tainters_are_removed_by_tainters,
    the_same_member_comes_back_three_times,
    joiners_meet_pending_operations,
    every_pair_of_operations,
    long_histories,
)
