"""Mutation of the toolkit for claims: no small change of its code goes unnoticed.

`KILLS` has a test of each trusted module, as a function of the module. By default some mutants of
each are tried; `make campaign` tries all.
"""

import inspect
from dataclasses import replace
from random import Random
from unittest.mock import patch

import pytest
import z3
from equivalent_mutants import EQUIVALENT
from false_systems import FALSE, NODE, TRUE, TRUE_ONES, called, changes, coloured, token, unique
from mutation import mutants, survivors
from random_systems import AXIOMS, SORTS, VALUES, Maker, interesting, interpretations, to_z3, value
from random_systems import NODE as RANDOM_NODE
from z3 import And, Implies, Not, Or

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification import (
    claim,
    countermodel,
    finite,
    induction,
    lemma,
    premises,
    refuting_run,
    runner,
    system,
    wellformed,
)
from ttkem.verification.claim import Claim, Finding, Refutes, refuted

EACH = 1
"""Random systems of each kind of answer."""
SHARE = 6
"""Mutants of each module by default."""
KNOWN = {}


def quiet(how):
    del how


def refuses(words, function, *arguments, **keywords):
    with pytest.raises(LocalError) as error:
        function(*arguments, **keywords)
    assert words in str(error.value)


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


def of_wellformed(module):
    for name in TRUE_ONES:
        module.check_system(TRUE_ONES[name])
    for wrong, words in FALSE.values():
        refuses(words, module.check_system, wrong)
    for name in ("a term", "a change to no term"):  # the hint is for Booleans of Python alone
        with pytest.raises(LocalError) as error:
            module.check_system(FALSE[name][0])
        assert "BoolVal" not in str(error.value)
    refuses("no transition is called 'no'", module.check_run, token(), ("pass", "no"))
    module.check_run(token(), ("pass", "pass"))
    module.check_names("here", z3.Bool("on"))
    refuses("here: a symbol", module.check_names, "here", z3.Bool(f"on{finite.RESERVED}"))


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
    by_brute_force(module.prove, module.find_run)
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
    nobody = token(init=lambda s: {"none": system.every((NODE,), lambda n: Not(s.has(n)))})
    never = "vacuous? token: no run in which every step changes something is pass, pass"
    assert module.induct(nobody, quiet).shown == never
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
    ticks = []
    module.prove(token(), ticks.append)
    assert ticks == [
        *("start", "pass", "any state"),
        "can one token fail?",
        "witness trace: pass, pass",
    ]


def of_finite(module):
    with patch.object(induction, "Universe", module.Universe):
        by_brute_force(induction.prove, induction.find_run)
        for each in (token(), coloured()):
            assert induction.induct(each, quiet).verdict is Verdict.HOLDS
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
    assert len(module.finite_values(z3.BoolSort())) == 2
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


def pigeons(holes=7):
    """Formulas that cannot all hold; Z3 takes more than a millisecond to see it, yet it ends."""
    sits = [[z3.Bool(f"sits {i} {j}") for j in range(holes)] for i in range(holes + 1)]
    crowded = {
        f"not both {i} {k} {j}": Not(And(sits[i][j], sits[k][j]))
        for j in range(holes)
        for i in range(holes + 1)
        for k in range(i)
    }
    return {**crowded, **{f"somewhere {i}": Or(*row) for i, row in enumerate(sits)}}


def of_premises(module):
    found = module.Premises(10_000)
    x = z3.Int("x")
    found.assume({"positive": x > 0, "small": x < 100})
    found.assume({"even": x % 2 == 0}, "rule")
    assert found.fails(x != 0) == (z3.unsat, None)
    assert found.core == {"positive"}
    assert found.fails(x != 1) == (z3.unsat, None)
    assert found.core == {"rule: even"}
    said, model = found.fails(x != 98)
    assert (said, model[x].as_long()) == (z3.sat, 98)
    assert found.core == {"rule: even"}
    assert found.fails(x > 98)[0] == z3.sat
    assert found.fails(x < 99) == (z3.unsat, None)
    assert "small" in found.core
    found.wait(1)
    found.assume(pigeons())
    assert found.fails(x > 99)[0] == z3.unknown
    late = module.Premises(1)
    late.assume(pigeons())
    assert late.fails(x > 99)[0] == z3.unknown
    named = module.Premises(10_000)
    named.assume({"on": x > 0})
    assert named.fails(z3.Bool("on"))[0] == z3.sat


def of_lemma(module):
    x, y = z3.Ints("x y")
    given = {"x above 2": x > 2, "y above 3": y > 3, "y even": y % 2 == 0}
    made = module.Lemma
    assert module.prove(made("sum", given, x + y > 5)).used == ("x above 2", "y above 3")
    proof = module.prove(made("sum", given, x + y > 7))
    assert proof.verdict is Verdict.REFUTED
    assert proof.shown == "sum: x = 3, y = 4"
    told = made("sum", given, x + y > 7, lambda model: f"{model[x]} and {model[y]}")
    assert module.prove(told).shown == "sum: 3 and 4"
    empty = module.prove(made("no", {"a": x > 2, "b": x < 3}, x > 9))
    assert (empty.verdict, empty.shown) == (Verdict.UNKNOWN, "no: vacuous? its premises are unsat")
    late = module.prove(made("pigeons", {"on": x > 0}, Not(And(*pigeons().values()))), 1)
    assert late.verdict is Verdict.UNKNOWN
    assert late.shown.startswith("pigeons: ")
    assert not late.shown.startswith("pigeons: vacuous")
    ticks = []
    both = [made("one", given, x > 2), made("two", given, y > 3)]
    found = module.prove_all(both, ticks.append)
    assert found == Finding(Verdict.HOLDS, (("lemmas", 2), ("premises used", 2)))
    assert ticks == ["one", "two"]
    false = module.prove_all([both[0], made("sum", given, x + y > 7), both[1]], quiet)
    assert (false.refutes, false.figures) == (Refutes.LEMMA, (("lemmas", 1),))
    assert module.prove_all([made("no", {"a": x > 2, "b": x < 3}, x > 9)], quiet).refutes is None
    refuses("no lemma was given", module.prove_all, [], quiet)
    mark = f"{finite.RESERVED}premise 0"
    for wrong, words in (
        (made(" ", given, x > 0), "a lemma cannot be called"),
        (made(3, given, x > 0), "a lemma cannot be called"),
        (made("sum", {"yes": True}, x > 0), "'yes' is not a formula of Z3"),
        (made("sum", given, then=True), "'then' is not a formula of Z3"),
        (made("sum", given, z3.Bool(mark)), "a symbol cannot be called"),
        (made("sum", {"on": z3.Bool(mark)}, x > 0), "a symbol cannot be called"),
    ):
        refuses(words, module.prove, wrong)
    eight = z3.Ints("q w e r t y u i")
    every = {str(each): each > 0 for each in eight}
    assert module.prove(made("all", every, z3.Sum(eight) > 7)).used == tuple(sorted(every))
    shown = module.prove(made("all", every, z3.Sum(eight) > 8)).shown
    assert shown == "all: " + ", ".join(f"{name} = 1" for name in sorted(every))
    hidden = module.prove(made("on", {"x": x > 0, "made up": z3.Bool("a!1")}, x > 1))
    assert hidden.shown == "on: x = 1"


def of_system(module):
    every, some = module.every, module.some
    likes = z3.Function("likes", NODE, NODE, z3.BoolSort())
    named = z3.Const("n.1.0", NODE)
    free = every((NODE,), lambda n: likes(n, named))
    assert finite.symbols_of(free) == {likes, named.decl()}
    assert free.is_forall()
    assert some((NODE,), lambda n: likes(n, n)).is_exists()
    nested = every(
        (NODE, NODE), lambda a, b: Implies(likes(a, b), some((NODE,), lambda c: likes(b, c)))
    )
    again = every(
        (NODE, NODE), lambda a, b: Implies(likes(a, b), some((NODE,), lambda c: likes(b, c)))
    )
    assert nested.eq(again)
    assert str(nested).startswith("ForAll([n.1.0, n.1.1]")
    assert "Exists(n.2.0" in str(nested)
    a, b, c = z3.Consts("a b c", NODE)
    plain = z3.ForAll([a, b], Implies(likes(a, b), z3.Exists([c], likes(b, c))))
    solver = z3.Solver()
    solver.add(nested != plain)
    assert solver.check() == z3.unsat
    for _ in range(2):  # an error in a body does not change later names
        refuses("cannot quantify over True", every, (NODE,), lambda n: True)
    assert str(every((NODE,), lambda n: likes(n, n))).startswith("ForAll(n.1.0")
    kept = []
    every((NODE,), lambda n: kept.append(n) or TRUE)
    every((NODE,), lambda n: kept.append(n) or TRUE)
    assert not kept[0].eq(kept[1])
    assert len({module.fresh_mark() for _ in range(9)}) == 9
    symbols = module.Symbols({"one": 1})
    assert (symbols.but({"one": 2}).one, symbols.one) == (2, 1)
    refuses("cannot change a, b, c, d, e:", symbols.but, dict.fromkeys("dbeca", 2))
    assert not hasattr(symbols, "two")
    assert module.clauses({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}
    refuses("two clauses are called 'a'", module.clauses, {"a": 1}, {"a": 1})
    sorts = {"on": (z3.BoolSort(),), "likes": (NODE, NODE, z3.BoolSort())}
    assert module.declare(sorts, " 1").on.eq(z3.Bool("on 1"))
    assert module.declare(sorts).likes == likes


def of_refuting_run(module):
    wrong = token(init=lambda s: {"all": system.every((NODE,), s.has)})
    found = module.refuting_run(wrong, ("pass",), "one token", quiet)
    assert found.refutes is Refutes.STATEMENT
    assert found.shown.startswith("token: not 'one token'\nbefore: ")
    assert "\nand the proof fails:\ntoken: start: one token\n" in found.shown
    assert module.refuting_run(wrong, (), "one token", quiet).refutes is Refutes.START
    true = module.refuting_run(token(), ("pass", "pass"), "one token", quiet)
    assert true.verdict is Verdict.UNKNOWN
    assert true.shown == "token: after pass, pass, 'one token' was not seen to fail\n"
    ticks = []
    module.refuting_run(token(), ("pass", "pass"), "one token", ticks.append)
    assert ticks[0] == "pass, pass"
    proved = Finding(Verdict.HOLDS, (("questions", 1),))
    with (
        patch.object(module, "induct", lambda *_: proved),
        pytest.raises(AssertionError, match="was proved and fails"),
    ):
        module.refuting_run(wrong, ("pass",), "one token", quiet)


def of_claim(module):
    made, verdict, kinds = module.Finding, Verdict, module.Refutes
    some = (("states", 3),)
    for parts, words in (
        (("holds", some), "is not a Verdict"),
        ((verdict.HOLDS,), "must count"),
        ((verdict.HOLDS, (("a", 0), ("b", 0))), "must count"),
        ((verdict.HOLDS, (("a", 1.0),)), "in figures is not (name, count)"),
        ((verdict.HOLDS, (("a", True),)), "in figures is not (name, count)"),
        ((verdict.HOLDS, (*some, ("a", -1))), "in figures is not (name, count)"),
        ((verdict.HOLDS, ((3, 3),)), "in figures is not (name, count)"),
        ((verdict.HOLDS, some, "", kinds.LEMMA), "must not have refutes"),
        ((verdict.UNKNOWN, some, "why", kinds.LEMMA), "must not have refutes"),
        ((verdict.UNKNOWN, some, " "), "must give the reason"),
        ((verdict.REFUTED, some, "seen"), "must name what it refutes"),
        ((verdict.REFUTED, some, "seen", "the claim's statement"), "must name what it refutes"),
        ((verdict.REFUTED, some, " ", kinds.LEMMA), "must give the counterexample"),
        ((verdict.HOLDS, some, 3), "is not a string"),
    ):
        refuses(words, made, *parts)
    good = made(verdict.HOLDS, (("states", 3), ("runs", 0)))
    noted = made(verdict.HOLDS, (("runs", 1),), "note")
    unknown = made(verdict.UNKNOWN, (), "why")
    bad = module.refuted("seen")
    assert bad == made(verdict.REFUTED, (), "seen", kinds.STATEMENT)
    assert module.refuted("seen", some, kinds.LEMMA).figures == some
    both = made(verdict.HOLDS, (("states", 6), ("runs", 1)), "note")
    assert module.together([good, good, noted]) == both
    assert module.together([good, bad, unknown]) is bad
    assert module.together([unknown, bad]) is unknown
    refuses("must count", module.together, [])

    def check(tick):
        return good

    def refute(tick):
        return bad

    parts = dict.fromkeys(("name", "statement", "source", "bound", "twin", "trusts"), "words")
    parts |= {"check": check, "refute": refute, "refutes": kinds.LEMMA}
    plain = module.Claim(**parts)
    assert (plain.kind, plain.slow) == (module.Kind.BOUNDED, False)
    assert plain.file == f"{__name__.replace('.', '/')}.py"
    for field in ("name", "statement", "source", "bound", "twin", "trusts"):
        refuses(f"{field} must be text", module.Claim, **{**parts, field: " "})
        refuses(f"{field} must be text", module.Claim, **{**parts, field: 3})
    for wrong in ({"refutes": "x"}, {"kind": "lemma"}):
        refuses("give a Kind as kind", module.Claim, **{**parts, **wrong})
    for wrong in ({"check": 1}, {"refute": 1}, {"refute": check}):
        refuses("two functions", module.Claim, **{**parts, **wrong})


GOOD, OPEN = Finding(Verdict.HOLDS, (("states", 3),)), Finding(Verdict.UNKNOWN, (), "timeout")
RUN, STEP = refuted("a run"), refuted("a step", (), Refutes.LEMMA)


def of_runner(module):
    statement = Refutes.STATEMENT
    for finding, twin, passes, fails, words in (
        (GOOD, RUN, True, False, ""),
        (GOOD, STEP, False, True, "its twin refutes a lemma of its proof, but must"),
        (GOOD, GOOD, False, True, "but is not refuted: it holds"),
        (GOOD, OPEN, False, False, "but is not refuted: timeout"),
        (RUN, RUN, False, True, "a run"),
        (OPEN, RUN, False, False, "timeout"),
        (OPEN, GOOD, False, True, "timeout"),
        (OPEN, STEP, False, True, "timeout"),
        (OPEN, OPEN, False, False, "timeout"),
    ):
        said = ("is so", "here", "all", lambda tick, it=finding: it)
        one = Claim("one", *said, "not so", lambda tick, it=twin: it, statement)
        result = module.run(one, quiet)
        assert (result.passes, result.fails) == (passes, fails)
        assert words in result.objection
        assert passes == (not result.objection)
        assert 0 <= result.seconds < 9
    for check, words in (
        (lambda tick: True, "its check returned True, not a Finding"),
        (lambda tick: 1 // 0, "its check raised ZeroDivisionError at"),
    ):
        wrong = Claim("one", "so", "here", "all", check, "not so", lambda tick: RUN, statement)
        refuses(words, module.run, wrong, quiet)

    def told(tick):
        tick("looking")
        return GOOD

    claims = [
        Claim(name, "so", "here", "all", told, "not", lambda tick: RUN, statement)
        for name in ("path-1", "path-2", "tree-1", "tree-2", "cycle")
    ]
    ticks = []
    found = list(module.run_all(claims[:2], 1, ticks.append))
    assert [each.name for each in found] == ["path-1", "path-2"]
    assert ticks == ["path-1: looking", "path-2: looking"]
    assert module.select(claims, []) == tuple(claims)
    assert module.select(claims, ["tree-1", "path-1"]) == (claims[0], claims[2])
    refuses("among these 5: path-2, path-1?", module.select, claims, ["path-3"])
    refuses("among these 5: path-1, path-2, tree-1, ...?", module.select, claims, ["zzz"])


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


A, B = z3.Consts("aa bb", NODE)

KILLS = {
    claim: of_claim,
    countermodel: of_countermodel,
    finite: of_finite,
    induction: of_induction,
    lemma: of_lemma,
    premises: of_premises,
    refuting_run: of_refuting_run,
    runner: of_runner,
    system: of_system,
    wellformed: of_wellformed,
}
ALIVE = {countermodel: 8, finite: 17, induction: 18, runner: 28}
"""Modules with survivors that nobody has looked at yet, and at most how many."""
CLOSED = [module for module in KILLS if module not in ALIVE]


def name_of(module):
    return module.__name__.rpartition(".")[2]


@pytest.mark.parametrize("module", ALIVE, ids=name_of)
def test_what_kills_mutants_holds_of_the_module(module):
    KILLS[module](module)


@pytest.mark.parametrize("module", CLOSED, ids=name_of)
def test_a_share_of_the_mutants_dies(module):
    every = sum(1 for _ in mutants(inspect.getsource(module)))
    share = slice(every // (2 * SHARE), None, every // SHARE)
    equivalent = EQUIVALENT.get(name_of(module), {})
    assert survivors(module, KILLS[module], share=share, equivalent=equivalent) == []


@pytest.mark.slow
@pytest.mark.parametrize("module", ALIVE, ids=name_of)
def test_no_more_mutants_survive_than_did(module):
    assert len(survivors(module, KILLS[module])) <= ALIVE[module]


@pytest.mark.slow
@pytest.mark.parametrize("module", CLOSED, ids=name_of)
def test_every_mutant_dies(module):
    equivalent = EQUIVALENT.get(name_of(module), {})
    assert survivors(module, KILLS[module], equivalent=equivalent) == []
