"""Scans by double collect over single-writer registers are linearizable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agreement.memory import Operation, Read, View, on_registers
from models.exploration import checked_from
from models.linearizability import history, linearizable
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, together

if TYPE_CHECKING:
    from collections.abc import Generator

WORKLOADS = [("wsws", 2), ("sww", 2), ("ws", 3)]
"""The writes (w) and scans (s) of each process, and the number of processes."""


def single_collect(count: int, array: int) -> Generator[Operation, Any, View]:
    """Read every register once, which is a collect and not a snapshot."""
    view: View = ()
    for owner in range(count):
        view = (*view, (yield Read(array, owner)))
    return view


def _check(tick: Tick) -> Finding:
    def workload(operations: str, count: int) -> Finding:
        tick(f"n = {count}, each {operations}")
        return checked_from(on_registers(history(operations)), (0,) * count, linearizable)

    return together(workload(*each) for each in WORKLOADS)


def _refute(tick: Tick) -> Finding:
    tick("3 processes, scans of one collect")
    return checked_from(history("ws", single_collect), (0, 0, 0), linearizable)


CLAIM = Claim(
    name="snapshot",
    statement="scans by double collect over single-writer registers are linearizable in three "
    "workloads",
    source="Afek et al., J. ACM 40(4), 1993; agreement.memory.lowering",
    bound="n = 2: each write scan write scan, each scan write write; n = 3: each write scan; "
    "all schedules",
    check=_check,
    twin="one collect is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    slow=True,
)
