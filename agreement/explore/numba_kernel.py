"""The inner loops of `numba_search`, for numba: they take and return arrays.

A state is an unsigned 64-bit integer with `bits` bits per process: the number of its local state.
There are n processes, up to L local states of each, A arrays, and V values of a register (0 is
unwritten):

* `kinds` (n, L): the kind of the next operation, one of the constants below;
* `arrays`, `owners`, `written` (n, L): the array, the owner and the value of that operation;
* `contents` (n, A, L): the content of a process's register of an array;
* `stages` (n, L): the stage of a local state (see `state_encoding`);
* `bases` (n, L), `direct`: after a write, the next local state is `direct[base]`; after a read of
  content c, it is `direct[base + c]`; -1 if it is unknown; `base` is -1 if it is not kept here;
* `keys`, `nexts`: a hash table from the `_code` of an operation and its response to the next local
  state.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

__all__ = ["DECIDED", "EMPTY", "READ", "SCAN", "WRITE", "WRITE_SCAN", "expand", "insert", "lookup"]

DECIDED, WRITE, READ, SCAN, WRITE_SCAN = range(5)
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, inline="always")
def _slot(key, size):
    return int((uint64(key) * _GOLDEN) >> uint64(20)) & (size - 1)


@njit(cache=True)
def insert(keys, key):
    """Insert `key` into an open hash set, which must not be full; return whether it is new."""
    size = keys.shape[0]
    slot = _slot(key, size)
    while keys[slot] != EMPTY:
        if keys[slot] == key:
            return False
        slot = (slot + 1) & (size - 1)
    keys[slot] = key
    return True


@njit(cache=True)
def insert_all(keys, new):
    """Insert all of `new` into a hash set."""
    for key in new:
        insert(keys, key)


@njit(cache=True)
def store(keys, nexts, key, value):
    """Store the value of `key` in a hash table, which must not be full."""
    size = keys.shape[0]
    slot = _slot(key, size)
    while keys[slot] != EMPTY and keys[slot] != key:
        slot = (slot + 1) & (size - 1)
    keys[slot] = key
    nexts[slot] = value


@njit(cache=True)
def lookup(keys, nexts, key):
    """Return the value of `key`, or -1 if there is none."""
    size = keys.shape[0]
    slot = _slot(key, size)
    while keys[slot] != EMPTY:
        if keys[slot] == key:
            return nexts[slot]
        slot = (slot + 1) & (size - 1)
    return -1


@njit(cache=True)
def _code(me, numbers, block, kinds, arrays, owners, written, contents, radix):
    """Return a number for the operation of `me` and its response if `block` moves.

    `radix` is (V, V^n); a response is a number below V^n.
    """
    number = numbers[me]
    kind = kinds[me, number]
    values, space = radix
    code = uint64(0)
    if kind == READ:
        owner = owners[me, number]
        code = uint64(contents[owner, arrays[me, number], numbers[owner]])
    elif kind == SCAN or kind == WRITE_SCAN:  # noqa: PLR1714, SIM109 - numba compiles this to less
        array = arrays[me, number]
        for other in range(kinds.shape[0]):
            content = contents[other, array, numbers[other]]
            if kind == WRITE_SCAN and block >> other & 1:
                content = written[other, numbers[other]]
            code = code * values + uint64(content)
    return uint64(me * kinds.shape[1] + number) * space + code


@njit(cache=True)
def _alone(numbers, accesses, present):
    """Return a process that may move alone (see `ample`), or -1.

    `accesses` (4, n, L) holds bit sets of registers: read by the next step, written by it, read and
    written by it or later. `present` is a bit set of processes.
    """
    count = len(numbers)
    for me in range(count):
        reads, writes = accesses[0, me, numbers[me]], accesses[1, me, numbers[me]]
        if reads | writes == 0 or not present >> me & 1:
            continue
        free = True
        for other in range(count):
            if other != me and present >> other & 1:
                later_reads = accesses[2, other, numbers[other]]
                later_writes = accesses[3, other, numbers[other]]
                if later_reads & writes or later_writes & (reads | writes):
                    free = False
        if free:
            return me
    return -1


@njit(cache=True)
def _movable(block, numbers, kinds, arrays):
    """Return whether the processes of a bit set can move together."""
    array, size, together = -1, 0, True
    for me in range(len(numbers)):
        if block >> me & 1:
            kind = kinds[me, numbers[me]]
            mine = arrays[me, numbers[me]]
            if kind == DECIDED:
                return False
            if kind != WRITE_SCAN or (size > 0 and mine != array):
                together = False
            array = mine
            size += 1
    return size == 1 or together


@njit(cache=True)
def _place(block):
    """Return the only member of a bit set."""
    place = 0
    while block >> place != 1:
        place += 1
    return place


@njit(cache=True)
def _moved(state, block, bits, numbers, tables, radix, keys, nexts):
    """Return the state after `block` has moved, and whether the table has all its moves."""
    kinds, arrays, owners, written, contents = tables
    for me in range(len(numbers)):
        if block >> me & 1:
            key = _code(me, numbers, block, kinds, arrays, owners, written, contents, radix)
            number = lookup(keys, nexts, key)
            if number < 0:
                return state, False
            state ^= uint64(number ^ numbers[me]) << uint64(bits * me)
    return state, True


@njit(cache=True)
def expand(
    frontier,
    start,
    bits,
    tables,
    radix,
    keys,
    nexts,
    bases,
    direct,
    accesses,
    reduced,
    present,
    blocks,
    stages,
    stage_bits,
    seen,
    filled,
    met,
    out,
    strange,
    missing,
):
    """Expand `frontier` from position `start`, until it is done or an array is full.

    New states go to `out` and into the set `seen`, which holds `filled` states before. The first
    state with each new vector of stages goes to `strange`, and the vector into the set `met`.
    States with a move that is not in the table go to `missing`. Returns the position reached, the
    lengths of `out`, `strange` and `missing`, and the number of transitions.
    """
    kinds, arrays, owners, _, contents = tables
    count = kinds.shape[0]
    turns = (1 << count) - 1 if blocks else count
    numbers = np.zeros(count, np.int64)
    after = np.zeros(turns, np.uint64)
    field = (1 << bits) - 1
    produced = odd = missed = transitions = 0
    for position in range(start, len(frontier)):
        if (
            (filled + produced + turns) * 2 > len(seen)
            or produced + turns > len(out)
            or odd + turns > len(strange)
            or missed >= len(missing)
        ):
            return position, produced, odd, missed, transitions
        state = frontier[position]
        for me in range(count):
            numbers[me] = int(state >> uint64(bits * me)) & field
        alone = _alone(numbers, accesses, present) if reduced else -1
        moves, known = 0, True
        for turn in range(turns):
            block = turn + 1 if blocks else 1 << turn
            if block & ~present or (alone >= 0 and block != 1 << alone):
                continue
            if blocks:
                if not _movable(block, numbers, kinds, arrays):
                    continue
            elif kinds[turn, numbers[turn]] == DECIDED:
                continue
            if block & (block - 1) == 0:
                me = turn if not blocks else _place(block)
                number = -1
                slot = bases[me, numbers[me]]
                if slot >= 0:
                    if kinds[me, numbers[me]] == READ:
                        owner = owners[me, numbers[me]]
                        slot += contents[owner, arrays[me, numbers[me]], numbers[owner]]
                    number = direct[slot]
                if number >= 0:
                    change = uint64(number ^ numbers[me]) << uint64(bits * me)
                    after[moves] = state ^ change
                    moves += 1
                    continue
            after[moves], known = _moved(state, block, bits, numbers, tables, radix, keys, nexts)
            if not known:
                break
            moves += 1
        if not known:
            missing[missed] = state
            missed += 1
            continue
        transitions += moves
        for move in range(moves):
            if insert(seen, after[move]):
                out[produced] = after[move]
                produced += 1
                vector = uint64(0)
                changed = False
                for me in range(count):
                    number = int(after[move] >> uint64(bits * me)) & field
                    stage = stages[me, number]
                    changed |= stage != stages[me, numbers[me]]
                    vector |= uint64(stage) << uint64(stage_bits * me)
                if changed and insert(met, vector):
                    strange[odd] = after[move]
                    odd += 1
    return len(frontier), produced, odd, missed, transitions
