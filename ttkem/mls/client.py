"""A client's credential and signature key, and the key packages that it publishes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.crypto import SUITES
from ttkem.crypto.randomness import draw
from ttkem.errors import InvalidMessageError
from ttkem.mls.group.policy import TrustEverybody
from ttkem.mls.group.validation import check_key_package, local_errors
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.messages.codepoints import GREASE, MLS10
from ttkem.mls.messages.credentials import BasicCredential, credential_type
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.key_package import KeyPackage, key_package_ref, sign_key_package
from ttkem.mls.messages.leaf_node import Capabilities, InKeyPackage, LeafNode, sign_leaf_node
from ttkem.mls.messages.welcome import Welcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.messages.credentials import Credential

__all__ = ["Client", "KeyPackages", "Lifetime", "capabilities"]

Lifetime = InKeyPackage


_STANDARD = tuple(number for number in SUITES if number < 0xF000)  # noqa: PLR2004 - section 17.1
"""The cipher suites that are not for private use."""


@dataclass(frozen=True, slots=True)
class Client:
    """The identity and keys of a client, for all its groups of one configuration."""

    config: Configuration
    credential: Credential
    signature: KeyPair
    capabilities: Capabilities
    leaf_extensions: tuple[Extension, ...] = ()
    grease: bool = False
    """True to list random GREASE values in key packages (section 13.5)."""

    @classmethod
    def basic(cls, config: Configuration, identity: bytes, randomness: Randomness) -> Client:
        """Return a client with a basic credential, a fresh key and default capabilities."""
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
        lifetime: Lifetime | None = None,
        extensions: tuple[Extension, ...] = (),
    ) -> OwnKeyPackage:
        """Return a fresh key package with its secrets; the policy has its default lifetime.

        Raise a LocalError if no member could add it now.
        """
        config = self.config
        moment = config.policy.sent()
        if lifetime is None:
            lifetime = Lifetime(*config.policy.new_lifetime())
        init, leaf = (config.suite.generate_key_pair(randomness) for _ in range(2))
        listed, leaf_extensions = self.capabilities, self.leaf_extensions
        if self.grease:
            values = draw(randomness, 4)
            listed = _greased(listed, values)
            # Sections 10 and 13.5: the capabilities list the types of both these extensions.
            extensions = (*extensions, Extension(listed.extensions[-1], values))
            leaf_extensions = (*leaf_extensions, Extension(listed.extensions[-1], b""))
        node = replace(
            self.leaf_node(leaf.public, lifetime), capabilities=listed, extensions=leaf_extensions
        )
        node = sign_leaf_node(config.crypto, node, self.signature.secret)
        package = KeyPackage(MLS10, config.suite.number, init.public, node, extensions, b"")
        package = sign_key_package(config.crypto, package, self.signature.secret)
        # Whether the credential is valid is for the members to ask who add it (section 5.3.1).
        policy = replace(config.policy, authentication=TrustEverybody())
        with local_errors("cannot make the key package"):
            check_key_package(replace(config, policy=policy), package, moment)
        return OwnKeyPackage(package, init.secret, leaf.secret, self.signature)


class KeyPackages:
    """A client's unused key packages, with their secrets."""

    __slots__ = ("_unused", "client")

    def __init__(self, client: Client) -> None:
        self.client = client
        self._unused: dict[bytes, OwnKeyPackage] = {}

    def __iter__(self) -> Iterator[OwnKeyPackage]:
        """Iterate in the order of their references, so that equal sets are saved as equal bytes."""
        return iter(own for _, own in sorted(self._unused.items()))

    def publish(self, randomness: Randomness) -> bytes:
        """Make a key package, keep its secrets, and return it as an ``MLSMessage``."""
        own = self.client.key_package(randomness)
        self.add(own)
        return write_message(own.package)

    def add(self, own: OwnKeyPackage) -> None:
        """Add a key package that exists already."""
        self._unused[key_package_ref(self.client.config.crypto, own.package)] = own

    def addressee(self, welcome: bytes) -> OwnKeyPackage:
        """Return the key package that a Welcome is encrypted to.

        Raise an InvalidMessageError if it is none of these.
        """
        message = read_message(welcome)
        for entry in message.secrets if isinstance(message, Welcome) else ():
            if entry.new_member in self._unused:
                return self._unused[entry.new_member]
        raise InvalidMessageError(
            "cannot join: the Welcome is for a key package that is used, erased or foreign"
        )

    def forget(self, own: OwnKeyPackage) -> None:
        """Erase the secrets of a key package once it has been used."""
        del self._unused[key_package_ref(self.client.config.crypto, own.package)]

    def clear(self) -> None:
        """Erase all key packages and their secrets."""
        self._unused = {}


def capabilities(config: Configuration, credential: Credential) -> Capabilities:
    """Return the capabilities of a configuration and of this credential's type (section 7.2).

    They list all cipher suites of the RFC, as far as this library has them, and the
    configuration's: "The client MUST list all values for the respective parameters that it
    supports."
    """
    return Capabilities(
        cipher_suites=tuple(sorted({config.suite.number, *_STANDARD})),
        proposals=tuple(sorted(config.policy.custom_proposals)),
        credentials=(credential_type(credential),),
    )


def _greased(listed: Capabilities, values: bytes) -> Capabilities:
    """Return capabilities with a GREASE value added to each list (section 13.5)."""
    extension, proposal, credential, suite = (GREASE[value % 15] for value in values)
    return replace(
        listed,
        extensions=(*listed.extensions, extension),
        proposals=(*listed.proposals, proposal),
        credentials=(*listed.credentials, credential),
        cipher_suites=(*listed.cipher_suites, suite),
    )
