"""Approximate agreement on a graph: what a correct outcome is (specification A1)."""

from agreement.task.task import VALIDITIES, Task

__all__ = ["VALIDITIES", "Task"]
