"""The adapter to OpenMLS, through ``gbp-stack``.

The package exposes neither exported secrets nor members nor empty commits, so it cannot run the
suites and is only compared (:mod:`ttkem.testing.peers.mixed`). It accepts only PrivateMessages as
handshake messages. One context is one client in one group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ttkem.errors import HistoryError, RemoteError
from ttkem.testing.peers.party import Commit, NotShownError, imported, owner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import Randomness
    from ttkem.testing.peers.party import Identity

__all__ = ["OpenMlsClient", "OpenMlsGroup"]

KEY_PACKAGE = b"\x00\x01\x00\x05"
"""The ``MLSMessage`` header of a key package, which the package omits."""


class OpenMlsClient:
    """A client of OpenMLS, which uses its own randomness."""

    refusals: tuple[type[Exception], ...] = (OSError, RemoteError)

    def __init__(self, name: str, randomness: Randomness) -> None:
        del randomness
        self.contexts: Any = imported("gbp_stack.mls_context", "gbp-stack").MlsContext
        self._context = self.contexts.create(name)

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        return owner(self.key_package())[1]

    def key_package(self) -> bytes:
        """Return the key package of the client, which has only one."""
        data: bytes = self._context.export_key_package()
        return KEY_PACKAGE + data

    def found(self) -> OpenMlsGroup:
        """Return the group whose only member is this client, which exists from the start."""
        return OpenMlsGroup(self.contexts, self._context, [owner(self.key_package())])

    def join(self, welcome: bytes) -> OpenMlsGroup:
        """Join a group with a Welcome."""
        self._context.accept_welcome(welcome)
        return OpenMlsGroup(self.contexts, self._context, None)


class OpenMlsGroup:
    """A group of OpenMLS; its creator tracks leaves, since a Remove needs the leaf number."""

    __slots__ = ("_context", "_contexts", "_leaves")

    def __init__(self, contexts: Any, context: Any, leaves: list[Identity] | None) -> None:  # noqa: ANN401 - its own types
        self._contexts = contexts
        self._context = context
        self._leaves = leaves

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        number: int = self._context.epoch
        return number

    @property
    def members(self) -> NoReturn:
        """A feature that is not exposed; raises a NotShownError."""
        raise NotShownError("gbp-stack shows no members")

    def copy(self) -> OpenMlsGroup:
        """Return an independent copy of this view."""
        context = self._contexts.restore_state(self._context.export_state())
        return OpenMlsGroup(self._contexts, context, self._leaves and list(self._leaves))

    def commit(self, adds: Sequence[bytes] = (), remove: Identity | None = None) -> Commit:
        """Commit one Add or one Remove; raise a NotShownError for other commits."""
        if remove is not None and self._leaves and remove in self._leaves:
            return Commit((self._context.remove_member(self._leaves.index(remove)),), None)
        if len(adds) != 1:
            raise NotShownError("gbp-stack commits one Add, or one Remove of a leaf by its number")
        message, welcome = self._context.invite_full(adds[0][4:])
        if self._leaves:
            self._leaves.append(owner(adds[0]))
        return Commit((message,), welcome)

    def confirm(self) -> None:
        """Start the epoch of the pending commit."""
        self._context.finalize_commit()

    def process(self, messages: Sequence[bytes]) -> bool:
        """Process another client's commit; return True, since removals are not reported."""
        for data in messages:
            if self._context.process_message(data) != "commit":
                raise HistoryError("the message is not a commit, as every operation is")
            self._context.finalize_commit()
        return True

    def exported(self, label: bytes, context: bytes, length: int) -> NoReturn:
        """Raise a NotShownError."""
        del label, context, length
        raise NotShownError("gbp-stack exports no secrets")
