"""Secrets are erased as section 9.2 demands: search everything that a state refers to."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from mls_groups import Group

from ttkem.crypto import Labelled
from ttkem.mls import Configuration
from ttkem.mls.keys.key_schedule import labelled
from ttkem.mls.member import Member
from ttkem.mls.messages.proposals import Remove
from ttkem.mls.messages.psk_ids import ExternalPsk


class Recorder(Labelled):
    """A suite that records its derivations: inputs and outputs."""

    __slots__ = ("derived",)
    derived: list[Any]

    def __init__(self, plain):
        super().__init__(plain.suite, plain.prefix)
        object.__setattr__(self, "derived", [])

    def expand_with_label(self, secret, label, context, length):
        out = super().expand_with_label(secret, label, context, length)
        self.derived.append((secret, label, out))
        return out


def reachable(value, seen=None):
    """Yield all byte strings that a value refers to, at any depth."""
    seen = {} if seen is None else seen
    if id(value) in seen:
        return
    seen[id(value)] = value
    if isinstance(value, bytes):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from reachable(getattr(value, field.name), seen)
    elif isinstance(value, Mapping) or type(value).__name__ == "HashTrieMap":
        for key, item in value.items():
            yield from reachable(key, seen)
            yield from reachable(item, seen)
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from reachable(item, seen)


@pytest.fixture
def watched(monkeypatch):
    """Return a group in which each derivation is recorded."""
    recorder = Recorder(labelled(Group(("x",)).config.suite))
    monkeypatch.setattr(Configuration, "crypto", recorder)
    return Group(), recorder


def held(member):
    return set(reachable(member.state))


def by_label(recorder, *labels):
    return {secret for secret, label, _ in recorder.derived if label in labels}


def outputs(recorder, *labels):
    return {out for _, label, out in recorder.derived if label in labels}


def test_the_walk_finds_what_is_there(watched):
    """The negative twin: a secret that is kept is found."""
    group, recorder = watched
    ann = group["ann"]
    assert ann.state.secrets.init_secret in held(ann)
    assert outputs(recorder, b"resumption") & held(ann)
    assert ann.state.private[0] in held(ann)


def test_nothing_consumed_is_left_after_commits(watched):
    group, recorder = watched
    group.secrets[b"key"] = b"shared secret of all"
    psk = group["bob"].psk(ExternalPsk(b"key"))
    group.commit("bob", psk)
    before = {name: member.state for name, member in group.members.items()}
    group.commit("cat", Remove(3))
    for name, member in group.members.items():
        found = held(member)
        # joiner, epoch, welcome and path secrets, and whatever was extracted on the way
        consumed = by_label(recorder, b"epoch", b"joiner", b"encryption", b"init", b"confirm")
        assert not consumed & found
        assert not outputs(recorder, b"joiner", b"epoch", b"welcome", b"path", b"node") & found
        assert not outputs(recorder, b"confirm") & found
        assert before[name].secrets.init_secret not in found
        assert before[name].secrets.external_secret not in found
        assert b"shared secret of all" not in found
        replaced = set(before[name].private.values()) - set(member.state.private.values())
        assert replaced
        assert not replaced & found


def test_message_keys_are_gone_once_used(watched):
    group, recorder = watched
    ann, bob = group["ann"], group["bob"]
    messages = [ann.send(b"%d" % number) for number in range(3)]
    recorder.derived.clear()
    bob.process(messages[2])
    found = held(bob)
    key, nonce = [outputs(recorder, label) for label in (b"key", b"nonce")]
    used = [out for _, label, out in recorder.derived if label in {b"key", b"nonce"}]
    # Of five keys (two of the sender data) those of generations 0 and 1 are kept.
    assert len(key & found) == len(nonce & found) == 2
    assert len(used) > 4
    # Every secret from which another was derived is erased, starting with the root's.
    assert not by_label(recorder, b"tree", b"secret", b"application", b"handshake") & found
    bob.process(messages[0])
    bob.process(messages[1])
    assert not (key | nonce) & held(bob)
    sent = held(ann)
    assert not (key | nonce) & sent


def test_key_packages_and_pending_commits_leave_nothing(watched):
    group, _ = watched
    own = group.key_package("eve")
    made = group["ann"].add(own.package)
    other = group["ann"].commit()
    dropped = group["ann"]._pending[other.id].after
    group.carry_out("ann", made)
    group.join("eve", made.welcome, own)
    assert own.init_secret not in held(group["eve"])
    assert own.leaf_secret in held(group["eve"])
    assert dropped.secrets.init_secret not in held(group["ann"])
    assert group["ann"].pending == ()
    group.commit("eve")
    assert own.leaf_secret not in held(group["eve"])


def test_an_update_that_is_not_committed_leaves_nothing(watched):
    group, _ = watched
    group.deliver(group["ann"].propose_update(), but="ann")
    (update,) = group["ann"].state.updates.values()
    assert update.encryption_secret in held(group["ann"])
    made = group["bob"].commit(references=[])
    group.carry_out("bob", made)
    assert update.encryption_secret not in held(group["ann"])


def test_external_joins_leave_nothing(watched):
    group, recorder = watched
    member, message = Member.join_by_commit(group.client("eve"), group["ann"].group_info())
    group.deliver(message)
    assert not outputs(recorder, b"joiner", b"epoch", b"path") & held(member)
