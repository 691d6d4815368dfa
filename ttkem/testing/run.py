"""One run of a protocol under test: the game, watched more closely, and short ways to say a trace.

:class:`ttkem.adversary.Game` plays real members and says what must be accepted or refused and who
must agree. A :class:`Run` adds what a designer should know besides: what events say, which of the
two errors is raised, and what every single state of the run would give away (:meth:`Run.judge`).
The first thing that is not as it must be is raised as a :class:`Failure`.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.adversary import (
    Add,
    Confirm,
    Create,
    Deliver,
    EraseKeys,
    Game,
    Reject,
    Remove,
    SampleKey,
    Trace,
    Update,
    Windows,
    attack_game,
    describe,
)
from ttkem.cgka import EpochStarted, Removed, TreeCGKA
from ttkem.crypto import SeededRandomness
from ttkem.errors import LocalError, RemoteError
from ttkem.testing.features import Feature
from ttkem.testing.leaf_key_windows import LeafKey, held, leaf_key, onward
from ttkem.testing.state_attack import Attacker, TooManyStatesError, group_key
from ttkem.testing.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.adversary import Exposure, MemberRecord, Outcome, Step
    from ttkem.cgka import CGKA, Event
    from ttkem.testing.watched import WatchedMember

__all__ = ["RULES", "Failure", "Run"]

RULES = {
    "refused": "must succeed",
    "accepted": "must be refused",
    "changed": "a refused call changes nothing",
    "crashed": "two errors only",
    "pending": "pending operations",
    "membership": "membership",
    "epoch": "epochs are counted",
    "roster": "one history, one roster",
    "transcript": "one history, one transcript",
    "key": "one history, one key",
    "reused": "one key, one history",
}
"""The rules that the game watches, by the kind of its findings."""


class Failure(AssertionError):  # noqa: N818 - what fails is the protocol
    """A protocol has broken a rule: which, and what was seen."""

    def __init__(self, rule: str, seen: str) -> None:
        super().__init__(f"{rule}: {seen}")
        self.rule = rule
        self.seen = seen


@dataclass(frozen=True, slots=True)
class _Moment:
    """A state of a member during the run, and what it may give away."""

    exposure: Exposure
    held: frozenset[LeafKey]
    record: MemberRecord


class Run:
    """A game on a protocol, judged step by step; operations and init keys are numbered from 0."""

    def __init__(
        self,
        protocol: CGKA,
        seed: str,
        names: Sequence[str],
        *,
        judged: bool = True,
        deep: bool = False,
    ) -> None:
        self.protocol = Watched(protocol)
        self.deep = deep
        """Whether they are attacked with key by key, where the protocol is a tree protocol."""
        self.judged = judged
        """Whether its states are to be attacked with at the end."""
        self.over = False
        """Whether it has ended: it was judged, or a rule was broken."""
        self.game = Game(self.protocol, seed, names)
        self._moments: list[_Moment] = []

    def has(self, feature: Feature) -> bool:
        """Whether the protocol does not say that it lacks something."""
        return feature not in self.protocol.lacks

    @property
    def trace(self) -> Trace:
        """The run so far."""
        return self.game.trace()

    def member(self, who: str) -> WatchedMember:
        """The real member of that name."""
        member: WatchedMember = self.game.members[who]  # type: ignore[assignment]  # wrapped above
        return member

    def randomness(self) -> SeededRandomness:
        """Randomness for members that are loaded besides; the same each time."""
        return SeededRandomness(f"{self.game.seed} besides")

    def play(self, *steps: Step) -> None:
        """Make steps, and look after each whether all is as it must be."""
        for step in steps:
            if self.over:
                raise LocalError("the run is over: it was judged, or a rule was broken")
            before = len(self.game.exposures)
            outcome = self.game.play(step)
            for finding in self.game.findings:
                self.over = True
                raise Failure(RULES.get(finding.kind, finding.kind), finding.what)
            self._look(step, outcome)
            for exposure in self.game.exposures[before:]:
                ledger, who = self.game.ledger, exposure.who
                record = deepcopy(ledger.members[who])
                self._moments.append(_Moment(exposure, held(ledger, who), record))

    # What a trace is written with. Each returns the number of the operation it makes.

    def create(self, who: str, *others: str) -> int:
        """``who`` makes a group with ``others``, each by a fresh init key."""
        keys = tuple(self.sample(other) for other in others)
        self.play(Create(who, op := self._next(), keys))
        return op

    def add(self, who: str, other: str) -> int:
        """``who`` lets ``other`` in, by a fresh init key."""
        key = self.sample(other)
        self.play(Add(who, op := self._next(), key))
        return op

    def remove(self, who: str, other: str) -> int:
        """``who`` makes ``other`` leave."""
        self.play(Remove(who, op := self._next(), other))
        return op

    def update(self, who: str) -> int:
        """``who`` updates."""
        self.play(Update(who, op := self._next()))
        return op

    def sample(self, who: str) -> int:
        """``who`` samples an init key; returns its number."""
        key = len(self.game.ledger.keys)
        self.play(SampleKey(who, key))
        return key

    def confirm(self, op: int) -> None:
        """The delivery service accepts an operation."""
        self.play(Confirm(op))

    def reject(self, op: int) -> None:
        """The delivery service refuses an operation."""
        self.play(Reject(op))

    def deliver(self, op: int, *to: str) -> None:
        """An operation reaches somebody."""
        self.play(*(Deliver(op, who) for who in to))

    def erase(self, who: str) -> None:
        """``who`` erases its unused init keys."""
        self.play(EraseKeys(who))

    def accept(self, op: int, but: Sequence[str] = ()) -> int:
        """An operation is confirmed and reaches everybody whom it is for, ``but`` these."""
        made = self.game.ledger.made[op]
        self.confirm(op)
        for who, record in self.game.ledger.members.items():
            mine = record.at is not None and record.at == made.base and who != made.author
            joins = record.at is None and made.joiners.get(who) in record.unused
            if (mine or joins) and who not in but:
                self.deliver(op, who)
        return op

    def _next(self) -> int:
        return len(self.game.ledger.made)

    def _look(self, step: Step, outcome: Outcome) -> None:
        """What the game does not look at: errors by name, events, and a key in every epoch."""
        if not outcome.accepted:
            if isinstance(step, Deliver) and step.op in self.game.operations:
                self._which_error(step)
            return
        who = step.to if isinstance(step, Deliver) else None
        if isinstance(step, Confirm):
            who = self.game.ledger.made[step.op].author
        if who is not None and isinstance(step, Deliver | Confirm):
            self._arrived(who, step.op)

    def _which_error(self, step: Deliver) -> None:
        """Bytes that do not belong are the sender's fault, not the caller's."""
        member = self.member(step.to)
        inside = self.game.ledger.members[step.to].at is not None
        if inside and not isinstance(member.error, RemoteError):
            raise Failure(
                "two errors only",
                f"{describe(step)}: {step.to} raised {type(member.error).__name__}, "
                "and a message that does not belong is a RemoteError",
            )

    def _arrived(self, who: str, op: int) -> None:
        made, member = self.game.ledger.made[op], self.member(who)
        inside = who in made.roster
        expected: Event = Removed(made.epoch, made.author)
        if inside:
            expected = EpochStarted(made.epoch, made.kind, made.author, made.target)
        if self.has(Feature.EVENTS) and member.event != expected:
            raise Failure("events", f"op {op} told {who} {member.event}, not {expected}")
        if inside and self.has(Feature.KEYS) and group_key(member) is None:
            raise Failure("group key", f"{who} has none in epoch {made.epoch}")

    # What every state of the run would give away.

    def judge(self) -> None:
        """Attack with every single state of the run, and look for every epoch's key.

        A state must give away the epochs that its owner can get to, or the attack would show
        nothing; and it must not give away an epoch that the safe predicate says it cannot. Every
        edge of what an adversary can derive has one source, so single states are enough.
        """
        if self.over or not self.has(Feature.SAVE):
            return
        self.over = True
        if self.deep and isinstance(self.protocol.protocol, TreeCGKA):
            self._judge_keys(self.protocol.protocol)
            return
        game = self.game
        pki = {who: member.signature_key for who, member in game.members.items()}
        messages = {op: made.message for op, made in game.operations.items()}
        for op, made in game.operations.items():
            if made.joiners and op not in game.welcomes:
                game.welcomes[op] = made.make_welcome()
        attacker = Attacker(self.protocol.protocol, pki, messages, game.welcomes)
        for moment in self._moments:
            try:
                got = attacker.keys(moment.exposure.saved)
            except TooManyStatesError as error:
                raise Failure("attacks end", str(error)) from None
            self._must_give(moment, got)
            self._must_not_give(moment, got)

    def _judge_keys(self, protocol: TreeCGKA) -> None:
        """Attack a tree protocol key by key, with every state and every use of randomness.

        What an author samples for others is seen in its randomness alone; that is what taints (or
        blanks) are for.
        """
        windows = Windows()
        for time, (step, outcome) in enumerate(
            zip(self.game.steps, self.game.outcomes, strict=True)
        ):
            if outcome.accepted:
                windows.observe(time, step)
        attacks = attack_game(self.game, protocol, windows, None, self.game.exposures)
        for finding in attacks.findings:
            raise Failure("secrets seen once", finding.what)

    def _must_give(self, moment: _Moment, got: dict[bytes, tuple[str, ...]]) -> None:
        who = moment.exposure.who
        for op in sorted(onward(self.game.ledger, who, moment.record)):
            key = self.game.keys.get(op)
            if key is not None and key not in got:
                raise Failure(
                    "a saved state is the whole state",
                    f"{who}'s state of step {moment.exposure.time} does not lead to the key of "
                    f"op {op}, loaded and played on",
                )

    def _must_not_give(self, moment: _Moment, got: dict[bytes, tuple[str, ...]]) -> None:
        who, ledger = moment.exposure.who, self.game.ledger
        for op, key in self.game.keys.items():
            made = ledger.made[op]
            if who in made.roster and leaf_key(ledger, op, who) in moment.held:
                continue
            late = made.time < moment.exposure.time
            if not self.has(Feature.FORWARD_SECRECY if late else Feature.HEALING):
                continue
            how = None
            if key in got:
                how = "gives: " + (", then ".join(got[key]) or "its group key")
            elif key in moment.exposure.saved:
                how = "contains the key"
            if how is not None:
                raise Failure(
                    "forward secrecy" if late else "post-compromise security",
                    f"epoch {made.epoch} (op {op}) is safe, but {who}'s state of step "
                    f"{moment.exposure.time} {how}",
                )
