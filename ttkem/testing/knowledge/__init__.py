"""What can be computed from a recorded run: values, derivations, and the words for them."""

from ttkem.testing.knowledge.graph import Derivation, RecordedGraph
from ttkem.testing.knowledge.replay import ReplayError, carry_out, replayed
from ttkem.testing.knowledge.story import Storyteller
from ttkem.testing.knowledge.values import Values

__all__ = [
    "Derivation",
    "RecordedGraph",
    "ReplayError",
    "Storyteller",
    "Values",
    "carry_out",
    "replayed",
]
