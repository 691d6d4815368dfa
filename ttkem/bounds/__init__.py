"""Security bounds in bits: what the proofs of KPWK21 lose, and what they leave of a cipher suite.

>>> from ttkem.bounds import BOUNDS, ROM, guarantee, most_operations, strength_of
>>> bits = strength_of(1).encryption
>>> for bound in BOUNDS:
...     print(f"{bound.name}: {guarantee(bound, bits, members=1000, operations=100_000)}")
rom: 71.8 bits
standard: no guarantee
before: no guarantee
>>> most_operations(ROM, bits, members=1000, level=64)
1518500
"""

from ttkem.bounds.losses import (
    BEFORE,
    BOUNDS,
    ROM,
    STANDARD,
    Bound,
    Guarantee,
    LossIs,
    Standing,
    depth,
    guarantee,
    log2_loss_of_secrets,
    loss_of_secrets,
    most_operations,
)
from ttkem.bounds.strengths import STRENGTHS, Part, SuiteStrength, strength_of

__all__ = [
    "BEFORE",
    "BOUNDS",
    "ROM",
    "STANDARD",
    "STRENGTHS",
    "Bound",
    "Guarantee",
    "LossIs",
    "Part",
    "Standing",
    "SuiteStrength",
    "depth",
    "guarantee",
    "log2_loss_of_secrets",
    "loss_of_secrets",
    "most_operations",
    "strength_of",
]
