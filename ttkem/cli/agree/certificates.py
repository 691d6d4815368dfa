"""Check certificates with two separate checkers: ``ttkem agree certificate``."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING

from agreement.solve import RefusedError, check_certificate_text
from ttkem.cli.files import read_text
from ttkem.cli.screen import console
from ttkem.cli.status import HOLDS, REFUTED

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["certify"]


def _judged(text: str) -> str:
    """Return what a certificate proves. Raise RefusedError if it proves nothing."""
    return check_certificate_text(text.encode("utf-8", "surrogatepass"))


def certify(paths: list[Path], *, json: bool) -> int:
    """Check files with both separate checkers, print the results, and return the exit status.

    Raise LocalError before the first check if a file cannot be read.
    """
    texts = [read_text(path) for path in paths]
    results = []
    for path, text in zip(paths, texts, strict=True):
        try:
            proved = _judged(text)
            results.append({"file": str(path), "accepted": True, "says": proved})
        except RefusedError as error:
            results.append({"file": str(path), "accepted": False, "says": str(error)})
    if json:
        print(json_text.dumps(results))
    else:
        screen = console(json=False)
        for result in results:
            word = "accepted" if result["accepted"] else "REFUSED"
            screen.print(
                f"{result['file']}: {word}: {result['says']}", markup=False, soft_wrap=True
            )
    return HOLDS if all(result["accepted"] for result in results) else REFUTED
