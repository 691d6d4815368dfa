"""Transcripts: a game as text or JSON, and its replay from JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agreement.errors import GameError, ScheduleError
from agreement.extension.game import Game
from agreement.memory import format_schedule, parse_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agreement.extension.game import Event
    from agreement.extension.protocol import Answerer

__all__ = ["document", "lines", "replay"]


def lines(game: Game) -> Iterator[str]:
    """Yield one line for each move, and one for the outcome."""
    phase = 1
    yield "phase 1"
    for event in game.events:
        yield f"  {_said(game, event)}"
        if event.kind == "extend":
            phase += 1
            yield f"phase {phase}"
    if game.outcome is not None:
        yield f"{game.outcome.winner.value}: {game.outcome.reason.value}: {game.outcome.words}"


def _said(game: Game, event: Event) -> str:
    outputs = " ".join(
        f"p{p}={game.problem.label(out)}" for p, out in enumerate(event.outputs) if out is not None
    )
    told = f" ({outputs})" if outputs else ""
    schedule = None if event.blocks is None else format_schedule(event.blocks)
    if event.kind == "query":
        return f"query c{event.where} {schedule}: c{event.reached}{told}"
    if event.kind == "extend":
        return f"extend c{event.where}: by {schedule}{told}"
    assert event.value is not None  # noqa: S101 - an output query has one
    asked = f"output c{event.where} {format_schedule([event.group])} "
    answer = "there is none" if schedule is None else f"{schedule!r}: c{event.reached}{told}"
    return f"{asked}{game.problem.label(event.value)}: {answer}"


def document(game: Game, **told: object) -> dict[str, Any]:
    """Return the game as a JSON document, with the entries `told` at its beginning."""
    outcome = game.outcome
    return {
        **told,
        "task": game.problem.name,
        "protocol": game.protocol.name,
        "phases": game.phase,
        "queries": game.queries,
        "configurations": len(game.configurations),
        "outcome": None
        if outcome is None
        else {
            "winner": outcome.winner.value,
            "reason": outcome.reason.value,
            "words": outcome.words,
        },
        "moves": [_move(event) for event in game.events],
    }


def _move(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "where": event.where,
        "group": format_schedule([event.group]),
        "value": event.value,
        "blocks": None if event.blocks is None else format_schedule(event.blocks),
        "reached": event.reached,
        "outputs": list(event.outputs),
    }


def replay(document: dict[str, Any], protocol: Answerer) -> Game:
    """Play the moves of a document again, and return the game.

    GameError if the document is no transcript, or the protocol answers differently.
    """
    game = Game(protocol)
    try:
        for move in document["moves"]:
            where, kind = int(move["where"]), move["kind"]
            if kind == "query":
                game.query(where, parse_schedule(move["blocks"])[0])
            elif kind == "output":
                game.output(where, parse_schedule(move["group"])[0], move["value"])
            else:
                game.extend(where)
            if _move(game.events[-1]) != move:
                raise GameError(
                    f"cannot replay move {len(game.events)}: the protocol's answer differs"
                )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ScheduleError) as error:
        raise GameError(f"cannot replay: this is no transcript: {error!r}") from None
    return game
