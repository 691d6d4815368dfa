import io
import json
import sys

import pytest
from rich.console import Console
from rich.table import Table

import ttkem
from ttkem.errors import LocalError, RemoteError
from ttkem.simulation import (
    Record,
    Results,
    Scheme,
    Setting,
    averages_table,
    compare,
    comparison_table,
    crossings,
    crossings_table,
    draw,
    from_csv,
    run_scales,
    to_csv,
    to_json,
)


@pytest.fixture(scope="module")
def results() -> Results:
    return run_scales(3, 5, seeds=3)


def text(table: Table) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_csv_goes_there_and_back(results: Results) -> None:
    written = to_csv(results)
    assert written.startswith(f"# ttkem {ttkem.__version__} ")
    assert from_csv(written) == results
    assert to_csv(run_scales(3, 5, seeds=3, jobs=2)) == written
    assert from_csv(written.replace("\n", "\n\n")) == results


HEADER = (
    "setting,scheme,scale,seed,users,administrators,operations,encryptions,"
    "administrator_encryptions"
)


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        ("", 1),
        ("# only a comment\n", 1),
        ("setting,scheme\n", 1),
        (f"{HEADER}\nuniform,TKEM,3\n", 2),
        (f"#\n{HEADER}\nuniform,TKEM,3,0,5,0,80,x,0\n", 3),
        (f"{HEADER}\nuniform,MLS,3,0,5,0,80,7,0\n", 2),
        (f"{HEADER}\nnobody,TKEM,3,0,5,0,80,7,0\n", 2),
    ],
)
def test_bad_csv_names_the_line(bad: str, line: int) -> None:
    with pytest.raises(RemoteError, match=f"^line {line}: "):
        from_csv(bad)


def test_json_holds_everything(results: Results) -> None:
    written = to_json(results)
    assert to_json(run_scales(3, 5, seeds=3)) == written
    document = json.loads(written)
    assert document["format"] == "ttkem-simulation"
    assert document["schema"] == 1
    assert document["version"] == ttkem.__version__
    assert not document["interrupted"]
    assert len(document["records"]) == 3 * 3 * 3 * 3
    first = results.records[0]
    assert document["records"][0]["encryptions"] == first.encryptions
    assert {c["setting"] for c in document["crossings"]} == set(Setting)
    excess = document["commit_against_plain"][0]["excess"]
    assert excess["low"] < excess["mean"] < excess["high"]


def test_json_of_one_seed_has_no_interval() -> None:
    document = json.loads(to_json(run_scales(3, 3, seeds=1)))
    for compared in document["commit_against_plain"]:
        assert compared["excess"]["low"] is None
        assert compared["excess"]["high"] is None


def test_tables_show_the_figures() -> None:
    def record(scheme: Scheme, scale: int, seed: int, cost: int) -> Record:
        return Record(Setting.UNIFORM, scheme, scale, seed, 10, 0, 100, cost, 0)

    costs = {
        Scheme.TKEM: {3: 100, 4: 200},
        Scheme.TKEM_COMMIT: {3: 150, 4: 300},
        Scheme.TTKEM: {3: 200, 4: 100},
    }
    records = [
        record(scheme, scale, seed, cost)
        for scheme, by_scale in costs.items()
        for scale, cost in by_scale.items()
        for seed in range(2)
    ]
    made = Results((*records, record(Scheme.TKEM, 5, 0, 333)))
    shown = text(averages_table(made, Setting.UNIFORM))
    assert "10.0 ± 0.0" in shown
    assert "33.3" in shown
    assert "TKEM_commit" in shown
    shown = text(crossings_table(crossings(made)))
    assert "3.50 to 3.50" in shown
    assert "-50 % at 2^4" in shown
    shown = text(comparison_table(compare(made, Scheme.TKEM_COMMIT, Scheme.TKEM)))
    assert "+50.0 %" in shown
    assert "dearer" in shown
    assert "no comparison" in text(comparison_table(()))


def test_a_line_that_never_crosses_says_so() -> None:
    made = Results(
        tuple(
            Record(Setting.ZIPF, scheme, 3, 0, 10, 0, 100, cost, 0)
            for scheme, cost in ((Scheme.TKEM, 20), (Scheme.TTKEM, 10))
        )
    )
    assert "always below" in text(crossings_table(crossings(made)))
    shown = text(comparison_table(compare(made, Scheme.TTKEM, Scheme.TKEM)))
    assert "one seed: none" in shown
    assert "inf" not in shown
    with pytest.raises(LocalError):
        averages_table(made, Setting.UNIFORM)


def test_figures_are_images_and_svg_is_deterministic(results: Results) -> None:
    pytest.importorskip("matplotlib", reason="drawing needs the extra [plot]")
    assert draw(results, "png").startswith(b"\x89PNG\r\n")
    first = draw(results, "svg")
    assert first == draw(results, "svg")
    assert b"<dc:date>" not in first
    assert first.count(b'<g id="axes_') == 3
    assert draw(results, "svg", per="administrator").count(b'<g id="axes_') == 1


def test_one_seed_and_a_missing_point_can_be_drawn() -> None:
    pytest.importorskip("matplotlib", reason="drawing needs the extra [plot]")
    made = run_scales(3, 4, settings=[Setting.UNIFORM], seeds=1)
    assert draw(Results(made.records[:-1]), "svg").count(b'<g id="axes_') == 1


def test_what_cannot_be_drawn(results: Results) -> None:
    uniform = Results(tuple(r for r in results.records if r.setting is Setting.UNIFORM))
    for call in (
        lambda: draw(results, "gif"),
        lambda: draw(results, "svg", per="leaf"),
        lambda: draw(Results(()), "svg"),
        lambda: draw(uniform, "svg", per="administrator"),
    ):
        with pytest.raises(LocalError):
            call()


def test_without_matplotlib_the_message_says_what_to_install(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(LocalError, match="matplotlib"):
        draw(results, "png")
