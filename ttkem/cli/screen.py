"""What the commands share: where to print, progress bars, output folders, choices."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from enum import StrEnum
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = [
    "Format",
    "choices",
    "console",
    "counted",
    "drawn",
    "progress",
    "read",
    "ready",
    "save",
    "tell",
    "write",
]

ChoiceT = TypeVar("ChoiceT", bound="StrEnum")


class Format(StrEnum):
    """What is printed."""

    TABLE = "table"
    JSON = "json"


def console(*, json: bool) -> Console:
    """Where people read: standard output, or standard error if that is for machines."""
    return Console(stderr=json)


@contextmanager
def progress(screen: Console) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on a terminal; call with how many of how many are done, and what now."""
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


def choices(kind: type[ChoiceT], names: Sequence[str] | None, option: str) -> tuple[ChoiceT, ...]:
    """The named members of an enumeration, in its order; all of them if none is named."""
    known = {member.value: member for member in kind}
    for name in names or ():
        if name not in known:
            raise LocalError(f"--{option} {name!r}: choose from {', '.join(known)}")
    return tuple(member for name, member in known.items() if not names or name in names)


def read(path: Path) -> str:
    """The text of a file that the user named; a LocalError if there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LocalError(f"{path} is not a text file in UTF-8") from None


def ready(out: Path) -> None:
    """Refuse, before the work, a folder that cannot be made or written to; leave it as it was."""
    missing: list[Path] = []
    try:
        missing += (each for each in (out, *out.parents) if not each.exists())
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise LocalError(f"cannot write to {out}: {error.strerror}") from None
    finally:
        for each in missing:
            with suppress(OSError):
                each.rmdir()


def counted(number: int, one: str, many: str | None = None) -> str:
    """So many of them, in the singular where there is one."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def drawn(name: str, draw: Callable[[str], bytes]) -> tuple[dict[str, bytes | str], str]:
    """A figure as NAME.png and NAME.svg; if none can be drawn, no file and why."""
    try:
        return {f"{name}.{kind}": draw(kind) for kind in ("png", "svg")}, ""
    except LocalError as error:
        return {}, f"No figure: {error}"


def save(out: Path, files: dict[str, bytes | str]) -> None:
    """Write files into a folder, which is made if missing, and say nothing yet."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (out / name).write_bytes(data)
    except OSError as error:
        raise LocalError(f"cannot write to {out}: {error.strerror}") from None


def tell(screen: Console, out: Path, files: dict[str, bytes | str]) -> None:
    """Say which files were written, and where."""
    screen.print(f"Written to {out}: {', '.join(files)}", soft_wrap=True)


def write(screen: Console, out: Path, files: dict[str, bytes | str]) -> None:
    """Write files into a folder, which is made if missing, and say so."""
    save(out, files)
    tell(screen, out, files)
