"""Groups of real MLS members that carry out what one of them commits."""

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.mls import Configuration, Limits, Policy
from ttkem.mls.client import Client
from ttkem.mls.group.policy import fixed_clock
from ttkem.mls.member import Member
from ttkem.mls.messages.psk_ids import ExternalPsk


class Group:
    """Members by name; whatever is committed reaches everybody."""

    def __init__(self, names=("ann", "bob", "cat", "dan"), suite=1, seed=1, limits=None, **policy):
        chosen = Policy(**{"psks": self.store, "clock": fixed_clock(), **policy})
        self.config = Configuration(cipher_suite(suite), chosen, limits or Limits())
        self.randomness = SeededRandomness(seed)
        self.secrets = {}
        self.clients, self.members = {}, {}
        first, *others = names
        self.members[first] = Member.create(self.client(first), b"group", self.randomness)
        if others:
            self.add(first, *others)

    def store(self, psk):
        return self.secrets.get(psk.psk_id) if isinstance(psk, ExternalPsk) else None

    def client(self, name):
        if name not in self.clients:
            self.clients[name] = Client.basic(self.config, name.encode(), self.randomness)
        return self.clients[name]

    def key_package(self, name):
        return self.client(name).key_package(self.randomness)

    def add(self, author, *names, **options):
        own = {name: self.key_package(name) for name in names}
        made = self[author].add(*(each.package for each in own.values()), **options)
        self.carry_out(author, made)
        for name, each in own.items():
            self.join(name, made.welcome, each)
        self.check()
        return made

    def join(self, name, welcome, own, **how):
        self.members[name] = Member.join(self.config, welcome, own, self.randomness, **how)

    def carry_out(self, author, made):
        """Confirm a commit and let all others process it; who was removed is gone."""
        events = {author: self[author].confirm(made.id)}
        events |= self.deliver(made.message, but=author)
        return events

    def deliver(self, message, but=None):
        """Let all others process a message, given as such or as a proposal just made."""
        message = getattr(message, "message", message)
        events = {}
        for name in list(self.members):
            if name != but:
                events[name] = self[name].process(message)
                if not self[name].in_group:
                    del self.members[name]
        return events

    def commit(self, author, *proposals, **options):
        made = self[author].commit(proposals, **options)
        events = self.carry_out(author, made)
        self.check()
        return events

    def leaf(self, name):
        return self[name].leaf

    def check(self):
        """All agree, and each has exactly the secret keys of the tree's public ones."""
        members = self.members.values()
        assert len({member.epoch_authenticator for member in members}) == 1
        for member in members:
            state = member.state
            kem = self.config.suite.kem
            tree = state.tree
            assert tree.hash == state.context.tree_hash
            unmerged = {
                index
                for index in tree.direct_path(state.leaf)
                if (parent := tree.parent(index)) and state.leaf in parent.unmerged_leaves
            }
            present = tree.public_keys((2 * state.leaf, *tree.direct_path(state.leaf)))
            assert set(state.private) == present.keys() - unmerged
            if hasattr(kem, "group"):
                for index, secret in state.private.items():
                    assert kem.group.public_bytes(secret) == present[index]

    def __getitem__(self, name):
        return self.members[name]
