"""The table of claims in README.md and docs/, from both catalogues and the last full check.

    python docs/claims_table.py     writes it into README.md anew (`make claims`)

What a claim says comes from its file; its time from docs/claims.json, which `make claims` has
`ttkem verify` write. A claim that did not pass there has no row: there is an error instead.
"""

import json
from pathlib import Path

import models
import proofs
from models.claim import Claim

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "claims.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- claims: made by `make claims` -->\n", "<!-- end of claims -->\n"


def seconds_of(record: Path = RECORD) -> dict[str, float]:
    """By claim that passed, the seconds that it took when last recorded."""
    told = json.loads(record.read_text(encoding="utf-8"))
    return {claim["name"]: claim["seconds"] for claim in told if claim["passes"]}


def table(claims: tuple[Claim, ...], seconds: dict[str, float], *, links: bool) -> str:
    """Markdown: a row a claim, its name a link to its file or followed by it."""
    missing = [claim.name for claim in claims if claim.name not in seconds]
    if missing:
        raise SystemExit(f"no passing check of {', '.join(missing)} on record: run `make claims`")
    rows = [
        "| claim | statement | source | kind | bound | time | trusted | negative twin | refutes |",
        "|---|---|---|---|---|---:|---|---|---|",
    ]
    for claim in claims:
        time = f"{seconds[claim.name]:.0f} s" if seconds[claim.name] >= 1 else "< 1 s"
        name = f"[{claim.name}]({claim.file})" if links else f"{claim.name}: `{claim.file}`"
        what = (name, claim.statement, claim.source, claim.kind.value, claim.bound)
        cells = (*what, time, claim.trusts, claim.twin, claim.refutes.value)
        rows.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(rows) + "\n"


def both(seconds: dict[str, float], *, links: bool) -> str:
    """Both tables, each under its catalogue's name."""
    theorems = table(proofs.CLAIMS, seconds, links=links)
    bounded = table(models.CLAIMS, seconds, links=links)
    return (
        f"In `proofs/`, theorems, lemmas and certificates, and what they rest on:\n\n{theorems}\n"
        f"In `models/`, instances checked in full:\n\n{bounded}"
    )


def readme(text: str, made: str) -> str:
    """The text of README.md with the tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(
        readme(README.read_text(encoding="utf-8"), both(seconds_of(), links=True)),
        encoding="utf-8",
    )
