"""What the processes of a program share beside the registers, and whether they change it.

In the model, processes share registers and nothing else. In Python they also share whatever the
program can reach: closures, globals, default arguments, attributes of functions and classes. The
checker runs one process at a time, and each of them again and again, so a program that changes any
of these is not what is being checked. `Environment` finds the mutable things that a program can
reach before it runs, and tells which of them has changed.

Code of the standard library, of numpy and of `agreement` itself is trusted not to keep state,
except for generators of random numbers. What an object written in C hides is not seen; replays see
it if it makes a difference.
"""

from __future__ import annotations

import random
import sys
import warnings
from collections import deque
from functools import partial
from operator import is_
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    GeneratorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    NoneType,
    SimpleNamespace,
)
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from agreement.explore.local_state import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agreement.memory import Program

__all__ = ["Environment"]

_Part: TypeAlias = tuple[object, str]
_ATOMS = (int, bool, str, bytes, float, complex, NoneType, range, CodeType)
_TRUSTED = {*sys.stdlib_module_names, "agreement", "numpy"}


class Environment:
    """The objects that a program reaches before it runs; `shared` has them by `id`."""

    def __init__(self, program: Program) -> None:
        self.shared: dict[int, object] = {}
        self._watched: list[tuple[str, Callable[[], list[object]], list[object], bool]] = []
        todo: list[_Part] = [(program, "the program")]
        while todo:
            value, name = todo.pop()
            if type(value) not in _ATOMS and id(value) not in self.shared:
                self.shared[id(value)] = value
                todo.extend(self._parts(value, name))
        self._size = sum(len(before) for _, _, before, _ in self._watched)
        self._unpaid = 0

    def change(self, *, now: bool = False) -> str | None:
        """Return the name of something that has changed, or None.

        So that large tables cost no more than the steps themselves, a call looks only if `now`, or
        if there were enough calls since the last look; at each call if little is watched.
        """
        self._unpaid += _FREE
        if not now and self._unpaid < self._size:
            return None
        self._unpaid = 0
        for name, look, before, same in self._watched:
            found = look()
            if len(found) != len(before) or not (
                all(map(is_, found, before)) if same else found == before
            ):
                return name
        return None

    def _watch(self, name: str, look: Callable[[], list[object]], *, same: bool = True) -> None:
        """Watch what `look` returns: the same objects, or equal ones."""
        self._watched.append((name, look, look(), same))

    def _parts(self, value: Any, name: str) -> Iterable[_Part]:  # noqa: ANN401, C901, PLR0911, PLR0912 - one case per type
        """Watch a value, if it is mutable, and return what can be reached from it."""
        match value:
            case FunctionType():
                return self._function(value)
            case MethodType():
                return [(value.__self__, name), (value.__func__, name)]
            case BuiltinFunctionType() | MethodWrapperType():
                return [] if isinstance(value.__self__, ModuleType) else [(value.__self__, name)]
            case partial():
                return [(value.func, name), (value.args, name), (value.keywords, name)]
            case tuple() | frozenset():
                return [(part, name) for part in value]
            case list() | set() | deque():
                self._watch(name, lambda: list(value))
                return [(part, name) for part in value]
            case dict():
                self._watch(name, lambda: [*value.keys(), *value.values()])
                return [(part, name) for part in (*value.keys(), *value.values())]
            case bytearray() | np.ndarray():
                self._watch(name, lambda: [bytes(value)], same=False)
            case random.Random():
                self._watch(name, lambda: [value.getstate()], same=False)
            case GeneratorType():
                self._watch(name, lambda: [_position(value)], same=False)
            case staticmethod() | classmethod():
                return [(value.__func__, name)]
            case property():
                return [(value.fget, name)]
            case type():
                return self._class(value)
            case ModuleType():
                return []
            case _ if hasattr(value, "__next__"):
                self._watch(name, lambda: [_reduced(value)], same=False)
            case _ if isinstance(value, SimpleNamespace) or not _is_trusted(type(value).__module__):
                return self._instance(value, name)
        return []

    def _function(self, function: FunctionType) -> Iterator[_Part]:
        of = function.__qualname__
        for variable, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            name = f"the variable {variable!r} of a function around {of}"
            self._watch(name, lambda cell=cell: _content(cell))  # type: ignore[misc]
            yield from ((held, name) for held in _content(cell))
        yield function.__defaults__, f"a default argument of {of}"
        yield function.__kwdefaults__, f"a default argument of {of}"
        yield function.__dict__, f"an attribute of the function {of}"
        space = function.__globals__
        if not _is_trusted(str(space.get("__name__", ""))):
            yield from self._globals(space, set(_names(function.__code__)))

    def _globals(self, space: dict[str, Any], names: set[str]) -> Iterator[_Part]:
        for used in sorted(names & space.keys()):
            yield from self._entry(space, used, f"the global {used!r}")
            held = space[used]
            if isinstance(held, ModuleType):
                inside = vars(held)
                for attribute in sorted(names & inside.keys()):
                    name = f"{attribute!r} of the module {held.__name__}"
                    if _is_trusted(held.__name__) and callable(inside[attribute]):
                        yield inside[attribute], name
                    elif not _is_trusted(held.__name__):
                        yield from self._entry(inside, attribute, name)

    def _entry(self, space: dict[str, Any], used: str, name: str) -> Iterator[_Part]:
        self._watch(name, lambda: [space.get(used)])
        yield space[used], name

    def _class(self, kind: type) -> Iterator[_Part]:
        if not _is_trusted(kind.__module__):
            name = f"an attribute of the class {kind.__qualname__}"
            self._watch(name, lambda: [*vars(kind), *vars(kind).values()])
            yield from ((held, name) for held in list(vars(kind).values()))
            yield from ((base, name) for base in kind.__mro__)

    def _instance(self, value: object, name: str) -> Iterator[_Part]:
        name = f"an attribute of {name}" if "attribute of" not in name else name
        self._watch(name, lambda: [part for pair in fields(value) for part in pair])
        yield from ((held, name) for _, held in fields(value))
        yield type(value), name


_FREE = 64


def _is_trusted(module: str) -> bool:
    return module.partition(".")[0] in _TRUSTED


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names of globals and attributes in a code object and in those inside it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _content(cell: CellType) -> list[object]:
    try:
        return [cell.cell_contents]
    except ValueError:
        return []


def _position(steps: GeneratorType[Any, Any, Any]) -> object:
    frame = steps.gi_frame
    return None if frame is None else (frame.f_lasti, [*map(id, frame.f_locals.values())])


def _reduced(iterator: Any) -> object:  # noqa: ANN401 - any iterator
    """Return the content and the position of an iterator, as far as it gives them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return iterator.__reduce__()
    except TypeError:
        return None
