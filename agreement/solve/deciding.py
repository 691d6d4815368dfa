"""Whether n processes can agree on a graph, wait-free, and in how many rounds at least.

**Decision maps** [D, standard]. A protocol of k rounds of immediate snapshots on fresh memory that
keeps everything it has seen decides by its view after k rounds: a vertex of the k-fold chromatic
subdivision of the complex of all inputs. It is right exactly if (1) each view decides something
that D of the inputs it knows of allows, and (2) the vertices of each simplex decide pairwise
adjacent or equal values. (1): if those inputs' processes are the only ones that take a step, the
view still occurs; and D grows. (2): the views of a simplex occur in one run; agreement is about
pairs, so that edges are enough. So solving in k rounds is a list homomorphism from the 1-skeleton
to the graph with loops, the lists being the carriers. Crashes add nothing: a crash is a view that
nobody has, and both conditions are about what is left. The task is the one with D as it stands,
closed under composition or not. A map of k rounds gives one of k + 1, by forgetting.

**How it is decided.** Carriers that can be dismantled (`contractible`): solvable. Else a chain map
that does not exist (`obstruction`): unsolvable. Else, and for the least number of rounds, k = 0, 1,
...: arc consistency (`consistency`), one order for all or CaDiCaL on anonymous views (`maps`), and
where anonymous views have no map a refutation for plain ones (`plain`). Every answer comes with
certificates that `certificate_checker` accepts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from math import comb, factorial
from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import TaskError
from agreement.protocols.synthesised import Tables
from agreement.solve.carrier_lists import MOST_VERTICES
from agreement.solve.certificates import (
    by_consistency,
    by_dismantling,
    by_obstruction,
    by_protocol,
    by_refutation,
    without_rounds,
)
from agreement.solve.consistency import refute
from agreement.solve.dismantling import find_dismantlings
from agreement.solve.formula import cadical
from agreement.solve.known_protocols import find_rule
from agreement.solve.maps import find_map
from agreement.solve.obstruction import find_obstruction
from agreement.solve.refutation_formula import plain_formula
from agreement.topology.one_round import one_round
from agreement.topology.rounds import all_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.solve.certificates import Document
    from agreement.solve.formula import Numbers
    from agreement.task import Task

__all__ = ["Decision", "Limits", "Verdict", "decide", "refute_rounds"]

MOST_PROCESSES = 6


class Verdict(StrEnum):
    """What is known."""

    SOLVABLE = "solvable"
    UNSOLVABLE = "unsolvable in any number of rounds"
    NOT_IN_ROUNDS = "not solvable in that many rounds"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where to stop: rounds, facets of a complex, conflicts of one run of CaDiCaL."""

    rounds: int = 3
    facets: int = 300_000
    conflicts: int = 200_000


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for `count` processes.

    `rounds`: a protocol with so many was found; `refuted`: there is none with so many. It is the
    least number if rounds = refuted + 1, or 0. Certificates are for the checker, one a claim;
    `tried` tells what was tried in vain.
    """

    task: Task
    count: int
    verdict: Verdict
    rounds: int | None = None
    refuted: int | None = None
    tables: Tables | None = None
    certificates: tuple[Document, ...] = ()
    tried: tuple[str, ...] = ()

    @property
    def least(self) -> int | None:
        """The least number of rounds, if it is known."""
        below = -1 if self.refuted is None else self.refuted
        return self.rounds if self.rounds == below + 1 else None


def decide(
    task: Task,
    count: int,
    *,
    rounds: int | None = None,
    minimum: bool = True,
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Decision:
    """Whether `count` processes can; with `minimum`, in how many rounds at least.

    `rounds` asks for at most so many only. TaskError for more than 6 processes or 62 vertices.
    """
    if not 1 <= count <= MOST_PROCESSES:
        raise TaskError(f"1 to {MOST_PROCESSES} processes are decided for, not {count}")
    if task.graph.order > MOST_VERTICES:
        raise TaskError(f"up to {MOST_VERTICES} vertices are decided, not {task.graph.order}")
    if rounds is not None and rounds < 0:
        raise TaskError(f"there cannot be {rounds} rounds")
    chosen = limits or Limits()
    progress("carriers")
    dismantlings = find_dismantlings(task, count)
    documents: list[Document] = []
    tried: list[str] = []
    if dismantlings is not None:
        documents.append(by_dismantling(task, count, dismantlings))
    else:
        progress("chain maps")
        obstruction = find_obstruction(task, count)
        if obstruction is not None:
            document = by_obstruction(task, count, obstruction)
            return Decision(task, count, Verdict.UNSOLVABLE, certificates=(document,))
        tried.append("some carrier cannot be dismantled; chain maps exist modulo 2, 3 and 5")
    if not minimum and rounds is None and documents:
        return Decision(task, count, Verdict.SOLVABLE, certificates=tuple(documents))
    search = _Search(task, count, chosen, progress, tried)
    found = search.run(chosen.rounds if rounds is None else rounds)
    documents += search.documents
    verdict = _verdict(search, solvable=dismantlings is not None, rounds=rounds)
    return Decision(
        task,
        count,
        verdict,
        found,
        search.refuted,
        search.tables,
        tuple(documents),
        tuple(search.tried),
    )


def _verdict(search: _Search, *, solvable: bool, rounds: int | None) -> Verdict:
    if search.tables is not None or (solvable and rounds is None):
        return Verdict.SOLVABLE
    if rounds is not None and search.refuted == rounds:
        return Verdict.NOT_IN_ROUNDS
    return Verdict.UNKNOWN


class _Search:
    """Rounds from below, until there is a protocol."""

    def __init__(
        self,
        task: Task,
        count: int,
        limits: Limits,
        progress: Callable[[str], None],
        tried: list[str],
    ) -> None:
        self.task, self.count, self.limits, self.progress = task, count, limits, progress
        self.refuted: int | None = None
        self.tables: Tables | None = None
        self.documents: list[Document] = []
        self.tried = tried

    def run(self, most: int) -> int | None:
        """The number of rounds with which a protocol was found."""
        gap = False
        for rounds in range(most + 1):
            self.progress(f"{rounds} rounds")
            tables = self._found(rounds)
            if tables is not None:
                self.tables = tables
                self.documents.append(by_protocol(self.task, self.count, tables))
                return rounds
            document = None if gap else self._refuted(rounds)
            if document is not None:
                # A refutation of more rounds is one of fewer.
                self.documents = [document]
                self.refuted = rounds
            elif not gap:
                gap = True
                self.tried.append(f"{rounds} rounds: neither a protocol nor a refutation")
        self.tried.append(f"up to {most} rounds were tried")
        return None

    def _found(self, rounds: int) -> Tables | None:
        order = self.task.graph.order
        if rounds == 0:
            complete = self.count == 1 or self.task.graph.is_clique(range(order))
            return Tables((), ()) if complete else None
        rule = find_rule(self.task, self.count, rounds)
        if rule is not None:
            return rule
        for sets in (True, False):
            if self._facets(rounds, sets=sets) > self.limits.facets:
                kind = "sets" if sets else "anonymous views"
                self.tried.append(
                    f"{rounds} rounds: more than {self.limits.facets:,} facets of {kind}"
                )
                return None
            conflicts = self.limits.conflicts
            search = find_map(self.task, self.count, rounds, sets=sets, conflicts=conflicts)
            if search.values is not None:
                return search.tables()
        return None

    def _facets(self, rounds: int, *, sets: bool) -> int:
        """The facets of the complex before the last round, at most."""
        order, count = self.task.graph.order, self.count
        if sets:
            width = min(order, count)
            return int(comb(order, width) * factorial(width) ** (rounds - 1))
        ways = len(one_round("immediate", count))
        return int(comb(order + count - 1, count) * ways ** (rounds - 1))

    def _refuted(self, rounds: int) -> Document | None:
        if self._facets(rounds, sets=False) > self.limits.facets:
            return refute_far(self.task, self.count, rounds)
        return refute_rounds(self.task, self.count, rounds, self.limits.conflicts)


def refute_far(task: Task, count: int, rounds: int) -> Document | None:
    """A certificate that so many rounds are too few, from two inputs that are far apart."""
    graph = task.graph
    pairs = combinations(range(graph.order), 2)
    far = max(pairs, key=lambda pair: graph.distance(*pair), default=(0, 0))
    if rounds == 0:
        return without_rounds(task, count, far) if not graph.adjacent_or_equal(*far) else None
    found = refute(task, np.array(list(product(far, repeat=count)), np.int64), rounds)
    return None if found is None else by_consistency(task, count, *found)


def refute_rounds(
    task: Task, count: int, rounds: int, conflicts: int | None = None
) -> Document | None:
    """A certificate that so many rounds are too few; None if there is none within the limit."""
    document = refute_far(task, count, rounds)
    if document is not None or rounds == 0:
        return document
    inputs: Numbers = all_inputs(task.graph.order, count)
    found = refute(task, inputs, rounds)
    if found is not None:
        return by_consistency(task, count, *found)
    plain = plain_formula(task, inputs, rounds)
    answer = cadical(plain.formula, proof=True, conflicts=conflicts)
    if answer.satisfiable is False:
        return by_refutation(task, count, plain, answer.proof)
    return None
