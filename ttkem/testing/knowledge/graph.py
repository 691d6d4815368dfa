"""The knowledge graph of a recorded run: which secrets can be computed from which.

Vertices are the values of :class:`~ttkem.testing.knowledge.values.Values`. A *derivation* computes
one of them from others, all of which are needed; a value can have several. Every recorded call
gives derivations in all directions that an attacker can use
(:mod:`ttkem.testing.knowledge.rules`): the output of a hash follows from the secrets in its inputs,
but not the reverse; a plaintext follows from key and ciphertext; a shared secret from either secret
key.

What travels is public. What a corruption shows is an *atom*: one state, or the randomness of one
step. One pass computes, for every value, the atoms from each of which it can be derived, as bits of
one number. In contrast to :class:`ttkem.adversary.KnowledgeGraph`, derivations may need several
values, so several atoms together can give more than each of them; a caller who asks about a set
gives its atoms one bit in common.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.crypto.recording import CallKind
from ttkem.testing.knowledge.encodings import looks_encoded, looks_random
from ttkem.testing.knowledge.rules import Rule, rules_of
from ttkem.testing.knowledge.values import PIECE, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ttkem.crypto.recording import Call

__all__ = ["Derivation", "RecordedGraph"]

PUBLIC = -1
"""All bits: derivable from every atom, since it is public."""
MASKED = 200
"""The number of unknown runs of bytes for which masks are searched."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A computation of one value from others, all of which are needed."""

    target: int
    sources: tuple[int, ...]
    how: str
    """The computation in words, for example ``"decrypt"`` or ``"HKDF-Expand sha256 32"``."""
    call: Call | None
    """The recorded call; None for what needs no primitive: cutting, joining and masking."""
    rule: Rule | None = None
    """The rule by which the call gives the value."""


class RecordedGraph:
    """The values and derivations of a record.

    ``public`` holds everything that left a member, by name. Values are numbered as in
    :attr:`values`; :attr:`published` tells in which of ``public`` a value was found.
    """

    def __init__(
        self,
        calls: Iterable[Call],
        public: Mapping[str, bytes],
    ) -> None:
        self.values = Values()
        self.derivations: list[Derivation] = []
        self.published: dict[int, str] = {}
        self.unknown: list[tuple[str, bytes]] = []
        """Bytes that look random and were not understood, each with where they occurred.

        Bytes that travel are not among them: an attacker has them, whatever they are.
        """
        self.travelled: list[tuple[str, bytes]] = []
        """Bytes that travelled, look random and were not understood: they may hide a secret."""
        self.examined = 0
        """The number of bytes, each string counted once, that were searched for secrets.

        What travels is not counted.
        """
        self._read: set[bytes] = set(public.values())
        self._owner: dict[bytes, int] = {}
        """For every public key the number of its secret key."""
        self._seen: set[tuple[int, tuple[int, ...]]] = set()
        self._public = Values()
        for data in public.values():
            self._public.add(data)
        self._masks = self._headed = 0
        self._by_head: dict[int, list[int]] = {}
        self._by_shape: dict[bytes, list[int]] = {}
        calls = list(calls)
        for call in calls:
            self._enter(call)
        for name, data in public.items():
            for number in (*self._secrets(data, name), *self._unmasked(data, name)):
                self.published.setdefault(number, name)
        for call in calls:
            self._derive(call)

    def reading(self, data: bytes, where: str) -> tuple[int, ...]:
        """Return the values that an attacker reads in bytes, such as a saved state."""
        return self._secrets(data, where)

    def owner(self, public: bytes) -> int | None:
        """Return the number of the secret key that belongs to a public key; None if unseen."""
        return self._owner.get(public)

    def known(self, shown: Sequence[Iterable[int]], bits: Sequence[int] | None = None) -> list[int]:
        """Return, for every value, from which atoms it can be derived, as bits of one number.

        ``shown`` holds for every atom the values that it contains. Public values have all bits.
        ``bits`` gives for every atom its bits instead of one of its own: atoms that share a bit
        are put together.
        """
        self._connect_pieces()
        known = [0] * len(self.values.bytes)
        for number in self.published:
            known[number] = PUBLIC
        for atom, numbers in enumerate(shown):
            own = 1 << atom if bits is None else bits[atom]
            for number in numbers:
                known[number] |= own
        users: dict[int, list[Derivation]] = {}
        waiting: deque[Derivation] = deque()
        for derivation in self.derivations:
            waiting.append(derivation)
            for source in derivation.sources:
                users.setdefault(source, []).append(derivation)
        while waiting:
            derivation = waiting.popleft()
            atoms = PUBLIC
            for source in derivation.sources:
                atoms &= known[source]
            new = known[derivation.target] | atoms
            if new != known[derivation.target]:
                known[derivation.target] = new
                waiting.extend(users.get(derivation.target, ()))
        return known

    def explain(self, target: int, shown: Iterable[int]) -> tuple[Derivation, ...] | None:
        """Return the derivations that lead from shown and public values to one, in order.

        Return None if the value cannot be derived. Derivations that the target does not need are
        left out; the number of rounds is the least possible.
        """
        self._connect_pieces()
        known = set(self.published) | set(shown)
        made: dict[int, Derivation] = {}
        order: list[int] = []
        grown = True
        while grown and target not in known:
            fresh: dict[int, Derivation] = {}
            for derivation in self.derivations:
                if derivation.target not in known and known.issuperset(derivation.sources):
                    fresh.setdefault(derivation.target, derivation)
            grown = bool(fresh)
            made.update(fresh)
            order.extend(fresh)
            known.update(fresh)
        if target not in known:
            return None
        needed, todo = set(), [target]
        while todo:
            number = todo.pop()
            if number in made and number not in needed:
                needed.add(number)
                todo.extend(made[number].sources)
        return tuple(made[number] for number in order if number in needed)

    # From calls to derivations.

    def _enter(self, call: Call) -> None:
        """Enter the outputs of a call as values, and what it tells about key pairs."""
        kind = call.kind
        if kind is not CallKind.OPEN:
            for output in call.outputs:
                self.values.add(output)
        if kind is CallKind.KEY_PAIR:
            public, secret = call.outputs
            self._own(public, secret)
        elif kind is CallKind.PUBLIC_KEY:
            self.values.add(call.inputs[0])
            self._own(call.outputs[0], call.inputs[0])
        elif kind is CallKind.EXCHANGE:
            self.values.add(call.inputs[0])
            self._own(call.outputs[1], call.inputs[0])

    def _own(self, public: bytes, secret: bytes) -> None:
        number = self.values.number(secret)
        if number is not None:
            self._owner.setdefault(public, number)

    def _derive(self, call: Call) -> None:
        """Enter a derivation for every rule that a call gives."""
        for rule in rules_of(call, self._secret_key):
            if rule.opens:
                where = f"plaintext of {call.function}"
                targets: Iterable[int | None] = self._secrets(rule.result, where)
            else:
                targets = (self.values.number(rule.result),)
            for target in targets:
                if target is not None:
                    sources = (n for data in rule.inputs for n in self._secrets(data, rule.how))
                    self._enter_derivation(target, sources, call, rule.how, rule)

    def _secret_key(self, public: bytes) -> bytes | None:
        number = self._owner.get(public)
        return None if number is None else self.values.bytes[number]

    def _enter_derivation(
        self,
        target: int,
        sources: Iterable[int],
        call: Call | None,
        how: str,
        rule: Rule | None = None,
    ) -> None:
        needed = tuple(dict.fromkeys(sources))
        if target not in needed and (target, needed) not in self._seen:
            self._seen.add((target, needed))
            self.derivations.append(Derivation(target, needed, how, call, rule))

    # Secrets inside bytes.

    def _secrets(self, data: bytes, where: str) -> tuple[int, ...]:
        """Return the values in a string of bytes; enter unknown bytes that look random as values.

        Such a value has no derivation unless it is the exclusive or of two others.
        """
        scan = self.values.scan(data)
        strange = [run for unknown in scan.unknown for run in self._not_public(unknown)]
        if data not in self._read:
            self._read.add(data)
            self.examined += len(data)
        if not strange:
            return scan.values
        found = list(scan.values)
        for run in strange:
            masked = self._unmask(run)
            if masked:
                found.extend(masked)
                continue
            self.unknown.append((where, run))
            number = self.values.add(run)
            if number is not None:
                found.append(number)
        return tuple(dict.fromkeys(found))

    def _unmasked(self, data: bytes, where: str) -> Iterator[int]:
        """Yield what is masked in public bytes; enter what remains as not understood."""
        for run in self.values.scan(data).unknown:
            masked = self._unmask(run)
            if not masked:
                self.travelled.append((where, run))
            yield from masked

    def _not_public(self, run: bytes) -> Iterator[bytes]:
        """Yield the parts of a run of bytes that look random and occur in nothing public."""
        for part in self._public.gaps(run):
            if looks_random(part) or looks_encoded(part):
                yield part

    def _unmask(self, run: bytes) -> tuple[int, ...]:
        """Return the values whose exclusive or lies in a run of bytes, with it as a new value."""
        if self._masks >= MASKED:
            return ()
        self._masks += 1
        heads = self._heads()
        for at in range(len(run) - PIECE + 1):
            for number in self._by_shape.get(_shape(run[at : at + PIECE]), ()):
                value = self.values.bytes[number]
                part = run[at : at + len(value)]
                if _shape(part) == _shape(value):
                    return (self._masked_by_constant(part, number),)
            mask = int.from_bytes(run[at : at + PIECE], "big")
            for head in heads.keys() & {mask ^ head for head in heads}:
                for number in heads[head]:
                    part = run[at : at + len(self.values.bytes[number])]
                    other = self.values.number(_xor(part, self.values.bytes[number]))
                    if other is not None and other != number:
                        return (self._masked(part, number, other),)
        return ()

    def _heads(self) -> dict[int, list[int]]:
        """Return the values by the number that their first bytes are."""
        for number in range(self._headed, len(self.values.bytes)):
            head = int.from_bytes(self.values.bytes[number][:PIECE], "big")
            self._by_head.setdefault(head, []).append(number)
            shape = _shape(self.values.bytes[number][:PIECE])
            self._by_shape.setdefault(shape, []).append(number)
        self._headed = len(self.values.bytes)
        return self._by_head

    def _masked(self, data: bytes, one: int, other: int) -> int:
        """Enter the exclusive or of two values: of the three, any two give the third."""
        masked = self.values.add(data)
        assert masked is not None  # noqa: S101 - as long as a value
        for target, sources in (
            (masked, (one, other)),
            (one, (masked, other)),
            (other, (masked, one)),
        ):
            self._enter_derivation(target, sources, None, "exclusive or")
        return masked

    def _masked_by_constant(self, data: bytes, number: int) -> int:
        """Enter a value whose bytes are masked by one constant byte: each gives the other."""
        masked = self.values.add(data)
        assert masked is not None  # noqa: S101 - as long as a value
        self._enter_derivation(masked, (number,), None, "exclusive or with a constant")
        self._enter_derivation(number, (masked,), None, "exclusive or with a constant")
        return masked

    def parts(self, number: int) -> tuple[int, ...]:
        """Return a value and all its pieces that were found: each is too much to give away."""
        whole, values = self.values.bytes[number], self.values
        return (number, *(piece for piece in values.whole if values.bytes[piece] in whole))

    def _connect_pieces(self) -> None:
        """Record that a value gives its pieces, and pieces that cover it give the value."""
        pieces: dict[int, list[int]] = {}
        for piece, whole in self.values.whole.items():
            self._enter_derivation(piece, (whole,), None, "part of")
            pieces.setdefault(whole, []).append(piece)
        for whole, parts in pieces.items():
            data, covered = self.values.bytes[whole], 0
            chosen = []
            for part in sorted(parts, key=lambda n: data.find(self.values.bytes[n])):
                start = data.find(self.values.bytes[part])
                if start <= covered < start + len(self.values.bytes[part]):
                    covered = start + len(self.values.bytes[part])
                    chosen.append(part)
                for other in parts:
                    if other != part and self.values.bytes[part] in self.values.bytes[other]:
                        self._enter_derivation(part, (other,), None, "part of")
            if covered == len(data):
                self._enter_derivation(whole, chosen, None, "joined")


def _shape(data: bytes) -> bytes:
    """Return what a constant mask, such as a complement, leaves unchanged."""
    return bytes(byte ^ data[0] for byte in data)


def _xor(left: bytes, right: bytes) -> bytes:
    size = max(len(left), len(right))
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(size, "big")
