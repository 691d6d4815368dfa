"""Check that multiples of the equations of a chain map add up to a contradiction.

The equations are written out as the rows of a sparse matrix, whose columns are the unknowns; then
the row vector of multipliers is multiplied with each column.

Source: section "Kind: chain map obstruction" of the page on the format of certificates.
"""

from collections import defaultdict
from dataclasses import dataclass

from .carriers import Carriers, as_bits, bits
from .document import ChainMapObstruction
from .shapes import RefusedError

Unknown = tuple[int, int]
"""x(T, c): the coefficient of the clique c in the image of the set T of inputs."""


@dataclass(frozen=True, slots=True)
class Equation:
    """The sum of the unknowns with their coefficients, plus a number, is zero."""

    coefficients: dict[Unknown, int]
    constant: int


def equation(inputs: int, clique: int, carriers: Carriers) -> Equation:
    """Return e(S, t): the boundary of the image of S and the image of its boundary agree on t."""
    coefficients: dict[Unknown, int] = {}
    constant = 0
    for v in bits(carriers.carrier(inputs) & ~clique):
        if carriers.is_clique(clique | 1 << v):
            before = (clique & (1 << v) - 1).bit_count()
            coefficients[inputs, clique | 1 << v] = (-1) ** before
    for place, one in enumerate(bits(inputs)):
        face = inputs ^ 1 << one
        if clique & ~carriers.carrier(face):
            continue
        if clique.bit_count() == 1:  # the face is one vertex, and is mapped to itself
            constant -= (-1) ** place
        else:
            coefficients[face, clique] = -((-1) ** place)
    return Equation(coefficients, constant)


def check_obstruction(proof: ChainMapObstruction, carriers: Carriers) -> None:
    """Raise `RefusedError` unless the equations add up to 0 = a number that is not 0."""
    rows = []
    for number, (_, inputs, clique) in enumerate(proof.factors):
        s, t = as_bits(inputs), as_bits(clique)
        if not carriers.is_clique(t):
            raise RefusedError(f"factor {number}: {list(clique)} is not a clique")
        if t & ~carriers.carrier(s):
            raise RefusedError(f"factor {number}: {list(clique)} is outside the carrier")
        rows.append(equation(s, t, carriers))
    multipliers = [y for y, _, _ in proof.factors]
    columns: dict[Unknown, list[tuple[int, int]]] = defaultdict(list)
    for row, made in enumerate(rows):
        for unknown, coefficient in made.coefficients.items():
            columns[unknown].append((row, coefficient))
    for (mapped, onto), column in columns.items():
        if sum(multipliers[row] * coefficient for row, coefficient in column) % proof.modulus:
            where = f"x({list(bits(mapped))}, {list(bits(onto))})"
            raise RefusedError(f"proof.factors: the unknown {where} does not cancel")
    if (
        sum(y * made.constant for y, made in zip(multipliers, rows, strict=True)) % proof.modulus
        == 0
    ):
        raise RefusedError("proof.factors: the numbers add up to 0, so nothing is contradicted")
