"""Let the reference show and link names as users import them, not where they are defined.

A package lists its public names in ``__all__``, and most of them are defined in modules below it.
Sphinx finds the comments of variables, and the targets of links, only where things are defined.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from docutils import nodes
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["PACKAGES", "public_name", "setup"]

PACKAGES = (
    "agreement.explore",
    "agreement.extension",
    "agreement.graph",
    "agreement.memory",
    "agreement.protocols",
    "agreement.solve",
    "agreement.task",
    "agreement.topology",
    "ttkem.adversary",
    "ttkem.blanking",
    "ttkem.bounds",
    "ttkem.cgka",
    "ttkem.crypto",
    "ttkem.mls",
    "ttkem.simulation",
    "ttkem.tainted",
    "ttkem.testing",
    "ttkem.testing.mls.illegal",
    "ttkem.testing.mls.vectors",
    "ttkem.testing.peers",
    "ttkem.tree",
    "ttkem.wire",
)
"""The packages whose public names the reference lists."""


def _public() -> dict[str, str]:
    """Return the public name of each class and function, by the name where it is defined."""
    found = {}
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            value = getattr(module, name)
            if hasattr(value, "__qualname__"):
                found[f"{value.__module__}.{value.__qualname__}"] = f"{package}.{name}"
    return found


_PUBLIC = _public()


def public_name(target: str) -> str:
    """Return the name under which users import a class, a function, or an attribute of one."""
    defined, rest = target, ""
    while defined not in _PUBLIC and "." in defined:
        defined, _, last = defined.rpartition(".")
        rest = f".{last}{rest}"
    return _PUBLIC[defined] + rest if defined in _PUBLIC else target


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Resolve a link to the place where something is defined as one to its public name."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or (public := public_name(target)) == target:
        return None
    return env.get_domain("py").resolve_xref(
        env, node["refdoc"], app.builder, "obj", public, node, content
    )


def _modules_below(package: ModuleType) -> Iterable[ModuleType]:
    prefix = f"{package.__name__}."
    values = [getattr(package, name) for name in package.__all__]
    names = {getattr(value, "__module__", "") for value in values}
    here = {name for name in importlib.import_module("sys").modules if name.startswith(prefix)}
    return [importlib.import_module(name) for name in sorted(here | {n for n in names if n})]


def _comments(app: Sphinx) -> None:
    """Give each public variable of a package the comment that stands where it is defined."""
    del app
    for name in PACKAGES:
        package = importlib.import_module(name)
        analyzer = ModuleAnalyzer.for_module(name)
        analyzer.analyze()
        for module in _modules_below(package):
            try:
                comments = ModuleAnalyzer.for_module(module.__name__).find_attr_docs()
            except PycodeError:  # a module without source
                continue
            for each in package.__all__:
                comment = comments.get(("", each))
                if comment and getattr(module, each, None) is getattr(package, each):
                    analyzer.attr_docs.setdefault(("", each), comment)


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("builder-inited", _comments)
    app.connect("missing-reference", _resolve)
