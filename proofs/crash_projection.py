"""Runs with crashes end in the states that unfinished runs without crashes reach.

A state s consists of the registers and, for each process, its local state, which includes its
output and whether it took a step. Processes move by `step(s, p, s')`, which may be any relation.
Runs *with crashes* have in addition the set of crashed processes: a crashed process does not move,
and any process may crash at any time, which changes neither registers nor local states. This is the
*definition* of a crash here, and most of the claim follows from it at once. That a crash of a real
process fits this definition is not proved.

**Simulation.** Let `reached` be a set of states that contains the initial ones and is closed under
steps; the least such set is what runs without crashes reach. Then `reached(s)` is an inductive
invariant of the pairs (s, crashed): each run with crashes projects to the run that leaves the
crashes out. So a property of outputs and of who took a step that holds in all states that
unfinished runs without crashes reach holds in all states that runs with crashes reach; crashes need
no check of their own. **Conversely**, each such state, with all processes crashed, is the end of a
run with crashes, so that all of these states must be checked.

**Violations of agreement are permanent.** Outputs are irrevocable, so two outputs that are not
adjacent or equal stay so in every later state. Therefore finished runs suffice for agreement. They
do not suffice for validity, because its carrier grows with the set of participants.

Source: docs/agreement.md, Crashes [D]. `models.crash_prefixes` checks an instance, with crashes as
steps.
"""

from __future__ import annotations

import z3

from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick
from ttkem.verification.lemma import Lemma, prove_all

STATE, PROCESS, REGISTER, VALUE = (
    z3.DeclareSort(name) for name in ("State", "Process", "Register", "Value")
)
HOLDS = z3.Function("holds", STATE, REGISTER, VALUE)
LOCAL = z3.Function("local state", STATE, PROCESS, VALUE)
STEP = z3.Function("step", STATE, PROCESS, STATE, z3.BoolSort())
INITIAL, REACHED = (z3.Function(name, STATE, z3.BoolSort()) for name in ("initial", "reached"))
CRASHED = z3.Function("crashed", PROCESS, z3.BoolSort())
S, T, U = z3.Consts("s t u", STATE)
P, Q = z3.Consts("p q", PROCESS)
R = z3.Const("r", REGISTER)

EXTENT = {
    "a state is its registers and local states": z3.ForAll(
        [S, T],
        z3.Implies(
            z3.And(
                z3.ForAll([R], HOLDS(S, R) == HOLDS(T, R)),
                z3.ForAll([P], LOCAL(S, P) == LOCAL(T, P)),
            ),
            S == T,
        ),
    ),
}
CLOSED = {
    "initial states are in reached": z3.ForAll([U], z3.Implies(INITIAL(U), REACHED(U))),
    "reached is closed under steps": z3.ForAll(
        [T, Q, U], z3.Implies(z3.And(REACHED(T), STEP(T, Q, U)), REACHED(U))
    ),
}
NOTHING_WRITTEN = "a crash changes no register"
CRASH = {
    NOTHING_WRITTEN: z3.ForAll([R], HOLDS(S, R) == HOLDS(T, R)),
    "a crash changes no local state": z3.ForAll([P], LOCAL(S, P) == LOCAL(T, P)),
}
MOVE = {"the mover has not crashed": z3.And(z3.Not(CRASHED(P)), STEP(S, P, T))}
BEFORE = {"invariant": REACHED(S)}

# These two only write out the definition of `reached`; that a crash preserves it needs a proof.
START = Lemma("start", CLOSED | {"initial": INITIAL(S)}, REACHED(S))
STEPS = Lemma("a step", CLOSED | BEFORE | MOVE, REACHED(T))


def describe(model: z3.ModelRef) -> str:
    """Describe which registers and local states the crash of a countermodel changes."""
    values = [
        f"{what} {each} from {model.eval(of(S, each))} to {model.eval(of(T, each))}"
        for what, of, sort in (("register", HOLDS, REGISTER), ("local state of", LOCAL, PROCESS))
        for each in model.get_universe(sort) or ()
        if not z3.is_true(model.eval(of(S, each) == of(T, each), model_completion=True))
    ]
    return f"no run without crashes changes only {'; '.join(values).replace('!val!', ' ')}"


def crash(rules: dict[str, z3.BoolRef]) -> Lemma:
    """Return the lemma that a crash under these rules preserves the invariant."""
    return Lemma("a crash", EXTENT | CLOSED | BEFORE | rules, REACHED(T), describe)


def judged() -> tuple[Lemma, ...]:
    """Return the lemmas that runs with crashes end in safe states if and only if `reached` is safe.

    They only write out the definitions of `reached` and `left` as formulas.
    """
    safe = z3.Function("safe", STATE, z3.BoolSort())
    every = {"reached states are safe": z3.ForAll([T], z3.Implies(REACHED(T), safe(T)))}
    # left(s, C): some run with crashes ends in s with the crashed set C.
    left = z3.Function("left", STATE, z3.SetSort(PROCESS), z3.BoolSort())
    some, none = z3.Const("C", z3.SetSort(PROCESS)), z3.EmptySet(PROCESS)
    all_processes = z3.FullSet(PROCESS)
    runs = {
        "a run may start": z3.ForAll([U], z3.Implies(INITIAL(U), left(U, none))),
        "all may move": z3.ForAll(
            [T, Q, U], z3.Implies(z3.And(left(T, none), STEP(T, Q, U)), left(U, none))
        ),
        "any may crash": z3.ForAll([T, some], z3.Implies(left(T, none), left(T, some))),
    }
    return (
        Lemma("safe without crashes", every | BEFORE, safe(S)),
        Lemma("all crash at the start", runs | {"initial": INITIAL(S)}, left(S, all_processes)),
        Lemma(
            "all crash after a step",
            runs | {"invariant": left(S, none), "moves": STEP(S, P, T)},
            z3.And(left(T, none), left(T, all_processes)),
        ),
    )


def irrevocable() -> Lemma:
    """Return the lemma that two outputs that are not adjacent or equal stay so."""
    decided = z3.Function("decided", VALUE, z3.BoolSort())
    adjacent_or_equal = z3.Function("adjacent or equal", VALUE, VALUE, z3.BoolSort())

    def wrong(state: z3.ExprRef) -> z3.BoolRef:
        both = LOCAL(state, P), LOCAL(state, Q)
        return z3.And(decided(both[0]), decided(both[1]), z3.Not(adjacent_or_equal(*both)))

    kept = z3.ForAll(
        [T, Q, U, P],
        z3.Implies(z3.And(STEP(T, Q, U), decided(LOCAL(T, P))), LOCAL(U, P) == LOCAL(T, P)),
    )
    mover = z3.Const("mover", PROCESS)
    given = {"decisions are irrevocable": kept, "wrong": wrong(S), "a step": STEP(S, mover, T)}
    return Lemma("outputs that are not adjacent or equal stay so", given, wrong(T))


def _check(tick: Tick) -> Finding:
    return prove_all((START, STEPS, crash(CRASH), *judged(), irrevocable()), tick)


def _refute(tick: Tick) -> Finding:
    erasing = {name: rule for name, rule in CRASH.items() if name != NOTHING_WRITTEN}
    return prove_all([crash(erasing)], tick)


CLAIM = Claim(
    name="crash-prefixes",
    statement="if a crash is defined to change neither registers nor local states, and only to "
    "stop its process, runs with crashes end in exactly the states that unfinished runs without "
    "crashes reach; outputs that are not adjacent or equal stay so",
    source="docs/agreement.md, Crashes [D]",
    bound="every n, every protocol, every memory, crashes of any number at any moment",
    check=_check,
    twin="a crash may change registers",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over runs, in the file; the definition of a crash, of which the twin "
    "shows that it is needed",
)
