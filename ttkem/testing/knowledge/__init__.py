"""What can be computed from a recorded run: values, derivations, and the words for them."""

from ttkem.testing.knowledge.graph import Derivation, RecordedGraph
from ttkem.testing.knowledge.story import Storyteller
from ttkem.testing.knowledge.values import Values

__all__ = ["Derivation", "RecordedGraph", "Storyteller", "Values"]
