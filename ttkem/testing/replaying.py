"""Replay files of a designer's protocol, for ``ttkem attack --replay``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.adversary import Violation, run_trace
from ttkem.cgka import TreeCGKA
from ttkem.crypto.recording import Recorder, recording
from ttkem.testing.contracts import contract_of
from ttkem.testing.protocol_import import import_protocol
from ttkem.testing.shrink import replay
from ttkem.testing.symbolic_model import SYMBOLIC, GivenModel

if TYPE_CHECKING:
    from ttkem.adversary import Outcome, Trace

__all__ = ["replay_any", "run_black_box"]


def replay_any(trace: Trace, contract: str | None = None) -> tuple[Trace, tuple[Outcome, ...]]:
    """Replay a trace on the protocol that it names, or on that protocol's symbolic model."""
    if not trace.protocol.endswith(SYMBOLIC):
        return run_black_box(trace, contract)
    played, outcomes = run_trace(trace, model=GivenModel(trace.protocol.removesuffix(SYMBOLIC)))
    return replace(played, protocol=trace.protocol), outcomes


def run_black_box(trace: Trace, contract: str | None = None) -> tuple[Trace, tuple[Outcome, ...]]:
    """Replay a trace on the protocol that it names as ``module:name``, and judge it.

    It is judged by the contract of that name, or by the protocol's own.
    Returns the trace with what was found, and the outcome of every step.
    """
    protocol = import_protocol(trace.protocol)
    promised = contract_of(protocol, contract)
    with recording(Recorder()):  # the primitives are replaced once for all steps
        run, failure = replay(protocol, trace, contract=promised)
        if failure is None and isinstance(protocol, TreeCGKA):
            run, failure = replay(protocol, trace, deep=True, contract=promised)
    found: tuple[Violation, ...] = ()
    if failure is not None:
        found = (Violation(failure.rule, max(len(run.trace.steps) - 1, 0), failure.seen),)
    return replace(run.trace, protocol=trace.protocol, found=found), tuple(run.game.outcomes)
