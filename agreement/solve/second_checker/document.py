"""Read a certificate's text into frozen values whose types, ranges and orders are exact.

Everything that can be checked without the graph's distances and without running a protocol is
checked here, once, while JSON is turned into the classes below. The rest of the checker sees only
these classes: it never meets a Boolean where a number is meant, an unknown key, or an unsorted
list.

Source: the page on the format of certificates in this project's documentation.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .shapes import (
    MOST_NUMBER,
    RefusedError,
    array,
    counted,
    entry,
    filled,
    increasing,
    integer,
    numbers,
    object_with,
    parse,
    quote,
    string,
)

FORMAT = "wait-free agreement certificate 1"
VALIDITIES = ("geodesic", "hull", "monophonic", "clique")
MOST_VERTICES = 62
MOST_PROCESSES = 6
MOST_ROUNDS = 100
_CLAUSE = re.compile(r"(?:-?[1-9][0-9]{0,8} )*0", re.ASCII)


@dataclass(frozen=True, slots=True)
class CarrierEntry:
    """A set of inputs, the vertices E(S) chosen inside its carrier, and their dismantling."""

    inputs: tuple[int, ...]
    chosen: tuple[int, ...]
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ContractibleCarriers:
    """A dismantlable part of each carrier."""

    entries: tuple[CarrierEntry, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One round's table: (own value or None, values seen) to the new value."""

    of_sets: bool
    rows: dict[tuple[int | None, tuple[int, ...]], int]


@dataclass(frozen=True, slots=True)
class DecisionProtocol:
    """A protocol, one table per round."""

    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A process and either its input or the numbers of the views that it sees."""

    process: int
    what: int | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ArcConsistency:
    """Removals (view i, value a, view j) in the order in which they are carried out."""

    views: tuple[View, ...]
    removals: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class PropositionalRefutation:
    """Edges between deciding views, and clauses that end with the empty one."""

    views: tuple[View, ...]
    edges: tuple[tuple[int, int], ...]
    clauses: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class ChainMapObstruction:
    """Multipliers (y, S, t) of the equations of a chain map, modulo an integer."""

    modulus: int
    factors: tuple[tuple[int, tuple[int, ...], tuple[int, ...]], ...]


Proof = (
    ContractibleCarriers
    | DecisionProtocol
    | ArcConsistency
    | PropositionalRefutation
    | ChainMapObstruction
)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole certificate. `rounds` is None where the claim is about any number of rounds."""

    size: int
    edges: tuple[tuple[int, int], ...]
    validity: str
    processes: int
    claim: str
    rounds: int | None
    proof: Proof

    @property
    def k(self) -> int:
        """The number of rounds of a claim that has one."""
        if self.rounds is None:
            raise AssertionError("the kind's proof is about a number of rounds")
        return self.rounds

    @property
    def statement(self) -> str:
        """The statement that an accepted certificate proves, in one line."""
        rounds = "" if self.rounds is None else f" in {counted(self.rounds, 'round', 'rounds')}"
        processes = counted(self.processes, "process", "processes")
        vertices = counted(self.size, "vertex", "vertices")
        return f"{self.claim}{rounds}: {processes}, {vertices}, {self.validity} validity"


# --- the parts of a document --------------------------------------------------------------------


def read(text: str | bytes) -> Document:
    """Return the document that a certificate's text is, or raise `RefusedError`."""
    keys = ("format", "graph", "validity", "processes", "claim", "rounds", "proof")
    top = object_with(parse(text), keys, "the document")
    if top["format"] != FORMAT:
        raise RefusedError(f"format: {quote(top['format'])} is not {FORMAT!r}")
    size, edges = _read_graph(top["graph"])
    if top["validity"] not in VALIDITIES:
        raise RefusedError(f"validity: {quote(top['validity'])} is not one of {VALIDITIES}")
    processes = integer(top["processes"], 1, MOST_PROCESSES, "processes")
    claim = string(top["claim"], "claim")
    rounds = top["rounds"]
    if rounds is not None:
        rounds = integer(rounds, 0, MOST_ROUNDS, "rounds")
    if type(top["proof"]) is not dict or "kind" not in top["proof"]:
        raise RefusedError("proof: not an object with the key 'kind'")
    kind = string(top["proof"]["kind"], "proof.kind")
    if kind not in _KINDS:
        raise RefusedError(f"proof.kind: {quote(kind)} is unknown")
    proves, counts, parts, reader = _KINDS[kind]
    if claim != proves:
        raise RefusedError(f"claim: {quote(claim)} is not what {kind!r} proves, {proves!r}")
    if counts != (rounds is not None):
        raise RefusedError(f"rounds: {'missing' if counts else 'not null'} for the kind {kind!r}")
    proof = object_with(top["proof"], ("kind", *parts), "proof")
    bounds = _Bounds(size, processes, rounds or 0)
    made = reader(*(proof[part] for part in parts), bounds)
    return Document(size, edges, str(top["validity"]), processes, claim, rounds, made)


def _read_graph(value: object) -> tuple[int, tuple[tuple[int, int], ...]]:
    graph = object_with(value, ("vertices", "edges"), "graph")
    size = integer(graph["vertices"], 1, MOST_VERTICES, "graph.vertices")
    edges = []
    for number, item in enumerate(array(graph["edges"], "graph.edges")):
        place = f"graph.edges[{number}]"
        u, v = (integer(end, 0, size - 1, place) for end in entry(item, 2, place))
        if not u < v:
            raise RefusedError(f"{place}: the first end is not less than the second")
        edges.append((u, v))
    increasing(edges, "graph.edges")
    return size, tuple(edges)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The bounds on the numbers in a proof."""

    size: int
    processes: int
    rounds: int

    def vertex(self, value: object, place: str) -> int:
        return integer(value, 0, self.size - 1, place)

    def vertices(self, value: object, place: str) -> tuple[int, ...]:
        return numbers(value, self.size - 1, place)


def _read_carriers(carriers: object, bounds: _Bounds) -> ContractibleCarriers:
    entries = []
    for number, item in enumerate(array(carriers, "proof.carriers")):
        place = f"proof.carriers[{number}]"
        inputs, chosen, steps = entry(item, 3, place)
        entries.append(
            CarrierEntry(
                bounds.vertices(inputs, f"{place}: inputs"),
                bounds.vertices(chosen, f"{place}: chosen vertices"),
                tuple(
                    (bounds.vertex(v, f"{place}: step"), bounds.vertex(u, f"{place}: step"))
                    for v, u in (
                        entry(step, 2, f"{place}: step") for step in array(steps, f"{place}: steps")
                    )
                ),
            )
        )
    return ContractibleCarriers(tuple(entries))


def _read_protocol(tables: object, bounds: _Bounds) -> DecisionProtocol:
    listed = array(tables, "proof.tables")
    if len(listed) != bounds.rounds:
        tables = counted(len(listed), "table", "tables")
        rounds = counted(bounds.rounds, "round", "rounds")
        raise RefusedError(f"proof.tables: {tables} for {rounds}")
    made = []
    for number, table in enumerate(listed):
        first, last = number == 0, number == bounds.rounds - 1
        values = bounds.size - 1 if first else MOST_NUMBER
        results = bounds.size - 1 if last else MOST_NUMBER
        made.append(_read_table(table, bounds.processes, values, results, f"table {number}"))
    return DecisionProtocol(tuple(made))


def _read_table(table: object, most_seen: int, values: int, results: int, place: str) -> Table:
    keys: list[tuple[int | None, tuple[int, ...]]] = []
    news = []
    for number, item in enumerate(array(table, place)):
        where = f"{place}, entry {number}"
        own, seen, new = entry(item, 3, where)
        known = tuple(integer(one, 0, values, where) for one in array(seen, where))
        if not 1 <= len(known) <= most_seen:
            raise RefusedError(f"{where}: must see 1 to {most_seen} values, not {len(known)}")
        if own is None:
            increasing(known, where)
            keys.append((None, known))
        else:
            if list(known) != sorted(known):
                raise RefusedError(f"{where}: the values seen decrease")
            mine = integer(own, 0, values, where)
            if mine not in known:
                raise RefusedError(f"{where}: the own value is not among the values seen")
            keys.append((mine, known))
        news.append(integer(new, 0, results, where))
    of_sets = {own is None for own, _ in keys}
    if len(of_sets) > 1:
        raise RefusedError(f"{place}: mixes entries with and without own values")
    increasing([((own or 0), seen) for own, seen in keys], place)
    return Table(of_sets == {True}, dict(zip(keys, news, strict=True)))


def _read_views(views: object, bounds: _Bounds) -> tuple[View, ...]:
    made = []
    for number, item in enumerate(array(views, "proof.views")):
        place = f"view {number}"
        process, what = entry(item, 2, place)
        who = integer(process, 0, bounds.processes - 1, place)
        if type(what) is list:
            seen = numbers(filled(what, place), number - 1, place)
            made.append(View(who, seen))
        else:
            made.append(View(who, bounds.vertex(what, place)))
    return tuple(made)


def _read_arc_consistency(views: object, removals: object, bounds: _Bounds) -> ArcConsistency:
    named = _read_views(views, bounds)
    made = []
    for number, item in enumerate(filled(removals, "proof.removals")):
        place = f"removal {number}"
        i, a, j = entry(item, 3, place)
        made.append(
            (
                integer(i, 0, len(named) - 1, place),
                bounds.vertex(a, place),
                integer(j, 0, len(named) - 1, place),
            )
        )
    return ArcConsistency(named, tuple(made))


def _read_refutation(
    views: object, edges: object, drat: object, bounds: _Bounds
) -> PropositionalRefutation:
    named = _read_views(views, bounds)
    pairs = []
    for number, item in enumerate(array(edges, "proof.edges")):
        place = f"edge {number}"
        i, j = (integer(end, 0, len(named) - 1, place) for end in entry(item, 2, place))
        if not i < j:
            raise RefusedError(f"{place}: the first view is not less than the second")
        pairs.append((i, j))
    increasing(pairs, "proof.edges")
    clauses = []
    for number, line in enumerate(filled(drat, "proof.drat")):
        place = f"clause {number}"
        words = string(line, place)
        if not _CLAUSE.fullmatch(words):
            raise RefusedError(f"{place}: {quote(words)} is not literals and a 0")
        literals = tuple(int(word) for word in words.split(" ")[:-1])
        if len({abs(literal) for literal in literals}) != len(literals):
            raise RefusedError(f"{place}: a variable occurs twice")
        clauses.append(literals)
    if clauses[-1]:
        raise RefusedError("proof.drat: the last clause is not the empty one")
    if () in clauses[:-1]:
        raise RefusedError("proof.drat: clauses stand behind the empty one")
    return PropositionalRefutation(named, tuple(pairs), tuple(clauses))


def _read_obstruction(modulus: object, factors: object, bounds: _Bounds) -> ChainMapObstruction:
    m = integer(modulus, 2, MOST_NUMBER, "proof.modulus")
    made = []
    for number, item in enumerate(filled(factors, "proof.factors")):
        place = f"factor {number}"
        y, inputs, clique = entry(item, 3, place)
        s = bounds.vertices(inputs, f"{place}: inputs")
        t = bounds.vertices(clique, f"{place}: clique")
        if not 2 <= len(s) <= bounds.processes:  # noqa: PLR2004
            raise RefusedError(f"{place}: must have 2 to {bounds.processes} inputs, not {len(s)}")
        if len(t) != len(s) - 1:
            size = counted(len(t), "vertex", "vertices")
            raise RefusedError(f"{place}: {size} in the clique, not {len(s) - 1}")
        made.append((integer(y, 1, m - 1, f"{place}: multiplier"), s, t))
    increasing([(len(s), s, t) for _, s, t in made], "proof.factors")
    return ChainMapObstruction(m, tuple(made))


_KINDS: dict[str, tuple[str, bool, tuple[str, ...], Callable[..., Proof]]] = {
    # kind: what it claims, whether it has a number of rounds, its keys, and how they are read
    "contractible carriers": ("solvable", False, ("carriers",), _read_carriers),
    "decision protocol": ("solvable", True, ("tables",), _read_protocol),
    "arc consistency": ("not solvable", True, ("views", "removals"), _read_arc_consistency),
    "propositional refutation": (
        "not solvable",
        True,
        ("views", "edges", "drat"),
        _read_refutation,
    ),
    "chain map obstruction": ("unsolvable", False, ("modulus", "factors"), _read_obstruction),
}
