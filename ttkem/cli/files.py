"""Files that the user named: read them, check that a folder can be written, write into it."""

from __future__ import annotations

import sys
from contextlib import suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

__all__ = [
    "check_writable",
    "draw_figure",
    "read_bytes",
    "read_text",
    "report_saved",
    "save",
    "save_and_report",
]


def read_text(path: Path) -> str:
    """Return the text of a file. Raise LocalError if it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LocalError(f"cannot read {path}: it is not a text file in UTF-8") from None


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, ``-`` being standard input. Raise LocalError if it fails."""
    try:
        if str(path) != "-":
            return path.read_bytes()
        if sys.stdin is None:
            raise LocalError("cannot read standard input: it is closed")
        return sys.stdin.buffer.read()
    except OSError as error:
        raise LocalError(f"cannot read {path}: {error.strerror}") from None


def check_writable(out: Path) -> None:
    """Raise LocalError, before the work, if a folder cannot be made or written; leave no trace."""
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


def draw_figure(name: str, draw: Callable[[str], bytes]) -> tuple[dict[str, bytes | str], str]:
    """Return a figure as NAME.png and NAME.svg and no note; or no file and why there is none."""
    try:
        return {f"{name}.{kind}": draw(kind) for kind in ("png", "svg")}, ""
    except LocalError as error:
        return {}, f"No figure: {error}"


def save(out: Path, files: dict[str, bytes | str]) -> None:
    """Write files into a folder, which is made if it is missing, without printing anything."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (out / name).write_bytes(data)
    except OSError as error:
        raise LocalError(f"cannot write to {out}: {error.strerror}") from None


def report_saved(screen: Console, out: Path, files: dict[str, bytes | str]) -> None:
    """Print which files were written, and where."""
    screen.print(
        f"Written to {out}: {', '.join(files)}", markup=False, highlight=False, soft_wrap=True
    )


def save_and_report(screen: Console, out: Path, files: dict[str, bytes | str]) -> None:
    """Write files into a folder, which is made if it is missing, and print so."""
    save(out, files)
    report_saved(screen, out, files)
