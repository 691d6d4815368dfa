"""``ttkem mls``: look into MLS messages and trees, and publish illegal ones."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttkem.cli.screen import Format, console, counted, ready, save, tell, write
from ttkem.cli.status import REFUTED
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from ttkem.mls.inspect import Inspection

__all__ = ["mls"]

mls = typer.Typer(no_args_is_help=True, help="MLS (RFC 9420): look inside, and illegal messages.")


@mls.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="An MLSMessage or a ratchet tree, binary or hex.")],
    suite: Annotated[int, typer.Option(help="Cipher suite of a ratchet tree by itself.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a picture of the tree, tree.svg.")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="What to print: text, or JSON for machines.")
    ] = Format.TABLE,
) -> None:
    """Print a message as a structure, and the tree in it as a picture."""
    from ttkem.crypto import cipher_suite  # noqa: PLC0415 - heavy, imported where used
    from ttkem.mls import inspect as looking  # noqa: PLC0415

    try:
        data = file.read_bytes()
    except OSError as error:
        raise LocalError(f"cannot read {file}: {error.strerror}") from None
    found = looking.inspect(data, cipher_suite(suite))
    json = output is Format.JSON
    screen = console(json=json)
    files: dict[str, bytes | str] = {}
    if out is not None:
        if found.tree is None or found.suite is None:
            raise LocalError(f"there is no tree in {file} that --out could draw")
        files = {"tree.svg": looking.svg(found.suite, found.tree)}
        save(out, files)  # before anything is printed: the reader may go
    if json:
        print(json_text.dumps(_machine(found)))
    else:
        for line in found.structure or (found.kind,):
            screen.print(line, markup=False, highlight=False, soft_wrap=True)
        if found.tree is not None and found.suite is not None:
            picture = looking.draw(found.suite, found.tree)
            screen.print(picture, markup=False, highlight=False, soft_wrap=True)
    if out is not None:
        tell(screen, out, files)


def _machine(found: Inspection) -> dict[str, object]:
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
    out: Annotated[Path, typer.Option(help="Folder for illegal.json.")] = Path("out"),
    seed: Annotated[int, typer.Option(help="Of the group and its keys.")] = 1,
) -> None:
    """Write the negative vectors: for each rule a message that breaks exactly that one.

    Exit status 1 if our own receiver does not refuse each for the reason that its rule names.
    """
    from ttkem.testing.mls.illegal import RULES  # noqa: PLC0415 - heavy, imported where used
    from ttkem.testing.mls.illegal.vectors import judge, negative_vectors  # noqa: PLC0415

    screen = console(json=False)
    ready(out)
    cases = negative_vectors(RULES, seed)
    wrong = []
    for case in cases:
        refusal = judge(case)
        if type(refusal).__name__ != case["refusal"] or case["reason"] not in str(refusal):
            wrong.append(case["rule"])
    write(screen, out, {"illegal.json": json_text.dumps(cases, indent=1) + "\n"})
    sections = len({case["section"] for case in cases})
    refused = len(cases) - len(wrong)
    screen.print(
        f"{refused} of {counted(len(cases), 'rule')} from {counted(sections, 'section')} refused; "
        f"seed {seed}"
    )
    if wrong:
        screen.print(f"not as their rule says: {', '.join(wrong)}", soft_wrap=True)
        raise typer.Exit(REFUTED)
