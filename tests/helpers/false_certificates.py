"""False certificates: what every checker of certificates must refuse.

Each breaks one condition of `docs/certificate-format.md`. Some claim what is known to be false (C4
for three processes is unsolvable, P3 for two is solvable in one round); in others the claim is
true, but the proof does not follow from what the format allows. More are made from true ones in
`damaged_certificates`.
"""

import copy
import math
from dataclasses import dataclass

from true_certificates import (
    APART,
    APART_5,
    APART_6,
    BY_MULTISETS,
    BY_SETS,
    C4,
    EDGE,
    FORMAT,
    K5,
    K23_HULL,
    KINDS,
    LONG_WAY,
    NO_ROUNDS,
    PATH,
    POINT,
    REFUTED,
    REFUTED_5,
    SQUARE,
    SQUARE_2,
    SQUARE_3,
    TRIANGLE,
    TWICE,
    UNUSED_6,
    as_lists,
    complete,
    consistency,
    graph,
    obstruction,
    path,
    pentagon,
    protocol,
    refutation,
)


@dataclass(frozen=True)
class FalseCertificate:
    """A document to be refused; `why` is a part of what the first checker says."""

    name: str
    document: object
    why: str


def at(original, *way):
    """Return a copy, with the last part of `way` in the place that the others lead to."""
    *where, last, value = way
    new = copy.deepcopy(original)
    part = new
    for key in where:
        part = part[key]
    if value is DROPPED:
        del part[last]
    elif isinstance(value, Inserted):
        part.insert(last, as_lists(value.value))
    else:
        part[last] = as_lists(value)
    return new


DROPPED = object()


@dataclass(frozen=True)
class Inserted:
    value: object


def proof(original, key, *way):
    return at(original, "proof", key, *way)


def _frames():
    for key in ("format", "graph", "validity", "processes", "claim", "rounds", "proof"):
        yield f"without {key}", at(EDGE, key, DROPPED), "just the keys"
    yield "with another key", EDGE | {"note": None}, "just the keys"
    yield "no document", None, "must be an object"
    yield "a list", [], "must be an object"
    yield "no proof", at(EDGE, "proof", None), "must be an object"
    yield "a proof without a kind", at(EDGE, "proof", "kind", DROPPED), "kind must be a string"
    yield "a proof with another key", at(EDGE, "proof", "note", 1), "just the keys"
    yield "a proof without its key", at(EDGE, "proof", "carriers", DROPPED), "just the keys"
    yield "a graph with another key", at(EDGE, "graph", "labels", []), "just the keys"
    yield "a graph without edges", at(EDGE, "graph", "edges", DROPPED), "just the keys"
    yield "another format", at(EDGE, "format", FORMAT[:-1] + "2"), "the format is not"
    yield "another validity", at(EDGE, "validity", "fair"), "unknown validity"
    yield "no processes", at(EDGE, "processes", 0), "there must be 1 to 6 processes"
    seven = protocol(path(1), 7)
    yield "seven processes", seven, "there must be 1 to 6 processes"
    constant = [[(None, (0,), 0)]]
    yield "101 rounds", protocol(path(1), 1, *constant * 101), "100 rounds at most"
    yield "a wrong claim", at(EDGE, "claim", "unsolvable"), "not one for the claim"
    yield "an unknown claim", at(EDGE, "claim", "true"), "not one for the claim"
    yield "an unknown kind", at(EDGE, "proof", "kind", "faith"), "not one for the claim"
    yield "another kind", at(EDGE, "proof", "kind", KINDS[1]), "not one for the claim"
    for document_ in (EDGE, SQUARE_2):
        yield "rounds where none belong", at(document_, "rounds", 0), "not one for the claim"
    for document_ in (BY_SETS, APART, REFUTED):
        yield "no rounds where some belong", at(document_, "rounds", None), "not one for"
    yield "too great a number", proof(TWICE, "tables", 0, 1, 2, 10**9), "from 0 to 999999999"


def _graphs():
    for order in (0, 63):
        yield f"{order} vertices", at(NO_ROUNDS, "graph", path(order)), "1 to 62 vertices"
    apart = graph(3, [(0, 1)])
    yield "not connected", protocol(apart, 1), "not connected"
    whole = "graph", "edges"
    yield "an edge twice", at(EDGE, *whole, [(0, 1), (0, 1)]), "strictly increasing"
    yield "edges out of order", at(PATH, *whole, [(1, 2), (0, 1)]), "strictly increasing"
    for edge in [(0, 0), (1, 0), (0, 2), (1, 1), (2, 1)]:
        edges = sorted([(0, 1), edge]) if edge != (0, 2) else [(0, 1), edge]
        yield f"the edge {edge}", at(EDGE, *whole, edges), "not of two vertices"
    yield "an edge of three", at(EDGE, *whole, [(0, 1, 1)]), "must have 2 parts"
    yield "an edge of one", at(EDGE, *whole, [(0,)]), "must have 2 parts"


def _carriers():
    key = "carriers"
    yield "an entry is missing", proof(PATH, key, 5, DROPPED), "the number of carriers must be 6"
    yield "an entry too many", proof(PATH, key, 6, Inserted(((0,), (0,), ()))), "carriers must be 6"
    yield "no entries", at(PATH, "proof", key, []), "the number of carriers must be 6"
    yield "more processes", at(PATH, "processes", 3), "the number of carriers must be 7"
    yield "fewer processes", at(PATH, "processes", 1), "the number of carriers must be 3"
    exchanged = proof(proof(PATH, key, 3, PATH["proof"][key][5]), key, 5, PATH["proof"][key][3])
    yield "entries out of order", exchanged, "is not where it belongs"
    yield "inputs out of order", proof(PATH, key, 3, 0, (1, 0)), "is not where it belongs"
    yield "an input twice", proof(PATH, key, 3, 0, (0, 0)), "is not where it belongs"
    yield "no inputs", proof(PATH, key, 0, 0, ()), "is not where it belongs"
    yield "a carrier out of order", proof(PATH, key, 3, 1, (1, 0)), "strictly increasing"
    yield "a vertex twice", proof(PATH, key, 3, 1, (0, 1, 1)), "strictly increasing"
    outside = proof(PATH, key, 3, ((0, 1), (0, 1, 2), [(0, 1), (2, 1)]))
    yield "outside of D", outside, "not inside D(S)"
    yield "outside of D, one input", proof(PATH, key, 0, ((0,), (0, 1), [(0, 1)])), "not inside"
    yield "no vertex of the graph", proof(PATH, key, 3, 1, (0, 1, 5)), "not inside D(S)"
    yield "the long way, geodesic", pentagon(LONG_WAY, "geodesic"), "not inside D(S)"
    yield "the long way, hull", pentagon(LONG_WAY, "hull"), "not inside D(S)"
    yield "a hull, geodesic", at(K23_HULL, "validity", "geodesic"), "not inside D(S)"
    yield (
        "more than a clique",
        proof(at(TRIANGLE, "validity", "clique"), key, 3, ((0, 1), (0, 1, 2), [(0, 1), (1, 2)])),
        "not inside D(S)",
    )
    smaller = ((0, 2), (1, 2), [(2, 1)])
    yield "without an input", proof(PATH, key, 4, smaller), "lacks that of a part"
    smaller = ((0, 1, 2), (1, 2), [(1, 2)])
    yield "without that of a pair", proof(TRIANGLE, key, 6, smaller), "lacks that of a part"
    yield "one round the other side", proof(
        proof(SQUARE_3_CARRIERS, key, 5, ((0, 2), (0, 2, 3), [(0, 3), (3, 2)])), key, 5,
        ((0, 2), (0, 2, 3), [(0, 3), (3, 2)]),
    ), "lacks that of a part"  # fmt: skip
    yield "C4 for three processes", SQUARE_3_CARRIERS, "is not dismantled to one vertex"
    yield "to itself", proof(EDGE, key, 2, 2, [(0, 0)]), "to itself"
    yield "a vertex that has gone", proof(PATH, key, 4, 2, [(0, 1), (0, 1)]), "is not there"
    yield "onto one that has gone", proof(PATH, key, 4, 2, [(0, 1), (1, 0)]), "is not there"
    yield "onto none of the graph", proof(EDGE, key, 2, 2, [(0, 7)]), "is not there"
    yield "not adjacent", proof(PATH, key, 4, 2, [(0, 2), (1, 2)]), "does not dominate"
    yield "not all neighbours", proof(SQUARE, key, 5, 2, [(1, 2), (0, 2)]), "does not dominate"
    yield "not to the end", proof(PATH, key, 4, 2, [(0, 1)]), "is not dismantled to one"
    yield "no steps", proof(PATH, key, 4, 2, []), "is not dismantled to one"
    yield "nothing", proof(POINT, key, 0, ((0,), (), ())), "is not dismantled to one"
    yield "a step of three", proof(EDGE, key, 2, 2, [(0, 1, 1)]), "must have 2 parts"
    yield "a step of one", proof(EDGE, key, 2, 2, [(0,)]), "must have 2 parts"
    yield "an entry of four", proof(EDGE, key, 0, ((0,), (0,), (), ())), "must have 3 parts"
    yield "an entry of two", proof(EDGE, key, 0, ((0,), (0,))), "must have 3 parts"


SQUARE_3_CARRIERS = at(SQUARE, "processes", 3)
SQUARE_3_CARRIERS["proof"]["carriers"] += as_lists([
    ((0, 1, 2), (0, 1, 2), [(0, 1), (1, 2)]),
    ((0, 1, 3), (0, 1, 2, 3), []),
    ((0, 2, 3), (0, 1, 2, 3), []),
    ((1, 2, 3), (1, 2, 3), [(1, 2), (2, 3)]),
])  # fmt: skip


def _protocols():
    key = "tables"
    sets = [(0,), (0, 1), (0, 2), (0, 3), (1,), (1, 2), (1, 3), (2,), (2, 3), (3,)]
    everything = [(None, seen, 0) for seen in sets]
    yield "no round too many", at(BY_SETS, "rounds", 0), "a table for each round, not 1"
    yield "more rounds", at(BY_SETS, "rounds", 2), "a table for each round, not 1"
    yield "a table is missing", at(BY_SETS, "proof", key, []), "a table for each round, not 0"
    yield "a table too many", at(TWICE, "rounds", 1), "a table for each round, not 2"
    yield "everybody decides 0", protocol(C4, 2, everything), "is not in D"
    of_three = sorted([*sets, (0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)])
    always = protocol(C4, 3, [(None, seen, 0) for seen in of_three])
    yield "C4 for three processes, who all decide 0", always, "is not in D"
    yield "C4 in no rounds", protocol(C4, 3), "not pairwise adjacent or equal"
    yield "P3 in no rounds", protocol(path(3), 2), "not pairwise adjacent or equal"
    yield "far outputs", proof(BY_SETS, key, 0, 2, 2, 0), "not pairwise adjacent or equal"
    yield "an output not allowed", proof(BY_SETS, key, 0, 0, 2, 1), "is not in D"
    yield "no vertex", proof(BY_SETS, key, 0, 0, 2, 3), "is not in D"
    for i in range(6):
        yield f"without entry {i}", proof(BY_SETS, key, 0, i, DROPPED), "has no entry for"
    for i in range(12):
        yield f"without entry {i}", proof(BY_MULTISETS, key, 0, i, DROPPED), "has no entry for"
    yield "an empty table", proof(BY_SETS, key, 0, []), "has no entry for"
    yield "more processes", at(BY_SETS, "processes", 3), "has no entry for"
    yield "fewer processes", at(BY_SETS, "processes", 1), "never looked up"
    twice = Inserted((None, (0,), 0))
    yield "an entry twice", proof(BY_SETS, key, 0, 0, twice), "strictly increasing"
    yield "another number", proof(BY_SETS, key, 0, 1, Inserted((None, (0,), 1))), "strictly"
    first = BY_SETS["proof"][key][0]
    yield "out of order", proof(BY_SETS, key, 0, [*first[1:], first[0]]), "strictly increasing"
    for name, where, entry in [
        ("of three values", 2, (None, (0, 1, 2), 1)),
        ("of no values", 0, (None, (), 0)),
        ("of values twice", 1, (None, (0, 0), 0)),
        ("of values out of order", 4, (None, (1, 0), 1)),
        ("of unknown values", 6, (None, (3,), 2)),
        ("of multisets", 6, (0, (0,), 0)),
    ]:
        yield f"an entry {name}", proof(BY_SETS, key, 0, where, Inserted(entry)), "never looked"
    for name, where, entry in [
        ("of sets", 0, (None, (0,), 0)),
        ("without one's own", 12, (3, (0, 1), 0)),
        ("out of order", 8, (1, (2, 1), 1)),
    ]:
        wanted = "has no entry" if entry[0] is None else "never looked up"
        yield f"an entry {name}", proof(BY_MULTISETS, key, 0, where, Inserted(entry)), wanted
    yield "a lost name", proof(TWICE, key, 1, 0, DROPPED), "table 1 has no entry"
    unused = Inserted((None, (7, 30), 1))
    yield "a name too many", proof(TWICE, key, 1, 1, unused), "table 1 has entries that are never"
    swapped = proof(proof(TWICE, key, 1, 0, 2, 2), key, 1, 2, 2, 0)
    yield "exchanged names", swapped, "is not in D"
    yield "too many states", protocol(complete(62), 6), "too many inputs"
    yield "an entry of four", proof(BY_SETS, key, 0, 0, (None, (0,), 0, 0)), "must have 3 parts"


def _views():
    """Of both kinds that have views; in each the conflict would be there but for one rule."""
    three = path(3)
    for rounds, views, pair, why in [
        # P3 is solvable in 0 rounds by one process, and in 1 round by two.
        (0, [(0, 0), (0, 2)], (0, 1), "do not occur together"),
        (1, [(0, 0), (1, 2)], (0, 1), "does not decide"),
        (1, [(0, 0), (0, (0,)), (1, 2)], (1, 2), "do not occur together"),
        (0, [(0, 0), (1, 2), (1, (1,))], (0, 2), "do not occur together"),
        (1, [(0, 0), (1, 2), (0, (0,)), (1, (1,))], (2, 3), "do not occur together"),
        (0, [(0, 0), (2, 2)], (0, 1), "a process that does not exist"),
        (0, [(0, 0), (1, 3)], (0, 1), "an input that is no vertex"),
        (0, [(0, 0), (1, 2)], (0, 2), "a view that does not exist"),
        (0, [(0, 0), (1, 2)], (2, 3), "a view that does not exist"),
        (0, [(0, 0), (1, 2), (1, 1)], (0, 1), "not used"),
        (0, [(0, 0), (1, 2), (1, (1,))], (0, 1), "not used"),
        (0, [(0, 0), (1, 2), (1, 2)], (0, 1), "occurs twice"),
        (1, [(0, 0), (1, 2), (0, (0,)), (1, ())], (2, 3), "exactly one view of its own"),
        (1, [(0, 0), (1, 2), (0, (1,)), (1, (1,))], (2, 3), "exactly one view of its own"),
        (1, [(0, 0), (0, 2), (0, (0, 1))], (2, 2), "exactly one view of its own"),
        (1, [(0, 0), (1, 2), (0, (0, 2)), (1, (1,))], (2, 3), "does not come before it"),
        (1, [(0, 0), (1, 2), (0, (0, 3)), (1, (1,))], (2, 3), "does not come before it"),
        (1, [(0, 0), (1, 2), (0, (0, 9)), (1, (1,))], (2, 3), "does not come before it"),
        (1, [(0, 0), (1, 2), (0, (1, 0)), (1, (1,))], (2, 3), "strictly increasing"),
        (1, [(0, 0), (1, 2), (0, (0, 0)), (1, (1,))], (2, 3), "strictly increasing"),
        (1, [(0, 0), (1, 2), (0, (0,)), (1, (1,)), (0, (0,))], (2, 3), "occurs twice"),
    ]:
        i, j = pair
        first = views[i][1] if i < len(views) and isinstance(views[i][1], int) else 0
        count = 1 if all(process == 0 for process, _ in views) else 2
        yield f"{why}: {views}", consistency(three, count, rounds, views, [(i, first, j)]), why
        yield f"{why}: {views}", refutation(three, count, rounds, views, [pair], ["0"]), why
    # P5 is solvable in 2 rounds by two processes: a second round after what no first round gives.
    views = [(0, 0), (1, 4), (0, (0,)), (1, (1,)), (0, (2,)), (1, (3,)), (0, (2, 3)), (1, (2, 3))]
    removals = [
        (6, 0, 5),
        (6, 1, 5),
        (6, 2, 5),
        (7, 2, 4),
        (7, 3, 4),
        (7, 4, 4),
        (7, 0, 6),
        (7, 1, 6),
    ]
    why = "sees views that do not occur together"
    yield "two that see nothing", consistency(path(5), 2, 2, views, removals), why
    edges = [(4, 7), (5, 6), (6, 7)]
    drat = REFUTED_5["proof"]["drat"]
    yield "two that see nothing", refutation(path(5), 2, 2, views, edges, drat), why
    # Immediacy: 0 sees itself and 1, so 1 cannot see 2, whom 0 does not see. P4, three processes.
    start = [(0, 0), (1, 0), (2, 3)]
    for order in (0, 1):
        less, more = (0, (0, 1)), (1, (0, 1, 2))
        views = [*start, *((more, less) if order else (less, more)), (2, (2,))]
        a, b = (4, 3) if order else (3, 4)
        removals = [(b, 0, 5), (b, 1, 5), (b, 2, a), (b, 3, a)]
        why = "do not occur together"
        yield "not immediate", consistency(path(4), 3, 1, views, removals), why
        turned = [(b, 0, 5), (b, 1, 5), (a, 0, b)]
        yield "not immediate, turned", consistency(path(4), 3, 1, views, turned), why
        edges = sorted([(3, 4), (b, 5)])
        yield "not immediate", refutation(path(4), 3, 1, views, edges, ["0"]), why
    yield "a view of three", proof(APART, "views", 0, (0, 0, 0)), "must have 2 parts"
    yield "a view of one", proof(APART, "views", 0, (0,)), "must have 2 parts"


def _consistencies():
    key = "removals"
    five = APART_5["proof"][key]
    yield "no removals", at(APART_5, "proof", key, []), "not used"
    for i in (0, 1, 3, 4, 5, 6):
        yield (
            f"without removal {i}",
            proof(APART_5, key, i, DROPPED),
            "something near is left|empty",
        )
    yield "without the last", proof(APART_5, key, 7, DROPPED), "no list is empty"
    yield "after the end", proof(APART_5, key, 8, Inserted((4, 3, 5))), "comes after a list is"
    yield "twice", proof(APART_5, key, 1, Inserted(five[0])), "is not in list"
    yield "no value", proof(APART, key, 0, (0, 7, 1)), "is not in list"
    yield "another value", proof(APART, key, 0, (0, 1, 1)), "is not in list"
    near = consistency(path(2), 2, 0, [(0, 0), (1, 1)], [(0, 0, 1)])
    yield "K2 in no rounds", near, "something near is left"
    yield "equal inputs", consistency(path(3), 2, 0, [(0, 2), (1, 2)], [(0, 2, 1)]), "near is left"
    yield "a removal that is not used", at(APART_6, "proof", key, UNUSED_6), "is not used"
    views = [*APART_6["proof"]["views"][:4], (1, (0, 1)), (0, (0, 1))]
    removals = [({4: 5, 5: 4}[i], a, {4: 5}.get(j, j)) for i, a, j in UNUSED_6]
    turned = consistency(path(6), 2, 1, views, removals)
    yield "one that is not used, of a later view", turned, "is not used"
    yield "too early", at(APART_5, "proof", key, [five[6], *five[:6], five[7]]), "is left"
    yield "of views that see it all", proof(APART, key, 0, (0, 0, 0)), "do not occur together"
    yield "a removal of two", proof(APART, key, 0, (0, 0)), "must have 3 parts"
    yield "more rounds", at(APART_5, "rounds", 2), "does not decide"
    yield "fewer rounds", at(APART_5, "rounds", 0), "does not decide"
    yield "K5", at(APART_5, "graph", K5), "something near is left"
    yield "a value twice", at(APART_5, "proof", key, [five[0], *five]), "is not in list"


def _refutations():
    key = "drat"
    yield "no clauses", at(REFUTED, "proof", key, []), "and no other, must be empty"
    for text in [
        "0 0", "1 0 0", "", "1", "1 ", " 0", "0 ", "+1 0", "01 0", "-0 0", "1  0", "1\t0", "0\n",
        "\uff11 0", "\u0661 0", "1e0 0", "1.0 0", "d 1 0", "1000000000 0", "--1 0", "1_0 0", "x 0",
        "1 0 2 0", "-1 0 0", "c 0", "00",
    ]:  # fmt: skip
        yield f"the clause {text!r}", at(REFUTED, "proof", key, [text, "0"]), "not in DIMACS form"
        yield f"the clause {text!r} last", at(REFUTED, "proof", key, [text]), "not in DIMACS form"
    for text in ("3 0", "-3 0", "999999999 0"):
        yield f"the clause {text!r}", proof(REFUTED, key, 0, Inserted(text)), "unknown variable"
    for text in ("1 1 0", "1 -1 0", "-2 1 2 0"):
        yield f"the clause {text!r}", proof(REFUTED, key, 0, Inserted(text)), "a variable twice"
    last = "the last clause, and no other"
    yield "after the end", at(REFUTED, "proof", key, ["0", "1 0"]), last
    yield "the end twice", at(REFUTED, "proof", key, ["0", "0"]), last
    yield "no end", at(REFUTED, "proof", key, ["1 0"]), last
    for text in ["3 0", "7 0", "1 0", "-7 0", "10 0", "-9 0", "3 4 5 0", "-6 -9 0"]:
        weak = at(WEAK, "proof", key, [text, "0"])
        yield f"{text!r} does not follow", weak, "does not follow"
    yield "nothing follows", at(WEAK, "proof", key, ["0"]), "the clause [] does not follow"
    edges = "edges"
    for i in range(3):
        wanted = "does not follow|not used"
        yield f"without edge {i}", proof(REFUTED_5, edges, i, DROPPED), wanted
    yield "no edges", at(REFUTED, "proof", edges, []), "not used"
    yield "an edge twice", proof(REFUTED_5, edges, 1, Inserted((2, 5))), "strictly increasing"
    yield "edges out of order", at(REFUTED_5, "proof", edges, [(3, 4), (2, 5), (4, 5)]), "strictly"
    yield "an edge turned", at(REFUTED, "proof", edges, [(1, 0)]), "not in order"
    yield "a loop", at(REFUTED, "proof", edges, [(0, 0)]), "not in order"
    yield "an edge of three", at(REFUTED, "proof", edges, [(0, 1, 1)]), "must have 2 parts"
    yield (
        "K2 in no rounds",
        refutation(path(2), 2, 0, [(0, 0), (1, 1)], [(0, 1)], ["0"]),
        "does not follow",
    )
    yield "more rounds", at(REFUTED_5, "rounds", 2), "does not decide"
    yield "fewer rounds", at(REFUTED_5, "rounds", 0), "does not decide"


# P4 is solvable by two processes in one round: the formula of P5's views has a model.
WEAK = refutation(
    path(4),
    2,
    1,
    [(0, 0), (1, 3), (0, (0,)), (1, (1,)), (0, (0, 1)), (1, (0, 1))],
    [(2, 5), (3, 4), (4, 5)],
    ["0"],
)


def _obstructions():
    key = "factors"
    for modulus in (0, 1):
        yield f"modulus {modulus}", at(SQUARE_2, "proof", "modulus", modulus), "at least 2"
    yield "another modulus", at(SQUARE_2, "proof", "modulus", 3), "do not cancel out"
    yield "no factors", at(SQUARE_2, "proof", key, []), "nothing is contradicted"
    for i in range(3):
        yield f"without factor {i}", proof(SQUARE_3, key, i, DROPPED), "cancel out|contradicted"
        for factor in (0, 3):
            yield f"factor {factor}", proof(SQUARE_3, key, i, 0, factor), "is not from 1 to 2"
        other = 3 - SQUARE_3["proof"][key][i][0]
        yield f"factor {i} is {other}", proof(SQUARE_3, key, i, 0, other), "do not cancel out"
    entries = SQUARE_2["proof"][key]
    yield "an equation twice", at(SQUARE_2, "proof", key, [entries[0], *entries]), "strictly"
    yield "thrice", at(SQUARE_2, "proof", key, [entries[0]] * 2 + entries), "strictly"
    yield "out of order", at(SQUARE_2, "proof", key, entries[::-1]), "strictly increasing"
    longer = [entries[1], entries[0], entries[2]]
    yield "larger sets first", at(SQUARE_2, "proof", key, longer), "strictly increasing"
    yield "inputs out of order", proof(SQUARE_2, key, 0, 1, (1, 0)), "strictly increasing"
    yield "an input twice", proof(SQUARE_2, key, 0, 1, (0, 0)), "strictly increasing"
    yield "no vertex", proof(SQUARE_2, key, 0, 1, (0, 4)), "no vertices"
    yield "one input", proof(SQUARE_2, key, 0, ((1), (0,), ())), "needs 2-3 inputs, not 1"
    yield "no inputs", proof(SQUARE_2, key, 0, ((1), (), ())), "needs 2-3 inputs, not 0"
    yield "C4 for two processes", at(SQUARE_2, "processes", 2), "needs 2-2 inputs, not 3"
    yield "no clique", proof(SQUARE_2, key, 1, 2, ()), "has a clique of size 0"
    yield "a smaller clique", proof(SQUARE_2, key, 1, 2, (0,)), "has a clique of size 1"
    yield "a larger clique", proof(SQUARE_2, key, 0, 2, (0, 1)), "has a clique of size 2"
    yield "a clique out of order", proof(SQUARE_2, key, 1, 2, (1, 0)), "strictly increasing"
    yield "a vertex twice", proof(SQUARE_2, key, 1, 2, (0, 0)), "strictly increasing"
    outside = Inserted((1, (0, 1), (2,)))
    yield "outside of D", proof(SQUARE_2, key, 1, outside), "not inside D(S)"
    apart = Inserted((1, (0, 1, 2), (0, 2)))
    yield "no edge", proof(SQUARE_2, key, 2, apart), "no clique"
    yield "a factor of two", proof(SQUARE_2, key, 0, (1, (0, 1))), "must have 3 parts"
    # Solvable: an edge; the square with a chord. What is left over is a multiple of the modulus.
    both = obstruction(
        C4,
        3,
        3,
        (2, (0, 1), (0,)),
        (1, (2, 3), (2,)),
        (1, (0, 1, 2), (0, 1)),
        (2, (0, 1, 2), (2, 3)),
        (1, (0, 2, 3), (0, 1)),
        (2, (0, 2, 3), (2, 3)),
    )
    yield "0 = 3 modulo 3", both, "nothing is contradicted"
    even = obstruction(path(2), 2, 2, (1, (0, 1), (0,)), (1, (0, 1), (1,)))
    yield "K2 modulo 2", even, "nothing is contradicted"
    chord = graph(4, [(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)])
    yield "a chord", at(SQUARE_2, "graph", chord), "inside D|cancel out"
    yield (
        "floats",
        obstruction(path(2), 2, 2, (1e16, (0, 1), (0,)), (1, (0, 1), (1,)), (-1e16, (0, 1), (0,))),
        "must be an integer, not float",
    )
    yield "a float", proof(SQUARE_2, key, 0, 0, 1.0), "must be an integer, not float"
    yield "no number", proof(SQUARE_2, key, 0, 0, math.nan), "must be an integer, not float"


def _reported():
    """Those that were once accepted."""
    views = [(0, 0), (0, (-1,)), (1, 2), (1, (-1,))]
    yield "views below 0", consistency(path(3), 3, 1, views, [(1, 0, 3)]), "from 0 to 999999999"
    zeros = refutation(path(2), 2, 0, [(0, 0), (1, 1)], [(0, 1)], ["0 0"])
    yield "a literal 0", zeros, "not in DIMACS form"


def by_hand():
    """Return the false certificates made by hand."""
    found = []
    for make in (_frames, _graphs, _carriers, _protocols, _views, _consistencies, _refutations,
                 _obstructions, _reported):  # fmt: skip
        title = make.__name__.strip("_")
        found += [FalseCertificate(f"{title}: {name}", it, why) for name, it, why in make()]
    return found
