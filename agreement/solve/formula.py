"""Decision maps as propositional formulas, kept in arrays; CaDiCaL and z3 decide them.

There is a variable for each vertex of the complex and each value in its list. Each vertex decides
some value (one clause per vertex). Neighbours do not decide values that are neither adjacent nor
equal (a clause of two literals for each edge and each such pair of values). A model may let a
vertex decide several values; any one of them will do.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from agreement.errors import AgreementError, TaskError, ToolError
from agreement.graph.graph import members
from agreement.wording import install_hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

__all__ = ["Formula", "FormulaTooLargeError", "SolverAnswer", "cadical", "formula_of", "z3_agrees"]

_PART = 1_000
"""The number of clauses that are given to the solver at once."""

_SLICE = 2_000
"""The number of conflicts after which the solver can be interrupted."""

_LARGE = 5_000_000
"""The number of clauses from which on it can be interrupted after fewer conflicts."""

MOST_CLAUSES = 30_000_000
"""The greatest number of clauses of two literals in a formula; as arrays they take 480 MB."""


class FormulaTooLargeError(TaskError):
    """A formula would have too many clauses, so it is not made."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in the variables 1, ..., `variables`.

    `lists[v]` is the list of vertex v as a bit set. The variable of its i-th value, counted from 0,
    is `base[v] + i`. `long` has the clause of each vertex; `short`, of shape (M, 2), has the
    clauses of the edges.
    """

    lists: Numbers
    base: Numbers
    variables: int
    long: tuple[tuple[int, ...], ...]
    short: Numbers

    def values(self, model: Sequence[int]) -> Numbers:
        """Return the value of each vertex in a model: the first of its values that is true."""
        true = np.zeros(self.variables + 1, bool)
        literals = np.array(model, np.int64)
        positive = literals[literals > 0]
        true[positive[positive <= self.variables]] = True
        chosen = np.full(len(self.lists), -1, np.int64)
        for mask in np.unique(self.lists):
            at = np.flatnonzero(self.lists == mask)
            values = list(members(int(mask)))
            for place in range(len(values) - 1, -1, -1):
                here = at[true[self.base[at] + place]]
                chosen[here] = values[place]
        return chosen

    def dimacs(self) -> str:
        """Return the formula in DIMACS format."""
        lines = [f"p cnf {self.variables} {len(self.long) + len(self.short)}"]
        lines += [" ".join(map(str, clause)) + " 0" for clause in self.long]
        lines += [f"{a} {b} 0" for a, b in self.short.tolist()]
        return "\n".join(lines) + "\n"


def formula_of(near: Sequence[int], lists: Numbers, edges: Numbers) -> Formula:
    """Return the formula for decision maps with these lists.

    `near[a]` is the bit set of what is adjacent or equal to the value a, `lists[v]` the bit set of
    the values that vertex v may decide; `edges`, of shape (M, 2), joins vertices. Raise
    FormulaTooLargeError, before it is made, for a formula of more than `MOST_CLAUSES` clauses.
    """
    sizes = np.array([int(mask).bit_count() for mask in lists], np.int64)
    base = 1 + np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    long = tuple(
        tuple(range(start, start + size))
        for start, size in zip(base.tolist(), sizes.tolist(), strict=True)
    )
    parts = [np.zeros((0, 2), np.int64)]
    if len(edges):
        kinds, kind = np.unique(lists, return_inverse=True)
        kind = kind.reshape(-1)
        both = kind[edges[:, 0]] * len(kinds) + kind[edges[:, 1]]
        order = np.argsort(both, kind="stable")
        groups, starts = np.unique(both[order], return_index=True)
        sizes_of = np.diff(np.append(starts, len(order))).tolist()
        clauses = sum(
            size * _conflicts(near, int(kinds[group // len(kinds)]), int(kinds[group % len(kinds)]))
            for group, size in zip(groups.tolist(), sizes_of, strict=True)
        )
        if clauses > MOST_CLAUSES:
            raise FormulaTooLargeError(
                f"a formula of {clauses:,} clauses is too large: up to {MOST_CLAUSES:,} are tried"
            )
        for group, at in zip(groups.tolist(), np.split(order, starts[1:]), strict=True):
            ends = edges[at]
            first = list(members(int(kinds[group // len(kinds)])))
            second = list(members(int(kinds[group % len(kinds)])))
            for i, a in enumerate(first):
                for j, b in enumerate(second):
                    if not near[a] >> b & 1:
                        parts.append(-(base[ends] + np.array([i, j])))
    return Formula(lists, base, int(sizes.sum()), long, np.concatenate(parts))


def _conflicts(near: Sequence[int], first: int, second: int) -> int:
    """Return how many pairs of values from two lists are neither adjacent nor equal."""
    return sum((second & ~near[a]).bit_count() for a in members(first))


@dataclass(frozen=True, slots=True)
class SolverAnswer:
    """A solver's answer: `satisfiable` is None if it gave up; `proof` has the lines of DRAT."""

    satisfiable: bool | None
    model: tuple[int, ...] = ()
    proof: tuple[str, ...] = ()


def cadical(formula: Formula, *, proof: bool = False, conflicts: int | None = None) -> SolverAnswer:
    """Decide the formula with CaDiCaL, with a DRAT proof if `proof` is set and it is refuted.

    The solver gives up after `conflicts` conflicts. Raise ToolError if python-sat is missing.
    """
    try:
        from pysat.solvers import Cadical195  # noqa: PLC0415 - optional
    except ImportError:
        raise ToolError(
            "cannot decide a formula without python-sat >= 1.9.dev16: "
            + install_hint("'python-sat>=1.9.dev16'", "proofs")
        ) from None
    with Cadical195(with_proof=proof) as solver:
        deque(map(solver.add_clause, formula.long), maxlen=0)
        # python-sat takes clauses as lists only. Making few at a time is twice as fast as making
        # all at once, because the memory of a part is used again for the next one.
        for start in range(0, len(formula.short), _PART):
            part = formula.short[start : start + _PART].tolist()
            deque(map(solver.add_clause, part), maxlen=0)
        slice_ = max(1, _SLICE * _LARGE // max(_LARGE, len(formula.short)))
        satisfiable = _solve(solver, conflicts, slice_)
        if satisfiable:
            return SolverAnswer(satisfiable=True, model=tuple(solver.get_model()))
        if satisfiable is None:
            return SolverAnswer(satisfiable=None)
        lines = tuple(solver.get_proof() or ()) if proof else ()
        return SolverAnswer(satisfiable=False, proof=lines)


def _solve(
    solver: Any,  # noqa: ANN401 - it has no types
    conflicts: int | None,
    slice_: int,
) -> bool | None:
    """Solve with at most so many conflicts, `slice_` at a time, so that a signal can interrupt it.

    Python handles signals between two calls of the solver only. The solver keeps what it has
    learned.
    """
    while conflicts is None or conflicts > 0:
        budget = slice_ if conflicts is None else min(slice_, conflicts)
        solver.conf_budget(budget)
        try:
            satisfiable: bool | None = solver.solve_limited()
        except Exception as error:
            if "keyboard interrupt" in str(error):  # python-sat's own handler of Ctrl-C
                raise KeyboardInterrupt from None
            raise
        if satisfiable is not None:
            return satisfiable
        conflicts = None if conflicts is None else conflicts - budget
    return None


def z3_agrees(formula: Formula, answer: SolverAnswer, seconds: float = 60.0) -> bool | None:
    """Return whether z3 gives the same answer about the formula; None if z3 gives up.

    z3 has `seconds` seconds. Raise AgreementError if the given solver gave up.
    """
    if answer.satisfiable is None:
        raise AgreementError("cannot compare with z3: the other solver gave no answer")
    import z3  # noqa: PLC0415 - heavy, imported where used

    solver = z3.SolverFor("QF_FD")
    solver.set("timeout", int(1000 * seconds))
    solver.from_string(formula.dimacs())  # adding clause by clause takes far longer
    said = solver.check()
    if said == z3.unknown:
        return None
    return bool(said == z3.sat) == answer.satisfiable
