"""What the second checker is put through: each trial raises an exception if it fails.

A trial takes the checker's modules by their names, as `agreement.solve.second_checker` and its
mutants have them; `package` is the package itself.
"""

import io
import json
import random
import re
from contextlib import redirect_stderr, redirect_stdout
from itertools import combinations, product
from unittest.mock import patch

import true_certificates
from certificate_trials import MINIMUM
from false_certificates import by_hand
from hand_made_false import FALSE
from hand_made_malformed import MALFORMED
from hand_made_true import K2, K3T, P5A, TRUE
from small_certificates import (
    complex_of,
    dismantled,
    document,
    edited,
    formula,
    knowledge,
    path,
    text,
    unit_propagation,
)

P3_MONOPHONIC = edited(dismantled(path(3), 2), validity="monophonic")
P5_REFUTED = json.loads(TRUE["P5 refuted"])
LIMITS = [
    ("shapes", "MOST_BYTES", 33_554_432),
    ("shapes", "MOST_BRACKETS", 2_000_000),
    ("shapes", "MOST_NESTING", 8),
    ("shapes", "MOST_NUMBER", 999_999_999),
    ("document", "MOST_VERTICES", 62),
    ("document", "MOST_PROCESSES", 6),
    ("document", "MOST_ROUNDS", 100),
    ("carriers", "MOST_INDUCED_PATHS", 1_000_000),
    ("runs", "MOST_STATES", 1_000_000),
    ("refutations", "MOST_CLAUSES", 2_000_000),
]
"""The limits of the format, and the modules that have them."""
NEEDED = [
    ("shapes", "MOST_BYTES", K2, len(text(K2)), "longer than"),
    ("shapes", "MOST_BRACKETS", K2, sum(map(text(K2).count, "[{")), "more than"),
    # the vertices, and each pair in two directions
    ("carriers", "MOST_INDUCED_PATHS", P3_MONOPHONIC, 3 + 6, "induced paths"),
    # multisets of two of three vertices
    ("runs", "MOST_STATES", edited(K3T, processes=2), 6, "combinations of inputs"),
    # 000 and 111 lead to one state each, 001 to four, and 011 to three of those and one more
    ("runs", "MOST_STATES", MINIMUM, 7, "table 0: leads to more"),
    # four views decide something; 4 + 10 + 4 pairs of values are not near
    (
        "refutations",
        "MOST_CLAUSES",
        P5_REFUTED,
        len(formula(path(5), *(P5_REFUTED["proof"][key] for key in ("views", "edges")))[1]),
        "clauses",
    ),
]
"""What some certificates need of the limits, and what is said if the limit is one less."""


def statement(made):
    """Return what an accepted certificate proves, as the format's page words it."""
    it = json.loads(made)
    rounds = {None: "", 1: " in 1 round"}.get(it["rounds"], f" in {it['rounds']} rounds")
    processes = {1: "1 process"}.get(it["processes"], f"{it['processes']} processes")
    order = it["graph"]["vertices"]
    vertices = "1 vertex" if order == 1 else f"{order} vertices"
    return f"{it['claim']}{rounds}: {processes}, {vertices}, {it['validity']} validity"


_LARGE = re.compile('"vertices": [0-9]{2}')
K23 = [(u, v) for u in (0, 1) for v in (2, 3, 4)]
"""It has an interval and induced paths between two vertices that are not closed."""


def refused(modules, made, why):
    """Fail unless the checker refuses a certificate for this reason."""
    try:
        said = modules["package"].check(made)
    except modules["shapes"].RefusedError as error:
        reason = str(error)
    else:
        raise AssertionError(f"accepted: {said}")
    assert why in reason


def true_ones_are_accepted(modules, *, large=True):
    """Check the true certificates; those of ten vertices and more only if `large`."""
    for made in (*TRUE.values(), *map(text, true_certificates.TRUE.values())):
        if large or not _LARGE.search(made):
            assert modules["package"].check(made) == statement(made)
            assert modules["package"].check(made.encode()) == statement(made)


def false_ones_are_refused(modules, *, large=True):
    """Check the false certificates; those of ten vertices and more only if `large`."""
    for made, why in (*FALSE, *MALFORMED, *((text(it.document), "") for it in by_hand())):
        if large or not (isinstance(made, str) and _LARGE.search(made)):
            refused(modules, made, why)


def limits_are_those_of_the_format(modules):
    for module, name, limit in LIMITS:
        assert getattr(modules[module], name) == limit, name


def a_limit_is_the_last_number_allowed(modules, module, name, made, needed, why):
    with patch.object(modules[module], name, needed):
        assert modules["package"].check(text(made))
    with patch.object(modules[module], name, needed - 1):
        refused(modules, text(made), why)


def states_after_a_round_are_limited(modules):
    """A table that keeps what was seen apart makes more states than there were."""
    seen = [[v] for v in range(3)] + [[0, 1], [0, 2], [1, 2]]
    first = [[None, s, 10 + at] for at, s in enumerate(sorted(seen))]
    made = text(document(path(3), 2, "decision protocol", 2, tables=[first, []]))
    # 3 inputs that are the same lead to one state each; 3 others to three each
    with patch.object(modules["runs"], "MOST_STATES", 12):
        refused(modules, made, "table 1: no entry")
    with patch.object(modules["runs"], "MOST_STATES", 11):
        refused(modules, made, "table 0: leads to more than 11 states")


def inputs_are_limited(modules):
    """Six processes on 62 vertices have too many inputs, even for a protocol without rounds."""
    made = document(list(combinations(range(62), 2)), 6, "decision protocol", 0, tables=[])
    refused(modules, text(made), "combinations of inputs")


# --- parts, compared with their definitions ---


def random_graph(size, chance, seed):
    chosen = random.Random(seed)
    edges = {(chosen.randrange(v), v) for v in range(1, size)}
    edges |= {pair for pair in combinations(range(size), 2) if chosen.random() < chance}
    return sorted(edges)


def is_near(edges, u, v):
    return u == v or (min(u, v), max(u, v)) in edges


def simple_paths(edges, size, so_far):
    yield so_far
    for v in range(size):
        if v not in so_far and is_near(edges, so_far[-1], v):
            yield from simple_paths(edges, size, (*so_far, v))


def between(edges, size, u, v, validity):
    """Vertices between two, from all simple paths between them."""
    found = [p for p in simple_paths(edges, size, (u,)) if p[-1] == v]
    if validity == "monophonic":
        chosen = [
            p
            for p in found
            if not any(
                is_near(edges, p[i], p[j]) for i in range(len(p)) for j in range(i + 2, len(p))
            )
        ]
    else:
        chosen = [p for p in found if len(p) == min(map(len, found))]
    return {w for p in chosen for w in p}


def carriers_are_those_of_the_definition(modules, size, edges):
    made, bits, as_bits = (getattr(modules["carriers"], n) for n in ("Carriers", "bits", "as_bits"))
    pairs = {
        (validity, u, v): between(edges, size, u, v, validity)
        for validity in ("geodesic", "monophonic")
        for u, v in product(range(size), repeat=2)
    }
    maps = {v: made(size, edges, v) for v in ("geodesic", "hull", "monophonic", "clique")}
    for chosen in range(1, 1 << size):
        inputs = {v for v in range(size) if chosen >> v & 1}
        assert [*bits(chosen)] == sorted(inputs)
        assert as_bits(inputs) == chosen
        expected = {
            validity: set().union(*(pairs[validity, u, v] for u in inputs for v in inputs))
            for validity in ("geodesic", "monophonic")
        }
        hull = inputs
        for _ in range(size):
            hull = set().union(*(pairs["geodesic", u, v] for u in hull for v in hull))
        expected["hull"] = hull
        near = all(is_near(edges, u, v) for u in inputs for v in inputs)
        expected["clique"] = inputs if near else set(range(size))
        for validity, carrier in expected.items():
            assert maps[validity].is_clique(chosen) == near
            assert set(bits(maps[validity].carrier(chosen))) == carrier


def ordered_partitions_are_all_and_each_once(modules, processes, count):
    found = list(modules["views"].ordered_partitions(processes))
    assert len(set(found)) == len(found) == count
    for seen in found:
        assert all(seen[p] >> p & 1 for p in range(processes))


def occur_together(views, depth, i, j):
    """The four conditions of the format's page."""
    (p, first), (q, second) = views[i], views[j]
    if p == q or depth[i] != depth[j]:
        return False
    if isinstance(first, int):
        return True
    first, second = set(first), set(second)
    return (
        (first <= second or second <= first)
        and (second <= first or q not in {views[one][0] for one in first})
        and (first <= second or p not in {views[one][0] for one in second})
    )


def views_occur_together_as_in_the_complex(modules, inputs, n, k):
    """Three ways agree: the complex of all runs, the page's four conditions, and the checker."""
    numbered, pairs = complex_of([range(inputs)] * n, n, k)
    depth = []
    for _, what in numbered:
        depth.append(0 if isinstance(what, int) else 1 + depth[what[0]])
    view = modules["document"].View
    views = modules["views"].Views(
        [view(p, w if isinstance(w, int) else tuple(w)) for p, w in numbered], n, k
    )
    assert [set(modules["carriers"].bits(known)) for known in views.known] == knowledge(numbered)
    deciding = [i for i in range(len(numbered)) if depth[i] == k]
    assert views.deciding == deciding
    together = set(pairs)
    for i, j in combinations(range(len(numbered)), 2):
        expected = occur_together(numbered, depth, i, j)
        assert views.occur_together(i, j) == views.occur_together(j, i) == expected
        if depth[i] == depth[j] == k:
            assert ((i, j) in together) == expected


def propagation_agrees_with_scanning(modules, seed, times=60):
    """Add random clauses, which need not follow, to a random formula of lists and edges."""
    chosen = random.Random(seed)
    size = 4
    bits = modules["carriers"].bits
    edges = random_graph(size, 0.2, seed)
    near = modules["carriers"].Carriers(size, edges, "clique").near
    lists = {view: chosen.randrange(1, 1 << size) for view in (2, 0, 3, 1)}
    pairs = [pair for pair in combinations(range(4), 2) if chosen.random() < 0.7]
    variables = [(view, value) for view in sorted(lists) for value in bits(lists[view])]
    number = {pair: at for at, pair in enumerate(variables, 1)}
    clauses = [[number[view, value] for value in bits(lists[view])] for view in lists]
    clauses += [
        [-number[i, a], -number[j, b]]
        for i, j in pairs
        for a in bits(lists[i])
        for b in bits(lists[j])
        if not near[a] >> b & 1
    ]
    formula = modules["propagation"].Formula(lists, pairs, near)
    assert formula.variables == len(variables)
    for _ in range(times):
        length = min(chosen.randrange(1, 5), len(variables))
        clause = [
            chosen.choice((1, -1)) * one
            for one in chosen.sample(range(1, len(variables) + 1), length)
        ]
        expected = unit_propagation(clauses, [-one for one in clause]) is None
        assert formula.add_if_implied(clause) == expected
        if expected:
            clauses.append(clause)
    assert formula.add_if_implied([]) == (unit_propagation(clauses, []) is None)


def propagation_over_long_clauses(modules, seed):
    """Let views choose 0 or 1, add clauses that one choice obeys, and see what follows."""
    chosen = random.Random(seed)
    views = 7
    made = modules["propagation"].Formula(dict.fromkeys(range(views), 3), [], (1, 2))
    clauses = [[2 * view + 1, 2 * view + 2] for view in range(views)]
    obeyed = {chosen.choice((1, -1)) * (2 * view + 1) for view in range(views)}
    for _ in range(25):
        clause = [
            chosen.choice((1, -1)) * variable
            for variable in chosen.sample(range(1, 2 * views, 2), chosen.randrange(3, 6))
        ]
        if obeyed & {*clause}:
            made._add(clause)
            clauses.append(clause)
    for _ in range(40):
        asked = [
            chosen.choice((1, -1)) * variable
            for variable in chosen.sample(range(1, 2 * views, 2), chosen.randrange(1, 6))
        ]
        expected = unit_propagation(clauses, [-one for one in asked]) is None
        assert made.add_if_implied(asked) == expected
        if expected:
            clauses.append(asked)


def files_are_checked_one_by_one(modules, folder):
    """Check what is written for good, bad, missing and long files, and the exit status."""
    good, bad = folder / "good.json", folder / "bad.json"
    missing, padded = folder / "missing.json", folder / "padded.json"
    good.write_text(text(K3T))
    bad.write_text(text(P5A)[:-1])
    padded.write_text(text(K3T) + " " * 1000)
    accepted = f"{good}: solvable in 0 rounds: 3 processes, 3 vertices, clique validity\n"
    broken = f"{bad}: refused: the file: not JSON"
    unread = f"{missing}: cannot be read: No such file or directory\n"
    assert _run(modules, good) == (0, accepted, "")
    for names in ([bad, good], [good, bad]):
        status, out, err = _run(modules, *names)
        assert (status, err) == (1, "")
        first, second = sorted(out.splitlines(keepends=True))
        assert (first.startswith(broken), second) == (True, accepted)
    for names in ([missing, bad], [bad, missing]):
        status, out, err = _run(modules, *names)
        assert (status, err) == (2, unread)
        assert out.startswith(broken)
    assert _run(modules, missing, good) == (2, accepted, unread)
    longest = len(text(K3T))
    with (
        patch.object(modules["package"], "MOST_BYTES", longest),
        patch.object(modules["shapes"], "MOST_BYTES", longest),
    ):
        assert _run(modules, good) == (0, accepted, "")
        status, out, _ = _run(modules, padded)
        assert (status, "longer than" in out) == (1, True)


def _run(modules, *names):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = modules["package"].main([str(name) for name in names])
    return status, out.getvalue(), err.getvalue()
