"""Reverse unit propagation over the formula of lists and edges, which is never written out.

A variable says that a view decides a value. The formula has two sorts of clauses: a view decides
something in its list, and no edge decides two values that are neither adjacent nor equal. Both are
read off a set of values for each view, those not ruled out so far. Only the clauses that the proof
has added are lists of literals; each is looked at only when one of two of its literals becomes
false (Moskewicz, Madigan, Zhao, Zhang, Malik, *Chaff*, DAC 2001).

A literal that single-literal clauses force stays true, since every later clause may use it too.
"""

from collections.abc import Mapping, Sequence

from .carriers import bits


class Formula:
    """The formula and the clauses added so far, with the literals that follow from all of them."""

    def __init__(
        self, lists: Mapping[int, int], edges: Sequence[tuple[int, int]], near: Sequence[int]
    ) -> None:
        self._near = near
        self._left = dict(lists)
        """For each view, the values that are not ruled out."""
        self._partners: dict[int, list[int]] = {view: [] for view in lists}
        for i, j in edges:
            self._partners[i].append(j)
            self._partners[j].append(i)
        self._meaning = [(-1, -1)]  # variables are counted from 1
        self._variable: dict[tuple[int, int], int] = {}
        for view in sorted(lists):
            for value in bits(lists[view]):
                self._variable[view, value] = len(self._meaning)
                self._meaning.append((view, value))
        self.variables = len(self._meaning) - 1
        literals = 2 * self.variables + 1  # a negative index counts from the end
        self._true = [False] * literals
        self._watched: list[list[list[int]]] = [[] for _ in range(literals)]
        self._trail: list[int] = []
        self._done = 0  # of the trail, what has been propagated
        self._refuted = not (
            all(self._make(self._only(view)) for view in lists if self._is_single(view))
            and self._propagate()
        )

    def add_if_implied(self, clause: Sequence[int]) -> bool:
        """Add a clause if unit propagation refutes its negation; return whether it does."""
        if self._refuted:
            return True
        kept = len(self._trail)
        refuted = not (all(self._make(-literal) for literal in clause) and self._propagate())
        self._forget(kept)
        if refuted:
            self._add(clause)
        return refuted

    def _add(self, clause: Sequence[int]) -> None:
        """Add a clause that is implied: so not all its literals are false already."""
        if any(self._true[literal] for literal in clause):
            return
        left = [literal for literal in clause if not self._true[-literal]]
        if len(left) == 1:
            self._refuted = not (self._make(left[0]) and self._propagate())
        else:
            self._watched[left[0]].append(left)
            self._watched[left[1]].append(left)

    def _is_single(self, view: int) -> bool:
        return self._left[view].bit_count() == 1

    def _only(self, view: int) -> int:
        return self._variable[view, self._left[view].bit_length() - 1]

    def _make(self, literal: int) -> bool:
        """Make a literal true; return False if it is false."""
        if self._true[-literal]:
            return False
        if not self._true[literal]:
            self._true[literal] = True
            self._trail.append(literal)
        return True

    def _forget(self, kept: int) -> None:
        """Take back all but the first literals made true."""
        for literal in self._trail[kept:]:
            self._true[literal] = False
            if literal < 0:
                view, value = self._meaning[-literal]
                self._left[view] |= 1 << value
        del self._trail[kept:]
        self._done = kept

    def _propagate(self) -> bool:
        """Make true what single-literal clauses force; return False if a clause is false."""
        while self._done < len(self._trail):
            literal = self._trail[self._done]
            self._done += 1
            view, value = self._meaning[abs(literal)]
            if literal > 0:
                for partner in self._partners[view]:
                    for far in bits(self._left[partner] & ~self._near[value]):
                        if not self._make(-self._variable[partner, far]):
                            return False
            else:
                self._left[view] &= ~(1 << value)
                if self._is_single(view) and not self._make(self._only(view)):
                    return False
            if not self._visit_watched(-literal):
                return False
        return True

    def _visit_watched(self, failed: int) -> bool:
        """Find other literals to watch in the clauses where this one is watched and now false."""
        watching = self._watched[failed]
        self._watched[failed] = []
        while watching:
            clause = watching.pop()
            if clause[0] == failed:
                clause[0], clause[1] = clause[1], failed
            for place in range(2, len(clause)):
                if not self._true[-clause[place]]:
                    clause[1], clause[place] = clause[place], failed
                    self._watched[clause[1]].append(clause)
                    break
            else:
                self._watched[failed].append(clause)
                if not self._make(clause[0]):
                    self._watched[failed] += watching
                    return False
        return True
