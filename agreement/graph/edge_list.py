"""Graphs as lists of edges, one in each line; and in DIMACS format, which counts them.

A line that is not certainly an edge is refused, since a line of another format would otherwise
become a vertex or an edge, and the answer would be about another graph.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias
from unicodedata import normalize

from agreement.errors import GraphError
from agreement.graph.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["lines", "looks_like_dimacs", "parse_dimacs", "parse_edge_list"]

Word: TypeAlias = tuple[int, str]
"""A word, and its column, counted from 1."""

_NAME = re.compile(r"(?:\w|-\d)(?:[\w.,:+/'()-]*[\w.+/'()-])?")
_NUMBER = re.compile(r"[0-9]{1,100}")
_LONGEST = 100
_MOST_VERTICES = 99_999
_DIMACS = re.compile(r"^p[ \t]+(?:edge|edges|col)[ \t]+[0-9]", re.MULTILINE)

_ENDS_OF_LINES = re.compile(r"\r\n|\r|\n")


def lines(text: str) -> list[str]:
    """Return the lines, which end in a line feed, a carriage return or both; in nothing else."""
    return _ENDS_OF_LINES.split(text)


def parse_edge_list(text: str) -> Graph:
    """Return the graph of an edge list.

    Each line holds one edge: the names of its two ends, with spaces or tabs between them. `#` at
    the beginning of a line or after a space starts a comment. Vertices are labelled by their names;
    they are numbered in the order of their first occurrence, or numerically if all names are
    numbers. A name begins with a letter, a digit or an underscore, or is a negative number. Raise
    GraphError, with the line and the column, for anything else, for an edge that is given twice,
    and for a first line that may be a header.
    """
    edges: dict[tuple[str, str], int] = {}
    bare = 0
    for number, line in enumerate(lines(text), start=1):
        words = list(_words(line, number))
        if line.strip(" \t") == "#" and edges:
            bare = number
        if not words:
            continue
        if bare:
            raise GraphError(
                f"line {bare}: a line with '#' alone between two parts looks like trivial graph "
                "format (TGF): keep its second part only, or remove this line"
            )
        one, other = _edge(words, number)
        if (one, other) in edges or (other, one) in edges:
            first = edges.get((one, other)) or edges[other, one]
            raise GraphError(
                f"line {number}: the edge {one!r} {other!r} is in line {first} already: give each "
                "edge once"
            )
        edges[one, other] = number
    if not edges:
        raise GraphError("there is no edge in it: give each edge in a line of its own, as: a b")
    _check_header(list(edges), next(iter(edges.values())))
    return _labelled(list(edges))


def _words(line: str, number: int) -> Iterator[Word]:
    """Yield the words of a line before its comment, each with its column."""
    for match in re.finditer(r"[^ \t]+", line):
        word = match[0]
        column = match.start() + 1
        if word.startswith("#"):
            return
        bad = next((i for i, c in enumerate(word) if not c.isprintable() or c.isspace()), None)
        if bad is not None:
            raise GraphError(
                f"line {number}, column {column + bad}: {word[bad]!r} cannot be in a name: use "
                "plain spaces between words"
            )
        yield column, word


def _edge(words: list[Word], number: int) -> tuple[str, str]:
    """Return the names of the ends of the edge that these words are."""
    for column, word in words:
        _check_name(word, f"line {number}, column {column}")
    names = [word for _, word in words]
    if len(names) == 1:
        raise GraphError(
            f"line {number}: one word, {names[0]!r}, is not an edge: write its two ends with a "
            "space between them; a graph with a vertex that has no edge can be given as graph6"
        )
    if len(names) > 2:  # noqa: PLR2004 - an edge has two ends
        raise GraphError(
            f"line {number}: an edge is two words, not {len(names)}: leave out weights and other "
            "data, and give each edge of an adjacency list in a line of its own"
        )
    if names[0] == names[1]:
        raise GraphError(f"line {number}: an edge joins {names[0]!r} to itself")
    return names[0], names[1]


def _check_name(word: str, where: str) -> None:
    """Raise GraphError if this cannot be the name of a vertex."""
    if len(word) > _LONGEST:
        raise GraphError(
            f"{where}: a name of {len(word)} characters is too long: use up to {_LONGEST}"
        )
    if _NAME.fullmatch(word):
        return
    if "," in word or ";" in word:
        raise GraphError(
            f"{where}: {word!r} looks like CSV: put a space between the two ends of an edge, and "
            "nothing else"
        )
    if word.startswith(("%", "//", "--", "!", "/*")):
        raise GraphError(f"{where}: {word!r} does not start a comment here: use # for comments")
    raise GraphError(
        f"{where}: {word!r} is not the name of a vertex: use letters, digits and _ in names"
    )


def _check_header(edges: list[tuple[str, str]], line: int) -> None:
    """Raise GraphError if the first edge may be a header: names of columns, or two counts."""
    (one, other), rest = edges[0], edges[1:]
    if not rest or not all(_NUMBER.fullmatch(name) for edge in rest for name in edge):
        return
    if one[-1].isalpha() and other[-1].isalpha():
        raise GraphError(
            f"line {line}: {one!r} {other!r} looks like a header, as all other names are numbers: "
            "remove it, or put # before it"
        )
    if not (_NUMBER.fullmatch(one) and _NUMBER.fullmatch(other)):
        return
    ends = [int(name) for edge in rest for name in edge]
    for order, size in ((int(one), int(other)), (int(other), int(one))):
        fits = max(ends) < order or (max(ends) == order and min(ends) > 0)
        if size == len(rest) and fits:
            raise GraphError(
                f"line {line}: {one!r} {other!r} may be an edge, or say that {size} edges of "
                f"{order} vertices follow: remove it, or give it as the last edge"
            )


def _labelled(pairs: list[tuple[str, str]]) -> Graph:
    """Return the graph with these edges between vertices with these names."""
    labels = list(dict.fromkeys(word for pair in pairs for word in pair))
    if len(labels) > _MOST_VERTICES:
        raise GraphError(f"it has {len(labels)} vertices: at most {_MOST_VERTICES:,} are possible")
    numbers = all(_NUMBER.fullmatch(label) for label in labels)
    if numbers:
        labels.sort(key=int)
    known: dict[object, str] = {}
    for label in labels:
        alike = known.setdefault(int(label) if numbers else normalize("NFKC", label), label)
        if alike != label:
            raise GraphError(f"{alike!r} and {label!r} look like one name written in two ways")
    place = {label: v for v, label in enumerate(labels)}
    return Graph.of(len(labels), [(place[a], place[b]) for a, b in pairs], labels)


def looks_like_dimacs(text: str) -> bool:
    """Return whether a line of this text is the problem line of a graph in DIMACS format."""
    return _DIMACS.search(text) is not None


def parse_dimacs(text: str) -> Graph:
    """Return the graph of a text in DIMACS format, labelled from 1 on as there.

    Lines that begin with `c` are comments, `p edge N M` (or `p col`) comes before the M lines
    `e U V` of the edges. M may also be twice the number of edges, each in both directions. Raise
    GraphError, with the line, for anything else.
    """
    counts: tuple[int, int] | None = None
    edges: list[tuple[int, int]] = []
    for number, line in enumerate(lines(text), start=1):
        words = line.split()
        if not words or words[0] == "c":
            continue
        if counts is None:
            counts = _problem_line(words, number)
            continue
        edges.append(_dimacs_edge(words, number, counts[0]))
    assert counts is not None  # noqa: S101 - `looks_like_dimacs` has found this line
    order, size = counts
    different = {(min(edge), max(edge)) for edge in edges}
    both = len(set(edges)) == len(edges) == 2 * len(different)
    if len(edges) != size or not (both or len(different) == len(edges)):
        raise GraphError(
            f"DIMACS: the problem line gives {size} edges, but there are {len(edges)} lines with "
            f"{len(different)} different edges: give each edge once"
        )
    return Graph.of(order, different, map(str, range(1, order + 1)))


def _problem_line(words: list[str], number: int) -> tuple[int, int]:
    """Return the number of vertices and of edges."""
    if words[0] != "p" or len(words) != 4 or not all(map(_NUMBER.fullmatch, words[2:])):  # noqa: PLR2004
        raise GraphError(
            f"line {number}: DIMACS: the first line that is no comment must be: p edge N M"
        )
    if int(words[2]) > _MOST_VERTICES:
        raise GraphError(
            f"line {number}: DIMACS: {words[2]} vertices: at most {_MOST_VERTICES:,} are possible"
        )
    return int(words[2]), int(words[3])


def _dimacs_edge(words: list[str], number: int, order: int) -> tuple[int, int]:
    """Return the ends of an edge, counted from 0."""
    if words[0] != "e" or len(words) != 3 or not all(map(_NUMBER.fullmatch, words[1:])):  # noqa: PLR2004
        raise GraphError(f"line {number}: DIMACS: an edge must be written: e U V")
    u, v = int(words[1]), int(words[2])
    if not (1 <= u <= order and 1 <= v <= order):
        raise GraphError(f"line {number}: DIMACS: edge {u} {v} has an end that is not 1 to {order}")
    if u == v:
        raise GraphError(f"line {number}: DIMACS: an edge joins {u} to itself")
    return u - 1, v - 1
