"""A client outside any group: its credential, and the key packages that it publishes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.crypto.randomness import draw
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.messages.codepoints import GREASE, MLS10
from ttkem.mls.messages.credentials import BasicCredential, credential_type
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.key_package import KeyPackage, sign_key_package
from ttkem.mls.messages.leaf_node import Capabilities, InKeyPackage, LeafNode, sign_leaf_node

if TYPE_CHECKING:
    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.messages.credentials import Credential

__all__ = ["Client", "Lifetime"]

Lifetime = InKeyPackage
ALWAYS = Lifetime(0, (1 << 64) - 1)


@dataclass(frozen=True, slots=True)
class Client:
    """Who a member is, in any group of one cipher suite."""

    config: Configuration
    credential: Credential
    signature: KeyPair
    capabilities: Capabilities
    leaf_extensions: tuple[Extension, ...] = ()
    grease: bool = False
    """Whether key packages list random GREASE values (section 13.5)."""

    @classmethod
    def basic(cls, config: Configuration, identity: bytes, randomness: Randomness) -> Client:
        """A client with a basic credential, fresh signature keys and plain capabilities."""
        credential = BasicCredential(identity)
        signature = config.suite.generate_signature_key_pair(randomness)
        return cls(config, credential, signature, capabilities(config, credential))

    def leaf_node(self, encryption_key: bytes, source: InKeyPackage) -> LeafNode:
        """Return a leaf node of this client, not yet signed."""
        return LeafNode(
            encryption_key,
            self.signature.public,
            self.credential,
            self.capabilities,
            source,
            self.leaf_extensions,
            b"",
        )

    def key_package(
        self,
        randomness: Randomness,
        *,
        lifetime: Lifetime = ALWAYS,
        extensions: tuple[Extension, ...] = (),
    ) -> OwnKeyPackage:
        """A fresh key package; by default one that never expires."""
        config = self.config
        init, leaf = (config.suite.generate_key_pair(randomness) for _ in range(2))
        listed, leaf_extensions = self.capabilities, self.leaf_extensions
        if self.grease:
            values = draw(randomness, 4)
            listed = _greased(listed, values)
            extensions = (*extensions, Extension(GREASE[values[3] % 15], values))
            leaf_extensions = (*leaf_extensions, Extension(GREASE[values[0] % 15], b""))
        node = replace(
            self.leaf_node(leaf.public, lifetime), capabilities=listed, extensions=leaf_extensions
        )
        node = sign_leaf_node(config.crypto, node, self.signature.secret)
        package = KeyPackage(MLS10, config.suite.number, init.public, node, extensions, b"")
        package = sign_key_package(config.crypto, package, self.signature.secret)
        return OwnKeyPackage(package, init.secret, leaf.secret, self.signature)


def capabilities(config: Configuration, credential: Credential) -> Capabilities:
    """Return what a configuration supports, and the type of this credential."""
    return Capabilities(
        cipher_suites=(config.suite.number,),
        proposals=tuple(sorted(config.policy.custom_proposals)),
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
