"""Forward secrecy, post-compromise security and forks.

Every run is judged at its end (:meth:`ttkem.testing.run.Run.judge`): each single state that a
member was in is given to an attacker who has recorded everything. The attacker must obtain the keys
that the state's owner could obtain, and no key that is safe. The checks here lead to the states in
which protocols are likely to go wrong.
"""

from __future__ import annotations

from ttkem.crypto import SeededRandomness
from ttkem.testing.checks import Bench, check
from ttkem.testing.features import Feature
from ttkem.testing.run import Failure, Run

__all__ = ["FORKS", "FORWARD_SECRECY", "HEALING"]

THREE = ("ann", "bob", "cat")
LONG = 16
"""The length in bytes of a run that does not occur twice by chance."""


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY)
def an_own_update_protects_earlier_epochs(bench: Bench) -> None:
    """Check that a state reveals no epoch before its owner's latest confirmed update."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    for who in (*THREE, *THREE):
        run.accept(run.update(who))


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.SEVERAL)
def dropped_operations_are_erased(bench: Bench) -> None:
    """Check that confirming a pending operation erases the others, even if others process them."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    first, second = run.update("ann"), run.update("ann")
    run.confirm(second)
    run.deliver(first, "bob", "cat")
    run.update("bob")


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.REJECT)
def rejected_operations_are_erased(bench: Bench) -> None:
    """Check that a rejected update is erased: its author's state no longer reveals its epoch."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    op = run.update("ann")
    run.deliver(op, "bob", "cat")
    run.reject(op)
    run.accept(run.update("bob"))


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY)
def pending_operations_are_erased_by_processing(bench: Bench) -> None:
    """Check that processing an operation erases pending ones, even if others process them."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    mine, theirs = run.update("ann"), run.update("bob")
    run.deliver(theirs, "ann")
    run.deliver(mine, "bob", "cat")


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.REMOVE)
def the_removed_keep_nothing(bench: Bench) -> None:
    """Check that a member's state reveals no epoch once it has processed its removal."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    run.accept(run.update("bob"))
    run.update("cat")
    run.accept(run.remove("ann", "cat"))


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.ADD, Feature.DISCARD)
def erased_init_keys_open_nothing(bench: Bench) -> None:
    """Check that an init key that was erased, or replaced by an update, decrypts no welcome."""
    run = bench.run(*THREE)
    run.accept(run.create("ann", "bob"))
    unused = run.add("ann", "cat")
    run.erase("cat")
    run.confirm(unused)
    run.deliver(unused, "bob")
    if run.has(Feature.REMOVE):
        run.accept(run.remove("bob", "cat"))
        run.accept(run.add("bob", "cat"))
        run.accept(run.update("cat"))


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY)
def old_secrets_are_erased_by_updates(bench: Bench) -> None:
    """Check that an update leaves no private bytes of the old state, except long-term secrets.

    The check looks for long runs of bytes that a member's state shares with its state before the
    update, and with nothing else: no message, no other member's state, not its initial state.
    """
    run = bench.run(*THREE)
    virgin = run.member("bob").save()
    run.accept(run.create(*THREE))
    run.accept(run.update("bob"))
    before = run.member("bob").save()
    others = [run.member(who).save() for who in ("ann", "cat")]
    run.accept(run.update("bob"))
    after = run.member("bob").save()
    others += [run.member(who).save() for who in ("ann", "cat")]
    sent = [made.message for made in run.game.operations.values()]
    kept = _kept(before, after, (virgin, *others, *sent, *run.game.welcomes.values()))
    if kept:
        raise Failure(
            "old secrets are erased",
            f"bob's state after his update holds {kept} private bytes of the one before",
        )


def _kept(before: bytes, after: bytes, known: tuple[bytes, ...]) -> int:
    """Return how many bytes of ``after`` lie in long runs that ``before`` has and ``known`` not."""
    short = LONG // 2
    public = _pieces(known, short)
    covered = {
        at + offset
        for at in range(len(after))
        if after[at : at + short] in public
        for offset in range(short)
    }
    old = _pieces((before,), LONG)
    shared = {
        at + offset
        for at in range(len(after) - LONG + 1)
        if after[at : at + LONG] in old and covered.isdisjoint(range(at, at + LONG))
        for offset in range(LONG)
    }
    return len(shared)


def _pieces(blobs: tuple[bytes, ...], size: int) -> frozenset[bytes]:
    """Return all runs of ``size`` bytes."""
    return frozenset(blob[at : at + size] for blob in blobs for at in range(len(blob) - size + 1))


@check("post-compromise", Feature.SAVE, Feature.HEALING)
def an_own_update_heals(bench: Bench) -> None:
    """Check that a state leaked before its owner's update reveals no epoch from that update on."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    for who in THREE:
        run.accept(run.update(who))
    run.accept(run.update("ann"))
    run.accept(run.update("bob"))


@check("post-compromise", Feature.SAVE, Feature.HEALING, Feature.SEEDED)
def an_update_needs_fresh_randomness(bench: Bench) -> None:
    """Check that updates of one leaked state with different randomness give different keys."""
    run = bench.run("ann", "bob")
    run.accept(run.create("ann", "bob"))
    saved = run.member("ann").save()
    pki = {who: member.signature_key for who, member in run.game.members.items()}
    keys = set()
    for number in range(2):
        loaded = run.protocol.load(saved, pki, SeededRandomness(f"{bench.seed} copy {number}"))
        loaded.confirm(loaded.update().id)
        keys.add(bytes(loaded.group_key))
    if len(keys) == 1:
        raise Failure("post-compromise security", "the key of an update can be predicted")


@check("post-compromise", Feature.SAVE, Feature.REMOVE)
def a_removal_shuts_out(bench: Bench) -> None:
    """Check that a removed member's state reveals no epoch from its removal on."""
    run = bench.run("ann", "bob", "cat", "dan")
    run.accept(run.create("ann", "bob", "cat", "dan"))
    run.accept(run.remove("bob", "dan"), but=("dan",))
    run.accept(run.update("ann"))
    run.accept(run.update("cat"))


@check("post-compromise", Feature.SAVE, Feature.HEALING)
def a_pending_update_does_not_heal_unconfirmed(bench: Bench) -> None:
    """Check that an update heals once confirmed; until then the old state reveals every epoch."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    op = run.update("cat")
    run.accept(run.update("ann"))
    run.confirm(op)
    run.accept(run.update("bob"))
    run.accept(run.update("cat"))


@check("post-compromise", Feature.SAVE, Feature.ADD)
def joiners_get_no_earlier_keys(bench: Bench) -> None:
    """Check that a new member learns the keys from its first epoch on, and no earlier ones."""
    run = bench.run("ann", "bob", "cat", "dan")
    run.accept(run.create("ann", "bob"))
    run.accept(run.update("bob"))
    run.accept(run.add("ann", "cat"))
    run.accept(run.add("cat", "dan"))
    run.accept(run.update("dan"))


def fork(bench: Bench) -> tuple[Run, tuple[str, str], tuple[str, str]]:
    """Return a forked run: Ann and Bob are on one side, Cat and Dan on the other."""
    run = bench.run("ann", "bob", "cat", "dan", "eve")
    run.accept(run.create("ann", "bob", "cat", "dan"))
    left, right = run.update("ann"), run.update("cat")
    run.confirm(left)
    run.deliver(left, "bob")
    run.confirm(right)
    run.deliver(right, "dan")
    return run, ("ann", "bob"), ("cat", "dan")


def go_on(run: Run, made: int, friend: str, foes: tuple[str, ...]) -> None:
    """Confirm an operation: the friend on the same side processes it, the other side refuses it."""
    run.deliver(made, *foes)
    run.confirm(made)
    run.deliver(made, friend)
    run.deliver(made, *foes)


@check("forks")
def forks_never_rejoin(bench: Bench) -> None:
    """Check that neither side of a fork processes messages of the other."""
    run, left, right = fork(bench)
    for _ in range(2):
        go_on(run, run.update(left[0]), left[1], right)
        go_on(run, run.update(right[1]), right[0], left)
        go_on(run, run.update(left[1]), left[0], right)


@check("forks", Feature.REMOVE)
def removing_the_other_side_does_not_rejoin(bench: Bench) -> None:
    """Check that each side of a fork can remove members of the other, who refuse the removal."""
    run, left, right = fork(bench)
    go_on(run, run.remove(left[0], right[0]), left[1], right)
    go_on(run, run.remove(right[1], left[0]), right[0], left)
    go_on(run, run.update(left[1]), left[0], right)


@check("forks", Feature.ADD)
def the_same_joiner_on_one_side_only(bench: Bench) -> None:
    """Check that somebody whom both sides of a fork add is a member of one side only."""
    run, left, right = fork(bench)
    mine, theirs = run.add(left[0], "eve"), run.add(right[0], "eve")
    run.confirm(mine)
    run.confirm(theirs)
    run.deliver(mine, left[1], "eve")
    run.deliver(theirs, right[1], "eve", *left)
    go_on(run, run.update("eve"), left[0], right)


@check("forks", Feature.SEVERAL)
def one_author_two_histories(bench: Bench) -> None:
    """Check that delivering two pending operations to different members makes a fork."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    first, second = run.update("ann"), run.update("ann")
    run.deliver(first, "bob")
    run.deliver(second, "cat")
    run.confirm(first)
    go_on(run, run.update("ann"), "bob", ("cat",))
    run.deliver(run.update("cat"), "ann", "bob")


@check("forks")
def forks_of_forks(bench: Bench) -> None:
    """Check that the two sides of a fork within a fork share nothing."""
    run, left, right = fork(bench)
    mine, theirs = run.update(left[0]), run.update(left[1])
    run.confirm(mine)
    run.confirm(theirs)
    run.deliver(mine, left[1], *right)
    run.deliver(theirs, left[0], *right)
    run.deliver(run.update(left[0]), left[1], *right)


@check("forks", Feature.REJECT)
def a_refused_operation_forks_whoever_gets_it(bench: Bench) -> None:
    """Check that a rejected operation that is delivered nevertheless makes a fork."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    op = run.update("ann")
    run.reject(op)
    run.deliver(op, "bob", "cat")
    go_on(run, run.update("bob"), "cat", ("ann",))
    run.deliver(run.update("ann"), "bob", "cat")


FORWARD_SECRECY = (
    an_own_update_protects_earlier_epochs,
    dropped_operations_are_erased,
    rejected_operations_are_erased,
    pending_operations_are_erased_by_processing,
    the_removed_keep_nothing,
    erased_init_keys_open_nothing,
    old_secrets_are_erased_by_updates,
)
HEALING = (
    an_own_update_heals,
    an_update_needs_fresh_randomness,
    a_removal_shuts_out,
    a_pending_update_does_not_heal_unconfirmed,
    joiners_get_no_earlier_keys,
)
FORKS = (
    forks_never_rejoin,
    removing_the_other_side_does_not_rejoin,
    the_same_joiner_on_one_side_only,
    one_author_two_histories,
    forks_of_forks,
    a_refused_operation_forks_whoever_gets_it,
)
