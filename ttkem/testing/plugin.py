"""The pytest plugin: every check is a test item, and a conformance report is printed at the end.

``pytest_ttkem`` registers it when ``--cgka`` is given. It works under pytest-xdist: workers send
their results in the reports of their items.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ttkem.errors import LocalError, described
from ttkem.testing.checks import Check, Status, carry_out
from ttkem.testing.contracts import contract_of
from ttkem.testing.features import lacking
from ttkem.testing.html import page
from ttkem.testing.protocol_import import import_protocol
from ttkem.testing.report import Row, document, lines, row, told, write_replay
from ttkem.testing.suites import CHECKS

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Conformance", "Item"]

PROPERTY = "ttkem conformance"


class Conformance:
    """The suites on one protocol, in one pytest session."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.spec: str = config.getoption("--cgka")
        self.seed: int = config.getoption("--cgka-seed")
        self.rows: dict[str, Row] = {}
        for option in ("--cgka-examples", "--cgka-steps"):
            if (number := config.getoption(option)) < 1:
                raise pytest.UsageError(f"cannot run with {option} {number}: give 1 or more")
        for file in config.getoption("--cgka-report"):
            if Path(file).suffix not in (".json", ".html"):
                raise pytest.UsageError(
                    f"cannot write --cgka-report {file}: its name must end in .json or .html"
                )
            try:
                _writable(Path(config.invocation_params.dir, file))
            except OSError as error:
                told = f"cannot write --cgka-report {file}: {error.strerror}"
                raise pytest.UsageError(told) from None
        try:
            self.protocol = import_protocol(self.spec, config.invocation_params.dir)
            self.contract = contract_of(self.protocol)
            self.lacks = lacking(self.protocol)
        except LocalError as error:
            raise pytest.UsageError(f"--cgka: {error}") from None
        except Exception as error:
            told = f"--cgka: cannot read the features of {self.spec!r}: {described(error)}"
            raise pytest.UsageError(told) from error
        try:
            self.contract = contract_of(self.protocol, config.getoption("--cgka-contract"))
        except LocalError as error:
            raise pytest.UsageError(f"--cgka-contract: {error}") from None
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args = []

    def pytest_report_header(self) -> str:
        """Return a header line, since pytest does not count the checks as collected."""
        return f"ttkem: {len(CHECKS)} checks of {self.protocol.name}, seed {self.seed}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Insert the checks before all other tests."""
        items[:0] = [
            Item.from_parent(session, name=f"{check.suite}: {check.name}", check=check, owner=self)
            for check in CHECKS
        ]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the result of a check from any process."""
        for name, value in report.user_properties:
            if name == PROPERTY and isinstance(value, str):
                found = Row(**json.loads(value))
                self.rows[f"{found.suite}: {found.name}"] = found

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> Generator[None, None, None]:
        """Print the report, and keep failed checks out of what pytest prints of failures.

        The report has each finding once; pytest would repeat it for every check.
        """
        self._report(terminalreporter)
        failed = terminalreporter.stats.get("failed", [])
        terminalreporter.stats["failed"] = [each for each in failed if not _is_own(each)]
        try:
            yield
        finally:
            terminalreporter.stats["failed"] = failed

    def _report(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report, and write it to the files of ``--cgka-report``."""
        order = [self.rows[key] for c in CHECKS if (key := f"{c.suite}: {c.name}") in self.rows]
        files = self.config.getoption("--cgka-report")
        if not order:
            for file in files:
                terminalreporter.write_line(f"{file} was not written: no check was run")
            return
        whole = document(
            self.protocol.name, self.spec, self.seed, order, self.contract, self.lacks, len(CHECKS)
        )
        terminalreporter.section("conformance report", sep="=")
        for line in lines(whole):
            terminalreporter.write_line(line)
        for file in files:
            path = Path(self.config.invocation_params.dir, file)
            text = page(whole) if path.suffix == ".html" else json.dumps(whole, indent=2) + "\n"
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            terminalreporter.write_line(f"written to {file}")


class BrokenRuleError(Exception):
    """A check has failed; the message is the whole finding."""


class Item(pytest.Item):
    """One check."""

    def __init__(self, *, check: Check, owner: Conformance, **rest: Any) -> None:  # noqa: ANN401 - pytest's
        super().__init__(**rest)
        self.check = check
        self.owner = owner

    def runtest(self) -> None:
        """Carry out the check, and fail or skip the item accordingly."""
        config = self.config
        result = carry_out(
            self.check,
            self.owner.protocol,
            str(self.owner.seed),
            config.getoption("--cgka-examples"),
            config.getoption("--cgka-steps"),
            contract=self.owner.contract,
        )
        folder = Path(config.invocation_params.dir, config.getoption("--cgka-replays"))
        replay = write_replay(folder, self.owner.spec, result)
        found = row(result, replay)
        self.user_properties.append((PROPERTY, json.dumps(found.as_dict())))
        if result.status is Status.NOT_TESTED:
            pytest.skip(f"not tested: {result.why}")
        if result.status is Status.FAILED:
            raise BrokenRuleError(told(found.as_dict(), [f"{found.suite}: {found.name}"]))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - pytest's
    ) -> Any:  # noqa: ANN401 - pytest's
        """Return the finding of a failed check, without a traceback of ours."""
        if isinstance(excinfo.value, BrokenRuleError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return the location and name that pytest prints."""
        return Path(self.owner.spec), None, self.name


def _is_own(report: Any) -> bool:  # noqa: ANN401 - any report
    """Return whether a report is that of a check that was carried out."""
    return any(name == PROPERTY for name, _ in getattr(report, "user_properties", ()))


def _writable(file: Path) -> None:
    """Raise an OSError unless a file can be written here; leave nothing behind."""
    if file.exists():
        file.open("r+b").close()
    else:
        tempfile.TemporaryFile(dir=file.parent).close()
