"""The chromatic subdivision of any number of processes is a chain map: ridges cancel in pairs.

A run of one round of immediate snapshots puts the processes into a sequence of blocks, which is a
total preorder: x sees y if y is in an earlier block or in the same one. A *ridge* of a run is its
views without that of one process p. Two runs share this ridge if every x other than p sees the same
in both.

* If another process sees p, exactly one other run has the same ridge. If p is not alone in its
  block, the other run splits the block, with p first. If p is alone, the other run joins p to the
  next block. So p is alone in one of the two runs and not in the other, and everything else is
  equal: one of them has one block more.
* If no other process sees p, no other run has the ridge. Then p is alone in the last block, and the
  ridge is a run of the other processes, with one block less.

Let sd of a simplex of n processes be the sum of the views of all runs, where those with b blocks
have the sign (-1)^(n - b). In its boundary, ridges of the first kind cancel, and those of the
second kind are sd of the faces, with the signs of the faces. So boundary o sd = sd o boundary, for
every n. The chain-map argument needs this (`proofs.chain_maps` computes the sums for up to 4
processes).

Processes are uninterpreted. That there are finitely many is used once: if some block comes after
p's block, there is a next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import z3

from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from collections.abc import Callable

    Relation: TypeAlias = Callable[[z3.ExprRef, z3.ExprRef], z3.BoolRef]

PROCESS = z3.DeclareSort("Process")
P, Q, X, Y, Z = z3.Consts("p q x y z", PROCESS)
FIRST, SECOND, THIRD = (
    z3.Function(f"{name} run", PROCESS, PROCESS, z3.BoolSort())
    for name in ("first", "second", "third")
)
TRANSITIVE = "is transitive"


def run(before: z3.FuncDeclRef) -> dict[str, z3.BoolRef]:
    """Return the axioms of a run: `before`(y, x), y is before or with x, is a total preorder."""
    name = before.name()
    return {
        f"{name} is total": z3.ForAll([X, Y], z3.Or(before(X, Y), before(Y, X))),
        f"{name} {TRANSITIVE}": z3.ForAll(
            [X, Y, Z], z3.Implies(z3.And(before(X, Y), before(Y, Z)), before(X, Z))
        ),
    }


def same_ridge(one: z3.FuncDeclRef, other: z3.FuncDeclRef) -> z3.BoolRef:
    """State that all processes but p see the same in both runs."""
    return z3.ForAll([X, Y], z3.Implies(X != P, one(Y, X) == other(Y, X)))


def same(one: z3.FuncDeclRef, other: z3.FuncDeclRef) -> z3.BoolRef:
    """State that p sees the same in both runs."""
    return z3.ForAll([Y], one(Y, P) == other(Y, P))


def alone(before: Relation) -> z3.BoolRef:
    """State that p is alone in its block."""
    return z3.ForAll([Y], z3.Implies(z3.And(before(Y, P), before(P, Y)), Y == P))


def after(before: z3.FuncDeclRef, y: z3.ExprRef) -> z3.BoolRef:
    """State that y is in a block after p's."""
    return z3.Not(before(y, P))


SEEN = {"another process sees p": z3.Exists([X], z3.And(X != P, FIRST(P, X)))}
UNSEEN = {"no other process sees p": z3.ForAll([X], z3.Implies(FIRST(P, X), X == P))}
RIDGE = {"the same ridge": same_ridge(FIRST, SECOND)}


def at_most_two(runs: dict[str, z3.BoolRef]) -> Lemma:
    """Return the lemma that two of any three runs with the same ridge are equal."""
    ridges = RIDGE | {"and the third": same_ridge(FIRST, THIRD)}
    then = z3.Or(same(FIRST, SECOND), same(FIRST, THIRD), same(SECOND, THIRD))
    return Lemma("at most two", runs | ridges, then)


RUNS = run(FIRST) | run(SECOND) | run(THIRD)


def joined(y: z3.ExprRef, x: z3.ExprRef) -> z3.BoolRef:
    """State that y is before or with x once p has joined the next block, that of q."""
    return z3.If(x == P, FIRST(y, Q), FIRST(y, x))


def split(y: z3.ExprRef, x: z3.ExprRef) -> z3.BoolRef:
    """State that y is before or with x once p has its own block, just before its old one."""
    return z3.If(x == P, z3.Or(y == P, z3.Not(FIRST(P, y))), FIRST(y, x))


def another(moved: Relation, given: dict[str, z3.BoolRef], then: z3.BoolRef) -> tuple[Lemma, ...]:
    """Return the lemmas that `moved` is a run with the same ridge, and that `then` holds of it."""
    lemmas = {
        "is total": z3.Or(moved(X, Y), moved(Y, X)),
        "is transitive": z3.Implies(z3.And(moved(X, Y), moved(Y, Z)), moved(X, Z)),
        "has the same ridge": z3.Implies(X != P, FIRST(Y, X) == moved(Y, X)),
        "differs in whether p is alone": then,
    }
    kind = moved.__name__
    return tuple(Lemma(f"{kind}: {name}", given, then) for name, then in lemmas.items())


def another_if_alone() -> tuple[Lemma, ...]:
    """Return the lemmas for p alone and seen by others: p can join the next block, that of q."""
    given = run(FIRST) | SEEN | {"p is alone": alone(FIRST)}
    given["q is in the next block"] = z3.And(
        after(FIRST, Q), z3.ForAll([Z], z3.Implies(after(FIRST, Z), FIRST(Q, Z)))
    )
    return another(joined, given, z3.Not(alone(joined)))


def another_if_not() -> tuple[Lemma, ...]:
    """Return the lemmas for p in a block with others, which see p: p can have its own block."""
    given = run(FIRST) | {"p is with others": z3.Not(alone(FIRST))}
    return another(split, given, alone(split))


def on_the_boundary() -> tuple[Lemma, ...]:
    """Return the lemmas for p seen by no other: it is alone and last, and no other run agrees."""
    runs = run(FIRST) | run(SECOND) | UNSEEN
    last = z3.ForAll([X], FIRST(X, P))
    return (
        Lemma("no other run", runs | RIDGE, same(FIRST, SECOND)),
        Lemma("p is alone", runs, alone(FIRST)),
        Lemma("p is last", runs, last),
    )


def describe(model: z3.ModelRef) -> str:
    """Describe which processes of a countermodel, by number, p sees in each of the three runs."""
    processes = model.get_universe(PROCESS) or ()

    def seen(before: z3.FuncDeclRef) -> str:
        names = [
            str(y).rpartition("!")[2]
            for y in processes
            if z3.is_true(model.eval(before(y, P), model_completion=True))
        ]
        return f"{before.name()}: p sees {' '.join(sorted(names))}"

    return "; ".join(map(seen, (FIRST, SECOND, THIRD)))


LEMMAS = (
    at_most_two(RUNS),
    *another_if_alone(),
    *another_if_not(),
    *on_the_boundary(),
)


def _check(tick: Tick) -> Finding:
    return prove_all(LEMMAS, tick)


def _refute(tick: Tick) -> Finding:
    given = {name: axiom for name, axiom in RUNS.items() if not name.endswith(TRANSITIVE)}
    lemma = at_most_two(given)
    return prove_all([Lemma(lemma.name, lemma.given, lemma.then, describe)], tick)


CLAIM = Claim(
    name="subdivision-ridges",
    statement="in the chromatic subdivision of n processes, the views of all processes but p "
    "belong to two runs, one with a block more, or to one run if no other process sees p; by the "
    "sums in the file the subdivision is a chain map",
    source="agreement.solve.obstruction [D]",
    bound="by Z3: every n, run and process p; the signed sums: by the argument in the file",
    check=_check,
    twin="a process that sees q need not see all that q sees",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; that there are finitely many processes; the signed sums of the file, in which "
    "ridges cancel in pairs; runs of a round are total preorders (claim visibility)",
)
