"""The long description of the distribution: README.md, without links that break outside it.

A relative link leads nowhere on the page of an index, where only the text arrives. It becomes the
name of the file in the source distribution; a picture is left out.
"""

from __future__ import annotations

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

__all__ = ["ReadmeHook", "portable"]

_PICTURE = re.compile(r"!\[[^\]]*\]\((?!https?:)[^)]*\)\n*")
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)]+)\)")


def portable(text: str) -> str:
    """Return Markdown with relative links written as names of files."""

    def named(link: re.Match[str]) -> str:
        words, file = link.groups()
        return f"`{file}`" if words.rstrip("/") == file.rstrip("/") else f"{words} (`{file}`)"

    return _LINK.sub(named, _PICTURE.sub("", text))


class ReadmeHook(MetadataHookInterface):
    """The hook that sets the field ``readme``."""

    def update(self, metadata: dict[str, object]) -> None:
        """Set the long description."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": portable(text)}
