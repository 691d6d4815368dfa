"""Proof by induction over the steps of a transition system, for states of every size.

Of every clause of the invariant Z3 is asked whether it holds at the start, and whether every
transition preserves it, one question each; then whether the properties follow. A clause that fails
is shown by a counterexample to induction: a state that satisfies the invariant, and the one after
it. The state before need not be reachable: the step refutes the proof, and the claim only if a run
leads there.

Before anything is called proved it is shown not to be vacuous: each property fails in some state
that satisfies the axioms, and each witness trace is a run from an initial state in which every step
changes something.
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
"""Milliseconds for the first attempt at a question, and for the last; then it is unknown."""
MORE = (0, 1, 2)
"""Counterexamples are searched in universes with so many more elements of every sort."""


@dataclass(slots=True)
class Induction:
    """The outcome of a proof, question by question."""

    verdict: Verdict = Verdict.HOLDS
    questions: int = 0
    """Put to Z3; what a transition does not touch needs none."""
    used: dict[str, frozenset[str]] = field(default_factory=dict)
    """For every question the axioms, rules and clauses in its unsatisfiable core."""
    traces: int = 0
    """Witness traces that were found."""
    unwitnessed: int = 0
    """Transitions that occur in no witness trace, for a reason that the system gives."""
    shown: str = ""
    """The first failure, or what could not be told, or the reasons for missing witnesses."""
    refutes: Refutes | None = None

    @property
    def finding(self) -> Finding:
        """The same as evidence for a claim."""
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

    HOLDS if all questions have the answer that they should and nothing is vacuous; REFUTED with a
    counterexample to the first that has not; UNKNOWN if Z3 cannot tell, or something was not shown
    to be possible. LocalError if the system is not well-formed.
    """
    return prove(system, tick, k).finding


def prove(system: System, tick: Tick, k: int = 1) -> Induction:
    """Do as `induct`, and return the cores of all questions."""
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
    if told := vacuous(system, tick):
        result.verdict, result.shown = Verdict.UNKNOWN, f"vacuous? {told}"
        return result
    reasons = system.unwitnessed.items()
    result.shown = "\n".join(f"no witness trace has {step!r}: {why}" for step, why in reasons)
    return result


def vacuous(system: System, tick: Tick) -> str:
    """Return what was not shown to be possible in the system's universe, in words; or nothing."""
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
    """A run from an initial state, drawn; and the property that fails at its end, if one does."""

    drawn: str
    against: str | None = None


def find_run(system: System, steps: Sequence[str], against: str | None = None) -> Run | None:
    """Find a run of these transitions in the system's universe; None if Z3 finds none.

    If a property is named, it fails in the last state: the run refutes what is claimed.
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
    """Whether goals hold in the last state of all runs of these steps."""

    name: str
    steps: tuple[str, ...] = ()
    initial: bool = False
    """Whether the runs begin with an initial state.

    If not, all states but the last satisfy the invariant; the last one too if there are no steps.
    """

    last: bool = False
    """Whether the goals are the properties, or the invariant's clauses."""
    idle: bool = True
    """Whether a step may change nothing."""

    def goals(self, system: System) -> Callable[[Symbols], Formulas]:
        """Return what must hold in the last state."""
        return system.properties if self.last else system.invariants


def _questions(system: System, k: int) -> Iterator[_Question]:
    for length in range(k):
        for steps in product(system.transitions, repeat=length):
            yield _Question(SEPARATOR.join(("start", *steps)), steps, initial=True)
    for steps in product(system.transitions, repeat=k):
        yield _Question(SEPARATOR.join(steps), steps)
    yield _Question("any state", last=True)


def _mark(state: int) -> str:
    """Return the mark of a state's symbols, which no symbol of a user's has."""
    return f"{RESERVED}{state}"


@dataclass(slots=True)
class _Unrolled:
    """The states of a question's runs, and what is assumed of them."""

    moments: list[Moment]
    assumed: list[tuple[str, Formulas]] = field(default_factory=list)
    """By kind, of which the names of premises are made."""
    known: Formulas = field(default_factory=dict)
    """The invariant of the last state but one, if it is assumed."""

    @property
    def last(self) -> Symbols:
        """The symbols of the last state."""
        return self.moments[-1].state


def _unrolled(system: System, question: _Question, *, names: bool) -> _Unrolled:
    """Unroll a question's steps.

    With `names`, what a step changes has new symbols, equal to the new meanings, so that a model
    can be read; without, the new meanings themselves, so that no quantifier is added.
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
    """Ask a question, goal by goal; return False after the first that has no proof."""
    unrolled = _unrolled(system, question, names=False)
    premises = Premises(SOON)
    for kind, formulas in unrolled.assumed:
        premises.assume(formulas, kind)
    for name, goal in question.goals(system)(unrolled.last).items():
        if name in unrolled.known and goal.eq(unrolled.known[name]):
            continue
        result.questions += 1
        asked = f"{question.name}: {name}"
        said, _ = premises.fails(goal)
        if said != z3.unsat:
            example = _counterexample(system, question, name)
            if example is not None:
                result.verdict = Verdict.REFUTED
                result.refutes = _refuted(system, question, name)
                result.shown = f"{system.name}: {asked}\n{example}"
                return False
            premises.wait(LATE)
            said, _ = premises.fails(goal)
        if said != z3.unsat:
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
    """Return a small one, drawn; None if there is none among few elements."""
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
    """Draw a run in which the goal, if one is named, fails; None if none was found."""
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
