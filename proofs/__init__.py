"""The catalogue of theorems for every size: one short file each, with a twin that must be refuted.

`python -m proofs`, or `ttkem verify --catalogue proofs`, checks them all.
"""

from models.claim import Claim
from proofs import (
    centres,
    chain_maps,
    crash_projection,
    cycles,
    doors,
    four_points,
    halving,
    labelled_walks,
    midpoints,
    obstructed,
    refuted_rounds,
    round_bound,
    subdivisions,
    thirds_of_two,
    visibility,
)

__all__ = ["CLAIMS", "Claim"]

CLAIMS: tuple[Claim, ...] = (
    visibility.CLAIM,
    halving.CLAIM,
    midpoints.CLAIM,
    four_points.CLAIM,
    centres.CLAIM,
    thirds_of_two.CLAIM,
    crash_projection.CLAIM,
    round_bound.CLAIM,
    refuted_rounds.CLAIM,
    doors.CLAIM,
    subdivisions.CLAIM,
    cycles.CLAIM,
    labelled_walks.CLAIM,
    chain_maps.CLAIM,
    obstructed.CLAIM,
)
