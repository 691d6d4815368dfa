"""The table of claims in Markdown, from the claims' texts and a record of the last check.

The record is `claims.json`, as ``ttkem verify --out`` writes it. A claim that did not pass there is
an error.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ttkem.verification.claim import Claim

__all__ = ["seconds_of", "table"]


def seconds_of(record: Path) -> dict[str, float]:
    """Return the seconds that the check of each passing claim took, by name."""
    record_of_claims = json.loads(record.read_text(encoding="utf-8"))
    return {claim["name"]: claim["seconds"] for claim in record_of_claims if claim["passes"]}


def table(claims: Iterable[Claim], seconds: Mapping[str, float]) -> str:
    """Return a Markdown table with a row for each claim; LocalError if a claim has no time."""
    rows = [
        (
            "| claim | statement | source | kind | bound | time | trusted | negative twin "
            "| what the twin refutes |"
        ),
        "|---|---|---|---|---|---:|---|---|---|",
    ]
    for claim in claims:
        if claim.name not in seconds:
            raise LocalError(
                f"no passing check of {claim.name!r} is on record: run `ttkem verify --out docs`"
            )
        time = f"{seconds[claim.name]:.0f} s" if seconds[claim.name] >= 1 else "< 1 s"
        name = f"{claim.name}: `{claim.file}`"
        what = (name, claim.statement, claim.source, claim.kind.value, claim.bound)
        cells = (*what, time, claim.trusts, claim.twin, claim.refutes.value)
        rows.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(rows) + "\n"
