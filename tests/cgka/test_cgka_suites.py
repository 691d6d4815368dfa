"""Every cipher suite, every protocol; and the same seed gives the same bytes."""

import pytest

from ttkem.crypto import SUITES, SystemRandomness
from ttkem.tainted import tainted_treekem

HYBRID = 0xF001


def history(make_group, suite, seed=1):
    """A short history and all its messages."""
    group = make_group(protocol=tainted_treekem(suite), seed=seed)
    messages = [m.save() for m in group.members.values()]
    operations = (
        group.update("cat"),
        group.add("bob", "eve"),
        group.remove("dan", "ann"),
        group.update("bob"),
    )
    messages += [operation.message for operation in operations]
    keys = {m.group_key for m in group.present}
    assert len(keys) == 1
    return messages, keys.pop()


@pytest.mark.parametrize("suite", list(SUITES))
def test_a_short_history(make_group, suite):
    _, key = history(make_group, suite)
    assert len(key) == SUITES[suite].hash_length


@pytest.mark.parametrize("suite", [number for number in SUITES if number != HYBRID])
def test_the_same_seed_gives_the_same_bytes(make_group, suite):
    assert history(make_group, suite) == history(make_group, suite)
    assert history(make_group, suite)[1] != history(make_group, suite, seed=2)[1]


def test_system_randomness_gives_other_bytes_that_work_the_same(make_group):
    group = make_group(())
    group.randomness = SystemRandomness()
    group.create(("ann", "bob", "cat"))
    group.update("bob")
    group.check()


def test_a_suite_can_be_given_as_number_name_or_object():
    suite = SUITES[3]
    assert {tainted_treekem(which).suite for which in (3, suite.name, suite)} == {suite}
