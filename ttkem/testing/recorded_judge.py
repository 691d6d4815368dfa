"""Judging a recorded run: every key of every epoch against every state and use of randomness.

The judge plays no protocol and needs none: it reads the recorded cryptography, what travelled, the
saved states and the draws. It checks four things.

* No key that the contract calls safe can be derived (:class:`Exposed`).
* Every state gives the keys of its own epoch and of those that its owner can reach: if it does not,
  the way in which the protocol computes keys was not seen, and finding nothing means little.
* Every derivation that it reports is carried out again from leaked and public bytes
  (:mod:`ttkem.testing.knowledge.replay`) and ends with the real key.
* What the record contains and nobody understood is counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttkem.testing.contracts import FORWARD_LEVELS, HEALING_LEVELS, Forward, Healing, classify
from ttkem.testing.knowledge.graph import RecordedGraph
from ttkem.testing.knowledge.replay import replayed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ttkem.adversary import Exposure, Ledger, MemberRecord
    from ttkem.crypto.recording import Recorder
    from ttkem.testing.contracts import Contract, Pair
    from ttkem.testing.knowledge.document import Document
    from ttkem.testing.knowledge.graph import Derivation

__all__ = ["Exposed", "Judged", "Moment", "judge_recorded"]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a corruption at one step can reveal, and the member's public record then."""

    exposure: Exposure
    before: MemberRecord
    """The member's record before the step: randomness used in a step belongs to both."""
    after: MemberRecord


@dataclass(frozen=True, slots=True)
class Exposed:
    """A group key that can be derived although a contract calls it safe."""

    op: int
    who: str
    time: int
    """The step after which the state leaked, or in which the randomness was used."""
    state: bool
    """Whether the state leaked, rather than the randomness."""
    pair: Pair
    shown: tuple[int, ...]
    """The values in what leaked."""


@dataclass(slots=True)
class Judged:
    """The result for one run."""

    graph: RecordedGraph
    pairs: int = 0
    """Compared pairs of an epoch and an atom."""
    derivable: int = 0
    exposed: list[Exposed] = field(default_factory=list)
    public: list[int] = field(default_factory=list)
    """The operations whose group keys anybody can compute from what travelled."""
    unseen: list[tuple[int, str, int]] = field(default_factory=list)
    """Epochs, members and steps whose state reaches the epoch, but does not give its key."""
    contradicted: Counter[Healing | Forward] = field(default_factory=Counter)
    """For every level of a contract the number of pairs that contradict it."""
    supported: Counter[Healing | Forward] = field(default_factory=Counter)
    """For every level the number of pairs that it calls safe and whose key was not derivable."""
    numbers: dict[int, int] = field(default_factory=dict)
    """For every operation the number of its group key in the graph."""
    atoms: list[tuple[Moment, bool]] = field(default_factory=list)
    """The atoms: a moment, and whether the atom is the state rather than the randomness."""
    shown: list[tuple[int, ...]] = field(default_factory=list)
    """The values that each atom contains."""
    relations: dict[int, list[tuple[Pair, ...]]] = field(default_factory=dict)
    """For every operation how each atom relates to its epoch; randomness does so twice."""

    sent: Mapping[str, bytes] = field(default_factory=dict)
    """Everything that travelled, by name."""
    leaks: dict[tuple[int, ...], tuple[bytes, ...]] = field(default_factory=dict)
    """For the values in every leak the bytes of the leak."""

    def derivation(self, op: int, shown: Iterable[int] = ()) -> tuple[Derivation, ...]:
        """Return how a group key follows from shown values and what travelled.

        Raise a :class:`~ttkem.testing.knowledge.ReplayError` if it cannot be carried out.
        """
        self.document(op, shown)
        return self._explained(op, shown)[1]

    def target(self, op: int, shown: Iterable[int] = ()) -> int:
        """Return what follows of a group key: its number, or that of a piece of it."""
        return self._explained(op, shown)[0]

    def document(self, op: int, shown: Iterable[int] = ()) -> Document:
        """Return the same as a document that a program can carry out; it has been carried out.

        Raise a :class:`~ttkem.testing.knowledge.ReplayError` if that was not possible.
        """
        values = frozenset(shown)
        leaked = tuple(
            data
            for held, strings in self.leaks.items()
            if values.issuperset(held)
            for data in strings
        )
        target, derivation = self._explained(op, shown)
        return replayed(self.graph, derivation, target, leaked, self.sent)

    def _explained(self, op: int, shown: Iterable[int]) -> tuple[int, tuple[Derivation, ...]]:
        shown = tuple(shown)
        for target in self.graph.parts(self.numbers[op]):
            derivation = self.graph.explain(target, shown)
            if derivation is not None:
                return target, derivation
        return self.numbers[op], ()


def judge_recorded(
    recorder: Recorder,
    public: Mapping[str, bytes],
    ledger: Ledger,
    keys: Mapping[int, bytes],
    moments: Sequence[Moment],
    contract: Contract,
) -> Judged:
    """Judge a run: ``keys`` are the real group keys by operation, ``public`` what travelled."""
    graph = RecordedGraph(recorder.calls, public)
    numbers = {op: graph.values.add(key) for op, key in keys.items()}
    atoms, shown = _atoms(graph, moments)
    known = graph.known(shown)
    result = Judged(graph, atoms=atoms, shown=shown, sent=public)
    for (moment, state), values in zip(atoms, shown, strict=True):
        exposure = moment.exposure
        result.leaks[values] = (exposure.saved,) if state else tuple(exposure.draws)
    for op, number in numbers.items():
        if number is None:
            continue
        result.numbers[op] = number
        derivable = 0
        for part in graph.parts(number):
            derivable |= known[part]
        if derivable < 0:
            result.public.append(op)
            continue
        relations = result.relations[op] = []
        for atom, (moment, state) in enumerate(atoms):
            got = bool(derivable >> atom & 1)
            pairs = _pairs(ledger, moment, op, state=state)
            pair = pairs[0]
            relations.append(pairs)
            result.pairs += 1
            result.derivable += got
            _weigh(result, pairs, got=got)
            exposure = moment.exposure
            if got and all(each.safe(contract) for each in pairs):
                found = Exposed(op, exposure.who, exposure.time, state, pair, shown[atom])
                result.exposed.append(found)
            elif state and pair.reachable and not got:
                result.unseen.append((op, exposure.who, exposure.time))
    return result


def _atoms(
    graph: RecordedGraph, moments: Iterable[Moment]
) -> tuple[list[tuple[Moment, bool]], list[tuple[int, ...]]]:
    """Return the atoms, each a moment and whether it is the state, and the values in each."""
    atoms: list[tuple[Moment, bool]] = []
    shown: list[tuple[int, ...]] = []
    for moment in moments:
        exposure = moment.exposure
        where = f"{exposure.who}'s state after step {exposure.time}"
        atoms.append((moment, True))
        shown.append(graph.reading(exposure.saved, where))
        if exposure.draws:
            atoms.append((moment, False))
            drawn = (graph.values.number(data) for data in exposure.draws)
            shown.append(tuple(number for number in drawn if number is not None))
    return atoms, shown


def _pairs(ledger: Ledger, moment: Moment, op: int, *, state: bool) -> tuple[Pair, ...]:
    """Return how an atom relates to an epoch; randomness belongs to the states on both sides.

    A contract calls an epoch safe from an atom if it is safe in every one of these relations.
    """
    exposure = moment.exposure
    after = classify(ledger, exposure.who, moment.after, exposure.time, op)
    if state:
        return (after,)
    return after, classify(ledger, exposure.who, moment.before, exposure.time - 1, op)


def _weigh(result: Judged, pairs: tuple[Pair, ...], *, got: bool) -> None:
    """Count an atom and an epoch for or against every level that calls the epoch safe.

    Randomness to which healing applies on one side of its step, and forward secrecy on the other,
    says nothing about either alone.
    """
    if len({pair.before for pair in pairs}) > 1:
        return
    levels = HEALING_LEVELS if pairs[0].before else FORWARD_LEVELS
    for level in levels[: min(pair.levels for pair in pairs)]:
        (result.contradicted if got else result.supported)[level] += 1
