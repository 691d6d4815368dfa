"""The symbolic model that a designer gives for a protocol, for campaigns without real messages.

A protocol may have the method ``symbolic_model(names, seed)``, which returns the symbolic game of
its participants: a :class:`ttkem.adversary.SymbolicGame`, usually with rules of its own::

    def symbolic_model(self, names, seed):
        return SymbolicGame(names, seed=seed, rules=MyRules())
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ttkem.adversary import SymbolicGame
from ttkem.errors import LocalError, described
from ttkem.testing.protocol_import import import_protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SYMBOLIC", "GivenModel", "has_symbolic_model"]

SYMBOLIC = " (symbolic model)"
"""Follows the protocol's name in replay files of runs of its symbolic model."""


def has_symbolic_model(protocol: object) -> bool:
    """Return whether a protocol gives a symbolic model."""
    return callable(getattr(protocol, "symbolic_model", None))


@dataclass(frozen=True, slots=True)
class GivenModel:
    """Makes games of the symbolic model of a protocol, which every worker process imports."""

    protocol: str
    """The protocol as ``module:name``."""

    def __call__(self, names: Sequence[str], seed: str) -> SymbolicGame:
        """Return a new game; raise a LocalError if the model cannot be made."""
        protocol: Any = import_protocol(self.protocol)
        if not has_symbolic_model(protocol):
            raise LocalError(
                f"cannot play {self.protocol} without real messages: it has no method "
                "symbolic_model(names, seed)"
            )
        try:
            game = protocol.symbolic_model(names, seed)
        except Exception as error:
            raise LocalError(
                f"cannot make the symbolic model of {self.protocol}: {described(error)}"
            ) from error
        if not isinstance(game, SymbolicGame):
            raise LocalError(
                f"cannot play the symbolic model of {self.protocol}: it is a "
                f"{type(game).__name__}, not a ttkem.adversary.SymbolicGame"
            )
        return game
