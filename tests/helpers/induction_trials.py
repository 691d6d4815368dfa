"""Tests of the induction harness, as functions of its modules, so that mutants can be tried."""

from dataclasses import replace
from random import Random
from unittest.mock import patch

import pytest
import z3
from false_systems import (
    FALSE,
    NODE,
    TRUE,
    TRUE_ONES,
    TRUTH,
    called,
    changes,
    coloured,
    token,
    unique,
)
from random_systems import AXIOMS, SORTS, VALUES, Maker, interesting, interpretations, to_z3, value
from random_systems import NODE as RANDOM_NODE
from refusals import pigeons, quiet, refuses
from z3 import And, Implies, Not, Or

from agreement.verdict import Verdict
from ttkem.verification import (
    finite,
    induction,
    system,
)
from ttkem.verification.claim import Refutes

EACH = 1
"""Random systems of each kind of answer."""
KNOWN = {}


def known():
    """Random systems with their answers by brute force, made once."""
    if not KNOWN:
        for seed in range(400):
            drawn, space = interesting(Random(seed))
            verdict, why = space.answer()
            kind = verdict, drawn.k, why.partition(":")[0], space.refutes(why)
            several = KNOWN.setdefault(kind, [])
            if len(several) < EACH:
                several.append((drawn, drawn.system(), space))
    return [each for several in KNOWN.values() for each in several]


def by_brute_force(prove, find_run):
    for drawn, made, space in known():
        verdict, why = space.answer()
        found = prove(made, quiet, drawn.k).finding
        assert found.verdict.value == verdict, why
        if verdict == "refuted":
            assert found.shown.split("\n")[0] == f"drawn: {why}"
            assert found.refutes == space.refutes(why)
        elif verdict == "unknown":
            assert found.shown == f"vacuous? drawn: {why}"
        for step in drawn.steps:
            run = find_run(made, (step, step), "p0")
            assert (run is not None) == space.reaches((step, step), "p0")


LESS = z3.Function("less", NODE, NODE, z3.BoolSort())


ENDLESS = {
    "transitive": system.every(
        (NODE, NODE, NODE), lambda a, b, c: Implies(And(LESS(a, b), LESS(b, c)), LESS(a, c))
    ),
    "irreflexive": system.every((NODE,), lambda a: Not(LESS(a, a))),
    "endless": system.every((NODE,), lambda a: system.some((NODE,), lambda b: LESS(a, b))),
}
"""Axioms without a finite model."""


def of_induction(module):
    found = module.prove(token(), quiet)
    assert found.used == {
        "start: one token": {"start: the first"},
        "pass: one token": {"invariant: one token", "pass: has it"},
        "any state: one token": {"invariant: one token"},
    }
    figures = (("questions", 3), ("premises used", 3), ("witness traces", 1))
    assert found.finding.figures == figures
    assert module.induct(token(), quiet) == found.finding
    in_words = module.induct(TRUE_ONES["in words"], quiet)
    assert in_words.shown == "no witness trace has 'pass': nobody passes on"
    assert in_words.figures[2:] == (("witness traces", 0), ("transitions without a witness", 1))
    for k in (0, -1, True, 1.0):
        refuses("k is 1 or more", module.prove, token(), quiet, k)
    assert module.induct(token(), quiet, 2).verdict is Verdict.HOLDS
    for check in (lambda each: module.prove(each, quiet), lambda each: module.find_run(each, ())):
        refuses("which is not in its arguments", check, FALSE["a symbol like the state's"][0])
    refuses("a run is a sequence", module.find_run, token(), "pass")
    refuses("no property is called 'no'", module.find_run, token(), (), "no")
    run = module.find_run(token(), ("pass", "pass"))
    assert [line.partition(":")[0] for line in run.drawn.split("\n")] == [
        "before",
        *("pass", "after") * 2,
    ]
    assert run.against is None
    two = changes(then=lambda s, c: {"has": lambda n: Or(s.has(n), n == c.taker)})
    assert module.find_run(two, ("pass",), "one token").against == "one token"
    told = module.prove(two, quiet)
    assert (told.refutes, told.questions) == (Refutes.LEMMA, 2)
    late = module.induct(two, quiet, 2)
    assert late.shown.startswith("token: start, pass: one token\nbefore: has(")
    assert late.refutes is Refutes.STATEMENT
    assert (told.traces, told.unwitnessed) == (0, 0)
    of_failing_proofs(module, two)
    of_vacuous_proofs(module)
    ticks = []
    module.prove(token(), ticks.append)
    assert ticks == [
        *("start", "pass", "any state"),
        "can one token fail?",
        "witness trace: pass, pass",
    ]
    by_brute_force(module.prove, module.find_run)


def of_failing_proofs(module, two):
    untouched = replace(
        two,
        invariants=lambda s: {"there": system.some((NODE,), lambda n: n == s.first), **unique(s)},
    )
    found = module.prove(untouched, quiet)
    assert found.shown.startswith("token: pass: one token\n")
    assert found.questions == 3
    small = replace(two, universe={NODE: 1}, witnesses=(), unwitnessed={"pass": "too small"})
    assert module.induct(small, quiet).shown.startswith("token: pass: one token\n")
    other = replace(two, properties=lambda s: {"there": system.some((NODE,), s.has)})
    assert module.induct(other, quiet, 2).refutes is Refutes.LEMMA
    both = replace(two, properties=lambda s: {**other.properties(s), **unique(s)})
    assert module.induct(both, quiet, 2).refutes is Refutes.STATEMENT
    assert {"invariant 1: one token", "pass 1: has it"} & {
        name for core in module.prove(token(), quiet, 2).used.values() for name in core
    }
    for more in (1, 2):
        wrong = module.induct(crowd(1 + more), quiet)
        assert wrong.shown.startswith("crowd: any state: somebody has it\nbefore: ")


def of_vacuous_proofs(module):
    nobody = token(init=lambda s: {"none": system.every((NODE,), lambda n: Not(s.has(n)))})
    never = "vacuous? token: no run in which every step changes something is pass, pass"
    assert module.induct(nobody, quiet).shown == never
    one, same = z3.Consts("one same", NODE)
    alike = token(
        axioms={"alike": one == same},
        properties=lambda s: {"same": Or(one == same, s.has(s.first))},
    )
    empty = "vacuous? token: 'same' fails in no state, reachable or not"
    assert module.induct(alike, quiet).shown == empty
    with patch.multiple(module, SOON=20, LATE=20):
        late = module.prove(
            token(axioms=ENDLESS, properties=lambda s: {"no": s.has(s.first)}), quiet
        )
    assert late.verdict is Verdict.UNKNOWN
    assert late.shown.startswith("token: any state: no: ")
    assert module.vacuous(token(), quiet) == ""
    with patch.object(module, "_counterexample", None):  # none is looked for
        assert module.induct(token(), quiet).verdict is Verdict.HOLDS
    assert module.induct(lamp(), quiet).verdict is Verdict.HOLDS
    birds = pigeons(7)
    slow = token(
        constants=tuple({s for each in birds.values() for s in finite.symbols_of(each)}),
        properties=lambda s: {"somebody is out": Not(And(*birds.values()))},
    )
    with patch.object(module, "SOON", 1):
        late = module.induct(slow, quiet).shown
    assert late == "vacuous? token: 'somebody is out' fails in no state, reachable or not"


def crowd(size):
    """Return a system of so many nodes; its universe has one node, and its property is false."""
    nodes = z3.Consts([f"node {i}" for i in range(size)], NODE)
    return token(
        name="crowd",
        axioms={
            "all": system.every((NODE,), lambda n: Or(*(n == each for each in nodes))),
            "apart": z3.Distinct(*nodes),
        },
        properties=lambda s: {"somebody has it": system.some((NODE,), s.has)},
        universe={NODE: 1},
    )


def lamp():
    """Return a system whose steps change a symbol without arguments only."""
    flip = system.Transition({}, lambda s, c: {}, lambda s, c: {"on": Not(s.on), "used": TRUE})
    return system.System(
        name="lamp",
        state={"on": (TRUTH,), "used": (TRUTH,)},
        axioms={},
        init=lambda s: {"off": Not(Or(s.on, s.used))},
        transitions={"flip": flip},
        invariants=lambda s: {"used": Implies(s.on, s.used)},
        properties=lambda s: {"used": Implies(s.on, s.used)},
        universe={},
        witnesses=(("flip", "flip"),),
    )


def of_finite(module):
    of_universes(module)
    draw = Random(1)
    signatures = {"who": "E", "has": "EB", "at": "UE", "of": "UUB", "on": "B"}
    maker = Maker(draw, [("s", name, shape) for name, shape in signatures.items()])
    sorts = {name: tuple(map(SORTS.get, shape)) for name, shape in signatures.items()}
    symbols = system.declare(sorts)
    meanings = list(interpretations({"who": "E", "has": "EB", "at": "UE"}))
    for _ in range(25):
        tables = {**draw.choice(meanings), "of": {}, "on": {(): draw.random() < 0.5}}
        tables["of"] = {(i, j): draw.random() < 0.5 for i in (0, 1) for j in (0, 1)}
        universe = module.Universe({RANDOM_NODE: 2}, 10_000)
        universe.add(AXIOMS.values())
        universe.add(_means(symbols, tables))
        formula = maker.formula(4)
        truth = value(formula, {"s": tables})
        made = to_z3(formula, {"s": symbols})
        assert universe.allows([made]) == truth, formula
        assert universe.allows([Not(made)]) != truth, formula
        assert universe.model() is not None
    with patch.object(induction, "Universe", module.Universe):
        by_brute_force(induction.prove, induction.find_run)
        for each in (token(), coloured()):
            assert induction.induct(each, quiet).verdict is Verdict.HOLDS


def of_universes(module):
    apart = module.Universe({NODE: 2}, 10_000)
    f = z3.Function("f", NODE, NODE)
    first, second = apart.elements[NODE]
    assert [*apart.names.values()] == ["n0", "n1"]
    assert not apart.allows([And(*(f(first) != each for each in (first, second)))])
    assert not apart.allows([z3.Const("x", NODE) != first, z3.Const("x", NODE) != second])
    assert apart.allows([first != second])
    other = z3.DeclareSort("Nothing")
    names = module.Universe({NODE: 1, other: 1, z3.DeclareSort("Op"): 1}, 10_000).names
    assert [*names.values()] == ["node0", "nothing0", "o0"]
    assert module.finite_values(z3.IntSort()) is None
    assert [*map(str, module.finite_values(z3.BoolSort()))] == ["False", "True"]
    with pytest.raises(KeyError):
        _ = apart.elements[z3.IntSort()]
    late = module.Universe({}, 1)
    late.add(pigeons().values())
    assert late.solver.check() == z3.unknown
    assert late.model() is None
    assert not apart.allows([first == second])
    on, far = z3.Function("on", TRUTH, NODE, TRUTH), z3.Function("far", NODE, TRUTH, TRUTH)
    nodes, truths = (first, second), (z3.BoolVal(val=False), z3.BoolVal(val=True))
    nested = system.every(
        (NODE, TRUTH),
        lambda n, b: system.some((TRUTH, NODE), lambda c, m: And(far(n, c), on(b, m), c == b)),
    )
    cases = [
        Or(*(And(far(n, c), on(b, m), c == b) for c in truths for m in nodes))
        for n in nodes
        for b in truths
    ]
    assert apart.allows([nested])
    assert apart.allows([Not(nested)])
    assert not apart.allows([nested != And(*cases)])
    pair = z3.Datatype("Pair")
    pair.declare("pair", ("one", z3.BoolSort()))
    pair.declare("none")
    assert module.finite_values(pair.create()) is None
    bound = system.every((NODE,), lambda n: f(n) == first)
    assert module.symbols_of(bound) == {f, first.decl()}
    assert not any(term.eq(first) for term in module.terms_of(bound))
    assert len([*module.terms_of(And(f(first) == first, f(first) == second))]) == 6


def _means(symbols, tables):
    """That symbols have these tables."""
    for name, table in tables.items():
        symbol = getattr(symbols, name)
        kinds = {"who": "E", "has": "EB", "at": "UE", "of": "UUB", "on": "B"}[name]
        for at, result in table.items():
            term = (
                symbol(*(VALUES[k][i] for k, i in zip(kinds, at, strict=False))) if at else symbol
            )
            yield term == (VALUES[kinds[-1]][result] if kinds[-1] != "B" else z3.BoolVal(result))


def of_countermodel(module):
    with patch.object(induction, "shown", module.shown):
        run = induction.find_run(coloured(), ("paint", "back")).drawn.split("\n")
        assert run[0] == "before: hue = red hue, count = 0" or run[0].startswith("before: lit(")
        assert run[2].startswith("after: ")
        assert "no longer hue = red hue" in run[2]
        assert "hue = blue hue, count = 1" in run[2]
        assert run[4].endswith("hue = red hue, no longer hue = blue hue")
        stay = called("stay").transitions["stay"]
        kept = system.Transition(stay.chooses, stay.when, lambda s, c: {"first": s.first})
        still = induction.find_run(token(transitions={"pass": kept}), ("pass",)).drawn
        assert still.endswith("\nafter: the same")
        nobody = token(
            state={"has": (NODE, z3.BoolSort())},
            init=lambda s: {"none": system.every((NODE,), lambda n: Not(s.has(n)))},
        )
        assert induction.find_run(nobody, ()).drawn == "before: nothing"
        state = {"made": (NODE, z3.BoolSort()), "next": (NODE, NODE), "far": (NODE, NODE, NODE)}
        one = token(
            state=state,
            universe={NODE: 2},
            init=lambda s: {
                "one": z3.Exists([A], And(s.made(A), z3.ForAll([B], s.made(B) == (A == B))))
            },
            transitions={
                "pass": system.Transition(
                    {}, lambda s, c: {}, lambda s, c: {"next": lambda n: s.far(n, n)}
                )
            },
            invariants=lambda s: {},
            properties=lambda s: {"some": system.some((NODE,), s.made)},
        )
        drawn = induction.find_run(one, ()).drawn
        assert drawn.count("next(") == 1
        assert drawn.count("far(") == 4
    assert facts(module, {"first": (NODE,)}, lambda *_: [], size=1) == "before: first = n0"
    relations = {"has": (NODE, TRUTH), "kept": (NODE, TRUTH), "likes": (NODE, NODE, TRUTH)}
    assert facts(module, relations, two_relations) == "before: has(n0), kept(n1)"
    functions = {"of": (NODE, NODE), "me": (NODE,), "by": (NODE, NODE, TRUTH), "up": (TRUTH, NODE)}
    assert facts(module, functions, some_functions) == (
        "before: of(n0) = n1, me = n0, by(n0, n1), up(False) = n0, up(True) = n0"
    )


def facts(module, state, formulas, size=2):
    """Return the facts of a state that formulas describe."""
    universe = finite.Universe({NODE: size}, 10_000)
    symbols = system.declare(state)
    universe.add(formulas(symbols, *universe.elements[NODE]))
    plain = token(state=state)
    return module.shown(universe.model(), universe, plain, [module.Moment(symbols)])


def two_relations(s, one, two):
    yield from (s.has(one), Not(s.has(two)), Not(s.kept(one)), s.kept(two))
    yield system.every((NODE, NODE), lambda a, b: Not(s.likes(a, b)))


def some_functions(s, one, two):
    yield from (s.of(one) == two, s.of(two) == two, s.me == one)
    yield from (s.up(each) == one for each in (TRUE, Not(TRUE)))
    yield system.every((NODE, NODE), lambda a, b: s.by(a, b) == And(a == one, b == two))


A, B = z3.Consts("aa bb", NODE)
