"""Generation of the test vectors of TreeKEM, messages and passive clients."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, cast

from rpds import HashTrieMap

from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.sending import Framing
from ttkem.mls.member import Member
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.content import ApplicationContent, CommitContent
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.framing import PublicMessage
from ttkem.mls.messages.leaf_node import sign_leaf_node
from ttkem.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.mls.messages.welcome import GroupSecrets, PathSecret
from ttkem.mls.tree.ratchet_tree import RatchetTree, TreeLeaf, write_ratchet_tree
from ttkem.mls.tree.treekem import create_path, open_path
from ttkem.testing.mls.vectors.check import context_of
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttkem.mls.group.welcomes import OwnKeyPackage
    from ttkem.mls.messages.leaf_node import InCommit, LeafNode
    from ttkem.mls.messages.proposals import Proposal
    from ttkem.mls.tree.treekem import NewPath
    from ttkem.testing.mls.vectors.source import Source

    Case = dict[str, Any]

__all__ = [
    "messages",
    "passive_client_commits",
    "passive_client_random",
    "passive_client_welcomes",
    "treekem",
]


def treekem(source: Source) -> Iterator[Case]:
    """Yield ``treekem`` cases: trees of several sizes after commits by some members."""
    for size, committers in ((2, (0,)), (3, (0, 2)), (8, (1, 6, 3)), (9, (8, 0, 4))):
        yield _treekem(source, size, committers)


def _treekem(source: Source, size: int, committers: tuple[int, ...]) -> Case:
    own = [source.client(f"{leaf}").key_package(source.randomness) for leaf in range(size)]
    leaves = {leaf: TreeLeaf.of(each.package.leaf_node) for leaf, each in enumerate(own)}
    tree = RatchetTree.of(source.suite, leaves)
    case: Case = {
        "cipher_suite": source.suite.number,
        "group_id": source.draw().hex(),
        "epoch": 9,
        "confirmed_transcript_hash": source.secret().hex(),
    }
    leaf_secrets = [each.leaf_secret for each in own]
    path_secrets: dict[int, bytes] = {}
    for leaf in committers:
        made = _path(source, case, tree, leaf, own[leaf], HashTrieMap({}))
        path_secrets |= made.path_secrets
        tree, leaf_secrets[leaf] = made.tree, made.secrets[2 * leaf]
    known: dict[int, HashTrieMap[int, bytes]] = {}
    members = []
    for leaf in range(size):
        above = [index for index in tree.direct_path(leaf) if tree.parent(index) is not None]
        pairs = {index: source.node_secret(path_secrets[index]) for index in above}
        known[leaf] = HashTrieMap({2 * leaf: leaf_secrets[leaf], **pairs})
        members.append(
            {
                "index": leaf,
                "encryption_priv": leaf_secrets[leaf].hex(),
                "signature_priv": own[leaf].signature.secret.hex(),
                "path_secrets": [
                    {"node": index, "path_secret": path_secrets[index].hex()} for index in above
                ],
            }
        )
    paths = [_update_path(source, case, tree, leaf, own[leaf], known) for leaf in range(0, size, 3)]
    tree_data = write_ratchet_tree(tree).hex()
    return case | {"ratchet_tree": tree_data, "leaves_private": members, "update_paths": paths}


def _update_path(
    source: Source,
    case: Case,
    tree: RatchetTree,
    author: int,
    own: OwnKeyPackage,
    known: dict[int, HashTrieMap[int, bytes]],
) -> Case:
    made = _path(source, case, tree, author, own, known[author])
    context = encode(context_of(case, made.tree.hash))
    received: list[str | None] = []
    for leaf, secrets in known.items():
        if leaf == author:
            received.append(None)
            continue
        opened = open_path(
            source.crypto, made.tree, author, made.update_path, leaf, secrets, context, ()
        )
        received.append(opened.path_secret.hex())
    return {
        "sender": author,
        "update_path": encode(made.update_path).hex(),
        "path_secrets": received,
        "commit_secret": made.commit_secret.hex(),
        "tree_hash_after": made.tree.hash.hex(),
    }


def _path(
    source: Source,
    case: Case,
    tree: RatchetTree,
    leaf: int,
    own: OwnKeyPackage,
    secrets: HashTrieMap[int, bytes],
) -> NewPath:
    def new_leaf(key: bytes, how: InCommit) -> LeafNode:
        node = replace(own.package.leaf_node, encryption_key=key, source=how)
        group_id = bytes.fromhex(case["group_id"])
        return sign_leaf_node(source.crypto, node, own.signature.secret, group_id, leaf)

    return create_path(
        source.crypto,
        tree,
        leaf,
        secrets,
        new_leaf,
        lambda tree_hash: encode(context_of(case, tree_hash)),
        (),
        source.randomness,
    )


def messages(source: Source) -> Iterator[Case]:
    """Yield ``messages`` cases: one message of each type, from a group."""
    members = source.group("abc")
    ann = members["a"]
    own = source.client("d").key_package(source.randomness)
    psk = PreSharedKeyID(ExternalPsk(b"psk of all"), source.secret())
    public = Framing(public=True)
    update = members["b"].propose_update(framing=public).message
    (received,) = members["b"].state.proposals.values()
    made = ann.commit([Add(own.package), Remove(2)], options=CommitOptions(framing=public))
    message = read_message(made.message)
    assert isinstance(message, PublicMessage)  # noqa: S101 - it was asked to be
    body = message.content.content
    assert isinstance(body, CommitContent)  # noqa: S101 - it is one
    data = replace(message.content, content=ApplicationContent(source.draw()))
    proposed = read_message(update)
    assert isinstance(proposed, PublicMessage)  # noqa: S101 - it was asked to be
    application = replace(proposed, content=data)
    secrets = GroupSecrets(source.secret(), PathSecret(source.secret()), (psk,))
    yield {
        "mls_welcome": cast("bytes", made.welcome).hex(),
        "mls_group_info": ann.group_info().hex(),
        "mls_key_package": write_message(own.package).hex(),
        "ratchet_tree": ann.ratchet_tree().hex(),
        "group_secrets": encode(secrets).hex(),
        "add_proposal": encode(Add(own.package)).hex(),
        "update_proposal": encode(received.proposal).hex(),
        "remove_proposal": encode(Remove(2)).hex(),
        "pre_shared_key_proposal": encode(PreSharedKey(psk)).hex(),
        "re_init_proposal": encode(ReInit(source.draw(), 1, source.suite.number, ())).hex(),
        "external_init_proposal": encode(ExternalInit(source.draw())).hex(),
        "group_context_extensions_proposal": encode(GroupContextExtensions(())).hex(),
        "commit": encode(body.commit).hex(),
        "public_message_application": write_message(application).hex(),
        "public_message_proposal": update.hex(),
        "public_message_commit": made.message.hex(),
        "private_message": ann.send(source.draw()).hex(),
    }


# Passive clients


class _Passive:
    """A client that joins a group and only receives messages."""

    def __init__(self, source: Source, size: int, *, psk: bool, tree: bool) -> None:
        self.source = source
        self.members = source.group("abcdefgh"[:size])
        self.own = source.client("passive").key_package(source.randomness)
        ann = self.members["a"]
        proposals: list[Proposal] = [Add(self.own.package)]
        if psk:
            proposals.append(ann.psk(ExternalPsk(b"psk of all")))
        options = CommitOptions(tree_in_welcome=tree)
        made = ann.commit(proposals, options=options)
        source.carry_out("a", made.id, made.message)
        self.initial = ann.epoch_authenticator
        self.welcome = cast("bytes", made.welcome)
        self.tree = None if tree else ann.ratchet_tree().hex()
        self.joined = ann.epoch
        self.epochs: list[Case] = []

    def epoch(
        self, author: str, proposals: list[Proposal], sent: tuple[tuple[str, bytes], ...] = ()
    ) -> None:
        """Record a commit and the proposals that were sent before it."""
        for name, message in sent:
            for other, member in self.members.items():
                if other != name:
                    member.process(message)
        public = bool(len(self.epochs) % 2)
        options = CommitOptions(framing=Framing(public=public))
        made = self.members[author].commit(proposals, options=options)
        self.source.carry_out(author, made.id, made.message)
        self._end([message for _, message in sent], made.message, author)

    def external(self, name: str) -> None:
        """Let a client join by an external commit."""
        some = next(iter(self.members.values()))
        member, message = Member.join_by_commit(
            self.source.client(name),
            some.group_info(),
            self.source.randomness,
        )
        for other in self.members.values():
            other.process(message)
        self.members[name] = member
        self._end([], message, name)

    def _end(self, proposals: list[bytes], message: bytes, author: str) -> None:
        self.epochs.append(
            {
                "proposals": [proposal.hex() for proposal in proposals],
                "commit": message.hex(),
                "epoch_authenticator": self.members[author].epoch_authenticator.hex(),
            }
        )

    def case(self) -> Case:
        """Return the case in the format of the file."""
        own = self.own
        return {
            "cipher_suite": self.source.suite.number,
            "external_psks": [
                {"psk_id": name.hex(), "psk": psk.hex()} for name, psk in self.source.psk.items()
            ],
            "key_package": write_message(own.package).hex(),
            "signature_priv": own.signature.secret.hex(),
            "encryption_priv": own.leaf_secret.hex(),
            "init_priv": own.init_secret.hex(),
            "welcome": self.welcome.hex(),
            "ratchet_tree": self.tree,
            "initial_epoch_authenticator": self.initial.hex(),
            "epochs": self.epochs,
        }


def passive_client_welcomes(source: Source) -> Iterator[Case]:
    """Yield ``passive-client-welcome`` cases: with and without pre-shared key and tree."""
    for psk in (False, True):
        for tree in (False, True):
            yield _Passive(source, 4, psk=psk, tree=tree).case()


def passive_client_commits(source: Source) -> Iterator[Case]:
    """Yield a ``passive-client-handling-commit`` case with proposals of each type."""
    passive = _Passive(source, 5, psk=False, tree=True)
    members = passive.members
    package = source.client("new").key_package(source.randomness).package
    passive.epoch("b", [])
    passive.epoch("a", [Add(package)])
    passive.epoch("c", [members["c"].psk(ExternalPsk(b"psk of all"))])
    resumption = ResumptionPsk(PskUsage.APPLICATION, members["a"].group_id, passive.joined)
    passive.epoch("c", [members["c"].psk(resumption)])
    passive.epoch("a", [GroupContextExtensions(())])
    update = members["d"].propose_update().message
    remove = members["a"].propose(Remove(members["e"].leaf)).message
    passive.epoch("b", [], (("d", update), ("a", remove)))
    passive.external("x")
    passive.epoch("x", [ReInit(source.draw(), 1, source.suite.number, ())])
    yield passive.case()


def passive_client_random(source: Source) -> Iterator[Case]:
    """Yield a ``passive-client-random`` case: a script of random steps."""
    chosen = Random(int.from_bytes(source.draw(8), "big"))  # noqa: S311 - for a script, no keys
    passive = _Passive(source, 4, psk=True, tree=True)
    members = passive.members
    for number in range(20):
        author = chosen.choice(sorted(members))
        others = sorted(name for name in members if name != author)
        kind = chosen.choice(("add", "remove", "update", "psk", "external", "proposals"))
        if kind == "add" and len(members) < 10:  # noqa: PLR2004 - a small group
            package = source.client(f"n{number}").key_package(source.randomness).package
            passive.epoch(author, [Add(package)])
        elif kind == "remove" and len(others) > 1:
            passive.epoch(author, [Remove(members[chosen.choice(others)].leaf)])
        elif kind == "psk":
            passive.epoch(author, [members[author].psk(ExternalPsk(b"psk of all"))])
        elif kind == "external":
            passive.external(f"x{number}")
        elif kind == "proposals" and others:
            name = chosen.choice(others)
            passive.epoch(author, [], ((name, members[name].propose_update().message),))
        else:
            passive.epoch(author, [])
    yield passive.case()
