"""Write the tables of both catalogues into docs/claims.md (`ttkem.verification.table`).

    python docs/claims_table.py     writes them anew (`make claims`)

The words of a claim come from its file; its time comes from docs/claims.json, which `make claims`
lets `ttkem verify` write.
"""

from pathlib import Path

import models
import proofs
from ttkem.verification.table import seconds_of, table

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "claims.json"
PAGE = ROOT / "docs" / "claims.md"
BEGIN, END = "<!-- claims: made by `make claims` -->\n", "<!-- end of claims -->\n"


def both(seconds: dict[str, float]) -> str:
    """Return both tables, each under its catalogue's name."""
    theorems = table(proofs.CLAIMS, seconds)
    bounded = table(models.CLAIMS, seconds)
    return (
        f"## In `proofs/`: theorems, lemmas and certificates\n\n{theorems}\n"
        f"## In `models/`: instances checked in full\n\n{bounded}"
    )


def page(text: str, tables: str) -> str:
    """Return the text of the page with the tables replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(
        page(PAGE.read_text(encoding="utf-8"), both(seconds_of(RECORD))), encoding="utf-8"
    )
