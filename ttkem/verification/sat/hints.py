"""Checks a propositional refutation that names, for each clause, what it follows from: no search.

The form is LRAT, as text. `NUMBER LITERALS 0 HINTS 0` adds a clause: with its literals false, each
hinted clause has one literal left, which is true from then on, until one has none left. `NUMBER d
NUMBERS 0` forgets clauses. If the hints run out first, the clause must be a RAT clause on its first
literal x: for *every* clause with -x there is a part `-NUMBER HINTS`, by which the same goes once
the other literals of that clause are false too. Adding such a clause, or forgetting one, never
makes a satisfiable set unsatisfiable; so an empty clause that is added shows that there was no
model.

The formula's clauses have the numbers 1, 2, ... in the order of their lines (DIMACS). Whoever made
the hints (`ttkem.verification.sat.backward`) need not be trusted, nor does this share code with it,
or with `agreement.solve.certificate_checker`, which finds its own steps.

Source: Cruz-Filipe, Heule, Hunt, Kaufmann, Schneider-Kamp, CADE 2017 (LRAT) [recalled].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["HintError", "check_hints"]

Clauses: TypeAlias = "dict[int, tuple[int, ...]]"


class HintError(Exception):
    """The refutation is none."""


def check_hints(dimacs: str, lines: Iterable[str]) -> int:
    """How many clauses were added until the empty one was; or HintError."""
    clauses = _formula(dimacs)
    added = 0
    for line in lines:
        try:
            words = line.split()
            if words[1] == "d":
                for number in _ended(words[2:]):
                    del clauses[number]
                continue
            number, *rest = _ended(words)
            middle = rest.index(0)
            clause, hints = tuple(rest[:middle]), rest[middle + 1 :]
            _judge(clauses, clause, hints)
        except (ValueError, KeyError, IndexError) as error:
            raise HintError(f"malformed line {line!r}: {type(error).__name__} {error}") from None
        added += 1
        if not clause:
            return added
        if number in clauses:
            raise HintError(f"there is a clause {number} already")
        clauses[number] = clause
    raise HintError("no empty clause")


def _formula(dimacs: str) -> Clauses:
    lines = [line for line in dimacs.splitlines() if line[:1] not in {"c", "p"}]
    return {i: tuple(_ended(line.split())) for i, line in enumerate(lines, start=1)}


def _ended(words: Sequence[str]) -> list[int]:
    """The numbers before the 0 at the end."""
    *numbers, end = map(int, words)
    if end:
        raise ValueError("no 0 at the end")
    return numbers


def _judge(clauses: Clauses, clause: tuple[int, ...], hints: list[int]) -> None:
    """Accept the clause, or raise HintError."""
    first = next((i for i, hint in enumerate(hints) if hint < 0), len(hints))
    false = set(clause)
    if _fails(clauses, hints[:first], false):
        return
    if not clause:
        raise HintError("the empty clause does not follow")
    parts: dict[int, list[int]] = {}
    for hint in hints[first:]:
        if hint < 0:
            here = parts.setdefault(-hint, [])
        else:
            here.append(hint)
    for number, other in clauses.items():
        if -clause[0] in other:
            rest = set(other) - {-clause[0]}
            if any(-x in false for x in rest):
                continue  # with the clause's literals false, the other clause is true
            if number not in parts or not _fails(clauses, parts[number], false | rest):
                raise HintError(f"the clause {list(clause)} does not follow, clause {number} left")


def _fails(clauses: Clauses, hints: Iterable[int], false: set[int]) -> bool:
    """Whether the hinted clauses, one after another, leave nothing; `false` grows on the way."""
    for hint in hints:
        left = {x for x in clauses[hint] if x not in false}
        if not left:
            return True
        if len(left) > 1:
            raise HintError(f"the hinted clause {hint} leaves {sorted(left)}")
        false.add(-left.pop())
    return False
