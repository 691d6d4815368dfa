"""Generation of test vectors in the working group's format (``test-vectors.md``).

The vectors of a cipher suite are taken from a group that runs a script. Equal seeds give equal
bytes, except for the X-Wing hybrid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ttkem.crypto import cipher_suite
from ttkem.errors import LocalError
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.message_protection import sender_data_key
from ttkem.mls.keys.psk import psk_secret
from ttkem.mls.keys.secret_tree import RatchetKind, SecretTree
from ttkem.mls.keys.transcript import confirmed_transcript_hash, interim_transcript_hash
from ttkem.mls.limits import Limits
from ttkem.mls.messages.codepoints import WireFormat
from ttkem.mls.messages.content import (
    ApplicationContent,
    Commit,
    CommitAuth,
    CommitContent,
    FramedContent,
    MemberSender,
    ProposalContent,
)
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.framing import AuthenticatedContent
from ttkem.mls.messages.proposals import Add, Remove, Update, proposal
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID
from ttkem.mls.tree.member_changes import change_members
from ttkem.mls.tree.ratchet_tree import write_ratchet_tree
from ttkem.testing.mls.vectors import check_framing, generate_groups
from ttkem.testing.mls.vectors.check import context_of
from ttkem.testing.mls.vectors.source import Source
from ttkem.tree import math
from ttkem.wire import encode
from ttkem.wire.codecs import length_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ttkem.mls.member import Member
    from ttkem.mls.messages.content import Content

Case = dict[str, Any]

__all__ = ["GENERATORS", "generate"]


def _tree_math(_: Source) -> Iterator[Case]:
    def or_none(function: Callable[..., int], *arguments: int) -> int | None:
        try:
            return function(*arguments)
        except LocalError:
            return None

    for capacity in (1 << height for height in range(8)):
        nodes = range(math.node_width(capacity))
        yield {
            "n_leaves": capacity,
            "n_nodes": len(nodes),
            "root": math.root(capacity),
            "left": [or_none(math.left, node) for node in nodes],
            "right": [or_none(math.right, node) for node in nodes],
            "parent": [or_none(math.parent, node, capacity) for node in nodes],
            "sibling": [or_none(math.sibling, node, capacity) for node in nodes],
        }


def _deserialization(_: Source) -> Iterator[Case]:
    for length in (0, 1, 63, 64, 16_383, 16_384, (1 << 30) - 1):
        yield {"vlbytes_header": length_prefix(length).hex(), "length": length}


def _crypto_basics(source: Source) -> Iterator[Case]:
    crypto, label, context = source.crypto, "a label", source.draw()
    name, secret, plain = label.encode(), source.secret(), source.draw()
    signing = source.suite.generate_signature_key_pair(source.randomness)
    pair = source.suite.generate_key_pair(source.randomness)
    sealed = crypto.encrypt_with_label(pair.public, name, context, plain, source.randomness)
    yield {
        "cipher_suite": source.suite.number,
        "ref_hash": {
            "label": label,
            "value": plain.hex(),
            "out": crypto.ref_hash(name, plain).hex(),
        },
        "expand_with_label": {
            "secret": secret.hex(),
            "label": label,
            "context": context.hex(),
            "length": 48,
            "out": crypto.expand_with_label(secret, name, context, 48).hex(),
        },
        "derive_secret": {
            "secret": secret.hex(),
            "label": label,
            "out": crypto.derive_secret(secret, name).hex(),
        },
        "derive_tree_secret": {
            "secret": secret.hex(),
            "label": label,
            "generation": 77,
            "length": 16,
            "out": crypto.derive_tree_secret(secret, name, 77, 16).hex(),
        },
        "sign_with_label": {
            "priv": signing.secret.hex(),
            "pub": signing.public.hex(),
            "content": plain.hex(),
            "label": label,
            "signature": crypto.sign_with_label(signing.secret, name, plain).hex(),
        },
        "encrypt_with_label": {
            "priv": pair.secret.hex(),
            "pub": pair.public.hex(),
            "label": label,
            "context": context.hex(),
            "plaintext": plain.hex(),
            "kem_output": sealed.kem_output.hex(),
            "ciphertext": sealed.ciphertext.hex(),
        },
    }


def _secret_tree(source: Source) -> Iterator[Case]:
    crypto = source.crypto
    for capacity in (1, 8, 32):
        secret, data_secret, ciphertext = source.secret(), source.secret(), source.draw(77)
        key, nonce = sender_data_key(crypto, data_secret, ciphertext)
        tree, leaves = SecretTree.of(secret, capacity), []
        for leaf in range(capacity):
            generations = []
            for generation in (0, 15):
                given: Case = {"generation": generation}
                for kind in RatchetKind:
                    tree, found = tree.take(crypto, leaf, kind, generation, Limits())
                    given[f"{kind.value.decode()}_key"] = found.key.hex()
                    given[f"{kind.value.decode()}_nonce"] = found.nonce.hex()
                generations.append(given)
            leaves.append(generations)
        yield {
            "cipher_suite": source.suite.number,
            "encryption_secret": secret.hex(),
            "sender_data": {
                "sender_data_secret": data_secret.hex(),
                "ciphertext": ciphertext.hex(),
                "key": key.hex(),
                "nonce": nonce.hex(),
            },
            "leaves": leaves,
        }


def _message_protection(source: Source) -> Iterator[Case]:
    pair = source.suite.generate_signature_key_pair(source.randomness)
    case: Case = {
        "cipher_suite": source.suite.number,
        "group_id": source.draw().hex(),
        "epoch": 7,
        "tree_hash": source.secret().hex(),
        "confirmed_transcript_hash": source.secret().hex(),
        "signature_priv": pair.secret.hex(),
        "signature_pub": pair.public.hex(),
        "encryption_secret": source.secret().hex(),
        "sender_data_secret": source.secret().hex(),
        "membership_key": source.secret().hex(),
    }
    context = encode(context_of(case, bytes.fromhex(case["tree_hash"])))
    out: list[bytes] = []
    proposal.write(Remove(1), out)
    commit = Commit((), None)
    case |= {
        "proposal": b"".join(out).hex(),
        "commit": encode(commit).hex(),
        "application": source.draw().hex(),
    }
    contents: dict[str, Content] = {
        "proposal": ProposalContent(Remove(1)),
        "commit": CommitContent(commit),
        "application": ApplicationContent(bytes.fromhex(case["application"])),
    }
    for name, content in contents.items():
        private = check_framing.private_message(case, content, context)
        case[f"{name}_priv"] = write_message(private).hex()
        if name != "application":
            public = check_framing.public_message(case, content, context)
            case[f"{name}_pub"] = write_message(public).hex()
    yield case


def _key_schedule(source: Source) -> Iterator[Case]:
    crypto, suite = source.crypto, source.suite
    init_secret = source.secret()
    epochs: list[Case] = []
    case: Case = {
        "cipher_suite": suite.number,
        "group_id": source.draw().hex(),
        "initial_init_secret": init_secret.hex(),
        "epochs": epochs,
    }
    for epoch in range(5):
        names = ("tree_hash", "commit_secret", "psk_secret", "confirmed_transcript_hash")
        given: Case = {name: source.secret().hex() for name in names}
        tree_hash, commit_secret, psk, _ = (bytes.fromhex(given[name]) for name in names)
        context = context_of(case | given, tree_hash, epoch)
        joiner = key_schedule.joiner_secret(crypto, init_secret, commit_secret, context)
        secrets = key_schedule.epoch_secrets(
            crypto, key_schedule.epoch_secret(crypto, joiner, psk, context)
        )
        kept = secrets.kept
        given |= {name: getattr(kept, name).hex() for name in kept.__slots__[:-1]}
        pair = key_schedule.external_key_pair(crypto, kept.external_secret)
        label, exported_for = "exported for", source.draw()
        exported = key_schedule.export(
            crypto, kept.exporter_secret, label.encode(), exported_for, 40
        )
        given |= {
            "group_context": encode(context).hex(),
            "joiner_secret": joiner.hex(),
            "welcome_secret": key_schedule.welcome_secret(crypto, joiner, psk).hex(),
            "encryption_secret": secrets.encryption_secret.hex(),
            "confirmation_key": secrets.confirmation_key.hex(),
            "external_pub": pair.public.hex(),
            "exporter": {
                "label": label,
                "context": exported_for.hex(),
                "length": 40,
                "secret": exported.hex(),
            },
        }
        epochs.append(given)
        init_secret = kept.init_secret
    yield case


def _psk_secret(source: Source) -> Iterator[Case]:
    for count in range(6):
        psks = [(source.draw(), source.secret(), source.secret()) for _ in range(count)]
        names = [(PreSharedKeyID(ExternalPsk(name), nonce), psk) for name, psk, nonce in psks]
        yield {
            "cipher_suite": source.suite.number,
            "psks": [
                {"psk_id": name.hex(), "psk": psk.hex(), "psk_nonce": nonce.hex()}
                for name, psk, nonce in psks
            ],
            "psk_secret": psk_secret(source.crypto, names).hex(),
        }


def _transcript_hashes(source: Source) -> Iterator[Case]:
    crypto = source.crypto
    interim, key = source.secret(), source.secret()
    content = FramedContent(
        source.draw(), 3, MemberSender(0), b"aad", CommitContent(Commit((), None))
    )
    signature = source.draw(64)
    wire_format = WireFormat.PRIVATE_MESSAGE
    confirmed = confirmed_transcript_hash(crypto, interim, wire_format, encode(content), signature)
    tag = key_schedule.confirmation_tag(crypto, key, confirmed)
    authenticated = AuthenticatedContent(wire_format, content, CommitAuth(signature, tag))
    yield {
        "cipher_suite": source.suite.number,
        "confirmation_key": key.hex(),
        "authenticated_content": encode(authenticated).hex(),
        "interim_transcript_hash_before": interim.hex(),
        "confirmed_transcript_hash_after": confirmed.hex(),
        "interim_transcript_hash_after": interim_transcript_hash(crypto, confirmed, tag).hex(),
    }


def _welcome(source: Source) -> Iterator[Case]:
    ann = source.group("a")["a"]
    own = source.client("b").key_package(source.randomness)
    made = ann.add(own.package)
    yield {
        "cipher_suite": source.suite.number,
        "init_priv": own.init_secret.hex(),
        "signer_pub": ann.state.signature.public.hex(),
        "key_package": write_message(own.package).hex(),
        "welcome": cast("bytes", made.welcome).hex(),
    }


def _tree_operations(source: Source) -> Iterator[Case]:
    members = source.group("abcde")
    tree = members["a"].state.tree
    package = source.client("f").key_package(source.randomness).package
    members["b"].propose_update()
    (update,) = (r.proposal for r in members["b"].state.proposals.values())
    assert isinstance(update, Update)  # noqa: S101 - the member has just proposed it
    for change, (updates, removes, adds) in (
        (Add(package), ({}, [], [package.leaf_node])),
        (update, ({1: update.leaf_node}, [], [])),
        (Remove(2), ({}, [2], [])),
        (Remove(4), ({}, [4], [])),
    ):
        after, _ = change_members(tree, updates, removes, adds)
        out: list[bytes] = []
        proposal.write(change, out)
        yield {
            "cipher_suite": source.suite.number,
            "tree_before": write_ratchet_tree(tree).hex(),
            "proposal": b"".join(out).hex(),
            "proposal_sender": 1,
            "tree_hash_before": tree.hash.hex(),
            "tree_after": write_ratchet_tree(after).hex(),
            "tree_hash_after": after.hash.hex(),
        }


def _trees(source: Source) -> Iterator[dict[str, Member]]:
    """Yield groups whose trees are full, have blank leaves or parents, and unmerged leaves."""
    for names in ("ab", "abc", "abcdefgh"):
        yield source.group(names)
    made = source.members["a"].remove(1, 2)
    source.carry_out("a", made.id, made.message)
    yield source.members
    own = source.client("i").key_package(source.randomness)
    options = CommitOptions(path=False)
    made = source.members["a"].commit([Add(own.package)], options=options)
    source.carry_out("a", made.id, made.message)
    source.join("i", cast("bytes", made.welcome), own)
    yield source.members


def _tree_validation(source: Source) -> Iterator[Case]:
    for members in _trees(source):
        state = members["a"].state
        summaries = [
            state.tree.nodes.summary(index) for index in range(2 * state.tree.capacity - 1)
        ]
        yield {
            "cipher_suite": source.suite.number,
            "tree": write_ratchet_tree(state.tree).hex(),
            "group_id": state.context.group_id.hex(),
            "resolutions": [list(summary.resolution) for summary in summaries],
            "tree_hashes": [summary.hash.hex() for summary in summaries],
        }


GENERATORS: dict[str, Callable[[Source], Iterator[Case]]] = {
    "crypto-basics": _crypto_basics,
    "deserialization": _deserialization,
    "key-schedule": _key_schedule,
    "message-protection": _message_protection,
    "messages": generate_groups.messages,
    "passive-client-handling-commit": generate_groups.passive_client_commits,
    "passive-client-random": generate_groups.passive_client_random,
    "passive-client-welcome": generate_groups.passive_client_welcomes,
    "psk_secret": _psk_secret,
    "secret-tree": _secret_tree,
    "transcript-hashes": _transcript_hashes,
    "tree-math": _tree_math,
    "tree-operations": _tree_operations,
    "tree-validation": _tree_validation,
    "treekem": generate_groups.treekem,
    "welcome": _welcome,
}
"""The generating functions, by file name without extension."""

_ONCE = ("deserialization", "tree-math")
"""The files whose cases have no cipher suite."""


def generate(
    name: str, seed: int = 1, suites: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
) -> list[Case]:
    """Return all cases of one file."""
    chosen = suites[:1] if name in _ONCE else suites
    return [
        case
        for number in chosen
        for case in GENERATORS[name](Source(cipher_suite(number), f"{name} {seed}"))
    ]
