"""Ask both checkers of certificates, which share no code: only what both accept is accepted."""

from __future__ import annotations

import json
from dataclasses import dataclass

from agreement.solve import certificate_checker, second_checker
from agreement.solve.certificate_checker import RefusedError

__all__ = [
    "Answer",
    "CheckersDisagreeError",
    "agreed_statement",
    "ask_both_checkers",
    "check_certificate",
    "check_certificate_text",
]


class CheckersDisagreeError(Exception):
    """Two checkers answer differently: one of them is wrong, and nothing is proved."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A checker's answer: what an accepted certificate proves, or why it is refused."""

    accepted: bool
    says: str

    def __str__(self) -> str:
        """Return the answer in one line."""
        return f"{'accepted' if self.accepted else 'refused'}: {self.says}"


def ask_both_checkers(data: bytes) -> dict[str, Answer]:
    """Return the answer of each checker, by its name, on the bytes of a file."""
    return {"certificate_checker": _first(data), "second_checker": _second(data)}


def check_certificate(document: object) -> str:
    """Return what a certificate proves, given as the value of its JSON text.

    Raise RefusedError if both checkers refuse it, or if it has a value that JSON has not, such as
    a tuple; CheckersDisagreeError if the checkers disagree.
    """
    try:
        data = json.dumps(document).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise RefusedError(f"the certificate is no value of JSON: {error}") from None
    proves = check_certificate_text(data)
    if not _is_json(document):
        raise RefusedError("the certificate is no value of JSON, though its text would be accepted")
    return proves


def check_certificate_text(data: bytes) -> str:
    """Return what a certificate proves, given as the bytes of a file.

    Raise RefusedError if both checkers refuse it, CheckersDisagreeError if they disagree.
    """
    return agreed_statement(ask_both_checkers(data))


def agreed_statement(answers: dict[str, Answer]) -> str:
    """Return what a certificate proves according to all checkers.

    Raise RefusedError, with the first checker's reason, if all of them refuse it. Raise
    CheckersDisagreeError if some do, or if they accept it for different statements.
    """
    if len({(it.accepted, it.accepted and it.says) for it in answers.values()}) > 1:
        each = "; ".join(f"{name}: {answer}" for name, answer in answers.items())
        raise CheckersDisagreeError(
            "the two checkers disagree, so nothing is proved; please report this certificate: "
            f"{each}"
        )
    answer = next(iter(answers.values()))
    if not answer.accepted:
        raise RefusedError(answer.says)
    return answer.says


def _is_json(value: object) -> bool:
    """Return whether an accepted value has exactly the types that a JSON parser makes."""
    if type(value) is list:
        return all(_is_json(part) for part in value)
    if type(value) is dict:
        return all(type(key) is str and _is_json(part) for key, part in value.items())
    return value is None or type(value) in {int, str}


def _first(data: bytes) -> Answer:
    try:
        return Answer(accepted=True, says=certificate_checker.check(certificate_checker.read(data)))
    except RefusedError as error:
        return Answer(accepted=False, says=str(error))


def _second(data: bytes) -> Answer:
    try:
        return Answer(accepted=True, says=second_checker.check(data))
    except second_checker.RefusedError as error:
        return Answer(accepted=False, says=str(error))
