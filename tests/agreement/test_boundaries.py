"""Values of users where vertices, processes and arrays are meant: one named error each."""

import re
from dataclasses import replace

import numpy as np
import pytest

from agreement.errors import (
    AgreementError,
    ProgramError,
    ProtocolError,
    RaisedError,
    ScheduleError,
    TaskError,
    VertexError,
)
from agreement.explore import Options, check, check_inputs
from agreement.graph import Graph, complete, path
from agreement.memory import Read, Scan, Simulation, Write, WriteScan, parse_schedule, run
from agreement.memory.threads import run_threads
from agreement.task import Task

WAYS = [
    Options(),
    Options(symmetry=True),
    Options(reduce=True),
    Options(engine="compiled"),
    Options(engine="compiled", reduce=True, symmetry=True),
]
NAMES = ["plain", "symmetry", "reduce", "compiled", "all"]
TRUE = True
TASK = Task(path(3))
ODD = [1.0, True, np.int64(1), np.bool_(1), 3, -1, "1", (1,), 1 + 0j]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("options", WAYS, ids=NAMES)
def test_an_output_must_be_a_vertex(odd, options):
    """Also if another process has output the int that equals it, and whatever the inputs."""

    def program(me, count, value):
        yield Write(0, value)
        return odd if me else 1

    for act in (
        lambda: check(program, TASK, 2, options=options),
        lambda: check_inputs(program, (1, 1), TASK.judge((1, 1)), options=options),
    ):
        with pytest.raises(ProgramError) as caught:
            act()
        said = f"the output of process 1 is {odd!r}, which is not a vertex: return an int from 0 to"
        assert caught.value.what.startswith(said)
        assert not caught.value.raised
        replayed = run(program, caught.value.inputs, caught.value.schedule)
        assert replayed.outputs[1] is odd


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_inputs_carriers_edges_and_neighbours_must_be_vertices(odd):
    for act in (
        lambda: TASK.check_inputs([0, odd]),
        lambda: TASK.judge([0, odd]),
        lambda: TASK.carrier([odd]),
        lambda: TASK.objection((0, 0), (0, odd), {0, 1}),
        lambda: TASK.graph.neighbours(odd),
        lambda: TASK.graph.distance(0, odd),
        lambda: TASK.graph.adjacent(odd, 0),
        lambda: Graph.of(3, [(0, odd)]),
        lambda: Graph.of(3, [(odd, 2)]),
    ):
        with pytest.raises(VertexError, match=re.escape(repr(odd))):
            act()


@pytest.mark.parametrize("odd", [1.0, True, np.int64(1), "1", None], ids=repr)
def test_inputs_of_any_run_are_ints(odd):
    def program(me, count, value):
        yield Write(0, value)
        return value

    for act in (
        lambda: Simulation(program, (0, odd)),
        lambda: check_inputs(program, (0, odd), lambda *_: None),
    ):
        with pytest.raises(VertexError, match=f"input of process 1 is {re.escape(repr(odd))}"):
            act()


@pytest.mark.parametrize("odd", [2.0, True, np.int64(2), "2", 0, -1], ids=repr)
def test_numbers_of_processes_and_of_vertices_are_ints(odd):
    with pytest.raises(TaskError, match="at least one process, not"):
        TASK.inputs(odd)
    if type(odd) is not int or odd < 0:
        with pytest.raises(AgreementError, match="a graph cannot have"):
            Graph.of(odd, [])


@pytest.mark.parametrize("rows", [(2.0, 1), (np.int64(2), 1), (True, 1), (4, 0), (-1, 0)], ids=repr)
def test_rows_are_bit_sets(rows):
    with pytest.raises(VertexError, match="row 0 must be a bit set"):
        Graph(rows)


@pytest.mark.parametrize("odd", [0.0, True, np.int64(0), "0", 2, -1], ids=repr)
def test_blocks_name_processes_by_ints(odd):
    def program(me, count, value):
        view = yield WriteScan(0, value)
        return view

    for block, said in (((odd,), "no process"), (odd, "a tuple of processes"), ((0, 0), "once")):
        simulation = Simulation(program, (0, 0))
        with pytest.raises(ScheduleError, match=said):
            simulation.step(block)
        assert simulation.run() == Simulation(program, (0, 0)).run()


@pytest.mark.parametrize("word", ["1_0", "\u0661", "+1", "-1", "0+", "0+0", "1.0"])
def test_schedules_are_written_in_digits(word):
    with pytest.raises(ScheduleError, match="is not a block"):
        parse_schedule(word)


class Rude:
    def __hash__(self):
        raise ValueError("no")

    def __repr__(self):
        raise ValueError("no")


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (Read(0, TRUE), "register of process True"),
        (Read(0, 1.0), "register of process 1.0"),
        (Read(0, np.int64(1)), "register of process"),
        (Read(TRUE, 0), "cannot access array True"),
        (Scan(-1), "cannot access array -1"),
        (Write("0", 1), "cannot access array '0'"),
        (Write(0, Rude()), "writes <.*Rude object.*not hashable"),
        (Rude(), "yielded <.*Rude object"),
    ],
)
def test_operations_name_arrays_and_owners_by_ints(operation, said):
    def program(me, count, value):
        yield operation

    with pytest.raises(ProtocolError, match=said):
        Simulation(program, (0, 1))


# Programs that raise.


class Leave(BaseException):
    """As pytest's outcomes and asyncio's cancellation: not an Exception."""


class MuteError(Exception):
    def __str__(self):
        raise ValueError("no")


RAISED = [
    ValueError("oops"),
    Leave("oops"),
    SystemExit(1),
    GeneratorExit(),
    EOFError(),
    MuteError(),
    TaskError("of the program's own"),
]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("options", WAYS, ids=NAMES)
def test_a_program_that_raises_is_shown_with_its_inputs_its_schedule_and_its_line(error, options):
    def program(me, count, value):
        yield Write(0, value)
        if me and (yield Read(0, 0)) == 2:
            raise error
        return value

    with pytest.raises(ProgramError) as caught:
        check(program, Task(complete(3)), 2, options=options)
    line = program.__code__.co_firstlineno + 3
    assert caught.value.raised
    assert f"process 1 raised {type(error).__name__}" in caught.value.what
    assert re.search(rf"test_boundaries\.py, line {line}\) after the response 2", str(caught.value))
    inputs, schedule = caught.value.inputs, caught.value.schedule
    assert (inputs[0], schedule) == (2, ((0,), (1,), (1,)))
    assert f"; inputs: {inputs[0]} {inputs[1]}; schedule: 0 1 1" in str(caught.value)
    with pytest.raises(ProgramError) as again:
        run(program, inputs, schedule)
    assert str(again.value) == str(caught.value)


@pytest.mark.parametrize("options", WAYS, ids=NAMES)
def test_in_a_block_and_before_the_first_step(options):
    def together(me, count, value):
        view = yield WriteScan(0, value)
        if None not in view:
            raise ValueError("both")
        return value

    with pytest.raises(ProgramError) as caught:
        check_inputs(together, (0, 0), lambda *_: None, options=options)
    assert caught.value.schedule == ((0, 1),)

    def at_once(me, count, value):
        raise ValueError(me)
        yield

    with pytest.raises(ProgramError, match=r"raised ValueError: 0 .*schedule: \(no step\)"):
        check_inputs(at_once, (0, 0), lambda *_: None, options=options)

    def no_generator(me, count, value):
        raise ValueError(me)

    with pytest.raises(ProgramError, match=r"raised ValueError: 0 .*before its first step"):
        check_inputs(no_generator, (0, 0), lambda *_: None, options=options)


def test_breaking_the_rules_is_shown_in_the_same_way():
    def program(me, count, value):
        yield Write(0, value)
        yield "something"

    with pytest.raises(
        ProgramError, match=r"yielded 'something'.*; inputs: 0 0; schedule: 0"
    ) as it:
        check(program, TASK, 2)
    assert not it.value.raised


def test_an_interrupt_is_none_of_the_program():
    def program(me, count, value):
        raise KeyboardInterrupt
        yield

    def later(me, count, value):
        yield Write(0, 0)
        raise KeyboardInterrupt

    def no_generator(me, count, value):
        raise KeyboardInterrupt

    for interrupted in (program, later, no_generator):
        with pytest.raises(KeyboardInterrupt):
            run(interrupted, (0,), [(0,)])


def test_on_threads():
    def program(me, count, value):
        yield Write(0, value)
        raise Leave("oops")

    with pytest.raises(RaisedError, match="raised Leave: oops"):
        run_threads(program, (0, 1))


@pytest.mark.parametrize("options", WAYS, ids=NAMES)
def test_a_process_that_catches_everything_and_computes_for_ever_is_given_up(options):
    def stubborn(me, count, value):
        yield Write(0, value)
        tries = 0
        while value == 2 and tries < 3:
            try:
                while True:
                    pass
            except Exception:  # noqa: BLE001
                tries += 1
        while value == 2:
            pass
        return value

    with pytest.raises(ProtocolError, match="runs on and on"):
        check(stubborn, TASK, 1, options=replace(options, seconds=0.1))
