"""Mutation of a module's syntax tree, for tests of trusted code.

`survivors(module, kills)` makes every small change to the module's source that `mutants` knows,
loads each changed module beside the true one, and calls `kills` with it. A mutant is dead if
`kills` raises, alive if it returns. `kills` is a test of the module: it takes the module as its
argument, and everything that it uses of it (exceptions too) from that argument.

A mutant that runs for ever is dead after a number of steps, not of seconds: each function and each
turn of a loop or comprehension counts as one step, and the limit is a multiple of the steps that
`kills` takes with the true module. So a verdict does not depend on the machine.
"""

import __future__

import ast
import inspect
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import pytest
from mutation_operators import OF_EXPRESSIONS, is_not, is_truth, negated

NEEDS = frozenset({"need"})
"""Functions whose first argument is a condition, and whose other arguments are messages."""

_TICK = "__tick__"
_NO_CHILDREN = {"annotation", "returns", "decorator_list", "type_params", "ctx", "format_spec"}
_EMPTY = {
    "list": "[]",
    "set": "set()",
    "frozenset": "frozenset()",
    "dict": "{}",
    "tuple": "()",
    "str": "''",
    "int": "0",
}
_DROPPED = (ast.AugAssign, ast.Raise, ast.Delete, ast.Assert, ast.For)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Runaway(BaseException):  # no module under test catches it
    """The mutant took more steps than it may."""


@dataclass(frozen=True)
class Mutant:
    """A module's tree with one change.

    `key` names the change by its function, the text of its line and the operator, not by a line
    number; so it stays valid when other parts of the file change.
    """

    line: int
    what: str
    tree: ast.Module
    key: str = ""

    def __str__(self):
        return f"line {self.line}: {self.key}"


def mutants(source, *, needs=NEEDS):
    """Yield every mutant of the source in a fixed order."""
    lines = source.splitlines()
    found = Counter()
    for site in _Walk(needs).module(_instrumented(source)):
        text = lines[site.line - 1].strip()
        key = f"{site.scope}: {text}: {site.what}"
        found[key] += 1
        if found[key] > 1:
            key += f" ({found[key]})"
        yield Mutant(site.line, site.what, site.tree, key)


def load(mutant, module, *, limit=1_000_000):
    """Return a new module with the mutant's code, in the place of `module`.

    Nothing stays in `sys.modules`. The code raises Runaway after `limit` steps.
    """
    return _load(mutant.tree, module, _Steps(limit))


def survivors(module, kills, *, share=slice(None), equivalent=None, needs=NEEDS):
    """Return the mutants of the module that `kills` does not kill, as text.

    `share` selects some of the mutants (`slice(start, None, step)`). `equivalent` maps keys of
    mutants that no test can kill to the written reason. Raise AssertionError if `kills` fails
    with the true module, if a key is no mutant's, or if a mutant called equivalent dies.
    """
    equivalent = equivalent or {}
    source = inspect.getsource(module)
    every = list(mutants(source, needs=needs))
    stale = sorted(equivalent.keys() - {mutant.key for mutant in every})
    assert not stale, f"no mutant has these keys: {stale}"
    unexplained = [key for key, reason in equivalent.items() if not reason.strip()]
    assert not unexplained, f"no reason is given why these mutants are equivalent: {unexplained}"
    alive, refuted = [], []
    with _untraced():
        steps = _Steps(100_000_000)
        kills(_load(_instrumented(source), module, steps))
        limit = 10_000 + 10 * steps.taken
        for mutant in every[share]:
            dies = _dies(mutant, module, kills, limit)
            if not dies and mutant.key not in equivalent:
                alive.append(str(mutant))
            elif dies and mutant.key in equivalent:
                refuted.append(str(mutant))
    assert not refuted, f"called equivalent, but killed: {refuted}"
    return alive


@contextmanager
def _untraced():
    """Measure no coverage meanwhile: what mutants reach is none, and tracing takes most time."""
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(trace)


def _dies(mutant, module, kills, limit):
    try:
        kills(load(mutant, module, limit=limit))
    except (KeyboardInterrupt, pytest.skip.Exception, pytest.exit.Exception):
        raise
    except BaseException:  # noqa: BLE001 - whatever a mutant raises, it is noticed
        return True
    return False


# --- loading ---------------------------------------------------------------------------------


class _Steps:
    def __init__(self, limit):
        self.limit = limit
        self.taken = 0

    def __call__(self):
        self.taken += 1
        if self.taken > self.limit:
            raise Runaway(f"more than {self.limit} steps")
        return True


def _load(tree, module, steps):
    new = ModuleType(module.__name__)
    new.__package__ = module.__package__
    new.__file__ = module.__file__
    new.__spec__ = module.__spec__
    if hasattr(module, "__path__"):
        new.__path__ = module.__path__
    new.__dict__[_TICK] = steps
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = new  # dataclasses look their module up
    try:
        for statement in tree.body:
            exec(_code(statement, module.__name__), new.__dict__)  # noqa: S102 - it is our module
    finally:
        if before is None:
            del sys.modules[module.__name__]
        else:
            sys.modules[module.__name__] = before
    return new


def _code(statement, name):
    """Compile one statement of a module; mutants share the code of those that they share."""
    if not hasattr(statement, "_code"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            statement._code = compile(
                ast.Module([statement], []),
                f"<mutant of {name}>",  # not the file's name: coverage would count mutants' lines
                "exec",
                flags=statement._flags,
                dont_inherit=True,
            )
    return statement._code


# --- counting steps --------------------------------------------------------------------------


def _instrumented(source):
    tree = ast.parse(source)
    futures = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    }
    flags = 0
    for name in futures:
        flags |= getattr(__future__, name).compiler_flag
    for node in list(ast.walk(tree)):
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            node.body.insert(0, _counted(ast.Expr(_tick(node)), node))
        elif isinstance(node, _FUNCTIONS):
            after = 1 if ast.get_docstring(node, clean=False) is not None else 0
            node.body.insert(after, _counted(ast.Expr(_tick(node)), node))
        elif isinstance(node, ast.comprehension):
            node.ifs.insert(0, _tick(node.iter))
    for statement in tree.body:
        statement._flags = flags
    return tree


def _tick(node):
    return _counted(ast.Call(ast.Name(_TICK, ast.Load()), [], []), node)


def _counted(new, node):
    new._counter = True
    return ast.fix_missing_locations(ast.copy_location(new, node))


# --- mutants ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Site:
    line: int
    scope: str
    what: str
    tree: ast.Module


@dataclass(frozen=True)
class _Where:
    """Where a node stands: its function, how to replace it, whether its value is a condition."""

    scope: str
    replace: Callable[[ast.AST], ast.AST]
    returns: ast.expr | None = None
    names: Counter | None = None
    condition: bool = False

    def inside(self, node, field, index, *, condition=False):
        def replace(new):
            return self.replace(_with(node, field, index, new))

        return _Where(self.scope, replace, self.returns, self.names, condition)


def _with(node, field, index, new):
    """Return a copy of the node with one child replaced; all else is shared."""
    fields = {name: getattr(node, name) for name in node._fields if hasattr(node, name)}
    if index is None:
        fields[field] = new
    else:
        children = list(fields[field])
        children[index] = new
        fields[field] = children
    copy = ast.copy_location(type(node)(**fields), node)
    if hasattr(node, "_flags"):
        copy._flags = node._flags
    return copy


class _Walk:
    def __init__(self, needs):
        self.needs = needs

    def module(self, tree):
        for index, statement in enumerate(tree.body):
            where = _Where("module", partial(_with, tree, "body", index))
            yield from self.node(statement, where)

    def node(self, node, where):
        """Yield the changes of the node itself, then those of what it consists of."""
        if _is_ignored(node):
            return
        for what, new in self.changes(node, where):
            if not hasattr(new, "lineno"):  # it is no part of the node
                ast.copy_location(new, node)
            ast.fix_missing_locations(new)
            if hasattr(node, "_flags"):
                new._flags = node._flags
            yield _Site(node.lineno, where.scope, what, where.replace(new))
        yield from self.children(node, where)

    def children(self, node, where):
        if isinstance(node, ast.Raise):
            return  # the rest is a message
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            where = _entered(node, where)
        for field, value in ast.iter_fields(node):
            if field in _NO_CHILDREN:
                continue
            if isinstance(value, list):
                for index, child in enumerate(value):
                    if isinstance(child, ast.AST) and not self._is_message(node, field, index):
                        condition = self._is_condition(node, field, index)
                        inner = where.inside(node, field, index, condition=condition)
                        yield from self._child(child, inner)
            elif isinstance(value, ast.AST):
                condition = self._is_condition(node, field, None)
                yield from self._child(value, where.inside(node, field, None, condition=condition))

    def _child(self, child, where):
        if hasattr(child, "lineno"):
            yield from self.node(child, where)
        else:  # arguments, comprehensions, cases: containers without a place of their own
            yield from self.children(child, where)

    def _is_message(self, node, field, index):
        return (
            isinstance(node, ast.Call)
            and _name(node.func) in self.needs
            and not (field == "args" and index == 0)
        )

    def _is_condition(self, node, field, index):
        if isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)):
            return field == "test"
        if isinstance(node, ast.comprehension):
            return field == "ifs"
        if isinstance(node, ast.match_case):
            return field == "guard"
        if isinstance(node, ast.Return):
            value = node.value
            return isinstance(value, (ast.Compare, ast.BoolOp)) or is_not(value)
        if isinstance(node, ast.Call):
            return field == "args" and index == 0 and _name(node.func) in self.needs
        return False

    def changes(self, node, where):
        """Yield (operator, node in its place), each other node once."""
        if isinstance(node, ast.stmt):
            yield from self._statement(node, where)
            return
        said = set()
        for what, new in self._expression(node, where):
            said = said or {ast.dump(node)}
            text = ast.dump(new)
            if text not in said:
                said.add(text)
                yield what, new

    def _expression(self, node, where):
        if where.condition:
            yield "negate", negated(node)
            yield "condition is True", ast.Constant(value=True)
            yield "condition is False", ast.Constant(value=False)
        for kind, operators in OF_EXPRESSIONS.items():
            if isinstance(node, kind):
                yield from operators(node)

    def _statement(self, node, where):
        drop = "drop statement", ast.Pass()
        match node:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Expr():
                yield drop
            case ast.Assign(targets=[target]) if _is_again(target, where):
                yield drop
            case ast.Return(value=ast.expr() as value) if not is_truth(value):
                for text in _returned(where.returns):
                    if text != ast.unparse(value):
                        new = ast.parse(text, mode="eval").body
                        yield f"return {text}", ast.Return(new)
            case ast.Continue():
                yield "continue to break", ast.Break()
                yield drop
            case ast.Break():
                yield "break to continue", ast.Continue()
                yield drop
            case _ if isinstance(node, _DROPPED):
                yield drop


def _entered(node, where):
    scope = node.name if where.scope == "module" else f"{where.scope}.{node.name}"
    if isinstance(node, ast.ClassDef):
        return _Where(scope, where.replace)
    names = Counter()
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg):
            names[inner.arg] += 1
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names[inner.id] += 1
    return _Where(scope, where.replace, node.returns, names)


def _is_ignored(node):
    match node:
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True  # loading is not running
        case ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return True
    return getattr(node, "_counter", False)


def _is_again(target, where):
    """Return whether something is left of the target without this assignment."""
    if isinstance(target, ast.Name):
        return where.names is not None and where.names[target.id] > 1
    return isinstance(target, (ast.Subscript, ast.Attribute))


def _name(function):
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
    return ""


def _returned(annotation):
    """Return what a function of this annotation returns in a mutant."""
    text = "" if annotation is None else ast.unparse(annotation).strip("'")
    if text == "bool":
        return ("True", "False")
    kind = text.partition("[")[0]
    return (_EMPTY[kind], "None") if kind in _EMPTY and "|" not in text else ("None",)
