"""A recorded trace under each scheme: run, print, write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ttkem.cli.screen import choices, console, drawn, progress, read, ready, save, tell
from ttkem.crypto import SeededRandomness
from ttkem.errors import RemoteError
from ttkem.simulation import (
    Replay,
    Scheme,
    demo_trace,
    draw_replays,
    parse_trace,
    replay,
    replay_for_real,
    replay_protocol,
    replays_table,
    replays_to_csv,
    replays_to_json,
    trace_workload,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ttkem.cgka import CGKA
    from ttkem.simulation import Activity

__all__ = ["run"]


def run(
    path: Path | None,
    scheme: Sequence[str] | None,
    cgka: Sequence[str],
    *,
    idle: float | None,
    suite: int | None,
    seed: int,
    out: Path,
    json: bool,
) -> bool:
    """Replay a trace, the shipped one if ``path`` is None; returns whether Ctrl-C cut it short.

    With a ``suite`` it is replayed for real, its randomness from ``seed``, under the protocols
    ``cgka`` names (``module:name``) too; under these alone if no ``scheme`` is named beside them.
    """
    screen = console(json=json)
    schemes = () if cgka and not scheme else choices(Scheme, scheme, "scheme")
    protocols = _protocols(cgka)
    name = "demo trace (invented)" if path is None else path.name
    trace = trace_workload(_read(path), idle_days=idle)
    ready(out)
    replays: list[Replay] = []
    if suite is None:
        replays = [replay(trace, each) for each in schemes]
    else:
        with progress(screen) as show:

            def said(what: str) -> Callable[[int, int], None]:
                return lambda done, total: show(done, total, what)

            runs: list[Callable[[], Replay]] = [
                partial(
                    replay_for_real,
                    trace,
                    each,
                    suite,
                    SeededRandomness(f"{seed} {each.value}"),
                    on_progress=said(each.value),
                )
                for each in schemes
            ]
            runs += [
                partial(
                    replay_protocol,
                    trace,
                    each,
                    SeededRandomness(f"{seed} {each.name}"),
                    on_progress=said(each.name),
                )
                for each in protocols
            ]
            for run_one in runs:
                replays.append(run_one())
                if replays[-1].interrupted:
                    break
    document = replays_to_json(trace, replays, name)
    figures, missing = drawn("replay", partial(draw_replays, trace, replays))
    files: dict[str, bytes | str] = {
        "replay.csv": replays_to_csv(trace, replays),
        "replay.json": document,
        **figures,
    }
    save(out, files)  # before anything is printed: the reader may go
    if json:
        print(document, end="")
    else:
        screen.print(replays_table(replays, name))
        if suite is not None:
            which = f" on cipher suite {suite}" if schemes else ""
            screen.print(
                f"Real messages{which}, seed {seed}: {_agreed(replays, counted=bool(schemes))}"
            )
    if missing:
        screen.print(missing, markup=False)
    tell(screen, out, files)
    return any(r.interrupted for r in replays)


def _agreed(replays: Sequence[Replay], *, counted: bool) -> str:
    """What a real replay has shown, as far as it went."""
    cut = any(each.interrupted for each in replays)
    said = (
        f"{'as far as it went, ' if cut else ''}every member processed every message, all group "
        f"keys were equal in every epoch"
    )
    if counted:
        said += (
            " (TKEM has none after an add or remove), and every operation sent the ciphertexts "
            "that the engine counts"
        )
    return f"{said}."


def _protocols(specs: Sequence[str]) -> list[CGKA]:
    if not specs:
        return []
    from ttkem.testing.finding import find  # noqa: PLC0415 - heavy, imported where used

    return [find(spec) for spec in specs]


def _read(path: Path | None) -> tuple[Activity, ...]:
    if path is None:
        return demo_trace()
    try:
        return parse_trace(read(path).splitlines())
    except RemoteError as error:
        raise RemoteError(f"{path}, {error}") from None
