"""Provers: strategies for the prover's side of a game, within stated bounds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agreement.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.extension.game import Game
    from agreement.memory import Block

__all__ = ["PROVERS", "Exhaustive", "Prover", "Random", "Valency"]


class Prover(Protocol):
    """The interface of strategies that play the prover's side."""

    @property
    def name(self) -> str:
        """The prover's name on the command line."""
        ...

    def play(self, game: Game, phases: int) -> None:
        """Play until the game is over, but at most `phases` phases; then stop the game."""
        ...


def _phases(game: Game, phases: int, phase: Callable[[], None]) -> None:
    """Play phases until the game is over, and stop it after `phases` of them."""
    for _ in range(phases):
        if game.outcome is None:
            phase()
    if game.outcome is None:
        game.stop(f"stopped after {counted(phases, 'phase')}, which is the bound")


@dataclass(frozen=True, slots=True)
class Random:
    """A random walk: `chains` chains per phase, of at most `length` queries, with output queries.

    It extends to one of the configurations of the last chain.
    """

    seed: int = 0
    chains: int = 4
    length: int = 60

    @property
    def name(self) -> str:
        """The name `random`."""
        return "random"

    def play(self, game: Game, phases: int) -> None:
        """Play with all choices from the seed."""
        rng = random.Random(self.seed)  # noqa: S311 - a seeded workload, no key
        _phases(game, phases, lambda: self._phase(game, rng))

    def _phase(self, game: Game, rng: random.Random) -> None:
        path: list[int] = []
        for _ in range(self.chains):
            at = rng.choice([c for c in game.here if game.active(c)])
            path = []
            while game.outcome is None and game.active(at) and len(path) < self.length:
                if rng.random() < 1 / 8:
                    group = _some(game.active(at), rng)
                    game.output(at, group, rng.choice(game.problem.values))
                if game.outcome is None:
                    at = game.query(at, rng.choice(list(game.blocks(at))))
                    path.append(at)
        if game.outcome is None:
            game.extend(rng.choice(path))


def _some(processes: Block, rng: random.Random) -> Block:
    return tuple(sorted(rng.sample(processes, rng.randint(1, len(processes)))))


@dataclass(frozen=True, slots=True)
class Exhaustive:
    """A prover that asks all queries up to `depth` steps from A(f), `most` queries per phase.

    Then it extends to one of the configurations farthest from A(f), which the seed chooses. The
    outcome says if the limit was reached.
    """

    depth: int = 3
    seed: int = 0
    most: int = 20_000

    @property
    def name(self) -> str:
        """The name `exhaustive`."""
        return "exhaustive"

    def play(self, game: Game, phases: int) -> None:
        """Play breadth first in each phase."""
        rng = random.Random(self.seed)  # noqa: S311 - a seeded workload, no key
        cut = [
            game.phase - 1
            for _ in range(phases)
            if game.outcome is None and not self._phase(game, rng)
        ]
        if game.outcome is None:
            told = (
                f"; cut off after {counted(self.most, 'query', 'queries')} in phases {cut}"
                if cut
                else ""
            )
            game.stop(
                f"stopped after {counted(phases, 'phase')}, played to depth {self.depth}{told}"
            )

    def _phase(self, game: Game, rng: random.Random) -> bool:
        """Play one phase and return whether everything up to the depth was asked."""
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
    """A prover that keeps as many outputs possible as it can, as Fischer, Lynch and Paterson do.

    In each phase it looks, by output queries, for a configuration of A(f) from which the processes
    that have not output can reach the most outputs; the seed gives the order. Then it does the same
    among the configurations one step later, and extends to the one it finds. If only one output is
    left there, it first runs each process alone until it outputs. The steps of its phases make up
    one long schedule, in which the referee looks for recurrence.
    """

    seed: int = 0

    @property
    def name(self) -> str:
        """The name `valency`."""
        return "valency"

    def play(self, game: Game, phases: int) -> None:
        """Play one step per phase."""
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
        """Return a configuration from which the most outputs can be reached, and their number."""
        best, most = where[0], 0
        for c in where:
            if game.outcome is None and most < len(game.problem.values):
                found = len(self._outputs(game, c))
                best, most = (c, found) if found > most else (best, most)
        return best, most

    def _outputs(self, game: Game, where: int) -> set[int]:
        """Return the outputs made in a configuration, and those that are still possible."""
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
"""The number of rounds alone after which `Valency` gives up on a process."""

PROVERS: dict[str, Callable[[int, int], Prover]] = {
    "exhaustive": lambda seed, depth: Exhaustive(depth, seed),
    "valency": lambda seed, _: Valency(seed),
    "random": lambda seed, _: Random(seed),
}
"""The provers by their names on the command line: `PROVERS[name](seed, depth)`."""
