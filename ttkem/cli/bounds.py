"""``ttkem bounds``: what the security proofs leave of a cipher suite's bits."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import Annotated

import typer

from ttkem.cli.screen import Format

__all__ = ["bounds"]


def bounds(
    members: Annotated[
        list[int] | None, typer.Option(help="Members at most; may be repeated. Default: 1000.")
    ] = None,
    operations: Annotated[
        list[int] | None, typer.Option(help="Operations; may be repeated. Default: 100000.")
    ] = None,
    suite: Annotated[int, typer.Option(help="Cipher suite number.")] = 1,
    level: Annotated[
        int, typer.Option(help="Bits that are wanted: how many operations leave as many?")
    ] = 64,
    secrets: Annotated[
        int | None, typer.Option(help="Seeds that were sampled, if that is known: a tighter bound.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a CSV file and figures: bits against members.")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="What to print: tables, or JSON for machines.")
    ] = Format.TABLE,
) -> None:
    """What the proofs of security guarantee for a group: bits lost, and bits left of the suite's.

    A bound that leaves nothing gives no guarantee; it is no attack either. The last table says what
    each constant rests on.
    """
    from ttkem.cli import bounding  # noqa: PLC0415 - heavy, imported where used

    bounding.run(
        bounding.Question(
            members=tuple(members or (1000,)),
            operations=tuple(operations or (100_000,)),
            suite=suite,
            level=level,
            secrets=secrets,
        ),
        out=out,
        json=output is Format.JSON,
    )
