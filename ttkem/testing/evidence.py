"""What the judged runs of a check say: pairs for and against each promise, and what was seen.

The evidence of all checks is added up in a report. Its values are plain, so that it can be sent
from one process to another (pytest-xdist).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from ttkem.testing.contracts import FORWARD_LEVELS, HEALING_LEVELS, Forward, Healing
from ttkem.testing.situations import situations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ttkem.testing.contracts import Contract
    from ttkem.testing.run import Run

__all__ = ["Evidence", "contract_table", "understanding"]

LINES: dict[str, tuple[Healing | Forward, ...]] = {
    "healing": HEALING_LEVELS,
    "forward secrecy": FORWARD_LEVELS,
}
"""The two lines of a contract, each with its levels from the strongest to the weakest."""


@dataclass(slots=True)
class Evidence:
    """Counts over judged runs."""

    runs: int = 0
    """The number of runs whose record was judged."""
    calls: int = 0
    """The number of recorded calls other than draws."""
    pairs: int = 0
    """The number of compared pairs of a leak and a group key."""
    derivable: int = 0
    public: int = 0
    """The number of group keys that anybody can compute."""
    unseen: int = 0
    """The number of states that do not give a key which their owner can compute."""
    examined: int = 0
    """The number of bytes that were searched for secrets."""
    unknown: int = 0
    """The number of those bytes that look random and were not understood."""
    hidden: int = 0
    """The number of bytes that were not understood and that travelled."""
    supported: Counter[str] = field(default_factory=Counter)
    """For every level of a contract the number of pairs that support it."""
    contradicted: Counter[str] = field(default_factory=Counter)
    """For every level the number of pairs that contradict it."""
    situations: Counter[str] = field(default_factory=Counter)
    """How often each situation was visited."""

    def take(self, run: Run) -> None:
        """Count a run that has ended."""
        self.situations.update(situations(run.game, run.trees))
        judged = run.judged_record
        if judged is None:
            return
        self.runs += 1
        self.calls += sum(bool(call.inputs) for call in run.recorder.calls)
        self.pairs += judged.pairs
        self.derivable += judged.derivable
        self.public += len(judged.public)
        self.unseen += len(judged.unseen)
        self.examined += judged.graph.examined
        self.unknown += sum(len(data) for _, data in judged.graph.unknown)
        self.hidden += sum(len(data) for _, data in judged.graph.travelled)
        self.supported.update({_key(level): n for level, n in judged.supported.items()})
        self.contradicted.update({_key(level): n for level, n in judged.contradicted.items()})

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as a JSON object."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: v if isinstance(v, int) else dict(v) for name, v in values.items()}

    @classmethod
    def sum(cls, parts: Iterable[Mapping[str, Any]]) -> Evidence:
        """Return the sum of counts, each as :meth:`as_dict` returns them."""
        total = cls()
        for part in parts:
            for name, value in part.items():
                if isinstance(value, int):
                    setattr(total, name, getattr(total, name) + value)
                else:
                    getattr(total, name).update(value)
        return total


def _key(level: Healing | Forward) -> str:
    line = "healing" if isinstance(level, Healing) else "forward secrecy"
    return f"{line}: {level.value}"


def contract_table(evidence: Evidence, contract: Contract) -> dict[str, Any]:
    """Return the contract table: for each line its levels, the declared and the strongest one.

    The strongest level is the first one, from the strongest promise on, that no run contradicted.
    It is None if group keys are public. A level without any pair for it is not supported by
    anything: ``tested`` says whether there is a pair.
    """
    declared = {"healing": contract.healing, "forward secrecy": contract.forward}
    table: dict[str, Any] = {"declared": contract.name}
    for line, levels in LINES.items():
        rows = [
            {
                "level": level.value,
                "supporting": evidence.supported[_key(level)],
                "contradicting": evidence.contradicted[_key(level)],
                "declared": level is declared[line],
            }
            for level in levels
        ]
        free = [row for row in rows if not row["contradicting"]]
        found = None if evidence.public or not free else free[0]
        table[line] = {
            "levels": rows,
            "strongest": None if found is None else found["level"],
            "tested": found is not None and bool(found["supporting"]),
        }
    return table


def understanding(evidence: Evidence) -> dict[str, Any]:
    """Return whether it was seen how keys are computed, and the share of what was not understood.

    ``why`` says what is missing, and ``remedy`` what a designer can do about it; both are empty if
    all was seen.
    """
    why = remedy = ""
    if evidence.runs and not evidence.calls:
        why = "no call of a cryptographic primitive was recorded"
        remedy = (
            "compute with ttkem.crypto, hashlib, hmac, secrets or the package cryptography; other "
            "libraries and compiled code cannot be recorded"
        )
    elif evidence.unseen:
        why = (
            f"in {evidence.unseen} cases a member's state does not give a group key that its owner "
            "can compute"
        )
        remedy = (
            "let `save` return the whole state, and keep secrets as bytes (whole, in hexadecimal "
            "or in base64, not compressed or encrypted); compute with ttkem.crypto, hashlib, hmac, "
            "secrets or the package cryptography"
        )
    return {
        "seen": bool(evidence.runs) and not why,
        "why": why,
        "remedy": remedy,
        "examined bytes": evidence.examined,
        "unknown bytes": evidence.unknown,
        "unknown bytes that travelled": evidence.hidden,
        "unknown share": evidence.unknown / evidence.examined if evidence.examined else 0.0,
    }
