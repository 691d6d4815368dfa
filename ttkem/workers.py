"""Worker processes that share the work of a campaign or a simulation, and end at once with it."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["map_on_workers"]

T = TypeVar("T")
R = TypeVar("R")


def map_on_workers(
    function: Callable[[T], R], tasks: Iterable[T], jobs: int, *, in_order: bool = True
) -> Iterator[R]:
    """Yield the results of a function on all tasks, from ``jobs`` processes; one job is this one.

    ``in_order`` yields them in the order of the tasks, otherwise as soon as they are done. If this
    process is interrupted, or the iterator is closed, the workers end in the middle of their tasks.
    """
    if jobs == 1:
        yield from map(function, tasks)
        return
    # Ctrl-C reaches every process of a terminal; only this one is to act on it.
    ignore = (signal.SIGINT, signal.SIG_IGN)
    context = multiprocessing.get_context("spawn")  # on every platform, and safe beside threads
    others = {*multiprocessing.active_children()}
    with ProcessPoolExecutor(jobs, context, signal.signal, ignore) as pool:
        futures = [pool.submit(function, task) for task in tasks]
        try:
            for future in futures if in_order else as_completed(futures):
                yield future.result()
        except BaseException:
            workers = {*multiprocessing.active_children()} - others
            for worker in workers:
                worker.terminate()
            for worker in workers:
                # The pool's own thread waits for it too. If that hears of its end first, `join`
                # returns at once, though the worker still counts as alive for a moment.
                while worker.is_alive():
                    worker.join(0.05)
            pool.shutdown(wait=False, cancel_futures=True)
            raise
