"""Forward secrecy, post-compromise security and forks.

Every run is judged at its end (:meth:`ttkem.testing.run.Run.judge`): each single state that a
member was in is handed to an attacker who has recorded everything, and who must get what its owner
could get, and nothing of an epoch that is safe. The checks here lead to the states that matter.
"""

from __future__ import annotations

from ttkem.crypto import SeededRandomness
from ttkem.testing.checks import Bench, check
from ttkem.testing.features import Feature
from ttkem.testing.run import Failure, Run

__all__ = ["FORKS", "FORWARD_SECRECY", "HEALING"]

THREE = ("ann", "bob", "cat")
LONG = 16
"""Bytes that do not come up twice by chance."""


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY)
def an_own_update_protects_what_was(bench: Bench) -> None:
    """Once a member's own update is confirmed, its state opens no epoch before."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    for who in (*THREE, *THREE):
        run.accept(run.update(who))


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.SEVERAL)
def dropped_operations_are_erased(bench: Bench) -> None:
    """Confirming one pending operation erases the others, though others may process them."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    first, second = run.update("ann"), run.update("ann")
    run.confirm(second)
    run.deliver(first, "bob", "cat")
    run.update("bob")


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.REJECT)
def rejected_operations_are_erased(bench: Bench) -> None:
    """A rejected update is erased: its author's state no longer opens what others made of it."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    op = run.update("ann")
    run.deliver(op, "bob", "cat")
    run.reject(op)
    run.accept(run.update("bob"))


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY)
def pending_operations_are_erased_by_processing(bench: Bench) -> None:
    """Processing another's operation erases own pending ones, though others may process them."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    mine, theirs = run.update("ann"), run.update("bob")
    run.deliver(theirs, "ann")
    run.deliver(mine, "bob", "cat")


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.REMOVE)
def the_removed_keep_nothing(bench: Bench) -> None:
    """Once it has processed its removal, a member's state opens no epoch at all."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    run.accept(run.update("bob"))
    run.update("cat")
    run.accept(run.remove("ann", "cat"))


@check("forward secrecy", Feature.SAVE, Feature.FORWARD_SECRECY, Feature.ADD, Feature.DISCARD)
def erased_init_keys_open_nothing(bench: Bench) -> None:
    """An init key that was erased, or used and replaced by an update, opens no welcome again."""
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
def no_old_secret_lies_about(bench: Bench) -> None:
    """An own update leaves nothing private of before in the state, but for long-term secrets.

    Looked for are long runs of bytes that a member's state shares with its state before the
    update, and with nothing else: no message, no other member's state, not what it began with.
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
    """How many bytes of ``after``, in long runs, are in ``before`` and in nothing known."""
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
    """All runs of ``size`` bytes."""
    return frozenset(blob[at : at + size] for blob in blobs for at in range(len(blob) - size + 1))


@check("post-compromise", Feature.SAVE, Feature.HEALING)
def an_own_update_heals(bench: Bench) -> None:
    """A state that leaked before its owner's update opens no epoch from that update on."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    for who in THREE:
        run.accept(run.update(who))
    run.accept(run.update("ann"))
    run.accept(run.update("bob"))


@check("post-compromise", Feature.SAVE, Feature.HEALING, Feature.SEEDED)
def an_update_needs_fresh_randomness(bench: Bench) -> None:
    """From one leaked state, two updates with different randomness lead to different keys."""
    run = bench.run("ann", "bob")
    run.accept(run.create("ann", "bob"))
    saved = run.member("ann").save()
    pki = {who: member.signature_key for who, member in run.game.members.items()}
    keys = set()
    for number in range(2):
        loaded = run.protocol.load(saved, pki, SeededRandomness(f"{bench.seed} twin {number}"))
        loaded.confirm(loaded.update().id)
        keys.add(bytes(loaded.group_key))
    if len(keys) == 1:
        raise Failure("post-compromise security", "the key of an update can be told beforehand")


@check("post-compromise", Feature.SAVE, Feature.HEALING, Feature.REMOVE)
def a_removal_shuts_out(bench: Bench) -> None:
    """A removed member's state opens no epoch from its removal on, delivered or not."""
    run = bench.run("ann", "bob", "cat", "dan")
    run.accept(run.create("ann", "bob", "cat", "dan"))
    run.accept(run.remove("bob", "dan"), but=("dan",))
    run.accept(run.update("ann"))
    run.accept(run.update("cat"))


@check("post-compromise", Feature.SAVE, Feature.HEALING)
def a_pending_update_does_not_heal_unconfirmed(bench: Bench) -> None:
    """An update heals when it is confirmed; until then the old state goes on, and opens all."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    op = run.update("cat")
    run.accept(run.update("ann"))
    run.confirm(op)
    run.accept(run.update("bob"))
    run.accept(run.update("cat"))


@check("post-compromise", Feature.SAVE, Feature.HEALING, Feature.ADD)
def joiners_get_nothing_of_before(bench: Bench) -> None:
    """Whoever joins gets the keys from there on, and none of before."""
    run = bench.run("ann", "bob", "cat", "dan")
    run.accept(run.create("ann", "bob"))
    run.accept(run.update("bob"))
    run.accept(run.add("ann", "cat"))
    run.accept(run.add("cat", "dan"))
    run.accept(run.update("dan"))


def fork(bench: Bench) -> tuple[Run, tuple[str, str], tuple[str, str]]:
    """Ann and Bob have gone one way, Cat and Dan another."""
    run = bench.run("ann", "bob", "cat", "dan", "eve")
    run.accept(run.create("ann", "bob", "cat", "dan"))
    left, right = run.update("ann"), run.update("cat")
    run.confirm(left)
    run.deliver(left, "bob")
    run.confirm(right)
    run.deliver(right, "dan")
    return run, ("ann", "bob"), ("cat", "dan")


def go_on(run: Run, made: int, friend: str, foes: tuple[str, ...]) -> None:
    """An operation on one side: the friend processes it, the other side refuses it."""
    run.deliver(made, *foes)
    run.confirm(made)
    run.deliver(made, friend)
    run.deliver(made, *foes)


@check("forks")
def forks_never_rejoin(bench: Bench) -> None:
    """After a fork, neither side processes what the other side makes."""
    run, left, right = fork(bench)
    for _ in range(2):
        go_on(run, run.update(left[0]), left[1], right)
        go_on(run, run.update(right[1]), right[0], left)
        go_on(run, run.update(left[1]), left[0], right)


@check("forks", Feature.REMOVE)
def removing_the_other_side_does_not_rejoin(bench: Bench) -> None:
    """Each side removes who is on the other; their removal does not reach them."""
    run, left, right = fork(bench)
    go_on(run, run.remove(left[0], right[0]), left[1], right)
    go_on(run, run.remove(right[1], left[0]), right[0], left)
    go_on(run, run.update(left[1]), left[0], right)


@check("forks", Feature.ADD)
def the_same_joiner_on_one_side_only(bench: Bench) -> None:
    """Both sides add the same person, who joins one and is a stranger to the other."""
    run, left, right = fork(bench)
    mine, theirs = run.add(left[0], "eve"), run.add(right[0], "eve")
    run.confirm(mine)
    run.confirm(theirs)
    run.deliver(mine, left[1], "eve")
    run.deliver(theirs, right[1], "eve", *left)
    go_on(run, run.update("eve"), left[0], right)


@check("forks", Feature.SEVERAL)
def one_author_two_histories(bench: Bench) -> None:
    """An author's two pending operations are shown to different members: a fork all the same."""
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
    """A side that is forked again falls into two that share nothing."""
    run, left, right = fork(bench)
    mine, theirs = run.update(left[0]), run.update(left[1])
    run.confirm(mine)
    run.confirm(theirs)
    run.deliver(mine, left[1], *right)
    run.deliver(theirs, left[0], *right)
    run.deliver(run.update(left[0]), left[1], *right)


@check("forks", Feature.REJECT)
def a_refused_operation_forks_whoever_gets_it(bench: Bench) -> None:
    """An operation that its author was told is refused, delivered all the same, makes a fork."""
    run = bench.run(*THREE)
    run.accept(run.create(*THREE))
    op = run.update("ann")
    run.reject(op)
    run.deliver(op, "bob", "cat")
    go_on(run, run.update("bob"), "cat", ("ann",))
    run.deliver(run.update("ann"), "bob", "cat")


FORWARD_SECRECY = (
    an_own_update_protects_what_was,
    dropped_operations_are_erased,
    rejected_operations_are_erased,
    pending_operations_are_erased_by_processing,
    the_removed_keep_nothing,
    erased_init_keys_open_nothing,
    no_old_secret_lies_about,
)
HEALING = (
    an_own_update_heals,
    an_update_needs_fresh_randomness,
    a_removal_shuts_out,
    a_pending_update_does_not_heal_unconfirmed,
    joiners_get_nothing_of_before,
)
FORKS = (
    forks_never_rejoin,
    removing_the_other_side_does_not_rejoin,
    the_same_joiner_on_one_side_only,
    one_author_two_histories,
    forks_of_forks,
    a_refused_operation_forks_whoever_gets_it,
)
