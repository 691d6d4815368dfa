"""The long description of the distribution has no link that breaks outside the repository."""

import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hatch_build(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    yield importlib.import_module("hatch_build")
    sys.modules.pop("hatch_build")


def test_the_long_description_has_no_relative_link(hatch_build):
    metadata = {}
    hatch_build.ReadmeHook(str(ROOT), {}).update(metadata)
    text = metadata["readme"]["text"]
    inline = re.findall(r"\]\(([^)]*)\)", text)
    targets = inline + re.findall(r"^\[[^\]]+\]: (.*)$", text, re.MULTILINE)
    assert targets
    assert [target for target in targets if not target.startswith("https://")] == []
    for name in re.findall(r"\]\((?!https?:|#)([^)]+)\)", (ROOT / "README.md").read_text("utf-8")):
        assert (ROOT / name).exists(), name
        assert name in text or name.endswith(".svg")


def test_links_become_names_of_files(hatch_build):
    portable = hatch_build.portable
    assert portable("see [the map](docs/a.md), [A.md](A.md) and [examples/](examples).") == (
        "see the map (`docs/a.md`), `A.md` and `examples`."
    )
    assert portable("![a picture](docs/x.svg)\n\n[x](https://a.b/c) [y](#here)") == (
        "[x](https://a.b/c) [y](#here)"
    )
