"""What a protocol promises about leaked states: when a member heals, and when the past is safe.

A *contract* (own term) has two lines. *Healing* says from which epoch on a leak is harmless: after
the next epoch whoever starts it, after the member's own next operation, after its own next update,
or never. *Forward secrecy* says which earlier epochs a leak leaves safe: all that the member has
left, those before its latest operation or update, or none. Levels are ordered from the strongest
promise to the weakest.

A third line says which earlier epochs stay safe when leaks of several members or moments are put
together. In MLS one leak reveals no epoch that its owner has left. But a member that has not
committed since keeps the leaf key by which others encrypted to it; with an older state of a member
that has healed, from which the secrets of the previous epoch follow, that gives the key of an epoch
which each leak by itself leaves safe.

For an epoch that a state can still reach by processing messages, healing decides; for every other
epoch of the member, forward secrecy. Epochs in which the member is not in the group are always safe
from its state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ttkem.cgka import Kind
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from ttkem.adversary import Ledger, MemberRecord
    from ttkem.cgka import CGKA

__all__ = [
    "CONTRACTS",
    "FORWARD_LEVELS",
    "HEALING_LEVELS",
    "Contract",
    "Forward",
    "Healing",
    "Pair",
    "classify",
    "contract_named",
    "contract_of",
    "promised",
]


class Healing(Enum):
    """From which epoch on a leaked state of a member is harmless."""

    ANY_EPOCH = "the next epoch"
    OWN_OPERATION = "the member's next own operation"
    OWN_UPDATE = "the member's next own update"
    NEVER = "never"


class Forward(Enum):
    """Which earlier epochs a leaked state of a member leaves safe."""

    EVERY_EPOCH = "all that the member has left"
    OWN_OPERATION = "those before the member's latest own operation"
    OWN_UPDATE = "those before the member's latest own update"
    NEVER = "none"


HEALING_LEVELS = tuple(Healing)
FORWARD_LEVELS = tuple(Forward)


@dataclass(frozen=True, slots=True)
class Contract:
    """A promise about every member's leaked states."""

    name: str
    healing: Healing
    forward: Forward
    together: Forward | None = None
    """Forward secrecy when several leaks are put together; None: the same as for one leak."""

    def __post_init__(self) -> None:
        """Check the types: designers write contracts by hand."""
        wrong = [
            f"{name} must be a {kind.__name__}, not {value!r}"
            for name, kind, value in (
                ("name", str, self.name),
                ("healing", Healing, self.healing),
                ("forward", Forward, self.forward),
                ("together", Forward, self.forward if self.together is None else self.together),
            )
            if not isinstance(value, kind)
        ]
        if wrong:
            raise LocalError(f"cannot make a contract: {wrong[0]}")
        levels = [FORWARD_LEVELS.index(each) for each in (self.forward, self.joint.forward)]
        if levels != sorted(levels):
            raise LocalError(
                f"cannot make the contract {self.name!r}: several leaks together cannot leave more "
                "epochs safe than each of them; weaken `together`, or strengthen `forward`"
            )

    @property
    def joint(self) -> Contract:
        """The contract by which each of several leaks must be harmless for all to be harmless."""
        if self.together is None:
            return self
        return Contract(self.name, self.healing, self.together)


CONTRACTS = {
    contract.name: contract
    for contract in (
        Contract("Tainted TreeKEM", Healing.OWN_UPDATE, Forward.OWN_UPDATE),
        Contract("MLS", Healing.OWN_OPERATION, Forward.EVERY_EPOCH, Forward.OWN_OPERATION),
        Contract(
            "MLS without paths in adds", Healing.OWN_UPDATE, Forward.EVERY_EPOCH, Forward.OWN_UPDATE
        ),
        Contract("per epoch", Healing.ANY_EPOCH, Forward.EVERY_EPOCH),
        Contract("never heals", Healing.NEVER, Forward.EVERY_EPOCH),
        Contract("nothing", Healing.NEVER, Forward.NEVER),
    )
}
"""The contracts that have names."""


def contract_named(name: str) -> Contract:
    """Return a contract by name; raise a LocalError if there is none."""
    if name not in CONTRACTS:
        raise LocalError(f"unknown contract {name!r}: choose from {', '.join(CONTRACTS)}")
    return CONTRACTS[name]


def contract_of(protocol: CGKA, name: str | None = None) -> Contract:
    """Return the contract of a protocol: its attribute ``contract``, a contract or its name.

    A ``name`` that is given stands in for it.

    A protocol without one promises what Tainted TreeKEM promises, but for what it says to lack: no
    healing, no forward secrecy.
    """
    given = getattr(protocol, "contract", None) if name is None else name
    if isinstance(given, Contract):
        return given
    if isinstance(given, str):
        return contract_named(given)
    if given is not None:
        raise LocalError(
            f"{protocol.name}.contract is a {type(given).__name__}: set it to a "
            f"ttkem.testing.Contract or to a name out of {', '.join(CONTRACTS)}"
        )
    lacks = getattr(protocol, "lacks", ())
    return Contract(
        "Tainted TreeKEM" if not {"healing", "forward-secrecy"} & set(lacks) else "what it has",
        Healing.NEVER if "healing" in lacks else Healing.OWN_UPDATE,
        Forward.NEVER if "forward-secrecy" in lacks else Forward.OWN_UPDATE,
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """How a leaked state of a member relates to an epoch: which promises call the epoch safe."""

    before: bool
    """Whether the state can still reach the epoch, so that healing decides."""
    levels: int
    """The number of levels, from the strongest on, that call the epoch safe: of healing if the
    state is before the epoch, else of forward secrecy. All levels: it is safe in any case.
    """
    reachable: bool = False
    """Whether the state reaches the epoch by processing what others made: it must give its key."""

    def safe(self, contract: Contract) -> bool:
        """Return whether a contract promises that the state does not reveal the epoch's key."""
        if self.before:
            return HEALING_LEVELS.index(contract.healing) < self.levels
        return FORWARD_LEVELS.index(contract.forward) < self.levels


OUTSIDE = Pair(before=False, levels=len(FORWARD_LEVELS))
"""The member is not in the group in that epoch: no promise allows its state to reveal the key."""


def promised(contract: Contract, pair: Pair, who: str) -> str:
    """Return the line of a contract that calls the epoch of a pair safe, in words."""
    if pair == OUTSIDE:
        return f"{who} is not in the group in that epoch: no state of {who} may give its key"
    if pair.before:
        return (
            f"contract {contract.name!r}, healing: from {contract.healing.value} on, what leaked "
            "before it is harmless"
        )
    return (
        f"contract {contract.name!r}, forward secrecy: of earlier epochs a leak leaves safe "
        f"{contract.forward.value}"
    )


def classify(ledger: Ledger, who: str, record: MemberRecord, time: int, op: int) -> Pair:
    """Return how a state of ``who`` relates to the epoch that operation ``op`` starts.

    The state is that after step ``time``, described by the member's record at that moment.
    """
    if who not in ledger.made[op].roster:
        return OUTSIDE
    path = _path(ledger, who, record, time, op)
    if path is not None:
        reachable = all(ledger.made[each].author != who for each in path)
        return Pair(before=True, levels=_healing(ledger, who, path, time), reachable=reachable)
    return Pair(before=False, levels=_forward(ledger, who, record, op))


def _path(ledger: Ledger, who: str, record: MemberRecord, time: int, op: int) -> list[int] | None:
    """Return the operations from a state (exclusive) to an epoch; None if none lead there.

    The member must stay in the group on the way. Pending operations, and those that add the member
    by an init key that it holds, are part of the state.
    """
    held = {record.at, *record.pending}
    path: list[int] = []
    at: int | None = op
    while at is not None and who in ledger.made[at].roster:
        if at in held:
            return path
        made = ledger.made[at]
        if who in made.joiners:
            return path if made.joiners[who] in record.unused else None
        if made.author == who and made.time <= time:
            return None  # dropped: the state no longer holds its secrets
        path.append(at)
        at = made.base
    return None


def _healing(ledger: Ledger, who: str, path: list[int], time: int) -> int:
    """Return how many levels of healing call the end of a path safe."""
    level = 0
    for op in path:
        made = ledger.made[op]
        if made.time <= time:
            continue
        own = made.author == who
        update = own and made.kind in (Kind.CREATE, Kind.UPDATE)
        level = max(level, 3 if update else 2 if own else 1)
    return level


def _forward(ledger: Ledger, who: str, record: MemberRecord, op: int) -> int:
    """Return how many levels of forward secrecy call an epoch safe that a state cannot reach."""
    level = 1
    for number, kinds in ((2, tuple(Kind)), (3, (Kind.CREATE, Kind.UPDATE))):
        held = {("init", key) for key in record.unused}
        views = record.pending if record.at is None else [*record.pending, record.at]
        held |= {_key(ledger, view, who, kinds) for view in views}
        if _key(ledger, op, who, kinds) not in held:
            level = number
    return level


def _key(ledger: Ledger, op: int, who: str, kinds: tuple[Kind, ...]) -> tuple[str, int]:
    """Return the operation or init key from which the member's own secrets stem in an epoch."""
    at: int | None = op
    while at is not None:
        made = ledger.made[at]
        if who in made.joiners:
            return "init", made.joiners[who]
        if who == made.author and made.kind in kinds:
            return "own", at
        at = made.base
    raise AssertionError(f"{who} is not a member of the group after op {op}")
