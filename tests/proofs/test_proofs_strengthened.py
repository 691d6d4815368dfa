"""No formula allows less than the protocol: a run contradicts each one that would.

A proof about a system that allows less proves nothing about the protocol. Each mutant of
:mod:`strengthened` is contradicted by a step of a run of the symbolic model, or Z3 shows that it
allows the same steps in all reachable states, or the reason why it does is written here.
"""

from dataclasses import replace
from functools import cache

import pytest
import z3
from facts import FACTS
from game_runs import (
    NAMES,
    SCRIPT,
    SITUATIONS,
    crowded,
    random_steps,
    watched,
    wild_steps,
)
from refined import SYSTEM, Refined
from strengthened import (
    GHOST,
    STATE,
    Part,
    Steps,
    changes,
    conditions,
    effects,
    follows,
    parts,
    wider,
    without_effect,
)

from agreement.explore import Verdict
from proofs.treekem.tainted import Member, Op, Secret
from ttkem.adversary import (
    STRATEGIES,
    Add,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Reject,
    SampleKey,
    StartCorrupt,
    SymbolicGame,
    Update,
)
from ttkem.verification.finite import symbols_of
from ttkem.verification.induction import induct
from ttkem.verification.system import declare, every, some

_FREE = "what a node that is not refreshed has for a fresh secret is never read, and may be any"
_OWN = "what the author has for an init key is never read, and may be its leaf secret"
_BEFORE = "what else is alive was compromised before, when the corruption showed the former state"
WRITTEN = {
    "create: premise different secrets: without refreshed?(n.1.0)": _FREE,
    "create: premise different secrets: without refreshed?(n.1.1)": _FREE,
    "create: effect on sampled: without refreshed?(n.1.0)": _FREE,
    "create: effect on leaf: always inits?(argument 1)": _OWN,
    "create: effect on edge: always inits?(m.2.0)": _OWN,
    "create: effect on alive: always inits?(author?)": _OWN,
    "create: effect on compromised: always inits?(author?)": _OWN,
    "create: effect on compromised: without And(alive(argument 0), Not(False))": _BEFORE,
    "sample init key: effect on compromised: without And(alive(argument 0), Not(False))": _BEFORE,
    "update: premise leaf apart: without refreshed?(n.1.0)": _FREE,
    "update: premise different secrets: without refreshed?(n.1.0)": _FREE,
    "update: premise different secrets: without refreshed?(n.1.1)": _FREE,
    "update: effect on sampled: without refreshed?(n.1.0)": _FREE,
    "update: effect on compromised: without And(alive(argument 0), Not(False))": _BEFORE,
    "update: only if root is root(base)": "an update leaves the tree as large as it was",
    "add: premise different secrets: without refreshed?(n.1.0)": _FREE,
    "add: premise different secrets: without refreshed?(n.1.1)": _FREE,
    "add: effect on sampled: without refreshed?(n.1.0)": _FREE,
    "add: effect on compromised: without And(watched?, Or(And(alive(argument 0), Not(False)), "
    "False), owner(argument 0) == author?)": _BEFORE,
    "add: effect on compromised: without And(alive(argument 0), Not(False))": _BEFORE,
    "remove: premise different secrets: without refreshed?(n.1.0)": _FREE,
    "remove: premise different secrets: without refreshed?(n.1.1)": _FREE,
    "remove: effect on sampled: without refreshed?(n.1.0)": _FREE,
    "remove: effect on compromised: without And(watched?, Or(And(alive(argument 0), Not(False)), "
    "False), owner(argument 0) == author?)": _BEFORE,
    "remove: effect on compromised: without And(alive(argument 0), Not(False))": _BEFORE,
    "remove: premise taints: without node?(n.1.0)": (
        "a node that is dropped was above the removed member only, and nobody taints its own path"
    ),
    "derive: only if init(some)": (
        "a member alone in its tree knows all, and a second member needs an init key"
    ),
    "derive: only if not known(secret)": "to derive what is known changes nothing",
}
"""Mutants that allow the same runs of the protocol, each with the reason."""

GROUP = (
    SampleKey("bob", 0),
    SampleKey("cat", 1),
    SampleKey("cat", 2),
    Create("ann", 0, (0,)),
    Confirm(0),
    Deliver(0, "bob"),
)
NAMED = {
    "adds only with unused init keys": (
        "add",
        lambda s, c: s.unused(c.target, c.init),
        (*GROUP, EraseKeys("cat"), Add("ann", 1, 1)),
    ),
    "creates only with unused init keys": (
        "create",
        lambda s, c: every(
            (Member,),
            lambda m: z3.Implies(z3.And(c.joins(m), m != c.author), s.unused(m, c.inits(m))),
        ),
        (SampleKey("bob", 0), EraseKeys("bob"), Create("ann", 0, (0,))),
    ),
    "creates only with nothing pending": (
        "create",
        lambda s, c: every((Op,), lambda q: z3.Not(s.pending(c.author, q))),
        (Create("ann", 0, ()), Create("ann", 1, ())),
    ),
    "joins only with nothing pending": (
        "join",
        lambda s, c: every((Op,), lambda q: z3.Not(s.pending(c.who, q))),
        (*GROUP, Create("cat", 1, ()), Add("ann", 2, 1), Deliver(2, "cat")),
    ),
    "corruptions only in a group": (
        "corrupt",
        lambda s, c: some((Op,), lambda q: s.at(c.who, q)),
        (StartCorrupt("ann"), SampleKey("ann", 0)),
    ),
    "joins only while nothing follows": (
        "join",
        lambda s, c: every((Op,), lambda q: z3.Not(s.parent(q, c.op))),
        (*GROUP, Add("ann", 1, 1), Confirm(1), Update("ann", 2), Deliver(1, "cat")),
    ),
    "rejects only in a group": (
        "reject",
        lambda s, c: some((Op,), lambda q: s.at(c.who, q)),
        (Create("ann", 0, ()), Reject(0)),
    ),
    "processes only with nothing pending": (
        "process",
        lambda s, c: every((Op,), lambda q: z3.Not(s.pending(c.who, q))),
        (*GROUP, Update("ann", 1), Update("bob", 2), Deliver(1, "bob")),
    ),
    "confirms only if nobody else made anything on the same view": (
        "confirm",
        lambda s, c: every(
            (Op, Op),
            lambda q, p: z3.Implies(z3.And(s.parent(c.op, p), s.parent(q, p)), q == c.op),
        ),
        (*GROUP, Update("ann", 1), Update("bob", 2), Confirm(1)),
    ),
    "erases only if an init key is unused": (
        "erase init keys",
        lambda s, c: some((Secret,), lambda x: s.unused(c.who, x)),
        (EraseKeys("ann"),),
    ),
}
"""Ways to allow less, each with a run of which it forbids a step."""


def refined(names, steps):
    run = Refined(SymbolicGame(names), steps)
    assert run.failures()[0] == []
    return run.observed


def plain(names, steps):
    return names, steps


def observed(strategies, games, kinds):
    """Return steps of scripted runs, as they are or changed, of strategies and of wild games."""
    found = refined(NAMES, SCRIPT)
    for steps in (*SITUATIONS.values(), *(steps for _, _, steps in NAMED.values())):
        for change in kinds:
            found += refined(*change(NAMES, steps))
    for strategy in sorted(STRATEGIES):
        for seed in range(1, strategies + 1):
            run = random_steps(strategy, seed, 3 + 2 * seed, 60)
            found += refined(*(run if seed < 3 else crowded(*run)))
    for seed in range(games):
        length = (50, 90, 120)[seed // 2 % 3]
        found += refined(*wild_steps(seed, 3 + seed // 2 % 4, length))
    return Steps(found)


@cache
def few():
    return observed(strategies=0, games=6, kinds=(plain,))


@cache
def many():
    return observed(strategies=3, games=100, kinds=(plain, crowded, watched))


@pytest.mark.parametrize("name", NAMED)
def test_a_run_contradicts_each_way_to_allow_less(name):
    transition, condition, steps = NAMED[name]
    chosen = declare(SYSTEM.transitions[transition].chooses, "?")
    run = Steps(refined(NAMES, steps))
    assert list(run.contradicting(transition, condition(STATE, chosen)))


def test_a_run_contradicts_watching_that_compromises_later_keys():
    steps = (
        *GROUP,
        StartCorrupt("ann"),
        Update("ann", 1),
        EndCorrupt("ann"),
        Confirm(1),
        Update("ann", 2),
    )
    (later,) = (
        part
        for part in wider("update")
        if part.name == "effect on compromised: also not sampled yet if watched"
    )
    run = Steps(refined(NAMES, steps))
    assert list(run.contradicting("update", later.formula))
    assert not list(run.contradicting("update", later.true))


def alive(transition, mutants, steps):
    """Return the mutants that no step contradicts, and that are not equivalent."""
    for mutant in mutants:
        if next(steps.contradicting(transition, mutant.formula), None) is not None:
            continue
        true = mutant.true if isinstance(mutant, Part) else z3.BoolVal(val=True)
        if follows(transition, z3.Implies(true, mutant.formula)):
            continue
        if str(mutant) not in WRITTEN and mutant.name not in SEEN_BEFORE:
            yield str(mutant)


SEEN_BEFORE = {
    f"effect on compromised: also {text} if watched": _BEFORE for text in ("unused", "alive")
}
"""Mutants of several transitions that allow the same runs."""


_LOOKED = "whose randomness is watched was looked at before, so that its leaf secret is known"
_ALONE = "a creator that taints something has others below other nodes, which need init keys"


_INHERITED = (
    "an update taints nodes only where some are tainted: its author's, or others' as before"
)
_AFTER_A_LOOK = {
    f"{relation}({secret})": _LOOKED
    for relation in ("known", "compromised")
    for secret in ("leaf(base, author)", "some")
}
_SMALL = (
    "without taints the tree has two leaves, and the author is alone after a remove: it taints "
    "nothing and sends nothing"
)
EFFECTS = {
    ("remove", "taint"): {"taint(some, some, some)": _SMALL},
    ("remove", "edge"): {"taint(some, some, some)": _SMALL},
    **{
        (transition, name): _AFTER_A_LOOK
        for transition in ("update", "add", "remove")
        for name in ("known", "compromised")
    },
    ("create", "taint"): {"init(some)": _ALONE, "sampled(some)": _ALONE},
    ("update", "taint"): {
        "taint(base, some, some)": _INHERITED,
        "taint(some, some, some)": _INHERITED,
        "init(some)": _ALONE,
    },
}
"""Conditions under which an effect takes place, or is none, in the protocol."""


def restricted(transition, steps):
    """Yield the effects that could be left out, unless a condition holds, without notice."""
    for condition in conditions(transition):
        left = set(effects(transition))
        for step in steps.contradicting(transition, condition.formula):
            left = {name for name in left if not changes(step, name)}
            if not left:
                break
        for name in sorted(left):
            if _reason(condition, name) is None and not follows(
                transition, without_effect(transition, condition.formula, name)
            ):
                yield f"effect on {name}: {condition}"


def _reason(condition, name):
    """Return why an effect under a condition is the same effect in the protocol, if that is so."""
    if str(condition) in WRITTEN:
        return WRITTEN[str(condition)]
    if name == "compromised" and condition.transition in {"add", "remove"}:
        return _BEFORE
    return EFFECTS.get((condition.transition, name), {}).get(condition.name)


@pytest.mark.slow
@pytest.mark.parametrize("transition", SYSTEM.transitions)
def test_no_effect_takes_place_too_seldom(transition):
    assert list(restricted(transition, many())) == []


def everything(transition):
    return (*conditions(transition), *parts(transition), *wider(transition))


@pytest.mark.parametrize("step", [160, pytest.param(40, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("transition", SYSTEM.transitions)
def test_no_way_to_allow_less_is_left_in_a_share(transition, step):
    assert list(alive(transition, everything(transition)[6::step], few())) == []


@pytest.mark.slow
@pytest.mark.parametrize("transition", SYSTEM.transitions)
def test_no_way_to_allow_less_is_left(transition):
    assert list(alive(transition, everything(transition), many())) == []


@pytest.mark.slow
def test_what_shows_equivalence_is_inductive():
    """The facts by which Z3 shows that mutants are equivalent hold in all reachable states."""
    true = SYSTEM
    both = replace(true, invariants=lambda s: {**true.invariants(s), **FACTS(s)}, properties=FACTS)
    finding = induct(both, lambda _: None)
    assert finding.verdict is Verdict.HOLDS, finding.shown


@pytest.mark.slow
def test_written_reasons_are_of_mutants():
    names = {str(mutant) for step in SYSTEM.transitions for mutant in everything(step)}
    assert WRITTEN.keys() <= names


def test_the_ghost_of_the_proof_is_read_nowhere():
    """So an effect on it can allow nothing less: no premise and no property speaks of it."""
    read = list(SYSTEM.properties(STATE).values())
    for transition in SYSTEM.transitions.values():
        read += transition.when(STATE, declare(transition.chooses, "?")).values()
    assert GHOST not in {str(symbol) for formula in read for symbol in symbols_of(formula)}
