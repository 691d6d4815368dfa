"""The one command line, ``ttkem``: the only place that prints.

Exit status: 0 done or holds, 1 refuted, 2 bad usage or input, 3 unknown or interrupted;
141 nobody reads what is printed any more.
"""

from ttkem.cli.app import app, main

__all__ = ["app", "main"]
