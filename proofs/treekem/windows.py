"""The critical windows in formulas: lives of leaf secrets (specification T6).

A leaf secret is alive from when it is sampled until its owner erases the last copy. For each kind
of step this module states which lives it begins and ends, from where members are, what they have
pending and which init keys are unused. Tests compare this with :mod:`ttkem.adversary.windows`.

In all predicates ``s`` is the state before a step, ``c`` is what the step chooses, ``then`` is the
state after it, and ``x`` is a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from z3 import And, BoolRef, BoolVal, Implies, Not, Or

from proofs.treekem.clauses import named_clauses
from proofs.treekem.tainted import Member, Op, Secret
from ttkem.verification.system import every, some

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.verification.system import Symbols

__all__ = ["LIVES", "WINDOWS", "Life", "Windows", "alive_after"]


def never_begins(s: Symbols, c: Symbols, then: Symbols, x: Any) -> BoolRef:
    """Begin no life."""
    del s, c, then, x
    return BoolVal(val=False)


def never_ends(s: Symbols, c: Symbols, x: Any) -> BoolRef:
    """End no life."""
    del s, c, x
    return BoolVal(val=False)


def begins_with_init_key(s: Symbols, c: Symbols, then: Symbols, x: Any) -> BoolRef:
    """Begin the life of an init secret where it is sampled, which may be long before the add."""
    del s, then
    return x == c.secret


def begins_with_operation(s: Symbols, c: Symbols, then: Symbols, x: Any) -> BoolRef:
    """Begin the life of an author's fresh leaf secret where the operation is generated."""
    del s
    return x == then.leaf(c.op, c.author)


def sampled_by(s: Symbols, c: Symbols, x: Any, q: Any) -> BoolRef:
    """Return whether a secret is the leaf secret that the member's operation sampled."""
    return And(s.renews(q), x == s.leaf(q, c.who))


def ends_with_erasure(s: Symbols, c: Symbols, x: Any) -> BoolRef:
    """End the lives of a member's unused init secrets where it erases them."""
    return s.unused(c.who, x)


def ends_with_reject(s: Symbols, c: Symbols, x: Any) -> BoolRef:
    """End the life of a leaf secret that a rejected operation sampled."""
    return sampled_by(s, c, x, c.op)


def ends_with_move(s: Symbols, c: Symbols, x: Any) -> BoolRef:
    """End the lives of what a member erases when it goes to ``c.op``.

    These are the leaf secrets of all other pending operations, and the leaf secret that it has had
    unless it keeps that one.
    """
    dropped = some((Op,), lambda q: And(s.pending(c.who, q), q != c.op, sampled_by(s, c, x, q)))
    before = some((Op,), lambda q: And(s.at(c.who, q), x == s.leaf(q, c.who)))
    return Or(dropped, And(before, Not(And(s.member(c.op, c.who), x == s.leaf(c.op, c.who)))))


@dataclass(frozen=True, slots=True)
class Life:
    """The lives of secrets that one kind of step begins and ends; by default none."""

    begins: Callable[[Symbols, Symbols, Symbols, Any], BoolRef] = never_begins
    ends: Callable[[Symbols, Symbols, Any], BoolRef] = never_ends


@dataclass(frozen=True, slots=True)
class Windows:
    """The rules for each kind of step, each named after it; the defaults are the protocol's."""

    sample_init_key: Life = Life(begins=begins_with_init_key)
    erase_init_keys: Life = Life(ends=ends_with_erasure)
    create: Life = Life(begins=begins_with_operation)
    update: Life = Life(begins=begins_with_operation)
    add: Life = Life()
    remove: Life = Life()
    confirm: Life = Life(ends=ends_with_move)
    reject: Life = Life(ends=ends_with_reject)
    process: Life = Life(ends=ends_with_move)
    process_own_removal: Life = Life(ends=ends_with_move)
    join: Life = Life(ends=ends_with_move)


WINDOWS = Windows()
"""The windows of specification T6."""


def alive_after(
    windows: Windows, step: str, s: Symbols, c: Symbols, then: Symbols
) -> Callable[[Any], BoolRef]:
    """Return which leaf secrets are alive after a step."""
    life: Life = getattr(windows, step.replace(" ", "_"))
    return lambda x: Or(And(s.alive(x), Not(life.ends(s, c, x))), life.begins(s, c, then, x))


def the_leaf_stays_if_nothing_renews_it(s: Symbols) -> BoolRef:
    """State that only its own operation renews a member's leaf secret from parent to child."""
    return every(
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
    )


def a_renewed_leaf_is_of_one_operation(s: Symbols) -> BoolRef:
    """State that no two operations sample the same leaf secret."""
    return every(
        (Op, Op),
        lambda q, p: Implies(
            And(s.renews(q), s.renews(p), s.leaf(q, s.author(q)) == s.leaf(p, s.author(p))),
            q == p,
        ),
    )


def a_renewed_leaf_is_another_than_before(s: Symbols) -> BoolRef:
    """State that an operation that renews its author's leaf changes the leaf's secret."""
    return every(
        (Op, Op),
        lambda q, p: Implies(
            And(s.parent(q, p), s.renews(q)), s.leaf(q, s.author(q)) != s.leaf(p, s.author(q))
        ),
    )


def a_renewed_leaf_is_no_init_secret(s: Symbols) -> BoolRef:
    """State that an operation that renews its author's leaf does not use an init secret for it."""
    return every((Op,), lambda q: Implies(s.renews(q), Not(s.init(s.leaf(q, s.author(q))))))


def what_has_no_parent_renews(s: Symbols) -> BoolRef:
    """State that a pending operation without a parent, a create, renews its author's leaf."""
    return every(
        (Member, Op),
        lambda m, q: Implies(
            s.pending(m, q), Or(s.renews(q), some((Op,), lambda p: s.parent(q, p)))
        ),
    )


def a_used_init_secret_is_not_unused(s: Symbols) -> BoolRef:
    """State that no leaf secret of a member, current or pending, is an unused init secret."""
    return every(
        (Member, Op),
        lambda m, q: Implies(Or(s.at(m, q), s.pending(m, q)), Not(s.unused(m, s.leaf(q, m)))),
    )


def held_leaf_secrets_are_alive(s: Symbols) -> BoolRef:
    """State that the current leaf secret of a member is alive."""
    return every((Member, Op), lambda m, q: Implies(s.at(m, q), s.alive(s.leaf(q, m))))


def pending_leaf_secrets_are_alive(s: Symbols) -> BoolRef:
    """State that the leaf secret of a member in each pending operation is alive."""
    return every((Member, Op), lambda m, q: Implies(s.pending(m, q), s.alive(s.leaf(q, m))))


def unused_init_secrets_are_alive(s: Symbols) -> BoolRef:
    """State that init secrets that a member has not used yet are alive."""
    return every((Member, Secret), lambda m, x: Implies(s.unused(m, x), s.alive(x)))


LIVES = named_clauses(
    the_leaf_stays_if_nothing_renews_it,
    a_renewed_leaf_is_of_one_operation,
    a_renewed_leaf_is_another_than_before,
    a_renewed_leaf_is_no_init_secret,
    what_has_no_parent_renews,
    a_used_init_secret_is_not_unused,
    held_leaf_secrets_are_alive,
    pending_leaf_secrets_are_alive,
    unused_init_secrets_are_alive,
)
"""The invariant: held secrets are alive, and a renewed leaf secret is used nowhere else."""
