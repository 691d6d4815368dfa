"""Make certificates of small tasks from their definitions, with no code of the libraries.

`complex_of` runs the full-information protocol from all inputs under all divisions into blocks;
`removals` makes lists arc consistent until one is empty; `branches` searches by unit propagation
and writes a clause for each dead end; `obstruction` eliminates the equations of a chain map.
"""

import json
from collections import Counter
from itertools import combinations, combinations_with_replacement, permutations, product
from typing import Any

FORMAT = "wait-free agreement certificate 1"


def document(edges, /, n, kind, rounds=None, validity="geodesic", **proof):
    """The certificate, as JSON's values."""
    claim = {
        "contractible carriers": "solvable",
        "decision protocol": "solvable",
        "arc consistency": "not solvable",
        "propositional refutation": "not solvable",
        "chain map obstruction": "unsolvable",
    }[kind]
    return {
        "format": FORMAT,
        "graph": {
            "vertices": 1 + max((v for _, v in edges), default=0),
            "edges": [list(edge) for edge in edges],
        },
        "validity": validity,
        "processes": n,
        "claim": claim,
        "rounds": rounds,
        "proof": {"kind": kind} | proof,
    }


def path(size):
    return [(v, v + 1) for v in range(size - 1)]


def cycle(size):
    return sorted([*path(size), (0, size - 1)])


def text(made):
    return json.dumps(made)


def edited(made, **changes):
    """A deep copy with other values at some places: `proof__views__3` is proof, views, entry 3."""
    copy = json.loads(json.dumps(made))
    for place, value in changes.items():
        *parents, last = (int(word) if word.isdigit() else word for word in place.split("__"))
        inside = copy
        for word in parents:
            inside = inside[word]
        inside[last] = value
    return copy


def distances(edges):
    size = 1 + max((v for _, v in edges), default=0)
    apart = [[0 if u == v else 99 for v in range(size)] for u in range(size)]
    for u, v in edges:
        apart[u][v] = apart[v][u] = 1
    for w, u, v in product(range(size), repeat=3):
        apart[u][v] = min(apart[u][v], apart[u][w] + apart[w][v])
    return apart


def carrier(edges, inputs):
    """The geodesic carrier, by distances."""
    apart = distances(edges)
    return {
        w
        for u, v in combinations_with_replacement(sorted(inputs), 2)
        for w in range(len(apart))
        if apart[u][w] + apart[w][v] == apart[u][v]
    }


def divisions(processes):
    """All divisions into ordered blocks: a rank for each process, no rank left out."""
    for ranks in product(range(len(processes)), repeat=len(processes)):
        if set(ranks) == set(range(max(ranks) + 1)):
            yield dict(zip(processes, ranks, strict=True))


def complex_of(inputs, n, k):
    """Views of all runs, as a certificate lists them, `inputs` having a list for each process, and
    the pairs of deciding views that occur together."""
    numbers = {}

    def number(view):
        return numbers.setdefault(view, len(numbers))

    facets = {tuple(number((p, v)) for p, v in enumerate(c)) for c in product(*inputs)}
    for _ in range(k):
        after = set()
        for facet in sorted(facets):
            for ranks in divisions(range(n)):
                after.add(
                    tuple(
                        number(
                            (p, tuple(sorted(facet[q] for q in range(n) if ranks[q] <= ranks[p])))
                        )
                        for p in range(n)
                    )
                )
        facets = after
    pairs = {tuple(sorted(pair)) for facet in facets for pair in combinations(facet, 2)}
    views = [[p, list(what) if isinstance(what, tuple) else what] for p, what in numbers]
    return views, sorted(pairs)


def knowledge(views):
    known = []
    for _, what in views:
        known.append({what} if isinstance(what, int) else set().union(*(known[i] for i in what)))
    return known


def pruned(views, pairs, wanted):
    """The same with only the views that these need, numbered anew, and the new numbers."""
    needed = set(wanted)
    for number in range(len(views) - 1, -1, -1):
        if number in needed and not isinstance(views[number][1], int):
            needed |= set(views[number][1])
    new = {old: place for place, old in enumerate(sorted(needed))}
    kept = [
        [p, what if isinstance(what, int) else sorted(new[i] for i in what)]
        for p, what in (views[old] for old in sorted(needed))
    ]
    return kept, sorted((new[i], new[j]) for i, j in pairs if i in new and j in new), new


def removals(edges, inputs, n, k):
    """A certificate by arc consistency, or None if that refutes nothing."""
    views, pairs = complex_of(inputs, n, k)
    known, apart = knowledge(views), distances(edges)
    deciding = {view for pair in pairs for view in pair}
    lists = {view: carrier(edges, known[view]) for view in deciding}
    made, changed = [], True
    arcs = [*pairs, *((j, i) for i, j in pairs)]
    while changed and all(lists.values()):
        changed = False
        for i, j in arcs:
            for a in sorted(lists[i]):
                if all(lists.values()) and not any(apart[a][b] <= 1 for b in lists[j]):
                    lists[i].remove(a)
                    made.append((i, a, j))
                    changed = True
    if all(lists.values()):
        return None
    used, wanted = [], {made[-1][0]: set(range(len(apart)))}
    for i, a, j in reversed(made):
        if a in wanted.get(i, ()):
            used.append((i, a, j))
            wanted.setdefault(j, set()).update(b for b in range(len(apart)) if apart[a][b] <= 1)
    kept, _, new = pruned(views, pairs, {view for i, _, j in used for view in (i, j)})
    listed = [[new[i], a, new[j]] for i, a, j in reversed(used)]
    return document(edges, n, "arc consistency", k, views=kept, removals=listed)


def formula(edges, views, pairs):
    """The variables and clauses as the format's page numbers them."""
    known, apart = knowledge(views), distances(edges)
    deciding = sorted({view for pair in pairs for view in pair})
    lists = {view: sorted(carrier(edges, known[view])) for view in deciding}
    pairs_of = [(view, value) for view in deciding for value in lists[view]]
    variable = {pair: place for place, pair in enumerate(pairs_of, 1)}
    clauses = [[variable[view, value] for value in lists[view]] for view in deciding]
    clauses += [
        [-variable[i, a], -variable[j, b]]
        for i, j in pairs
        for a in lists[i]
        for b in lists[j]
        if apart[a][b] > 1
    ]
    return len(variable), clauses


def unit_propagation(clauses, assumed):
    """What single-literal clauses force, scanning all clauses until nothing changes; None if a
    clause is false."""
    true = set(assumed)
    if any(-literal in true for literal in true):
        return None
    changed = True
    while changed:
        changed = False
        for clause in clauses:
            left = [literal for literal in clause if -literal not in true]
            if not left:
                return None
            if len(left) == 1 and left[0] not in true:
                true.add(left[0])
                changed = True
    return true


def branches(clauses, decided=()):
    """The clauses of a backtracking search, each by reverse unit propagation from those before."""
    true = unit_propagation(clauses, decided)
    made = []
    if true is not None:
        free = [
            literal
            for clause in clauses
            for literal in clause
            if not {literal, -literal} & true and not set(clause) & true
        ]
        assert free, "the formula is satisfiable"
        for literal in (free[0], -free[0]):
            made += branches(clauses + made, (*decided, literal))
    return [*made, [-literal for literal in decided]]


def lines(clauses):
    return [" ".join(map(str, [*clause, 0])) for clause in clauses]


def refutation(edges, inputs, n, k):
    """A certificate by clauses."""
    views, pairs = complex_of(inputs, n, k)
    views, pairs, _ = pruned(views, pairs, {view for pair in pairs for view in pair})
    _, clauses = formula(edges, views, pairs)
    return document(
        edges, n, "propositional refutation", k,
        views=views, edges=[list(pair) for pair in pairs], drat=lines(branches(clauses)),
    )  # fmt: skip


def dismantled(edges, n):
    """A certificate by dismantling all carriers, or None if one cannot be."""
    apart = distances(edges)
    size = len(apart)
    near = [{w for w in range(size) if apart[v][w] <= 1} for v in range(size)]
    made = []
    for many in range(1, min(n, size) + 1):
        for inputs in combinations(range(size), many):
            part = carrier(edges, inputs)
            left, steps = set(part), []
            while len(left) > 1:
                step = next(
                    ((v, u) for v, u in permutations(sorted(left), 2) if near[v] & left <= near[u]),
                    None,
                )
                if step is None:
                    return None
                steps.append(list(step))
                left.remove(step[0])
            made.append([list(inputs), sorted(part), steps])
    return document(edges, n, "contractible carriers", carriers=made)


def _equations(edges, n, prime):
    """For each set S and clique t, the unknowns' coefficients; "1" stands for a known one."""
    apart = distances(edges)
    size = len(apart)
    sets = [s for many in range(1, n + 1) for s in combinations(range(size), many)]
    carriers = {s: carrier(edges, s) for s in sets}
    for s in sets[size:]:
        for t in combinations(sorted(carriers[s]), len(s) - 1):
            if any(apart[a][b] > 1 for a, b in combinations(t, 2)):
                continue
            row = Counter()
            for v in carriers[s] - set(t):
                if all(apart[v][a] == 1 for a in t):
                    clique = tuple(sorted((*t, v)))
                    row[s, clique] += (-1) ** clique.index(v)
            for i, one in enumerate(s):
                face = tuple(v for v in s if v != one)
                if set(t) <= carriers[face]:
                    row[(face, t) if len(face) > 1 else "1"] -= (-1) ** i
            yield s, t, {key: value % prime for key, value in row.items()}


def _by_length(factor: Any):
    return len(factor[1]), factor[1:]


def obstruction(edges, n, prime):
    """A certificate by elimination of a chain map's equations modulo a prime, or None."""
    basis = []  # unknown, a row in which it has the coefficient 1, how the row was combined
    for s, t, row in _equations(edges, n, prime):
        combined = {(s, t): 1}
        for lead, other, theirs in basis:
            times = row.get(lead, 0)
            for target, source in ((row, other), (combined, theirs)):
                for key, value in source.items():
                    target[key] = (target.get(key, 0) - times * value) % prime
        lead = next((key for key, value in row.items() if value and key != "1"), None)
        if lead is None and row.get("1"):
            factors = sorted(
                ([y, list(s), list(t)] for (s, t), y in combined.items() if y),
                key=_by_length,
            )
            return document(edges, n, "chain map obstruction", modulus=prime, factors=factors)
        if lead is not None:
            inverse = pow(row[lead], -1, prime)
            scaled = [{k: v * inverse % prime for k, v in part.items()} for part in (row, combined)]
            basis.append((lead, *scaled))
    return None
