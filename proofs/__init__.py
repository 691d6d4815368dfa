"""The catalogue of theorems for every size: one short file each, with a twin that must be refuted.

`python -m proofs`, or `ttkem verify --catalogue proofs`, checks them all.
"""

from models.claim import Claim
from proofs import (
    bit_reversal,
    centres,
    crash_projection,
    four_points,
    halving,
    midpoints,
    refuted_rounds,
    round_bound,
    safe_not_derivable,
    thirds_of_two,
    unblanking,
    untainting,
    visibility,
)

__all__ = ["CLAIMS", "Claim"]

CLAIMS: tuple[Claim, ...] = (
    safe_not_derivable.CLAIM,
    untainting.CLAIM,
    unblanking.CLAIM,
    bit_reversal.CLAIM,
    visibility.CLAIM,
    halving.CLAIM,
    midpoints.CLAIM,
    four_points.CLAIM,
    centres.CLAIM,
    thirds_of_two.CLAIM,
    crash_projection.CLAIM,
    round_bound.CLAIM,
    refuted_rounds.CLAIM,
)
