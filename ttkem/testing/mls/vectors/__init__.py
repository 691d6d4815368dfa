"""Checking and generating the test vectors of the MLS working group."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ttkem.errors import LocalError, RemoteError
from ttkem.testing.mls.vectors import check, check_framing
from ttkem.testing.mls.vectors.check import VectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["CHECKS", "VectorError", "check_case", "check_folder"]

CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "crypto-basics": check.crypto_basics,
    "deserialization": check.deserialization,
    "key-schedule": check.key_schedule_,
    "message-protection": check_framing.message_protection,
    "messages": check.messages,
    "passive-client-handling-commit": check.passive_client,
    "passive-client-random": check.passive_client,
    "passive-client-welcome": check.passive_client,
    "psk_secret": check.psk_secret_,
    "secret-tree": check_framing.secret_tree,
    "transcript-hashes": check_framing.transcript_hashes,
    "tree-math": check.tree_math,
    "tree-operations": check.tree_operations,
    "tree-validation": check.tree_validation,
    "treekem": check.treekem,
    "welcome": check_framing.welcome,
}
"""The checking functions, by file name without extension."""


def check_case(function: Callable[[dict[str, Any]], None], case: dict[str, Any]) -> None:
    """Check one case; raise a RemoteError if it is wrong."""
    try:
        function(case)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VectorError(f"cannot read the case: {error!r}") from None


def check_folder(folder: Path) -> Iterator[tuple[str, int, int, str | None]]:
    """Check all vectors in a folder.

    Yield for each case the file's name, the case's number, the number of cases in the file, and the
    error, or None if the case is right. Raise a LocalError if the folder has no vectors, and a
    VectorError if a file is not a non-empty list of cases.
    """
    files = {name: folder / f"{name}.json" for name in CHECKS}
    present = {name: file for name, file in files.items() if file.is_file()}
    if not present:
        raise LocalError(
            f"cannot find test vectors in {folder}: there is none of {', '.join(CHECKS)}"
        )
    for name, file in present.items():
        try:
            cases = json.loads(file.read_text())
        except ValueError as error:
            raise VectorError(f"cannot read {file}: {error}") from None
        if not isinstance(cases, list) or not cases:
            raise VectorError(f"cannot read {file}: it must be a list of at least one case")
        for number, case in enumerate(cases):
            wrong = None
            try:
                check_case(CHECKS[name], case)
            except (RemoteError, LocalError) as error:
                wrong = f"{type(error).__name__}: {error}"
            yield name, number, len(cases), wrong
