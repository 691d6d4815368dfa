"""Well-formed certificates whose proofs are wrong, most of them in one place.

FALSE has (text, why): `why` is what the second checker says of it.
"""

from hand_made_true import (
    C4C,
    C4O,
    C4O6,
    C4R,
    C4T,
    COMPLETE,
    K2,
    K3T,
    OCTO,
    P3A,
    P3C,
    P3M,
    P3R,
    P3T,
    P3TT,
    P5A,
    P5R,
    P6A,
)
from small_certificates import document, edited, path, text

_PARTS = P3C["proof"]["carriers"]
_TRIPLES = [
    [[0, 1, 2], [0, 1, 2], [[0, 1], [2, 1]]],
    [[0, 1, 3], [0, 1, 3], [[1, 0], [3, 0]]],
    [[0, 2, 3], [0, 2, 3], [[0, 3], [2, 3]]],  # without 1, which is chosen for 0 and 2
    [[1, 2, 3], [1, 2, 3], [[1, 2], [3, 2]]],
]
_CARRIERS = [
    (
        text(edited(C4C, processes=3, proof__carriers=[*C4C["proof"]["carriers"], *_TRIPLES])),
        "carriers[12]: lacks a vertex chosen for a smaller set",
    ),
    (text(edited(K2, proof__carriers={})), "proof.carriers: an object of 0 is not an array"),
    (text(edited(K2, proof__carriers=[])), "proof.carriers: 0 entries for 3 sets"),
    (text(edited(P3C, processes=2)), "proof.carriers: 7 entries for 6 sets"),
    (text(edited(C4C, processes=3)), "proof.carriers: 10 entries for 14 sets"),
    (text(edited(P3C, proof__carriers=_PARTS[:-1])), "6 entries for 7 sets"),
    (text(edited(K2, proof__carriers__0=[[0], [0]])), "carriers[0]: has 2 entries and not 3"),
    (text(edited(K2, proof__carriers__0=[[0], [0], [], []])), "carriers[0]: has 4 entries"),
    (text(edited(K2, proof__carriers__0=None)), "carriers[0]: None is not an array"),
    (text(edited(K2, proof__carriers__0__0=0)), "carriers[0]: inputs: 0 is not an array"),
    (text(edited(K2, proof__carriers__0__1=0)), "carriers[0]: chosen vertices: 0 is not an array"),
    (text(edited(K2, proof__carriers__0__2=0)), "carriers[0]: steps: 0 is not an array"),
    (text(edited(K2, proof__carriers__2__2__0=0)), "carriers[2]: step: 0 is not an array"),
    (text(edited(K2, proof__carriers__2__2__0=[0, 1, 1])), "step: has 3 entries and not 2"),
    (text(edited(K2, proof__carriers__2__0=[0, 2])), "inputs: 2 is not between 0 and 1"),
    (text(edited(K2, proof__carriers__2__0=[1, 0])), "inputs: entry 1 is not greater"),
    (text(edited(K2, proof__carriers__2__0=[0, 0, 1])), "inputs: entry 1 is not greater"),
    (text(edited(K2, proof__carriers__2__1=[0, 2])), "chosen vertices: 2 is not between 0 and 1"),
    (text(edited(K2, proof__carriers__2__1=[1, 0])), "chosen vertices: entry 1 is not greater"),
    (text(edited(K2, proof__carriers__2__1=[0, True])), "chosen vertices: True is not an integer"),
    (text(edited(K2, proof__carriers__2__2__0=[0, 2])), "step: 2 is not between 0 and 1"),
    (text(edited(K2, proof__carriers__2__2__0=[2, 0])), "step: 2 is not between 0 and 1"),
    (text(edited(K2, proof__carriers__1__0=[0])), "carriers[1]: the inputs are not [1]"),
    (text(edited(K2, proof__carriers__2__0=[0])), "carriers[2]: the inputs are not [0, 1]"),
    (
        text(edited(P3C, proof__carriers__4=_PARTS[5])),
        "carriers[4]: the inputs are not [0, 2]",
    ),
    (text(edited(K2, proof__carriers__0__1=[1])), "[0]: a chosen vertex is outside the carrier"),
    (
        text(edited(P3C, proof__carriers__3=[[0, 1], [0, 1, 2], [[0, 1], [2, 1]]])),
        "carriers[3]: a chosen vertex is outside the carrier",
    ),
    (
        text(
            edited(C4C, proof__carriers__4=[[0, 1], [0, 1, 2], [[0, 1], [2, 1]]], validity="clique")
        ),
        "carriers[4]: a chosen vertex is outside the carrier",
    ),
    (
        text(edited(P3C, proof__carriers__4=[[0, 2], [1], []])),
        "carriers[4]: lacks a vertex chosen for a smaller set",
    ),
    (
        text(edited(P3C, proof__carriers__6=[[0, 1, 2], [0, 1], [[0, 1]]])),
        "carriers[6]: lacks a vertex chosen for a smaller set",
    ),
    (
        text(edited(P3C, proof__carriers__6=[[0, 1, 2], [1, 2], [[2, 1]]])),
        "carriers[6]: lacks a vertex chosen for a smaller set",
    ),
    (text(edited(K2, proof__carriers__0__1=[])), "carriers[0]: 0 vertices are left, not 1"),
    (text(edited(K2, proof__carriers__2__2=[])), "carriers[2]: 2 vertices are left, not 1"),
    (
        text(edited(C4C, proof__carriers__5=[[0, 2], [0, 1, 2, 3], []])),
        "carriers[5]: 4 vertices are left, not 1",
    ),
    (text(edited(K2, proof__carriers__2__2=[[0, 0]])), "step [0, 0] moves a vertex to itself"),
    (
        text(edited(K2, proof__carriers__2__2=[[0, 1], [0, 1]])),
        "step [0, 1] has a vertex that is not left",
    ),
    (
        text(edited(P3C, proof__carriers__6__2=[[2, 1], [1, 2]])),
        "step [1, 2] has a vertex that is not left",
    ),
    (text(edited(K2, proof__carriers__0__2=[[1, 0]])), "step [1, 0] has a vertex that is not left"),
    (text(edited(K2, proof__carriers__0__2=[[0, 1]])), "step [0, 1] has a vertex that is not left"),
    (
        text(edited(P3C, proof__carriers__6__2=[[0, 2], [2, 1]])),
        "step [0, 2] the second does not dominate",
    ),
    (
        text(edited(P3C, proof__carriers__6__2=[[1, 2], [0, 2]])),
        "step [1, 2] the second does not dominate",
    ),
    (
        text(edited(C4C, proof__carriers__5=[[0, 2], [0, 1, 2, 3], [[0, 1], [2, 1], [3, 1]]])),
        "step [0, 1] the second does not dominate",
    ),
]
_TABLE = P3T["proof"]["tables"][0]
_MULTI = P3M["proof"]["tables"][0]


def _table(*entries):
    return text(edited(P3T, proof__tables__0=list(entries)))


def _multi(*entries):
    return text(edited(P3M, proof__tables__0=list(entries)))


_PROTOCOLS = [
    (text(edited(P3T, proof__tables=None)), "proof.tables: None is not an array"),
    (text(edited(P3T, proof__tables=[])), "proof.tables: 0 tables for 1 round"),
    (text(edited(P3T, rounds=0)), "proof.tables: 1 table for 0 rounds"),
    (text(edited(P3TT, rounds=3)), "proof.tables: 2 tables for 3 rounds"),
    (text(edited(P3T, proof__tables__0={})), "table 0: an object of 0 is not an array"),
    (_table(), "table 0: no entry for"),
    (_table(*_TABLE[:-1]), "table 0: no entry for [None, (2,)]"),
    (_table(*_TABLE[:2], *_TABLE[3:]), "table 0: no entry for [None, (0, 2)]"),
    (_table(*_TABLE[:-1], None), "table 0, entry 5: None is not an array"),
    (_table(*_TABLE[:-1], [None, [2]]), "table 0, entry 5: has 2 entries and not 3"),
    (_table(*_TABLE[:-1], [None, [2], 2, 2]), "table 0, entry 5: has 4 entries and not 3"),
    (_table(*_TABLE[:-1], [None, 2, 2]), "table 0, entry 5: 2 is not an array"),
    (_table(*_TABLE[:-1], [None, [], 2]), "table 0, entry 5: must see 1 to 2 values, not 0"),
    (
        _table(_TABLE[0], [None, [0, 1, 2], 1], *_TABLE[1:]),
        "entry 1: must see 1 to 2 values, not 3",
    ),
    (_table(*_TABLE[:-1], [None, [3], 2]), "table 0, entry 5: 3 is not between 0 and 2"),
    (_table(*_TABLE[:-1], [None, ["2"], 2]), "table 0, entry 5: '2' is not an integer"),
    (_table(*_TABLE[:-1], [None, [2], 3]), "table 0, entry 5: 3 is not between 0 and 2"),
    (_table(*_TABLE[:-1], [None, [2], None]), "table 0, entry 5: None is not an integer"),
    (_table([None, [False], 0], *_TABLE[1:]), "table 0, entry 0: False is not an integer"),
    (_table(*_TABLE[:-1], [None, [2, 2], 2]), "entry 5: entry 1 is not greater than the one"),
    (_table(_TABLE[0], [None, [1, 0], 1], *_TABLE[2:]), "entry 1: entry 1 is not greater"),
    (_table(*_TABLE, _TABLE[-1]), "table 0: entry 6 is not greater"),
    (_table(*_TABLE, [None, [2], 1]), "table 0: entry 6 is not greater"),
    (_table(*_TABLE[1:], _TABLE[0]), "table 0: entry 5 is not greater"),
    (_table(*_TABLE[:-1], [2, [2], 2]), "table 0: mixes entries with and without own values"),
    (_table([0, [0], 0], *_TABLE[1:]), "table 0: mixes entries with and without own values"),
    (
        _table([None, [0], 0], [None, [0, 1], 1], [None, [0, 2], 0], *_TABLE[3:]),
        "[0, 2] in one run",
    ),
    (_table([None, [0], 1], *_TABLE[1:]), "decides 1 knowing of the inputs [0]"),
    (_table(_TABLE[0], [None, [0, 1], 2], *_TABLE[2:]), "decides 2 knowing of the inputs [0, 1]"),
    (text(edited(K3T, graph__edges=[[0, 1], [1, 2]])), "decides [0, 2] in one run, not a clique"),
    (_multi(*_MULTI[:1], *_MULTI[2:]), "table 0: no entry for [0, (0, 0)]"),
    (_multi(*_MULTI[1:]), "table 0: no entry for [0, (0,)]"),
    (_multi(*_MULTI[:5], *_MULTI[6:]), "table 0: no entry for [1, (1,)]"),
    (_multi(["0", [0], 0], *_MULTI[1:]), "table 0, entry 0: '0' is not an integer"),
    (_multi([False, [0], 0], *_MULTI[1:]), "table 0, entry 0: False is not an integer"),
    (_multi([3, [0], 0], *_MULTI[1:]), "table 0, entry 0: 3 is not between 0 and 2"),
    (_multi([1, [0], 0], *_MULTI[1:]), "entry 0: the own value is not among the values seen"),
    (_multi(*_MULTI[:4], [1, [1, 0], 1], *_MULTI[5:]), "entry 4: the values seen decrease"),
    (_multi(*_MULTI, _MULTI[-1]), "table 0: entry 12 is not greater"),
    (_multi(_MULTI[1], _MULTI[0], *_MULTI[2:]), "table 0: entry 1 is not greater"),
    (_multi(*_MULTI[5:], *_MULTI[:5]), "table 0: entry 7 is not greater"),
    (_multi(*_MULTI[:8], [2, [0, 2], 2], *_MULTI[9:]), "decides [0, 2] in one run"),
    (_multi(*_MULTI[:7], [1, [1, 2], 0], *_MULTI[8:]), "decides 0 knowing of the inputs [1, 2]"),
    (
        text(edited(P3TT, proof__tables__1__0=[None, [70], 70])),
        "table 1, entry 0: 70 is not between 0 and 2",
    ),
    (
        text(edited(P3TT, proof__tables__1=[*P3TT["proof"]["tables"][1], [None, [73], 2]])),
        "table 1: the entry for [None, [73]] is never looked up",
    ),
    (
        text(edited(P3TT, proof__tables__1=P3TT["proof"]["tables"][1][:-1])),
        "table 1: no entry for [None, (72,)]",
    ),
    (
        text(edited(P3TT, proof__tables__0__0__2=73)),
        "table 1: no entry for [None, (73,)]",
    ),
    (
        text(edited(C4T, proof__tables__0__5=[1, [0, 1], 2])),
        "decides 2 knowing of the inputs [0, 1]",
    ),
    (text(edited(C4T, proof__tables__0__9=[1, [1, 3], 1])), "decides [1, 3] in one run"),
]
_NAMED = P5A["proof"]["views"]
_VIEWS = [
    (text(edited(P5A, proof__views=0)), "proof.views: 0 is not an array"),
    (text(edited(P5A, proof__views__0=0)), "view 0: 0 is not an array"),
    (text(edited(P5A, proof__views__0=[0])), "view 0: has 1 entries and not 2"),
    (text(edited(P5A, proof__views__0=[0, 0, 0])), "view 0: has 3 entries and not 2"),
    (text(edited(P5A, proof__views__0=[2, 0])), "view 0: 2 is not between 0 and 1"),
    (text(edited(P5A, proof__views__0=[False, 0])), "view 0: False is not an integer"),
    (text(edited(P5A, proof__views__0=[0, False])), "view 0: False is not an integer"),
    (text(edited(P5A, proof__views__0=[0, None])), "view 0: None is not an integer"),
    (text(edited(P5A, proof__views__1=[1, 5])), "view 1: 5 is not between 0 and 4"),
    (text(edited(P5A, proof__views__2=[0, []])), "view 2: empty"),
    (text(edited(P5A, proof__views__2=[0, [2]])), "view 2: 2 is not between 0 and 1"),
    (text(edited(P5A, proof__views__3=[0, [0, 5]])), "view 3: 5 is not between 0 and 2"),
    (text(edited(P5A, proof__views__0=[0, [0]])), "view 0: 0 is not between 0 and -1"),
    (text(edited(P5A, proof__views__3=[0, [1, 0]])), "view 3: entry 1 is not greater"),
    (text(edited(P5A, proof__views__2=[0, [0, 0]])), "view 2: entry 1 is not greater"),
    (text(edited(P5A, proof__views__2=[0, ["0"]])), "view 2: '0' is not an integer"),
    (text(edited(P5A, proof__views__2=[0, [1]])), "view 2: does not see its own process"),
    (text(edited(P5A, proof__views__1=[0, 4])), "view 3: 0 and 1 do not occur together"),
    (text(edited(P5A, proof__views__3=[0, [0, 2]])), "view 3: 0 and 2 do not occur together"),
    (text(edited(P5A, proof__views__3=[0, [1, 2]])), "view 3: 1 and 2 do not occur together"),
    (text(edited(P5A, proof__views__3=[0, [0]])), "view 3: is there already"),
    (text(edited(P5A, proof__views__1=[0, 0])), "view 1: is there already"),
    (text(edited(P5A, rounds=0)), "view 2: is of round 1, beyond 0"),
    (text(edited(P6A, rounds=1)), "is of round 2, beyond 1"),
    (text(edited(P5A, rounds=2)), "removal 0: view 3 does not decide"),
    (text(edited(P5R, rounds=2)), "edge 0: view 2 does not decide"),
    (text(edited(P5A, proof__removals__0=[0, 0, 1])), "removal 0: view 0 does not decide"),
    (text(edited(P5A, proof__removals__0=[3, 0, 1])), "removal 0: view 1 does not decide"),
    (text(edited(P5R, proof__edges__0=[0, 4])), "edge 0: view 0 does not decide"),
    (text(edited(P5R, proof__edges__0=[1, 4])), "edge 0: view 1 does not decide"),
    (text(edited(P5A, proof__removals__0=[3, 0, 2])), "views 3 and 2 do not occur together"),
    (text(edited(P5A, proof__removals__0=[2, 0, 5])), "views 2 and 5 do not occur together"),
    (text(edited(P5R, proof__edges=[[2, 4], [2, 5], [3, 4], [3, 5]])), "2 and 5 do not occur"),
    (text(edited(P5R, proof__edges__0=[2, 3])), "views 2 and 3 do not occur together"),
    (
        text(edited(P5A, proof__views=[*_NAMED, [0, 4]])),
        "view 6: is not used",
    ),
    (
        text(edited(P5A, proof__views=[*_NAMED, [0, 4], [0, [1, 6]]])),
        "view 7: is not used",
    ),
    (
        text(edited(P5R, proof__views=[*_NAMED, [1, 0]])),
        "view 6: is not used",
    ),
    (
        text(edited(P5R, proof__views=[*_NAMED, [0, 4], [0, [1, 6]]])),
        "view 7: is not used",
    ),
]


def _three(views, pair):
    """Whether two views of three processes after a round occur together: as the first edge."""
    return text(
        document(
            path(4), 3, "arc consistency", 1,
            views=[[0, 0], [1, 0], [2, 3], *views], removals=[[*pair[:1], 0, *pair[1:]]],
        )
    )  # fmt: skip


_PAIRS = [
    # neither sees what the other sees
    (_three([[0, [0, 1]], [2, [1, 2]]], [3, 4]), "views 3 and 4 do not occur together"),
    (_three([[0, [0]], [1, [1]]], [3, 4]), "views 3 and 4 do not occur together"),
    (_three([[0, [0, 2]], [1, [0, 1]]], [3, 4]), "views 3 and 4 do not occur together"),
    # the larger one is of a process that the smaller one sees
    (_three([[0, [0, 1]], [1, [0, 1, 2]]], [3, 4]), "views 3 and 4 do not occur together"),
    (_three([[0, [0, 1, 2]], [1, [0, 1]]], [3, 4]), "views 3 and 4 do not occur together"),
    (_three([[0, [0, 1]], [1, [0, 1, 2]]], [4, 3]), "views 4 and 3 do not occur together"),
    # two views of one process
    (_three([[0, [0]], [0, [0, 1]]], [3, 4]), "views 3 and 4 do not occur together"),
    # the same processes with other inputs
    (_three([[1, 3], [0, [0, 1]], [1, [0, 3]]], [4, 5]), "views 4 and 5 do not occur together"),
    (_three([[1, 3], [0, [0, 1]], [2, [0, 2, 3]]], [4, 5]), "views 4 and 5 do not occur together"),
    # and in what a view of the next round sees
    (
        text(
            edited(
                P6A,
                proof__views=[*P6A["proof"]["views"][:3], [0, [0, 1]], [1, [0, 1, 2]], [0, [3, 4]]],
                proof__removals=[[0, 0, 0]],
            )
        ),
        "view 5: 3 and 4 do not occur together",
    ),
]  # fmt: skip
_ARCS = P5A["proof"]["removals"]
_MIRRORED = [[4, 4, 2], [4, 3, 2], [4, 2, 2], [3, 4, 4], [3, 3, 4], [5, 4, 3]]
_REMOVALS = [
    (
        text(edited(P5A, proof__removals=[[3, 0, 5], *_MIRRORED])),
        "removal 0: is not used",  # 3 and 4 are wanted of view 3
    ),
    (
        text(
            edited(
                P5A,
                proof__views=[*P5A["proof"]["views"], [1, 3], [1, [6]], [0, [0, 6]]],
                proof__removals=[[8, 0, 7], *_ARCS],
            )
        ),
        "removal 0: is not used",  # nothing is wanted of view 8
    ),
    (text(edited(P3A, proof__removals=[])), "proof.removals: empty"),
    (text(edited(P3A, proof__removals=0)), "proof.removals: 0 is not an array"),
    (text(edited(P3A, proof__removals__0="001")), "removal 0: '001' is not an array"),
    (text(edited(P3A, proof__removals__0=[0, 0])), "removal 0: has 2 entries and not 3"),
    (text(edited(P3A, proof__removals__0=[0, 0, 1, 1])), "removal 0: has 4 entries and not 3"),
    (text(edited(P3A, proof__removals__0=[2, 0, 1])), "removal 0: 2 is not between 0 and 1"),
    (text(edited(P3A, proof__removals__0=[0, 3, 1])), "removal 0: 3 is not between 0 and 2"),
    (text(edited(P3A, proof__removals__0=[0, 0, 2])), "removal 0: 2 is not between 0 and 1"),
    (text(edited(P3A, proof__removals__0=[False, 0, 1])), "removal 0: False is not an integer"),
    (text(edited(P3A, proof__removals__0=[0, False, 1])), "removal 0: False is not an integer"),
    (text(edited(P3A, proof__removals__0=[0, 0, True])), "removal 0: True is not an integer"),
    (text(edited(P3A, proof__removals__0=[0, 0, 0])), "views 0 and 0 do not occur together"),
    (text(edited(P3A, proof__removals__0=[0, 1, 1])), "removal 0: 1 is not in the list of view 0"),
    (
        text(edited(P5A, proof__removals=[[3, 0, 5], *_ARCS])),
        "removal 1: 0 is not in the list of view 3",
    ),
    (text(edited(P3A, proof__views__1=[1, 1])), "view 1 can still decide something near 0"),
    (text(edited(P3A, proof__views__1=[1, 0])), "view 1 can still decide something near 0"),
    (
        text(edited(P5A, proof__removals__2=[3, 3, 5])),
        "removal 2: view 5 can still decide something near 3",
    ),
    (
        text(edited(P5A, proof__removals=_ARCS[3:])),
        "removal 0: view 3 can still decide something near 0",
    ),
    (
        text(edited(P3A, proof__removals=[[0, 0, 1], [1, 2, 0]])),
        "removal 0: the list of view 0 is empty before the last removal",
    ),
    (
        text(edited(P5A, proof__removals=_ARCS[:-1])),
        "the list of view 4 is not empty at the end",
    ),
    (
        text(edited(P5A, proof__removals=[[4, 4, 2], *_ARCS])),
        "removal 0: is not used",
    ),
    (
        text(edited(P5A, proof__removals=[*_ARCS[:5], [4, 4, 2], [2, 0, 4]])),
        "removal 5: is not used",
    ),
]
_DRAT = C4R["proof"]["drat"]
_CLAUSES = [
    (text(edited(P3R, proof__edges=0)), "proof.edges: 0 is not an array"),
    (text(edited(P3R, proof__edges__0=0)), "edge 0: 0 is not an array"),
    (text(edited(P3R, proof__edges__0=[0, 1, 1])), "edge 0: has 3 entries and not 2"),
    (text(edited(P3R, proof__edges__0=[0, 2])), "edge 0: 2 is not between 0 and 1"),
    (text(edited(P3R, proof__edges__0=[False, 1])), "edge 0: False is not an integer"),
    (text(edited(P3R, proof__edges__0=[1, 0])), "edge 0: the first view is not less than the"),
    (text(edited(P3R, proof__edges__0=[0, 0])), "edge 0: the first view is not less than the"),
    (text(edited(P3R, proof__edges=[[0, 1], [0, 1]])), "proof.edges: entry 1 is not greater"),
    (text(edited(P5R, proof__edges=[[3, 4], [2, 4], [3, 5]])), "edges: entry 1 is not greater"),
    (text(edited(P3R, proof__edges=[])), "view 0: is not used"),
    (text(edited(P5R, proof__edges=[[3, 4], [3, 5]])), "view 2: is not used"),
    (text(edited(P3R, proof__drat=[])), "proof.drat: empty"),
    (text(edited(P3R, proof__drat="0")), "proof.drat: '0' is not an array"),
    (text(edited(P3R, proof__drat=[0])), "clause 0: 0 is not a string"),
    *(
        (text(edited(P3R, proof__drat=[line, "0"])), "is not literals and a 0")
        for line in (
            "", " 0", "0 ", "0 0", "1", "1 ", "1  0", "1\t0", "1 0\n", "+1 0", "01 0", "-0 0",
            "1 00", "d 1 0", "1 0 2 0", "1.0 0", "\u0661 0", "1 \u0660", "1000000000 0",
            "x 0", "c 0", "--1 0", "1,2 0", "1 -0", "1\u00a00", "0\n",
        )
    ),
    (text(edited(P3R, proof__drat=["1 1 0", "0"])), "clause 0: a variable occurs twice"),
    (text(edited(P3R, proof__drat=["1 -1 0", "0"])), "clause 0: a variable occurs twice"),
    (text(edited(P3R, proof__drat=["1 0"])), "the last clause is not the empty one"),
    (text(edited(P3R, proof__drat=["0", "0"])), "clauses stand behind the empty one"),
    (text(edited(P3R, proof__drat=["0", "1 0", "0"])), "clauses stand behind the empty one"),
    (text(edited(P3R, proof__drat=["3 0", "0"])), "clause 0: there is no variable 3"),
    (text(edited(P3R, proof__drat=["-3 0", "0"])), "clause 0: there is no variable 3"),
    (text(edited(P5R, proof__drat=["13 0", "0"])), "clause 0: there is no variable 13"),
    (text(edited(P3R, proof__views__1=[1, 1])), "clause 0: does not follow"),
    (text(edited(P3R, proof__views=[], proof__edges=[])), "clause 0: does not follow"),
    (text(edited(C4R, proof__drat=["0"])), "clause 0: does not follow"),
    (text(edited(C4R, proof__drat=["-2 0", "0"])), "clause 0: does not follow"),
    (text(edited(C4R, proof__drat=_DRAT[2:])), "clause 0: does not follow"),
    (text(edited(C4R, proof__drat__0="-2 0")), "clause 0: does not follow"),
    (text(edited(C4R, proof__drat=[*_DRAT[:20], "0"])), "clause 20: does not follow"),
]  # fmt: skip
_FACTORS = C4O["proof"]["factors"]
_OBSTRUCTIONS = [
    (text(edited(C4O, proof__modulus=1)), "proof.modulus: 1 is not between 2 and"),
    (text(edited(C4O, proof__modulus=0)), "proof.modulus: 0 is not between 2 and"),
    (text(edited(C4O, proof__modulus="2")), "proof.modulus: '2' is not an integer"),
    (text(edited(C4O, proof__factors=[])), "proof.factors: empty"),
    (text(edited(C4O, proof__factors={})), "proof.factors: an object of 0 is not an array"),
    (text(edited(C4O, proof__factors__0=1)), "factor 0: 1 is not an array"),
    (text(edited(C4O, proof__factors__0=[1, [0, 1]])), "factor 0: has 2 entries and not 3"),
    (text(edited(C4O, proof__factors__0=[1, [0, 1], [0], 0])), "factor 0: has 4 entries and not 3"),
    (text(edited(C4O, proof__factors__0__0=0)), "multiplier: 0 is not between 1 and 1"),
    (text(edited(C4O, proof__factors__0__0=2)), "multiplier: 2 is not between 1 and 1"),
    (text(edited(C4O6, proof__factors__0__0=6)), "multiplier: 6 is not between 1 and 5"),
    (text(edited(C4O, proof__factors__0__0=True)), "multiplier: True is not an integer"),
    (text(edited(C4O, proof__factors__0__1=[0, 4])), "inputs: 4 is not between 0 and 3"),
    (text(edited(C4O, proof__factors__0__1=[1, 0])), "inputs: entry 1 is not greater"),
    (text(edited(C4O, proof__factors__0__1=[0, 0])), "inputs: entry 1 is not greater"),
    (text(edited(C4O, proof__factors__0__1=[False, 1])), "inputs: False is not an integer"),
    (text(edited(C4O, proof__factors__0__2=[4])), "clique: 4 is not between 0 and 3"),
    (text(edited(C4O, proof__factors__0__2=0)), "clique: 0 is not an array"),
    (text(edited(C4O, proof__factors__1__2=[1, 0])), "clique: entry 1 is not greater"),
    (text(edited(C4O, proof__factors__1__2=[0, 0])), "clique: entry 1 is not greater"),
    (text(edited(C4O, proof__factors__0=[1, [0], []])), "factor 0: must have 2 to 3 inputs, not 1"),
    (text(edited(C4O, proof__factors__0=[1, [], []])), "factor 0: must have 2 to 3 inputs, not 0"),
    (text(edited(C4O, processes=2)), "factor 1: must have 2 to 2 inputs, not 3"),
    (
        text(edited(C4O, proof__factors=[*_FACTORS, [1, [0, 1, 2, 3], [0, 1, 2]]])),
        "factor 3: must have 2 to 3 inputs, not 4",
    ),
    (text(edited(C4O, proof__factors__0__2=[])), "factor 0: 0 vertices in the clique, not 1"),
    (text(edited(C4O, proof__factors__0__2=[0, 1])), "factor 0: 2 vertices in the clique, not 1"),
    (
        text(edited(C4O, proof__factors=[*_FACTORS[1:], _FACTORS[0]])),
        "proof.factors: entry 2 is not greater",
    ),
    (
        text(edited(C4O, proof__factors=[_FACTORS[0], *_FACTORS])),
        "proof.factors: entry 1 is not greater",
    ),
    (
        text(edited(C4O, proof__modulus=3, proof__factors=[[1, [0, 1], [0]], [2, [0, 1], [0]]])),
        "proof.factors: entry 1 is not greater",
    ),
    (text(edited(C4O, proof__factors__1__2=[0, 2])), "factor 1: [0, 2] is not a clique"),
    (text(edited(C4O, proof__factors__0__2=[2])), "factor 0: [2] is outside the carrier"),
    (text(edited(C4O, proof__factors=_FACTORS[:1])), "x([0, 1], [0, 1]) does not"),
    (text(edited(C4O, proof__factors=_FACTORS[:2])), "x([0, 2], [0, 1]) does not"),
    (text(edited(C4O, proof__modulus=3)), "x([0, 1], [0, 1]) does not cancel"),
    (text(edited(C4O6, proof__factors__0__0=1)), "x([0, 1], [0, 1]) does not cancel"),
    (
        text(document(
            COMPLETE, 2, "chain map obstruction", modulus=5,
            factors=[[1, [0, 1], [0]], [1, [0, 1], [1]]],
        )),
        "the numbers add up to 0",
    ),
    (
        text(edited(OCTO, proof__factors__3__0=3 - OCTO["proof"]["factors"][3][0])),
        "does not cancel",
    ),
]  # fmt: skip
FALSE = [
    *_CARRIERS, *_PROTOCOLS, *_VIEWS, *_PAIRS, *_REMOVALS, *_CLAUSES,
    *_OBSTRUCTIONS,
]  # fmt: skip
