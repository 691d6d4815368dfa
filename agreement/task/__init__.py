"""Approximate agreement on a graph: what a correct outcome is (agreement.md section 1)."""

from agreement.task.task import VALIDITIES, Task

__all__ = ["VALIDITIES", "Task"]
