"""A renaming is accepted as a symmetry if and only if it carries over every move."""

import pytest
from small_machines import anything

from agreement.explore import Machine, Options, Verdict, check
from agreement.explore.engine import explore
from agreement.explore.state_encoding import Packing
from agreement.explore.step_tables import Tables
from agreement.explore.symmetry import (
    Asymmetry,
    Correspondence,
    Renaming,
    renamings,
    symmetric_explore,
)
from agreement.graph import automorphisms, cycle, path
from agreement.memory import Read, Scan, Write, WriteScan
from agreement.protocols import path_protocol
from agreement.task import Task

NO_LIMIT = 1 << 40
SAME = Renaming((0, 1), (0, 1, 2))
SWAP = Renaming((1, 0), (2, 1, 0))


def explored(program, inputs):
    machine = Machine(program, inputs)
    explore(Tables(Packing(machine, 20, 10)), anything, limit=NO_LIMIT)
    return machine


def carried(source, target, renaming):
    """Return whether the renaming carries one program to the other, from inputs (0, 2)."""
    inputs = (0, 2)
    machine = explored(source, inputs)
    try:
        Correspondence(machine, Machine(target, renaming.inputs(inputs)), renaming).verify()
    except Asymmetry:
        return False
    return True


def exchange(me, count, value):
    """Go to the middle if the other process is seen."""
    yield Write(0, value)
    seen = yield Read(0, 1 - me)
    return value if seen is None else 1


def by_scan(me, count, value):
    yield Write(0, value)
    view = yield Scan(0)
    return value if None in view else 1


def by_immediate(me, count, value):
    view = yield WriteScan(0, value)
    return value if None in view else 1


@pytest.mark.parametrize("program", [exchange, by_scan, by_immediate])
@pytest.mark.parametrize("renaming", [SAME, SWAP], ids=["same", "swap"])
def test_symmetric_programs(program, renaming):
    assert carried(program, program, renaming)


def another_array(me, count, value):
    yield Write(1, value)
    seen = yield Read(0, 1 - me)
    return value if seen is None else 1


def itself(me, count, value):
    yield Write(0, value)
    seen = yield Read(0, me)
    return value if seen is None else 1


def scanning(me, count, value):
    yield Write(0, value)
    view = yield Scan(0)
    return value if None in view else 1


def scanning_another(me, count, value):
    yield Write(0, value)
    view = yield Scan(1)
    return value if None in view else 1


def at_once(me, count, value):
    yield WriteScan(0, value)
    seen = yield Read(0, 1 - me)
    return value if seen is None else 1


def another_output(me, count, value):
    yield Write(0, value)
    seen = yield Read(0, 1 - me)
    return value if seen is None else 2


def no_output(me, count, value):
    yield Write(0, value)
    yield Read(0, 1 - me)
    yield Write(0, value)
    return value


def refusing(me, count, value):
    yield Write(0, value)
    seen = yield Read(0, 1 - me)
    if seen is not None:
        raise ValueError
    return value


@pytest.mark.parametrize(
    "other",
    [another_array, itself, scanning, at_once, another_output, no_output, refusing],
    ids=lambda program: program.__name__,
)
def test_other_programs_are_told_from_this_one(other):
    assert not carried(exchange, other, SAME)
    assert not carried(exchange, other, SWAP)


def test_scans_of_other_arrays_differ():
    assert not carried(scanning, scanning_another, SAME)


def test_values_must_correspond_one_to_one():
    def different(me, count, value):
        yield Write(0, me)
        yield Write(0, 2)
        return value

    def equal(me, count, value):
        yield Write(0, 0)
        yield Write(0, 2)
        return value

    assert not carried(different, equal, SAME)
    assert not carried(equal, different, SAME)


def test_starts_are_compared_where_nobody_moves():
    def at_once_decided(me, count, value):
        return me
        yield

    assert carried(at_once_decided, at_once_decided, SAME)
    assert not carried(at_once_decided, at_once_decided, SWAP)


def test_outputs_that_are_no_vertices_are_no_symmetry():
    def named(me, count, value):
        yield Write(0, 1)
        return "elsewhere"

    tables = Tables(Packing(Machine(named, (0, 0)), 20, 10))
    candidates = list(renamings((0, 0), (0, 0), automorphisms(path(3))))
    assert len(candidates) == 2
    found, size = symmetric_explore(tables, anything, candidates, limit=NO_LIMIT)
    assert (found.outcomes, size) == (frozenset({("elsewhere", "elsewhere")}), 1)


def test_a_program_that_favours_a_process_is_not_reduced():
    def favouring(me, count, value):
        yield Write(0, value)
        seen = yield Read(0, 1 - me)
        return value if seen is None or me else 1

    tables = Tables(Packing(Machine(favouring, (0, 2)), 20, 10))
    full = explore(tables, anything, limit=NO_LIMIT)
    candidates = list(renamings((0, 2), (0, 2), automorphisms(path(3))))
    assert len(candidates) == 2
    found, size = symmetric_explore(tables, anything, candidates, limit=NO_LIMIT)
    assert (found.outcomes, found.states, size) == (full.outcomes, full.states, 1)


@pytest.mark.sample(3)
@pytest.mark.parametrize("communication", ["collect", "snapshot", "immediate"])
def test_symmetry_changes_no_verdict_and_no_outcome(communication):
    for rounds, verdict in [(1, Verdict.REFUTED), (2, Verdict.HOLDS)]:
        protocol = path_protocol(Task(path(4)), 3, communication, rounds)
        reports = [
            check(protocol.program, protocol.task, 3, options=Options(symmetry=symmetry))
            for symmetry in (False, True)
        ]
        assert [report.verdict for report in reports] == [verdict] * 2
        if verdict is Verdict.HOLDS:
            assert reports[0].outcomes == reports[1].outcomes
            assert reports[0].inputs == reports[1].inputs == 64
            assert reports[0].explored == 64 >= reports[1].explored


def test_inputs_are_searched_up_to_automorphism():
    def stay(me, count, value):
        yield Write(0, value)
        return value

    task = Task(cycle(3))
    report = check(stay, task, 3, options=Options(symmetry=True))
    assert (report.verdict, report.inputs, report.explored) == (Verdict.HOLDS, 27, 3)
