"""True certificates of all kinds, made by hand, as small as they can be."""

from typing import Any

FORMAT = "wait-free agreement certificate 1"
KINDS = (
    "contractible carriers",
    "decision protocol",
    "arc consistency",
    "propositional refutation",
    "chain map obstruction",
)


def graph(order, edges):
    return {"vertices": order, "edges": [list(edge) for edge in edges]}


def path(order):
    return graph(order, [(v, v + 1) for v in range(order - 1)])


C4 = graph(4, [(0, 1), (0, 3), (1, 2), (2, 3)])
C5 = graph(5, [(0, 1), (0, 4), (1, 2), (2, 3), (3, 4)])
K23 = graph(5, [(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4)])


def complete(order):
    return graph(order, [(u, v) for u in range(order) for v in range(u + 1, order)])


K3, K5 = complete(3), complete(5)
_CLAIMS = dict(zip(KINDS, ["solvable"] * 2 + ["not solvable"] * 2 + ["unsolvable"], strict=True))


def document(its_graph, count, rounds, kind, *, validity="geodesic", **proof):
    return {
        "format": FORMAT,
        "graph": its_graph,
        "validity": validity,
        "processes": count,
        "claim": _CLAIMS[kind],
        "rounds": rounds,
        "proof": {"kind": kind, **proof},
    }


def carriers(its_graph, count, *entries, validity="geodesic"):
    listed = [list(map(as_lists, entry)) for entry in entries]
    return document(its_graph, count, None, KINDS[0], validity=validity, carriers=listed)


def protocol(its_graph, count, *tables, validity="geodesic"):
    listed = [[list(map(as_lists, entry)) for entry in table] for table in tables]
    return document(its_graph, count, len(tables), KINDS[1], validity=validity, tables=listed)


def consistency(its_graph, count, rounds, views, removals, validity="geodesic"):
    proof = {"views": as_lists(views), "removals": as_lists(removals)}
    return document(its_graph, count, rounds, KINDS[2], validity=validity, **proof)


def refutation(its_graph, count, rounds, views, edges, drat, validity="geodesic"):
    proof = {"views": as_lists(views), "edges": as_lists(edges), "drat": list(drat)}
    return document(its_graph, count, rounds, KINDS[3], validity=validity, **proof)


def obstruction(its_graph, count, modulus, *factors, validity="geodesic"):
    proof = {"modulus": modulus, "factors": as_lists(factors)}
    return document(its_graph, count, None, KINDS[4], validity=validity, **proof)


def as_lists(value):
    return [as_lists(part) for part in value] if isinstance(value, (tuple, list)) else value


SINGLES = [((v,), (v,), ()) for v in range(5)]
EDGE = carriers(path(2), 2, *SINGLES[:2], ((0, 1), (0, 1), [(0, 1)]))
PATH = carriers(
    path(3),
    2,
    *SINGLES[:3],
    ((0, 1), (0, 1), [(0, 1)]),
    ((0, 2), (0, 1, 2), [(0, 1), (2, 1)]),
    ((1, 2), (1, 2), [(2, 1)]),
)
SQUARE = carriers(  # D({0, 2}) is everything, which cannot be dismantled; a part of it can
    C4,
    2,
    *SINGLES[:4],
    ((0, 1), (0, 1), [(0, 1)]),
    ((0, 2), (0, 1, 2), [(0, 1), (1, 2)]),
    ((0, 3), (0, 3), [(0, 3)]),
    ((1, 2), (1, 2), [(1, 2)]),
    ((1, 3), (1, 2, 3), [(1, 2), (2, 3)]),
    ((2, 3), (2, 3), [(3, 2)]),
)
TRIANGLE = carriers(
    K3,
    3,
    *SINGLES[:3],
    *(((u, v), (u, v), [(u, v)]) for u, v in K3["edges"]),
    ((0, 1, 2), (0, 1, 2), [(0, 1), (1, 2)]),
)
POINT = carriers(path(1), 3, SINGLES[0])


def pentagon(far, validity):
    """C5 for two processes, with the long way round from 0 to 2 or the short one."""
    pairs: dict[Any, Any] = {(u, v): ((u, v), [(u, v)]) for u, v in map(tuple, C5["edges"])}
    pairs |= {(0, 3): ((0, 3, 4), [(0, 4), (4, 3)]), (1, 3): ((1, 2, 3), [(1, 2), (2, 3)])}
    pairs |= {(1, 4): ((0, 1, 4), [(1, 0), (0, 4)]), (2, 4): ((2, 3, 4), [(2, 3), (3, 4)])}
    pairs[0, 2] = far
    entries = [(pair, *pairs[pair]) for pair in sorted(pairs)]
    return carriers(C5, 2, *SINGLES, *entries, validity=validity)


LONG_WAY = ((0, 2, 3, 4), [(0, 4), (4, 3), (3, 2)])
SHORT_WAY = ((0, 1, 2), [(0, 1), (1, 2)])
K23_HULL = carriers(  # the hull of {2, 3} has 4 too, on shortest paths from 0 to 1
    K23,
    2,
    *SINGLES,
    ((0, 1), (0, 1, 2), [(0, 2), (1, 2)]),
    ((0, 2), (0, 2), [(0, 2)]),
    ((0, 3), (0, 3), [(0, 3)]),
    ((0, 4), (0, 4), [(0, 4)]),
    ((1, 2), (1, 2), [(1, 2)]),
    ((1, 3), (1, 3), [(1, 3)]),
    ((1, 4), (1, 4), [(1, 4)]),
    ((2, 3), (0, 2, 3, 4), [(2, 0), (3, 0), (4, 0)]),
    ((2, 4), (0, 2, 4), [(2, 0), (4, 0)]),
    ((3, 4), (0, 3, 4), [(3, 0), (4, 0)]),
    validity="hull",
)
NO_ROUNDS = protocol(K3, 3)
BY_SETS = protocol(
    path(3),
    2,
    [(None, seen, new) for seen, new in
     [((0,), 0), ((0, 1), 1), ((0, 2), 1), ((1,), 1), ((1, 2), 1), ((2,), 2)]],
)  # fmt: skip
BY_MULTISETS = protocol(  # one's own value decides between 0 and 1, and between 1 and 2
    path(3),
    2,
    [(0, (0,), 0), (0, (0, 0), 0), (0, (0, 1), 0), (0, (0, 2), 1),
     (1, (0, 1), 1), (1, (1,), 1), (1, (1, 1), 1), (1, (1, 2), 1),
     (2, (0, 2), 1), (2, (1, 2), 2), (2, (2,), 2), (2, (2, 2), 2)],
)  # fmt: skip
TWICE = protocol(  # names between rounds are any numbers; sets after multisets
    path(3),
    2,
    [(own, seen, {0: 7, 1: 999_999_999, 2: 30}[new])
     for own, seen, new in BY_MULTISETS["proof"]["tables"][0]],
    [(None, (7,), 0), (None, (7, 999_999_999), 1), (None, (30,), 2),
     (None, (30, 999_999_999), 1), (None, (999_999_999,), 1)],
)  # fmt: skip
APART = consistency(path(3), 2, 0, [(0, 0), (1, 2)], [(0, 0, 1)])
APART_5 = consistency(  # P5 for two processes in one round: P4 is the longest path
    path(5),
    2,
    1,
    [(0, 0), (1, 4), (0, (0,)), (1, (1,)), (0, (0, 1)), (1, (0, 1))],
    [(4, 0, 3), (4, 1, 3), (4, 2, 3), (5, 2, 2), (5, 3, 2), (5, 4, 2), (5, 0, 4), (5, 1, 4)],
)
_BEFORE = [(4, 0, 3), (4, 1, 3), (4, 2, 3)]
_AFTER = [(5, 2, 2), (5, 3, 2), (5, 4, 2), (5, 5, 2), (5, 0, 4), (5, 1, 4)]
APART_6 = consistency(
    path(6),
    2,
    1,
    [(0, 0), (1, 5), (0, (0,)), (1, (1,)), (0, (0, 1)), (1, (0, 1))],
    [*_BEFORE, *_AFTER],
)
UNUSED_6 = [*_BEFORE, (4, 3, 3), *_AFTER]  # true too, but nothing needs it
REFUTED = refutation(path(3), 2, 0, [(0, 0), (1, 2)], [(0, 1)], ["0"])
# Variables: view 2 has 1 for 0, view 3 has 2 for 4, views 4 and 5 have 3..7 and 8..12 for 0..4.
REFUTED_5 = refutation(
    path(5),
    2,
    1,
    APART_5["proof"]["views"],
    [(2, 5), (3, 4), (4, 5)],
    ["-3 0", "-6 0", "8 9 0", "0"],
)
# A cycle with leaves, from two input vectors: propagation alone does not refute the formula, and a
# set of the vertices of the cycle does not list them in order.
LEAVES = refutation(
    graph(
        17,
        sorted(
            [
                (0, 8),
                (1, 8),
                (1, 16),
                (0, 16),
                *(tuple(sorted((0, v))) for v in range(2, 16) if v != 8),
            ]
        ),
    ),
    3,
    1,
    [
        (0, 0),
        (0, (0,)),
        (1, 8),
        (1, (2,)),
        (1, 16),
        (1, (4,)),
        (0, (0, 2)),
        (0, (0, 4)),
        (1, (0, 2)),
        (1, (0, 4)),
        (2, 1),
        (2, (10,)),
        (0, (0, 10)),
        (2, (0, 10)),
        (1, (2, 10)),
        (1, (4, 10)),
        (2, (2, 10)),
        (2, (4, 10)),
        (0, (0, 2, 10)),
        (0, (0, 4, 10)),
        (1, (0, 2, 10)),
        (1, (0, 4, 10)),
        (2, (0, 2, 10)),
        (2, (0, 4, 10)),
    ],
    [
        (1, 8),
        (1, 9),
        (1, 13),
        (1, 20),
        (1, 21),
        (1, 22),
        (1, 23),
        (3, 6),
        (3, 16),
        (3, 18),
        (3, 22),
        (5, 7),
        (5, 17),
        (5, 19),
        (5, 23),
        (6, 8),
        (6, 22),
        (7, 9),
        (7, 23),
        (8, 22),
        (9, 23),
        (11, 12),
        (11, 14),
        (11, 15),
        (11, 18),
        (11, 19),
        (11, 20),
        (11, 21),
        (12, 13),
        (12, 20),
        (12, 21),
        (13, 20),
        (13, 21),
        (14, 16),
        (14, 18),
        (15, 17),
        (15, 19),
        (16, 18),
        (17, 19),
        (18, 20),
        (18, 22),
        (19, 21),
        (19, 23),
        (20, 22),
        (21, 23),
    ],
    [
        "-38 0",
        "-42 0",
        "-18 0",
        "-46 0",
        "-50 0",
        "-48 0",
        "-51 0",
        "-13 0",
        "-29 0",
        "-33 0",
        "-37 0",
        "-41 0",
        "-32 0",
        "-35 0",
        "-39 -44 0",
        "-40 0",
        "39 0",
        "-20 0",
        "-16 0",
        "-44 0",
        "43 0",
        "-52 0",
        "-36 0",
        "49 0",
        "34 0",
        "0",
    ],
)
SQUARE_2 = obstruction(C4, 3, 2, (1, (0, 1), (0,)), (1, (0, 1, 2), (0, 1)), (1, (0, 2, 3), (0, 1)))
SQUARE_3 = obstruction(C4, 3, 3, (2, (0, 1), (0,)), (1, (0, 1, 2), (0, 1)), (1, (0, 2, 3), (0, 1)))
SQUARE_4 = obstruction(
    C4, 4, 4, (3, (0, 1), (0,)), (1, (0, 1, 2), (0, 1)), (1, (0, 2, 3), (0, 1)),
    validity="hull",
)  # fmt: skip

TRUE = {
    "edge": EDGE,
    "path": PATH,
    "square": SQUARE,
    "triangle": TRIANGLE,
    "point": POINT,
    "pentagon": pentagon(SHORT_WAY, "geodesic"),
    "pentagon, long way": pentagon(LONG_WAY, "monophonic"),
    "pentagon, clique validity": pentagon(LONG_WAY, "clique"),
    "K23, hull": K23_HULL,
    "no rounds": NO_ROUNDS,
    "sets": BY_SETS,
    "multisets": BY_MULTISETS,
    "two tables": TWICE,
    "two inputs apart": APART,
    "P5 in one round": APART_5,
    "P6 in one round": APART_6,
    "two inputs apart, by clauses": REFUTED,
    "P5 in one round, by clauses": REFUTED_5,
    "cycle with leaves, by clauses": LEAVES,
    "square modulo 2": SQUARE_2,
    "square modulo 3": SQUARE_3,
    "square modulo 4": SQUARE_4,
}
