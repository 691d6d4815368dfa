"""Rules on external commits (sections 12.2 and 12.4.3.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.errors import InvalidMessageError, MacError, SignatureError
from ttkem.mls.client import Client
from ttkem.mls.group.external import ExternalJoin, join_by_commit
from ttkem.mls.group.policy import TrustEverybody
from ttkem.mls.group.welcomes import group_info
from ttkem.mls.messages.content import Commit, CommitContent, NewMemberCommit
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.proposals import Add, ByReference, ByValue, ExternalInit, Remove
from ttkem.testing.mls.illegal.rule import Forged, Rule, rule, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.mls.messages.content import FramedContent
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["RULES"]

RULES: list[Rule] = []


def _external(
    lab: Lab,
    change: Callable[[Commit], Commit],
    secret: bytes | None = None,
) -> Forged:
    """Return Eve's external commit, changed and signed again."""
    eve: Client = lab.clients["eve"]
    info = group_info(lab.config, lab.ann.state, external=True)
    template = lab.key_package("eve").package.leaf_node
    _, message = join_by_commit(
        lab.config, info, None, ExternalJoin(template, eve.signature), lab.randomness
    )
    public = read_message(message)
    content: FramedContent = public.content  # type: ignore[union-attr]
    assert isinstance(content.content, CommitContent)  # noqa: S101 - it is a commit
    commit = change(content.content.commit)
    tag: bytes = public.auth.confirmation_tag  # type: ignore[union-attr]
    return sent(
        lab.frame(
            CommitContent(commit),
            sender=NewMemberCommit(),
            secret=secret or eve.signature.secret,
            tag=tag,
        )
    )


def _more(*proposals: Add | Remove | ExternalInit) -> Callable[[Commit], Commit]:
    return lambda commit: replace(commit, proposals=(*commit.proposals, *map(ByValue, proposals)))


@rule(
    RULES,
    "12.4.3.2",
    InvalidMessageError,
    "may not send this CommitContent",
    "An external commit without a path",
)
def _external_without_path(lab: Lab) -> Forged:
    return _external(lab, lambda commit: replace(commit, path=None))


@rule(
    RULES,
    "12.4.3.2",
    SignatureError,
    "not valid for this key",
    "An external commit signed by another key than that of its leaf node",
)
def _external_signature(lab: Lab) -> Forged:
    return _external(lab, lambda commit: commit, lab.outsider.secret)


@rule(
    RULES,
    "12.4.3.2",
    InvalidMessageError,
    "contains a proposal by reference",
    "An external commit of a proposal by reference",
)
def _external_reference(lab: Lab) -> Forged:
    message = lab.cat.propose(Remove(3)).message
    lab.ann.process(message)
    (reference,) = lab.ann.state.proposals
    forged = _external(
        lab,
        lambda commit: replace(commit, proposals=(*commit.proposals, ByReference(reference))),
    )
    return sent(forged.illegal, message)


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "exactly one ExternalInit",
    "An external commit without an ExternalInit",
)
def _external_without_init(lab: Lab) -> Forged:
    return _external(lab, lambda commit: replace(commit, proposals=()))


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "exactly one ExternalInit",
    "An external commit with two ExternalInits",
)
def _external_two_inits(lab: Lab) -> Forged:
    return _external(lab, _more(ExternalInit(bytes(32))))


@rule(RULES, "12.2", InvalidMessageError, "two Removes", "An external commit with two Removes")
def _external_two_removes(lab: Lab) -> Forged:
    return _external(lab, _more(Remove(2), Remove(3)))


@rule(RULES, "12.2", InvalidMessageError, "may not propose", "An external commit with an Add")
def _external_add(lab: Lab) -> Forged:
    return _external(lab, _more(Add(lab.key_package("eve").package)))


@rule(
    RULES,
    "12.4.3.2",
    MacError,
    "confirmation tag of the commit",
    "An external commit whose init secret is not the one it was made with",
)
def _external_tag(lab: Lab) -> Forged:
    def other(commit: Commit) -> Commit:
        other_init = lab.other_external_init()
        return replace(commit, proposals=(ByValue(other_init),))

    return _external(lab, other)


class _Lenient(TrustEverybody):
    """An authentication service that allows a joiner to be anybody."""

    def may_succeed(self, old: Credential, new: Credential) -> bool:
        del old, new
        return True

    def may_resync(self, old: LeafNode, new: LeafNode) -> bool:
        del old, new
        return True

    def same_client(self, one: Credential, other: Credential) -> bool:
        del one, other
        return False


def _joined_as(lab: Lab, name: str, removed: int | None) -> Forged:
    """Return a stranger's external commit under a name, made with a lenient policy."""
    stranger = Client.basic(lab.config, name.encode(), lab.randomness)
    lenient = replace(lab.config, policy=replace(lab.config.policy, authentication=_Lenient()))
    info = group_info(lab.config, lab.ann.state, external=True)
    template = stranger.key_package(lab.randomness).package.leaf_node
    how = ExternalJoin(template, stranger.signature, removed)
    _, message = join_by_commit(lenient, info, None, how, lab.randomness)
    return sent(message)


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "may not replace the old one",
    "An external commit that removes a member of another identity",
)
def _external_evicts(lab: Lab) -> Forged:
    return _joined_as(lab, "eve", 2)


@rule(
    RULES,
    "12.4.3.2",
    InvalidMessageError,
    "may not remove leaf 2",
    "An external commit that removes a member whose identity it claims, without its key",
)
def _external_claims(lab: Lab) -> Forged:
    return _joined_as(lab, "cat", 2)


@rule(
    RULES,
    "12.2",
    InvalidMessageError,
    "adds a client that is a member already",
    "An external commit that adds a member a second time",
)
def _external_member_already(lab: Lab) -> Forged:
    return _joined_as(lab, "cat", None)
