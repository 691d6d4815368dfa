"""Configuration of the documentation."""

from pathlib import Path

from agreement.solve import load_atlas
from agreement.solve.page import atlas_page
from ttkem import __version__

project = "ttkem"
author = "the ttkem authors"
copyright = "2026, the ttkem authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"ttkem {release}"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "show-inheritance": True}


def write_atlas(app, error):
    """The atlas's table is a page of its own, made from the data that ships."""
    if error is None and app.builder.format == "html":
        Path(app.outdir, "atlas-table.html").write_text(atlas_page(load_atlas()), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_atlas)
