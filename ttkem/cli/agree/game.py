"""Let a prover play against a protocol, or replay a transcript: ``ttkem agree game``."""

from __future__ import annotations

import json as json_text
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agreement.errors import GameError
from agreement.extension import (
    BROKEN,
    HONEST,
    PROVERS,
    Adversary,
    Answerer,
    Game,
    Honest,
    Problem,
    problem_named,
    problem_of,
)
from agreement.extension.transcript import replay
from ttkem.cli.agree.game_report import Audits, report, stop
from ttkem.cli.deadline import OutOfTimeError, deadline
from ttkem.cli.files import read_text
from ttkem.cli.screen import console, counted, progress
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Plan", "Setting", "prove", "replay_file"]


@dataclass(frozen=True, slots=True)
class Setting:
    """The task and the protocol as the options name them; None means the default.

    The default is what a transcript names, and otherwise the adversary.
    """

    source: str | None
    count: int
    validity: str
    protocol: str | None

    def problem(self) -> Problem:
        """Return the task. Raise LocalError if none is named."""
        if self.source is None:
            raise LocalError("name a task: set:N:K, consensus:N, or a graph as cycle:4")
        return problem_of(self.source, self.count, self.validity)

    def answerer(self) -> Answerer:
        """Return the protocol. Raise LocalError if its name is unknown."""
        return _answerer(self.problem(), self.protocol or "adversary")


def _answerer(problem: Problem, name: str) -> Answerer:
    if name == "adversary":
        return Adversary(problem)
    if name in BROKEN:
        return BROKEN[name](problem)
    if name in HONEST:
        return Honest(problem, HONEST[name]())
    names = ", ".join(["adversary", *BROKEN, *HONEST])
    raise LocalError(f"--protocol {name!r}: choose from {names}")


@dataclass(frozen=True, slots=True)
class Plan:
    """A prover by name, its limits and seed, and whether each answer is audited."""

    prover: str
    phases: int
    depth: int
    seed: int
    audited: bool
    seconds: float | None = None


def prove(setting: Setting, plan: Plan, *, out: Path | None, json: bool) -> int:
    """Let a prover play, print how the game ended, and return the exit status."""
    screen = console(json=json)
    if plan.prover not in PROVERS:
        raise LocalError(f"--prover {plan.prover!r}: choose from {', '.join(PROVERS)}")
    audits = Audits(plan.audited)
    with progress(screen) as bar:

        def watch(game: Game) -> None:
            bar(
                game.phase,
                plan.phases,
                f"phase {game.phase}, {counted(game.queries, 'query', 'queries')}",
            )
            audits.add(game)

        game = Game(setting.answerer(), watch=watch)
        try:
            with deadline(plan.seconds):
                PROVERS[plan.prover](plan.seed, plan.depth).play(game, plan.phases)
        except OutOfTimeError:
            stop(game, f"stopped after {plan.seconds:g} seconds")
        except KeyboardInterrupt:
            stop(game, "interrupted")
        except GameError as error:
            game.stop(str(error))
    return report(
        screen, game, audits, {"prover": plan.prover, "seed": plan.seed}, out=out, json=json
    )


def replay_file(setting: Setting, path: Path, *, json: bool) -> int:
    """Replay a transcript, compare each answer, and return the exit status.

    The task and the protocol are those of the transcript. Raise LocalError if others were named.
    """
    found = _transcript(path)
    task, name = found["task"], found["protocol"]
    problem = problem_named(task) if setting.source is None else setting.problem()
    if problem.name != task:
        raise LocalError(
            f"cannot replay {path}: it is a game about {task}, not about {problem.name}"
        )
    if setting.protocol not in {None, name}:
        raise LocalError(
            f"cannot replay {path}: it is a game against {name}, not against {setting.protocol}"
        )
    game = replay(found, _answerer(problem, name))
    stop(game, "the transcript ends here")
    return report(console(json=json), game, Audits(wanted=False), {}, out=None, json=json)


def _transcript(path: Path) -> dict[str, Any]:
    """Read a transcript. Raise LocalError if the file is none."""
    try:
        found: object = json_text.loads(read_text(path))
    except (ValueError, RecursionError):
        raise LocalError(f"cannot replay {path}: it is not JSON") from None
    kinds = {"task": str, "protocol": str, "moves": list}
    if not isinstance(found, dict) or not all(
        isinstance(found.get(key), kind) for key, kind in kinds.items()
    ):
        raise LocalError(
            f"cannot replay {path}: it is not a transcript of a game, which has {', '.join(kinds)}"
        )
    return found
