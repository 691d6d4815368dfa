"""Shared memory, and the ways to run processes in it (specification A2).

A protocol is written once, as a generator function that yields operations (`Program`). It runs in
the simulator (`Simulation`, `run`), in the checker (`agreement.explore`), and on real threads and
processes (`agreement.memory.threads`, `agreement.memory.stress`).
"""

from agreement.memory.communication import (
    COMMUNICATION_MODELS,
    CommunicationModel,
    Decide,
    collect,
    immediate_snapshot,
    iterated,
    snapshot,
)
from agreement.memory.lowering import on_registers
from agreement.memory.operations import (
    UNWRITTEN,
    Operation,
    Read,
    Scan,
    Value,
    View,
    Write,
    WriteScan,
)
from agreement.memory.process import Process, Program, Steps
from agreement.memory.schedule import (
    Block,
    Schedule,
    context_switches,
    format_schedule,
    parse_schedule,
)
from agreement.memory.simulator import Event, Run, Simulation, every_run, run

__all__ = [
    "COMMUNICATION_MODELS",
    "UNWRITTEN",
    "Block",
    "CommunicationModel",
    "Decide",
    "Event",
    "Operation",
    "Process",
    "Program",
    "Read",
    "Run",
    "Scan",
    "Schedule",
    "Simulation",
    "Steps",
    "Value",
    "View",
    "Write",
    "WriteScan",
    "collect",
    "context_switches",
    "every_run",
    "format_schedule",
    "immediate_snapshot",
    "iterated",
    "on_registers",
    "parse_schedule",
    "run",
    "snapshot",
]
