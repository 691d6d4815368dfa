"""Export of a machine to Promela, and verification of the model with SPIN.

The model has one process type, which is driven by the machine's tables as C arrays, with one line
of Promela per process. A state is the vector of local states, as in the other engines, so SPIN must
find the same number of states and the same verdict. Machines that take steps in blocks cannot be
exported.

It needs SPIN (Debian: `apt install spin`) and a C compiler.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from agreement.errors import ProtocolError, ToolError
from agreement.explore.exact import plain
from agreement.memory import Read, Scan, Value, Write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agreement.explore.machine import Local, Machine
    from agreement.explore.state_encoding import Judge

__all__ = ["SpinResult", "promela", "run_spin"]


@dataclass(frozen=True, slots=True)
class SpinResult:
    """The figures that SPIN's verifier printed, its running time, and the time to compile it.

    Both times are in seconds.
    """

    states: int
    transitions: int
    errors: int
    seconds: float
    compiling: float


def promela(machine: Machine, judge: Judge) -> dict[str, str]:
    """Return a Promela model of a machine that has been explored completely, as files by name.

    After each step the model checks that the judge has no objection. The judge is tabulated over
    the outputs and the participants, so the model needs no Python. Raises ProtocolError if the
    machine takes immediate snapshots.
    """
    if machine.immediate:
        raise ProtocolError(
            "cannot export immediate snapshots, which move in blocks: lower the program to "
            "registers first"
        )
    values: dict[Value, int] = {None: 0}
    for automaton in machine.automata:
        for local in automaton.locals:
            for value in local.registers.values():
                values.setdefault(value, len(values))
    stages = _Stages(machine)
    length = max(len(automaton.locals) for automaton in machine.automata)
    moves = [_moves(machine, me, values) for me in range(machine.count)]
    arrays = sorted({array for a in machine.automata for x in a.locals for array in x.registers})
    parts = [
        f"#define T_PROCESSES {machine.count}",
        f"#define T_VALUES {len(values)}LL",
        f"#define T_STAGES {stages.radix}",
        f"#define T_BAD {len(stages.bad(judge))}",
        *(_array(f"static const long long k{me}[]", m) for me, m in enumerate(moves)),
        *(_array(f"static const int x{me}[]", m.values()) for me, m in enumerate(moves)),
        _array("static const long long *keys[]", (f"k{me}" for me in range(machine.count))),
        _array("static const int *nexts[]", (f"x{me}" for me in range(machine.count))),
        _array("static const int sizes[]", map(len, moves)),
        _table("kind", machine, length, _kind),
        _table("array", machine, length, lambda x: _place(arrays, x)),
        _table("owner", machine, length, _owner),
        _table("stage", machine, length, stages.of),
        _array(
            f"static const short content[][{max(1, len(arrays))}][{length}]",
            (
                _braced(
                    _braced(values[x.registers.get(array)] for x in automaton.locals)
                    for array in arrays
                )
                for automaton in machine.automata
            ),
        ),
        _array("static const int bad[]", stages.bad(judge) or [-1]),
    ]
    options = "\n".join(
        f"  :: d_step {{ c_expr {{ kind[{me}][now.s[{me}]] > 0 }} -> c_code {{ step({me}); }} }}"
        for me in range(machine.count)
    )
    count = machine.count
    model = (
        "/* Made by agreement.explore.promela; the state is the vector s of local states. */\n"
        f"short s[{count}];\n"
        'c_decl {\n\\#include "tables.h"\n}\n'
        'c_code {\n\\#include "steps.h"\n}\n'
        f"active proctype machine() {{\nend:\n  do\n{options}\n  od\n}}\n"
    )
    return {"model.pml": model, "tables.h": "\n".join(parts) + "\n", "steps.h": _CODE}


def run_spin(model: dict[str, str], *, depth: int = 10_000) -> SpinResult:
    """Verify a model with SPIN, exhaustively and without partial-order reduction, on one core.

    `depth` is the greatest depth of the search. Raises ToolError if SPIN or gcc is missing or
    fails, or if `depth` is too small.
    """
    for tool in ("spin", "gcc"):
        if shutil.which(tool) is None:
            raise ToolError(
                f"cannot run SPIN: {tool} is not installed (Debian: apt install spin gcc)"
            )
    with tempfile.TemporaryDirectory() as folder:
        for name, text in model.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        started = time.perf_counter()
        _call(folder, "spin", "-a", "model.pml")
        _call(folder, "gcc", "-O2", "-w", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c")
        compiling = time.perf_counter() - started
        printed = _call(folder, "./pan", f"-m{depth}", "-w24")
    if "search depth too small" in printed:
        raise ToolError(f"SPIN reached its search depth of {depth}: give a greater depth")

    def figure(pattern: str) -> float:
        found = re.search(pattern, printed)
        if found is None:
            raise ToolError(
                f"cannot read SPIN's output: no line matches {pattern!r}: {printed[-400:]}"
            )
        return float(found[1])

    return SpinResult(
        int(figure(r"(\d+) states, stored")),
        int(figure(r"(\d+) transitions")),
        int(figure(r"errors: (\d+)")),
        figure(r"elapsed time ([\d.]+)"),
        compiling,
    )


def _call(folder: str, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ToolError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


class _Stages:
    """The stages of `state_encoding`, with the same number for an output in all processes."""

    def __init__(self, machine: Machine) -> None:
        self._outputs: dict[Value, int] = {}
        for automaton in machine.automata:
            for local in automaton.locals:
                if local.output is not None:
                    self._outputs.setdefault(local.exact_output, len(self._outputs) + 2)
        self._count = machine.count
        self.radix = len(self._outputs) + 2

    def of(self, local: Local) -> int:
        return min(local.number, 1) if local.output is None else self._outputs[local.exact_output]

    def bad(self, judge: Judge) -> list[int]:
        """Return the numbers of all combinations of stages that the judge objects to, in order."""
        if self.radix**self._count > _MANY:
            raise ToolError(
                f"cannot tabulate the judge: {self.radix}^{self._count} combinations of outputs "
                "are too many"
            )
        outputs: list[Value] = [None, None, *map(plain, self._outputs)]
        found = []
        for number, stages in enumerate(product(range(self.radix), repeat=self._count)):
            present = frozenset(me for me, stage in enumerate(stages) if stage)
            if judge(tuple(outputs[stage] for stage in stages), present) is not None:
                found.append(number)
        return found


_MANY = 1_000_000


def _moves(machine: Machine, me: int, values: dict[Value, int]) -> dict[int, int]:
    """Return the next local state by the number of a local state and a response, in order."""
    automaton = machine.automata[me]
    space = len(values) ** machine.count
    moves = {}
    for (number, response), after in automaton.moves.items():
        code = 0
        match automaton.locals[number].operation:
            case Read():
                code = values[response]
            case Scan() if isinstance(response, tuple):
                for value in response:
                    code = code * len(values) + values[value]
        moves[number * space + code] = after
    return dict(sorted(moves.items()))


def _kind(local: Local) -> int:
    return {type(None): 0, Write: 1, Read: 2, Scan: 3}.get(type(local.operation), 0)


def _place(arrays: list[int], local: Local) -> int:
    operation = local.operation
    return arrays.index(operation.array) if isinstance(operation, Read | Scan) else 0


def _owner(local: Local) -> int:
    return local.operation.owner if isinstance(local.operation, Read) else 0


def _table(name: str, machine: Machine, length: int, look: Callable[[Local], int]) -> str:
    rows = (_braced(look(local) for local in automaton.locals) for automaton in machine.automata)
    return _array(f"static const short {name}[][{length}]", rows)


def _braced(items: Iterable[object]) -> str:
    return "{" + ",".join(map(str, items)) + "}"


def _array(declared: str, items: Iterable[object]) -> str:
    return f"{declared} = {_braced(items)};"


_CODE = """
extern void (*Uerror)(char *);
static int fine(void) {
  int j, low = 0, high = T_BAD - 1, code = 0;
  for (j = 0; j < T_PROCESSES; j++) code = code * T_STAGES + stage[j][now.s[j]];
  while (low < high) {
    int middle = (low + high) / 2;
    if (bad[middle] < code) low = middle + 1; else high = middle;
  }
  return bad[low] != code;
}
static void step(int me) {
  int a = now.s[me], k = kind[me][a], j, low = 0, high = sizes[me] - 1;
  long long key = a, code = 0;
  for (j = 0; j < T_PROCESSES; j++) key *= T_VALUES;
  if (k == 2) code = content[owner[me][a]][array[me][a]][now.s[owner[me][a]]];
  if (k == 3) for (j = 0; j < T_PROCESSES; j++)
    code = code * T_VALUES + content[j][array[me][a]][now.s[j]];
  key += code;
  while (low < high) {
    int middle = (low + high) / 2;
    if (keys[me][middle] < key) low = middle + 1; else high = middle;
  }
  if (keys[me][low] != key) Uerror("a step that is not in the tables");
  now.s[me] = nexts[me][low];
  if (!fine()) Uerror("the judge objects");
}
"""
