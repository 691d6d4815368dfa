"""Check that a system is one, before anything is proved of it: LocalError says what is not.

A proof by induction is about formulas *of the state*. A formula over a symbol of the author's own
making says the same of every state, so that each step keeps it, whatever the step does. So every
function that gives formulas is called once with symbols whose names nobody can guess: what its
formulas speak of besides must be a symbol of the axioms or a constant of the system. Every sort
must be one of which a finite universe decides, names must tell things apart, and each transition
must stand in a witness trace or have a reason why it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import z3

from ttkem.errors import LocalError
from ttkem.verification.finite import RESERVED, finite_values, symbols_of, terms_of
from ttkem.verification.system import Symbols, Transition, declare, fresh_mark

if TYPE_CHECKING:
    from ttkem.verification.system import System

__all__ = ["SEPARATOR", "check_formulas", "check_names", "check_run", "check_system"]

SEPARATOR = ", "
"""Between the names of a run's transitions."""

_NUMBERS = (z3.Z3_INT_SORT, z3.Z3_REAL_SORT)


def check_system(system: System) -> None:
    """Raise LocalError unless the system is well-formed."""
    _Check(system).all()


def check_run(system: System, steps: Sequence[str]) -> None:
    """Raise LocalError unless all of these are transitions of the system."""
    if isinstance(steps, str):
        raise LocalError(f"{system.name}: a run is a sequence of transitions, not {steps!r}")
    for step in steps:
        if step not in system.transitions:
            known = SEPARATOR.join(system.transitions)
            raise LocalError(f"{system.name}: no transition is called {step!r}; there are {known}")


def check_formulas(where: str, formulas: object) -> None:
    """Raise LocalError unless these are formulas of Z3 by name, without free variables."""
    if not isinstance(formulas, Mapping):
        raise LocalError(f"{where}: formulas by name are wanted, not {formulas!r}")
    for name, formula in formulas.items():
        if not isinstance(name, str) or not name.strip():
            raise LocalError(f"{where}: the name of a formula must say something, unlike {name!r}")
        if not z3.is_bool(formula) or formula.sort() != z3.BoolSort():
            hint = "; write z3.BoolVal(...)" if isinstance(formula, bool) else ""
            raise LocalError(f"{where}: {name!r} is no formula of Z3: {formula!r}{hint}")
        if _loose(formula, 0):
            raise LocalError(f"{where}: {name!r} has a variable that no quantifier binds")


def check_names(where: str, formula: z3.ExprRef) -> None:
    """Raise LocalError if a symbol's name has the character that names made here have."""
    for symbol in symbols_of(formula):
        if RESERVED in symbol.name():
            raise LocalError(f"{where}: a symbol cannot be called {symbol.name()!r}")


def _loose(formula: z3.ExprRef, depth: int) -> bool:
    """Return whether a variable is bound by none of the quantifiers around it."""
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
        """Symbols that the axioms speak of."""

    def all(self) -> None:
        """Check names and sorts first, then formulas, then what the traces say."""
        system = self._system
        self._names()
        self._universe()
        for name, signature in system.state.items():
            self._signature(f"the state's {name!r}", signature)
        for step, transition in system.transitions.items():
            for name, signature in transition.chooses.items():
                self._signature(f"{step}: its choice {name!r}", signature)
        self._axioms()
        state = declare(system.state, fresh_mark())
        allowed = self._fixed | _declared(state, system.state)
        for what in ("init", "invariants", "properties"):
            self._formulas(what, getattr(system, what)(state), allowed)
        if not system.properties(state):
            self._refuse("no property, so that nothing would be claimed")
        for step, transition in system.transitions.items():
            chosen = declare(transition.chooses, fresh_mark())
            with_choice = allowed | _declared(chosen, transition.chooses)
            self._formulas(f"{step}: when", transition.when(state, chosen), with_choice)
            self._changes(step, transition.then(state, chosen), with_choice)
        self._witnesses()

    def _refuse(self, why: str) -> None:
        raise LocalError(f"{self._system.name}: {why}")

    def _names(self) -> None:
        system = self._system
        name: object = system.name
        if not isinstance(name, str) or not name.strip():
            raise LocalError(f"a system needs a name that says something, unlike {name!r}")
        if not system.state:
            self._refuse("no symbol in the state, so that there is nothing to prove of it")
        if not system.transitions:
            self._refuse("no transition, so that nothing would be proved by induction")
        for symbol in system.state:
            self._symbol("a symbol of the state", symbol)
        for step, transition in system.transitions.items():
            self._name("a transition", step)
            if SEPARATOR in step or step in {"start", "any state"}:
                self._refuse(f"no transition can be called {step!r}: runs are written with it")
            made: object = transition
            if not isinstance(made, Transition):
                self._refuse(f"{step!r} is no Transition: {transition!r}")
            for symbol in transition.chooses:
                self._symbol(f"a choice of {step}", symbol)

    def _name(self, what: str, name: object) -> None:
        if not isinstance(name, str) or not name.strip() or RESERVED in name:
            self._refuse(f"{what} cannot be called {name!r}")

    def _symbol(self, what: str, name: str) -> None:
        self._name(what, name)
        if hasattr(Symbols, name):
            self._refuse(f"{what} cannot be called {name!r}, which Symbols has for itself")

    def _universe(self) -> None:
        for sort, size in self._system.universe.items():
            if not isinstance(sort, z3.SortRef) or sort.kind() != z3.Z3_UNINTERPRETED_SORT:
                self._refuse(f"the universe has sizes of uninterpreted sorts, and {sort} is none")
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
        """Raise unless the universe decides a sort."""
        if not self._decides(sort, value=value):
            self._refuse(f"{where} is over the sort {sort}, of which the universe has no elements")

    def _decides(self, sort: z3.SortRef, *, value: bool = False) -> bool:
        """Return whether the universe has all values of a sort, or it is one of numbers' values."""
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
                f"{self._system.name}: axioms or constants speak of "
                f"{SEPARATOR.join(sorted(both))}, which the state has: what changes belongs "
                "into init or invariants"
            )
        for name in spoken:
            self._name("a constant", name)

    def _constant(self, symbol: Any) -> z3.FuncDeclRef:
        """Return the declaration of a symbol that never changes, once it is checked."""
        declared = symbol.decl() if z3.is_const(symbol) else symbol
        if not isinstance(declared, z3.FuncDeclRef) or declared.kind() != z3.Z3_OP_UNINTERPRETED:
            self._refuse(f"constants are symbols of Z3, and {symbol!r} is none")
        domain = [declared.domain(number) for number in range(declared.arity())]
        self._signature(f"the constant {declared}", (*domain, declared.range()))
        return declared

    def _formulas(self, where: str, formulas: object, allowed: set[z3.FuncDeclRef] | None) -> None:
        where = f"{self._system.name}: {where}"
        check_formulas(where, formulas)
        for name, formula in formulas.items():  # type: ignore[attr-defined]
            self._term(f"{where}: {name!r}", formula, allowed)

    def _term(self, where: str, term: z3.ExprRef, allowed: set[z3.FuncDeclRef] | None) -> None:
        """Raise unless a term speaks of allowed symbols only, and of sorts that are finite."""
        for each in terms_of(term, within=True):
            if z3.is_quantifier(each):
                if each.is_lambda():
                    raise LocalError(f"{where} has a lambda, of which a universe cannot decide")
                for number in range(each.num_vars()):
                    self._sort(f"{where} quantifies and", each.var_sort(number))
            elif not self._decides(each.sort(), value=True):
                self._sort(f"{where}: {each}", each.sort(), value=True)
        symbols = symbols_of(term)
        for symbol in sorted(symbols, key=str):
            for number in range(symbol.arity()):
                if not self._decides(symbol.domain(number)):
                    self._sort(f"{where}: {symbol}", symbol.domain(number))
            if allowed is not None and symbol not in allowed:
                raise LocalError(
                    f"{where} speaks of {symbol}, which it was not given: take what changes from "
                    "the state, and name what does not in the axioms or constants"
                )

    def _changes(self, step: str, changes: object, allowed: set[z3.FuncDeclRef]) -> None:
        system = self._system
        if not isinstance(changes, Mapping):
            self._refuse(f"{step}: then must give new meanings by name, not {changes!r}")
        for name, meaning in changes.items():  # type: ignore[attr-defined]
            if name not in system.state:
                self._refuse(f"{step} changes {name!r}, which the state does not have")
            *sorts, value = system.state[name]
            each = [z3.Const(fresh_mark(), sort) for sort in sorts]
            if sorts and not callable(meaning):
                self._refuse(f"{step}: {name!r} has arguments, so its meaning is a function")
            term = meaning(*each) if sorts else meaning
            if not z3.is_expr(term) or term.sort() != value:
                hint = "; write z3.BoolVal(...)" if isinstance(term, bool) else ""
                self._refuse(f"{step}: {name!r} becomes {term!r}, no term of sort {value}{hint}")
            if _loose(term, 0):
                self._refuse(f"{step}: {name!r} becomes a term with a variable that nothing binds")
            local = allowed | {const.decl() for const in each}
            self._term(f"{system.name}: {step}: the new {name!r}", term, local)

    def _witnesses(self) -> None:
        system = self._system
        if isinstance(system.witnesses, str):
            self._refuse("witnesses are sequences of transitions, not one string")
        for trace in system.witnesses:
            check_run(system, trace)
        seen = {step for trace in system.witnesses for step in trace}
        check_run(system, list(system.unwitnessed))
        for step, given in system.unwitnessed.items():
            reason: object = given
            if not isinstance(reason, str) or not reason.strip():
                self._refuse(f"say in words why {step!r} occurs in no witness trace")
            if step in seen:
                self._refuse(f"{step!r} occurs in a witness trace: give no reason why it does not")
        if missing := [step for step in system.transitions if step not in seen]:
            missing = [step for step in missing if step not in system.unwitnessed]
        if missing:
            self._refuse(
                f"no witness trace has {SEPARATOR.join(missing)}: "
                "give one, or say why there is none in unwitnessed"
            )


def _declared(symbols: Symbols, signatures: Mapping[str, Any]) -> set[z3.FuncDeclRef]:
    """Return Z3's declarations of symbols."""
    return set(_declarations(symbols, signatures))


def _declarations(symbols: Symbols, signatures: Mapping[str, Any]) -> Iterator[z3.FuncDeclRef]:
    for name, signature in signatures.items():
        symbol = getattr(symbols, name)
        yield symbol if len(signature) > 1 else symbol.decl()
