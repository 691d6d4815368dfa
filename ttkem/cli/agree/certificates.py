"""Check certificates with two separate checkers: ``ttkem agree certificate``."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agreement.solve import CheckersDisagreeError, RefusedError
from agreement.solve.two_checkers import agreed_statement, ask_both_checkers
from ttkem.cli.files import read_text
from ttkem.cli.screen import console
from ttkem.cli.status import HOLDS, INTERNAL_ERROR, REFUTED

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["certify"]

_VERDICTS = {
    HOLDS: "accepted by both checkers",
    REFUTED: "REFUSED by both checkers",
    INTERNAL_ERROR: "INTERNAL ERROR",
}


def _judged(text: str) -> tuple[int, dict[str, Any]]:
    """Return the exit status for one certificate, and what is said of it."""
    answers = ask_both_checkers(text.encode("utf-8", "surrogatepass"))
    try:
        status, says = HOLDS, agreed_statement(answers)
    except RefusedError as error:
        status, says = REFUTED, str(error)
    except CheckersDisagreeError as error:
        status, says = INTERNAL_ERROR, str(error)
    return status, {
        "accepted": status == HOLDS,
        "says": says,
        "answers": {name: asdict(answer) for name, answer in answers.items()},
    }


def certify(paths: list[Path], *, json: bool) -> int:
    """Check files with both separate checkers, print the results, and return the exit status.

    A file is accepted only if both accept it. If they disagree about one, which is an internal
    error, the other files are still checked. Raise LocalError before the first check if a file
    cannot be read.
    """
    texts = [read_text(path) for path in paths]
    judged = [_judged(text) for text in texts]
    if json:
        results = [{"file": str(path), **it} for path, (_, it) in zip(paths, judged, strict=True)]
        print(json_text.dumps(results))
    else:
        screen = console(json=False)
        for path, (status, it) in zip(paths, judged, strict=True):
            line = f"{path}: {_VERDICTS[status]}: {it['says']}"
            screen.print(line, markup=False, soft_wrap=True)
    return max(status for status, _ in judged)  # of HOLDS < REFUTED < INTERNAL_ERROR
