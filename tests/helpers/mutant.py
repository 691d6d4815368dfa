"""A mutant: a protocol with one rule broken, and what must notice it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    name: str
    """What is wrong, in the past tense."""
    rule: str
    """The rule that it breaks, with its source."""
    layer: str
    """What must notice it: a suite of ttkem.testing, or a layer of tests/quality."""
    message: str
    """What must be said."""
    make: Any
    """Patches and returns the protocol."""

    def protocol(self, monkeypatch):
        return self.make(monkeypatch)
