"""Print what ``ttkem bounds`` computed: tables for people, or one JSON document."""

from __future__ import annotations

import json as json_text
import math
from typing import TYPE_CHECKING

from rich.table import Table

import ttkem
from ttkem.bounds import BOUNDS, strength_of
from ttkem.cli.bounds.export import csv_text, figures
from ttkem.cli.files import check_writable, report_saved, save
from ttkem.cli.screen import console, fits
from ttkem.crypto import cipher_suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from ttkem.bounds import Guarantee
    from ttkem.cli.bounds.question import Answer, Question

__all__ = ["run"]

SCHEMA = 1
OF_BOUND = ("name", "formula", "loss_is", "about", "source", "standing", "constants")
HEADERS = ("n", "Q", "bound", "loss", "left", "most Q", "rests on")
LONG, LONG_LOSS = 10**9, 10**4
MODEL = (
    "encryption with b bits has advantage at most 2^-b in feasible time; "
    "b - log2(loss) bits are left; additive terms and running times are left out"
)


def run(question: Question, *, out: Path | None, json: bool) -> None:
    """Print the answers, and write them as files if a folder is given."""
    screen = console(json=json)
    answers, by_secrets = question.answers(), question.by_secrets()  # raises on bad input, so first
    files: dict[str, bytes | str] = {}
    missing = ""
    if out is not None:
        check_writable(out)
        pictures, missing = figures(question)
        files = {"bounds.csv": csv_text(question), **pictures}
        save(out, files)  # before printing, in case the reader closes the pipe
    if json:
        print(json_text.dumps(_document(question, answers, by_secrets)))
    else:
        _print(screen, question, answers, by_secrets)
    if missing:
        screen.print(missing, markup=False)
    if out is not None:
        report_saved(screen, out, files)


def _document(
    question: Question, answers: Sequence[Answer], by_secrets: Guarantee | None
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
                "members": answer.members,
                "operations": answer.operations,
                "bound": answer.bound.name,
                **_fields(answer.guarantee),
                "most_operations": answer.most_operations,
            }
            for answer in answers
        ],
        "secrets": None
        if by_secrets is None
        else {"count": question.secrets, **_fields(by_secrets)},
    }


def _fields(found: Guarantee) -> dict[str, object]:
    return {"loss_bits": found.loss, "security_bits": found.bits, "guarantee": found.holds}


def _print(
    screen: Console, question: Question, answers: Sequence[Answer], by_secrets: Guarantee | None
) -> None:
    suite, strength = cipher_suite(question.suite), strength_of(question.suite)
    screen.print(f"Cipher suite {suite}", highlight=False)
    for part in (strength.kem, strength.aead):
        screen.print(f"  {part.name}: {part.bits} bits ({part.source})", highlight=False)
    screen.print(f"Encryption: {strength.encryption} bits; signatures are not part of the bounds.")
    _print_rows(screen, list(_rows(answers)))
    screen.print(
        f"n members, Q operations; most Q: the largest Q that leaves {question.level} bits."
    )
    if by_secrets is not None:
        screen.print(
            f"By sampled seeds ({question.secrets:,}), in the random oracle model: "
            f"loss 2^{by_secrets.loss:.1f}, {by_secrets}"
        )
    for bound in BOUNDS:
        screen.print(f"{bound.name}: {bound.formula},", soft_wrap=True)  # never split a formula
        screen.print(f"  {bound.about}. {bound.source}.")
        screen.print(f"  Constants {bound.standing.value}: {bound.constants}.", highlight=False)
    screen.print(f"Model: {MODEL}.", highlight=False)


def _rows(answers: Sequence[Answer]) -> Iterator[tuple[str, ...]]:
    for each in answers:
        named = (_number(each.members), _number(each.operations), each.bound.name)
        log2 = each.guarantee.loss
        loss = f"2^{log2:.1f}" if log2 < LONG_LOSS else f"2^{log2:.0f}"
        most = _number(each.most_operations)
        yield (*named, loss, str(each.guarantee), most, each.bound.standing.value)


def _print_rows(screen: Console, rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table, or a paragraph for each row if the screen is too narrow for the table."""
    table = Table(*HEADERS)
    for column in (*table.columns[:2], *table.columns[3:6]):
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    if fits(screen, table, wrapped=False):
        screen.print(table)
        return
    for members, operations, name, loss, left, most, standing in rows:
        sizes = f"n {members}, Q {operations}, {name}"
        found = f"loss {loss}, {left}, most Q {most}, {standing}"
        screen.print(f"{sizes}: {found}", highlight=False)


def _number(number: int) -> str:
    """Return a number in full, or as a power of two if it is long."""
    return f"{number:,}" if number < LONG else f"2^{math.log2(number):.1f}".removesuffix(".0")
