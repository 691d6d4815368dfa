"""The reference shows what users import, and its formulas need no script from elsewhere."""

import importlib
import re
import sys
from pathlib import Path

import pytest
from docutils.utils.math.latex2mathml import tex2mathml

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "api").glob("*.md"))
MODULES = [
    name
    for page in PAGES
    for name in re.findall(r"automodule:: (\S+)", page.read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def public_names():
    sys.path.insert(0, str(DOCS))
    try:
        yield importlib.import_module("public_names")
    finally:
        sys.path.remove(str(DOCS))
        sys.modules.pop("public_names", None)


def test_every_package_with_public_names_is_in_the_reference(public_names):
    assert len(MODULES) == len(set(MODULES)) > 40
    assert set(public_names.PACKAGES) <= set(MODULES)
    for name in MODULES:
        importlib.import_module(name)
    listed = [
        re.findall(r"^((?:ttkem|agreement)\S*)$", (DOCS / "api/index.md").read_text(), re.MULTILINE)
    ]
    assert sorted(listed[0]) == [page.stem for page in PAGES if page.stem != "index"]


@pytest.mark.parametrize(
    ("defined", "public"),
    [
        ("ttkem.cgka.interface.Member", "ttkem.cgka.Member"),
        ("ttkem.cgka.interface.Member.process", "ttkem.cgka.Member.process"),
        ("ttkem.simulation.runner.run_scales", "ttkem.simulation.run_scales"),
        ("ttkem.errors.LocalError", "ttkem.errors.LocalError"),
        ("Member", "Member"),
    ],
)
def test_a_name_is_shown_as_it_is_imported(public_names, defined, public):
    assert public_names.public_name(defined) == public


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_formulas_are_mathml(page):
    text = re.sub(
        r"```.*?```|`[^`]*`|^    .*$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    for formula in re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL):
        assert tex2mathml(formula, as_block=True).lstrip().startswith("<math")
    for formula in re.findall(
        r"(?<![\\$])\$([^$]+)\$", re.sub(r"\$\$.+?\$\$", "", text, flags=re.DOTALL)
    ):
        assert tex2mathml(formula).lstrip().startswith("<math")
