"""Judging several leaks together: whether leaks that are harmless one by one reveal a key.

A derivation may need several values, so a set of leaks can give more than its members do. The rule
is that a set makes an epoch unsafe only if one of its members does. It is enough to examine one set
for each epoch, that of *all* states and uses of randomness of the run, of all members and moments,
each of which leaves the epoch safe: what a smaller set gives, this one gives too. If it gives the
key, a few of its members that suffice are found.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from ttkem.testing.contracts import Contract, Forward, Healing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.testing.knowledge import Storyteller
    from ttkem.testing.recorded_judge import Judged

__all__ = ["JointLeak", "Together", "judge_together"]


@dataclass(frozen=True, slots=True)
class JointLeak:
    """A group key that several leaks give together, although each of them leaves it safe."""

    op: int
    atoms: tuple[int, ...]
    """The atoms, by their numbers in :attr:`~ttkem.testing.recorded_judge.Judged.atoms`."""


@dataclass(slots=True)
class Together:
    """The result for the sets of one run."""

    sets: int = 0
    """Examined sets of two or more leaks."""
    exposed: list[JointLeak] = field(default_factory=list)
    contradicted: Counter[tuple[Healing, Forward]] = field(default_factory=Counter)
    """For levels of both lines the number of sets, harmless one by one, that gave a key."""
    supported: Counter[tuple[Healing, Forward]] = field(default_factory=Counter)
    """For levels of both lines the number of sets, harmless one by one, that gave no key."""


def judge_together(judged: Judged, contract: Contract, *, table: bool = False) -> Together:
    """Judge the largest harmless set of leaks for every epoch of a run.

    With ``table`` the sets of all other levels of healing and of forward secrecy are examined too.
    """
    promised = contract.joint
    asked = {(promised.healing, promised.forward): promised}
    if table:
        for healing, forward in product(Healing, Forward):
            asked.setdefault((healing, forward), Contract("", healing, forward))
    sets = {
        (op, levels): [
            atom for atom, pairs in enumerate(relations) if all(pair.safe(each) for pair in pairs)
        ]
        for op, relations in judged.relations.items()
        for levels, each in asked.items()
    }
    sets = {name: atoms for name, atoms in sets.items() if len(atoms) > 1}
    bits = [0] * len(judged.atoms)
    for number, atoms in enumerate(sets.values()):
        for atom in atoms:
            bits[atom] |= 1 << number
    known = judged.graph.known(judged.shown, bits)
    result = Together(len(sets))
    alone = {found.op for found in judged.exposed}
    for number, ((op, levels), atoms) in enumerate(sets.items()):
        got = bool(known[judged.numbers[op]] >> number & 1)
        (result.contradicted if got else result.supported)[levels] += 1
        if got and asked[levels] is promised and op not in alone:
            result.exposed.append(JointLeak(op, _enough(judged, op, atoms)))
    return result


def _enough(judged: Judged, op: int, atoms: Sequence[int]) -> tuple[int, ...]:
    """Return atoms out of ``atoms`` that give a key, none of which can be left out."""
    number = judged.numbers[op]
    chosen = list(atoms)
    derivation = judged.graph.explain(number, _shown(judged, chosen)) or ()
    made = {step.target for step in derivation}
    used = {n for step in derivation for n in step.sources} - made - judged.graph.published.keys()
    needed: list[int] = []
    while used:  # those that hold most of what the derivation uses, first
        best = max(chosen, key=lambda atom: len(used.intersection(judged.shown[atom])))
        needed.append(best)
        used.difference_update(judged.shown[best])
    for atom in tuple(needed):
        fewer = [each for each in needed if each != atom]
        if judged.graph.explain(number, _shown(judged, fewer)) is not None:
            needed = fewer
    return tuple(sorted(needed))


def _shown(judged: Judged, atoms: Sequence[int]) -> tuple[int, ...]:
    """Return the values in several atoms."""
    return tuple(dict.fromkeys(number for atom in atoms for number in judged.shown[atom]))


def leak(judged: Judged, atom: int) -> str:
    """Return an atom in words."""
    moment, state = judged.atoms[atom]
    who, time = moment.exposure.who, moment.exposure.time
    return f"{who}'s state after step {time}" if state else f"{who}'s randomness of step {time}"


def joint_story(judged: Judged, found: JointLeak, story: Storyteller) -> tuple[str, ...]:
    """Return the derivation of a key from several leaks, a line for each step."""
    shown = _shown(judged, found.atoms)
    holder: dict[str, str] = {}
    for atom in found.atoms:
        for number in judged.shown[atom]:
            holder.setdefault(story.name(number), leak(judged, atom))
    lines = story.lines(
        judged.derivation(found.op, shown), judged.numbers[found.op], _LEAKED, shown
    )
    return tuple(
        holder[line.removeprefix(_BEGIN)] + line.removeprefix(_LEAKED)
        if line.startswith(_BEGIN)
        else line
        for line in lines
    )


_LEAKED = "a leak"
_BEGIN = f"{_LEAKED} contains "
