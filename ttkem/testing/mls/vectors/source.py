"""The source of generated test vectors: a cipher suite, seeded randomness and a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ttkem.crypto import SeededRandomness
from ttkem.mls.client import Client
from ttkem.mls.group.policy import Configuration, Policy, fixed_clock
from ttkem.mls.keys.key_schedule import labelled
from ttkem.mls.member import Member
from ttkem.mls.messages.psk_ids import ExternalPsk
from ttkem.mls.tree.treekem import node_key_pair

if TYPE_CHECKING:
    from ttkem.crypto import CipherSuite, Labelled, Randomness
    from ttkem.mls.group.welcomes import OwnKeyPackage
    from ttkem.mls.messages.psk_ids import ResumptionPsk

__all__ = ["Source"]


class Source:
    """A cipher suite with seeded randomness, and the members of a group."""

    def __init__(self, suite: CipherSuite, seed: str) -> None:
        self.suite = suite
        self.config = Configuration(suite, Policy(psks=self.store, clock=fixed_clock()))
        self.crypto: Labelled = labelled(suite)
        self.randomness: Randomness = SeededRandomness(f"vectors {suite.number} {seed}")
        self.psk = {b"psk of all": self.secret()}
        self.members: dict[str, Member] = {}

    def draw(self, length: int = 32) -> bytes:
        """Return random bytes."""
        return self.randomness.draw(length)

    def secret(self) -> bytes:
        """Return a random secret as long as the suite's hash."""
        return self.draw(self.suite.hash_length)

    def node_secret(self, path_secret: bytes) -> bytes:
        """Return the secret key of a node with this path secret."""
        return node_key_pair(self.crypto, path_secret).secret

    def store(self, psk: ExternalPsk | ResumptionPsk) -> bytes | None:
        """Return an external pre-shared key; None if it is unknown."""
        return self.psk.get(psk.psk_id) if isinstance(psk, ExternalPsk) else None

    def client(self, name: str) -> Client:
        """Return a new client."""
        return Client.basic(self.config, name.encode(), self.randomness)

    def group(self, names: str) -> dict[str, Member]:
        """Create a group of members with these one-letter names, each adding the next."""
        first, *others = list(names)
        founder = self.client(first)
        self.members = {first: Member.create(founder, self.draw(), self.randomness)}
        author = first
        for name in others:
            own = self.client(name).key_package(self.randomness)
            made = self.members[author].add(own.package)
            self.carry_out(author, made.id, made.message)
            self.join(name, cast("bytes", made.welcome), own)
            author = name
        return self.members

    def join(self, name: str, welcome: bytes, own: OwnKeyPackage) -> None:
        """Let a client join with a Welcome."""
        self.members[name] = Member.join(self.config, welcome, own, self.randomness)

    def carry_out(self, author: str, commit_id: bytes, message: bytes) -> None:
        """Let every member start the epoch of a commit; drop removed members."""
        self.members[author].confirm(commit_id)
        for name, member in list(self.members.items()):
            if name != author:
                member.process(message)
                if not member.in_group:
                    del self.members[name]
