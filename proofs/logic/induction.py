"""Proof by induction over the steps of a transition system, for states of every size.

Of every clause of the invariant Z3 is asked whether it holds at the start, and whether every
transition keeps it, one question each; then whether the properties follow. A clause that fails is
shown by a step: a state that satisfies the invariant, and the one after it. The state before need
not be reachable: the step refutes the proof, and the claim only if a run leads there.

Before anything is called proved it is shown not to be vacuous: there is an initial state, and every
transition can be made from some state that satisfies the invariant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import z3

from agreement.explore import Verdict
from models.claim import Finding
from proofs.logic.countermodel import Moment, shown
from proofs.logic.finite import Universe, symbols_of
from proofs.logic.premises import Premises
from proofs.logic.system import after, declare, every, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from models.claim import Tick
    from proofs.logic.system import Formulas, Signature, Symbols, System

__all__ = ["Induction", "induct", "prove", "reach", "vacuous"]

SOON, LATE = 3_000, 30_000
"""Milliseconds for the first attempt at a question, and for the last; then it is unknown."""
MORE = (0, 1, 2)
"""Counterexamples are looked for in universes with so many more elements of every sort."""


@dataclass(slots=True)
class Induction:
    """What came out."""

    verdict: Verdict = Verdict.HOLDS
    questions: int = 0
    """Put to Z3; what a transition does not touch needs none."""
    used: dict[str, frozenset[str]] = field(default_factory=dict)
    """For every question the axioms, rules and clauses in its unsatisfiable core."""
    shown: str = ""
    """The first failure, or what could not be told."""

    @property
    def finding(self) -> Finding:
        """For a claim."""
        premises = {each for core in self.used.values() for each in core}
        figures = (("questions", self.questions), ("premises used", len(premises)))
        return Finding(self.verdict, figures, self.shown)


def induct(system: System, tick: Tick, k: int = 1) -> Finding:
    """The proof of a system, and that it is not vacuous; k-induction if ``k`` is more than 1.

    HOLDS if all questions have the answer that they should; REFUTED with a counterexample to the
    first that has not; UNKNOWN if Z3 cannot tell, or something was not shown to be possible.
    """
    return prove(system, tick, k).finding


def prove(system: System, tick: Tick, k: int = 1) -> Induction:
    """The same with the cores of all questions."""
    _separate(system)
    result = Induction()
    for run in _runs(system, k):
        tick(run.name)
        if not _decide(system, run, result):
            return result
    if told := vacuous(system, tick):
        result.verdict, result.shown = Verdict.UNKNOWN, f"vacuous? {told}"
    return result


def _separate(system: System) -> None:
    """Axioms are of what never changes: they may not speak of the state."""
    spoken = {str(each) for axiom in system.axioms.values() for each in symbols_of(axiom)}
    if both := spoken & set(system.state):
        raise AssertionError(f"{system.name}: axioms speak of {', '.join(sorted(both))}")


def vacuous(system: System, tick: Tick) -> str:
    """What was not shown to be possible within the system's universe, for people; or nothing."""
    if reach(system, ()) is None:
        return f"{system.name}: no initial state"
    state = declare(system.state)
    universe = Universe(system.universe, LATE)
    universe.add(system.axioms.values())
    universe.add(system.invariants(state).values())
    for name, transition in system.transitions.items():
        tick(f"can {name} be made?")
        chosen = declare(transition.chooses, f" of {name}")
        if not universe.allows(transition.when(state, chosen).values()):
            return f"{system.name}: {name} is never made"
    if reach(system, system.tour) is None:
        return f"{system.name}: no run is {', '.join(system.tour)}"
    return ""


def reach(system: System, steps: Sequence[str], against: str = "") -> str | None:
    """A run of these transitions within the system's universe, shown; None if Z3 finds none.

    If a property is named, it fails in the last state: the run refutes what is claimed.
    """
    run = _Run("", tuple(steps), initial=True, last=bool(against))
    return _example(system, run, against, system.universe)


@dataclass(frozen=True, slots=True)
class _Run:
    """A question: whether the goals hold in the last state."""

    name: str
    steps: tuple[str, ...] = ()
    initial: bool = False
    """Whether it begins with an initial state.

    If not, all states but the last satisfy the invariant; the last one too if there are no steps.
    """

    last: bool = False
    """Whether the goals are the properties, or the invariant's clauses."""

    def goals(self, system: System) -> Callable[[Symbols], Formulas]:
        """What must hold in the last state."""
        return system.properties if self.last else system.invariants


def _runs(system: System, k: int) -> Iterator[_Run]:
    for length in range(k):
        for steps in product(system.transitions, repeat=length):
            yield _Run(", ".join(("start", *steps)), steps, initial=True)
    for steps in product(system.transitions, repeat=k):
        yield _Run(", ".join(steps), steps)
    yield _Run("any state", last=True)


def _decide(system: System, run: _Run, result: Induction) -> bool:
    """Put a run's questions, goal by goal; False after the first that has no proof."""
    premises = Premises(SOON)
    premises.assume(system.axioms, "axiom")
    state = declare(system.state)
    known: Formulas = {}
    if run.initial:
        premises.assume(system.init(state), "start")
    elif not run.steps:
        premises.assume(system.invariants(state), "invariant")
    for number, step in enumerate(run.steps):
        if not run.initial:
            known = system.invariants(state)
            premises.assume(known, f"invariant {number}" if number else "invariant")
        transition = system.transitions[step]
        chosen = declare(transition.chooses, f" of step {number}")
        premises.assume(transition.when(state, chosen), f"{step} {number}" if number else step)
        state = after(transition, state, chosen)
    for name, goal in run.goals(system)(state).items():
        if name in known and goal.eq(known[name]):
            continue
        result.questions += 1
        question = f"{run.name}: {name}"
        said, _ = premises.fails(goal)
        if said != z3.unsat:
            example = _counterexample(system, run, name)
            if example is not None:
                result.verdict = Verdict.REFUTED
                result.shown = f"{system.name}: {question}\n{example}"
                return False
            premises.wait(LATE)
            said, _ = premises.fails(goal)
        if said != z3.unsat:
            result.verdict = Verdict.UNKNOWN
            result.shown = f"{system.name}: {question}: {premises.solver.reason_unknown()}"
            return False
        result.used[question] = premises.core
    return True


def _counterexample(system: System, run: _Run, goal: str) -> str | None:
    """A small one, shown; None if there is none among few elements."""
    for more in MORE:
        universe = {sort: size + more for sort, size in system.universe.items()}
        if example := _example(system, run, goal, universe):
            return example
    return None


def _example(system: System, run: _Run, goal: str, sizes: Mapping[z3.SortRef, int]) -> str | None:
    """The states of a run in which the goal, if there is one, fails; None if none was found."""
    universe = Universe(sizes, LATE)
    universe.add(system.axioms.values())
    moments = [Moment(declare(system.state))]
    if run.initial:
        universe.add(system.init(moments[0].state).values())
    for number, step in enumerate(run.steps, start=1):
        before, transition = moments[-1].state, system.transitions[step]
        if not run.initial:
            universe.add(system.invariants(before).values())
        chosen = declare(transition.chooses, f" of step {number}")
        universe.add(transition.when(before, chosen).values())
        changed = transition.then(before, chosen)
        now = {name: named(f"{name} after {number}", system.state[name]) for name in changed}
        universe.add(_means(now[name], changed[name], system.state[name]) for name in changed)
        moments.append(Moment(before.but(now), step, chosen))
    last = moments[-1].state
    if not run.initial and not run.steps:
        universe.add(system.invariants(last).values())
    if goal:
        universe.add([z3.Not(run.goals(system)(last)[goal])])
    model = universe.model()
    return None if model is None else shown(model, universe.elements, system, moments)


def _means(symbol: Any, meaning: Any, signature: Signature) -> z3.BoolRef:
    """That a symbol means this."""
    *arguments, _ = signature
    if not arguments:
        return symbol == meaning
    return every(arguments, lambda *each: symbol(*each) == meaning(*each))
