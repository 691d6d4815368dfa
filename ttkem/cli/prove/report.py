"""Print what a check of a planner covered, what is proved then, and what refutes it."""

from __future__ import annotations

import json as json_text
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ttkem.cli.screen import counted

if TYPE_CHECKING:
    from rich.console import Console

    from ttkem.testing.planner_search import Counterexample, Exhausted, Sampled

__all__ = ["CLAIM", "NOT_PROVED", "Report", "document", "print_report"]

CLAIM = "safe-not-derivable"
THEOREM = (
    "The theorem is proofs/safe_not_derivable.py in the source of ttkem, which is not in the "
    "installed package: `ttkem verify safe-not-derivable` checks it in a checkout."
)
STATEMENT = (
    "in every run of a protocol with this planner in which no group has more than {members} at "
    "once, if no member of a view is corrupted within the critical window of its leaf secret, no "
    "key of the view can be derived. This holds for any number of operations, forks and "
    "corruptions and every schedule."
)
NOT_PROVED = (
    "groups of more than {members}: the premises were only tested there, up to {largest}",
    (
        "that the planner depends on its arguments only: it was compared with itself, on repeated "
        "calls and under other names and keys"
    ),
    (
        "what the theorem trusts: ideal primitives, honest members, and the rules of ttkem.cgka "
        "for seeds, ciphertexts and erasure, which tests compare with the theorem's"
    ),
)
NO_ATTACK = (
    "This is no attack: the theorem says nothing about a planner that breaks a premise. "
    "`pytest --cgka` looks for attacks."
)


@dataclass
class Report:
    """A check of a planner, as far as it has come."""

    planner: str
    seed: int
    examples: int
    exhausted: Exhausted
    sampled: Sampled

    @property
    def counterexample(self) -> Counterexample | None:
        """The history that breaks a premise, if one was found."""
        return self.exhausted.counterexample or self.sampled.counterexample

    @property
    def holds(self) -> bool:
        """Whether all premises were met wherever they were to be checked."""
        done = self.exhausted.complete and (self.sampled.done or not self.examples)
        return done and self.counterexample is None

    @property
    def verdict(self) -> str:
        """The verdict in one word."""
        if self.counterexample is not None:
            return "refuted"
        return "holds" if self.holds else "unknown"

    @property
    def proved(self) -> str | None:
        """The instance of the claim that is proved, if the exhaustive part was completed."""
        if not self.exhausted.complete or self.counterexample is not None:
            return None
        return STATEMENT.format(members=_members(self.exhausted.members))

    @property
    def not_proved(self) -> list[str]:
        """What is not proved, each in a few words."""
        members, largest = _members(self.exhausted.members), self.sampled.members
        return [each.format(members=members, largest=largest) for each in NOT_PROVED]


def document(report: Report) -> str:
    """Return the report as a JSON document."""
    exhausted, sampled = report.exhausted, report.sampled
    return json_text.dumps(
        {
            "planner": report.planner,
            "claim": CLAIM,
            "verdict": report.verdict,
            "exhaustive": {
                "members": exhausted.members,
                "trees": exhausted.trees,
                "operations": exhausted.operations,
                "complete": exhausted.complete,
            },
            "random": {
                "members": sampled.members,
                "histories": sampled.histories,
                "operations": sampled.operations,
                "seed": report.seed,
            },
            "counterexample": _counterexample(report.counterexample),
            "proved": report.proved,
            "not_proved": report.not_proved,
            "theorem": THEOREM,
        }
    )


def print_report(screen: Console, report: Report) -> None:
    """Print what was covered and the verdict, with what is proved or what refutes it."""
    exhausted, sampled = report.exhausted, report.sampled

    def say(words: str, style: str | None = None) -> None:
        screen.print(Text(words, style or ""), highlight=False, soft_wrap=True)

    found = report.counterexample
    if found is not None:
        say(f"REFUTED: {report.planner} breaks a premise of claim {CLAIM}", "bold")
        for broken in found.broken:
            say(f'\npremise "{broken.premise.name}": {broken.premise.statement}')
            say(f"  ({broken.premise.source})")
            say(f"found: {broken.found}")
        say("\nA shortest history:" if found.shortest else "\nA history, shrunk:")
        screen.print(_table(found))
        say(NO_ATTACK)
    say(
        f"{'all' if exhausted.complete else 'NOT all'} operations on all trees of groups of at "
        f"most {_members(exhausted.members)}: {counted(exhausted.trees, 'tree')}, "
        f"{counted(exhausted.operations, 'operation')}"
    )
    say(
        f"random histories of groups of at most {_members(sampled.members)}, seed {report.seed}: "
        f"{counted(sampled.histories, 'history', 'histories')}, "
        f"{counted(sampled.operations, 'operation')}"
    )
    if found is not None:
        return
    if report.proved is not None:
        say(f"\n{report.planner} meets the premises of claim {CLAIM} there. Proved:", "bold")
        say(f"  {report.proved}")
        say("Not proved:", "bold")
        for each in report.not_proved:
            say(f"  {each}")
        say(THEOREM)
    if not report.holds:
        say("UNKNOWN: interrupted before all was checked", "bold")


def _table(found: Counterexample) -> Table:
    table = Table("", "operation", "refreshes", "tree", show_lines=True)
    last = len(found.rows)
    for number, row in enumerate(found.rows, start=1):
        nodes = ", ".join(map(str, row.refreshed)) or "nothing"
        note = "refused; the tree before its keys:\n" if number == last else ""
        table.add_row(str(number), Text(str(row.operation)), nodes, Text(note + row.tree))
    return table


def _counterexample(found: Counterexample | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "shortest": found.shortest,
        "broken": [
            {
                "premise": broken.premise.name,
                "statement": broken.premise.statement,
                "source": broken.premise.source,
                "found": broken.found,
            }
            for broken in found.broken
        ],
        "history": [
            {
                "operation": str(row.operation),
                "refreshed": list(row.refreshed),
                "tree": row.tree.splitlines(),
            }
            for row in found.rows
        ],
    }


def _members(number: int) -> str:
    return counted(number, "member")
