"""Rules of RFC 9420 broken, one each: patches of ttkem.mls for mutants_mls.MLS."""

from dataclasses import replace

from ttkem.errors import InvalidMessageError, RemoteError
from ttkem.mls import cgka
from ttkem.mls import member as mls_member
from ttkem.mls.cgka import MlsCgka, MlsCgkaMember, mls_cgka
from ttkem.mls.group import commit_creation, commit_processing, epochs, welcomes
from ttkem.mls.group.policy import Configuration
from ttkem.mls.keys.message_protection import Framed
from ttkem.mls.messages.codepoints import WireFormat
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.tree import treekem
from ttkem.mls.tree.ratchet_tree import TreeLeaf
from ttkem.wire import encode


def mls_patched(owner, name, make):
    """Replace ``owner.name`` by what ``make`` makes of it, as long as the monkeypatch lives."""

    def apply(monkeypatch):
        monkeypatch.setattr(owner, name, make(getattr(owner, name)))
        return mls_cgka()

    return apply


def mls_of_member(kind):
    """MLS with another kind of member."""

    class Mutated(MlsCgka):
        def member(self, identity, pki, randomness):
            return self._wrap(super().member(identity, pki, randomness))

        def load(self, data, pki, randomness):
            return self._wrap(super().load(data, pki, randomness))

        def _wrap(self, member):
            member.__class__ = kind
            return member

    return lambda _: Mutated(mls_cgka().suite)


# Key schedule.


def without_init_secret(joiner_secret):
    def mutated(crypto, init_secret, commit_secret, context):
        return joiner_secret(crypto, bytes(len(init_secret)), commit_secret, context)

    return mutated


def without_commit_secret(joiner_secret):
    def mutated(crypto, init_secret, commit_secret, context):
        return joiner_secret(crypto, init_secret, bytes(len(commit_secret)), context)

    return mutated


class KeyIsTag(MlsCgkaMember):
    """The group key is the confirmation tag, which travels."""

    __slots__ = ()

    @property
    def group_key(self):
        return self.group.state.confirmation_tag


class KeyIsMembershipKey(MlsCgkaMember):
    """The group key is a key that MLS itself uses."""

    __slots__ = ()

    @property
    def group_key(self):
        return self.group.state.secrets.membership_key


def interim_is_constant(_):
    return lambda crypto, confirmed, tag: crypto.suite.hash(b"always the same")


def epoch_secret_is_kept(next_state):
    """The exporter secret of the epoch before stays in the state."""

    def mutated(config, state, epoch, tree, private, signature, reinit):
        after = next_state(config, state, epoch, tree, private, signature, reinit)
        kept = replace(after.secrets, additions=((b"old", state.secrets.exporter_secret),))
        return replace(after, secrets=kept)

    return mutated


def keeps_exporter(monkeypatch):
    monkeypatch.setattr(commit_creation, "next_state", epoch_secret_is_kept(epochs.next_state))
    monkeypatch.setattr(commit_processing, "next_state", epoch_secret_is_kept(epochs.next_state))
    return mls_cgka()


# TreeKEM.


class OneEphemeralKey:
    """Randomness that repeats itself after the leaf key and the path secret."""

    def __init__(self, randomness):
        self.left, self.source, self.data = 2, randomness, randomness.draw(64)

    def draw(self, length):
        self.left -= 1
        return self.source.draw(length) if self.left >= 0 else self.data[:length]


def path_with(randomness_of):
    """New paths are made with other randomness."""

    def create_path(crypto, tree, leaf, secrets, make_leaf, make_context, added, randomness):
        other = randomness_of(crypto, tree, secrets[2 * leaf], randomness)
        return treekem.create_path(
            crypto, tree, leaf, secrets, make_leaf, make_context, added, other
        )

    def apply(monkeypatch):
        def configuration(suite, *rest):
            config = Configuration(suite, *rest)
            return replace(config, policy=replace(config.policy, create_path=create_path))

        monkeypatch.setattr(cgka, "Configuration", configuration)
        return mls_cgka()

    return apply


class Derived:
    """Randomness that is derived from one value and a counter: nothing fresh comes in."""

    def __init__(self, crypto, secret):
        self.crypto, self.secret, self.count = crypto, secret, 0

    def draw(self, length):
        self.count += 1
        label = b"drawn %d" % self.count
        return self.crypto.expand_with_label(self.secret, label, b"", length)


def from_old_leaf(crypto, tree, secret, randomness):
    return Derived(crypto, secret)


def from_tree_hash(crypto, tree, secret, randomness):
    return Derived(crypto, tree.hash)


def one_ephemeral_key(crypto, tree, secret, randomness):
    return OneEphemeralKey(randomness)


def node_key_without_label(_):
    return lambda crypto, path_secret: crypto.suite.derive_key_pair(path_secret)


def next_path_secret_is_the_same(_):
    return lambda crypto, path_secret: path_secret


def removal_blanks_nothing(_):
    """The direct path of a removed leaf keeps its keys."""

    def mutated(tree, updates, removes, adds):
        leaves = dict.fromkeys(removes)
        leaves |= {number: TreeLeaf.of(leaf) for number, leaf in updates.items()}
        free = tree.free_leaves(removes)
        places = tuple(next(free) for _ in adds)
        unmerged = {}
        for number, leaf in zip(places, adds, strict=True):
            leaves[number] = TreeLeaf.of(leaf)
            if number < tree.capacity:
                for index in tree.direct_path(number):
                    unmerged.setdefault(index, []).append(number)
        parents = {}
        for index, node in tree.nodes.select(unmerged).items():
            if node.internal is not None:
                known = {*node.internal.unmerged_leaves, *unmerged[index]}
                parents[index] = replace(node.internal, unmerged_leaves=tuple(sorted(known)))
        return tree.changed(leaves, parents), places

    return mutated


def nobody_is_unmerged(change_members):
    """A new member counts as if it had the secrets of the nodes above it."""

    def mutated(tree, updates, removes, adds):
        after, places = change_members(tree, updates, removes, adds)
        parents = {
            index: replace(parent, unmerged_leaves=())
            for index, parent, _ in after.parents()
            if parent.unmerged_leaves
        }
        return after.changed({}, parents), places

    return mutated


class AddsHealNot(MlsCgka):
    """Adds have no path, though the contract says that every own operation heals."""

    contract = "MLS"


def adds_without_path(_):
    return AddsHealNot(mls_cgka().suite, path_in_adds=False)


# Welcomes.


def lowest_secret_for_all(make_welcome):
    """Every new member gets the lowest path secret, not that of the node it shares."""

    def mutated(config, info, epoch, psks, joiners, path_secrets, randomness):
        lowest = path_secrets[next(iter(path_secrets))] if path_secrets else b""
        everywhere = dict.fromkeys(path_secrets, lowest)
        return make_welcome(config, info, epoch, psks, joiners, everywhere, randomness)

    return mutated


def old_key_in_welcome(monkeypatch):
    """The GroupInfo in a Welcome carries the exporter secret of the epoch before."""
    real, before = welcomes.group_info, {}

    def commit(config, state, *rest):
        before["exporter"] = state.secrets.exporter_secret
        return real_commit(config, state, *rest)

    def group_info(config, state, *, with_tree=True, external=False, extensions=()):
        old = Extension(0xF0F0, before["exporter"])
        return real(
            config,
            state,
            with_tree=with_tree,
            external=external,
            extensions=(*extensions, old),
        )

    real_commit = commit_creation.commit
    monkeypatch.setattr(mls_member, "commit", commit)
    monkeypatch.setattr(commit_creation, "group_info", group_info)
    return mls_cgka()


def joiner_secret_in_clear(make_welcome):
    """The Welcome's entry for a member names it by the joiner secret."""

    def mutated(config, info, epoch, psks, joiners, path_secrets, randomness):
        made = make_welcome(config, info, epoch, psks, joiners, path_secrets, randomness)
        extra = replace(made.secrets[0], new_member=epoch.joiner_secret)
        return replace(made, secrets=(*made.secrets, extra))

    return mutated


# Authentication.


def anything_is_valid(_):
    return lambda *_args, **_named: None


class KeyPackagesUnchecked(MlsCgkaMember):
    """Key packages are used as they come."""

    __slots__ = ()

    def _read(self, data):
        package = read_message(data)
        if not isinstance(package, KeyPackage):
            raise InvalidMessageError("no key package")
        return package


def no_membership_tag(_):
    def mutated(crypto, message, context, key):
        content = message.content
        return Framed(WireFormat.PUBLIC_MESSAGE, content, encode(content), message.auth)

    return mutated


# What a member does.


class RejectDoesNothing(MlsCgkaMember):
    __slots__ = ()

    def reject(self, operation):
        self._find(operation)


class InitKeyStays(MlsCgkaMember):
    __slots__ = ()

    def join(self, welcome):
        kept = dict(self._packages._unused)
        event = super().join(welcome)
        self._packages._unused = kept
        return event


class DiscardDoesNothing(MlsCgkaMember):
    __slots__ = ()

    def discard_key_packages(self):
        pass


class SaveForgetsPending(MlsCgkaMember):
    __slots__ = ()

    def save(self):
        kept, self._operations = self._operations, {}
        try:
            return super().save()
        finally:
            self._operations = kept


class JoinChangesFirst(MlsCgkaMember):
    """The init key is erased before the Welcome has been checked."""

    __slots__ = ()

    def join(self, welcome):
        own = self._packages.addressee(welcome)
        try:
            return super().join(welcome)
        except RemoteError:
            self._packages.forget(own)
            raise
