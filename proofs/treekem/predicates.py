"""The rules of Tainted TreeKEM, each a small predicate (KPWK21; specification T3 to T5).

A reviewer has to trust `RULES`, field by field, and the transitions that are built from it in
:mod:`proofs.treekem.operations` and :mod:`proofs.treekem.rules`; these have no switches. Mutants
replace single fields (:mod:`proofs.treekem.mutants`).

In all predicates ``s`` is the state before a step, ``c`` is what the step chooses, and ``view`` is
the group's view after the membership change of an operation and before its refresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from z3 import And, BoolRef, If, Implies, Not, Or

from proofs.treekem.tainted import Member, Node, at_or_below
from ttkem.verification.system import every, some

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.verification.system import Symbols

__all__ = ["RULES", "OperationRules", "Rules", "View", "newest_key"]


@dataclass(frozen=True, slots=True)
class View:
    """The view after a membership change, before the refresh: functions of a member or a node."""

    member: Callable[[Any], BoolRef]
    node: Callable[[Any], BoolRef]
    under: Callable[[Any, Any], BoolRef]
    leaf: Callable[[Any], Any]
    key: Callable[[Any], Any]
    taint: Callable[[Any, Any], BoolRef]


Premise: TypeAlias = "Callable[[Symbols, Symbols, View], BoolRef]"
Relation: TypeAlias = "Callable[[Symbols, Symbols, Any, Any], BoolRef]"


def update_refreshes_path(s: Symbols, c: Symbols, view: View) -> BoolRef:
    """Require that an update refreshes the path of its author (T3)."""
    return every(
        (Node,),
        lambda v: Implies(And(s.under(c.base, c.author, v), view.node(v)), c.refreshed(v)),
    )


def update_refreshes_taints(s: Symbols, c: Symbols, view: View) -> BoolRef:
    """Require that an update refreshes every node that its author taints (T3)."""
    return every(
        (Node,),
        lambda v: Implies(And(s.taint(c.base, v, c.author), view.node(v)), c.refreshed(v)),
    )


def add_refreshes_path(s: Symbols, c: Symbols, view: View) -> BoolRef:
    """Require that an add refreshes the path of the new member (T3)."""
    del s, view
    return every((Node,), lambda v: Implies(c.under(c.target, v), c.refreshed(v)))


def remove_refreshes_path(s: Symbols, c: Symbols, view: View) -> BoolRef:
    """Require that a remove refreshes what is left of the removed member's path (T3)."""
    return every(
        (Node,),
        lambda v: Implies(And(s.under(c.base, c.target, v), view.node(v)), c.refreshed(v)),
    )


def remove_refreshes_taints(s: Symbols, c: Symbols, view: View) -> BoolRef:
    """Require that a remove refreshes every node that the removed member taints (T3)."""
    return every(
        (Node,),
        lambda v: Implies(And(s.taint(c.base, v, c.target), view.node(v)), c.refreshed(v)),
    )


def refreshed_upwards(s: Symbols, c: Symbols, view: View) -> BoolRef:
    """Require that the refreshed set contains all ancestors of its nodes: ``up`` (T3)."""
    del s
    return every(
        (Node, Node),
        lambda u, v: Implies(And(c.refreshed(u), at_or_below(u, v), view.node(v)), c.refreshed(v)),
    )


def fresh_secrets(s: Symbols, c: Symbols, view: View) -> BoolRef:
    """Require that no secret of a refreshed node has been sampled before (T2)."""
    del view
    return every((Node,), lambda v: Implies(c.refreshed(v), Not(s.sampled(c.fresh(v)))))


def update_leaf(s: Symbols, c: Symbols, m: Any) -> Any:
    """Return the leaf secret of a member after an update: the author's is fresh (T3)."""
    return If(m == c.author, c.leaf, s.leaf(c.base, m))


def update_samples_leaf(c: Symbols, x: Any) -> BoolRef:
    """Return whether a secret is the leaf secret that an update samples (T3)."""
    return x == c.leaf


def author_taints_off_path(c: Symbols, view: View, v: Any, m: Any) -> BoolRef:
    """Return whether a member taints a refreshed node: the author, off its path (T3)."""
    return And(m == c.author, Not(view.under(c.author, v)))


def newest_key(c: Symbols, view: View, v: Any) -> Any:
    """Return the key of a node after the operation: fresh if it is refreshed (T4)."""
    return If(c.refreshed(v), c.fresh(v), view.key(v))


def leaf_below_opens(s: Symbols, c: Symbols, view: View, x: Any, v: Any) -> BoolRef:
    """Return whether a secret is the leaf secret of a member below a refreshed node (T4)."""
    del s, c
    return some((Member,), lambda m: And(view.under(m, v), x == view.leaf(m)))


def same_history(s: Symbols, c: Symbols) -> BoolRef:
    """Require that the operation was made on the operation that the member is at (T5)."""
    return s.parent(c.op, c.base)


def all_pending_erased(s: Symbols, c: Symbols, m: Any, q: Any) -> BoolRef:
    """Return whether an operation stays pending; the member's step erases all of its own (T5)."""
    return And(s.pending(m, q), m != c.who)


def one_pending_erased(s: Symbols, c: Symbols, m: Any, q: Any) -> BoolRef:
    """Return whether an operation stays pending after a reject: all but the rejected one (T5)."""
    return And(s.pending(m, q), Or(m != c.who, q != c.op))


def group_erased(s: Symbols, c: Symbols, m: Any, q: Any) -> BoolRef:
    """Return whether a member is at an operation after a removal; the removed at none (T5, T6)."""
    return And(s.at(m, q), m != c.who)


def used_init_secret_erased(s: Symbols, c: Symbols, m: Any, x: Any) -> BoolRef:
    """Return whether an init secret stays unused after joining: all but the used one (T5)."""
    return And(s.unused(m, x), Or(m != c.who, x != s.leaf(c.op, c.who)))


def init_secrets_erased(s: Symbols, c: Symbols, m: Any, x: Any) -> BoolRef:
    """Return whether an init secret stays unused when a member erases its own (T5)."""
    return And(s.unused(m, x), m != c.who)


@dataclass(frozen=True, slots=True)
class OperationRules:
    """The rules for the refreshed nodes of one kind of operation."""

    taints: Callable[[Symbols, View, Any, Any], BoolRef] = author_taints_off_path
    """The condition under which a member taints a refreshed node afterwards."""
    key_for_child: Callable[[Symbols, View, Any], Any] = newest_key
    """The key of a lower node under which a seed is sent to it."""
    leaf_opens: Callable[[Symbols, Symbols, View, Any, Any], BoolRef] = leaf_below_opens
    """The condition under which a seed is sent under a leaf secret."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules, each as a predicate; the defaults are the protocol's."""

    create: OperationRules = OperationRules()
    update: OperationRules = OperationRules()
    add: OperationRules = OperationRules()
    remove: OperationRules = OperationRules()

    update_refreshes_path: Premise = update_refreshes_path
    update_refreshes_taints: Premise = update_refreshes_taints
    add_refreshes_path: Premise = add_refreshes_path
    remove_refreshes_path: Premise = remove_refreshes_path
    remove_refreshes_taints: Premise = remove_refreshes_taints
    refreshed_upwards: Premise = refreshed_upwards
    fresh_secrets: Premise = fresh_secrets

    update_leaf: Callable[[Symbols, Symbols, Any], Any] = update_leaf
    update_samples_leaf: Callable[[Symbols, Any], BoolRef] = update_samples_leaf

    same_history: Callable[[Symbols, Symbols], BoolRef] = same_history
    pending_after_confirm: Relation = all_pending_erased
    pending_after_reject: Relation = one_pending_erased
    pending_after_process: Relation = all_pending_erased
    pending_after_join: Relation = all_pending_erased
    pending_after_removal: Relation = all_pending_erased
    at_after_removal: Relation = group_erased
    unused_after_join: Relation = used_init_secret_erased
    unused_after_erasure: Relation = init_secrets_erased


RULES = Rules()
"""The protocol's rules."""
