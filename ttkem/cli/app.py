"""The frame of the command line: all commands, and how each failure becomes an exit status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

import ttkem
from agreement.errors import AgreementError
from ttkem.cli.agree.command import agree
from ttkem.cli.attack.command import attack
from ttkem.cli.bounds.command import bounds
from ttkem.cli.failures import (
    report_failure,
    report_internal_error,
    sigterm_interrupts,
    wants_json,
)
from ttkem.cli.mls.command import mls
from ttkem.cli.output_guard import OutputError, guarded_output
from ttkem.cli.simulate.command import simulate
from ttkem.cli.status import BAD_USAGE, UNKNOWN
from ttkem.cli.vectors.command import vectors
from ttkem.cli.verify.command import verify
from ttkem.errors import LocalError, RemoteError

__all__ = ["app", "main"]


class _EscapedError(Exception):
    """Carry an exception as its cause past click, which would turn some into status 1 or 130."""


class _Commands(TyperGroup):
    """All commands."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # its own Context
        """Run a command; carry its OSError, EOFError or KeyboardInterrupt past click."""
        try:
            return super().invoke(ctx)
        except (OSError, EOFError, KeyboardInterrupt) as error:
            raise _EscapedError from error


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Simulate, attack and verify group key agreement, and decide and verify agreement on "
    "graphs.",
    epilog="Exit status: 0 done or holds, 1 refuted, 2 bad usage or input, 3 unknown or "
    "interrupted, 70 internal error.",
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
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Declare the options that stand before the command."""


def _forget_scripts() -> None:
    """Stop importing modules from the folder of the command, where python-sat puts `models.py`."""
    if sys.path[:1] == [str(Path(sys.argv[0]).resolve().parent)]:
        del sys.path[0]


def main() -> None:
    """Run the command line and exit with its status (see :mod:`ttkem.cli.status`)."""
    _forget_scripts()
    with guarded_output(), sigterm_interrupts():
        sys.exit(_run(json=wants_json(sys.argv[1:])))


def _run(*, json: bool) -> int:
    """Run a command and return its exit status; report what it raises."""
    try:
        return app(prog_name="ttkem", standalone_mode=not json) or 0
    except _EscapedError as escaped:
        return _status(escaped.__cause__ or escaped, json=json)
    except OutputError:
        raise
    except SystemExit:  # click's own way to end, with the status of a command
        raise
    except BaseException as error:  # noqa: BLE001 - status 1 would mean "refuted"
        return _status(error, json=json)


def _status(error: BaseException, *, json: bool) -> int:
    """Report an exception and return the exit status that it stands for."""
    if isinstance(error, KeyboardInterrupt):
        return report_failure("interrupted before there was a result", UNKNOWN, json=json)
    if isinstance(error, (LocalError, RemoteError, AgreementError)):
        return report_failure(str(error), BAD_USAGE, json=json)
    if hasattr(error, "format_message"):  # click's complaint about the options; it has no base
        return report_failure(error.format_message(), BAD_USAGE, json=json)  # class in common
    return report_internal_error(error, json=json)
