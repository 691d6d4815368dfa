"""The commands ``ttkem mls inspect`` and ``ttkem mls illegal``."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttkem.cli.files import check_writable, read_bytes, report_saved, save
from ttkem.cli.screen import Format, FormatOption, choice, console, counted
from ttkem.cli.status import REFUTED
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from ttkem.mls.inspect import Inspection

__all__ = ["mls"]

KINDS = (
    "MLSMessage",
    "RatchetTree",
    "PublicMessage",
    "PrivateMessage",
    "Welcome",
    "GroupInfo",
    "KeyPackage",
    "GroupContext",
    "GroupSecrets",
    "LeafNode",
    "Commit",
    "Add",
    "Update",
    "Remove",
    "PreSharedKey",
    "ReInit",
    "ExternalInit",
    "GroupContextExtensions",
)

mls = typer.Typer(
    no_args_is_help=True, help="Inspect MLS structures (RFC 9420), and publish illegal messages."
)


@mls.command()
def inspect(
    file: Annotated[
        Path,
        typer.Argument(
            help="An MLSMessage, a ratchet tree or another structure of RFC 9420, binary or "
            "hexadecimal; - is standard input.",
        ),
    ],
    kind: Annotated[
        str | None,
        choice(
            KINDS,
            "--as",
            show_default="recognised",
            help="Set the kind of structure in the file.",
        ),
    ] = None,
    suite: Annotated[
        int, typer.Option(help="Set the cipher suite, by number, of a ratchet tree by itself.")
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            show_default="no file",
            help="Set the folder for a picture of the tree, tree.svg; made if it is missing.",
        ),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Print an MLS structure field by field, and the ratchet tree in it as a picture.

    Without --as, the file is read as an MLSMessage or a ratchet tree if it is one, otherwise as the
    only other structure that it encodes.
    """
    from ttkem.crypto import cipher_suite  # noqa: PLC0415 - heavy, imported where used
    from ttkem.mls import inspect as inspecting  # noqa: PLC0415

    found = inspecting.inspect(read_bytes(file), cipher_suite(suite), kind)
    json = output is Format.JSON
    screen = console(json=json)
    files: dict[str, bytes | str] = {}
    if out is not None:
        if found.tree is None or found.suite is None:
            raise LocalError(f"cannot draw a tree for --out: there is none in {file}")
        files = {"tree.svg": inspecting.svg(found.suite, found.tree)}
        save(out, files)  # before printing, in case the reader closes the pipe
    if json:
        print(json_text.dumps(_document(found)))
    else:
        for line in found.structure or (found.kind,):
            screen.print(line, markup=False, highlight=False, soft_wrap=True)
        if found.tree is not None and found.suite is not None:
            picture = inspecting.draw(found.suite, found.tree)
            screen.print(picture, markup=False, highlight=False, soft_wrap=True)
    if out is not None:
        report_saved(screen, out, files)


def _document(found: Inspection) -> dict[str, object]:
    from ttkem.mls.inspect import views  # noqa: PLC0415

    nodes: list[dict[str, object]] = []
    if found.tree is not None and found.suite is not None:
        nodes = [
            {"index": view.index, "kind": view.kind, "text": view.text}
            for view in views(found.suite, found.tree).values()
        ]
    return {"kind": found.kind, "structure": list(found.structure), "tree": nodes}


@mls.command()
def illegal(
    out: Annotated[
        Path, typer.Option(help="Set the folder for illegal.json; made if it is missing.")
    ] = Path("out"),
    seed: Annotated[int, typer.Option(help="Set the seed of the group and its keys.")] = 1,
    output: FormatOption = Format.TABLE,
) -> None:
    """Write negative test vectors: for each rule of RFC 9420 a message that breaks only that rule.

    Exit status 1 if this package's own receiver does not refuse each message for the reason that
    its rule names.
    """
    from ttkem.testing.mls.illegal import RULES  # noqa: PLC0415 - heavy, imported where used
    from ttkem.testing.mls.illegal.vectors import judge, negative_vectors  # noqa: PLC0415

    json = output is Format.JSON
    screen = console(json=json)
    check_writable(out)
    cases = negative_vectors(RULES, seed)
    wrong = []
    for case in cases:
        refusal = judge(case)
        if type(refusal).__name__ != case["refusal"] or case["reason"] not in str(refusal):
            wrong.append(case["rule"])
    files: dict[str, bytes | str] = {"illegal.json": json_text.dumps(cases, indent=1) + "\n"}
    save(out, files)  # before printing, in case the reader closes the pipe
    sections = len({case["section"] for case in cases})
    refused = len(cases) - len(wrong)
    if json:
        found = {"rules": len(cases), "sections": sections, "refused": refused}
        print(json_text.dumps({"seed": seed, **found, "wrong": wrong}))
    report_saved(screen, out, files)
    if not json:
        screen.print(
            f"{refused} of {counted(len(cases), 'rule')} from {counted(sections, 'section')} "
            f"refused; seed {seed}"
        )
        if wrong:
            screen.print(f"not refused as the rule says: {', '.join(wrong)}", soft_wrap=True)
    if wrong:
        raise typer.Exit(REFUTED)
