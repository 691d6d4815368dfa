"""Decide whether n processes can agree on a graph, wait-free, and in how few rounds.

**Decision maps** [D, standard]. Consider a full-information protocol of k rounds of immediate
snapshots, each round on fresh memory. A process decides by its view after k rounds, which is a
vertex of the k-fold chromatic subdivision of the complex of all inputs. The protocol is right if
and only if

1. each view decides a value in D(S), where S is the set of inputs that the view knows of, and
2. the vertices of each simplex decide values that are pairwise adjacent or equal.

*(1)* is necessary because the view also occurs in a run in which only the processes with the inputs
S take a step; it is sufficient because D(S) grows with S. *(2)* holds because the views of a
simplex are those that occur together in a run. Agreement is about pairs, so it is enough to look at
edges. Hence solving in k rounds is a list homomorphism from the 1-skeleton to the graph with loops;
the lists are the carriers. Crashes change nothing: the views of crashed processes are missing, and
both conditions are about the views that are left. D is the carrier map as it is stated, whether or
not it is closed under composition. From a map for k rounds there is one for k + 1: ignore the last
round.

**Method.** If all carriers can be dismantled (`dismantling`), the task is solvable. Otherwise, if
some chain map does not exist (`obstruction`), it is unsolvable. Otherwise, and for the least number
of rounds, k = 0, 1, ... are tried in turn: a map of anonymous views is looked for by arc
consistency, by one order of the vertices, and by CaDiCaL (`maps`); if there is none, a refutation
for named views is looked for by arc consistency (`consistency`) and by CaDiCaL
(`refutation_formula`). Every answer comes with certificates that `certificate_checker` accepts.
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
from agreement.solve.refutation_formula import named_formula
from agreement.topology.one_round import one_round
from agreement.topology.rounds import all_inputs
from agreement.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.solve.certificates import Document
    from agreement.solve.formula import Numbers
    from agreement.task import Task

__all__ = ["Decision", "Limits", "Solvability", "decide", "refute_rounds"]

MOST_PROCESSES = 6


class Solvability(StrEnum):
    """The answer that `decide` gives about a task."""

    SOLVABLE = "solvable"
    UNSOLVABLE = "unsolvable in any number of rounds"
    NOT_IN_ROUNDS = "not solvable in that many rounds"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a search: rounds, facets of a complex, conflicts in one run of CaDiCaL."""

    rounds: int = 3
    facets: int = 300_000
    conflicts: int = 200_000


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for `count` processes, with its certificates, one for each claim.

    A protocol with `rounds` rounds was found, which decides by `tables`; there is none with
    `refuted` rounds. Each is None if nothing was found. `tried` says what was tried in vain.
    """

    task: Task
    count: int
    verdict: Solvability
    rounds: int | None = None
    refuted: int | None = None
    tables: Tables | None = None
    certificates: tuple[Document, ...] = ()
    tried: tuple[str, ...] = ()

    @property
    def least(self) -> int | None:
        """The least number of rounds; None if it is not known."""
        return least_rounds(self.rounds, self.refuted)


def least_rounds(found: int | None, refuted: int | None) -> int | None:
    """Return the number of rounds `found` if one round less was refuted, or if it is 0."""
    below = -1 if refuted is None else refuted
    return found if found == below + 1 else None


def decide(
    task: Task,
    count: int,
    *,
    rounds: int | None = None,
    minimum: bool = True,
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Decision:
    """Decide whether `count` processes can solve the task.

    With `minimum`, look for the least number of rounds too; with `rounds`, only for protocols with
    at most that many. `progress` is called with the name of each step as it begins. Raise TaskError
    for more than 6 processes or 62 vertices.
    """
    if not 1 <= count <= MOST_PROCESSES:
        raise TaskError(
            f"cannot decide for {count} processes: give 1 to {MOST_PROCESSES} processes"
        )
    if task.graph.order > MOST_VERTICES:
        raise TaskError(
            f"cannot decide a graph of {task.graph.order} vertices: there may be up to "
            f"{MOST_VERTICES} vertices"
        )
    if rounds is not None and rounds < 0:
        raise TaskError(f"cannot decide for {rounds} rounds: give 0 or more")
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
            return Decision(task, count, Solvability.UNSOLVABLE, certificates=(document,))
        tried.append("some carrier cannot be dismantled; chain maps exist modulo 2, 3 and 5")
    if not minimum and rounds is None and documents:
        return Decision(task, count, Solvability.SOLVABLE, certificates=tuple(documents))
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


def _verdict(search: _Search, *, solvable: bool, rounds: int | None) -> Solvability:
    if search.tables is not None or (solvable and rounds is None):
        return Solvability.SOLVABLE
    if rounds is not None and search.refuted == rounds:
        return Solvability.NOT_IN_ROUNDS
    return Solvability.UNKNOWN


class _Search:
    """The search for the least number of rounds, upwards from 0."""

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
        """Return the number of rounds of the protocol found; None if none has up to `most`."""
        gap = False
        for rounds in range(most + 1):
            self.progress(counted(rounds, "round"))
            tables = self._found(rounds)
            if tables is not None:
                self.tables = tables
                self.documents.append(by_protocol(self.task, self.count, tables))
                return rounds
            document = None if gap else self._refuted(rounds)
            if document is not None:
                # No protocol in so many rounds means none in fewer: one certificate is enough.
                self.documents = [document]
                self.refuted = rounds
            elif not gap:
                gap = True
                self.tried.append(
                    f"{counted(rounds, 'round')}: neither a protocol nor a refutation"
                )
        self.tried.append(f"all numbers of rounds up to {most} were tried")
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
                    f"{counted(rounds, 'round')}: more than {self.limits.facets:,} facets of {kind}"
                )
                return None
            conflicts = self.limits.conflicts
            search = find_map(self.task, self.count, rounds, sets=sets, conflicts=conflicts)
            if search.values is not None:
                return search.tables()
        return None

    def _facets(self, rounds: int, *, sets: bool) -> int:
        """Return an upper bound on the number of facets before the last round."""
        order, count = self.task.graph.order, self.count
        if sets:
            width = min(order, count)
            return int(comb(order, width) * factorial(width) ** (rounds - 1))
        schedules = len(one_round("immediate", count))
        return int(comb(order + count - 1, count) * schedules ** (rounds - 1))

    def _refuted(self, rounds: int) -> Document | None:
        if self._facets(rounds, sets=False) > self.limits.facets:
            return refute_far(self.task, self.count, rounds)
        return refute_rounds(self.task, self.count, rounds, self.limits.conflicts)


def refute_far(task: Task, count: int, rounds: int) -> Document | None:
    """Refute `rounds` rounds from only two inputs, as far apart as possible.

    Return a certificate, or None if this does not refute them.
    """
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
    """Return a certificate that `rounds` rounds are too few, or None if none was found.

    `conflicts` limits CaDiCaL.
    """
    document = refute_far(task, count, rounds)
    if document is not None or rounds == 0:
        return document
    inputs: Numbers = all_inputs(task.graph.order, count)
    found = refute(task, inputs, rounds)
    if found is not None:
        return by_consistency(task, count, *found)
    named = named_formula(task, inputs, rounds)
    answer = cadical(named.formula, proof=True, conflicts=conflicts)
    if answer.satisfiable is False:
        return by_refutation(task, count, named, answer.proof)
    return None
