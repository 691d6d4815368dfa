"""Random small finite transition systems, and their answers by brute force in plain Python.

A formula is a nested tuple. `to_z3` makes a formula of Z3 of it, `value` evaluates it in tables;
the two share nothing. Sorts are Booleans, an enumeration, and an uninterpreted sort whose size the
axioms fix. So "for states of every size" is a finite question, and every answer of the induction
harness can be decided by looking at all states.
"""

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import z3

from ttkem.verification.system import System, Transition, every, some

COLOUR, (RED, BLUE) = z3.EnumSort("Colour", ["red", "blue"])
NODE = z3.DeclareSort("Node")
LEFT, RIGHT = z3.Consts("left right", NODE)
SORTS = {"B": z3.BoolSort(), "E": COLOUR, "U": NODE}
DOMAIN = {"B": (False, True), "E": (0, 1), "U": (0, 1)}
VALUES = {"E": (RED, BLUE), "U": (LEFT, RIGHT)}
AXIOMS = {
    "two nodes": every((NODE,), lambda x: z3.Or(x == LEFT, x == RIGHT)),
    "apart": LEFT != RIGHT,
}
SHAPES = ("B", "E", "U", "EB", "UB", "EE", "UU", "UE", "UUB")
MOST = 64
"""States of a system, and choices of a transition times 8."""


def tables(signature):
    """All meanings of a symbol: values by arguments."""
    *arguments, kind = signature
    places = list(product(*(DOMAIN[sort] for sort in arguments)))
    for values in product(DOMAIN[kind], repeat=len(places)):
        yield dict(zip(places, values, strict=True))


def interpretations(signatures):
    """All meanings of all symbols."""
    names = list(signatures)
    for each in product(*(list(tables(signatures[name])) for name in names)):
        yield dict(zip(names, each, strict=True))


def many(signatures):
    return prod(sum(1 for _ in tables(signature)) for signature in signatures.values())


# --- formulas --------------------------------------------------------------------------------


class Maker:
    """Draws formulas and terms over given symbols: by place ("s" or "c"), name and signature."""

    def __init__(self, draw, symbols):
        self.draw = draw
        self.symbols = symbols

    def term(self, sort, depth, bound):
        found: list[tuple[Any, ...]] = [("var", i) for i, kind in enumerate(bound) if kind == sort]
        found += [
            ("sym", place, name, signature)
            for place, name, signature in self.symbols
            if signature[-1] == sort and (depth or len(signature) == 1)
        ]
        if sort != "B":
            found += [("val", sort, i) for i in DOMAIN[sort]]
        if depth and sort != "B":
            found.append(("ite",))
        if not found:
            return ("bool", self.draw.random() < 0.5)
        chosen = self.draw.choice(found)
        if chosen[0] == "sym":
            _, place, name, signature = chosen
            inner = tuple(self.term(kind, depth - 1, bound) for kind in signature[:-1])
            return ("sym", place, name, *inner)
        if chosen[0] == "ite":
            condition = self.formula(depth - 1, bound)
            return (
                "ite",
                condition,
                self.term(sort, depth - 1, bound),
                self.term(sort, depth - 1, bound),
            )
        return chosen

    def formula(self, depth, bound=()):
        if not depth:
            if self.draw.random() < 0.4:
                sort = self.draw.choice("EU")
                return ("eq", self.term(sort, 1, bound), self.term(sort, 1, bound))
            return self.term("B", 1, bound)
        kind = self.draw.choice(["not", "and", "or", "implies", "eq", "all", "some", "leaf"])
        if kind == "leaf":
            return self.formula(0, bound)
        if kind == "not":
            return ("not", self.formula(depth - 1, bound))
        if kind in {"all", "some"}:
            sort = self.draw.choice("EU")
            return (kind, sort, self.formula(depth - 1, (*bound, sort)))
        return (kind, self.formula(depth - 1, bound), self.formula(depth - 1, bound))


def to_z3(term, places, bound=()):
    """A term of Z3; `places` gives symbols, `bound` the bound variables."""
    kind, *rest = term
    if kind == "bool":
        return z3.BoolVal(val=rest[0])
    if kind == "var":
        return bound[rest[0]]
    if kind == "val":
        return VALUES[rest[0]][rest[1]]
    if kind == "sym":
        symbol = getattr(places[rest[0]], rest[1])
        inner = [to_z3(each, places, bound) for each in rest[2:]]
        return symbol(*inner) if inner else symbol
    if kind in {"all", "some"}:
        sort, body = rest
        quantifier = every if kind == "all" else some
        return quantifier((SORTS[sort],), lambda x: to_z3(body, places, (*bound, x)))
    inner = [to_z3(each, places, bound) for each in rest]
    made = {
        "not": z3.Not,
        "and": z3.And,
        "or": z3.Or,
        "implies": z3.Implies,
        "eq": lambda one, other: one == other,
        "ite": z3.If,
    }
    return made[kind](*inner)


def value(term, places, bound=()):  # noqa: C901, PLR0911 - a case for each kind
    """A term's value in tables."""
    kind = term[0]
    if kind == "bool":
        return term[1]
    if kind == "var":
        return bound[term[1]]
    if kind == "val":
        return term[2]
    if kind == "sym":
        return places[term[1]][term[2]][tuple(value(each, places, bound) for each in term[3:])]
    if kind == "all":
        return all(value(term[2], places, (*bound, each)) for each in DOMAIN[term[1]])
    if kind == "some":
        return any(value(term[2], places, (*bound, each)) for each in DOMAIN[term[1]])
    if kind == "ite":
        return value(term[2 if value(term[1], places, bound) else 3], places, bound)
    first = value(term[1], places, bound)
    if kind == "not":
        return not first
    second = value(term[2], places, bound)
    if kind == "and":
        return first and second
    if kind == "or":
        return first or second
    if kind == "implies":
        return not first or second
    return first == second


# --- systems ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    chooses: dict
    when: dict
    then: dict


@dataclass(frozen=True)
class Drawn:
    """A system as data."""

    state: dict
    init: dict
    steps: dict
    invariants: dict
    properties: dict
    witnesses: tuple
    k: int

    def system(self):
        """The same for the harness."""

        def formulas(parts):
            return lambda s: {name: to_z3(each, {"s": s}) for name, each in parts.items()}

        def sorts(signatures):
            return {name: tuple(map(SORTS.get, each)) for name, each in signatures.items()}

        def transition(step):
            def then(s, c):
                return {
                    name: (lambda *at, term=term: to_z3(term, {"s": s, "c": c}, at))
                    if len(self.state[name]) > 1
                    else to_z3(term, {"s": s, "c": c})
                    for name, term in step.then.items()
                }

            return Transition(
                sorts(step.chooses),
                lambda s, c: {n: to_z3(each, {"s": s, "c": c}) for n, each in step.when.items()},
                then,
            )

        seen = {step for trace in self.witnesses for step in trace}
        return System(
            name="drawn",
            state=sorts(self.state),
            axioms=AXIOMS,
            init=formulas(self.init),
            transitions={name: transition(step) for name, step in self.steps.items()},
            invariants=formulas(self.invariants),
            properties=formulas(self.properties),
            universe={NODE: 2},
            witnesses=self.witnesses,
            unwitnessed={name: "not drawn" for name in self.steps if name not in seen},
        )


def drawn(draw):
    """A random system; `draw` is a random.Random."""
    state = _signatures(draw, draw.randint(1, 3), MOST)
    of_state = [("s", name, signature) for name, signature in state.items()]
    plain = Maker(draw, of_state)
    steps = {}
    for name in ("go", "run")[: draw.randint(1, 2)]:
        chooses = _signatures(draw, draw.randint(0, 2), MOST // 8)
        free = Maker(
            draw, of_state + [("c", each, signature) for each, signature in chooses.items()]
        )
        changed = draw.sample(list(state), draw.randint(1, min(2, len(state))))
        when = {f"w{number}": free.formula(2) for number in range(draw.randint(0, 1))}
        then = {}
        for each in changed:
            *arguments, kind = state[each]
            bound = tuple(arguments)
            then[each] = free.formula(2, bound) if kind == "B" else free.term(kind, 2, bound)
        steps[name] = Step(chooses, when, then)
    invariants = {f"i{number}": plain.formula(3) for number in range(draw.randint(0, 2))}
    properties = {"p0": plain.formula(3)}
    if invariants and draw.random() < 0.6:
        properties = {"p0": invariants["i0"]}
    elif draw.random() < 0.3:
        invariants["p"] = properties["p0"]
    init = {f"n{number}": plain.formula(2) for number in range(draw.randint(0, 2))}
    if draw.random() < 0.5:
        init |= {f"also {name}": each for name, each in invariants.items()}
    lengths = [draw.randint(1, 2) for _ in range(draw.randint(0, 2))]
    witnesses = tuple(tuple(draw.choice(list(steps)) for _ in range(size)) for size in lengths)
    return Drawn(state, init, steps, invariants, properties, witnesses, draw.choice([1, 1, 1, 2]))


TRIVIAL = ("start", "no initial state", "'p0' fails in no state")


def interesting(draw):
    """A random system and its space; seldom one whose answer does not depend on the steps."""
    for _ in range(12):
        system = drawn(draw)
        space = Space(system)
        if not space.answer()[1].startswith(TRIVIAL) or draw.random() < 0.04:
            break
    return system, space


def _signatures(draw, number, most):
    names = ["who", "has", "at", "of"]
    found = {}
    for name in names[:number]:
        shape = draw.choice(SHAPES)
        if many({**found, name: shape}) <= most:
            found[name] = shape
    return found or ({} if number == 0 or most < MOST else {"who": "B"})


# --- brute force -----------------------------------------------------------------------------


class Space:
    """All states of a drawn system, and where its steps lead."""

    def __init__(self, system):
        self.system = system
        self.states = list(interpretations(system.state))
        number = {self._key(state): i for i, state in enumerate(self.states)}
        self.next = {
            name: [
                {number[self._key(each)] for each in self._after(state, step)}
                for state in self.states
            ]
            for name, step in system.steps.items()
        }
        self.initial = self.where(system.init.values())
        self.clauses = {name: self.where([each]) for name, each in system.invariants.items()}
        self.claims = {name: self.where([each]) for name, each in system.properties.items()}
        self.invariant = self.where(system.invariants.values())

    def _key(self, state):
        return tuple(tuple(state[name].values()) for name in self.system.state)

    def where(self, formulas):
        formulas = list(formulas)
        return {
            i
            for i, state in enumerate(self.states)
            if all(value(each, {"s": state}) for each in formulas)
        }

    def _after(self, state, step):
        for chosen in interpretations(step.chooses):
            places = {"s": state, "c": chosen}
            if all(value(each, places) for each in step.when.values()):
                changed = {
                    name: {at: value(term, places, at) for at in state[name]}
                    for name, term in step.then.items()
                }
                yield {**state, **changed}

    def along(self, states, step, *, changing=False):
        """Where a step leads from some of these states."""
        return {j for i in states for j in self.next[step][i] if not changing or i != j}

    def answer(self):  # noqa: C901, PLR0912 - one question after another
        """The verdict, and the question that fails first; or what is vacuous."""
        for length in range(self.system.k):
            for steps in product(self.system.steps, repeat=length):
                states = self.initial
                for step in steps:
                    states = self.along(states, step)
                if failing := self._failing(states, self.clauses):
                    return "refuted", f"{', '.join(('start', *steps))}: {failing}"
        for steps in product(self.system.steps, repeat=self.system.k):
            states = self.invariant
            for number, step in enumerate(steps):
                states = self.along(states & self.invariant if number else states, step)
            if failing := self._failing(states, self.clauses):
                return "refuted", f"{', '.join(steps)}: {failing}"
        if failing := self._failing(self.invariant, self.claims):
            return "refuted", f"any state: {failing}"
        if not self.initial:
            return "unknown", "no initial state"
        for name, states in self.claims.items():
            if len(states) == len(self.states):
                return "unknown", f"{name!r} fails in no state, reachable or not"
        for trace in self.system.witnesses:
            states = self.initial
            for step in trace:
                states = self.along(states, step, changing=True)
            if not states:
                run = ", ".join(trace)
                return "unknown", f"no run in which every step changes something is {run}"
        return "holds", ""

    def refutes(self, question):
        """What the failure of a question refutes, by the rule of `ttkem.verification.induction`."""
        runs, _, goal = question.partition(": ")
        if runs == "start":
            return "its initial condition"
        of_property = self.system.invariants.get(goal) in self.system.properties.values()
        if runs.startswith("start, ") and of_property:
            return "the claim's statement"
        return "a lemma of its proof"

    def reaches(self, steps, against=None):
        """Whether these steps can be made from the start, to a state in which a property fails."""
        states = self.initial
        for step in steps:
            states = self.along(states, step)
        return bool(states if against is None else states - self.claims[against])

    def _failing(self, states, goals):
        return next((name for name, good in goals.items() if states - good), None)
