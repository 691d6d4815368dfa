"""The local state of a suspended generator, as a hashable value.

Two suspended generators with equal fingerprints have the same future (see `normal_form`).
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from agreement.explore.normal_form import normal_form_violation

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["HiddenStateError", "fingerprint"]


class HiddenStateError(Exception):
    """The local variables do not determine the whole local state; the message says where."""


def fingerprint(steps: Generator[Any, Any, Any]) -> Hashable:
    """Return the position and the variables of a generator and of those it delegates to.

    Raises HiddenStateError if these do not determine its future.
    """
    return _generator(steps, {})


def _generator(steps: Generator[Any, Any, Any], met: dict[int, int]) -> Hashable:
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
            (name, _frozen(value, met)) for name, value in sorted(frame.f_locals.items())
        )
        frames.append((frame.f_code, frame.f_lasti, variables))
        inner = inner.gi_yieldfrom
    return tuple(frames)


def _frozen(value: object, met: dict[int, int]) -> Hashable:
    """Return a value with its type; mutable containers by content and by identity.

    Identity matters, since two variables can share a container; `met` numbers those met so far.
    """
    match value:
        case list() | dict() | set() | Generator():
            if id(value) in met:
                return ("again", met[id(value)])
            met[id(value)] = len(met)
    match value:
        case int() | str() | None:
            return (type(value), value)
        case tuple() | list():
            return (type(value), tuple(_frozen(item, met) for item in value))
        case dict():
            return (dict, tuple((key, _frozen(item, met)) for key, item in value.items()))
        case set():
            return (set, tuple(_frozen(item, met) for item in value))
        case Generator():
            return (Generator, _generator(value, met))
    if _is_plain(value):
        return (type(value), value)
    raise HiddenStateError(
        f"a local variable holds a {type(value).__name__}, whose content is not known here"
    )


def _is_plain(value: object) -> bool:
    """Return whether the value is taken as immutable: callable, or hashed by its content."""
    try:
        hash(value)
    except TypeError:
        return False
    return callable(value) or type(value).__hash__ is not object.__hash__
