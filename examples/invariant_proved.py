"""Prove an invariant for any number of processes, with a negative twin: a lock.

Run it with ``python examples/invariant_proved.py``, or, from this folder, as a catalogue of claims:
``ttkem verify --claims invariant_proved``.
"""

import z3

from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick
from ttkem.verification.induction import induct
from ttkem.verification.runner import run
from ttkem.verification.system import Formulas, Symbols, System, Transition, every

Process = z3.DeclareSort("Process")


def nobody(s: Symbols) -> z3.BoolRef:
    """Return the formula: no process holds the lock."""
    return every((Process,), lambda p: z3.Not(s.holds(p)))


def one_holder(s: Symbols) -> Formulas:
    """Return the invariant: no two processes hold the lock."""

    def same(p: z3.ExprRef, q: z3.ExprRef) -> z3.BoolRef:
        return z3.Implies(z3.And(s.holds(p), s.holds(q)), p == q)

    return {"one holder": every((Process, Process), same)}


def lock(*, careful: bool) -> System:
    """Return the system; the negative twin, not careful, does not look whether the lock is free."""
    acquire = Transition(
        chooses={"who": (Process,)},
        when=lambda s, _: {"it is free": nobody(s)} if careful else {},
        then=lambda s, c: {"holds": lambda p: z3.Or(s.holds(p), p == c.who)},
    )
    release = Transition(
        chooses={"who": (Process,)},
        when=lambda s, c: {"a holder": s.holds(c.who)},
        then=lambda s, c: {"holds": lambda p: z3.And(s.holds(p), p != c.who)},
    )
    return System(
        name="lock",
        state={"holds": (Process, z3.BoolSort())},
        axioms={},
        init=lambda s: {"free": nobody(s)},
        transitions={"acquire": acquire, "release": release},
        invariants=one_holder,
        properties=one_holder,
        universe={Process: 2},
        witnesses=(("acquire", "release", "acquire"),),
    )


def check(tick: Tick) -> Finding:
    """Prove the invariant by induction over steps."""
    return induct(lock(careful=True), tick)


def refute(tick: Tick) -> Finding:
    """Refute the same for the negative twin."""
    return induct(lock(careful=False), tick)


CLAIMS = (
    Claim(
        name="lock",
        statement="never more than one process holds the lock",
        source="this example",
        bound="every number of processes, every run",
        check=check,
        twin="a lock that is held can be acquired",
        refute=refute,
        refutes=Refutes.LEMMA,
        kind=Kind.INDUCTIVE,
        trusts="Z3; induction over steps (ttkem.verification.induction)",
    ),
)


def main() -> None:
    """Check the claim and its negative twin."""
    result = run(CLAIMS[0], lambda _: None)
    print(f"{CLAIMS[0].statement}: {result.finding.verdict.value}")
    print(f"negative twin, {CLAIMS[0].twin}: {result.twin.verdict.value}, by the step")
    print(result.twin.shown)


if __name__ == "__main__":
    main()
