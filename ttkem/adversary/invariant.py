"""The tree invariant on real states (KPWK21 section 3; specification T1).

No critical window sees a member that keeps a secret it should have erased, a tainter above all. So
every state of a real run is looked into: it holds a secret key for exactly the keyed nodes of the
member's leaf and path, in every pending state too, and each is the secret of the public key there.
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
    """Looks into the states of one run; pairs of keys that belong together are remembered."""

    __slots__ = ("_belong", "_randomness", "_suite")

    def __init__(self, protocol: TreeCGKA) -> None:
        self._suite = protocol.suite
        self._randomness = SeededRandomness("tree invariant")
        self._belong: set[tuple[bytes, bytes]] = set()

    def objections(self, state: MemberState) -> Iterator[str]:
        """What a member holds that it should not, and what it lacks."""
        for public, secret in state.init_secrets.items():
            if not self._is_pair(public, secret):
                yield f"{state.identity} has a wrong init secret"
        for held in (state.group, *(pending.group for pending in state.pending)):
            if held is not None:
                yield from self._in_group(state.identity, held)

    def _in_group(self, who: str, held: GroupState) -> Iterator[str]:
        tree = held.public.tree
        nodes = tree.path_nodes(held.leaf)
        keyed = {index for index, node in nodes if (node.leaf or node.inner) is not None}
        has = set(held.secrets)
        kept, missing = sorted(has - keyed), sorted(keyed - has)
        if kept or missing:
            yield f"{who} holds secrets of {kept} and lacks those of {missing}"
        for node, public in tree.public_keys(held.secrets).items():
            if not self._is_pair(public, held.secrets[node]):
                yield f"{who} holds a wrong secret of node {node}"

    def _is_pair(self, public: bytes, secret: bytes) -> bool:
        """Whether what is sealed to one opens with the other."""
        pair = (public, secret)
        if pair not in self._belong:
            sealed = self._suite.seal(public, b"", b"", b"", self._randomness)
            try:
                self._suite.open(secret, sealed, b"", b"")
            except RemoteError:
                return False
            self._belong.add(pair)
        return True
