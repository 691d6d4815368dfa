"""The tables of both catalogues in README.md and docs/ (`ttkem.verification.table`).

    python docs/claims_table.py     writes them into README.md anew (`make claims`)

What a claim says comes from its file; its time from docs/claims.json, which `make claims` has
`ttkem verify` write.
"""

from pathlib import Path

import models
import proofs
from ttkem.verification.table import seconds_of, table

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "claims.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- claims: made by `make claims` -->\n", "<!-- end of claims -->\n"


def both(seconds: dict[str, float], *, links: bool) -> str:
    """Return both tables, each under its catalogue's name."""
    theorems = table(proofs.CLAIMS, seconds, links=links)
    bounded = table(models.CLAIMS, seconds, links=links)
    return (
        f"In `proofs/`, theorems, lemmas and certificates, and what they rest on:\n\n{theorems}\n"
        f"In `models/`, instances checked in full:\n\n{bounded}"
    )


def readme(text: str, made: str) -> str:
    """Return the text of README.md with the tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(
        readme(README.read_text(encoding="utf-8"), both(seconds_of(RECORD), links=True)),
        encoding="utf-8",
    )
