"""The content of messages: framed content, update paths, commits (sections 6, 7.6, 12.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ttkem.crypto import HpkeCiphertext, Labelled, Randomness
from ttkem.mls.messages.codepoints import ContentType, SenderType
from ttkem.mls.messages.leaf_node import LeafNode
from ttkem.mls.messages.proposals import Proposal, ProposalOrRef, proposal, proposal_or_ref
from ttkem.wire import (
    enum,
    opaque_v,
    optional,
    struct,
    uint8,
    uint32,
    uint64,
    variant,
    vector,
)

__all__ = [
    "ApplicationContent",
    "Commit",
    "CommitAuth",
    "CommitContent",
    "Content",
    "ExternalSenderIndex",
    "FramedContent",
    "FramedContentAuthData",
    "HPKECiphertext",
    "MemberSender",
    "MessageAuth",
    "NewMemberCommit",
    "NewMemberProposal",
    "ProposalContent",
    "Sender",
    "UpdatePath",
    "UpdatePathNode",
    "auth_data",
    "content_type",
]


@struct
@dataclass(frozen=True, slots=True)
class HPKECiphertext:
    """``HPKECiphertext`` (section 7.6)."""

    kem_output: Annotated[bytes, opaque_v]
    ciphertext: Annotated[bytes, opaque_v]

    @classmethod
    def seal(
        cls,
        crypto: Labelled,
        public: bytes,
        label: bytes,
        context: bytes,
        plaintext: bytes,
        randomness: Randomness,
    ) -> "HPKECiphertext":
        """Encrypt a plaintext to a public key: ``EncryptWithLabel`` (section 5.1.3)."""
        sealed = crypto.encrypt_with_label(public, label, context, plaintext, randomness)
        return cls(sealed.kem_output, sealed.ciphertext)

    @classmethod
    def seal_each(
        cls,
        crypto: Labelled,
        receivers: Sequence[tuple[bytes, bytes]],
        label: bytes,
        context: bytes,
        randomness: Randomness,
    ) -> "list[HPKECiphertext]":
        """Encrypt to each public key its plaintext; a long context is hashed only once."""
        found = crypto.encrypt_to_each(receivers, label, context, randomness)
        return [cls(sealed.kem_output, sealed.ciphertext) for sealed in found]

    def open(self, crypto: Labelled, secret: bytes, label: bytes, context: bytes) -> bytes:
        """Return the plaintext: ``DecryptWithLabel`` (section 5.1.3).

        Raise a CryptoError if the ciphertext does not decrypt.
        """
        sealed = HpkeCiphertext(self.kem_output, self.ciphertext)
        return crypto.decrypt_with_label(secret, label, context, sealed)


@struct
@dataclass(frozen=True, slots=True)
class UpdatePathNode:
    """``UpdatePathNode`` (section 7.6): a new public key, and the encryptions of its path secret.

    There is one ciphertext for each node in the resolution of the copath child.
    """

    encryption_key: Annotated[bytes, opaque_v]
    encrypted_path_secret: Annotated[tuple[HPKECiphertext, ...], vector(HPKECiphertext)]


@struct
@dataclass(frozen=True, slots=True)
class UpdatePath:
    """``UpdatePath`` (section 7.6): new keys of the sender's leaf and filtered direct path.

    ``nodes`` goes from the leaf's side up to the root.
    """

    leaf_node: Annotated[LeafNode, LeafNode]
    nodes: Annotated[tuple[UpdatePathNode, ...], vector(UpdatePathNode)]


@struct
@dataclass(frozen=True, slots=True)
class Commit:
    """``Commit`` (section 12.4)."""

    proposals: Annotated[tuple[ProposalOrRef, ...], vector(proposal_or_ref)]
    path: Annotated[UpdatePath | None, optional(UpdatePath)]


# Senders (section 6)


@struct
@dataclass(frozen=True, slots=True)
class MemberSender:
    """A member, given by its leaf index."""

    leaf_index: Annotated[int, uint32]


@struct
@dataclass(frozen=True, slots=True)
class ExternalSenderIndex:
    """An external sender, given by its index in the ``external_senders`` extension."""

    sender_index: Annotated[int, uint32]


@struct
@dataclass(frozen=True, slots=True)
class NewMemberProposal:
    """A client outside the group that proposes its own addition."""


@struct
@dataclass(frozen=True, slots=True)
class NewMemberCommit:
    """A client that joins by an external commit."""


Sender = MemberSender | ExternalSenderIndex | NewMemberProposal | NewMemberCommit

sender = variant(
    enum(SenderType, uint8),
    {
        SenderType.MEMBER: MemberSender,
        SenderType.EXTERNAL: ExternalSenderIndex,
        SenderType.NEW_MEMBER_PROPOSAL: NewMemberProposal,
        SenderType.NEW_MEMBER_COMMIT: NewMemberCommit,
    },
)
"""The codec of a :data:`Sender`."""


# Framed content (section 6)


@struct
@dataclass(frozen=True, slots=True)
class ApplicationContent:
    """Application data."""

    application_data: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class ProposalContent:
    """A proposal."""

    proposal: Annotated[Proposal, proposal]


@struct
@dataclass(frozen=True, slots=True)
class CommitContent:
    """A commit."""

    commit: Annotated[Commit, Commit]


Content = ApplicationContent | ProposalContent | CommitContent

CONTENT_CLASSES: dict[ContentType, type[Content]] = {
    ContentType.APPLICATION: ApplicationContent,
    ContentType.PROPOSAL: ProposalContent,
    ContentType.COMMIT: CommitContent,
}


_CONTENT_TYPES = {class_: number for number, class_ in CONTENT_CLASSES.items()}


def content_type(value: Content) -> ContentType:
    """Return the type of a content."""
    return _CONTENT_TYPES[type(value)]


@struct
@dataclass(frozen=True, slots=True)
class FramedContent:
    """``FramedContent`` (section 6); ``content`` holds ``content_type`` and what it selects."""

    group_id: Annotated[bytes, opaque_v]
    epoch: Annotated[int, uint64]
    sender: Annotated[Sender, sender]
    authenticated_data: Annotated[bytes, opaque_v]
    content: Annotated[Content, variant(enum(ContentType, uint8), CONTENT_CLASSES)]


@struct
@dataclass(frozen=True, slots=True)
class MessageAuth:
    """The ``FramedContentAuthData`` of a proposal or of application data (section 6.1)."""

    signature: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class CommitAuth:
    """The ``FramedContentAuthData`` of a commit (section 6.1)."""

    signature: Annotated[bytes, opaque_v]
    confirmation_tag: Annotated[bytes, opaque_v]


FramedContentAuthData = MessageAuth | CommitAuth


def auth_data(kind: ContentType) -> type[MessageAuth | CommitAuth]:
    """Return the class of the ``FramedContentAuthData`` of content of this type (section 6.1)."""
    return CommitAuth if kind is ContentType.COMMIT else MessageAuth
