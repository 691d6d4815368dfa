"""Configuration of the documentation."""

from pathlib import Path

from sphinx.application import Sphinx

from models import CLAIMS
from ttkem import __version__

project = "ttkem"
author = "the ttkem authors"
copyright = "2026, the ttkem authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
exclude_patterns = ["_build", "_claims.md"]
suppress_warnings = ["ref.python"]  # two packages may have a class of one name
html_theme = "furo"
html_title = f"ttkem {release}"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "show-inheritance": True}


def write_claims(app: Sphinx) -> None:
    """The table of claims, from the catalogue itself."""
    rows = ["| claim | statement | source | bound | refuted twin |", "|---|---|---|---|---|"]
    for claim in CLAIMS:
        cells = (f"`{claim.name}`", claim.statement, claim.source, claim.bound, claim.twin)
        rows.append(f"| {' | '.join(cells)} |")
    Path(app.srcdir, "_claims.md").write_text("\n".join(rows) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Sphinx asks for it."""
    app.connect("builder-inited", write_claims)
