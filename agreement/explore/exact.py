"""Values that are told apart although Python says that they are equal: 1, True and 1.0.

A process can see whether it reads 1 or True. So where the checker looks up what it knows by a
value, it uses `exact(value)`, which is equal only for values of equal types and content, and
`plain` gives the value back. Of most values, `exact` is the value itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.explore.local_state import HiddenStateError, frozen

if TYPE_CHECKING:
    from collections.abc import Hashable

    from agreement.memory import Value, View

__all__ = ["Exact", "exact", "plain"]


class Exact:
    """A value with an equality that looks at types too."""

    __slots__ = ("_key", "value")

    def __init__(self, value: Value, key: Hashable) -> None:
        self.value, self._key = value, key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return repr(self.value)


def exact(value: Value) -> Value:
    """Return what stands for a value where it is looked up."""
    if _is_exact(value):
        return value
    try:
        key = frozen(value)
    except HiddenStateError:
        key = (type(value), value)  # a type of the user's own, with an equality of its own
    return Exact(value, key)


def _is_exact(value: object) -> bool:
    kind = type(value)
    if kind is tuple:
        return all(map(_is_exact, value))  # type: ignore[call-overload]
    return kind is int or kind is str or value is None


def plain(response: Value | View) -> Value | View:
    """Return the value for which `exact` returned this, or the view of such values."""
    if type(response) is Exact:
        return response.value
    if type(response) is tuple and any(type(part) is Exact for part in response):
        return tuple(part.value if type(part) is Exact else part for part in response)
    return response
