"""Input vectors that graph automorphisms and renaming of processes carry to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.errors import ProtocolError
from agreement.explore.machine import Machine
from agreement.explore.symmetry import Asymmetry, Correspondence, renamings
from agreement.explore.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement.explore.check import Report
    from agreement.memory import Program, Value

__all__ = ["carried", "class_of", "identity"]


def identity(order: int) -> tuple[tuple[int, ...], ...]:
    """Return the identity alone, as a group of automorphisms."""
    return (tuple(range(order)),)


def class_of(
    inputs: tuple[int, ...], maps: Sequence[tuple[int, ...]], *, symmetric: bool
) -> tuple[int, ...]:
    """Return the representative of all inputs that a renaming might carry to these."""
    if not symmetric:
        return inputs
    return min(tuple(sorted(image[v] for v in inputs)) for image in maps)


def carried(
    program: Program,
    searched: list[tuple[Machine, Report]],
    inputs: tuple[int, ...],
    maps: Sequence[tuple[int, ...]],
    seconds: float,
) -> set[tuple[Value, ...]] | None:
    """Return the outcomes from these inputs if a verified renaming maps a past search to them."""
    for machine, report in searched:
        for renaming in renamings(machine.inputs, inputs, maps):
            try:
                with Watchdog(seconds) as watchdog:
                    target = Machine(
                        program, inputs, watchdog=watchdog, environment=machine.environment
                    )
                    Correspondence(machine, target, renaming).verify()
            except (Asymmetry, ProtocolError):
                continue  # these inputs are searched, which tells what is wrong with them
            return {renaming.outputs(outcome) for outcome in report.outcomes}
    return None
