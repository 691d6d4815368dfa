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
from agreement.solve import Decision, Limits, RefusedError, Solvability, check_certificate, decide
from agreement.solve.cross_check import compare
from agreement.task import Task
from agreement.wording import install_hint
from ttkem.cli.files import save_and_report
from ttkem.cli.screen import console, counted, progress
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN

if TYPE_CHECKING:
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


def solve(
    question: Question, *, cross_check: bool, checked: bool, out: Path | None, json: bool
) -> int:
    """Decide, check the certificates, print and write them, and return the exit status."""
    screen = console(json=json)
    graph = load(question.source)
    task = Task(graph, question.validity)
    limits = Limits(question.most, question.facets, question.conflicts)
    began = time.perf_counter()
    with progress(screen) as bar:
        decision = decide(
            task,
            question.count,
            rounds=question.rounds,
            limits=limits,
            progress=lambda what: bar(0, 1, what),
        )
        seconds = time.perf_counter() - began
        bar(0, 1, "checking certificates")
        proved = _check_certificates(decision)
    notes = list(decision.tried)
    interrupted = False
    try:
        with progress(screen) as bar:
            if cross_check:
                bar(0, 1, "deciding the formulas with z3")
                notes += compare(decision)
            if checked:
                bar(0, 1, "checking the protocol")
                notes.append(check_found_protocol(decision))
    except KeyboardInterrupt:
        interrupted = True
        notes.append("interrupted: not all comparisons and checks were done")
    files: dict[str, bytes | str] = {
        _name(document, number): json_text.dumps(document)
        for number, document in enumerate(decision.certificates, start=1)
    }
    if out is not None:
        files |= _pictures(screen, decision)
        save_and_report(screen, out, files)
    if json:
        print(json_text.dumps(_document(decision, proved, notes, seconds)))
    else:
        _print(screen, decision, proved, notes, seconds)
    if interrupted:
        return UNKNOWN
    return {
        Solvability.SOLVABLE: HOLDS,
        Solvability.UNSOLVABLE: REFUTED,
        Solvability.NOT_IN_ROUNDS: REFUTED,
        Solvability.UNKNOWN: UNKNOWN,
    }[decision.verdict]


def _check_certificates(decision: Decision) -> list[str]:
    """Return what the certificates prove. Raise if one is refused or the checkers disagree."""
    try:
        return [check_certificate(document) for document in decision.certificates]
    except RefusedError as error:
        raise AgreementError(f"both checkers refuse a certificate that we found: {error}") from None


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
    if decision.least is not None:
        return f"{decision.least}, and not in fewer"
    below = "" if decision.refuted is None else f"not in {decision.refuted}"
    found = "" if decision.rounds is None else f"found with {decision.rounds}"
    return ", ".join(filter(None, (found, below))) or "-"


def _document(
    decision: Decision, proved: list[str], notes: list[str], seconds: float
) -> dict[str, object]:
    return {
        "processes": decision.count,
        "validity": decision.task.validity,
        "verdict": decision.verdict.value,
        "rounds": decision.rounds,
        "refuted": decision.refuted,
        "least": decision.least,
        "certificates": [
            {"kind": document["proof"]["kind"], "proves": proves}
            for document, proves in zip(decision.certificates, proved, strict=True)
        ],
        "notes": notes,
        "seconds": round(seconds, 3),
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
