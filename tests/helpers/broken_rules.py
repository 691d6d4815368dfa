"""Rules of the protocol and of the oracles, each broken: what the seeded bugs are made of.

A patch of the real code, or a small subclass. `mutants.MATRIX` names the rule, and who must notice.
"""

from dataclasses import replace

from rpds import HashTrieMap

from ttkem.adversary import (
    Add,
    Confirm,
    KnowledgeGraph,
    SymbolicGame,
    TaintRules,
    Update,
    Windows,
)
from ttkem.blanking import refresh as blanking
from ttkem.cgka import Kind, TreeCGKA, TreeMember, group, key_packages, seeds, tree_member
from ttkem.cgka.interface import EpochStarted, Removed
from ttkem.cgka.plan import Plan
from ttkem.crypto import Labelled, SeededRandomness, cipher_suite
from ttkem.errors import RemoteError
from ttkem.tainted import refresh
from ttkem.wire import Reader, structs

SUITE = cipher_suite(1)


class Mutated(TreeCGKA):
    """A protocol with its own kind of member."""

    kind = TreeMember

    def member(self, identity, pki, randomness):
        return self._wrap(super().member(identity, pki, randomness))

    def load(self, data, pki, randomness):
        return self._wrap(super().load(data, pki, randomness))

    def _wrap(self, member):
        return self.kind(self, member._state, member._pki, member._randomness)


def of_member(kind):
    protocol_type = type(kind.__name__, (Mutated,), {"kind": kind})
    return lambda _: protocol_type("TTKEM", SUITE, refresh.plan)


def of_plan(plan):
    return lambda _: TreeCGKA("TTKEM", SUITE, plan)


def patched(owner, name, make):
    """Replace ``owner.name`` by what ``make`` makes of it, as long as the monkeypatch lives."""

    def apply(monkeypatch):
        monkeypatch.setattr(owner, name, make(getattr(owner, name)))
        return TreeCGKA("TTKEM", SUITE, refresh.plan)

    return apply


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
        return tree_member.save_state(self._protocol, replace(self._state, pending=()))


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
        control = group.decode(group.ControlMessage, message)
        content = group.decode(group.Content, control.signed.content)
        if not isinstance(content.body, group.Create) and (
            content.author >= public.tree.capacity or public.tree.leaf(content.author) is None
        ):
            raise group.HistoryError("no such author")
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
        except group.HistoryError:
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
            signed = group.decode(group.Signed, content)
            content = group.encode(replace(signed, confirmation=None))
        verify(self, public, label, content, signature)

    return mutated


def unsigned_confirmation(monkeypatch):
    real_sign = Labelled.sign_with_label

    def sign(self, secret, label, content):
        if label == b"control":
            signed = group.decode(group.Signed, content)
            content = group.encode(replace(signed, confirmation=None))
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
        if isinstance(body, group.Create):
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
    real = group.decode

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


# Chains and derivation.


def chain_is_broken(sample):
    """Every node its own uniform seed, while the others derive along the chain."""

    def mutated(protocol, plan, randomness):
        sampled = sample(protocol, plan, randomness)
        fresh = {
            node: randomness.draw(SUITE.hash_length) if node % 2 else seed
            for node, seed in sampled.seeds.items()
        }
        return seeds.Sampled(
            fresh, {node: seeds.node_keys(protocol.kdf, seed) for node, seed in fresh.items()}
        )

    return mutated


def randomness_is_ignored(sample):
    class Zeros:
        def draw(self, length):
            return bytes(length)

    return lambda protocol, plan, _: sample(protocol, plan, Zeros())


def old_keys_are_used(monkeypatch):
    """Ciphertexts go to the keys that nodes had before the operation."""
    real = seeds.encrypt

    def mutated(protocol, plan, after, sampled, transcript_hash, randomness):
        before = plan.tree
        known = {n: before.public_key(n) for n, _ in before.internal_nodes()}

        class Old:
            def __getattr__(self, name):
                return getattr(after, name)

            def public_keys(self, nodes):
                keys = dict(after.public_keys(nodes))
                return {n: known.get(n) or key for n, key in keys.items()}

        return real(protocol, plan, Old(), sampled, transcript_hash, randomness)

    monkeypatch.setattr(seeds, "encrypt", mutated)
    return TreeCGKA("TTKEM", SUITE, refresh.plan)


def step_up_is_identity(_):
    return lambda kdf, seed: seed


def node_keys_without_h2(_):
    return lambda kdf, seed: kdf.suite.derive_key_pair(seed)


def node_keys_by_h1(_):
    return lambda kdf, seed: kdf.suite.derive_key_pair(kdf.derive_secret(seed, b"path"))


def key_is(make):
    """Another group key, from the true root seed."""

    def wrap(next_state):
        def mutated(protocol, public, content, after, leaf, secrets, root_seed):
            state, tag = next_state(protocol, public, content, after, leaf, secrets, root_seed)
            if root_seed is None:
                return state, tag
            return replace(state, group_key=make(protocol.kdf, root_seed, public)), tag

        return mutated

    return wrap


def tag_is(make):
    def wrap(next_state):
        def mutated(protocol, public, content, after, leaf, secrets, root_seed):
            state, tag = next_state(protocol, public, content, after, leaf, secrets, root_seed)
            return state, tag if root_seed is None else make(protocol.kdf, root_seed, state, tag)

        return mutated

    return wrap


# What an operation refreshes, and taints.


def taint_plan(*, refreshed=None, taints=None, chains=None):
    """Tainted TreeKEM with another rule for one thing."""

    def plan(tree, change):
        true = refresh.refreshed_set(tree, change)
        nodes = refreshed(tree, change, true) if refreshed else true
        after = refresh.taints_after(tree, nodes, change.author)
        main = refresh._path(tree, change.target)
        return Plan(
            author=change.author,
            tree=tree,
            chains=(chains or refresh.chains)(tree, frozenset(nodes), main),
            taints=taints(tree, change, after) if taints else after,
            fresh_leaf=change.kind in (Kind.CREATE, Kind.UPDATE),
        )

    return of_plan(plan)


def path_alone(*kinds):
    """No tainted node is re-keyed by these kinds of operation."""

    def refreshed(tree, change, true):
        if change.kind not in kinds:
            return true
        path = {n for n in refresh._path(tree, change.target) if tree.members(n)}
        return path | ({tree.root} if change.resized else set())

    return refreshed


def without_ancestors(tree, change, true):
    """Tainted nodes are re-keyed, and of those above them only what is on the path."""
    if change.kind in (Kind.CREATE, Kind.ADD):
        return true
    path = set(refresh._path(tree, change.target))
    tainted = set(tree.tainter_nodes(change.target))
    return {n for n in true if n in path | tainted or n == tree.root}


def chains_of_one(_, nodes, main):
    first = tuple(n for n in main if n in nodes)
    rest = sorted(nodes - set(first), key=lambda n: (~n & n + 1, n))
    return ((first,) if first else ()) + tuple((n,) for n in rest)


def no_resize(tree, change, true):
    return refresh.refreshed_set(tree, replace(change, resized=False))


def authors_path(tree, change, true):
    """A remove re-keys its author's path, not that of who has left."""
    return set(refresh._path(tree, change.author)) if change.kind is Kind.REMOVE else true


def one_tainted_node_only(tree, change, true):
    tainted = sorted(tree.tainter_nodes(change.target) - set(refresh._path(tree, change.target)))
    return true - set(tainted[1:]) if change.kind is Kind.UPDATE else true


def untainted(*kinds):
    def taints(_, change, after):
        return dict.fromkeys(after) if change.kind in kinds else after

    return taints


def tainted_by_target(_, change, after):
    return (
        {n: None if t is None else change.target for n, t in after.items()}
        if (change.kind is Kind.ADD)
        else after
    )


def former_tainter_stays(tree, change, after):
    """A node that is tainted already keeps its tainter, unless it is healed from below."""
    before = {n: internal.taint for n, internal in tree.internal_nodes()}
    return {n: t if t is None or before.get(n) is None else before[n] for n, t in after.items()}


def taint_on_own_path_stays(tree, change, after):
    """A refresh from below does not clear a taint of others."""
    before = {n: internal.taint for n, internal in tree.internal_nodes()}
    return {n: before.get(n) if t is None else t for n, t in after.items()}


def taints_healed_for_good(_, change, after):
    """An own update clears the author's taints, though it has seen the new keys too."""
    return dict.fromkeys(after) if change.kind is Kind.UPDATE else after


def creator_taints_upper_half_only(tree, change, after):
    return (
        {n: t if n < tree.root else None for n, t in after.items()}
        if change.kind is Kind.CREATE
        else after
    )


def remove_does_not_blank(tree, change):
    true = blanking.plan_with_commit(tree, change)
    return replace(true, tree=tree) if change.kind is Kind.REMOVE else true


def add_does_not_blank(tree, change):
    path = tree.path(change.author)
    if change.kind is not Kind.ADD:
        return blanking.plan_with_commit(tree, change)
    return Plan(
        author=change.author, tree=tree, chains=(path,), taints=dict.fromkeys(path), fresh_leaf=True
    )


def update_stops_below_the_root(tree, change):
    true = blanking.plan_with_commit(tree, change)
    path = true.chains[0]
    kept = path[:-1] if len(path) > 1 and change.kind is Kind.UPDATE else path
    return replace(true, chains=(kept,), taints=dict.fromkeys(kept))


def no_fresh_leaf(tree, change):
    true = blanking.plan_with_commit(tree, change)
    return true if change.kind is Kind.CREATE else replace(true, fresh_leaf=False)


def of_blanking(plan):
    return lambda _: TreeCGKA("TKEM_commit", SUITE, plan)


# Oracles: each is used on a true run, and must be contradicted by another.


class Late(Windows):
    """A window begins where the update is confirmed."""

    def observe(self, time, step):
        super().observe(time, step)
        if isinstance(step, Confirm) and ("own", step.op) in self.born:
            self.born["own", step.op] = time


class EndsWhereMade(Windows):
    """A window ends where the next update is made, not where it is confirmed."""

    def observe(self, time, step):
        who = getattr(step, "who", None)
        key = self._view(who).get(who) if isinstance(step, Update) and who in self._at else None
        super().observe(time, step)
        if key is not None:
            self.died.setdefault(key, time)


class JoinersStartWhereAdded(Windows):
    """A joiner's window begins at the add, though the init key is older."""

    def observe(self, time, step):
        super().observe(time, step)
        if isinstance(step, Add):
            self.born["init", step.key] = time


class AddsHealToo(Windows):
    """An add ends its author's window, as if it gave a fresh leaf."""

    def __init__(self):
        super().__init__(always_fresh=True)


def windows_oracle(kind):
    return lambda _: kind


def graph_without_chains(monkeypatch):
    """Secrets have no sources: nothing can be derived from anything."""
    monkeypatch.setattr(KnowledgeGraph, "derivable", lambda graph: graph.shown.copy())
    return Windows


def graph_with_first_source_only(monkeypatch):
    """Of several ciphertexts of one seed only the first counts."""
    real = KnowledgeGraph.secret
    monkeypatch.setattr(KnowledgeGraph, "secret", lambda self, *s: real(self, *s[:1]))
    return Windows


class NeverTainted(TaintRules):
    def tainted(self, now):
        return []


class StaysTainted(TaintRules):
    def taints(self, now, refreshed):
        return {**super().taints(now, refreshed), **now.taints}


def model_with(rules):
    def apply(monkeypatch):
        real = SymbolicGame.__init__

        def init(self, names, **how):
            real(self, names, **{**how, "rules": rules()})

        monkeypatch.setattr(SymbolicGame, "__init__", init)
        return Windows

    return apply
