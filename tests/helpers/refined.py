"""Runs of the symbolic model as runs of the transition system that the proofs speak of.

The symbolic model (:class:`ttkem.adversary.SymbolicGame`) knows nothing of the formulas. Here its
states become tables and its steps choices; then every premise and effect of the transition is
evaluated in them. ``edge``, ``guards``, ``known`` and ``compromised`` are the system's own and
carried on by its effects. The model's edges must be among them; what its adversary can derive must
be known, once all is derived; a leaf secret must be compromised if and only if a corruption of its
owner meets its life; and an operation must be safe for the windows if and only if no leaf secret of
its view is compromised.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import z3
from finite_model import Formula, Table

from proofs.safe_not_derivable import system
from proofs.treekem.tainted import Member, Secret, shows
from ttkem.adversary import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Reject,
    Remove,
    SampleKey,
    Update,
)
from ttkem.adversary.judge import corrupted_atoms
from ttkem.adversary.rules import above, path
from ttkem.adversary.windows import meets
from ttkem.verification.system import declare, every

SYSTEM = system()
GIVEN = ("edge", "guards", "known", "compromised")
"""Not read off the symbolic model."""
AT_LEAST = ("edge", "known")
"""Where the system may have more than the symbolic model has."""
WHERE = {"leaf": "member", "key": "node", "author": "made", "root": "made"}
"""Functions, and where they mean something."""


@dataclass(frozen=True)
class Observed:
    """A step of a run as one of a transition of the system."""

    transition: str
    sizes: dict
    tables: dict
    """The state before the step, and what the step chooses."""
    after: dict
    """The state after it, as the symbolic model has it; it tells nothing of ``guards``."""


class Refined:
    """A run; :meth:`failures` says what of the system's rules does not hold in it."""

    def __init__(self, game, steps):
        self.steps = [*steps]
        self.games = [game.copy()]
        for step in self.steps:
            game.play(step)
            self.games.append(game.copy())
        self.game = game
        self.names = [*game.states]
        depth = max((op.view.depth for op in game.operations.values()), default=1)
        self.nodes = [*range(1, (2 << depth) - 1, 2)]
        self.ops = [*game.operations]
        self.depth = depth
        self.same = self._merged()
        self.secrets = sorted(set(self.same))
        self.sizes = {
            "Member": len(self.names),
            "Node": len(self.nodes),
            "Op": len(self.ops),
            "Secret": len(self.secrets),
        }
        self.fixed = {
            "at or below": np.array(
                [[u == v or v in above(u, depth) for v in self.nodes] for u in self.nodes]
            ),
            "owner": self._owners(),
        }

    def failures(self):
        """All that fails, step by step; and which transitions were seen."""
        found, seen = [], set()
        self.observed = []
        pairs = self._none("Secret", "Secret")
        own = {"edge": pairs, "guards": pairs, "known": self._none("Secret")}
        own["compromised"] = own["known"]
        before = self._state(self.games[0], own)
        for number, step in enumerate(self.steps):
            old, new = self.games[number], self.games[number + 1]
            name, chosen = self._choice(step, old, new)
            if name is not None:
                seen.add(name)
                checks = _checks(name)
                tables = {**self.fixed, **before, **chosen}
                own = {each: checks.carried[each].of(self.sizes, tables) for each in GIVEN}
            after = self._state(new, own)
            shows = self._of_model(new)
            if name is None:
                failed = [
                    f"{each} changed" for each in before if (before[each] != after[each]).any()
                ]
            else:
                failed = checks.failed(self.sizes, tables, after)
                self.observed.append(Observed(name, self.sizes, tables, {**after, **shows}))
            corrupted = self._corrupted(step, new)
            if corrupted is not None:
                seen.add("corrupt")
                tables = {**self.fixed, **after, "who?": np.asarray(corrupted)}
                checks = _checks("corrupt")
                failed += checks.failed(self.sizes, tables, after)
                self.observed.append(Observed("corrupt", self.sizes, tables, {**after, **shows}))
                own = {each: checks.carried[each].of(self.sizes, tables) for each in GIVEN}
            after |= own
            failed += self._model_disagreements(new, shows, {**self.fixed, **after})
            found += [f"{number} {name or 'nothing'}: {what}" for what in failed]
            before = after
        found += [f"derive: {what}" for what in self._derived({**self.fixed, **before}, shows)]
        return found, seen

    def _of_model(self, game):
        """What the symbolic model has of the system's own relations, by its graph and windows."""
        number = [self.secrets.index(each) for each in self.same]
        edge, known = self._none("Secret", "Secret"), self._none("Secret")
        shown = corrupted_atoms(game)
        for secret, sources in enumerate(game.graph.sources):
            for source in sources:
                edge[number[source], number[secret]] |= number[source] != number[secret]
            known[number[secret]] |= bool(game.graph.shown[secret] & shown)
        compromised = self._none("Secret")
        for key in game.windows.born:
            compromised[self._leaf_secret(game, key)] = any(
                meets((game.windows.born[key], game.windows.died.get(key)), corruption)
                for corruption in game.ledger.intervals.get(game.windows.owner(key), ())
            )
        return {"edge": edge, "known": known, "compromised": compromised}

    def _leaf_secret(self, game, key):
        kind, number = key
        if kind == "init":
            return self.secrets.index(game.keys[number])
        op = game.operations[number]
        return self.secrets.index(op.view.keys[2 * op.author])

    def _derived(self, tables, shows):
        """Let the adversary derive all that it can, one edge of the symbolic model at a time."""
        known = tables["known"].copy()
        checks, found = _checks("derive"), True
        while found:
            found = False
            for given, secret in np.argwhere(shows["edge"]):
                if known[given] and not known[secret]:
                    found = True
                    now = {
                        **tables,
                        "known": known,
                        "given?": np.asarray(given),
                        "secret?": np.asarray(secret),
                    }
                    known = known.copy()
                    known[secret] = True
                    after = {**tables, "known": known}
                    yield from checks.failed(self.sizes, now, after)
                    self.observed.append(Observed("derive", self.sizes, now, after))

    def _model_disagreements(self, game, shows, tables):
        """What the system's state must say of the symbolic model's besides."""
        if (shows["edge"] & ~tables["edge"]).any():
            yield "the model has another edge"
        yield from self._of_adversary(game, tables)
        if (shows["known"] & ~tables["known"]).any():
            yield "corruptions show something else"
        if (shows["compromised"] != tables["compromised"]).any():
            yield "corruptions compromise other leaf secrets"
        if not _contents().holds(self.sizes, {**tables, "shown": self._shown(game)}):
            yield "the model's states contain something else"
        for name, rule in _invariants().items():
            if not rule.holds(self.sizes, tables):
                yield f"invariant {name}"

    def _of_adversary(self, game, state):
        """Compare what is known and compromised with the judge's graph and the windows."""
        known = state["known"]
        while (more := known | state["edge"][known].any(axis=0)).sum() > known.sum():
            known = more
        shown = corrupted_atoms(game)
        for secret, atoms in enumerate(game.graph.derivable()):
            if atoms & shown and not known[self.secrets.index(self.same[secret])]:
                yield "the model's adversary can derive something else"
        for number in game.operations:
            q = self.ops.index(number)
            compromised = (state["member"][q] & state["compromised"][state["leaf"][q]]).any()
            if game.windows.safe(number, game.ledger.intervals) == compromised:
                yield f"the windows and the formulas differ about safety for op {number}"

    def _corrupted(self, step, game):
        """Whose new state the adversary sees at a step, if anybody's."""
        match step:
            case Confirm(op) | Reject(op):
                who = game.ledger.made[op].author
            case Deliver(_, to):
                who = to
            case Challenge() | EndCorrupt():
                return None
            case _:
                who = step.who
        seen = game.outcomes[-1].accepted and game.ledger.members[who].corrupted
        return self.names.index(who) if seen else None

    def _merged(self):
        """For every secret of the model the one that stands for it: seeds are their keys."""
        game = self.game
        same = [*range(len(game.graph.sources))]
        for op in game.operations.values():
            fresh = [*op.before]
            if op.kind.name in {"CREATE", "UPDATE"}:
                fresh.append(2 * op.author)
            for node in fresh:
                key = op.view.keys[node]
                (seed,) = game.graph.sources[key]
                same[seed] = key
            same[op.group_key] = op.view.keys[(1 << op.view.depth) - 1]
        return same

    def _owners(self):
        owners = np.zeros(len(self.secrets), int)
        ledger, game = self.game.ledger, self.game
        for key, secret in game.keys.items():
            owners[self.secrets.index(secret)] = self.names.index(ledger.keys[key])
        for number, op in game.operations.items():
            if op.kind.name in {"CREATE", "UPDATE"}:
                at = self.secrets.index(op.view.keys[2 * op.author])
                owners[at] = self.names.index(ledger.made[number].author)
        return owners

    def _none(self, *sorts):
        return np.zeros([self.sizes[sort] for sort in sorts], bool)

    def _state(self, game, own):
        tables = {
            name: np.zeros(
                [self.sizes[sort.name()] for sort in signature[:-1]],
                bool if signature[-1] == z3.BoolSort() else int,
            )
            for name, signature in SYSTEM.state.items()
        }
        tables.update(own)
        for number in game.operations:
            self._operation(game, number, tables)
        for m, who in enumerate(self.names):
            state = game.states[who]
            if state.now is not None:
                tables["at"][m, self.ops.index(state.now.op)] = True
            for op in state.pending:
                tables["pending"][m, self.ops.index(op)] = True
            for secret in state.unused.values():
                tables["unused"][m, self.secrets.index(secret)] = True
        for secret in game.keys.values():
            tables["init"][self.secrets.index(secret)] = True
        for secret in range(len(game.graph.sources)):
            tables["sampled"][self.secrets.index(self.same[secret])] = True
        for key in game.windows.born.keys() - game.windows.died.keys():
            tables["alive"][self._leaf_secret(game, key)] = True
        return tables

    def _operation(self, game, number, tables):
        op, made, q = game.operations[number], game.ledger.made[number], self.ops.index(number)
        view = op.view
        tables["made"][q] = True
        if made.base is not None:
            tables["parent"][q, self.ops.index(made.base)] = True
        tables["author"][q] = self.names.index(made.author)
        tables["renews"][q] = op.kind.name in {"CREATE", "UPDATE"}
        tables["root"][q] = self.nodes.index((1 << view.depth) - 1)
        for who, leaf in view.place.items():
            m = self.names.index(who)
            tables["member"][q, m] = True
            tables["leaf"][q, m] = self.secrets.index(view.keys[2 * leaf])
            for node in path(leaf, view.depth):
                tables["under"][q, m, self.nodes.index(node)] = True
        for node, key in view.keys.items():
            if node & 1:
                tables["node"][q, self.nodes.index(node)] = True
                tables["key"][q, self.nodes.index(node)] = self.secrets.index(key)
        for node, leaf in view.taints.items():
            who = view.leaves[leaf] if leaf < len(view.leaves) else None
            if who is not None:
                tables["taint"][q, self.nodes.index(node), self.names.index(who)] = True

    def _choice(self, step, old, new):
        """The transition of a step, and what it chooses; None if it is none, or was refused."""
        if not new.outcomes[-1].accepted:
            return None, {}
        ledger = old.ledger
        match step:
            case SampleKey(who, key):
                name = "sample init key"
                chosen = {"who": self.names.index(who), "secret": self.secrets.index(new.keys[key])}
            case EraseKeys(who):
                name, chosen = "erase init keys", {"who": self.names.index(who)}
            case Confirm(op) | Reject(op):
                name = "confirm" if isinstance(step, Confirm) else "reject"
                who = ledger.made[op].author
                chosen = {"who": self.names.index(who), "op": self.ops.index(op)}
            case Deliver(op, to):
                at = old.states[to].now
                chosen = {"who": self.names.index(to), "op": self.ops.index(op)}
                name = "join"
                if at is not None:
                    chosen["base"] = self.ops.index(at.op)
                    stays = to in ledger.made[op].roster
                    name = "process" if stays else "process own removal"
            case Create() | Update() | Add() | Remove():
                name, chosen = type(step).__name__.lower(), self._made(step, old, new)
            case _:
                return None, {}
        chosen["watched"] = self._corrupted(step, new) is not None
        return name, {
            f"{each}?": np.asarray(chosen[each]) for each in SYSTEM.transitions[name].chooses
        }

    def _made(self, step, old, new):
        op = new.operations[step.op]
        q = self.ops.index(step.op)
        tables = self._state(new, {})
        refreshed = np.array([node in op.before for node in self.nodes])
        chosen = {
            "author": self.names.index(step.who),
            "op": q,
            "refreshed": refreshed,
            "fresh": tables["key"][q] * refreshed,
            "root": tables["root"][q],
            "node": tables["node"][q],
            "under": tables["under"][q],
            "joins": tables["member"][q],
            "inits": tables["leaf"][q],
            "leaf": tables["leaf"][q, self.names.index(step.who)],
        }
        if not isinstance(step, Create):
            chosen["base"] = self.ops.index(old.states[step.who].now.op)
        if isinstance(step, Add):
            target = self.names.index(old.ledger.keys[step.key])
            chosen |= {"target": target, "init": tables["leaf"][q, target]}
        if isinstance(step, Remove):
            chosen["target"] = self.names.index(step.whom)
        return chosen

    def _shown(self, game):
        """What states contain, as the model's graph has it: by the last state of each member."""
        shown = self._none("Member", "Secret")
        for m, who in enumerate(self.names):
            atoms = [n for n, atom in enumerate(game.atoms) if atom.who == who and atom.state]
            for secret, bits in enumerate(game.graph.shown):
                if atoms and bits >> atoms[-1] & 1:
                    shown[m, self.secrets.index(self.same[secret])] = True
        return shown


class _Checks:
    """The rules of a transition as formulas over state, choice, and the state after it."""

    def __init__(self, name):
        transition = SYSTEM.transitions[name]
        state, chosen = declare(SYSTEM.state), declare(transition.chooses, "?")
        after = declare(SYSTEM.state, "'")
        self._rules = {
            f"rule {each}": Formula(rule) for each, rule in transition.when(state, chosen).items()
        }
        changed = transition.then(state, chosen)
        self.carried = {
            name: Table(every(SYSTEM.state[name][:-1], changed.get(name, getattr(state, name))))
            for name in GIVEN
        }
        for each in SYSTEM.state.keys() - set(GIVEN):
            rule = _same(each, after, changed.get(each, getattr(state, each)))
            self._rules[f"{each} afterwards"] = Formula(rule)

    def failed(self, sizes, tables, after):
        tables = {**tables, **{f"{each}'": table for each, table in after.items()}}
        return [name for name, rule in self._rules.items() if not rule.holds(sizes, tables)]


def where(name, after, of, same):
    """Restrict an equation about a function to where the function means something."""
    return z3.Implies(getattr(after, WHERE[name])(*of), same) if name in WHERE else same


def _same(name, after, meaning):
    """A symbol is afterwards what the transition says, wherever it means something."""

    def same(*of):
        same = getattr(after, name)(*of) == meaning(*of)
        return where(name, after, of, same)

    return every(SYSTEM.state[name][:-1], same)


@cache
def _checks(name):
    return _Checks(name)


@cache
def _invariants():
    return {name: Formula(rule) for name, rule in SYSTEM.invariants(declare(SYSTEM.state)).items()}


@cache
def _contents():
    shown = z3.Function("shown", Member, Secret, z3.BoolSort())
    state = declare(SYSTEM.state)
    return Formula(every((Member, Secret), lambda m, x: shown(m, x) == shows(state, m, x)))
