"""Phrases that messages of several modules share: counts with their nouns, and how to install."""

from __future__ import annotations

__all__ = ["counted", "install_hint"]


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, in the singular where the number is 1.

    >>> counted(1, "round"), counted(0, "round"), counted(1200, "vertex", "vertices")
    ('1 round', '0 rounds', '1,200 vertices')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def install_hint(packages: str, extra: str | None = None) -> str:
    """Return how to install packages that are missing.

    ``packages`` are the arguments of ``pip install``, ``extra`` is the extra of ttkem that needs
    them. ttkem itself is on no package index, so that an extra is named as a checkout has it.

    >>> print(install_hint("numba", "fast"))
    run pip install numba (or, in a checkout of ttkem, pip install '.[fast]')
    """
    checkout = f" (or, in a checkout of ttkem, pip install '.[{extra}]')" if extra else ""
    return f"run pip install {packages}{checkout}"
