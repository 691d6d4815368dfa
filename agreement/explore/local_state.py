"""The local state of a suspended generator, as a hashable value.

Two suspended generators with equal fingerprints have the same future (see `normal_form`), provided
that what all processes share does not change, which `environment` watches. So a value is taken into
a fingerprint only if all that it can ever do is known from it: a list, a bound method or an object
with `__call__` by its content, and never by its identity alone. What is not known raises
HiddenStateError, and the checker tells the local states of that program apart by their history.
"""

from __future__ import annotations

import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Generator, Hashable, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import partial
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    EllipsisType,
    FunctionType,
    GeneratorType,
    MappingProxyType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    NoneType,
)
from typing import TYPE_CHECKING, Any

import numpy as np

from agreement.explore.normal_form import normal_form_violation

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Frozen", "HiddenStateError", "fields", "fingerprint", "frozen"]

_NOTHING_SHARED: Mapping[int, object] = MappingProxyType({})
_BY_VALUE = (int, bool, str, bytes, NoneType, EllipsisType, range, CodeType, Decimal, Fraction)
_BY_IDENTITY = (type, ModuleType, Enum)
_CONTAINERS = (list, dict, set, deque, bytearray, OrderedDict, Counter, defaultdict)
_MADE: tuple[object, ...] = (
    iter([]), iter(()), iter(range(0)), iter(range(1 << 70)), iter(""), iter(b""), reversed([]),
    enumerate([]), zip(),
)  # fmt: skip
_ITERATORS = tuple(map(type, _MADE))
"""Iterators whose `__reduce__` gives their content and position and changes nothing."""


class HiddenStateError(Exception):
    """The local variables do not determine the whole local state; the message says where."""


def fingerprint(
    steps: Generator[Any, Any, Any], shared: Mapping[int, object] = _NOTHING_SHARED
) -> Hashable:
    """Return the position and the variables of a generator and of those it delegates to.

    `shared` are the objects, by `id`, that are watched and so never change. Raises HiddenStateError
    if position and variables do not determine the generator's future.
    """
    return Frozen(shared).generator(steps)


def frozen(value: object) -> Hashable:
    """Return a value as a hashable one that is equal only for values of equal types and content."""
    return Frozen(_NOTHING_SHARED).value(value)


def fields(value: object) -> list[tuple[str, object]]:
    """Return the names and values of the attributes that an instance itself has."""
    found = list(getattr(value, "__dict__", {}).items())
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            mangled = f"_{kind.__name__.lstrip('_')}{name}" if _is_private(name) else name
            if hasattr(value, mangled) and name not in {"__dict__", "__weakref__"}:
                found.append((mangled, getattr(value, mangled)))
    return found


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


class Frozen:
    """The freezing of values that belong together.

    Mutable objects are frozen by content and by identity, since two variables can share one; those
    met so far are numbered.
    """

    def __init__(self, shared: Mapping[int, object]) -> None:
        self._shared = shared
        self._met: dict[int, int] = {}

    def generator(self, steps: Generator[Any, Any, Any]) -> Hashable:
        """Return the fingerprint of a generator."""
        frames = []
        inner: object = steps
        while inner is not None:
            if not isinstance(inner, GeneratorType):
                raise HiddenStateError(
                    f"`yield from` over {type(inner).__name__}, which is not a generator"
                )
            frame: FrameType | None = inner.gi_frame
            if frame is None:
                return "finished"
            fault = normal_form_violation(frame.f_code)
            if fault is not None:
                raise HiddenStateError(fault)
            variables = tuple(
                (name, self._variable(frame, name, value))
                for name, value in sorted(frame.f_locals.items())
            )
            frames.append((frame.f_code, frame.f_lasti, variables))
            inner = inner.gi_yieldfrom
        return tuple(frames)

    def _variable(self, frame: FrameType, name: str, value: object) -> Hashable:
        try:
            return self.value(value)
        except HiddenStateError as fault:
            place = f"{frame.f_code.co_name}, line {frame.f_lineno}"
            raise HiddenStateError(f"{place}: variable {name!r}: {fault}") from None

    def value(self, value: object) -> Hashable:
        """Return a hashable value, equal only for values that behave alike for ever."""
        kind = type(value)
        if kind in _BY_VALUE:
            return (kind, value)
        if id(value) in self._shared:
            return ("shared", id(value))
        if kind is tuple:
            return (tuple, *map(self.value, value))  # type: ignore[call-overload]
        if kind in {float, complex}:
            return (kind, repr(value))
        if isinstance(value, _BY_IDENTITY) or _is_plain_function(value):
            return (kind, value)
        if isinstance(value, np.generic) and not value.dtype.hasobject:
            return (kind, value.dtype.str, value.tobytes())
        if id(value) in self._met:
            return ("again", self._met[id(value)])
        self._met[id(value)] = len(self._met)
        return (kind, *self._content(value))

    def _content(  # noqa: C901, PLR0911 - one case per type
        self,
        value: Any,  # noqa: ANN401 - of any type
    ) -> tuple[Hashable, ...]:
        """Return the content of an object that may be mutable."""
        if type(value) in _CONTAINERS:
            return self._container(value)
        match value:
            case frozenset() if type(value) is frozenset:
                return (frozenset(map(self.value, value)),)
            case Generator():
                return (self.generator(value),)
            case FunctionType():
                cells = tuple(map(self._cell, value.__closure__ or ()))
                rest = (value.__defaults__, value.__kwdefaults__, value.__dict__)
                return (value.__code__, cells, *map(self.value, rest))
            case MethodType():
                return (self.value(value.__self__), self.value(value.__func__))
            case BuiltinFunctionType() | MethodWrapperType():
                return (value.__name__, self.value(value.__self__))
            case partial():
                parts = (value.func, value.args, value.keywords)
                return (*map(self.value, parts), self.value(vars(value)))
            case random.Random() if type(value) is random.Random:
                return (value.getstate(),)
            case np.ndarray() if type(value) is np.ndarray and not value.dtype.hasobject:
                return (value.dtype.str, value.shape, value.tobytes())
        if type(value) in _ITERATORS:
            return tuple(self.value(part) for part in value.__reduce__()[1:])
        if _is_python_made(value):
            return tuple((name, self.value(held)) for name, held in fields(value))
        raise HiddenStateError(f"holds a {type(value).__name__}, whose content is not known here")

    def _container(self, value: Any) -> tuple[Hashable, ...]:  # noqa: ANN401 - of any content
        if isinstance(value, bytearray):
            return (bytes(value),)
        more: tuple[object, ...] = ()
        if isinstance(value, dict):
            more = (getattr(value, "default_factory", None),)
            items = [part for pair in value.items() for part in pair]
        else:
            more = (getattr(value, "maxlen", None),)
            items = list(value)
        return tuple(map(self.value, (*more, *items)))

    def _cell(self, cell: CellType) -> Hashable:
        try:
            return self.value(cell.cell_contents)
        except ValueError:
            return "empty"


def _is_plain_function(value: object) -> bool:
    """Return whether the value is a function in C that belongs to a module, such as `len`."""
    return isinstance(value, BuiltinFunctionType) and isinstance(
        value.__self__, ModuleType | NoneType
    )


def _is_python_made(value: object) -> bool:
    """Return whether all of an instance's state is in the attributes of classes made in Python."""
    *kinds, _ = type(value).__mro__
    return all(kind.__flags__ & _HEAP_TYPE and kind.__module__ not in _IN_C for kind in kinds) and (
        type(value).__basicsize__ <= _most_bytes(kinds)
    )


_HEAP_TYPE = 1 << 9
_IN_C = {"builtins"}
_WORD = 8


def _most_bytes(kinds: list[type]) -> int:
    """Return the size of an instance that has nothing but a dictionary, weak references, slots."""
    slots = 0
    for kind in kinds:
        names = vars(kind).get("__slots__", ())
        slots += 1 if isinstance(names, str) else len(tuple(names))
    return object.__basicsize__ + _WORD * (slots + 2)
