"""Rules of members, each broken: pending states, erasure, key packages, signatures, parsing."""

from dataclasses import replace

from broken_rules import SUITE, Mutated, patched
from rpds import HashTrieMap

from ttkem.cgka import Kind, TreeCGKA, TreeMember, group, key_packages, tree_member
from ttkem.cgka.interface import EpochStarted, Removed
from ttkem.cgka.messages import Content, ControlMessage, Create, Signed
from ttkem.cgka.storage import save_state
from ttkem.crypto import Labelled, SeededRandomness
from ttkem.errors import HistoryError, RemoteError
from ttkem.tainted import refresh
from ttkem.wire import Reader, decode, encode, structs

# Pending and confirm.


class ConfirmKeepsOthers(TreeMember):
    def confirm(self, operation):
        done = self._find(operation)
        rest = tuple(p for p in self._state.pending if p is not done)
        self._state = replace(self._state, group=done.group, pending=rest)
        return done.event


class ProcessKeepsPending(TreeMember):
    def process(self, message):
        pending = self._state.pending
        event = super().process(message)
        self._state = replace(self._state, pending=pending)
        return event


class RejectDoesNothing(TreeMember):
    def reject(self, operation):
        self._find(operation)


class RejectDropsAll(TreeMember):
    def reject(self, operation):
        self._find(operation)
        self._state = replace(self._state, pending=())


class ConfirmTakesLatest(TreeMember):
    def confirm(self, operation):
        self._find(operation)
        return super().confirm(self._state.pending[-1].id)


class ConfirmsAnything(TreeMember):
    def confirm(self, operation):
        if operation not in self.pending:
            return EpochStarted(0, Kind.UPDATE, self.identity, None)
        return super().confirm(operation)


class UpdateIsAdoptedAtOnce(TreeMember):
    def update(self):
        operation = super().update()
        super().confirm(operation.id)
        return operation


class JoinKeepsPending(TreeMember):
    def join(self, welcome):
        pending = self._state.pending
        event = super().join(welcome)
        self._state = replace(self._state, pending=pending)
        return event


class SaveForgetsPending(TreeMember):
    def save(self):
        return save_state(self._protocol, replace(self._state, pending=()))


# Erasure.


class RemovedStays(TreeMember):
    def process(self, message):
        kept = self._state.group
        event = super().process(message)
        if isinstance(event, Removed):
            self._state = replace(self._state, group=kept)
        return event


class RemovedKeepsPending(TreeMember):
    def process(self, message):
        kept = self._state.pending
        event = super().process(message)
        if isinstance(event, Removed):
            self._state = replace(self._state, pending=kept)
        return event


class Hoarding(Mutated):
    """Its saved states have an appendix."""

    def load(self, data, pki, randomness):
        size = int.from_bytes(data[:4], "big")
        member = super().load(data[4 : 4 + size], pki, randomness)
        member.hoard[:] = [data[4 + size :]]
        return member


class HoardingMember(TreeMember):
    __slots__ = ("hoard",)

    def __init__(self, *args):
        super().__init__(*args)
        self.hoard = []

    def save(self):
        data = super().save()
        return len(data).to_bytes(4, "big") + data + b"".join(self.hoard)


class KeepsOldKeys(HoardingMember):
    def confirm(self, operation):
        if self.in_group:
            self.hoard.append(self._state.group.group_key)
        return super().confirm(operation)


class KeepsOldLeafSecret(HoardingMember):
    def confirm(self, operation):
        if self.in_group:
            self.hoard.append(self._state.group.secrets[2 * self._state.group.leaf])
        return super().confirm(operation)


def hoarding(kind):
    protocol_type = type(kind.__name__, (Hoarding,), {"kind": kind})
    return lambda _: protocol_type("TTKEM", SUITE, refresh.plan)


def leaf_is_not_refreshed(tree, change):
    plan = refresh.plan(tree, change)
    return replace(plan, fresh_leaf=False) if change.kind is Kind.UPDATE else plan


def keeps_secrets(next_state):
    """Secrets of a member's former places stay in its state."""

    def mutated(protocol, public, content, after, leaf, secrets, root_seed):
        state, tag = next_state(protocol, public, content, after, leaf, secrets, root_seed)
        return replace(state, secrets=HashTrieMap({**secrets, **dict(state.secrets)})), tag

    return mutated


# Welcome and init keys.


class InitSecretStays(TreeMember):
    def join(self, welcome):
        kept = self._state.init_secrets
        event = super().join(welcome)
        self._state = replace(self._state, init_secrets=kept)
        return event


class DiscardDoesNothing(TreeMember):
    def discard_key_packages(self):
        pass


class RemovalDropsInitKeys(TreeMember):
    def process(self, message):
        event = super().process(message)
        if isinstance(event, Removed):
            self._state = replace(self._state, init_secrets=HashTrieMap({}))
        return event


class JoinDropsOtherInitKeys(TreeMember):
    def join(self, welcome):
        event = super().join(welcome)
        self._state = replace(self._state, init_secrets=HashTrieMap({}))
        return event


class InitSecretIsErasedAtOnce(TreeMember):
    """As if the leaf key did not matter any more once the path is open."""

    def join(self, welcome):
        event = super().join(welcome)
        group_state = self._state.group
        secrets = group_state.secrets.insert(2 * group_state.leaf, bytes(32))
        self._state = replace(self._state, group=replace(group_state, secrets=secrets))
        return event


# Transcript and ordering.


def no_tree_or_history_check(_):
    """Neither epoch, transcript nor tree hash is compared."""

    def mutated(protocol, public, message, pki):
        control = decode(ControlMessage, message)
        content = decode(Content, control.signed.content)
        if not isinstance(content.body, Create) and (
            content.author >= public.tree.capacity or public.tree.leaf(content.author) is None
        ):
            raise HistoryError("no such author")
        body = content.body
        group._check_body(protocol, public.tree, body, content.author, pki)
        tree, change = group._change(public.tree, body, content.author)
        plan = protocol.plan(tree, change)
        keys = dict(zip(plan.refreshed, content.public_keys, strict=False))
        after = group._with_new_keys(plan, content.leaf_key, keys)
        return group.Incoming(
            change, content, control.signed.content, control.signed.confirmation, plan, after
        )

    return mutated


def transcript_is(make):
    """Another transcript hash in the state, after the fact."""

    def wrap(next_state):
        def mutated(protocol, public, content, after, leaf, secrets, root_seed):
            state, tag = next_state(protocol, public, content, after, leaf, secrets, root_seed)
            told = replace(state.public, transcript_hash=make(public, content))
            return replace(state, public=told), tag

        return mutated

    return wrap


class OwnMessagesAreProcessed(TreeMember):
    def process(self, message):
        own = next((p for p in self._state.pending if p.id == SUITE.hash(message)), None)
        return super().process(message) if own is None else self.confirm(own.id)


def epoch_stays(next_state):
    def mutated(protocol, public, content, after, leaf, secrets, root_seed):
        state, tag = next_state(protocol, public, content, after, leaf, secrets, root_seed)
        return replace(state, public=replace(state.public, epoch=max(public.epoch, 1))), tag

    return mutated


class OldMessagesAreIgnored(TreeMember):
    """A replay is taken for a repetition and passed over."""

    def process(self, message):
        try:
            return super().process(message)
        except HistoryError:
            return EpochStarted(self.epoch, Kind.UPDATE, self.identity, None)


# Signatures and key confirmation.


def signature_is_not_checked(verify):
    def mutated(self, public, label, content, signature):
        if label != b"control":
            verify(self, public, label, content, signature)

    return mutated


def key_package_is_not_checked(verify):
    def mutated(self, public, label, content, signature):
        if label != b"key package":
            verify(self, public, label, content, signature)

    return mutated


def confirmation_is_not_signed(verify):
    """The signature covers the content alone."""

    def mutated(self, public, label, content, signature):
        if label == b"control":
            signed = decode(Signed, content)
            content = encode(replace(signed, confirmation=None))
        verify(self, public, label, content, signature)

    return mutated


def unsigned_confirmation(monkeypatch):
    real_sign = Labelled.sign_with_label

    def sign(self, secret, label, content):
        if label == b"control":
            signed = decode(Signed, content)
            content = encode(replace(signed, confirmation=None))
        return real_sign(self, secret, label, content)

    monkeypatch.setattr(Labelled, "sign_with_label", sign)
    monkeypatch.setattr(group, "_same", lambda ours, theirs: True)
    return patched(Labelled, "verify_with_label", confirmation_is_not_signed)(monkeypatch)


def infrastructure_is_not_asked(read):
    def mutated(protocol, package, pki):
        read(protocol, package, {package.content.identity: package.content.signature_key})

    return mutated


def anybody_is_a_creator(monkeypatch):
    real = group._check_body

    def mutated(protocol, tree, body, author, pki):
        if isinstance(body, Create):
            pki = {**pki, body.identity: body.signature_key}
        real(protocol, tree, body, author, pki)

    monkeypatch.setattr(group, "_check_body", mutated)
    return TreeCGKA("TTKEM", SUITE, refresh.plan)


def package_check_is_skipped(monkeypatch):
    monkeypatch.setattr(
        tree_member, "read_key_package", infrastructure_is_not_asked(key_packages.read_key_package)
    )
    monkeypatch.setattr(
        group, "read_key_package", infrastructure_is_not_asked(key_packages.read_key_package)
    )
    return TreeCGKA("TTKEM", SUITE, refresh.plan)


# Parsing.


def trailing_bytes(_):
    def mutated(item, data):
        return structs._codec(item).read(Reader(data))

    return mutated


def trailing_bytes_everywhere(monkeypatch):
    mutated = trailing_bytes(None)
    monkeypatch.setattr(group, "decode", mutated)
    monkeypatch.setattr(tree_member, "decode", mutated)
    return TreeCGKA("TTKEM", SUITE, refresh.plan)


def other_errors(monkeypatch):
    real = decode

    def mutated(item, data):
        try:
            return real(item, data)
        except RemoteError as error:
            raise ValueError("bad bytes") from error

    monkeypatch.setattr(group, "decode", mutated)
    return TreeCGKA("TTKEM", SUITE, refresh.plan)


class EmptyIsFine(TreeMember):
    def process(self, message):
        if not message:
            return EpochStarted(self.epoch, Kind.UPDATE, self.identity, None)
        return super().process(message)


class AnyKey(bytes):
    """A public key that no other differs from."""

    __slots__ = ()
    __hash__ = bytes.__hash__

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


def any_public_key(node_keys):
    def mutated(kdf, seed):
        pair = node_keys(kdf, seed)
        return type(pair)(AnyKey(pair.public), pair.secret)

    return mutated


class ForgetsWhileFailing(TreeMember):
    """Something is changed before all is checked."""

    def process(self, message):
        _ = self.epoch
        self._state = replace(self._state, init_secrets=HashTrieMap({}), pending=())
        return super().process(message)


class OwnSource(Mutated):
    def load(self, data, pki, randomness):
        return super().load(data, pki, SeededRandomness("always the same"))


class AcceptsKnownAppendix(Mutated):
    def load(self, data, pki, randomness):
        try:
            return super().load(data, pki, randomness)
        except RemoteError:
            return super().load(data[:-1], pki, randomness)
