"""The adapter to mls-rs, through the bindings of ``agentvault-mls-rs-uniffi``.

The bindings expose neither the epoch nor the roster, and cannot reject a commit. The adapter reads
the epoch from a message that a copy encrypts and the roster from the exported tree; a copy is made
by storing and loading the group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttkem.errors import HistoryError, RemoteError
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.framing import PrivateMessage
from ttkem.mls.tree.ratchet_tree import read_ratchet_tree
from ttkem.testing.peers.ours import SUITE
from ttkem.testing.peers.party import Commit, author_leaf, imported, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import Randomness
    from ttkem.testing.peers.party import Identity

__all__ = ["MlsRsClient", "MlsRsGroup"]


class MlsRsClient:
    """A client of mls-rs, which uses its own randomness."""

    def __init__(self, name: str, randomness: Randomness) -> None:
        self.mls_rs: Any = imported("mls_rs_uniffi", "agentvault-mls-rs-uniffi")
        pair = self.mls_rs.generate_signature_keypair(self.mls_rs.CipherSuite.CURVE25519_AES128)
        self.pair = pair
        self.client = self._of(name, pair)
        self._randomness = randomness

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """The exceptions that reject an input; ``InternalError`` is a panic and not among them."""
        return (self.mls_rs.Error, RemoteError)

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        key: bytes = self.pair.public_key.bytes
        return key

    def key_package(self) -> bytes:
        """Return a new key package."""
        data: bytes = self.client.generate_key_package_message().to_bytes()
        return data

    def found(self) -> MlsRsGroup:
        """Create a group whose only member is this client."""
        group_id = self._randomness.draw(16)
        return MlsRsGroup(self, self.client.create_group(group_id), group_id)

    def join(self, welcome: bytes) -> MlsRsGroup:
        """Join a group with a Welcome."""
        group = self.client.join_group(None, self.message(welcome)).group
        return MlsRsGroup(self, group, None)

    def message(self, data: bytes) -> Any:  # noqa: ANN401 - its own type
        """Return bytes decoded as a message of mls-rs."""
        return self.mls_rs.Message.from_bytes(data)

    def identity(self, who: Identity) -> Any:  # noqa: ANN401 - its own type
        """Return a signing identity.

        Only a client can make one, so this makes a client with the public key and a foreign secret.
        """
        mls_rs = self.mls_rs
        pair = mls_rs.SignatureKeypair(
            cipher_suite=mls_rs.CipherSuite.CURVE25519_AES128,
            public_key=mls_rs.SignaturePublicKey(bytes=who[1]),
            secret_key=self.pair.secret_key,
        )
        return self._of(who[0], pair).signing_identity()

    def _of(self, name: str, pair: Any) -> Any:  # noqa: ANN401 - its own types
        mls_rs = self.mls_rs
        return mls_rs.Client(name.encode(), pair, mls_rs.client_config_default())


class MlsRsGroup:
    """A group of mls-rs."""

    __slots__ = ("_client", "_epoch", "_group", "_group_id", "_pending")

    def __init__(self, client: MlsRsClient, group: Any, group_id: bytes | None) -> None:  # noqa: ANN401 - its own type
        self._client = client
        self._group = group
        group.write_to_storage()  # which also erases the key package that was used
        self._group_id = group_id
        self._epoch: int | None = None
        self._pending: Any = None
        if group_id is None:
            self._group_id = self._header(group).group_id

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        if self._epoch is None:
            self._epoch = self._header(self._stored()).epoch
        return self._epoch

    @property
    def members(self) -> tuple[Identity, ...]:
        """The members, in leaf order."""
        return tuple(self._leaves().values())

    def copy(self) -> MlsRsGroup:
        """Return an independent copy of this view."""
        return MlsRsGroup(self._client, self._stored(), self._group_id)

    def commit(self, adds: Sequence[bytes] = (), remove: Identity | None = None) -> Commit:
        """Commit Adds, one Remove, or nothing."""
        epoch = self.epoch  # read now, since a copy with a pending commit cannot encrypt
        if adds:
            made = self._group.add_members([self._client.message(data) for data in adds])
        elif remove is not None:
            made = self._group.remove_members([self._client.identity(remove)])
        else:
            made = self._group.commit()
        self._pending, self._epoch = made.commit_message, epoch
        welcome = made.welcome_message
        return Commit(
            (made.commit_message.to_bytes(),), None if welcome is None else welcome.to_bytes()
        )

    def confirm(self) -> None:
        """Start the epoch of the pending commit."""
        self._group.process_incoming_message(self._pending)
        self._pending = self._epoch = None

    def process(self, messages: Sequence[bytes]) -> bool:
        """Process another client's messages; mls-rs would take an own commit as confirmed."""
        epoch = self.epoch
        received = None
        for data in messages:
            message = self._client.message(data)
            author = self._leaves().get(author_leaf(data))
            if author is not None and author[1] == self._client.signature_key:
                raise HistoryError("the commit is this member's own: confirm it")
            received = self._group.process_incoming_message(message)
        if received is None or not received.is_commit():
            raise HistoryError("the message is not a commit, as every operation is")
        inside = not received.effect.is_removed()
        self._epoch = None if inside else epoch
        return inside

    def exported(self, label: bytes, context: bytes, length: int) -> bytes:
        """Return a secret of the exporter."""
        secret: bytes = self._group.export_secret(label, context, length)
        return secret

    def _stored(self) -> Any:  # noqa: ANN401 - its own type
        self._group.write_to_storage()
        return self._client.client.load_group(self._group_id)

    def _leaves(self) -> dict[int | None, Identity]:
        tree = read_ratchet_tree(SUITE, self._group.export_tree().bytes)
        return {number: named(leaf.node) for number, leaf in tree.leaves()}

    def _header(self, group: Any) -> PrivateMessage:  # noqa: ANN401 - its own type
        """Return an application message, for its unencrypted header."""
        message = read_message(group.encrypt_application_message(b"").to_bytes())
        assert isinstance(message, PrivateMessage)  # noqa: S101 - data is always private
        return message
