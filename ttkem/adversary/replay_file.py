"""Replay files: a run as versioned JSON, with everything it depends on and what was found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from ttkem.adversary.steps import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Step,
    Update,
)
from ttkem.errors import RemoteError

__all__ = ["Trace", "Violation", "read_trace", "write_trace"]

_FORMAT = "ttkem replay"
_VERSION = 1
_KINDS: dict[str, type[Step]] = {
    "sample": SampleKey,
    "erase": EraseKeys,
    "create": Create,
    "add": Add,
    "remove": Remove,
    "update": Update,
    "confirm": Confirm,
    "reject": Reject,
    "deliver": Deliver,
    "start_corrupt": StartCorrupt,
    "end_corrupt": EndCorrupt,
    "challenge": Challenge,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_TYPES: dict[str, type] = {
    "who": str,
    "whom": str,
    "to": str,
    "op": int,
    "key": int,
    "keys": list,
}
_HEADER: dict[str, type] = {
    "protocol": str,
    "suite": int,
    "seed": str,
    "members": list,
    "steps": list,
    "found": list,
    "digest": str,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A violation: its kind, the number of the step, and a description."""

    kind: str
    time: int
    what: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A run that can be replayed: everything it depends on, and its result."""

    protocol: str
    suite: int
    """The cipher suite number; 0 for a symbolic run."""
    seed: str
    members: tuple[str, ...]
    steps: tuple[Step, ...]
    found: tuple[Violation, ...] = ()
    digest: str = ""
    """The hash over every outcome, message and key, in hexadecimal; empty if not yet played."""


def write_trace(trace: Trace) -> str:
    """Return the text of a replay file; equal traces have equal texts."""
    steps = [{"do": _NAMES[type(step)], **asdict(step)} for step in trace.steps]
    head = {"format": _FORMAT, "version": _VERSION, "protocol": trace.protocol}
    head |= {"suite": trace.suite, "seed": trace.seed, "members": list(trace.members)}
    tail = {"found": [asdict(finding) for finding in trace.found], "digest": trace.digest}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in (head | tail).items()]
    rows = ",\n".join(f"    {json.dumps(step)}" for step in steps)
    lines.append(f'  "steps": [\n{rows}\n  ]' if rows else '  "steps": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_trace(text: str) -> Trace:
    """Return the trace in a replay file.

    Raise a :class:`~ttkem.errors.RemoteError` if ``text`` is not a valid replay file.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RemoteError(f"cannot read the replay file: not valid JSON ({error})") from None
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise RemoteError(f"cannot read the replay file: its format is not {_FORMAT!r}")
    if data.get("version") != _VERSION:
        raise RemoteError(
            f"cannot read the replay file: its version is {data.get('version')!r}, "
            f"supported is {_VERSION}"
        )
    for name, kind in _HEADER.items():
        _check(data.get(name), kind, f"{name!r}")
    members, steps, found = data["members"], data["steps"], data["found"]
    for member in members:
        _check(member, str, "a member")
    if len(set(members)) != len(members) or "" in members:
        raise RemoteError(
            "cannot read the replay file: members must have distinct, non-empty names"
        )
    return Trace(
        data["protocol"],
        data["suite"],
        data["seed"],
        tuple(members),
        tuple(_step(number, step) for number, step in enumerate(steps)),
        tuple(_finding(finding) for finding in found),
        data["digest"],
    )


def _step(number: int, data: object) -> Step:
    name = data.get("do") if isinstance(data, dict) else None
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if not isinstance(data, dict) or kind is None:
        raise RemoteError(
            f"cannot read the replay file: step {number}: unknown kind of step {name!r}"
        )
    values: dict[str, Any] = {}
    for each in fields(kind):
        value = data.get(each.name)
        _check(value, _TYPES[each.name], f"step {number}, {each.name!r}")
        if isinstance(value, list):
            for key in value:
                _check(key, int, f"step {number}, a key")
        values[each.name] = tuple(value) if isinstance(value, list) else value
    if data.keys() != {"do", *values}:
        extra = sorted(data.keys() - {"do", *values})
        raise RemoteError(
            f"cannot read the replay file: step {number}: {name!r} has no field {extra[0]!r}"
        )
    return kind(**values)


def _finding(data: object) -> Violation:
    if not isinstance(data, dict) or data.keys() != {"kind", "time", "what"}:
        raise RemoteError(
            "cannot read the replay file: a finding must have exactly 'kind', 'time' and 'what'"
        )
    _check(data["kind"], str, "a finding's 'kind'")
    _check(data["time"], int, "a finding's 'time'")
    _check(data["what"], str, "a finding's 'what'")
    return Violation(data["kind"], data["time"], data["what"])


def _check(value: object, kind: type, what: str) -> None:
    if type(value) is not kind:
        names = {str: "a string", int: "an integer", list: "a list"}
        raise RemoteError(f"cannot read the replay file: {what} must be {names[kind]}")
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise RemoteError(
            f"cannot read the replay file: {what} contains a surrogate, which cannot be encoded"
        )
