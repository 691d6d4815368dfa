"""Configuration of the documentation."""

import json
import sys
from pathlib import Path

from sphinx.application import Sphinx

from agreement.solve import load_atlas
from agreement.solve.atlas_html import atlas_page
from ttkem import __version__
from ttkem.testing.mls.illegal import RULES
from ttkem.testing.mls.illegal.vectors import negative_vectors

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "helpers"))
from mutants import MATRIX

project = "ttkem"
author = "the ttkem authors"
copyright = "2026, the ttkem authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "mathml", "public_names"]
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath"]
exclude_patterns = ["_build", "_mutants.md"]
html_theme = "furo"
html_title = f"ttkem {release}"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": True}
suppress_warnings = ["ref.python"]  # parallel rooms have classes of one name


def write_atlas(app: Sphinx, error: Exception | None) -> None:
    """Write the atlas's table, a page of its own, from the data that ships."""
    if error is None and app.builder.format == "html":
        Path(app.outdir, "atlas-table.html").write_text(atlas_page(load_atlas()), encoding="utf-8")


def write_negative_vectors(app: Sphinx, error: Exception | None) -> None:
    """Write the negative MLS vectors, to be taken from the built documentation."""
    if error is None and app.builder.format == "html":
        cases = json.dumps(negative_vectors(RULES, seed=1), indent=1)
        Path(app.outdir, "mls-illegal.json").write_text(cases + "\n", encoding="utf-8")


def write_mutants(app: Sphinx) -> None:
    """Write the table of seeded bugs, from the literal matrix."""
    rows = ["| bug | rule it breaks | found by | with the words |", "|---|---|---|---|"]
    for mutant in MATRIX:
        cells = (mutant.name, mutant.rule, mutant.layer, f"`{mutant.message}`")
        rows.append(f"| {' | '.join(cells)} |")
    Path(app.srcdir, "_mutants.md").write_text("\n".join(rows) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect the writers to Sphinx's events."""
    app.connect("build-finished", write_atlas)
    app.connect("build-finished", write_negative_vectors)
    app.connect("builder-inited", write_mutants)
