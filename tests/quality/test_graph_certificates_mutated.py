"""Every change to the checker of graph classes' certificates is noticed."""

import pytest
from class_certificates import (
    FALSE,
    HOLDS,
    accepted_falsehoods,
    malformed,
    small_graphs,
    true_certificates,
)
from mutation import survivors

from agreement.graph import certificates

LENGTHS = "Certificate.check has compared the lengths; strict= only says so"

EQUIVALENT = {
    "Certificate.check: and len(set(self.vertices)) == len(self.vertices): == to >=": (
        "a set is never larger than what it is made of"
    ),
    "_all: return length == order: == to >=": "distinct vertices are never more than all",
    "_induced_cycle: graph.adjacent(cycle[i], cycle[j]) == (_around(cycle, i, j) == 1): "
    "== to <= (2)": "two places of a cycle are never at distance 0",
    "_dismantled: left = set(range(graph.order)): set to list": "only slower",
    "_dismantled: for vertex, image in zip(it.vertices, it.images, strict=True):: "
    "True to False": LENGTHS,
    "_cycle: return all(graph.adjacent(u, v) for u, v in zip(cycle, cycle[1:] + cycle[:1], "
    "strict=True)): True to False": LENGTHS,
    "_gem: graph.adjacent(it.vertices[i], it.vertices[j]) == (j - i == 1 or j == 4)  "
    "# noqa: PLR2004: == to <= (2)": "i is below j",
    "_gem: graph.adjacent(it.vertices[i], it.vertices[j]) == (j - i == 1 or j == 4)  "
    "# noqa: PLR2004: == to >= (3)": "j is at most 4",
    "_spanning: return _connected(graph) and graph.size == graph.order - 1: == to <=": (
        "a connected graph has no fewer edges"
    ),
    "_has_one_median: for m in d[0]: 0 to 1": "a median is on paths of all three vertices",
    "_has_one_median: for m in d[0]: 0 to -1": "a median is on paths of all three vertices",
    "_has_one_median: m in d[j] and d[i][m] + d[j][m] == d[i].get(triple[j]): == to <=": (
        "the triangle inequality: no sum is less"
    ),
}


def kills(module):
    for graph, kind, vertices, images in FALSE:
        it = module.Certificate(kind in HOLDS, kind, vertices, images)
        assert bool(it) is (kind in HOLDS)
        assert not it.check(graph)
    for graph, kind, holds, vertices, images in true_certificates():
        assert module.Certificate(holds, kind, vertices, images).check(graph)
    for graph, *true in true_certificates():
        if graph.order < 5:
            for wrong in malformed(graph, *true):
                assert not module.Certificate(wrong[1], wrong[0], *wrong[2:]).check(graph)
    for order in range(4):
        for graph in small_graphs(order):
            for _ in accepted_falsehoods(module.Certificate, graph):
                raise AssertionError


@pytest.mark.parametrize(
    "share", [slice(0, None, 5), pytest.param(slice(None), marks=pytest.mark.slow)]
)
def test_no_mutant_of_the_checker_is_alive(share):
    assert survivors(certificates, kills, share=share, equivalent=EQUIVALENT) == []
