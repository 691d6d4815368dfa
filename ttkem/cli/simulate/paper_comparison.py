"""Run the comparison of KPWK21, and print and write its results."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from ttkem.cli.files import check_writable, draw_figure, report_saved, save
from ttkem.cli.screen import console, progress, select
from ttkem.simulation import (
    Job,
    Results,
    Scheme,
    Setting,
    averages_table,
    compare,
    comparison_table,
    crossings,
    crossings_table,
    draw,
    run_scales,
    to_csv,
    to_json,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

__all__ = ["run"]


def run(
    scales: tuple[int, int],
    setting: Sequence[str] | None,
    scheme: Sequence[str] | None,
    *,
    seeds: int | None,
    first_seed: int,
    jobs: int | None,
    out: Path,
    json: bool,
) -> bool:
    """Run and report the comparison; return whether it was interrupted."""
    screen = console(json=json)
    settings = select(Setting, setting, "setting")
    schemes = select(Scheme, scheme, "scheme")
    check_writable(out)
    with progress(screen) as show:

        def on_progress(done: int, total: int, job: Job) -> None:
            show(done, total, f"{job.setting.value} 2^{job.scale}")

        results = run_scales(
            *scales,
            settings=settings,
            schemes=schemes,
            seeds=seeds,
            first_seed=first_seed,
            jobs=jobs or os.cpu_count() or 1,
            on_progress=on_progress,
        )
    document = to_json(results)
    files: dict[str, bytes | str] = {"simulation.csv": to_csv(results), "simulation.json": document}
    missing = ""
    if results.records:
        figures, missing = draw_figure("simulation", partial(draw, results))
        files |= figures
    save(out, files)  # before printing, in case the reader closes the pipe
    if json:
        print(document, end="")
    else:
        _print_tables(screen, results, first_seed)
    if missing:
        screen.print(missing, markup=False)
    report_saved(screen, out, files)
    return results.interrupted


def _print_tables(screen: Console, results: Results, first_seed: int) -> None:
    for setting in results.settings:
        screen.print(averages_table(results, setting))
        if any(record.administrators for record in results.records if record.setting is setting):
            for per in ("administrator", "other"):
                screen.print(averages_table(results, setting, per))
    if Scheme.TTKEM in results.schemes and len(results.schemes) > 1:
        screen.print(crossings_table(crossings(results)))
    if {Scheme.TKEM, Scheme.TKEM_COMMIT} <= set(results.schemes):
        screen.print(comparison_table(compare(results, Scheme.TKEM_COMMIT, Scheme.TKEM)))
    screen.print(f"Seeds from {first_seed}; ± is a 95 % confidence interval over seeds.")
