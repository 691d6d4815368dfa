"""Check certificates of solvability and unsolvability, trusting nothing but this file.

The format, and every condition under which a certificate is accepted, is defined in
`docs/certificate-format.md`; why each kind of proof proves its claim is shown in the modules that
find them. This file shares no code with those modules and imports Python's standard library only.
Every value is checked for its exact type and range where it is first read, and nothing in a
certificate is ignored.

To check files: python certificate_checker.py CERTIFICATE.json ... (status 1 if one is refused).
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, combinations_with_replacement, pairwise, product
from math import comb
from operator import or_
from pathlib import Path
from typing import Any, NoReturn, TypeVar

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

_T = TypeVar("_T")
_NAMES = {int: "an integer", str: "a string", list: "a list", dict: "an object"}
_VALIDITIES = ("geodesic", "hull", "monophonic", "clique")
_CLAUSE = re.compile("(-?[1-9][0-9]{0,8} )*0")


class RefusedError(Exception):
    """The certificate is malformed, or its proof does not prove its claim."""


def need(holds: bool, why: str) -> None:  # noqa: FBT001 - a condition, as in assert
    """Raise RefusedError unless the condition holds."""
    if not holds:
        raise RefusedError(why)


# Reading. Each function checks one type exactly: True and 1.0 equal 1, but are no integers.


def read(data: bytes) -> object:
    """Parse the text of a certificate, more strictly than JSON asks for."""
    need(len(data) <= MOST_BYTES, f"the file has more than {MOST_BYTES:,} bytes")
    brackets = data.count(b"[") + data.count(b"{")
    need(brackets <= MOST_BRACKETS, f"the file has more than {MOST_BRACKETS:,} lists and objects")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_repetition,
            parse_int=_short_number,
            parse_float=_no_integer,
            parse_constant=_no_integer,
        )
    except RecursionError:
        raise RefusedError("the file is nested too deeply to be a certificate") from None
    except ValueError as error:
        raise RefusedError(f"the file is not JSON in UTF-8: {error}") from None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    need(len(found) == len(pairs), f"an object has a key twice, among {_shown(len(pairs))} keys")
    return found


def _short_number(digits: str) -> int:
    need(digits[0] != "-", f"a number is written with a sign: {digits[:20]}")
    need(len(digits) <= len(str(MOST_NUMBER)), f"a number has {len(digits)} digits")
    return int(digits)


def _no_integer(text: str) -> NoReturn:
    raise RefusedError(f"a number is not written as an integer: {text[:20]}")


def _shown(value: object) -> str:
    """Show a value in an error, in bounded space whatever it is."""
    if type(value) is int:
        return str(value) if abs(value) <= MOST_NUMBER else "a number of more digits"
    return ascii(value[:40]) if type(value) is str else f"a value of type {type(value).__name__}"


def _typed(value: Any, kind: type[_T], what: str) -> _T:  # noqa: ANN401 - that is the question
    if type(value) is not kind:
        raise RefusedError(f"{what} must be {_NAMES[kind]}, not {_shown(value)}")
    return value


def _integer(value: object, what: str, least: int = 0, most: int = MOST_NUMBER) -> int:
    number = _typed(value, int, what)
    need(least <= number <= most, f"{what} must be from {least} to {most}, not {_shown(number)}")
    return number


def _entry(value: object, what: str, length: int) -> list[Any]:
    found = _typed(value, list, what)
    need(len(found) == length, f"{what} must have {length} parts, not {len(found)}")
    return found


def _integers(value: object, what: str, most: int = MOST_NUMBER) -> tuple[int, ...]:
    parts = _typed(value, list, what)
    return tuple(_integer(part, f"a part of {what}", 0, most) for part in parts)


def _increasing(value: object, what: str, most: int = MOST_NUMBER) -> tuple[int, ...]:
    found = _integers(value, what, most)
    _need_increasing(found, what)
    return found


def _need_increasing(found: Sequence[Any], what: str) -> None:
    need(all(a < b for a, b in pairwise(found)), f"{what}: not strictly increasing")


def _object(value: object, what: str, keys: set[str]) -> dict[str, Any]:
    found = _typed(value, dict, what)
    need(found.keys() == keys, f"{what} must have exactly the keys {', '.join(sorted(keys))}")
    return found


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
        need(all(len(found) == order for found in distances), "the graph is not connected")
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

_KEYS = {"format", "graph", "validity", "processes", "claim", "rounds", "proof"}


def check(document: object) -> str:
    """Return what the certificate proves, or raise RefusedError.

    The document is what a JSON parser made of the file: see `read`.
    """
    parts = _object(document, "the certificate", _KEYS)
    need(_typed(parts["format"], str, "the format") == FORMAT, f"the format is not {FORMAT!r}")
    validity = _typed(parts["validity"], str, "the validity")
    need(validity in _VALIDITIES, f"unknown validity {_shown(validity)}")
    count = _integer(parts["processes"], "the number of processes", 1, MOST_PROCESSES)
    claim, proof, rounds = _typed(parts["claim"], str, "the claim"), parts["proof"], parts["rounds"]
    need("kind" in _typed(proof, dict, "the proof"), "the proof must have a kind")
    kind = _typed(proof["kind"], str, "the kind of proof")
    known = _KINDS.get((claim, kind, rounds is not None))
    if known is None:
        with_rounds = f"{_shown(claim)} with rounds {_shown(rounds)}"
        raise RefusedError(f"{_shown(kind)} is no proof of {with_rounds}")
    keys, judge = known
    _object(proof, "the proof", {"kind", *keys})
    said = claim
    if rounds is not None:
        said = f"{claim} in {_integer(rounds, 'the number of rounds', 0, MOST_ROUNDS)} rounds"
    task = _task(parts["graph"], validity)
    judge(task, count, rounds, proof)
    return f"{said}: {count} processes, {task.order} vertices, {validity} validity"


def _task(value: object, validity: str) -> Task:
    graph = _object(value, "the graph", {"vertices", "edges"})
    order = _integer(graph["vertices"], "the number of vertices", 1, MOST_VERTICES)
    edges = []
    for number, part in enumerate(_typed(graph["edges"], list, "the edges of the graph")):
        u, v = _entry(part, f"edge {number} of the graph", 2)
        larger = _integer(v, f"the second end of edge {number}", 0, order - 1)
        edges.append((_integer(u, f"the first end of edge {number}", 0, larger - 1), larger))
    _need_increasing(edges, "the edges of the graph")
    return Task(order, edges, validity)


# Solvable: contractible carriers.


def _judge_carriers(task: Task, count: int, _: None, proof: dict[str, Any]) -> None:
    entries = _typed(proof["carriers"], list, "the carriers")
    sizes = range(1, min(count, task.order) + 1)
    wanted = sum(comb(task.order, size) for size in sizes)
    need(len(entries) == wanted, f"there must be {wanted} carriers, not {len(entries)}")
    sets = (chosen for size in sizes for chosen in combinations(range(task.order), size))
    carriers: dict[tuple[int, ...], set[int]] = {}
    for chosen, entry in zip(sets, entries, strict=True):
        what = f"the carrier of {list(chosen)}"
        inputs, carrier, steps = _entry(entry, what, 3)
        need(_integers(inputs, what) == chosen, f"{what} is not where it belongs")
        carriers[chosen] = set(_increasing(carrier, what))
        need(carriers[chosen] <= task.carrier(chosen), f"{what} is not inside D(S)")
        parts = (chosen[:i] + chosen[i + 1 :] for i in range(len(chosen)))
        smaller = [carriers[part] for part in parts if part]
        need(all(part <= carriers[chosen] for part in smaller), f"{what} lacks that of a part")
        _dismantle(task, set(carriers[chosen]), _typed(steps, list, f"the steps in {what}"), what)


def _dismantle(task: Task, left: set[int], steps: list[Any], what: str) -> None:
    for step in steps:
        vertex, image = _integers(_entry(step, f"a step in {what}", 2), f"a step in {what}")
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
    tables = _typed(proof["tables"], list, "the tables")
    need(len(tables) == rounds, f"there must be {rounds} tables, not {len(tables)}")
    need(comb(task.order + count - 1, count) <= MOST_STATES, "there are too many inputs to run")
    inputs = combinations_with_replacement(range(task.order), count)
    states = {tuple((v, 1 << v) for v in vector) for vector in inputs}
    for number, table in enumerate(tables):
        states = _after_round(states, count, _table(table, f"table {number}"), f"table {number}")
    for state in states:
        for output, known in state:
            allowed = task.carrier(v for v in range(task.order) if known >> v & 1)
            need(output in allowed, f"the output {output} is not in D of the inputs known")
        outputs = [output for output, _ in state]
        need(task.is_clique(outputs), f"the outputs {outputs} are not pairwise adjacent or equal")


_Key = tuple[tuple[int, ...], tuple[int, ...]]
"""One's own value, or nothing in a table of sets, and the values seen in order."""


def _table(value: object, what: str) -> dict[_Key, int]:
    keys: list[_Key] = []
    numbers = []
    for entry in _typed(value, list, what):
        own, seen, new = _entry(entry, f"an entry of {what}", 3)
        mine = () if own is None else (_integer(own, f"one's own value in {what}"),)
        keys.append((mine, _integers(seen, f"the values seen in {what}")))
        numbers.append(_integer(new, f"the new value in {what}"))
    _need_increasing(keys, what)
    return dict(zip(keys, numbers, strict=True))


def _after_round(
    states: set[tuple[_Process, ...]], count: int, table: dict[_Key, int], what: str
) -> set[tuple[_Process, ...]]:
    """Run a round from every state: a process sees those in earlier blocks and in its own."""
    blocks = product(range(count), repeat=count)
    runs = {tuple(tuple(q for q in range(count) if b[q] <= own) for own in b) for b in blocks}
    sets = any(not own for own, _ in table)
    unused, found = set(table), set()
    for state in states:
        for run in runs:
            after = []
            for (value, _), sees in zip(state, run, strict=True):
                values = [state[q][0] for q in sees]
                own, seen = ((), set(values)) if sets else ((value,), values)
                key = own, tuple(sorted(seen))
                need(key in table, f"{what} has no entry for {key}")
                unused.discard(key)
                after.append((table[key], reduce(or_, (state[q][1] for q in sees))))
            found.add(tuple(sorted(after)))
        need(len(found) <= MOST_STATES, f"{what} leads to too many states")
    need(not unused, f"{what} has entries that are never looked up")
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


def _views(task: Task, count: int, value: object) -> list[View]:
    found: list[View] = []
    before: set[View] = set()
    for number, entry in enumerate(_typed(value, list, "the views")):
        what = f"view {number}"
        process, content = _entry(entry, what, 2)
        _integer(process, f"the process of {what}", 0, count - 1)
        if type(content) is int:
            vertex = _integer(content, f"the input of {what}", 0, task.order - 1)
            view = View(process, 0, frozenset(), frozenset(), frozenset([vertex]))
        else:
            sees = _increasing(content, what, number - 1)
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
    need(views[i].depth == rounds, f"{what}: view {i} does not decide after {rounds} rounds")
    need(_together(views[i], views[j]), f"{what}: views {i} and {j} do not occur together")


def _need_used(views: list[View], used: Iterable[int]) -> None:
    seen = {v for view in views for v in view.sees}
    need(seen.union(used) == {*range(len(views))}, "there are views that are not used")


def _judge_consistency(task: Task, count: int, rounds: int, proof: dict[str, Any]) -> None:
    views = _views(task, count, proof["views"])
    lists = {i: set(task.carrier(view.knows)) for i, view in enumerate(views)}
    removals = []
    conflict = None
    for number, entry in enumerate(_typed(proof["removals"], list, "the removals")):
        what = f"removal {number}"
        need(conflict is None, f"{what} comes after a list is empty")
        i, a, j = _entry(entry, what, 3)
        _integer(i, f"the first view of {what}", 0, len(views) - 1)
        _integer(j, f"the second view of {what}", 0, len(views) - 1)
        _deciding_pair(views, rounds, i, j, what)
        need(_integer(a, f"the value of {what}") in lists[i], f"{what}: it is not in the list")
        need(not task.near[a] & lists[j], f"{what}: something near is left in list {j}")
        lists[i].remove(a)
        removals.append((i, a, j))
        conflict = None if lists[i] else i
    need(conflict is not None, "no list is empty after the removals")
    wanted: dict[int, set[int]] = {}
    for i, a, j in reversed(removals):
        need(i == conflict or a in wanted.get(i, ()), f"the removal of {a} from {i} is not used")
        wanted.setdefault(j, set()).update(task.near[a])
    _need_used(views, {v for i, _, j in removals for v in (i, j)})


def _judge_refutation(task: Task, count: int, rounds: int, proof: dict[str, Any]) -> None:
    views = _views(task, count, proof["views"])
    edges = []
    for number, entry in enumerate(_typed(proof["edges"], list, "the edges")):
        i, j = _integers(_entry(entry, f"edge {number}", 2), f"edge {number}", len(views) - 1)
        need(i < j, f"edge {number}: {i} is not less than {j}")
        _deciding_pair(views, rounds, i, j, f"edge {number}")
        edges.append((i, j))
    _need_increasing(edges, "the edges")
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
    lines = _typed(proof["drat"], list, "the refutation")
    for number, line in enumerate(lines, start=1):
        literals = _clause(line, f"clause {number} of the refutation", len(pairs))
        last = number == len(lines)
        need(bool(literals) != last, "the last clause, and no other, must be the empty one")
        need(clauses.implies(literals), f"clause {number} of the refutation does not follow")
        clauses.add(literals)
    need(bool(lines), "the refutation is empty")


def _clause(line: object, what: str, variables: int) -> list[int]:
    text = _typed(line, str, what)
    need(_CLAUSE.fullmatch(text) is not None, f"{what} is not in DIMACS form: {_shown(text)}")
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

        Return whether some clause becomes false, and what has been made true.
        """
        trail = [x for x in literals if x not in self.true]
        self.true.update(trail)
        if any(-x in self.true for x in trail):
            return True, trail
        for x in trail:
            for clause in self.having.get(-x, ()):
                free = [y for y in clause if -y not in self.true]
                if not free:
                    return True, trail
                if len(free) == 1 and free[0] not in self.true:
                    self.true.add(free[0])
                    trail.append(free[0])
        return False, trail

    def implies(self, literals: list[int]) -> bool:
        """Return whether a clause follows by unit propagation from its negation."""
        if self.contradiction:
            return True
        fails, trail = self.propagate([-x for x in literals])
        self.true.difference_update(trail)
        return fails


# Unsolvable: chain map obstruction.


def _judge_obstruction(task: Task, count: int, _: None, proof: dict[str, Any]) -> None:
    modulus = _integer(proof["modulus"], "the modulus", 2)
    left: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    order = []
    for number, entry in enumerate(_typed(proof["factors"], list, "the factors")):
        what = f"factor {number}"
        value, given, clique = _entry(entry, what, 3)
        factor = _integer(value, what, 1, modulus - 1)
        inputs = _increasing(given, f"the inputs of {what}", task.order - 1)
        need(1 < len(inputs) <= count, f"{what} has {len(inputs)} inputs, not 2 to {count}")
        face = _increasing(clique, f"the clique of {what}", task.order - 1)
        need(len(face) == len(inputs) - 1, f"{what} has {len(face)} vertices in its clique")
        carrier = task.carrier(inputs)
        need(carrier.issuperset(face), f"the clique of {what} is not inside D(S)")
        need(task.is_clique(face), f"{what} is about vertices that are no clique")
        order.append((len(inputs), inputs, face))
        for v in carrier.difference(face):
            larger = tuple(sorted([*face, v]))
            if task.is_clique(larger):
                term = factor * (-1) ** larger.index(v)
                left[inputs, larger] = left.get((inputs, larger), 0) + term
        for i in range(len(inputs)):
            part = inputs[:i] + inputs[i + 1 :]
            if task.carrier(part).issuperset(face):
                left[part, face] = left.get((part, face), 0) - factor * (-1) ** i
    _need_increasing(order, "the factors")
    known = sum(value for (part, _), value in left.items() if len(part) == 1)
    unknown = [value for (part, _), value in left.items() if len(part) > 1]
    need(all(value % modulus == 0 for value in unknown), "the unknowns do not cancel out")
    need(known % modulus != 0, "the known values add up to 0, so nothing is contradicted")


# By claim, kind, and whether there is a number of rounds: the keys of the proof, and its judge.
_KINDS: dict[tuple[str, str, bool], tuple[set[str], Callable[..., None]]] = {
    ("solvable", "contractible carriers", False): ({"carriers"}, _judge_carriers),
    ("solvable", "decision protocol", True): ({"tables"}, _judge_protocol),
    ("not solvable", "arc consistency", True): ({"views", "removals"}, _judge_consistency),
    ("not solvable", "propositional refutation", True): (
        {"views", "edges", "drat"},
        _judge_refutation,
    ),
    ("unsolvable", "chain map obstruction", False): ({"modulus", "factors"}, _judge_obstruction),
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
        sys.stdout.write(f"{name}: {said}\n")
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
