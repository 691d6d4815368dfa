"""Formulas that allow less than the protocol: mutants of transitions, made systematically.

A proof about a system that allows less than the protocol proves nothing about the protocol. So for
each transition there are here many ways in which it could allow less, and a step of a run must
contradict each of them:

* *conditions*: one more premise, from a vocabulary of literals over the state and what the step
  chooses;
* *restricted effects*: an effect that takes place only under such a condition;
* *parts*: premises and effects of which an operand is left out, so that they say something else;
* *wider effects*: more is compromised, or stays alive, than should, so that the claim says less.

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

from proofs.treekem.tainted import AXIOMS, Member, Node, Op, Secret, owner
from ttkem.verification.system import declare, every, some

STATE = declare(SYSTEM.state)
AFTER = declare(SYSTEM.state, "'")
TRUTH = z3.BoolSort()
SORTS = (Member, Node, Op, Secret)
GHOST = "guards"
"""No premise and no property speaks of it: it may be anything by which the proof succeeds."""
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


def atom_of(symbol, sorts, arguments):
    """Apply a relation to terms; each argument that is None is some element."""
    free = [sort for sort, term in zip(sorts, arguments, strict=True) if term is None]

    def applied(*open_ones):
        rest = iter(open_ones)
        terms = [next(rest) if term is None else term for term in arguments]
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
            atom = atom_of(symbol, sorts, [term for _, term, _ in arguments])
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


def conditions(transition):
    """Yield all conditions."""
    yield from literals(transition)
    if transition == "create":
        yield from _of_init_keys()


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
        for text, changed in without_a_part(premise):
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
    for text, changed in without_a_part(whole):
        yield (
            text,
            _holds_afterwards(
                name,
                signature,
                lambda *of, changed=changed: z3.substitute(changed, *zip(free, of, strict=True)),
            ),
        )


WIDER = {
    "of its owner": lambda who, x: owner(x) == who,
    "not sampled yet": lambda who, x: z3.And(owner(x) == who, z3.Not(STATE.sampled(x))),
    "sampled": lambda who, x: z3.And(owner(x) == who, STATE.sampled(x)),
    "init": lambda who, x: z3.And(owner(x) == who, STATE.init(x)),
    "unused": STATE.unused,
    "alive": lambda who, x: z3.And(owner(x) == who, STATE.alive(x)),
    "alive, of anybody": lambda _, x: STATE.alive(x),
    "no longer alive": lambda who, x: z3.And(
        owner(x) == who, STATE.sampled(x), z3.Not(STATE.alive(x))
    ),
    "known": lambda who, x: z3.And(owner(x) == who, STATE.known(x)),
}
"""Secrets that a step might wrongly compromise, or wrongly leave alive, besides."""


def wider(transition):
    """Yield effects that compromise more, or end fewer lives: a claim about these says less."""
    step, chosen = SYSTEM.transitions[transition], _chosen(transition)
    member = chosen.author if transition in MAKES else getattr(chosen, "who", None)
    if member is None:
        return
    effects = step.then(STATE, chosen)
    for name in ("compromised", "alive"):
        meaning = effects.get(name, getattr(STATE, name))
        true = _holds_afterwards(name, (Secret,), meaning)
        for text, besides in WIDER.items():
            guards = [("", z3.BoolVal(val=True))]
            if "watched" in step.chooses:
                guards.append((" if watched", chosen.watched))
            for when, guard in guards:

                def more(x, meaning=meaning, besides=besides, guard=guard):
                    return z3.Or(meaning(x), z3.And(guard, besides(member, x)))

                wide = _holds_afterwards(name, (Secret,), more)
                yield Part(transition, f"effect on {name}: also {text}{when}", wide, true)


def without_a_part(term):
    """Yield copies of a formula in each of which one operand is left out, with what it was."""
    if z3.is_quantifier(term):
        variables = [
            z3.Const(term.var_name(number), term.var_sort(number))
            for number in range(term.num_vars())
        ]
        quantified = z3.ForAll if term.is_forall() else z3.Exists
        for text, body in without_a_part(z3.substitute_vars(term.body(), *reversed(variables))):
            yield text, quantified(variables, body)
        return
    children = term.children()
    for number, child in enumerate(children):
        rest = children[:number] + children[number + 1 :]
        if z3.is_and(term) or z3.is_or(term):
            together = z3.And if z3.is_and(term) else z3.Or
            left = z3.BoolVal(z3.is_and(term)) if not rest else together(*rest)
            yield f"without {_short(child)}", rest[0] if len(rest) == 1 else left
        elif z3.is_implies(term):
            yield f"without {_short(child)}", rest[0] if number == 0 else z3.Not(rest[0])
        elif z3.is_app_of(term, z3.Z3_OP_ITE) and number:
            yield f"always {_short(child)}", child
    for number, child in enumerate(children):
        for text, changed in without_a_part(child):
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
            then = {f"{name}'": table for name, table in step.after.items()}
            if not compiled.holds(step.sizes, {**step.tables, **then}):
                yield step


def effects(transition):
    """Return the symbols that a transition changes, but for the ghost of the proof."""
    step = SYSTEM.transitions[transition]
    return [name for name in step.then(STATE, _chosen(transition)) if name != GHOST]


def changes(step, name):
    """Return whether a step changes a symbol, as the symbolic model has it."""
    before, now = step.tables[name], step.after[name]
    if name in AT_LEAST:
        return np.any(now & ~before)
    if name in WHERE:  # what meant nothing before may have been anything
        meant, means = step.tables[WHERE[name]], step.after[WHERE[name]]
        return np.any(means & ((before != now) | ~meant))
    return np.any(before != now)


def without_effect(transition, condition, name):
    """State that a step changes nothing of a symbol unless the condition holds."""
    meaning = SYSTEM.transitions[transition].then(STATE, _chosen(transition))[name]
    old = getattr(STATE, name)

    def same(*of):
        return where(name, _state_after(transition), of, meaning(*of) == old(*of))

    return z3.Or(condition, every(SYSTEM.state[name][:-1], same))


@cache
def _state_after(transition):
    return STATE.but(SYSTEM.transitions[transition].then(STATE, _chosen(transition)))
