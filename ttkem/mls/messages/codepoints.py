"""The numbers that RFC 9420 assigns (sections 6, 7.2, 8.4, 12.4 and 17).

Sets that others may extend (proposals, extensions, credentials, suites) are plain integers on the
wire; the names here are those of the RFC's registries. Closed sets are enumerations.
"""

from enum import IntEnum

__all__ = [
    "DEFAULT_EXTENSIONS",
    "DEFAULT_PROPOSALS",
    "GREASE",
    "MLS10",
    "ContentType",
    "CredentialType",
    "ExtensionType",
    "LeafNodeSource",
    "NodeType",
    "ProposalOrRefType",
    "ProposalType",
    "ProtocolVersion",
    "PskType",
    "PskUsage",
    "SenderType",
    "WireFormat",
]

MLS10 = 1
"""``mls10``, the only protocol version (section 6)."""


class ProtocolVersion(IntEnum):
    """Section 6: where no other version can stand."""

    MLS10 = MLS10


class WireFormat(IntEnum):
    """Section 17.2."""

    PUBLIC_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    WELCOME = 3
    GROUP_INFO = 4
    KEY_PACKAGE = 5


class ContentType(IntEnum):
    """Section 6."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


class SenderType(IntEnum):
    """Section 6."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


class LeafNodeSource(IntEnum):
    """Section 7.2: how a leaf node came into the tree."""

    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3


class NodeType(IntEnum):
    """Section 7.8."""

    LEAF = 1
    PARENT = 2


class ProposalOrRefType(IntEnum):
    """Section 12.4."""

    PROPOSAL = 1
    REFERENCE = 2


class PskType(IntEnum):
    """Section 8.4."""

    EXTERNAL = 1
    RESUMPTION = 2


class PskUsage(IntEnum):
    """``ResumptionPSKUsage`` (section 8.4)."""

    APPLICATION = 1
    REINIT = 2
    BRANCH = 3


class ProposalType(IntEnum):
    """Section 17.4."""

    ADD = 1
    UPDATE = 2
    REMOVE = 3
    PSK = 4
    REINIT = 5
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7


class ExtensionType(IntEnum):
    """Section 17.3."""

    APPLICATION_ID = 1
    RATCHET_TREE = 2
    REQUIRED_CAPABILITIES = 3
    EXTERNAL_PUB = 4
    EXTERNAL_SENDERS = 5


class CredentialType(IntEnum):
    """Section 17.5."""

    BASIC = 1
    X509 = 2


DEFAULT_PROPOSALS = frozenset(map(int, ProposalType))
"""Supported by everybody and never listed in capabilities (section 7.2)."""

DEFAULT_EXTENSIONS = frozenset(map(int, ExtensionType))
"""Likewise."""

GREASE = tuple(0x0A0A + 0x1010 * step for step in range(15))
"""Section 13.5: values that mean nothing, sent to keep receivers tolerant."""
