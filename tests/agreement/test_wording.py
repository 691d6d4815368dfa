"""The phrases that messages share, and that each hint names a package and an extra that exist."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from agreement.wording import counted, install_hint

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, "round"), "0 rounds"),
        ((1, "round"), "1 round"),
        ((2, "round"), "2 rounds"),
        ((1, "vertex", "vertices"), "1 vertex"),
        ((12_345, "vertex", "vertices"), "12,345 vertices"),
    ],
)
def test_a_number_has_its_noun(arguments, words):
    assert counted(*arguments) == words


def test_a_hint_names_the_extra_of_a_checkout_if_there_is_one():
    assert install_hint("networkx") == "run pip install networkx"
    assert install_hint("a b", "e") == (
        "run pip install a b (or, in a checkout of ttkem, pip install '.[e]')"
    )


def hints():
    """Yield the literal arguments of all hints in the libraries, with their files."""
    for file in [*ROOT.glob("agreement/**/*.py"), *ROOT.glob("ttkem/**/*.py")]:
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "install_hint" in text else ():
            call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "install_hint"
            if call and all(isinstance(argument, ast.Constant) for argument in node.args):
                yield file, tuple(argument.value for argument in node.args)


def test_extras_of_hints_have_the_packages():
    """Nothing says that ttkem itself can be installed by its name: it is on no index."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {
        extra: {re.match(r"[\w-]+", requirement)[0] for requirement in requirements}
        for extra, requirements in project["optional-dependencies"].items()
    }
    found = list(hints())
    assert len(found) >= 6
    for file, (packages, *extra) in found:
        names = {re.match(r"'?([\w-]+)", word)[1] for word in packages.split()}
        assert names <= extras[extra[0] if extra else "dev"], file
    for file in [*ROOT.glob("agreement/**/*.py"), *ROOT.glob("ttkem/**/*.py")]:
        assert "install 'ttkem[" not in file.read_text(encoding="utf-8"), file
