"""The example of docs/proving.md is a module of claims that ``ttkem verify`` checks anywhere."""

import doctest
import json
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "proving.md"


def test_the_page_makes_a_module_of_claims(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("mypackage", "mypackage.claims"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    text = PAGE.read_text(encoding="utf-8")
    package = tmp_path / "mypackage"
    package.mkdir()
    (package / "__init__.py").touch()
    lines = [example.source for example in doctest.DocTestParser().get_examples(text)]
    (package / "claims.py").write_text("".join(lines))
    (command,) = (line[2:] for line in text.splitlines() if line.startswith("$ ttkem "))
    status, out, err = run(*command.split()[1:], "--format", "json")
    assert status == 0, err
    (claim,) = json.loads(out[out.index("[") :])
    found = claim["name"], claim["kind"], claim["verdict"], claim["twin_verdict"], claim["passes"]
    assert found == ("lock", "inductive", "holds", "refuted", True)
    assert claim["figures"] == {"questions": 4, "premises used": 4, "witness traces": 1}
    assert "after 4 questions with 4 premises used and 1 witness trace" in text
    assert "before: holds(p1)\nacquire: who = p0\nafter: holds(p0)" in claim["counterexample"]
