"""What ``ttkem agree solve`` and ``certificate`` do, once their options are read."""

from __future__ import annotations

import json as json_text
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from agreement.errors import AgreementError
from agreement.explore import Options
from agreement.explore import Verdict as Checked
from agreement.explore import check as check_protocol
from agreement.graph import Graph, load
from agreement.protocols import synthesised_protocol
from agreement.solve import Decision, Limits, RefusedError, Verdict, check_certificate, decide
from agreement.solve.cross_check import compare
from agreement.task import Task
from ttkem.cli.screen import console, progress, read, write
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

__all__ = ["Question", "certify", "solve"]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as the options say it."""

    source: str
    count: int
    validity: str
    rounds: int | None
    most: int
    facets: int
    conflicts: int


def solve(question: Question, *, twice: bool, checked: bool, out: Path | None, json: bool) -> int:
    """Decide, check the certificates, print, and say how it ended."""
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
        said = _said(decision)
    notes = list(decision.tried)
    interrupted = False
    try:
        with progress(screen) as bar:
            if twice:
                bar(0, 1, "deciding the formulas twice")
                notes += compare(decision)
            if checked:
                bar(0, 1, "checking the protocol")
                notes.append(checked_protocol(decision))
    except KeyboardInterrupt:
        interrupted = True
        notes.append("interrupted: not all that was asked for was compared or checked")
    files: dict[str, bytes | str] = {
        _name(document, number): json_text.dumps(document)
        for number, document in enumerate(decision.certificates, start=1)
    }
    if out is not None:
        files |= _pictures(screen, decision)
        write(screen, out, files)
    if json:
        print(json_text.dumps(_machine(decision, said, notes, seconds)))
    else:
        _print(screen, decision, said, notes, seconds)
    if interrupted:
        return UNKNOWN
    return {
        Verdict.SOLVABLE: HOLDS,
        Verdict.UNSOLVABLE: REFUTED,
        Verdict.NOT_IN_ROUNDS: REFUTED,
        Verdict.UNKNOWN: UNKNOWN,
    }[decision.verdict]


def _said(decision: Decision) -> list[str]:
    """What the certificates prove, in the checker's words; it must accept them all."""
    try:
        return [check_certificate(document) for document in decision.certificates]
    except RefusedError as error:
        raise AgreementError(f"the checker refuses what was found: {error}") from None


def _name(document: dict[str, Any], number: int) -> str:
    return f"certificate-{number}-{document['proof']['kind'].replace(' ', '-')}.json"


def checked_protocol(decision: Decision) -> str:
    """The bounded checker's word on the found protocol."""
    tables = decision.tables
    if tables is None:
        return "there is no protocol to check"
    protocol = synthesised_protocol(decision.task, decision.count, tables)
    report = check_protocol(
        protocol.program,
        decision.task,
        decision.count,
        bound=protocol.own_steps,
        options=Options(symmetry=True),
    )
    if report.verdict is not Checked.HOLDS:
        raise AgreementError(f"the checker says of the found protocol: {report.verdict.value}")
    return f"the found protocol holds for all inputs and schedules: {report.states:,} states"


def _pictures(screen: Console, decision: Decision) -> dict[str, bytes | str]:
    try:
        from agreement.solve.pictures import pictures  # noqa: PLC0415 - needs matplotlib
    except ImportError:
        screen.print("No pictures: drawing needs matplotlib, pip install 'ttkem[plot]'")
        return {}
    return dict(pictures(decision))


def _rounds(decision: Decision) -> str:
    if decision.least is not None:
        return f"{decision.least}, and not in fewer"
    below = "" if decision.refuted is None else f"not in {decision.refuted}"
    found = "" if decision.rounds is None else f"found with {decision.rounds}"
    return ", ".join(filter(None, (found, below))) or "-"


def _machine(
    decision: Decision, said: list[str], notes: list[str], seconds: float
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
            for document, proves in zip(decision.certificates, said, strict=True)
        ],
        "notes": notes,
        "seconds": round(seconds, 3),
    }


def _print(
    screen: Console, decision: Decision, said: list[str], notes: list[str], seconds: float
) -> None:
    graph: Graph = decision.task.graph
    table = Table(show_header=False)
    table.add_row("graph", f"{graph.order} vertices, {graph.size} edges")
    table.add_row("task", f"{decision.count} processes, {decision.task.validity} validity")
    table.add_row("verdict", f"[bold]{decision.verdict.value}[/]")
    table.add_row("rounds", _rounds(decision))
    for document, proves in zip(decision.certificates, said, strict=True):
        table.add_row("certificate", f"{document['proof']['kind']}: {proves}")
    for note in notes:
        table.add_row("note", note)
    table.add_row("seconds", f"{seconds:.2f}")
    screen.print(table)


def _judged(text: str) -> str:
    """What a certificate proves. RefusedError if nothing."""
    try:
        document = json_text.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not a certificate: no JSON: {error}") from None
    if not isinstance(document, dict) or "format" not in document:
        raise RefusedError("not a certificate: no format")
    return check_certificate(document)


def certify(paths: list[Path], *, json: bool) -> int:
    """Check files with the separate checker. LocalError if one cannot be read."""
    texts = [read(path) for path in paths]
    results = []
    for path, text in zip(paths, texts, strict=True):
        try:
            said = _judged(text)
            results.append({"file": str(path), "accepted": True, "says": said})
        except RefusedError as error:
            results.append({"file": str(path), "accepted": False, "says": str(error)})
    if json:
        print(json_text.dumps(results))
    else:
        screen = console(json=False)
        for result in results:
            word = "accepted" if result["accepted"] else "REFUSED"
            screen.print(f"{result['file']}: {word}: {result['says']}", soft_wrap=True)
    return HOLDS if all(result["accepted"] for result in results) else REFUTED
