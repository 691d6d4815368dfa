"""The adapters over stand-ins, and over our own MLS: no package is needed."""

import sys
from functools import partial
from types import SimpleNamespace
from typing import Any

import fake_peers
import pytest

from ttkem.cgka import EpochStarted, Kind, Removed
from ttkem.crypto import SeededRandomness
from ttkem.errors import InvalidMessageError, LocalError, RemoteError
from ttkem.mls import Member, write_message
from ttkem.testing import CHECKS, carry_out
from ttkem.testing.checks import Status
from ttkem.testing.peers import mls_rs, ours, rfc9420
from ttkem.testing.peers.mixed import SCENARIOS, Comparison, compare
from ttkem.testing.peers.openmls import OpenMlsClient
from ttkem.testing.peers.ours import OurClient, OurGroup, key_packages_of
from ttkem.testing.peers.party import Commit, NotShownError, author_leaf, named, owner

FAKES = {"ours": dict, "mls_rs": fake_peers.mls_rs_uniffi, "rfc9420": fake_peers.rfc9420}
MAKERS = {"ours": ours, "mls_rs": mls_rs, "rfc9420": rfc9420}


@pytest.fixture(params=list(MAKERS))
def protocol(request, monkeypatch):
    fake_peers.install(monkeypatch, FAKES[request.param]())
    return MAKERS[request.param]()


@pytest.mark.sample(3)
def test_stand_ins_pass_every_suite_they_can(protocol):
    results = [
        carry_out(check, protocol, "1", 4, 12) for check in CHECKS if check.suite != "directed runs"
    ]
    failed = [f"{r.check.name}: {r.seen}" for r in results if r.status is Status.FAILED]
    assert failed == []
    passed = sum(result.status is Status.PASSED for result in results)
    assert passed == 41


def test_stand_ins_agree_with_ours(protocol):
    nothing = Comparison((), frozenset())
    assert compare(protocol.client, OurClient) == nothing
    assert compare(OurClient, protocol.client) == nothing


OurPrivateClient = partial(OurClient, public=False)
SHOWN_BY_NOBODY = {
    (scenario, f"gbp-stack {what}")
    for scenario in SCENARIOS
    for what in ("shows no members", "exports no secrets")
}


def test_openmls_is_compared_as_far_as_it_shows(monkeypatch):
    fake_peers.install(monkeypatch, fake_peers.gbp_stack())
    follows = compare(OurPrivateClient, OpenMlsClient)
    assert follows == Comparison((), frozenset(SHOWN_BY_NOBODY))
    authors = compare(OpenMlsClient, OurPrivateClient)
    assert authors.differences == ()
    ((scenario, what),) = authors.untested - SHOWN_BY_NOBODY
    assert (scenario, what[:21]) == ("empty commit", "gbp-stack commits one")
    public = compare(OurClient, OpenMlsClient).differences
    assert {(found.scenario, found.rule) for found in public} == {
        (scenario, "follows") for scenario in SCENARIOS if scenario != "founding"
    }


def test_what_openmls_can_do(monkeypatch):
    fake_peers.install(monkeypatch, fake_peers.gbp_stack())
    randomness = SeededRandomness("openmls")
    ann, bob = (OpenMlsClient(name, randomness) for name in ("ann", "bob"))
    assert owner(ann.key_package()) == ("ann", ann.signature_key)
    group = ann.found()
    trial = group.copy()
    made = trial.commit([bob.key_package()])
    trial.confirm()
    assert (group.epoch, trial.epoch) == (0, 1)
    of_bob = bob.join(made.welcome)
    with pytest.raises(NotShownError, match="one Remove"):
        of_bob.copy().commit(remove=("ann", ann.signature_key))
    with pytest.raises(NotShownError, match="one Add"):
        trial.commit([bob.key_package(), bob.key_package()])
    cat = OurClient("cat", randomness)
    made = of_bob.commit([cat.key_package()])
    of_bob.confirm()
    assert trial.process(made.messages)
    data = cat.join(made.welcome).member.send(b"data")
    with pytest.raises(RemoteError, match="not a commit"):
        trial.process([data])
    assert trial.epoch == of_bob.epoch == 2


def two(protocol):
    pki, randomness = {}, SeededRandomness("two")
    members = [protocol.member(name, pki, randomness) for name in ("ann", "bob")]
    pki.update({member.identity: member.signature_key for member in members})
    ann, bob = members
    made = ann.create([bob.key_package()])
    ann.confirm(made.id)
    bob.join(made.make_welcome())
    return ann, bob, pki


def test_what_cannot_be_is_a_local_error(protocol):
    ann, bob, pki = two(protocol)
    with pytest.raises(LocalError, match="cannot save the member"):
        ann.save()
    with pytest.raises(LocalError, match="cannot be saved"):
        protocol.load(b"", pki, SeededRandomness("two"))
    with pytest.raises(LocalError, match="cannot discard key packages"):
        ann.discard_key_packages()
    with pytest.raises(LocalError, match="is in a group"):
        ann.create([])
    with pytest.raises(LocalError, match="not a member"):
        ann.remove("cat")
    with pytest.raises(LocalError, match="has no welcome"):
        ann.update().make_welcome()
    with pytest.raises(LocalError):
        ann.remove("ann")
    assert ann.transcript_hash == ann.group_key == bob.group_key


def test_events_say_what_can_be_seen(protocol):
    ann, bob, pki = two(protocol)
    cat = protocol.member("cat", pki, SeededRandomness("cat"))
    pki["cat"] = cat.signature_key
    made = ann.add(cat.key_package())
    assert ann.confirm(made.id) == EpochStarted(2, Kind.ADD, "ann", "cat")
    assert bob.process(made.message) == EpochStarted(2, Kind.ADD, "", "cat")
    assert cat.join(made.make_welcome()) == EpochStarted(2, Kind.ADD, "", "cat")
    made = bob.update()
    bob.confirm(made.id)
    for member in (ann, cat):
        assert member.process(made.message) == EpochStarted(3, Kind.UPDATE, "", None)
    made = bob.remove("cat")
    bob.confirm(made.id)
    assert ann.process(made.message) == EpochStarted(4, Kind.REMOVE, "", "cat")
    assert cat.process(made.message) == Removed(4, "")
    assert not cat.in_group


def test_messages_that_are_no_commits_are_refused(protocol):
    ann, _, _ = two(protocol)
    for message in (b"\0", b"\1\0"):  # no messages at all, one of no bytes
        with pytest.raises(RemoteError):
            ann.process(message)
    data = OurClient("dan", SeededRandomness("dan")).key_package()
    framed = bytes([0x40 | len(data) >> 8, len(data) & 0xFF]) + data
    whole = bytes([0x40 | len(framed) >> 8, len(framed) & 0xFF]) + framed
    with pytest.raises(RemoteError):
        ann.process(whole)
    with pytest.raises(RemoteError):
        ann.add(ann.update().message)
    welcome_of_nobody = key_packages_of("dan", SeededRandomness("dan"))
    alone = Member.create(welcome_of_nobody, b"", SeededRandomness("dan"))
    guest = key_packages_of("eve", SeededRandomness("eve")).key_package(SeededRandomness("eve"))
    other = protocol.member("fay", {}, SeededRandomness("fay"))
    with pytest.raises(RemoteError):
        other.join(alone.add(guest.package).welcome)
    with pytest.raises(RemoteError):
        other.join(write_message(guest.package))


def test_a_panic_is_nobodys_refusal(monkeypatch):
    fake_peers.install(monkeypatch, fake_peers.mls_rs_uniffi())

    def panic(*_):
        raise ZeroDivisionError("a panic")

    ann, bob, _ = two(mls_rs())
    made = ann.update()
    monkeypatch.setattr(fake_peers.RsGroup, "process_incoming_message", panic)
    with pytest.raises(ZeroDivisionError):
        bob.process(made.message)


@pytest.mark.parametrize(
    ("make", "module", "package"),
    [
        (mls_rs, "mls_rs_uniffi", "agentvault-mls-rs-uniffi"),
        (rfc9420, "rfc9420", "rfc9420 rfc9180"),
        (lambda: OpenMlsClient("ann", None), "gbp_stack.mls_context", "gbp-stack"),
    ],
)
def test_a_missing_package_is_named(monkeypatch, make, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(LocalError, match=f"pip install {package}"):
        make()


def test_what_is_read_off_messages():
    client = OurClient("ann", SeededRandomness("ann"))
    package = client.key_package()
    assert owner(package) == ("ann", client.signature_key)
    assert author_leaf(package) is None
    group = client.found()
    made = group.commit()
    assert author_leaf(made.messages[0]) == 0
    with pytest.raises(InvalidMessageError, match="expected a KeyPackage"):
        owner(made.messages[0])
    leaf: Any = SimpleNamespace(credential=None)
    with pytest.raises(InvalidMessageError, match="expected a BasicCredential"):
        named(leaf)
    with pytest.raises(InvalidMessageError, match="expected a KeyPackage"):
        group.commit(made.messages)
    with pytest.raises(RemoteError):
        group.process([])


# Negative twins of the comparison: our own clients, with one mistake each.


class Mistaken(OurClient):
    """Ours, whose groups make a mistake."""

    group: Any

    def found(self):
        return self.mistaken(super().found())

    def join(self, welcome):
        return self.mistaken(super().join(welcome))

    def mistaken(self, group):
        return self.group(group.member, group.randomness)


class UnhashedContext(OurGroup):
    def exported(self, label, context, length):
        return super().exported(label, context + b"unhashed", length)


class EmptyCommitsDamaged(OurGroup):
    def commit(self, adds=(), remove=None):
        made = super().commit(adds, remove)
        if adds:
            return made
        return Commit((made.messages[0][:-1] + b"\0\0",), made.welcome)


class NoRemoves(OurGroup):
    def commit(self, adds=(), remove=None):
        if remove is not None:
            raise LocalError("not supported")
        return super().commit(adds, remove)


class NoWelcome(OurGroup):
    def commit(self, adds=(), remove=None):
        return Commit(super().commit(adds, remove).messages, None)


class BrokenWelcome(OurGroup):
    def commit(self, adds=(), remove=None):
        made = super().commit(adds, remove)
        return Commit(made.messages, made.welcome and made.welcome[:-1])


class WrongEpoch(OurGroup):
    @property
    def epoch(self):
        return super().epoch + 1


class WrongMembers(OurGroup):
    @property
    def members(self):
        return super().members[1:]


@pytest.mark.parametrize(
    ("mistake", "expected"),
    [
        (UnhashedContext, {(s, "exporter") for s in ("founding", "empty commit", "add", "remove")}),
        (EmptyCommitsDamaged, {("empty commit", "follows"), ("remove", "follows")}),
        (NoRemoves, {("remove", "commits")}),
        (NoWelcome, {(s, "joins") for s in ("founding", "empty commit", "add", "remove")}),
        (BrokenWelcome, {(s, "joins") for s in ("founding", "empty commit", "add", "remove")}),
        (WrongEpoch, {(s, "epoch") for s in ("founding", "empty commit", "add", "remove")}),
        (WrongMembers, {(s, "members") for s in ("founding", "empty commit", "add", "remove")}),
    ],
)
def test_a_mistake_is_found(mistake, expected):
    author = type("Author", (Mistaken,), {"group": mistake})
    found = compare(author, OurClient, "seeded").differences
    assert {(difference.scenario, difference.rule) for difference in found} == expected
    for difference in found:
        assert str(difference).startswith(f"{difference.scenario}: {difference.rule}: the author")
