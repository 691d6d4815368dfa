"""The numbers that RFC 9420 assigns (sections 6, 7.2, 8.4, 12.4 and 17).

Types that other documents may add to (proposals, extensions, credentials, cipher suites) are read
as plain integers, so that unknown values survive; the enumerations below only name the values of
the RFC's registries. All other types are closed here: an unknown value does not decode.
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
    """``ProtocolVersion`` (section 6), where only a known version may be used."""

    MLS10 = MLS10


class WireFormat(IntEnum):
    """``WireFormat`` (section 17.2): the kind of an ``MLSMessage``."""

    PUBLIC_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    WELCOME = 3
    GROUP_INFO = 4
    KEY_PACKAGE = 5


class ContentType(IntEnum):
    """``ContentType`` (section 6): the kind of a framed content."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


class SenderType(IntEnum):
    """``SenderType`` (section 6)."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


class LeafNodeSource(IntEnum):
    """``LeafNodeSource`` (section 7.2): how a leaf node came into the tree."""

    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3


class NodeType(IntEnum):
    """``NodeType`` (section 7.8)."""

    LEAF = 1
    PARENT = 2


class ProposalOrRefType(IntEnum):
    """``ProposalOrRefType`` (section 12.4)."""

    PROPOSAL = 1
    REFERENCE = 2


class PskType(IntEnum):
    """``PSKType`` (section 8.4)."""

    EXTERNAL = 1
    RESUMPTION = 2


class PskUsage(IntEnum):
    """``ResumptionPSKUsage`` (section 8.4): the purpose of a resumption PSK."""

    APPLICATION = 1
    REINIT = 2
    BRANCH = 3


class ProposalType(IntEnum):
    """The proposal types of the RFC (section 17.4)."""

    ADD = 1
    UPDATE = 2
    REMOVE = 3
    PSK = 4
    REINIT = 5
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7


class ExtensionType(IntEnum):
    """The extension types of the RFC (section 17.3)."""

    APPLICATION_ID = 1
    RATCHET_TREE = 2
    REQUIRED_CAPABILITIES = 3
    EXTERNAL_PUB = 4
    EXTERNAL_SENDERS = 5


class CredentialType(IntEnum):
    """The credential types of the RFC (section 17.5)."""

    BASIC = 1
    X509 = 2


DEFAULT_PROPOSALS = frozenset(map(int, ProposalType))
"""The proposal types that every client supports and no capabilities list (section 7.2)."""

DEFAULT_EXTENSIONS = frozenset(map(int, ExtensionType))
"""The extension types that every client supports and no capabilities list (section 7.2)."""

GREASE = tuple(0x0A0A + 0x1010 * step for step in range(15))
"""The values without meaning that senders insert to keep receivers tolerant (section 13.5)."""
