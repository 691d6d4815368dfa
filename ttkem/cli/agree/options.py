"""Options that several commands of ``ttkem agree`` share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from ttkem.cli.screen import choice

__all__ = [
    "BROKEN",
    "HONEST",
    "PROVERS",
    "SCHEDULERS",
    "CommunicationOption",
    "Engine",
    "GraphArgument",
    "InputsOption",
    "ProcessesOption",
    "ProgramOption",
    "ProtocolOption",
    "RoundsOption",
    "ValidityOption",
    "Where",
]

PROTOCOLS = ("path", "tree", "block", "thirds", "average")
COMMUNICATION_MODELS = ("collect", "snapshot", "immediate")
VALIDITIES = ("geodesic", "hull", "monophonic", "clique")
SCHEDULERS = ("uniform", "round-robin", "delays", "pct", "solo")
PROVERS = ("exhaustive", "valency", "random")
BROKEN = ("hasty", "near", "lawless", "restless", "postponing", "blunt")
HONEST = ("own", "leader", "minimum", "majority", "zero", "commit-adopt", "never")

GraphArgument: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="A graph as path:9, cycle:4, ..., or a file: graph6, sparse6, DIMACS, or an edge in "
        "each line, as: a b."
    ),
]
ProcessesOption: TypeAlias = Annotated[
    int, typer.Option("--processes", "-n", min=1, help="Set the number of processes.")
]
ProtocolOption: TypeAlias = Annotated[
    str | None,
    choice(
        PROTOCOLS,
        "--protocol",
        "-p",
        show_default="the one with the fewest rounds that fits the graph",
        help="Choose the protocol.",
    ),
]
ProgramOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.py:NAME|MODULE:NAME",
        help="Take a program of your own, a generator function, instead of a protocol.",
    ),
]
CommunicationOption: TypeAlias = Annotated[
    str | None,
    choice(
        COMMUNICATION_MODELS,
        "--communication",
        show_default="the protocol's own",
        help="Choose the communication model of a round.",
    ),
]
RoundsOption: TypeAlias = Annotated[
    int | None,
    typer.Option(show_default="the proved number", help="Set the number of rounds."),
]
ValidityOption: TypeAlias = Annotated[
    str, choice(VALIDITIES, help="Choose the validity condition of the task.")
]
InputsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        show_default="all with check, random with run",
        help='Set the input of each process, as labels of vertices: "0 2 4".',
    ),
]


class Engine(StrEnum):
    """An implementation of the explicit-state checker."""

    PYTHON = "python"
    COMPILED = "compiled"


class Where(StrEnum):
    """The place where the processes run."""

    SIMULATOR = "simulator"
    THREADS = "threads"
    PROCESSES = "processes"
