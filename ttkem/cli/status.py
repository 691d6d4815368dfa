"""The exit statuses of ``ttkem``, the same for every command.

==== ==========================================================================================
0    done; the property holds, the task is solvable, the protocol wins
1    refuted: a counterexample, a difference or a refused document was found
2    nothing was done: bad options or bad input; or the output could not be written
3    unknown: a bound was reached, or Ctrl-C or ``kill -TERM`` cut the work short
70   internal error, which is a bug of ttkem or an exception raised by code it was given
141  the reader of the output closed the pipe (128 + SIGPIPE)
==== ==========================================================================================

An interrupted command keeps and prints what was done. No exception ends with status 1, which is
reserved for verdicts. ``TTKEM_DEBUG=1`` in the environment prints the traceback of an internal
error; the status stays 70.
"""

__all__ = ["BAD_USAGE", "BROKEN_PIPE", "HOLDS", "INTERNAL_ERROR", "REFUTED", "UNKNOWN"]

HOLDS = 0
"""Done; or the property holds, the task is solvable, the protocol wins."""
REFUTED = 1
"""A counterexample, a difference or a refused document was found."""
BAD_USAGE = 2
"""Nothing was done because of bad options or input; or the output could not be written."""
UNKNOWN = 3
"""A bound was reached, or Ctrl-C or SIGTERM cut the work short."""
INTERNAL_ERROR = 70
"""An exception that should not have happened (EX_SOFTWARE of sysexits.h)."""
BROKEN_PIPE = 141
"""The reader of the output closed the pipe, as shells report SIGPIPE."""
