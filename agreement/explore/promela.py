"""The same search by another tool: a machine as a Promela model, and SPIN run on it.

The model has one process type, driven by the machine's tables as C arrays, and one line of Promela
a transition; a state is the vector of local states, as here. SPIN's states and verdict must be
ours. Steps of blocks, and machines whose tables are not complete, are refused.

Needs SPIN (Debian: `apt install spin`) and a C compiler.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agreement.errors import ProtocolError, ToolError
from agreement.memory import Read, Scan, Value, Write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.explore.machine import Local, Machine
    from agreement.explore.packing import Judge

__all__ = ["SpinResult", "promela", "run_spin"]


@dataclass(frozen=True, slots=True)
class SpinResult:
    """What SPIN's verifier printed: states stored, transitions, errors; its own seconds."""

    states: int
    transitions: int
    errors: int
    seconds: float
    compiling: float


def promela(machine: Machine, judge: Judge) -> str:
    """A Promela model of a machine that has been explored completely.

    The claim, checked after each step: the judge has no objection. It is tabulated over the
    outputs and who has moved, so the model needs no Python.
    """
    if machine.immediate:
        raise ProtocolError("immediate snapshots move in blocks, which Promela has not: lower them")
    values: dict[Value, int] = {None: 0}
    for automaton in machine.automata:
        for local in automaton.locals:
            for value in local.registers.values():
                values.setdefault(value, len(values))
    stages = _Stages(machine)
    count = machine.count
    length = max(len(automaton.locals) for automaton in machine.automata)
    moves = [_moves(machine, me, values) for me in range(count)]
    rows = max(len(m) for m in moves)
    keys = "\n".join(_array(f"k{me}", (key for key, _ in m)) for me, m in enumerate(moves))
    nexts = "\n".join(_array(f"x{me}", (after for _, after in m)) for me, m in enumerate(moves))
    contents = _contents(machine, values, length)
    bad = stages.bad(judge)
    return _MODEL.format(
        count=count,
        length=length,
        rows=rows,
        values=len(values),
        keys=keys,
        nexts=nexts,
        sizes=_array("size", map(len, moves)),
        contents=contents,
        kinds=_array("kind", _kinds(machine, length)),
        arrays=_array("array", _arrays(machine, length)),
        stage=_array("stage", stages.table(length)),
        width=stages.width,
        bad=_array("bad", bad or [-1]),
        badsize=len(bad),
        pointers=", ".join(f"k{me}" for me in range(count)),
        targets=", ".join(f"x{me}" for me in range(count)),
    )
