"""The options of ``ttkem prove``."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from ttkem.cli.deadline import SecondsOption, deadline
from ttkem.cli.screen import Format, FormatOption, console, counted, progress
from ttkem.cli.status import REFUTED, UNKNOWN

__all__ = ["prove"]


def prove(
    planner: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:PLANNER",
            help="Name the planner, or a protocol that has one, such as "
            "ttkem.tainted.refresh:plan; modules of the working directory can be imported.",
        ),
    ],
    members: Annotated[
        int,
        typer.Option(
            min=1,
            help="Try all operations on all trees of groups of at most so many members; 5 take "
            "some seconds, 6 half a minute.",
        ),
    ] = 5,
    largest: Annotated[
        int,
        typer.Option(min=1, help="Set the largest number of members in random histories."),
    ] = 33,
    examples: Annotated[int, typer.Option(min=0, help="Set the number of random histories.")] = 200,
    seed: Annotated[int, typer.Option(help="Set the seed of the random histories.")] = 0,
    seconds: SecondsOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Check whether a planner meets the premises of the claim safe-not-derivable.

    If it does, the claim holds for it too, as far as was checked: what is proved then and what is
    not is printed. Otherwise a shortest history that breaks a premise is shown. Exit status 0 if
    all premises are met, 1 if not, 2 if there is no plan, 3 if interrupted before all was checked.
    """
    from ttkem.cli.prove.report import Report, document, print_report  # noqa: PLC0415 - heavy
    from ttkem.testing.planner_calls import import_planner  # noqa: PLC0415 - likewise
    from ttkem.testing.planner_search import (  # noqa: PLC0415 - likewise
        Exhausted,
        Sampled,
        exhaust,
        sample,
    )

    json = output is Format.JSON
    screen = console(json=json)
    checked = import_planner(planner)
    report = Report(planner, seed, examples, Exhausted(members), Sampled(largest))
    with (
        suppress(KeyboardInterrupt),  # what was done by then is reported
        progress(screen) as show,
        deadline(seconds),
    ):

        def on_tree(now: Exhausted) -> None:
            report.exhausted = now
            show(now.trees, now.trees + now.waiting, counted(now.operations, "operation"))

        def on_history(now: Sampled) -> None:
            report.sampled = now
            show(now.histories, examples, counted(now.operations, "operation"))

        report.exhausted = exhaust(checked, members, on_tree)
        if examples and report.exhausted.complete:
            report.sampled = sample(checked, largest, examples, seed, on_history)
    if json:
        print(document(report))
    else:
        print_report(screen, report)
    if report.counterexample is not None:
        raise typer.Exit(REFUTED)
    if not report.holds:
        raise typer.Exit(UNKNOWN)
