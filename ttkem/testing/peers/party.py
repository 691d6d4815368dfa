"""The interface of adapters to MLS implementations: clients and groups (own design).

A client makes key packages, creates groups and joins them. A group is one client's view of one
epoch; it has at most one pending commit, so several commits are each made on a copy. An adapter
passes on its package's exceptions: those in :attr:`Client.refusals` reject an input, and any other
is a crash.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from agreement.wording import install_hint
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
"""A name and a public signature key."""


class NotShownError(LocalError):
    """A package does not expose a feature, so nothing can be concluded about it."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The pending commit of a group."""

    messages: tuple[bytes, ...]
    """The ``MLSMessage`` structures in the order of sending: proposals, if any, then the commit."""
    welcome: bytes | None
    """The Welcome for the added members, an ``MLSMessage``."""


class Group(Protocol):
    """One client's view of a group."""

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        ...

    @property
    def members(self) -> tuple[Identity, ...]:
        """The members, in leaf order."""
        ...

    def copy(self) -> Group:
        """Return an independent copy of this view."""
        ...

    def commit(self, adds: Sequence[bytes] = (), remove: Identity | None = None) -> Commit:
        """Commit Adds of key packages (``MLSMessage``), or one Remove, or nothing."""
        ...

    def confirm(self) -> None:
        """Start the epoch of the pending commit."""
        ...

    def process(self, messages: Sequence[bytes]) -> bool:
        """Process another client's commit; return whether this client is still a member."""
        ...

    def exported(self, label: bytes, context: bytes, length: int) -> bytes:
        """Return a secret of the exporter (RFC 9420 section 8.5)."""
        ...


class Client(Protocol):
    """A client with one signature key pair, which may be in many groups."""

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """The exceptions by which the package rejects an input."""
        ...

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        ...

    def key_package(self) -> bytes:
        """Return a new key package, as an ``MLSMessage``."""
        ...

    def found(self) -> Group:
        """Create a group whose only member is this client, in epoch 0."""
        ...

    def join(self, welcome: bytes) -> Group:
        """Join a group with a Welcome (``MLSMessage``)."""
        ...


def imported(module: str, package: str) -> Any:  # noqa: ANN401 - a module without types
    """Import a module of an optional package; raise a LocalError if it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise LocalError(f"{error}; {install_hint(package, 'peers')}") from error


def named(leaf: LeafNode) -> Identity:
    """Return a leaf's identity; raise an InvalidMessageError unless its credential is basic."""
    if not isinstance(leaf.credential, BasicCredential):
        raise InvalidMessageError(
            f"expected a BasicCredential, got {type(leaf.credential).__name__}"
        )
    return leaf.credential.identity.decode(errors="replace"), leaf.signature_key


def owner(key_package: bytes) -> Identity:
    """Return the owner of a key package; raise a RemoteError if the bytes are none."""
    package = read_message(key_package)
    if not isinstance(package, KeyPackage):
        raise InvalidMessageError(f"expected a KeyPackage, got a {type(package).__name__}")
    return named(package.leaf_node)


def author_leaf(message: bytes) -> int | None:
    """Return the sender's leaf number of a member's PublicMessage; None for other messages."""
    read = read_message(message)
    if isinstance(read, PublicMessage) and isinstance(read.content.sender, MemberSender):
        return read.content.sender.leaf_index
    return None
