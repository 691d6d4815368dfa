"""Whatever a member makes without an error, honest receivers with the same policy accept.

A script of random calls, legal and illegal, runs in a group. A call may raise a LocalError, and
then nothing has changed. Otherwise its message is delivered: no receiver may reject it.
"""

from dataclasses import replace
from random import Random

from mls_groups import Group

from ttkem.errors import LocalError
from ttkem.mls import Client, CustomProposal, Lifetime, Member
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.external import outside_proposal, propose_oneself
from ttkem.mls.group.policy import CustomRule
from ttkem.mls.group.sending import Framing, LeafChange
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.extensions import (
    Extension,
    ExternalSender,
    RequiredCapabilities,
    external_senders_extension,
    required_capabilities_extension,
)
from ttkem.mls.messages.key_package import sign_key_package
from ttkem.mls.messages.leaf_node import Capabilities
from ttkem.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk

NAMES = ("ann", "bob", "cat", "dan", "eve", "fay")
IDENTITY = b"\x01" + bytes(31)


class Script:
    """A group in which random calls are made; it counts those that were delivered."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.group = Group(
            ("ann", "bob", "cat"), custom_proposals={0xF001: CustomRule(path_required=False)}
        )
        self.randomness = self.group.randomness
        self.group.secrets[b"known"] = b"secret"
        self.outsider = self.group.config.suite.generate_signature_key_pair(self.randomness)
        senders = external_senders_extension(
            [ExternalSender(self.outsider.public, BasicCredential(b"service"))]
        )
        self.senders = senders
        self.group.commit("ann", GroupContextExtensions((senders,)))
        self.waiting = {}  # own key packages by their owner's name, in the order of their making
        self.delivered = self.refused = 0
        self.over = False

    def one_of(self, *choices):
        return self.random.choice(choices)

    def coin(self):
        return self.random.random() < 0.5

    # Arguments

    def extensions(self):
        required = RequiredCapabilities((), (), (self.one_of(1, 2),))
        return self.one_of(
            (),
            (self.senders,),
            (required_capabilities_extension(required), self.senders),
            (Extension(3, b"\xff"),),
            (Extension(0xF100, b""), self.senders),
            (Extension(0x0A0A, b""),),
            (self.senders, self.senders),
            (external_senders_extension([ExternalSender(IDENTITY, BasicCredential(b"x"))]),),
        )

    def key_package(self):
        name = self.one_of(*NAMES)
        client = self.group.client(name)
        kind = self.one_of("usual", "usual", "usual", "anew", "grease", "capable", "init", "old")
        if kind == "anew":
            client = Client.basic(self.group.config, name.encode(), self.randomness)
        elif kind == "grease":
            client = replace(client, grease=True)
        elif kind == "capable":
            listed = self.one_of(
                Capabilities(), Capabilities(extensions=(0xF100,)), Capabilities(proposals=(1,))
            )
            client = replace(client, capabilities=listed)
        lifetime = Lifetime(5, 3) if kind == "old" else None
        own = client.key_package(self.randomness, lifetime=lifetime)
        if kind == "init":
            key = self.one_of(
                *(leaf.encryption_key for leaf in self.group[self.member()].roster.values())
            )
            package = replace(own.package, init_key=key)
            own = replace(
                own,
                init_secret=b"",  # its owner does not have it
                package=sign_key_package(
                    self.group.config.crypto, package, client.signature.secret
                ),
            )
        self.waiting.setdefault(name, []).append(own)
        return own.package

    def member(self):
        return self.one_of(*self.group.members)

    def proposal(self):
        kind = self.one_of("add", "add", "remove", "psk", "extensions", "reinit", "custom")
        if kind == "add":
            return Add(self.key_package())
        if kind == "remove":
            return Remove(self.random.randint(0, 5))
        if kind == "psk":
            name = self.one_of(
                ExternalPsk(b"known"),
                ExternalPsk(b"unknown"),
                ResumptionPsk(PskUsage.BRANCH, b"group", 1),
            )
            return PreSharedKey(PreSharedKeyID(name, bytes(self.one_of(32, 32, 1))))
        if kind == "extensions":
            return GroupContextExtensions(self.extensions())
        if kind == "reinit":
            version, suite = self.one_of((1, 1), (1, 2), (2, 1), (1, 99), (0, 1))
            return ReInit(b"next", version, suite, self.extensions())
        return CustomProposal(self.one_of(0xF001, 0xF002), b"")

    def change(self):
        pair = self.group.config.suite.generate_signature_key_pair(self.randomness)
        return self.one_of(
            LeafChange(),
            LeafChange(signature=pair),
            LeafChange(credential=BasicCredential(b"bob")),
            LeafChange(capabilities=Capabilities(extensions=(0xF100,), proposals=(0xF001,))),
            LeafChange(capabilities=Capabilities(extensions=(1,))),
            LeafChange(extensions=(Extension(0xF100, b""),)),
            LeafChange(extensions=(Extension(1, b"junk"),)),
        )

    # Calls

    def propose(self):
        name, framing = self.member(), Framing(public=self.coin())
        made = self.group[name].propose(self.proposal(), framing)
        self.group.deliver(made.message, but=name)

    def update(self):
        name = self.member()
        made = self.group[name].propose_update(self.change())
        self.group.deliver(made.message, but=name)

    def outside(self):
        config, epoch = self.group.config, self.group[self.member()].epoch
        if self.coin():
            add = Add(self.key_package())
            owner = next(
                own
                for owns in self.waiting.values()
                for own in owns
                if own.package is add.key_package
            )
            message = propose_oneself(config, b"group", epoch, add, owner.signature.secret)
        else:
            secret = self.outsider.secret
            proposal = self.proposal()
            if isinstance(proposal, Remove):  # an outsider need not know who is a member
                proposal = Remove(self.one_of(*self.group[self.member()].roster))
            message = outside_proposal(config, b"group", epoch, 0, proposal, secret)
        self.group.deliver(message)

    def commit(self):
        name = self.member()
        proposals = [self.proposal() for _ in range(self.random.randint(0, 2))]
        member = self.group[name]
        references = self.one_of(None, None, (), tuple(member.state.proposals))
        options = CommitOptions(
            framing=Framing(public=self.coin()),
            path=self.coin(),
            change=self.one_of(LeafChange(), LeafChange(), self.change()),
            group_info_extensions=self.one_of(
                (), (), (Extension(0x0A0A, b"x"),), (Extension(4, b""),)
            ),
            linking=self.random.random() < 0.1,
        )
        made = member.commit(proposals, references=references, options=options)
        events = self.group.carry_out(name, made)
        self.welcome(made)
        self.over = events[name].reinit is not None
        if self.over:
            self.succeed(name, events[name].reinit)

    def welcome(self, made):
        """Let each new member join."""
        for item in made.proposals:
            if isinstance(item.proposal, Add):
                package = item.proposal.key_package
                name, own = next(
                    (name, own)
                    for name, owns in self.waiting.items()
                    for own in owns
                    if own.package == package
                )
                if own.init_secret:
                    self.group.join(name, made.welcome, own)

    def join_by_commit(self):
        name = self.one_of("dan", "eve", "bob")
        client = self.group.client(name)
        if self.coin():
            client = Client.basic(self.group.config, name.encode(), self.randomness)
        if self.coin() and self.coin():
            client = replace(client, capabilities=Capabilities(credentials=(2,)))
        info = self.group[self.member()].group_info()
        removed = self.one_of(None, None, 0, 1, 2)
        resync = self.coin()
        member, message = Member.join_by_commit(
            client, info, self.randomness, removed=removed, resync=resync
        )
        self.group.deliver(message)
        self.group.members[name] = member

    def branch(self):
        name = self.member()
        new = {who: self.group.client(who).key_package(self.randomness) for who in NAMES}
        some = [self.one_of(*NAMES) for _ in range(self.random.randint(1, 2))]
        group_id = self.one_of(b"branch", b"branch", b"group")
        _, made = self.group[name].branch(
            self.group.client(name), group_id, [new[who].package for who in some]
        )
        for who in some:
            Member.join(
                self.group.config, made.welcome, new[who], predecessor=self.group.members[who]
            )

    def succeed(self, name, reinit):
        """Check that the members can create and join the successor of a committed ReInit."""
        old = self.group
        config = Group(("ann",), suite=reinit.cipher_suite).config
        clients = {who: Client.basic(config, who.encode(), self.randomness) for who in old.members}
        new = {who: client.key_package(self.randomness) for who, client in clients.items()}
        others = [who for who in old.members if who != name]
        _, made = old[name].successor(clients[name], [new[who].package for who in others])
        for who in others:
            Member.join(config, made.welcome, new[who], predecessor=old[who])

    def step(self):
        call = self.one_of(
            self.propose,
            self.propose,
            self.update,
            self.outside,
            self.commit,
            self.commit,
            self.commit,
            self.join_by_commit,
            self.branch,
        )
        states = {name: member.state for name, member in self.group.members.items()}
        try:
            call()
        except LocalError:
            self.refused += 1
            now = {name: member.state for name, member in self.group.members.items()}
            assert now == states, "a call that raised has changed a member"
        else:
            self.delivered += 1
        if not self.over:
            self.group.check()


def test_what_is_made_is_accepted():
    delivered = refused = 0
    for seed in range(30):
        script = Script(seed)
        for _ in range(8):
            if not script.over:
                script.step()
        delivered, refused = delivered + script.delivered, refused + script.refused
    assert min(delivered, refused) > 40  # a script of which all calls raise, or none, tests little
