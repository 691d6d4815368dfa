"""A rule that receivers must check, and a message that breaks exactly that one."""

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
    """What a receiver gets: messages that are right, and last one that is not."""

    illegal: bytes
    welcome: bool = False
    """Whether it is a welcome to Eve, and not a message to Bob."""
    before: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of RFC 9420."""

    name: str
    section: str
    statement: str
    """What is wrong with the message."""
    error: type[RemoteError]
    refusal: str
    """Part of what the refusal says."""
    forge: Callable[[Lab], Forged]


def rule(
    rules: list[Rule], section: str, error: type[RemoteError], refusal: str
) -> Callable[[Callable[[Lab], Forged]], Callable[[Lab], Forged]]:
    """Decorator: enter a forging function among the rules; its docstring is the statement."""

    def enter(forge: Callable[[Lab], Forged]) -> Callable[[Lab], Forged]:
        name = forge.__name__.strip("_").replace("_", "-")
        statement = (forge.__doc__ or "").strip().rstrip(".")
        rules.append(Rule(name, section, statement, error, refusal, forge))
        return forge

    return enter


def sent(illegal: bytes, *before: bytes) -> Forged:
    """A message to Bob as a member."""
    return Forged(illegal, before=before)


def welcomed(illegal: bytes) -> Forged:
    """A welcome to Eve."""
    return Forged(illegal, welcome=True)
