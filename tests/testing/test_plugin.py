"""`pytest --cgka`: run in a folder of its own, on protocols that hold and that do not."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ttkem.cli import app
from ttkem.errors import LocalError
from ttkem.testing.protocol_import import import_protocol
from ttkem.testing.suites import CHECKS

pytest_plugins = ["pytester"]

GOOD = "ttkem.tainted:tainted_treekem"
OPTIONS = ("-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:benchmark", "-q")
MINE = """
from dataclasses import replace
from ttkem.cgka import TreeCGKA, TreeMember
from ttkem.crypto import cipher_suite
from ttkem.tainted import refresh

class Member(TreeMember):
    def reject(self, operation):
        self._find(operation)

class MyProtocol(TreeCGKA):
    def __init__(self):
        super().__init__("mine", cipher_suite(1), refresh.plan, frozenset({"discard"}))

    def member(self, *args):
        return self._wrap(super().member(*args))

    def load(self, *args):
        return self._wrap(super().load(*args))

    def _wrap(self, member):
        return Member(self, member._state, member._pki, member._randomness)

class NeedsMore:
    def __init__(self, more):
        pass

class Nothing:
    pass
"""


def run(pytester, *options):
    return pytester.runpytest_inprocess(*OPTIONS, "--cgka-examples=4", "--cgka-steps=12", *options)


def test_a_protocol_that_conforms(pytester):
    result = run(pytester, "--cgka", GOOD, "--cgka-report=r.json", "--cgka-report=r.html")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["TTKEM (ttkem.tainted:tainted_treekem), seed 1", "nothing found*"])
    report = json.loads((pytester.path / "r.json").read_text())
    assert report["counts"]["failed"] == report["counts"]["not tested"] == 0
    assert report["counts"]["passed"] == len(report["checks"]) > 50
    page = (pytester.path / "r.html").read_text()
    assert "TTKEM: conformance" in page
    assert "http" not in page
    assert "<script" not in page
    assert not (pytester.path / "cgka-replays").exists()


@pytest.fixture
def mine(pytester):
    pytester.makepyfile(mine=MINE)
    yield pytester
    sys.modules.pop("mine", None)


def test_a_protocol_that_does_not(mine):
    reports = ("--cgka-report=r.html", "--cgka-report=r.json")
    result = run(mine, "--cgka", "mine:MyProtocol", "-k", "rejected or erased", *reports)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*conformance report*",
            "mine (mine:MyProtocol), seed 1",
            "---- finding 1 of 1: pending operations ----",
            "  expected: pending are exactly a member's operations of its epoch that were *",
            "  seen:     ann has the wrong pending operations: op 1, expected none",
            "  the run (4 steps):",
            "    0  ann makes op 0: create with keys none",
            "  replay:   ttkem attack --replay *mine-functional-a-rejected-operation-is-gone.json",
            "  2 checks fail by this cause:",
            "    functional: a rejected operation is gone",
            "not tested  functional: erased key packages cannot be used (mine lacks discard)",
            "contract, declared: Tainted TreeKEM; * pairs of a leak and a key",
            "coverage: 13 situations visited, 46 never, in 7 of * checks",
            "  never visited: add; remove; *",
            "does not conform: * checks fail, by 1 cause",
        ]
    )
    text = result.stdout.str()
    assert text.count("ann has the wrong pending operations") == 1
    assert "= FAILURES =" not in text
    page = (mine.path / "r.html").read_text()
    assert 'class="check failed"' in page
    assert page.index("finding 1 of 1") < page.index("<h2>Contract") < page.index("<h2>functional")
    assert "mine lacks discard" in page
    report = json.loads((mine.path / "r.json").read_text())
    replays = [each["replay"] for each in report["checks"] if each["replay"]]
    assert len(replays) == report["counts"]["failed"] > 0
    again = CliRunner().invoke(app, ["attack", "--replay", replays[0]])
    assert again.exit_code == 1
    assert "pending operations: ann has the wrong pending operations" in again.output
    assert "the same, bit for bit" in again.output


def test_the_contract_is_an_option(pytester):
    options = ("--cgka", GOOD, "-k", "pair")
    assert run(pytester, *options).ret == 0
    result = run(pytester, *options, "--cgka-contract", "per epoch")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*seen: *which the contract 'per epoch' calls safe*"])
    result = run(pytester, *options, "--cgka-contract", "X")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--cgka-contract: unknown contract 'X': choose from Tainted *"])


def test_a_replay_of_a_protocol_that_was_mended(mine):
    run(mine, "--cgka", "mine:MyProtocol", "-k", "rejected")
    file = next((mine.path / "cgka-replays").glob("mine-functional*.json"))
    file.write_text(file.read_text().replace("mine:MyProtocol", GOOD))
    again = CliRunner().invoke(app, ["attack", "--replay", str(file)])
    assert again.exit_code == 0
    assert "0 findings" in again.output


def test_tests_of_ones_own_run_too_if_they_are_named(pytester):
    pytester.makepyfile(test_own="def test_it(record_property): record_property('a', 1)")
    result = run(pytester, "--cgka", GOOD, "-k", "everybody", "--verbose")
    assert result.parseoutcomes() == {"passed": 1, "deselected": pytest.approx(57, abs=20)}
    result = run(pytester, "--cgka", GOOD, "-k", "everybody or it", "test_own.py", "-v")
    result.stdout.fnmatch_lines(["test_own.py .*", "*functional*"])


def test_nothing_ran_no_report(pytester):
    result = run(pytester, "--cgka", GOOD, "-k", "nothing of the kind")
    assert "conformance report" not in result.stdout.str()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("mine", "cannot import protocol 'mine': write it as module:name"),
        ("no_such_module:X", "cannot import protocol 'no_such_module:X': No module named"),
        ("mine:Missing", "cannot import protocol 'mine:Missing': module 'mine' has no attribute"),
        ("mine:NeedsMore", "cannot call 'mine:NeedsMore' without arguments"),
        ("mine:Nothing", "'mine:Nothing' is not a ttkem.cgka.CGKA: it lacks name and member"),
    ],
)
def test_what_is_no_protocol(mine, spec, words):
    with pytest.raises(LocalError, match=words):
        import_protocol(spec, mine.path)
    result = run(mine, "--cgka", spec)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--cgka: *{words.split(':')[0]}*"])


def test_an_instance_will_do(pytester, monkeypatch):
    pytester.makepyfile(made="from ttkem.blanking import treekem\nPROTOCOL = treekem()\n")
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert import_protocol("made:PROTOCOL", pytester.path).name == "TKEM"
    assert import_protocol(GOOD).name == "TTKEM"


def test_a_report_is_json_or_html(pytester):
    result = run(pytester, "--cgka", GOOD, "--cgka-report=r.txt")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*cannot write --cgka-report r.txt: its name must end in .json or .html"]
    )


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--cgka-steps=-1", "*cannot run with --cgka-steps -1: give 1 or more"),
        ("--cgka-examples=0", "*cannot run with --cgka-examples 0: give 1 or more"),
        ("--cgka-report=/proc/x.html", "*cannot write --cgka-report /proc/x.html: *"),
        ("--cgka-report=none/x.html", "*cannot write --cgka-report none/x.html: No such file*"),
        ("--cgka-report=folder.html", "*cannot write --cgka-report folder.html: Is a directory"),
    ],
)
def test_what_cannot_be_is_said_before_any_test(pytester, option, said):
    pytester.mkdir("folder.html")
    result = run(pytester, "--cgka", GOOD, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*collected*")


def test_the_header_says_how_many_checks_there_are(pytester):
    options = ("-p", "no:cacheprovider", "--cgka", GOOD, "--co")
    result = pytester.runpytest_inprocess(*options)
    result.stdout.fnmatch_lines([f"ttkem: {len(CHECKS)} checks of TTKEM, seed 1"])


def test_nothing_is_left_of_trying_to_write(pytester):
    (pytester.path / "there.json").write_text("{}")
    reports = ("--cgka-report=there.json", "--cgka-report=new.html")
    run(pytester, "--cgka", GOOD, "--co", *reports)
    assert (pytester.path / "there.json").read_text() == "{}"
    assert not (pytester.path / "new.html").exists()


def test_without_the_option_nothing_of_ttkem_is_imported(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it():\n"
        "    assert 'pytest_ttkem' in sys.modules\n"
        "    assert not any(m == 'ttkem' or m.startswith('ttkem.') for m in sys.modules)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - our own test
    assert done.returncode == 0, done.stdout
