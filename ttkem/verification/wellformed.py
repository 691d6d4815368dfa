"""Check that a system is well-formed before anything is proved of it; LocalError says why not.

A proof by induction is about formulas *of the state*. A formula over a symbol that its author made
up has the same truth value in every state, so that each step preserves it, whatever the step does.
Therefore every function that gives formulas is called with symbols of unguessable names. All other
symbols in its formulas must occur in the axioms or be constants of the system. Each function is
called for two states and must give the same formulas up to the names of the symbols. So a function
that remembers the symbols of an earlier call, or differs from call to call, is rejected.

The operators in formulas must be those in `_OPERATORS`, and each sort must be one whose values a
finite universe can list. Names must be unambiguous. Each transition must occur in a witness trace
or have a reason why it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import z3

from ttkem.errors import LocalError
from ttkem.verification.finite import RESERVED, finite_values, symbols_of, terms_of
from ttkem.verification.system import (
    Symbols,
    System,
    Transition,
    declare,
    fresh_mark,
    unmarked,
)

__all__ = ["SEPARATOR", "check_formulas", "check_names", "check_run", "check_system"]

SEPARATOR = ", "
"""The text between the names of a run's transitions."""

_NUMBERS = (z3.Z3_INT_SORT, z3.Z3_REAL_SORT)

_OPERATORS = frozenset(
    getattr(z3, f"Z3_OP_{name}")
    for name in (
        *("UNINTERPRETED", "TRUE", "FALSE", "EQ", "DISTINCT", "ITE"),
        *("AND", "OR", "XOR", "NOT", "IMPLIES", "DT_CONSTRUCTOR", "DT_IS"),
        *("ANUM", "LE", "GE", "LT", "GT", "ADD", "SUB", "UMINUS", "MUL"),
    )
)
"""Operators without a hidden meaning.

A recursive function, for instance, has a definition that does not show in the formula, and the
transitive closure of a relation hides the relation. Both may hide symbols that never change.
"""

_KINDS: dict[str, tuple[Any, str]] = {
    **dict.fromkeys(("state", "transitions", "universe", "unwitnessed"), (Mapping, "a mapping")),
    **dict.fromkeys(("init", "invariants", "properties"), (Callable, "a function of the state")),
    **dict.fromkeys(("witnesses", "constants"), (Sequence, "a sequence")),
}
"""The kinds of a system's fields; `axioms` is checked as formulas are."""


def check_system(system: System) -> None:
    """Raise LocalError unless the system is well-formed."""
    given: object = system
    if not isinstance(given, System):
        raise LocalError(f"cannot prove anything about {given!r}: it is not a System")
    _Check(system).all()


def check_run(system: System, steps: Sequence[str]) -> None:
    """Raise LocalError unless these steps are a sequence of transitions of the system."""
    if isinstance(steps, str) or not isinstance(steps, Sequence):
        raise LocalError(f"{system.name}: a run is a sequence of transitions, not {steps!r}")
    for step in steps:
        if step not in system.transitions:
            known = SEPARATOR.join(system.transitions)
            raise LocalError(f"{system.name}: no transition is called {step!r}; there are {known}")


def check_formulas(where: str, formulas: object) -> None:
    """Raise LocalError unless these are formulas of Z3 by name, without free variables.

    Functions with a recursive definition are rejected too. Their definition may contradict itself,
    and then Z3 derives anything, though the premises that do not mention it can hold.
    """
    if not isinstance(formulas, Mapping):
        raise LocalError(f"{where}: give a mapping from names to formulas, not {formulas!r}")
    for name, formula in formulas.items():
        if not isinstance(name, str) or not name.strip():
            raise LocalError(f"{where}: a formula cannot be called {name!r}: name what it says")
        if not z3.is_bool(formula) or formula.sort() != z3.BoolSort():
            hint = "; write z3.BoolVal(...)" if isinstance(formula, bool) else ""
            raise LocalError(f"{where}: {name!r} is not a formula of Z3: {formula!r}{hint}")
        if _loose(formula, 0):
            raise LocalError(f"{where}: {name!r} has a variable that no quantifier binds")
        for term in terms_of(formula, within=True):
            if z3.is_app(term) and term.decl().kind() == z3.Z3_OP_RECURSIVE:
                raise LocalError(
                    f"{where}: {name!r} uses {term.decl()}, which is defined by recursion: "
                    "give its equations as premises"
                )


def check_names(where: str, formula: z3.ExprRef) -> None:
    """Raise LocalError if a symbol's name has the character reserved for the toolkit's names."""
    for symbol in symbols_of(formula):
        if RESERVED in symbol.name():
            raise LocalError(f"{where}: a symbol cannot be called {symbol.name()!r}")


def _loose(formula: z3.ExprRef, depth: int) -> bool:
    """Return whether some variable is bound by none of the quantifiers around it."""
    for term in terms_of(formula):
        if z3.is_var(term) and z3.get_var_index(term) >= depth:
            return True
        if z3.is_quantifier(term) and _loose(term.body(), depth + term.num_vars()):
            return True
    return False


class _Check:
    """The checks of one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._fixed: set[z3.FuncDeclRef] = set()
        """The symbols that never change: those of the axioms, and the constants."""

    def all(self) -> None:
        """Check names and sorts first, then formulas, then witness traces."""
        system = self._system
        self._fields()
        self._names()
        self._universe()
        for name, signature in system.state.items():
            self._signature(f"the state's {name!r}", signature)
        for step, transition in system.transitions.items():
            for name, signature in transition.chooses.items():
                self._signature(f"{step}: its choice {name!r}", signature)
        self._axioms()
        state, other = (declare(system.state, fresh_mark()) for _ in range(2))
        allowed, others = (self._fixed | _declared(each, system.state) for each in (state, other))
        for what in ("init", "invariants", "properties"):
            function = getattr(system, what)
            formulas = self._formulas(what, function(state), allowed)
            self._same(what, formulas, self._formulas(what, function(other), others))
        if not formulas:
            self._refuse("no property, so that nothing would be claimed")
        for step in system.transitions:
            first = self._transition(step, state, allowed)
            self._same(step, first, self._transition(step, other, others))
        self._witnesses()

    def _transition(
        self, step: str, state: Symbols, allowed: set[z3.FuncDeclRef]
    ) -> dict[str, z3.ExprRef]:
        """Return the premises and new meanings of a transition, once they are checked."""
        transition = self._system.transitions[step]
        chosen = declare(transition.chooses, fresh_mark())
        with_choice = allowed | _declared(chosen, transition.chooses)
        premises = self._formulas(f"{step}: when", transition.when(state, chosen), with_choice)
        meanings = self._changes(step, transition.then(state, chosen), with_choice)
        return {
            **{f"when: {name}": each for name, each in premises.items()},
            **{f"then: {name}": each for name, each in meanings.items()},
        }

    def _same(
        self, where: str, one: Mapping[str, z3.ExprRef], other: Mapping[str, z3.ExprRef]
    ) -> None:
        """Raise unless formulas about two states are the same but for the symbols' names."""
        texts = [[(name, unmarked(each.sexpr())) for name, each in x.items()] for x in (one, other)]
        if texts[0] != texts[1]:
            self._refuse(
                f"{where}: two calls give different formulas: let them depend on the arguments only"
            )

    def _refuse(self, why: str) -> NoReturn:
        raise LocalError(f"{self._system.name}: {why}")

    def _fields(self) -> None:
        system = self._system
        name: object = system.name
        if not isinstance(name, str) or not name.strip():
            raise LocalError(f"a system cannot be called {name!r}: name what it models")
        for field, (kind, words) in _KINDS.items():
            if not isinstance(given := getattr(system, field), kind):
                self._refuse(f"{field} must be {words}, not {given!r}")
        if not system.state:
            self._refuse("no symbol in the state, so that there is nothing to prove of it")
        if not system.transitions:
            self._refuse("no transition, so that nothing would be proved by induction")

    def _names(self) -> None:
        for symbol in self._system.state:
            self._symbol("a symbol of the state", symbol)
        for step, transition in self._system.transitions.items():
            self._name("a transition", step)
            if SEPARATOR in step or step in {"start", "any state"}:
                self._refuse(f"a transition cannot be called {step!r}: runs are written with it")
            self._parts(step, transition)
            for symbol in transition.chooses:
                self._symbol(f"a choice of {step}", symbol)

    def _parts(self, step: str, transition: object) -> None:
        if not isinstance(transition, Transition):
            self._refuse(f"{step!r} is not a Transition: {transition!r}")
        for field, kind in (("chooses", Mapping), ("when", Callable), ("then", Callable)):
            if not isinstance(given := getattr(transition, field), kind):  # type: ignore[arg-type]
                words = "a mapping" if field == "chooses" else "a function of state and choices"
                self._refuse(f"{step}: {field} must be {words}, not {given!r}")

    def _name(self, what: str, name: object) -> None:
        if not isinstance(name, str) or not name.strip() or RESERVED in name:
            self._refuse(f"{what} cannot be called {name!r}")

    def _symbol(self, what: str, name: str) -> None:
        self._name(what, name)
        if hasattr(Symbols, name):
            self._refuse(f"{what} cannot be called {name!r}: it is an attribute of Symbols")

    def _universe(self) -> None:
        for sort, size in self._system.universe.items():
            if not isinstance(sort, z3.SortRef) or sort.kind() != z3.Z3_UNINTERPRETED_SORT:
                self._refuse(f"the universe has sizes of uninterpreted sorts, unlike {sort}")
            if type(size) is not int or size < 1:
                self._refuse(f"the universe needs 1 element of {sort} or more, not {size!r}")

    def _signature(self, where: str, signature: Any) -> None:
        if not isinstance(signature, tuple) or not signature:
            self._refuse(f"{where} needs a tuple of sorts, not {signature!r}")
        for number, sort in enumerate(signature, start=1):
            if not isinstance(sort, z3.SortRef):
                self._refuse(f"{where} needs a tuple of sorts, and {sort!r} is none")
            self._sort(where, sort, value=number == len(signature))

    def _sort(self, where: str, sort: z3.SortRef, *, value: bool = False) -> None:
        """Raise unless a sort is allowed."""
        if not self._allows(sort, value=value):
            self._refuse(f"{where} is over the sort {sort}, of which the universe has no elements")

    def _allows(self, sort: z3.SortRef, *, value: bool = False) -> bool:
        """Return whether the universe has all values of a sort; numbers may be a `value`."""
        if sort in self._system.universe or finite_values(sort) is not None:
            return True
        return value and sort.kind() in _NUMBERS

    def _axioms(self) -> None:
        axioms = self._system.axioms
        self._formulas("axioms", axioms, None)
        self._fixed = {symbol for axiom in axioms.values() for symbol in symbols_of(axiom)}
        self._fixed |= {self._constant(symbol) for symbol in self._system.constants}
        spoken = {symbol.name() for symbol in self._fixed}
        if both := spoken & self._system.state.keys():
            raise LocalError(
                f"{self._system.name}: axioms or constants mention {SEPARATOR.join(sorted(both))}, "
                "a symbol of the state: say what holds of it in init or invariants"
            )
        for name in spoken:
            self._name("a constant", name)

    def _constant(self, symbol: Any) -> z3.FuncDeclRef:
        """Return the declaration of a constant of the system, once it is checked."""
        declared = symbol.decl() if z3.is_const(symbol) else symbol
        if not isinstance(declared, z3.FuncDeclRef) or declared.kind() != z3.Z3_OP_UNINTERPRETED:
            self._refuse(f"constants must be symbols of Z3, unlike {symbol!r}")
        domain = [declared.domain(number) for number in range(declared.arity())]
        self._signature(f"the constant {declared}", (*domain, declared.range()))
        return declared

    def _formulas(
        self,
        where: str,
        formulas: Mapping[str, z3.BoolRef],
        allowed: set[z3.FuncDeclRef] | None,
    ) -> Mapping[str, z3.BoolRef]:
        """Return formulas, once they are checked."""
        where = f"{self._system.name}: {where}"
        check_formulas(where, formulas)
        for name, formula in formulas.items():
            self._term(f"{where}: {name!r}", formula, allowed)
        return formulas

    def _term(self, where: str, term: z3.ExprRef, allowed: set[z3.FuncDeclRef] | None) -> None:
        """Raise unless all sorts, operators and symbols in a term are allowed."""
        for each in terms_of(term, within=True):
            self._part(where, each)
        for symbol in sorted(symbols_of(term), key=str):
            for number in range(symbol.arity()):
                if not self._allows(symbol.domain(number)):
                    self._sort(f"{where}: {symbol}", symbol.domain(number))
            if allowed is not None and symbol not in allowed:
                raise LocalError(
                    f"{where} mentions {unmarked(str(symbol))}, which is not in its arguments: "
                    "take what changes from them, and list what does not in axioms or constants"
                )

    def _part(self, where: str, part: z3.ExprRef) -> None:
        """Raise unless the sorts and the operator of a subterm are allowed."""
        if z3.is_quantifier(part):
            if part.is_lambda():
                raise LocalError(f"{where} has a lambda, which no finite universe decides")
            for number in range(part.num_vars()):
                self._sort(f"{where} quantifies and", part.var_sort(number))
        elif not self._allows(part.sort(), value=True):
            self._sort(f"{where}: {part}", part.sort(), value=True)
        elif z3.is_app(part) and part.decl().kind() not in _OPERATORS:
            raise LocalError(f"{where} uses the operator {part.decl()}, which is not supported")

    def _changes(
        self, step: str, changes: Mapping[str, Any], allowed: set[z3.FuncDeclRef]
    ) -> dict[str, z3.ExprRef]:
        """Return the new meanings that a transition gives, once they are checked."""
        system, meanings = self._system, {}
        given: object = changes
        if not isinstance(given, Mapping):
            self._refuse(f"{step}: then must give new meanings by name, not {given!r}")
        for name, meaning in changes.items():
            if name not in system.state:
                self._refuse(f"{step} changes {name!r}, which is not in the state")
            *sorts, value = system.state[name]
            each = [z3.Const(fresh_mark(), sort) for sort in sorts]
            if sorts and not callable(meaning):
                self._refuse(f"{step}: {name!r} has arguments, so its meaning must be a function")
            term = meaning(*each) if sorts else meaning
            if not z3.is_expr(term) or term.sort() != value:
                hint = "; write z3.BoolVal(...)" if isinstance(term, bool) else ""
                self._refuse(f"{step}: {name!r} becomes {term!r}, not a term of sort {value}{hint}")
            if _loose(term, 0):
                self._refuse(f"{step}: {name!r} becomes a term with a variable that nothing binds")
            local = allowed | {const.decl() for const in each}
            self._term(f"{system.name}: {step}: the new {name!r}", term, local)
            meanings[name] = term
        return meanings

    def _witnesses(self) -> None:
        system = self._system
        for trace in system.witnesses:
            check_run(system, trace)
        seen = {step for trace in system.witnesses for step in trace}
        check_run(system, list(system.unwitnessed))
        for step, given in system.unwitnessed.items():
            reason: object = given
            if not isinstance(reason, str) or not reason.strip():
                self._refuse(f"give the reason in words why {step!r} is in no witness trace")
            if step in seen:
                self._refuse(f"{step!r} is in a witness trace: remove it from unwitnessed")
        if missing := [step for step in system.transitions if step not in seen]:
            missing = [step for step in missing if step not in system.unwitnessed]
        if missing:
            self._refuse(
                f"no witness trace has {SEPARATOR.join(missing)}: "
                "add one, or give the reason in unwitnessed"
            )


def _declared(symbols: Symbols, signatures: Mapping[str, Any]) -> set[z3.FuncDeclRef]:
    """Return Z3's declarations of symbols."""
    return set(_declarations(symbols, signatures))


def _declarations(symbols: Symbols, signatures: Mapping[str, Any]) -> Iterator[z3.FuncDeclRef]:
    for name, signature in signatures.items():
        symbol = getattr(symbols, name)
        yield symbol if len(signature) > 1 else symbol.decl()
