"""The atlas: every connected graph with up to 7 vertices, decided for 3 and 4 processes.

Graphs are numbered as in Read and Wilson, *An Atlas of Graphs* (1998). The answers ship with the
package; `answer_all` computes them anew, one graph after another, by any way to run jobs.
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
from agreement.solve.certificate_checker import check
from agreement.solve.deciding import Solvability, decide
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
"""The answers for one graph, by question in the order of `QUESTIONS`, as JSON has them."""

QUESTIONS: tuple[Question, ...] = tuple((n, validity) for n in COUNTS for validity in VALIDITIES)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: the least number of rounds, if known, and what proves it.

    `rounds` and `refuted` are as in `Decision`. `kinds` are those of the certificates, `digests`
    the beginnings of their SHA-256 sums, in the same order: to tell whether the certificates that
    `decide` gives are the very same ones. Those of maps and formulas may change with the solver.
    """

    verdict: Solvability
    rounds: int | None
    refuted: int | None
    kinds: tuple[str, ...]
    digests: tuple[str, ...]

    @property
    def least(self) -> int | None:
        """The least number of rounds, if it is known."""
        below = -1 if self.refuted is None else self.refuted
        return self.rounds if self.rounds == below + 1 else None


@dataclass(frozen=True, slots=True)
class Atlas:
    """By the number of the graph: its answers, by question."""

    answers: dict[int, dict[Question, Answer]]

    def __iter__(self) -> Iterator[tuple[int, Graph, dict[Question, Answer]]]:
        """Number, graph and answers, in order."""
        return ((n, graph, self.answers[n]) for n, graph in graphs() if n in self.answers)

    def counts(self, question: Question) -> dict[str, int]:
        """How many graphs have each verdict; solvable ones by their least number of rounds."""
        found: dict[str, int] = {}
        for answers in self.answers.values():
            answer = answers[question]
            rounds = "" if answer.least is None else f" in {answer.least}"
            key = f"{answer.verdict.value}{rounds}"
            found[key] = found.get(key, 0) + 1
        return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def graphs() -> tuple[tuple[int, Graph], ...]:
    """All connected graphs with 1 to 7 vertices, with their numbers, in order."""
    text = files("agreement.solve").joinpath("data/graphs.g6").read_text(encoding="ascii")
    pairs = (line.split() for line in text.splitlines())
    return tuple((int(number), parse_graph6(graph)) for number, graph in pairs)


def digest(document: dict[str, Any]) -> str:
    """The first 12 hexadecimal digits of a certificate's SHA-256 sum."""
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
    """The answers for the graph of this number; if told so, with all certificates checked.

    One argument and plain data, as pools of processes and clusters want it.
    """
    number, checked = job
    graph = dict(graphs())[number]
    record = []
    for count, validity in QUESTIONS:
        decision = decide(Task(graph, validity), count)
        for document in decision.certificates if checked else ():
            check(document)
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
    """What is still missing from `done` is computed; `keep` is told each result as it comes.

    `run(job, arguments)` gives the results in any order: `map` does, a pool's `imap_unordered` too.
    """  # fmt: skip
    wanted = [number for number, _ in graphs()] if numbers is None else list(numbers)
    found = dict(done)
    todo = [(number, checked) for number in wanted if number not in done]
    for number, record in run(answers_for, todo):
        found[number] = record
        keep(number, record)
    return {number: found[number] for number in wanted}


def pack(records: dict[int, Record]) -> bytes:
    """As the package ships them: the same records give the same bytes."""
    kinds = sorted({kind for record in records.values() for entry in record for kind in entry[3]})
    short = {
        str(number): [[*entry[:3], [kinds.index(kind) for kind in entry[3]], entry[4]]
                      for entry in record]
        for number, record in sorted(records.items())
    }  # fmt: skip
    document = {"questions": QUESTIONS, "kinds": kinds, "answers": short}
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0)


def unpack(data: bytes) -> Atlas:
    """The atlas of what `pack` gave."""
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
    """The atlas that ships with the package."""
    return unpack(files("agreement.solve").joinpath("data/atlas.json.gz").read_bytes())
