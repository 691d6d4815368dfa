"""The catalogue of bounded claims: one short file each, with a negative twin that must be refuted.

`python -m models`, or `ttkem verify --catalogue models`, checks them all.
"""

from models import (
    averaging_three,
    block_three,
    crash_prefixes,
    immediate_levels,
    midpoint_collect,
    one_round_cycle,
    one_round_tree,
    path_four,
    path_three,
    path_two,
    snapshot_linearizable,
    taint_windows,
    tree_four,
    tree_three,
    tree_two,
    views,
)
from ttkem.verification.claim import Claim

__all__ = ["CLAIMS", "Claim"]

CLAIMS: tuple[Claim, ...] = (
    views.CLAIM,
    snapshot_linearizable.CLAIM,
    immediate_levels.CLAIM,
    midpoint_collect.CLAIM,
    path_two.CLAIM,
    path_three.CLAIM,
    path_four.CLAIM,
    tree_two.CLAIM,
    tree_three.CLAIM,
    tree_four.CLAIM,
    block_three.CLAIM,
    averaging_three.CLAIM,
    one_round_tree.CLAIM,
    one_round_cycle.CLAIM,
    crash_prefixes.CLAIM,
    taint_windows.CLAIM,
)
