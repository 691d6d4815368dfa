"""Tainted TreeKEM (KPWK21 section 3): TreeKEM in which no node is ever blank.

The protocol itself is in :mod:`ttkem.tainted.refresh`; everything that it shares with its
neighbours (seeds, messages, ordering, state) is in :mod:`ttkem.cgka`.
"""

from ttkem.cgka.tree_member import TreeCGKA
from ttkem.crypto import CipherSuite, cipher_suite
from ttkem.tainted.refresh import plan

__all__ = ["NAME", "tainted_treekem"]

NAME = "TTKEM"


def tainted_treekem(suite: CipherSuite | int | str = 1) -> TreeCGKA:
    """Return Tainted TreeKEM on a cipher suite, given as an object, number or name."""
    return TreeCGKA(NAME, cipher_suite(suite) if isinstance(suite, int | str) else suite, plan)
