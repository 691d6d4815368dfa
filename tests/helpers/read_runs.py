"""Runs of the symbolic model as runs of members who read step by step (`tree-paths`).

A delivery becomes many steps: a member keeps, opens or derives one secret of its path at a time, in
a random order that chains and ciphertexts allow, sometimes one that it has already, while others do
what they do. What it holds in the end is compared with what the member of the model holds.
"""

from random import Random

from refined import Refined
from refined_reading import tables_of_constants, tables_of_operations
from under_approximations import Step, choice, empty_tables

from proofs.tree_paths import system
from ttkem.adversary import Add, Confirm, Create, Deliver, Reject, Remove, SymbolicGame, Update
from ttkem.adversary.rules import path

SYSTEM = system()
_OF_OPERATIONS = ("member", "under", "place", "key", "refreshed", "chain", "sent")


class ReadRun:
    """A run; ``steps`` are those of the system."""

    def __init__(self, names, steps, kind=SymbolicGame, seed=1):
        self.refined = refined = Refined(kind(names), steps)
        self.names, self.ops = refined.names, refined.ops
        nodes = range((2 << refined.depth) - 1)
        self.sizes = {**refined.sizes, "Node": len(nodes)}
        self._all = tables_of_operations(refined, self.sizes)
        self._fixed = tables_of_constants(refined, nodes, self._all["key"])
        self._all["lock"][:] = self._all["key"][:, None, :]
        for number, op in refined.game.operations.items():
            for (node, child), secret in op.sent.items():
                at = refined.secrets.index(secret)
                self._all["lock"][self.ops.index(number), node, child] = at
        self._random = Random(f"read {seed}")
        self._states = {name: (None, {}) for name in self.names}
        """For each member what it holds now, and in pending states."""
        self._reading = {}
        """For each member that reads the operation, and the secrets that it has got, by node."""
        self._made = []
        self.steps = []
        for number, step in enumerate(refined.steps):
            old, new = refined.games[number], refined.games[number + 1]
            if new.outcomes[-1].accepted:
                self._observe(step, old, new)
                self._some_read()
        for who in [*self._reading]:
            self._finish(who)

    def _observe(self, step, old, new):
        index = self.names.index
        match step:
            case Create() | Update() | Add() | Remove():
                self._finish(step.who)
                q = self.ops.index(step.op)
                chosen = {name: self._all[name][q] for name in _OF_OPERATIONS}
                chosen |= {"op": q, "author": index(step.who)}
                name = "create"
                if not isinstance(step, Create):
                    name, chosen["base"] = "generate", self.ops.index(old.states[step.who].now.op)
                self._made.append(step.op)
                self._step(name, chosen, step.who, new)
            case Confirm(op) | Reject(op):
                name = "confirm" if isinstance(step, Confirm) else "reject"
                who = old.ledger.made[op].author
                if name == "confirm":
                    self._finish(who)
                self._step(name, {"who": index(who), "op": self.ops.index(op)}, who, new)
            case Deliver(op, to):
                self._finish(to)
                self._deliver(op, to, old, new)
            case _:
                pass

    def _deliver(self, op, to, old, new):
        now = old.states[to].now
        chosen = {"who": self.names.index(to), "op": self.ops.index(op)}
        if now is not None:
            chosen["base"] = self.ops.index(now.op)
        if new.states[to].now is None:
            self._step("leave", chosen, to, new)
            return
        before = self._tables()
        made, got = old.operations[op], {}
        if now is None:
            leaf = 2 * new.states[to].now.leaf
            got = {leaf: self.refined.secrets.index(made.view.keys[leaf])}
        self._reading[to] = (made, got, new)
        self._add("begin to join" if now is None else "begin to process", chosen, before)

    def _some_read(self):
        """Let members that read get some secrets, and perhaps finish."""
        for who in [*self._reading]:
            for _ in range(self._random.randrange(4)):
                self._read(who)
            if not self._missing(who) and self._random.random() < 0.5:
                self._finish(who)

    def _finish(self, who):
        if who not in self._reading:
            return
        while self._missing(who):
            self._read(who)
        made, _, new = self._reading[who]
        before = self._tables()
        del self._reading[who]
        self._take(who, new)
        chosen = {"who": self.names.index(who), "op": self.ops.index(made.op)}
        self._add("finish", chosen, before)

    def _path(self, who):
        made, _, new = self._reading[who]
        leaf = new.states[who].now.leaf
        return [2 * leaf, *path(leaf, made.view.depth)]

    def _missing(self, who):
        return [node for node in self._path(who) if node not in self._reading[who][1]]

    def _read(self, who):
        """Read one secret that can be read."""
        made, got, new = self._reading[who]
        nodes = self._path(who) if self._random.random() < 0.2 else self._missing(who)
        now, possible = self._states[who][0], []
        held = {} if now is None else now.secrets
        own = [2 * made.author] if made.kind.name in {"CREATE", "UPDATE"} else []
        q = self.ops.index(made.op)
        for node in nodes:
            if node not in made.before:
                if node in held:
                    secret = self.refined.secrets.index(held[node])
                    possible.append(("keep", node, secret, {}))
                continue
            for child, secret in got.items():
                if self._all["lock"][q, node, child] == secret and (node, child) in made.sent:
                    possible.append(("open", node, secret, {"below": child}))
                if made.before[node] == child and child in (*made.before, *own):
                    possible.append(("derive", node, secret, {"below": child}))
        if not possible:
            return
        name, node, secret, below = self._random.choice(possible)
        gets = secret
        if name == "open":
            gets = self._all["key"][q, node]
        if name == "derive":
            gets = self._fixed["up"][secret]
        before = self._tables()
        self._reading[who] = made, {**got, node: int(gets)}, new
        chosen = {"who": self.names.index(who), "op": q, "node": node, "secret": secret, **below}
        self._add(name, chosen, before)

    def _take(self, who, game):
        state = game.states[who]
        self._states[who] = state.now, dict(state.pending)

    def _step(self, name, chosen, who, new):
        before = self._tables(made=self._made[: -1 if name in {"create", "generate"} else None])
        if who in self._reading:  # a reject: what is read goes on
            self._states[who] = self._states[who][0], dict(new.states[who].pending)
        else:
            self._take(who, new)
        self._add(name, chosen, before)

    def _add(self, name, chosen, before):
        tables = {**self._fixed, **before, **choice(SYSTEM, name, chosen)}
        self.steps.append(Step(name, self.sizes, tables, self._tables()))

    def _tables(self, made=None):
        tables = empty_tables(SYSTEM.state, self.sizes)
        ledger = self.refined.game.ledger
        for number in self._made if made is None else made:
            q, record = self.ops.index(number), ledger.made[number]
            for name in (*_OF_OPERATIONS, "lock"):
                tables[name][q] = self._all[name][q]
            tables["made"][q] = True
            tables["author"][q] = self.names.index(record.author)
            if record.base is not None:
                tables["parent"][q, self.ops.index(record.base)] = True
        for m, who in enumerate(self.names):
            self._fill(m, who, tables)
        return tables

    def _fill(self, m, who, tables):
        """Enter what a member holds, has pending, and reads."""
        secrets, (now, pending) = self.refined.secrets, self._states[who]
        if now is not None:
            tables["at"][m, self.ops.index(now.op)] = True
            for node, secret in now.secrets.items():
                tables["holds"][m, node, secrets.index(secret)] = True
        for number, held in pending.items():
            q = self.ops.index(number)
            tables["pending"][m, q] = True
            for node, secret in held.secrets.items():
                tables["will_hold"][m, q, node, secrets.index(secret)] = True
        if who in self._reading:
            op, got, _ = self._reading[who]
            tables["reading"][m, self.ops.index(op.op)] = True
            for node, secret in got.items():
                tables["got"][m, node, secret] = True


WHERE = {
    "lock": lambda s, q, v, u: s.sent(q, v, u),
    "will_hold": lambda s, m, q, v, x: s.pending(m, q),
}
"""Locks mean something for ciphertexts, and what a state will hold while it is pending."""
