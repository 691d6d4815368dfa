"""The commands ``ttkem vectors check`` and ``ttkem vectors generate``."""

from __future__ import annotations

import json as json_text
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer
from rich.table import Table

from ttkem.cli.files import check_writable, report_saved, save
from ttkem.cli.screen import Format, FormatOption, console, counted, progress
from ttkem.cli.status import REFUTED, UNKNOWN

__all__ = ["vectors"]

vectors = typer.Typer(
    no_args_is_help=True, help="Check and generate test vectors of the MLS working group."
)


@vectors.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The folder with the vector files, NAME.json.")],
    output: FormatOption = Format.TABLE,
) -> None:
    """Check every case of every vector file in a folder.

    Exit status 1 if a case does not come out as its file says; 3 if interrupted by Ctrl-C or
    kill -TERM: the cases checked so far are printed.
    """
    from ttkem.testing.mls.vectors import check_folder  # noqa: PLC0415 - heavy, imported where used

    json = output is Format.JSON
    screen = console(json=json)
    passed: dict[str, int] = {}
    failures: list[tuple[str, int, str]] = []
    interrupted = False
    with progress(screen) as bar:
        try:
            for name, number, count, wrong in check_folder(folder):
                bar(number + 1, count, name)
                passed.setdefault(name, 0)
                if wrong is None:
                    passed[name] += 1
                else:
                    failures.append((name, number, wrong))
        except KeyboardInterrupt:
            interrupted = True
    if json:
        failed = [{"file": n, "case": c, "error": e} for n, c, e in failures]
        print(json_text.dumps({"passed": passed, "failed": failed, "interrupted": interrupted}))
    else:
        table = Table("file", "cases", "passed")
        for name, good in passed.items():
            bad = sum(name == failed for failed, _, _ in failures)
            table.add_row(name, str(good + bad), str(good))
        screen.print(table)
        for name, number, wrong in failures:
            screen.print(f"{name} {number}: {wrong}", markup=False, soft_wrap=True)
        total = sum(passed.values())
        screen.print(f"{total} of {counted(total + len(failures), 'case')} passed")
        if interrupted:
            screen.print("interrupted: not all cases were checked", style="red")
    if failures:
        raise typer.Exit(REFUTED)
    if interrupted:
        raise typer.Exit(UNKNOWN)


@vectors.command()
def generate(
    folder: Annotated[
        Path, typer.Argument(help="The folder for the files, NAME.json; made if it is missing.")
    ],
    suite: Annotated[
        list[int] | None,
        typer.Option(
            show_default="the seven of RFC 9420",
            help="Choose a cipher suite by number; may be repeated.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Set the seed; the same seed gives the same bytes.")
    ] = 1,
    output: FormatOption = Format.TABLE,
) -> None:
    """Generate test vectors in the working group's format, and check each before it is written."""
    from ttkem.testing.mls.vectors import CHECKS, check_case  # noqa: PLC0415 - heavy, imported where used
    from ttkem.testing.mls.vectors import generate as generating  # noqa: PLC0415

    json = output is Format.JSON
    screen = console(json=json)
    check_writable(folder)
    suites = tuple(suite) if suite else tuple(range(1, 8))
    files: dict[str, bytes | str] = {}
    counts: dict[str, int] = {}
    with progress(screen) as bar:
        for number, name in enumerate(generating.GENERATORS):
            bar(number, len(generating.GENERATORS), name)
            cases = generating.generate(name, seed, suites)
            for case in cases:
                check_case(CHECKS[name], case)
            files[f"{name}.json"] = json_text.dumps(cases, indent=1) + "\n"
            counts[f"{name}.json"] = len(cases)
    save(folder, files)  # before printing, in case the reader closes the pipe
    if json:
        print(json_text.dumps({"seed": seed, "cases": counts}))
    report_saved(screen, folder, files)
    if not json:
        total = counted(sum(counts.values()), "case")
        screen.print(f"{total} in {counted(len(files), 'file')}; seed {seed}")
