"""Who has won, and why: decided by looking at what was answered, not at what the protocol says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreement.memory import format_schedule

if TYPE_CHECKING:
    from agreement.extension.board import Board, Promise
    from agreement.memory import Schedule

__all__ = ["Outcome", "Reason", "Referee", "Winner"]


class Winner(StrEnum):
    """Who."""

    PROVER = "prover"
    PROTOCOL = "protocol"
    NOBODY = "nobody"


class Reason(StrEnum):
    """Why."""

    VIOLATION = "violation"
    """A configuration was reached whose outputs are against the task."""
    CONTRADICTION = "contradiction"
    """Two answers cannot both be those of one protocol."""
    INFINITE = "infinite chain"
    """What recurs in a chain can be asked again for ever: proved, by the protocol's digests."""
    CEILING = "broken word"
    """A process went on beyond the round that the protocol gave as the last."""
    TERMINATED = "terminated"
    """Every process has output in every configuration that is left."""
    BOUND = "bound"
    """The prover stopped. Nothing follows; a long chain is not an infinite one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a game ended."""

    winner: Winner
    reason: Reason
    words: str


class Referee:
    """Looks at the game after each answer. It has no state of its own."""

    def after_step(self, game: Board, reached: int, changed: int | None) -> Outcome | None:
        """One step: `changed` is a state about which the protocol changed its mind, if there is."""
        if changed is not None:
            return _won(
                Reason.CONTRADICTION,
                f"process {game.states.process[changed]} in the same state (s{changed}) does "
                f"something else than before",
            )
        words = _objection(game, reached)
        if words is not None:
            _, blocks = game.trail(reached)
            inputs = " ".join(map(game.problem.label, game.inputs(reached)))
            schedule = format_schedule(blocks)
            return _won(Reason.VIOLATION, f"{words}; inputs {inputs}, schedule {schedule}")
        for promise in game.promises:
            if reached in promise.within and (outcome := self.after_promise(game, promise)):
                return outcome
        ceiling = game.protocol.ceiling()
        now = game.configurations[reached]
        for process in game.active(reached):
            if ceiling is not None and game.states.round[now[process]] > ceiling:
                return _won(
                    Reason.CEILING,
                    f"process {process} goes on in round {game.states.round[now[process]]}; no "
                    f"round after {ceiling} was to be needed",
                )
        loop = lasso(game, reached)
        if loop is not None:
            return _won(
                Reason.INFINITE,
                f"from c{loop[0]} on, the schedule {format_schedule(loop[1])} brings back what the "
                "protocol remembers, and nobody outputs: it can be repeated for ever",
            )
        return None

    def after_promise(self, game: Board, promise: Promise) -> Outcome | None:
        """Whether an output that was denied is one that was reached."""
        for reached in sorted(promise.within):
            outputs = game.outputs(reached)
            for process in promise.group:
                if outputs[process] == promise.value:
                    return _won(
                        Reason.CONTRADICTION,
                        f"process {process} outputs {game.problem.label(promise.value)} in "
                        f"c{reached}, which {promise.group} reach from c{promise.where}; the "
                        "protocol said that none of them does",
                    )
        return None

    def after_phase(self, game: Board) -> Outcome | None:
        """Whether there is anything left to ask."""
        if any(game.active(c) for c in game.openings):
            return None
        return Outcome(
            Winner.PROTOCOL,
            Reason.TERMINATED,
            f"every process has output in all {len(game.openings)} configurations of "
            f"A({game.phase})",
        )


def _won(reason: Reason, words: str) -> Outcome:
    return Outcome(Winner.PROVER, reason, words)


def _objection(game: Board, reached: int) -> str | None:
    """What the task has against a configuration."""
    problem, states = game.problem, game.states
    now, outputs = game.configurations[reached], game.outputs(reached)
    moved = [s for s in now if states.round[s] > 0]
    inputs = frozenset(value for s in moved for value in states.inputs[states.ancestor(s, 0)])
    for process, out in enumerate(outputs):
        if out is not None and out not in (allowed := problem.allowed(inputs)):
            names = ", ".join(map(problem.label, sorted(allowed)))
            return (
                f"validity: process {process} outputs {problem.label(out)}, where only "
                f"{names} may be output"
            )
    return problem.objection(outputs)


def lasso(game: Board, reached: int) -> tuple[int, Schedule] | None:
    """A part of the way to this configuration that can be repeated for ever: from where, and what.

    Let it lead from X to Y, M be the processes that move in it, b and b' the least round of one of
    M in X and in Y. Suppose that, from round b in X and b' in Y on, each of M has been through the
    same digests, that b < b', and that nobody outside M is beyond round b in X (and so in Y). Then
    the objects from b + 1 on hold in X, as digests, what those from b' + 1 on hold in Y: the same
    operations give the same digests again, shifted by b' - b rounds, and outputs depend on digests
    alone; so nobody of M ever outputs anything. []
    """
    protocol, states = game.protocol, game.states
    numbers, blocks = game.trail(reached)
    end = game.configurations[reached]
    if protocol.digest(end[0]) is None:
        return None
    moving: set[int] = set()
    for at in range(len(blocks) - 1, -1, -1):
        moving |= set(blocks[at])
        start = game.configurations[numbers[at]]
        low = min(states.round[start[p]] for p in moving)
        high = min(states.round[end[p]] for p in moving)
        beyond = any(states.round[s] > low for p, s in enumerate(start) if p not in moving)
        if low == high or beyond or not moving <= set(game.active(reached)):
            continue
        if all(_history(game, start[p], low) == _history(game, end[p], high) for p in moving):
            return numbers[at], blocks[at:]
    return None


def _history(game: Board, state: int, first: int) -> list[object]:
    """The digests of a process from a round on."""
    rounds = range(first, game.states.round[state] + 1)
    return [game.protocol.digest(game.states.ancestor(state, number)) for number in rounds]
