"""Functional and consistency checks: members reach the right epochs and agree with one another.

The game checks after every step that members with one history agree on key, roster, epoch and
transcript, and that members with different histories share neither key nor transcript.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.adversary import Add
from ttkem.crypto import SeededRandomness
from ttkem.errors import LocalError, RemoteError, described
from ttkem.testing.checks import Bench, check
from ttkem.testing.features import Feature, lacking
from ttkem.testing.run import Failure, Run

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CONSISTENCY", "FUNCTIONAL"]

FOUR = ("ann", "bob", "cat", "dan")
MANY = (*FOUR, "eve", "fay", "gus", "hal", "ivy")


@check("functional")
def a_created_group_agrees(bench: Bench) -> None:
    """Check that everybody who joins by a create's welcome has one key, one roster and epoch 1."""
    for size in (1, 2, 3, 5, 8):
        run = bench.run(*MANY[:size])
        run.accept(run.create(*MANY[:size]))


@check("functional")
def everybody_updates(bench: Bench) -> None:
    """Check that every member can update, all others process it, and the group has a new key."""
    run = bench.run(*FOUR)
    run.accept(run.create(*FOUR))
    for who in (*FOUR, "ann", "dan"):
        run.accept(run.update(who))


@check("functional", Feature.ADD)
def a_group_grows(bench: Bench) -> None:
    """Check that members can join one after the other, added by any member, and act at once."""
    run = bench.run(*MANY)
    run.accept(run.create("ann"))
    for number, who in enumerate(MANY[1:]):
        run.accept(run.add(MANY[number // 2], who))
        run.accept(run.update(who))


@check("functional", Feature.REMOVE)
def members_leave(bench: Bench) -> None:
    """Check that a removed member learns of its removal and leaves; the others go on."""
    for stays in ("ann", "dan"):
        run = bench.run(*FOUR)
        run.accept(run.create(*FOUR))
        for who in FOUR:
            if who != stays:
                run.accept(run.remove(stays, who))
                run.accept(run.update(stays))


@check("functional", Feature.REMOVE, Feature.ADD, Feature.READD)
def a_removed_member_comes_back(bench: Bench) -> None:
    """Check that a removed member can be added again, as a new member."""
    run = bench.run(*FOUR)
    run.accept(run.create(*FOUR))
    run.accept(run.remove("bob", "ann"))
    run.accept(run.add("cat", "ann"))
    run.accept(run.update("ann"))
    run.accept(run.remove("ann", "dan"))
    run.accept(run.add("ann", "dan"))
    run.accept(run.update("bob"))


@check("functional", Feature.SEVERAL)
def confirming_one_drops_the_others(bench: Bench) -> None:
    """Check that confirming one of several pending operations drops the others for good."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob", "cat"))
    first, second, third = (run.update("ann") for _ in range(3))
    run.accept(second)
    run.confirm(first)
    run.confirm(third)
    run.accept(run.update("ann"))


@check("functional", Feature.REJECT)
def a_rejected_operation_is_gone(bench: Bench) -> None:
    """Check that a rejected operation changes nothing for its author and is gone for good."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob", "cat"))
    op = run.update("ann")
    run.reject(op)
    run.confirm(op)
    run.reject(op)
    run.accept(run.update("ann"))


@check("functional", Feature.REJECT, Feature.SEVERAL)
def rejecting_one_keeps_the_others(bench: Bench) -> None:
    """Check that rejecting one of several pending operations leaves the others pending."""
    run = bench.run("ann", "bob")
    run.accept(run.create("ann", "bob"))
    first, second = run.update("ann"), run.update("ann")
    run.reject(first)
    run.accept(second)


@check("functional")
def processing_drops_what_is_pending(bench: Bench) -> None:
    """Check that processing another member's operation drops all pending operations."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob", "cat"))
    mine, theirs = run.update("ann"), run.update("bob")
    run.accept(theirs)
    run.confirm(mine)
    run.deliver(mine, "bob", "cat")
    run.accept(run.update("ann"))


@check("functional", Feature.ADD)
def a_pending_create_gives_way_to_a_welcome(bench: Bench) -> None:
    """Check that joining a group drops a pending create."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob"))
    own = run.create("cat")
    run.accept(run.add("ann", "cat"))
    run.confirm(own)


@check("functional")
def own_messages_are_refused(bench: Bench) -> None:
    """Check that a member refuses its own message, both before and after it is confirmed."""
    run = bench.run("ann", "bob")
    run.accept(run.create("ann", "bob"))
    op = run.update("ann")
    run.deliver(op, "ann")
    run.accept(op)
    run.deliver(op, "ann")


@check("functional")
def latecomers_catch_up(bench: Bench) -> None:
    """Check that a late member refuses messages that are too early for it, and catches up."""
    run = bench.run("ann", "bob", "cat", "dan")
    run.accept(run.create("ann", "bob", "cat", "dan"))
    ops = [run.accept(run.update(who), but=("dan",)) for who in ("ann", "bob", "cat", "ann")]
    run.deliver(ops[2], "dan")
    run.deliver(ops[1], "dan")
    for op in ops:
        run.deliver(op, "dan")
    run.accept(run.update("dan"))


@check("functional", Feature.ADD)
def a_late_joiner_catches_up(bench: Bench) -> None:
    """Check that a late welcome leads to the epoch of the add, and later messages on from it."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob"))
    add = run.accept(run.add("ann", "cat"), but=("cat",))
    later = [run.accept(run.update(who)) for who in ("bob", "ann")]
    run.deliver(later[0], "cat")
    run.deliver(add, "cat")
    run.deliver(later[0], "cat")
    run.deliver(later[1], "cat")
    run.accept(run.update("cat"))


@check("functional", Feature.ADD, Feature.REMOVE, Feature.READD)
def a_key_package_serves_once(bench: Bench) -> None:
    """Check that an init key that has been used to join cannot be used again, by any welcome."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob"))
    add = run.accept(run.add("ann", "cat"))
    run.deliver(add, "cat")
    run.accept(run.remove("ann", "cat"))
    run.deliver(add, "cat")
    run.accept(run.add("bob", "cat"))


@check("functional", Feature.ADD, Feature.DISCARD)
def erased_key_packages_cannot_be_used(bench: Bench) -> None:
    """Check that a welcome to an erased init key is refused, and one to a new init key works."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob"))
    add = run.add("ann", "cat")
    run.erase("cat")
    run.confirm(add)
    run.deliver(add, "cat", "bob")
    run.accept(run.remove("ann", "cat"))
    run.accept(run.add("ann", "cat"))


@check("functional", Feature.ADD, Feature.REMOVE, Feature.READD)
def a_removal_keeps_unused_init_keys(bench: Bench) -> None:
    """Check that unused init keys stay usable when their owner joins by another and leaves."""
    run = bench.run("ann", "bob", "cat")
    key = run.sample("cat")
    run.accept(run.create("ann", "bob", "cat"))
    run.accept(run.remove("ann", "cat"))
    run.play(Add("bob", op := len(run.game.ledger.made), key))
    run.accept(op)


@check("functional", Feature.ADD)
def welcomes_are_personal(bench: Bench) -> None:
    """Check that only the intended recipient can join with a welcome."""
    run = bench.run("ann", "bob", "cat", "dan")
    run.accept(run.create("ann", "bob"))
    run.sample("dan")
    add = run.add("ann", "cat")
    run.deliver(add, "dan")
    run.accept(add)
    run.deliver(add, "dan")


@check("functional", Feature.ADD, Feature.REMOVE)
def impossible_operations_are_refused(bench: Bench) -> None:
    """Check that nobody can add a member, remove themselves or a stranger, or act as outsider."""
    run = bench.run("ann", "bob", "cat")
    run.update("cat")
    run.remove("cat", "ann")
    run.add("cat", "ann")
    run.accept(run.create("ann", "bob"))
    run.remove("ann", "cat")
    run.remove("ann", "ann")
    run.add("ann", "bob")
    run.create("ann", "cat")
    run.accept(run.update("bob"))


@check("functional")
def meaningless_calls_are_refused(bench: Bench) -> None:
    """Check that unknown ids raise a LocalError, and bytes that nobody made a RemoteError."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob"))
    junk = b"nobody made this"
    ann, cat = run.member("ann"), run.member("cat")
    calls: list[tuple[str, Callable[[], object], type[Exception]]] = [
        ("confirm", lambda: ann.confirm(junk), LocalError),
        ("process", lambda: ann.process(junk), RemoteError),
        ("process", lambda: cat.process(junk), LocalError),
        ("join", lambda: cat.join(junk), RemoteError),
        ("join", lambda: ann.join(junk), LocalError),
    ]
    if run.has(Feature.REJECT):
        calls.append(("reject", lambda: ann.reject(junk), LocalError))
    if run.has(Feature.ADD):
        calls.append(("add", lambda: ann.add(junk), RemoteError))
    for what, call, error in calls:
        must_raise(run, what, call, error)


def must_raise(run: Run, what: str, call: Callable[[], object], error: type[Exception]) -> None:
    """Check that a call raises this error and changes nobody's state."""
    members = run.game.members.values()
    before = [member.save() for member in members]
    try:
        call()
    except error:
        pass
    except Exception as other:
        raise Failure(
            "two errors only", f"{what} raised {described(other)}, not a {error.__name__}"
        ) from other
    else:
        raise Failure("must be refused", f"{what} was accepted")
    if before != [member.save() for member in members]:
        raise Failure("a refused call changes nothing", f"{what} was refused, a state has changed")


@check("functional", Feature.SEEDED, Feature.UNIQUE_KEYS)
def two_names_need_two_signature_keys(bench: Bench) -> None:
    """Check that a group has no two members with one signature key (RFC 9420 section 7.3)."""
    bench.played += 1
    pki: dict[str, bytes] = {}
    ann, bob, cat = (
        bench.protocol.member(name, pki, SeededRandomness(f"{bench.seed} {seed}"))
        for name, seed in (("ann", 1), ("bob", 2), ("cat", 2))
    )
    pki |= {member.identity: member.signature_key for member in (ann, bob, cat)}
    if bob.signature_key != cat.signature_key:
        return  # this protocol's keys depend on the name, so that no two names share one
    cat.key_package()  # so that the two differ in all other keys
    _must_refuse_shared("a create", lambda: ann.create([bob.key_package(), cat.key_package()]))
    if Feature.ADD not in lacking(bench.protocol):
        ann.confirm(ann.create([bob.key_package()]).id)
        _must_refuse_shared("an add", lambda: ann.add(cat.key_package()))


def _must_refuse_shared(what: str, call: Callable[[], object]) -> None:
    """Check that adding two names with one signature key raises either of the two errors."""
    try:
        call()
    except (LocalError, RemoteError):
        return
    raise Failure(
        "two names need two signature keys", f"{what} was accepted, with one key for two names"
    )


@check("functional", Feature.SEEDED, Feature.SAVE)
def a_seed_determines_every_byte(bench: Bench) -> None:
    """Check that the same steps from the same seed give the same messages, keys and states."""
    seen = []
    for _ in range(2):
        run = Run(bench.protocol, bench.seed, FOUR)
        bench.latest = run
        bench.played += 1
        run.accept(run.create(*FOUR))
        run.accept(run.update("bob"))
        seen.append((run.trace.digest, [m.save() for m in run.game.members.values()]))
    if seen[0] != seen[1]:
        raise Failure("a seed determines every byte", "two runs from one seed differ")


@check("functional", Feature.SAVE)
def saved_members_go_on(bench: Bench) -> None:
    """Check that a saved member is the same once loaded; damaged saved states are refused."""
    run = bench.run("ann", "bob")
    run.accept(run.create("ann", "bob"))
    run.update("bob")
    game = run.game
    pki = {who: member.signature_key for who, member in game.members.items()}
    for who in ("ann", "bob"):
        member = run.member(who)
        saved = member.save()
        loaded = run.protocol.load(saved, pki, run.randomness())
        same = (loaded.save(), loaded.group_key, loaded.pending, loaded.roster)
        if same != (saved, member.group_key, member.pending, member.roster):
            raise Failure("a saved state is the whole state", f"{who} differs once loaded")
        for bad in (b"", saved[:-1], saved[1:], saved + b"\x00"):
            must_raise(
                run,
                "loading a damaged state",
                lambda bad=bad: run.protocol.load(bad, pki, run.randomness()),  # type: ignore[misc]
                RemoteError,
            )


@check("consistency")
def one_history_one_key_in_any_order(bench: Bench) -> None:
    """Check that one history gives one key, in whatever order members process it."""
    random = bench.random
    for _ in range(max(bench.examples // 4, 1)):
        run = bench.run(*FOUR, judged=False)
        ops = [run.create(*FOUR)]
        run.confirm(ops[0])
        for who in FOUR[1:]:
            run.deliver(ops[0], who)
        for _ in range(6):
            author = random.choice(FOUR)
            record = run.game.ledger.members[author]
            while any(run.game.ledger.made[op].base == record.at for op in ops):
                run.deliver(
                    next(o for o in ops if run.game.ledger.made[o].base == record.at), author
                )
            ops.append(run.update(author))
            run.confirm(ops[-1])
        for who in random.sample(FOUR, len(FOUR)):
            for op in ops[1:]:
                run.deliver(op, who)


@check("consistency")
def one_operation_per_epoch_is_processed(bench: Bench) -> None:
    """Check that a member that has processed one operation of an epoch refuses another."""
    run = bench.run("ann", "bob", "cat")
    run.accept(run.create("ann", "bob", "cat"))
    first, second = run.update("ann"), run.update("bob")
    run.accept(first)
    run.confirm(second)
    run.deliver(second, "ann", "cat")
    run.accept(run.update("cat"))


@check("consistency")
def replays_are_refused(bench: Bench) -> None:
    """Check that a message that was processed once is refused from then on."""
    run = bench.run("ann", "bob", "cat")
    ops = [run.accept(run.create("ann", "bob", "cat"))]
    for who in ("ann", "bob", "cat", "ann"):
        ops.append(run.accept(run.update(who)))
        for op in ops:
            run.deliver(op, "ann", "bob", "cat")


@check("consistency", Feature.ADD)
def joiners_share_the_view(bench: Bench) -> None:
    """Check that a new member has the same view as the others, and goes on like them."""
    run = bench.run(*MANY)
    run.accept(run.create("ann", "bob"))
    for who in MANY[2:7]:
        run.accept(run.add("bob", who))
        run.accept(run.update("ann"))


FUNCTIONAL = (
    a_created_group_agrees,
    everybody_updates,
    a_group_grows,
    members_leave,
    a_removed_member_comes_back,
    confirming_one_drops_the_others,
    a_rejected_operation_is_gone,
    rejecting_one_keeps_the_others,
    processing_drops_what_is_pending,
    a_pending_create_gives_way_to_a_welcome,
    own_messages_are_refused,
    latecomers_catch_up,
    a_late_joiner_catches_up,
    a_key_package_serves_once,
    erased_key_packages_cannot_be_used,
    a_removal_keeps_unused_init_keys,
    welcomes_are_personal,
    impossible_operations_are_refused,
    meaningless_calls_are_refused,
    two_names_need_two_signature_keys,
    a_seed_determines_every_byte,
    saved_members_go_on,
)
CONSISTENCY = (
    one_history_one_key_in_any_order,
    one_operation_per_epoch_is_processed,
    replays_are_refused,
    joiners_share_the_view,
)
