"""Decide whether an agreement task is solvable: ``ttkem agree solve``."""

from __future__ import annotations

import json as json_text
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from agreement.errors import AgreementError
from agreement.explore import Options, Verdict
from agreement.explore import check as check_protocol
from agreement.graph import Graph, load
from agreement.protocols import synthesised_protocol
from agreement.solve import Decision, Limits, Solvability, decide
from agreement.solve.cross_check import compare
from agreement.task import Task
from agreement.wording import install_hint
from ttkem.cli.agree.confirmation import Confirmation
from ttkem.cli.deadline import OutOfTimeError, deadline
from ttkem.cli.files import save_and_report
from ttkem.cli.screen import console, counted, progress
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

__all__ = ["Question", "check_found_protocol", "solve"]


@dataclass(frozen=True, slots=True)
class Question:
    """The task and the limits of the search, as the options name them."""

    source: str
    count: int
    validity: str
    rounds: int | None
    most: int
    facets: int
    conflicts: int
    seconds: float | None = None


def solve(
    question: Question, *, cross_check: bool, checked: bool, out: Path | None, json: bool
) -> int:
    """Decide, check the certificates, print and write them, and return the exit status."""
    screen = console(json=json)
    graph = load(question.source)
    task = Task(graph, question.validity)
    began = time.perf_counter()
    found = Confirmation(Decision(task, question.count, Solvability.UNKNOWN))
    notes: list[str] = []
    stopped = ""
    complete = False
    try:
        with deadline(question.seconds) as left, progress(screen) as bar:
            _decide(question, found, bar)
            complete = True
            if cross_check:
                bar(0, 1, "deciding the formulas with z3")
                notes += compare(found.confirmed(), seconds=min(60.0, left()))
            if checked:
                bar(0, 1, "checking the protocol")
                notes.append(check_found_protocol(found.confirmed()))
    except OutOfTimeError:
        stopped = f"stopped after {question.seconds:g} seconds"
    except KeyboardInterrupt:
        stopped = "interrupted"
    seconds = time.perf_counter() - began
    decision = found.confirmed()
    notes = [*decision.tried, *found.notes(), *notes]
    if stopped:
        rest = "not all comparisons and checks were done" if complete else "the bounds so far"
        notes.append(f"{stopped}: {rest}")
    files: dict[str, bytes | str] = {
        _name(document, number): found.text(document)
        for number, document in enumerate(decision.certificates, start=1)
    }
    if out is not None:
        files |= _pictures(screen, decision)
        save_and_report(screen, out, files)
    proved = [found.proved[found.text(document)] for document in decision.certificates]
    if json:
        print(json_text.dumps(_document(decision, proved, notes, seconds, stopped=stopped)))
    else:
        _print(screen, decision, proved, notes, seconds)
    if stopped == "interrupted" or (stopped and complete):
        return UNKNOWN
    return {
        Solvability.SOLVABLE: HOLDS,
        Solvability.UNSOLVABLE: REFUTED,
        Solvability.NOT_IN_ROUNDS: REFUTED,
        Solvability.UNKNOWN: UNKNOWN,
    }[decision.verdict]


def _decide(question: Question, found: Confirmation, bar: Callable[[int, int, str], None]) -> None:
    """Decide, and let both checkers check each certificate; ``found`` is what is known so far."""
    decision = decide(
        found.decision.task,
        question.count,
        rounds=question.rounds,
        limits=Limits(question.most, question.facets, question.conflicts),
        progress=lambda what: bar(0, 1, what),
        keep=found.take,
    )
    bar(0, 1, "checking certificates")
    found.finish(decision)


def _name(document: dict[str, Any], number: int) -> str:
    return f"certificate-{number}-{document['proof']['kind'].replace(' ', '-')}.json"


def check_found_protocol(decision: Decision) -> str:
    """Return what the explicit-state checker finds about the protocol. Raise if it is refuted."""
    tables = decision.tables
    if tables is None:
        return "there is no protocol to check"
    protocol = synthesised_protocol(decision.task, decision.count, tables)
    report = check_protocol(
        protocol.program,
        decision.task,
        decision.count,
        bound=protocol.step_complexity,
        options=Options(symmetry=True),
    )
    if report.verdict is not Verdict.HOLDS:
        raise AgreementError(f"the checker finds that the protocol is {report.verdict.value}")
    return (
        f"the found protocol holds for all inputs and schedules: {counted(report.states, 'state')}"
    )


def _pictures(screen: Console, decision: Decision) -> dict[str, bytes | str]:
    try:
        from agreement.solve.pictures import pictures  # noqa: PLC0415 - needs matplotlib
    except ImportError:
        screen.print(
            f"No pictures: matplotlib is not installed; {install_hint('matplotlib', 'plot')}",
            markup=False,
        )
        return {}
    return dict(pictures(decision))


def _rounds(decision: Decision) -> str:
    """Return the least number of rounds, or bounds on it with where they come from."""
    if decision.least is not None:
        return f"{decision.least}, and not in fewer"
    if decision.verdict is Solvability.UNSOLVABLE:
        return "-"
    least, most, rule = decision.at_least, decision.at_most, decision.rule
    if most is None:
        return f"at least {least}"
    by = "" if most == decision.rounds or rule is None else f" by the rule {rule.name}"
    return f"exactly {least}{by}" if least == most else f"at least {least}, at most {most}{by}"


def _document(
    decision: Decision, proved: list[str], notes: list[str], seconds: float, *, stopped: str
) -> dict[str, object]:
    return {
        "processes": decision.count,
        "validity": decision.task.validity,
        "verdict": decision.verdict.value,
        "rounds": decision.rounds,
        "refuted": decision.refuted,
        "least": decision.least,
        "at_least": decision.at_least,
        "at_most": decision.at_most,
        "rule": None
        if decision.rule is None
        else {"protocol": decision.rule.name, "rounds": decision.rule.rounds},
        "certificates": [
            {"kind": document["proof"]["kind"], "proves": proves}
            for document, proves in zip(decision.certificates, proved, strict=True)
        ],
        "notes": notes,
        "seconds": round(seconds, 3),
        "stopped": stopped or None,
    }


def _print(
    screen: Console, decision: Decision, proved: list[str], notes: list[str], seconds: float
) -> None:
    graph: Graph = decision.task.graph
    table = Table(show_header=False)
    table.add_row(
        "graph", f"{counted(graph.order, 'vertex', 'vertices')}, {counted(graph.size, 'edge')}"
    )
    table.add_row(
        "task",
        f"{counted(decision.count, 'process', 'processes')}, {decision.task.validity} validity",
    )
    table.add_row("verdict", f"[bold]{decision.verdict.value}[/]")
    table.add_row("rounds", _rounds(decision))
    for document, proves in zip(decision.certificates, proved, strict=True):
        table.add_row("certificate", f"{document['proof']['kind']}: {proves}")
    for note in notes:
        table.add_row("note", note)
    table.add_row("seconds", f"{seconds:.2f}")
    screen.print(table)
