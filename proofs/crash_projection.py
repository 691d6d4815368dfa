"""Crashes, defined as steps that change nothing, leave what unfinished runs without crashes leave.

A state s has registers and, for each process, what it has in mind (its output too, and whether it
took a step). Processes move by `step(s, p, s')`, any relation at all. In runs *with crashes* there
is also the set of the crashed: who is in it does not move, and anybody may get into it at any time,
which changes neither registers nor minds. That is the *definition* of a crash here, and most of
what the claim says follows from it at once; whether a crash of a real process is one of these is
not proved.

**Simulation.** Let `reached` hold of the initial states and be kept by steps; the least such is
what runs without crashes reach. Then (s, crashed) with `reached(s)` is an invariant of runs with
crashes: each projects to a run without, that leaves the crashes out. So what is true of all states
that unfinished runs without crashes reach, of outputs and of who took a step, is true of all that
runs with crashes reach: there is nothing about crashes to be checked. **The other way round**, each
such state with everybody crashed is the end of a run with crashes: nothing less will do.

**What is pairwise stays wrong.** Outputs are irrevocable; so two outputs that are not close are so
in every later state. Of agreement alone the finished runs tell all; of validity they do not, as its
carrier grows with those who take part.

Source: docs/agreement.md, Crashes [D]. An instance, with crashes as steps: `models.crash_prefixes`.
"""

from __future__ import annotations

import z3

from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick
from ttkem.verification.lemma import Lemma, prove_all

STATE, PROCESS, REGISTER, VALUE = (
    z3.DeclareSort(name) for name in ("State", "Process", "Register", "Value")
)
HOLDS = z3.Function("holds", STATE, REGISTER, VALUE)
MIND = z3.Function("mind", STATE, PROCESS, VALUE)
STEP = z3.Function("step", STATE, PROCESS, STATE, z3.BoolSort())
INITIAL, REACHED = (z3.Function(name, STATE, z3.BoolSort()) for name in ("initial", "reached"))
CRASHED = z3.Function("crashed", PROCESS, z3.BoolSort())
S, T, U = z3.Consts("s t u", STATE)
P, Q = z3.Consts("p q", PROCESS)
R = z3.Const("r", REGISTER)

EXTENT = {
    "a state is its registers and minds": z3.ForAll(
        [S, T],
        z3.Implies(
            z3.And(
                z3.ForAll([R], HOLDS(S, R) == HOLDS(T, R)),
                z3.ForAll([P], MIND(S, P) == MIND(T, P)),
            ),
            S == T,
        ),
    ),
}
CLOSED = {
    "initial states are reached": z3.ForAll([U], z3.Implies(INITIAL(U), REACHED(U))),
    "steps reach": z3.ForAll([T, Q, U], z3.Implies(z3.And(REACHED(T), STEP(T, Q, U)), REACHED(U))),
}
NOTHING_WRITTEN = "a crash leaves all registers"
CRASH = {
    NOTHING_WRITTEN: z3.ForAll([R], HOLDS(S, R) == HOLDS(T, R)),
    "a crash leaves all minds": z3.ForAll([P], MIND(S, P) == MIND(T, P)),
}
MOVE = {"who moves has not crashed": z3.And(z3.Not(CRASHED(P)), STEP(S, P, T))}
BEFORE = {"invariant": REACHED(S)}

# These two only put into formulas what `reached` is; that a crash keeps it is what is to be proved.
START = Lemma("at the start", CLOSED | {"initial": INITIAL(S)}, REACHED(S))
STEPS = Lemma("a step", CLOSED | BEFORE | MOVE, REACHED(T))


def told(model: z3.ModelRef) -> str:
    """Describe which registers and local states a crash changed, if the state is not reached."""
    values = [
        f"{what} {each} from {model.eval(of(S, each))} to {model.eval(of(T, each))}"
        for what, of, sort in (("register", HOLDS, REGISTER), ("mind", MIND, PROCESS))
        for each in model.get_universe(sort) or ()
        if not z3.is_true(model.eval(of(S, each) == of(T, each), model_completion=True))
    ]
    return f"no run without crashes changes only {'; '.join(values).replace('!val!', ' ')}"


def crash(rules: dict[str, z3.BoolRef]) -> Lemma:
    """Return the lemma that a crash under these rules keeps the invariant."""
    return Lemma("a crash", EXTENT | CLOSED | BEFORE | rules, REACHED(T), told)


def judged() -> tuple[Lemma, ...]:
    """Return the lemmas that runs with crashes end safely exactly if all reached states are safe.

    They only write out the definitions of `reached` and `left` as formulas.
    """
    safe = z3.Function("safe", STATE, z3.BoolSort())
    every = {"reached states are safe": z3.ForAll([T], z3.Implies(REACHED(T), safe(T)))}
    # (s, crashed) is left by runs with crashes, for a set of processes or for all of them.
    left = z3.Function("left", STATE, z3.SetSort(PROCESS), z3.BoolSort())
    some, none = z3.Const("C", z3.SetSort(PROCESS)), z3.EmptySet(PROCESS)
    everybody = z3.FullSet(PROCESS)
    runs = {
        "a run may begin": z3.ForAll([U], z3.Implies(INITIAL(U), left(U, none))),
        "all may move": z3.ForAll(
            [T, Q, U], z3.Implies(z3.And(left(T, none), STEP(T, Q, U)), left(U, none))
        ),
        "any may crash": z3.ForAll([T, some], z3.Implies(left(T, none), left(T, some))),
    }
    return (
        Lemma("judged without crashes", every | BEFORE, safe(S)),
        Lemma("begun, and all crash", runs | {"initial": INITIAL(S)}, left(S, everybody)),
        Lemma(
            "gone on, and all crash",
            runs | {"invariant": left(S, none), "moves": STEP(S, P, T)},
            z3.And(left(T, none), left(T, everybody)),
        ),
    )


def irrevocable() -> Lemma:
    """Return the lemma that two outputs that are not adjacent or equal stay so."""
    decided = z3.Function("decided", VALUE, z3.BoolSort())
    close = z3.Function("close", VALUE, VALUE, z3.BoolSort())

    def wrong(state: z3.ExprRef) -> z3.BoolRef:
        minds = MIND(state, P), MIND(state, Q)
        return z3.And(decided(minds[0]), decided(minds[1]), z3.Not(close(*minds)))

    kept = z3.ForAll(
        [T, Q, U, P],
        z3.Implies(z3.And(STEP(T, Q, U), decided(MIND(T, P))), MIND(U, P) == MIND(T, P)),
    )
    mover = z3.Const("mover", PROCESS)
    given = {"who has decided stays with it": kept, "wrong": wrong(S), "a step": STEP(S, mover, T)}
    return Lemma("not close once, never close", given, wrong(T))


def _check(tick: Tick) -> Finding:
    return prove_all((START, STEPS, crash(CRASH), *judged(), irrevocable()), tick)


def _refute(tick: Tick) -> Finding:
    erasing = {name: rule for name, rule in CRASH.items() if name != NOTHING_WRITTEN}
    return prove_all([crash(erasing)], tick)


CLAIM = Claim(
    name="crash-prefixes",
    statement="if a crash is defined to change neither registers nor minds, and only to stop its "
    "process, the states that runs with crashes leave are those of unfinished runs without; "
    "outputs that are not adjacent or equal stay so",
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
