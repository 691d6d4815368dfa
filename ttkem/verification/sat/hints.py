"""Check a propositional refutation that names what each of its clauses follows from: no search.

The format is LRAT, as text, one step a line. `NUMBER LITERALS 0 HINTS 0` adds a clause: with its
literals false, each hinted clause has one literal left, which is true from then on, until the last
one has none left. `NUMBER d NUMBERS 0` deletes clauses. If the hints run out first, the clause must
be a RAT clause on its first literal x: for *every* clause with -x there is a part `-NUMBER HINTS`,
by which the same goes once the other literals of that clause are false too; it is left out where
one of them is true already. Adding such a clause, or deleting one, never makes a satisfiable set
unsatisfiable; so an empty clause that is added shows that there was no model.

The formula is DIMACS: `p cnf VARIABLES CLAUSES`, then one clause a line. Its clauses have the
numbers 1, 2, ..., and each clause that is added has a greater number than all before. A deletion
bears the number of the last clause.

Both texts are read as if an opponent had written them: nothing in them is ignored. A line that is
malformed, a hint that says nothing, a part that is not needed and a line after the empty clause are
refused. Whoever made the hints (`ttkem.verification.sat.backward`) need not be trusted, nor does
this share code with it, or with `agreement.solve.certificate_checker`, which finds its own steps.

Source: Cruz-Filipe, Heule, Hunt, Kaufmann, Schneider-Kamp, CADE 2017 (LRAT) [recalled].
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["HintError", "check_hints"]

Clauses: TypeAlias = "dict[int, tuple[int, ...]]"

_NUMBER = re.compile("0|-?[1-9][0-9]{0,17}")
_HEADER = re.compile("p cnf ([0-9]{1,18}) ([0-9]{1,18})")


class HintError(Exception):
    """The refutation proves nothing."""


def check_hints(dimacs: str, lines: Iterable[str]) -> int:
    """Return the number of clauses added, the empty one included, or raise HintError."""
    clauses = _formula(dimacs)
    last = len(clauses)
    added = 0
    ended = False
    for line in lines:
        if ended:
            raise HintError(f"the line {line!r} comes after the empty clause")
        words = _words(line)
        if words[1:2] == ["d"]:
            _delete(clauses, last, _numbers(line, [words[0], *words[2:]]))
            continue
        last, clause, hints = _addition(line, _numbers(line, words), last)
        _judge(clauses, clause, hints)
        clauses[last] = clause
        added += 1
        ended = not clause
    if not ended:
        raise HintError("no empty clause")
    return added


# --- reading


def _words(line: object) -> list[str]:
    if type(line) is not str:
        raise HintError(f"malformed line {line!r}: it is not text")
    return line.split(" ")


def _numbers(line: str, words: Sequence[str]) -> list[int]:
    """Return the numbers before the 0 at the end."""
    for word in words:
        if not _NUMBER.fullmatch(word):
            raise HintError(f"malformed line {line!r}: {word!r} is not a number")
    *numbers, end = map(int, words)
    if end:
        raise HintError(f"malformed line {line!r}: no 0 at the end")
    return numbers


def _formula(dimacs: object) -> Clauses:
    if type(dimacs) is not str:
        raise HintError(f"the formula is not text, but {type(dimacs).__name__}")
    header, *lines = dimacs.removesuffix("\n").split("\n")
    counts = _HEADER.fullmatch(header)
    if counts is None:
        raise HintError(f"malformed header {header!r}: it must be 'p cnf VARIABLES CLAUSES'")
    variables, count = map(int, counts.groups())
    if len(lines) != count:
        raise HintError(f"the header says {count} clauses, but there are {len(lines)}")
    clauses = {i: tuple(_numbers(line, _words(line))) for i, line in enumerate(lines, start=1)}
    for clause in clauses.values():
        for literal in clause:
            if not 0 < abs(literal) <= variables:
                raise HintError(f"{literal} is not a literal of {variables} variables")
    return clauses


def _addition(line: str, numbers: list[int], last: int) -> tuple[int, tuple[int, ...], list[int]]:
    """Return the number, the literals and the hints of a clause that is added."""
    if numbers[:1] <= [last]:
        raise HintError(f"malformed line {line!r}: the number must be greater than {last}")
    number, *rest = numbers
    if rest.count(0) != 1:
        raise HintError(f"malformed line {line!r}: one 0 must divide literals and hints")
    middle = rest.index(0)
    return number, tuple(rest[:middle]), rest[middle + 1 :]


def _delete(clauses: Clauses, last: int, numbers: list[int]) -> None:
    if numbers[:1] != [last]:
        raise HintError(f"a deletion must bear the last number, {last}, not {numbers[:1]}")
    for number in numbers[1:]:
        if number not in clauses:
            raise HintError(f"cannot delete clause {number}: there is none")
        del clauses[number]


# --- judging


def _judge(clauses: Clauses, clause: tuple[int, ...], hints: list[int]) -> None:
    """Accept the clause, or raise HintError."""
    first: list[int] = []
    parts: dict[int, list[int]] = {}
    here = first
    for hint in hints:
        if hint > 0:
            here.append(hint)
        elif -hint in parts:
            raise HintError(f"there are two parts for clause {-hint}")
        else:
            here = parts[-hint] = []
    false = set(clause)
    if not _fails(clauses, first, false):
        if not clause:
            raise HintError("the empty clause does not follow")
        _resolve(clauses, clause, parts, false)
    if parts:
        raise HintError(f"the parts for clauses {sorted(parts)} are not needed")


def _resolve(
    clauses: Clauses, clause: tuple[int, ...], parts: dict[int, list[int]], false: set[int]
) -> None:
    """Check RAT on the first literal, and take the parts that it needs out of `parts`."""
    for number, other in clauses.items():
        if -clause[0] in other:
            rest = set(other) - {-clause[0]}
            if any(-x in false for x in rest):
                continue  # with the clause's literals false, the other clause is true
            if number not in parts or not _fails(clauses, parts.pop(number), false | rest):
                raise HintError(f"the clause {list(clause)} does not follow, clause {number} left")


def _fails(clauses: Clauses, hints: list[int], false: set[int]) -> bool:
    """Return whether the last hinted clause has no literal left; `false` grows on the way."""
    left: set[int] = {0}
    for hint in hints:
        if not left:
            raise HintError(f"the hint {hint} comes after a clause that has no literal left")
        if hint not in clauses:
            raise HintError(f"the hint {hint} is no clause")
        left = {x for x in clauses[hint] if x not in false}
        if len(left) > 1:
            raise HintError(f"the hinted clause {hint} leaves {sorted(left)}")
        if any(-x in false for x in left):
            raise HintError(f"the hinted clause {hint} is true already")
        false.update(-x for x in left)
    return not left
