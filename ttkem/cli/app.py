"""The command line's frame: options shared by all commands, errors, exit status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

import ttkem
from agreement.errors import AgreementError
from ttkem.cli.agree import agree
from ttkem.cli.attack import attack
from ttkem.cli.bounds import bounds
from ttkem.cli.mls import mls
from ttkem.cli.output import guarded
from ttkem.cli.simulate import simulate
from ttkem.cli.status import BAD_USAGE, REFUTED, UNKNOWN
from ttkem.cli.vectors import vectors
from ttkem.cli.verify import verify
from ttkem.errors import LocalError, RemoteError, TtkemError

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """All commands; Ctrl-C that none of them takes, as there is nothing yet to be shown."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # its own Context
        """Run a command; where it was interrupted, a line and status 3."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("ttkem: interrupted before there was a result", file=sys.stderr)
            raise typer.Exit(UNKNOWN) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Group key agreement and agreement on graphs: executable specification, simulation and "
    "verification.",
)
app.command()(simulate)
app.command()(verify)
app.command()(attack)
app.command()(bounds)
app.add_typer(agree, name="agree")
app.add_typer(mls, name="mls")
app.add_typer(vectors, name="vectors")


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature that typer calls
    if wanted:
        print(f"ttkem {ttkem.__version__}")
        raise typer.Exit


@app.callback()
def _frame(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and stop.")
    ] = False,
) -> None:
    """Options before the command."""


def _forget_scripts() -> None:
    """Python looks for modules beside the command first, where python-sat puts a `models.py`."""
    if sys.path[:1] == [str(Path(sys.argv[0]).resolve().parent)]:
        del sys.path[0]


def main() -> None:
    """Run the command line; an error of ours is one line and an exit status."""
    _forget_scripts()
    with guarded():
        _run()


def _run() -> None:
    try:
        app()
    except (LocalError, RemoteError, AgreementError) as error:
        print(f"ttkem: {error}", file=sys.stderr)
        sys.exit(BAD_USAGE)
    except TtkemError as error:
        print(f"ttkem: {error}", file=sys.stderr)
        sys.exit(REFUTED)
