"""Turn a refutation in DRAT into one with hints, backwards: keep what the empty clause needs.

A solver's refutation is a list of clauses, each implied by what is there, and of clauses to delete.
From the empty clause back, each clause that is needed is derived by unit propagation from those
that were there when it was added; what takes part is needed as well. A clause that does not follow
so must be RAT on its first literal. Clauses that nothing needs are not looked at: what comes out
proves the same, however wrong they were.

This is the method of drat-trim (Wetzler, Heule, Hunt, SAT 2014) [recalled], a plain one: it starts
every derivation from nothing. What it gives is for `ttkem.verification.sat.hints` to judge, which
alone is trusted. As in drat-trim, deleting a clause that is not there changes nothing, and adding a
clause that is always true neither; everything else that is malformed is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ttkem.verification.sat.hints import HintError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["with_hints"]

_CLAUSE = re.compile("((-?[1-9][0-9]{0,17}) )*0")


def with_hints(dimacs: str, drat: Iterable[str]) -> list[str]:
    """Return the needed part of a refutation, in LRAT.

    Raise HintError if a line is malformed, or if a clause that is needed does not follow.
    """
    if type(dimacs) is not str:
        raise HintError(f"the formula is not text, but {type(dimacs).__name__}")
    propagation = _Propagation()
    for line in dimacs.removesuffix("\n").split("\n")[1:]:
        propagation.add(_literals(line))
    last = len(propagation.clauses)
    steps = _steps(propagation, drat)
    needed = {steps[-1][0]}
    found: list[tuple[int, list[int] | None]] = []
    for number, deleted in reversed(steps):
        propagation.active[number] = deleted
        if deleted:
            found.append((number, None))
        elif number in needed:
            hints = propagation.derive(number)
            needed.update(map(abs, hints))
            found.append((number, hints))
    there = set(range(1, last + 1))
    lines = []
    for number, derivation in reversed(found):
        if derivation is not None:
            last = number
            there.add(number)
            words = (number, *propagation.clauses[number], 0, *derivation, 0)
            lines.append(" ".join(map(str, words)))
        elif number in there:
            lines.append(f"{last} d {number} 0")
    return lines


def _literals(line: str) -> tuple[int, ...]:
    if not _CLAUSE.fullmatch(line):
        raise HintError(f"malformed line {line!r}: it must be literals, and 0 at the end")
    return tuple(dict.fromkeys(map(int, line.split(" ")[:-1])))


def _steps(propagation: _Propagation, drat: Iterable[str]) -> list[tuple[int, bool]]:
    """Return (number of a clause, whether it is deleted), up to the empty clause."""
    known: dict[frozenset[int], list[int]] = {}
    for number, clause in propagation.clauses.items():
        known.setdefault(frozenset(clause), []).append(number)
    steps: list[tuple[int, bool]] = []
    ended = False
    for line in drat:
        if type(line) is not str:
            raise HintError(f"malformed line {line!r}: it is not text")
        deletes = line[:2] == "d "
        literals = _literals(line[2:] if deletes else line)
        if ended and deletes:
            continue  # solvers clear away what they have
        if ended:
            raise HintError(f"the line {line!r} comes after the empty clause")
        same = known.setdefault(frozenset(literals), [])
        if any(-x in literals for x in literals):
            continue
        if not deletes:
            number = propagation.add(literals)
            same.append(number)
            steps.append((number, False))
            ended = not literals
        elif same:
            number = same.pop()
            propagation.active[number] = False
            steps.append((number, True))
    if not ended:
        raise HintError("no empty clause")
    return steps


class _Propagation:
    """Numbered clauses, some of them active; each derivation starts from nothing.

    Two literals of each clause are watched: as long as neither is false the clause says nothing.
    """

    def __init__(self) -> None:
        self.clauses: dict[int, tuple[int, ...]] = {}
        self.active: dict[int, bool] = {}
        self._watched: dict[int, list[int]] = {}
        self._watching: dict[int, list[int]] = {}
        self._units: list[int] = []
        # What is true in a derivation, in order, each by which clause: 0 if it was assumed.
        self._true: dict[int, int] = {}
        self._trail: list[int] = []
        self._done = 0

    def add(self, literals: tuple[int, ...]) -> int:
        """Return the number of a new, active clause."""
        number = len(self.clauses) + 1
        self.clauses[number] = literals
        self.active[number] = True
        if len(literals) < 2:  # noqa: PLR2004
            self._units.append(number)
        else:
            self._watched[number] = list(literals)
            for literal in literals[:2]:
                self._watching.setdefault(literal, []).append(number)
        return number

    def derive(self, number: int) -> list[int]:
        """Return hints for a clause, from the active ones; HintError if it does not follow."""
        self._undo(0)
        clause = self.clauses[number]
        self._assume(clause)
        failed = self._propagate_units() or self._propagate()
        if failed:
            return self._reasons(failed)
        if not clause:
            raise HintError("the empty clause does not follow")
        hints: list[int] = []
        mark = len(self._trail)
        for other, literals in self.clauses.items():
            if self.active[other] and -clause[0] in literals:
                hints += self._resolved(clause, other, set(literals) - {-clause[0]})
                self._undo(mark)
        return hints

    def _resolved(self, clause: tuple[int, ...], other: int, rest: set[int]) -> list[int]:
        """Return hints for the clause resolved with `other` on the clause's first literal."""
        if any(-x in rest for x in clause):
            return []
        failed = next((self._true[x] for x in rest if x in self._true), 0)
        if not failed:
            self._assume(rest)
            failed = self._propagate()
        if not failed:
            raise HintError(f"the clause {list(clause)} does not follow, clause {other} left")
        return [-other, *self._reasons(failed)]

    def _assume(self, false: Iterable[int]) -> None:
        for x in false:
            if -x not in self._true:
                self._set(-x, 0)

    def _set(self, literal: int, reason: int) -> None:
        self._true[literal] = reason
        self._trail.append(literal)

    def _undo(self, mark: int) -> None:
        for literal in self._trail[mark:]:
            del self._true[literal]
        del self._trail[mark:]
        self._done = min(self._done, mark)

    def _propagate_units(self) -> int:
        """Return an active clause of at most one literal that has none left, or 0."""
        for number in self._units:
            if self.active[number]:
                for literal in self.clauses[number]:
                    if literal not in self._true and -literal not in self._true:
                        self._set(literal, number)
                if not any(literal in self._true for literal in self.clauses[number]):
                    return number
        return 0

    def _propagate(self) -> int:
        """Return an active clause that has no literal left, or 0."""
        while self._done < len(self._trail):
            false = -self._trail[self._done]
            self._done += 1
            watching = self._watching.get(false, [])
            kept: list[int] = []
            for place, number in enumerate(watching):
                if self._moved(number, false):
                    continue
                kept.append(number)
                other = self._watched[number][0]
                if not self.active[number] or other in self._true:
                    continue
                if -other in self._true:
                    self._watching[false] = kept + watching[place + 1 :]
                    return number
                self._set(other, number)
            self._watching[false] = kept
        return 0

    def _moved(self, number: int, false: int) -> bool:
        """Return whether another literal is watched instead; the other watched one comes first."""
        literals = self._watched[number]
        if literals[0] == false:
            literals[0], literals[1] = literals[1], false
        for place in range(2, len(literals)):
            if -literals[place] not in self._true:
                literals[1], literals[place] = literals[place], false
                self._watching.setdefault(literals[1], []).append(number)
                return True
        return False

    def _reasons(self, failed: int) -> list[int]:
        """Return the clauses that lead to the one that failed, in order, and that one."""
        wanted = {-x for x in self.clauses[failed]}
        found = [failed]
        for literal in reversed(self._trail):
            reason = self._true[literal]
            if literal in wanted and reason:
                found.append(reason)
                wanted.update(-x for x in self.clauses[reason])
        return found[::-1]
