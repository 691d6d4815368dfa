"""Homology of small complexes, over the field of p elements and over the integers.

It is computed by plain elimination on the boundary matrices, for complexes with some hundreds of
simplices.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from agreement.errors import TaskError

if TYPE_CHECKING:
    from agreement.topology.complexes import Complex

__all__ = ["betti_numbers", "boundary", "homology", "rank_modulo", "smith_divisors"]

Row = dict[int, int]


def boundary(complex_: Complex, dimension: int) -> list[Row]:
    """Return the boundary of each simplex of this dimension, as a sparse row by face number."""
    place = {face: i for i, face in enumerate(complex_.simplices(dimension - 1))}
    return [
        {place[s[:i] + s[i + 1 :]]: (-1) ** i for i in range(len(s))} if dimension else {}
        for s in complex_.simplices(dimension)
    ]


def rank_modulo(rows: list[Row], prime: int) -> int:
    """Return the rank of a sparse integer matrix over the field of `prime` elements."""
    pivots: dict[int, Row] = {}
    for given in rows:
        row = {column: value % prime for column, value in given.items() if value % prime}
        while row:
            lead = min(row)
            if lead not in pivots:
                inverse = pow(row[lead], -1, prime)
                pivots[lead] = {c: v * inverse % prime for c, v in row.items()}
                break
            factor = row[lead]
            for column, value in pivots[lead].items():
                left = (row.get(column, 0) - factor * value) % prime
                if left:
                    row[column] = left
                else:
                    row.pop(column, None)
    return len(pivots)


def betti_numbers(complex_: Complex, prime: int = 2) -> tuple[int, ...]:
    """Return the Betti numbers: dimensions of the homology over the field of `prime` elements."""
    if prime < 2 or any(prime % d == 0 for d in range(2, int(prime**0.5) + 1)):  # noqa: PLR2004
        raise TaskError(f"cannot compute homology modulo {prime}: it is not a prime")
    top = complex_.dimension
    ranks = [rank_modulo(boundary(complex_, d), prime) for d in range(top + 1)] + [0]
    numbers = complex_.f_vector
    return tuple(numbers[d] - ranks[d] - ranks[d + 1] for d in range(top + 1))


def smith_divisors(rows: list[Row]) -> list[int]:
    """Return the divisors of the Smith normal form of a sparse integer matrix.

    Each divides the next.
    """
    left = [dict(row) for row in rows]
    divisors: list[int] = []
    while any(left):
        left = [row for row in left if row]
        pivot = min(left, key=lambda row: min(map(abs, row.values())))
        column = min(pivot, key=lambda c: abs(pivot[c]))
        for row in left:
            if row is not pivot and column in row:
                _subtract(row, pivot, row[column] // pivot[column])
        if any(column in row for row in left if row is not pivot):
            continue  # a remainder is smaller than the pivot, and becomes the next one
        # The pivot's column is zero elsewhere, so column operations with it change this row only.
        for other in list(pivot):
            if other != column:
                pivot[other] %= pivot[column]
                if not pivot[other]:
                    del pivot[other]
        if len(pivot) == 1:
            divisors.append(abs(pivot.pop(column)))
    return _divisible(divisors)


def _subtract(row: Row, other: Row, factor: int) -> None:
    for column, value in other.items():
        left = row.get(column, 0) - factor * value
        if left:
            row[column] = left
        else:
            row.pop(column, None)


def _divisible(divisors: list[int]) -> list[int]:
    """Return the divisors of the same group such that each divides the next."""
    found = list(divisors)
    for i in range(len(found)):
        for j in range(i + 1, len(found)):
            common = gcd(found[i], found[j])
            found[i], found[j] = common, found[i] * found[j] // common
    return found


def homology(complex_: Complex) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return, by dimension, the rank and the torsion coefficients of the integral homology."""
    top = complex_.dimension
    divisors = [smith_divisors(boundary(complex_, d)) for d in range(top + 1)] + [[]]
    numbers = complex_.f_vector
    return tuple(
        (
            numbers[d] - len(divisors[d]) - len(divisors[d + 1]),
            tuple(t for t in divisors[d + 1] if t > 1),
        )
        for d in range(top + 1)
    )
