"""The symbolic model of Tainted TreeKEM: the same game, with names of secrets instead of bytes.

A secret is a number in the :class:`~ttkem.adversary.KnowledgeGraph`; a ciphertext is an edge of it.
The secrets of a member are computed by walking up its path, as a member of the real protocol does,
so a ciphertext that is missing or encrypted to a key that the member does not hold is detected. The
real protocol remains the reference: tests play the same traces on both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttkem.adversary.knowledge import KnowledgeGraph
from ttkem.adversary.ledger import Ledger
from ttkem.adversary.replay_file import Trace, Violation
from ttkem.adversary.rules import Situation, TaintRules, below, children, height, path, predecessors
from ttkem.adversary.steps import (
    Add,
    Confirm,
    Create,
    Deliver,
    EraseKeys,
    Outcome,
    Reject,
    Remove,
    SampleKey,
    Step,
    Update,
    describe,
)
from ttkem.adversary.windows import Windows
from ttkem.cgka.interface import Kind
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.adversary.steps import Generate

__all__ = ["Atom", "Held", "SymbolicGame", "SymbolicOperation", "View", "play_symbolically"]

_CREATE, _ADD, _REMOVE, _UPDATE = Kind.CREATE, Kind.ADD, Kind.REMOVE, Kind.UPDATE


@dataclass(frozen=True, slots=True)
class View:
    """The public tree of a group: leaves, keys and taints."""

    depth: int
    """The depth of the tree, which has ``2 ** depth`` leaves."""
    leaves: tuple[str | None, ...]
    place: Mapping[str, int]
    occupied: int
    """The leaves that hold a member, as bits."""
    keys: Mapping[int, int]
    """The secret key of every node that has one, leaves included, by array index."""
    taints: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class SymbolicOperation:
    """An operation as the delivery service sees it, and its secrets."""

    op: int
    kind: Kind
    author: int
    """The author's leaf number."""
    before: dict[int, int | None]
    """The refreshed nodes, each with its predecessor (node or leaf) in its chain."""
    sent: Mapping[tuple[int, int], int]
    """The ciphertexts: for refreshed node and child, the secret key that decrypts the seed."""
    view: View
    group_key: int
    samples: tuple[int, ...]
    """The uniform seeds that the author sampled."""


@dataclass(frozen=True, slots=True)
class Held:
    """The secrets that a member holds in one epoch, by node."""

    op: int
    leaf: int
    secrets: dict[int, int]
    group_key: int


@dataclass(slots=True)
class _State:
    now: Held | None = None
    pending: dict[int, Held] = field(default_factory=dict)
    unused: dict[int, int] = field(default_factory=dict)
    """The secrets of unused init keys, by their numbers."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A single use of randomness, or a single state; a state lasts until the member's next."""

    who: str
    time: int
    """The number of the step that used the randomness or led to the state."""
    at: int | None
    """The operation that the member had processed last; None if it was in no group."""
    state: bool
    """Whether the atom is a state."""


class SymbolicGame:
    """One symbolic game, with the knowledge graph, windows and atoms that its judge needs.

    ``rules`` and ``windows`` are arguments so that negative twins can replace them.
    """

    __slots__ = (
        "atoms",
        "findings",
        "graph",
        "keys",
        "ledger",
        "operations",
        "outcomes",
        "over",
        "rules",
        "seed",
        "states",
        "steps",
        "windows",
    )

    def __init__(
        self,
        names: Sequence[str],
        *,
        seed: str = "",
        rules: TaintRules | None = None,
        windows: Windows | None = None,
    ) -> None:
        self.ledger = Ledger(names)
        self.seed = seed
        self.rules = rules or TaintRules()
        self.windows = windows or Windows()
        self.graph = KnowledgeGraph()
        self.states = {name: _State() for name in names}
        self.operations: dict[int, SymbolicOperation] = {}
        self.keys: dict[int, int] = {}
        """The secret of every init key."""
        self.atoms: list[Atom] = []
        self.findings: list[Violation] = []
        self.steps: list[Step] = []
        self.outcomes: list[Outcome] = []
        self.over = False

    def play(self, step: Step) -> Outcome:
        """Play one step; a refused step changes nothing.

        The tree invariant is checked in every new state: a member holds exactly the secrets of its
        leaf and of its path, and the group key. Raise :class:`~ttkem.errors.LocalError` if the
        game is over.
        """
        if self.over:
            raise LocalError(
                "cannot play another step: the symbolic model could not open a ciphertext"
            )
        ledger = self.ledger
        reason = ledger.misuse(step) or ledger.objection(step)
        self.steps.append(step)
        if reason is not None:
            ledger.skip()
            outcome = Outcome(accepted=False, reason=reason)
            self.outcomes.append(outcome)
            return outcome
        time = ledger.time
        ledger.record(step)
        self.windows.observe(time, step)
        try:
            self._do(time, step)
        except _CannotOpenError as error:
            self._find("refused", time, f"{describe(step)}: {error}")
            self.over = True
        self.outcomes.append(_ACCEPTED)
        return _ACCEPTED

    @property
    def digest(self) -> str:
        """The hash over all steps, outcomes and secrets so far, in hexadecimal."""
        text = "\n".join(
            f"{describe(step)}: {outcome.accepted}"
            for step, outcome in zip(self.steps, self.outcomes, strict=True)
        )
        graph = repr((self.graph.sources, self.graph.shown))
        return hashlib.sha256(f"{text}\n{graph}".encode()).hexdigest()

    def trace(self) -> Trace:
        """Return the run so far as a trace; suite 0 marks it as symbolic."""
        return Trace(
            "TTKEM",
            0,
            self.seed,
            tuple(self.states),
            tuple(self.steps),
            tuple(self.findings),
            self.digest,
        )

    def view(self, who: str) -> View | None:
        """Return the public tree in the view of a member; None if it is in no group."""
        now = self.states[who].now
        return None if now is None else self.operations[now.op].view

    def copy(self) -> SymbolicGame:
        """Return an independent copy of the game."""
        copied = SymbolicGame((), seed=self.seed, rules=self.rules, windows=self.windows.copy())
        copied.ledger, copied.graph = self.ledger.copy(), self.graph.copy()
        copied.states = {
            name: _State(state.now, state.pending.copy(), state.unused.copy())
            for name, state in self.states.items()
        }
        copied.operations, copied.keys = self.operations.copy(), self.keys.copy()
        copied.atoms, copied.findings = self.atoms.copy(), self.findings.copy()
        copied.steps, copied.outcomes = self.steps.copy(), self.outcomes.copy()
        copied.over = self.over
        return copied

    def _do(self, time: int, step: Step) -> None:
        match step:
            case Deliver(op, to):
                self._deliver(self.operations[op], to)
                self._expose(time, to)
            case Confirm(op):
                who = self.ledger.made[op].author
                state = self.states[who]
                state.now = state.pending[op]
                state.pending = {}
                self._expose(time, who)
            case Update() | Add() | Remove() | Create():
                made = self._make(step)
                self.operations[step.op] = made
                state = self.states[step.who]
                state.pending[step.op] = self._authored(made, state.now)
                self._expose(time, step.who, made.samples)
            case Reject(op):
                who = self.ledger.made[op].author
                del self.states[who].pending[op]
                self._expose(time, who)
            case SampleKey(who, key):
                secret = self.graph.secret()
                self.keys[key] = self.states[who].unused[key] = secret
                self._expose(time, who, (secret,))
            case EraseKeys(who):
                self.states[who].unused = {}
                self._expose(time, who)
            case _:
                pass

    def _make(self, step: Generate) -> SymbolicOperation:
        """Change the tree, refresh, encrypt (specification T3 and T4)."""
        now, leaves, place, keys = self._change(step)
        refreshed = self.rules.refreshed(now)
        main = path(now.target, now.depth) if now.target < 1 << now.depth else ()
        before = predecessors(refreshed, main, now.depth)
        graph, samples = self.graph, []
        seeds: dict[int, int] = {}
        if now.kind is _CREATE or now.kind is _UPDATE:
            own = 2 * now.author
            seed = seeds[own] = graph.secret()
            samples.append(seed)
            keys[own] = graph.secret(seed)
            before[main[0]] = own
        sent: dict[tuple[int, int], int] = {}
        occupied, author = now.occupied, 1 << now.author
        # Bottom-up, since a seed is encrypted to the new keys of the children.
        for node in sorted(before, key=height):
            previous = before[node]
            sources = [] if previous is None else [seeds[previous]]
            for child in children(node):
                there = occupied & below(child)
                if there and there != author and child != previous:
                    sent[node, child] = keys[child]
                    sources.append(keys[child])
            seed = seeds[node] = graph.secret(*sources)
            if previous is None:
                samples.append(seed)
            keys[node] = graph.secret(seed)
        view = View(now.depth, leaves, place, occupied, keys, self.rules.taints(now, before))
        group_key = graph.secret(seeds[(1 << now.depth) - 1])
        return SymbolicOperation(
            step.op, now.kind, now.author, before, sent, view, group_key, tuple(samples)
        )

    def _change(
        self, step: Generate
    ) -> tuple[Situation, tuple[str | None, ...], Mapping[str, int], dict[int, int]]:
        """Carry out the membership change; return situation, leaves, leaf by member, and keys."""
        if isinstance(step, Create):
            return self._created(step)
        now = self.states[step.who].now
        assert now is not None  # noqa: S101 - the ledger objects to authors outside a group
        old = self.operations[now.op].view
        if isinstance(step, Update):
            here = Situation(_UPDATE, now.leaf, now.leaf, old.occupied, old.depth, old.taints)
            return here, old.leaves, old.place, dict(old.keys)
        if isinstance(step, Add):
            return self._added(step, now.leaf, old)
        return _removed(step, now.leaf, old)

    def _created(
        self, step: Create
    ) -> tuple[Situation, tuple[str | None, ...], Mapping[str, int], dict[int, int]]:
        owners = [self.ledger.keys[key] for key in step.keys]
        members = (step.who, *owners)
        depth = max((len(members) - 1).bit_length(), 1)
        leaves = (*members, *[None] * ((1 << depth) - len(members)))
        keys = {2 * (leaf + 1): self.keys[key] for leaf, key in enumerate(step.keys)}
        occupied = (1 << len(members)) - 1
        here = Situation(_CREATE, 0, 0, occupied, depth, {})
        return here, leaves, {who: leaf for leaf, who in enumerate(members)}, keys

    def _added(
        self, step: Add, author: int, old: View
    ) -> tuple[Situation, tuple[str | None, ...], Mapping[str, int], dict[int, int]]:
        joiner, leaves, depth = self.ledger.keys[step.key], old.leaves, old.depth
        resized = None not in leaves
        if resized:
            leaves, depth = (*leaves, *[None] * len(leaves)), depth + 1
        leaf = leaves.index(None)
        leaves = (*leaves[:leaf], joiner, *leaves[leaf + 1 :])
        occupied = old.occupied | 1 << leaf
        here = Situation(_ADD, author, leaf, occupied, depth, old.taints, resized)
        return (
            here,
            leaves,
            {**old.place, joiner: leaf},
            {**old.keys, 2 * leaf: self.keys[step.key]},
        )

    def _authored(self, made: SymbolicOperation, now: Held | None) -> Held:
        """Return the author's secrets after its own operation."""
        view, leaf = made.view, made.author
        own = 2 * leaf
        old = {} if now is None else now.secrets
        fresh = made.kind is _CREATE or made.kind is _UPDATE
        secrets = {own: view.keys[own] if fresh else old[own]}
        for node in path(leaf, view.depth):
            secrets[node] = view.keys[node] if node in made.before else old[node]
        return Held(made.op, leaf, secrets, made.group_key)

    def _deliver(self, made: SymbolicOperation, to: str) -> None:
        """Let ``to`` process somebody else's operation, join by it, or be removed by it."""
        state, view = self.states[to], made.view
        leaf = view.place.get(to)
        if leaf is None:
            state.now, state.pending = None, {}
            return
        if state.now is None:
            number = self.ledger.made[made.op].joiners[to]
            secrets = {2 * leaf: state.unused.pop(number)}
        else:
            secrets = state.now.secrets
        state.now = Held(made.op, leaf, self._opened(made, leaf, secrets), made.group_key)
        state.pending = {}

    def _opened(self, made: SymbolicOperation, leaf: int, old: dict[int, int]) -> dict[int, int]:
        """Return the secrets after an operation: derive each new seed, or decrypt it.

        Raise :class:`_CannotOpenError` if there is no ciphertext that the member can decrypt.
        """
        before, sent, keys = made.before, made.sent, made.view.keys
        child = 2 * leaf
        secrets = {child: old[child]}
        have_seed = False
        for node in path(leaf, made.view.depth):
            if node in before:
                derived = have_seed and before[node] == child
                if not derived and sent.get((node, child)) != secrets[child]:
                    raise _CannotOpenError(f"leaf {leaf} cannot decrypt the seed of node {node}")
                secrets[node] = keys[node]
                have_seed = True
            else:
                secrets[node] = old[node]
                have_seed = False
            child = node
        return secrets

    def _expose(self, time: int, who: str, samples: tuple[int, ...] = ()) -> None:
        """Add the atoms of a member's step: its randomness, if it used any, and its new state."""
        state, graph, atoms = self.states[who], self.graph, self.atoms
        now = state.now
        at = None if now is None else now.op
        if samples:
            graph.show(samples, len(atoms))
            atoms.append(Atom(who, time, at, state=False))
        number = len(atoms)
        atoms.append(Atom(who, time, at, state=True))
        for held in (now, *state.pending.values()):
            if held is not None:
                graph.show(held.secrets.values(), number)
                graph.show((held.group_key,), number)
                self._check_invariant(time, who, held)
        graph.show(state.unused.values(), number)

    def _check_invariant(self, time: int, who: str, held: Held) -> None:
        """Check that a member holds exactly the secrets of its leaf and path (KPWK21 section 3)."""
        view = self.operations[held.op].view
        nodes = (2 * held.leaf, *path(held.leaf, view.depth))
        if held.secrets != {node: view.keys[node] for node in nodes}:
            self._find("invariant", time, f"the secrets of {who} are not exactly those of its path")

    def _find(self, kind: str, time: int, what: str) -> None:
        self.findings.append(Violation(kind, time, what))


def _removed(
    step: Remove, author: int, old: View
) -> tuple[Situation, tuple[str | None, ...], Mapping[str, int], dict[int, int]]:
    leaf, depth = old.place[step.whom], old.depth
    occupied = old.occupied & ~(1 << leaf)
    while depth > 1 and not occupied >> (1 << depth - 1):
        depth -= 1
    width = (2 << depth) - 1
    leaves = (*old.leaves[:leaf], None, *old.leaves[leaf + 1 :])[: 1 << depth]
    place = {who: at for who, at in old.place.items() if who != step.whom}
    keys = {node: key for node, key in old.keys.items() if node < width and occupied & below(node)}
    taints = {node: by for node, by in old.taints.items() if node in keys}
    resized = depth != old.depth
    return Situation(_REMOVE, author, leaf, occupied, depth, taints, resized), leaves, place, keys


def play_symbolically(
    names: Sequence[str], steps: Sequence[Step], rules: TaintRules | None = None
) -> SymbolicGame:
    """Play a trace on the model until its end or until the game is over; return the game."""
    game = SymbolicGame(names, rules=rules)
    for step in steps:
        if game.over:
            break
        game.play(step)
    return game


class _CannotOpenError(Exception):
    """There is no ciphertext that a member can decrypt."""


_ACCEPTED = Outcome(accepted=True)
