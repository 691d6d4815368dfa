"""The steps of a trace: one small value for each call of an adversary (specification T6).

Operations and init keys are named by numbers that the author of the trace chooses. A step can
therefore be removed from a trace without renumbering: steps that refer to it are then refused and
change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Add",
    "Challenge",
    "Confirm",
    "Create",
    "Deliver",
    "EndCorrupt",
    "EraseKeys",
    "Generate",
    "Outcome",
    "Reject",
    "Remove",
    "SampleKey",
    "StartCorrupt",
    "Step",
    "Update",
    "describe",
    "format_trace",
]


@dataclass(frozen=True, slots=True)
class SampleKey:
    """``who`` samples init key ``key`` and publishes its key package."""

    who: str
    key: int


@dataclass(frozen=True, slots=True)
class EraseKeys:
    """``who`` erases all its init keys that no group has used."""

    who: str


@dataclass(frozen=True, slots=True)
class Create:
    """``create``: ``who`` makes operation ``op``, a group of itself and the owners of ``keys``."""

    who: str
    op: int
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """``add``: ``who`` makes operation ``op``, by which the owner of init key ``key`` joins."""

    who: str
    op: int
    key: int


@dataclass(frozen=True, slots=True)
class Remove:
    """``remove``: ``who`` makes operation ``op``, by which ``whom`` leaves."""

    who: str
    op: int
    whom: str


@dataclass(frozen=True, slots=True)
class Update:
    """``update``: ``who`` makes operation ``op``."""

    who: str
    op: int


@dataclass(frozen=True, slots=True)
class Confirm:
    """``confirm(op, 1)``: the delivery service tells the author of ``op`` that it was accepted."""

    op: int


@dataclass(frozen=True, slots=True)
class Reject:
    """``confirm(op, 0)``: the delivery service tells the author of ``op`` that it was rejected."""

    op: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """``deliver``: ``op`` is delivered to ``to``, as a welcome if ``to`` is in no group."""

    op: int
    to: str


@dataclass(frozen=True, slots=True)
class StartCorrupt:
    """From now on the adversary sees the state and the randomness of ``who``."""

    who: str


@dataclass(frozen=True, slots=True)
class EndCorrupt:
    """From now on the adversary sees neither of ``who``."""

    who: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """The adversary claims to know the group key of ``op``."""

    op: int


Generate: TypeAlias = Create | Add | Remove | Update
"""The steps that make an operation."""

Step: TypeAlias = (
    SampleKey
    | EraseKeys
    | Generate
    | Confirm
    | Reject
    | Deliver
    | StartCorrupt
    | EndCorrupt
    | Challenge
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a step."""

    accepted: bool
    reason: str = ""
    """The reason why the step was refused; empty if it was accepted."""


def describe(step: Step) -> str:  # noqa: C901, PLR0911 - one line per kind of step
    """Return a step in words.

    >>> describe(Deliver(3, "ann"))
    'op 3 to ann'
    """
    match step:
        case SampleKey(who, key):
            return f"{who} samples init key {key}"
        case EraseKeys(who):
            return f"{who} erases unused init keys"
        case Create(who, op, keys):
            return f"{who} makes op {op}: create with keys {', '.join(map(str, keys)) or 'none'}"
        case Add(who, op, key):
            return f"{who} makes op {op}: add with key {key}"
        case Remove(who, op, whom):
            return f"{who} makes op {op}: remove {whom}"
        case Update(who, op):
            return f"{who} makes op {op}: update"
        case Confirm(op):
            return f"op {op} is confirmed"
        case Reject(op):
            return f"op {op} is rejected"
        case Deliver(op, to):
            return f"op {op} to {to}"
        case StartCorrupt(who):
            return f"corruption of {who} starts"
        case EndCorrupt(who):
            return f"corruption of {who} ends"
    return f"challenge on op {step.op}"


def format_trace(steps: Sequence[Step], notes: Sequence[str] = ()) -> str:
    """Return a trace as a table for reading: number, step, and a note where one is given.

    >>> print(format_trace([Update("ann", 1), Confirm(1)], ["", "refused"]))
    0  ann makes op 1: update
    1  op 1 is confirmed       refused
    """
    texts = [describe(step) for step in steps]
    width = max(map(len, texts), default=0)
    digits = len(str(max(len(steps) - 1, 0)))
    remarks = [*notes, *[""] * (len(steps) - len(notes))]
    rows = zip(texts, remarks, strict=True)
    return "\n".join(
        f"{number:>{digits}}  {text:<{width}}  {note}".rstrip()
        for number, (text, note) in enumerate(rows)
    )
