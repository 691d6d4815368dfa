"""True certificates of the format `wait-free agreement certificate 1`, by hand or by search."""

from typing import Any

from small_certificates import (
    cycle,
    dismantled,
    document,
    edited,
    obstruction,
    path,
    refutation,
    removals,
    text,
)

COMPLETE = [(0, 1), (0, 2), (1, 2)]
OCTAHEDRON = [(a, b) for a in range(6) for b in range(a + 1, 6) if b - a != 3]
TAILED = [(0, 1), (0, 2), (1, 2), (2, 3)]  # a triangle with a tail
FAN = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4)]  # a path joined to one vertex

# --- contractible carriers ---

K2 = document(
    [(0, 1)],
    2,
    "contractible carriers",
    carriers=[[[0], [0], []], [[1], [1], []], [[0, 1], [0, 1], [[0, 1]]]],
)
P3C = document(
    path(3), 3, "contractible carriers",
    carriers=[
        [[0], [0], []], [[1], [1], []], [[2], [2], []],
        [[0, 1], [0, 1], [[0, 1]]], [[0, 2], [0, 1, 2], [[0, 1], [1, 2]]],
        [[1, 2], [1, 2], [[2, 1]]],
        [[0, 1, 2], [0, 1, 2], [[2, 1], [0, 1]]],
    ],
)  # fmt: skip
SQUARE = [[s, s, [[s[1], s[0]]]] for s in ([0, 1], [0, 3], [1, 2], [2, 3])]
C4C = document(
    cycle(4), 2, "contractible carriers",
    carriers=[
        *[[[v], [v], []] for v in range(4)],
        SQUARE[0], [[0, 2], [0, 1, 2], [[0, 1], [2, 1]]], SQUARE[1],
        SQUARE[2], [[1, 3], [0, 1, 3], [[1, 0], [3, 0]]], SQUARE[3],
    ],
)  # fmt: skip
POINT = document([], 1, "contractible carriers", carriers=[[[0], [0], []]])
FANC = dismantled(FAN, 3)

# --- decision protocols ---

MIDPOINT: list[list[Any]] = [
    [None, [0], 0],
    [None, [0, 1], 1],
    [None, [0, 2], 1],
    [None, [1], 1],
    [None, [1, 2], 1],
    [None, [2], 2],
]
P3T = document(path(3), 2, "decision protocol", 1, tables=[MIDPOINT])
P3TT = document(
    path(3), 2, "decision protocol", 2,
    tables=[
        [[own, seen, new + 70] for own, seen, new in MIDPOINT],
        [
            [None, [70], 0], [None, [70, 71], 1], [None, [71], 1], [None, [71, 72], 1],
            [None, [72], 2],
        ],
    ],
)  # fmt: skip
P3M = document(
    path(3), 2, "decision protocol", 1,
    tables=[[
        [0, [0], 0], [0, [0, 0], 0], [0, [0, 1], 0], [0, [0, 2], 1],
        [1, [0, 1], 1], [1, [1], 1], [1, [1, 1], 1], [1, [1, 2], 1],
        [2, [0, 2], 1], [2, [1, 2], 2], [2, [2], 2], [2, [2, 2], 2],
    ]],
)  # fmt: skip
K3T = document(COMPLETE, 3, "decision protocol", 0, validity="clique", tables=[])
C4T = document(
    cycle(4), 2, "decision protocol", 1, validity="clique",
    tables=[[
        *[[v, [v], v] for v in [0]], [0, [0, 0], 0], [0, [0, 1], 0], [0, [0, 2], 1], [0, [0, 3], 0],
        [1, [0, 1], 1], [1, [1], 1], [1, [1, 1], 1], [1, [1, 2], 1], [1, [1, 3], 2],
        [2, [0, 2], 1], [2, [1, 2], 2], [2, [2], 2], [2, [2, 2], 2], [2, [2, 3], 2],
        [3, [0, 3], 3], [3, [1, 3], 2], [3, [2, 3], 3], [3, [3], 3], [3, [3, 3], 3],
    ]],
)  # fmt: skip

# --- arc consistency ---

P3A = document(path(3), 2, "arc consistency", 0, views=[[0, 0], [1, 2]], removals=[[0, 0, 1]])
P5A = document(
    path(5), 2, "arc consistency", 1,
    views=[[0, 0], [1, 4], [0, [0]], [0, [0, 1]], [1, [0, 1]], [1, [1]]],
    removals=[[3, 0, 5], [3, 1, 5], [3, 2, 5], [4, 0, 3], [4, 1, 3], [2, 0, 4]],
)  # fmt: skip
P4A = document(
    path(4), 3, "arc consistency", 1,
    views=[[0, 0], [1, 0], [2, 3], [0, [0]], [1, [0, 1, 2]], [2, [2]]],
    removals=[[4, 0, 5], [4, 1, 5], [4, 2, 3], [4, 3, 3]],
)  # fmt: skip
P6A = removals(path(6), [(0,), (0,), (5,)], 3, 2)

# --- propositional refutations ---

P3R = document(
    path(3), 2, "propositional refutation", 0, views=[[0, 0], [1, 2]], edges=[[0, 1]], drat=["0"]
)
P5R = document(
    path(5), 2, "propositional refutation", 1,
    views=P5A["proof"]["views"], edges=[[2, 4], [3, 4], [3, 5]],
    # variables: 1 (2, 0); 2..6 (3, 0..4); 7..11 (4, 0..4); 12 (5, 4)
    drat=["-1 -10 0", "5 6 0", "-7 0", "0"],
)  # fmt: skip
C4R = refutation(cycle(4), [(0,), (1, 3), (2,)], 3, 1)

# --- chain map obstructions ---

C4O = document(
    cycle(4), 3, "chain map obstruction", modulus=2,
    factors=[[1, [0, 1], [0]], [1, [0, 1, 2], [0, 1]], [1, [0, 2, 3], [0, 1]]],
)  # fmt: skip
C4O6 = edited(
    C4O, proof__modulus=6, proof__factors__0__0=2, proof__factors__1__0=4, proof__factors__2__0=4
)
OCTO = obstruction(OCTAHEDRON, 4, 3)
# The image of {0, 2} goes over 0, 1 and 2, and the other faces of {0, 2, 4} do not cancel 1, 2.
C6O = document(
    cycle(6), 3, "chain map obstruction", modulus=5,
    factors=[[4, [0, 2], [0]], [4, [0, 2], [1]], [1, [0, 2, 4], [1, 2]]],
)  # fmt: skip

TRUE = {
    name: text(made)
    for name, made in {
        "K2 contractible": K2,
        "P3 contractible": P3C,
        "C4 contractible": C4C,
        "one vertex contractible": POINT,
        "one vertex, six processes": edited(POINT, processes=6),
        "fan contractible": FANC,
        "tailed triangle, hull": edited(dismantled(TAILED, 3), validity="hull"),
        "path, monophonic": edited(dismantled(path(5), 3), validity="monophonic"),
        "tailed triangle, monophonic": edited(dismantled(TAILED, 4), validity="monophonic"),
        "C4 contractible, clique": edited(C4C, validity="clique"),
        "P3 by sets": P3T,
        "P3 in two rounds": P3TT,
        "P3 by multisets": P3M,
        "P3, alone": document(
            path(3), 1, "decision protocol", 1, tables=[[[None, [v], v] for v in range(3)]]
        ),
        "K3 in no round": K3T,
        "K3 in no round, monophonic": edited(K3T, validity="monophonic"),
        "C4, clique, by multisets": C4T,
        "C4, geodesic, by multisets": edited(C4T, validity="geodesic"),
        "C4, hull, by multisets": edited(C4T, validity="hull"),
        "P3 not in no round": P3A,
        "P5 not in one round": P5A,
        "P5 not in one round, hull": edited(P5A, validity="hull"),
        "P4 not in one round": P4A,
        "P6 not in two rounds": P6A,
        "P3 refuted": P3R,
        "P5 refuted": P5R,
        "C4 refuted": C4R,
        "C4 refuted, hull": edited(C4R, validity="hull"),
        "C4 obstructed": C4O,
        "C4 obstructed, modulus 6": C4O6,
        "C4 obstructed, 62 vertices at most": document(
            [(0, 1), (0, 3), (1, 2), (2, 3), *((v, v + 1) for v in range(3, 61))], 3,
            "chain map obstruction", **{key: C4O["proof"][key] for key in ("modulus", "factors")},
        ),
        "octahedron obstructed": OCTO,
        "C4 obstructed, modulus 5": obstruction(cycle(4), 3, 5),
        "C6 obstructed, modulus 5": C6O,
        "C6 obstructed, over the other edge": edited(
            C6O,
            proof__factors=[[1, [0, 2], [1]], [1, [0, 2], [2]], [1, [0, 2, 4], [0, 1]]],
        ),
        "C5 obstructed, modulus 3": obstruction(cycle(5), 3, 3),
    }.items()
}  # fmt: skip
TRUE |= {
    "white space around": " \t\r\n" + text(K2) + " \t\r\n",
    "escaped letters": text(K2).replace("format", "\\u0066ormat", 1),
}
