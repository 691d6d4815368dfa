"""Run a decision protocol from all inputs and under all divisions into ordered blocks.

A state holds, for each process, its value and the inputs that it knows of. The entries of tables do
not depend on who a process is, so states that differ only in the order of processes are merged.

Source: section "Kind: decision protocol" of the page on the format of certificates.
"""

from itertools import combinations_with_replacement
from math import comb

from .carriers import Carriers, bits
from .document import DecisionProtocol, Document, Table
from .shapes import RefusedError
from .views import ordered_partitions

MOST_STATES = 1_000_000

Local = tuple[int, int]
"""The state of one process: its value, and the set of inputs that it knows of."""
State = tuple[Local, ...]


def check_protocol(document: Document, proof: DecisionProtocol, carriers: Carriers) -> None:
    """Raise `RefusedError` if some run of the protocol leaves a table or breaks the task."""
    n = document.processes
    if comb(document.size + n - 1, n) > MOST_STATES:
        raise RefusedError(f"the protocol: more than {MOST_STATES} combinations of inputs")
    inputs = ((v, 1 << v) for v in range(document.size))
    states: set[State] = set(combinations_with_replacement(inputs, n))
    partitions = list(ordered_partitions(n))
    for number, table in enumerate(proof.tables):
        place = f"table {number}"
        states = _one_round(states, partitions, table, place)
    for state in states:
        _check_outputs(state, carriers)


def _one_round(
    states: set[State], partitions: list[tuple[int, ...]], table: Table, place: str
) -> set[State]:
    after: set[State] = set()
    used: set[tuple[int | None, tuple[int, ...]]] = set()
    n = len(partitions[0])
    for state in states:
        results: list[dict[int, Local]] = [{} for _ in range(n)]
        for block in range(1, 1 << n):
            known, values = 0, []
            for p in bits(block):
                values.append(state[p][0])
                known |= state[p][1]
            seen = tuple(sorted(set(values) if table.of_sets else values))
            for p in bits(block):
                key = (None if table.of_sets else state[p][0], seen)
                if key not in table.rows:
                    raise RefusedError(f"{place}: no entry for {list(key)}")
                used.add(key)
                results[p][block] = (table.rows[key], known)
        for partition in partitions:
            after.add(tuple(sorted(results[p][block] for p, block in enumerate(partition))))
        if len(after) > MOST_STATES:
            raise RefusedError(f"{place}: leads to more than {MOST_STATES} states")
    for own, seen in table.rows:
        if (own, seen) not in used:
            raise RefusedError(f"{place}: the entry for {[own, list(seen)]} is never looked up")
    return after


def _check_outputs(state: State, carriers: Carriers) -> None:
    outputs = 0
    for output, known in state:
        if not carriers.carrier(known) >> output & 1:
            inputs = list(bits(known))
            raise RefusedError(f"the protocol: decides {output} knowing of the inputs {inputs}")
        outputs |= 1 << output
    if not carriers.is_clique(outputs):
        raise RefusedError(f"the protocol: decides {list(bits(outputs))} in one run, not a clique")
