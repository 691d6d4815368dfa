"""Check that each carrier has a part that is dismantled to one vertex, and that parts grow.

Source: section "Kind: contractible carriers" of the page on the format of certificates.
"""

from itertools import combinations
from math import comb

from .carriers import Carriers, as_bits, bits
from .document import ContractibleCarriers, Document
from .shapes import RefusedError


def check_carriers(document: Document, proof: ContractibleCarriers, carriers: Carriers) -> None:
    """Raise `RefusedError` unless each carrier's part is dismantled to one vertex."""
    largest = min(document.processes, document.size)
    expected = sum(comb(document.size, many) for many in range(1, largest + 1))
    if len(proof.entries) != expected:
        raise RefusedError(f"proof.carriers: {len(proof.entries)} entries for {expected} sets")
    in_order = (
        inputs
        for many in range(1, largest + 1)
        for inputs in combinations(range(document.size), many)
    )
    parts: dict[int, int] = {}
    for number, (inputs, entry) in enumerate(zip(in_order, proof.entries, strict=True)):
        place = f"proof.carriers[{number}]"
        if entry.inputs != inputs:
            raise RefusedError(f"{place}: the inputs are not {list(inputs)}, whose turn it is")
        members, part = as_bits(inputs), as_bits(entry.chosen)
        if part & ~carriers.carrier(members):
            raise RefusedError(f"{place}: a chosen vertex is outside the carrier")
        for one in inputs:
            smaller = members ^ 1 << one
            if parts.get(smaller, 0) & ~part:  # the empty set has no part
                raise RefusedError(f"{place}: lacks a vertex chosen for a smaller set")
        _dismantle(part, entry.steps, carriers, place)
        parts[members] = part


def _dismantle(
    part: int, steps: tuple[tuple[int, int], ...], carriers: Carriers, place: str
) -> None:
    left = set(bits(part))
    for v, u in steps:
        if v == u:
            raise RefusedError(f"{place}: the step {[v, u]} moves a vertex to itself")
        if not {v, u} <= left:
            raise RefusedError(f"{place}: the step {[v, u]} has a vertex that is not left")
        if any(carriers.near[v] >> w & 1 and not carriers.near[u] >> w & 1 for w in left):
            raise RefusedError(f"{place}: in the step {[v, u]} the second does not dominate")
        left.remove(v)
    if len(left) != 1:
        raise RefusedError(f"{place}: {len(left)} vertices are left, not 1")
