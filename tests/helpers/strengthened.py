"""Formulas that allow less than the protocol: mutants of transitions, made systematically.

A proof about a system that allows less than the protocol proves nothing about the protocol. So for
each transition there are here many ways in which it could allow less, and a step of a run must
contradict each of them:

* *conditions*: one more premise, from a vocabulary of literals over the state and what the step
  chooses, and of implications between such literals for all elements;
* *restricted effects*: an effect that takes place only under such a condition;
* *parts*: premises and effects of which an operand is left out, so that they say something else.

A condition that follows from the invariant and the premises makes no difference, and Z3 shows it.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import z3
from facts import FACTS
from finite_model import Formula
from refined import AT_LEAST, SYSTEM, WHERE, where

from proofs.treekem.tainted import AXIOMS, Member, Node, Op, Secret
from ttkem.verification.system import declare, every, some

STATE = declare(SYSTEM.state)
AFTER = declare(SYSTEM.state, "'")
TRUTH = z3.BoolSort()
SORTS = (Member, Node, Op, Secret)
GHOST = "guards"
"""No premise and no property speaks of it, so that it may be whatever lets a proof succeed."""
MAKES = ("create", "update", "add", "remove")


@dataclass(frozen=True)
class Condition:
    """One more premise of a transition."""

    transition: str
    name: str
    formula: z3.BoolRef

    def __str__(self):
        return f"{self.transition}: only if {self.name}"


@dataclass(frozen=True)
class Part:
    """A premise or an effect of a transition with a part left out."""

    transition: str
    name: str
    formula: z3.BoolRef
    """Of state, choice and state after: what must hold of a step."""
    true: z3.BoolRef
    """The same with nothing left out."""

    def __str__(self):
        return f"{self.transition}: {self.name}"


def _chosen(transition):
    return declare(SYSTEM.transitions[transition].chooses, "?")


@cache
def _constants(transition):
    """Return the elements that a step speaks of: sort, name, term, and when it means something."""
    chooses, chosen = SYSTEM.transitions[transition].chooses, _chosen(transition)
    found = [
        (signature[0], name, getattr(chosen, name), None)
        for name, signature in chooses.items()
        if len(signature) == 1 and signature[0] != TRUTH
    ]
    there = [(name, term) for sort, name, term, _ in found if sort == Op]
    if transition in MAKES:
        there = [(name, term) for name, term in there if name == "base"]
    members = [(name, term) for sort, name, term, _ in found if sort == Member]
    for op, q in there:
        found.append((Member, f"author({op})", STATE.author(q), None))
        found.append((Node, f"root({op})", STATE.root(q), None))
        for who, m in members:
            found.append((Secret, f"leaf({op}, {who})", STATE.leaf(q, m), STATE.member(q, m)))
    return tuple(found)


def _symbols(transition):
    """Return the relations that a step may ask for, with their signatures."""
    chosen = _chosen(transition)
    for name, signature in SYSTEM.state.items():
        if signature[-1] == TRUTH and name != GHOST:
            yield name, getattr(STATE, name), signature[:-1]
    for name, signature in SYSTEM.transitions[transition].chooses.items():
        if signature[-1] == TRUTH:
            yield f"chosen {name}", getattr(chosen, name), signature[:-1]


def _arguments(transition, sorts):
    """Return all ways to fill arguments: with what the step speaks of, or with something."""
    of_sort = {
        sort: [each[1:] for each in _constants(transition) if each[0] == sort] for sort in SORTS
    }
    return product(*([*of_sort[sort], ("some", None, None)] for sort in sorts))


def _atom(symbol, sorts, arguments):
    """Apply a relation; each argument that is left open is some element."""
    free = [sort for sort, (_, term, _) in zip(sorts, arguments, strict=True) if term is None]

    def applied(*open_ones):
        rest = iter(open_ones)
        terms = [next(rest) if term is None else term for _, term, _ in arguments]
        return symbol(*terms) if terms else symbol

    return some(free, applied) if free else applied()


def _where(guards, atom):
    return z3.Implies(z3.And(*guards), atom) if guards else atom


def literals(transition):
    """Yield conditions: a relation holds, or does not; two elements are the same, or not."""
    for name, symbol, sorts in _symbols(transition):
        for arguments in _arguments(transition, sorts):
            text = f"{name}({', '.join(each for each, _, _ in arguments)})"
            guards = [each for _, _, each in arguments if each is not None]
            atom = _atom(symbol, sorts, arguments)
            yield Condition(transition, text, _where(guards, atom))
            yield Condition(transition, f"not {text}", _where(guards, z3.Not(atom)))
    constants = _constants(transition)
    for number, (sort, name, term, guard) in enumerate(constants):
        for other_sort, other, second, other_guard in constants[number + 1 :]:
            if sort == other_sort:
                guards = [each for each in (guard, other_guard) if each is not None]
                equal = term == second
                yield Condition(transition, f"{name} is {other}", _where(guards, equal))
                differ = _where(guards, z3.Not(equal))
                yield Condition(transition, f"{name} is not {other}", differ)


def _predicates(transition, sort):
    """Yield predicates of one element: one argument of a relation is free, the others are not."""
    for name, symbol, sorts in _symbols(transition):
        for place in (number for number, each in enumerate(sorts) if each == sort):
            rest = sorts[:place] + sorts[place + 1 :]
            for arguments in _arguments(transition, rest):
                if any(guard is not None for _, _, guard in arguments):
                    continue
                names = [each for each, _, _ in arguments]
                text = f"{name}({', '.join([*names[:place], '_', *names[place:]])})"

                def holds(x, symbol=symbol, sorts=sorts, place=place, arguments=arguments):
                    filled = (*arguments[:place], ("_", x, None), *arguments[place:])
                    return _atom(symbol, sorts, filled)

                yield text, holds


def implications(transition):
    """Yield conditions: all elements of which one relation holds have, or have not, another."""
    for sort in SORTS:
        predicates = list(_predicates(transition, sort))
        for (one, if_this), (two, then_that) in product(predicates, repeat=2):
            if one != two:
                for negated in (False, True):
                    yield Condition(
                        transition,
                        f"all {one} are {'not ' * negated}{two}",
                        every(
                            (sort,),
                            lambda x, a=if_this, b=then_that, negated=negated: z3.Implies(
                                a(x), z3.Not(b(x)) if negated else b(x)
                            ),
                        ),
                    )


def conditions(transition):
    """Yield all conditions."""
    yield from literals(transition)
    if transition == "create":
        yield from _of_init_keys()
    yield from implications(transition)


def _of_init_keys():
    """Yield conditions on the init keys that a create uses."""
    chosen = _chosen("create")
    for name, symbol, sorts in _symbols("create"):
        if sorts not in {(Secret,), (Member, Secret)}:
            continue
        for negated in (False, True):

            def holds(m, symbol=symbol, sorts=sorts, negated=negated):
                atom = symbol(*([m] if len(sorts) == 2 else []), chosen.inits(m))
                joins = z3.And(chosen.joins(m), m != chosen.author)
                return z3.Implies(joins, z3.Not(atom) if negated else atom)

            text = f"init keys are {'not ' * negated}{name}"
            yield Condition("create", text, every((Member,), holds))


def parts(transition):
    """Yield premises and effects of which a part is left out."""
    step, chosen = SYSTEM.transitions[transition], _chosen(transition)
    for name, premise in step.when(STATE, chosen).items():
        for text, changed in _without_a_part(premise):
            yield Part(transition, f"premise {name}: {text}", changed, premise)
    for name, meaning in step.then(STATE, chosen).items():
        if name == GHOST:
            continue
        signature = SYSTEM.state[name][:-1]
        true = _holds_afterwards(name, signature, meaning)
        for text, changed in _effects(name, signature, meaning):
            yield Part(transition, f"effect on {name}: {text}", changed, true)


def _holds_afterwards(name, signature, meaning):
    """State that a symbol has at least this meaning after the step, or exactly this."""
    symbol = getattr(AFTER, name)

    def same(*of):
        if name in AT_LEAST:
            return z3.Implies(symbol(*of), meaning(*of))
        return where(name, AFTER, of, symbol(*of) == meaning(*of))

    return every(signature, same)


def _effects(name, signature, meaning):
    free = [z3.Const(f"argument {number}", sort) for number, sort in enumerate(signature)]
    whole = meaning(*free)
    for text, changed in _without_a_part(whole):
        yield (
            text,
            _holds_afterwards(
                name,
                signature,
                lambda *of, changed=changed: z3.substitute(changed, *zip(free, of, strict=True)),
            ),
        )


def _without_a_part(term):
    """Yield copies of a formula in each of which one operand is left out, with what it was."""
    if z3.is_quantifier(term):
        variables = [
            z3.FreshConst(term.var_sort(number), "each") for number in range(term.num_vars())
        ]
        quantified = z3.ForAll if term.is_forall() else z3.Exists
        for text, body in _without_a_part(z3.substitute_vars(term.body(), *reversed(variables))):
            yield text, quantified(variables, body)
        return
    children = term.children()
    for number, child in enumerate(children):
        rest = children[:number] + children[number + 1 :]
        if z3.is_and(term) or z3.is_or(term):
            together = z3.And if z3.is_and(term) else z3.Or
            yield f"without {_short(child)}", rest[0] if len(rest) == 1 else together(*rest)
        elif z3.is_implies(term):
            yield f"without {_short(child)}", rest[0] if number == 0 else z3.Not(rest[0])
        elif z3.is_app_of(term, z3.Z3_OP_ITE) and number:
            yield f"always {_short(child)}", child
    for number, child in enumerate(children):
        for text, changed in _without_a_part(child):
            yield text, _with_child(term, number, changed)


def _with_child(term, number, child):
    children = term.children()
    children[number] = child
    if z3.is_and(term):
        return z3.And(*children)
    if z3.is_or(term):
        return z3.Or(*children)
    return term.decl()(*children)


def _short(term):
    return " ".join(str(term).split())


@cache
def _follows(transition):
    """Return a solver that knows the invariant, the facts and the premises."""
    solver = z3.Solver()
    solver.set(timeout=3000)
    solver.add(*AXIOMS.values(), *SYSTEM.invariants(STATE).values(), *FACTS(STATE).values())
    solver.add(*SYSTEM.transitions[transition].when(STATE, _chosen(transition)).values())
    return solver


def follows(transition, formula):
    """Return whether Z3 shows that a formula holds in all reachable states that allow the step."""
    solver = _follows(transition)
    solver.push()
    solver.add(z3.Not(formula))
    said = solver.check()
    solver.pop()
    return said == z3.unsat


class Steps:
    """Steps of runs, by transition; what contradicts a mutant."""

    def __init__(self, observed):
        self.of = {name: [] for name in SYSTEM.transitions}
        for step in observed:
            self.of[step.transition].append(step)

    def contradicting(self, transition, formula):
        """Yield the steps in which a formula does not hold."""
        compiled = Formula(formula)
        for step in self.of[transition]:
            after = {f"{name}'": table for name, table in step.after.items()}
            if not compiled.holds(step.sizes, {**step.tables, **after}):
                yield step


def changed(step):
    """Return the symbols that a step changes, by the symbolic model."""
    found = set()
    for name in SYSTEM.transitions[step.transition].then(STATE, _chosen(step.transition)):
        if name == GHOST:
            continue
        before, after = step.tables[name], step.after[name]
        if name in AT_LEAST:
            differ = after & ~before
        elif name in WHERE:
            differ = (before != after) & step.after[WHERE[name]]
        else:
            differ = before != after
        if np.any(differ):
            found.add(name)
    return found
