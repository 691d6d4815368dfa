"""A client outside any group: its credential, and the key packages that it publishes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.crypto.randomness import draw
from ttkem.mls.codepoints import GREASE, MLS10
from ttkem.mls.credentials import BasicCredential, credential_type
from ttkem.mls.extensions import Extension
from ttkem.mls.key_package import KeyPackage, sign_key_package
from ttkem.mls.leaf_node import Capabilities, InKeyPackage, LeafNode, sign_leaf_node
from ttkem.mls.welcome import OwnKeyPackage

if TYPE_CHECKING:
    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.credentials import Credential
    from ttkem.mls.rules import Rules

__all__ = ["Client", "Lifetime"]

Lifetime = InKeyPackage
ALWAYS = Lifetime(0, (1 << 64) - 1)


@dataclass(frozen=True, slots=True)
class Client:
    """Who a member is, in any group of one cipher suite."""

    rules: Rules
    credential: Credential
    signature: KeyPair
    capabilities: Capabilities
    leaf_extensions: tuple[Extension, ...] = ()
    grease: bool = False
    """Whether key packages list random GREASE values (section 13.5)."""

    @classmethod
    def basic(cls, rules: Rules, identity: bytes, randomness: Randomness) -> Client:
        """A client with a basic credential, fresh signature keys and plain capabilities."""
        credential = BasicCredential(identity)
        signature = rules.suite.generate_signature_key_pair(randomness)
        return cls(rules, credential, signature, capabilities(rules, credential))

    def key_package(
        self,
        randomness: Randomness,
        *,
        lifetime: Lifetime = ALWAYS,
        extensions: tuple[Extension, ...] = (),
    ) -> OwnKeyPackage:
        """A fresh key package; by default one that never expires."""
        rules = self.rules
        init, leaf = (rules.suite.generate_key_pair(randomness) for _ in range(2))
        listed, leaf_extensions = self.capabilities, self.leaf_extensions
        if self.grease:
            values = draw(randomness, 4)
            listed = _greased(listed, values)
            extensions = (*extensions, Extension(GREASE[values[3] % 15], values))
            leaf_extensions = (*leaf_extensions, Extension(GREASE[values[0] % 15], b""))
        node = LeafNode(
            leaf.public,
            self.signature.public,
            self.credential,
            listed,
            lifetime,
            leaf_extensions,
            b"",
        )
        node = sign_leaf_node(rules.crypto, node, self.signature.secret)
        package = KeyPackage(MLS10, rules.suite.number, init.public, node, extensions, b"")
        package = sign_key_package(rules.crypto, package, self.signature.secret)
        return OwnKeyPackage(package, init.secret, leaf.secret, self.signature)


def capabilities(rules: Rules, credential: Credential) -> Capabilities:
    """What these rules support, and the type of this credential."""
    return Capabilities(
        cipher_suites=(rules.suite.number,),
        proposals=tuple(sorted(rules.custom_proposals)),
        credentials=(credential_type(credential),),
    )


def _greased(listed: Capabilities, values: bytes) -> Capabilities:
    """Capabilities with a value that means nothing in each list that may have one."""
    extension, proposal, credential, suite = (GREASE[value % 15] for value in values)
    return replace(
        listed,
        extensions=(*listed.extensions, extension),
        proposals=(*listed.proposals, proposal),
        credentials=(*listed.credentials, credential),
        cipher_suites=(*listed.cipher_suites, suite),
    )
