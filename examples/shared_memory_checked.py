"""Model-check a program of your own on shared registers: all inputs, schedules and crashes.

Run it with ``python examples/shared_memory_checked.py``.
"""

from collections.abc import Generator
from typing import Any

from agreement.explore import check, swimlanes
from agreement.graph import path
from agreement.memory import Read, Write, format_schedule
from agreement.task import Task


def halfway(me: int, count: int, value: int) -> Generator[Any, Any, int]:
    """Write, read the others' registers, and go to the middle of what was seen."""
    yield Write(0, value)
    seen = [value]
    for other in range(count):
        if other != me:
            theirs = yield Read(0, other)
            seen += [] if theirs is None else [theirs]
    return (min(seen) + max(seen)) // 2


def main() -> None:
    """Check the program on a path where one round is enough, and where it is not."""
    for length in (3, 5):
        report = check(halfway, Task(path(length)), 3)
        print(f"path with {length} vertices: {report.verdict.value}, {report.states:,} states")
        if (example := report.counterexample) is not None:
            print(f"  {example.what}")
            print(f"  inputs {example.inputs}, schedule {format_schedule(example.schedule)}\n")
            print(swimlanes(example.run))


if __name__ == "__main__":
    main()
