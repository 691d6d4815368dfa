"""The atlas that ships, its graphs, its answers, and how it is computed again."""

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from networkx.generators.atlas import graph_atlas_g

from agreement.errors import ToolError
from agreement.graph import chordal, complete, cycle, dismantlable, from_networkx, path
from agreement.protocols.protocol import halvings
from agreement.solve import Solvability, answer_all, check_certificate, decide, graphs, load_atlas
from agreement.solve.atlas import (
    COUNTS,
    QUESTIONS,
    Answer,
    Atlas,
    answers_for,
    digest,
    pack,
    unpack,
)
from agreement.solve.atlas_html import atlas_page
from agreement.solve.cross_check import compare
from agreement.solve.dask_pool import on_cluster
from agreement.solve.pictures import pictures, protocol_picture
from agreement.task import VALIDITIES, Task
from agreement.topology import betti_numbers, cliques_of


def test_the_graphs_are_those_of_the_atlas():
    expected = {
        number: graph
        for number, graph in enumerate(graph_atlas_g())
        if len(graph) and nx.is_connected(graph)
    }
    assert dict(graphs()) == {number: from_networkx(graph) for number, graph in expected.items()}
    # OEIS A001349.
    orders = [graph.order for _, graph in graphs()]
    assert [orders.count(n) for n in range(1, 8)] == [1, 1, 2, 6, 21, 112, 853]


def test_everything_is_answered():
    atlas = load_atlas()
    assert set(atlas.answers) == {number for number, _ in graphs()}
    assert set(QUESTIONS) == {(n, v) for n in COUNTS for v in VALIDITIES}
    for _, graph, answers in atlas:
        assert set(answers) == set(QUESTIONS)
        for answer in answers.values():
            assert answer.verdict in {Solvability.SOLVABLE, Solvability.UNSOLVABLE}
            assert (answer.least is not None) == (answer.verdict is Solvability.SOLVABLE)
            assert len(answer.kinds) == len(answer.digests) > 0
        assert graph.connected


def test_counts():
    atlas = load_atlas()
    assert atlas.counts((3, "geodesic")) == {
        "solvable in 0": 7,
        "solvable in 1": 214,
        "solvable in 2": 227,
        "solvable in 3": 9,
        "unsolvable in any number of rounds": 539,
    }
    assert atlas.counts((4, "clique"))["unsolvable in any number of rounds"] == 500


def test_answers_have_the_order_that_they_must_have():
    """Carriers grow from geodesic to hull to clique; more processes only make a task harder."""
    for _, _, answers in load_atlas():
        solvable = {q for q, answer in answers.items() if answer.verdict is Solvability.SOLVABLE}
        for count in COUNTS:
            for weak, strong in [("hull", "geodesic"), ("monophonic", "geodesic"),
                                 ("clique", "hull"), ("clique", "monophonic")]:  # fmt: skip
                if (count, strong) in solvable:
                    assert (count, weak) in solvable
                    assert answers[count, weak].least <= answers[count, strong].least
        for validity in VALIDITIES:
            if (4, validity) in solvable:
                assert answers[3, validity].least <= answers[4, validity].least


def test_known_classes():
    found = 0
    for _, graph, answers in load_atlas():
        if chordal(graph):
            found += 1
            assert all(answer.verdict is Solvability.SOLVABLE for answer in answers.values())
        if answers[4, "clique"].verdict is Solvability.SOLVABLE:
            assert answers[4, "hull"].verdict is Solvability.SOLVABLE
            assert dismantlable(graph) or graph.order == 7
    # OEIS A048192: 1 + 1 + 2 + 5 + 15 + 58 + 272.
    assert found == 354


def test_clique_agreement_is_what_homology_says():
    """RV26: solvable for n processes iff the clique complex is (n - 2)-connected.

    For complexes of seven vertices, homology decides that.
    """
    for _, graph, answers in load_atlas():
        betti = (*betti_numbers(cliques_of(graph)), 0, 0)
        for count in COUNTS:
            solvable = answers[count, "clique"].verdict is Solvability.SOLVABLE
            assert solvable == (not any(betti[1 : count - 1]))


def test_what_the_documentation_says():
    """The counts and conjectures of docs/atlas.md hold for the atlas that ships."""
    weaker = VALIDITIES[1:]
    differing, logarithm, not_dismantlable, retracting = [], [], [], []
    for number, graph, answers in load_atlas():
        for count in COUNTS:
            assert len({(answers[count, v].verdict, answers[count, v].least) for v in weaker}) == 1
            if answers[count, "geodesic"].verdict is not answers[count, "hull"].verdict:
                differing.append((graph.order, graph.size, number, count))
            for validity in ("geodesic", "hull"):
                least = answers[count, validity].least
                if least is not None and graph.order > 1:
                    more = least - halvings(graph.diameter)
                    assert more in {0, 1}
                    if more:
                        assert graph.diameter == 2
                        logarithm.append((count, validity, number))
            if answers[count, "clique"].least is not None and not dismantlable(graph):
                not_dismantlable.append((number, count))
        if answers[4, "geodesic"].least is not None:
            assert "contractible carriers" in answers[4, "geodesic"].kinds or graph.order == 1
        if answers[3, "hull"].least is None and number != 1170:
            retracting.append(number)
    said = documented(
        r"has (\d+) vertices and (\d+) edges \(number (\d+)\); there are (\d+) for n = 3 and (\d+)"
    )
    assert list(min(differing)[:3]) == said[:3]
    assert [sum(entry[3] == n for entry in differing) for n in COUNTS] == said[3:]
    few, *which = documented(
        r"(\d+) graphs for n = 3 under the weaker validities \((\d+), (\d+), (\d+), (\d+), (\d+)\)"
    )
    assert [number for count, v, number in logarithm if (count, v) == (3, "hull")] == which
    assert [sum(e[:2] == (3, v) for e in logarithm) for v in ("geodesic", "hull")] == [0, few]
    four = documented(r"none under the geodesic one, (\d+) and (\d+) for n = 4")
    assert [sum(e[:2] == (4, v) for e in logarithm) for v in ("hull", "geodesic")] == four
    smallest = documented(r"the smallest being the octahedron \(number (\d+)\)")
    assert [not_dismantlable[0][0]] == smallest
    assert dict(graphs())[smallest[0]].size == 12
    assert len(not_dismantlable) == 9  # "nine graphs for n = 3"
    assert {count for _, count in not_dismantlable} == {3}
    assert [len(retracting)] == documented(r"weaker validities, (\d+) retract to a cycle")


def documented(pattern):
    """Return the numbers in docs/atlas.md that stand where the pattern has groups."""
    text = (Path(__file__).parents[2] / "docs" / "atlas.md").read_text(encoding="utf-8")
    found = re.search(pattern.replace(" ", r"\s+"), text)
    assert found, pattern
    return [int(number) for number in found.groups()]


def test_some_answers_anew():
    shipped = load_atlas()
    wanted = [number for number, graph in graphs() if graph.order <= 4] + [1160]
    for number in wanted:
        _, record = answers_for((number, number < 20))
        assert unpack(pack({number: record})).answers[number] == shipped.answers[number]


@pytest.mark.slow
def test_the_whole_atlas_anew():
    found = unpack(pack(answer_all(map, {})))
    for number, answers in load_atlas().answers.items():
        for question, answer in answers.items():
            new = found.answers[number][question]
            assert (new.verdict, new.least) == (answer.verdict, answer.least)


@pytest.mark.slow
@pytest.mark.parametrize("validity", VALIDITIES)
def test_every_certificate_and_cross_check_for_three_processes(validity):
    for _, graph in graphs():
        decision = decide(Task(graph, validity), 3)
        for document in decision.certificates:
            check_certificate(document)
        compare(decision)


def test_packing_keeps_everything():
    atlas = load_atlas()
    few = {n: [[a.verdict.name, a.rounds, a.refuted, list(a.kinds), list(a.digests)]
               for a in atlas.answers[n].values()] for n in (1, 3, 16, 1155)}  # fmt: skip
    assert pack(few) == pack(json.loads(json.dumps(few), object_hook=by_number))
    assert unpack(pack(few)).answers == {n: atlas.answers[n] for n in few}
    unknown = Answer(Solvability.UNKNOWN, None, 1, (), ())
    assert unknown.least is None
    counted = Atlas({1: dict.fromkeys(QUESTIONS, unknown)}).counts((3, "hull"))
    assert counted == {"unknown": 1}


def by_number(found):
    return {int(key): value for key, value in found.items()}


def test_digests_tell_certificates_apart():
    one, two = (decide(Task(graph), 3).certificates[0] for graph in (path(3), path(4)))
    assert digest(one) == digest(json.loads(json.dumps(one)))
    assert digest(one) != digest(two)
    assert len(digest(one)) == 12


def test_graphs_that_are_done_are_not_computed_again():
    kept = {}

    def run(job, arguments):
        assert arguments == [(3, False)]
        return map(job, arguments)

    before = {1: answers_for((1, False))[1]}
    found = answer_all(run, before, numbers=[1, 3], keep=kept.__setitem__)
    assert list(found) == [1, 3]
    assert set(kept) == {3}


# A cluster.


def test_a_local_cluster_gives_the_same():
    distributed = pytest.importorskip("distributed")
    wanted = [number for number, graph in graphs() if graph.order <= 3]
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        on_cluster(cluster.scheduler_address) as run,
    ):
        found = answer_all(run, {}, numbers=wanted)
    assert found == answer_all(map, {}, numbers=wanted)


def test_a_cluster_that_is_not_there(monkeypatch):
    with (
        pytest.raises(ToolError, match="no Dask scheduler answers"),
        on_cluster("tcp://127.0.0.1:9", timeout=0.5),
    ):
        pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(
            ToolError, match=r"pip install distributed .*pip install '\.\[distributed\]'"
        ),
        on_cluster("tcp://127.0.0.1:9"),
    ):
        pass


# Pictures and the page.


@pytest.mark.parametrize(
    ("graph", "count", "names"),
    [
        (path(5), 3, {"protocol-complex.svg"}),
        (path(2), 2, {"protocol-complex.svg"}),
        (complete(4), 4, {"protocol-complex.svg"}),
        (path(2), 3, {"protocol-complex.svg"}),
        (cycle(5), 3, {"obstruction.svg"}),
        (cycle(5), 1, set()),
    ],
)
def test_pictures(graph, count, names):
    found = pictures(decide(Task(graph), count))
    assert set(found) == names
    for data in found.values():
        assert b"<svg" in data
    assert found == pictures(decide(Task(graph), count))


def test_a_picture_shows_every_view_and_what_is_decided():
    """Two rounds of three processes: 99 views, as many of each process, by Kozlov's f-vector.

    A triangle has 12 vertices, 24 edges and 13 triangles after a round; the next adds to each
    vertex itself, to each edge 2 and to each triangle 3: 12 + 2 * 24 + 3 * 13. Edges by Euler:
    99 + 13 * 13 - 1.
    """
    tables = decide(Task(path(4)), 3).tables
    root = ET.fromstring(protocol_picture(path(4), tables, (0, 3, 1)))
    assert "2 rounds, inputs 0, 3, 1" in {e.text for e in root.iter() if e.tag.endswith("text")}

    def groups(prefix):
        return [e for e in root.iter() if e.attrib.get("id", "").startswith(prefix)]

    marks = [sum(e.tag.endswith("use") for e in g.iter()) for g in groups("PathCollection_")]
    assert [n for n in marks if n > 1] == [33, 33, 33]
    grey = [
        e
        for g in groups("line2d_")
        for e in g.iter()
        if "stroke: #bfbfbf" in e.attrib.get("style", "")
    ]
    assert len(grey) == 267
    (legend,) = groups("legend_")
    decided = {e.text for e in legend.iter() if e.tag.endswith("text")}
    # Who is alone decides its input; nobody decides what is not between the inputs.
    assert {"decides", "0", "3", "1"} <= decided <= {"decides", "0", "1", "2", "3"}


def test_the_page_shows_every_graph_and_needs_no_other_host():
    page = atlas_page(load_atlas())
    assert page.startswith("<!doctype html>")
    start = page.index("const GRAPHS = ") + len("const GRAPHS = ")
    entries = json.loads(page[start : page.index(";\n", start)])
    assert len(entries) == 996
    assert {len(entry["answers"]) for entry in entries} == {len(QUESTIONS)}
    by_number = {entry["number"]: entry for entry in entries}
    assert by_number[16]["edges"] == [list(edge) for edge in dict(graphs())[16].edges]
    assert "chordal" in by_number[1]["classes"]
    for address in ("http://", "https://", "//cdn", "src="):
        assert address not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_page_follows_dark_mode_fits_phones_and_links_back():
    page = atlas_page(Atlas({1: load_atlas().answers[1]}))
    style = page[page.index("<style>") : page.index("</style>")]
    light, dark = (part.split("}")[0] for part in style.split(":root {")[1:])
    colours = re.compile(r"(--\w+): (#\w+)")
    assert dict(colours.findall(light)).keys() > {"--page", "--text", "--no"}
    in_the_dark = dict(colours.findall(dark))
    assert dict(colours.findall(light)).keys() == in_the_dark.keys()
    assert "@media (prefers-color-scheme: dark)" in style
    assert "@media (max-width: 50em)" in style
    # Every colour is one of the variables, so that none stays light in the dark.
    rest = style.split("body {")[1] + page[page.index("</style>") :].replace("&#", "")
    assert not re.search(r"#[0-9a-f]{3,6}\b|black|white", rest)
    assert set(re.findall(r"var\((--\w+)\)", style)) == in_the_dark.keys()
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert '<a href="atlas.html">' in page
    for background in ("--page", "--no", "--few", "--two", "--three", "--head"):
        for theme in (dict(colours.findall(light)), in_the_dark):
            assert contrast(theme["--text"], theme[background]) >= 4.5  # WCAG 2.1, level AA


def contrast(one, other):
    """Return the contrast ratio of two colours, as WCAG 2.1 defines it."""

    def luminance(colour):
        digits = colour.removeprefix("#")
        digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_page_has_no_path_of_the_machine_that_made_it():
    page = atlas_page(load_atlas())
    for folder in {Path.cwd(), Path.home(), Path(__file__).parents[2], Path(sys.prefix)}:
        assert str(folder) == "/" or str(folder) not in page
    addresses = re.findall(r"""(?:href|src|url|action)\s*[=(]\s*["']?([^"')>\s]*)""", page)
    assert addresses == ["atlas.html"]
    assert not re.search(r"file:|(?<![\w/])/(?:home|root|tmp|usr|work|Users|var)/", page)
    assert page == atlas_page(load_atlas())
