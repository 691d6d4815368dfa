"""Premises and effects of any transition system, compared with observed steps of real runs.

A step of a run must satisfy every premise of its transition, and the state after it must be the one
that the effects give. And no formula may allow *less* than the protocol: `mutants` makes formulas
that do, and a step must contradict each, or Z3 must show that the invariant and the premises imply
it. See :mod:`strengthened`, which does more of the same for one system.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import z3
from finite_model import Formula
from strengthened import Part, atom_of, without_a_part

from ttkem.verification.system import declare, every

TRUTH = z3.BoolSort()
EFFORT = 4_000_000
"""Z3's resource limit for a question; a mutant that it does not decide counts as alive."""


@dataclass(frozen=True)
class Step:
    """A step of a run: its transition, the state before it with the choice, the state after it."""

    transition: str
    sizes: dict
    tables: dict
    after: dict


class Tied:
    """A system whose transitions are compared with steps of runs.

    ``where`` gives, for functions that are partial, the formula under which they mean something;
    ``at_least`` names relations of which the system may have more than the run shows; ``ghosts``
    are relations that no premise and no property reads.
    """

    def __init__(self, system, where=None, at_least=(), ghosts=()):
        self.system = system
        self.where = where or {}
        self.at_least, self.ghosts, self._known = at_least, ghosts, {}
        self.state, self.after = declare(system.state), declare(system.state, "'")

    def chosen(self, transition):
        return declare(self.system.transitions[transition].chooses, "?")

    def premises(self, transition):
        return self.system.transitions[transition].when(self.state, self.chosen(transition))

    def effects(self, transition):
        return self.system.transitions[transition].then(self.state, self.chosen(transition))

    def afterwards(self, name, meaning):
        """State that a symbol has this meaning after the step; at least, or where it means any."""
        symbol = getattr(self.after, name)

        def same(*of):
            equal = symbol(*of) == meaning(*of)
            if name in self.at_least:
                equal = z3.Implies(symbol(*of), meaning(*of))
            return (
                z3.Implies(self.where[name](self.after, *of), equal)
                if name in self.where
                else (equal)
            )

        return every(self.system.state[name][:-1], same)

    @cached_property
    def _checks(self):
        found = {}
        for name in self.system.transitions:
            rules = {f"premise {each}": rule for each, rule in self.premises(name).items()}
            changed = self.effects(name)
            for each in self.system.state:
                meaning = changed.get(each, getattr(self.state, each))
                rules[f"effect on {each}"] = self.afterwards(each, meaning)
            found[name] = {each: Formula(rule) for each, rule in rules.items()}
        return found

    @cached_property
    def _clauses(self):
        every_clause = {
            **self.system.axioms,
            **self.system.invariants(self.state),
            **self.system.properties(self.state),
        }
        return {name: Formula(rule) for name, rule in every_clause.items()}

    def failures(self, steps, facts=None, share=1):
        """Yield every premise and effect that does not hold in a step of a run.

        Clauses of the invariant, properties and facts too, after every ``share``-th step.
        """
        clauses = dict(self._clauses)
        if facts is not None:
            clauses |= {name: Formula(rule) for name, rule in facts(self.state).items()}
        for number, step in enumerate(steps):
            tables = _with_after(step)
            for name, rule in self._checks[step.transition].items():
                if not rule.holds(step.sizes, tables):
                    yield f"{number} {step.transition}: {name}"
            for name, rule in clauses.items() if number % share == 0 else ():
                if not rule.holds(step.sizes, {**step.tables, **step.after}):
                    yield f"{number} {step.transition}: {name}"

    def mutants(self, transition):
        """Yield premises and effects that allow less, each with the formula that is true."""
        true = z3.BoolVal(val=True)
        for name, condition in self._conditions(transition):
            yield Part(transition, f"only if {name}", condition, true)
        for name, premise in self.premises(transition).items():
            for text, changed in without_a_part(premise):
                yield Part(transition, f"premise {name}: {text}", changed, premise)
        for name, meaning in self.effects(transition).items():
            if name in self.ghosts:
                continue
            free = [
                z3.Const(f"argument {number}", sort)
                for number, sort in enumerate(self.system.state[name][:-1])
            ]
            for text, changed in without_a_part(meaning(*free)):

                def less(*of, changed=changed, free=free):
                    return z3.substitute(changed, *zip(free, of, strict=True))

                yield Part(
                    transition,
                    f"effect on {name}: {text}",
                    self.afterwards(name, less),
                    self.afterwards(name, meaning),
                )

    def _terms(self, transition):
        """Return the elements that a step speaks of: sort, name, term."""
        chosen = self.chosen(transition)
        return [
            (signature[0], name, getattr(chosen, name))
            for name, signature in self.system.transitions[transition].chooses.items()
            if len(signature) == 1 and signature[0] != TRUTH
        ]

    def _conditions(self, transition):
        chosen, terms = self.chosen(transition), self._terms(transition)
        relations = [
            (name, self._meant(name), signature[:-1])
            for name, signature in self.system.state.items()
            if signature[-1] == TRUTH and name not in self.ghosts
        ]
        relations += [
            (f"chosen {name}", getattr(chosen, name), signature[:-1])
            for name, signature in self.system.transitions[transition].chooses.items()
            if signature[-1] == TRUTH
        ]
        for name, symbol, sorts in relations:
            options = [
                [*(each[1:] for each in terms if each[0] == sort), ("some", None)] for sort in sorts
            ]
            for arguments in product(*options):
                text = f"{name}({', '.join(each for each, _ in arguments)})"
                atom = atom_of(symbol, sorts, [term for _, term in arguments])
                yield text, atom
                yield f"not {text}", z3.Not(atom)
        for number, (sort, name, term) in enumerate(terms):
            for other_sort, other, second in terms[number + 1 :]:
                if sort == other_sort:
                    yield f"{name} is {other}", term == second
                    yield f"{name} is not {other}", term != second

    def _meant(self, name):
        """Return a relation, false where it means nothing."""
        symbol = getattr(self.state, name)
        if name not in self.where:
            return symbol
        return lambda *of: z3.And(self.where[name](self.state, *of), symbol(*of))

    def alive(self, transition, steps, facts=None, mutants=None):
        """Yield the mutants that no step contradicts, and that Z3 does not show equivalent.

        ``facts`` hold in all states of the protocol: Z3 may use them before and after the step.
        """
        own = [step for step in steps if step.transition == transition]
        for mutant in self.mutants(transition) if mutants is None else mutants:
            compiled = Formula(mutant.formula)
            if any(not compiled.holds(step.sizes, _with_after(step)) for step in own):
                continue
            difference = z3.And(mutant.true, z3.Not(mutant.formula))
            if not any(_refutes(each, difference) for each in self._solvers(transition, facts)):
                yield str(mutant)

    def _solvers(self, transition, facts):
        """Return solvers that know the state before a step, the facts after it, or all of it."""
        key = transition, facts
        if key not in self._known:
            before, after, both = solvers = z3.Solver(), z3.Solver(), z3.Solver()
            changed = self.effects(transition)
            for solver in solvers:
                solver.set(rlimit=EFFORT)
            for solver in (before, both):
                solver.add(*self.system.axioms.values(), *self.premises(transition).values())
                solver.add(*self.system.invariants(self.state).values())
                solver.add(*(facts(self.state).values() if facts else ()))
            for name, meaning in changed.items():
                both.add(self.afterwards(name, meaning))
            for solver in (after, both):
                solver.add(*(facts(self.state.but(changed)).values() if facts else ()))
            self._known[key] = solvers
        return self._known[key]


def _refutes(solver, formula):
    solver.push()
    solver.add(formula)
    answer = solver.check()
    solver.pop()
    return answer == z3.unsat


def _with_after(step):
    return {**step.tables, **{f"{name}'": table for name, table in step.after.items()}}


def empty_tables(state, sizes):
    """Return a table for every symbol of a state: false everywhere, or the first element."""
    return {
        name: np.zeros(
            [sizes[sort.name()] for sort in signature[:-1]],
            bool if signature[-1] == TRUTH else int,
        )
        for name, signature in state.items()
    }


def choice(system, transition, chosen):
    """Return the tables of what a step chooses."""
    return {f"{name}?": np.asarray(chosen[name]) for name in system.transitions[transition].chooses}
