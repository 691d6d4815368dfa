"""The catalogue of theorems for every size: one short file each, with a twin that must be refuted.

`python -m proofs`, or `ttkem verify --catalogue proofs`, checks them all.
"""

from models.claim import Claim
from proofs import (
    bit_reversal,
    safe_not_derivable,
    unblanking,
    untainting,
)

__all__ = ["CLAIMS", "Claim"]

CLAIMS: tuple[Claim, ...] = (
    safe_not_derivable.CLAIM,
    untainting.CLAIM,
    unblanking.CLAIM,
    bit_reversal.CLAIM,
)
