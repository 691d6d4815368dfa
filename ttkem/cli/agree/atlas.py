"""Show the atlas of small graphs, or compute it again: ``ttkem agree atlas``."""

from __future__ import annotations

import json as json_text
import multiprocessing
import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from agreement.solve.atlas import QUESTIONS, Atlas, answer_all, graphs, load_atlas, pack, unpack
from agreement.solve.dask_pool import on_cluster
from ttkem.cli.deadline import deadline
from ttkem.cli.files import save_and_report
from ttkem.cli.screen import console, counted, progress
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from rich.console import Console

__all__ = ["Plan", "compute", "show"]

JOURNAL, DATA = "atlas.partial.jsonl", "atlas.json.gz"


@dataclass(frozen=True, slots=True)
class Plan:
    """The graphs to decide, with up to `order` vertices, and how to share the work."""

    order: int
    jobs: int | None
    executor: str | None
    out: Path | None
    checked: bool
    seconds: float | None = None


def _numbers(order: int) -> list[int]:
    return [number for number, graph in graphs() if graph.order <= order]


def show(order: int, *, json: bool) -> None:
    """Print the shipped atlas, or its counts."""
    shipped = load_atlas()
    chosen = Atlas({number: shipped.answers[number] for number in _numbers(order)})
    if json:
        print(json_text.dumps([_fields(*entry) for entry in chosen]))
    else:
        _print(console(json=False), chosen)


def _fields(number: int, graph: Any, answers: dict[Any, Any]) -> dict[str, object]:  # noqa: ANN401
    return {
        "number": number,
        "vertices": graph.order,
        "edges": graph.edges,
        "answers": [
            {
                "processes": count,
                "validity": validity,
                "verdict": answer.verdict.value,
                "rounds": answer.rounds,
                "refuted": answer.refuted,
                "least": answer.least,
                "certificates": list(answer.kinds),
            }
            for (count, validity), answer in answers.items()
        ],
    }


def _print(screen: Console, atlas: Atlas) -> None:
    table = Table("processes", "validity", "verdict", "graphs")
    table.columns[3].justify = "right"
    for count, validity in QUESTIONS:
        for verdict, number in atlas.counts((count, validity)).items():
            table.add_row(str(count), validity, verdict, str(number))
    screen.print(table)
    screen.print(counted(len(atlas.answers), "graph"))


def compute(plan: Plan, *, json: bool) -> int:
    """Decide the missing graphs, keep the answers, and compare them with the shipped ones."""
    screen = console(json=json)
    numbers = _numbers(plan.order)
    done = _kept(plan.out)
    fresh: dict[int, Any] = {}
    interrupted = False
    with progress(screen) as bar, _runner(plan) as run, _journal(plan.out) as journal:
        count = sum(number in done for number in numbers)

        def keep(number: int, record: Any) -> None:  # noqa: ANN401 - JSON
            fresh[number] = record
            journal(json_text.dumps([number, record]))
            bar(count + len(fresh), len(numbers), f"graph {number}")

        bar(count, len(numbers), "deciding")
        try:
            with deadline(plan.seconds):
                records = answer_all(run, done, numbers=numbers, checked=plan.checked, keep=keep)
        except KeyboardInterrupt:
            interrupted = True
            records = {**done, **fresh}
    if interrupted:
        kept = f"kept in {plan.out}" if plan.out is not None else "lost, since --out was not given"
        screen.print(
            f"interrupted after {len(records)} of {counted(len(numbers), 'graph')}: {kept}"
        )
        return UNKNOWN
    if plan.out is not None:
        save_and_report(screen, plan.out, {DATA: pack(records)})
    atlas = unpack(pack(records))
    if json:
        print(json_text.dumps([_fields(*entry) for entry in atlas]))
    else:
        _print(screen, atlas)
    shipped = load_atlas().answers
    differing = [n for n in numbers if not _same(shipped[n], atlas.answers[n])]
    if differing:
        screen.print(
            f"the answers differ from the shipped ones for graphs {differing}", style="bold red"
        )
        return REFUTED
    screen.print("the same verdicts and numbers of rounds as shipped")
    return HOLDS


def _same(shipped: dict[Any, Any], new: dict[Any, Any]) -> bool:
    """Compare answers alone, since certificates differ with the version of the solver."""

    def keys(answers: dict[Any, Any]) -> dict[Any, Any]:
        return {q: (a.verdict, a.rounds, a.refuted) for q, a in answers.items()}

    return keys(shipped) == keys(new)


def _kept(out: Path | None) -> dict[int, Any]:
    """Return the answers that an interrupted run left in its journal."""
    if out is None or not (out / JOURNAL).is_file():
        return {}
    found: dict[int, Any] = {}
    for line in (out / JOURNAL).read_text(encoding="utf-8").splitlines():
        try:
            number, record = json_text.loads(line)
        except ValueError:
            continue  # an interrupt cut this line short
        found[number] = record
    return found


@contextmanager
def _journal(out: Path | None) -> Iterator[Callable[[str], None]]:
    """Open the journal, in which each answer is a line, so that an interrupted run can go on."""
    if out is None:
        yield lambda _: None
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        file = (out / JOURNAL).open("a", encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot write to {out}: {error.strerror}") from None
    with file:

        def write_line(line: str) -> None:
            file.write(line + "\n")
            file.flush()

        yield write_line


@contextmanager
def _runner(plan: Plan) -> Iterator[Callable[..., Iterable[Any]]]:
    """Give a function like `map` that uses this process, a pool of processes, or a cluster."""
    if plan.executor is not None:
        kind, _, address = plan.executor.partition("://")
        if kind != "dask" or not address:
            raise LocalError(f"--executor {plan.executor!r}: write dask://host:port")
        with on_cluster(f"tcp://{address}") as run:
            yield run
        return
    jobs = plan.jobs or os.cpu_count() or 1
    if jobs == 1:
        yield map
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, ignore_interrupts) as pool:
        yield pool.imap_unordered


def ignore_interrupts() -> None:
    """Ignore Ctrl-C, which only the process that keeps the results handles."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
