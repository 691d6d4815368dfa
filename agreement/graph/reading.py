"""Graphs that a user names: a family and its size, or a file in one of four formats.

A file is read as what it is, or refused with what it looks like. Its first characters tell what it
is: `>>graph6<<`, `>>sparse6<<` or `:` (sparse6), a line `p edge N M` (DIMACS), and otherwise a list
of edges. graph6 may have no header: the name of the file then ends in .g6 or .graph6, or the file
is a single word.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from agreement.errors import GraphError
from agreement.graph.edge_list import lines, looks_like_dimacs, parse_dimacs, parse_edge_list
from agreement.graph.generators import named
from agreement.graph.graph6 import parse_graph6, parse_sparse6

if TYPE_CHECKING:
    from agreement.graph.graph import Graph

__all__ = ["load", "parse_file"]

_MOST_BYTES = 1 << 24
"""The greatest size of a file that is read: 16 MiB."""

_SHOWN = 30
_HOW = "write a list of edges, one in each line, or graph6"

_SUFFIXES = {".g6": "graph6", ".graph6": "graph6", ".s6": "sparse6", ".sparse6": "sparse6"}

_UNREADABLE_SUFFIXES = {
    ".d6": "digraph6, which is for directed graphs",
    ".digraph6": "digraph6, which is for directed graphs",
    ".csv": "CSV",
    ".dot": "DOT (Graphviz)",
    ".gv": "DOT (Graphviz)",
    ".gml": "GML",
    ".graphml": "GraphML",
    ".json": "JSON",
    ".mtx": "Matrix Market",
    ".net": "Pajek",
    ".xml": "XML",
}

_LOOKS = (
    (r">>digraph6<<|&", "digraph6, which is for directed graphs"),
    (r";", "incremental sparse6"),
    (r">>[^<]*<<", "a format with a header of its own"),
    (r"[{\[]", "JSON"),
    (r"<", "XML, such as GraphML"),
    (r"(?:strict\s+)?(?:di)?graph\b[^\n]*\{", "DOT (Graphviz)"),
    (r"(?:Creator\b[^\n]*\s+)?graph\s*\[", "GML"),
    (r"%%MatrixMarket", "Matrix Market"),
    (r"\*\s*[Vv]ertices", "Pajek"),
    (r"LEDA\.GRAPH", "LEDA"),
    (r"(?:c(?:[ \t][^\n]*)?\n)*p[ \t]+(?!edge|col)\w+[ \t]+\d+[ \t]+\d", "a variant of DIMACS"),
)
"""The beginnings of files in other formats, and what they are."""

_BYTES = (
    (b"\xff\xfe\x00\x00", "UTF-32 text"),
    (b"\x00\x00\xfe\xff", "UTF-32 text"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zXZ", "compressed by xz"),
    (b"PK\x03\x04", "a ZIP archive"),
)
"""The first bytes of files that are no text in UTF-8, and what they are."""


def load(source: str) -> Graph:
    """Return the graph that a user names: a family and size (see `named`), or a file.

    Raise GraphError if there is no such graph or file, or if the file is not certainly one graph.
    """
    file = Path(source)
    try:
        if file.is_dir():
            raise GraphError(f"cannot read {source!r}: it is a directory, not a file")
        is_file = file.is_file()
    except (OSError, ValueError):  # a name that no file can have
        is_file = False
    if not is_file:
        try:
            return named(source)
        except GraphError as error:
            if ":" in source:
                raise
            raise GraphError(f"{error}; there is no file of that name either") from None
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise GraphError(f"cannot read {source!r}: {error.strerror}") from None
    try:
        return parse_file(data, file.suffix)
    except GraphError as error:
        raise GraphError(f"cannot read {source!r}: {error}") from None


def parse_file(data: bytes, suffix: str = "") -> Graph:
    """Return the graph that a file holds, given its bytes and the end of its name, such as `.g6`.

    Raise GraphError if it is not certainly one graph.
    """
    text = _decoded(data)
    if not text.strip():
        raise GraphError("it is empty")
    match _kind(text, suffix.lower()):
        case "graph6":
            return parse_graph6(_single_line(text))
        case "sparse6":
            return parse_sparse6(_single_line(text))
        case "DIMACS":
            return parse_dimacs(text)
        case _:
            return parse_edge_list(text)


def _decoded(data: bytes) -> str:
    """Return the text; raise GraphError if it is none, with what it looks like."""
    if len(data) > _MOST_BYTES:
        raise GraphError(f"it has more than {_MOST_BYTES >> 20} MiB, which is the limit")
    for start, what in _BYTES:
        if data.startswith(start):
            raise GraphError(f"it looks like {what}: save it as plain text in UTF-8")
    if b"\0" in data:
        raise GraphError(
            "it has a zero byte, as binary files and UTF-16 text have: save it as plain text in "
            "UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise GraphError(
            f"line {line}: byte {data[error.start]:#04x} is not text in UTF-8: save it as plain "
            "text in UTF-8"
        ) from None


def _kind(text: str, suffix: str) -> str:
    """Return the name of the format; raise GraphError if it is none of those that are read."""
    wanted, found = _SUFFIXES.get(suffix), _kind_by_content(text, suffix)
    if suffix in _UNREADABLE_SUFFIXES:
        raise GraphError(f"its name says that it is {_UNREADABLE_SUFFIXES[suffix]}: {_HOW}")
    if wanted not in {None, found}:
        raise GraphError(f"its name says that it is {wanted}, but it looks like {found}: rename it")
    return found


def _kind_by_content(text: str, suffix: str) -> str:
    start = text.lstrip()
    for name, header, first in (("graph6", ">>graph6<<", ()), ("sparse6", ">>sparse6<<", ":")):
        if start.startswith((header, *first)):
            return name
    if _SUFFIXES.get(suffix) == "graph6" and not re.search(r"\S[ \t]+\S", text):
        return "graph6"
    for pattern, what in _LOOKS:
        if re.match(pattern, start):
            raise GraphError(f"it looks like {what}: {_HOW}")
    if looks_like_dimacs(text):
        return "DIMACS"
    return "graph6" if _is_bare_graph6(start) else "a list of edges"


def _is_bare_graph6(text: str) -> bool:
    """Return whether this is one word; raise GraphError if it is, but is not graph6."""
    words = text.split()
    if len(words) != 1:
        return False
    try:
        parse_graph6(words[0])
    except GraphError as error:
        word = words[0] if len(words[0]) <= _SHOWN else words[0][:_SHOWN] + "..."
        raise GraphError(
            f"one word, {word!r}, is neither an edge, whose ends have a space between them, nor "
            f"graph6 ({error})"
        ) from None
    return True


def _single_line(text: str) -> str:
    """Return the line that a file in graph6 or sparse6 holds; raise GraphError unless it is one."""
    held = lines(text.rstrip("\r\n"))
    if len(held) > 1:
        raise GraphError(
            f"it has {len(held)} lines: graph6 and sparse6 have one graph in each; keep one line"
        )
    return held[0]
