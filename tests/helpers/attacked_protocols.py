"""Protocols for `ttkem attack --cgka`: hidden keys, missing features, models, and what raises."""

from dataclasses import dataclass
from typing import Any

from ttkem.adversary import SymbolicGame, TaintRules
from ttkem.cgka import TreeCGKA, TreeMember
from ttkem.crypto import cipher_suite
from ttkem.errors import LocalError
from ttkem.tainted import refresh

__all__ = [
    "BrokenModel",
    "Hidden",
    "MisdeclaredModel",
    "Modelled",
    "RaisingModel",
    "Refusing",
    "Unmakeable",
    "bare",
    "misdeclared",
]


SUITE: Any = cipher_suite(1)
PLAN: Any = staticmethod(refresh.plan)


class HiddenMember(TreeMember):
    """Its group key is computed where no recorder listens."""

    @property
    def group_key(self):
        return bytes(byte ^ number for number, byte in enumerate(super().group_key))


@dataclass(frozen=True)
class Hidden(TreeCGKA):
    """A protocol whose keys no recorded call computes."""

    name: str = "hidden"
    suite: Any = SUITE
    plan: Any = PLAN

    def member(self, *given):
        return self._hidden(super().member(*given))

    def load(self, *given):
        return self._hidden(super().load(*given))

    def _hidden(self, member):
        return HiddenMember(self, member._state, member._pki, member._randomness)


class RefusingMember(TreeMember):
    """A member that never updates."""

    def update(self):
        raise LocalError("not now")


class Refusing(Hidden):
    """A protocol whose members do not do what they must."""

    def _hidden(self, member):
        return RefusingMember(self, member._state, member._pki, member._randomness)


def bare():
    """Return a protocol that says to lack almost everything."""
    lacks = frozenset({"add", "remove", "reject", "several", "readd", "discard"})
    return TreeCGKA("bare", cipher_suite(1), refresh.plan, lacks)


def misdeclared():
    """Return a protocol that promises too much."""
    return Promising("promising", cipher_suite(1), refresh.plan)


class Promising(TreeCGKA):
    contract = "per epoch"


class Unmakeable:
    """A protocol that makes no member."""

    name = "unmakeable"

    def member(self, *given):
        raise ZeroDivisionError


class Modelled(Hidden):
    """A protocol with the symbolic model of Tainted TreeKEM."""

    def symbolic_model(self, names, seed):
        return SymbolicGame(names, seed=seed)


class NobodyRekeys(TaintRules):
    def tainted(self, now):
        return []


class BrokenModel(Hidden):
    """A protocol in whose symbolic model nobody re-keys what they taint."""

    def symbolic_model(self, names, seed):
        return SymbolicGame(names, seed=seed, rules=NobodyRekeys())


class RaisingModel(Hidden):
    """A protocol whose symbolic model cannot be made."""

    def symbolic_model(self, names, seed):
        return names[seed]


class MisdeclaredModel(Hidden):
    """A protocol whose symbolic model is none."""

    def symbolic_model(self, names, seed):
        return "a model"
