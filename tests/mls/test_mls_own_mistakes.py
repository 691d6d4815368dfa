"""Invalid calls and used key packages raise before anything is sent."""

from dataclasses import FrozenInstanceError, replace

import pytest
from mls_groups import Group

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls import (
    Add,
    Client,
    CommitOptions,
    Configuration,
    Extension,
    GroupContextExtensions,
    LeafChange,
    Limits,
    Policy,
    RequiredCapabilities,
)
from ttkem.mls.client import KeyPackages
from ttkem.mls.messages.credentials import BasicCredential
from ttkem.mls.messages.extensions import required_capabilities_extension
from ttkem.mls.messages.leaf_node import Capabilities, InKeyPackage
from ttkem.mls.messages.psk_ids import ExternalPsk

RICH = Capabilities(extensions=(0xF100,))


def changed(**change):
    return CommitOptions(change=LeafChange(**change))


def test_a_commit_of_an_invalid_own_leaf_is_refused():
    group = Group(("ann", "bob"))
    before = group["ann"].state
    with pytest.raises(LocalError, match=r"cannot commit: .*which it does not list"):
        group["ann"].commit(options=changed(extensions=(Extension(0xF100, b""),)))
    assert group["ann"].state is before
    assert group["ann"].pending == ()


def test_a_commit_after_which_the_group_contradicts_itself_is_refused():
    group = Group(("ann",))
    group.commit("ann", options=changed(capabilities=RICH))
    required = required_capabilities_extension(RequiredCapabilities(extension_types=(0xF100,)))
    group.commit("ann", GroupContextExtensions((required,)))
    with pytest.raises(LocalError, match=r"cannot commit: .*not all members support"):
        group["ann"].commit(options=changed(capabilities=Capabilities()))
    with pytest.raises(LocalError, match=r"cannot commit: .*not all members support"):
        group["ann"].commit([Add(group.key_package("bob").package)])
    group.commit("ann")


def test_a_used_key_package_is_forgotten():
    group = Group(("ann",))
    packages = KeyPackages(group.client("bob"))
    for _ in range(2):
        packages.publish(group.randomness)
    one, other = packages
    made = group["ann"].commit([Add(one.package)])
    assert packages.addressee(made.welcome) == one
    packages.forget(one)
    assert list(packages) == [other]
    with pytest.raises(InvalidMessageError, match="used, erased or foreign"):
        packages.addressee(made.welcome)
    packages.clear()
    assert list(packages) == []
    with pytest.raises(InvalidMessageError, match="used, erased or foreign"):
        packages.addressee(group["ann"].group_info())


def test_key_packages_are_in_the_order_of_their_references():
    group = Group(("ann",))
    packages, again = (KeyPackages(group.client("bob")) for _ in range(2))
    for _ in range(5):
        packages.publish(group.randomness)
    for own in reversed(list(packages)):
        again.add(own)
    assert list(again) == list(packages)


def test_the_policy_of_the_client_serves_a_branch():
    """A branch finds the external keys that its own members have."""
    group = Group(("ann", "bob"))
    group.secrets[b"key"] = b"shared"
    own = group.key_package("bob")
    branch, made = group["ann"].branch(group.client("ann"), b"branch", [own.package])
    branch.confirm(made.id)
    used = branch.commit([branch.psk(ExternalPsk(b"key"))])
    assert branch.confirm(used.id).epoch == 2
    del group.secrets[b"key"]
    with pytest.raises(LocalError, match="unknown pre-shared key"):
        branch.commit([branch.psk(ExternalPsk(b"key"))])


def test_the_store_of_a_commit_stands_before_that_of_the_policy():
    group = Group(("ann",))

    class Store(dict):
        """An empty mapping, which counts as false."""

        def __call__(self, _):
            return b"given"

    options = CommitOptions(psks=Store())
    made = group["ann"].commit([group["ann"].psk(ExternalPsk(b"key"))], options=options)
    assert group["ann"].confirm(made.id).epoch == 1


def test_configurations_are_values():
    one, other = (Configuration(cipher_suite(1)) for _ in range(2))
    assert one.suite == other.suite
    assert one.limits == other.limits == Limits()
    for value, name in ((one, "suite"), (one.policy, "psks"), (one.limits, "forward")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)
    few = replace(one, limits=Limits(past_epochs=0))
    assert (few.policy, few.limits.past_epochs) == (one.policy, 0)
    assert Policy().pathless_proposals == frozenset()


def test_a_client_signs_with_the_key_of_its_leaf_node():
    config = Configuration(cipher_suite(1))
    client = Client.basic(config, b"ann", SeededRandomness(1))
    package = client.key_package(SeededRandomness(2)).package
    assert isinstance(package.leaf_node.source, InKeyPackage)
    leaf = client.leaf_node(package.leaf_node.encryption_key, package.leaf_node.source)
    assert replace(package.leaf_node, signature=b"") == leaf
    assert leaf.credential == BasicCredential(b"ann")
    assert leaf.signature_key == client.signature.public
