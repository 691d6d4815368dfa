"""Making and checking operations of the sample protocols, as functions on frozen states.

A sample protocol differs in three methods of :class:`SampleProtocol`: who gets the secret of an
operation encrypted, how the others compute it, and what a member remembers besides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.cgka.interface import Kind
from ttkem.cgka.messages import Ciphertext
from ttkem.crypto import Labelled
from ttkem.crypto.hpke import HpkeCiphertext
from ttkem.errors import CryptoError, HistoryError, InvalidMessageError
from ttkem.testing.sample_protocols.messages import (
    GENESIS,
    Card,
    Content,
    Message,
    Package,
    Public,
    State,
)
from ttkem.wire import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.crypto import CipherSuite, KeyPair, Randomness

__all__ = ["Change", "SampleProtocol", "author", "check_package", "follow", "read"]


@dataclass(frozen=True, slots=True)
class Change:
    """An operation as everybody sees it: the public states around it, the new one unfinished."""

    kind: Kind
    author: str
    target: str | None
    number: int
    before: Public
    after: Public
    """Its transcript is still that from before: it will cover the message."""

    @property
    def others(self) -> tuple[Card, ...]:
        """The cards of all members of the new epoch except the author."""
        return tuple(card for card in self.after.cards if card.identity != self.author)


@dataclass(frozen=True)
class SampleProtocol(ABC):
    """What distinguishes one sample protocol from another."""

    suite: CipherSuite
    name: str

    @property
    def kdf(self) -> Labelled:
        """The labelled functions, with labels of these protocols only."""
        return Labelled(self.suite, b"ttkem sample ")

    def derive(self, secret: bytes, label: bytes, context: bytes = b"") -> bytes:
        """Derive a secret from a secret, for one purpose."""
        return self.kdf.expand_with_label(secret, label, context, self.suite.hash_length)

    @abstractmethod
    def recipients(self, change: Change) -> tuple[Card, ...]:
        """Return the members to whom the secret of an operation is encrypted."""

    @abstractmethod
    def secret(self, change: Change, state: State | None, randomness: Randomness | None) -> bytes:
        """Return the secret of an operation, for its author or for somebody who is no recipient.

        The author has ``randomness`` and, unless it creates the group, a ``state``.
        """

    @abstractmethod
    def made(self, change: Change, state: State) -> State:
        """Return the author's state once it has made an operation, before it is confirmed."""

    @abstractmethod
    def memory(
        self, change: Change, state: State | None, secret: bytes, transcript: bytes
    ) -> bytes:
        """Return what a member remembers in the new epoch; a joiner has had no ``state``."""


def check_package(protocol: SampleProtocol, package: Package, pki: Mapping[str, bytes]) -> None:
    """Raise a RemoteError unless a key package is its owner's, and of this protocol."""
    content = package.content
    if (content.protocol, content.suite) != (protocol.name, protocol.suite.number):
        raise InvalidMessageError("cannot use the key package: it is of another protocol or suite")
    if pki.get(content.identity) != content.signature_key:
        raise InvalidMessageError(
            f"cannot use the key package: {content.identity!r} has another signature key"
        )
    protocol.kdf.verify_with_label(
        content.signature_key, b"key package", encode(content), package.signature
    )
    protocol.suite.check_public_key(content.init_key)


def author(
    protocol: SampleProtocol,
    state: State | None,
    content: Content,
    signature: KeyPair,
    randomness: Randomness,
) -> tuple[bytes, State, Change]:
    """Make an operation; ``content`` lacks the new key and the ciphertexts.

    Return the message, and the author's state if it is confirmed.
    """
    before = GENESIS if state is None else state.public
    pair = protocol.suite.generate_key_pair(randomness)
    content = replace(content, encryption_key=pair.public)
    change = _change(before, content, signature.public)
    secret = protocol.secret(change, state, randomness)
    ciphertexts = []
    for card in protocol.recipients(change):
        sealed = protocol.kdf.encrypt_with_label(
            card.encryption_key, b"secret", content.before, secret, randomness
        )
        ciphertexts.append(Ciphertext(sealed.kem_output, sealed.ciphertext))
    data = encode(replace(content, ciphertexts=tuple(ciphertexts)))
    after, tag = _next(protocol, change, state, data, secret, pair.secret)
    signed = protocol.kdf.sign_with_label(signature.secret, b"message", _signed(data, tag))
    return encode(Message(data, tag, signed)), after, change


def read(
    protocol: SampleProtocol, before: Public, message: bytes, pki: Mapping[str, bytes]
) -> tuple[Message, Content, Change]:
    """Check all of a message that can be checked without secrets; raise a RemoteError if wrong."""
    whole = decode(Message, message)
    content = decode(Content, whole.content)
    if (content.protocol, content.suite) != (protocol.name, protocol.suite.number):
        raise InvalidMessageError("cannot accept the message: it is of another protocol or suite")
    if content.before != protocol.suite.hash(encode(before)):
        raise HistoryError("cannot accept the message: it was made in another epoch or history")
    key = pki.get(content.author)
    if key is None:
        raise InvalidMessageError(f"cannot accept the message: nobody knows {content.author!r}")
    signed = _signed(whole.content, whole.confirmation)
    protocol.kdf.verify_with_label(key, b"message", signed, whole.signature)
    for package in content.packages:
        check_package(protocol, package, pki)
    protocol.suite.check_public_key(content.encryption_key)
    change = _change(before, content, key)
    if len(content.ciphertexts) != len(protocol.recipients(change)):
        raise InvalidMessageError("cannot accept the message: it has too many or few ciphertexts")
    return whole, content, change


def follow(
    protocol: SampleProtocol,
    who: str,
    state: State | None,
    decryption_key: bytes,
    read_message: tuple[Message, Content, Change],
) -> State:
    """Return the next state of a member after another's operation; a joiner has no ``state``."""
    whole, content, change = read_message
    for card, sealed in zip(protocol.recipients(change), content.ciphertexts, strict=True):
        if card.identity == who:
            secret = protocol.kdf.decrypt_with_label(
                decryption_key,
                b"secret",
                content.before,
                HpkeCiphertext(sealed.kem_output, sealed.ciphertext),
            )
            break
    else:
        secret = protocol.secret(change, state, None)
    after, tag = _next(protocol, change, state, whole.content, secret, decryption_key)
    if tag != whole.confirmation:
        raise CryptoError("cannot accept the message: its author has another group key")
    return after


def _signed(content: bytes, tag: bytes) -> bytes:
    """Return what an author signs: the content, and the tag of fixed length at the end."""
    return content + tag


def _change(before: Public, content: Content, author_key: bytes) -> Change:
    """Return an operation as everybody sees it; raise a RemoteError if it is impossible."""
    epoch, kind, target = before.epoch + 1, content.kind, content.target
    inside = {card.identity for card in before.cards}
    joiners = [package.content for package in content.packages]
    names = [joiner.identity for joiner in joiners]
    possible = {
        Kind.CREATE: target is None and before == GENESIS and content.author not in names,
        Kind.ADD: names == [target] and target not in inside,
        Kind.REMOVE: not names and target in inside and target != content.author,
        Kind.UPDATE: not names and target is None,
    }[kind]
    if not possible or len(set(names)) != len(names):
        raise InvalidMessageError(f"cannot {kind.name.lower()}: the operation contradicts itself")
    cards = {card.identity: card for card in before.cards if card.identity != target}
    if kind is Kind.CREATE:
        cards[content.author] = Card(content.author, author_key, b"", epoch, 0)
    elif content.author not in inside:
        raise InvalidMessageError(f"cannot accept the message: {content.author!r} is no member")
    own = cards[content.author]
    cards[content.author] = replace(own, encryption_key=content.encryption_key, acted=epoch)
    for joiner in joiners:
        card = Card(joiner.identity, joiner.signature_key, joiner.init_key, epoch, 0)
        cards[joiner.identity] = card
    shrunk = epoch if kind is Kind.REMOVE else before.shrunk
    after = Public(epoch, before.transcript, tuple(cards.values()), shrunk)
    return Change(kind, content.author, target, content.number, before, after)


def _next(
    protocol: SampleProtocol,
    change: Change,
    state: State | None,
    content: bytes,
    secret: bytes,
    decryption_key: bytes,
) -> tuple[State, bytes]:
    """Return the new state and the confirmation tag, which depend on the whole history."""
    transcript = protocol.suite.hash(change.before.transcript + content)
    public = replace(change.after, transcript=transcript)
    context = protocol.suite.hash(encode(public))
    key = protocol.derive(secret, b"group key", context)
    tag = protocol.derive(secret, b"confirmation", context)
    memory = protocol.memory(change, state, secret, transcript)
    return State(public, decryption_key, key, 0, memory), tag
