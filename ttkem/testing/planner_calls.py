"""Calling a designer's planner: within a budget of lines, and only well-formed plans come back.

A planner is foreign code. It may raise, return something else than a plan, or never return, and
then the error names the file and line.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttkem.cgka.plan import Change, Plan
from ttkem.errors import LocalError
from ttkem.testing.protocol_import import import_object
from ttkem.tree import KeyTree

if TYPE_CHECKING:
    from types import FrameType

    from ttkem.cgka.plan import Planner

__all__ = ["LINES", "CheckedPlanner", "LineBudget", "PlannerError", "import_planner"]

LINES = 1_000_000
"""The number of lines that a planner may execute for one plan."""


class PlannerError(LocalError):
    """A planner that raises, does not return, or returns something else than a plan."""


class TooManyLinesError(BaseException):
    """A planner's budget is spent; no base of Exception, so that a planner does not catch it."""


class LineBudget:
    """A trace function that raises once a number of lines has been executed."""

    def __init__(self, lines: int) -> None:
        self.left = lines

    def __call__(self, frame: FrameType, event: str, _: object) -> LineBudget:
        """Count a line; raise TooManyLinesError where none is left."""
        if event == "line":
            self.left -= 1
            if self.left < 0:
                name = Path(frame.f_code.co_filename).name
                raise TooManyLinesError(f"{name}, line {frame.f_lineno}")
        return self


def import_planner(spec: str, folder: Path | None = None) -> CheckedPlanner:
    """Import the planner that ``spec`` names as ``module:name``.

    A protocol with a planner, such as a :class:`~ttkem.cgka.TreeCGKA`, stands for its planner.
    """
    found = import_object(spec, "planner", folder)
    plan = getattr(found, "plan", found)
    if not callable(plan):
        raise LocalError(
            f"cannot prove {spec!r}: it is neither a planner nor a protocol with a planner"
        )
    return CheckedPlanner(plan, spec)


@dataclass(frozen=True)
class CheckedPlanner:
    """A planner whose calls end, and whose plans are well-formed."""

    plan: Planner
    name: str
    """Its name in errors."""
    lines: int = LINES
    """The number of lines that it may execute for one plan."""
    defined: str = field(init=False)
    """The file and line of its definition, in brackets, if they are known."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "defined", _place(self.plan))

    def __call__(self, tree: KeyTree, change: Change) -> Plan:
        """Return the plan. Raise PlannerError if there is none, or if it is malformed."""
        try:
            plan = self._within_budget(tree, change)
        except TooManyLinesError as stop:
            raise PlannerError(
                f"cannot prove {self.name}: for {_words(change)} it did not return within "
                f"{self.lines:,} lines; the last was in {stop}{self.defined}"
            ) from None
        except (Exception, SystemExit) as error:
            raise PlannerError(
                f"cannot prove {self.name}: for {_words(change)} it raised {self._raised(error)}"
            ) from error
        wrong = _malformed(plan, tree)
        if wrong is not None:
            raise PlannerError(
                f"cannot prove {self.name}: for {_words(change)} it returned {wrong}{self.defined}"
            )
        return plan

    def _within_budget(self, tree: KeyTree, change: Change) -> Plan:
        before = sys.gettrace()
        sys.settrace(LineBudget(self.lines))
        try:
            return self.plan(tree, change)
        finally:
            sys.settrace(before)

    def _raised(self, error: BaseException) -> str:
        """Return an exception in words, with the last line of the planner's file on the way."""
        words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[2:]
        file = getattr(getattr(self.plan, "__code__", None), "co_filename", None)
        own = [frame for frame in frames if frame.filename == file] or frames
        if not own:
            return words + self.defined
        return f"{words} ({Path(own[-1].filename).name}, line {own[-1].lineno}, in {own[-1].name})"


def _words(change: Change) -> str:
    kind, target = change.kind.name.lower(), change.target
    return f"{kind} by leaf {change.author}" + (
        "" if target == change.author else f" of leaf {target}"
    )


def _place(plan: Any) -> str:  # noqa: ANN401 - anything that can be called
    """Return where a function, or the class of a callable, is defined."""
    code = getattr(inspect.unwrap(plan), "__code__", None)
    code = code or getattr(type(plan).__call__, "__code__", None)
    if code is None:
        return ""
    return f" (defined in {Path(code.co_filename).name}, line {code.co_firstlineno})"


def _malformed(plan: Any, tree: KeyTree) -> str | None:  # noqa: ANN401 - anything at all
    """Return what is wrong with the types and node numbers of a plan; None if nothing is."""
    if type(plan) is not Plan:  # a subclass could answer otherwise than its fields
        return f"{_shown(plan)}, not a ttkem.cgka.Plan"
    types = {"author": int, "tree": KeyTree, "chains": tuple, "taints": Mapping, "fresh_leaf": bool}
    for name, type_ in types.items():
        value, verb = getattr(plan, name), "are" if name.endswith("s") else "is"
        if not _is(value, type_):
            return f"a plan whose {name} {verb} {_shown(value)}, not a {type_.__name__}"
    return _malformed_chains(plan, tree) or _malformed_taints(plan)


def _malformed_chains(plan: Plan, tree: KeyTree) -> str | None:
    for chain in plan.chains:
        if not _is(chain, tuple) or not chain:
            return f"a plan with the chain {_shown(chain)}, not a non-empty tuple"
        for node in chain:
            if not (_is(node, int) and node % 2 and 0 < node < 2 * tree.capacity - 1):
                return (
                    f"a plan that refreshes {_shown(node)}, which is no internal node of a tree of "
                    f"{tree.capacity} leaves"
                )
    return None


def _malformed_taints(plan: Plan) -> str | None:
    for node, tainter in plan.taints.items():
        if tainter is not None and not _is(tainter, int):
            return (
                f"a plan in which {_shown(tainter)} taints node {_shown(node)}, not None or a leaf"
            )
    return None


def _is(value: object, type_: type) -> bool:
    """Return whether a value is of this very type; any kind of mapping will do."""
    return isinstance(value, Mapping) if type_ is Mapping else type(value) is type_


def _shown(value: object) -> str:
    """Return a foreign value in words, cut off where it is long."""
    words = repr(value)
    return words if len(words) <= 60 else f"{words[:57]}..."  # noqa: PLR2004 - a line's length
