"""Check certificates of solvability and unsolvability, trusting nothing but this file.

The format, and every condition under which a certificate is accepted, is defined in
`docs/certificate-format.md`; why each kind of proof proves its claim is shown in the modules that
find them. This file shares no code with those modules and imports Python's standard library only.
First every value is checked for its exact type (`_shaped`), then what the values mean is judged;
nothing in a certificate is ignored.

To check files: python certificate_checker.py CERTIFICATE.json ... (status 1 if one is refused).
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, combinations_with_replacement, pairwise, product, repeat
from math import comb
from operator import or_
from pathlib import Path
from types import NoneType
from typing import Any

__all__ = ["FORMAT", "RefusedError", "check", "main", "read"]

FORMAT = "wait-free agreement certificate 1"

MOST_BYTES = 33_554_432
MOST_BRACKETS = 2_000_000
MOST_NUMBER = 999_999_999
MOST_VERTICES = 62
MOST_PROCESSES = 6
MOST_ROUNDS = 100
MOST_PATHS = 1_000_000
MOST_STATES = 1_000_000
MOST_CLAUSES = 2_000_000

_VALIDITIES = ("geodesic", "hull", "monophonic", "clique")
_CLAUSE = re.compile("(-?[1-9][0-9]{0,8} )*0")


class RefusedError(Exception):
    """The certificate is malformed, or its proof does not prove its claim."""


def need(holds: bool, why: str) -> None:  # noqa: FBT001 - a condition, as in assert
    """Raise RefusedError unless the condition holds."""
    if not holds:
        raise RefusedError(why)


# Reading.


def read(data: bytes) -> object:
    """Parse the text of a certificate, more strictly than JSON asks for."""
    need(len(data) <= MOST_BYTES, f"the file has more than {MOST_BYTES:,} bytes")
    brackets = data.count(b"[") + data.count(b"{")
    need(brackets <= MOST_BRACKETS, f"the file has more than {MOST_BRACKETS:,} lists and objects")
    try:
        text = data.decode("utf-8")
        numbers: dict[str, Any] = {
            "parse_int": _number,
            "parse_float": _number,
            "parse_constant": _number,
        }
        return json.loads(text, object_pairs_hook=_object, **numbers)
    except RecursionError:
        raise RefusedError("the file is nested too deeply to be a certificate") from None
    except ValueError as error:
        raise RefusedError(f"the file is not JSON in UTF-8: {error}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    need(len(found) == len(pairs), f"an object of {len(pairs)} keys has some key twice")
    return found


def _number(text: str) -> int:
    canonical = re.fullmatch("0|[1-9][0-9]{0,8}", text) is not None
    need(canonical, f"a number is not an integer of up to 9 digits without a sign: {text[:20]}")
    return int(text)


@dataclass(frozen=True, slots=True)
class IntegerOr:
    """The shape of a value that is an integer or has another shape."""

    other: Any


_NAMES = {int: "an integer", str: "a string", list: "a list", dict: "an object", NoneType: "null"}


def _shaped(value: Any, shape: Any, what: str) -> Any:  # noqa: ANN401 - any value, as JSON has them
    """Check the exact types of a value and of all its parts, and return it with tuples for lists.

    Shapes: a type; `[part]` for a list; `(first, second, ...)` for a list of just these parts; an
    object with just these keys; `IntegerOr`. True and 1.0 equal 1, but are no integers.
    """
    if isinstance(shape, IntegerOr):
        shape = int if type(value) is int else shape.other
    kind = {tuple: list, type: shape}.get(type(shape), type(shape))
    need(type(value) is kind, f"{what} must be {_NAMES[kind]}, not {type(value).__name__}")
    if kind is int:
        need(0 <= value <= MOST_NUMBER, f"{what} must be from 0 to {MOST_NUMBER}")
    if isinstance(shape, dict):
        need(value.keys() == shape.keys(), f"{what} must have just the keys {', '.join(shape)}")
        return {key: _shaped(value[key], part, f"{what}.{key}") for key, part in shape.items()}
    if isinstance(shape, tuple):
        need(len(value) == len(shape), f"{what} must have {len(shape)} parts, not {len(value)}")
        shapes: Iterable[Any] = shape
    elif isinstance(shape, list):
        shapes = repeat(shape[0], len(value))
    else:
        return value
    pairs = enumerate(zip(value, shapes, strict=True))
    return tuple(_shaped(part, its, f"{what}[{i}]") for i, (part, its) in pairs)


def _need_increasing(found: Sequence[Any], what: str) -> None:
    need(all(a < b for a, b in pairwise(found)), f"{what} must be strictly increasing")


# The task.


class Task:
    """A connected graph with a validity; `near[v]` is the set of v and its neighbours."""

    def __init__(self, order: int, edges: Iterable[tuple[int, int]], validity: str) -> None:
        self.order, self.validity = order, validity
        self.near = [{v} for v in range(order)]
        for u, v in edges:
            self.near[u].add(v)
            self.near[v].add(u)
        self._carriers: dict[frozenset[int], frozenset[int]] = {}
        distances = [self._distances(v) for v in range(order)]
        need(len(distances[0]) == order, "the graph is not connected")
        self._between = {
            (u, v): {w for w in range(order) if near_u[w] + near_v[w] == near_u[v]}
            for u, near_u in enumerate(distances)
            for v, near_v in enumerate(distances)
        }
        if validity == "monophonic":
            self._between = self._on_induced_paths()

    def _distances(self, start: int) -> dict[int, int]:
        found, queue = {start: 0}, [start]
        for v in queue:
            for u in self.near[v] - found.keys():
                found[u] = found[v] + 1
                queue.append(u)
        return found

    def _on_induced_paths(self) -> dict[tuple[int, int], set[int]]:
        """By the ends of an induced path: the vertices on all such paths."""
        found: dict[tuple[int, int], set[int]] = {}
        paths, count = [[v] for v in range(self.order)], 0
        while paths:
            path = paths.pop()
            count += 1
            need(count <= MOST_PATHS, f"the graph has more than {MOST_PATHS:,} induced paths")
            found.setdefault((path[0], path[-1]), set()).update(path)
            barred = set(path).union(*(self.near[v] for v in path[:-1]))
            paths += [[*path, v] for v in self.near[path[-1]] - barred]
        return found

    def is_clique(self, vertices: Iterable[int]) -> bool:
        """Return whether the vertices are pairwise adjacent or equal."""
        return all(v in self.near[u] for u, v in combinations(vertices, 2))

    def carrier(self, inputs: Iterable[int]) -> frozenset[int]:
        """Return D(S), the outputs allowed when the inputs are S."""
        chosen = frozenset(inputs)
        if self.validity == "clique":
            return chosen if self.is_clique(chosen) else frozenset(range(self.order))
        if chosen not in self._carriers:
            found = self._joined(chosen)
            while self.validity == "hull" and (larger := self._joined(found)) != found:
                found = larger
            self._carriers[chosen] = found
        return self._carriers[chosen]

    def _joined(self, vertices: frozenset[int]) -> frozenset[int]:
        return vertices.union(*(self._between[pair] for pair in combinations(vertices, 2)))


# The document.

_FRAME = {
    "format": str,
    "graph": {"vertices": int, "edges": [(int, int)]},
    "validity": str,
    "processes": int,
    "claim": str,
    "rounds": IntegerOr(NoneType),
    "proof": dict,
}


def check(document: object) -> str:
    """Return what the certificate proves, or raise RefusedError.

    The document is what a JSON parser made of the file: see `read`.
    """
    parts = _shaped(document, _FRAME, "certificate")
    validity, count, rounds = parts["validity"], parts["processes"], parts["rounds"]
    need(parts["format"] == FORMAT, f"the format is not {FORMAT!r}")
    need(validity in _VALIDITIES, f"unknown validity {validity[:40]!a}")
    need(1 <= count <= MOST_PROCESSES, f"there must be 1 to {MOST_PROCESSES} processes")
    need(rounds is None or rounds <= MOST_ROUNDS, f"there may be {MOST_ROUNDS} rounds at most")
    kind = _shaped(parts["proof"].get("kind"), str, "certificate.proof.kind")
    judge = _JUDGES.get((kind, parts["claim"], rounds is not None))
    if judge is None:
        claim = f"{parts['claim'][:40]!a} with {'no' if rounds is None else 'a'} number of rounds"
        raise RefusedError(f"the proof {kind[:40]!a} is not one for the claim {claim}")
    proof = _shaped(parts["proof"], {"kind": str, **_SHAPES[kind]}, "proof")
    task = _task(parts["graph"], validity)
    judge(task, count, rounds, proof)
    said = parts["claim"] if rounds is None else f"{parts['claim']} in {rounds} rounds"
    return f"{said}: {count} processes, {task.order} vertices, {validity} validity"


def _task(graph: dict[str, Any], validity: str) -> Task:
    order, edges = graph["vertices"], graph["edges"]
    need(1 <= order <= MOST_VERTICES, f"there must be 1 to {MOST_VERTICES} vertices")
    _need_increasing(edges, "graph.edges")
    need(all(u < v < order for u, v in edges), "an edge is not of two vertices in order")
    return Task(order, edges, validity)


# Solvable: contractible carriers.


def _judge_carriers(task: Task, count: int, _: None, proof: dict[str, Any]) -> None:
    sizes = range(1, min(count, task.order) + 1)
    wanted = sum(comb(task.order, size) for size in sizes)
    need(len(proof["carriers"]) == wanted, f"there must be {wanted} carriers")
    sets = (chosen for size in sizes for chosen in combinations(range(task.order), size))
    carriers: dict[tuple[int, ...], set[int]] = {}
    for chosen, (inputs, carrier, steps) in zip(sets, proof["carriers"], strict=True):
        what = f"the carrier of {list(chosen)}"
        need(inputs == chosen, f"{what} is not where it belongs")
        _need_increasing(carrier, what)
        need(task.carrier(chosen).issuperset(carrier), f"{what} is not inside D(S)")
        parts = (chosen[:i] + chosen[i + 1 :] for i in range(len(chosen)))
        smaller = [carriers[part] for part in parts if part]
        need(all(part.issubset(carrier) for part in smaller), f"{what} lacks that of a part")
        carriers[chosen] = set(carrier)
        _dismantle(task, set(carrier), steps, what)


def _dismantle(task: Task, left: set[int], steps: tuple[tuple[int, int], ...], what: str) -> None:
    for vertex, image in steps:
        need(vertex != image, f"a step in {what} moves {vertex} to itself")
        need({vertex, image} <= left, f"a step in {what} uses a vertex that is not there")
        dominated = task.near[vertex] & left <= task.near[image]
        need(dominated, f"a step in {what}: {image} does not dominate {vertex}")
        left.remove(vertex)
    need(len(left) == 1, f"{what} is not dismantled to one vertex, {len(left)} are left")


# Solvable in so many rounds: decision protocol.

_Process = tuple[int, int]
"""The value of a process, and the set of inputs that it knows of as the bits of a number."""


def _judge_protocol(task: Task, count: int, rounds: int, proof: dict[str, Any]) -> None:
    tables = proof["tables"]
    need(len(tables) == rounds, f"there must be {rounds} tables, not {len(tables)}")
    need(comb(task.order + count - 1, count) <= MOST_STATES, "there are too many inputs to run")
    inputs = combinations_with_replacement(range(task.order), count)
    states = {tuple((v, 1 << v) for v in vector) for vector in inputs}
    for number, table in enumerate(tables):
        states = _after_round(states, count, table, f"table {number}")
    for state in states:
        for output, known in state:
            allowed = task.carrier(v for v in range(task.order) if known >> v & 1)
            need(output in allowed, f"the output {output} is not in D of the inputs known")
        outputs = [output for output, _ in state]
        need(task.is_clique(outputs), f"the outputs {outputs} are not pairwise adjacent or equal")


def _after_round(
    states: set[tuple[_Process, ...]], count: int, entries: Sequence[Any], what: str
) -> set[tuple[_Process, ...]]:
    """Run a round from every state: a process sees those in earlier blocks and in its own."""
    # In a table of sets one's own value is null, and looked up as ().
    rows = [((() if own is None else (own,), seen), new) for own, seen, new in entries]
    _need_increasing([key for key, _ in rows], what)
    table = dict(rows)
    sets = any(not own for own, _ in table)
    blocks = product(range(count), repeat=count)
    runs = {tuple(tuple(q for q in range(count) if b[q] <= own) for own in b) for b in blocks}
    used, found = set(), set()
    for state in states:
        for run in runs:
            after = []
            for (value, _), sees in zip(state, run, strict=True):
                values = [state[q][0] for q in sees]
                own, seen = ((), set(values)) if sets else ((value,), values)
                key = own, tuple(sorted(seen))
                need(key in table, f"{what} has no entry for {key}")
                used.add(key)
                after.append((table[key], reduce(or_, (state[q][1] for q in sees))))
            found.add(tuple(sorted(after)))
        need(len(found) <= MOST_STATES, f"{what} leads to too many states")
    need(used == table.keys(), f"{what} has entries that are never looked up")
    return found


# Not solvable in so many rounds: views, then arc consistency or a propositional refutation.


@dataclass(frozen=True, slots=True)
class View:
    """A view of a process after `depth` rounds: numbers of the views seen, inputs known of."""

    process: int
    depth: int
    sees: frozenset[int]
    processes: frozenset[int]
    knows: frozenset[int]


def _views(task: Task, count: int, entries: Sequence[Any]) -> list[View]:
    found: list[View] = []
    before: set[View] = set()
    for number, (process, sees) in enumerate(entries):
        what = f"view {number}"
        need(process < count, f"{what} is of a process that does not exist")
        if type(sees) is int:
            need(sees < task.order, f"{what} has an input that is no vertex")
            view = View(process, 0, frozenset(), frozenset(), frozenset([sees]))
        else:
            _need_increasing(sees, what)
            need(all(v < number for v in sees), f"{what} sees a view that does not come before it")
            own = [v for v in sees if found[v].process == process]
            need(len(own) == 1, f"{what} does not see exactly one view of its own process")
            together = all(_together(found[u], found[v]) for u, v in combinations(sees, 2))
            need(together, f"{what} sees views that do not occur together")
            processes = frozenset(found[v].process for v in sees)
            knows = frozenset(vertex for v in sees for vertex in found[v].knows)
            view = View(process, found[own[0]].depth + 1, frozenset(sees), processes, knows)
        need(view not in before, f"{what} occurs twice")
        before.add(view)
        found.append(view)
    return found


def _together(first: View, second: View) -> bool:
    """Return whether the views occur in one run of immediate snapshots, from some inputs."""
    inside, around = first.sees <= second.sees, first.sees >= second.sees
    return (
        first.process != second.process
        and first.depth == second.depth
        and (inside or around)
        and (around or second.process not in first.processes)
        and (inside or first.process not in second.processes)
    )


def _deciding_pair(views: list[View], rounds: int, i: int, j: int, what: str) -> None:
    need(max(i, j) < len(views), f"{what} is about a view that does not exist")
    need(views[i].depth == rounds, f"{what}: view {i} does not decide after {rounds} rounds")
    need(_together(views[i], views[j]), f"{what}: views {i} and {j} do not occur together")


def _need_used(views: list[View], used: Iterable[int]) -> None:
    seen = {v for view in views for v in view.sees}
    need(seen.union(used) == {*range(len(views))}, "there are views that are not used")


def _judge_consistency(task: Task, count: int, rounds: int, proof: dict[str, Any]) -> None:
    views = _views(task, count, proof["views"])
    lists = {i: set(task.carrier(view.knows)) for i, view in enumerate(views)}
    conflict = None
    for number, (i, a, j) in enumerate(proof["removals"]):
        what = f"removal {number}"
        need(conflict is None, f"{what} comes after a list is empty")
        _deciding_pair(views, rounds, i, j, what)
        need(a in lists[i], f"{what}: the value {a} is not in list {i}")
        need(not task.near[a] & lists[j], f"{what}: something near is left in list {j}")
        lists[i].remove(a)
        conflict = None if lists[i] else i
    need(conflict is not None, "no list is empty after the removals")
    wanted: dict[int, set[int]] = {}
    for i, a, j in reversed(proof["removals"]):
        need(i == conflict or a in wanted.get(i, ()), f"the removal of {a} from {i} is not used")
        wanted.setdefault(j, set()).update(task.near[a])
    _need_used(views, {v for i, _, j in proof["removals"] for v in (i, j)})


def _judge_refutation(task: Task, count: int, rounds: int, proof: dict[str, Any]) -> None:
    views = _views(task, count, proof["views"])
    edges = proof["edges"]
    _need_increasing(edges, "proof.edges")
    for i, j in edges:
        need(i < j, f"edge {i}-{j}: the ends are not in order")
        _deciding_pair(views, rounds, i, j, f"edge {i}-{j}")
    deciding = [i for i, view in enumerate(views) if view.depth == rounds]
    ends = {v for edge in edges for v in edge}
    need(ends == {*deciding}, "there are views that decide and have no edge")
    _need_used(views, deciding)
    lists = {i: sorted(task.carrier(views[i].knows)) for i in deciding}
    short = sum(b not in task.near[a] for i, j in edges for a in lists[i] for b in lists[j])
    need(short + len(deciding) <= MOST_CLAUSES, f"more than {MOST_CLAUSES:,} clauses")
    pairs = [(i, a) for i in deciding for a in lists[i]]
    variable = {pair: number for number, pair in enumerate(pairs, start=1)}
    clauses = Clauses()
    for i in deciding:
        clauses.add([variable[i, a] for a in lists[i]])
    for i, j in edges:
        for a, b in product(lists[i], lists[j]):
            if b not in task.near[a]:
                clauses.add([-variable[i, a], -variable[j, b]])
    lines = proof["drat"]
    for number, line in enumerate(lines, start=1):
        literals = _clause(line, f"clause {number} of the refutation", len(pairs))
        last = number == len(lines)
        need(bool(literals) != last, "the last clause, and no other, must be the empty one")
        clauses.step(literals)
    need(bool(lines), "the refutation is empty")


def _clause(text: str, what: str, variables: int) -> list[int]:
    need(_CLAUSE.fullmatch(text) is not None, f"{what} is not in DIMACS form: {text[:40]!a}")
    literals = [int(word) for word in text.split()[:-1]]
    need(all(abs(x) <= variables for x in literals), f"{what} has an unknown variable")
    need(len({abs(x) for x in literals}) == len(literals), f"{what} has a variable twice")
    return literals


class Clauses:
    """Clauses, and what follows from them by unit propagation."""

    def __init__(self) -> None:
        self.having: dict[int, list[list[int]]] = {}
        self.true: set[int] = set()
        self.contradiction = False

    def add(self, literals: list[int]) -> None:
        """Add a clause, and make true for good what follows from all clauses."""
        for x in literals:
            self.having.setdefault(x, []).append(literals)
        free = [x for x in literals if -x not in self.true]
        if len(free) <= 1:
            self.contradiction |= not free or self.propagate(free)[0]

    def propagate(self, literals: list[int]) -> tuple[bool, list[int]]:
        """Make literals true, and what follows.

        Return whether some clause becomes false, and what has been made true. If x and -x are
        made true, one of them was no assumption, and the clause it followed from becomes false.
        """
        trail = [x for x in literals if x not in self.true]
        self.true.update(trail)
        for x in trail:
            for clause in self.having.get(-x, ()):
                free = [y for y in clause if -y not in self.true]
                if not free:
                    return True, trail
                if len(free) == 1 and free[0] not in self.true:
                    self.true.add(free[0])
                    trail.append(free[0])
        return False, trail

    def step(self, literals: list[int]) -> None:
        """Add a clause that follows by unit propagation from its negation."""
        if not self.contradiction:
            fails, trail = self.propagate([-x for x in literals])
            self.true.difference_update(trail)
            need(fails, f"the clause {literals[:9]} does not follow")
            self.add(literals)


# Unsolvable: chain map obstruction.


def _judge_obstruction(task: Task, count: int, _: None, proof: dict[str, Any]) -> None:
    modulus, order = proof["modulus"], []
    need(modulus > 1, "the modulus must be at least 2")
    known = 0
    unknown: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    for number, (factor, inputs, face) in enumerate(proof["factors"]):
        what = f"factor {number}"
        need(0 < factor < modulus, f"{what} is not from 1 to {modulus - 1}")
        _need_increasing(inputs, f"the inputs of {what}")
        _need_increasing(face, f"the clique of {what}")
        need(all(v < task.order for v in inputs), f"{what} has inputs that are no vertices")
        need(1 < len(inputs) <= count, f"{what} has {len(inputs)} inputs, not 2 to {count}")
        need(len(face) == len(inputs) - 1, f"{what} has {len(face)} vertices in its clique")
        carrier = task.carrier(inputs)
        need(carrier.issuperset(face), f"the clique of {what} is not inside D(S)")
        need(task.is_clique(face), f"{what} is about vertices that are no clique")
        order.append((len(inputs), inputs, face))
        for v in carrier.difference(face):
            larger = tuple(sorted([*face, v]))
            if task.is_clique(larger):
                term = factor * (-1) ** larger.index(v)
                unknown[inputs, larger] = unknown.get((inputs, larger), 0) + term
        for i in range(len(inputs)):
            part = inputs[:i] + inputs[i + 1 :]
            if not task.carrier(part).issuperset(face):
                continue
            term = -factor * (-1) ** i
            if len(part) == 1:  # then face is part, and x(part, part) = 1
                known += term
            else:
                unknown[part, face] = unknown.get((part, face), 0) + term
    _need_increasing(order, "proof.factors")
    cancel = all(value % modulus == 0 for value in unknown.values())
    need(cancel, "the unknowns do not cancel out")
    need(known % modulus != 0, "the known values add up to 0, so nothing is contradicted")


_VIEWS = [(int, IntegerOr([int]))]
_SHAPES: dict[str, dict[str, Any]] = {
    "contractible carriers": {"carriers": [([int], [int], [(int, int)])]},
    "decision protocol": {"tables": [[(IntegerOr(NoneType), [int], int)]]},
    "arc consistency": {"views": _VIEWS, "removals": [(int, int, int)]},
    "propositional refutation": {"views": _VIEWS, "edges": [(int, int)], "drat": [str]},
    "chain map obstruction": {"modulus": int, "factors": [(int, [int], [int])]},
}
# By kind, claim, and whether there is a number of rounds.
_JUDGES: dict[tuple[str, str, bool], Callable[..., None]] = {
    ("contractible carriers", "solvable", False): _judge_carriers,
    ("decision protocol", "solvable", True): _judge_protocol,
    ("arc consistency", "not solvable", True): _judge_consistency,
    ("propositional refutation", "not solvable", True): _judge_refutation,
    ("chain map obstruction", "unsolvable", False): _judge_obstruction,
}


def main(names: list[str]) -> int:
    """Check files, and write a line for each; return 1 if one is refused, otherwise 0."""
    refused = 0
    for name in names:
        try:
            with Path(name).open("rb") as file:
                said = "accepted: " + check(read(file.read(MOST_BYTES + 1)))
        except (RefusedError, OSError) as error:
            said, refused = f"REFUSED: {error}", 1
        line = f"{name}: {said}\n"
        sys.stdout.write(line.encode("ascii", "backslashreplace").decode())
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
