"""The tree invariant on real states (KPWK21 section 3; specification T1).

Critical windows do not detect a member (above all a tainter) that keeps a secret it should have
erased. So every state of a real run is checked, pending states included: it must hold a secret key
for exactly the keyed nodes among the member's leaf and direct path, and each must match the node's
public key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.crypto import SeededRandomness
from ttkem.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttkem.cgka import TreeCGKA
    from ttkem.cgka.group import GroupState
    from ttkem.cgka.state import MemberState

__all__ = ["TreeInvariant"]


class TreeInvariant:
    """The checker of the states of one run; it caches key pairs that it has verified."""

    __slots__ = ("_belong", "_randomness", "_suite")

    def __init__(self, protocol: TreeCGKA) -> None:
        self._suite = protocol.suite
        self._randomness = SeededRandomness("tree invariant")
        self._belong: set[tuple[bytes, bytes]] = set()

    def objections(self, state: MemberState) -> Iterator[str]:
        """Yield a sentence for each secret that a state holds wrongly or lacks."""
        for public, secret in state.init_secrets.items():
            if not self._is_pair(public, secret):
                yield f"{state.identity} holds an init secret that does not match its key"
        for held in (state.group, *(pending.group for pending in state.pending)):
            if held is not None:
                yield from self._in_group(state.identity, held)

    def _in_group(self, who: str, held: GroupState) -> Iterator[str]:
        tree = held.public.tree
        nodes = tree.path_nodes(held.leaf)
        keyed = {index for index, node in nodes if (node.leaf or node.internal) is not None}
        has = set(held.secrets)
        kept, missing = sorted(has - keyed), sorted(keyed - has)
        if kept or missing:
            yield f"{who} holds extra secrets of nodes {kept} and lacks those of {missing}"
        for node, public in tree.public_keys(held.secrets).items():
            if not self._is_pair(public, held.secrets[node]):
                yield f"{who} holds a secret that does not match node {node}"

    def _is_pair(self, public: bytes, secret: bytes) -> bool:
        """Return whether a ciphertext to ``public`` can be decrypted with ``secret``."""
        pair = (public, secret)
        if pair not in self._belong:
            sealed = self._suite.seal(public, b"", b"", b"", self._randomness)
            try:
                self._suite.open(secret, sealed, b"", b"")
            except RemoteError:
                return False
            self._belong.add(pair)
        return True
