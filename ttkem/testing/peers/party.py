"""What an adapter gives of an MLS implementation: clients, and copies of their groups (own design).

A client makes key packages, founds groups and joins them. A group is one client's view of one
epoch; it has at most one pending commit, and whoever wants several makes each on a copy. An
adapter raises what its package raises; which of that means "this input is wrong" stands in
:attr:`Client.refusals`, and whatever else is raised is nobody's refusal but a crash.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.framing import PublicMessage
from ttkem.mls.messages.key_package import KeyPackage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.mls.messages.leaf_node import LeafNode

__all__ = [
    "Client",
    "Commit",
    "Group",
    "Identity",
    "NotShownError",
    "author_leaf",
    "imported",
    "named",
    "owner",
]

Identity = tuple[str, bytes]
"""A name, and a signature verification key."""


class NotShownError(LocalError):
    """A package has no call for that: nothing is concluded."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that a group holds pending."""

    messages: tuple[bytes, ...]
    """``MLSMessage`` structures in the order of sending: proposals, if it needs some, then it."""
    welcome: bytes | None
    """An ``MLSMessage`` for those whom it adds."""


class Group(Protocol):
    """One client's view of a group."""

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        ...

    @property
    def members(self) -> tuple[Identity, ...]:
        """Who is in it, in tree order."""
        ...

    def copy(self) -> Group:
        """The same view, to go another way."""
        ...

    def commit(self, adds: Sequence[bytes] = (), remove: Identity | None = None) -> Commit:
        """A commit of Adds of key packages (``MLSMessage``) or of one Remove, or an empty one."""
        ...

    def confirm(self) -> None:
        """Adopt the commit that is pending."""
        ...

    def process(self, messages: Sequence[bytes]) -> bool:
        """Another client's commit has arrived; whether this client is still in the group."""
        ...

    def exported(self, label: bytes, context: bytes, length: int) -> bytes:
        """A secret of the exporter (RFC 9420 section 8.5)."""
        ...


class Client(Protocol):
    """One client; it has one signature key pair and may be in many groups."""

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What the package raises on purpose."""
        ...

    @property
    def signature_key(self) -> bytes:
        """Its signature verification key."""
        ...

    def key_package(self) -> bytes:
        """A new key package, as an ``MLSMessage``."""
        ...

    def found(self) -> Group:
        """A group of this client alone, in epoch 0."""
        ...

    def join(self, welcome: bytes) -> Group:
        """The group that a welcome (``MLSMessage``) leads to."""
        ...


def imported(module: str, package: str) -> Any:  # noqa: ANN401 - a module without types
    """A module of an optional package; a LocalError that says what to install if it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise LocalError(f"{error}; install it: pip install {package}") from error


def named(leaf: LeafNode) -> Identity:
    """Name and key of a leaf with a basic credential; an InvalidMessageError for another."""
    if not isinstance(leaf.credential, BasicCredential):
        raise InvalidMessageError("members here have basic credentials")
    return leaf.credential.identity.decode(errors="replace"), leaf.signature_key


def owner(key_package: bytes) -> Identity:
    """Whose a key package is; a RemoteError if the bytes are none."""
    package = read_message(key_package)
    if not isinstance(package, KeyPackage):
        raise InvalidMessageError("another message where a key package belongs")
    return named(package.leaf_node)


def author_leaf(message: bytes) -> int | None:
    """The leaf number that a member's public message gives as its sender; None for others."""
    read = read_message(message)
    if isinstance(read, PublicMessage) and isinstance(read.content.sender, MemberSender):
        return read.content.sender.leaf_index
    return None
