"""Runs of the symbolic model, for comparing formulas with: scripted, by strategy, and wild.

The strategies of :mod:`ttkem.adversary.strategies` play to win. In a wild game every kind of step
is about as likely as any other, so that members create while they wait for another group, join with
operations pending, use init keys twice or erased ones, and are corrupted wherever they are.
"""

from random import Random

from ttkem.adversary import (
    STRATEGIES,
    Add,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    EraseKeys,
    Player,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    SymbolicGame,
    Update,
)

TRIES = 40
KINDS = (
    "sample",
    "erase",
    "create",
    "update",
    "update",
    "add",
    "add",
    "remove",
    "remove",
    "confirm",
    "confirm",
    "confirm",
    "reject",
    "deliver",
    "deliver",
    "deliver",
    "deliver",
    "deliver",
    "deliver",
    "start",
    "end",
)


def wild_steps(seed, members=4, length=50):
    """Return the members' names and the steps of a random game, all of them accepted."""
    chance = Random(f"wild {seed}")
    kinds = KINDS if seed % 3 else (*KINDS, *["start"] * 6)
    game = SymbolicGame(tuple(f"m{number}" for number in range(members)))
    steps = _group([*game.states]) if seed % 2 else []
    for step in steps:
        game.play(step)
    while len(steps) < length:
        step = _accepted(game.ledger, kinds, chance)
        if step is not None:
            game.play(step)
            steps.append(step)
    return [*game.states], steps


def _group(names):
    """Return steps after which all but one are in one group."""
    creator, *others = names[:-1]
    keys = range(len(others))
    return [
        *(SampleKey(name, key) for key, name in enumerate(others)),
        Create(creator, 0, tuple(keys)),
        Confirm(0),
        *(Deliver(0, name) for name in others),
    ]


def _accepted(ledger, kinds, chance):
    kind = chance.choice(kinds)
    for _ in range(TRIES):
        step = _any(ledger, kind, chance)
        if step is not None and not (ledger.misuse(step) or ledger.objection(step)):
            return step
    return None


def _any(ledger, kind, chance):  # noqa: C901, PLR0911 - one case a kind of step
    names, keys, ops = [*ledger.members], [*ledger.keys], [*ledger.made]
    who, op = chance.choice(names), len(ops)
    match kind:
        case "sample":
            return SampleKey(who, len(keys)) if len(keys) < 3 * len(names) else None
        case "erase":
            return EraseKeys(who) if chance.random() < 0.3 else None
        case "create":
            if (
                any(seat.at is not None for seat in ledger.members.values())
                and chance.random() < 0.9
            ):
                return None
            several = chance.sample(keys, min(len(keys), chance.randrange(4)))
            return Create(who, op, tuple(several))
        case "update":
            return Update(who, op)
        case "add":
            return Add(who, op, chance.choice(keys)) if keys else None
        case "remove":
            return Remove(who, op, chance.choice(names))
        case "start":
            return StartCorrupt(who)
        case "end":
            return EndCorrupt(who)
    if not ops:
        return None
    pending = ledger.members[who].pending
    match kind:
        case "confirm":
            return Confirm(chance.choice(pending)) if pending else None
        case "reject":
            return Reject(chance.choice(pending)) if pending else None
    at = ledger.members[who].at
    there = ops if at is None else ledger.following.get(at)
    return Deliver(chance.choice(there), who) if there else None


SITUATIONS = {
    "a tainted node is a root later, with its tainter below": (
        SampleKey("bob", 0),
        SampleKey("cat", 1),
        Create("ann", 0, (0, 1)),
        Confirm(0),
        Deliver(0, "bob"),
        Deliver(0, "cat"),
        Remove("cat", 1, "bob"),
        Reject(1),
        Update("cat", 2),
        Confirm(2),
        Deliver(2, "ann"),
        Deliver(2, "bob"),
        Remove("ann", 3, "cat"),
        Confirm(3),
        Deliver(3, "bob"),
        Deliver(3, "cat"),
        Remove("ann", 4, "bob"),
        Confirm(4),
        Deliver(4, "bob"),
        SampleKey("cat", 2),
        Add("ann", 5, 2),
        Confirm(5),
        Deliver(5, "cat"),
        Update("cat", 6),
        Confirm(6),
        Deliver(6, "ann"),
        Update("cat", 7),
        Reject(7),
        Update("ann", 8),
        Deliver(8, "cat"),
        Confirm(8),
        Update("cat", 9),
        Confirm(9),
        Deliver(9, "ann"),
        Remove("cat", 11, "ann"),
        Deliver(11, "ann"),
        Confirm(11),
        SampleKey("bob", 3),
        Add("cat", 12, 3),
        Confirm(12),
        Deliver(12, "bob"),
        Remove("bob", 13, "cat"),
        Deliver(13, "cat"),
    ),
    "the author of what comes before tainted the new root": (
        *(SampleKey(who, key) for key, who in enumerate(("bob", "cat", "dan", "eve"))),
        Create("ann", 0, (0, 1, 2, 3)),
        Confirm(0),
        *(Deliver(0, who) for who in ("bob", "cat", "dan", "eve")),
        Remove("eve", 1, "cat"),
        Confirm(1),
        *(Deliver(1, who) for who in ("ann", "bob")),
        Remove("ann", 2, "eve"),
        Deliver(2, "bob"),
    ),
    "a tainter comes back under the node that it tainted": (
        *(
            SampleKey(who, key)
            for key, who in enumerate(("bob", "cat", "dan", "eve", "eve", "bob"))
        ),
        Create("ann", 0, (0, 1, 2, 3)),
        Confirm(0),
        *(Deliver(0, who) for who in ("bob", "cat", "dan", "eve")),
        Remove("eve", 1, "cat"),
        Reject(1),
        Remove("ann", 2, "eve"),
        Confirm(2),
        *(Deliver(2, who) for who in ("bob", "cat", "dan", "eve")),
        Remove("ann", 3, "cat"),
        Confirm(3),
        *(Deliver(3, who) for who in ("bob", "cat", "dan")),
        Add("ann", 4, 4),
        Confirm(4),
        *(Deliver(4, who) for who in ("bob", "dan", "eve")),
        StartCorrupt("eve"),
        Remove("eve", 5, "bob"),
        Confirm(5),
        Update("eve", 6),
        Confirm(6),
        Add("eve", 7, 5),
        Confirm(7),
        EndCorrupt("eve"),
        Remove("eve", 8, "bob"),
        Deliver(5, "dan"),
        Deliver(6, "dan"),
        Deliver(7, "dan"),
        Update("dan", 9),
        Deliver(9, "eve"),
        Remove("dan", 10, "eve"),
        Confirm(9),
        Remove("dan", 11, "eve"),
        Deliver(11, "eve"),
        StartCorrupt("eve"),
        *(SampleKey(who, 20 + key) for key, who in enumerate(("ann", "bob", "cat"))),
        Create("eve", 12, (20, 21, 22)),
    ),
    "somebody joins late": (
        SampleKey("bob", 0),
        Create("ann", 0, (0,)),
        Confirm(0),
        Update("ann", 1),
        Deliver(0, "bob"),
    ),
    "somebody joins what its author has not confirmed": (
        SampleKey("bob", 0),
        Create("ann", 0, (0,)),
        Deliver(0, "bob"),
    ),
    "others go on from what its author has not confirmed": (
        SampleKey("bob", 0),
        SampleKey("cat", 1),
        Create("ann", 0, (0, 1)),
        Confirm(0),
        Deliver(0, "bob"),
        Deliver(0, "cat"),
        Update("ann", 1),
        Deliver(1, "bob"),
        Deliver(1, "cat"),
        Remove("bob", 2, "cat"),
        Deliver(2, "cat"),
    ),
    "the author of what is processed is in no group": (
        SampleKey("bob", 0),
        SampleKey("cat", 1),
        Create("ann", 0, (0, 1)),
        Confirm(0),
        Deliver(0, "bob"),
        Deliver(0, "cat"),
        Update("bob", 1),
        Remove("ann", 2, "bob"),
        Deliver(2, "bob"),
        Deliver(1, "cat"),
    ),
    "all init keys are erased before they are used": (
        SampleKey("bob", 0),
        SampleKey("cat", 1),
        EraseKeys("bob"),
        EraseKeys("cat"),
        Create("ann", 0, (0, 1)),
    ),
    "an init key is looked at before anybody is in a group": (
        SampleKey("bob", 0),
        StartCorrupt("bob"),
        EndCorrupt("bob"),
        Create("ann", 0, (0,)),
    ),
    "all is erased that was looked at": (
        SampleKey("bob", 0),
        StartCorrupt("bob"),
        EndCorrupt("bob"),
        Create("ann", 0, (0,)),
        Reject(0),
        EraseKeys("bob"),
    ),
}
"""Runs that random games do not come upon."""


NAMES = ("ann", "bob", "cat", "dan", "eve")

SCRIPT = (
    *(SampleKey(who, key) for key, who in enumerate(NAMES)),
    Create("ann", 0, (1, 2, 3)),
    Confirm(0),
    *(Deliver(0, who) for who in ("bob", "cat", "dan")),
    StartCorrupt("bob"),
    Update("bob", 1),
    EndCorrupt("bob"),
    Update("cat", 2),
    StartCorrupt("dan"),
    Deliver(1, "ann"),
    Confirm(1),
    Deliver(2, "dan"),
    Confirm(2),
    StartCorrupt("eve"),
    EndCorrupt("eve"),
    Add("ann", 3, 4),
    Confirm(3),
    StartCorrupt("ann"),
    EndCorrupt("ann"),
    Deliver(3, "eve"),
    Deliver(3, "bob"),
    Update("ann", 4),
    Reject(4),
    Update("ann", 5),
    Confirm(5),
    Remove("cat", 6, "ann"),
    Confirm(6),
    Remove("bob", 7, "eve"),
    Deliver(7, "eve"),
    EraseKeys("eve"),
    Deliver(1, "dan"),
    Remove("dan", 8, "cat"),
    Confirm(8),
    Remove("cat", 9, "dan"),
    Add("bob", 10, 0),
    Confirm(7),
)
"""A group of four that splits into two, with one more in one half; some steps are refused."""


def crowded(names, steps):
    """Let whoever is handed an operation have one of its own pending."""
    game, found = SymbolicGame(tuple(names)), []
    for step in steps:
        several = [step]
        if isinstance(step, Deliver) and game.ledger.objection(step) is None:
            op = 1000 + len(found)
            inside = game.ledger.members[step.to].at is not None
            several = [Update(step.to, op) if inside else Create(step.to, op, ()), step]
        for each in several:
            game.play(each)
        found += several
    return names, found


def watched(names, steps):
    """Let the adversary watch everybody from the beginning."""
    others = (step for step in steps if not isinstance(step, (StartCorrupt, EndCorrupt)))
    return names, [*(StartCorrupt(name) for name in names), *others]


def random_steps(strategy, seed, members, length):
    game = SymbolicGame(tuple(f"m{number}" for number in range(members)))
    player = Player(STRATEGIES[strategy], game.ledger, Random(f"{strategy} {seed}"), members)
    steps = []
    for _ in range(length):
        steps.append(player.step())
        game.play(steps[-1])
    return [*game.states], steps
