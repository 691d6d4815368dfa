"""Proof by induction over the steps of a transition system, for states of every size.

Z3 is asked one question at a time: whether each clause of the invariant holds initially, whether
each transition preserves it, and whether the properties follow. If a clause fails, a counterexample
to induction is shown: a state that satisfies the invariant, and a step after which the clause is
false. The state before the step need not be reachable. So the step refutes the proof; it refutes
the claim only if a run leads to it.

A proof also shows that the result is not vacuous: each property fails in some state that satisfies
the axioms, and each witness trace is a run from an initial state in which every step changes
something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import z3

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification.claim import Finding, Refutes
from ttkem.verification.countermodel import Moment, shown
from ttkem.verification.finite import RESERVED, Universe
from ttkem.verification.premises import Premises
from ttkem.verification.system import declare, every, named, some
from ttkem.verification.wellformed import SEPARATOR, check_run, check_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ttkem.verification.claim import Tick
    from ttkem.verification.system import Formulas, Signature, Symbols, System

__all__ = ["Induction", "Run", "find_run", "induct", "prove", "vacuous"]

SOON, LATE = 3_000, 30_000
"""Z3's milliseconds for the first attempt at a question, and for the last."""
MORE = (0, 1, 2)
"""How many elements of each sort are added to the system's universe to find a counterexample."""


@dataclass(slots=True)
class Induction:
    """The outcome of a proof, question by question."""

    verdict: Verdict = Verdict.HOLDS
    questions: int = 0
    """The number of questions put to Z3; a clause that a transition does not touch needs none."""
    used: dict[str, frozenset[str]] = field(default_factory=dict)
    """The axioms, premises and clauses in the unsatisfiable core of each question."""
    traces: int = 0
    """The number of witness traces found."""
    unwitnessed: int = 0
    """The number of transitions that occur in no witness trace; the system gives the reasons."""
    shown: str = ""
    """The first failure, or what is unknown, or the reasons for missing witness traces."""
    refutes: Refutes | None = None

    @property
    def finding(self) -> Finding:
        """The outcome as evidence for a claim."""
        premises = {each for core in self.used.values() for each in core}
        figures = (
            ("questions", self.questions),
            ("premises used", len(premises)),
            ("witness traces", self.traces),
            *([("transitions without a witness", self.unwitnessed)] * bool(self.unwitnessed)),
        )
        return Finding(self.verdict, figures, self.shown, self.refutes)


def induct(system: System, tick: Tick, k: int = 1) -> Finding:
    """Prove a system's properties, by k-induction if ``k`` is more than 1.

    HOLDS if every goal follows and nothing is vacuous; REFUTED with a counterexample to the first
    goal that does not follow; UNKNOWN if Z3 gives no answer, or if the proof may be vacuous. Raise
    LocalError if the system is not well-formed.
    """
    return prove(system, tick, k).finding


def prove(system: System, tick: Tick, k: int = 1) -> Induction:
    """Prove as `induct` does, and return the unsatisfiable cores of all questions."""
    if type(k) is not int or k < 1:
        raise LocalError(f"cannot prove by induction over {k!r} steps: k is 1 or more")
    check_system(system)
    result = Induction()
    for question in _questions(system, k):
        tick(question.name)
        if not _decide(system, question, result):
            return result
    result.traces = len(system.witnesses)
    result.unwitnessed = len(system.unwitnessed)
    if missing := vacuous(system, tick):
        result.verdict, result.shown = Verdict.UNKNOWN, f"vacuous? {missing}"
        return result
    reasons = system.unwitnessed.items()
    result.shown = "\n".join(f"no witness trace has {step!r}: {why}" for step, why in reasons)
    return result


def vacuous(system: System, tick: Tick) -> str:
    """Return in words what was not found in the system's universe, or an empty string."""
    if find_run(system, ()) is None:
        return f"{system.name}: no initial state"
    state = declare(system.state, _mark(0))
    universe = Universe(system.universe, LATE)
    universe.add(system.axioms.values())
    for name, formula in system.properties(state).items():
        tick(f"can {name} fail?")
        if not universe.allows([z3.Not(formula)]):
            return f"{system.name}: {name!r} fails in no state, reachable or not"
    for trace in system.witnesses:
        tick(f"witness trace: {SEPARATOR.join(trace)}")
        question = _Question("", tuple(trace), initial=True, idle=False)
        if _example(system, question, system.universe) is None:
            run = SEPARATOR.join(trace)
            return f"{system.name}: no run in which every step changes something is {run}"
    return ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run from an initial state, as text, and the property that fails at its end, if any."""

    drawn: str
    against: str | None = None


def find_run(system: System, steps: Sequence[str], against: str | None = None) -> Run | None:
    """Return a run of these transitions in the system's universe, or None if Z3 finds none.

    If a property is given in `against`, it fails in the last state: the run refutes the claim.
    """
    check_system(system)
    check_run(system, steps)
    question = _Question("", tuple(steps), initial=True, last=True)
    if against is not None:
        known = system.properties(declare(system.state))
        if against not in known:
            there = SEPARATOR.join(map(repr, known))
            raise LocalError(f"{system.name}: no property is called {against!r}; there is {there}")
    drawn = _example(system, question, system.universe, against)
    return None if drawn is None else Run(drawn, against)


@dataclass(frozen=True, slots=True)
class _Question:
    """The question whether all goals hold in the last state of all runs of these steps."""

    name: str
    steps: tuple[str, ...] = ()
    initial: bool = False
    """Whether the runs begin with an initial state.

    If not, all states but the last satisfy the invariant; the last one too if there are no steps.
    """

    last: bool = False
    """Whether the goals are the properties; if not, they are the invariant's clauses."""
    idle: bool = True
    """Whether a step may change nothing."""

    def goals(self, system: System) -> Callable[[Symbols], Formulas]:
        """Return the function that gives the goals for a state."""
        return system.properties if self.last else system.invariants


def _questions(system: System, k: int) -> Iterator[_Question]:
    for length in range(k):
        for steps in product(system.transitions, repeat=length):
            yield _Question(SEPARATOR.join(("start", *steps)), steps, initial=True)
    for steps in product(system.transitions, repeat=k):
        yield _Question(SEPARATOR.join(steps), steps)
    yield _Question("any state", last=True)


def _mark(state: int) -> str:
    """Return the mark of a state's symbols; no symbol of the system's author has it."""
    return f"{RESERVED}{state}"


@dataclass(slots=True)
class _Unrolled:
    """The states of a question's runs, and the assumptions about them."""

    moments: list[Moment]
    assumed: list[tuple[str, Formulas]] = field(default_factory=list)
    """The assumptions by kind; premises are named after kind and formula."""
    known: Formulas = field(default_factory=dict)
    """The invariant of the last state but one, if it is assumed."""

    @property
    def last(self) -> Symbols:
        """The symbols of the last state."""
        return self.moments[-1].state


def _unrolled(system: System, question: _Question, *, names: bool) -> _Unrolled:
    """Unroll a question's steps.

    With `names`, each step gives new symbols to what it changes, and assumes them equal to the new
    meanings, so that a model shows their values. Without, the new meanings are substituted, so that
    no quantifier is added.
    """
    unrolled = _Unrolled([Moment(declare(system.state, _mark(0)))], [("axiom", system.axioms)])
    if question.initial:
        unrolled.assumed.append(("start", system.init(unrolled.last)))
    elif not question.steps:
        unrolled.assumed.append(("invariant", system.invariants(unrolled.last)))
    for number, step in enumerate(question.steps):
        before, transition = unrolled.last, system.transitions[step]
        suffix = f" {number}" if number else ""
        if not question.initial:
            unrolled.known = system.invariants(before)
            unrolled.assumed.append((f"invariant{suffix}", unrolled.known))
        chosen = declare(transition.chooses, f"{RESERVED}step {number}")
        unrolled.assumed.append((f"{step}{suffix}", transition.when(before, chosen)))
        changed = transition.then(before, chosen)
        if names:
            meant, mark = changed, _mark(number + 1)
            changed = {name: named(name + mark, system.state[name]) for name in meant}
            pairs = [(changed[name], meant[name], system.state[name]) for name in meant]
            same = {str(at): _equal(*pair) for at, pair in enumerate(pairs)}
            unrolled.assumed.append(("meaning", same))
            if not question.idle:
                moved = [_differ(changed[n], getattr(before, n), system.state[n]) for n in meant]
                unrolled.assumed.append(("change", {"something": z3.Or(*moved)}))
        unrolled.moments.append(Moment(before.but(changed), step, chosen))
    return unrolled


def _decide(system: System, question: _Question, result: Induction) -> bool:
    """Ask a question, goal by goal; return False after the first goal without a proof."""
    unrolled = _unrolled(system, question, names=False)
    premises = Premises(SOON)
    for kind, formulas in unrolled.assumed:
        premises.assume(formulas, kind)
    for name, goal in question.goals(system)(unrolled.last).items():
        if name in unrolled.known and goal.eq(unrolled.known[name]):
            continue
        result.questions += 1
        asked = f"{question.name}: {name}"
        answer, _ = premises.fails(goal)
        if answer != z3.unsat:
            example = _counterexample(system, question, name)
            if example is not None:
                result.verdict = Verdict.REFUTED
                result.refutes = _refuted(system, question, name)
                result.shown = f"{system.name}: {asked}\n{example}"
                return False
            premises.wait(LATE)
            answer, _ = premises.fails(goal)
        if answer != z3.unsat:
            result.verdict = Verdict.UNKNOWN
            result.shown = f"{system.name}: {asked}: {premises.solver.reason_unknown()}"
            return False
        result.used[asked] = premises.core
    return True


def _refuted(system: System, question: _Question, goal: str) -> Refutes:
    """Return what the failure of a goal refutes.

    A run from an initial state refutes the statement only if the goal is one of the properties.
    """
    if not question.initial:
        return Refutes.LEMMA
    if not question.steps:
        return Refutes.START
    state = declare(system.state)
    clause = question.goals(system)(state)[goal]
    claimed = any(clause.eq(each) for each in system.properties(state).values())
    return Refutes.STATEMENT if claimed else Refutes.LEMMA


def _counterexample(system: System, question: _Question, goal: str) -> str | None:
    """Return a small counterexample as text, or None if there is none with few elements."""
    for more in MORE:
        universe = {sort: size + more for sort, size in system.universe.items()}
        if example := _example(system, question, universe, goal):
            return example
    return None


def _example(
    system: System,
    question: _Question,
    sizes: Mapping[z3.SortRef, int],
    goal: str | None = None,
) -> str | None:
    """Return a run in which the goal, if given, fails, as text; None if none was found."""
    unrolled = _unrolled(system, question, names=True)
    universe = Universe(sizes, LATE)
    for _, formulas in unrolled.assumed:
        universe.add(formulas.values())
    if goal is not None:
        universe.add([z3.Not(question.goals(system)(unrolled.last)[goal])])
    model = universe.model()
    return None if model is None else shown(model, universe, system, unrolled.moments)


def _equal(symbol: Any, meaning: Any, signature: Signature) -> z3.BoolRef:
    """Return the formula that a symbol has a meaning."""
    *arguments, _ = signature
    if not arguments:
        return symbol == meaning
    return every(arguments, lambda *each: symbol(*each) == meaning(*each))


def _differ(symbol: Any, before: Any, signature: Signature) -> z3.BoolRef:
    """Return the formula that a symbol has another meaning than before."""
    *arguments, _ = signature
    if not arguments:
        return symbol != before
    return some(arguments, lambda *each: symbol(*each) != before(*each))
