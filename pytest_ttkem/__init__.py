"""The entry point of the pytest plugin; it only adds options unless ``--cgka`` is given.

It is a separate package so that a project that has ttkem installed, but does not use it, imports
nothing of ttkem when its tests run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``pytest --cgka``."""
    group = parser.getgroup("ttkem", "conformance of group key agreement protocols (ttkem)")
    group.addoption(
        "--cgka",
        metavar="MODULE:NAME",
        help="run the conformance suites on this protocol: a ttkem.cgka.CGKA, or a function that "
        "returns one when called without arguments; other tests run only if their files are named",
    )
    group.addoption(
        "--cgka-report",
        metavar="FILE",
        action="append",
        default=[],
        help="write the conformance report to FILE (.json or .html); can be given several times",
    )
    group.addoption(
        "--cgka-seed",
        metavar="N",
        type=int,
        default=1,
        help="seed of all random choices and keys (default: 1)",
    )
    group.addoption(
        "--cgka-examples",
        metavar="N",
        type=int,
        default=20,
        help="number of random examples for each check that draws them (default: 20)",
    )
    group.addoption(
        "--cgka-steps",
        metavar="N",
        type=int,
        default=25,
        help="largest number of steps of a random run (default: 25)",
    )
    group.addoption(
        "--cgka-contract",
        metavar="NAME",
        default=None,
        help="judge the protocol by this contract, such as MLS or 'per epoch', instead of by its "
        "own attribute `contract`",
    )
    group.addoption(
        "--cgka-replays",
        metavar="FOLDER",
        default="cgka-replays",
        help="write failing runs to FOLDER, for `ttkem attack --replay` (default: cgka-replays)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the suites if ``--cgka`` is given."""
    if config.getoption("--cgka"):
        from ttkem.testing.plugin import Conformance  # noqa: PLC0415 - only now is it needed

        config.pluginmanager.register(Conformance(config), "ttkem-conformance")
