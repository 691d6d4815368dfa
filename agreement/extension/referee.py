"""The referee: decides who has won, and why, from the answers that were given."""

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
    """The side that has won."""

    PROVER = "prover"
    PROTOCOL = "protocol"
    NOBODY = "nobody"


class Reason(StrEnum):
    """The reason why a game ended."""

    VIOLATION = "violation"
    """A configuration was reached whose outputs are against the task."""
    CONTRADICTION = "contradiction"
    """Two answers that no single protocol can give."""
    INFINITE = "infinite chain"
    """A chain that can be repeated for ever, proved by the protocol's digests."""
    CEILING = "broken word"
    """A process continues after the round that the protocol had given as the last."""
    TERMINATED = "terminated"
    """Every process has output in every configuration that is left."""
    BOUND = "bound"
    """The prover stopped, so nobody has won. A long chain is never called infinite."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a game: the winner, the reason, and the details in words."""

    winner: Winner
    reason: Reason
    words: str


class Referee:
    """A judge of the game after each answer; it has no state of its own."""

    def after_step(self, game: Board, reached: int, changed: int | None) -> Outcome | None:
        """Return the outcome after one step, or None if the game continues.

        `changed` is a state that the protocol has decided differently before, or None.
        """
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
        """Return the outcome if an output that the protocol denied has been reached."""
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
        """Return the outcome if all processes have output in all of A(f)."""
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
    """Return how a configuration violates the task; None if it does not."""
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
    """Return a schedule on the path to this configuration that can be repeated for ever.

    It is given with the number of the configuration that it starts from; None if there is none.

    *Proof that it can be repeated* [D]. Let the schedule lead from X to Y, let M be the processes
    that move in it, and b and b' the least rounds of processes of M in X and in Y. It is required
    that b < b', that each process of M has had the same digests from round b on in X as from round
    b' on in Y, and that no process outside M is beyond round b in X (and so in Y). Then the objects
    from b + 1 on hold the same digests in X as those from b' + 1 on hold in Y. So the same
    operations give the same digests again, b' - b rounds later. Outputs depend on digests alone;
    hence no process of M ever outputs anything. []
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
    """Return the digests of the process up to this state, from round `first` on."""
    rounds = range(first, game.states.round[state] + 1)
    return [game.protocol.digest(game.states.ancestor(state, number)) for number in rounds]
