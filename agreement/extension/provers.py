"""Provers: strategies that play the prover's side of a game, within bounds that they name."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.extension.game import Game
    from agreement.memory import Block

__all__ = ["PROVERS", "Exhaustive", "Prover", "Random", "Valency"]


class Prover(Protocol):
    """Plays `phases` phases at most, or until the game is over; then stops."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        ...

    def play(self, game: Game, phases: int) -> None:
        """Play. Afterwards the game has an outcome."""
        ...


def _phases(game: Game, phases: int, phase: Callable[[], None]) -> None:
    """So many phases, as long as the game goes on."""
    for _ in range(phases):
        if game.outcome is None:
            phase()
    if game.outcome is None:
        game.stop(f"{phases} phases were played, as many as were to be")


@dataclass(frozen=True, slots=True)
class Random:
    """Walks at random: `chains` chains a phase, of at most `length` queries, a few output queries.

    Where it extends to is one of the configurations of the last chain.
    """

    seed: int = 0
    chains: int = 4
    length: int = 60

    @property
    def name(self) -> str:
        """`random`."""
        return "random"

    def play(self, game: Game, phases: int) -> None:
        """All choices come from the seed."""
        rng = random.Random(self.seed)  # noqa: S311 - a seeded workload, no key
        _phases(game, phases, lambda: self._phase(game, rng))

    def _phase(self, game: Game, rng: random.Random) -> None:
        way: list[int] = []
        for _ in range(self.chains):
            at = rng.choice([c for c in game.here if game.active(c)])
            way = []
            while game.outcome is None and game.active(at) and len(way) < self.length:
                if rng.random() < 1 / 8:
                    group = _some(game.active(at), rng)
                    game.output(at, group, rng.choice(game.problem.values))
                if game.outcome is None:
                    at = game.query(at, rng.choice(list(game.blocks(at))))
                    way.append(at)
        if game.outcome is None:
            game.extend(rng.choice(way))


def _some(processes: Block, rng: random.Random) -> Block:
    return tuple(sorted(rng.sample(processes, rng.randint(1, len(processes)))))


@dataclass(frozen=True, slots=True)
class Exhaustive:
    """Asks everything up to `depth` queries from A(f), `most` queries a phase; then extends.

    It extends to one of the configurations farthest from A(f), which the seed chooses. A cap that
    was hit is told in the outcome.
    """

    depth: int = 3
    seed: int = 0
    most: int = 20_000

    @property
    def name(self) -> str:
        """`exhaustive`."""
        return "exhaustive"

    def play(self, game: Game, phases: int) -> None:
        """Breadth first in each phase."""
        rng = random.Random(self.seed)  # noqa: S311 - a seeded workload, no key
        cut = [
            game.phase - 1
            for _ in range(phases)
            if game.outcome is None and not self._phase(game, rng)
        ]
        if game.outcome is None:
            told = f"; cut off after {self.most:,} queries in phases {cut}" if cut else ""
            game.stop(f"{phases} phases were played to depth {self.depth}{told}")

    def _phase(self, game: Game, rng: random.Random) -> bool:
        """Whether everything up to the depth was asked."""
        asked, last = 0, list(game.openings)
        for _ in range(self.depth):
            after: dict[int, None] = {}
            moves = [(at, block) for at in last for block in game.blocks(at)]
            for at, block in moves[: self.most - asked]:
                after[game.query(at, block)] = None
                if game.outcome is not None:
                    return True
            asked += len(moves)
            last = list(after) or last
        game.extend(rng.choice(last))
        return asked <= self.most


@dataclass(frozen=True, slots=True)
class Valency:
    """Keeps as many outputs possible as it can: the argument of Fischer, Lynch and Paterson.

    In each phase it asks, by output queries, which outputs all who go on can still reach from each
    configuration of A(f), in an order that the seed gives, until all can be; then from each one a
    step later; and extends to one with the most. Where no more than one is left, it first runs
    each process alone until it outputs. Phases of a step each make up one long schedule: what
    recurs in it is for the referee.
    """

    seed: int = 0

    @property
    def name(self) -> str:
        """`valency`."""
        return "valency"

    def play(self, game: Game, phases: int) -> None:
        """One step a phase."""
        rng = random.Random(self.seed)  # noqa: S311 - a seeded workload, no key
        _phases(game, phases, lambda: self._phase(game, rng))

    def _phase(self, game: Game, rng: random.Random) -> None:
        root, _ = self._most(game, rng.sample(game.openings, len(game.openings)))
        after = []
        for block in list(game.blocks(root)) if game.outcome is None else []:
            after.append(game.query(root, block))
            if game.outcome is not None:
                return
        if game.outcome is None:
            rng.shuffle(after)
            best, values = self._most(game, after)
            if values == 1:
                self._solos(game, after)
            if game.outcome is None:
                game.extend(best)

    def _most(self, game: Game, where: list[int]) -> tuple[int, int]:
        """One of the configurations from which the most outputs can be reached, and how many."""
        best, most = where[0], 0
        for c in where:
            if game.outcome is None and most < len(game.problem.values):
                found = len(self._outputs(game, c))
                best, most = (c, found) if found > most else (best, most)
        return best, most

    def _outputs(self, game: Game, where: int) -> set[int]:
        """The outputs made in a configuration, and those that can still be."""
        found = {out for out in game.outputs(where) if out is not None}
        group = game.active(where)
        for value in game.problem.values if group else ():
            if value not in found and game.outcome is None:
                possible = game.output(where, group, value) is not None
                found |= {value} if possible else set()
        return found

    def _solos(self, game: Game, where: list[int]) -> None:
        for c in where:
            for process in game.active(c):
                at, rounds = c, 0
                while game.outcome is None and process in game.active(at) and rounds < _SOLO:
                    at, rounds = game.query(at, (process,)), rounds + 1


_SOLO = 200
"""Rounds alone after which `Valency` gives up on a process."""

PROVERS: dict[str, Callable[[int, int], Prover]] = {
    "exhaustive": lambda seed, depth: Exhaustive(depth, seed),
    "valency": lambda seed, _: Valency(seed),
    "random": lambda seed, _: Random(seed),
}
"""By name on the command line: `PROVERS[name](seed, depth)`."""
