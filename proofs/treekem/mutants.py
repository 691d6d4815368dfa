"""Mutants of the proofs' rules, one rule each: for negative twins and for tests.

No module that a proof trusts imports this one. A mutant has the name of the seeded bug of the code
where there is such a bug.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from z3 import And, BoolRef, BoolVal, If, Not, Or

from proofs.treekem.predicates import RULES, OperationRules, Rules, View
from proofs.treekem.reading import READING
from proofs.treekem.tainted import Member, Op
from proofs.treekem.transcripts import HISTORIES, hashed
from proofs.treekem.windows import WINDOWS, Life
from ttkem.verification.system import every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proofs.treekem.reading import ReadingRules
    from proofs.treekem.transcripts import HistoryRules
    from proofs.treekem.windows import Windows
    from ttkem.verification.system import Symbols

__all__ = ["HISTORY_MUTANTS", "MUTANTS", "READING_MUTANTS", "WINDOW_MUTANTS"]


def _true(*of: Any) -> BoolRef:
    """Require nothing."""
    del of
    return BoolVal(val=True)


def _false(*of: Any) -> BoolRef:
    """Hold of nothing."""
    del of
    return BoolVal(val=False)


def _former_tainter_stays(c: Symbols, view: View, v: Any, m: Any) -> BoolRef:
    tainted = some((Member,), lambda other: view.taint(v, other))
    off_path = Not(view.under(c.author, v))
    return And(off_path, If(tainted, view.taint(v, m), m == c.author))


def _former_key(c: Symbols, view: View, v: Any) -> Any:
    del c
    return view.key(v)


def _former_leaf_opens(s: Symbols, c: Symbols, view: View, x: Any, v: Any) -> BoolRef:
    del view
    return some((Member,), lambda m: And(s.under(c.base, m, v), x == s.leaf(c.base, m)))


def _pending_stays(s: Symbols, c: Symbols, m: Any, q: Any) -> BoolRef:
    del c
    return s.pending(m, q)


def _others_stay_pending(s: Symbols, c: Symbols, m: Any, q: Any) -> BoolRef:
    return And(s.pending(m, q), Or(m != c.who, q != c.op))


def _group_stays(s: Symbols, c: Symbols, m: Any, q: Any) -> BoolRef:
    del c
    return s.at(m, q)


def _init_secrets_stay(s: Symbols, c: Symbols, m: Any, x: Any) -> BoolRef:
    del c
    return s.unused(m, x)


def _former_leaf(s: Symbols, c: Symbols, m: Any) -> Any:
    return s.leaf(c.base, m)


def _in_operations(change: Callable[[OperationRules], OperationRules], *kinds: str) -> Rules:
    """Change what becomes of refreshed nodes in operations of these kinds."""
    changed: dict[str, Any] = {kind: change(getattr(RULES, kind)) for kind in kinds}
    return replace(RULES, **changed)


def _untainted(*kinds: str) -> Rules:
    return _in_operations(lambda rules: replace(rules, taints=_false), *kinds)


_ALL = ("create", "update", "add", "remove")

MUTANTS: Mapping[str, Rules] = {
    "an update does not re-key what its author taints": replace(
        RULES, update_refreshes_taints=_true
    ),
    "a remove does not re-key what the removed one taints": replace(
        RULES, remove_refreshes_taints=_true
    ),
    "a remove does not re-key the path of the removed one": replace(
        RULES, remove_refreshes_path=_true
    ),
    "an add does not re-key the path of the new member": replace(RULES, add_refreshes_path=_true),
    "what is above a tainted node is not re-keyed": replace(RULES, refreshed_upwards=_true),
    "nobody taints anything": _untainted(*_ALL),
    "a creator taints nothing": _untainted("create"),
    "whoever adds taints nothing": _untainted("add"),
    "whoever removes taints nothing": _untainted("remove"),
    "an update clears its author's taints": _untainted("update"),
    "the former tainter stays": _in_operations(
        lambda rules: replace(rules, taints=_former_tainter_stays), *_ALL
    ),
    "an update leaves the author's leaf as it was": replace(
        RULES, update_leaf=_former_leaf, update_samples_leaf=_false
    ),
    "ciphertexts go to the keys from before": _in_operations(
        lambda rules: replace(rules, key_for_child=_former_key), *_ALL
    ),
    "ciphertexts go to the removed member": _in_operations(
        lambda rules: replace(rules, leaf_opens=_former_leaf_opens), "update", "add", "remove"
    ),
    "confirm keeps the other pending operations": replace(
        RULES, pending_after_confirm=_others_stay_pending
    ),
    "processing a message keeps what is pending": replace(
        RULES, pending_after_process=_pending_stays
    ),
    "a join keeps what is pending": replace(RULES, pending_after_join=_pending_stays),
    "reject does nothing": replace(RULES, pending_after_reject=_pending_stays),
    "neither epoch nor transcript is compared": replace(RULES, same_history=_true),
    "a removed member keeps the group": replace(RULES, at_after_removal=_group_stays),
    "a removed member keeps pending operations": replace(
        RULES, pending_after_removal=_pending_stays
    ),
    "an init secret stays after joining": replace(RULES, unused_after_join=_init_secrets_stay),
    "discarding key packages does nothing": replace(RULES, unused_after_erasure=_init_secrets_stay),
    "randomness is not drawn": replace(RULES, fresh_secrets=_true),
}
"""Mutants of the rules of Tainted TreeKEM."""


def _begins_at_confirm(s: Symbols, c: Symbols, then: Symbols, x: Any) -> BoolRef:
    del then
    return x == s.leaf(c.op, c.who)


def _begins_at_add(s: Symbols, c: Symbols, then: Symbols, x: Any) -> BoolRef:
    del s, then
    return x == c.init


def _ends_where_made(s: Symbols, c: Symbols, x: Any) -> BoolRef:
    return x == s.leaf(c.base, c.author)


WINDOW_MUTANTS: Mapping[str, Windows] = {
    "a window begins where the update is confirmed": replace(
        WINDOWS,
        update=replace(WINDOWS.update, begins=_false),
        confirm=replace(WINDOWS.confirm, begins=_begins_at_confirm),
    ),
    "a window ends where the next update is made": replace(
        WINDOWS, update=replace(WINDOWS.update, ends=_ends_where_made)
    ),
    "a joiner's window begins at the add": replace(
        WINDOWS, sample_init_key=Life(), add=Life(begins=_begins_at_add)
    ),
    "an add ends its author's window": replace(WINDOWS, add=Life(ends=_ends_where_made)),
}
"""Mutants of the critical windows."""


def _former_lock(s: Symbols, c: Symbols, u: Any) -> Any:
    return s.key(c.base, u)


def _former_places_kept(s: Symbols, c: Symbols, v: Any, x: Any) -> BoolRef:
    return Or(s.got(c.who, v, x), s.holds(c.who, v, x))


READING_MUTANTS: Mapping[str, ReadingRules] = {
    "ciphertexts go to the keys from before": replace(READING, lock=_former_lock),
    "every node of a chain has its own uniform seed": replace(READING, chains=_true),
    "secrets of former places are kept": replace(READING, held_after_finish=_former_places_kept),
    "an add does not re-key the path of the new member": replace(
        READING, new_paths_refreshed=_true
    ),
    "an operation refreshes others' leaves": replace(READING, others_leaves_kept=_true),
    "neither epoch nor transcript is compared": replace(READING, same_history=_true),
}
"""Mutants of the rules by which members read."""


def _all_hashes_equal() -> BoolRef:
    return every((Op, Op), lambda q, p: hashed(q) == hashed(p))


HISTORY_MUTANTS: Mapping[str, HistoryRules] = {
    "neither epoch nor transcript is compared": replace(HISTORIES, same_transcript=_true),
    "the transcript hash never changes": replace(HISTORIES, hashes=_all_hashes_equal),
}
"""Mutants of the rules of histories."""
