"""The atlas: every connected graph with up to 7 vertices, decided for 3 and 4 processes.

Graphs are numbered as in Read and Wilson, *An Atlas of Graphs* (1998). The answers ship with the
package; `answer_all` computes them again, graph by graph, on any executor: `map`, a pool of
processes, a cluster.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from agreement.graph import Graph, parse_graph6
from agreement.solve.deciding import Solvability, decide, least_rounds
from agreement.solve.two_checkers import check_certificate
from agreement.task import VALIDITIES, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agreement.solve.deciding import Decision

__all__ = ["COUNTS", "Answer", "Atlas", "answer_all", "answers_for", "graphs", "load_atlas"]

COUNTS = (3, 4)
"""The numbers of processes."""

Question: TypeAlias = tuple[int, str]
"""Processes and validity."""

Record: TypeAlias = list[list[Any]]
"""The answers for one graph as JSON, one for each question in the order of `QUESTIONS`."""

QUESTIONS: tuple[Question, ...] = tuple((n, validity) for n in COUNTS for validity in VALIDITIES)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question about one graph, without the certificates themselves.

    `rounds` and `refuted` are as in `Decision`. `kinds` are the kinds of the certificates, and
    `digests` the beginnings of their SHA-256 sums, in the same order: they tell whether `decide`
    still finds the same certificates. Certificates from a SAT solver may change with its version.
    """

    verdict: Solvability
    rounds: int | None
    refuted: int | None
    kinds: tuple[str, ...]
    digests: tuple[str, ...]

    @property
    def least(self) -> int | None:
        """The least number of rounds; None if it is not known."""
        return least_rounds(self.rounds, self.refuted)


@dataclass(frozen=True, slots=True)
class Atlas:
    """All answers: by the graph's number, then by question."""

    answers: dict[int, dict[Question, Answer]]

    def __iter__(self) -> Iterator[tuple[int, Graph, dict[Question, Answer]]]:
        """Yield the number, the graph and the answers of each graph, in order of the numbers."""
        return ((n, graph, self.answers[n]) for n, graph in graphs() if n in self.answers)

    def counts(self, question: Question) -> dict[str, int]:
        """Count the graphs for each verdict, and solvable ones for each least number of rounds."""
        found: dict[str, int] = {}
        for answers in self.answers.values():
            answer = answers[question]
            rounds = "" if answer.least is None else f" in {answer.least}"
            key = f"{answer.verdict.value}{rounds}"
            found[key] = found.get(key, 0) + 1
        return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def graphs() -> tuple[tuple[int, Graph], ...]:
    """Return all connected graphs with 1 to 7 vertices as (number, graph), in order."""
    text = files("agreement.solve").joinpath("data/graphs.g6").read_text(encoding="ascii")
    pairs = (line.split() for line in text.splitlines())
    return tuple((int(number), parse_graph6(graph)) for number, graph in pairs)


def digest(document: dict[str, Any]) -> str:
    """Return the first 12 hexadecimal digits of a certificate's SHA-256 sum."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _record(decision: Decision) -> list[Any]:
    return [
        decision.verdict.name,
        decision.rounds,
        decision.refuted,
        [document["proof"]["kind"] for document in decision.certificates],
        [digest(document) for document in decision.certificates],
    ]


def answers_for(job: tuple[int, bool]) -> tuple[int, Record]:
    """Answer all questions for one graph.

    `job` is the graph's number, and whether both checkers must accept all certificates. It is a
    single argument, and plain data comes back, so that pools of processes and clusters can call
    this.
    """
    number, checked = job
    graph = dict(graphs())[number]
    record = []
    for count, validity in QUESTIONS:
        decision = decide(Task(graph, validity), count)
        for document in decision.certificates if checked else ():
            check_certificate(document)
        record.append(_record(decision))
    return number, record


def answer_all(
    run: Callable[
        [Callable[[tuple[int, bool]], tuple[int, Record]], list[tuple[int, bool]]],
        Iterable[tuple[int, Record]],
    ],
    done: dict[int, Record],
    *,
    numbers: Iterable[int] | None = None,
    checked: bool = False,
    keep: Callable[[int, Record], None] = lambda *_: None,
) -> dict[int, Record]:
    """Return the records of all graphs in `numbers`, computing those that `done` lacks.

    `run(function, jobs)` yields the results in any order, as `map` and a pool's `imap_unordered`
    do. `keep` is called with each new result as soon as there is one.
    """  # fmt: skip
    wanted = [number for number, _ in graphs()] if numbers is None else list(numbers)
    found = dict(done)
    todo = [(number, checked) for number in wanted if number not in done]
    for number, record in run(answers_for, todo):
        found[number] = record
        keep(number, record)
    return {number: found[number] for number in wanted}


def pack(records: dict[int, Record]) -> bytes:
    """Return the records as the bytes that the package ships; equal records give equal bytes."""
    kinds = sorted({kind for record in records.values() for entry in record for kind in entry[3]})
    short = {
        str(number): [[*entry[:3], [kinds.index(kind) for kind in entry[3]], entry[4]]
                      for entry in record]
        for number, record in sorted(records.items())
    }  # fmt: skip
    document = {"questions": QUESTIONS, "kinds": kinds, "answers": short}
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0)


def unpack(data: bytes) -> Atlas:
    """Return the atlas from the bytes that `pack` made."""
    document = json.loads(gzip.decompress(data))
    kinds = document["kinds"]
    answers = {}
    for number, record in document["answers"].items():
        answers[int(number)] = {
            tuple(question): Answer(
                Solvability[verdict],
                rounds,
                refuted,
                tuple(kinds[i] for i in which),
                tuple(digests),
            )
            for question, (verdict, rounds, refuted, which, digests) in zip(
                document["questions"], record, strict=True
            )
        }
    return Atlas(answers)


@lru_cache(maxsize=1)
def load_atlas() -> Atlas:
    """Return the atlas that ships with the package."""
    return unpack(files("agreement.solve").joinpath("data/atlas.json.gz").read_bytes())
