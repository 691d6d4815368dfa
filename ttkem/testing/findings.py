"""Findings: failed checks that share a rule and a cause are one finding, shown once.

The cause of a computed key is the set of computations that lead to it. Two such sets are one cause
if one contains the other: a longer way to a key usually contains the shorter one. An exception has
the place that raised it as its cause, and anything else its words without names and numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["EXPECTED", "Finding", "cause_of", "findings", "place_of"]

PLACE = re.compile(r"\(([^()\n]+, line \d+, in [^()\n]*(?:\([^()\n]*\))?)\)$")
NUMBER = re.compile(r"\d+")
LETTERS = re.compile(r"(?<![\w'])(?:ann|bob|cat|dan|eve|m\d+)(?!\w)")
"""The names of members in the runs of the suites."""
EXPECTED = {
    "must succeed": "a call that the members' histories allow returns, and raises nothing",
    "must be refused": "a call that the members' histories forbid raises an error",
    "a refused call changes nothing": "after a call that raises, every state is what it was before",
    "two errors only": "a wrong call raises a LocalError, a wrong message a RemoteError",
    "pending operations": "pending are exactly a member's operations of its epoch that were "
    "neither confirmed nor rejected",
    "membership": "a member is in the group from its create or join on until it processes its "
    "removal",
    "epochs are counted": "the epoch is the number of operations since the create, itself included",
    "one history, one roster": "members with one history have one roster, and it is the true one",
    "one history, one transcript": "transcript hashes are equal if and only if histories are",
    "one history, one key": "members with one history have one group key",
    "one key, one history": "every epoch has a group key of its own",
    "events": "an event tells the kind, author and target of the operation, and the epoch",
    "group key": "every epoch has a group key",
    "damaged input is refused": "bytes that nobody made, or that were changed, raise a RemoteError",
    "a saved state is the whole state": "a loaded state can do all that its owner could",
    "attacks end": "few states can be reached from one state by confirming, processing and joining",
    "secrets stay secret": "no key that decrypts or signs follows from what travels",
    "ephemeral keys are used once": "every ciphertext has an ephemeral key of its own",
    "nonces are used once": "a key encrypts at most one message with one nonce",
    "one key, one purpose": "derivations for different purposes have different labels",
}
"""What each rule demands, where the failure itself does not say it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause, and the failed checks that show it: rows of a report."""

    shown: Mapping[str, Any]
    """The row that is printed: the one with the shortest run."""
    checks: tuple[str, ...]
    """The names of all failed checks with this cause, in the order of the report."""


def cause_of(rule: str, seen: str, kinds: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the cause of a failure, as strings: equal or nested for failures with one cause."""
    computed = sorted(kinds)
    if computed:
        leak = "nothing" if "anybody" in seen else "randomness" if "randomness" in seen else "state"
        return rule, f"leak of {leak}", *computed
    return rule, place_of(seen) or NUMBER.sub("#", LETTERS.sub("somebody", seen))


def place_of(seen: str) -> str:
    """Return the file, line and function that raised an exception, if the words end with them."""
    place = PLACE.search(seen)
    return "" if place is None else place[1]


def findings(rows: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return the findings in the failed rows of a report, those that fail most checks first."""
    groups: list[list[Mapping[str, Any]]] = []
    for row in sorted(rows, key=lambda each: len(each["cause"])):
        for group in groups:
            if _one_cause(group[0]["cause"], row["cause"]):
                group.append(row)
                break
        else:
            groups.append([row])
    found = []
    for group in groups:
        shown = min(group, key=lambda row: (not row["trace"], row["steps"], len(row["story"])))
        names = {f"{row['suite']}: {row['name']}" for row in group}
        ordered = [n for row in rows if (n := f"{row['suite']}: {row['name']}") in names]
        found.append(Finding(shown, tuple(ordered)))
    return tuple(sorted(found, key=lambda each: -len(each.checks)))


def _one_cause(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two causes agree: equal, or the computations of one among the other's."""
    if one[:2] != other[:2]:
        return False
    return set(one) <= set(other) or set(other) <= set(one)
