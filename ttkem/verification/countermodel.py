"""Print the states of a run from a Z3 model: only what holds, with short names."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from z3 import Z3_BOOL_SORT

from ttkem.verification.system import Symbols

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import z3

    from ttkem.verification.finite import Universe
    from ttkem.verification.system import Signature, System

__all__ = ["Moment", "shown"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A state of a run, and the step that led to it with its choices."""

    state: Symbols
    step: str = ""
    chosen: Symbols = field(default_factory=lambda: Symbols({}))


def shown(model: z3.ModelRef, universe: Universe, system: System, moments: Sequence[Moment]) -> str:
    """Return a run as text: all facts of the first state, then the changes of each step.

    A function's value is shown only where some relation holds of its arguments, such as the keys of
    those nodes that are in a tree; it is shown everywhere if no relation has these arguments.
    """
    reader = _Reader(model, universe)
    facts = reader.facts(system.state, moments[0].state)
    lines = ["before: " + (", ".join(facts) or "nothing")]
    for moment in moments[1:]:
        chosen = reader.facts(system.transitions[moment.step].chooses, moment.chosen)
        lines.append(": ".join(filter(None, (moment.step, ", ".join(chosen)))))
        now = reader.facts(system.state, moment.state)
        gone = [f"no longer {fact}" for fact in facts if fact not in now]
        changes = [fact for fact in now if fact not in facts] + gone
        lines.append("after: " + (", ".join(changes) or "the same"))
        facts = now
    return "\n".join(lines)


class _Reader:
    """A reader of facts from a model."""

    def __init__(self, model: z3.ModelRef, universe: Universe) -> None:
        self._model = model
        self._elements = universe.elements
        self._called = universe.names
        self._names = {
            str(model.eval(each, model_completion=True)): name
            for each, name in universe.names.items()
        }

    def facts(self, signatures: Mapping[str, Signature], symbols: Symbols) -> list[str]:
        """Return all facts, such as ``at(m0, o1)`` and ``key(o1, n0) = s2``."""
        holds: dict[str, list[tuple[z3.ExprRef, ...]]] = {}
        for name, signature in signatures.items():
            if signature[-1].kind() == Z3_BOOL_SORT:
                symbol = getattr(symbols, name)
                each = self._tuples(signature)
                holds[name] = [at for at in each if self._value(_at(symbol, at)) == "True"]
        found = []
        for name, signature in signatures.items():
            where = holds[name] if name in holds else self._defined(signature, signatures, holds)
            for at in where:
                called = (self._called.get(one, str(one)) for one in at)
                fact = f"{name}({', '.join(called)})" if at else name
                if name not in holds:
                    fact += f" = {self._value(_at(getattr(symbols, name), at))}"
                found.append(fact)
        return found

    def _defined(
        self,
        signature: Signature,
        signatures: Mapping[str, Signature],
        holds: Mapping[str, list[tuple[z3.ExprRef, ...]]],
    ) -> list[tuple[z3.ExprRef, ...]]:
        """Return the arguments of a function for which a relation holds, of these or of more."""
        count = len(signature) - 1
        about = [name for name in holds if signatures[name][:count] == signature[:count]]
        within = {at[:count] for name in about for at in holds[name]}
        each = self._tuples(signature)
        return [at for at in each if at in within] if about and count else list(each)

    def _tuples(self, signature: Signature) -> Iterator[tuple[z3.ExprRef, ...]]:
        return product(*(self._elements[sort] for sort in signature[:-1]))

    def _value(self, term: z3.ExprRef) -> str:
        value = str(self._model.eval(term, model_completion=True))
        return self._names.get(value, value)


def _at(symbol: Any, arguments: tuple[z3.ExprRef, ...]) -> z3.ExprRef:
    return symbol(*arguments) if arguments else symbol
