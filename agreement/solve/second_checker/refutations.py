"""Check the two kinds that claim that there is no protocol of a number of rounds.

Source: sections "Kind: arc consistency" and "Kind: propositional refutation" of the page on the
format of certificates.
"""

from .carriers import Carriers, bits
from .document import ArcConsistency, Document, PropositionalRefutation
from .propagation import Formula
from .shapes import RefusedError
from .views import Views

MOST_CLAUSES = 2_000_000


def check_removals(document: Document, proof: ArcConsistency, carriers: Carriers) -> None:
    """Raise `RefusedError` unless the removals empty the list of a view."""
    views = Views(proof.views, document.processes, document.k)
    lists = views.lists(carriers)
    last = len(proof.removals) - 1
    for number, (i, a, j) in enumerate(proof.removals):
        place = f"removal {number}"
        views.need_pair(i, j, place)
        if not lists[i] >> a & 1:
            raise RefusedError(f"{place}: {a} is not in the list of view {i}")
        if lists[j] & carriers.near[a]:
            raise RefusedError(f"{place}: view {j} can still decide something near {a}")
        lists[i] ^= 1 << a
        if not lists[i] and number < last:
            raise RefusedError(f"{place}: the list of view {i} is empty before the last removal")
    conflict = proof.removals[last][0]
    if lists[conflict]:
        raise RefusedError(f"proof.removals: the list of view {conflict} is not empty at the end")
    wanted = {conflict: -1}
    """For each view, the values whose removal a later one rests on."""
    for number in range(last, -1, -1):
        i, a, j = proof.removals[number]
        if not wanted.get(i, 0) >> a & 1:
            raise RefusedError(f"removal {number}: is not used")
        wanted[j] = wanted.get(j, 0) | carriers.near[a]
    views.need_used(view for i, _, j in proof.removals for view in (i, j))


def check_refutation(
    document: Document, proof: PropositionalRefutation, carriers: Carriers
) -> None:
    """Raise `RefusedError` unless each clause follows by unit propagation, the empty one last."""
    views = Views(proof.views, document.processes, document.k)
    for number, (i, j) in enumerate(proof.edges):
        views.need_pair(i, j, f"edge {number}")
    views.need_used(view for edge in proof.edges for view in edge)
    lists = views.lists(carriers)
    clauses = len(lists)
    for i, j in proof.edges:
        for a in bits(lists[i]):
            clauses += (lists[j] & ~carriers.near[a]).bit_count()
    if clauses > MOST_CLAUSES:
        raise RefusedError(f"the formula: has {clauses} clauses, more than {MOST_CLAUSES}")
    formula = Formula(lists, proof.edges, carriers.near)
    for number, clause in enumerate(proof.clauses):
        for literal in clause:
            if abs(literal) > formula.variables:
                raise RefusedError(f"clause {number}: there is no variable {abs(literal)}")
        if not formula.add_if_implied(clause):
            raise RefusedError(f"clause {number}: does not follow by unit propagation")
