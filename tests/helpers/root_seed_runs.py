"""Runs of the symbolic model as runs of the system of `root-seed-sink`: seeds and keys apart."""

import numpy as np
from under_approximations import Step, choice, empty_tables

from proofs.root_seed_sink import system
from ttkem.adversary import Add, Create, Remove, SampleKey, SymbolicGame, Update
from ttkem.adversary.rules import above, path

SYSTEM = system()
WHERE = dict.fromkeys(("root_seed", "root_keys", "group_key"), lambda s, q: s.made(q))
AT_LEAST = ("edge",)


def root_seed_steps(names, steps, kind=SymbolicGame, free="first"):
    """Return the steps of a run that sample secrets, as steps of the system.

    Seed and keys of a node that is not refreshed may be any: the ``first`` secret, the root's, the
    root's ``crossed``, or a secret that is ``never`` sampled.
    """
    game = kind(names)
    games = [game.copy()]
    for step in steps:
        game.play(step)
        games.append(game.copy())
    depth = max((op.view.depth for op in game.operations.values()), default=1)
    nodes = range((2 << depth) - 1)
    ops = [*game.operations]
    sizes = {"Op": len(ops) or 1, "Node": len(nodes), "Vertex": len(game.graph.sources) + 1}
    higher = {v: above(v, depth) if v & 1 else path(v // 2, depth) for v in nodes}
    fixed = {"at or below": np.array([[u == v or v in higher[u] for v in nodes] for u in nodes])}
    found = []
    for step, old, new in zip(steps, games, games[1:], strict=False):
        if not new.outcomes[-1].accepted:
            continue
        match step:
            case SampleKey(_, key):
                name, chosen = "sample init key", {"keys": new.keys[key]}
            case Create() | Update() | Add() | Remove():
                name, chosen = "make", _made(new, step.op, ops, nodes, sizes, free)
            case _:
                continue
        before, after = (_tables(each, ops, sizes) for each in (old, new))
        found.append(Step(name, sizes, {**fixed, **before, **choice(SYSTEM, name, chosen)}, after))
    return found


def _fresh(op):
    own = [2 * op.author] if op.kind.name in {"CREATE", "UPDATE"} else []
    return [*op.before, *own]


def _seed(game, op, node):
    (seed,) = game.graph.sources[op.view.keys[node]]
    return seed


def _made(game, number, ops, nodes, sizes, free):
    op = game.operations[number]
    root = (1 << op.view.depth) - 1
    seeds, keys, refreshed = (np.zeros(len(nodes), int) for _ in range(3))
    if free == "crossed":
        seeds[:], keys[:] = op.view.keys[root], _seed(game, op, root)
    if free == "root":
        seeds[:], keys[:] = _seed(game, op, root), op.view.keys[root]
    if free == "never":
        seeds[:] = keys[:] = sizes["Vertex"] - 1
    for node in _fresh(op):
        refreshed[node] = True
        seeds[node], keys[node] = _seed(game, op, node), op.view.keys[node]
    return {
        "op": ops.index(number),
        "root": root,
        "refreshed": refreshed.astype(bool),
        "seed": seeds,
        "keys": keys,
        "group_key": op.group_key,
    }


def _tables(game, ops, sizes):
    tables = empty_tables(SYSTEM.state, sizes)
    tables["sampled"][: len(game.graph.sources)] = True
    for secret in game.keys.values():
        tables["pair"][secret] = True
    for secret, sources in enumerate(game.graph.sources):
        tables["edge"][[*sources], secret] = True
    for number, op in game.operations.items():
        q, root = ops.index(number), (1 << op.view.depth) - 1
        tables["made"][q] = True
        tables["root_seed"][q], tables["root_keys"][q] = _seed(game, op, root), op.view.keys[root]
        tables["group_key"][q] = op.group_key
        tables["pair"][[op.view.keys[node] for node in _fresh(op)]] = True
    return tables
