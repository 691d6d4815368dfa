"""Coverage: which situations the runs of the suites have visited, counted from their ledgers.

The ledger of a game is public bookkeeping and the same for every protocol, so that coverage is
counted for all of them: kinds of steps, operations back to back, sizes of groups, forks, pending
operations and their ends, members who come back. For tree protocols shapes of trees count too.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from typing import TYPE_CHECKING

from ttkem.adversary import Confirm, Deliver, EraseKeys, Reject, SampleKey
from ttkem.cgka import Kind
from ttkem.testing.features import Feature
from ttkem.tree import KeyTree
from ttkem.tree.math import direct_path, is_leaf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ttkem.adversary import Game, Ledger, OperationRecord, Step
    from ttkem.testing.naming import PublicTree

__all__ = ["SITUATIONS", "TREE_SITUATIONS", "situations", "unvisited"]

SIZES = ((1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, 32), (33, None))
"""Ranges of group sizes, each within two powers of two."""
LONG = 20
"""The number of epochs of a long history."""
CHANGES = (Kind.UPDATE, Kind.ADD, Kind.REMOVE)


def _size(first: int, last: int | None) -> str:
    if last is None:
        return f"a group of {first} or more"
    return f"a group of {first}" if first == last else f"a group of {first} to {last}"


def _pair(first: Kind, second: Kind, *, same: bool) -> str:
    by = "the same member" if same else "another member"
    return f"{_verb(first)}, then {_verb(second)} by {by}"


def _verb(kind: Kind) -> str:
    return f"{'an' if kind in (Kind.ADD, Kind.UPDATE) else 'a'} {kind.name.lower()}"


_NEEDS: dict[str, tuple[Feature, ...]] = {
    "create": (),
    "update": (),
    "add": (Feature.ADD,),
    "remove": (Feature.REMOVE,),
    "reject": (Feature.REJECT,),
    "erased init keys": (Feature.DISCARD,),
    "a refused message": (),
    "a refused own message": (),
    **{
        _pair(first, second, same=same): tuple(
            Feature(kind.name.lower()) for kind in (first, second) if kind is not Kind.UPDATE
        )
        for first, second in product(CHANGES, repeat=2)
        for same in (True, False)
    },
    **{_size(first, last): () for first, last in SIZES},
    "growth past a power of two": (Feature.ADD,),
    "shrinking past a power of two": (Feature.REMOVE,),
    "a fork": (),
    "a fork of two epochs or more on each side": (),
    "pending operations of several members": (),
    "several pending operations of one member": (Feature.SEVERAL,),
    "pending dropped by confirming another": (Feature.SEVERAL,),
    "pending dropped by processing": (),
    "removed while an operation is pending": (Feature.REMOVE,),
    "a dropped operation is processed by others": (),
    "a member comes back": (Feature.ADD, Feature.REMOVE, Feature.READD),
    "a member comes back three times": (Feature.ADD, Feature.REMOVE, Feature.READD),
    "the creator is removed": (Feature.REMOVE,),
    "somebody who removed others is removed": (Feature.REMOVE,),
    "somebody who added others is removed": (Feature.ADD, Feature.REMOVE),
    "a joiner removes who added it": (Feature.ADD, Feature.REMOVE),
    "a member several epochs behind": (),
    "a joiner several epochs behind": (),
    f"a history of {LONG} epochs or more": (),
}
SITUATIONS = tuple(_NEEDS)
"""The situations that are counted for every protocol."""
TREE_SITUATIONS = (
    "a blank node",
    "a tainted node",
    "a tainted node above another",
    "nodes tainted by several members",
    "a tainter updates",
    "a tainter is removed",
    "the tree doubles while nodes are tainted",
    "the tree shrinks while nodes are tainted",
    "an empty leaf between members",
)
"""The situations that are counted for tree protocols besides."""


def situations(game: Game, trees: Mapping[int, PublicTree]) -> Counter[str]:
    """Return how often a run has visited each situation."""
    found: Counter[str] = Counter()
    found.update(_from_steps(game))
    found.update(_from_history(game.ledger))
    found.update(_from_trees(game.ledger, trees))
    return found


def unvisited(visited: Mapping[str, int], lacks: frozenset[Feature]) -> tuple[str, ...]:
    """Return the situations that were never visited, of those that the protocol's features allow.

    Shapes of trees count if any was visited: a protocol has all or none of them.
    """
    wanted = [name for name, needs in _NEEDS.items() if lacks.isdisjoint(needs)]
    if any(visited.get(name) for name in TREE_SITUATIONS):
        tainted = any(visited.get(name) for name in TREE_SITUATIONS if "taint" in name)
        wanted += [name for name in TREE_SITUATIONS if _belongs(name, tainted=tainted)]
    return tuple(name for name in wanted if not visited.get(name))


def _belongs(name: str, *, tainted: bool) -> bool:
    """Return whether a tree protocol can have a situation: taints replace blank nodes."""
    return tainted != (name == "a blank node") or name == "an empty leaf between members"


def _from_steps(game: Game) -> Iterator[str]:
    """Yield what the steps of a run show, by playing them on a ledger of their own."""
    ledger = type(game.ledger)(game.ledger.members)
    dropped: set[int] = set()
    for step, outcome in zip(game.steps, game.outcomes, strict=True):
        if not outcome.accepted:
            yield from _refused(ledger, step)
            ledger.skip()
            continue
        if ledger.objection(step) is not None:
            return  # a step that had to be refused was accepted: the run is over
        yield from _of_pending(ledger, step, dropped)
        ledger.record(step)


def _refused(ledger: Ledger, step: Step) -> Iterator[str]:
    if isinstance(step, Deliver) and ledger.misuse(step) is None:
        own = ledger.made[step.op].author == step.to
        yield "a refused own message" if own else "a refused message"


def _of_pending(ledger: Ledger, step: Step, dropped: set[int]) -> Iterator[str]:
    """Yield what happens to pending operations in a step that is accepted."""
    match step:
        case Reject():
            yield "reject"
        case EraseKeys():
            yield "erased init keys"
        case Confirm(op):
            author = ledger.made[op].author
            others = [each for each in ledger.members[author].pending if each != op]
            if others:
                yield "pending dropped by confirming another"
                dropped.update(others)
        case Deliver(op, to):
            yield from _of_delivery(ledger, ledger.made[op], to, dropped)
        case SampleKey():
            return
        case _:
            who = getattr(step, "who", "")
            record = ledger.members.get(who)
            if record is not None and record.pending:
                yield "several pending operations of one member"
            if any(m.pending for name, m in ledger.members.items() if name != who):
                yield "pending operations of several members"


def _of_delivery(
    ledger: Ledger, made: OperationRecord, to: str, dropped: set[int]
) -> Iterator[str]:
    """Yield what happens when a member processes an operation, or joins by it."""
    record = ledger.members[to]
    if made.op in dropped:
        yield "a dropped operation is processed by others"
    if record.pending:
        dropped.update(record.pending)
        yield "pending dropped by processing"
        if to not in made.roster:
            yield "removed while an operation is pending"
    behind = max((each.epoch for each in ledger.made.values()), default=0) - made.epoch
    if behind > 1:
        joins = record.at is None
        yield f"a {'joiner' if joins else 'member'} several epochs behind"


def _from_history(ledger: Ledger) -> Iterator[str]:
    """Yield what the operations of a run show that somebody has processed or confirmed."""
    done = {record.at for record in ledger.members.values()} | ledger.confirmed
    done |= {made.base for made in ledger.made.values()}
    made = [ledger.made[op] for op in ledger.made if op in done]
    for each in made:
        yield each.kind.name.lower()
        size = len(each.roster)
        yield next(_size(a, b) for a, b in SIZES if a <= size and (b is None or size <= b))
        if each.epoch >= LONG:
            yield f"a history of {LONG} epochs or more"
        base = None if each.base is None else ledger.made[each.base]
        if base is not None:
            yield from _of_pair(base, each)
    yield from _of_comings(ledger, made)
    yield from _of_forks(ledger, made)


def _of_pair(first: OperationRecord, second: OperationRecord) -> Iterator[str]:
    """Yield what an operation and the one before it show."""
    if first.kind is not Kind.CREATE:
        yield _pair(first.kind, second.kind, same=first.author == second.author)
    before, after = len(first.roster), len(second.roster)
    if after > before and before & (before - 1) == 0:
        yield "growth past a power of two"
    if after < before and after & (after - 1) == 0:
        yield "shrinking past a power of two"


def _of_comings(ledger: Ledger, made: list[OperationRecord]) -> Iterator[str]:
    """Yield what removals and returns show."""
    for each in made:
        history = [ledger.made[op] for op in ledger.history(each.op)][:-1]
        if each.kind is Kind.ADD:
            times = sum(m.kind is Kind.REMOVE and m.target == each.target for m in history)
            if times:
                yield "a member comes back"
            if times >= 3:  # noqa: PLR2004 - as its name says
                yield "a member comes back three times"
        if each.kind is Kind.REMOVE:
            for kind, words in (
                (Kind.CREATE, "the creator is removed"),
                (Kind.REMOVE, "somebody who removed others is removed"),
                (Kind.ADD, "somebody who added others is removed"),
            ):
                if any(m.kind is kind and m.author == each.target for m in history):
                    yield words
            added = [m for m in history if m.kind is Kind.ADD and m.target == each.author]
            if added and added[-1].author == each.target:
                yield "a joiner removes who added it"


def _of_forks(ledger: Ledger, made: list[OperationRecord]) -> Iterator[str]:
    """Yield what operations that extend the same history show."""
    deepest: Counter[int] = Counter()
    for each in made:
        for op in ledger.history(each.op):
            deepest[op] = max(deepest[op], each.epoch)
    sides: dict[int | None, list[OperationRecord]] = {}
    for each in made:
        sides.setdefault(each.base, []).append(each)
    for base, several in sides.items():
        if base is None:
            continue
        for one, other in combinations(several, 2):
            yield "a fork"
            if min(deepest[one.op], deepest[other.op]) > one.epoch:
                yield "a fork of two epochs or more on each side"


def _from_trees(ledger: Ledger, trees: Mapping[int, PublicTree]) -> Iterator[str]:
    """Yield which shapes the public trees of a run have, and how they change."""
    for op, tree in trees.items():
        if not isinstance(tree, KeyTree):
            continue
        yield from _of_shape(tree)
        made = ledger.made[op]
        before = trees.get(-1 if made.base is None else made.base)
        if not isinstance(before, KeyTree) or not before.tainted_by:
            continue
        if tree.capacity != before.capacity:
            verb = "doubles" if tree.capacity > before.capacity else "shrinks"
            yield f"the tree {verb} while nodes are tainted"
        for kind, who, words in (
            (Kind.UPDATE, made.author, "a tainter updates"),
            (Kind.REMOVE, made.target, "a tainter is removed"),
        ):
            if made.kind is kind and before.leaf_of.get(who or "", -1) in before.tainted_by:
                yield words


def _of_shape(tree: KeyTree) -> Iterator[str]:
    """Yield what a single tree shows."""
    tainted = {node for nodes in tree.tainted_by.values() for node in nodes}
    if tainted:
        yield "a tainted node"
    if len(tree.tainted_by) > 1:
        yield "nodes tainted by several members"
    if any(tainted.intersection(direct_path(node, tree.capacity)) for node in tainted):
        yield "a tainted node above another"
    taken = sorted(tree.leaf_of.values())
    if taken and taken[-1] + 1 > len(taken):
        yield "an empty leaf between members"
    keyed = {node for node, _ in tree.internal_nodes()}
    above = {node for leaf in taken for node in tree.path(leaf)}
    if any(node not in keyed for node in above if not is_leaf(node)):
        yield "a blank node"
