"""Ask both checkers of certificates, which share no code: only what both accept is accepted."""

from __future__ import annotations

import json

from agreement.solve import certificate_checker, second_checker
from agreement.solve.certificate_checker import RefusedError

__all__ = ["CheckersDisagreeError", "check_certificate", "check_certificate_text"]


class CheckersDisagreeError(Exception):
    """One checker accepts what the other refuses: one of them is wrong, and nothing is proved."""


def check_certificate(document: object) -> str:
    """Return what a certificate proves, given as the value of its JSON text.

    Raise RefusedError if both checkers refuse it, CheckersDisagreeError if one does.
    """
    return check_certificate_text(json.dumps(document).encode())


def check_certificate_text(data: bytes) -> str:
    """Return what a certificate proves, given as the bytes of a file.

    Raise RefusedError if both checkers refuse it, CheckersDisagreeError if one does.
    """
    first, first_proves = _first(data)
    second, second_proves = _second(data)
    if first_proves != second_proves or (first_proves and first != second):
        raise CheckersDisagreeError(
            "the two checkers disagree, so that nothing is proved; please report this certificate: "
            f"certificate_checker: {first}; second_checker: {second}"
        )
    if not first_proves:
        raise RefusedError(first)
    return first


def _first(data: bytes) -> tuple[str, bool]:
    try:
        return certificate_checker.check(certificate_checker.read(data)), True
    except RefusedError as error:
        return str(error), False


def _second(data: bytes) -> tuple[str, bool]:
    try:
        return second_checker.check(data), True
    except second_checker.RefusedError as error:
        return str(error), False
