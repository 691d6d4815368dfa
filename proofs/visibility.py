"""Visibility in one round of each communication model, for every number of processes.

A run puts the accesses to one array in a total order. p *sees* q if p looks at q's register after q
has written it. The order is all that is assumed, and that a process writes before it looks:

* **snapshots**: all looks of p are one scan. Views are *nested*: of two, one contains the other. So
  it is for those of immediate snapshots, whose write and scan are one event, shared by a block; and
  these are *immediate*: who sees q sees all that q sees. Of two processes one sees the other.
* **collects**: a look for each owner. Who misses q wrote before q did. So whoever misses whom is no
  cycle, and of two processes one at least sees the other.

Processes and events are uninterpreted: there may be any number of either. In an iterated protocol
this is said of each array, whatever round the others are in; who crashes has some events less,
which changes no order of the others.

That the forms of `agreement.memory` are such runs is looked at in all schedules of 2 and 3.
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
    "of two events one is before the other": z3.ForAll(
        [X, Y], z3.Or(BEFORE(X, Y), X == Y, BEFORE(Y, X))
    ),
}
SCANS = ORDER | {"who scans has written": z3.ForAll([P], BEFORE(WRITE(P), SCAN(P)))}
READS = ORDER | {"a read is no write": z3.ForAll([P, Q, R], READ(P, Q) != WRITE(R))}
COLLECTS = READS | {
    "who reads has written": z3.ForAll([P, Q], z3.Implies(P != Q, BEFORE(WRITE(P), READ(P, Q))))
}


def scanned(p: z3.ExprRef, q: z3.ExprRef) -> z3.BoolRef:
    """In snapshots, p sees q."""
    return BEFORE(WRITE(q), SCAN(p))


def at_once(p: z3.ExprRef, q: z3.ExprRef) -> z3.BoolRef:
    """In immediate snapshots, p sees q: q's block is p's or an earlier one."""
    return z3.Not(BEFORE(SCAN(p), SCAN(q)))


def collected(p: z3.ExprRef, q: z3.ExprRef) -> z3.BoolRef:
    """In collects, p sees q."""
    return BEFORE(WRITE(q), READ(p, q))


def nested(sees: Callable[[z3.ExprRef, z3.ExprRef], z3.BoolRef]) -> z3.BoolRef:
    """State that the views of p and q are nested, as far as r and s go."""
    return z3.Or(sees(P, R), z3.Not(sees(Q, R)), sees(Q, S), z3.Not(sees(P, S)))


def told(model: z3.ModelRef) -> str:
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
    Lemma("snapshot: oneself", SCANS, scanned(P, P)),
    Lemma("snapshot: nested", SCANS, nested(scanned)),
    Lemma("snapshot: one sees the other", SCANS, z3.Or(scanned(P, Q), scanned(Q, P))),
    Lemma("immediate: oneself", ORDER, at_once(P, P)),
    Lemma("immediate: nested", ORDER, nested(at_once)),
    Lemma("immediate: one sees the other", ORDER, z3.Or(at_once(P, Q), at_once(Q, P))),
    Lemma("immediate: all that they see", ORDER, IMMEDIATE),
    Lemma("collect: who misses wrote before", COLLECTS, LATER),
    Lemma("collect: one sees the other", COLLECTS, ONE_SEES_THE_OTHER),
)


def as_ordered(form: CommunicationModel, count: int) -> Finding:
    """Check that in all runs processes write first, and then see what the order says."""

    def program(me: int, count: int, value: int) -> Steps:
        return (yield from form(me, count, 0, value))

    runs = 0
    for run in every_run(program, range(count)):
        runs += 1
        writes, looks = _times(run)
        for (p, q), look in looks.items():
            if writes.get(p, look + 1) > look:
                return refuted(f"process {p} looks before it writes")
            if (run.outputs[p][q] is not None) != (writes[q] <= look):  # type: ignore[index]
                return refuted(f"process {p} sees {q} against the order")
    return Finding(Verdict.HOLDS, (("runs", runs),))


def _times(run: Run) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """By process when it writes; by process and owner when it looks. Blocks take one time."""
    times = [time for time, block in enumerate(run.schedule) for _ in block]
    writes: dict[int, int] = {}
    looks: dict[tuple[int, int], int] = {}
    for time, event in zip(times, run.events, strict=True):
        me, operation = event.process, event.operation
        if isinstance(operation, Write | WriteScan):
            writes[me] = time
        owners = range(len(run.inputs))
        if not isinstance(operation, Write):
            owned = (operation.owner,) if isinstance(operation, Read) else owners
            looks.update(dict.fromkeys(((me, owner) for owner in owned), time))
    return writes, looks


def _check(tick: Tick) -> Finding:
    found = [prove_all(LEMMAS, tick)]
    for name, form in COMMUNICATION_MODELS.items():
        for count in (2, 3):
            tick(f"all runs of {name}, {count} processes")
            found.append(as_ordered(form, count))
    return together(found)


def _refute(tick: Tick) -> Finding:
    hasty = Lemma("collect: one sees the other", READS, ONE_SEES_THE_OTHER, told)
    return prove_all([hasty], tick)


CLAIM = Claim(
    name="visibility",
    statement="views of snapshots are nested, those of immediate ones immediate too; of two "
    "processes one sees the other, in collects too, where who misses another wrote before it",
    source="Borowsky, Gafni, PODC 1993 (immediate snapshots); proofs.visibility [D]",
    bound="every n, every run; that the forms are such runs: n = 2 and 3, all schedules",
    check=_check,
    twin="a process may read before it writes",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.LEMMA,
    trusts="Z3; that the accesses to one array are in a total order",
)
