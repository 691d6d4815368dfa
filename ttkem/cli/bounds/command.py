"""The options of ``ttkem bounds``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import Annotated

import typer

from ttkem.cli.screen import Format, FormatOption

__all__ = ["bounds"]


def bounds(
    members: Annotated[
        list[int] | None,
        typer.Option(
            show_default="1000", help="Set the largest number of members; may be repeated."
        ),
    ] = None,
    operations: Annotated[
        list[int] | None,
        typer.Option(show_default="100000", help="Set the number of operations; may be repeated."),
    ] = None,
    suite: Annotated[int, typer.Option(help="Set the cipher suite, by number.")] = 1,
    level: Annotated[
        int,
        typer.Option(help="Set the security, in bits, for which to count the operations allowed."),
    ] = 64,
    secrets: Annotated[
        int | None,
        typer.Option(
            show_default="no such bound",
            help="Set the number of seeds that were sampled, if it is known: a tighter bound.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            show_default="no files",
            help="Set the folder for a CSV file and figures of bits against members; made if it "
            "is missing.",
        ),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Compute what the security proofs guarantee for a group: the bits lost, and the bits left.

    A bound that leaves nothing gives no guarantee; that is no attack either. The last table names
    the source of each constant.
    """
    from ttkem.cli.bounds import question, report  # noqa: PLC0415 - heavy, imported where used

    report.run(
        question.Question(
            members=tuple(members or (1000,)),
            operations=tuple(operations or (100_000,)),
            suite=suite,
            level=level,
            secrets=secrets,
        ),
        out=out,
        json=output is Format.JSON,
    )
