"""What ``ttkem agree game`` does, once its options are read."""

from __future__ import annotations

import io
import json as json_text
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.table import Table

from agreement.errors import AgreementError, GameError
from agreement.explore import Verdict
from agreement.extension import (
    BROKEN,
    HONEST,
    PROVERS,
    Adversary,
    Answerer,
    Audit,
    Game,
    Honest,
    Problem,
    Winner,
    audit,
    audit_completion,
    problem_named,
    problem_of,
)
from agreement.extension.drawing import subdivision_svg
from agreement.extension.transcript import document, lines, replay
from agreement.memory import format_schedule, parse_schedule
from ttkem.cli.screen import console, progress, write
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import Console

    from agreement.memory import Block

__all__ = ["Setting", "play", "prove", "replay_file"]

STATUS = {Winner.PROTOCOL: HOLDS, Winner.PROVER: REFUTED, Winner.NOBODY: UNKNOWN}

HELP = """query C P      let the processes P, as 0 or 0+2, move together in configuration C
output C Q V   ask for a schedule of the processes Q from C that makes one of them output V
extend C       end the phase: go on from C, which was reached in it
list           the configurations that may be asked about
show C         one of them: inputs, rounds, outputs
help           this
quit           stop"""


@dataclass(frozen=True, slots=True)
class Setting:
    """Against what is played, as the options say it; None: as a transcript says, or as usual."""

    source: str | None
    count: int
    validity: str
    protocol: str | None

    def problem(self) -> Problem:
        """The task. LocalError if none is named."""
        if self.source is None:
            raise LocalError("name a task: set:N:K, consensus:N, or a graph as cycle:4")
        return problem_of(self.source, self.count, self.validity)

    def answerer(self) -> Answerer:
        """The protocol. LocalError if there is none of that name."""
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


@dataclass(slots=True)
class _Audits:
    """Audits of the adversary's invariant, answer by answer; nothing if not wanted."""

    wanted: bool
    found: list[Audit] = field(default_factory=list)

    def look(self, game: Game) -> None:
        protocol = game.protocol
        if self.wanted and isinstance(protocol, Adversary) and not self.fault:
            if protocol.default is None:
                self.found.append(audit(game, protocol))
            elif game.events[-1].kind == "extend" and game.phase == 2:  # noqa: PLR2004 - just begun
                self.found.append(audit_completion(game, protocol))

    @property
    def fault(self) -> str:
        """The first one."""
        bad = (a for a in self.found if a.verdict is Verdict.REFUTED)
        return next((f"{a.fault}: {a.words}" for a in bad), "")

    def said(self) -> str:
        """How many said what."""
        counts = [(v, sum(a.verdict is v for a in self.found)) for v in Verdict]
        return ", ".join(f"{number} {v.value}" for v, number in counts if number)


def prove(
    setting: Setting,
    prover: str,
    *,
    phases: int,
    depth: int,
    seed: int,
    audited: bool,
    out: Path | None,
    json: bool,
) -> int:
    """Let a prover play; print how it ended."""
    screen = console(json=json)
    if prover not in PROVERS:
        raise LocalError(f"--prover {prover!r}: choose from {', '.join(PROVERS)}")
    audits = _Audits(audited)
    with progress(screen) as bar:

        def watch(game: Game) -> None:
            bar(game.phase, phases, f"phase {game.phase}, {game.queries:,} queries")
            audits.look(game)

        game = Game(setting.answerer(), watch=watch)
        try:
            PROVERS[prover](seed, depth).play(game, phases)
        except KeyboardInterrupt:
            _stop(game, "interrupted")
        except GameError as error:
            game.stop(str(error))
    return _ended(screen, game, audits, {"prover": prover, "seed": seed}, out=out, json=json)


def replay_file(setting: Setting, path: Path, *, json: bool) -> int:
    """Play a transcript again, and compare each answer.

    The task and the protocol are the transcript's. LocalError if others were named.
    """
    found = _transcript(path)
    task, name = found["task"], found["protocol"]
    problem = problem_named(task) if setting.source is None else setting.problem()
    if problem.name != task:
        raise LocalError(f"{path} is a game about {task}, not about {problem.name}")
    if setting.protocol not in {None, name}:
        raise LocalError(f"{path} is a game against {name}, not against {setting.protocol}")
    game = replay(found, _answerer(problem, name))
    _stop(game, "the transcript ends here")
    return _ended(console(json=json), game, _Audits(wanted=False), {}, out=None, json=json)


def _transcript(path: Path) -> dict[str, Any]:
    try:
        found: object = json_text.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LocalError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise LocalError(f"{path} is no JSON in UTF-8") from None
    kinds = {"task": str, "protocol": str, "moves": list}
    if not isinstance(found, dict) or not all(
        isinstance(found.get(key), kind) for key, kind in kinds.items()
    ):
        raise LocalError(f"{path} is no transcript of a game: {', '.join(kinds)} are wanted")
    return found


def play(setting: Setting, *, out: Path | None, json: bool) -> int:
    """Let the user play, line by line from standard input."""
    screen = console(json=json)
    game = Game(setting.answerer())
    screen.print(f"{game.problem.name}, against {game.protocol.name}. Type help for the moves.")
    try:
        _list(screen, game)
        _take_turns(screen, game)
    except KeyboardInterrupt:
        _stop(game, "interrupted")
    _stop(game, "the prover stopped")
    return _ended(screen, game, _Audits(wanted=False), {"prover": "you"}, out=out, json=json)


def _take_turns(screen: Console, game: Game) -> None:
    """Until the game is over, or nothing more is typed."""
    for line in _typed(screen):
        words = line.split()
        if words == ["quit"]:
            return
        try:
            _turn(screen, game, words)
        except AgreementError as error:
            screen.print(f"no: {error}", style="red", markup=False, soft_wrap=True)
        if _over(game):
            return


def _over(game: Game) -> bool:
    return game.outcome is not None


def _stop(game: Game, why: str) -> None:
    """Nobody has won, unless somebody has."""
    if not _over(game):
        game.stop(why)


def _typed(screen: Console) -> Iterable[str]:
    """Lines, with a prompt where somebody types them; bytes that are no text are spelt out."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="backslashreplace")
    while True:
        if sys.stdin.isatty():
            screen.print("> ", end="")
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line


def _turn(screen: Console, game: Game, words: list[str]) -> None:
    """One line of the user's."""
    match words:
        case ["query", where, block]:
            _show(screen, game, game.query(_number(where), _block(block)))
        case ["output", where, group, value]:
            values = {game.problem.label(v): v for v in game.problem.values}
            if value not in values:
                raise GameError(f"{value} is no value: there are {', '.join(values)}")
            found = game.output(_number(where), _block(group), values[value])
            said = "there is none, and never will be"
            if found is not None:
                said = f"schedule {format_schedule(found)!r}, reaching c{game.events[-1].reached}"
            screen.print(said, markup=False, soft_wrap=True)
        case ["extend", where]:
            game.extend(_number(where))
            screen.print(f"phase {game.phase}")
            _list(screen, game)
        case ["list"]:
            _list(screen, game)
        case ["show", where]:
            _show(screen, game, _number(where))
        case ["help"]:
            screen.print(HELP, markup=False)
        case _:
            raise GameError(f"{' '.join(words)!r} is no move; type help")


def _block(word: str) -> Block:
    (block,) = parse_schedule(word)
    return block


def _number(word: str) -> int:
    if not word.removeprefix("c").isdecimal():
        raise GameError(f"{word} is no configuration: write its number, as c3")
    return int(word.removeprefix("c"))


def _list(screen: Console, game: Game) -> None:
    for where in game.here:
        _show(screen, game, where)


def _show(screen: Console, game: Game, where: int) -> None:
    if not 0 <= where < len(game.configurations):
        raise GameError(f"there is no c{where} yet")
    label, rounds = game.problem.label, game.states.round
    states = game.configurations[where]
    parts = [
        f"p{p} {label(value)} round {rounds[s]}" + ("" if out is None else f" outputs {label(out)}")
        for p, (value, s, out) in enumerate(
            zip(game.inputs(where), states, game.outputs(where), strict=True)
        )
    ]
    screen.print(f"c{where}: {'; '.join(parts)}", markup=False, soft_wrap=True)


def _ended(
    screen: Console,
    game: Game,
    audits: _Audits,
    told: dict[str, object],
    *,
    out: Path | None,
    json: bool,
) -> int:
    """Write and print what there is, and give the exit status."""
    outcome = game.outcome
    assert outcome is not None  # noqa: S101 - every way to play ends with one
    if audits.found:
        told |= {"audits": audits.said(), "fault": audits.fault}
    if out is not None:
        files: dict[str, bytes | str] = {
            "transcript.json": json_text.dumps(document(game, **told), indent=1),
            "transcript.txt": "\n".join([*lines(game), ""]),
        }
        if 1 < game.problem.count <= 3:  # noqa: PLR2004 - what can be drawn
            last = game.events[-1].where if game.events else 0
            files["subdivision.svg"] = subdivision_svg(game, game.inputs(last))
        write(screen, out, files)
    if json:
        print(json_text.dumps(document(game, **told)))
    else:
        table = Table(show_header=False)
        table.add_row("task", game.problem.name)
        table.add_row("protocol", game.protocol.name)
        for name, value in told.items():
            if value != "":
                table.add_row(name, str(value))
        table.add_row("phases", str(game.phase))
        table.add_row("queries", f"{game.queries:,}, {len(game.configurations):,} configurations")
        table.add_row("who wins", f"[bold]{outcome.winner.value}[/]: {outcome.reason.value}")
        table.add_row("why", outcome.words)
        screen.print(table)
    return REFUTED if audits.fault else STATUS[outcome.winner]
