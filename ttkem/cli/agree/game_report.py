"""End a game, and print and write how it went."""

from __future__ import annotations

import json as json_text
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table

from agreement.explore import Verdict
from agreement.extension import Adversary, Audit, Auditor, Game, Winner, audit_completion
from agreement.extension.drawing import subdivision_svg
from agreement.extension.transcript import document, lines
from ttkem.cli.files import save_and_report
from ttkem.cli.screen import counted
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

__all__ = ["Audits", "is_over", "report", "stop"]

STATUS = {Winner.PROTOCOL: HOLDS, Winner.PROVER: REFUTED, Winner.NOBODY: UNKNOWN}


@dataclass(slots=True)
class Audits:
    """Audits of the adversary's invariant after each answer; none if they are not wanted."""

    wanted: bool
    found: list[Audit] = field(default_factory=list)
    _auditor: Auditor | None = None

    def add(self, game: Game) -> None:
        """Audit the position after the last answer."""
        protocol = game.protocol
        if self.wanted and isinstance(protocol, Adversary) and not self.fault:
            if protocol.default is None:
                self._auditor = self._auditor or Auditor(game, protocol)
                self.found.append(self._auditor.audit())
            elif game.events[-1].kind == "extend" and game.phase == 2:  # noqa: PLR2004 - just begun
                self.found.append(audit_completion(game, protocol))

    @property
    def fault(self) -> str:
        """The first fault that was found, empty if there is none."""
        bad = (a for a in self.found if a.verdict is Verdict.REFUTED)
        return next((f"{a.fault}: {a.words}" for a in bad), "")

    def summary(self) -> str:
        """Return the number of audits for each verdict, and why some are unknown."""
        counts = [(v, sum(a.verdict is v for a in self.found)) for v in Verdict]
        told = ", ".join(f"{number:,} {v.value}" for v, number in counts if number)
        why = dict.fromkeys(a.words for a in self.found if a.verdict is Verdict.UNKNOWN)
        return f"{told} ({', '.join(why)})" if why else told


def is_over(game: Game) -> bool:
    """Return whether somebody has won, or the game was stopped."""
    return game.outcome is not None


def stop(game: Game, why: str) -> None:
    """End a game without a winner, unless it is over."""
    if not is_over(game):
        game.stop(why)


def report(
    screen: Console,
    game: Game,
    audits: Audits,
    details: dict[str, object],
    *,
    out: Path | None,
    json: bool,
) -> int:
    """Write and print how a game ended, and return the exit status.

    ``details`` is printed and written beside the outcome.
    """
    outcome = game.outcome
    assert outcome is not None  # noqa: S101 - every way to play ends with one
    if audits.found:
        details |= {"audits": audits.summary(), "fault": audits.fault}
    if out is not None:
        files: dict[str, bytes | str] = {
            "transcript.json": json_text.dumps(document(game, **details), indent=1),
            "transcript.txt": "\n".join([*lines(game), ""]),
        }
        if 1 < game.problem.count <= 3:  # noqa: PLR2004 - what can be drawn
            last = game.events[-1].where if game.events else 0
            files["subdivision.svg"] = subdivision_svg(game, game.inputs(last))
        save_and_report(screen, out, files)
    if json:
        print(json_text.dumps(document(game, **details)))
    else:
        table = Table(show_header=False)
        table.add_row("task", game.problem.name)
        table.add_row("protocol", game.protocol.name)
        for name, value in details.items():
            if value != "":
                table.add_row(name, str(value))
        table.add_row("phases", str(game.phase))
        table.add_row(
            "queries", f"{game.queries:,}, {counted(len(game.configurations), 'configuration')}"
        )
        table.add_row("who wins", f"[bold]{outcome.winner.value}[/]: {outcome.reason.value}")
        table.add_row("why", outcome.words)
        screen.print(table)
    return REFUTED if audits.fault else STATUS[outcome.winner]
