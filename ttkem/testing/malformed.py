"""Checks of malformed input: damaged, foreign and misplaced bytes are refused without a change.

Any change to a control message must be refused, since its author authenticates all of its bytes. A
welcome may have parts that do not matter to its reader; a damaged one that is accepted must have
the same effect as the true one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.errors import RemoteError, described
from ttkem.testing.checks import Bench, check
from ttkem.testing.damage import DAMAGES, damaged
from ttkem.testing.features import Feature
from ttkem.testing.run import Failure, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MALFORMED"]

PLACES = 48
"""The number of evenly spread offsets at which every input is damaged."""


def damages(bench: Bench, whole: bytes, foreign: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield damaged versions of ``whole``, each with its description; the last ones are random."""
    random = bench.random
    stride = max(len(whole) // PLACES, 1)
    wanted = [("flip", 8 * at + at % 8) for at in range(0, len(whole), stride)]
    wanted += [("flip", 8 * len(whole) - 1), ("cut", 0), ("extend", 0), ("cut", len(whole) - 1)]
    wanted += [(random.choice(DAMAGES), random.randrange(1 << 16)) for _ in range(bench.examples)]
    for how, where in wanted:
        data = damaged(whole, how, where, foreign)
        if data not in (whole, foreign):
            yield f"{how} {where}", data


def refuses(
    run: Run,
    what: str,
    who: str,
    take: Callable[[bytes], object],
    inputs: Iterator[tuple[str, bytes]],
) -> None:
    """Check that a member refuses all these inputs without changing its state."""
    member = run.member(who)
    before = member.save()
    for how, data in inputs:
        try:
            take(data)
        except RemoteError:
            if member.save() != before:
                raise Failure(
                    "a refused call changes nothing",
                    f"{what} ({how}) was refused by {who}, whose state has changed",
                ) from None
        except Exception as error:
            raise Failure(
                "two errors only", f"{what} ({how}) gave {who} {described(error)}"
            ) from error
        else:
            raise Failure("damaged input is refused", f"{what} ({how}) was accepted by {who}")


def scene(bench: Bench) -> Run:
    """Return a run of a group of four after one update."""
    run = bench.run("ann", "bob", "cat", "dan", "eve", judged=False)
    run.accept(run.create("ann", "bob", "cat", "dan"))
    run.accept(run.update("dan"))
    return run


@check("malformed")
def damaged_updates_are_refused(bench: Bench) -> None:
    """Check that every member refuses an update of which any byte was changed."""
    run = scene(bench)
    foreign = run.game.operations[run.update("cat")].message
    whole = run.game.operations[run.update("ann")].message
    for who in ("bob", "dan"):
        member = run.member(who)
        refuses(run, "a damaged update", who, member.process, damages(bench, whole, foreign))


@check("malformed", Feature.ADD)
def damaged_adds_are_refused(bench: Bench) -> None:
    """Check that the members refuse an add of which any byte was changed."""
    run = scene(bench)
    foreign = run.game.operations[run.update("cat")].message
    whole = run.game.operations[run.add("ann", "eve")].message
    refuses(run, "a damaged add", "bob", run.member("bob").process, damages(bench, whole, foreign))


@check("malformed", Feature.REMOVE)
def damaged_removes_are_refused(bench: Bench) -> None:
    """Check that everybody refuses a changed remove, the removed member included."""
    run = scene(bench)
    foreign = run.game.operations[run.update("cat")].message
    whole = run.game.operations[run.remove("ann", "dan")].message
    for who in ("bob", "dan"):
        member = run.member(who)
        refuses(run, "a damaged remove", who, member.process, damages(bench, whole, foreign))


@check("malformed", Feature.SAVE)
def damaged_welcomes_mislead_nobody(bench: Bench) -> None:
    """Check that a damaged welcome is refused, or has exactly the effect of the true one."""
    run = bench.run("ann", "bob", "cat", judged=False)
    op = run.create("ann", "bob", "cat")
    run.confirm(op)
    whole = run.game.operations[op].make_welcome()
    member = run.member("bob")
    before = member.save()
    pki = {who: each.signature_key for who, each in run.game.members.items()}
    expected = run.member("ann")
    for how, data in damages(bench, whole, whole[::-1]):
        loaded = run.protocol.load(before, pki, run.randomness())
        try:
            loaded.join(data)
        except RemoteError:
            if loaded.save() != before:
                raise Failure(
                    "a refused call changes nothing", f"a damaged welcome ({how}) changed bob"
                ) from None
        except Exception as error:
            raise Failure(
                "two errors only", f"a damaged welcome ({how}) gave bob {type(error).__name__}"
            ) from error
        else:
            seen = (loaded.group_key, loaded.roster, loaded.epoch)
            if seen != (expected.group_key, expected.roster, expected.epoch):
                raise Failure("damaged input is refused", f"a damaged welcome ({how}) misled bob")


@check("malformed", Feature.ADD)
def damaged_key_packages_are_refused(bench: Bench) -> None:
    """Check that nobody can be added with a damaged key package."""
    run = scene(bench)
    whole = run.member("eve").key_package()
    foreign = run.member("dan").key_package()
    ann = run.member("ann")
    refuses(run, "a damaged key package", "ann", ann.add, damages(bench, whole, foreign))


@check("malformed")
def foreign_messages_are_refused(bench: Bench) -> None:
    """Check that messages and welcomes of another group with the same members are refused."""
    run = scene(bench)
    other = Run(bench.protocol, f"{bench.seed} elsewhere", ("ann", "bob", "cat", "dan"))
    first = other.accept(other.create("ann", "bob", "cat", "dan"))
    second = other.accept(other.update("bob"))
    inputs = [
        (f"another group's {what}", made)
        for what, made in (
            ("update", other.game.operations[second].message),
            ("create", other.game.operations[first].message),
            ("welcome", other.game.operations[first].make_welcome()),
            ("key package", other.member("ann").key_package()),
        )
    ]
    for who in ("ann", "cat"):
        member = run.member(who)
        refuses(run, "a foreign message", who, member.process, iter(inputs))
    eve = run.member("eve")
    refuses(run, "a foreign welcome", "eve", eve.join, iter(inputs))


@check("malformed")
def impostors_are_refused(bench: Bench) -> None:
    """Check that somebody whose signature key is not the one registered for their name is refused.

    Members do not add their key package, and nobody joins a group that they have created.
    """
    run = scene(bench)
    pki = {who: member.signature_key for who, member in run.game.members.items()}
    randomness = run.randomness()
    impostor = run.protocol.member("eve", pki, randomness)
    package = impostor.key_package()
    if run.has(Feature.ADD):
        inputs = [("with the key package of another", package)]
        refuses(run, "an impostor", "ann", run.member("ann").add, iter(inputs))
    eve = run.protocol.member("eve", pki, randomness)
    pki["eve"] = eve.signature_key
    own = {"eve": eve.signature_key}
    founder = run.protocol.member("dan", own, randomness)
    own["dan"] = founder.signature_key
    founded = founder.create([eve.key_package()])
    before = eve.save()
    try:
        eve.join(founded.make_welcome())
    except RemoteError:
        if eve.save() != before:
            raise Failure("a refused call changes nothing", "eve's state has changed") from None
    else:
        raise Failure("damaged input is refused", "eve joined a group of an impostor")


@check("malformed")
def messages_are_no_welcomes(bench: Bench) -> None:
    """Check that bytes meant for one call are refused by the others."""
    run = scene(bench)
    update = run.game.operations[run.update("ann")].message
    welcome = run.game.operations[0].make_welcome()
    package = run.member("eve").key_package()
    wrong = [("a welcome", welcome), ("a key package", package), ("nothing", b"")]
    refuses(run, "the wrong thing", "bob", run.member("bob").process, iter(wrong))
    wrong = [("a message", update), ("a key package", package), ("nothing", b"")]
    refuses(run, "the wrong thing", "eve", run.member("eve").join, iter(wrong))
    if run.has(Feature.ADD):
        wrong = [("a message", update), ("a welcome", welcome), ("nothing", b"")]
        refuses(run, "the wrong thing", "bob", run.member("bob").add, iter(wrong))


MALFORMED = (
    damaged_updates_are_refused,
    damaged_adds_are_refused,
    damaged_removes_are_refused,
    damaged_welcomes_mislead_nobody,
    damaged_key_packages_are_refused,
    foreign_messages_are_refused,
    impostors_are_refused,
    messages_are_no_welcomes,
)
