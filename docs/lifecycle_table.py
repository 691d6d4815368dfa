"""The table of a member's life in the specification, from `ttkem.cgka.lifecycle`.

python docs/lifecycle_table.py     writes it into docs/specification/tainted-treekem.md anew
"""

from pathlib import Path

from ttkem.cgka.lifecycle import ALLOWED, Call, Stage

PAGE = Path(__file__).parent / "specification" / "tainted-treekem.md"
BEGIN, END = "<!-- lifecycle: made by docs/lifecycle_table.py -->\n", "<!-- end of lifecycle -->\n"


def table() -> str:
    """Return the table as Markdown: a row a call, a column a stage, in cells where it leads."""
    rows = [
        f"| call | {' | '.join(f'{stage.name}: {stage.value}' for stage in Stage)} |",
        f"|---|{'---|' * len(Stage)}",
    ]
    for call in Call:
        cells = []
        for stage in Stage:
            allowed = ALLOWED[stage].get(call, frozenset())
            cells.append(" or ".join(to.name for to in Stage if to in allowed) or "-")
        rows.append(f"| `{call.value}` | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def with_table(text: str) -> str:
    """Return the page with the table made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
