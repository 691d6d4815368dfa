"""The command line ``ttkem``, the only part of the package that prints.

Each command is a package: its module ``command`` declares the options, the others do the work.
The exit statuses are listed in :mod:`ttkem.cli.status`. With ``--format json`` standard output
holds one JSON document and nothing else; what people read goes to standard error. A command that
fails prints ``{"error": MESSAGE, "status": STATUS}`` there as its last line.
"""

from ttkem.cli.app import app, main

__all__ = ["app", "main"]
