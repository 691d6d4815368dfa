"""A checker of certificates of solvability and unsolvability, which shares no code with the finder.

`docs/certificate-format.md` defines the format and every condition under which a certificate is
accepted; the modules that find proofs show why each kind of proof proves its claim. This file is
all that has to be trusted: it imports Python's standard library only. It first checks the exact
type of every value (`_shaped`), then what the values mean; it ignores nothing in a certificate.

Usage: python certificate_checker.py CERTIFICATE.json ... (exit status 1 if one is refused).
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import combinations, combinations_with_replacement, count, pairwise, product, starmap
from math import comb
from operator import or_
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

__all__ = ["FORMAT", "RefusedError", "check", "main", "read"]

FORMAT = "wait-free agreement certificate 1"

MOST_BYTES, MOST_BRACKETS, MOST_NUMBER = 33_554_432, 2_000_000, 999_999_999
MOST_VERTICES, MOST_PROCESSES, MOST_ROUNDS = 62, 6, 100
MOST_PATHS = MOST_STATES = 1_000_000
MOST_CLAUSES = 2_000_000

_NAMES = {int: "an integer", str: "a string", list: "a list", dict: "an object", NoneType: "null"}
_VALIDITIES = ("geodesic", "hull", "monophonic", "clique")
_DIMACS = re.compile("(-?[1-9][0-9]{0,8} )*0")
_State = tuple[tuple[int, int], ...]  # sorted: a process's value, and the inputs known as bits


class RefusedError(Exception):
    """The certificate is malformed, or its proof does not prove its claim."""


def need(holds: bool, why: str) -> None:  # noqa: FBT001 - a condition, as in assert
    """Raise RefusedError unless the condition holds."""
    if not holds:
        raise RefusedError(why)


def read(data: bytes) -> object:
    """Parse the text of a certificate, more strictly than JSON requires."""
    need(len(data) <= MOST_BYTES, f"the file has more than {MOST_BYTES:,} bytes")
    brackets = data.count(b"[") + data.count(b"{")
    need(brackets <= MOST_BRACKETS, f"the file has more than {MOST_BRACKETS:,} lists and objects")
    numbers: Any = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), _number)
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_object, **numbers)
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


class IntegerOr(NamedTuple):
    """The shape of a value that is an integer or has another shape."""

    other: Any


def _shaped(value: Any, shape: Any, what: str) -> Any:  # noqa: ANN401 - any value, as JSON has them
    """Check the exact types of a value and of all its parts, and return it with tuples for lists.

    A shape is a type; `[part]` for a list of such parts; `(first, second, ...)` for a list of
    exactly these parts; a dictionary for an object with exactly these keys; or an `IntegerOr`.
    Types are compared exactly because True == 1 == 1.0, and only 1 is an integer here.
    """
    if isinstance(shape, IntegerOr):
        shape = int if type(value) is int else shape.other
    kind = {tuple: list, type: shape}.get(type(shape), type(shape))
    need(type(value) is kind, f"{what} must be {_NAMES[kind]}, not {type(value).__name__}")
    need(kind is not int or 0 <= value <= MOST_NUMBER, f"{what} must be from 0 to {MOST_NUMBER}")
    if isinstance(shape, dict):
        need(value.keys() == shape.keys(), f"{what} must have just the keys {', '.join(shape)}")
        return {key: _shaped(value[key], part, f"{what}.{key}") for key, part in shape.items()}
    if kind is not list:
        return value
    parts = shape if isinstance(shape, tuple) else shape * len(value)
    need(len(value) == len(parts), f"{what} must have {len(parts)} parts, not {len(value)}")
    pairs = enumerate(zip(value, parts, strict=True))
    return tuple(_shaped(part, its, f"{what}[{i}]") for i, (part, its) in pairs)


def _need_increasing(found: Sequence[Any], what: str) -> None:
    need(all(a < b for a, b in pairwise(found)), f"{what} must be strictly increasing")


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
            (u, v): {w for w in range(order) if from_u[w] + from_v[w] == from_u[v]}
            for (u, from_u), (v, from_v) in product(enumerate(distances), repeat=2)
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
        """Map each pair of vertices to all vertices on induced paths between the two."""
        found: dict[tuple[int, int], set[int]] = {}
        paths, listed = [[v] for v in range(self.order)], 0
        while paths:
            path = paths.pop()
            listed += 1
            need(listed <= MOST_PATHS, f"the graph has more than {MOST_PATHS:,} induced paths")
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


def check(document: object) -> str:
    """Return what a certificate (a value that `read` returns) proves, or raise RefusedError."""
    parts = _shaped(document, _FRAME, "certificate")
    validity, processes, rounds = parts["validity"], parts["processes"], parts["rounds"]
    need(parts["format"] == FORMAT, f"the format is not {FORMAT!r}")
    need(validity in _VALIDITIES, f"unknown validity {validity[:40]!a}")
    need(1 <= processes <= MOST_PROCESSES, f"there must be 1 to {MOST_PROCESSES} processes")
    need(rounds is None or rounds <= MOST_ROUNDS, f"there may be {MOST_ROUNDS} rounds at most")
    kind = _shaped(parts["proof"].get("kind"), str, "certificate.proof.kind")
    claim = f"{parts['claim'][:40]!a} with {'no' if rounds is None else 'a'} number of rounds"
    mismatch = f"the proof {kind[:40]!a} is not one for the claim {claim}"
    need(kind in _KINDS, mismatch)
    proves, in_rounds, shape, check_proof = _KINDS[kind]
    need((proves, in_rounds) == (parts["claim"], rounds is not None), mismatch)
    proof = _shaped(parts["proof"], {"kind": str, **shape}, "proof")
    order, edges = parts["graph"]["vertices"], parts["graph"]["edges"]
    need(1 <= order <= MOST_VERTICES, f"there must be 1 to {MOST_VERTICES} vertices")
    _need_increasing(edges, "graph.edges")
    need(all(u < v < order for u, v in edges), "an edge is not of two vertices in order")
    check_proof(Task(order, edges, validity), processes, rounds, proof)
    said = proves if rounds is None else f"{proves} in {_counted(rounds, 'round', 'rounds')}"
    size = f"{_counted(processes, 'process', 'processes')}, {_counted(order, 'vertex', 'vertices')}"
    return f"{said}: {size}, {validity} validity"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _check_carriers(task: Task, processes: int, _: None, proof: dict[str, Any]) -> None:
    """Check that each set of inputs has a part of its carrier that grows and is dismantled."""
    sizes = range(1, min(processes, task.order) + 1)
    wanted = sum(comb(task.order, size) for size in sizes)
    need(len(proof["carriers"]) == wanted, f"the number of carriers must be {wanted}")
    sets = (chosen for size in sizes for chosen in combinations(range(task.order), size))
    carriers: dict[tuple[int, ...], set[int]] = {(): set()}
    for chosen, (inputs, carrier, steps) in zip(sets, proof["carriers"], strict=True):
        what = f"the carrier of {list(chosen)}"
        need(inputs == chosen, f"{what} is not where it belongs")
        _need_increasing(carrier, what)
        need(task.carrier(chosen).issuperset(carrier), f"{what} is not inside D(S)")
        smaller = [carriers[part] for part in combinations(chosen, len(chosen) - 1)]
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


def _check_protocol(task: Task, processes: int, rounds: int, proof: dict[str, Any]) -> None:
    """Run the tables from all inputs under all schedules, and check every output."""
    tables = proof["tables"]
    need(len(tables) == rounds, f"there must be a table for each round, not {len(tables)}")
    need(comb(task.order + processes - 1, processes) <= MOST_STATES, "there are too many inputs")
    inputs = combinations_with_replacement(range(task.order), processes)
    states: set[_State] = {tuple((v, 1 << v) for v in vector) for vector in inputs}
    for number, table in enumerate(tables):
        states = _after_round(states, processes, table, f"table {number}")
    for state in states:
        for output, known in state:
            allowed = task.carrier(v for v in range(task.order) if known >> v & 1)
            need(output in allowed, f"the output {output} is not in D of the inputs known")
        outputs = [output for output, _ in state]
        need(task.is_clique(outputs), f"the outputs {outputs} are not pairwise adjacent or equal")


def _after_round(
    states: set[_State], processes: int, entries: Sequence[Any], what: str
) -> set[_State]:
    """Run a round from every state: a process sees those in earlier blocks and in its own."""
    # In a table of sets the own value is null; it is looked up as ().
    rows = [((() if own is None else (own,), seen), new) for own, seen, new in entries]
    _need_increasing([key for key, _ in rows], what)
    table = dict(rows)
    sets = any(not own for own, _ in table)
    blocks = product(range(processes), repeat=processes)
    runs = {tuple(tuple(q for q in range(processes) if b[q] <= own) for own in b) for b in blocks}
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


class View(NamedTuple):
    """A view after `depth` rounds: the numbers and processes of the views seen, inputs known."""

    process: int
    depth: int
    sees: frozenset[int]
    processes: frozenset[int]
    knows: frozenset[int]


def _views(task: Task, processes: int, entries: Sequence[Any]) -> list[View]:
    """Return the views in order, after checking that each can occur."""
    found: list[View] = []
    for number, (process, sees) in enumerate(entries):
        what = f"view {number}"
        need(process < processes, f"{what} is of a process that does not exist")
        if type(sees) is int:
            need(sees < task.order, f"{what} has an input that is no vertex")
            view = View(process, 0, frozenset(), frozenset(), frozenset([sees]))
        else:
            _need_increasing(sees, what)
            need(all(v < number for v in sees), f"{what} sees a view that does not come before it")
            seen = [found[v] for v in sees]
            own = [view for view in seen if view.process == process]
            need(len(own) == 1, f"{what} does not see exactly one view of its own process")
            together = starmap(_together, combinations(seen, 2))
            need(all(together), f"{what} sees views that do not occur together")
            members = frozenset(view.process for view in seen)
            knows = frozenset(vertex for view in seen for vertex in view.knows)
            view = View(process, own[0].depth + 1, frozenset(sees), members, knows)
        found.append(view)
    need(len({*found}) == len(found), "a view occurs twice")
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


def _deciding(views: list[View], rounds: int, pairs: Sequence[Any], what: str) -> list[int]:
    """Return the deciding views, after checking the pairs and that every view is used.

    Then every deciding view is in a pair: views that see it are deeper, and so in no pair.
    """
    for number, (i, j) in enumerate(pairs):
        need(max(i, j) < len(views), f"{what} {number} is about a view that does not exist")
        need(views[i].depth == rounds, f"view {i} does not decide after round {rounds}")
        need(_together(views[i], views[j]), f"views {i} and {j} do not occur together")
    used = {v for pair in pairs for v in pair}.union(*(view.sees for view in views))
    need(used == {*range(len(views))}, "there are views that are not used")
    return [i for i, view in enumerate(views) if view.depth == rounds]


def _check_consistency(task: Task, processes: int, rounds: int, proof: dict[str, Any]) -> None:
    """Check that each removal is forced, and that they empty the list of some view."""
    views = _views(task, processes, proof["views"])
    deciding = _deciding(views, rounds, [(i, j) for i, _, j in proof["removals"]], "removal")
    lists = {i: set(task.carrier(views[i].knows)) for i in deciding}
    conflict = None
    for number, (i, a, j) in enumerate(proof["removals"]):
        what = f"removal {number}"
        need(conflict is None, f"{what} comes after a list is empty")
        need(a in lists[i], f"{what}: the value {a} is not in list {i}")
        need(not task.near[a] & lists[j], f"{what}: something near is left in list {j}")
        lists[i].remove(a)
        conflict = None if lists[i] else i
    need(conflict is not None, "no list is empty after the removals")
    wanted: dict[int, set[int]] = {}
    for i, a, j in reversed(proof["removals"]):
        need(i == conflict or a in wanted.get(i, ()), f"the removal of {a} from {i} is not used")
        wanted.setdefault(j, set()).update(task.near[a])


def _check_refutation(task: Task, processes: int, rounds: int, proof: dict[str, Any]) -> None:
    """Make the formula of the views and edges, and check each clause of its refutation."""
    views, edges = _views(task, processes, proof["views"]), proof["edges"]
    _need_increasing(edges, "proof.edges")
    need(all(i < j for i, j in edges), "the ends of an edge are not in order")
    deciding = _deciding(views, rounds, edges, "edge")
    fresh = count(1)
    lists = {i: {a: next(fresh) for a in sorted(task.carrier(views[i].knows))} for i in deciding}
    short = sum(b not in task.near[a] for i, j in edges for a in lists[i] for b in lists[j])
    need(short + len(deciding) <= MOST_CLAUSES, f"more than {MOST_CLAUSES:,} clauses")
    variables = next(fresh) - 1
    clauses = Clauses()
    for i in deciding:
        clauses.add([*lists[i].values()])
    for i, j in edges:
        for a, b in product(lists[i], lists[j]):
            if b not in task.near[a]:
                clauses.add([-lists[i][a], -lists[j][b]])
    drat = [_clause(number, text, variables) for number, text in enumerate(proof["drat"])]
    need(drat[-1:] == [[]] and all(drat[:-1]), "the last clause, and no other, must be empty")
    for literals in drat:
        clauses.step(literals)


def _clause(number: int, text: str, variables: int) -> list[int]:
    what = f"clause {number}"
    need(_DIMACS.fullmatch(text) is not None, f"{what} is not in DIMACS form: {text[:40]!a}")
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
        """Propagate literals; return whether some clause becomes false, and all literals made true.

        If x and -x are made true, one of them was derived, and then the clause it is from is false.
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
        """Add a clause after checking that unit propagation refutes its negation."""
        if not self.contradiction:
            fails, trail = self.propagate([-x for x in literals])
            self.true.difference_update(trail)
            need(fails, f"the clause {literals[:9]} does not follow")
            self.add(literals)


def _check_obstruction(task: Task, processes: int, _: None, proof: dict[str, Any]) -> None:
    """Check that the equations of a chain map, times their factors, add up to a contradiction."""
    modulus = proof["modulus"]
    need(modulus > 1, "the modulus must be at least 2")
    terms: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    _need_increasing([(len(s), s, face) for _, s, face in proof["factors"]], "proof.factors")
    for number, (factor, inputs, face) in enumerate(proof["factors"]):
        what = f"factor {number}"
        need(0 < factor < modulus, f"{what} is not from 1 to {modulus - 1}")
        _need_increasing(inputs, f"the inputs of {what}")
        _need_increasing(face, f"the clique of {what}")
        need(all(v < task.order for v in inputs), f"{what} has inputs that are no vertices")
        need(1 < len(inputs) <= processes, f"{what} needs 2-{processes} inputs, not {len(inputs)}")
        need(len(face) == len(inputs) - 1, f"{what} has a clique of size {len(face)}")
        carrier = task.carrier(inputs)
        need(carrier.issuperset(face), f"the clique of {what} is not inside D(S)")
        need(task.is_clique(face), f"{what} is about vertices that are no clique")
        for v in carrier.difference(face):
            larger = tuple(sorted([*face, v]))
            if task.is_clique(larger):
                terms[inputs, larger] += factor * (-1) ** larger.index(v)
        for i in range(len(inputs)):
            part = inputs[:i] + inputs[i + 1 :]
            if task.carrier(part).issuperset(face):
                terms[part, face] -= factor * (-1) ** i
    # For one input the value is known: if {v} has the clique t in D({v}), then x([v], t) = 1.
    known = sum(value for (inputs, _), value in terms.items() if len(inputs) == 1)
    cancel = all(value % modulus == 0 for (inputs, _), value in terms.items() if len(inputs) > 1)
    need(cancel, "the unknowns do not cancel out")
    need(known % modulus != 0, "the known values add up to 0, so nothing is contradicted")


_PAIRS = [(int, int)]
_FRAME = {
    "format": str,
    "graph": {"vertices": int, "edges": _PAIRS},
    "validity": str,
    "processes": int,
    "claim": str,
    "rounds": IntegerOr(NoneType),
    "proof": dict,
}
_VIEWS = [(int, IntegerOr([int]))]
_CARRIERS = {"carriers": [([int], [int], _PAIRS)]}
_TABLES = {"tables": [[(IntegerOr(NoneType), [int], int)]]}
_REMOVALS = {"views": _VIEWS, "removals": [(int, int, int)]}
_CLAUSES = {"views": _VIEWS, "edges": _PAIRS, "drat": [str]}
_FACTORS = {"modulus": int, "factors": [(int, [int], [int])]}

# By kind: the claim, whether it has a number of rounds, the other keys of the proof, its check.
_KINDS: dict[str, tuple[str, bool, dict[str, Any], Callable[..., None]]] = {
    "contractible carriers": ("solvable", False, _CARRIERS, _check_carriers),
    "decision protocol": ("solvable", True, _TABLES, _check_protocol),
    "arc consistency": ("not solvable", True, _REMOVALS, _check_consistency),
    "propositional refutation": ("not solvable", True, _CLAUSES, _check_refutation),
    "chain map obstruction": ("unsolvable", False, _FACTORS, _check_obstruction),
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
        sys.stdout.write(f"{name}: {said}\n".encode("ascii", "backslashreplace").decode())
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
