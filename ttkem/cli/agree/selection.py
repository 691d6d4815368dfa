"""Select the task and the protocol that the options of ``ttkem agree`` name."""

from __future__ import annotations

import importlib
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agreement.graph import Graph, block_graph, load, tree
from agreement.protocols import PROTOCOLS, Protocol
from agreement.task import Task
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement.memory import Program, Value

__all__ = ["Selection", "select_protocol"]


@dataclass(frozen=True, slots=True)
class Selection:
    """A task, and the program that is to be checked or run for it.

    ``bound`` is the own-step bound within which all must decide, None if there is no proved one;
    ``protocol`` is None for a program of the user's own.
    """

    name: str
    task: Task
    count: int
    program: Program
    bound: int | None
    protocol: Protocol | None = None

    def inputs(self, text: str) -> tuple[int, ...]:
        """Return the inputs that the user wrote as labels of vertices."""
        found = tuple(self.task.graph.vertex(word) for word in text.replace(",", " ").split())
        if len(found) != self.count:
            raise LocalError(
                f"--inputs {text!r}: give {self.count} vertices, one for each process, "
                f"not {len(found)}"
            )
        return found

    def label(self, vertex: Value) -> str:
        """Return the label of a vertex; the text of anything else."""
        graph = self.task.graph
        if type(vertex) is int and 0 <= vertex < graph.order:
            return graph.labels[vertex]
        return str(vertex)

    def labels(self, vertices: Sequence[Value]) -> list[str | None]:
        """Return a label for each process; None where a process has no vertex."""
        return [None if v is None else self.label(v) for v in vertices]


def select_protocol(
    source: str,
    count: int,
    protocol: str | None,
    program: str | None,
    *,
    communication: str | None,
    rounds: int | None,
    validity: str,
) -> Selection:
    """Return what the options name. Raise LocalError or AgreementError if they name nothing."""
    task = Task(load(source), validity)
    if program is not None:
        if protocol is not None or communication is not None or rounds is not None:
            raise LocalError(
                "cannot combine --program with --protocol, --communication or --rounds: omit these"
            )
        return Selection(program, task, count, _imported(program), None)
    name = protocol or _fitting(task.graph, count)
    if name not in PROTOCOLS:
        raise LocalError(f"--protocol {name!r}: choose from {', '.join(PROTOCOLS)}")
    asked: dict[str, Any] = {} if communication is None else {"communication": communication}
    built = PROTOCOLS[name](task, count, rounds=rounds, **asked)
    return Selection(name, task, count, built.program, built.step_complexity, built)


def _fitting(graph: Graph, count: int) -> str:
    """Return the protocol with the fewest rounds that solves the task on this graph."""
    if count == 2:  # noqa: PLR2004 - that protocol is for two
        return "thirds"
    if tree(graph):
        return "path" if max(map(graph.degree, range(graph.order))) < 3 else "tree"  # noqa: PLR2004
    return "block" if block_graph(graph) else "average"


def _imported(name: str) -> Program:
    """Import the program that ``FILE.py:NAME`` or ``MODULE:NAME`` names."""
    where, colon, what = name.rpartition(":")
    if not colon:
        raise LocalError(f"--program {name!r}: write FILE.py:NAME or MODULE:NAME")
    file = Path(where)
    folder, module = (file.parent, file.stem) if file.suffix == ".py" else (Path(), where)
    sys.path.insert(0, str(folder.resolve()))
    try:
        found = getattr(importlib.import_module(module), what)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise LocalError(f"cannot import --program {name!r}: {error}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a stranger's program
        last = traceback.extract_tb(error.__traceback__)[-1]
        raised = f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})"
        raise LocalError(f"cannot import --program {name!r}: it raised {raised}") from None
    if not callable(found):
        raise LocalError(f"--program {name!r}: it must be a generator function, not {found!r}")
    return found  # type: ignore[no-any-return]
