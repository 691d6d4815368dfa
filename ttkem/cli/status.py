"""How a command ends, as every one of them tells the shell."""

__all__ = ["BAD_USAGE", "HOLDS", "REFUTED", "UNKNOWN"]

HOLDS = 0
"""Done; or it holds, passes, is solvable, the protocol wins."""
REFUTED = 1
"""It does not: something was found, differs or is refused."""
BAD_USAGE = 2
"""Nothing was done: bad options or bad input; or what was printed could not be written."""
UNKNOWN = 3
"""A bound was reached, or Ctrl-C cut it short."""
