"""Security bounds as functions: how much of the encryption's security a proof leaves to the group.

A proof turns an adversary who wins the game of specification T6 into one against the public-key
encryption. What it loses on the way is a factor on the advantage, the *loss*. With ``n`` members at
most and ``Q`` operations:

==============  ==========================  ==================================================
``rom``         ``8 (n Q)^2``               random oracle model, KPWK21 Theorem 4
``standard``    ``5 n^2 Q^(log2 n + 2)``    standard model, KPWK21 Theorem 2
``before``      ``(n Q)^n``                 ART and TreeKEM before KPWK21, a lower bound
==============  ==========================  ==================================================

The first two are upper bounds on a loss, so that they guarantee what they leave. The third is a
*lower* bound on a loss: its proof leaves at most so many bits, and perhaps none. It guarantees
nothing, whatever the sizes (:attr:`Bound.loss_is`, :attr:`Guarantee.holds`).

The paper's abstract says that the first is polynomial and the second quasipolynomial. Its full text
was not at hand: :attr:`Bound.standing` and :attr:`Bound.constants` say what the constants rest on.

The model of the calculator [D]: encryption with ``b`` bits of security means that an adversary in
feasible time has advantage at most ``2^-b`` against IND-CPA. ``b - log2(loss)`` bits are left for
the group, and if that is not above 0, the proof guarantees nothing. Running times are left out, and
so are additive terms: in the random oracle model ``m N / 2^(s-1)`` for ``m`` hash queries and ``N``
seeds of ``s`` bits, which is below the main term as long as ``m <= N 2^(s-b)``; ``s - b`` is at
least 64 in all suites here. No guarantee is not an attack: none is known that uses the loss.

>>> from ttkem.bounds import BOUNDS, guarantee
>>> for bound in BOUNDS:
...     print(f"{bound.name}: {guarantee(bound, 128, 2, 1000)}")
rom: 103.1 bits
standard: 93.8 bits
before: at most 106.1 bits
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "BEFORE",
    "BOUNDS",
    "ROM",
    "STANDARD",
    "Bound",
    "Guarantee",
    "LossIs",
    "Standing",
    "depth",
    "guarantee",
    "log2_loss_of_secrets",
    "loss_of_secrets",
    "most_operations",
]

SMALLEST_GROUP = 2
_STRENGTH = "the strength of the encryption"
_NEAR = 1.0
"""The margin in bits within which integers are compared, not floating-point logarithms."""


class LossIs(StrEnum):
    """The direction of a bound: whether the proof's loss is at most, or at least, the formula."""

    AT_MOST = "at most"
    """The proof loses no more, so that it guarantees what is left."""
    AT_LEAST = "at least"
    """The proof loses this or more, so that it guarantees nothing by this formula."""


class Standing(StrEnum):
    """The evidence for the constants of a bound; none of them was read in the paper itself."""

    QUOTED = "quoted"
    """A public note that cites the theorem gives the same formula (docs/bounds.md says which)."""
    DERIVED = "derived"
    """It follows from what that note cites."""
    RECALLED = "recalled"
    """From memory only."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The loss of a proof as a function of members and operations."""

    name: str
    formula: str
    about: str
    """The protocols and the model that the bound is about."""
    source: str
    standing: Standing
    constants: str
    """An explanation of the constants in words."""
    exact: Callable[[int, int], int]
    """The loss, an integer; of ``n`` to the power of ``n`` it has many digits."""
    logarithm: Callable[[int, int], float]
    """Its logarithm to base 2, without computing the loss."""
    loss_is: LossIs = LossIs.AT_MOST
    """Whether the proof's loss is at most, or at least, the formula."""

    def loss(self, members: int, operations: int) -> int:
        """Return the factor; raise a :class:`LocalError` below two members or one operation."""
        _check(members, operations)
        return self.exact(members, operations)

    def log2_loss(self, members: int, operations: int) -> float:
        """Return the factor in bits, for sizes of any magnitude."""
        _check(members, operations)
        return self.logarithm(members, operations)


def depth(members: int) -> int:
    """Return ``log2 n``, rounded up: the height of the smallest tree for ``n`` members [D]."""
    return (members - 1).bit_length()


ROM = Bound(
    name="rom",
    formula="8 (n Q)^2",
    about="TTKEM, random oracle model",
    source="KPWK21 Theorem 4; abstract: polynomial",
    standing=Standing.DERIVED,
    constants="8 = 2 * 2^2: an unreviewed public note cites Theorem 3 as 2 N^2 for N seeds, and "
    "Theorem 4 as (n Q)^2 by N at most 2 n Q; the 8 itself was not seen",
    exact=lambda n, q: 8 * (n * q) ** 2,
    logarithm=lambda n, q: 3 + 2 * math.log2(n * q),
)

STANDARD = Bound(
    name="standard",
    formula="5 n^2 Q^(log2 n + 2)",
    about="TTKEM, standard model",
    source="KPWK21 Theorem 2; abstract: quasipolynomial",
    standing=Standing.QUOTED,
    constants="an unreviewed public note cites Theorem 2 with this formula; log2 n is rounded up "
    "here [D]",
    exact=lambda n, q: 5 * n**2 * q ** (depth(n) + 2),
    logarithm=lambda n, q: math.log2(5) + 2 * math.log2(n) + (depth(n) + 2) * math.log2(q),
)

BEFORE = Bound(
    name="before",
    formula="(n Q)^n",
    about="ART and TreeKEM before KPWK21, at least",
    source="KPWK21, on earlier proofs",
    standing=Standing.RECALLED,
    constants="the shape Omega((n Q)^n), here with 1 for its constant; nothing confirmed it",
    exact=lambda n, q: (n * q) ** n,
    logarithm=lambda n, q: n * math.log2(n * q),
    loss_is=LossIs.AT_LEAST,
)

BOUNDS = (ROM, STANDARD, BEFORE)
"""All bounds; the first is the tightest except for the smallest groups."""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The bits of security that remain of the encryption after the loss of a proof."""

    encryption: float
    """Bits of the public-key encryption."""
    loss: float
    """Bits lost."""
    loss_is: LossIs = LossIs.AT_MOST
    """Whether at most, or at least, so many bits are lost."""

    @property
    def bits(self) -> float:
        """Bits that are left, 0 if none are; if `loss_is` is AT_LEAST, at most so many are left."""
        return max(0.0, self.encryption - self.loss)

    @property
    def holds(self) -> bool:
        """Whether the proof guarantees anything; never if only its least loss is known."""
        return self.loss_is is LossIs.AT_MOST and self.bits > 0

    def __str__(self) -> str:
        if self.bits <= 0:
            return "no guarantee"
        return f"{'' if self.holds else 'at most '}{self.bits:.1f} bits"


def guarantee(bound: Bound, encryption: float, members: int, operations: int) -> Guarantee:
    """Return the guarantee of a bound for a group whose encryption has this many bits of security.

    Raise a LocalError for a negative number of bits, fewer than two members or no operation.
    """
    _check_bits(_STRENGTH, encryption)
    return Guarantee(encryption, bound.log2_loss(members, operations), bound.loss_is)


def most_operations(bound: Bound, encryption: int, *, members: int, level: int) -> int:
    """Return how many operations leave ``level`` bits; 0 if a single one is too many.

    The number is exact: it is decided on integers wherever logarithms are inconclusive. ``level`` 0
    asks when the bound becomes vacuous: up to there the loss is at most ``2^encryption``. For a
    lower bound on a loss, such as ``before``, more operations certainly leave less; nothing is said
    of fewer. Raise a LocalError unless both are whole numbers of bits.
    """
    for what, bits in ((_STRENGTH, encryption), ("a level of security", level)):
        _check_whole(what, bits)
        _check_bits(what, bits)
    allowed = encryption - level

    def within(operations: int) -> bool:
        logarithm = bound.log2_loss(members, operations)
        if abs(logarithm - allowed) > _NEAR:
            return logarithm < allowed
        return bound.loss(members, operations) <= 1 << allowed

    if allowed < 0 or not within(1):
        return 0
    low, high = 1, 2
    while within(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if within(middle) else (low, middle)
    return low


def loss_of_secrets(secrets: int) -> int:
    """Return the loss for a group that has sampled ``N`` seeds: ``2 N^2``.

    Seeds of leaves and of internal nodes count. This is KPWK21 Theorem 3, as a public note cites
    it. ``rom`` is this bound with ``N = 2 n Q``, as if every operation refreshed every node; a
    smaller ``N`` gives a smaller loss.
    """
    _check_whole("the number of seeds", secrets)
    if secrets < 1:
        raise LocalError(f"cannot compute the loss of {secrets!r} seeds: give at least one seed")
    return 2 * secrets**2


def log2_loss_of_secrets(secrets: int) -> float:
    """Return the loss for a group that has sampled this many seeds, in bits."""
    return math.log2(loss_of_secrets(secrets))


def _check_bits(what: str, bits: float) -> None:
    if not 0 <= bits < math.inf:
        raise LocalError(f"cannot compute the bound: {what} must be 0 bits or more, not {bits!r}")


def _check_whole(what: str, value: object) -> None:
    try:
        operator.index(value)  # type: ignore[arg-type]  # whether it can is the question
    except TypeError:
        raise LocalError(
            f"cannot compute the bound: {what} must be a whole number, not {value!r}"
        ) from None


def _check(members: int, operations: int) -> None:
    _check_whole("the number of members", members)
    _check_whole("the number of operations", operations)
    if members < SMALLEST_GROUP:
        raise LocalError(
            f"cannot compute the bound: the number of members must be at least {SMALLEST_GROUP}, "
            f"not {members!r}"
        )
    if operations < 1:
        raise LocalError(
            "cannot compute the bound: the number of operations must be at least 1, "
            f"not {operations!r}"
        )
