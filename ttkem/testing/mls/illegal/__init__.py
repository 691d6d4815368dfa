"""Illegal messages: for each rule that a receiver must check, one message that violates it."""

from ttkem.testing.mls.illegal import commits, external, framing, key_packages, proposals, welcomes
from ttkem.testing.mls.illegal.lab import Lab
from ttkem.testing.mls.illegal.rule import Forged, Rule

__all__ = ["RULES", "Forged", "Lab", "Rule"]

RULES: tuple[Rule, ...] = (
    *framing.RULES,
    *key_packages.RULES,
    *proposals.RULES,
    *commits.RULES,
    *external.RULES,
    *welcomes.RULES,
)
