"""Seeds, keys and ciphertexts of the refreshed nodes (KPWK21 section 3; specification T2, T4).

Along a chain of refreshed nodes, bottom to top, ``Delta_0`` is uniform, ``Delta_{i+1} =
H1(Delta_i)`` and ``(pk_i, sk_i) = KeyGen(H2(Delta_i))``. Every seed is encrypted to each part of
the tree below its node that cannot derive it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ttkem.cgka.messages import Ciphertext, SeedContext
from ttkem.crypto import HpkeCiphertext
from ttkem.errors import CryptoError, RemoteError
from ttkem.tree.math import left, right, spans
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ttkem.cgka.plan import Plan, TreeProtocol
    from ttkem.crypto import KeyPair, Labelled, Randomness
    from ttkem.tree import KeyTree

__all__ = ["Sampled", "encrypt", "next_seed", "node_keys", "open_path", "recipients", "sample"]


def next_seed(kdf: Labelled, seed: bytes) -> bytes:
    """Return the seed of the next node up the chain: ``H1``."""
    return kdf.derive_secret(seed, b"path")


def node_keys(kdf: Labelled, seed: bytes) -> KeyPair:
    """Return the key pair of a node with this seed: ``KeyGen(H2(seed))``."""
    return kdf.suite.derive_key_pair(kdf.derive_secret(seed, b"node"))


@dataclass(frozen=True, slots=True)
class Sampled:
    """The seeds and keys that an author samples; most are erased once the operation is sent."""

    seeds: Mapping[int, bytes]
    """Seeds by array index: of the refreshed nodes, and of the author's leaf where it is fresh."""
    keys: Mapping[int, KeyPair]
    """Key pairs of the same nodes, by array index."""


def sample(protocol: TreeProtocol, plan: Plan, randomness: Randomness) -> Sampled:
    """Sample the seeds of a plan, one uniform seed for each chain."""
    kdf = protocol.kdf
    seeds: dict[int, bytes] = {}
    for number, chain in enumerate(plan.chains):
        seed = randomness.draw(protocol.suite.hash_length)
        if plan.fresh_leaf and number == 0:
            seeds[2 * plan.author] = seed
            seed = next_seed(kdf, seed)
        for node in chain[:-1]:
            seeds[node] = seed
            seed = next_seed(kdf, seed)
        seeds[chain[-1]] = seed
    return Sampled(seeds, {node: node_keys(kdf, seed) for node, seed in seeds.items()})


def recipients(plan: Plan, after: KeyTree) -> Iterator[tuple[int, int]]:
    """Yield each refreshed node with each node to whose key its seed is encrypted, in order.

    For each refreshed node and each child that is not its predecessor: the child's resolution in
    the tree ``after`` the operation, so that every key is the newest. Nothing is encrypted to a
    node below which the author is the only member: the author knows the seed, and such a ciphertext
    would reveal an old seed to whoever learns the author's leaf key later (specification T4 [D]).
    """
    predecessors = plan.predecessors
    nodes = after.tree.select(predecessors)
    for node, predecessor in predecessors.items():
        for child, below in ((left(node), nodes[node].left), (right(node), nodes[node].right)):
            if below is not None and child != predecessor:
                for recipient in below.summary.resolution:
                    if not after.only_member_below(recipient, plan.author):
                        yield node, recipient


def encrypt(
    protocol: TreeProtocol,
    plan: Plan,
    after: KeyTree,
    sampled: Sampled,
    transcript_hash: bytes,
    randomness: Randomness,
) -> tuple[Ciphertext, ...]:
    """Encrypt the seed of every refreshed node to its :func:`recipients`."""
    ciphertexts = []
    places = tuple(recipients(plan, after))
    public_keys = after.public_keys({recipient for _, recipient in places})
    for node, recipient in places:
        sealed = protocol.kdf.encrypt_with_label(
            public_keys[recipient],
            b"seed",
            encode(SeedContext(transcript_hash, node, recipient)),
            sampled.seeds[node],
            randomness,
        )
        ciphertexts.append(Ciphertext(sealed.kem_output, sealed.ciphertext))
    return tuple(ciphertexts)


def open_path(
    protocol: TreeProtocol,
    plan: Plan,
    after: KeyTree,
    ciphertexts: Sequence[Ciphertext],
    transcript_hash: bytes,
    leaf: int,
    secrets: Mapping[int, bytes],
) -> tuple[dict[int, bytes], bytes | None]:
    """Return the new secret keys of the path of ``leaf``, and the root seed if there is one.

    ``secrets`` are the secret keys the member holds, by array index. At each refreshed node the
    member derives the seed along a chain or opens the one ciphertext for the part of the tree it
    came through. Raise a :class:`RemoteError` if the number of ciphertexts is not the plan's, if
    one does not open, or if a public key is not the one that its seed generates.
    """
    places = {place: at for at, place in enumerate(recipients(plan, after))}
    if len(places) != len(ciphertexts):
        raise RemoteError(
            f"cannot read the message: expected {len(places)} ciphertexts, got {len(ciphertexts)}"
        )
    predecessors = plan.predecessors
    new: dict[int, bytes] = {}
    path = after.path_nodes(leaf)
    seed = below_seed = None
    for (below, child), (node, parent) in pairwise(path):
        seed = None
        if node in predecessors:
            if below_seed is not None and predecessors[node] == below:
                seed = next_seed(protocol.kdf, below_seed)
            else:
                recipient = next(r for r in child.summary.resolution if spans(r, 2 * leaf))
                sealed = ciphertexts[places[node, recipient]]
                seed = protocol.kdf.decrypt_with_label(
                    new[recipient] if recipient in new else secrets[recipient],
                    b"seed",
                    encode(SeedContext(transcript_hash, node, recipient)),
                    HpkeCiphertext(sealed.kem_output, sealed.ciphertext),
                )
            pair = node_keys(protocol.kdf, seed)
            if parent.internal is None or pair.public != parent.internal.public_key:
                raise CryptoError(
                    f"cannot accept the message: the seed of node {node} does not generate its "
                    "public key"
                )
            new[node] = pair.secret
        below_seed = seed
    return new, seed
