"""The catalogue of theorems for every size: one short file each, with a twin that must be refuted.

`python -m proofs`, or `ttkem verify --catalogue proofs`, checks them all.
"""

from models.claim import Claim
from proofs.extension_distances import CLAIM as EXTENSION_DISTANCES
from proofs.extension_play import CLAIM as EXTENSION_PLAY
from proofs.extension_regions import CLAIM as EXTENSION_REGIONS
from proofs.extension_valency import CLAIM as EXTENSION_VALENCY

__all__ = ["CLAIMS", "Claim"]

CLAIMS: tuple[Claim, ...] = (
    EXTENSION_REGIONS,
    EXTENSION_DISTANCES,
    EXTENSION_VALENCY,
    EXTENSION_PLAY,
)
