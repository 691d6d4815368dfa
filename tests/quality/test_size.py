"""Modules stay small: libraries, catalogues, examples, benchmarks, and the tests themselves."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "ttkem",
    "agreement",
    "models",
    "proofs",
    "pytest_ttkem",
    "examples",
    "benchmarks",
    "tests",
)
MOST = 500


def lines_of(root):
    """Return the number of lines of each module below the rooms of a folder."""
    return {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for room in ROOMS
        for path in (root / room).rglob("*.py")
    }


def test_no_module_has_more_than_500_lines():
    lines = lines_of(ROOT)
    assert len(lines) > 500
    assert all(any(name.startswith(f"{room}/") for name in lines) for room in ROOMS)
    assert {name: count for name, count in lines.items() if count > MOST} == {}


def test_lines_are_counted_in_every_room(tmp_path):
    for number, room in enumerate(ROOMS):
        (tmp_path / room / "inner").mkdir(parents=True)
        (tmp_path / room / "inner" / "long.py").write_text("x = 1\n" * (MOST + number))
    assert lines_of(tmp_path) == {
        f"{room}/inner/long.py": MOST + number for number, room in enumerate(ROOMS)
    }
