"""One run of a protocol under test: a game with further checks and short methods for its steps.

:class:`ttkem.adversary.Game` plays real members; it checks which steps are accepted and who agrees.
A :class:`Run` also checks the content of events, which of the two errors is raised, and what every
single state of the run would reveal (:meth:`Run.judge`). The first violation is raised as a
:class:`Failure`.
"""

from __future__ import annotations

from dataclasses import replace
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
from ttkem.crypto.recording import Recorder, empty_caches, recording
from ttkem.errors import LocalError, RemoteError
from ttkem.testing.contracts import Contract, classify, contract_of, promised
from ttkem.testing.features import Feature
from ttkem.testing.joint_leaks import Together, joint_story, judge_together, leak
from ttkem.testing.knowledge.story import Storyteller
from ttkem.testing.naming import Names, PublicTree, public_tree
from ttkem.testing.reachable import onward
from ttkem.testing.recorded_judge import Exposed, Judged, Moment, judge_recorded
from ttkem.testing.state_attack import Attacker, TooManyStatesError, group_key
from ttkem.testing.watched import Watched
from ttkem.testing.wire import wire_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttkem.adversary import MemberRecord, Outcome, Step
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
"""The names of the rules that the game checks, by kind of violation."""
SHORTEST_KEY = 16
"""The least number of bytes of a group key: 128 bits."""


class Failure(AssertionError):  # noqa: N818 - what fails is the protocol
    """A protocol has broken a rule: the rule, the observation, and how it comes about."""

    def __init__(
        self,
        rule: str,
        seen: str,
        story: Sequence[str] = (),
        *,
        expected: str = "",
        cause: Iterable[str] = (),
        picture: str = "",
    ) -> None:
        super().__init__(f"{rule}: {seen}")
        self.rule = rule
        self.seen = seen
        self.story = tuple(story)
        """For a key that was computed, the derivation in words, a line for each step."""
        self.expected = expected
        """What should have been seen: for a key, the line of the contract that calls it safe."""
        self.cause = frozenset(cause)
        """For a key that was computed, the kinds of computations that lead to it."""
        self.picture = picture
        """For a key of a tree protocol, the trees with the nodes whose secrets were computed."""


def _copied(record: MemberRecord) -> MemberRecord:
    return replace(record, pending=[*record.pending], unused=[*record.unused])


class Run:
    """A game on a protocol, checked step by step; operations and init keys count from 0."""

    def __init__(
        self,
        protocol: CGKA,
        seed: str,
        names: Sequence[str],
        *,
        judged: bool = True,
        deep: bool = False,
        recorded_only: bool = False,
        contract: Contract | None = None,
    ) -> None:
        self.recorder = Recorder()
        """The record of everything that the members compute."""
        self.protocol = Watched(protocol, self.recorder)
        self.deep = deep
        """Whether attacks compute with single keys, if the protocol is a tree protocol."""
        self.contract = contract or contract_of(protocol)
        """What the protocol promises about leaked states."""
        self.tabled = False
        """Whether several leaks together are judged by all levels of a contract."""
        self.judged_record: Judged | None = None
        """The result of :meth:`judge` on the recorded cryptography."""
        self.judged_together: Together | None = None
        """The result of :meth:`judge` on several leaks together."""
        self.recorded_only = recorded_only
        """Whether no states are loaded by an attacker: the record alone is judged."""
        self.transcripts: dict[int, bytes] = {}
        """The transcript hashes by operation. They are public: users may compare them."""
        self.head = -1
        """The last operation that :meth:`accept` has delivered to everybody."""
        self.judged = judged
        """Whether the run's states are to be attacked at the end."""
        self.over = False
        """Whether the run has ended: it was judged, or a rule was broken."""
        empty_caches()
        with recording(self.recorder):
            self.game = Game(self.protocol, seed, names)
        self._moments: list[Moment] = []
        self.trees: dict[int, PublicTree] = {}
        """The public tree after each operation, if the protocol has one."""

    def has(self, feature: Feature) -> bool:
        """Return whether the protocol supports a feature."""
        return feature not in self.protocol.lacks

    @property
    def trace(self) -> Trace:
        """The run so far."""
        return self.game.trace()

    def member(self, who: str) -> WatchedMember:
        """Return the member of that name."""
        member: WatchedMember = self.game.members[who]  # type: ignore[assignment]  # wrapped above
        return member

    def randomness(self) -> SeededRandomness:
        """Return randomness for additional members; it is the same each time."""
        return SeededRandomness(f"{self.game.seed} besides")

    def play(self, *steps: Step) -> None:
        """Play steps, and raise a :class:`Failure` at the first violation."""
        for step in steps:
            if self.over:
                raise LocalError(
                    "cannot play another step: the run is over, since it was judged or a rule was "
                    "broken"
                )
            before, ledger = len(self.game.exposures), self.game.ledger
            records = {who: _copied(record) for who, record in ledger.members.items()}
            self.recorder.step = ledger.time
            with recording(self.recorder):
                outcome = self.game.play(step)
            for finding in self.game.findings:
                self.over = True
                raise Failure(RULES.get(finding.kind, finding.kind), finding.what)
            self._look(step, outcome)
            self._see_tree(step, outcome)
            for leaked in self.game.exposures[before:]:
                who, exposure = leaked.who, leaked
                if not self.has(Feature.SAVE):
                    exposure = replace(leaked, saved=self.member(who).exposed())
                moment = Moment(exposure, records[who], _copied(ledger.members[who]))
                self._moments.append(moment)

    # Methods with which traces are written. Those that make an operation return its number.

    def create(self, who: str, *others: str) -> int:
        """Let ``who`` create a group with ``others``, each with a fresh init key."""
        keys = tuple(self.sample(other) for other in others)
        self.play(Create(who, op := self._next(), keys))
        return op

    def add(self, who: str, other: str) -> int:
        """Let ``who`` add ``other`` with a fresh init key."""
        key = self.sample(other)
        self.play(Add(who, op := self._next(), key))
        return op

    def remove(self, who: str, other: str) -> int:
        """Let ``who`` remove ``other``."""
        self.play(Remove(who, op := self._next(), other))
        return op

    def update(self, who: str) -> int:
        """Let ``who`` update."""
        self.play(Update(who, op := self._next()))
        return op

    def sample(self, who: str) -> int:
        """Let ``who`` sample an init key; return its number."""
        key = len(self.game.ledger.keys)
        self.play(SampleKey(who, key))
        return key

    def confirm(self, op: int) -> None:
        """Confirm an operation to its author."""
        self.play(Confirm(op))

    def reject(self, op: int) -> None:
        """Reject an operation to its author."""
        self.play(Reject(op))

    def deliver(self, op: int, *to: str) -> None:
        """Deliver an operation to these members, in this order."""
        self.play(*(Deliver(op, who) for who in to))

    def erase(self, who: str) -> None:
        """Let ``who`` erase its unused init keys."""
        self.play(EraseKeys(who))

    def accept(self, op: int, but: Sequence[str] = ()) -> int:
        """Confirm an operation and deliver it to all who must accept it, except ``but``."""
        made = self.game.ledger.made[op]
        self.confirm(op)
        for who, record in self.game.ledger.members.items():
            mine = record.at is not None and record.at == made.base and who != made.author
            joins = record.at is None and made.joiners.get(who) in record.unused
            if (mine or joins) and who not in but:
                self.deliver(op, who)
        self.head = op
        return op

    def _next(self) -> int:
        return len(self.game.ledger.made)

    def _look(self, step: Step, outcome: Outcome) -> None:
        """Check what the game does not: kinds of errors, events, and a key in every epoch."""
        if not outcome.accepted:
            if isinstance(step, Deliver) and step.op in self.game.operations:
                self._which_error(step)
            return
        who = step.to if isinstance(step, Deliver) else None
        if isinstance(step, Confirm):
            who = self.game.ledger.made[step.op].author
        if who is not None and isinstance(step, Deliver | Confirm):
            self._arrived(who, step.op)

    def _see_tree(self, step: Step, outcome: Outcome) -> None:
        """Remember the public tree to which an operation leads, for pictures and names."""
        if isinstance(step, Reject) or not outcome.accepted:
            return
        op: int = getattr(step, "op", -1)
        made = self.game.operations.get(op)
        if made is None or op in self.trees:
            return
        pending = not isinstance(step, Deliver | Confirm)
        who = step.to if isinstance(step, Deliver) else made.author
        tree = public_tree(self.member(who).unwrapped, made.id if pending else None)
        if tree is not None:
            self.trees[op] = tree

    def _which_error(self, step: Deliver) -> None:
        """Check that a member refuses a message with the sender's error, not the caller's."""
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
        if inside and self.has(Feature.TRANSCRIPT):
            self.transcripts[op] = bytes(member.transcript_hash)
        key = group_key(member) if inside else None
        if inside and self.has(Feature.KEYS) and key is None:
            raise Failure("group key", f"{who} has none in epoch {made.epoch}")
        if key is not None and len(key) < SHORTEST_KEY:
            raise Failure(
                "group key",
                f"{who} has one of {len(key)} bytes in epoch {made.epoch}: fewer than "
                f"{SHORTEST_KEY} can be guessed",
            )

    def judge(self) -> None:
        """Attack every single state of the run; raise a :class:`Failure` at the first violation.

        A state must reveal the keys of the epochs that its owner can reach, since otherwise the
        attack would prove nothing, and no key that the contract calls safe.
        """
        if self.over:
            return
        self.over = True
        self._make_welcomes()
        self._judge_record()
        if self.recorded_only or not self.has(Feature.SAVE):
            return
        if self.deep:
            if isinstance(self.protocol.protocol, TreeCGKA):
                self._judge_keys(self.protocol.protocol)
            return
        game = self.game
        pki = {who: member.signature_key for who, member in game.members.items()}
        messages = {op: made.message for op, made in game.operations.items()}
        attacker = Attacker(self.protocol.protocol, pki, messages, game.welcomes)
        for moment in self._moments:
            try:
                got = attacker.keys(moment.exposure.saved)
            except TooManyStatesError as error:
                raise Failure("attacks end", str(error)) from None
            self._must_give(moment, got)
            self._must_not_give(moment, got)

    def _make_welcomes(self) -> None:
        """Make all welcomes: they travel, whether or not this run delivered them."""
        game = self.game
        with recording(self.recorder):
            for op, made in game.operations.items():
                if made.joiners and op not in game.welcomes:
                    game.welcomes[op] = made.make_welcome()

    def sent(self) -> dict[str, bytes]:
        """Return everything that left a member so far, and what is public otherwise, by name."""
        game = self.game
        return {
            **{f"the transcript hash of op {op}": data for op, data in self.transcripts.items()},
            **{f"the message of op {op}": made.message for op, made in game.operations.items()},
            **{f"the welcome of op {op}": data for op, data in game.welcomes.items()},
            **{f"key package {key}": data for key, data in game.packages.items()},
            **{f"{who}'s signature key": m.signature_key for who, m in game.members.items()},
        }

    def _judge_record(self) -> None:
        """Raise a Failure if a key that the contract calls safe follows from a leak."""
        game, moments = self.game, self._moments
        judged = judge_recorded(
            self.recorder, self.sent(), game.ledger, game.keys, moments, self.contract
        )
        self.judged_record = judged
        self.judged_together = judge_together(judged, self.contract, table=self.tabled)
        names = Names(self.game, self.recorder, self.trees)
        story = Storyteller(judged.graph, self.recorder, names)
        for op in judged.public:
            raise self._computed(
                judged,
                story,
                names,
                op,
                "secrecy",
                f"anybody can compute {story.name(judged.target(op))}",
                "no group key follows from what travels, whatever the contract",
            )
        for exposed in judged.exposed:
            raise self._exposed(exposed, judged, story, names)
        for joint in self.judged_together.exposed:
            leaks = " and ".join(leak(judged, atom) for atom in joint.atoms)
            raise Failure(
                "leaks together",
                f"{leaks} together give the key of epoch {self.game.ledger.made[joint.op].epoch} "
                f"(op {joint.op}), which the contract {self.contract.name!r} calls safe, since "
                "each of them is harmless",
                joint_story(judged, joint, story),
            )
        for found in wire_findings(self.recorder, judged.graph, story, judged.numbers):
            raise Failure(found.rule, found.seen, found.story)

    def _exposed(
        self, exposed: Exposed, judged: Judged, story: Storyteller, names: Names
    ) -> Failure:
        """Return the failure that a safe key can be computed, with its derivation."""
        who, time, op = exposed.who, exposed.time, exposed.op
        leak = f"{who}'s state after step {time}"
        if not exposed.state:
            leak = f"{who}'s randomness of step {time}"
        rule, promise = "forward secrecy", self.contract.forward.value
        if exposed.pair.before:
            rule, promise = "post-compromise security", self.contract.healing.value
        return self._computed(
            judged,
            story,
            names,
            op,
            rule,
            f"{leak} gives the key of epoch {self.game.ledger.made[op].epoch} (op {op}), which the "
            f"contract {self.contract.name!r} calls safe ({rule}: {promise})",
            promised(self.contract, exposed.pair, who),
            leak,
            exposed.shown,
        )

    def _computed(  # noqa: PLR0913, PLR0917 - the parts of a finding
        self,
        judged: Judged,
        story: Storyteller,
        names: Names,
        op: int,
        rule: str,
        seen: str,
        expected: str,
        leak: str = "",
        shown: tuple[int, ...] = (),
    ) -> Failure:
        """Return the failure that a group key can be computed: derivation, cause and picture."""
        derivation, target = judged.derivation(op, shown), judged.target(op, shown)
        learned = {judged.graph.values.bytes[step.target] for step in derivation}
        learned |= {
            judged.graph.values.bytes[n] for s in derivation for n in s.sources if n in shown
        }
        return Failure(
            rule,
            seen,
            story.lines(derivation, target, leak, shown),
            expected=expected,
            cause=story.kinds(derivation, target, shown) or {"in clear"},
            picture=names.picture(op, learned),
        )

    def _judge_keys(self, protocol: TreeCGKA) -> None:
        """Attack a tree protocol with single keys, for every state and every use of randomness.

        Only an author's randomness reveals what it samples for others, which is the leak that
        taints and blank nodes limit.
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

    def _must_give(self, moment: Moment, got: dict[bytes, tuple[str, ...]]) -> None:
        who = moment.exposure.who
        for op in sorted(onward(self.game.ledger, who, moment.after)):
            key = self.game.keys.get(op)
            if key is not None and key not in got:
                raise Failure(
                    "a saved state is the whole state",
                    f"{who}'s state of step {moment.exposure.time}, once loaded, does not "
                    f"lead to the key of op {op}",
                )

    def _must_not_give(self, moment: Moment, got: dict[bytes, tuple[str, ...]]) -> None:
        who, ledger, time = moment.exposure.who, self.game.ledger, moment.exposure.time
        for op, key in self.game.keys.items():
            pair = classify(ledger, who, moment.after, time, op)
            if not pair.safe(self.contract):
                continue
            how = None
            if key in got:
                how = "gives: " + (", then ".join(got[key]) or "its group key")
            elif key in moment.exposure.saved:
                how = "contains the key"
            if how is not None:
                raise Failure(
                    "post-compromise security" if pair.before else "forward secrecy",
                    f"epoch {ledger.made[op].epoch} (op {op}) is safe, but {who}'s state of step "
                    f"{time} {how}",
                )
