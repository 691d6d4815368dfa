import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.errors import ProtocolError, ScheduleError
from agreement.graph import path
from agreement.memory import (
    COMMUNICATION_MODELS,
    Decide,
    Read,
    Scan,
    Simulation,
    Write,
    WriteScan,
    collect,
    context_switches,
    format_schedule,
    immediate_snapshot,
    iterated,
    on_registers,
    parse_schedule,
    run,
    snapshot,
)
from agreement.memory.schedulers import SCHEDULERS, drive, pct, round_robin, solo, uniform
from agreement.memory.threads import perform, run_threads
from agreement.protocols import path_protocol
from agreement.protocols.subdivision import one_round_views
from agreement.strategies import choices, crashes, follow, inputs
from agreement.task import Task

PATH = path_protocol(Task(path(9)), 3)


def once(communication):
    def program(me, count, value):
        view = yield from COMMUNICATION_MODELS[communication](me, count, 0, value)
        return frozenset(p for p in range(count) if view[p] is not None)

    return program


def raw(*operations):
    """Return a program that does these operations and outputs their responses."""

    def program(me, count, value):
        got = ()
        for operation in operations:
            got = (*got, (yield operation))
        return got

    return program


# Registers and schedules.


def test_operations_do_what_they_say():
    def program(me, count, value):
        yield Write(0, value)
        mine = yield Read(0, me)
        other = yield Read(0, 1 - me)
        view = yield Scan(0)
        both = yield WriteScan(1, value + 1)
        return (mine, other, view, both)

    done = run(program, (5, 7), parse_schedule("0 0 0 1 0 1 1 1 0+1"))
    assert done.outputs == (
        (5, None, (5, 7), (6, 8)),
        (7, 5, (5, 7), (6, 8)),
    )
    assert done.participants == {0, 1}
    assert [event.process for event in done.events][-2:] == [0, 1]


def test_who_has_not_moved_takes_no_part():
    done = run(once("snapshot"), (0, 1, 2), parse_schedule("1 1"))
    assert done.outputs == (None, frozenset({1}), None)
    assert done.participants == {1}


@given(st.lists(st.sets(st.integers(0, 9), min_size=1).map(lambda s: tuple(sorted(s)))))
def test_schedules_are_read_back(blocks):
    assert parse_schedule(format_schedule(blocks)) == tuple(blocks)
    assert context_switches(blocks) == sum(a != b for a, b in pairwise(blocks))


@pytest.mark.parametrize("text", ["0 x", "0+0", "-1", "1.5", "+"])
def test_malformed_schedules_are_refused(text):
    with pytest.raises(ScheduleError, match="is not a block"):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("3", "no process 3: the processes are 0 to 2"),
        ("0 0 0", "cannot move process 0: it has decided"),
        ("0+1", r"cannot move 0\+1 together"),
    ],
)
def test_a_wrong_step_is_refused_and_changes_nothing(schedule, said):
    simulation = Simulation(once("snapshot"), (0, 1, 2))
    *fine, wrong = parse_schedule(schedule)
    for block in fine:
        simulation.step(block)
    before = simulation.run()
    with pytest.raises(ScheduleError, match=said):
        simulation.step(wrong)
    assert simulation.run() == before


def test_immediate_snapshots_of_different_arrays_do_not_move_together():
    def program(me, count, value):
        return (yield WriteScan(me, value))

    with pytest.raises(ScheduleError, match="of the same array"):
        Simulation(program, (0, 1)).step((0, 1))


# The communication models, and their possible views.


def test_how_many_outcomes_one_round_has():
    assert [len(one_round_views("immediate", n)) for n in (1, 2, 3)] == [1, 3, 13]
    assert [len(one_round_views("snapshot", n)) for n in (2, 3)] == [3, 19]
    # 25 in any order of reading (see the model `views`), 22 in the order of `collect`.
    assert [len(one_round_views("collect", n)) for n in (2, 3)] == [3, 22]


def test_each_form_shows_more():
    immediate, snap, col = (one_round_views(f, 3) for f in ("immediate", "snapshot", "collect"))
    assert immediate < snap < col


@pytest.mark.parametrize(
    ("communication", "steps"), [(collect, 3), (snapshot, 2), (immediate_snapshot, 1)]
)
def test_a_view_holds_ones_own_value_in_its_place(communication, steps):
    def program(me, count, value):
        return (yield from communication(me, count, 0, value))

    for me in range(3):
        view = run(program, (7, 8, 9), [(me,)] * steps).outputs[me]
        assert view == tuple(7 + me if p == me else None for p in range(3))


def test_iterated_protocols_may_stop_in_different_rounds():
    def step(array, me, view):
        return Decide(array) if array == me else view[me]

    program = iterated(immediate_snapshot, step)
    done = run(program, (0, 0, 0), parse_schedule("0 1 1 2 2 2"))
    assert done.outputs == (0, 1, 2)


# Programs that break the rules.


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (lambda me, count, value: value, "not a generator function"),
        (raw("write"), "yielded 'write'"),
        (
            raw(Read(0, 2)),
            "cannot read the register of process 2: the processes are the ints 0 to 1",
        ),
        (raw(Write(0, [1])), "is not hashable: use a tuple"),
        (raw(Write(0, None)), "writes None"),
        (raw(WriteScan(0, None)), "writes None"),
    ],
)
def test_programs_that_break_the_rules_are_refused(program, said):
    with pytest.raises(ProtocolError, match=said):
        Simulation(program, (0, 1))


def test_outputs_must_be_values_and_errors_of_a_program_are_told():
    def nothing(me, count, value):
        yield Write(0, 1)

    def mutable(me, count, value):
        yield Write(0, 1)
        return [1]

    def raising(me, count, value):
        yield Write(0, 1)
        raise IndexError("oops")

    for program, said in (
        (nothing, "returned None"),
        (mutable, "returned .1., which is not hashable"),
        (
            raising,
            "process 0 raised IndexError: oops .*test_memory.py, line .* after the response None",
        ),
    ):
        with pytest.raises(ProtocolError, match=said):
            run(program, (0,), [(0,)])


# Lowered to registers, and on threads.


@given(choices())
def test_lowered_programs_show_nothing_new(taken):
    for communication in ("snapshot", "immediate"):
        simulation = Simulation(on_registers(once(communication)), (0, 1, 2))
        assert follow(simulation, taken).outputs in one_round_views(communication, 3)


def test_a_second_immediate_snapshot_of_an_array_is_refused_on_registers():
    program = on_registers(raw(WriteScan(0, 1), WriteScan(0, 2)))
    with pytest.raises(ProtocolError, match="one-shot; use a fresh array"):
        run(program, (0,), [(0,)] * 9)


def test_lowered_reads_give_plain_values():
    program = on_registers(raw(Write(0, 5), Read(0, 0), Write(0, 6), Scan(0), WriteScan(1, 7)))
    assert run(program, (0,), [(0,)] * 7).outputs == ((None, 5, None, (6,), (7,)),)


@pytest.mark.parametrize("communication", COMMUNICATION_MODELS)
def test_on_real_threads(communication):
    task = Task(path(9))
    protocol = path_protocol(task, 4, communication)
    for seed in range(20):
        vector = tuple((seed * k) % 9 for k in range(4))
        stop = {seed % 4: seed % 5}
        outputs = run_threads(protocol.program, vector, crash_after=stop)
        present = [p for p in range(4) if stop.get(p, 1) > 0]
        assert task.objection(vector, outputs, present) is None
        assert outputs.count(None) <= 1


def test_an_error_on_a_thread_is_raised():
    def program(me, count, value):
        yield Write(0, 1)
        raise IndexError("oops")

    def at_once(me, count, value):
        if me == 1:
            raise IndexError("at once")
        yield Write(0, 1)
        return 1

    with pytest.raises(ProtocolError, match="oops"):
        run_threads(program, (0, 1))
    with pytest.raises(ProtocolError, match="at once"):
        run_threads(at_once, (0, 1))
    with pytest.raises(AssertionError, match="has not been lowered to registers"):
        perform(Scan(0), 0, None)


def test_threads_that_wait_for_ever_end_by_an_interrupt(interrupt_after):
    def waiting(me, count, value):
        yield Write(0, value)
        threads.add(threading.current_thread())
        while (yield Read(1, 1 - me)) is None:
            pass
        return value

    threads = set()
    interrupt_after(0.3)
    with pytest.raises(KeyboardInterrupt):
        run_threads(waiting, (0, 1))
    assert len(threads) == 2
    for thread in threads:
        assert thread.daemon  # one that never yields must not keep Python from ending either
        thread.join(5)
        assert not thread.is_alive()


# Schedulers and strategies.


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("communication", COMMUNICATION_MODELS)
def test_every_scheduler_leads_to_a_valid_agreement_and_the_same_one_again(name, communication):
    task = Task(path(33))
    protocol = path_protocol(task, 6, communication)
    vector = (0, 32, 16, 5, 31, 8)
    driven = [
        drive(Simulation(protocol.program, vector), SCHEDULERS[name](7), crashes={2: 1})
        for _ in range(2)
    ]
    assert driven[0] == driven[1]
    assert driven[0].finished
    assert task.objection(vector, driven[0].run.outputs, driven[0].run.participants) is None
    assert driven[0].run.outputs[2] is None or communication == "immediate"


def test_runs_are_cut_at_their_limit_and_tell_how_far_they_are():
    told = []
    simulation = Simulation(path_protocol(Task(path(1025)), 30).program, range(30))
    driven = drive(simulation, uniform(1), limit=2500, progress=told.append)
    assert not driven.finished
    assert len(driven.run.events) == 2500
    assert told == [1000, 2000]
    with pytest.raises(
        ScheduleError, match=r"cannot crash processes \[30\]: the processes are 0 to 29"
    ):
        drive(simulation, uniform(1), crashes={30: 1})


def test_round_robin_takes_turns_but_for_its_delays():
    def who(scheduler):
        simulation = Simulation(PATH.program, (0, 4, 8))
        return [block[0] for block in drive(simulation, scheduler).run.schedule]

    assert who(round_robin(1)) == [0, 1, 2] * 9
    assert who(round_robin(1, delays=3, horizon=20)) != [0, 1, 2] * 9
    alone = who(solo(1))
    assert sorted(alone) == sorted([0, 1, 2] * 9)
    assert context_switches([(p,) for p in alone]) == 2


def test_pct_finds_a_bug_of_depth_2_as_often_as_promised():
    # Fails only if process 1 writes between the first and the second read of process 0.
    def program(me, count, value):
        if me == 1:
            yield Write(0, 1)
            return 0
        one = yield Read(0, 1)
        two = yield Read(0, 1)
        return int(one != two)

    hits = sum(
        drive(Simulation(program, (0, 0)), pct(seed, depth=2, steps=3)).run.outputs[0]
        for seed in range(600)
    )
    assert hits >= 600 / (2 * 3) * 0.75  # the promise is 1 / (n steps) in expectation


@given(inputs(path(9), 3), choices(), crashes(3, 9))
def test_strategies_give_runs_with_crashes(vector, taken, stop):
    task = Task(path(9))
    done = follow(Simulation(PATH.program, vector), taken, stop)
    assert task.objection(vector, done.outputs, done.participants) is None
    assert all(p in stop for p, out in enumerate(done.outputs) if out is None)
