"""Tainted TreeKEM: a safe key cannot be derived, for every number of members, operations and forks.

Statement (KPWK21: the safe predicate; specification T6): let the adversary make any steps in any
order, show members different operations, corrupt any members at any times, and derive all that it
can. If it knows the secret of a node of the view that results from an operation, of the root above
all, which stands for the group key, then it has corrupted a member of that view while that member's
leaf secret of that view was alive. So if every member is safe, the key is not derivable.

A corruption from one moment to another shows the state at its beginning, and from then on the
randomness of every step and the state after it. So it is as good as single moments: *corrupt* shows
one state, *watched* one use of randomness. Both burn every leaf secret of the member that is alive
just then. Lives follow the windows' rules (`_windows`): from each step, and from where members are,
what they have pending and which init keys are unused. That states hold a leaf secret only while it
is alive is a part of what is proved.

`known` grows with one edge at a time: it is a part of the closure in every state, and every member
of the closure is in it in some state.

The idea: every known secret has a guard that is burned (:mod:`proofs.treekem.guarding`). It is so
for what a state shows, since the member's own leaf secret guards it and is alive; for watched
randomness, since the author is below a node or taints it; and an edge keeps all guards. But guards
of a key of a view are leaf secrets of members of that view.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.guarding import guarding, places, structure
from proofs.treekem.operations import OPERATIONS, RENEWALS
from proofs.treekem.rules import DERIVE, observed, rules, samples
from proofs.treekem.tainted import AXIOMS, STATE, Member, Node, Op, Secret, owner, shows, start
from proofs.treekem.witnesses import TRACES
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.refuting_run import refuting_run
from ttkem.verification.system import System, Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["BROKEN_WINDOWS", "CLAIM", "system"]

_TRUTH = z3.BoolSort()
BROKEN_WINDOWS = (
    "a window begins where the update is confirmed",
    "a window ends where the next update is made",
    "a joiner's window begins at the add",
    "an add ends its author's window",
)
"""Rules of the windows that can be broken."""
_STATE = {**STATE, "alive": (Secret, _TRUTH), "known": (Secret, _TRUTH), "burned": (Secret, _TRUTH)}


def _windows(
    name: str, s: Symbols, c: Symbols, then: Symbols, broken: str = ""
) -> Mapping[str, Any]:
    """Lives of leaf secrets, told from steps and states (section 6; ttkem.adversary.windows)."""
    late = "a window begins where the update is confirmed"
    early = {
        "a window ends where the next update is made": "update",
        "an add ends its author's window": "add",
    }

    def sampled_by(x: Any, q: Any) -> z3.BoolRef:
        return And(s.renews(q), x == s.leaf(q, c.who))

    def ends(x: Any) -> z3.BoolRef:
        """The member goes to ``c.op``: all else that it held is erased."""
        dropped = some((Op,), lambda q: And(s.pending(c.who, q), q != c.op, sampled_by(x, q)))
        before = some((Op,), lambda q: And(s.at(c.who, q), x == s.leaf(q, c.who)))
        return Or(dropped, And(before, Not(And(s.member(c.op, c.who), x == s.leaf(c.op, c.who)))))

    def begins(x: Any) -> z3.BoolRef:
        joining = "add" if broken == "a joiner's window begins at the add" else "sample init key"
        if name == joining:
            return x == (c.init if joining == "add" else c.secret)
        if name in RENEWALS and not (name == "update" and broken == late):
            return x == then.leaf(c.op, c.author)
        if name == "confirm" and broken == late:
            return x == s.leaf(c.op, c.who)
        return z3.BoolVal(val=False)

    def alive(x: Any) -> z3.BoolRef:
        if name == "sample init key" or name in OPERATIONS:
            ended = early.get(broken) == name and x == s.leaf(c.base, c.author)
            return Or(And(s.alive(x), Not(ended)), begins(x))
        if name == "erase init keys":
            return And(s.alive(x), Not(s.unused(c.who, x)))
        gone = sampled_by(x, c.op) if name == "reject" else ends(x)
        return Or(And(s.alive(x), Not(gone)), begins(x))

    return {"alive": alive}


def _lives(s: Symbols) -> Formulas:
    """What members hold is alive; leaf secrets of updates are nobody else's, and no others."""
    return {
        "the leaf stays if nothing renews it": every(
            (Op, Op, Member),
            lambda q, p, m: Implies(
                And(
                    s.parent(q, p),
                    s.member(p, m),
                    s.member(q, m),
                    Not(And(s.renews(q), s.author(q) == m)),
                ),
                s.leaf(q, m) == s.leaf(p, m),
            ),
        ),
        "a renewed leaf is of one operation": every(
            (Op, Op),
            lambda q, p: Implies(
                And(s.renews(q), s.renews(p), s.leaf(q, s.author(q)) == s.leaf(p, s.author(p))),
                q == p,
            ),
        ),
        "a renewed leaf is another than before": every(
            (Op, Op),
            lambda q, p: Implies(
                And(s.parent(q, p), s.renews(q)), s.leaf(q, s.author(q)) != s.leaf(p, s.author(q))
            ),
        ),
        "a renewed leaf is no init secret": every(
            (Op,), lambda q: Implies(s.renews(q), Not(s.init(s.leaf(q, s.author(q)))))
        ),
        "what has no parent renews": every(
            (Member, Op),
            lambda m, q: Implies(
                s.pending(m, q), Or(s.renews(q), some((Op,), lambda p: s.parent(q, p)))
            ),
        ),
        "a used init secret is not unused": every(
            (Member, Op),
            lambda m, q: Implies(Or(s.at(m, q), s.pending(m, q)), Not(s.unused(m, s.leaf(q, m)))),
        ),
        "held leaf secrets are alive": every(
            (Member, Op), lambda m, q: Implies(s.at(m, q), s.alive(s.leaf(q, m)))
        ),
        "pending leaf secrets are alive": every(
            (Member, Op), lambda m, q: Implies(s.pending(m, q), s.alive(s.leaf(q, m)))
        ),
        "unused init secrets are alive": every(
            (Member, Secret), lambda m, x: Implies(s.unused(m, x), s.alive(x))
        ),
    }


def _watched(broken: str, name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    told = _windows(name, s, c, then, broken)
    sampled, who = samples(name, c)
    if who is None:
        return told
    alive = told["alive"]
    return {
        **told,
        "known": lambda x: Or(s.known(x), And(c.watched, sampled(x))),
        "burned": lambda x: Or(s.burned(x), And(c.watched, alive(x), owner(x) == who)),
    }


_ADVERSARY = {
    "corrupt": Transition(
        {"who": (Member,)},
        lambda s, c: {},
        lambda s, c: {
            "known": lambda x: Or(s.known(x), shows(s, c.who, x)),
            "burned": lambda x: Or(s.burned(x), And(s.alive(x), owner(x) == c.who)),
        },
    ),
    "derive": DERIVE,
}


def _invariants(s: Symbols) -> Formulas:
    burned = every(
        (Secret,),
        lambda x: Implies(s.known(x), some((Secret,), lambda y: And(s.guards(y, x), s.burned(y)))),
    )
    return {
        **structure(s),
        **places(s),
        **guarding(s),
        **_lives(s),
        "a known secret has a burned guard": burned,
    }


def _properties(s: Symbols) -> Formulas:
    def safe(q: Any) -> z3.BoolRef:
        return every((Member,), lambda m: Implies(s.member(q, m), Not(s.burned(s.leaf(q, m)))))

    return {
        "safe, so the group key is not known": every(
            (Op,),
            lambda q: Implies(And(s.made(q), safe(q)), Not(s.known(s.key(q, s.root(q))))),
        ),
        "safe, so no key is known": every(
            (Op, Node),
            lambda q, v: Implies(And(s.node(q, v), safe(q)), Not(s.known(s.key(q, v)))),
        ),
    }


def system(broken: str = "") -> System:
    """The game; with a broken rule perhaps."""
    return System(
        name="safe keys",
        state=_STATE,
        axioms=AXIOMS,
        init=lambda s: {
            **start(s),
            "nothing known": every(
                (Secret,), lambda x: Not(Or(s.known(x), s.alive(x), s.burned(x)))
            ),
        },
        transitions={
            **observed(
                rules("" if broken in BROKEN_WINDOWS else broken),
                partial(_watched, broken),
                {"watched": (_TRUTH,)},
            ),
            **_ADVERSARY,
        },
        invariants=_invariants,
        properties=_properties,
        universe={Member: 2, Node: 2, Op: 2, Secret: 5},
        witnesses=(
            *TRACES,
            ("sample init key", "create", "confirm", "join", "corrupt", "derive"),
        ),
        constants=(owner,),
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    broken = system("an update does not re-key what its author taints")
    return refuting_run(
        broken,
        ("create", "confirm", "update", "derive"),
        "safe, so the group key is not known",
        tick,
    )


CLAIM = Claim(
    name="safe-not-derivable",
    statement="TTKEM: what no corruption in a critical window shows cannot be derived",
    source="Klein et al., IEEE S&P 2021, section 4; specification T6 [D]",
    bound="every number of members, nodes, operations, forks and corruptions, every schedule",
    check=_check,
    twin="an update does not re-key what its author taints",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model; that states show their path, by "
    "claim tree-paths in a model of its own",
)
