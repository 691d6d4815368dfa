"""Approximate agreement on a graph: which outputs are correct (specification A1)."""

from agreement.task.task import VALIDITIES, Task

__all__ = ["VALIDITIES", "Task"]
