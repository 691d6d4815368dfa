"""Decisions of the application: lifetimes, proposal types, credentials, the key schedule."""

from dataclasses import replace

import pytest
from mls_groups import Group

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import (
    InvalidMessageError,
    LocalError,
)
from ttkem.mls import Configuration
from ttkem.mls.client import Client
from ttkem.mls.events import EpochStarted
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.external import outside_proposal
from ttkem.mls.group.policy import CustomRule, TrustEverybody
from ttkem.mls.group.sending import LeafChange
from ttkem.mls.keys.key_schedule import with_additions
from ttkem.mls.member import Member
from ttkem.mls.messages.codepoints import GREASE
from ttkem.mls.messages.credentials import (
    BasicCredential,
    OtherCredential,
    X509Credential,
    credential_type,
)
from ttkem.mls.messages.extensions import (
    Extension,
    ExternalSender,
    RequiredCapabilities,
    external_senders_extension,
    required_capabilities_extension,
)
from ttkem.mls.messages.leaf_node import Capabilities
from ttkem.mls.messages.proposals import (
    CustomProposal,
    GroupContextExtensions,
    Remove,
)


def test_custom_proposals():
    rules = {"custom_proposals": {0xF001: CustomRule(path_required=False, external=True)}}
    group = Group(**rules)
    custom = CustomProposal(0xF001, b"blue")
    made = group["ann"].commit([custom], options=CommitOptions(path=False))
    events = group.carry_out("ann", made)
    assert events["bob"].proposals[0].proposal == custom
    group.check()
    strict = Group(custom_proposals={0xF001: CustomRule()})
    made = strict["ann"].commit([custom], options=CommitOptions(path=False))
    assert made.ciphertexts > 0
    with pytest.raises(LocalError, match="has the unknown type"):
        Group()["ann"].commit([custom])


def test_a_custom_proposal_is_supported_by_all_who_stay():
    group = Group(custom_proposals={0xF001: CustomRule()})
    plain = Client(
        group.config, BasicCredential(b"eve"), group.client("eve").signature, Capabilities()
    )
    group.clients["eve"] = plain
    group.add("ann", "eve")
    custom = CustomProposal(0xF001, b"")
    with pytest.raises(LocalError, match="leaf 4 does not support"):
        group["ann"].commit([custom])
    group.commit("ann", custom, Remove(4))


def test_required_capabilities_and_additions_to_the_key_schedule():
    group = Group(schedule=with_additions(b"rooms"))
    required = RequiredCapabilities(credential_types=(1,))
    group.commit("ann", GroupContextExtensions((required_capabilities_extension(required),)))
    keys = {member.state.secrets.additions for member in group.members.values()}
    assert len(keys) == 1
    with pytest.raises(LocalError, match="cannot create the group"):
        Member.create(group.client("ann"), b"g", extensions=(Extension(0xF1, b""),))


def test_grease():
    group = Group(("ann",))
    group.clients["bob"] = Client(
        group.config,
        BasicCredential(b"bob"),
        group.client("bob").signature,
        Capabilities(),
        grease=True,
    )
    own = group.key_package("bob")
    listed = own.package.leaf_node.capabilities
    assert {*listed.extensions, *listed.proposals, *listed.cipher_suites[1:]} <= {*GREASE}
    assert own.package.extensions[0].extension_type in GREASE
    group.add("ann", "bob")
    group.commit("bob")


def test_credential_types():
    assert credential_type(X509Credential(())) == 2
    assert credential_type(OtherCredential(7, b"")) == 7


class NoSuccession(TrustEverybody):
    def may_succeed(self, old, new):
        return False


def test_a_credential_that_may_not_succeed():
    group = Group(("ann", "bob"), authentication=NoSuccession())
    group.deliver(group["ann"].propose_update(), but="ann")
    group.commit("bob")
    with pytest.raises(LocalError, match="may not replace the old one"):
        group["ann"].propose_update(LeafChange(credential=BasicCredential(b"anna")))


def test_whom_an_external_sender_may_propose_a_custom_type():
    outsider = Configuration(cipher_suite(1)).suite.generate_signature_key_pair(SeededRandomness(9))
    sender = external_senders_extension([ExternalSender(outsider.public, BasicCredential(b"s"))])
    for external in (True, False):
        group = Group(custom_proposals={0xF001: CustomRule(external=external)})
        group.commit("ann", GroupContextExtensions((sender,)))
        custom = CustomProposal(0xF001, b"")
        allowing = Group(("ann",), custom_proposals={0xF001: CustomRule(external=True)}).config
        message = outside_proposal(allowing, b"group", 2, 0, custom, outsider.secret)
        if external:
            group.deliver(message)
            group.commit("bob")
        else:
            with pytest.raises(InvalidMessageError, match="may not propose"):
                group.deliver(message)
            with pytest.raises(LocalError, match="may not propose"):
                outside_proposal(group.config, b"group", 2, 0, custom, outsider.secret)


def test_the_hybrid_at_another_code_point():
    suite = replace(cipher_suite(0xF001), number=0x004D)
    rules = Configuration(suite)
    randomness = SeededRandomness(1)
    ann, bob = (Client.basic(rules, name, randomness) for name in (b"ann", b"bob"))
    group, own = Member.create(ann, b"hybrid", randomness), bob.key_package(randomness)
    made = group.add(own.package)
    group.confirm(made.id)
    other = Member.join(rules, made.welcome, own, randomness)
    assert other.epoch_authenticator == group.epoch_authenticator
    assert other.state.context.cipher_suite == own.package.cipher_suite == 0x004D
    made = other.commit()
    assert isinstance(group.process(made.message), EpochStarted)
