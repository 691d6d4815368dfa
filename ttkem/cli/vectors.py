"""``ttkem vectors``: the MLS working group's test vectors, checked and generated."""

from __future__ import annotations

import json as json_text
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer
from rich.table import Table

from ttkem.cli.screen import Format, console, counted, progress, ready, write
from ttkem.cli.status import REFUTED

__all__ = ["vectors"]

vectors = typer.Typer(no_args_is_help=True, help="MLS test vectors, both ways.")


@vectors.command()
def check(
    folder: Annotated[Path, typer.Argument(help="With the working group's files, NAME.json.")],
    output: Annotated[
        Format, typer.Option("--format", help="What to print: tables, or JSON for machines.")
    ] = Format.TABLE,
) -> None:
    """Check every case of every vector file in a folder.

    Exit status 1 if a case does not come out as its file says.
    """
    from ttkem.testing.mls.vectors import check_folder  # noqa: PLC0415 - heavy, imported where used

    json = output is Format.JSON
    screen = console(json=json)
    passed: dict[str, int] = {}
    failures: list[tuple[str, int, str]] = []
    with progress(screen) as bar:
        for name, number, count, wrong in check_folder(folder):
            bar(number + 1, count, name)
            passed.setdefault(name, 0)
            if wrong is None:
                passed[name] += 1
            else:
                failures.append((name, number, wrong))
    if json:
        failed = [{"file": n, "case": c, "error": e} for n, c, e in failures]
        print(json_text.dumps({"passed": passed, "failed": failed}))
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
    if failures:
        raise typer.Exit(REFUTED)


@vectors.command()
def generate(
    folder: Annotated[Path, typer.Argument(help="For the files, NAME.json.")],
    suite: Annotated[
        list[int] | None, typer.Option(help="Cipher suites; by default the RFC's seven.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Write vectors of our own in the working group's format, each checked before."""
    from ttkem.testing.mls.vectors import CHECKS, check_case  # noqa: PLC0415 - heavy, imported where used
    from ttkem.testing.mls.vectors import generate as generating  # noqa: PLC0415

    screen = console(json=False)
    ready(folder)
    suites = tuple(suite) if suite else tuple(range(1, 8))
    files: dict[str, bytes | str] = {}
    count = 0
    with progress(screen) as bar:
        for number, name in enumerate(generating.GENERATORS):
            bar(number, len(generating.GENERATORS), name)
            cases = generating.generate(name, seed, suites)
            for case in cases:
                check_case(CHECKS[name], case)
            files[f"{name}.json"] = json_text.dumps(cases, indent=1) + "\n"
            count += len(cases)
    write(screen, folder, files)
    screen.print(f"{counted(count, 'case')} in {counted(len(files), 'file')}; seed {seed}")
