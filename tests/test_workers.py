"""Work in several processes, which end as soon as the work is given up."""

import multiprocessing
import time
from itertools import islice

import pytest

from ttkem.workers import map_on_workers


def square_after(task):
    number, pause = task
    time.sleep(pause)
    return number * number


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks(jobs):
    tasks = [(number, 0) for number in range(7)]
    assert list(map_on_workers(square_after, tasks, jobs)) == [0, 1, 4, 9, 16, 25, 36]
    unordered = map_on_workers(square_after, tasks, jobs, in_order=False)
    assert sorted(unordered) == [0, 1, 4, 9, 16, 25, 36]


def test_a_result_does_not_wait_for_a_slower_task_before_it():
    """The first task outlasts the test: only ending its worker lets the test end."""
    before = {*multiprocessing.active_children()}
    results = map_on_workers(square_after, [(0, 3600), (1, 0), (2, 0)], 2, in_order=False)
    assert sorted(islice(results, 2)) == [1, 4]
    workers = {*multiprocessing.active_children()} - before
    assert workers
    results.close()
    assert not any(worker.is_alive() for worker in workers)


def test_an_exception_of_a_task_ends_the_others():
    results = map_on_workers(square_after, [("word", 0), (0, 3600)], 2)
    with pytest.raises(TypeError, match="can't multiply sequence"):
        next(results)
    assert not [worker for worker in multiprocessing.active_children() if worker.is_alive()]
