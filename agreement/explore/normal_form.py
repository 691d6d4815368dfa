"""Decide whether the local variables of a suspended generator are its whole local state.

The checker merges states in which a process has the same future. The future of a suspended
generator depends on its position, on its local variables, *and* on what Python hides: partly
evaluated expressions and the positions of iterators. A program is in **normal form** if at each of
its yields nothing is hidden, or what is hidden is a function of the local variables:

* a yield is the only effect of its statement; around it there may be calls, tuples and operators
  whose earlier operands are names or constants: `low, high = widen(low, high, (yield Read(a, p)))`;
* a `for` around a yield runs over `range(...)`, and its body assigns neither the arguments of the
  range nor the loop variable;
* no yield is in a `with`, or in the handler or `finally` of a `try`.

Programs that are not in normal form are checked too, with the whole history of a process as its
local state: this is sound, but gives more states. [D]
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import lru_cache
from tokenize import TokenError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

__all__ = ["normal_form_violation"]

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@lru_cache(maxsize=1024)
def normal_form_violation(code: CodeType) -> str | None:
    """Return why the generator function with this code is not in normal form; None if it is."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, SyntaxError, TokenError):
        return f"{code.co_name}: its source is not at hand"
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    if not functions or functions[0].name != code.co_name:
        return f"{code.co_name}: it is not a plain function"
    line = _first_fault(functions[0].body)
    if line is None:
        return None
    return f"{code.co_name}, line {code.co_firstlineno + line - functions[0].lineno}"


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the node and all its descendants, except those in nested functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _SCOPES):
            yield from _walk(child)


def _yields(node: ast.AST | None) -> bool:
    return node is not None and any(isinstance(n, ast.Yield | ast.YieldFrom) for n in _walk(node))


def _assigned(body: list[ast.stmt]) -> set[str]:
    nodes = [node for statement in body for node in _walk(statement)]
    stored = [n for n in nodes if isinstance(getattr(n, "ctx", None), ast.Store)]
    return {name for node in stored if (name := _name(node)) is not None}


def _name(node: ast.AST) -> str | None:
    """Return the name of a variable or an attribute."""
    return getattr(node, "id", getattr(node, "attr", None))


def _first_fault(body: list[ast.stmt]) -> int | None:
    """Return the line of the first statement that breaks normal form; None if none does."""
    for statement in body:
        if isinstance(statement, _SCOPES) or not _yields(statement):
            continue
        line = _fault(statement)
        if line is not None:
            return line
    return None


def _fault(statement: ast.stmt) -> int | None:
    sound: bool
    blocks: list[list[ast.stmt]]
    match statement:
        case ast.Expr(value=value) | ast.Return(value=value) | ast.AnnAssign(value=value):
            sound, blocks = _plain(value), []
        case ast.Assign(targets=[ast.Name() | ast.Tuple()], value=value):
            sound, blocks = _plain(value), []
        case ast.If(test=test, body=body, orelse=orelse):
            sound, blocks = _plain(test), [body, orelse]
        case ast.While(test=test, body=body, orelse=orelse):
            sound, blocks = _plain(test), [body, orelse]
        case ast.For(body=body, orelse=orelse):
            sound, blocks = _counts(statement), [body, orelse]
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            sound = not any(_yields(node) for node in [*handlers, *final])
            blocks = [body, orelse]
        case ast.Match(subject=subject, cases=cases):
            sound, blocks = not _yields(subject), [case.body for case in cases]
        case _:
            sound, blocks = False, []
    if not sound:
        return statement.lineno
    faults = (_first_fault(block) for block in blocks)
    return next((line for line in faults if line is not None), None)


def _counts(loop: ast.For) -> bool:
    """Return whether a loop runs over a range that its body does not change."""
    match loop:
        case ast.For(
            target=ast.Name(id=name),
            iter=ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]),
        ):
            used = {_name(node) for argument in arguments for node in _walk(argument)}
            changed = _assigned([*loop.body, *loop.orelse])
            plain = all(isinstance(n, _ARITHMETIC) for a in arguments for n in _walk(a))
            return plain and not changed & (used | {name})
    return False


_ARITHMETIC = (
    ast.Name,
    ast.Attribute,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.operator,
    ast.unaryop,
    ast.Load,
)
_STABLE = (ast.Name, ast.Constant, ast.Starred, ast.Attribute, ast.Load)


def _stable(node: ast.expr) -> bool:
    return all(isinstance(n, _STABLE) for n in _walk(node))


def _plain(node: ast.expr | None) -> bool:
    """Return whether only names and constants are evaluated before the yield in an expression."""
    match node:
        case ast.Yield(value=value):
            return not _yields(value)
        case ast.YieldFrom(value=value):
            return isinstance(value, ast.Call) and not _yields(value)
        case ast.Call(func=func, args=arguments, keywords=keywords):
            return _in_order([func, *arguments, *(k.value for k in keywords)])
        case ast.Tuple(elts=elements):
            return _in_order(elements)
        case ast.BinOp(left=left, right=right) | ast.Subscript(value=left, slice=right):
            return _in_order([left, right])
        case ast.Compare(left=left, comparators=right):
            return _in_order([left, *right])
        case ast.NamedExpr(value=value):
            return _plain(value)
        case _:
            return not _yields(node)


def _in_order(parts: list[ast.expr]) -> bool:
    """Return whether at most one part yields, and those before it are names or constants."""
    yielding = [position for position, part in enumerate(parts) if _yields(part)]
    if not yielding:
        return True
    if len(yielding) > 1:
        return False
    first = yielding[0]
    return all(_stable(part) for part in parts[:first]) and _plain(parts[first])
