"""Print a run of a shared-memory program as a swim-lane diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.explore import swimlanes

if TYPE_CHECKING:
    from rich.console import Console

    from agreement.memory import Run
    from ttkem.cli.agree.selection import Selection

__all__ = ["print_run"]

MOST_EVENTS, MOST_PROCESSES = 120, 6


def print_run(screen: Console, selection: Selection, run: Run) -> None:
    """Print a swim-lane diagram, unless it would be too large to read."""
    if len(run.events) <= MOST_EVENTS and selection.count <= MOST_PROCESSES:
        diagram = swimlanes(run, selection.label)
        screen.print(diagram, markup=False, highlight=False, soft_wrap=True)
