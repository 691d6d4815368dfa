"""The table of claims in docs/claims.md is that of the catalogues, and every row has passed."""

import ast
import importlib
import importlib.util
import inspect
import json
import re
import runpy
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

import models
import proofs
from ttkem.errors import LocalError
from ttkem.verification.claim import Kind, Refutes
from ttkem.verification.table import seconds_of, table

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def tables():
    spec = importlib.util.spec_from_file_location("claims_table", ROOT / "docs" / "claims_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_a_row_for_every_claim(tables):
    text = tables.PAGE.read_text(encoding="utf-8")
    assert tables.page(text, tables.both(seconds_of(tables.RECORD))) == text
    for claim in models.CLAIMS + proofs.CLAIMS:
        file = claim.file
        assert "\nCLAIM = " in (ROOT / file).read_text("utf-8")
        assert f"| {claim.name}: `{file}` | {claim.statement.replace('|', '&#124;')} |" in text


@pytest.mark.parametrize("catalogue", [models, proofs], ids=lambda catalogue: catalogue.__name__)
def test_no_claim_is_left_out(catalogue):
    folder = Path(catalogue.__file__).parent
    files = [path for path in folder.glob("*.py") if "\nCLAIM = " in path.read_text("utf-8")]
    claims = [importlib.import_module(f"{folder.name}.{path.stem}").CLAIM for path in files]
    assert {claim.name for claim in claims} == {claim.name for claim in catalogue.CLAIMS}
    assert len({claim.name for claim in models.CLAIMS + proofs.CLAIMS}) == len(
        models.CLAIMS + proofs.CLAIMS
    )


@pytest.mark.parametrize("claim", models.CLAIMS + proofs.CLAIMS, ids=lambda claim: claim.name)
def test_sources_are_named_in_full(claim):
    assert not re.search(r"\b[A-Z]+\d\d\b|recalled|(?<!/)\bagreement\.md", claim.source)


def calls(function, module):
    """Return the names that the source text of a check calls."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {getattr(name, "id", None) for name in names} & vars(module).keys()


@pytest.mark.parametrize("claim", models.CLAIMS + proofs.CLAIMS, ids=lambda claim: claim.name)
def test_the_kind_of_a_claim_is_what_its_check_does(claim):
    # `induct` is the only check that composes an induction by machine; lemmas that are one by one
    # composed by a text are no induction, and the text is what is trusted.
    called = calls(claim.check, sys.modules[claim.check.__module__])
    assert (claim.kind is Kind.INDUCTIVE) == ("induct" in called)
    if claim.kind is Kind.COMPOSED:
        assert "prove_all" in called
        assert re.search("in the file|of the file", claim.trusts)
    if claim.kind is Kind.BOUNDED:
        assert not called & {"prove_all", "prove"}
    if claim.kind is Kind.INDUCTIVE:
        assert "induction over steps" in claim.trusts


@pytest.mark.parametrize("claim", models.CLAIMS + proofs.CLAIMS, ids=lambda claim: claim.name)
def test_a_twin_refutes_what_the_claim_says_it_refutes(claim):
    # That the twin's check says the same is asked when it runs: `Result.passes`.
    called = calls(claim.refute, sys.modules[claim.refute.__module__])
    if "refuting_run" in called:  # a run from the start that violates the property
        assert claim.refutes is Refutes.STATEMENT
    if called & {"induct", "prove_all"}:  # a step or lemma fails, the property perhaps not
        assert claim.refutes in {Refutes.LEMMA, Refutes.OTHER}
    assert (claim.refutes is Refutes.CERTIFICATE) == (claim.kind is Kind.CERTIFICATE)


@pytest.mark.parametrize("claim", models.CLAIMS + proofs.CLAIMS, ids=lambda claim: claim.name)
def test_what_only_a_text_shows_is_not_said_to_be_checked(claim):
    unbounded = r"\bevery (n|k|c|graph|protocol|such)\b|any number of"
    if claim.kind is Kind.BOUNDED:
        assert not re.search(unbounded, claim.statement)
        assert not re.search(unbounded, claim.bound) or "argued in" in claim.bound


def test_a_claim_that_has_not_passed_has_no_row(tmp_path):
    told = [{"name": "path-2", "passes": True, "seconds": 0.2}]
    told += [{"name": "path-3", "passes": False, "seconds": 7.2}]
    record = tmp_path / "claims.json"
    record.write_text(json.dumps(told), encoding="utf-8")
    seconds = seconds_of(record)
    assert seconds == {"path-2": 0.2}
    two, three = (claim for claim in models.CLAIMS if claim.name in {"path-2", "path-3"})
    row = table((replace(two, twin="a|b"),), seconds).splitlines()[2]
    assert row.startswith("| path-2: `models/path_two.py` | 2 processes agree by thirds on ")
    assert row.endswith(
        "| < 1 s | agreement.explore, the bounded checker | a&#124;b | the claim's statement |"
    )
    assert "| 17 s |" in table((two,), {"path-2": 17.3})
    with pytest.raises(LocalError, match="no passing check of 'path-3' on record"):
        table((two, three), seconds)


def test_the_catalogue_is_a_program(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["proofs", "halving", "--jobs", "1"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("proofs", run_name="__main__")
    assert stop.value.code == 0
    assert "1 of 1 claim passed" in capsys.readouterr().out
    runpy.run_module("proofs.__main__", run_name="imported")
    assert capsys.readouterr().out == ""
