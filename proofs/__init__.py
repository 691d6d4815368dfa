"""The catalogue of theorems for every size: one short file each, with a twin that must be refuted.

`python -m proofs`, or `ttkem verify --catalogue proofs`, checks them all.
"""

from models.claim import Claim
from proofs import bit_reversal, taint_chains, taint_costs, unblanking, untainting

__all__ = ["CLAIMS", "Claim"]

CLAIMS: tuple[Claim, ...] = (
    untainting.CLAIM,
    unblanking.CLAIM,
    bit_reversal.CLAIM,
    taint_chains.CLAIM,
    taint_costs.CLAIM,
)
