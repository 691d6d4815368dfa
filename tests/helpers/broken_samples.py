"""The sample protocols without a tree, broken: what mutants_without_tree is made of."""

import hashlib
from dataclasses import replace

from ttkem.cgka import Kind
from ttkem.crypto import Labelled, cipher_suite
from ttkem.errors import RemoteError
from ttkem.testing.contracts import Contract, Forward, Healing
from ttkem.testing.sample_protocols import PairwiseChannels, SenderKeys
from ttkem.testing.sample_protocols.member import SampleMember
from ttkem.testing.sample_protocols.sender_keys import Chain, Chains
from ttkem.wire import encode

SUITE = cipher_suite(1)


def pairwise(kind=PairwiseChannels):
    return lambda _: kind(SUITE, "pairwise channels")


def senders(kind=SenderKeys):
    return lambda _: kind(SUITE, "sender keys")


def sample_patched(make, owner, name, change):
    """Replace ``owner.name`` by what ``change`` makes of it, as long as the monkeypatch lives."""

    def apply(monkeypatch):
        monkeypatch.setattr(owner, name, change(getattr(owner, name)))
        return make(monkeypatch)

    return apply


class HashOfOldKey(PairwiseChannels):
    """A new secret is SHA-256 of the old key and of a value in the message; joiners get it sent."""

    def recipients(self, change):
        return tuple(card for card in change.others if card.joined == change.after.epoch)

    def secret(self, change, state, randomness):
        if state is None:
            return super().secret(change, state, randomness)
        own = next(c for c in change.after.cards if c.identity == change.author)
        return hashlib.sha256(state.group_key + own.encryption_key).digest()


class Ratcheted(HashOfOldKey):
    """A new secret is derived from the old key alone."""

    def secret(self, change, state, randomness):
        if state is None:
            return PairwiseChannels.secret(self, change, state, randomness)
        return self.derive(state.group_key, b"next")


class RemovedMayRead(PairwiseChannels):
    """Whoever is removed gets the secret of the new epoch all the same."""

    def recipients(self, change):
        gone = (card for card in change.before.cards if card.identity == change.target)
        return (*change.others, *(gone if change.kind is Kind.REMOVE else ()))


class HoardsKeys(PairwiseChannels):
    """HPKE keys are kept when they have been replaced."""

    def memory(self, change, state, secret, transcript):
        return b"" if state is None else state.memory + state.decryption_key


class HoardsSecrets(PairwiseChannels):
    """The secrets of all operations are kept."""

    def memory(self, change, state, secret, transcript):
        return (b"" if state is None else state.memory) + secret


class WelcomeWithOldKey(SampleMember):
    """A welcome ends with the group key of the epoch before."""

    def add(self, key_package):
        operation, old = super().add(key_package), self.group_key
        return replace(operation, make_welcome=lambda: operation.make_welcome() + old)

    def join(self, welcome):
        try:
            return super().join(welcome)
        except RemoteError:
            return super().join(welcome[: -SUITE.hash_length])


class LeakyWelcomes(PairwiseChannels):
    def member(self, identity, pki, randomness):
        return self._wrap(super().member(identity, pki, randomness))

    def load(self, data, pki, randomness):
        return self._wrap(super().load(data, pki, randomness))

    def _wrap(self, member):
        member.__class__ = WelcomeWithOldKey
        return member


def drawing(source):
    """Operations are made with other randomness."""

    def change(author):
        def mutated(protocol, state, content, signature, randomness):
            other = source(protocol, state, randomness)
            return author(protocol, state, content, signature, other)

        return mutated

    return change


class FirstFrom:
    """Randomness whose first draw, which makes an HPKE key, is derived from the old key."""

    def __init__(self, protocol, state, randomness):
        self.first = None if state is None else protocol.derive(state.decryption_key, b"new key")
        self.randomness = randomness

    def draw(self, length):
        first, self.first = self.first, None
        return self.randomness.draw(length) if first is None else first[:length]


class OneEphemeralKey:
    """Randomness that repeats itself after an HPKE key and a secret."""

    def __init__(self, protocol, state, randomness):
        self.left, self.source, self.data = 2, randomness, randomness.draw(64)

    def draw(self, length):
        self.left -= 1
        return self.source.draw(length) if self.left >= 0 else self.data[:length]


def tag_is(make):
    def change(next_state):
        def mutated(protocol, change, state, content, secret, decryption_key):
            after, _ = next_state(protocol, change, state, content, secret, decryption_key)
            return after, make(protocol, secret, after)

        return mutated

    return change


def unsigned(label):
    def change(verify):
        def mutated(self, public, given, content, signature):
            if given != label:
                verify(self, public, given, content, signature)

        return mutated

    return lambda make: sample_patched(make, Labelled, "verify_with_label", change)


class ChainsSurviveRemoves(SenderKeys):
    """Chains go on after somebody has been removed."""

    def _since(self, change):
        own = next((c for c in change.before.cards if c.identity == change.author), None)
        return own.acted if own is not None else 0

    def memory(self, change, state, secret, transcript):
        return super().memory(replace(change, kind=Kind.UPDATE), state, secret, transcript)


class SendingEndStays(SenderKeys):
    """All operations that a member makes in one epoch have one secret."""

    def secret(self, change, state, randomness):
        return super().secret(replace(change, number=0), state, randomness)

    def made(self, change, state):
        return state


class EpochEndStays(SenderKeys):
    """A chain goes on from the same end in each epoch."""

    def memory(self, change, state, secret, transcript):
        ends = {each.owner: each.epoch for each in self._chains(state).values()}
        if change.kind is Kind.REMOVE:
            ends = {}
        ends[change.author] = ends.get(change.author) or self.derive(secret, b"chain")
        chains = [
            Chain(owner, self.derive(end, b"sending", transcript), end)
            for owner, end in ends.items()
        ]
        return encode(Chains(tuple(chains)))


class ClaimsToHeal(SenderKeys):
    """The contract promises healing, which sender keys do not have."""

    contract = Contract("sender keys that heal", Healing.OWN_OPERATION, Forward.OWN_OPERATION)


class ClaimsForwardSecrecy(PairwiseChannels):
    """The contract promises forward secrecy for every epoch, although HPKE keys stay in use."""

    contract = Contract("pairwise, per epoch", Healing.OWN_OPERATION, Forward.EVERY_EPOCH)


class PublicStart(SenderKeys):
    """A chain starts from a hash of what everybody knows."""

    def secret(self, change, state, randomness):
        if randomness is not None and not self._since(change):
            return self.suite.hash(encode(change.after))
        return super().secret(change, state, randomness)
