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
some chain map does not exist (`obstruction`), it is unsolvable. A known protocol gives an upper
bound on the rounds (`known_protocols`). For the least number, and if the answer is not known yet,
k = 0, 1, ... are tried in turn: a refutation from two inputs is looked for, then a map of anonymous
views by arc consistency, by one order of the vertices, and by CaDiCaL (`maps`); if there is none, a
refutation for named views from all inputs by arc consistency (`consistency`) and by CaDiCaL
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
from agreement.protocols.protocol import halvings
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
from agreement.solve.formula import FormulaTooLargeError, cadical
from agreement.solve.known_protocols import Rule, find_rule, rule_with_fewest_rounds
from agreement.solve.maps import find_map
from agreement.solve.obstruction import find_obstruction
from agreement.solve.refutation_formula import named_formula
from agreement.topology.one_round import one_round
from agreement.topology.rounds import MOST_FACETS, all_inputs
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
    `refuted` rounds. Each is None if nothing was found. `rule` is the known protocol with the
    fewest rounds, if there is one; it has no certificate of its own. `tried` says what was tried in
    vain.
    """

    task: Task
    count: int
    verdict: Solvability
    rounds: int | None = None
    refuted: int | None = None
    tables: Tables | None = None
    certificates: tuple[Document, ...] = ()
    tried: tuple[str, ...] = ()
    rule: Rule | None = None

    @property
    def least(self) -> int | None:
        """The least number of rounds; None if it is not known."""
        return least_rounds(self.rounds, self.refuted)

    @property
    def at_least(self) -> int:
        """The number of rounds that every protocol has at least."""
        return 0 if self.refuted is None else self.refuted + 1

    @property
    def at_most(self) -> int | None:
        """A number of rounds that suffice; None if none is known.

        It is that of the protocol found or, without a certificate, that of `rule`.
        """
        known = (self.rounds, None if self.rule is None else self.rule.rounds)
        return min((rounds for rounds in known if rounds is not None), default=None)


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
    keep: Callable[[Decision], None] = lambda _: None,
) -> Decision:
    """Decide whether `count` processes can solve the task.

    With `minimum`, look for the least number of rounds too; with `rounds`, only for protocols with
    at most that many. `progress` is called with the name of each step as it begins. `keep` is
    called with the decision so far whenever more is known: this function reads no clock, and a
    caller that interrupts it by an exception has what was found until then. Raise TaskError for
    more than 6 processes or 62 vertices.
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
    search = _Search(task, count, limits or Limits(), progress, keep, rounds)
    if search.settle(minimum=minimum):
        search.run()
    return search.so_far()


class _Search:
    """A decision in the making: whether there is a protocol, and with how few rounds.

    `general` are the certificates about any number of rounds, `below` the one of the greatest
    number of rounds that was refuted, `protocol` that of the protocol found. `rounds` is the
    greatest number of rounds that is allowed; None for any number.
    """

    def __init__(
        self,
        task: Task,
        count: int,
        limits: Limits,
        progress: Callable[[str], None],
        keep: Callable[[Decision], None],
        rounds: int | None,
    ) -> None:
        self.task, self.count, self.limits, self.rounds = task, count, limits, rounds
        self.progress, self.keep = progress, keep
        self.verdict: Solvability | None = None
        self.refuted: int | None = None
        self.tables: Tables | None = None
        self.rule: Rule | None = None
        self.general: list[Document] = []
        self.below: list[Document] = []
        self.protocol: list[Document] = []
        self.tried: list[str] = []

    def so_far(self) -> Decision:
        """Return the decision by what is known now."""
        found = None if self.tables is None else self.tables.rounds
        verdict = self.verdict
        if verdict is None and self.tables is not None:
            verdict = Solvability.SOLVABLE
        if verdict is None and self.rounds is not None and self.refuted == self.rounds:
            verdict = Solvability.NOT_IN_ROUNDS
        documents = (*self.general, *self.below, *self.protocol)
        return Decision(
            self.task,
            self.count,
            verdict or Solvability.UNKNOWN,
            found,
            self.refuted,
            self.tables,
            documents,
            tuple(self.tried),
            self.rule,
        )

    def settle(self, *, minimum: bool) -> bool:
        """Decide by carriers, chain maps and known protocols; return whether to search rounds."""
        self.progress("carriers")
        dismantlings = find_dismantlings(self.task, self.count)
        if dismantlings is not None:
            self.general = [by_dismantling(self.task, self.count, dismantlings)]
            if self.rounds is None:
                self.verdict = Solvability.SOLVABLE
                self.keep(self.so_far())
                if not minimum:
                    return False
        else:
            self.progress("chain maps")
            obstruction = find_obstruction(self.task, self.count)
            if obstruction is not None:
                self.verdict = Solvability.UNSOLVABLE
                self.general = [by_obstruction(self.task, self.count, obstruction)]
                return False
            self.tried.append(
                "some carrier cannot be dismantled; chain maps exist modulo 2, 3 and 5"
            )
        if self.rounds is None and self.count > 1:
            self.progress("known protocols")
            self._take_rule(dismantlable=dismantlings is not None)
        return True

    def _take_rule(self, *, dismantlable: bool) -> None:
        """Take the number of rounds of a known protocol as an upper bound.

        If it is more than will be searched, take its tables, too.
        """
        self.rule = rule_with_fewest_rounds(self.task, self.count, dismantlable=dismantlable)
        self.keep(self.so_far())
        if self.rule is not None and self.rule.rounds > self.limits.rounds:
            self._take_its_tables(self.rule)

    def _take_its_tables(self, rule: Rule) -> None:
        """Take a known protocol's tables, if they are small enough for a certificate."""
        tables = rule.tables(self.task, self.count)
        if tables is not None:
            self._take(tables)

    def _take(self, tables: Tables) -> None:
        self.tables = tables
        self.protocol = [by_protocol(self.task, self.count, tables)]
        self.keep(self.so_far())

    def run(self) -> None:
        """Search for the least number of rounds, upwards from 0."""
        most = self.limits.rounds if self.rounds is None else self.rounds
        gap = False
        for rounds in range(most + 1):
            self.progress(counted(rounds, "round"))
            quick = None if gap else self._refuted_quickly(rounds)
            tables = None if quick is not None else self._found(rounds)
            if tables is not None:
                self._take(tables)
                return
            document = quick if gap or quick is not None else self._refuted(rounds)
            if document is not None:
                self._refute(rounds, document)
            elif not gap:
                gap = True
                self.tried.append(
                    f"{counted(rounds, 'round')}: neither a protocol nor a refutation"
                )
        if self.rule is not None:
            if self.tables is None:
                self._take_its_tables(self.rule)
            if not gap:
                self._approach(self.rule.rounds, most + 1)
        decision = self.so_far()
        if decision.at_least != decision.at_most:
            self.tried.append(f"all numbers of rounds up to {most} were tried")

    def _refute(self, rounds: int, document: Document) -> None:
        # No protocol in so many rounds means none in fewer: one certificate is enough.
        self.below = [document]
        self.refuted = rounds
        self.keep(self.so_far())

    def _approach(self, known: int, rounds: int) -> None:
        """Refute from `rounds` rounds on, as long as that is quick, below the `known` bound."""
        for fewer in range(rounds, known):
            self.progress(counted(fewer, "round"))
            document = self._refuted_quickly(fewer)
            if document is None:
                return
            self._refute(fewer, document)

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
            try:
                search = find_map(self.task, self.count, rounds, sets=sets, conflicts=conflicts)
            except FormulaTooLargeError as error:
                self.tried.append(f"{rounds} rounds: {error}")
                return None
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

    def _refuted_quickly(self, rounds: int) -> Document | None:
        """Refute from two inputs, if that takes few facets, before a protocol is searched for.

        A graph that is too long for so many rounds is then found out without a search.
        """
        few = facets_from_two(self.count, rounds) <= self.limits.facets
        return refute_far(self.task, self.count, rounds) if few else None

    def _refuted(self, rounds: int) -> Document | None:
        few = facets_from_two(self.count, rounds) <= self.limits.facets
        if self._facets(rounds, sets=False) <= self.limits.facets:
            conflicts = self.limits.conflicts
            try:
                return refute_rounds(self.task, self.count, rounds, conflicts, far=not few)
            except FormulaTooLargeError as error:
                self.tried.append(f"{rounds} rounds: {error}")
                return None
        return None if few else refute_far(self.task, self.count, rounds)


def facets_from_two(count: int, rounds: int) -> int:
    """Return the number of facets before the last round if there are two inputs."""
    before = max(0, rounds - 1)
    return int(2**count * len(one_round("immediate", count)) ** before)


def refute_far(task: Task, count: int, rounds: int) -> Document | None:
    """Refute `rounds` rounds from only two inputs, as far apart as possible.

    Return a certificate, or None if this does not refute them, or takes too many facets.
    """
    graph = task.graph
    if count == 1:
        return None
    pairs = combinations(range(graph.order), 2)
    far = max(pairs, key=lambda pair: graph.distance(*pair), default=(0, 0))
    if rounds == 0:
        return without_rounds(task, count, far) if not graph.adjacent_or_equal(*far) else None
    # The protocol for a shortest path between the two inputs takes so many rounds. With that many,
    # there is a map from these inputs, and nothing to refute.
    enough = halvings(graph.distance(*far), 3 if count == 2 else 2)  # noqa: PLR2004
    if rounds >= enough or facets_from_two(count, rounds) > MOST_FACETS:
        return None
    found = refute(task, np.array(list(product(far, repeat=count)), np.int64), rounds)
    return None if found is None else by_consistency(task, count, *found)


def refute_rounds(
    task: Task, count: int, rounds: int, conflicts: int | None = None, *, far: bool = True
) -> Document | None:
    """Return a certificate that `rounds` rounds are too few, or None if none was found.

    `conflicts` limits CaDiCaL. Without `far`, leave out `refute_far`, which the caller has tried.
    """
    document = refute_far(task, count, rounds) if far else None
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
