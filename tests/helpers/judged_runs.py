"""Runs with what must be said of them, found without the windows, the graph and the judge.

Lives of leaf keys are read off the states of the symbolic model, moment by moment: a key lives
while its owner holds a copy. What can be derived is found by a search from each atom, and what
corruptions show by replaying the run.
"""

from functools import cache, cached_property

from broken_rules import NeverTainted
from game_runs import NAMES, SITUATIONS, wild_steps

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
    StartCorrupt,
    SymbolicGame,
    Update,
)


class Life:
    """The life of a leaf key's secret, read off the states of its owner."""

    def __init__(self, owner, born):
        self.owner, self.born, self.died = owner, born, None


class Run:
    """A game with what must be said of it, found without the modules that are tested."""

    def __init__(self, names, steps, rules=None):
        self.game = SymbolicGame(names, rules=rules)
        self.lives, self.shown, corrupted = {}, set(), set()
        self.accepted, self.last = [], {}
        for time, step in enumerate(steps):
            before = len(self.game.atoms)
            if self.game.play(step).accepted:
                self.accepted.append((time, step))
            self._follow(time)
            for number in range(before, len(self.game.atoms)):
                atom = self.game.atoms[number]
                if atom.state:
                    self.last[atom.who] = number
                if atom.who in corrupted:
                    self.shown.add(number)
            match step:
                case StartCorrupt(who):
                    corrupted.add(who)
                    self.shown |= {self.last[who]} if who in self.last else set()
                case EndCorrupt(who):
                    corrupted.discard(who)
        self.views = {
            op: {who: made.view.keys[2 * leaf] for who, leaf in made.view.place.items()}
            for op, made in self.game.operations.items()
        }

    def _follow(self, time):
        for who, state in self.game.states.items():
            held = {*state.unused.values()}
            for each in (state.now, *state.pending.values()):
                if each is not None:
                    held.add(each.secrets[2 * each.leaf])
            for secret in held - self.lives.keys():
                self.lives[secret] = Life(who, time)
            for secret, life in self.lives.items():
                if life.owner == who and life.died is None and secret not in held:
                    life.died = time

    def secret(self, key):
        """Return the secret that a leaf key's name stands for."""
        kind, number = key
        if kind == "init":
            return self.game.keys[number]
        made = self.game.operations[number]
        return made.view.keys[2 * made.author]

    @cached_property
    def reachable(self):
        """For each atom the secrets that it gives, by a search along the edges."""
        gives = {}
        for secret, sources in enumerate(self.game.graph.sources):
            for source in sources:
                gives.setdefault(source, []).append(secret)
        found = []
        for number in range(len(self.game.atoms)):
            todo = [x for x, bits in enumerate(self.game.graph.shown) if bits >> number & 1]
            seen = {*todo}
            while todo:
                new = {*gives.get(todo.pop(), ())} - seen
                seen |= new
                todo += new
            found.append(seen)
        return found

    def in_window(self, op, number):
        """Return whether an atom lies in the window of its member for an operation."""
        atom = self.game.atoms[number]
        if atom.who not in self.views[op]:
            return False
        life = self.lives[self.views[op][atom.who]]
        if atom.state:
            return life.born <= atom.time and (life.died is None or atom.time < life.died)
        return life.born <= atom.time and (life.died is None or atom.time <= life.died)


def before_or_at(ledger, op):
    """Return an operation with all that it goes on from."""
    found = set()
    while op is not None:
        found.add(op)
        op = ledger.made[op].base
    return found


CORRUPTIONS = (
    *(SampleKey(who, key) for key, who in enumerate(NAMES[1:])),
    StartCorrupt("eve"),
    Create("ann", 0, (0, 1)),
    Confirm(0),
    Deliver(0, "bob"),
    Deliver(0, "cat"),
    Update("bob", 1),
    StartCorrupt("bob"),
    Update("ann", 2),
    EndCorrupt("eve"),
    Reject(1),
    Update("bob", 3),
    EndCorrupt("bob"),
    Confirm(3),
    Update("ann", 4),
    Confirm(4),
    Challenge(0),
    Challenge(3),
    Challenge(4),
    Deliver(3, "cat"),
    Challenge(2),
)
"""Corruptions that begin before and after states, go on, and end; challenges of all sorts."""

AGAIN = (
    SampleKey("bob", 0),
    SampleKey("bob", 1),
    Create("ann", 0, (0,)),
    Confirm(0),
    Deliver(0, "bob"),
    Update("bob", 1),
    Remove("ann", 2, "bob"),
    Confirm(2),
    Deliver(2, "bob"),
    Add("ann", 3, 1),
    Confirm(3),
    StartCorrupt("bob"),
    Deliver(3, "bob"),
    Update("ann", 4),
    Update("ann", 5),
    Confirm(5),
    Challenge(5),
    Challenge(4),
    Challenge(3),
)
"""A member that is removed and added again, with a pending update that dies with its removal."""


@cache
def runs():
    wild = [Run(*wild_steps(seed, 3 + seed % 2, 40)) for seed in range(8)]
    scripted = [
        Run(NAMES, steps) for steps in (CORRUPTIONS, AGAIN, ERASED, *CAUSES, *SITUATIONS.values())
    ]
    return wild + scripted


THREE = (
    *(SampleKey(who, key) for key, who in enumerate(NAMES[1:4])),
    Create("ann", 0, (0, 1)),
    Confirm(0),
    Deliver(0, "bob"),
    Deliver(0, "cat"),
)
CAT_ADDS_DAN = (*THREE, Add("cat", 1, 2), Confirm(1), Deliver(1, "ann"), Deliver(1, "dan"))
CAUSES = (
    (
        *CAT_ADDS_DAN,
        Update("ann", 2),
        Confirm(2),
        Deliver(2, "cat"),
        Deliver(2, "dan"),
        Update("dan", 3),
        Confirm(3),
        Deliver(3, "cat"),
    ),
    (*CAT_ADDS_DAN, Update("ann", 2), Update("dan", 3), Confirm(3), Deliver(3, "cat")),
    (
        *THREE,
        Add("ann", 1, 2),
        Confirm(1),
        Deliver(1, "dan"),
        Remove("dan", 2, "cat"),
        Confirm(2),
        Deliver(2, "ann"),
        Update("ann", 3),
    ),
    (*THREE, Remove("ann", 1, "cat"), Reject(1), Update("bob", 2), Deliver(2, "ann")),
)
"""Runs in which a key cannot be derived from a window, one for each cause."""

CREATOR_COMES_BACK = (
    SampleKey("bob", 0),
    Create("ann", 0, (0,)),
    Confirm(0),
    Deliver(0, "bob"),
    SampleKey("ann", 1),
    Remove("bob", 1, "ann"),
    Confirm(1),
    Deliver(1, "ann"),
    Add("bob", 2, 1),
)
"""In between the creator is in no group, and has an unused init key."""

ERASED = (SampleKey("ann", 0), Create("ann", 0, ()), Confirm(0), EraseKeys("ann"))
"""An operation and an unused init key have one number."""

LOST = (
    *(SampleKey(who, key) for key, who in enumerate(NAMES[1:3])),
    StartCorrupt("ann"),
    Create("ann", 0, (0, 1)),
    EndCorrupt("ann"),
    Confirm(0),
    Update("ann", 1),
    Confirm(1),
    Challenge(1),
)
"""Without taints the creator never re-keys what it has sampled for others."""


@cache
def unsound():
    """Runs of a protocol without taints, in which safe keys can be derived."""
    wild = [wild_steps(seed, 4, 50) for seed in range(4)]
    forgetful = [Run(names, steps, rules=NeverTainted()) for names, steps in wild]
    return [*forgetful, Run(NAMES, LOST, rules=NeverTainted())]


@cache
def without_edges():
    """Runs in which nothing can be derived, so that much has no explanation."""
    several = [Run(*wild_steps(seed, 4, 50)) for seed in range(6)]
    several.append(Run(NAMES, CREATOR_COMES_BACK))
    for run in several:
        run.game.graph.sources = [()] * len(run.game.graph.sources)
    return several
