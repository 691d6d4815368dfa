"""The strongest contract that no run contradicted, as a table.

Every level of healing and of forward secrecy is weighed, whatever the protocol declares. *For* a
level count the pairs of a leak and an epoch that the level calls safe and whose key the leak does
not give; *against* it, those whose key it gives. A level that nothing contradicts is only as good
as the number of pairs for it.

Several leaks together are weighed by sets: one for each epoch, of all leaks that leave it safe.
Since such a set depends on both lines of a contract, one line is kept at its strongest level that
nothing contradicted while the other one varies.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttkem.testing.contracts import FORWARD_LEVELS, Contract, Forward, Healing

if TYPE_CHECKING:
    from ttkem.testing.joint_leaks import Together
    from ttkem.testing.recorded_judge import Judged

__all__ = ["ContractTable", "Line"]

MEANING: dict[Healing | Forward, str] = {
    Healing.ANY_EPOCH: "a leak is harmless from the next epoch on",
    Healing.OWN_OPERATION: "a leak is harmless from the member's next own operation on",
    Healing.OWN_UPDATE: "a leak is harmless from the member's next own update on",
    Healing.NEVER: "a leak may harm every later epoch",
    Forward.EVERY_EPOCH: "a leak leaves safe all epochs that the member has left",
    Forward.OWN_OPERATION: "a leak leaves safe those before the member's latest own operation",
    Forward.OWN_UPDATE: "a leak leaves safe those before the member's latest own update",
    Forward.NEVER: "a leak may harm every earlier epoch",
}
"""The levels in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One level of a contract, and what runs said about it."""

    level: Healing | Forward
    promised: bool
    """Whether the contract promises this level for single leaks."""
    supported: int
    contradicted: int
    jointly_promised: bool
    """Whether the contract promises this level for several leaks together."""
    jointly_supported: int
    jointly_contradicted: int

    @property
    def meaning(self) -> str:
        """The level in words."""
        return MEANING[self.level]


@dataclass(slots=True)
class ContractTable:
    """The levels of contracts, weighed by runs."""

    contract: Contract
    public: int = 0
    """Group keys that anybody can compute: no contract allows one."""
    supported: Counter[Healing | Forward] = field(default_factory=Counter)
    contradicted: Counter[Healing | Forward] = field(default_factory=Counter)
    jointly_supported: Counter[tuple[Healing, Forward]] = field(default_factory=Counter)
    jointly_contradicted: Counter[tuple[Healing, Forward]] = field(default_factory=Counter)

    def add_run(self, judged: Judged, together: Together) -> None:
        """Add what one run says."""
        self.public += len(judged.public)
        self.supported += judged.supported
        self.contradicted += judged.contradicted
        self.jointly_supported += together.supported
        self.jointly_contradicted += together.contradicted

    def add(self, other: ContractTable) -> None:
        """Add what other runs say."""
        self.public += other.public
        self.supported += other.supported
        self.contradicted += other.contradicted
        self.jointly_supported += other.jointly_supported
        self.jointly_contradicted += other.jointly_contradicted

    def lines(self) -> tuple[Line, ...]:
        """Return all levels, from the strongest promise to the weakest, healing first."""
        one, joint, strongest = self.contract, self.contract.joint, self.strongest().joint
        levels: list[tuple[Healing | Forward, tuple[Healing, Forward]]] = [
            *((level, (level, strongest.forward)) for level in Healing),
            *((level, (strongest.healing, level)) for level in Forward),
        ]
        return tuple(
            Line(
                level,
                level in (one.healing, one.forward),
                self.supported[level],
                self.contradicted[level],
                level in (joint.healing, joint.forward),
                self.jointly_supported[both],
                self.jointly_contradicted[both],
            )
            for level, both in levels
        )

    def strongest(self) -> Contract:
        """Return the strongest contract that nothing contradicted and something supported."""
        healing = next((level for level in Healing if self._kept(level)), Healing.NEVER)
        forward = next((level for level in Forward if self._kept(level)), Forward.NEVER)
        weaker = FORWARD_LEVELS[FORWARD_LEVELS.index(forward) :]
        joint = (level for level in weaker if not self.jointly_contradicted[healing, level])
        together = next(joint, Forward.NEVER)
        name = "the strongest that no run contradicted"
        return Contract(name, healing, forward, None if together is forward else together)

    def _kept(self, level: Healing | Forward) -> bool:
        return self.supported[level] > 0 and not self.contradicted[level]

    def verdict(self) -> str:
        """Return the strongest contract in one sentence."""
        if self.public:
            return "no contract holds: anybody can compute group keys from what travels"
        found = self.strongest()
        words = [MEANING[found.healing], MEANING[found.forward]]
        if found.together is not None:
            words.append(f"several leaks together: {MEANING[found.together]}")
        return "strongest contract that no run contradicted: " + "; ".join(words)
