"""Obstructions by Gaussian elimination on the whole system, equation by equation."""

from agreement.solve.obstruction import PRIMES, Obstruction, equations


def plain_obstruction(task, count):
    """Return the obstruction that `find_obstruction` must find, or None."""
    system = equations(task, count)
    for prime in PRIMES:
        factors = contradiction(system, prime)
        if factors is not None:
            kept = [(f, system[i].inputs, system[i].face) for i, f in sorted(factors.items())]
            return Obstruction(prime, tuple(kept))
    return None


def contradiction(system, prime):
    """Return the factors, by equation, that add up to a contradiction; None if there are none."""
    columns, pivots = {}, {}
    for number, equation in enumerate(system):
        row = {columns.setdefault(k, len(columns)): v % prime for k, v in equation.row.items()}
        right, used = equation.right % prime, {number: 1}
        while row:
            lead = max(row)
            if lead not in pivots:
                inverse = pow(row[lead], -1, prime)
                scaled = [{c: v * inverse % prime for c, v in part.items()} for part in (row, used)]
                pivots[lead] = (*scaled, right * inverse % prime)
                break
            factor = row[lead]
            other, other_used, other_right = pivots[lead]
            for part, taken in ((row, other), (used, other_used)):
                for key, value in taken.items():
                    part[key] = (part.get(key, 0) - factor * value) % prime
                    if not part[key]:
                        del part[key]
            right = (right - factor * other_right) % prime
        if not row and right:
            return used
    return None
