"""Anybody's claims are loaded by the name of their module."""

import sys
from itertools import count

import pytest

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification.catalogue import checked_names, load
from ttkem.verification.claim import Claim, Finding, Refutes, refuted

NUMBERS = count()
HEAD = "from tests_catalogue_parts import claim\n"


def claim(name):
    return Claim(
        name,
        "it is so",
        "here",
        "all",
        lambda tick: Finding(Verdict.HOLDS, (("states", 1),)),
        "it is not",
        lambda tick: refuted("seen"),
        Refutes.STATEMENT,
    )


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Return a function from source text to the name of a module in the current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    parts = type(sys)("tests_catalogue_parts")
    parts.claim = claim
    monkeypatch.setitem(sys.modules, "tests_catalogue_parts", parts)

    def made(text):
        name = f"claims_of_a_test_{next(NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(HEAD + text)
        return name

    return made


def test_claims_of_the_current_directory(module):
    name = module("CLAIMS = [claim('one'), claim('two')]")
    assert [each.name for each in load(name)] == ["one", "two"]
    assert [each.name for each in load(name)] == ["one", "two"]
    assert sys.path.count(sys.path[-1]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it has no tuple or list CLAIMS"),
        ("CLAIMS = 3", "it has no tuple or list CLAIMS"),
        ("CLAIMS = {'one': claim('one')}", "it has no tuple or list CLAIMS"),
        ("CLAIMS = ()", "its CLAIMS is empty"),
        ("CLAIMS = (claim('one'), 'two')", "'two' in CLAIMS is not a Claim"),
        ("CLAIMS = (claim('one'), claim('two'), claim('one'))", "two claims are called 'one'"),
        ("raise SystemExit", "importing it raised SystemExit: "),
        ("import sys; sys.exit(0)", "importing it raised SystemExit: 0"),
        ("raise RecursionError('deep')", "importing it raised RecursionError: deep"),
        ("from os import no_such_name", "importing it raised ImportError: cannot import name"),
        ("CLAIMS = (each for each in [claim('one')])", "it has no tuple or list CLAIMS"),
        ("CLAIMS = claim('one')", "it has no tuple or list CLAIMS"),
        ("CLAIMS = (claim,)", "in CLAIMS is not a Claim"),
        ("CLAIMS = (claim('one'), claim('one').check(str))", "in CLAIMS is not a Claim"),
        ("CLAIMS = [claim('one')] * 2", "two claims are called 'one'"),
        ("1 // 0", "importing it raised ZeroDivisionError: integer"),
        ("CLAIMS = (", "importing it raised SyntaxError: "),
        ("import no_such_module", "there is no module 'no_such_module' in "),
    ],
)
def test_what_is_no_catalogue_is_refused(module, text, words):
    with pytest.raises(LocalError) as error:
        load(module(text))
    assert words in str(error.value)


@pytest.mark.parametrize("name", ["no_such_package.claims", "", "..claims", "a/b.py"])
def test_there_is_a_module_of_this_name(module, name):
    with pytest.raises(LocalError, match="cannot load claims from"):
        load(name)


def test_names_tell_claims_apart():
    one, two = claim("one"), claim("two")
    assert checked_names([one, two]) == (one, two)
    with pytest.raises(LocalError, match="two claims are called 'two': rename one"):
        checked_names([two, one, two])
