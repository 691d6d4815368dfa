"""TreeKEM with blanking, structured like :mod:`ttkem.tainted`.

The protocol itself is in :mod:`ttkem.blanking.refresh`.
"""

from ttkem.blanking.refresh import plan, plan_with_commit
from ttkem.cgka.tree_member import TreeCGKA
from ttkem.crypto import CipherSuite, cipher_suite

__all__ = ["NAME", "NAME_WITH_COMMIT", "treekem", "treekem_with_commit"]

NAME = "TKEM"
NAME_WITH_COMMIT = "TKEM_commit"


def treekem(suite: CipherSuite | int | str = 1) -> TreeCGKA:
    """Return ``TKEM``: after an add or remove there is no group key until the next update."""
    return TreeCGKA(NAME, _suite(suite), plan, lacks=frozenset({"keys"}))


def treekem_with_commit(suite: CipherSuite | int | str = 1) -> TreeCGKA:
    """Return ``TKEM_commit``: every add and remove is also its author's update."""
    return TreeCGKA(NAME_WITH_COMMIT, _suite(suite), plan_with_commit)


def _suite(suite: CipherSuite | int | str) -> CipherSuite:
    return cipher_suite(suite) if isinstance(suite, int | str) else suite
