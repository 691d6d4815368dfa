"""Configuration of the documentation."""

import json
import sys
from pathlib import Path

from sphinx.application import Sphinx

from agreement.solve import load_atlas
from agreement.solve.atlas_html import atlas_page
from ttkem import __version__
from ttkem.mls.illegal import RULES
from ttkem.mls.illegal.vectors import negative_vectors

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "helpers"))
from claims_table import both, seconds_of
from mutants import MATRIX

project = "ttkem"
author = "the ttkem authors"
copyright = "2026, the ttkem authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
exclude_patterns = ["_build", "_claims.md", "_mutants.md"]
html_theme = "furo"
html_title = f"ttkem {release}"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "show-inheritance": True}
suppress_warnings = ["ref.python"]  # parallel rooms have classes of one name


def write_atlas(app: Sphinx, error: Exception | None) -> None:
    """The atlas's table is a page of its own, made from the data that ships."""
    if error is None and app.builder.format == "html":
        Path(app.outdir, "atlas-table.html").write_text(atlas_page(load_atlas()), encoding="utf-8")


def write_negative_vectors(app: Sphinx, error: Exception | None) -> None:
    """The negative MLS vectors, to be taken from the built documentation."""
    if error is None and app.builder.format == "html":
        cases = json.dumps(negative_vectors(RULES, seed=1), indent=1)
        Path(app.outdir, "mls-illegal.json").write_text(cases + "\n", encoding="utf-8")


def write_claims(app: Sphinx) -> None:
    """The tables of claims, from the catalogues themselves."""
    Path(app.srcdir, "_claims.md").write_text(both(seconds_of(), links=False), encoding="utf-8")


def write_mutants(app: Sphinx) -> None:
    """The table of seeded bugs, from the literal matrix."""
    rows = ["| bug | rule it breaks | found by | with the words |", "|---|---|---|---|"]
    for mutant in MATRIX:
        cells = (mutant.name, mutant.rule, mutant.layer, f"`{mutant.message}`")
        rows.append(f"| {' | '.join(cells)} |")
    Path(app.srcdir, "_mutants.md").write_text("\n".join(rows) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Sphinx asks for it."""
    app.connect("builder-inited", write_claims)
    app.connect("build-finished", write_atlas)
    app.connect("build-finished", write_negative_vectors)
    app.connect("builder-inited", write_mutants)
