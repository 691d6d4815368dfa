"""The judge: it checks that no key that the safe predicate calls safe can be derived.

For every operation and every atom of a run (a single state or a single use of randomness) two
independent answers are compared: whether the atom lies in the critical window of its member
(:mod:`ttkem.adversary.windows`), and whether the group key can be derived from it
(:mod:`ttkem.adversary.knowledge`). Every edge of the knowledge graph has a single source, so a set
of atoms reveals the union of what each atom reveals. Comparing single atoms therefore covers every
possible sequence of corruptions of the run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttkem.adversary.replay_file import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttkem.adversary.symbolic import Atom, SymbolicGame
    from ttkem.adversary.windows import LeafKey

__all__ = ["CAUSES", "Judgement", "corrupted_atoms", "judge"]

CAUSES = {
    "randomness alone": "a draw reveals only the seeds of its own operation; the state of the same "
    "step reveals more",
    "own operation": "the member made the operation, or made one between: no seed is encrypted to "
    "a node below which the author is the only member",
    "keys replaced since": "the member has moved on, and the node keys to which its seeds were "
    "encrypted were replaced without an update of its own: forward secrecy that the predicate "
    "does not credit",
    "fork": "the member is on another fork, where those node keys were replaced",
    "unexplained": "none of the other causes; must not happen",
}
"""The causes for which a key cannot be derived although the predicate calls it unsafe."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of the comparison for one run."""

    operations: int
    atoms: int
    unsafe: int
    """Pairs of an operation and an atom that lies in a critical window for it."""
    known: int
    """Pairs of an operation and an atom from which its group key can be derived."""
    challenges: Counter[str]
    """Challenged keys by verdict: safe and unknown, unsafe and known, unsafe and unknown."""
    causes: Counter[str] = field(default_factory=Counter)
    """Loose pairs by cause (:data:`CAUSES`); empty unless ``explain`` was given."""
    findings: tuple[Violation, ...] = ()

    @property
    def pairs(self) -> int:
        """The number of compared pairs of an operation and an atom."""
        return self.operations * self.atoms

    @property
    def loose(self) -> int:
        """The number of pairs that are called unsafe although the key cannot be derived."""
        return self.unsafe - self.known


def judge(game: SymbolicGame, *, explain: bool = False) -> Judgement:
    """Judge a whole run; with ``explain``, also find the cause of every loose pair."""
    derivable = game.graph.derivable()
    lives = _lives(game)
    findings = list(game.findings)
    unsafe = known = 0
    causes: Counter[str] = Counter()
    for op, operation in game.operations.items():
        meets = 0
        for key in game.windows.views[op].values():
            meets |= lives[key]
        gives = derivable[operation.group_key]
        if gives & ~meets:
            findings.append(_unsound(game, op, gives & ~meets))
        unsafe += meets.bit_count()
        known += (gives & meets).bit_count()
        if explain:
            causes.update(_cause(game, op, atom) for atom in _bits(meets & ~gives))
    challenges = _challenges(game, derivable, findings) if game.ledger.challenged else Counter()
    return Judgement(
        len(game.operations),
        len(game.atoms),
        unsafe,
        known,
        challenges,
        causes,
        tuple(findings),
    )


def corrupted_atoms(game: SymbolicGame) -> int:
    """Return the atoms that the corruptions of a run reveal, as bits of one number."""
    shown = 0
    ends: dict[str, int] = {}
    for number in reversed(range(len(game.atoms))):
        atom = game.atoms[number]
        end = ends.get(atom.who, game.ledger.time) if atom.state else atom.time
        if atom.state:
            ends[atom.who] = atom.time
        for start, stop in game.ledger.intervals.get(atom.who, ()):
            last = game.ledger.time if stop is None else stop
            if (start < end if atom.state else start < atom.time) and atom.time < last:
                shown |= 1 << number
    return shown


def _lives(game: SymbolicGame) -> dict[LeafKey, int]:
    """Return for every leaf key the atoms of its owner during its lifetime, as bits.

    A state belongs to a lifetime if it begins within it and before its end: the step that ends a
    lifetime is one of the owner and already leads to the next state. Randomness is used at a single
    moment, and may be used at the last moment of the lifetime.
    """
    windows = game.windows
    of: dict[str, list[tuple[int, int, bool]]] = {}
    for number, atom in enumerate(game.atoms):
        of.setdefault(atom.who, []).append((atom.time, 1 << number, atom.state))
    found = {}
    for key, born in windows.born.items():
        died = windows.died.get(key)
        end = game.ledger.time if died is None else died
        bits = 0
        for time, bit, state in of[windows.owner(key)]:
            if born <= time < end or (time == end and not state):
                bits |= bit
        found[key] = bits
    return found


def _challenges(
    game: SymbolicGame, derivable: list[int], findings: list[Violation]
) -> Counter[str]:
    """Count the challenged keys by verdict, under the corruptions that took place."""
    counts: Counter[str] = Counter()
    shown = corrupted_atoms(game)
    for op in game.ledger.challenged:
        safe = game.windows.safe(op, game.ledger.intervals)
        known = bool(derivable[game.operations[op].group_key] & shown)
        if safe and known:
            what = f"the challenged key of op {op} is safe, but the adversary can derive it"
            findings.append(Violation("lost", game.ledger.time, what))
        counts[f"{'safe' if safe else 'unsafe'}, {'known' if known else 'unknown'}"] += 1
    return counts


def _unsound(game: SymbolicGame, op: int, atoms: int) -> Violation:
    atom = game.atoms[next(_bits(atoms))]
    what = "state after" if atom.state else "randomness of"
    return Violation(
        "unsound",
        atom.time,
        f"the key of op {op} is safe, but {atom.who}'s {what} step {atom.time} reveals it",
    )


def _bits(number: int) -> Iterator[int]:
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def _cause(game: SymbolicGame, op: int, number: int) -> str:
    """Return why an atom in the window of its member does not reveal the key of ``op``."""
    atom: Atom = game.atoms[number]
    if not atom.state:
        return "randomness alone"
    made, history = game.ledger.made, game.ledger.history(op)
    if made[op].author == atom.who:
        return "own operation"
    if atom.at is None or atom.at in history:
        start = 0 if atom.at is None else history.index(atom.at) + 1
        kind, sampled = game.windows.views[op][atom.who]
        if kind == "own" and sampled in history:
            start = max(start, history.index(sampled) + 1)
        between = any(made[each].author == atom.who for each in history[start:])
        return "own operation" if between else "unexplained"
    return "keys replaced since" if op in game.ledger.history(atom.at) else "fork"
