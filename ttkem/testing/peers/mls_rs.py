"""mls-rs, by its bindings of ``agentvault-mls-rs-uniffi``.

They show no epoch, no roster and no way to reject a commit: the epoch is read off a message that
a copy encrypts, the roster off the exported tree, and every copy is a group stored and loaded.
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
    """A client of mls-rs; its randomness is its own."""

    def __init__(self, name: str, randomness: Randomness) -> None:
        self.mls_rs: Any = imported("mls_rs_uniffi", "agentvault-mls-rs-uniffi")
        pair = self.mls_rs.generate_signature_keypair(self.mls_rs.CipherSuite.CURVE25519_AES128)
        self.pair = pair
        self.client = self._of(name, pair)
        self._randomness = randomness

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What it raises on purpose; its ``InternalError`` is a panic."""
        return (self.mls_rs.Error, RemoteError)

    @property
    def signature_key(self) -> bytes:
        """Its signature verification key."""
        key: bytes = self.pair.public_key.bytes
        return key

    def key_package(self) -> bytes:
        """A new key package."""
        data: bytes = self.client.generate_key_package_message().to_bytes()
        return data

    def found(self) -> MlsRsGroup:
        """A group of this client alone."""
        group_id = self._randomness.draw(16)
        return MlsRsGroup(self, self.client.create_group(group_id), group_id)

    def join(self, welcome: bytes) -> MlsRsGroup:
        """The group of a welcome."""
        group = self.client.join_group(None, self.message(welcome)).group
        return MlsRsGroup(self, group, None)

    def message(self, data: bytes) -> Any:  # noqa: ANN401 - its own type
        """Bytes as mls-rs reads them."""
        return self.mls_rs.Message.from_bytes(data)

    def identity(self, who: Identity) -> Any:  # noqa: ANN401 - its own type
        """A signing identity, which only a client can make: one with that key, and no secret."""
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
        group.write_to_storage()  # which also forgets the key package that was used
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
        """Who is in it."""
        return tuple(self._leaves().values())

    def copy(self) -> MlsRsGroup:
        """The same view."""
        return MlsRsGroup(self._client, self._stored(), self._group_id)

    def commit(self, adds: Sequence[bytes] = (), remove: Identity | None = None) -> Commit:
        """A commit of this client."""
        epoch = self.epoch  # asked before, while copies have nothing pending
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
        """Adopt the commit."""
        self._group.process_incoming_message(self._pending)
        self._pending = self._epoch = None

    def process(self, messages: Sequence[bytes]) -> bool:
        """Another client's messages; an own commit that comes back is how mls-rs confirms it."""
        epoch = self.epoch
        received = None
        for data in messages:
            message = self._client.message(data)
            author = self._leaves().get(author_leaf(data))
            if author is not None and author[1] == self._client.signature_key:
                raise HistoryError("a commit of this member's own: confirm it")
            received = self._group.process_incoming_message(message)
        if received is None or not received.is_commit():
            raise HistoryError("not a commit, which every operation is")
        inside = not received.effect.is_removed()
        self._epoch = None if inside else epoch
        return inside

    def exported(self, label: bytes, context: bytes, length: int) -> bytes:
        """A secret of the exporter."""
        secret: bytes = self._group.export_secret(label, context, length)
        return secret

    def _stored(self) -> Any:  # noqa: ANN401 - its own type
        self._group.write_to_storage()
        return self._client.client.load_group(self._group_id)

    def _leaves(self) -> dict[int | None, Identity]:
        tree = read_ratchet_tree(SUITE, self._group.export_tree().bytes)
        return {number: named(leaf.node) for number, leaf in tree.leaves()}

    def _header(self, group: Any) -> PrivateMessage:  # noqa: ANN401 - its own type
        """What stands before the ciphertext of an application message."""
        message = read_message(group.encrypt_application_message(b"").to_bytes())
        assert isinstance(message, PrivateMessage)  # noqa: S101 - data is always private
        return message
