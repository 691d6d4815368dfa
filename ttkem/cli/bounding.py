"""What ``ttkem bounds`` does, once its options are read: tables, JSON, CSV and the figure.

CSV: a first line ``# ttkem VERSION security bounds``, then a row for each suite, number of members,
number of operations and bound, with the columns of :data:`COLUMNS`; ``members`` are the powers of
two of the figure. ``guarantee`` is 1 if the loss is at most ``loss_bits``, and bits are left: then
``security_bits`` are guaranteed. For a lower bound on a loss it is 0: at most so many are left.
"""

from __future__ import annotations

import csv
import io
import json as json_text
import math
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from rich.table import Table

import ttkem
from ttkem.bounds import (
    BOUNDS,
    Guarantee,
    guarantee,
    log2_loss_of_secrets,
    most_operations,
    strength_of,
)
from ttkem.cli.screen import console, drawn, ready, save, tell
from ttkem.crypto import cipher_suite
from ttkem.simulation import plot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Console

    from ttkem.bounds import Bound

    Answer: TypeAlias = tuple[int, int, Bound, Guarantee, int]

__all__ = ["COLUMNS", "Question", "run"]

SCHEMA = 1
COLUMNS = (
    "suite",
    "members",
    "operations",
    "bound",
    "encryption_bits",
    "loss_bits",
    "security_bits",
    "guarantee",
)
OF_BOUND = ("name", "formula", "loss_is", "about", "source", "standing", "constants")
HEADERS = ("n", "Q", "bound", "loss", "left", "most Q", "rests on")
UNLIMITED = 1_000
LONG, LONG_LOSS = 10**9, 10**4
DRAWN_MEMBERS = tuple(1 << height for height in range(1, 16))
DRAWN_OPERATIONS = (1 << 10, 1 << 20, 1 << 30, 1 << 40)
STYLES = {
    "rom": ("#009e73", "^", "-"),
    "standard": ("#d55e00", "s", "--"),
    "before": ("#0072b2", "o", "-."),
}
MODEL = (
    "encryption with b bits has advantage at most 2^-b in feasible time; "
    "b - log2(loss) bits are left; additive terms and running times are left out"
)


@dataclass(frozen=True, slots=True)
class Question:
    """The options."""

    members: tuple[int, ...]
    operations: tuple[int, ...]
    suite: int
    level: int
    secrets: int | None

    @property
    def encryption(self) -> int:
        """Bits of the suite's public-key encryption."""
        return strength_of(self.suite).encryption

    def answers(self) -> list[Answer]:
        """Members, operations, bound, what it guarantees, and operations at the level."""
        return [
            (
                members,
                operations,
                bound,
                self.guarantee(bound, members, operations),
                most_operations(bound, self.encryption, members=members, level=self.level),
            )
            for members, operations, bound in product(self.members, self.operations, BOUNDS)
        ]

    def guarantee(self, bound: Bound, members: int, operations: int) -> Guarantee:
        """What a bound guarantees."""
        return guarantee(bound, self.encryption, members, operations)

    def by_secrets(self) -> Guarantee | None:
        """What is left if this many seeds were sampled."""
        if self.secrets is None:
            return None
        return Guarantee(self.encryption, log2_loss_of_secrets(self.secrets))


def run(question: Question, *, out: Path | None, json: bool) -> None:
    """Answer, print, and write if a folder is given."""
    screen = console(json=json)
    # First of all: bad input shows here.
    answers, counted = question.answers(), question.by_secrets()
    files: dict[str, bytes | str] = {}
    missing = ""
    if out is not None:
        ready(out)
        figures, missing = _figures(question)
        files = {"bounds.csv": _csv(question), **figures}
        save(out, files)  # before anything is printed: the reader may go
    if json:
        print(json_text.dumps(_document(question, answers, counted)))
    else:
        _print(screen, question, answers, counted)
    if missing:
        screen.print(missing, markup=False)
    if out is not None:
        tell(screen, out, files)


def _document(
    question: Question, answers: Sequence[Answer], counted: Guarantee | None
) -> dict[str, object]:
    suite, strength = cipher_suite(question.suite), strength_of(question.suite)
    parts = {"kem": strength.kem, "aead": strength.aead, "signature": strength.signature}
    return {
        "format": "ttkem-bounds",
        "schema": SCHEMA,
        "version": ttkem.__version__,
        "model": MODEL,
        "suite": {
            "number": suite.number,
            "name": suite.name,
            "encryption_bits": question.encryption,
            "parts": {
                what: {"name": part.name, "bits": part.bits, "source": part.source}
                for what, part in parts.items()
            },
        },
        "level": question.level,
        "bounds": [{key: getattr(bound, key) for key in OF_BOUND} for bound in BOUNDS],
        "rows": [
            {
                "members": members,
                "operations": operations,
                "bound": bound.name,
                **_machine(left),
                "most_operations": most,
            }
            for members, operations, bound, left, most in answers
        ],
        "secrets": None if counted is None else {"count": question.secrets, **_machine(counted)},
    }


def _machine(left: Guarantee) -> dict[str, object]:
    return {"loss_bits": left.loss, "security_bits": left.bits, "guarantee": left.holds}


def _print(
    screen: Console, question: Question, answers: Sequence[Answer], counted: Guarantee | None
) -> None:
    suite, strength = cipher_suite(question.suite), strength_of(question.suite)
    screen.print(f"Cipher suite {suite}", highlight=False)
    for part in (strength.kem, strength.aead):
        screen.print(f"  {part.name}: {part.bits} bits ({part.source})", highlight=False)
    screen.print(f"Encryption: {strength.encryption} bits; signatures are not part of the bounds.")
    _print_rows(screen, list(_rows(answers)))
    screen.print(f"n members, Q operations; most Q: with how many {question.level} bits are left.")
    if counted is not None:
        screen.print(
            f"By seeds, {question.secrets:,} of them, in the random oracle model: "
            f"loss 2^{counted.loss:.1f}, {counted}"
        )
    for bound in BOUNDS:
        screen.print(f"{bound.name}: {bound.formula},", soft_wrap=True)  # a formula in one piece
        screen.print(f"  {bound.about}. {bound.source}.")
        screen.print(f"  Constants {bound.standing.value}: {bound.constants}.", highlight=False)
    screen.print(f"Model: {MODEL}.", highlight=False)


def _rows(answers: Sequence[Answer]) -> Iterator[tuple[str, ...]]:
    for members, operations, bound, left, most in answers:
        named = (_figure(members), _figure(operations), bound.name)
        loss = f"2^{left.loss:.1f}" if left.loss < LONG_LOSS else f"2^{left.loss:.0f}"
        yield (*named, loss, str(left), _figure(most), bound.standing.value)


def _print_rows(screen: Console, rows: Sequence[tuple[str, ...]]) -> None:
    """A table; a paragraph a row where the screen is too narrow for it, lest numbers be cut."""
    table = Table(*HEADERS)
    for column in (*table.columns[:2], *table.columns[3:6]):
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    unlimited = screen.options.update(max_width=UNLIMITED)
    if screen.measure(table, options=unlimited).maximum <= screen.width:
        screen.print(table)
        return
    for members, operations, name, loss, left, most, standing in rows:
        sizes = f"n {members}, Q {operations}, {name}"
        told = f"loss {loss}, {left}, most Q {most}, {standing}"
        screen.print(f"{sizes}: {told}", highlight=False)


def _figure(number: int) -> str:
    """In full, as long as that can be read."""
    return f"{number:,}" if number < LONG else f"2^{math.log2(number):.1f}".removesuffix(".0")


def _csv(question: Question) -> str:
    out = io.StringIO()
    out.write(f"# ttkem {ttkem.__version__} security bounds\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for operations, bound, members in product(DRAWN_OPERATIONS, BOUNDS, DRAWN_MEMBERS):
        left = question.guarantee(bound, members, operations)
        bits = (left.encryption, f"{left.loss:.3f}", f"{left.bits:.3f}", int(left.holds))
        writer.writerow((question.suite, members, operations, bound.name, *bits))
    return out.getvalue()


def _figures(question: Question) -> tuple[dict[str, bytes | str], str]:
    def panels(figure: Figure) -> None:
        row = figure.subplots(1, len(DRAWN_OPERATIONS), sharey=True)
        for panel, operations in zip(row, DRAWN_OPERATIONS, strict=True):
            _panel(panel, question, operations)
        row[0].set_ylabel(f"bits left of {question.encryption}")
        row[-1].legend(loc="upper right", frameon=False)

    width = 1 + 3.2 * len(DRAWN_OPERATIONS)
    return drawn("bounds", partial(plot.save, panels, width=width, height=4.2))


def _panel(panel: Axes, question: Question, operations: int) -> None:
    for bound in BOUNDS:
        color, marker, line = STYLES[bound.name]
        panel.plot(
            DRAWN_MEMBERS,
            [question.guarantee(bound, members, operations).bits for members in DRAWN_MEMBERS],
            color=color,
            marker=marker,
            markersize=4,
            linestyle=line,
            label=bound.formula,
        )
    panel.set_xscale("log", base=2)
    panel.set_title(f"Q = 2^{operations.bit_length() - 1}")
    panel.set_xlabel("members")
    panel.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
