"""A second checker of certificates, written from the page on their format alone.

It shares no code with the rest of this project, needs nothing but the standard library, and can be
copied elsewhere: `python -m second_checker FILE ...` next to a copy of this folder. It differs
from `certificate_checker` in what it computes: it parses the text itself into values of exact
types, looks views up in the complex that a round generates, and propagates over sets of values in
place of clauses. So a mistake in one of the two is less likely to be in both.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from .carriers import Carriers
from .dismantling import check_carriers
from .document import (
    ArcConsistency,
    ContractibleCarriers,
    DecisionProtocol,
    PropositionalRefutation,
    read,
)
from .obstruction import check_obstruction
from .refutations import check_refutation, check_removals
from .runs import check_protocol
from .shapes import MOST_BYTES, RefusedError

__all__ = ["RefusedError", "check", "main"]


def check(text: str | bytes) -> str:
    """Return the statement that a certificate proves, in one line, or raise `RefusedError`."""
    document = read(text)
    carriers = Carriers(document.size, document.edges, document.validity)
    match document.proof:
        case ContractibleCarriers() as proof:
            check_carriers(document, proof, carriers)
        case DecisionProtocol() as proof:
            check_protocol(document, proof, carriers)
        case ArcConsistency() as proof:
            check_removals(document, proof, carriers)
        case PropositionalRefutation() as proof:
            check_refutation(document, proof, carriers)
        case proof:
            check_obstruction(proof, carriers)
    return document.statement


def main(paths: Sequence[str]) -> int:
    """Check files and write a line for each.

    Return 0 if all are accepted, 1 if one is refused, 2 if one cannot be read.
    """
    status = 0
    for path in paths:
        try:
            with Path(path).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            sys.stderr.write(f"{path}: cannot be read: {error.strerror}\n")
            status = 2
            continue
        try:
            sys.stdout.write(f"{path}: {check(data)}\n")
        except RefusedError as error:
            sys.stdout.write(f"{path}: refused: {error}\n")
            status = max(status, 1)
    return status
