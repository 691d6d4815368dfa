"""Proposals (section 12.1)."""

from dataclasses import dataclass
from typing import Annotated

from ttkem.mls.messages.codepoints import ProposalOrRefType, ProposalType
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.leaf_node import LeafNode
from ttkem.mls.messages.psk_ids import PreSharedKeyID
from ttkem.wire import enum, opaque_v, open_variant, struct, uint8, uint16, uint32, variant, vector

__all__ = [
    "Add",
    "ByReference",
    "ByValue",
    "CustomProposal",
    "ExternalInit",
    "GroupContextExtensions",
    "PreSharedKey",
    "Proposal",
    "ProposalOrRef",
    "ReInit",
    "Remove",
    "Update",
    "proposal",
    "proposal_or_ref",
    "proposal_type",
]


@struct
@dataclass(frozen=True, slots=True)
class Add:
    """A proposal to add the client that a key package describes (section 12.1.1)."""

    key_package: Annotated[KeyPackage, KeyPackage]


@struct
@dataclass(frozen=True, slots=True)
class Update:
    """A proposal to replace the sender's leaf node (section 12.1.2)."""

    leaf_node: Annotated[LeafNode, LeafNode]


@struct
@dataclass(frozen=True, slots=True)
class Remove:
    """A proposal to remove the member at this leaf index (section 12.1.3)."""

    removed: Annotated[int, uint32]


@struct
@dataclass(frozen=True, slots=True)
class PreSharedKey:
    """A proposal to inject a pre-shared key into the key schedule (section 12.1.4)."""

    psk: Annotated[PreSharedKeyID, PreSharedKeyID]


@struct
@dataclass(frozen=True, slots=True)
class ReInit:
    """A proposal to end the group and reinitialize it as another one (section 12.1.5)."""

    group_id: Annotated[bytes, opaque_v]
    version: Annotated[int, uint16]
    cipher_suite: Annotated[int, uint16]
    extensions: Annotated[tuple[Extension, ...], vector(Extension)]


@struct
@dataclass(frozen=True, slots=True)
class ExternalInit:
    """The encapsulated init secret of an external commit (section 12.1.6)."""

    kem_output: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class GroupContextExtensions:
    """A proposal to replace all GroupContext extensions (section 12.1.7)."""

    extensions: Annotated[tuple[Extension, ...], vector(Extension)]


@struct
@dataclass(frozen=True, slots=True)
class CustomProposal:
    """A proposal of a type beyond the RFC's (section 13.2), read as one vector of bytes.

    The RFC leaves the structure of further types open; mls-rs and OpenMLS read them in this way.
    """

    proposal_type: Annotated[int, uint16]
    data: Annotated[bytes, opaque_v]


Proposal = (
    Add
    | Update
    | Remove
    | PreSharedKey
    | ReInit
    | ExternalInit
    | GroupContextExtensions
    | CustomProposal
)

_TYPES: dict[type[object], ProposalType] = {
    Add: ProposalType.ADD,
    Update: ProposalType.UPDATE,
    Remove: ProposalType.REMOVE,
    PreSharedKey: ProposalType.PSK,
    ReInit: ProposalType.REINIT,
    ExternalInit: ProposalType.EXTERNAL_INIT,
    GroupContextExtensions: ProposalType.GROUP_CONTEXT_EXTENSIONS,
}

proposal = open_variant(uint16, {number: type_ for type_, number in _TYPES.items()}, CustomProposal)
"""The codec of a :data:`Proposal`."""


def proposal_type(value: Proposal) -> int:
    """Return the number of a proposal's type (section 17.4)."""
    return value.proposal_type if isinstance(value, CustomProposal) else _TYPES[type(value)]


@struct
@dataclass(frozen=True, slots=True)
class ByValue:
    """A proposal of the committer that the commit itself contains (section 12.4)."""

    proposal: Annotated[Proposal, proposal]


@struct
@dataclass(frozen=True, slots=True)
class ByReference:
    """A proposal that was sent before, given by its ``ProposalRef`` (sections 5.2 and 12.4)."""

    reference: Annotated[bytes, opaque_v]


ProposalOrRef = ByValue | ByReference

proposal_or_ref = variant(
    enum(ProposalOrRefType, uint8),
    {ProposalOrRefType.PROPOSAL: ByValue, ProposalOrRefType.REFERENCE: ByReference},
)
"""The codec of a :data:`ProposalOrRef`."""
