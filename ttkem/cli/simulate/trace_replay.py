"""Replay a recorded group under each scheme, and print and write what it costs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ttkem.cli.files import check_writable, draw_figure, read_text, report_saved, save
from ttkem.cli.screen import console, progress, select
from ttkem.crypto import SeededRandomness
from ttkem.errors import RemoteError
from ttkem.simulation import (
    Disagreement,
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

__all__ = ["Disagreement", "run"]


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
    """Replay a trace, the shipped one if ``path`` is None; return whether it was interrupted.

    With a ``suite``, replay it with real messages, whose randomness comes from ``seed``, and under
    the protocols that ``cgka`` names (``module:name``) as well; under these alone if no ``scheme``
    is named. Raise Disagreement if two members hold different keys.
    """
    screen = console(json=json)
    schemes = () if cgka and not scheme else select(Scheme, scheme, "scheme")
    protocols = _protocols(cgka)
    name = "demo trace (invented)" if path is None else path.name
    trace = trace_workload(_read(path), idle_days=idle)
    check_writable(out)
    replays: list[Replay] = []
    if suite is None:
        replays = [replay(trace, each) for each in schemes]
    else:
        with progress(screen) as show:

            def show_as(what: str) -> Callable[[int, int], None]:
                return lambda done, total: show(done, total, what)

            runs: list[Callable[[], Replay]] = [
                partial(
                    replay_for_real,
                    trace,
                    each,
                    suite,
                    SeededRandomness(f"{seed} {each.value}"),
                    on_progress=show_as(each.value),
                )
                for each in schemes
            ]
            runs += [
                partial(
                    replay_protocol,
                    trace,
                    each,
                    SeededRandomness(f"{seed} {each.name}"),
                    on_progress=show_as(each.name),
                )
                for each in protocols
            ]
            for run_one in runs:
                replays.append(run_one())
                if replays[-1].interrupted:
                    break
    document = replays_to_json(trace, replays, name)
    figures, missing = draw_figure("replay", partial(draw_replays, trace, replays))
    files: dict[str, bytes | str] = {
        "replay.csv": replays_to_csv(trace, replays),
        "replay.json": document,
        **figures,
    }
    save(out, files)  # before printing, in case the reader closes the pipe
    if json:
        print(document, end="")
    else:
        screen.print(replays_table(replays, name))
        if suite is not None:
            which = f" on cipher suite {suite}" if schemes else ""
            screen.print(
                f"Real messages{which}, seed {seed}: {_agreement(replays, counted=bool(schemes))}"
            )
    if missing:
        screen.print(missing, markup=False)
    report_saved(screen, out, files)
    return any(r.interrupted for r in replays)


def _agreement(replays: Sequence[Replay], *, counted: bool) -> str:
    """Return what a real replay has shown, in words."""
    cut = any(each.interrupted for each in replays)
    words = (
        f"{'as far as it went, ' if cut else ''}every member processed every message, all group "
        f"keys were equal in every epoch"
    )
    if counted:
        words += (
            " (TKEM has none after an add or remove), and every operation sent the ciphertexts "
            "that the engine counts"
        )
    return f"{words}."


def _protocols(specs: Sequence[str]) -> list[CGKA]:
    if not specs:
        return []
    from ttkem.testing.protocol_import import import_protocol  # noqa: PLC0415 - heavy

    return [import_protocol(spec) for spec in specs]


def _read(path: Path | None) -> tuple[Activity, ...]:
    if path is None:
        return demo_trace()
    try:
        return parse_trace(read_text(path).splitlines())
    except RemoteError as error:
        raise RemoteError(f"{path}, {error}") from None
