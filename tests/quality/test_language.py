"""The language of the house: words that readers would have to guess, and how docstrings begin."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = ("ttkem", "agreement", "models", "proofs", "pytest_ttkem", "examples", "benchmarks")
SOURCES = sorted(path for room in LIBRARIES for path in (ROOT / room).rglob("*.py"))
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if path.name not in {"CHANGELOG.md", "glossary.md", "_mutants.md"}
    and "_build" not in path.parts
)

WORDS = {
    r"(symbolic|fast|plain|real|compiled|optimi[sz]ed|honest) twins?": "symbolic model, or "
    "optimised implementation: a twin is the broken variant of a claim",
    r"burn(s|ed|t|ing)?": "compromised",
    r"tours?": "witness trace",
    r"inner nodes?": "internal node (parent node in MLS)",
    r"footprints?": "dependency or independence relation",
    r"kept by every step": "inductive invariant",
    r"(its |their )?own steps": "steps of one process: step complexity, own-step bound",
    r"plain complex(es)?": "protocol complex, of named or anonymous views",
    r"to premise|premised": "assume; a premise is a noun",
    r"lets? in|heard? again|hears? again": "accept",
    r"found to be in order": "proposal-list validation",
    r"servers?": "delivery service",
    r"(are|is|be|not|never|pairwise) close(?! enough)|close ones|close to most": "adjacent or "
    "equal",
    r"(communication|all rounds of a|of other|the) forms? (of rounds|of `|are such runs)"
    r"|all rounds of a form|protocols of other form": "communication model",
    r"no way round|a way (from|to) a vertex": "path",
}
"""What is not written, as a pattern for whole words without regard to case: what is, instead."""

CLAIMS = (
    "CONTRIBUTING.md",
    "models",
    "proofs",
    "ttkem/verification",
    "ttkem/cli/verify",
    "examples/invariant_proved.py",
    "docs/agreement-proofs.md",
    "docs/claims.md",
    "docs/proving.md",
    "docs/tainted-proofs.md",
)
"""Where a negative twin may be called a twin, since it stands beside its claim."""

NO_VERB = re.compile(
    "(A|An|All|At|Both|By|Each|Every|For|From|How|In|Neither|No|Nobody|Of|One|Only|So|The|There|To"
    r"|Two|What|When|Where|Whether|Which|Who|Whom|Why|With)\b"
)
"""First words of a docstring that cannot be the imperative with which a function's begins."""


def words_of(path):
    """The text in lower case; of a page that tells which words to avoid, without that table."""
    return _words_of(path, path.stat().st_mtime_ns)


@cache
def _words_of(path, _changed):
    text = path.read_text(encoding="utf-8").lower()
    return re.sub(r"^\| write \| not \|\n(\|.*\n)+", "", text, flags=re.MULTILINE)


def found(pattern, paths, unless=("its ", "their ")):
    """Where a pattern occurs: file, line and words; lines that wrap are read as one."""
    whole = re.compile(rf"\b(?:{pattern})\b".replace(" ", r"\s+(?:#\s+)?"))
    places = []
    for path in paths:
        text = words_of(path)
        for match in whole.finditer(text):
            words = " ".join(match[0].split())
            if not words.startswith(unless):
                line = text.count("\n", 0, match.start()) + 1
                places.append(f"{path.relative_to(ROOT)}:{line}: {words}")
    return places


def documented(path):
    """Yield each docstring of a file: whether it is a function's, its line and its text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if not isinstance(node, kinds):
            continue
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        marks = getattr(node, "decorator_list", ())
        value = any("property" in ast.unparse(mark) for mark in marks)
        for number, item in enumerate(node.body):
            if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant):
                text = item.value.value
                if isinstance(text, str):
                    yield named and not value and not number, item.lineno, text.strip()


@pytest.mark.parametrize("pattern", WORDS)
def test_words_that_the_field_does_not_use(pattern):
    places = found(pattern, (*SOURCES, *PAGES))
    assert places == [], f"write instead: {WORDS[pattern]}"


def test_a_twin_is_the_negative_twin_of_a_claim():
    elsewhere = [
        path
        for path in (*SOURCES, *PAGES)
        if not path.relative_to(ROOT).as_posix().startswith(CLAIMS)
    ]
    assert found("(negative )?twins?", elsewhere, unless=("negative ",)) == []


def test_docstrings_say_what_something_is_not_what_it_is_about():
    counts = Counter(
        text.split()[0] == "What" for path in SOURCES for _, _, text in documented(path) if text
    )
    assert counts.total() > 3000
    assert counts[True] * 50 <= counts[False]


def test_docstrings_of_functions_begin_with_a_verb():
    places = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for path in SOURCES
        for function, line, text in documented(path)
        if function and NO_VERB.match(text)
    ]
    assert places == []


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("the symbolic\n    twin says so", next(iter(WORDS))),
        ("# the key is\n# burned", r"burn(s|ed|t|ing)?"),
        ("a bound on own steps", r"(its |their )?own steps"),
    ],
)
def test_the_search_finds_words(text, pattern, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(text)
    assert len(found(pattern, [page])) == 1
    page.write_text(f"| write | not |\n|---|---|\n| x | {text.split()[-1]} |\n\nits own steps")
    assert found(pattern, [page]) == []


def test_the_search_finds_docstrings(tmp_path):
    source = tmp_path / "module.py"
    source.write_text(
        '"""What."""\nclass A:\n    """A class."""\n    x: int\n    """What x is."""\n'
        '    @property\n    def p(self):\n        """The value."""\n'
        '    def f(self):\n        """The value."""\n'
    )
    assert list(documented(source)) == [
        (False, 1, "What."),
        (False, 3, "A class."),
        (False, 5, "What x is."),
        (False, 8, "The value."),
        (True, 10, "The value."),
    ]
