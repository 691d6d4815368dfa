"""Seeded bugs: protocols with one rule broken each, and the layer that must notice.

``MATRIX`` is literal: name, rule, layer, and what the layer must say. A mutant is a patch of the
real code or a small subclass; :meth:`Mutant.protocol` gives the broken protocol as long as the
monkeypatch lives.
"""

from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Mutant:
    name: str
    """What is wrong, in the past tense."""
    rule: str
    """The rule that it breaks, with its source."""
    layer: str
    """What must notice it: a suite of ttkem.testing, or a layer of tests/quality."""
    message: str
    """What must be said."""
    make: object
    """Patches and returns the protocol."""

    def protocol(self, monkeypatch):
        return self.make(monkeypatch)


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
            self.hoard.append(self._group.group_key)
        return super().confirm(operation)


class KeepsOldLeafSecret(HoardingMember):
    def confirm(self, operation):
        if self.in_group:
            self.hoard.append(self._group.secrets[2 * self._group.leaf])
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
        _ = self._group
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
        known = {n: before.public_key(n) for n, _ in before.inner_nodes()}

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
    before = {n: inner.taint for n, inner in tree.inner_nodes()}
    return {n: t if t is None or before.get(n) is None else before[n] for n, t in after.items()}


def taint_on_own_path_stays(tree, change, after):
    """A refresh from below does not clear a taint of others."""
    before = {n: inner.taint for n, inner in tree.inner_nodes()}
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


def twin_with(rules):
    def apply(monkeypatch):
        real = SymbolicGame.__init__

        def init(self, names, **how):
            real(self, names, **{**how, "rules": rules()})

        monkeypatch.setattr(SymbolicGame, "__init__", init)
        return Windows

    return apply


MATRIX = (
    # pending and confirm
    Mutant(
        "confirm keeps the other pending operations",
        "processing anything erases all pending states (ttkem.md 5)",
        "functional",
        "pending operations: ann has other pending operations than it should",
        of_member(ConfirmKeepsOthers),
    ),
    Mutant(
        "processing a message keeps what is pending",
        "processing anything erases all pending states (ttkem.md 5)",
        "functional",
        "pending operations: ann has other pending operations than it should",
        of_member(ProcessKeepsPending),
    ),
    Mutant(
        "a join keeps what is pending",
        "processing anything erases all pending states (ttkem.md 5)",
        "functional",
        "pending operations: cat has other pending operations than it should",
        of_member(JoinKeepsPending),
    ),
    Mutant(
        "reject does nothing",
        "rejected: drop the pending state (KPWK21 2)",
        "functional",
        "pending operations: ann has other pending operations than it should",
        of_member(RejectDoesNothing),
    ),
    Mutant(
        "reject drops all pending operations",
        "a verdict is on one operation (ttkem.md 5)",
        "functional",
        "pending operations: ann has other pending operations than it should",
        of_member(RejectDropsAll),
    ),
    Mutant(
        "confirm adopts the latest pending operation",
        "confirm(q) adopts q (KPWK21 2)",
        "functional",
        "one history, one transcript: ",
        of_member(ConfirmTakesLatest),
    ),
    Mutant(
        "anything can be confirmed",
        "confirming what is not pending is an error (ttkem.md 5)",
        "functional",
        "though op 1 is not pending",
        of_member(ConfirmsAnything),
    ),
    Mutant(
        "an update is adopted before its verdict",
        "the author keeps the old state until the verdict (KPWK21 2)",
        "functional",
        "pending operations: ann has other pending operations than it should",
        of_member(UpdateIsAdoptedAtOnce),
    ),
    Mutant(
        "a saved state has no pending operations",
        "a saved state is the whole state (ttkem.cgka)",
        "functional",
        "a saved state is the whole state: ",
        of_member(SaveForgetsPending),
    ),
    # erasure
    Mutant(
        "a removed member keeps the group",
        "a removed member erases everything (ttkem.md 6)",
        "functional",
        "membership: bob should be in no group",
        of_member(RemovedStays),
    ),
    Mutant(
        "a removed member keeps pending operations",
        "a removed member erases everything (ttkem.md 6)",
        "forward secrecy",
        "pending operations: cat has other pending operations than it should",
        of_member(RemovedKeepsPending),
    ),
    Mutant(
        "old group keys are kept",
        "a state holds the key of its epoch only (ttkem.md 1)",
        "forward secrecy",
        "contains the key",
        hoarding(KeepsOldKeys),
    ),
    Mutant(
        "old leaf secrets are kept",
        "a state holds its own leaf's and path's secrets only (KPWK21 3)",
        "forward secrecy",
        "old secrets are erased: bob's state after his update holds",
        hoarding(KeepsOldLeafSecret),
    ),
    Mutant(
        "an update leaves the author's leaf as it was",
        "update: the author's leaf gets a fresh key (ttkem.md 3)",
        "forward secrecy",
        "old secrets are erased: bob's state after his update holds",
        of_plan(leaf_is_not_refreshed),
    ),
    Mutant(
        "secrets of former places are kept",
        "a state holds its own leaf's and path's secrets only (KPWK21 3)",
        "functional",
        "the saved secrets are not those of the member's path",
        patched(group, "_next_state", keeps_secrets),
    ),
    # welcome and init keys
    Mutant(
        "an init secret stays after joining",
        "an init key is good for one joining (ttkem.md 5)",
        "functional",
        "must be refused: op 1 to cat, though op 1 does not let cat in",
        of_member(InitSecretStays),
    ),
    Mutant(
        "discarding key packages does nothing",
        "init keys never used are erased on request (ttkem.md 5)",
        "forward secrecy",
        "forward secrecy: epoch 2 (op 1) is safe, but cat's state of step",
        of_member(DiscardDoesNothing),
    ),
    Mutant(
        "a removal erases unused init keys",
        "init keys never used are erased on request only (ttkem.md 5)",
        "functional",
        "used, erased or foreign",
        of_member(RemovalDropsInitKeys),
    ),
    Mutant(
        "a joining erases other init keys",
        "init keys never used are erased on request only (ttkem.md 5)",
        "functional",
        "used, erased or foreign",
        of_member(JoinDropsOtherInitKeys),
    ),
    Mutant(
        "a joiner erases its init secret at once",
        "the init secret is the leaf secret until the next own update (ttkem.md 5)",
        "functional",
        "a ciphertext that does not open with this key",
        of_member(InitSecretIsErasedAtOnce),
    ),
    # transcript and ordering
    Mutant(
        "neither epoch nor transcript is compared",
        "whose transcript hash differs refuses the message (KPWK21 2)",
        "forks",
        "must be refused: ",
        patched(group, "read", no_tree_or_history_check),
    ),
    Mutant(
        "the transcript hash never changes",
        "a hash of all operations so far (ttkem.md 5)",
        "consistency",
        "one history, one transcript: ",
        patched(group, "_next_state", transcript_is(lambda public, content: b"same")),
    ),
    Mutant(
        "the transcript counts operations and hashes nothing",
        "a hash of all operations so far (ttkem.md 5)",
        "forks",
        "one history, one transcript: ",
        patched(group, "_next_state", transcript_is(lambda p, content: bytes((p.epoch,)))),
    ),
    Mutant(
        "own messages are processed",
        "delivering a member's own message to it is an error (ttkem.md 6)",
        "functional",
        "though op 1 is ann's own",
        of_member(OwnMessagesAreProcessed),
    ),
    Mutant(
        "epochs are not counted",
        "one operation per epoch (KPWK21 2)",
        "consistency",
        "epochs are counted: ",
        patched(group, "_next_state", epoch_stays),
    ),
    Mutant(
        "messages of other histories are passed over",
        "whose transcript hash differs refuses the message (KPWK21 2)",
        "functional",
        "is of another history",
        of_member(OldMessagesAreIgnored),
    ),
    # signatures
    Mutant(
        "signatures of messages are not verified",
        "every control message carries a signature by the author (ttkem.md 5)",
        "malformed",
        "damaged input is refused: a damaged update",
        patched(Labelled, "verify_with_label", signature_is_not_checked),
    ),
    Mutant(
        "the signature leaves out the key confirmation",
        "every control message carries a signature by the author (ttkem.md 5)",
        "malformed",
        "damaged input is refused: a damaged update",
        unsigned_confirmation,
    ),
    Mutant(
        "signatures of key packages are not verified",
        "init keys are given by their owners (ttkem.md 1)",
        "malformed",
        "damaged input is refused: a damaged key package",
        patched(Labelled, "verify_with_label", key_package_is_not_checked),
    ),
    Mutant(
        "key packages are not compared with the infrastructure",
        "signature keys are given by a PKI (KPWK21 2)",
        "malformed",
        "an impostor (with the key package of another) was accepted",
        package_check_is_skipped,
    ),
    Mutant(
        "anybody can be a group's creator",
        "signature keys are given by a PKI (KPWK21 2)",
        "malformed",
        "eve joined a group of an impostor",
        anybody_is_a_creator,
    ),
    # key confirmation
    Mutant(
        "key confirmations are not compared",
        "a key-confirmation tag in the message (ttkem.md 5)",
        "insider",
        "a wrong key confirmation was accepted",
        patched(group, "_same", lambda _: lambda ours, theirs: True),
    ),
    Mutant(
        "an absent key confirmation will do",
        "a key-confirmation tag in the message (ttkem.md 5)",
        "insider",
        "no key confirmation was accepted",
        patched(group, "_same", lambda same: lambda o, t: t is None or same(o, t)),
    ),
    Mutant(
        "the key confirmation is not bound to the transcript",
        "a key-confirmation tag by labelled KDF (ttkem.md 5)",
        "specification",
        "the key confirmation differs",
        patched(
            group, "_next_state", tag_is(lambda k, r, s, t: SUITE.mac(s.group_key, b"confirm"))
        ),
    ),
    Mutant(
        "a public key need not be the one its seed generates",
        "checks that the public key is the one the seed generates (ttkem.md 4)",
        "insider",
        "a wrong public key was accepted",
        patched(seeds, "node_keys", any_public_key),
    ),
    # parsing
    Mutant(
        "bytes after a message are ignored",
        "parsing takes all bytes or none (RFC 8446 3)",
        "malformed",
        "damaged input is refused: a damaged update (extend 0)",
        trailing_bytes_everywhere,
    ),
    Mutant(
        "bad bytes are a ValueError",
        "parsing raises a RemoteError or succeeds (the house's rule 3)",
        "malformed",
        "two errors only: a damaged update",
        other_errors,
    ),
    Mutant(
        "no bytes are taken for an empty message",
        "parsing raises a RemoteError or succeeds (the house's rule 3)",
        "malformed",
        "damaged input is refused: a damaged update (cut 0)",
        of_member(EmptyIsFine),
    ),
    Mutant(
        "what is refused has changed something",
        "a call that raises has changed nothing (the house's rule 2)",
        "functional",
        "a refused call changes nothing: ",
        of_member(ForgetsWhileFailing),
    ),
    Mutant(
        "a saved state may have an appendix",
        "a StateFileError for damaged bytes (ttkem.cgka)",
        "functional",
        "must be refused: loading a damaged state was accepted",
        lambda _: AcceptsKnownAppendix("TTKEM", SUITE, refresh.plan),
    ),
    # chains and derivation
    Mutant(
        "every node of a chain has its own uniform seed",
        "Delta_{i+1} = H1(Delta_i) (KPWK21 3)",
        "functional",
        "does not generate its public key",
        patched(seeds, "sample", chain_is_broken),
    ),
    Mutant(
        "randomness is not drawn",
        "Delta_0 uniform (KPWK21 3)",
        "specification",
        "the leaf secret differs",
        patched(seeds, "sample", randomness_is_ignored),
    ),
    Mutant(
        "a loaded member draws from a source of its own",
        "randomness is an argument (the house's rule 1)",
        "post-compromise",
        "the key of an update can be told beforehand",
        lambda _: OwnSource("TTKEM", SUITE, refresh.plan),
    ),
    Mutant(
        "ciphertexts go to the keys from before",
        "every ciphertext is under the newest key (ttkem.md 4)",
        "functional",
        "a ciphertext that does not open with this key",
        old_keys_are_used,
    ),
    Mutant(
        "H1 is the identity",
        "H1 and H2 are domain-separated (KPWK21 3)",
        "specification",
        "the root seed differs",
        patched(seeds, "next_seed", step_up_is_identity),
    ),
    Mutant(
        "H2 is left out",
        "(pk_i, sk_i) = KeyGen(H2(Delta_i)) (KPWK21 3)",
        "specification",
        "the leaf secret differs",
        patched(seeds, "node_keys", node_keys_without_h2),
    ),
    Mutant(
        "H2 is H1",
        "H1 and H2 are domain-separated (KPWK21 3)",
        "specification",
        "the leaf secret differs",
        patched(seeds, "node_keys", node_keys_by_h1),
    ),
    Mutant(
        "the group key is the root seed",
        "the group key is derived from root seed and transcript (ttkem.md 5)",
        "specification",
        "the group key differs",
        patched(group, "_next_state", key_is(lambda kdf, root, public: root)),
    ),
    Mutant(
        "the group key does not depend on the transcript",
        "the group key is derived from root seed and transcript (ttkem.md 5)",
        "specification",
        "the group key differs",
        patched(group, "_next_state", key_is(lambda k, r, p: k.derive_secret(r, b"group key"))),
    ),
    # taint rules
    Mutant(
        "nobody taints anything",
        "off path(i): taint(v) = i (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ann's randomness of step",
        taint_plan(taints=untainted(*Kind)),
    ),
    Mutant(
        "a creator taints nothing",
        "right after create the nodes off the creator's path are tainted (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ann's randomness of step",
        taint_plan(taints=untainted(Kind.CREATE)),
    ),
    Mutant(
        "whoever adds taints nothing",
        "off path(i): taint(v) = i (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ann's randomness of step",
        taint_plan(taints=untainted(Kind.ADD)),
    ),
    Mutant(
        "whoever removes taints nothing",
        "off path(i): taint(v) = i (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ",
        taint_plan(taints=untainted(Kind.REMOVE)),
    ),
    Mutant(
        "an update clears its author's taints",
        "a member's own taints survive its own update (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ",
        taint_plan(taints=taints_healed_for_good),
    ),
    Mutant(
        "an update does not re-key what its author taints",
        "update: S = up(path(i) and all v with taint(v) = i) (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ann's randomness of step",
        taint_plan(refreshed=path_alone(Kind.UPDATE)),
    ),
    Mutant(
        "a remove does not re-key what the removed one taints",
        "remove: S = up(path(j) and all v with taint(v) = j) (ttkem.md 3)",
        "functional",
        "cannot be tainted by leaf 0",
        taint_plan(refreshed=path_alone(Kind.REMOVE)),
    ),
    Mutant(
        "an update re-keys one tainted node only",
        "update: S = up(path(i) and all v with taint(v) = i) (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ",
        taint_plan(refreshed=one_tainted_node_only),
    ),
    Mutant(
        "what is above a tainted node is not re-keyed",
        "up(X) is X with all its ancestors (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ",
        taint_plan(refreshed=without_ancestors, chains=chains_of_one),
    ),
    Mutant(
        "the former tainter stays",
        "a refresh by another moves the taint to that member (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ",
        taint_plan(taints=former_tainter_stays),
    ),
    Mutant(
        "who is added is blamed for what is sampled",
        "off path(i): taint(v) = i, the author (ttkem.md 3)",
        "functional",
        "cannot be tainted by leaf",
        taint_plan(taints=tainted_by_target),
    ),
    Mutant(
        "a refresh from below does not clear a taint",
        "on path(i): taint(v) = none (ttkem.md 3)",
        "functional",
        "cannot be tainted by leaf",
        taint_plan(taints=taint_on_own_path_stays),
    ),
    Mutant(
        "a creator taints the left half only",
        "right after create the nodes off the creator's path are tainted (ttkem.md 3)",
        "sampled secrets",
        "secrets seen once: ",
        taint_plan(taints=creator_taints_upper_half_only),
    ),
    Mutant(
        "a remove re-keys its author's path instead",
        "remove: S = up(path(j) ...) (ttkem.md 3)",
        "functional",
        "must succeed: ",
        taint_plan(refreshed=authors_path),
    ),
    Mutant(
        "a resized tree keeps its root",
        "the root is in S whenever the tree was resized (ttkem.md 3)",
        "functional",
        "group key: ann has none in epoch",
        taint_plan(refreshed=no_resize),
    ),
    # blanking
    Mutant(
        "a remove blanks nothing",
        "removing a member blanks its path (KPWK21 5)",
        "sampled secrets",
        "secrets seen once: dan's state after step",
        of_blanking(remove_does_not_blank),
    ),
    Mutant(
        "an add blanks nothing",
        "adding a member blanks its path (KPWK21 5)",
        "functional",
        "two errors only: ",
        of_blanking(add_does_not_blank),
    ),
    Mutant(
        "an update stops below the root",
        "an update re-keys the author's path (KPWK21 5)",
        "functional",
        "group key: ann has none in epoch",
        of_blanking(update_stops_below_the_root),
    ),
    Mutant(
        "a commit leaves the author's leaf as it was",
        "an update re-keys the author's leaf (KPWK21 5)",
        "forward secrecy",
        "old secrets are erased: bob's state after his update holds",
        of_blanking(no_fresh_leaf),
    ),
    # the oracles themselves
    Mutant(
        "a window begins where the update is confirmed",
        "t- is when the update was generated (ttkem.md 6)",
        "executed attack",
        "unsound: ",
        windows_oracle(Late),
    ),
    Mutant(
        "a window ends where the next update is made",
        "t+ is when the update that replaces k is confirmed (ttkem.md 6)",
        "executed attack",
        "unsound: ",
        windows_oracle(EndsWhereMade),
    ),
    Mutant(
        "a joiner's window begins at the add",
        "k from joining: t- is when the init key was sampled (ttkem.md 6)",
        "executed attack",
        "unsound: ",
        windows_oracle(JoinersStartWhereAdded),
    ),
    Mutant(
        "an add ends its author's window",
        "an add gives its author no fresh leaf (ttkem.md 3)",
        "executed attack",
        "unsound: ",
        windows_oracle(AddsHealToo),
    ),
    Mutant(
        "the knowledge graph has no edges",
        "closed under derivation and decryption (ttkem.md 6)",
        "executed attack",
        "twin: ",
        graph_without_chains,
    ),
    Mutant(
        "of several ciphertexts the graph knows one",
        "an edge for every ciphertext that was generated (ttkem.md 6)",
        "executed attack",
        "twin: ",
        graph_with_first_source_only,
    ),
    Mutant(
        "the twin re-keys no tainted node",
        "update: S = up(path(i) and all v with taint(v) = i) (ttkem.md 3)",
        "executed attack",
        "twin: refreshed",
        twin_with(NeverTainted),
    ),
    Mutant(
        "the twin moves no taint",
        "a refresh by another moves the taint to that member (ttkem.md 3)",
        "executed attack",
        "twin: taints",
        twin_with(StaysTainted),
    ),
)
"""Every mutant; a name comes up once."""
