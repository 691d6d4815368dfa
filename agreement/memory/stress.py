"""Programs on real processes, which are killed at random.

Many independent *instances* of a protocol are run one after another by the same processes, each
instance with registers of its own. SIGKILL stops a process wherever it is: in the instance that it
is running this is a crash in the middle, and in all later ones of the batch a process that takes no
step.
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
from agreement.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import SpawnProcess

__all__ = ["Stress", "StressReport", "stress", "work"]

Inputs: TypeAlias = tuple[int, ...]
_Batch: TypeAlias = tuple[bytes, list[Inputs], str, tuple[int, int, int], int]


@dataclass(frozen=True, slots=True)
class Stress:
    """The plan of a stress test.

    One instance runs `program` with `count` processes on `arrays` arrays; a process writes at most
    `log_bytes` bytes in it and, if `bound` is given, performs at most that many register
    operations. A batch has `instances` instances and must be over within `timeout` seconds.
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
    """The outcome of a stress test.

    `violations` are texts. `crashed` counts the crashes in the middle of an instance, `overlapping`
    the instances in which two processes worked at the same time, `deadlocks` the processes that
    were still running at the timeout; `most_steps` is the greatest number of register operations
    that one process performed in one instance.
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
    """Run one process through every instance of the batch, in order.

    In array 0 it announces the instance it is at, and in array 1 + k its result of instance k; the
    arrays of the instances come after these.
    """
    rng = random.Random(f"{seed} {me}")  # noqa: S311 - timing, no secrets
    program = on_registers(plan.program)
    absent: set[int] = set()
    for k, inputs in enumerate(batch):
        registers.write(0, me, k)
        _wait_for_others(registers, me, k, absent)
        first = 1 + len(batch) + k * plan.arrays
        began = time.monotonic_ns()
        steps = 0
        process = Process(program, me, plan.count, inputs[me])
        while process.poised is not None:
            if rng.random() < _YIELD_PROBABILITY:
                os.sched_yield()
            process.resume(perform(process.poised, me, _Window(registers, first)))
            steps += 1
        registers.write(1 + k, me, (process.output, steps, began, time.monotonic_ns()))


_YIELD_PROBABILITY = 0.2
_MOST_POLLS = 2000
_LONGEST_KILL_DELAY = 0.001


@dataclass(frozen=True, slots=True)
class _Window:
    """The arrays of one instance, numbered from 0."""

    registers: SharedRegisters
    first: int

    def write(self, array: int, owner: int, value: object) -> None:
        self.registers.write(self.first + array, owner, value)

    def read(self, array: int, owner: int) -> object:
        return self.registers.read(self.first + array, owner)


def _wait_for_others(registers: SharedRegisters, me: int, k: int, absent: set[int]) -> None:
    """Wait, for a bounded time, until the others have reached instance k, so that runs overlap.

    Processes that were once too late are added to `absent` and not waited for again.
    """
    late: list[int] = []
    for _ in range(_MOST_POLLS):
        expected = (p for p in range(registers.count) if p != me and p not in absent)
        late = [p for p in expected if _instance(registers, p) < k]
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
    """Run batches of instances on real processes, for at least `operations` register operations.

    In each batch `kills_per_batch` processes, never all, are killed at random moments. `inputs`
    draws the inputs of an instance; `check(inputs, outputs, participants)` returns a violation or
    None. The test stops early at a deadlock. Raises ProtocolError if the program cannot be pickled.
    """
    try:
        packed = pickle.dumps(plan)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ProtocolError(
            f"cannot send the program to other processes ({error}): define it at the top level of "
            "a module"
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
    """Run a batch, kill some processes, and wait for the others."""
    with _started(plan, (packed, batch, registers.name, sizes, rng.getrandbits(32))) as workers:
        deadline = time.monotonic() + plan.timeout
        while any(w.is_alive() and registers.read(0, me) is None for me, w in enumerate(workers)):
            time.sleep(0.001)
        for victim in rng.sample(range(plan.count), min(kills, plan.count - 1)):
            # At a random instance of the batch, and at a random time after its start.
            target = rng.randrange(len(batch))
            while workers[victim].is_alive() and _instance(registers, victim) < target:
                time.sleep(0)
            time.sleep(rng.uniform(0, _LONGEST_KILL_DELAY))
            if workers[victim].is_alive():
                workers[victim].kill()
                report.kills += 1
        for me, worker in enumerate(workers):
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                report.deadlocks += 1
                report.violations.append(
                    f"process {me} is still at instance {_instance(registers, me)}, inputs "
                    f"{batch[_instance(registers, me)]}, after {plan.timeout} seconds"
                )
                worker.kill()
                worker.join()
            elif worker.exitcode not in {0, -9}:
                report.violations.append(
                    f"process {me} ended by an error, exit code {worker.exitcode}"
                )


@contextmanager
def _started(plan: Stress, job: _Batch) -> Iterator[list[SpawnProcess]]:
    """Start the processes; kill those that are left at the end."""
    context = multiprocessing.get_context("spawn")
    packed, batch, name, sizes, seed = job
    workers = [
        context.Process(target=_main, args=(packed, me, batch, name, sizes, seed), daemon=True)
        for me in range(plan.count)
    ]
    # The processes inherit the mask, so that Ctrl-C reaches only the process with the report.
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


def _instance(registers: SharedRegisters, me: int) -> int:
    """Return the instance that a process is at; -1 before the first."""
    instance = registers.read(0, me)
    return instance if isinstance(instance, int) else -1


def _judge(
    plan: Stress,
    batch: list[Inputs],
    registers: SharedRegisters,
    check: Callable[[Inputs, tuple[object, ...], frozenset[int]], str | None],
    report: StressReport,
) -> None:
    """Check every instance of a finished batch, and count."""
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
                    taken = counted(steps, "step")
                    report.violations.append(f"process {me} took {taken}, inputs {inputs}")
            elif any(window.read(array, me) is not None for array in range(plan.arrays)):
                present.add(me)
                report.crashed += 1
        violation = check(inputs, tuple(outputs), frozenset(present)) if present else None
        if violation is not None:
            report.violations.append(f"inputs {inputs}, outputs {tuple(outputs)}: {violation}")
        spans.sort()
        report.overlapping += any(a[1] > b[0] for a, b in pairwise(spans))
        report.instances += 1
