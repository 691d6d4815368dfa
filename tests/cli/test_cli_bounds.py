"""ttkem bounds: tables, JSON, files, and bad input."""

import csv
import json
import math
import sys

import pytest

from ttkem.bounds import BOUNDS
from ttkem.cli.bounds.export import COLUMNS


def test_a_table_of_losses_and_what_they_rest_on(run, tmp_path):
    status, out, err = run("bounds", "--members", "1000", "--operations", "100000", "--suite", "1")
    assert (status, err) == (0, "")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]
    assert [row for row in rows if row] == [
        ["1,000", "100,000", "rom", "2^56.2", "71.8 bits", "1,518,500", "derived"],
        ["1,000", "100,000", "standard", "2^221.6", "no guarantee", "11", "quoted"],
        ["1,000", "100,000", "before", "2^26575", "no guarantee", "0", "recalled"],
    ]
    told = " ".join(out.split())
    for bound in BOUNDS:
        assert f"{bound.name}: {bound.formula}, {bound.about}. {bound.source}." in told
        assert f"Constants {bound.standing}: {bound.constants}." in told
    assert "X25519: 128 bits (RFC 7748 section 1)" in told
    assert "most Q: the largest Q that leaves 64 bits." in told
    assert "By sampled seeds" not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("width", [40, 60, 75])
def test_a_narrow_screen_cuts_no_number(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    status, out, _ = run("bounds", "--operations", "100000", "--operations", "123456789")
    assert status == 0
    assert "…" not in out
    assert "│" not in out
    assert max(map(len, out.splitlines())) <= max(width, 59)  # the suite's name is one word
    told = " ".join(out.split())
    assert "n 1,000, Q 100,000, rom: loss 2^56.2, 71.8 bits, most Q 1,518,500, derived" in told
    assert "n 1,000, Q 123,456,789, standard: loss 2^" in told
    assert all(f"{bound.name}: {bound.formula},\n" in out for bound in BOUNDS)


def test_several_sizes_and_long_numbers(run):
    words = ("--members", "4", "--members", "16", "--operations", "9", "--operations", f"{1 << 40}")
    status, out, _ = run("bounds", *words, "--suite", "61441", "--level", "80", "--secrets", "4096")
    assert status == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]
    sizes = [(row[0], row[1]) for row in rows if row]
    assert sizes == [(n, q) for n in ("4", "16") for q in ("9", "2^40") for _ in BOUNDS]
    assert "By sampled seeds (4,096), in the random oracle model: loss 2^25.0, 167.0 bits" in out


def test_json(run):
    status, out, _ = run(
        "bounds", "--members", "32768", "--operations", f"{1 << 40}", "--format", "json"
    )
    assert status == 0
    told = json.loads(out)
    assert (told["format"], told["schema"], told["level"]) == ("ttkem-bounds", 1, 64)
    assert told["secrets"] is None
    assert told["suite"]["encryption_bits"] == 128
    assert told["suite"]["parts"]["signature"]["name"] == "Ed25519"
    assert [each["standing"] for each in told["bounds"]] == ["derived", "quoted", "recalled"]
    assert [each["loss_is"] for each in told["bounds"]] == ["at most", "at most", "at least"]
    rows = {row.pop("bound"): row for row in told["rows"]}
    common = {"members": 32768, "operations": 1 << 40}
    assert rows["rom"] == common | {
        "loss_bits": 113.0,
        "security_bits": 15.0,
        "guarantee": True,
        "most_operations": 46340,
    }
    assert rows["before"] == common | {
        "loss_bits": 55.0 * 32768,
        "security_bits": 0.0,
        "guarantee": False,
        "most_operations": 0,
    }
    status, out, _ = run("bounds", "--members", "2", "--operations", "9", "--format", "json")
    *upper, lower = json.loads(out)["rows"]
    assert all(row["guarantee"] and row["security_bits"] > 0 for row in upper)
    assert (lower["bound"], lower["guarantee"]) == ("before", False)
    assert lower["security_bits"] > max(row["security_bits"] for row in upper)
    status, out, _ = run("bounds", "--secrets", "1024", "--format", "json")
    counted = {"count": 1024, "loss_bits": 21.0, "security_bits": 107.0, "guarantee": True}
    assert json.loads(out)["secrets"] == counted


def test_files(run, tmp_path):
    pytest.importorskip("matplotlib", reason="drawing needs the extra [plot]")
    status, out, _ = run("bounds", "--suite", "4", "--out", "found")
    assert status == 0
    assert "Written to found: bounds.csv, bounds.png, bounds.svg" in out
    folder = tmp_path / "found"
    assert (folder / "bounds.png").read_bytes().startswith(b"\x89PNG")
    picture = (folder / "bounds.svg").read_text(encoding="utf-8")
    assert picture.count("<!-- Q = 2^") == 4
    for bound in BOUNDS:
        assert bound.formula in picture
    comment, *lines = (folder / "bounds.csv").read_text(encoding="utf-8").splitlines()
    assert comment.startswith("# ttkem ")
    rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 4 * 3 * 15
    for row in rows:
        left = max(0.0, 224 - float(row["loss_bits"]))
        assert math.isclose(float(row["security_bits"]), left, abs_tol=0.002)
        assert row["guarantee"] == str(int(left > 0 and row["bound"] != "before"))
        assert (row["suite"], row["encryption_bits"]) == ("4", "224")
    run("bounds", "--suite", "4", "--out", "again")
    for name in ("bounds.csv", "bounds.svg"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_without_matplotlib_there_is_a_csv_file(run, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, _ = run("bounds", "--out", "found")
    assert status == 0
    assert "No figure: cannot draw a figure: matplotlib is not installed" in out
    assert [path.name for path in (tmp_path / "found").iterdir()] == ["bounds.csv"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--members", "1"),
            "cannot compute the bound: the number of members must be at least 2, not 1",
        ),
        (
            ("--operations", "0"),
            "cannot compute the bound: the number of operations must be at least 1, not 0",
        ),
        (("--suite", "99"), "unknown cipher suite 99: choose one of 1 MLS_128_"),
        (
            ("--level=-1",),
            "cannot compute the bound: a level of security must be 0 bits or more, not -1",
        ),
        (
            ("--secrets", "0", "--out", "out"),
            "cannot compute the loss of 0 seeds: give at least one seed",
        ),
    ],
)
def test_bad_input_is_one_line(run, words, said):
    status, out, err = run("bounds", *words)
    assert (status, out) == (2, "")
    assert err.startswith(f"ttkem: {said}")
    assert err.count("\n") == 1


def test_bad_input_in_json(run):
    status, out, err = run("bounds", "--secrets", "0", "--format", "json")
    assert (status, out) == (2, "")
    assert json.loads(err) == {
        "error": "cannot compute the loss of 0 seeds: give at least one seed",
        "status": 2,
    }
