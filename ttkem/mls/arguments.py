"""Checks of the types of a caller's values: the wrong ones are named before anything happens."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short

from ttkem.errors import LocalError
from ttkem.mls.messages.envelope import read_key_package
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.proposals import Add, Proposal
from ttkem.wire import encode

__all__ = ["check_each", "check_proposals", "check_type", "key_package_of"]


def check_type(call: str, kind: type | tuple[type, ...], **values: object) -> None:
    """Raise a LocalError unless the values, given by their names, are of a kind.

    A truth value is no number.
    """
    for name, value in values.items():
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise LocalError(f"cannot {call}: {name} is {short(value)}, expected {_named(kind)}")


def check_each(call: str, kind: type | tuple[type, ...], **values: object) -> None:
    """Raise a LocalError unless the values are lists or tuples of items of a kind."""
    for name, items in values.items():
        if not isinstance(items, list | tuple):
            raise LocalError(
                f"cannot {call}: {name} is {short(items)}, expected a list or tuple of "
                f"{_named(kind)}"
            )
        for item in items:
            check_type(call, kind, **{f"an item of {name}": item})


def check_proposals(call: str, proposals: object) -> None:
    """Raise a LocalError unless a value is a sequence of proposals that can be encoded."""
    if not isinstance(proposals, Sequence):
        raise LocalError(f"cannot {call} {short(proposals)}: expected a list of proposals")
    for proposal in proposals:
        if not isinstance(proposal, Proposal):
            raise LocalError(
                f"cannot {call} {short(proposal)}: it is no proposal, such as Add or Remove"
            )
        if isinstance(proposal, Add):  # of which there may be many: encoding costs more than this
            check_type(call, KeyPackage, key_package=proposal.key_package)
        else:
            _check_encoding(call, proposal)


def _check_encoding(call: str, proposal: Proposal) -> None:
    try:
        encode(proposal)
    except (TypeError, ValueError, AttributeError):
        raise LocalError(
            f"cannot {call} {short(proposal)}: a field has a value of the wrong type"
        ) from None


def key_package_of(value: object) -> KeyPackage:
    """Return a key package, given as such or as the bytes of its ``MLSMessage``."""
    if isinstance(value, KeyPackage):
        return value
    if isinstance(value, bytes):
        return read_key_package(value)
    raise LocalError(f"cannot add {short(value)}: expected a KeyPackage or its bytes")


def _named(kind: type | tuple[type, ...]) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join("None" if each is type(None) else each.__name__ for each in kinds)
