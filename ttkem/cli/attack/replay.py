"""Replay a file that a campaign wrote, step by step."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from typing import TYPE_CHECKING

from ttkem.adversary import format_trace, read_trace, run_trace
from ttkem.cli.files import read_text
from ttkem.cli.screen import console, counted
from ttkem.errors import RemoteError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run_replay"]


def run_replay(path: Path, *, json: bool, contract: str | None = None) -> bool:
    """Replay a file, print what happens, and return whether a failure is found again.

    ``contract`` names the contract by which a protocol of a designer is judged.
    """
    try:
        trace = read_trace(read_text(path))
    except RemoteError as error:
        raise RemoteError(f"{path}: {error}") from None
    if ":" in trace.protocol:
        # Written by `pytest --cgka module:name` or `ttkem attack --cgka module:name`.
        from ttkem.testing.replaying import replay_any  # noqa: PLC0415 - rarely needed

        played, outcomes = replay_any(trace, contract)
    else:
        played, outcomes = run_trace(trace)
    same = played.digest == trace.digest
    if json:
        found = [asdict(finding) for finding in played.found]
        print(json_text.dumps({"steps": len(played.steps), "same": same, "found": found}))
    else:
        screen = console(json=json)
        kind = f"cipher suite {played.suite}" if played.suite else "symbolic"
        screen.print(f"{played.protocol}, {kind}, seed {played.seed}", highlight=False)
        notes = ["" if outcome.accepted else f"refused: {outcome.reason}" for outcome in outcomes]
        text = format_trace(played.steps, notes)
        screen.print(text, markup=False, highlight=False, soft_wrap=True)
        for finding in played.found:
            words = f"step {finding.time}: {finding.kind}: {finding.what}"
            screen.print(words, markup=False, highlight=False, soft_wrap=True)
        word = "the same, bit for bit" if same else "NOT the same bytes"
        if trace.digest:
            screen.print(f"Compared with the run in the file: {word}")
        screen.print(counted(len(played.found), "finding"))
    return bool(played.found)
