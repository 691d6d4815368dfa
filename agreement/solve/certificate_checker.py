"""Checks a certificate of (un)solvability; shares no code with what found it, imports Python only.

Wait-free approximate agreement of n processes on a connected graph, with carriers D: see the
files beside this one for why each kind of proof proves its claim. To check files, status 1 if one
is refused: python certificate_checker.py CERTIFICATE.json ...
"""

import json
import sys
from collections.abc import Iterable
from functools import reduce
from itertools import combinations, combinations_with_replacement, product
from operator import or_
from pathlib import Path
from typing import Any

__all__ = ["FORMAT", "RefusedError", "check", "main"]

FORMAT = "wait-free agreement certificate 1"


class RefusedError(Exception):
    """The certificate does not prove what it claims."""


def need(holds: object, what: str) -> None:
    """Refuse unless it holds."""
    if not holds:
        raise RefusedError(what)


class Task:
    """Graph and validity: `near[v]` is what is adjacent or equal to v; `carrier(S)` is D(S)."""

    def __init__(self, order: int, edges: list[list[int]], validity: str) -> None:
        self.near = [{v} for v in range(order)]
        for u, v in edges + [edge[::-1] for edge in edges]:
            need(0 <= u < order, f"{u}-{v} is no edge")
            self.near[u].add(v)
        self.distance = [self._distances(v) for v in range(order)]
        need(order > 0 and all(len(d) == order for d in self.distance), "not a connected graph")
        need(validity in {"geodesic", "hull", "monophonic", "clique"}, "no such validity")
        self.validity, self.order = validity, order
        self._known: dict[frozenset[int], frozenset[int]] = {}

    def _distances(self, start: int) -> dict[int, int]:
        found, queue = {start: 0}, [start]
        for v in queue:
            for u in self.near[v] - found.keys():
                found[u] = found[v] + 1
                queue.append(u)
        return found

    def clique(self, vertices: Iterable[int]) -> bool:
        """Whether they are pairwise adjacent."""
        return all(v in self.near[u] for u, v in combinations(vertices, 2))

    def _between(self, u: int, v: int) -> set[int]:
        if self.validity != "monophonic":
            d = self.distance
            return {w for w in range(self.order) if d[u][w] + d[w][v] == d[u][v]}
        found: set[int] = set()
        paths = [[u]]
        while paths:
            path = paths.pop()
            found.update(path if path[-1] == v else ())
            before = set().union(*(self.near[x] for x in path[:-1]), path)
            paths += [[*path, w] for w in self.near[path[-1]] - before]
        return found

    def carrier(self, inputs: Iterable[int]) -> frozenset[int]:
        """D(S)."""
        key = frozenset(inputs)
        if key not in self._known:
            everything = self.validity == "clique" and not self.clique(key)
            found, size = set(range(self.order) if everything else key), 0
            while self.validity != "clique" and len(found) > size:
                size = len(found) if self.validity == "hull" else self.order
                found = found.union(*(self._between(*p) for p in combinations(sorted(found), 2)))
            self._known[key] = frozenset(found)
        return self._known[key]


def check(document: dict[str, Any]) -> str:
    """Accept the certificate, and say what it proves; or raise RefusedError."""
    try:
        need(document["format"] == FORMAT, "not a certificate of this format")
        graph, proof, claim = document["graph"], document["proof"], document["claim"]
        task = Task(graph["vertices"], graph["edges"], document["validity"])
        count, rounds = document["processes"], document["rounds"]
        need(type(count) is int and count > 0, "no processes")
        need(rounds is None or (type(rounds) is int and rounds >= 0), "no number of rounds")
        bounded, judge = _KINDS[claim, proof["kind"]]
        need(bounded == (rounds is not None), "a number of rounds where none belongs, or none")
        judge(task, count, rounds, proof)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RefusedError(f"malformed: {type(error).__name__}: {error}") from None
    said = claim if rounds is None else f"{claim} in {rounds} rounds"
    return f"{said}: {count} processes, {task.order} vertices, {task.validity} validity"


def _dismantlings(task: Task, count: int, _: int, proof: Any) -> None:  # noqa: ANN401 - JSON
    """For each S of up to n vertices a part of D(S), growing with S, that can be dismantled."""
    carriers = {}
    for inputs, carrier, steps in proof["carriers"]:
        left = set(carrier)
        need(left <= task.carrier(inputs), f"{carrier} is not inside D({inputs})")
        carriers[frozenset(inputs)] = frozenset(left)
        for vertex, image in steps:
            need(vertex != image and {vertex, image} <= left, "a step without its vertices")
            need(task.near[vertex] & left <= task.near[image], "a step that does not dominate")
            left.remove(vertex)
        need(len(left) == 1, f"the carrier of {inputs} is not dismantled to one vertex")
    for size in range(1, min(count, task.order) + 1):
        for chosen in map(frozenset, combinations(range(task.order), size)):
            need(chosen in carriers, f"the inputs {sorted(chosen)} have no carrier")
            parts = [chosen - {v} for v in chosen if size > 1]
            need(all(carriers[part] <= carriers[chosen] for part in parts), "carriers do not grow")


def _protocol(task: Task, count: int, rounds: int, proof: Any) -> None:  # noqa: ANN401 - JSON
    """Run the protocol from all inputs: everybody sees those who come before, or with it."""
    need(rounds == len(proof["tables"]), "not as many tables as rounds")
    times = product(range(count), repeat=count)
    runs = {tuple(tuple(q for q in range(count) if t[q] <= own) for own in t) for t in times}
    groups = {sees for run in runs for sees in run}
    vectors = combinations_with_replacement(range(task.order), count)
    states = {tuple((v, 1 << v) for v in vector) for vector in vectors}
    for table in proof["tables"]:
        number = {(own, tuple(ids)): new for own, ids, new in table}
        after, gather = set(), set if any(own is None for own, *_ in table) else list
        for state in states:
            ids = {s: tuple(sorted(gather(state[q][0] for q in s))) for s in groups}
            known = {s: reduce(or_, (state[q][1] for q in s)) for s in groups}
            own = [None if gather is set else mine for mine, _ in state]
            for run in runs:
                new = ((number[me, ids[s]], known[s]) for me, s in zip(own, run, strict=True))
                after.add(tuple(sorted(new)))
        states = after
    for state in states:
        for mine, inputs in state:
            allowed = task.carrier(v for v in range(task.order) if inputs >> v & 1)
            need(mine in allowed, f"the output {mine} is not allowed")
        need(task.clique(mine for mine, _ in state), "outputs that are not close")


def _views(task: Task, count: int, rounds: int, proof: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """[process, input] or [process, earlier views seen]; sets occur if any two members do."""
    found: list[Any] = []
    for process, what in proof["views"]:
        if isinstance(what, int):
            need(process in range(count) and what in range(task.order), "no such input")
            depth, seen, inputs = 0, frozenset[int](), frozenset({what})
        else:
            seen = frozenset(what)
            need(sum(found[v][0] == process for v in seen) == 1, "a view without one's own value")
            need(all(_together(found, u, v) for u, v in combinations(seen, 2)), "not one run")
            depth = found[what[0]][1] + 1
            inputs = frozenset().union(*(found[v][3] for v in seen))
        lists = task.carrier(inputs) if depth == rounds else None
        found.append((process, depth, seen, inputs, lists))
    return found


def _together(views: list[Any], u: int, v: int) -> bool:
    """Whether two views, given by their numbers, occur in one run of immediate snapshots."""
    need(min(u, v) >= 0, "no such view")
    (p, depth, seen, *_), (q, other_depth, other, *_) = views[u], views[v]
    sees, is_seen = any(views[x][0] == q for x in seen), any(views[x][0] == p for x in other)
    order = (not sees or other <= seen) and (not is_seen or seen <= other)
    return p != q and depth == other_depth and (seen <= other or other <= seen) and order


def _consistency(task: Task, count: int, rounds: int, proof: Any) -> None:  # noqa: ANN401 - JSON
    """Values that a view cannot decide, each as a view beside it has nothing close left."""
    views = _views(task, count, rounds, proof)
    lists = [None if view[4] is None else set(view[4]) for view in views]
    for view, value, because in proof["removals"]:
        need(_together(views, view, because), "views that do not occur together")
        left = lists[because]
        need(left is not None and not task.near[value] & left, "something close is left")
        (lists[view] or set()).discard(value)
    need(any(left is not None and not left for left in lists), "no list is empty")


def _propositional(task: Task, count: int, rounds: int, proof: Any) -> None:  # noqa: ANN401 - JSON
    """The formula of some views and edges, and a refutation of it, clause by clause."""
    views = _views(task, count, rounds, proof)
    pairs = [(i, a) for i, view in enumerate(views) for a in sorted(view[4] or ())]
    variable = {pair: number for number, pair in enumerate(pairs, start=1)}
    formula = Clauses()
    for i in dict.fromkeys(i for i, _ in pairs):
        formula.add([variable[i, a] for a in sorted(views[i][4])])
    for u, v in proof["edges"]:
        need(_together(views, u, v), "views that do not occur together")
        for a in views[u][4]:
            for b in views[v][4] - task.near[a]:
                formula.add([-variable[u, a], -variable[v, b]])
    for line in proof["drat"]:
        if line[:1] != "d":  # what the solver forgets may stay: it still follows
            formula.step([int(word) for word in line.split()[:-1]])
    need(formula.contradiction, "the refutation does not end in the empty clause")


class Clauses:
    """Clauses under unit propagation, with two watched literals in each."""

    def __init__(self) -> None:
        self.watching: dict[int, dict[int, list[int]]] = {}
        self.true: set[int] = set()
        self.contradiction = False

    def add(self, literals: list[int]) -> None:
        """One more clause."""
        clause = sorted(set(literals), key=lambda x: -x in self.true)
        if any(-x in self.true for x in clause[:2]) or not clause[1:]:  # a unit, or nothing
            self.contradiction |= not clause or self.propagate(clause[:1])[0]
        for x in clause[:2]:
            self.watching.setdefault(x, {})[id(clause)] = clause

    def propagate(self, literals: list[int]) -> tuple[bool, list[int]]:
        """Make these true, and what follows; whether that fails, and what was not true before."""
        trail = [x for x in dict.fromkeys(literals) if x not in self.true]
        self.true.update(trail)
        if any(-x in self.true for x in trail):
            return True, trail
        for x in trail:
            for key, clause in list(self.watching.get(-x, {}).items()):
                if clause[0] == -x:
                    clause[:2] = clause[1::-1]
                free = next((j for j, y in enumerate(clause) if j > 1 and -y not in self.true), 0)
                if free:
                    clause[1], clause[free] = clause[free], clause[1]
                    del self.watching[-x][key]
                    self.watching.setdefault(clause[1], {})[key] = clause
                elif -clause[0] in self.true:
                    return True, trail
                elif clause[0] not in self.true:
                    self.true.add(clause[0])
                    trail.append(clause[0])
        return False, trail

    def step(self, literals: list[int]) -> None:
        """A clause that follows by unit propagation from its negation (RUP)."""
        fails, trail = self.propagate([-x for x in literals])
        self.true.difference_update(trail)
        need(fails or self.contradiction, f"the clause {literals} does not follow")
        self.add(literals)


def _obstruction(task: Task, count: int, _: int, proof: Any) -> None:  # noqa: ANN401 - JSON
    """Factors of the chain map's equations that add up to 0 = something else."""
    modulus = proof["modulus"]
    left: dict[tuple[Any, ...], int] = {}
    need(type(modulus) is int and modulus > 1, "no modulus")
    for factor, inputs, face in proof["factors"]:
        size, carrier = len(inputs), task.carrier(inputs)
        need(1 < size <= count and inputs == sorted({*inputs} & {*range(task.order)}), "no inputs")
        need(len(face) == size - 1 and sorted(set(face)) == face, "not a face")
        need(set(face) <= carrier and task.clique(face), "the face is no clique of the carrier")
        for v in carrier - set(face):
            clique = sorted([*face, v])
            if task.clique(clique):
                key = (tuple(inputs), tuple(clique))
                left[key] = left.get(key, 0) + factor * (-1) ** clique.index(v)
        for i in range(size):
            part = inputs[:i] + inputs[i + 1 :]
            if set(face) <= task.carrier(part):
                key = (tuple(part), tuple(face))
                left[key] = left.get(key, 0) - factor * (-1) ** i
    # The chain map keeps vertices: f({v}) = v is known, all else is unknown.
    known = sum(left.pop(key) for key in list(left) if len(key[0]) == 1)
    need(all(value % modulus == 0 for value in left.values()), "left sides that do not add up to 0")
    need(known % modulus != 0, "right sides that add up to 0 too")


_KINDS = {
    ("solvable", "contractible carriers"): (False, _dismantlings),
    ("solvable", "decision protocol"): (True, _protocol),
    ("not solvable", "arc consistency"): (True, _consistency),
    ("not solvable", "propositional refutation"): (True, _propositional),
    ("unsolvable", "chain map obstruction"): (False, _obstruction),
}


def main(names: list[str]) -> int:
    """Check files; a line for each."""
    refused = 0
    for name in names:
        try:
            said = "accepted: " + check(json.loads(Path(name).read_text(encoding="utf-8")))
        except (RefusedError, OSError, ValueError) as error:
            said, refused = f"REFUSED: {error}", 1
        sys.stdout.write(f"{name}: {said}\n")
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
