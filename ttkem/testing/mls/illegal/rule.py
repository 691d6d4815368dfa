"""A rule that receivers must check, and a message that violates only this rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.errors import RemoteError
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["Forged", "Rule", "rule", "sent", "welcomed"]


@dataclass(frozen=True, slots=True)
class Forged:
    """An illegal message, and the valid messages that a receiver gets before it."""

    illegal: bytes
    welcome: bool = False
    """True for a Welcome to Eve, False for a message to Bob."""
    before: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of RFC 9420, and how to violate it."""

    name: str
    section: str
    statement: str
    """A description of the illegal message."""
    error: type[RemoteError]
    refusal: str
    """A part of the text of the receiver's error."""
    forge: Callable[[Lab], Forged]


def rule(
    rules: list[Rule], section: str, error: type[RemoteError], refusal: str, statement: str
) -> Callable[[Callable[[Lab], Forged]], Callable[[Lab], Forged]]:
    """Return a decorator that appends a rule to ``rules``, named after the forging function."""

    def enter(forge: Callable[[Lab], Forged]) -> Callable[[Lab], Forged]:
        name = forge.__name__.strip("_").replace("_", "-")
        rules.append(Rule(name, section, statement, error, refusal, forge))
        return forge

    return enter


def sent(illegal: bytes, *before: bytes) -> Forged:
    """Return a message to Bob, after the messages ``before``."""
    return Forged(illegal, before=before)


def welcomed(illegal: bytes) -> Forged:
    """Return a Welcome to Eve."""
    return Forged(illegal, welcome=True)
