"""Let the user be the prover of a game, move by move: ``ttkem agree game --play``."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from agreement.errors import AgreementError, GameError
from agreement.extension import Game
from agreement.memory import format_schedule, parse_schedule
from ttkem.cli.agree.game_report import Audits, is_over, report, stop
from ttkem.cli.screen import console

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import Console

    from agreement.memory import Block
    from ttkem.cli.agree.game import Setting

__all__ = ["play"]

HELP = """query C P      move the processes P, as 0 or 0+2, together in configuration C
output C Q V   ask for a schedule of the processes Q from C that makes one of them output V
extend C       end the phase, and continue from C, which was reached in it
list           print the configurations that may be asked about
show C         print one of them: inputs, rounds, outputs
help           print this list
quit           stop the game"""


def play(setting: Setting, *, out: Path | None, json: bool) -> int:
    """Let the user play line by line from standard input, and return the exit status."""
    screen = console(json=json)
    game = Game(setting.answerer())
    screen.print(f"{game.problem.name}, against {game.protocol.name}. Type help for the moves.")
    try:
        _list(screen, game)
        _take_turns(screen, game)
    except KeyboardInterrupt:
        stop(game, "interrupted")
    stop(game, "the prover stopped")
    return report(screen, game, Audits(wanted=False), {"prover": "you"}, out=out, json=json)


def _take_turns(screen: Console, game: Game) -> None:
    """Play until the game is over, or no line is left."""
    for line in _lines(screen):
        words = line.split()
        if words == ["quit"]:
            return
        try:
            _turn(screen, game, words)
        except AgreementError as error:
            screen.print(f"no: {error}", style="red", markup=False, soft_wrap=True)
        if is_over(game):
            return


def _lines(screen: Console) -> Iterable[str]:
    """Yield lines, after a prompt on a terminal; bytes that are no text are escaped."""
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
    """Carry out one line."""
    match words:
        case ["query", where, block]:
            _show(screen, game, game.query(_number(where), _block(block)))
        case ["output", where, group, value]:
            values = {game.problem.label(v): v for v in game.problem.values}
            if value not in values:
                raise GameError(f"{value!r} is no value: choose from {', '.join(values)}")
            found = game.output(_number(where), _block(group), values[value])
            answer = "there is no such schedule, and there never will be"
            if found is not None:
                answer = f"schedule {format_schedule(found)!r}, reaching c{game.events[-1].reached}"
            screen.print(answer, markup=False, soft_wrap=True)
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
            raise GameError(f"{' '.join(words)!r} is no move: type help")


def _block(word: str) -> Block:
    (block,) = parse_schedule(word)
    return block


def _number(word: str) -> int:
    if not word.removeprefix("c").isdecimal():
        raise GameError(f"{word!r} is no configuration: write its number, as c3")
    return int(word.removeprefix("c"))


def _list(screen: Console, game: Game) -> None:
    for where in game.here:
        _show(screen, game, where)


def _show(screen: Console, game: Game, where: int) -> None:
    if not 0 <= where < len(game.configurations):
        raise GameError(f"there is no configuration c{where} yet: type list")
    label, rounds = game.problem.label, game.states.round
    states = game.configurations[where]
    parts = [
        f"p{p} {label(value)} round {rounds[s]}" + ("" if out is None else f" outputs {label(out)}")
        for p, (value, s, out) in enumerate(
            zip(game.inputs(where), states, game.outputs(where), strict=True)
        )
    ]
    screen.print(f"c{where}: {'; '.join(parts)}", markup=False, soft_wrap=True)
