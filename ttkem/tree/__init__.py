"""The tree of the group: RFC 9420's array-tree arithmetic and the persistent key tree."""

from ttkem.tree import math
from ttkem.tree.drawing import draw
from ttkem.tree.key_tree import InternalNode, KeyTree, Leaf
from ttkem.tree.persistent import Measure, PersistentTree

__all__ = ["InternalNode", "KeyTree", "Leaf", "Measure", "PersistentTree", "draw", "math"]
