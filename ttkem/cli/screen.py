"""Output format, console, progress bar, tables and counts, as all commands use them."""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from agreement.wording import counted
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.table import Table

__all__ = [
    "Format",
    "FormatOption",
    "JobsOption",
    "choice",
    "console",
    "counted",
    "fits",
    "folder",
    "progress",
    "select",
]

ChoiceT = TypeVar("ChoiceT", bound="StrEnum")
UNLIMITED = 1_000


class Format(StrEnum):
    """The format of what is printed."""

    TABLE = "table"
    JSON = "json"


FormatOption: TypeAlias = Annotated[
    Format,
    typer.Option("--format", help="Print text and tables for people, or one JSON document."),
]
JobsOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=1, show_default="one per core", help="Set the number of processes that work at once."
    ),
]


def choice(names: Sequence[str], *declared: str, **more: Any) -> Any:  # noqa: ANN401 - typer's own
    """Return an option that shows and completes its choices; the command refuses other values.

    An enumeration would do so as well, but its errors are a frame of several lines, and the
    libraries that know the names would have to be imported for ``--help``.
    """

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return typer.Option(*declared, metavar=f"[{'|'.join(names)}]", autocompletion=complete, **more)


def folder(what: str, default: bool | str = "no files") -> Any:  # noqa: ANN401, FBT001 - typer's
    """Return an option for the folder of what a command writes."""
    return typer.Option(
        show_default=default, help=f"Set the folder for {what}; made if it is missing."
    )


def console(*, json: bool) -> Console:
    """Return the console that people read: standard error where standard output holds JSON."""
    return Console(stderr=json)


@contextmanager
def progress(screen: Console) -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar on a terminal; call it with done, total and a description."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        yield show


def select(kind: type[ChoiceT], names: Sequence[str] | None, option: str) -> tuple[ChoiceT, ...]:
    """Return the named members of an enumeration in its order; all of them if none is named."""
    known = {member.value: member for member in kind}
    for name in names or ():
        if name not in known:
            raise LocalError(f"--{option} {name!r}: choose from {', '.join(known)}")
    return tuple(member for name, member in known.items() if not names or name in names)


def fits(screen: Console, table: Table, *, wrapped: bool = True) -> bool:
    """Return whether a table fits the screen without cutting a word; or without wrapping a cell."""
    unlimited = screen.options.update(max_width=UNLIMITED)
    measured = screen.measure(table, options=unlimited)
    return (measured.minimum if wrapped else measured.maximum) <= screen.width
