"""The security game over real members and real messages (specification T6).

The adversary is also an equivocating delivery service: it delivers any honestly made operation to
anybody, in any order, and may deliver different operations to different members. It sees all
messages, and between ``start_corrupt`` and ``end_corrupt`` also the member's state and all the
randomness that the member uses.

The game checks the protocol as well: that it accepts every step that it must accept, that it
refuses all others without changing state, and that the right members agree. Each deviation is
recorded as a :class:`~ttkem.adversary.Violation`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.adversary.ledger import Ledger
from ttkem.adversary.replay_file import Trace, Violation
from ttkem.adversary.steps import (
    Add,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Outcome,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Step,
    Update,
    describe,
)
from ttkem.crypto import SeededRandomness
from ttkem.errors import LocalError, RemoteError, described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.cgka import CGKA, Member, Operation

__all__ = ["Exposure", "Game", "play"]

CHECKED_ERRORS = (LocalError, RemoteError)


@dataclass(frozen=True, slots=True)
class Exposure:
    """The leak of a corruption at one step: the randomness used in it, and the state after it.

    The state lasts until the member's next exposure. A corruption at this step reveals the draws
    and the state; one that starts later, but before the next exposure, reveals the state alone.
    """

    time: int
    who: str
    step: Step
    draws: tuple[bytes, ...]
    """The draws of the member from its randomness in this step, in order."""
    saved: bytes
    """The member's whole state, as :meth:`ttkem.cgka.Member.save` returns it."""


class _RecordedRandomness:
    """Seeded randomness that records its draws."""

    __slots__ = ("_source", "drawn")

    def __init__(self, seed: str) -> None:
        self._source = SeededRandomness(seed)
        self.drawn: list[bytes] = []

    def draw(self, length: int) -> bytes:
        """Return the next ``length`` bytes."""
        data = self._source.draw(length)
        self.drawn.append(data)
        return data


class Game:
    """One game: members, operations, and everything that any corruption would reveal.

    ``seed`` determines every byte. After a violation the run continues as long as the ledger
    describes the members; once the protocol accepts a step that it must refuse, or crashes, the
    game is :attr:`over`.
    """

    __slots__ = (
        "_hash",
        "_key_of",
        "_op_of",
        "_randomness",
        "_saved",
        "exposures",
        "findings",
        "keys",
        "ledger",
        "members",
        "operations",
        "outcomes",
        "over",
        "packages",
        "protocol",
        "seed",
        "steps",
        "welcomes",
    )

    def __init__(self, protocol: CGKA, seed: str, names: Sequence[str]) -> None:
        self.protocol = protocol
        self.seed = seed
        self.ledger = Ledger(names)
        pki: dict[str, bytes] = {}
        self._randomness = {name: _RecordedRandomness(f"{seed} {name}") for name in names}
        self.members: dict[str, Member] = {
            name: protocol.member(name, pki, self._randomness[name]) for name in names
        }
        pki.update({name: member.signature_key for name, member in self.members.items()})
        self.packages: dict[int, bytes] = {}
        """The key package of every init key."""
        self._saved = {name: member.save() for name, member in self.members.items()}
        self._key_of: dict[bytes, int] = {}
        self._op_of: dict[bytes, int] = {}
        self._hash = hashlib.sha256()
        self.operations: dict[int, Operation] = {}
        self.welcomes: dict[int, bytes] = {}
        self.keys: dict[int, bytes] = {}
        """The group key after each processed operation, where there is one."""
        self.exposures: list[Exposure] = []
        self.findings: list[Violation] = []
        self.steps: list[Step] = []
        self.outcomes: list[Outcome] = []
        self.over = False

    def play(self, step: Step) -> Outcome:
        """Play one step; return whether it was accepted, or why it was refused.

        A refused step changes no member. Raise :class:`~ttkem.errors.LocalError` if the game is
        over.
        """
        if self.over:
            raise LocalError(
                "cannot play another step: the game is over, since the protocol accepted a step "
                "that it must refuse, or crashed"
            )
        outcome = self._play(step)
        self.steps.append(step)
        self.outcomes.append(outcome)
        self._hash.update(f"{describe(step)}: {outcome.accepted}\n".encode())
        return outcome

    @property
    def digest(self) -> str:
        """The hash over all steps, outcomes, messages and keys so far, in hexadecimal."""
        return self._hash.hexdigest()

    def trace(self) -> Trace:
        """Return the run so far as a trace that can be written and replayed."""
        suite = getattr(getattr(self.protocol, "suite", None), "number", 0)
        return Trace(
            self.protocol.name,
            suite,
            self.seed,
            tuple(self.members),
            tuple(self.steps),
            tuple(self.findings),
            self.digest,
        )

    def leaked(self) -> tuple[tuple[Exposure, bool], ...]:
        """Return the exposures that the corruptions so far reveal, each with whether draws too."""
        shown = []
        for who, intervals in self.ledger.intervals.items():
            own = [exposure for exposure in self.exposures if exposure.who == who]
            ends = [*(exposure.time for exposure in own[1:]), self.ledger.time]
            for exposure, end in zip(own, ends, strict=False):  # ends has one entry if own is empty
                state = draws = False
                for start, stop in intervals:
                    last = self.ledger.time if stop is None else stop
                    state |= start < end and exposure.time < last
                    draws |= start < exposure.time < last
                if state:
                    shown.append((exposure, draws))
        return tuple(shown)

    def _play(self, step: Step) -> Outcome:
        ledger = self.ledger
        misuse = ledger.misuse(step)
        if misuse is not None:
            ledger.skip()
            return Outcome(accepted=False, reason=misuse)
        objection = ledger.objection(step)
        who = self._actor(step)
        if who is not None:
            self._randomness[who].drawn.clear()
        try:
            self._do(step)
        except (*CHECKED_ERRORS, _RepeatedOperationError) as error:
            return self._refused(step, who, objection, error)
        except Exception as error:  # noqa: BLE001 - the protocol under test may raise anything
            self._find("crashed", f"{describe(step)}: {described(error)}")
            self.over = True
            ledger.skip()
            return Outcome(accepted=False, reason=f"{type(error).__name__}: {error}")
        if objection is not None:
            self._find("accepted", f"{describe(step)}, although {objection}")
            self.over = True
            ledger.skip()
            return Outcome(accepted=True)
        ledger.record(step)
        if who is not None:
            self._watch(step, who)
        return Outcome(accepted=True)

    def _refused(
        self, step: Step, who: str | None, objection: str | None, error: Exception
    ) -> Outcome:
        """Check that a refused step had to be refused and changed nothing; return its outcome."""
        if not isinstance(error, _RepeatedOperationError):
            if objection is None:
                self._find("refused", f"{describe(step)}: {error}")
            if who is not None and self.members[who].save() != self._saved[who]:
                self._find("changed", f"{describe(step)}: refused, but the state of {who} changed")
        self.ledger.skip()
        return Outcome(accepted=False, reason=str(error))

    def _actor(self, step: Step) -> str | None:
        """Return the member that a step calls, or None."""
        match step:
            case Deliver(_, to):
                return to
            case Confirm(op) | Reject(op):
                return self.ledger.made[op].author
            case StartCorrupt() | EndCorrupt() | Challenge():
                return None
            case _:
                return step.who

    def _do(self, step: Step) -> None:
        members = self.members
        match step:
            case SampleKey(who, key):
                self.packages[key] = members[who].key_package()
                self._hash.update(self.packages[key])
            case EraseKeys(who):
                members[who].discard_key_packages()
            case Create(who, op, keys):
                self._made(op, members[who].create([self.packages[key] for key in keys]))
            case Add(who, op, key):
                self._made(op, members[who].add(self.packages[key]))
            case Remove(who, op, whom):
                self._made(op, members[who].remove(whom))
            case Update(who, op):
                self._made(op, members[who].update())
            case Confirm(op):
                operation = self.operations[op]
                members[operation.author].confirm(operation.id)
            case Reject(op):
                operation = self.operations[op]
                members[operation.author].reject(operation.id)
            case Deliver(op, to):
                self._deliver(self.operations[op], op, members[to])

    def _deliver(self, operation: Operation, op: int, member: Member) -> None:
        if member.in_group or not operation.joiners:
            member.process(operation.message)
        else:
            member.join(self._welcome(op))

    def _made(self, op: int, operation: Operation) -> None:
        """Record an operation; one with the same bytes as an earlier one is withdrawn.

        Equal bytes are legitimate where an operation uses no randomness (blanking TreeKEM without
        commit).
        """
        same = self._op_of.setdefault(operation.message, op)
        if same != op:
            if operation.refreshed:
                self._find("repeated", f"op {op} has new keys, but the same bytes as op {same}")
            author = self.members[operation.author]
            author.reject(operation.id)
            self._saved[operation.author] = author.save()  # the order of pending ones has changed
            raise _RepeatedOperationError(f"the same operation as op {same}")
        self.operations[op] = operation
        self._hash.update(operation.message)

    def _welcome(self, op: int) -> bytes:
        if op not in self.welcomes:
            self.welcomes[op] = self.operations[op].make_welcome()
        return self.welcomes[op]

    def _watch(self, step: Step, who: str) -> None:
        """Record the exposure of a member after its step, and check its state and agreement."""
        member, record, time = self.members[who], self.ledger.members[who], self.ledger.time - 1
        saved = member.save()
        self._saved[who] = saved
        draws = tuple(self._randomness[who].drawn)
        self.exposures.append(Exposure(time, who, step, draws, saved))
        pending = {self.operations[op].id for op in record.pending}
        if set(member.pending) != pending:
            numbers = {operation.id: op for op, operation in self.operations.items()}
            held = [numbers.get(each, "unknown") for each in member.pending]
            self._find(
                "pending",
                f"{who} has the wrong pending operations: {_listed(held)}, "
                f"expected {_listed(record.pending)}",
            )
        if member.in_group != (record.at is not None):
            self._find(
                "membership", f"{who} should be in {'a' if record.at is not None else 'no'} group"
            )
        elif record.at is not None:
            self._agree(who, record.at)

    def _agree(self, who: str, op: int) -> None:
        member, made = self.members[who], self.ledger.made[op]
        if member.epoch != made.epoch:
            self._find("epoch", f"{who} is in epoch {member.epoch}, expected {made.epoch}")
        if sorted(member.roster) != sorted(made.roster):
            self._find(
                "roster", f"{who} has {sorted(member.roster)}, expected {sorted(made.roster)}"
            )
        key = _group_key(member)
        self._hash.update(member.transcript_hash + (key or b""))
        for other, record in self.ledger.members.items():
            same = self.members[other].in_group and (
                self.members[other].transcript_hash == member.transcript_hash
            )
            if other != who and record.at is not None and same != (record.at == op):
                forked = f"{who} and {other} must {'not ' if same else ''}have the same transcript"
                self._find("transcript", forked)
        if key is None:
            return
        if self.keys.setdefault(op, key) != key:
            self._find("key", f"{who} has a different key after op {op} than another member")
        elif self._key_of.setdefault(key, op) != op:
            self._find("reused", f"op {op} has the same key as op {self._key_of[key]}")

    def _find(self, kind: str, what: str) -> None:
        self.findings.append(Violation(kind, self.ledger.time, what))


def _listed(ops: Sequence[int | str]) -> str:
    return ", ".join(f"op {op}" for op in ops) or "none"


class _RepeatedOperationError(Exception):
    """An operation has the same bytes as an earlier one."""


def _group_key(member: Member) -> bytes | None:
    """Return the group key; None in an epoch without one (blanking TreeKEM without commit)."""
    try:
        return member.group_key
    except LocalError:
        return None


def play(protocol: CGKA, seed: str, names: Sequence[str], steps: Sequence[Step]) -> Game:
    """Play a trace until its end or until the game is over; return the game."""
    game = Game(protocol, seed, names)
    for step in steps:
        if game.over:
            break
        game.play(step)
    return game
