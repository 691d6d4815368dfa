"""The pytest plugin's front door: options, and nothing else unless ``--cgka`` is given.

It is a package of its own so that a project in whose environment ttkem is installed, and that does
not use it, imports nothing of ttkem when its tests run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``pytest --cgka``."""
    group = parser.getgroup("ttkem", "conformance of group key agreement protocols (ttkem)")
    group.addoption(
        "--cgka",
        metavar="MODULE:NAME",
        help="put this protocol through the conformance suites: a ttkem.cgka.CGKA, or what makes "
        "one when called without arguments; tests of your own run too if you name their files",
    )
    group.addoption(
        "--cgka-report",
        metavar="FILE",
        action="append",
        default=[],
        help="write the conformance report to FILE (.json or .html); can be given several times",
    )
    group.addoption(
        "--cgka-seed", metavar="N", type=int, default=1, help="seed of all random choices and keys"
    )
    group.addoption(
        "--cgka-examples",
        metavar="N",
        type=int,
        default=20,
        help="random examples for each check that draws any",
    )
    group.addoption(
        "--cgka-steps", metavar="N", type=int, default=25, help="steps of a random run at most"
    )
    group.addoption(
        "--cgka-replays",
        metavar="FOLDER",
        default="cgka-replays",
        help="where a failing run is written, for `ttkem attack --replay`",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Bring in the suites, if they are wanted."""
    if config.getoption("--cgka"):
        from ttkem.testing.plugin import Conformance  # noqa: PLC0415 - only now is it needed

        config.pluginmanager.register(Conformance(config), "ttkem-conformance")
