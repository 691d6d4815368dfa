"""The checker beside SPIN, on midpoints of collects: N = 3, R = 5, one core, one run.

States a second of a full search, without reduction, by the plain engine, the compiled one and
SPIN's verifier (compiled with -DSAFETY); then the time to the verdict with ample sets. Each engine
starts from nothing but the program: learning its moves is included. Left out, and printed, is
what compiles: SPIN's model and numba's kernels.
"""

import shutil
import time
import tracemalloc

import pytest

from agreement.explore import Machine, Options, Verdict, check_inputs, promela, run_spin
from agreement.explore.ample import reduced_explore
from agreement.explore.compiled import CompiledTables, compiled_explore
from agreement.explore.engine import explore
from agreement.explore.packing import Packing
from agreement.explore.tables import Tables
from agreement.graph import path
from agreement.protocols import path_protocol
from agreement.task import Task

COUNT, ROUNDS, STATES, REDUCED = 3, 5, 1_018_390, 383_538
APART = 2**ROUNDS
INPUTS = (0, APART, 2 * APART)
GRAPH = path(2 * APART + 1)
PROTOCOL = path_protocol(Task(GRAPH), COUNT, "collect", ROUNDS)
EVERYBODY = frozenset(range(COUNT))
LIMIT = 1 << 40
REPEATS = 3


def judge():
    """Outputs within 2 of one another, which is what five rounds leave of 64."""

    def spread(outputs, participants):  # noqa: ARG001 - a Judge
        decided = [out for out in outputs if out is not None]
        apart = decided and max(decided) - min(decided)
        return f"{apart} apart" if apart and apart > 2 * APART >> ROUNDS else None

    return spread


def plain():
    return explore(Tables(Packing(Machine(PROTOCOL.program, INPUTS), 13, 7)), judge(), limit=LIMIT)


def compiled():
    machine = Machine(PROTOCOL.program, INPUTS)
    return compiled_explore(CompiledTables(machine), judge(), limit=LIMIT)


def reduced():
    tables = Tables(Packing(Machine(PROTOCOL.program, INPUTS), 13, 7))
    return reduced_explore(tables, judge(), participants=EVERYBODY, limit=LIMIT)


def verdict():
    """All of it: every set of participants, and the bound on own steps."""
    options = Options(engine="compiled", reduce=True)
    return check_inputs(PROTOCOL.program, INPUTS, judge(), options=options)


def best(function):
    """The shortest of some runs: what the machine does when it is let."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return min(times), result


@pytest.mark.skipif(
    shutil.which("spin") is None or shutil.which("gcc") is None,
    reason="needs SPIN and a C compiler (Debian: apt install spin gcc)",
)
def test_states_a_second_beside_spin():
    start = time.perf_counter()
    compiled()
    verdict()
    warm = time.perf_counter() - start
    machine = Machine(PROTOCOL.program, INPUTS)
    explore(Tables(Packing(machine, 13, 7)), judge(), limit=LIMIT)
    model = promela(machine, judge())
    spins = [run_spin(model) for _ in range(REPEATS)]
    spin = min(result.seconds for result in spins)
    assert {result.states for result in spins} == {STATES}
    times = {}
    for name, function, states in (
        ("plain", plain, STATES),
        ("compiled", compiled, STATES),
        ("plain, ample sets", reduced, REDUCED),
    ):
        times[name], result = best(function)
        assert result.finding is None
        assert result.states <= states
    times["verdict, compiled, ample sets"], report = best(verdict)
    assert report.verdict is Verdict.HOLDS
    print(f"\n{STATES:,} states; SPIN {spin:.2f} s, {STATES / spin / 1e6:.2f} M states/s")
    for name, seconds in times.items():
        print(f"{name}: {seconds:.2f} s, SPIN's time / this {spin / seconds:.2f}")
    print(f"left out: {spins[0].compiling:.1f} s to compile for SPIN, {warm:.1f} s for numba")
    assert spin / times["plain"] >= 0.4
    assert spin / times["compiled"] >= 1.0
    assert times["verdict, compiled, ample sets"] < spin


def test_bytes_a_state():
    tables = Tables(Packing(Machine(PROTOCOL.program, INPUTS), 13, 7))
    tracemalloc.start()
    result = explore(tables, judge(), limit=LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"\n{peak / result.states:.0f} bytes a state at the peak, {result.states:,} states")
    assert peak / result.states <= 120
