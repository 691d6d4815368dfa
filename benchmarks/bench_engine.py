"""The cost engines at the paper's 2^13: operations a second on one core, and model against real.

KPWK21's uniform setting at 2^13 is 81,920 operations.
"""

from time import process_time

import pytest

from ttkem.simulation import Scheme, Setting, make_workload, new_engine, run_workload

SCALE = 13
OPERATIONS = 81_920


@pytest.fixture(scope="module")
def workload():
    drawn = make_workload(Setting.UNIFORM, SCALE, seed=1)
    assert len(drawn.steps) == OPERATIONS
    return drawn


@pytest.mark.parametrize("scheme", list(Scheme))
def test_operations_a_second(benchmark, workload, scheme):
    def run():
        engine = new_engine(scheme, workload.initial, range(workload.initial))
        start = process_time()
        run_workload(engine, workload)
        return process_time() - start

    spent = benchmark.pedantic(run, rounds=3)
    print(f"\n{scheme}: {OPERATIONS / spent:,.0f} operations a second")
    assert OPERATIONS / spent > 40_000
