"""Replays of a recorded trace under each scheme, by the cost engines or with real messages.

With real messages, every member is an object with its own keys, every operation is a signed message
with HPKE ciphertexts that all others process, and all group keys are compared after each operation.
This works with any protocol behind the :class:`~ttkem.cgka.CGKA` interface. If the scheme has a
cost engine, the number of ciphertexts sent must equal the number that the engine counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.blanking import treekem, treekem_with_commit
from ttkem.cgka import DeliveryService
from ttkem.errors import LocalError, TtkemError
from ttkem.simulation.runner import Scheme, new_engine
from ttkem.simulation.tree_costs import capacity_for
from ttkem.simulation.workloads import Action
from ttkem.tainted import tainted_treekem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ttkem.cgka import CGKA, Member, Operation, TreeCGKA
    from ttkem.crypto import CipherSuite, Randomness
    from ttkem.simulation.traces import TraceWorkload
    from ttkem.simulation.workloads import Step

__all__ = ["Disagreement", "Replay", "replay", "replay_for_real", "replay_protocol"]


class Disagreement(TtkemError):  # noqa: N818 - what it says is what was found
    """Members have different keys, or the engine's count differs: a bug in this package."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The cost of one scheme on one trace."""

    scheme: str
    users: int
    """The number of users who were ever members; rejoining counts as a new user."""
    costs: tuple[int, ...]
    """Ciphertexts of each step of the stream; the create before it is not counted."""
    members: tuple[int, ...]
    """Size of the group after each step."""
    real: bool = False
    """Whether all was done with real messages and all keys were compared."""
    processed: int = 0
    """Messages and welcomes that members processed; 0 unless real."""
    message_bytes: int = 0
    """The bytes of all control messages; 0 unless real."""
    interrupted: bool = False
    """Whether Ctrl-C ended the replay early; the figures then cover the steps that were done."""

    @property
    def encryptions(self) -> int:
        """All ciphertexts after the create."""
        return sum(self.costs)

    @property
    def per_user(self) -> float:
        """Ciphertexts per everyone who was ever a member."""
        return self.encryptions / self.users

    @property
    def per_operation(self) -> float:
        """Ciphertexts per operation."""
        return self.encryptions / len(self.costs) if self.costs else 0.0


def replay(trace: TraceWorkload, scheme: Scheme) -> Replay:
    """Count the ciphertexts of a scheme on a trace with its cost engine."""
    workload = trace.workload
    engine = new_engine(scheme, capacity_for(workload.initial), range(workload.initial))
    leaves = list(range(workload.initial))
    size, costs, members = workload.initial, [], []
    for action, author, target in workload.steps:
        if action is Action.UPDATE:
            cost = engine.update(leaves[author])
        elif action is Action.REMOVE:
            cost = engine.remove(leaves[author], leaves[target])
            size -= 1
        else:
            leaf, cost = engine.add(leaves[author])
            leaves.append(leaf)
            size += 1
        costs.append(cost)
        members.append(size)
    return Replay(scheme.value, len(leaves), tuple(costs), tuple(members))


def replay_for_real(
    trace: TraceWorkload,
    scheme: Scheme,
    suite: CipherSuite | int | str,
    randomness: Randomness,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Replay:
    """Run a trace with real messages, every member processing each one.

    ``on_progress`` is called after each step with the numbers of steps done and in total. Ctrl-C
    ends the run early and keeps what is done. Raise :class:`Disagreement` if two members' group
    keys differ or the number of ciphertexts is not the one that the engine counts.
    """
    counted = replay(trace, scheme).costs
    return _run(trace, scheme.value, _protocol(scheme, suite), randomness, counted, on_progress)


def replay_protocol(
    trace: TraceWorkload,
    protocol: CGKA,
    randomness: Randomness,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Replay:
    """Run a trace with any protocol; costs are the ciphertext counts that operations declare."""
    return _run(trace, protocol.name, protocol, randomness, None, on_progress)


def _run(
    trace: TraceWorkload,
    name: str,
    protocol: CGKA,
    randomness: Randomness,
    counted: Sequence[int] | None,
    on_progress: Callable[[int, int], None] | None,
) -> Replay:
    group = _Group(protocol, randomness)
    costs: list[int] = []
    members: list[int] = []
    interrupted = False
    steps = trace.workload.steps
    try:
        group.create(trace.workload.initial)
        for number, step in enumerate(steps):
            sent = group.step(step).ciphertexts
            if counted is not None and sent != counted[number]:
                raise Disagreement(
                    f"step {number}, {step}: members sent {sent} ciphertexts, "
                    f"the cost engine counted {counted[number]}"
                )
            costs.append(sent)
            members.append(len(group.present))
            if on_progress is not None:
                on_progress(len(costs), len(steps))
    except KeyboardInterrupt:
        interrupted = True
    return Replay(
        name,
        group.users,
        tuple(costs),
        tuple(members),
        real=True,
        processed=group.processed,
        message_bytes=group.message_bytes,
        interrupted=interrupted,
    )


def _protocol(scheme: Scheme, suite: CipherSuite | int | str) -> TreeCGKA:
    protocols: Mapping[Scheme, Callable[[CipherSuite | int | str], TreeCGKA]] = {
        Scheme.TKEM: treekem,
        Scheme.TKEM_COMMIT: treekem_with_commit,
        Scheme.TTKEM: tainted_treekem,
    }
    return protocols[scheme](suite)


class _Group:
    """All members of the group that replays a trace, and their delivery service."""

    def __init__(self, protocol: CGKA, randomness: Randomness) -> None:
        self.present: dict[int, Member] = {}
        self.users = self.processed = self.message_bytes = 0
        self._protocol = protocol
        self._randomness = randomness
        self._pki: dict[str, bytes] = {}
        self._delivery_service = DeliveryService()

    def create(self, size: int) -> None:
        """Create a group of the first ``size`` users."""
        creator, *others = [self._enter() for _ in range(size)]
        self._carry_out(creator.create([member.key_package() for member in others]))

    def step(self, step: Step) -> Operation:
        """Carry out one step of the stream, everyone processing it."""
        author = self.present[step.author]
        if step.action is Action.UPDATE:
            operation = author.update()
        elif step.action is Action.REMOVE:
            operation = author.remove(self.present[step.target].identity)
        else:
            operation = author.add(self._enter().key_package())
        self._carry_out(operation)
        if step.action is Action.REMOVE:
            del self.present[step.target]
        return operation

    def _enter(self) -> Member:
        identity = f"user {self.users}"
        member = self._protocol.member(identity, self._pki, self._randomness)
        self._pki[identity] = member.signature_key
        self.present[self.users] = member
        self.users += 1
        return member

    def _carry_out(self, operation: Operation) -> None:
        accepted = self._delivery_service.submit(operation)
        self.message_bytes += len(operation.message)
        everyone = self.present.values()
        self.processed += len(everyone) - 1
        for member in everyone:
            self._delivery_service.deliver(member)
        shared = {_view(member) for member in everyone if member.in_group}
        if not accepted or len(shared) != 1:
            raise Disagreement(
                f"{len(shared)} different group keys in epoch {self._delivery_service.epoch}"
            )


def _view(member: Member) -> tuple[bytes | None, bytes]:
    """Return what all members of an epoch must share: the group key, if any, and the transcript."""
    try:
        key: bytes | None = member.group_key
    except LocalError:
        key = None
    return key, member.transcript_hash
