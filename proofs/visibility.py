"""Visibility in one round of each communication model, for every number of processes.

A run puts the accesses to one array in a total order. p *sees* q if p reads q's register after q
has written it. Only the order is assumed, and that a process writes before it reads.

* **Snapshots**: all reads of p are one scan. Views are *nested*: of any two, one contains the
  other. So are views of immediate snapshots, where a write and a scan are one event, shared by a
  block. These are also *immediate*: a process that sees q sees all that q sees. Of two processes,
  at least one sees the other.
* **Collects**: p reads each register by itself. A process that misses q wrote before q did. So the
  relation of missing has no cycle, and of two processes at least one sees the other.

Processes and events are uninterpreted, so that there may be any number of both. In an iterated
protocol this holds for each array, whatever rounds the other processes are in. A process that
crashes has fewer events, which does not change the order of the others.

That the communication models of `agreement.memory` are such runs is checked in all schedules of 2
and 3 processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from agreement.memory import COMMUNICATION_MODELS, Read, Write, WriteScan, every_run
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.memory import CommunicationModel, Run, Steps

PROCESS, EVENT = z3.DeclareSort("Process"), z3.DeclareSort("Event")
BEFORE = z3.Function("before", EVENT, EVENT, z3.BoolSort())
WRITE, SCAN = z3.Function("write", PROCESS, EVENT), z3.Function("scan", PROCESS, EVENT)
READ = z3.Function("read", PROCESS, PROCESS, EVENT)
P, Q, R, S = z3.Consts("p q r s", PROCESS)
X, Y, Z = z3.Consts("x y z", EVENT)

ORDER = {
    "no event is before itself": z3.ForAll([X], z3.Not(BEFORE(X, X))),
    "before is transitive": z3.ForAll(
        [X, Y, Z], z3.Implies(z3.And(BEFORE(X, Y), BEFORE(Y, Z)), BEFORE(X, Z))
    ),
    "before is total": z3.ForAll([X, Y], z3.Or(BEFORE(X, Y), X == Y, BEFORE(Y, X))),
}
SCANS = ORDER | {"a process writes before it scans": z3.ForAll([P], BEFORE(WRITE(P), SCAN(P)))}
READS = ORDER | {"a read is not a write": z3.ForAll([P, Q, R], READ(P, Q) != WRITE(R))}
COLLECTS = READS | {
    "a process writes before it reads": z3.ForAll(
        [P, Q], z3.Implies(P != Q, BEFORE(WRITE(P), READ(P, Q)))
    )
}


def scanned(p: z3.ExprRef, q: z3.ExprRef) -> z3.BoolRef:
    """State that p sees q in snapshots."""
    return BEFORE(WRITE(q), SCAN(p))


def at_once(p: z3.ExprRef, q: z3.ExprRef) -> z3.BoolRef:
    """State that p sees q in immediate snapshots: q's block is p's or an earlier one."""
    return z3.Not(BEFORE(SCAN(p), SCAN(q)))


def collected(p: z3.ExprRef, q: z3.ExprRef) -> z3.BoolRef:
    """State that p sees q in collects."""
    return BEFORE(WRITE(q), READ(p, q))


def nested(sees: Callable[[z3.ExprRef, z3.ExprRef], z3.BoolRef]) -> z3.BoolRef:
    """State that the views of p and q are nested, as far as they concern r and s."""
    return z3.Or(sees(P, R), z3.Not(sees(Q, R)), sees(Q, S), z3.Not(sees(P, S)))


def describe(model: z3.ModelRef) -> str:
    """Describe the accesses of p and q to the two registers, in order."""
    events = {"p writes": WRITE(P), "q writes": WRITE(Q), "p reads": READ(P, Q)}
    events["q reads"] = READ(Q, P)
    values = {name: model.eval(event, model_completion=True) for name, event in events.items()}

    def place(name: str) -> int:
        earlier = (model.eval(BEFORE(other, values[name])) for other in values.values())
        return sum(map(z3.is_true, earlier))

    return ", ".join(sorted(values, key=place))


ONE_SEES_THE_OTHER = z3.Implies(P != Q, z3.Or(collected(P, Q), collected(Q, P)))
IMMEDIATE = z3.Implies(z3.And(at_once(P, Q), at_once(Q, R)), at_once(P, R))
LATER = z3.Implies(z3.And(P != Q, z3.Not(collected(P, Q))), BEFORE(WRITE(P), WRITE(Q)))

LEMMAS = (
    Lemma("snapshot: a process sees itself", SCANS, scanned(P, P)),
    Lemma("snapshot: nested", SCANS, nested(scanned)),
    Lemma("snapshot: one sees the other", SCANS, z3.Or(scanned(P, Q), scanned(Q, P))),
    Lemma("immediate: a process sees itself", ORDER, at_once(P, P)),
    Lemma("immediate: nested", ORDER, nested(at_once)),
    Lemma("immediate: one sees the other", ORDER, z3.Or(at_once(P, Q), at_once(Q, P))),
    Lemma("immediate: a process sees all that those seen see", ORDER, IMMEDIATE),
    Lemma("collect: a process that misses another wrote before it", COLLECTS, LATER),
    Lemma("collect: one sees the other", COLLECTS, ONE_SEES_THE_OTHER),
)


def as_ordered(communication: CommunicationModel, count: int) -> Finding:
    """Check in all runs that processes write before they read, and see what the order says."""

    def program(me: int, count: int, value: int) -> Steps:
        return (yield from communication(me, count, 0, value))

    runs = 0
    for run in every_run(program, range(count)):
        runs += 1
        writes, reads = _times(run)
        for (p, q), time in reads.items():
            if writes.get(p, time + 1) > time:
                return refuted(f"process {p} reads before it writes")
            if (run.outputs[p][q] is not None) != (writes[q] <= time):  # type: ignore[index]
                return refuted(f"what process {p} sees of {q} is not what the order says")
    return Finding(Verdict.HOLDS, (("runs", runs),))


def _times(run: Run) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """Return the times of writes by process, and of reads by process and owner.

    A block of an immediate snapshot has one time.
    """
    times = [time for time, block in enumerate(run.schedule) for _ in block]
    writes: dict[int, int] = {}
    reads: dict[tuple[int, int], int] = {}
    for time, event in zip(times, run.events, strict=True):
        me, operation = event.process, event.operation
        if isinstance(operation, Write | WriteScan):
            writes[me] = time
        owners = range(len(run.inputs))
        if not isinstance(operation, Write):
            owned = (operation.owner,) if isinstance(operation, Read) else owners
            reads.update(dict.fromkeys(((me, owner) for owner in owned), time))
    return writes, reads


def _check(tick: Tick) -> Finding:
    found = [prove_all(LEMMAS, tick)]
    for name, communication in COMMUNICATION_MODELS.items():
        for count in (2, 3):
            tick(f"all runs of {name}, n = {count}")
            found.append(as_ordered(communication, count))
    return together(found)


def _refute(tick: Tick) -> Finding:
    reads_first = Lemma("collect: one sees the other", READS, ONE_SEES_THE_OTHER, describe)
    return prove_all([reads_first], tick)


CLAIM = Claim(
    name="visibility",
    statement="views of snapshots are nested, and those of immediate snapshots immediate; of two "
    "processes at least one sees the other, also in collects, where a process that misses another "
    "wrote before it",
    source="Borowsky, Gafni, PODC 1993 (immediate snapshots); proofs.visibility [D]",
    bound="every n, every run; that the communication models are such runs: n = 2 and 3, all "
    "schedules",
    check=_check,
    twin="a process may read before it writes",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.LEMMA,
    trusts="Z3; that the accesses to one array are in a total order",
)
