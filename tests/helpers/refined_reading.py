"""Operations of the symbolic model against what the proof of the tree invariant asks of them.

Chains and ciphertexts are the model's; the rules are those of :mod:`proofs.treekem.reading`. Its
nodes are leaves too.
"""

from functools import cache

import numpy as np
from finite_model import Formula

from proofs.treekem.reading import STATE, reading_transitions
from ttkem.adversary.rules import children, path
from ttkem.verification.system import declare


def failures(refined):
    """All rules that an operation of a run breaks."""
    nodes = range((2 << refined.depth) - 1)
    sizes = {**refined.sizes, "Node": len(nodes)}
    tables = tables_of_operations(refined, sizes)
    tables |= tables_of_constants(refined, nodes, tables["key"])
    found = []
    for number, op in refined.game.operations.items():
        base = refined.game.ledger.made[number].base
        found += [f"op {number}: {what}" for what in _locks(op)]
        for rule, formula in _rules("create" if base is None else "generate").items():
            if not formula.holds(sizes, {**tables, **_choice(refined, number, tables, base)}):
                found.append(f"op {number}: rule {rule}")
    return found


def tables_of_constants(refined, nodes, key):
    """Return the children of all nodes, and what chains derive from each secret."""
    up = np.zeros(refined.sizes["Secret"], int)
    for number, op in refined.game.operations.items():
        for node, before in op.before.items():
            if before is not None:
                q = refined.ops.index(number)
                up[key[q, before]] = key[q, node]
    child = np.array([[v & 1 and u in children(v) for u in nodes] for v in nodes], bool)
    return {"child": child, "up": up}


@cache
def _rules(name):
    transition = reading_transitions()[name]
    when = transition.when(declare(STATE), declare(transition.chooses, "?"))
    return {name: Formula(rule) for name, rule in when.items() if name != "new"}


def _locks(op):
    for (node, child), secret in op.sent.items():
        if op.view.keys[child] != secret:
            yield f"the ciphertext of {node} for {child} is under another key than the newest"


def tables_of_operations(refined, sizes):
    """All operations; where members are is put in for each."""
    tables = {
        name: np.zeros(
            [sizes[sort.name()] for sort in signature[:-1]],
            bool if signature[-1].name() == "Bool" else int,
        )
        for name, signature in STATE.items()
    }
    for number, op in refined.game.operations.items():
        q, view = refined.ops.index(number), op.view
        for who, leaf in view.place.items():
            m = refined.names.index(who)
            tables["member"][q, m] = True
            tables["place"][q, m] = 2 * leaf
            tables["under"][q, m, [2 * leaf, *path(leaf, view.depth)]] = True
        for node, key in view.keys.items():
            tables["key"][q, node] = refined.secrets.index(key)
        fresh = [2 * op.author] if op.kind.name in {"CREATE", "UPDATE"} else []
        tables["refreshed"][q, [*op.before, *fresh]] = True
        for node, before in op.before.items():
            if before is not None:
                tables["chain"][q, before, node] = True
        for node, child in op.sent:
            tables["sent"][q, node, child] = True
    return tables


def _choice(refined, number, tables, base):
    q = refined.ops.index(number)
    author = refined.names.index(refined.game.ledger.made[number].author)
    own = ("member", "under", "place", "key", "refreshed", "chain", "sent")
    chosen = {f"{name}?": tables[name][q] for name in own}
    chosen |= {"op?": np.asarray(q), "author?": np.asarray(author)}
    at = np.zeros_like(tables["at"])
    if base is not None:
        chosen["base?"] = np.asarray(refined.ops.index(base))
        at[author, chosen["base?"]] = True
    return {**chosen, "at": at}
