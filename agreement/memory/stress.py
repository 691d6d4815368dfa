"""The same programs on real processes, which are killed at random.

Many independent *instances* of a protocol are run one after another by the same processes, each
instance with registers of its own. SIGKILL takes a process wherever it is; in that instance it is a
crash in the middle, in all later ones of the batch a process that never comes.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import ProtocolError
from agreement.memory.lowering import on_registers
from agreement.memory.process import Process, Program
from agreement.memory.shared import SharedRegisters
from agreement.memory.threads import perform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import SpawnProcess

__all__ = ["Stress", "StressReport", "stress", "work"]

Inputs: TypeAlias = tuple[int, ...]
_Batch: TypeAlias = tuple[bytes, list[Inputs], str, tuple[int, int, int], int]


@dataclass(frozen=True, slots=True)
class Stress:
    """What to run.

    `arrays` is how many arrays one instance uses, `log_bytes` what one process writes in one
    instance at most; `bound`, if given, the own register operations that it may take.
    `instances` make a batch, which must be over within `timeout` seconds after the last kill.
    """

    program: Program
    count: int
    arrays: int
    bound: int | None = None
    log_bytes: int = 4096
    instances: int = 300
    timeout: float = 60.0


@dataclass(slots=True)
class StressReport:
    """What happened.

    `violations` are texts; all counts are of instances but `operations`, `kills`
    and `batches`. `crashed` instances had a process stop in the middle, `overlapping` ones two
    processes at work at the same time.
    """

    seed: int
    batches: int = 0
    instances: int = 0
    operations: int = 0
    kills: int = 0
    crashed: int = 0
    overlapping: int = 0
    most_steps: int = 0
    deadlocks: int = 0
    violations: list[str] = field(default_factory=list)


def work(
    plan: Stress, me: int, batch: Sequence[Inputs], registers: SharedRegisters, seed: int
) -> None:
    """What one process does: every instance of the batch, in order.

    Array 0 is for itself: it tells how far it is. Array 1 + k holds what it has to say of
    instance k when it is done; the instances' own arrays come after.
    """
    rng = random.Random(f"{seed} {me}")  # noqa: S311 - timing, no secrets
    program = on_registers(plan.program)
    absent: set[int] = set()
    for k, inputs in enumerate(batch):
        registers.write(0, me, k)
        _meet(registers, me, k, absent)
        first = 1 + len(batch) + k * plan.arrays
        began = time.monotonic_ns()
        steps = 0
        process = Process(program, me, plan.count, inputs[me])
        while process.poised is not None:
            if rng.random() < _YIELDS:
                os.sched_yield()
            shifted = _Window(registers, first)
            process.resume(perform(process.poised, me, shifted))
            steps += 1
        registers.write(1 + k, me, (process.output, steps, began, time.monotonic_ns()))


_YIELDS = 0.2
_LOOKS = 2000
_AWHILE = 0.001


@dataclass(frozen=True, slots=True)
class _Window:
    """The arrays of one instance."""

    registers: SharedRegisters
    first: int

    def write(self, array: int, owner: int, value: object) -> None:
        self.registers.write(self.first + array, owner, value)

    def read(self, array: int, owner: int) -> object:
        return self.registers.read(self.first + array, owner)


def _meet(registers: SharedRegisters, me: int, k: int, absent: set[int]) -> None:
    """Wait a little, not for ever, for the others to be at this instance too.

    Who did not come in time once is not waited for again.
    """
    late: list[int] = []
    for _ in range(_LOOKS):
        expected = (p for p in range(registers.count) if p != me and p not in absent)
        late = [p for p in expected if _place(registers, p) < k]
        if not late:
            return
        os.sched_yield()
    absent.update(late)


def _main(
    plan: bytes,
    me: int,
    batch: Sequence[Inputs],
    name: str,
    sizes: tuple[int, int, int],
    seed: int,
) -> None:
    registers = SharedRegisters(*sizes, name=name)
    work(pickle.loads(plan), me, batch, registers, seed)  # noqa: S301 - from our own parent
    registers.close()


def stress(
    plan: Stress,
    inputs: Callable[[random.Random], Inputs],
    check: Callable[[Inputs, tuple[object, ...], frozenset[int]], str | None],
    *,
    operations: int,
    seed: int,
    kills_per_batch: int = 2,
    progress: Callable[[StressReport], None] | None = None,
) -> StressReport:
    """Batches of instances on real processes until so many register operations were done.

    In each batch `kills_per_batch` processes, never all, are killed at random moments. `inputs`
    draws the inputs of an instance; `check(inputs, outputs, participants)` says what is wrong.
    ProtocolError if the program cannot be sent to other processes.
    """
    try:
        packed = pickle.dumps(plan)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ProtocolError(
            f"the program cannot be sent to other processes ({error}): define it at the top level "
            "of a module"
        ) from None
    rng = random.Random(seed)  # noqa: S311 - which runs, no secrets
    report = StressReport(seed)
    while report.operations < operations and not report.deadlocks:
        batch = [inputs(rng) for _ in range(plan.instances)]
        sizes = (
            plan.count,
            1 + len(batch) * (1 + plan.arrays),
            len(batch) * (plan.log_bytes + 256),
        )
        registers = SharedRegisters(*sizes)
        try:
            _run_batch(plan, packed, batch, registers, sizes, rng, kills_per_batch, report)
            _judge(plan, batch, registers, check, report)
        finally:
            registers.close()
            registers.unlink()
        report.batches += 1
        if progress is not None:
            progress(report)
    return report


def _run_batch(
    plan: Stress,
    packed: bytes,
    batch: list[Inputs],
    registers: SharedRegisters,
    sizes: tuple[int, int, int],
    rng: random.Random,
    kills: int,
    report: StressReport,
) -> None:
    """Run the batch, with kills; wait for who is left."""
    with _started(plan, (packed, batch, registers.name, sizes, rng.getrandbits(32))) as workers:
        deadline = time.monotonic() + plan.timeout
        while any(w.is_alive() and registers.read(0, me) is None for me, w in enumerate(workers)):
            time.sleep(0.001)
        for victim in rng.sample(range(plan.count), min(kills, plan.count - 1)):
            # At a random place of the batch, and there wherever the process happens to be.
            place = rng.randrange(len(batch))
            while workers[victim].is_alive() and _place(registers, victim) < place:
                time.sleep(0)
            time.sleep(rng.uniform(0, _AWHILE))
            if workers[victim].is_alive():
                workers[victim].kill()
                report.kills += 1
        for me, worker in enumerate(workers):
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                report.deadlocks += 1
                report.violations.append(
                    f"process {me} is still at instance {_place(registers, me)}, inputs "
                    f"{batch[_place(registers, me)]}, after {plan.timeout} seconds"
                )
                worker.kill()
                worker.join()
            elif worker.exitcode not in {0, -9}:
                report.violations.append(
                    f"process {me} ended by an error, exit code {worker.exitcode}"
                )


@contextmanager
def _started(plan: Stress, work_of: _Batch) -> Iterator[list[SpawnProcess]]:
    """The processes, at work; none is left behind."""
    context = multiprocessing.get_context("spawn")
    packed, batch, name, sizes, seed = work_of
    workers = [
        context.Process(target=_main, args=(packed, me, batch, name, sizes, seed), daemon=True)
        for me in range(plan.count)
    ]
    # The processes inherit the mask: Ctrl-C is for who keeps the report.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for worker in workers:
            worker.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()


def _place(registers: SharedRegisters, me: int) -> int:
    place = registers.read(0, me)
    return place if isinstance(place, int) else -1


def _judge(
    plan: Stress,
    batch: list[Inputs],
    registers: SharedRegisters,
    check: Callable[[Inputs, tuple[object, ...], frozenset[int]], str | None],
    report: StressReport,
) -> None:
    """Look at every instance of a batch that is over."""
    for k, inputs in enumerate(batch):
        window = _Window(registers, 1 + len(batch) + k * plan.arrays)
        outputs: list[object] = [None] * plan.count
        spans: list[tuple[int, int]] = []
        present = set()
        for me in range(plan.count):
            done = registers.read(1 + k, me)
            if isinstance(done, tuple):
                outputs[me], steps, began, ended = done
                present.add(me)
                spans.append((began, ended))
                report.operations += steps
                report.most_steps = max(report.most_steps, steps)
                if plan.bound is not None and steps > plan.bound:
                    report.violations.append(f"process {me} took {steps} steps, inputs {inputs}")
            elif any(window.read(array, me) is not None for array in range(plan.arrays)):
                present.add(me)
                report.crashed += 1
        what = check(inputs, tuple(outputs), frozenset(present)) if present else None
        if what is not None:
            report.violations.append(f"inputs {inputs}, outputs {tuple(outputs)}: {what}")
        spans.sort()
        report.overlapping += any(a[1] > b[0] for a, b in pairwise(spans))
        report.instances += 1
