"""Continuous group key agreement: an executable specification, and what is needed to break it.

Start with :mod:`ttkem.cgka` (the interface every protocol implements) and :mod:`ttkem.tainted`
(Tainted TreeKEM); ``ttkem --help`` is the command line.
"""

__version__ = "0.2.0"
