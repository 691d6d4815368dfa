"""Malformed certificates: wrong as files, as documents or as graphs, whatever their proofs.

MALFORMED has (text, why): `why` is what the second checker says of it.
"""

import json

from hand_made_true import (
    C4O,
    K2,
    K3T,
    P3A,
    P3C,
    P3R,
    P3T,
    POINT,
)
from small_certificates import edited, text


def _with_text(old, new, made=K2):
    assert text(made).count(old) >= 1
    return text(made).replace(old, new, 1)


def _without(made, *keys):
    copy = json.loads(text(made))
    inside = copy
    for key in keys[:-1]:
        inside = inside[key]
    del inside[keys[-1]]
    return copy


_FILE = [
    ("", "not JSON"),
    (text(K2) + "x", "not JSON"),
    (text(K2) + text(K2), "not JSON"),
    (text(K2)[:-1], "not JSON"),
    ("\u00a0" + text(K2), "not JSON"),
    ("\ufeff" + text(K2), "byte order mark"),
    (b"\xef\xbb\xbf" + text(K2).encode(), "byte order mark"),
    (text(K2).encode("utf-16"), "not UTF-8"),
    (text(K2).encode() + b"\xff", "not UTF-8"),
    (text(K2) + "\ud800", "half of a surrogate pair"),
    (_with_text('"processes": 2', '"processes": 2, // two'), "not JSON"),
    (_with_text('"processes": 2', '"processes": 2,,'), "not JSON"),
    (_with_text('"processes": 2', '"processes": 02'), "not JSON"),
    (_with_text('"processes": 2', '"processes": +2'), "not JSON"),
    (_with_text('"processes": 2', '"processes": 0x2'), "not JSON"),
    (_with_text('"processes": 2', "'processes': 2"), "not JSON"),
    (_with_text("geodesic", "geo\ndesic"), "not JSON"),
    (_with_text('"processes": 2', '"processes": 2.0'), "the number '2.0' is not"),
    (_with_text('"processes": 2', '"processes": 2e0'), "the number '2e0' is not"),
    (_with_text('"processes": 2', '"processes": -2'), "the number '-2' is not"),
    (_with_text("[[0]", "[[-0]"), "the number '-0' is not"),
    (_with_text('"processes": 2', '"processes": NaN'), "the number 'NaN' is not"),
    (_with_text('"processes": 2', '"processes": Infinity'), "the number 'Infinity' is not"),
    (_with_text('"processes": 2', '"processes": -Infinity'), "the number '-Infinity' is not"),
    (_with_text('"processes": 2', '"processes": 1000000000'), "the number '1000000000' is not"),
    (_with_text('"processes": 2', f'"processes": {"2" * 5000}'), "the number '2222"),
    (_with_text('"processes": 2', '"processes": 2, "processes": 2'), "the key 'processes' twice"),
    (_with_text('"vertices": 2', '"vertices": 2, "vertices": 2'), "the key 'vertices' twice"),
    (_with_text('"kind"', '"carriers": [], "kind"'), "the key 'carriers' twice"),
    ("[" * 100_000 + "]" * 100_000, "nested more than 8 deep"),
    (text(K2).replace("[]", "[" * 9 + "]" * 9), "step: has 1 entries and not 2"),
]
_TOP = [
    (text([K2]), "the document: an array of 1 is not an object"),
    ("null", "the document: None is not an object"),
    *((text(_without(K2, key)), f"the key '{key}' is missing") for key in K2),
    (text(K2 | {"note": ""}), "the document: the key 'note' is unknown"),
    (text(K2 | {"": 0}), "the document: the key '' is unknown"),
    (text(edited(K2, format="wait-free agreement certificate 2")), "format: "),
    (text(edited(K2, format=1)), "format: 1 is not"),
    (text(edited(K2, format="y" * 70)), f"format: '{'y' * 59}... is not"),
    (text(edited(K2, format="y" * 58)), f"format: '{'y' * 58}' is not"),
    (text(edited(K2, validity="convex")), "validity: 'convex' is not one of"),
    (text(edited(K2, validity=["geodesic"])), "validity: an array of 1 is not one of"),
    (text(edited(K2, validity={"hull": "hull"})), "validity: an object of 1 is not one of"),
    (text(edited(K2, processes=0)), "processes: 0 is not between 1 and 6"),
    (text(edited(POINT, processes=7)), "processes: 7 is not between 1 and 6"),
    (text(edited(K2, processes="2")), "processes: '2' is not an integer"),
    (text(edited(POINT, processes=True)), "processes: True is not an integer"),
    (text(edited(K2, claim=["solvable"])), "claim: an array of 1 is not a string"),
    (text(edited(K2, claim="unsolvable")), "claim: 'unsolvable' is not what"),
    (text(edited(C4O, claim="not solvable")), "claim: 'not solvable' is not what"),
    (text(edited(P3A, claim="unsolvable")), "claim: 'unsolvable' is not what"),
    (text(edited(P3R, claim="solvable")), "claim: 'solvable' is not what"),
    (text(edited(P3T, claim="not solvable")), "claim: 'not solvable' is not what"),
    (text(edited(K2, rounds=1)), "rounds: not null"),
    (text(edited(K2, rounds=0)), "rounds: not null"),
    (text(edited(C4O, rounds=0)), "rounds: not null"),
    (text(edited(P3A, rounds=None)), "rounds: missing"),
    (text(edited(P3R, rounds=None)), "rounds: missing"),
    (text(edited(K3T, rounds=None)), "rounds: missing"),
    (text(edited(K3T, rounds=False)), "rounds: False is not an integer"),
    (text(edited(P3T, rounds="1")), "rounds: '1' is not an integer"),
    (text(edited(P3A, rounds=101)), "rounds: 101 is not between 0 and 100"),
    (text(edited(K2, proof=[])), "proof: not an object with the key 'kind'"),
    (text(_without(K2, "proof", "kind")), "proof: not an object with the key 'kind'"),
    (text(edited(K2, proof__kind=None)), "proof.kind: None is not a string"),
    (text(edited(K2, proof__kind="trust")), "proof.kind: 'trust' is unknown"),
    (text(_without(K2, "proof", "carriers")), "proof: the key 'carriers' is missing"),
    (text(_without(P3A, "proof", "views")), "proof: the key 'views' is missing"),
    (text(edited(P3A, proof__edges=[])), "proof: the key 'edges' is unknown"),
    (text(edited(P3R, proof__removals=[])), "proof: the key 'removals' is unknown"),
    (text(edited(C4O, proof__drat=["0"])), "proof: the key 'drat' is unknown"),
]
_GRAPH = [
    (text(edited(K2, graph=[2, [[0, 1]]])), "graph: an array of 2 is not an object"),
    (text(_without(K2, "graph", "edges")), "graph: the key 'edges' is missing"),
    (text(edited(K2, graph__name="K2")), "graph: the key 'name' is unknown"),
    (text(edited(POINT, graph__vertices=0)), "graph.vertices: 0 is not between 1 and 62"),
    (text(edited(POINT, graph__vertices=63)), "graph.vertices: 63 is not between 1 and 62"),
    (text(edited(POINT, graph__vertices=True)), "graph.vertices: True is not an integer"),
    (text(edited(K2, graph__edges={"0": 1})), "graph.edges: an object of 1 is not an array"),
    (text(edited(K2, graph__edges__0="01")), "graph.edges[0]: '01' is not an array"),
    (text(edited(K2, graph__edges__0=[0, 1, 1])), "graph.edges[0]: has 3 entries and not 2"),
    (text(edited(K2, graph__edges__0=[0])), "graph.edges[0]: has 1 entries and not 2"),
    (text(edited(K2, graph__edges__0=[0, 2])), "graph.edges[0]: 2 is not between 0 and 1"),
    (text(edited(K2, graph__edges__0=[False, True])), "graph.edges[0]: False is not an integer"),
    (text(edited(K2, graph__edges__0=[1, 0])), "the first end is not less than the second"),
    (text(edited(K2, graph__edges=[[0, 0], [0, 1]])), "the first end is not less"),
    (text(edited(K2, graph__edges=[[0, 1], [0, 1]])), "graph.edges: entry 1 is not greater"),
    (text(edited(P3C, graph__edges=[[1, 2], [0, 1]])), "graph.edges: entry 1 is not greater"),
    (text(edited(K2, graph__edges=[])), "graph: not connected"),
    (text(edited(C4O, graph__edges=[[0, 1], [2, 3]])), "graph: not connected"),
]
MALFORMED = [*_FILE, *_TOP, *_GRAPH]
