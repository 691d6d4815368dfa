"""Shared registers, and protocols on processes that are killed."""

import os
import pickle
import platform
import random
from dataclasses import replace

import pytest
from stressed import failing, keeping, long_winded, meeting

from agreement.errors import AgreementError, ProtocolError, ToolError
from agreement.explore import Options, Verdict, check_inputs
from agreement.graph import path, star
from agreement.memory import COMMUNICATION_MODELS, UNWRITTEN, on_registers
from agreement.memory import stress as real
from agreement.memory.shared import SharedRegisters, TornRecordError
from agreement.memory.stress import Stress, StressReport, stress, work
from agreement.protocols import path_protocol, tree_protocol
from agreement.task import Task

pytestmark = pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"}, reason="shared registers need an x86-64 machine"
)


@pytest.fixture
def registers():
    made = SharedRegisters(count=2, arrays=3, log_bytes=400)
    yield made
    made.close()
    made.unlink()


def anything(inputs, outputs, participants):
    return None


def two_bits(rng):
    return (rng.randrange(2), rng.randrange(2))


# Registers.


def test_a_register_holds_what_was_written_last(registers):
    assert registers.read(2, 1) is UNWRITTEN
    for value in (0, -1, "word", (1, None, frozenset({2}))):
        registers.write(2, 1, value)
        assert registers.read(2, 1) == value
    assert registers.read(2, 0) is UNWRITTEN
    assert registers.read(1, 1) is UNWRITTEN


def test_another_opening_of_the_segment_sees_the_same(registers):
    other = SharedRegisters(2, 3, 400, name=registers.name)
    registers.write(0, 0, "seen")
    assert other.read(0, 0) == "seen"
    other.close()


def test_a_full_log_is_told_and_changes_nothing(registers):
    registers.write(0, 0, "kept")
    with pytest.raises(AgreementError, match="cannot write: the 400 bytes of its log are full"):
        registers.write(0, 0, "x" * 400)
    assert registers.read(0, 0) == "kept"


def test_every_damaged_byte_of_a_value_is_noticed(registers):
    registers.write(0, 0, "value")
    log = registers._logs
    head, length = 8, len(pickle.dumps("value"))
    for place in range(4, head + length):
        log[place] ^= 1
        with pytest.raises(TornRecordError, match="process 0 in array 0"):
            registers.read(0, 0)
        log[place] ^= 1
    assert registers.read(0, 0) == "value"


def test_other_machines_are_refused(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "s390x")
    with pytest.raises(
        ToolError, match="cannot make shared registers: they need an x86-64 machine, not s390x"
    ):
        SharedRegisters(1, 1, 100)


# The own-step bound of survivors: the checker finds what the formula says.


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("communication", COMMUNICATION_MODELS)
def test_steps_on_registers_are_bounded_exactly(count, communication):
    protocol = path_protocol(Task(path(2)), count, communication, rounds=1)
    lowered = on_registers(protocol.program)
    options = Options(engine="compiled")
    report = check_inputs(lowered, (0, 1, 0)[:count], lambda *_: None, options=options)
    assert report.verdict is Verdict.HOLDS
    assert report.step_complexity == protocol.register_steps


# Processes.


def plan_of(protocol, **changes):
    plan = Stress(
        protocol.program, protocol.count, protocol.rounds, protocol.register_steps, instances=60
    )
    return replace(plan, **changes)


@pytest.mark.parametrize("communication", COMMUNICATION_MODELS)
def test_survivors_agree_within_their_bound(communication):
    protocol = path_protocol(Task(path(9)), 3, communication)
    told = []
    report = stress(
        plan_of(protocol, instances=150),
        lambda rng: tuple(rng.randrange(9) for _ in range(3)),
        protocol.task.objection,
        operations=8_000,
        seed=7,
        progress=lambda so_far: told.append(so_far.batches),
    )
    assert report.violations == []
    assert report.deadlocks == 0
    assert report.operations >= 8_000
    assert 0 < report.kills <= 2 * report.batches
    assert 0 < report.most_steps <= protocol.register_steps
    assert told == list(range(1, report.batches + 1))


@pytest.mark.slow
def test_a_million_operations_with_kills():
    protocol = tree_protocol(Task(star(4)), 4, "snapshot")
    report = stress(
        plan_of(protocol, instances=300),
        lambda rng: tuple(rng.randrange(5) for _ in range(4)),
        protocol.task.objection,
        operations=1_000_000,
        seed=2026,
    )
    assert report.violations == []
    assert report.operations >= 1_000_000
    assert report.kills > 100
    assert report.crashed > 0
    assert report.overlapping > 1_000


def test_a_disagreement_is_told_with_its_inputs():
    task = Task(path(3))
    report = stress(
        Stress(keeping, 2, 1, instances=4), lambda rng: (0, 2), task.objection, operations=1, seed=1
    )
    assert any("inputs (0, 2), outputs (0, 2): " in text for text in report.violations)


def test_too_many_steps_are_told():
    report = stress(
        Stress(long_winded, 2, 1, bound=10, instances=3),
        two_bits,
        anything,
        operations=1,
        seed=1,
        kills_per_batch=0,
    )
    assert report.violations
    assert all("took 11 steps" in text for text in report.violations)
    assert report.most_steps == 11


@pytest.mark.thorough
def test_a_process_that_waits_for_a_killed_one_is_a_deadlock():
    """In at least one batch a process is killed before its first step."""
    report = stress(
        Stress(meeting, 2, 1, instances=400, timeout=3.0),
        two_bits,
        anything,
        operations=50_000,
        seed=3,
        kills_per_batch=1,
    )
    assert report.deadlocks == 1
    assert "is still at instance" in report.violations[0]
    assert "after 3.0 seconds" in report.violations[0]


def test_who_is_done_already_is_not_killed(monkeypatch):
    """The kill is scheduled for long after the end of the batch."""
    monkeypatch.setattr(real, "_LONGEST_KILL_DELAY", 3.0)
    seed = next(seed for seed in range(100) if kill_delay(seed, 3.0) > 2.0)
    plan = Stress(keeping, 2, 1, instances=1)
    report = stress(plan, two_bits, anything, operations=1, seed=seed, kills_per_batch=1)
    assert (report.kills, report.crashed, report.operations) == (0, 0, 2)


def kill_delay(seed, most):
    """Return the delay that `stress` draws for the first victim in a batch of one instance."""
    rng = random.Random(seed)
    two_bits(rng)
    rng.getrandbits(32)
    rng.sample(range(2), 1)
    rng.randrange(1)
    return rng.uniform(0, most)


def test_a_process_that_ends_by_an_error_is_told(capfd):
    report = stress(
        Stress(failing, 2, 1, instances=2), two_bits, anything, operations=1, seed=1,
        kills_per_batch=0,
    )  # fmt: skip
    assert "process 1 ended by an error, exit code 1" in report.violations
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_program_that_has_no_name_is_refused():
    with pytest.raises(ProtocolError, match="define it at the top level of a module"):
        stress(
            Stress(lambda me, count, value: None, 2, 1), two_bits, anything, operations=1, seed=1
        )


# The work of one process, called directly.


def test_processes_one_after_the_other_do_every_instance(monkeypatch):
    """The first process waits once, briefly, for the second; the second finds it ahead."""
    monkeypatch.setattr(real, "_MOST_POLLS", 3)
    monkeypatch.setattr(real, "_YIELD_PROBABILITY", 0.5)
    yields = []
    monkeypatch.setattr(os, "sched_yield", lambda: yields.append(1))
    protocol = path_protocol(Task(path(5)), 2)
    plan = plan_of(protocol)
    batch = [(0, 4), (4, 4), (2, 0)]
    sizes = (2, 1 + len(batch) * (1 + plan.arrays), 4096)
    registers = SharedRegisters(*sizes)
    try:
        work(plan, 1, batch, registers, seed=5)
        assert len(yields) >= 3
        real._main(pickle.dumps(plan), 0, batch, registers.name, sizes, 5)
        report = StressReport(seed=5)
        plain = StressReport(seed=5)
        judged = []
        real._judge(plan, batch, registers, lambda *seen: judged.append(seen), report)
        real._judge(replace(plan, bound=None), batch, registers, anything, plain)
    finally:
        registers.close()
        registers.unlink()
    assert report == plain
    assert (report.instances, report.operations, report.overlapping) == (3, 24, 0)
    # 1 went alone and kept its input; 0 saw it in both rounds.
    assert judged == [
        (inputs, outputs, frozenset({0, 1}))
        for inputs, outputs in zip(batch, [(3, 4), (4, 4), (0, 0)], strict=True)
    ]


def test_instances_that_nobody_reached_and_crashes_in_the_middle():
    plan = Stress(keeping, 2, 1)
    registers = SharedRegisters(2, 1 + 2 * 2, 1000)
    try:
        registers.write(1 + 2 + 0, 1, "begun")
        report = StressReport(seed=0)
        judged = []
        real._judge(plan, [(0, 1), (1, 0)], registers, lambda *seen: judged.append(seen), report)
    finally:
        registers.close()
        registers.unlink()
    assert (report.instances, report.crashed, report.operations) == (2, 1, 0)
    assert judged == [((0, 1), (None, None), frozenset({1}))]


def test_the_same_seed_draws_the_same_inputs():
    drawn = []
    for _ in range(2):
        seen = []
        protocol = path_protocol(Task(path(2)), 2, rounds=1)

        def draw(rng, seen=seen):
            seen.append(two_bits(rng))
            return seen[-1]

        stress(plan_of(protocol, instances=5), draw, anything, operations=1, seed=11)
        drawn.append(seen[:5])
    assert drawn[0] == drawn[1]
    assert drawn[0] == [two_bits(r) for r in [random.Random(11)] for _ in range(5)]
